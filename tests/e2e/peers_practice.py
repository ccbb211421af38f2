# SPDX-License-Identifier: EUPL-1.2
"""A practice's system on npm fhir-kit-client, and what it does with its adapter."""
import json
import time
import urllib.parse

import pairs_case as case
import pairs_fhir
import pairs_json
from peers_node import Peer, attempt
from stagehand import wait_for


def response(kind, number, body):
    """A message of that kind as a practice's system writes it: an item for each field, the number as the identifier."""
    return {"resourceType": "QuestionnaireResponse", "id": f"{number}-{kind}", "status": "completed", "questionnaire": f"urn:nasoka:kind:{kind}",
            "identifier": pairs_fhir.identifier("PLAC", pairs_fhir.URN + "referral-no", number),
            "item": [{"linkId": path, "answer": [{f"value{type_}": value}]} for path, (type_, value) in body.items()]}


class Practice:
    """fhir-kit-client at the practice's adapter; all that it is answered is kept for the validator."""

    def __init__(self, agency, office):
        self.agency, self.office, self.outputs = agency, office, []
        self.peer = Peer("peers_fhir.js")
        self.peer.do("open", url=f"{agency.url}/fhir", token=agency.token)

    def call(self, method, **args):
        answer = self.peer.do("call", method=method, args=args)
        if isinstance(answer["body"], dict) and answer["body"]:
            self.outputs.append((method, answer["body"]))
        return answer

    def tasks(self, number, **more):
        found = self.call("search", resourceType="Task", searchParams={"_lastUpdated": "gt2026-01-01", "identifier": number, **more})
        if found["status"] != 200 or found["body"]["type"] != "searchset":
            raise RuntimeError(f"search: {found}")
        return [e["resource"] for e in found["body"].get("entry", []) if e["resource"]["resourceType"] == "Task"]

    def task(self, number, match=lambda t: True):
        return wait_for(f"a Task about {number}", lambda: next((t for t in self.tasks(number) if match(t)), None), 30, 0.1)

    def capabilities(self):
        answer = self.call("capabilityStatement")
        statement = answer["body"]
        wrong = [f"{k} {statement.get(k)}" for k, v in (("fhirVersion", "4.0.1"), ("kind", "instance"), ("status", "active"))
                 if statement.get(k) != v]
        asked = (("Task", "read"), ("Task", "search-type"), ("Task", "create"), ("Task", "update"), ("Task", "patch"),
                 ("ServiceRequest", "read"), ("ServiceRequest", "create"), ("ServiceRequest", "search-type"),
                 ("Patient", "read"), ("Patient", "search-type"))
        return wrong + [f"{code} of {resource} is not supported" for resource, code in asked
                        if not self.peer.do("supports", statement=statement, resource=resource, code=code)]

    def arrives(self, number, sent):
        """The office reads all that both formats hold; its registration for what follows."""
        msg_id, got, _ = self.office.got_referral(number)
        wrong, n = case.differences(sent, got, pairs_json.HOLDS)
        self.office.register(msg_id, number, f"К-{number}")
        return wrong or (None if n > 10 else [f"{n} fields only"])

    def message(self, number):
        sent = case.full(number)
        answer = self.call("operation", name="process-message", input=pairs_fhir.write_referral(sent, self.office.agency.id, "message"))
        said = pairs_fhir.at(answer, "body", "entry", 0, "resource", "response", "code")
        return self.arrives(number, sent) if (answer["status"], said) == (200, "ok") else json.dumps(answer)

    def bundle_created(self, number):
        sent = case.full(number)
        answer = self.call("create", resourceType="Bundle", body=pairs_fhir.write_referral(sent, self.office.agency.id, "message"))
        return self.arrives(number, sent) if answer["status"] in (200, 201) else json.dumps(answer)

    def transaction(self, number, type_):
        sent = case.full(number)
        body = pairs_fhir.write_referral(sent, self.office.agency.id, "transaction") | {"type": type_}
        answer = self.call(type_, body=body)
        said = [e["response"]["status"] for e in answer["body"].get("entry", [])]
        if (answer["status"], answer["body"]["type"], len(said), said.count("201 Created")) != (200, f"{type_}-response", len(body["entry"]), 1):
            return json.dumps(answer)
        return self.arrives(number, sent)

    def request(self, number):
        bundle = pairs_fhir.write_referral(case.plain(number, ()), self.office.agency.id, "transaction")
        patient, request = (next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == t)
                            for t in ("Patient", "ServiceRequest"))
        return {**request, "contained": [{**patient, "id": "p"}], "subject": {"reference": "#p"},
                "extension": request["extension"] + [pairs_fhir.extension(pairs_fhir.URN + "respond-by", "DateTime", case.PLAIN["respond_by"])]}

    def service_request(self, number):
        body = self.request(number)
        first = self.call("create", resourceType="ServiceRequest", body=body)
        again = self.call("create", resourceType="ServiceRequest", body=body)
        if (first["status"], again["status"]) != (201, 200):
            return json.dumps([first, again])
        if not first["location"] or first["location"] != again["location"] or first["body"]["id"] != again["body"]["id"]:
            return f"{first['location']}, then {again['location']}"
        read = self.call("read", resourceType="Task", id=first["location"].rpartition("/")[2])
        if read["status"] != 200 or pairs_fhir.number_of(read["body"], "PLAC") != number:
            return json.dumps(read)
        return self.arrives(number, case.plain(number, ()))

    def status_home(self, number):
        """Registered, accepted by the office, and that confirmed here: the office learns that its status is registered."""
        stage = pairs_fhir.URN + "stage"
        registered = self.task(number, lambda t: any(
            (c["system"], c["code"]) == (stage, "registered") for c in pairs_fhir.at(t, "businessStatus", "coding") or []))
        if pairs_fhir.number_of(registered, "FILL") != f"К-{number}":
            return json.dumps(registered)
        sent = self.office.post("/v1/statuses", {"referral_id": number, "to": "accepted", "at": "2026-11-20T10:00:00Z"})["msg_id"]
        accepted = self.task(number, lambda t: t["status"] == "accepted")
        numbers = [pairs_fhir.identifier("FILL", pairs_fhir.URN + "case-no", "Пр-17/2026")]
        answer = self.call("update", resourceType="Task", id=accepted["id"], body={
            "resourceType": "Task", "id": accepted["id"], "identifier": numbers, "status": "accepted", "intent": "order",
            "businessStatus": pairs_fhir.concept(stage, "registered")})
        if answer["status"] != 200:
            return json.dumps(answer)
        self.office.find(f"the registration of {sent}", lambda i: i.get("stage") == "registered" and i["msg_id"] == sent)
        return []

    def as_recipient(self, number):
        """The office refers; the practice finds, accepts with its number, schedules in a batch with an impossible step, completes."""
        self.office.refer(number, self.agency.id)
        task = self.task(number)
        got = self.call("search", resourceType="Task", searchParams={"_id": task["id"], "_lastUpdated": "gt2026-01-01"})["body"]
        patient = next(e["resource"] for e in got["entry"] if e["resource"]["resourceType"] == "Patient")
        if patient["name"][0] != {"use": "official", "family": "Тест-Пробна", "given": ["Калина", "Стоянова"]}:
            return json.dumps(patient["name"], ensure_ascii=False)
        answer = self.call("create", resourceType="Task", body=pairs_fhir.write_status(number, case.ACCEPTED | {"case_no": "Пр-18"}))
        if answer["status"] != 201 or self.office.got_registered(number) != "Пр-18":
            return json.dumps(answer)
        self.office.got_status(number, "accepted")
        steps = [pairs_fhir.write_status(number, case.SCHEDULED), pairs_fhir.write_status("Няма-такова", case.COMPLETED)]
        batch = {"resourceType": "Bundle", "type": "batch", "entry": [
            {"fullUrl": f"urn:uuid:00000000-0000-4000-8000-00000000000{i}", "resource": t, "request": {"method": "POST", "url": "Task"}}
            for i, t in enumerate(steps)]}
        answer = self.call("batch", body=batch)
        said = [e["response"]["status"][:3] for e in answer["body"].get("entry", [])]
        if answer["status"] != 200 or said != ["201", "422"] and said != ["201", "404"]:
            return json.dumps(answer)
        self.outputs += [("outcome", e["response"]["outcome"]) for e in answer["body"]["entry"] if "outcome" in e["response"]]
        self.office.got_status(number, "scheduled")
        answer = self.call("update", resourceType="Task", id=task["id"], body={**pairs_fhir.write_status(None, case.COMPLETED), "id": task["id"]})
        if answer["status"] != 200:
            return json.dumps(answer)
        _, got = self.office.got_status(number, "completed")
        return case.differences(case.COMPLETED, got, pairs_json.HOLDS_STATUS)[0]

    def create_if_none(self, number):
        """Conditional create: the first is made, the second is what is there, whatever its content."""
        only = {"If-None-Exist": f"identifier=urn:nasoka:referral-no|{urllib.parse.quote(number)}"}
        body = self.request(number)
        first = self.call("create", resourceType="ServiceRequest", body=body, options={"headers": only})
        again = self.call("create", resourceType="ServiceRequest", body={**body, "priority": "stat"}, options={"headers": only})
        if (first["status"], again["status"]) != (201, 200) or first["location"] != again["location"] or \
           again["body"]["priority"] != first["body"]["priority"]:
            return json.dumps([first, again], ensure_ascii=False)
        return self.arrives(number, case.plain(number, ()))

    def served(self, number):
        """What was referred is found and read as ServiceRequest, Patient and Task, by id, by numbers and by reference."""
        found = self.call("search", resourceType="ServiceRequest", searchParams={"identifier": f"urn:nasoka:referral-no|{number}"})["body"]
        request = found["entry"][0]["resource"]
        if found["total"] != 1 or pairs_fhir.number_of(request, "PLAC") != number:
            return json.dumps(found, ensure_ascii=False)
        patient = self.peer.do("resolve", reference=request["subject"]["reference"])
        self.outputs += [("resolved", patient)]
        requester = self.peer.do("resolve", reference=request["requester"]["reference"], context=request)
        wrong = [f"{name}: {json.dumps(said, ensure_ascii=False)}" for name, said, right in (
            ("Patient", patient, patient["resourceType"] == "Patient"),
            ("requester", requester, requester["resourceType"] in ("Organization", "PractitionerRole"))) if not right]
        for type_ in ("Task", "ServiceRequest", "Patient"):
            answer = self.call("read", resourceType=type_, id=request["id"])
            if answer["status"] != 200 or answer["body"]["resourceType"] != type_ or not answer["etag"]:
                wrong.append(json.dumps(answer, ensure_ascii=False))
            had = self.call("read", resourceType=type_, id=request["id"], options={"headers": {"If-None-Match": answer["etag"] or ""}})
            wrong += [f"If-None-Match: {had['status']}"] if had["status"] != 304 else []
        egn = patient["identifier"][0]
        for params, at_least in (({"patient": f"Patient/{request['id']}"}, 1), ({"patient.identifier": f"{egn['system']}|{egn['value']}"}, 1),
                                 ({"_id": request["id"]}, 1), ({"requester": self.agency.id, "identifier": number}, 1),
                                 ({"owner": self.agency.id, "identifier": number}, 0), ({"_id": request["id"], "_lastUpdated": "lt2026-01-01"}, 0)):
            total = self.call("search", resourceType="Task", searchParams=params)["body"]["total"]
            wrong += [f"{params}: {total}"] if (total > 0) != (at_least > 0) else []
        posted = self.call("search", resourceType="Task", searchParams={"_id": request["id"]}, options={"postSearch": True})
        wrong += [json.dumps(posted)] if posted["status"] != 200 or posted["body"]["total"] != 1 else []
        return wrong

    def paged(self, _number):
        """Page by page by the links, everything comes once, and all that one page would give."""
        whole = self.peer.do("pages", args={"resourceType": "Task", "searchParams": {"_count": 100}})
        parts = self.peer.do("pages", args={"resourceType": "Task", "searchParams": {"_count": 3}})
        if len(set(parts["ids"])) != len(parts["ids"]) or parts["ids"] != whole["ids"] or parts["n"] != -(-len(whole["ids"]) // 3):
            return json.dumps([whole, parts])
        return []

    def steps(self, number):
        """As recipient by read, change and write: If-Match, a stale version, a JSON Patch, and what is preferred as answer."""
        self.office.refer(number, self.agency.id)
        task = self.task(number)
        read = self.call("read", resourceType="Task", id=task["id"])
        changed = {**read["body"], "status": "accepted"}
        numbers = [pairs_fhir.identifier("FILL", pairs_fhir.URN + "case-no", "Пр-21")]
        changed["identifier"] = changed["identifier"] + numbers
        answer = self.call("update", resourceType="Task", id=task["id"], body=changed, options={"headers": {"If-Match": read["etag"]}})
        if answer["status"] != 200 or answer["body"]["status"] != "accepted" or answer["etag"] == read["etag"]:
            return json.dumps(answer, ensure_ascii=False)
        self.office.got_status(number, "accepted")
        stale = self.call("update", resourceType="Task", id=task["id"], body={**changed, "status": "in-progress"},
                          options={"headers": {"If-Match": read["etag"]}})
        if stale["status"] != 412:
            return json.dumps(stale, ensure_ascii=False)
        patched = self.call("patch", resourceType="Task", id=task["id"], JSONPatch=[
            {"op": "test", "path": "/status", "value": "accepted"}, {"op": "replace", "path": "/status", "value": "in-progress"}])
        if patched["status"] != 200 or patched["body"]["status"] != "in-progress":
            return json.dumps(patched, ensure_ascii=False)
        self.office.got_status(number, "in-progress")
        same = self.call("update", resourceType="Task", id=task["id"], body=patched["body"])
        if same["status"] != 200 or same["etag"] != patched["etag"]:
            return json.dumps(same, ensure_ascii=False)
        outcome = {"type": {"text": "outcome"}, "valueCodeableConcept": pairs_fhir.concept(pairs_fhir.URN + "outcome", "need-met")}
        done = self.call("update", resourceType="Task", id=task["id"], body={**same["body"], "status": "completed", "output": [outcome]},
                         options={"headers": {"Prefer": "return=OperationOutcome"}})
        if done["status"] != 200 or done["body"]["resourceType"] != "OperationOutcome":
            return json.dumps(done, ensure_ascii=False)
        self.office.got_status(number, "completed")
        now = self.call("search", resourceType="Task", searchParams={"status": "completed", "identifier": number, "owner": self.agency.id})
        return [] if now["body"]["total"] == 1 else json.dumps(now, ensure_ascii=False)

    def kinds(self, number):
        """Other kinds of message as QuestionnaireResponse, both ways: questions, answers, an assessment, an outcome with feedback."""
        self.office.refer(number, self.agency.id)
        task = self.task(number)
        self.call("update", resourceType="Task", id=task["id"], body={
            **pairs_fhir.write_status(None, {}, "Пр-22"), "id": task["id"]})
        asked = self.call("create", resourceType="QuestionnaireResponse", body=response("info-request", number, {
            "questions[0].qid": ("String", "q1"), "questions[0].text": ("String", "Има ли личен лекар?"),
            "questions[0].answer_type": ("Coding", {"code": "bool"}), "questions[0].required": ("Boolean", True)}))
        if asked["status"] != 201 or not asked["location"].startswith("/fhir/QuestionnaireResponse/"):
            return json.dumps(asked, ensure_ascii=False)
        got = self.office.find(f"questions about {number}", lambda i: i["kind"] == "info-request")
        if got["record"]["questions"][0]["required"] is not True:
            return json.dumps(got, ensure_ascii=False)
        self.office.post("/v1/records", {"kind": "info-response", "record_id": f"{number}-2", "info_response": {
            "referral_id": number, "answers": [{"qid": "q1", "yes": True}]}})
        answered = self.task(number, lambda t: t["code"]["coding"][0]["code"] == "info-response")
        said = self.call("read", resourceType="QuestionnaireResponse", id=answered["focus"]["reference"].rpartition("/")[2])
        items = {i["linkId"]: i["answer"][0] for i in said["body"]["item"]}
        if items.get("info_response.answers[0].yes") != {"valueBoolean": True}:
            return json.dumps(said, ensure_ascii=False)
        done = self.call("update", resourceType="Task", id=answered["id"], body={**answered, "status": "completed"})
        if done["status"] != 200:
            return json.dumps(done, ensure_ascii=False)
        for kind, body in (("assessment-result", {
                "assessment_kind": ("Coding", {"code": "developmental"}), "done_on": ("Date", "2026-11-20"), "done_by": ("String", "Д-р Примерна"),
                "conclusions": ("String", "Без забележки."), "recommended_services[0].service_kind": ("Coding", {"code": "speech-therapy"})}),
                ("outcome-report", {
                    "outcome": ("Coding", {"code": "partly-met"}), "closed_on": ("Date", "2026-11-21"), "closed_by": ("String", "Д-р Примерна"),
                    "family_feedback.score": ("Integer", 5), "family_feedback.text": ("String", "Благодарим.")})):
            sent = self.call("create", resourceType="QuestionnaireResponse", body=response(kind, number, body))
            if sent["status"] != 201:
                return json.dumps(sent, ensure_ascii=False)
            got = self.office.find(f"{kind} about {number}", lambda i, kind=kind: i["kind"] == kind)
        return [] if got["record"]["family_feedback"] == {"score": 5, "text": "Благодарим."} else json.dumps(got, ensure_ascii=False)

    def services(self, _number):
        """What the office announces is found as HealthcareService, and read."""
        status, said = self.office.system.call("PUT", "/v1/services/oznd-1", {
            "service_kind": "needs-assessment", "name_bg": "Оценка на нуждите", "municipalities": ["PDV22"], "min_age": 0, "max_age": 17,
            "requires_napravlenie": False, "capacity_status": "capacity", "unit": "place", "total": 10, "available": 3,
            "valid_until": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400))})
        if status not in (200, 201, 202):
            return f"{status} {said}"
        query = {"service-type": "needs-assessment", "coverage-area": "PDV22", "characteristic": "free"}
        found = wait_for("the service", lambda: (lambda b: b if b["total"] else None)(
            self.call("search", resourceType="HealthcareService", searchParams=query)["body"]), 30, 0.2)
        one = self.call("read", resourceType="HealthcareService", id=found["entry"][0]["resource"]["id"])
        return [] if one["body"]["name"] == "Оценка на нуждите" else json.dumps(one, ensure_ascii=False)

    def refused(self, expected, method, **args):
        answer = self.call(method, **args)
        body = answer["body"]
        codes = [c["code"] for c in pairs_fhir.at(body, "issue", 0, "details", "coding") or []]
        if isinstance(body, dict) and (answer["status"], pairs_fhir.at(body, "issue", 0, "code")) == expected and \
           body["resourceType"] == "OperationOutcome" and any(c.startswith("NSK-") for c in codes):
            return []
        return f"not {expected}: {json.dumps(answer, ensure_ascii=False)}"

    def run(self):
        """What was found: pairs of a name and what is wrong."""
        found = []

        def step(name, fn, *args):
            found.append((f"fhir-kit-client: {name}", attempt(fn, *args)))
        step("capabilities that say what is there", self.capabilities)
        step("operation process-message: a message Bundle arrives whole", self.message, "Пр-1")
        step("create Bundle: a message Bundle arrives whole", self.bundle_created, "Пр-2")
        step("transaction: arrives whole", self.transaction, "Пр-3", "transaction")
        step("batch: arrives whole", self.transaction, "Пр-4", "batch")
        step("create ServiceRequest, twice the same: 201, then 200, one referral", self.service_request, "Пр-5")
        step("search, and update with stage registered: the other side hears of it", self.status_home, "Пр-1")
        step("as recipient: create, batch and update of Task come home as steps", self.as_recipient, "От-1")
        step("conditional create: made once, then found", self.create_if_none, "Пр-6")
        step("read, search and resolve: ServiceRequest, Patient, Task", self.served, "Пр-5")
        step("read, change, write with If-Match; patch; unchanged; preferred answers", self.steps, "От-2")
        step("other kinds both ways as QuestionnaireResponse", self.kinds, "От-3")
        step("services as HealthcareService", self.services, None)
        step("search page by page", self.paged, None)
        bad = self.request("Пр-9")
        for name, expected, method, args in (
            ("no such Task", (404, "not-found"), "read", {"resourceType": "Task", "id": "No-such"}),
            ("no such address", (404, "not-found"), "read", {"resourceType": "Observation", "id": "1"}),
            ("no such Patient", (404, "not-found"), "read", {"resourceType": "Patient", "id": "1"}),
            ("a form of answer that is not written", (406, "not-supported"), "search", {"resourceType": "Task", "searchParams": {}, "options": {
                "headers": {"Accept": "application/fhir+xml"}}}),
            ("a body that is no JSON by its type", (415, "not-supported"), "create", {"resourceType": "Task", "body": "<Task/>", "options": {
                "headers": {"Content-Type": "application/fhir+xml"}}}),
            ("a condition that fits several", (412, "conflict"), "create", {"resourceType": "ServiceRequest", "body": self.request("Пр-8"),
                "options": {"headers": {"If-None-Exist": "requester=" + self.agency.id}}}),
            ("PUT of a version that nothing has", (412, "conflict"), "update", {"resourceType": "Task", "id": "1", "body": {
                "resourceType": "Task", "id": "1", "status": "accepted", "intent": "order"}, "options": {"headers": {"If-Match": 'W/"1"'}}}),
            ("a search modifier that is not known", (400, "not-supported"), "search", {"resourceType": "Task", "searchParams": {
                "status:above": "completed"}}),
            ("a method that is not served", (405, "not-supported"), "delete", {"resourceType": "Task", "id": "1"}),
            ("text that is no JSON", (400, "structure"), "create", {"resourceType": "Task", "body": "{\"resourceType\":"}),
            ("no Patient", (422, "required"), "create", {"resourceType": "ServiceRequest", "body": {**bad, "contained": [], "subject": None}}),
            ("a date of month 13", (422, "invalid"), "create", {"resourceType": "ServiceRequest", "body": {
                **bad, "contained": [{**bad["contained"][0], "birthDate": "2015-13-07"}]}}),
            ("the same number with another content", (409, "duplicate"), "create", {"resourceType": "ServiceRequest", "body": {
                **self.request("Пр-5"), "priority": "urgent"}}),
            ("a search for month 13", (422, "invalid"), "search", {"resourceType": "Task", "searchParams": {"_lastUpdated": "gt2026-13-01"}}),
            ("PUT under another id", (400, "structure"), "update", {"resourceType": "Task", "id": "a", "body": {
                "resourceType": "Task", "id": "b", "status": "accepted", "intent": "order"}}),
        ):
            step(f"OperationOutcome for {name}", lambda: self.refused(expected, method, **args))     # noqa: B023 - called at once
        self.peer.do("open", url=f"{self.agency.url}/fhir", token="0123456789abcdef-wrong")
        step("OperationOutcome for a wrong token", lambda: self.refused((401, "login"), "search", resourceType="Task", searchParams={}))
        return found

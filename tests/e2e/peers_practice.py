# SPDX-License-Identifier: EUPL-1.2
"""A practice's system on npm fhir-kit-client, and what it does with its adapter."""
import json

import pairs_case as case
import pairs_fhir
import pairs_json
from peers_node import Peer, attempt
from stagehand import wait_for


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
        asked = (("Task", "read"), ("Task", "search-type"), ("Task", "create"), ("Task", "update"), ("ServiceRequest", "create"))
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
        bad = self.request("Пр-9")
        for name, expected, method, args in (
            ("no such Task", (404, "not-found"), "read", {"resourceType": "Task", "id": "No-such"}),
            ("no such address", (404, "not-found"), "read", {"resourceType": "Patient", "id": "1"}),
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

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A hospital's system on npm fhir-kit-client that knows FHIR R4 and nothing of ours: it takes referrals, and gives what it found as the resources
that any hospital has, in the output of the Task; a family's consent as a Consent. The agency on the other side speaks JSON."""
import base64
import json
import subprocess
import urllib.parse

import pairs_fhir
import pairs_json
from peers_node import Office, Peer, attempt
from stagehand import BIN, ROOT, World, done, figure, folder, ok, referral, wait_for

CONFIG = pairs_fhir.CONFIG + "defaults: {{ risk_level: medium, disposition_wanted: take-over, legal_basis: consent }}\n"
LOINC, ICD10 = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10"


def reference(id_):
    return {"valueReference": {"reference": id_}}


def contained(*resources):
    """A Task's contained resources, and its output that leads to each."""
    return {"contained": list(resources), "output": [{"type": {"text": r["resourceType"]}, **reference(f"#{r['id']}")} for r in resources]}


REPORT = {"resourceType": "DiagnosticReport", "id": "report", "status": "final", "code": {"text": "Логопедична консултация"},
          "effectiveDateTime": "2026-11-19T10:00:00+02:00", "performer": [{"display": "д-р Първа"}], "result": [{"reference": "#words"}],
          "conclusion": "Забавена експресивна реч."}
WORDS = {"resourceType": "Observation", "id": "words", "status": "final", "code": {"coding": [{"system": LOINC, "code": "71802-3"}], "text": "Речник"},
         "effectiveDateTime": "2026-11-19T10:00:00+02:00", "valueQuantity": {"value": 17, "unit": "думи"}, "interpretation": [{"text": "под нормата"}]}
SPEECH = {"resourceType": "Condition", "id": "f80", "code": {"coding": [{"system": ICD10, "code": "F80.1"}], "text": "Експресивно разстройство"},
          "subject": {"display": "детето"}}
GOAL = {"resourceType": "Goal", "id": "goal", "lifecycleStatus": "active", "description": {"text": "Изречения от три думи"},
        "subject": {"display": "детето"}}
PLAN = {"resourceType": "CarePlan", "id": "plan", "status": "active", "intent": "plan", "subject": {"display": "детето"}, "goal": [{"reference": "#goal"}],
        "activity": [{"detail": {"status": "not-started", "description": "Логопед два пъти седмично"}}]}


class Hospital:
    def __init__(self, agency, office):
        self.agency, self.office, self.outputs = agency, office, []
        self.peer = Peer("peers_fhir.js")
        self.peer.do("open", url=f"{agency.url}/fhir", token=agency.token)

    def call(self, method, **args):
        answer = self.peer.do("call", method=method, args=args)
        if isinstance(answer["body"], dict) and answer["body"]:
            self.outputs.append(answer["body"])
        return answer

    def task(self, number):
        """The referral's Task, once it is here."""
        def find():
            found = self.call("search", resourceType="Task", searchParams={"identifier": number})["body"]
            return next((e["resource"] for e in found.get("entry", []) if e["resource"]["resourceType"] == "Task"), None)
        return wait_for(f"the Task of {number}", find, 30, 0.1)

    def put(self, task, **changes):
        answer = self.call("update", resourceType="Task", id=task["id"], body={**task, **changes})
        if answer["status"] != 200:
            raise RuntimeError(json.dumps(answer, ensure_ascii=False))
        return answer["body"]

    def begun(self, number, **more):
        """A referral that the hospital has begun to work on."""
        self.office.post("/v1/referrals", referral(number, self.agency.id, **more))
        return self.put(self.put(self.task(number), status="accepted"), status="in-progress")

    def came(self, number, kind):
        return self.office.find(f"{kind} about {number}", lambda i: i["kind"] == kind and i["referral_id"] == number)["record"]

    def assessment(self, number):
        """In one PUT: the Task is completed, and its output is the assessment that was asked for."""
        task = self.begun(number, service_kind="specialist-consult")
        self.put(task, status="completed", **contained(REPORT, WORDS, SPEECH, PLAN, GOAL))
        got, step = self.came(number, "assessment-result"), self.office.got_status(number, "completed")[1]
        body, expected = got, {"assessment_kind": "medical", "done_on": "2026-11-19", "done_by": "д-р Първа", "conclusions": "Забавена експресивна реч.",
                    "domains": [{"code": "71802-3", "score": "17 думи", "finding": "Речник: под нормата"},
                                {"code": "F80.1", "scale": "ICD-10", "finding": "Експресивно разстройство"}],
                    "plan": {"goals": [{"text": "Изречения от три думи"}], "actions": [{"text": "Логопед два пъти седмично"}]}}
        wrong = [f"{k}: {body.get(k)}" for k in expected if k != "domains" and body.get(k) != expected[k]]
        if sorted(body["domains"], key=lambda d: d["code"]) != expected["domains"]:
            wrong.append(f"domains: {body['domains']}")
        return wrong + ([] if step.get("outcome.outcome") == "other" else [str(step)])

    def interim(self, number):
        """While it goes on: the Task as it stands and one thing found. Twice the same is one assessment, and no step."""
        task = self.begun(number, service_kind="mentoring")
        for _ in range(2):
            self.put(task, **contained(WORDS))
        self.put(task, status="completed", **contained({"resourceType": "Procedure", "id": "p", "status": "completed", "code": {"text": "Менторство"},
                 "subject": {"display": "детето"}, "performedPeriod": {"start": "2026-10-01", "end": "2026-11-01"}}, GOAL | {"achievementStatus": {
                     "coding": [{"code": "achieved"}]}}))
        report = self.came(number, "outcome-report")
        wrong = [] if report["outcome"] == "need-met" and report["services_delivered"][0]["to"] == "2026-11-01" and \
            report["goals"] == [{"ref": "Изречения от три думи", "result": "achieved"}] and report["text"] == "Менторство" else [str(report)]
        found = [i for i in self.office.inbox() if i["kind"] == "assessment-result" and i["referral_id"] == number]
        return wrong + ([] if len(found) == 1 else [f"{len(found)} assessments"])

    def by_transaction(self, number):
        """The same as a transaction: the Task, and beside it what its output names."""
        task = self.begun(number, service_kind="needs-assessment")
        names = {r["id"]: f"urn:uuid:3f1c0000-0000-4000-8000-00000000000{n}" for n, r in enumerate((REPORT, WORDS))}
        report = {k: v for k, v in REPORT.items() if k != "id"} | {"result": [{"reference": names["words"]}]}
        words = {k: v for k, v in WORDS.items() if k != "id"}
        entries = [({**task, "status": "completed", "output": [{"type": {"text": "Доклад"}, **reference(names["report"])}]}, "PUT", f"Task/{task['id']}", None),
                   (report, "POST", "DiagnosticReport", names["report"]), (words, "POST", "Observation", names["words"])]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
            {**({"fullUrl": url} if url else {}), "resource": resource, "request": {"method": method, "url": to}} for resource, method, to, url in entries]}
        answer = self.call("transaction", body=bundle)
        if answer["status"] != 200 or [e["response"]["status"] for e in answer["body"]["entry"]][:1] != ["201 Created"]:
            return json.dumps(answer, ensure_ascii=False)
        got = self.came(number, "assessment-result")
        return [] if got["conclusions"] == REPORT["conclusion"] and got["domains"][0]["score"] == "17 думи" else str(got)

    def refused(self, number):
        """What cannot be taken is told, with our code and FHIR's place, and nothing of it is taken: neither the step nor the result."""
        task = self.begun(number, service_kind="needs-assessment")
        rows = (("Observation.status", {**WORDS, "status": "entered-in-error"}), ("Observation.effectiveDateTime", {**WORDS, "effectiveDateTime":
                "2026-02-30T10:00:00Z"}), ("Observation", {**WORDS, "note": [{"text": "а" * 2000}]}))
        wrong = []
        for place, bad in rows:
            answer = self.call("update", resourceType="Task", id=task["id"], body={**task, "status": "completed", **contained(bad)})
            issue = pairs_fhir.at(answer["body"], "issue", 0) or {}
            if answer["status"] != 422 or issue.get("expression") != [place] or "NSK-" not in json.dumps(issue):
                wrong.append(f"{place}: {json.dumps(answer, ensure_ascii=False)}")
        elsewhere = self.call("update", resourceType="Task", id=task["id"], body={**task, "status": "completed", "output": [
            {"type": {"text": "x"}, **reference("Observation/on-our-server")}]})
        if elsewhere["status"] != 422 or elsewhere["body"]["issue"][0]["expression"] != ["Task.output"]:
            wrong.append(json.dumps(elsewhere, ensure_ascii=False))
        # a step that the referral does not allow takes its result with it
        early = self.call("update", resourceType="Task", id=task["id"], body={**task, "status": "received", **contained(WORDS)})
        if early["status"] != 422:
            wrong.append(json.dumps(early, ensure_ascii=False))
        if self.task(number)["status"] != "in-progress":
            wrong.append(str(self.task(number)))
        self.put(task, status="completed", **contained(WORDS))
        self.came(number, "assessment-result")
        found = [i for i in self.office.inbox() if i["kind"] == "assessment-result" and i["referral_id"] == number]
        return wrong + ([] if len(found) == 1 else [f"{len(found)} assessments"])

    def request(self, number):
        """A referral of the hospital's own, on a mother's consent. It says no priority, which in R4 is routine."""
        return {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": {"text": "Подкрепа за семейството"},
                "identifier": [{"value": number}], "subject": {"reference": "#child"}, "supportingInfo": [{"reference": "#consent"}],
                "reasonCode": [{"text": "Нужда от подкрепа."}], "authoredOn": "2026-11-19T10:00:00+02:00",
                "occurrenceDateTime": "2026-12-01", "performer": [{"identifier": {"value": self.office.agency.id}}],
                "contained": [
                    {"resourceType": "Patient", "id": "child", "identifier": [{"value": "1543079013"}], "gender": "female", "birthDate": "2015-03-07",
                     "name": [{"given": ["Калина"], "family": "Тест-Пробна"}]},
                    {"resourceType": "RelatedPerson", "id": "mother", "patient": {"reference": "#child"}, "name": [{"text": "Майка Тест-Пробна"}],
                     "relationship": [{"coding": [{"code": "MTH"}]}]},
                    {"resourceType": "Consent", "id": "consent", "status": "active", "scope": {"text": "споделяне"}, "category": [{"text": "споделяне"}],
                     "patient": {"reference": "#child"}, "dateTime": "2026-11-19", "policyRule": {"text": "съгласие"},
                     "performer": [{"reference": "#mother", "display": "Майка Тест-Пробна"}], "provision": {"type": "permit"}}]}

    def consent(self, number):
        """A mother's signed paper is within the Consent, and comes as the file that the referral's consent names. She withdraws: a bare Consent that names the
        request by the number that the hospital gave. It can be read again, and is one."""
        request = self.request(number)
        request["contained"][2]["sourceAttachment"] = {"contentType": "application/pdf", "title": "съгласие.pdf",
                                                       "data": base64.b64encode(b"%PDF-1.4\nsigned\n").decode()}
        made = self.call("create", resourceType="ServiceRequest", body=request)
        if made["status"] != 201:
            return json.dumps(made, ensure_ascii=False)
        got, file = self.came(number, "referral"), self.came(number, "attachment")
        if got["priority"] != "routine" or (got["consent"]["evidence"], "consent-form") != (file["att_id"], file["category"]):
            return json.dumps([got, file], ensure_ascii=False)
        gone = {"resourceType": "Consent", "status": "inactive", "scope": {"text": "споделяне"}, "category": [{"text": "споделяне"}],
                "policyRule": {"text": "съгласие"}, "patient": {"display": "детето"}, "provision": {
                    "data": [{"meaning": "related", "reference": {"reference": f"ServiceRequest/{made['body']['id']}"}}]}}
        first, again = (self.call("create", resourceType="Consent", body=gone) for _ in range(2))
        if (first["status"], again["status"]) != (201, 200) or not (first["location"] or "").endswith(f"/Consent/{first['body']['id']}"):
            return json.dumps([first, again], ensure_ascii=False)
        got = self.came(number, "consent-change")
        read = self.call("read", resourceType="Consent", id=first["body"]["id"])
        wrong = [] if (got["change"], got["changed_by"]) == ("withdrawn", "parent") else [str(got)]
        if read["body"].get("status") != "inactive":
            wrong.append(json.dumps(read, ensure_ascii=False))
        found = [i for i in self.office.inbox() if i["kind"] == "consent-change" and i["referral_id"] == number]
        stray = self.call("create", resourceType="Consent", body={**gone, "provision": {}})
        if stray["status"] != 422 or stray["body"]["issue"][0]["expression"] != ["Consent.provision.data"]:
            wrong.append(json.dumps(stray, ensure_ascii=False))
        return wrong + ([] if len(found) == 1 else [f"{len(found)} changes"])

    def consent_answered(self, number):
        """The other side's family withdraws: it comes as a Consent, and the hospital says by the Task that it has to keep what it got."""
        consent = {"given_by": "parent", "given_on": "2026-11-01"}
        self.begun(number, legal_basis="consent", consent=consent)
        self.office.post("/v1/records", {"record_id": f"С-{number}", "kind": "consent-change", "consent_change": {
            "referral_id": number, "change": "withdrawn", "changed_by": "parent"}})

        def told():
            found = self.call("search", resourceType="Task", searchParams={"identifier": number})["body"]
            return next((e["resource"] for e in found["entry"] if e["resource"]["resourceType"] == "Task" and
                         e["resource"]["code"]["coding"][0]["code"] == "consent-change"), None)
        task = wait_for("the change of consent", told, 30, 0.1)
        seen = self.call("read", resourceType="Consent", id=task["id"])["body"]
        wrong = [] if seen.get("status") == "inactive" else [json.dumps(seen, ensure_ascii=False)]
        self.put(task, status="rejected", statusReason={"coding": [{"system": "urn:nasoka:legal-basis", "code": "statutory-task"}],
                                                        "text": "Закон за здравето, чл. 28"})
        got = self.came(number, "consent-answer")
        return wrong + ([] if (got["result"], got["legal_basis"], got["ground"]) == (
            "retained", "statutory-task", "Закон за здравето, чл. 28") else [str(got)])

    def reads(self, number):
        """What the office found comes as resources that any hospital can read: a report with all that belongs to it."""
        self.begun(number, service_kind="mentoring")
        self.office.post("/v1/records", {"record_id": f"О-{number}", "kind": "assessment-result", "assessment": {
            "referral_id": number, "assessment_kind": "psychological", "done_on": "2026-11-18", "done_by": "Екип", "conclusions": "Добре е.",
            "domains": [{"code": "сън", "finding": "спокоен", "score": "17", "scale": "SDQ"}], "plan": {"goals": [{"text": "Да учи"}]}}})

        def told():
            found = self.call("search", resourceType="DiagnosticReport", searchParams={"identifier": number})["body"]
            return found["entry"][0]["resource"] if found["total"] else None
        report = wait_for("the report", told, 30, 0.1)
        one = self.call("read", resourceType="DiagnosticReport", id=report["id"])["body"]
        task = self.call("read", resourceType="Task", id=report["id"])["body"]
        inside = {c["id"]: c for c in one.get("contained", [])}
        seen = inside.get(one["result"][0]["reference"][1:], {})
        good = one["conclusion"] == "Добре е." and seen.get("valueInteger") == 17 and seen["note"] == [{"text": "спокоен"}] and \
            {c["resourceType"] for c in inside.values()} == {"Observation", "Goal", "CarePlan"} and \
            task["output"][0]["valueReference"]["reference"] == f"DiagnosticReport/{report['id']}"
        return [] if good else json.dumps([one, task], ensure_ascii=False)

    def by_itself(self, number):
        """A report without a Task, based on the request as it was read, with its PDF in it: an assessment and a file, taken once. The address is the report's.
        A form of another type is no file, and the answer says that something was left out."""
        task = self.begun(number, service_kind="mentoring")
        pdf = base64.b64encode(b"%PDF-1.4\nsynthetic\n").decode()
        report = {k: v for k, v in REPORT.items() if k not in ("id", "result")} | {
            "basedOn": [{"reference": task["focus"]["reference"]}], "presentedForm": [{"contentType": "application/pdf", "data": pdf, "title": "извод.pdf"}]}
        first, again = (self.call("create", resourceType="DiagnosticReport", body=report) for _ in range(2))
        if (first["status"], again["status"]) != (201, 200) or f"/DiagnosticReport/{first['body']['id']}" not in (first["location"] or ""):
            return json.dumps([first, again], ensure_ascii=False)
        got, file = self.came(number, "assessment-result"), self.came(number, "attachment")
        wrong = [] if got["conclusions"] == REPORT["conclusion"] and file["filename"] == "извод.pdf" and got["attachments"] == [file["att_id"]] else [str([got, file])]
        odd = self.call("create", resourceType="DiagnosticReport", body=report | {
            "conclusion": "Без файл.", "presentedForm": [{"contentType": "text/html", "data": pdf}]})
        if odd["status"] != 201 or not any(e["url"] == "urn:nasoka:dropped" and e["valueInteger"] > 0 for e in odd["body"].get("extension", [])):
            wrong.append(json.dumps(odd, ensure_ascii=False))
        seen = self.call("create", resourceType="Observation", body={k: v for k, v in WORDS.items() if k != "id"} | {"basedOn": report["basedOn"]})
        stray = self.call("create", resourceType="Observation", body={**WORDS, "basedOn": [{"reference": "ServiceRequest/none"}]})
        if seen["status"] != 201 or stray["status"] != 404 or stray["body"]["issue"][0]["expression"] != ["Observation.basedOn"]:
            wrong.append(json.dumps([seen, stray], ensure_ascii=False))
        request = task["focus"]["reference"].rpartition("/")[2]
        for said, status in ((f"Patient/{request}", 422), (f"https://lab.example/fhir/ServiceRequest/{request}", 404), (f"urn:uuid:{request}", 422)):
            odd = self.call("create", resourceType="Observation", body={**WORDS, "basedOn": [{"reference": said}]})
            if odd["status"] != status or odd["body"]["issue"][0]["expression"] != ["Observation.basedOn[0].reference"]:
                wrong.append(json.dumps([said, odd], ensure_ascii=False))
        odd = self.call("create", resourceType="Observation", body={**WORDS, "basedOn": report["basedOn"], "subject": {
            "type": "Patient", "identifier": {"system": "urn:nasoka:egn", "value": "1545123455"}}})
        if odd["status"] != 422 or odd["body"]["issue"][0]["expression"] != ["Observation.subject"]:
            wrong.append("another child: " + json.dumps(odd, ensure_ascii=False))
        again = self.call("create", resourceType="DiagnosticReport", body=report | {"basedOn": [
            {"reference": f"{self.agency.url}/fhir/ServiceRequest/{request}/_history/1"}]})
        if again["status"] not in (200, 201):
            wrong.append(json.dumps(again, ensure_ascii=False))

        def came():
            return [i for i in self.office.inbox() if i["kind"] == "assessment-result" and i["referral_id"] == number]
        found = wait_for("four assessments", lambda: len(came()) >= 4 and came(), 30, 0.1)
        return wrong + ([] if len(found) == 4 else [f"{len(found)} assessments"])

    def searches(self, number):
        """What R4 lets a client ask: parts of a date, each prefix, `:not`; and what is not known is left out of the link to itself."""
        task = self.begun(number, service_kind="mentoring")

        def holds(**params):
            body = self.call("search", resourceType="Task", searchParams={"identifier": number, **params})["body"]
            self.itself = next(link["url"] for link in body["link"] if link["relation"] == "self")
            return task["id"] in [e["resource"]["id"] for e in body.get("entry", [])]
        changed = task["meta"]["lastUpdated"]
        year = int(changed[:4])
        rows = [({"_lastUpdated": date}, hit) for date, hit in (
            (f"{year}", True), (f"eq{year}", True), (f"gt{year}", False), (f"gt{year - 1}", True), (f"lt{year + 1}", True), (f"le{changed[:7]}", True),
            (f"ne{year}", False), (f"sa{year}", False), (f"eb{changed}", False), (f"ge{changed}", True), (f"gt{changed}", False), (changed, True))] + [
            ({"status": "in-progress"}, True), ({"status:not": "in-progress"}, False), ({"status:not": "rejected,completed"}, True)]
        wrong = [f"{params}: {not hit}" for params, hit in rows if holds(**params) != hit]
        if not holds(**{"status:not": "rejected", "colour": "blue"}) or "colour" in self.itself or "status:not=rejected" not in urllib.parse.unquote(self.itself):
            wrong.append(self.itself)
        return wrong

    def run(self):
        found = []

        def step(name, fn, *args):
            found.append((f"a hospital: {name}", attempt(fn, *args)))
        step("completes a referral with a report, observations, a diagnosis and a plan: an assessment", self.assessment, "Б-1")
        step("adds what it found on the way, and at the end tells what was done: an outcome report", self.interim, "Б-2")
        step("the same by a transaction", self.by_transaction, "Б-3")
        step("is told what is wrong, and nothing is taken by half", self.refused, "Б-4")
        step("a mother's signed paper is a file that the consent names; she withdraws by a bare Consent, taken once", self.consent, "Б-5")
        step("hears that a family withdrew as a Consent, and answers that it has to keep what it got", self.consent_answered, "Б-6")
        step("reads what the other side found as a DiagnosticReport", self.reads, "Б-7")
        step("searches by all that R4 lets it ask", self.searches, "Б-8")
        step("gives a report by itself, without a Task: an assessment with its file", self.by_itself, "Б-9")
        return found


def validate(world, outputs):
    where = world.dir / "fhir"
    where.mkdir()
    files = []
    for n, body in enumerate(outputs):
        files.append(where / f"{n:03d}.json")
        files[-1].write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    run = subprocess.run(["node", ROOT / "tests/e2e/fhir-validate.js", *files], capture_output=True, text=True, timeout=200, check=False)
    ok(run.returncode == 0, "npm fhir and @medplum/core find no error in any answer", "\n".join(
        line for line in run.stdout.splitlines() if not line.startswith("ok ")) + run.stderr)
    figure(f"FHIR answers validated: {len(files)}")


def main():
    world = World(folder(), BIN)
    hospital = None
    try:
        ward = world.agency("plovdiv-mbal", "hospital", "PDV22", "health", "Болница", "Hospital", CONFIG)
        social = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection", pairs_json.CONFIG)
        world.make()
        world.start()
        hospital = Hospital(ward, Office(social))
        for name, wrong in hospital.run():
            ok(not wrong, name, wrong)
        validate(world, hospital.outputs)
    except (RuntimeError, TimeoutError, OSError, LookupError, ValueError) as e:
        ok(False, "the acts go to their end", f"{type(e).__name__}: {e}")
    finally:
        if hospital is not None:
            hospital.peer.stop()
        world.stop()
    done()


if __name__ == "__main__":
    main()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Clients, servers and a validator of npm against the real daemons: fhir-kit-client at a practice's adapter; node-hl7-client with
node-hl7-server (over TLS) and @medplum/hl7 (in windows-1251) at two hospitals'; a social agency's system on the other side of each.
Servers that say no, come late, break off or talk nonsense get every message once in effect."""
import concurrent.futures
import json
import subprocess
import urllib.parse

import pairs_case as case
import pairs_fhir
import pairs_hl7
import pairs_json
from peers_node import Peer
from stagehand import BIN, ROOT, System, World, curl, done, figure, folder, ok, referral, wait_for

HOSPITAL = """in:
  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8], MORE-IN }}
out:
  mllp: {{ host: 127.0.0.1, port: {out_port}, receiving_application: HIS, receiving_facility: MBAL, answer_timeout: 1s, MORE-OUT }}
egress:
  referrals: {{ door: mllp, format: hl7v2 }}
  statuses: {{ door: mllp, format: hl7v2 }}
  receipts: {{ door: mllp, format: hl7v2 }}
retry: {{ min: 200ms, max: 1s }}
defaults: {{ risk_level: medium, legal_basis: statutory-task }}
"""
SECURE = HOSPITAL.replace("MORE-IN", "tls: {{ cert: {dir}/cert.pem, key: {dir}/key.pem }}").replace(
    "MORE-OUT", "tls: true, ca_file: {dir}/cert.pem")
CYRILLIC = HOSPITAL.replace("MORE-IN", "charset: windows-1251").replace("MORE-OUT", "charset: windows-1251")


def step(name, fn, *args):
    """One check: it passes if `fn` gives no words and raises nothing."""
    try:
        wrong = fn(*args)
    except Exception as e:      # noqa: BLE001 - whatever it was is this step's failure
        wrong = f"{type(e).__name__}: {e}"
    return ok(not wrong, name, wrong if isinstance(wrong, str) else "\n".join(wrong or ()))


class Office(pairs_json.JsonSystem):
    """The social agency on the other side of everybody."""

    def progress(self, number):
        return self.system.call("GET", "/v1/referrals/" + urllib.parse.quote(number, safe=""))[1]

    def refer(self, number, to):
        return self.post("/v1/referrals", referral(number, to))["msg_id"]

    def stages(self, number, stage):
        return [i for i in self.inbox() if i["kind"] == "stage" and i["stage"] == stage and i["referral_id"] == number]


# -- FHIR --

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
        step("fhir-kit-client reads capabilities that say what is there", self.capabilities)
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


def validate(world, outputs):
    where = world.dir / "fhir"
    where.mkdir()
    files = []
    for n, (name, body) in enumerate(outputs):
        files.append(where / f"{n:03d}-{name}.json")
        files[-1].write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    run = subprocess.run(["node", ROOT / "tests/e2e/fhir-validate.js", *files], capture_output=True, text=True, timeout=200)
    ok(run.returncode == 0, "npm fhir finds no error in any answer", "\n".join(
        line for line in run.stdout.splitlines() if not line.startswith("ok ")) + run.stderr)
    figure(f"FHIR answers validated: {len(files)}")


# -- HL7 v2 --

class Ward:
    """A hospital: a client and a server of one library at its adapter."""

    def __init__(self, agency, office, library, encoding=None, ca=None, key=None):
        self.agency, self.office, self.library, self.encoding, self.ca = agency, office, library, encoding, ca
        self.charset = encoding or "UNICODE UTF-8"
        self.sender, self.server = Peer("peers_hl7_send.js"), Peer("peers_hl7_serve.js")
        self.server.do("open", library=library, port=agency.out_port, encoding=encoding, cert=ca, key=key)
        self.name = "node-hl7" if library == "node" else "@medplum/hl7"
        self.prefix = "N" if library == "node" else "M"

    def send(self, **message):
        return self.sender.do("send", library=self.library, port=self.agency.mllp_port, encoding=self.encoding, ca=self.ca, **message)

    def arrives(self, number, sent):
        msg_id, got, _ = self.office.got_referral(number)
        wrong, n = case.differences(sent, got, pairs_json.HOLDS)
        self.office.register(msg_id, number, f"К-{number}")
        return wrong or (None if n > 10 else [f"{n} fields only"])

    def whole(self, number):
        sent = {k: v.replace("ѝ", "й") if self.encoding else v for k, v in case.full(number).items()}     # windows-1251 has no ѝ
        text = pairs_hl7.write_referral(sent, self.office.agency.id, f"{self.prefix}-{number}", self.charset)
        first = self.send(text=text)
        again = self.send(text=text)
        controls = [pairs_hl7.View(a["text"]).first("MSH", 10) for a in (first, again)]
        if (first["code"], first["about"]) != ("AA", f"{self.prefix}-{number}") or not controls[0] or controls[0] != controls[1]:
            return f"{first}\n{again}"
        return self.arrives(number, sent)

    def built(self, number):
        """A message that the library made, as little as a plain system says: version 2.7, no OBX of ours."""
        made = {"type": "REF", "event": "I12", "control": f"B-{number}", "segments": [
            ["MSH", {"3": "HIS", "4": "MBAL", "5": "NASOKA", "6": "NASOKA", "18": "UNICODE UTF-8"}],
            ["RF1", {"2.1": "R", "3.1": "parent-support", "3.3": "NASOKA", "4.1": "AM", "6": number, "8": "20270201120000+0200"}],
            ["PRD", {"1": "RP"}], ["PRD", {"1": "RT", "7.1": self.office.agency.id, "7.2": "NASOKA"}],
            ["PID", {"1": "1", "3.1": "1543079013", "3.4": "GRAO", "3.5": "NNBGR", "5.1": "Тест-Пробна", "5.2": "Калина", "7": "20150307", "8": "F"}],
            ["OBR", {"1": "1", "2": number, "4.1": "parent-support", "4.3": "NASOKA"}],
            ["NTE", {"1": "1", "3": "Нужда от подкрепа у дома."}]]}
        answer = self.send(made=made)
        if (answer["code"], answer["about"]) != ("AA", f"B-{number}"):
            return str(answer)
        expected = {"child.family": "Тест-Пробна", "child.given": "Калина", "reason_text": "Нужда от подкрепа у дома.", "priority": "routine",
                    "respond_by": "2027-02-01T10:00:00Z", "referral_id": number}
        return case.differences(expected, self.office.got_referral(number)[1], pairs_json.HOLDS)[0]

    def bad(self):
        """AE with the place and our code for the content, AR for a kind that is not taken; the words in the sender's charset."""
        text = pairs_hl7.write_referral(case.plain("X-1", ()), self.office.agency.id, "X-1", self.charset)
        wrong = []
        for what, code, nsk in ((text.replace("1543079013", "1543079014"), "AE", None), (text.replace("20150307", "20151307"), "AE", None),
                                (text.replace("REF^I12^REF_I12", "ADT^A01^ADT_A01"), "AR", "NSK-1504")):
            answer = self.send(text=what)
            v = pairs_hl7.View(answer["text"])
            if answer["code"] != code or not v.first("ERR", 5).startswith(nsk or "NSK-") or not v.first("ERR", 8).isprintable() or \
               not any("а" <= c <= "я" for c in v.first("ERR", 8)):
                wrong.append(answer["text"].replace("\r", "\n"))
        return wrong

    def comes_home(self, number):
        """The office's registration and acceptance reach the hospital's server as RRI^I12."""
        self.office.post("/v1/statuses", {"referral_id": number, "to": "accepted", "at": "2026-11-20T10:00:00Z",
                                          "actor": {"name": "Служител Примерен"}})
        heard = wait_for("two RRI", lambda: h if len(h := self.server.heard(type="RRI", number=number)) >= 2 else None, 30, 0.1)
        views = [pairs_hl7.View(e["text"]) for e in heard]
        if views[0].first("RF1", 11) != f"К-{number}" or views[0].first("RF1", 1) or views[1].first("RF1", 1) != "A":
            return [v.text.replace("\r", "\n") for v in views]
        name = next(pairs_hl7.full_name(views[1], s, 2) for s in views[1].all("PRD") if views[1].get(s, 1) == "RT")
        return [] if len(heard) == 2 and name == "Служител Примерен" else f"{len(heard)} of {name}"

    # -- as the one that is sent to --

    def plan(self, actions, nth):
        """Refer to the hospital, whose server does `actions` in turn. What is looked at is the office's view and the server's ear."""
        number = f"{self.prefix}-{nth}"
        self.server.do("plan", number=number, actions=list(actions))
        self.office.refer(number, self.agency.id)
        last = actions[-1]
        if last == "AE":
            return self.is_refused(number)
        wrong = self.is_heard(number, actions)
        if wrong:
            return wrong
        if last == "AA":        # taken; the number comes later, from the hospital's client
            if self.office.progress(number)["stages"].get("registered"):
                return "registered without a number"
            rri = pairs_hl7.write_status(number, {"case_no": f"ИЗ-{number}"}, f"R-{number}").replace("UNICODE UTF-8", self.charset)
            answer = self.send(text=rri)
            if answer["code"] != "AA":
                return str(answer)
            expected = f"ИЗ-{number}"
        else:
            expected = last.split(" ")[1]
        if (got := self.office.got_registered(number)) != expected:
            return f"registered as {got}, not {expected}"
        progress, told = self.office.progress(number), self.office.stages(number, "registered")
        return [] if progress["external_no"] == expected and len(told) == 1 else f"{progress}, told {len(told)} times"

    def is_heard(self, number, actions):
        heard = wait_for(f"{len(actions)} tries of {number}",
                         lambda: h if len(h := self.server.heard(type="REF", number=number)) >= len(actions) else None, 30, 0.05)
        if [e["action"] for e in heard] != list(actions) or len({e["control"] for e in heard}) != 1:
            return str([(e["action"], e["control"]) for e in heard])
        v = pairs_hl7.View(heard[0]["text"])
        got = pairs_hl7.read_referral(v)
        expected = {"child.family": "Тест-Пробна", "child.given": "Калина", "reason_text": "Нужда от подкрепа.", "referral_id": number}
        charset = v.first("MSH", 18)
        wrong = [] if charset.lower() == self.charset.lower() else [f"MSH-18 {charset}"]
        return wrong + case.differences(expected, got, pairs_hl7.HOLDS)[0]

    def is_refused(self, number):
        item = self.office.find(f"the refusal of {number}", lambda i: i.get("stage") == "refused" and i["referral_id"] == number)
        progress = self.office.progress(number)
        if not item["refusal"]["code"].startswith("NSK-") or not progress["stages"]["refused"] or progress["stages"].get("registered"):
            return f"{item}\n{progress}"
        heard = self.server.heard(type="REF", number=number)
        return [] if len(heard) == 1 else f"{len(heard)} times"

    def plans(self):
        number = "ИЗ-7/2026"
        both = (("AA",), (f"RRI {number}",), ("CE", f"RRI {number}"), ("AE",), ("silent", f"RRI {number}"), ("half", f"RRI {number}"),
                ("garbage", "AA"), ("close", "close", f"RRI {number}"))
        own = (("as it is", f"RRI {number}"),) if self.library == "node" else (("AE 206", "AA"), ("AR 207", f"RRI {number}"))
        return both + own

    def run(self):
        """What was found, to be told when both hospitals are through."""
        found = []

        def note(name, fn, *args):
            try:
                found.append((name, fn(*args)))
            except Exception as e:      # noqa: BLE001 - whatever it was is this step's failure
                found.append((name, f"{type(e).__name__}: {e}"))
        note("a REF^I12 with every field, twice the same: the same AA", self.whole, f"{self.prefix}И-1")
        if self.library == "node":
            note("a REF^I12 that the library put together", self.built, "NИ-2")
        note("bad ones get AE and AR, in Bulgarian in the sender's charset", self.bad)
        note("registration and acceptance come home as RRI^I12", self.comes_home, f"{self.prefix}И-1")
        for nth, actions in enumerate(self.plans()):
            note(f"a server that answers: {', then '.join(a.split(' ')[0] if a[0] == 'R' else a for a in actions)}", self.plan, actions, nth)
        return found


def certificate(agency):
    """One that only this agency's own system trusts; for the adapter and, as it is only a test, for the server too."""
    agency.dir.mkdir(parents=True, exist_ok=True)
    cert, key = agency.dir / "cert.pem", agency.dir / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=his.example", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    key.chmod(0o600)
    return str(cert), str(key)


def main():
    world = World(folder(), BIN)
    peers = []
    try:
        doctor = world.agency("plovdiv-gp", "gp", "PDV22", "health", "Лекар", "Doctor", pairs_fhir.CONFIG)
        ward_n = world.agency("plovdiv-mbal", "hospital", "PDV22", "health", "Болница 1", "Hospital 1", SECURE)
        ward_m = world.agency("plovdiv-umbal", "hospital", "PDV22", "health", "Болница 2", "Hospital 2", CYRILLIC)
        social = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection", pairs_json.CONFIG)
        cert, key = certificate(ward_n)
        world.make()
        world.start()
        practice = Practice(doctor, Office(social))
        wards = [Ward(ward_n, Office(social), "node", None, cert, key), Ward(ward_m, Office(social), "medplum", "windows-1251")]
        peers = [practice.peer] + [p for w in wards for p in (w.sender, w.server)]
        with concurrent.futures.ThreadPoolExecutor(2) as lanes:
            found = [lanes.submit(w.run) for w in wards]
            practice.run()
            for w, f in zip(wards, found):
                for name, wrong in f.result():
                    ok(not wrong, f"{w.name}: {name}", wrong if isinstance(wrong, str) else "\n".join(wrong or ()))
        validate(world, practice.outputs)
        world.stop()
        said = [f"{log.name}: {line[:200]}" for log in sorted(world.dir.glob("*.log"))
                for line in log.read_text(errors="replace").splitlines() if "Sanitizer" in line or "runtime error:" in line]
        ok(not said, "the daemons' logs hold no sanitizer's report", "\n".join(said))
    finally:
        for p in peers:
            p.stop()
        world.stop()
    done()


if __name__ == "__main__":
    main()

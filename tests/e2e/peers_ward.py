# SPDX-License-Identifier: EUPL-1.2
"""A hospital's system on one of two libraries of npm for HL7 v2, and what its adapter does with it: as client, and as a server that
answers well, badly, late, by half, nonsense or not at all."""
import pairs_case as case
import pairs_hl7
import pairs_json
from peers_node import Peer, attempt
from stagehand import wait_for


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

    # -- orders and appointments, as IHE 360X has them --

    def header(self, type_, control):
        return f"MSH|^~\\&|HIS|MBAL|NASOKA|NASOKA|20261120120000+0200||{type_}|{control}|P|2.5.1||||||{self.charset}\r"

    def hears(self, what, match):
        """The first message to the hospital's server that fits."""
        return wait_for(what, lambda: next((v for v in (pairs_hl7.View(e["text"]) for e in self.server.heard()) if match(v)), None), 30, 0.1)

    def order(self, number):
        """An OMG^O19 is a referral; the other side's steps come home as OSU^O51 and SIU^S12."""
        text = self.header("OMG^O19^OMG_O19", f"O-{number}") + (
            "PID|1||1543079013^^^GRAO^NNBGR||Тест-Пробна^Калина||20150307|F\r"
            f"ORC|NW|{number}|||||||20261120113000+0200|||^Иванова^Мария\r"
            "TQ1|1|||||||20270201120000+0200|R^^HL70485\r"
            f"OBR|1|{number}||parent-support^^NASOKA|||||||||||||||||||||||||||^Нужда от подкрепа.\r"
            f"PRD|RT||||||{self.office.agency.id}^NASOKA\r")
        answer = self.send(text=text)
        if answer["code"] != "AA":
            return str(answer)
        msg_id, got, _ = self.office.got_referral(number)
        expected = {"child.given": "Калина", "reason_text": "Нужда от подкрепа.", "priority": "routine", "respond_by": "2027-02-01T10:00:00Z",
                    "initiator.worker.name": "Мария Иванова", "service_kind": "parent-support"}
        wrong = case.differences(expected, got, pairs_json.HOLDS)[0]
        self.office.register(msg_id, number, f"К-{number}")
        self.office.post("/v1/statuses", {"referral_id": number, "to": "accepted", "at": "2026-11-20T10:00:00Z"})
        self.office.post("/v1/statuses", {"referral_id": number, "to": "scheduled", "at": "2026-11-20T10:05:00Z",
                                          "appointment": {"start": "2026-12-01T08:00:00Z", "place": "Център 1"}})

        def is_order(control):
            return lambda v: v.first("MSH", 9) == "OSU" and v.first("ORC", 2) == number and v.first("ORC", 1) == control
        if self.hears("the registration", is_order("NA")).first("ORC", 3) != f"К-{number}":
            wrong.append("registered under another number")
        if self.hears("the acceptance", is_order("OK")).first("ORC", 5) != "IP":
            wrong.append("accepted without ORC-5 IP")
        v = self.hears("the appointment", lambda v: v.first("MSH", 9) == "SIU" and v.first("SCH", 26) == number)
        if (v.first("MSH", 9, 2), v.first("SCH", 11, 4), v.first("AIL", 3, 9)) != ("S12", "20261201100000+0200", "Център 1"):
            wrong.append(v.text.replace("\r", "\n"))
        return wrong

    def asks(self, number):
        """REF^I15 is answered by RRI^I15 with the state."""
        answer = self.send(text=self.header("REF^I15^REF_I12", f"Q-{number}") + f"RF1||||||{number}\rPRD|RP\rPID|1||1||Т^К\r")
        v = pairs_hl7.View(answer["text"])
        said = (answer["code"], v.first("MSH", 9), v.first("MSH", 9, 2), v.first("RF1", 1), v.first("OBR", 25), v.first("RF1", 11))
        return [] if said == ("AA", "RRI", "I15", "A", "S", f"К-{number}") else answer["text"].replace("\r", "\n")

    def report(self, number):
        """The office's assessment comes as an ORU; a question is answered by a changed order."""
        self.office.post("/v1/records", {"record_id": f"Оц-{number}", "kind": "assessment-result", "assessment": {
            "referral_id": number, "assessment_kind": "developmental", "done_on": "2026-11-19", "done_by": "Анна Тестова",
            "conclusions": "Развива се добре.", "domains": [{"finding": "Движение"}, {"finding": "Говор"}]}})
        v = self.hears("the assessment", lambda v: v.first("MSH", 9) == "ORU" and v.first("OBR", 2) == number)
        said = {(v.get(s, 3), v.get(s, 4)): v.get(s, 5) for s in v.all("OBX")}
        if v.first("OBR", 4) != "assessment-result" or said.get(("conclusions", "")) != "Развива се добре." or \
           said.get(("domains.finding", "2")) != "Говор":
            return v.text.replace("\r", "\n")
        return []

    def cancels(self, number):
        """OSU^O51 with ORC-1 CA reaches the office as a wish to cancel, with its reason."""
        answer = self.send(text=self.header("OSU^O51^OSU_O51", f"C-{number}") + "PID|1||1||Т^К\r"
                           f"ORC|CA|{number}||||||||||||||^Семейството се отказа\r")
        if answer["code"] != "AA":
            return str(answer)
        _, got = self.office.got_status(number, "cancel-requested")
        return [] if got.get("reason_text") == "Семейството се отказа" else str(got)

    def run(self):
        """What was found: pairs of a name and what is wrong."""
        found = []

        def note(name, fn, *args):
            found.append((f"{self.name}: {name}", attempt(fn, *args)))

        note("a REF^I12 with every field, twice the same: the same AA", self.whole, f"{self.prefix}И-1")
        if self.library == "node":
            note("a REF^I12 that the library put together", self.built, "NИ-2")
        note("bad ones get AE and AR, in Bulgarian in the sender's charset", self.bad)
        note("registration and acceptance come home as RRI^I12", self.comes_home, f"{self.prefix}И-1")
        note("OMG^O19 is a referral; OSU^O51 and SIU^S12 come home", self.order, f"{self.prefix}О-1")
        note("REF^I15 is answered by RRI^I15", self.asks, f"{self.prefix}О-1")
        note("an assessment comes as ORU^R01", self.report, f"{self.prefix}О-1")
        note("OSU^O51 with ORC-1 CA reaches the other side", self.cancels, f"{self.prefix}О-1")
        for nth, actions in enumerate(self.plans()):
            note(f"a server that answers: {', then '.join(a.split(' ')[0] if a[0] == 'R' else a for a in actions)}", self.plan, actions, nth)
        return found

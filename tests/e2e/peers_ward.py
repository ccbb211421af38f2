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
        for nth, actions in enumerate(self.plans()):
            note(f"a server that answers: {', then '.join(a.split(' ')[0] if a[0] == 'R' else a for a in actions)}", self.plan, actions, nth)
        return found

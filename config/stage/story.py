# SPDX-License-Identifier: EUPL-1.2
"""The demo: one child's story across three sectors, told by real clients to real daemons, read back from the receiving side.

Every step is checked where it arrives; the first one that does not ends the demo with exit 1.
"""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

import clinic
import oblast
from world import http, wait_for

NOW = datetime.datetime.now(datetime.timezone.utc)
AT = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
STAMP = NOW.strftime("%Y%m%d%H%M%S")
RESPOND_BY = (NOW + datetime.timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")

# Synthetic people only; the numbers pass their check digit and belong to nobody.
CHILD = {"egn": "1543079013", "given": "Калина", "middle": "Стоянова", "family": "Тест-Пробна", "born": "2015-03-07"}

TEXTS = {
    "title": ("Историята на едно дете през три сектора", "One child's story across three sectors"),
    "hospital": ("Болницата насочва по HL7 v2 (REF^I12, MLLP); адаптерът потвърди записа",
                 "The hospital refers by HL7 v2 (REF^I12, MLLP); the adapter acknowledged after its commit"),
    "doctor": ("Личният лекар насочва с FHIR Bundle по HTTP", "The GP refers by a FHIR Bundle over HTTP"),
    "arrived": ("„Закрила на детето“ чете {} в своята система и го завежда под номер {}",
                "Child protection reads {} in its own system and registers it as {}"),
    "accepted": ("„Закрила на детето“ приема; болницата получава RRI^I12 с RF1-1 A",
                 "Child protection accepts; the hospital gets RRI^I12 with RF1-1 A"),
    "declined": ("„Закрила на детето“ отказва с причина; лекарят чете Task rejected",
                 "Child protection declines with a reason; the GP reads Task rejected"),
    "onward": ("„Закрила на детето“ насочва към училището; там пристига CSV",
               "Child protection refers onward to the school; a CSV arrives there"),
    "school_ok": ("Училището потвърждава с confirm.csv и приема със статус CSV; статусът е при „Закрила на детето“",
                  "The school confirms by confirm.csv and accepts by a status CSV; child protection reads it"),
    "school_csv": ("Училището подава CSV на windows-1251; болницата получава REF^I12",
                   "The school hands in a windows-1251 CSV; the hospital gets REF^I12"),
    "hospital_ok": ("Болницата приема с RRI^I12; училището получава статус CSV",
                    "The hospital accepts by RRI^I12; the school gets a status CSV"),
    "completed": ("„Закрила на детето“ приключва с резултат; болницата получава RRI^I12 с OBR-25 F",
                  "Child protection completes with an outcome; the hospital gets RRI^I12 with OBR-25 F"),
    "timeline": ("Времена от дневника: секунди от приемането до всеки етап",
                 "Times from the log: seconds from stored to each stage"),
    "replay": ("Одиторът чете историята с един ключ, без да отваря съдържание",
               "An auditor replays the history with one key, opening no content"),
    "proof": ("Доказателство за едно съобщение и проверка на целия дневник", "A proof of one message, and the whole log verified"),
    "done": ("Всичко е потвърдено. {} съобщения, {:.1f} s.", "Everything is confirmed. {} messages, {:.1f} s."),
    "kept": ("Всичко работи в {} — спиране: kill {}", "All is running in {} - to stop: kill {}"),
    "failed": ("Стъпката не бе потвърдена: {}", "A step was not confirmed: {}"),
}

# The steps of this story, as people say them.
STEPS = {"requested": ("насочване", "referral"), "accepted": ("прието", "accepted"), "declined": ("отказано", "declined"),
         "completed": ("приключено", "completed")}


class Story:
    def __init__(self, world, lang):
        self.w, self.lang, self.begun = world, lang, time.monotonic()
        self.hospital, self.office, self.school, self.doctor = world.agencies
        self.his = None
        self.after = 0

    def text(self, key, *args):
        return TEXTS[key][0 if self.lang == "bg" else 1].format(*args)

    def say(self, key, *args):
        print(f"{time.monotonic() - self.begun:6.2f}  {self.text(key, *args)}", flush=True)

    # -- the office's own system: a JSON client that polls --

    def office_call(self, method, path, body=None, expect=(200, 201, 202)):
        status, answer = http(method, self.office.url + path, body, self.office.token)
        if status not in expect:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def office_item(self, what, match):
        """The next inbox item that fits; items are read in order, by cursor."""
        def probe():
            for item in self.office_call("GET", f"/v1/inbox?after={self.after}")["items"]:
                if match(item):
                    return item
            return None
        return wait_for(f"{what} in the office's inbox", probe)

    def office_register(self, item, case_no):
        self.office_call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": case_no})

    # -- the hospital's own system: HL7 v2 over MLLP, both ways --

    def hospital_got(self, what, *needles):
        def probe():
            for text in self.his.received:
                if all(n in text for n in needles):
                    return text
            return None
        return wait_for(f"{what} at the hospital", probe)

    # -- the school's own system: files --

    def school_got(self, what, *needles, encoding="cp1251"):
        def probe():
            for path in sorted(self.school.folder("out").glob("*.csv")):
                text = path.read_bytes().decode(encoding, errors="replace")
                if all(n in text for n in needles):
                    return text
            return None
        return wait_for(f"{what} in the school's folder", probe)

    def school_drop(self, name, text, encoding="cp1251"):
        folder = self.school.folder("in")
        part = folder / f".{name}.part"
        part.write_bytes(text.encode(encoding))
        part.rename(folder / name)

    # -- the chapters --

    def hospital_refers(self):
        message = "\r".join([
            f"MSH|^~\\&|HIS|MBAL|NASOKA|OZD-PLOVDIV|{STAMP}||REF^I12^REF_I12|MBAL-{STAMP}|P|2.5.1||||||UNICODE UTF-8",
            "RF1||A^Urgent^HL70280|psych-counselling^^NASOKA|AM^Assume Management^HL70282||MBAL-2026-00017|||||"
            "|||Детето е прието без придружител, нужна е оценка.",
            "PRD|RP^Referring Provider^HL70286|Иванова^Мария||||032600100^WPN^PH",
            "PRD|RT^Referred to Provider^HL70286|||||||",
            f"PID|1||{CHILD['egn']}^^^GRAO^NNBGR||{CHILD['family']}^{CHILD['given']}^{CHILD['middle']}||20150307|F|||"
            "ул. Примерна 1^^Пловдив^PDV^4000^BGR^H^^PDV22^56784",
            "NK1|1|Тест^Стояна|MTH^Mother^HL70063||0888000002",
        ]) + "\r"
        answer = clinic.send(self.hospital.mllp_port, message)
        if str(answer.segment("MSA")[1]) not in ("AA", "CA"):
            raise RuntimeError(f"the hospital's message was not acknowledged: {answer}")
        self.say("hospital")

    def doctor_refers(self):
        plac = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
        bundle = {"resourceType": "Bundle", "type": "message", "entry": [
            {"fullUrl": "urn:uuid:5a1f0000-0000-4000-8000-000000000001", "resource": {
                "resourceType": "MessageHeader",
                "eventCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0003", "code": "I12"},
                "destination": [{"name": "ОЗД", "endpoint": "https://ozd.plovdiv.example/fhir"}],
                "source": {"name": "GP", "endpoint": "https://gp.asenovgrad.example/fhir"},
                "focus": [{"reference": "urn:uuid:5a1f0000-0000-4000-8000-000000000002"}]}},
            {"fullUrl": "urn:uuid:5a1f0000-0000-4000-8000-000000000002", "resource": {
                "resourceType": "ServiceRequest", "identifier": [{"type": plac, "value": "GP-2026-0042"}],
                "status": "active", "intent": "order", "priority": "routine",
                "code": {"coding": [{"system": "urn:nasoka:service-kind", "code": "parent-support"}]},
                "subject": {"reference": "urn:uuid:5a1f0000-0000-4000-8000-000000000003"},
                "reasonCode": [{"text": "Родителите търсят подкрепа у дома."}]}},
            {"fullUrl": "urn:uuid:5a1f0000-0000-4000-8000-000000000003", "resource": {
                "resourceType": "Patient", "name": [{"family": "Пробен", "given": ["Иво", "Тестов"]}],
                "gender": "male", "birthDate": "2019-11-30",
                "address": [{"city": "Асеновград", "extension": [
                    {"url": "urn:nasoka:municipality", "valueString": "PDV01"},
                    {"url": "urn:nasoka:ekatte", "valueString": "00702"}]}]}}]}
        status, answer = http("POST", self.doctor.url + "/fhir", bundle, self.doctor.token, "application/fhir+json")
        if status not in (200, 201, 202):
            raise RuntimeError(f"POST /fhir: {status} {json.dumps(answer, ensure_ascii=False)}")
        self.say("doctor")

    def office_reads(self):
        self.from_hospital = self.office_item("the hospital's referral", lambda i: i.get("referral_id") == "MBAL-2026-00017")
        child = self.from_hospital["record"]["child"]
        got = (child["given"], child["middle"], child["family"], child["birth_date"], child["ids"][0]["value"])
        if got != (CHILD["given"], CHILD["middle"], CHILD["family"], CHILD["born"], CHILD["egn"]):
            raise RuntimeError(f"the child changed on the way: {got}")
        self.office_register(self.from_hospital, "ОЗД-2026-101")
        self.say("arrived", "MBAL-2026-00017", "ОЗД-2026-101")
        self.from_doctor = self.office_item("the GP's referral", lambda i: i.get("referral_id") == "GP-2026-0042")
        self.office_register(self.from_doctor, "ОЗД-2026-102")
        self.say("arrived", "GP-2026-0042", "ОЗД-2026-102")

    def office_accepts(self):
        self.office_call("POST", "/v1/statuses", {"referral_id": "MBAL-2026-00017", "to": "accepted", "at": AT,
                                                   "actor": {"name": "Служител Примерен", "phone": "032600200"},
                                                   "assigned_worker": {"name": "Служител Примерен", "phone": "032600200"},
                                                   "expected_start": (NOW + datetime.timedelta(days=3)).strftime("%Y-%m-%d")})
        self.hospital_got("RRI accepted", "RRI^I12", "|A^", "ОЗД-2026-101")
        self.say("accepted")

    def office_declines(self):
        reason = "Детето живее извън района; насочете към Асеновград."
        self.status_id = self.office_call("POST", "/v1/statuses", {"referral_id": "GP-2026-0042", "to": "declined", "at": AT,
                                                   "reason_code": "outside-territory", "reason_text": reason})["msg_id"]

        def probe():
            status, bundle = http("GET", self.doctor.url + "/fhir/Task?_lastUpdated=gt2000-01-01", token=self.doctor.token)
            tasks = [e["resource"] for e in bundle.get("entry", [])] if status == 200 else []
            return next((t for t in tasks if t.get("status") == "rejected"), None)
        task = wait_for("Task rejected at the GP", probe)
        if reason not in json.dumps(task, ensure_ascii=False):
            raise RuntimeError(f"the reason is not in the Task: {task}")
        task["businessStatus"] = {"coding": [{"system": "urn:nasoka:stage", "code": "registered"}]}
        task.pop("id")
        status, answer = http("PUT", f"{self.doctor.url}/fhir/Task/{self.status_id}", task, self.doctor.token, "application/fhir+json")
        if status not in (200, 201):
            raise RuntimeError(f"PUT /fhir/Task: {status} {answer}")
        self.say("declined")

    def office_refers_onward(self):
        self.office_call("POST", "/v1/referrals", {
            "referral_id": "OZD-2026-900", "target": {"agency": oblast.SCHOOL}, "case_id": self.from_hospital["case_id"],
            "child": {"ids": [{"type": "EGN", "value": CHILD["egn"]}], "given": CHILD["given"], "middle": CHILD["middle"],
                      "family": CHILD["family"], "birth_date": CHILD["born"], "gender": "female",
                      "address": {"municipality": "PDV22", "ekatte": "56784"}},
            "service_kind": "attendance-support", "need": ["absenteeism"], "risk_level": "medium", "priority": "urgent",
            "disposition_wanted": "assess-and-return", "reason_text": "Подкрепа за редовно посещение след болнично лечение.",
            "respond_by": RESPOND_BY})
        text = self.school_got("the referral", "OZD-2026-900", CHILD["family"])
        self.school_msg = next(line for line in text.splitlines() if "OZD-2026-900" in line)
        self.say("onward")

    def school_answers(self):
        text = self.school_got("the referral", "OZD-2026-900", CHILD["family"])
        header, row = text.splitlines()[0].split(";"), self.school_msg.split(";")
        msg_id = row[header.index("msg_id")].strip('"')
        self.school_drop("confirm.csv", f"msg_id;case_no;registered_on\r\n{msg_id};У-17/2026;{NOW:%d.%m.%Y}\r\n")
        self.school_drop("statuses.csv", "referral_no;transition;from;to;at;reason_code;reason;outcome;case_no\r\n"
                         f"OZD-2026-900;T05;requested;accepted;{NOW:%d.%m.%Y %H:%M};;;;У-17/2026\r\n")
        item = self.office_item("the school's answer", lambda i: i.get("kind") == "status-change" and
                                i.get("referral_id") == "OZD-2026-900" and i["record"]["to"] == "accepted")
        self.office_register(item, "OZD-2026-900")
        if item.get("external_no") != "У-17/2026":
            raise RuntimeError(f"the school's number did not come home: {item}")
        self.say("school_ok")

    def school_refers(self):
        header = ("referral_no;created_on;institution_code;institution_name;municipality_code;settlement_ekatte;class_or_group;"
                  "id_type;id_number;first_name;middle_name;last_name;birth_date;gender;carer_name;carer_relation;carer_phone;"
                  "service_kind;need_codes;risk_level;priority;reason;absences_excused;absences_unexcused;period_from;period_to;"
                  "measures_taken;legal_basis;consent_date;consent_by;respond_by;author_name;author_role;author_phone")
        row = (f"2026-7;{NOW:%d.%m.%Y};1690001;ОУ „Тест“;PDV22;56784;4Б;EGN;{CHILD['egn']};{CHILD['given']};{CHILD['middle']};"
               f"{CHILD['family']};07.03.2015;female;Стояна Тест;mother;0888000002;specialist-consult;developmental-delay;medium;"
               "routine;Учителите виждат изоставане в речта.;3;14;05.01.2026;20.02.2026;разговор с родителя;consent;20.02.2026;"
               f"parent;{(NOW + datetime.timedelta(days=9)):%d.%m.%Y};Учител Примерен;класен ръководител;032600300")
        self.school_drop("referrals.csv", header + "\r\n" + row + "\r\n")
        text = self.hospital_got("the school's referral", "REF^I12", CHILD["family"], "изоставане в речта")
        self.school_ref = next(s for s in text.split("\r") if s.startswith("RF1")).split("|")[6].split("^")[0]
        self.say("school_csv")

    def hospital_answers(self):
        message = "\r".join([
            f"MSH|^~\\&|HIS|MBAL|NASOKA|SCHOOL|{STAMP}||RRI^I12^RRI_I12|MBAL-R-{STAMP}|P|2.5.1||||||UNICODE UTF-8",
            "MSA|AA|1",
            f"RF1|A^Accepted^HL70283||||| {self.school_ref}".replace("| ", "|") + "|||||МБАЛ-К-88",
            "PRD|RP^Referring Provider^HL70286|",
            f"PID|1||{CHILD['egn']}^^^GRAO^NNBGR||{CHILD['family']}^{CHILD['given']}",
        ]) + "\r"
        answer = clinic.send(self.hospital.mllp_port, message)
        if str(answer.segment("MSA")[1]) not in ("AA", "CA"):
            raise RuntimeError(f"the hospital's answer was not taken: {answer}")
        text = self.school_got("the hospital's acceptance", "accepted", "МБАЛ-К-88")
        header, row = text.splitlines()[0].split(";"), text.splitlines()[1].split(";")
        self.school_drop("confirm-status.csv", "msg_id;case_no;registered_on\r\n"
                         f"{row[header.index('msg_id')]};2026-7;{NOW:%d.%m.%Y}\r\n")
        self.say("hospital_ok")

    def office_completes(self):
        self.office_call("POST", "/v1/statuses", {"referral_id": "MBAL-2026-00017", "to": "completed", "at": AT,
                                                   "outcome": {"outcome": "need-met", "text": "Семейството е подкрепено.",
                                                               "closed_on": f"{NOW:%Y-%m-%d}"}})
        text = self.hospital_got("RRI final", "RRI^I12", "need-met")
        if not any(s.startswith("OBR") and len(s.split("|")) > 25 and s.split("|")[25][:1] == "F" for s in text.split("\r")):
            raise RuntimeError(f"no OBR-25 F in {text}")
        self.say("completed")

    # -- how far everything came --

    STAGES = ("delivered", "registered", "seen")

    def timeline(self, events):
        """One line a message: its stages in seconds from `stored`."""
        rows, order = {}, []
        for e in events:
            if e["event"] == "submit":
                rows[e["id"]] = {"from": e["from"], "to": e["to"][0], "what": e.get("state_to") or e.get("kind", ""), "at": e["time"]}
                order.append(e["id"])
            elif e["id"] in rows:
                rows[e["id"]][e["event"]] = (e["latency_ms"] or 0) / 1000
        bg = self.lang == "bg"
        print("\n" + self.text("timeline"))
        print(f"{'съхранено, UTC' if bg else 'stored, UTC':14} {'доставено' if bg else 'delivered':>10} "
              f"{'регистрирано' if bg else 'registered':>12} {'видяно' if bg else 'seen':>8}")
        for id in order:
            r = rows[id]
            times = [f"+{r[s]:.3f}" if s in r else "-" for s in self.STAGES]
            print(f"{r['at'][11:23]:14} {times[0]:>10} {times[1]:>12} {times[2]:>8}  {r['from']} -> {r['to']}: "
                  f"{STEPS[r['what']][0 if bg else 1]}")

    # -- the auditor --

    def audit(self, *args, check=True):
        return self.w.tool("nasoka-audit", *args, check=check)

    def export(self, folder):
        """An export ends at the newest checkpoint on the disk, which may be a second old: again, until it tells that each message is
        registered."""
        def probe():
            shutil.rmtree(folder, ignore_errors=True)
            self.audit("export", "--config", self.w.hub_dir / "hub.yaml", "--out", folder)
            events = json.loads(self.audit("replay", folder, "--trust", self.w.trust, "--json"))["events"]
            return not ({e["id"] for e in events if e["event"] == "submit"} - {e["id"] for e in events if e["event"] == "registered"})
        wait_for("each message to be registered", probe, 15, 0.2)

    def auditor_replays(self):
        export = self.w.dir / "export"
        self.export(export)
        print("\n" + self.text("replay"))
        key = self.w.dir / "auditors" / "auditor-1.key"
        print(self.audit("replay", export, "--trust", self.w.trust, "--key", key, "--lang", self.lang))
        print(self.text("proof"))
        proof = self.w.dir / "message.tlog-proof"
        print(self.audit("prove", export, "--trust", self.w.trust, self.from_hospital["msg_id"], "--out", proof).strip())
        print(self.audit("verify", export, "--trust", self.w.trust, "--lang", self.lang).strip())
        rows = json.loads(self.audit("replay", export, "--trust", self.w.trust, "--key", key, "--json"))
        self.timeline(rows["events"])
        return rows

    def tell(self):
        print(self.text("title") + "\n")
        self.his = clinic.Hospital(self.hospital.out_port)
        for chapter in (self.hospital_refers, self.doctor_refers, self.office_reads, self.office_accepts, self.office_declines,
                        self.office_refers_onward, self.school_answers, self.school_refers, self.hospital_answers,
                        self.office_completes):
            chapter()
        return self.auditor_replays()


def main():
    parser = argparse.ArgumentParser(description="Nasoka: one child's story, by the real daemons")
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--lang", choices=("bg", "en"), default="bg" if os.environ.get("LANG", "").startswith("bg") else "en")
    parser.add_argument("--keep", action="store_true", help="leave all running and say where")
    args = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="nasoka-demo-"))
    world = oblast.oblast(folder, args.bin)
    world.is_kept = args.keep
    story = Story(world, args.lang)
    code = 1
    try:
        world.make()
        world.start()
        rows = story.tell()
        print("\n" + story.text("done", len({r["id"] for r in rows["events"]}), time.monotonic() - story.begun))
        code = 0
    except (RuntimeError, TimeoutError, ConnectionError, KeyError, StopIteration) as e:
        print(story.text("failed", e), file=sys.stderr)
        for log in sorted(folder.glob("*.log")):
            print(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-12:]), file=sys.stderr)
    finally:
        if args.keep:
            pids = [p.pid for p in [world.hub] + [a.process for a in world.agencies] if p and p.poll() is None]
            print(story.text("kept", folder, " ".join(map(str, pids))))
        else:
            world.stop()
            if code == 0:
                shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())

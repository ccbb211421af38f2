#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Debian's python3-hl7 against the real daemons: its command mllp_send, its connection and its server as a hospital that wants orders.
Files of several messages, batches, both acknowledgements of the enhanced mode, changed referrals, appointments, documents."""
import asyncio
import base64
import socket
import subprocess

import hl7
import hl7.mllp

import pairs_hl7
import pairs_json
from peers_node import Office
from stagehand import BIN, World, done, folder, logs_hold_nothing, ok, wait_for

import clinic  # noqa: I001 - stagehand says where

HOSPITAL = """in:
  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8] }}
out:
  mllp: {{ host: 127.0.0.1, port: {out_port}, receiving_application: HIS, receiving_facility: MBAL, messages: order }}
egress:
  referrals: {{ door: mllp, format: hl7v2 }}
  statuses: {{ door: mllp, format: hl7v2 }}
  receipts: {{ door: mllp, format: hl7v2 }}
retry: {{ min: 200ms, max: 1s }}
defaults: {{ risk_level: medium, legal_basis: statutory-task, disposition_wanted: take-over }}
"""
PID = "PID|1||1543079013^^^GRAO^NNBGR||Тест-Пробна^Калина||20150307|F\r"
PDF = base64.b64encode(b"%PDF-1.4\n% proba\n").decode()

world = World(folder(), BIN)
ward = world.agency("plovdiv-mbal", "hospital", "PDV22", "health", "Болница", "Hospital", HOSPITAL)
social = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection", pairs_json.CONFIG)
office = Office(social)


def head(type_, control, accept="", application=""):
    return f"MSH|^~\\&|HIS|MBAL|NASOKA|plovdiv-ozd|20261120120000+0200||{type_}|{control}|P|2.5.1|||{accept}|{application}||UNICODE UTF-8\r"


def refer(number, accept="", application=""):
    return head("REF^I12^REF_I12", f"D-{number}", accept, application) + (
        f"RF1||R|parent-support^^NASOKA|AM||{number}||20270201120000+0200\rPRD|RP\r{PID}"
        f"OBR|1|{number}||parent-support^^NASOKA\rNTE|1||Нужда от подкрепа.\r")


def send(text):
    return pairs_hl7.View(str(clinic.send(ward.mllp_port, text)))


def arrived(number):
    return office.got_referral(number)[1]["child.given"] == "Калина"


def status(number, match):
    return office.find(f"a step of {number}", lambda i: i["kind"] == "status-change" and i["referral_id"] == number and match(i["record"]))


def by_command():
    """A file of two messages, each answered, by the command that people have."""
    path = world.dir / "two.hl7"
    path.write_text((refer("Д-1") + refer("Д-2")).replace("\r", "\r\n"), encoding="utf-8", newline="")
    run = subprocess.run(["mllp_send", "--loose", "-p", str(ward.mllp_port), "-f", path, "127.0.0.1"], capture_output=True, timeout=60)
    said = run.stdout.decode("utf-8", "replace")
    ok(run.returncode == 0 and "MSA|AA|D-Д-1" in said and "MSA|AA|D-Д-2" in said, "mllp_send: a file of two messages, each AA", said + str(run.stderr))
    ok(arrived("Д-1") and arrived("Д-2"), "mllp_send: both referrals arrive")
    said = send(refer("Д-7") + "AL1|1||Мляко\r")
    ok((said.first("MSA", 1), said.first("ERR", 4)) == ("AA", "I") and "Изпуснати полета: 2." in said.text and "Мляко" not in said.text,
       "what has no place in a referral is told by its number alone", said.text.replace("\r", "\n"))


def enhanced():
    """MSH-15 AL and MSH-16 AL: the commit, then the application, on the same connection."""
    async def go(text):
        reader, writer = await hl7.mllp.open_hl7_connection("127.0.0.1", ward.mllp_port, encoding="utf-8")
        writer.writemessage(hl7.parse(text))
        await writer.drain()
        both = [pairs_hl7.View(str(await asyncio.wait_for(reader.readmessage(), 20))) for _ in range(2)]
        writer.close()
        return both
    good = asyncio.run(go(refer("Д-3", "AL", "AL")))
    ok([v.first("MSA", 1) for v in good] == ["CA", "AA"] and len({v.first("MSH", 10) for v in good}) == 2,
       "enhanced mode: CA, then AA, two messages", "\n".join(v.text for v in good))
    bad = asyncio.run(go(refer("Д-4", "AL", "AL").replace("1543079013", "1543079014")))
    ok([v.first("MSA", 1) for v in bad] == ["CA", "AE"] and bad[1].first("ERR", 2) == "PID",
       "enhanced mode: CA, then AE with the place", "\n".join(v.text for v in bad))


def framed(text):
    with socket.create_connection(("127.0.0.1", ward.mllp_port), 20) as s:
        s.sendall(b"\x0b" + text.encode() + b"\x1c\r")
        got = b""
        while not got.endswith(b"\x1c\r"):
            part = s.recv(65536)
            if not part:
                break
            got += part
    return got[1:-2].decode()


def batches():
    """Each message answered, in a batch of answers that the library takes apart; a batch cut off is not taken at all."""
    text = ("FHS|^~\\&|HIS|MBAL|NASOKA|OZD|20261120||||F-1\rBHS|^~\\&|HIS|MBAL|NASOKA|OZD|20261120||||B-1\r" + refer("Д-5") +
            head("ADT^A01^ADT_A01", "A-1") + PID + refer("Д-6") + "BTS|3\rFTS|1\r")
    said = framed(text)
    file = hl7.parse_file(said)
    codes = [str(m.segment("MSA")[1]) for batch in file for m in batch]
    ok(codes == ["AA", "AR", "AA"] and str(file.header[12]) == "F-1", "a batch: three answers in a batch of their own", said.replace("\r", "\n"))
    ok(arrived("Д-5") and arrived("Д-6"), "a batch: what is good in it arrives")
    again = framed(text)
    ok(again.count("MSA|AA|") == 2, "the same batch again: the same answers", again.replace("\r", "\n"))
    said = framed(text.replace("Д-5", "Д-7").replace("Д-6", "Д-8").rpartition("BTS|")[0])
    ok("MSA|AR|B-1|NSK-1503" in said and "MSA|AA" not in said, "a batch without its end: refused whole", said.replace("\r", "\n"))


def changed():
    """Questions asked; the changed referral is the answer; unasked it is refused with what to do."""
    unasked = send(head("REF^I13^REF_I12", "D-13a") + refer("Д-1").partition("\r")[2].replace("Нужда", "Голяма нужда"))
    ok(unasked.first("MSA", 1) == "AE" and "отменете го (I14)" in unasked.first("ERR", 8), "REF^I13 unasked: AE, and what to do", unasked.text)
    office.post("/v1/statuses", {"referral_id": "Д-1", "to": "info-requested", "at": "2026-11-20T10:00:00Z",
                                 "questions": [{"qid": "1", "text": "Има ли телефон?"}], "answer_by": "2026-12-20T10:00:00Z"})
    wait_for("the question", lambda: any("Има ли телефон?" in t for t in his.received), 30, 0.1)
    said = send(head("REF^I13^REF_I12", "D-13b") + refer("Д-1").partition("\r")[2].replace("||20150307|F", "||20150307|F|||||032000001"))
    ok((said.first("MSA", 1), said.first("MSH", 9), said.first("MSH", 9, 2)) == ("AA", "RRI", "I13"), "REF^I13 in answer to questions: RRI^I13 with AA",
       said.text)
    item = status("Д-1", lambda r: r["transition"] == "T04")
    ok(item["record"]["reason_text"] == "child.phone: 032000001", "REF^I13: what has changed reaches who asked", str(item["record"]))


def as_recipient():
    """The hospital wants orders: it gets an OMG, and answers by OSU and SIU."""
    office.refer("Д-20", ward.id)
    text = wait_for("the order", lambda: next((t for t in his.received if "ORC|NW|Д-20" in t), None), 30, 0.1)
    v = pairs_hl7.View(text)
    ok((v.first("MSH", 9), v.first("TQ1", 9)) == ("OMG", "R") and v.first("PID", 5) == "Тест-Пробна", "a referral is an OMG^O19 here", text)
    said = send(head("OSU^O51^OSU_O51", "S-1") + PID + "ORC|OK|Д-20|ИЗ-20||IP||||20261120130000+0200||||||||||^Тестова^Анна\r")
    ok(said.first("MSA", 1) == "AA" and office.got_registered("Д-20") == "ИЗ-20", "OSU^O51 OK: registered under the filler's number", said.text)
    item = status("Д-20", lambda r: r["to"] == "accepted")
    ok(item["record"]["actor"]["name"] == "Анна Тестова", "OSU^O51 OK: accepted, by whom", str(item["record"]))
    sch = "SCH|Д-20|ИЗ-20||||{}|||||^^^{}|||||^Тестова^Анна|032 600 200||||||||{}|Д-20|ИЗ-20\r"
    for n, (event, reason, time, transition, fields) in enumerate((
            ("S12", "ROUTINE^^HL70276", "20261201100000+0200", "T11", {"to": "scheduled"}),
            ("S13", "^Болно", "20261203100000+0200", "T12", {"reason_text": "Болно"}),
            ("S26", "ROUTINE^^HL70276", "20261203100000+0200", "T13", {"attempt_no": 1}),
            ("S15", "carer-refused^^NASOKA", "", "T14", {"to": "accepted", "reason_code": "carer-refused"}))):
        said = send(head(f"SIU^{event}^SIU_S12", f"A-{n}") + sch.format(reason, time, "") + PID)
        if said.first("MSA", 1) != "AA":
            ok(False, f"SIU^{event}", said.text.replace("\r", "\n"))
            continue
        record = status("Д-20", lambda r, t=transition: r["transition"] == t)["record"]
        ok(all(record.get(k) == v for k, v in fields.items()), f"SIU^{event} is {transition}", str(record))


def documents():
    """A report with a document: the assessment and its file both arrive."""
    said = send(head("ORU^R01^ORU_R01", "U-1") + PID + "OBR|1|Д-20|ИЗ-20|assessment-result^^NASOKA\r"
                "OBX|1|CE|assessment_kind^^NASOKA||developmental^^NASOKA||||||F\rOBX|2|DT|done_on^^NSK||20261119||||||F\r"
                "OBX|3|ST|done_by^^NASOKA||Анна Тестова||||||F\rOBX|4|TX|conclusions^^NASOKA||Добре.\\.br\\Край.||||||F\r"
                f"OBX|5|ED|assessment^Оценка^NASOKA||^application^pdf^Base64^{PDF}||||||F\r")
    ok(said.first("MSA", 1) == "AA", "ORU^R01 with a document: AA", said.text.replace("\r", "\n"))
    item = office.find("the assessment", lambda i: i["kind"] == "assessment-result" and i["referral_id"] == "Д-20")
    ok(item["record"]["conclusions"] == "Добре.\nКрай." and len(item["record"]["attachments"]) == 1, "ORU^R01: the assessment arrives", str(item))
    item = office.find("the document", lambda i: i["kind"] == "attachment" and i["referral_id"] == "Д-20")
    record = item["record"]
    ok(base64.b64decode(record["data"]).startswith(b"%PDF") and record["filename"] == "Оценка.pdf" and record["category"] == "assessment",
       "ORU^R01: so does its document", str({k: v for k, v in record.items() if k != "data"}))


try:
    world.make()
    world.start()
    his = clinic.Hospital(ward.out_port)
    for part in (by_command, enhanced, batches, changed, as_recipient, documents):
        try:
            part()
        except Exception as e:      # noqa: BLE001 - a part that ends early has failed
            ok(False, f"{part.__name__}: {part.__doc__}", f"{type(e).__name__}: {e}")
    logs_hold_nothing(world)
finally:
    world.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A school that has only a spreadsheet takes part in a case: it refers by CSV, answers the office's questions by CSV, is invited to a
conference, says that it comes, takes a commitment and keeps it, all by tables in a folder; the office works in its own JSON."""
import csv
import io
import urllib.parse

import pairs_csv
import pairs_json
from stagehand import BIN, System, World, curl, done, folder, ok, wait_for

OFFICE = pairs_json.CONFIG
ROW = {"referral_no": "У-7", "institution_code": "1690001", "first_name": "Калина", "last_name": "Тест", "birth_date": "07.03.2015",
       "gender": "ж", "id_type": "ЕГН", "id_number": "1543079013", "service_kind": "attendance-support", "priority": "бърз",
       "reason": "Отсъства.", "risk_level": "среден", "legal_basis": "закрила", "municipality_code": "PDV22",
       "target_agency": "plovdiv-ozd", "disposition": "take-over"}


class School:
    def __init__(self, agency):
        self.agency = agency
        self.seen = {}

    def give(self, name, rows, columns, separator=";", encoding="cp1251"):
        """Hand in a table as Excel saves it, and read its result table."""
        out = io.StringIO()
        w = csv.writer(out, delimiter=separator, lineterminator="\r\n")
        w.writerows([columns, *rows])
        part = self.agency.folder("in") / f".{name}.part"
        part.write_bytes(out.getvalue().encode(encoding))
        part.rename(self.agency.folder("in") / f"{name}.csv")
        result = self.agency.folder("out") / f"{name}.csv.result.csv"
        data = wait_for(f"{result.name}", lambda: result.exists() and result.read_bytes(), 30, 0.05)
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig" if encoding == "utf-8" else encoding), newline=""), delimiter=separator))

    def tables(self):
        for path in sorted(self.agency.folder("out").glob("*.csv")):
            if path.name not in self.seen and ".result." not in path.name:
                self.seen[path.name] = pairs_csv.decode(path.read_bytes())
        return list(self.seen.values())

    def got(self, kind):
        """The rows of the table that brought a record of that kind."""
        return wait_for(f"{kind} at the school", lambda: next((t for t in self.tables() if t[0].get("kind") == kind), None), 30, 0.1)


class Office(System):
    def say(self, kind, body, record):
        return curl("POST", self.agency.url + "/v1/records", {"kind": kind, "record_id": f"{kind}-{len(record)}-{hash(str(record)) & 0xffff}",
                    body: record}, self.agency.token)

    def got(self, kind, match=lambda r: True):
        item = wait_for(f"{kind} at the office", lambda: next((i for i in self.inbox(0) if i["kind"] == kind and match(i["record"])), None), 30, 0.1)
        curl("POST", f"{self.agency.url}/v1/inbox/{urllib.parse.quote(item['msg_id'], safe='')}/registered", {"case_no": "Д-1"}, self.agency.token)
        return item["record"]


def answers(school, office):
    result = school.give("referral", [[*ROW.values(), "Лавандула"]], [*ROW, "favourite_song"])
    ok([r["result"] for r in result] == ["accepted"], "the school refers a child by a table", result)
    ok("Изпуснати полета: 1." in result[0]["warning"] and "Лавандула" not in str(result), "and reads that a column of it goes nowhere", result)
    office.got("referral")
    ok([i.get("dropped") for i in office.inbox(0) if i["kind"] == "referral"] == [1], "which the office sees as well, by its number alone", office.inbox(0))
    status, said = office.say("info-request", "info_request", {"referral_id": "У-7", "answer_by": "2027-01-15T14:30:00Z", "questions": [
        {"qid": "q1", "text": "Кой я води на училище; майката ли?", "answer_type": "text"},
        {"qid": "q2", "text": "Идва ли след 15 ч.?", "answer_type": "bool"}, {"qid": "q3", "text": "Диагноза?", "answer_type": "text"}]})
    ok(status == 202, "the office asks three things", said)
    rows = school.got("info-request")
    ok([r["questions.text"] for r in rows] == ["Кой я води на училище; майката ли?", "Идва ли след 15 ч.?", "Диагноза?"] and
       rows[0]["referral_id"] == "У-7" and rows[0]["answer_by"].startswith("2027-01-15T16:30") and rows[1]["referral_id"] == "",
       "the school reads them in a table, a row for each", rows)
    # its own answer beside each question, as the table came
    columns = ["kind", "record_id", "referral_no", "answers.qid", "answers.text", "answers.yes", "answers.refused"]
    result = school.give("answers", [["info-response", "О-1", "У-7", "q1", "Баба й; всеки ден.", "", ""],
                                     ["", "", "", "q2", "", "не", ""], ["", "", "", "q3", "", "", "Не е работа на училището."]], columns)
    ok([(r["referral_no"], r["result"]) for r in result] == [("У-7", "accepted")], "its answers are one record, with one line of result", result)
    got = office.got("info-response")
    ok(got["answers"] == [{"qid": "q1", "text": "Баба й; всеки ден."}, {"qid": "q2", "yes": False},
                                           {"qid": "q3", "refused": "Не е работа на училището."}], "and come to the office whole", got)
    result = school.give("again", [["info-response", "О-1", "У-7", "q1", "Баба й; всеки ден.", "", ""],
                                   ["", "", "", "q2", "", "не", ""], ["", "", "", "q3", "", "", "Не е работа на училището."]], columns)
    ok([r["result"] for r in result] == ["repeated"], "the same file again is the same message", result)


def conference(school, office):
    status, said = office.say("conference-invite", "conference", {
        "conference_id": "КОН-1", "case_ref": "У-7", "mechanism": "school-attendance", "urgency": "urgent", "start": "2027-01-20T09:00:00Z",
        "place_or_link": "Зала 2", "agenda": ["Отсъствия", "Ангажименти | срокове"], "legal_basis": "duty-to-protect",
        "members": [{"agency": school.agency.id, "role": "required"}]})
    ok(status == 202, "the office calls a conference", said)
    rows = school.got("conference-invite")
    ok(rows[0]["conference_id"] == "КОН-1" and [r["agenda"] for r in rows] == ["Отсъствия", "Ангажименти | срокове"] and
       rows[0]["members.agency"] == school.agency.id and rows[0]["place_or_link"] == "Зала 2", "the school reads the invitation in a table", rows)
    result = school.give("rsvp", [["conference-rsvp", "КОН-1", "Ще участва", "Директорът Примерен"]], ["kind", "conference_id", "answer", "delegate.name"],
                         ",", "utf-8")
    ok([(r["referral_no"], r["result"]) for r in result] == [("КОН-1", "accepted")], "says that it comes", result)
    got = office.got("conference-rsvp")
    ok(got == {"conference_id": "КОН-1", "answer": "accept", "delegate": {"name": "Директорът Примерен"}}, "and who", got)
    status, said = office.say("commitment", "commitment", {
        "commitment_id": "АНГ-1", "conference_id": "КОН-1", "owner_agency": school.agency.id, "action_code": "attendance-support",
        "text": "Среща с родителите.", "due": "2036-02-10", "measurable_result": "Протокол."})
    ok(status == 202, "the office proposes a commitment of the school", said)
    rows = school.got("commitment")
    ok((rows[0]["commitment_id"], rows[0]["due"], rows[0]["owner_agency"]) == ("АНГ-1", "2036-02-10", school.agency.id), "which it reads", rows)
    columns = ["kind", "conference_id", "commitment_id", "state", "progress_text", "evidence"]
    result = school.give("takes", [["commitment-update", "КОН-1", "АНГ-1", "приет", "", ""]], columns)
    ok([r["result"] for r in result] == ["accepted"], "takes", result)
    office.got("commitment-update", lambda r: r["state"] == "accepted")
    result = school.give("keeps", [["commitment-update", "КОН-1", "АНГ-1", "изпълнен", "Проведена.", "Протокол №1"],
                                   ["", "", "", "", "", "Протокол №2 | препис"]], columns)
    ok([r["result"] for r in result] == ["accepted"], "and keeps", result)
    got = office.got("commitment-update", lambda r: r["state"] == "done")
    ok(got["evidence"] == ["Протокол №1", "Протокол №2 | препис"] and got["progress_text"] == "Проведена.", "with what shows it", got)
    status, view = curl("GET", f"{office.agency.url}/v1/conferences/{urllib.parse.quote('КОН-1')}", None, office.agency.token)
    ok(status == 200 and view["commitments"][0]["state"] == "done", "and the office's conference says that it is done", view)


def wrong_ones(school):
    result = school.give("wrong", [["conference-rsvp", "КОН-1", "сигурно", ""], ["conference-rsvp", "КОН-9", "да", ""],
                                   ["attachment", "КОН-1", "", ""], ["commitment-update", "КОН-1", "", ""]],
                         ["kind", "conference_id", "answer", "delegate.name"])
    ok([(r["result"], r["field"]) for r in result][0] == ("refused", "answer") and result[0]["message"].startswith("NSK-1303") and
       all(r["result"] == "refused" and r["message"].startswith("NSK-") for r in result) and result[2]["field"] == "file" and
       result[3]["field"] == "commitment_id", "what is wrong is refused row by row, with its column", result)


world = World(folder(), BIN)
try:
    agencies = [world.agency("plovdiv-school", "school", "PDV22", "education", "Училище", "School", pairs_csv.CONFIG),
                world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "ОЗД", "Office", OFFICE)]
    world.make()
    world.start()
    the_school, the_office = School(agencies[0]), Office(agencies[1])
    answers(the_school, the_office)
    conference(the_school, the_office)
    wrong_ones(the_school)
except (RuntimeError, TimeoutError, OSError, LookupError, ValueError) as e:
    ok(False, "the case goes to its end", f"{type(e).__name__}: {e}")
finally:
    world.stop()
done()

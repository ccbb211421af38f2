# SPDX-License-Identifier: EUPL-1.2
"""A school's system: CSV files in a watched folder, by Python's own csv module."""
import csv
import io
import itertools

import pairs_case as case
from stagehand import wait_for

FORMAT = "csv"
# How offices save a table: Excel on Windows by either of its two ways, with a mark, and as a program does.
SAVED = ((",", "cp1251"), ("\t", "utf-16"), (";", "utf-8-sig"), (",", "utf-8"))
COLUMNS = {
    "referral_no": "referral_id", "created_on": "authored_on", "institution_code": "child.school.code",
    "institution_name": "child.school.name", "municipality_code": "child.address.municipality",
    "settlement_ekatte": "child.address.ekatte", "class_or_group": "child.school.grade", "id_type": "child.ids[0].type",
    "id_number": "child.ids[0].value", "first_name": "child.given", "middle_name": "child.middle", "last_name": "child.family",
    "birth_date": "child.birth_date", "gender": "child.gender", "carer_name": "carers[0].name", "carer_relation": "carers[0].relation",
    "carer_phone": "carers[0].phone", "service_kind": "service_kind", "need_codes": "need", "risk_level": "risk_level",
    "priority": "priority", "reason": "reason_text", "absences_excused": "attendance.absences_excused",
    "absences_unexcused": "attendance.absences_unexcused", "period_from": "attendance.period_from",
    "period_to": "attendance.period_to", "measures_taken": "attendance.measures_taken", "legal_basis": "legal_basis",
    "consent_date": "consent.given_on", "consent_by": "consent.given_by", "respond_by": "respond_by",
    "author_name": "initiator.worker.name", "author_role": "initiator.worker.role", "author_phone": "initiator.worker.phone",
}
OPTIONAL = {
    "from_unit": "initiator.unit", "author_email": "initiator.worker.email", "target_service": "target.service_id",
    "service_text": "service_text", "disposition": "disposition_wanted", "requested_start": "requested_start",
    "city": "child.address.city", "address_line": "child.address.line", "child_phone": "child.phone", "language": "language",
    "supersedes": "supersedes", "group_id": "group_id",
    "consent_form": "consent.form", "consent_name": "consent.giver_name", "consent_until": "consent.valid_until",
    "continues": "continues", "do_not_contact_carer": "safety.do_not_contact_carer", "do_not_visit_alone": "safety.do_not_visit_alone",
    "secret_address": "safety.secret_address", "contact_via": "safety.contact_via", "interpreter": "interpreter",
    "disability_support": "disability_support", "consent_evidence": "consent.evidence",
}
STATUS = {
    "referral_no": "referral_id", "transition": "transition", "from": "from", "to": "to", "at": "at", "reason_code": "reason_code",
    "reason": "reason_text", "outcome": "outcome.outcome", "case_no": "case_no", "expected_start": "expected_start",
    "worker_name": "actor.name", "worker_role": "actor.role", "worker_phone": "actor.phone",
    "appointment": "appointment.start", "place": "appointment.place", "questions": "questions", "answer_by": "answer_by",
    "worker_email": "actor.email", "lead_name": "assigned_worker.name", "lead_role": "assigned_worker.role",
    "lead_phone": "assigned_worker.phone", "lead_email": "assigned_worker.email", "appointment_end": "appointment.end",
    "outcome_text": "outcome.text", "closed_on": "outcome.closed_on", "closed_by": "outcome.closed_by",
    "satisfied": "satisfied", "follow_up_referral": "follow_up_referral", "needs_new_consent": "needs_new_consent",
}
HOLDS = (set(COLUMNS.values()) | set(OPTIONAL.values()) | {"need[]"}) - {"need"}
HOLDS_STATUS = set(STATUS.values()) | {"questions[].text"}
LEFT_OPEN = ("disposition_wanted",)     # no published column
CONFIG = """in:
  folder: {{ in: {folder}/in, done: {folder}/done, bad: {folder}/bad, out: {folder}/out, scan: 100ms, settle: 100ms }}
out:
  folder: {{ charset: windows-1251 }}
egress:
  referrals: {{ door: folder }}
  statuses: {{ door: folder }}
  receipts: {{ door: folder }}
"""
SECTOR, KIND = "education", "school"


def cell_of(path, value):
    if path.rpartition(".")[2] in case.TIMES:
        return case.sofia(case.moment(value)).strftime("%d.%m.%Y %H:%M:%S")
    if path.endswith(("_date", "_on", "_from", "_to", "_start")) and path != "authored_on":
        return "{2}.{1}.{0}".format(*value.split("-"))
    return value


def write(columns, rows, separator, encoding):
    """A table of rows; each is a dictionary of cells by column."""
    out = io.StringIO()
    w = csv.DictWriter(out, list(columns), delimiter=separator, lineterminator="\r\n", restval="")
    w.writeheader()
    w.writerows(rows)
    return out.getvalue().encode(encoding)


def row_of(flat_case, columns):
    row = {c: cell_of(p, flat_case[p]) for c, p in columns.items() if p in flat_case}
    if "need_codes" in columns:
        row["need_codes"] = "|".join(case.items(flat_case, "need"))
    if "questions" in columns:
        row["questions"] = " | ".join(q["text"] for q in case.items(flat_case, "questions"))
    return row


def decode(data):
    """The rows of a file that an adapter wrote: UTF-8 says so by its mark, all else is windows-1251."""
    text = data.decode("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "cp1251")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def read(row, columns):
    got = {}
    for column, path in columns.items():
        value = row.get(column) or ""
        if value[:1] == "'" and value[1:2] in ("=", "+", "-", "@"):
            value = value[1:]           # kept from being computed
        if value and path.rpartition(".")[2] in case.TIMES:
            value = case.utc_text(case.moment(value))
        if path in ("need", "questions"):
            for i, one in enumerate(v.strip() for v in value.split("|") if v.strip()):
                got[f"need[{i}]" if path == "need" else f"questions[{i}].text"] = one
        else:
            case.put(got, path, value)
    return got


class CsvSystem:
    def __init__(self, agency):
        self.agency, self.n = agency, 0
        self.seen, self.saved = {}, itertools.cycle(SAVED)

    def files(self):
        """All rows that came, with their file's name."""
        for path in sorted(self.agency.folder("out").glob("*.csv")):
            if path.name not in self.seen and ".result." not in path.name:
                self.seen[path.name] = decode(path.read_bytes())
        return [row for name in sorted(self.seen) for row in self.seen[name]]

    def find(self, what, match):
        return wait_for(f"{what} in the folder of {self.agency.id}", lambda: next((r for r in self.files() if match(r)), None), 60, 0.1)

    def drop(self, name, columns, row, separator=";", encoding="utf-8"):
        """Hand in a file as a careful program does, under another name until it is whole; its result must be good."""
        folder = self.agency.folder("in")
        part = folder / f".{name}.part"
        part.write_bytes(write(columns, [row], separator, encoding))
        part.rename(folder / f"{name}.csv")
        result = self.agency.folder("out") / f"{name}.csv.result.csv"
        data = wait_for(f"{result.name} of {self.agency.id}", lambda: result.exists() and result.read_bytes(), 60, 0.05)
        text = data.decode("utf-8-sig" if encoding.startswith("utf") else encoding)
        got = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))
        if [r["result"] for r in got] not in (["accepted"], ["registered"]):
            raise RuntimeError(f"{name}: {got}")
        return got[0]["message"]

    def name(self, number, what):
        return f"{what}-{number.replace('/', '-')}"

    def send_referral(self, flat_case, target):
        is_plain = "group_id" not in flat_case
        columns = {**COLUMNS, **({} if is_plain else OPTIONAL)}
        row = {**row_of(flat_case, columns), "target_agency": target}
        # a plain one as an office saves it, each time in another way
        self.drop(self.name(flat_case["referral_id"], "referral"), [*columns, "target_agency"], row,
                  *(next(self.saved) if is_plain else (";", "utf-8")))

    def got_referral(self, number):
        row = self.find(number, lambda r: r.get("referral_no") == number and "last_name" in r)
        return row["msg_id"], read(row, {**COLUMNS, **OPTIONAL}), None

    def register(self, msg_id, number, case_no):
        self.drop(self.name(number, "confirm"), ["msg_id", "case_no", "registered_on"],
                  {"msg_id": msg_id, "case_no": case_no, "registered_on": "20.11.2026"})

    def got_registered(self, number):
        return self.find(f"the registration of {number}", lambda r: r.get("referral_no") == number and "to" in r and not r["to"] and
                         r["case_no"])["case_no"]

    def send_status(self, msg_id, number, status):
        return self.drop(self.name(number, status["to"]), STATUS, row_of({"referral_id": number, **status}, STATUS))

    def got_status(self, number, to):
        row = self.find(f"{number} {to}", lambda r: r.get("referral_no") == number and r.get("to") == to)
        return row["msg_id"], read(row, STATUS)

    def confirm_status(self, msg_id, number):
        self.drop(self.name(msg_id, "home"), ["msg_id", "case_no", "registered_on"], {"msg_id": msg_id, "case_no": number})

    def got_confirmed(self, sent):
        """A school is not told of the stages of its statuses."""

# SPDX-License-Identifier: EUPL-1.2
"""HL7 v2: the case as segments and back; parsed by python3-hl7, the fields as MAPPING-hl7.md has them."""
import re

import hl7

import pairs_case as case

FORMAT = "hl7"
HOLDS = {case.flat(p) for p in case.FULL} | {"referral_id"}
HOLDS_STATUS = {case.flat(p) for p in case.STATUS_PATHS}
LEFT_OPEN = ("risk_level", "legal_basis")       # only in OBX of ours
CONFIG = """in:
  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8] }}
out:
  mllp: {{ host: 127.0.0.1, port: {out_port}, receiving_application: HIS, receiving_facility: MBAL }}
egress:
  referrals: {{ door: mllp, format: hl7v2 }}
  statuses: {{ door: mllp, format: hl7v2 }}
  receipts: {{ door: mllp, format: hl7v2 }}
retry: {{ min: 200ms, max: 5s }}
"""
SECTOR, KIND = "health", "hospital"

PRIORITY = {"emergency": "S", "urgent": "A", "routine": "R"}
DISPOSITION = {"take-over": "AM", "assess-and-return": "RP", "second-opinion": "SO", "report-only": "WR"}
GENDER = {"male": "M", "female": "F", "other": "O", "unknown": "U"}
RELATION = {"mother": "MTH", "father": "FTH", "guardian": "GRD", "grandparent": "GRP", "foster-carer": "CGV", "sibling": "SIB",
            "relative": "EXF", "other": "OTH"}
ID = {"EGN": ("GRAO", "NNBGR"), "LNCH": ("MVR", "NI"), "passport": ("", "PPN"), "local": ("", "MR"), "SSN": ("", "SS"), "other": ("", "U"),
      "EU": ("", "NN")}        # and the country
ADDRESS = {1: "line", 3: "city", 4: "county", 5: "postal", 6: "country", 9: "municipality", 10: "ekatte"}
STATE = {"accepted": ("A", ""), "scheduled": ("A", "S"), "completed": ("A", "F"), "declined": ("R", ""), "info-requested": ("P", "")}
OBX = {
    "CE": ("need[]", "risk_level", "legal_basis", "child.birth_date_accuracy", "consent.given_by", "consent.form",
           "consent.data_categories[]", "services_already_used[].service_kind", "outcome.outcome", "from", "to"),
    "YN": ("interpreter", "safety.do_not_contact_carer", "safety.do_not_visit_alone", "safety.secret_address"),
    "NM": ("household_size", "attendance.absences_excused", "attendance.absences_unexcused"),
    "DT": ("consent.given_on", "consent.valid_until", "goals[].target_date", "services_already_used[].since",
           "attendance.period_from", "attendance.period_to", "outcome.closed_on"),
    "TS": ("answer_by", "appointment.end"),
    "ST": ("group_id", "supersedes", "continues", "siblings_also_referred[]", "disability_support", "child.school.code",
           "child.school.name", "child.school.grade", "safety.contact_via", "consent.purposes[]", "consent.recipients_allowed[]",
           "appointment.place", "questions[].qid", "questions[].text", "consent.giver_name", "consent.evidence", "goals[].code", "goals[].text", "services_already_used[].agency", "attendance.measures_taken",
           "outcome.text", "outcome.closed_by", "transition"),
}
TYPE_OF = {path: kind for kind, paths in OBX.items() for path in paths}

ESCAPES = {"|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "\\": "\\E\\", "\n": "\\.br\\", "\t": "\\X09\\"}
PLAIN = {"F": "|", "S": "^", "T": "&", "R": "~", "E": "\\", ".br": "\n", "H": "", "N": ""}


def escape(text):
    return "".join(ESCAPES.get(c, c) for c in text)


def unescape(text):
    def one(m):
        s = m.group(1)
        return bytes.fromhex(s[1:]).decode() if s[:1] == "X" else PLAIN[s]
    return re.sub(r"\\([^\\]*)\\", one, text)


def stamp(text):
    return case.sofia(case.moment(text)).strftime("%Y%m%d%H%M%S%z")


def unstamp(text):
    return case.utc_text(case.moment(f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}{text[14:]}"))


def undate(text):
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}"


class Segment:
    """Fields by number, while writing: lists of repetitions, which are dictionaries of components."""

    def __init__(self, name):
        self.name, self.fields = name, {}

    def put(self, field, *components, rep=1, **at):
        """Components from the first on; or by number, c9='x'."""
        values = {i + 1: v for i, v in enumerate(components)} | {int(k[1:]): v for k, v in at.items()}
        values = {i: v for i, v in values.items() if v}
        if values:
            self.fields.setdefault(field, {}).setdefault(rep, {}).update(values)
        return self

    def __str__(self):
        def joined(parts, separator):
            return separator.join(parts.get(i, "") for i in range(1, max(parts) + 1)) if parts else ""
        fields = {n: joined({r: joined({c: escape(v) for c, v in cs.items()}, "^") for r, cs in reps.items()}, "~")
                  for n, reps in self.fields.items()}
        if self.name == "MSH":      # MSH-1 is the separator itself
            return "MSH|^~\\&|" + "|".join(fields.get(n, "") for n in range(3, max(fields) + 1))
        return f"{self.name}|{joined(fields, '|')}"


class View:
    """A message that python3-hl7 parsed."""

    def __init__(self, text):
        self.text, self.message = text, hl7.parse(text)

    def all(self, name):
        return [s for s in self.message if str(s[0]) == name]

    def raw(self, segment, field):
        try:
            return str(segment[field])
        except (IndexError, TypeError):
            return ""

    def reps(self, segment, field):
        raw = self.raw(segment, field)
        return raw.split("~") if raw else []

    def get(self, segment, field, component=1, rep=1):
        reps = self.reps(segment, field)
        parts = reps[rep - 1].split("^") if len(reps) >= rep else []
        return unescape(parts[component - 1]) if len(parts) >= component else ""

    def first(self, name, field, component=1, rep=1):
        found = self.all(name)
        return self.get(found[0], field, component, rep) if found else ""


def name_parts(name):
    given, _, family = name.rpartition(" ")
    return family, given


def full_name(view, segment, field):
    return " ".join(p for p in (view.get(segment, field, 2), view.get(segment, field, 1)) if p)


def ours(code, table, theirs):
    """Both codes of a coded field, HL7's first."""
    return (theirs, "", table, code, "", "NASOKA") if theirs else ()


# -- writing --

def msh(type_, event, structure, control, charset="UNICODE UTF-8"):
    return Segment("MSH").put(3, "HIS").put(4, "MBAL").put(5, "NASOKA").put(6, "NASOKA").put(7, "20261120120000+0200").put(
        9, type_, event, structure).put(10, control).put(11, "P").put(12, "2.5.1").put(18, charset)


def telecom(segment, field, phone, email):
    segment.put(field, phone, "WPN" if phone else "", "PH" if phone else "")
    segment.put(field, "", "NET" if email else "", "Internet" if email else "", email, rep=2 if phone else 1)


def prd(role, party, agency=""):
    worker = case.group(party, "worker.")
    s = Segment("PRD").put(1, role, "", "HL70286").put(1, "", worker.get("role"), rep=2)
    s.put(2, *name_parts(worker.get("name", ""))).put(4, c9=party.get("unit"))
    telecom(s, 5, worker.get("phone"), worker.get("email"))
    s.put(7, agency, "NASOKA" if agency else "")
    return s.put(7, party.get("service_id"), "SVC" if party.get("service_id") else "", rep=2)


def address(segment, field, one, type_, rep=1):
    if one:
        segment.put(field, c7=type_, rep=rep, **{f"c{n}": one.get(name) for n, name in ADDRESS.items()})


def observations(flat_case):
    """An OBX for each field that HL7 has no place for; a list of codes or texts is one OBX with repetitions. Field by field, so that
    the second item's code comes before the first one's text: OBX-4 says which is which."""
    segments, lists = [], {}
    for path, value in sorted(flat_case.items(), key=lambda kv: re.sub(r"\[\d+\]\.", ".", kv[0])):
        kind = TYPE_OF.get(case.flat(path))
        if kind is None:
            continue
        values = {"YN": ("Y" if value == "true" else "N", "", "HL70136"), "CE": (value, "", "NASOKA"),
                  "DT": (value.replace("-", ""),), "TS": (stamp(value),) if kind == "TS" else ()}.get(kind, (value,))
        code, key = re.sub(r"\[\d+\]", "", path), ""
        if path.endswith("]") and code in lists:
            rep = max(lists[code].fields[5]) + 1
            lists[code].put(5, *values, rep=rep)
            continue
        found = re.search(r"\[(\d+)\]\.", path)
        if found:
            key = str(int(found.group(1)) + 1)
        s = Segment("OBX").put(1, str(len(segments) + 1)).put(2, "CE" if kind == "YN" else kind).put(3, code, "", "NASOKA")
        s.put(4, key).put(5, *values).put(11, "F")
        segments.append(s)
        if path.endswith("]"):
            lists[code] = s
    return segments


def write_referral(c, target, control, charset="UNICODE UTF-8"):
    service = (c["service_kind"], c.get("service_text", ""), "NASOKA")
    rf1 = Segment("RF1").put(2, *ours(c["priority"], "HL70280", PRIORITY[c["priority"]])).put(3, *service)
    if "disposition_wanted" in c:
        rf1.put(4, *ours(c["disposition_wanted"], "HL70282", DISPOSITION[c["disposition_wanted"]]))
    rf1.put(6, c["referral_id"]).put(7, c.get("requested_start", "").replace("-", "")).put(8, stamp(c["respond_by"]))
    rf1.put(9, stamp(c["authored_on"]) if "authored_on" in c else "").put(11, c.get("external_id"))
    pid = Segment("PID").put(1, "1").put(5, c["child.family"], c["child.given"], c.get("child.middle"), c7="L")
    for n, one in enumerate(case.items(c, "child.ids"), 1):
        authority, type_ = ID[one["type"]]
        pid.put(3, one["value"], c4=authority, c5=type_ + one["country"] if type_ == "NN" else type_, c9=one.get("country"), rep=n)
    pid.put(7, c["child.birth_date"].replace("-", "")).put(8, GENDER[c["child.gender"]])
    address(pid, 11, case.group(c, "child.address."), "H")
    address(pid, 11, case.group(c, "child.actual_address."), "C", rep=2)
    telecom(pid, 13, c.get("child.phone"), c.get("child.email"))
    pid.put(15, c.get("language")).put(26, c.get("child.nationality"))
    segments = [msh("REF", "I12", "REF_I12", control, charset), rf1, prd("RP", case.group(c, "initiator.")),
                prd("RT", case.group(c, "target."), target)]
    if "child.gp.uin" in c:
        segments.append(Segment("PRD").put(1, "PP").put(7, c["child.gp.uin"], "UIN").put(7, c["child.gp.practice"], "RCZ", rep=2))
    segments.append(pid)
    for n, one in enumerate(case.items(c, "carers"), 1):
        s = Segment("NK1").put(1, str(n)).put(2, *name_parts(one["name"])).put(
            3, *ours(one.get("relation"), "HL70063", RELATION.get(one.get("relation"), "")))
        address(s, 4, case.group(one, "address."), "H")
        telecom(s, 5, one.get("phone"), "")
        segments.append(s)
    for n, one in enumerate(case.items(c, "diagnosis"), 1):
        segments.append(Segment("DG1").put(1, str(n)).put(3, one["code"], one.get("text"), "I10").put(6, one.get("use", "F")).put(
            15, one.get("rank")))
    segments.append(Segment("OBR").put(1, "1").put(2, c["referral_id"]).put(4, *service))
    segments += observations(c) if "group_id" in c else []
    segments.append(Segment("NTE").put(1, "1").put(3, c["reason_text"]))
    return "".join(f"{s}\r" for s in segments)


def write_status(number, s, control):
    rf1_1, obr25 = STATE.get(s.get("to"), ("", ""))
    rf1 = Segment("RF1").put(1, rf1_1, "", "HL70283" if rf1_1 else "").put(6, number)
    rf1.put(7, s.get("expected_start", "").replace("-", "")).put(10, s.get("reason_code"), "", "NASOKA" if "reason_code" in s else "")
    rf1.put(11, s.get("case_no"))
    segments = [msh("RRI", "I12", "RRI_I12", control), Segment("MSA").put(1, "AA").put(2, "1"), rf1, prd("RP", {}),
                prd("RT", {f"worker.{k}": v for k, v in case.group(s, "actor.").items()})]
    worker = case.group(s, "assigned_worker.")
    if worker:
        ctd = Segment("CTD").put(1, "CW", worker["role"], "NASOKA").put(2, *name_parts(worker["name"]))
        telecom(ctd, 5, worker["phone"], worker["email"])
        segments.append(ctd)
    segments.append(Segment("PID").put(1, "1").put(3, "1543079013", c4="GRAO", c5="NNBGR").put(5, "Тест", "Калина"))
    if "to" in s:
        segments.append(Segment("OBR").put(1, "1").put(2, number).put(4, "other", "", "NASOKA").put(22, stamp(s["at"])).put(25, obr25).put(
            36, stamp(s["appointment.start"]) if "appointment.start" in s else ""))
        rough = s["to"] in ("accepted", "scheduled", "completed", "declined")       # said well enough by RF1-1 and OBR-25
        segments += observations({k: v for k, v in s.items() if k != "to" or not rough})
    if "reason_text" in s:
        segments.append(Segment("NTE").put(1, "1").put(3, s["reason_text"]))
    return "".join(f"{x}\r" for x in segments)


# -- reading --

def read_telecom(v, segment, field, to, prefix):
    for n, _ in enumerate(v.reps(segment, field), 1):
        case.put(to, prefix + ("email" if v.get(segment, field, 3, n) == "Internet" else "phone"),
                 v.get(segment, field, 4, n) or v.get(segment, field, 1, n))


def read_address(v, segment, field, to, prefix, rep=1):
    for n, name in ADDRESS.items():
        case.put(to, prefix + name, v.get(segment, field, n, rep))


def read_worker(v, segment, to, prefix):
    case.put(to, prefix + "name", full_name(v, segment, 2))
    case.put(to, prefix + "role", v.get(segment, 1, 2, 2 if str(segment[0]) == "PRD" else 1))
    read_telecom(v, segment, 5, to, prefix)


def read_observations(v, to):
    for s in v.all("OBX"):
        if v.get(s, 3, 3) != "NASOKA":
            continue
        code, key = v.get(s, 3), v.get(s, 4)
        path = next((p for p in TYPE_OF if p.replace("[]", "") == code), None)
        if path is None:
            raise ValueError(f"an OBX that the mapping does not name: {code}")
        for rep in range(len(v.reps(s, 5))):
            value = v.get(s, 5, 1, rep + 1)
            value = {"YN": {"Y": "true", "N": "false"}.get(value), "DT": undate(value),
                     "TS": unstamp(value) if TYPE_OF[path] == "TS" else ""}.get(TYPE_OF[path], value)
            case.put(to, path.replace("[]", f"[{int(key) - 1 if '[].' in path else rep}]"), value)


def inverse(table, code):
    return next((k for k, value in table.items() if value == code), None)


def read_referral(v):
    rf1, pid, to = v.all("RF1")[0], v.all("PID")[0], {}
    case.put(to, "priority", inverse(PRIORITY, v.get(rf1, 2)))
    case.put(to, "service_kind", v.get(rf1, 3))
    case.put(to, "service_text", v.get(rf1, 3, 2))
    case.put(to, "disposition_wanted", inverse(DISPOSITION, v.get(rf1, 4)))
    case.put(to, "referral_id", v.get(rf1, 6))
    case.put(to, "requested_start", undate(v.get(rf1, 7)) if v.get(rf1, 7) else None)
    for field, path in ((8, "respond_by"), (9, "authored_on")):
        case.put(to, path, unstamp(v.get(rf1, field)) if v.get(rf1, field) else None)
    case.put(to, "external_id", v.get(rf1, 11))
    for s in v.all("PRD"):
        ids = {v.get(s, 7, 2, n + 1): v.get(s, 7, 1, n + 1) for n in range(len(v.reps(s, 7)))}
        party = {"RP": "initiator.", "RT": "target."}.get(v.get(s, 1))
        if party:
            read_worker(v, s, to, party + "worker.")
            case.put(to, party + "unit", v.get(s, 4, 9))
            case.put(to, party + "service_id", ids.get("SVC"))
        else:
            case.put(to, "child.gp.uin", ids.get("UIN"))
            case.put(to, "child.gp.practice", ids.get("RCZ"))
    for n in range(len(v.reps(pid, 3))):
        said = (v.get(pid, 3, 4, n + 1), v.get(pid, 3, 5, n + 1))
        kind = next((k for k, number in ID.items() if number == said), "EU" if said[1] == "NN" + v.get(pid, 3, 9, n + 1) else None)
        for path, value in (("type", kind), ("value", v.get(pid, 3, 1, n + 1)), ("country", v.get(pid, 3, 9, n + 1))):
            case.put(to, f"child.ids[{n}].{path}", value)
    for component, path in ((1, "family"), (2, "given"), (3, "middle")):
        case.put(to, "child." + path, v.get(pid, 5, component))
    case.put(to, "child.birth_date", undate(v.get(pid, 7)))
    case.put(to, "child.gender", inverse(GENDER, v.get(pid, 8)))
    for n in range(len(v.reps(pid, 11))):
        read_address(v, pid, 11, to, "child.actual_address." if v.get(pid, 11, 7, n + 1) == "C" else "child.address.", n + 1)
    read_telecom(v, pid, 13, to, "child.")
    case.put(to, "language", v.get(pid, 15))
    case.put(to, "child.nationality", v.get(pid, 26))
    for n, s in enumerate(v.all("NK1")):
        case.put(to, f"carers[{n}].name", full_name(v, s, 2))
        case.put(to, f"carers[{n}].relation", inverse(RELATION, v.get(s, 3)))
        read_address(v, s, 4, to, f"carers[{n}].address.")
        read_telecom(v, s, 5, to, f"carers[{n}].")
    for n, s in enumerate(v.all("DG1")):
        for path, field, component in (("code", 3, 1), ("text", 3, 2), ("use", 6, 1), ("rank", 15, 1)):
            case.put(to, f"diagnosis[{n}].{path}", v.get(s, field, component))
    read_observations(v, to)
    case.put(to, "reason_text", v.first("NTE", 3))
    return to


def read_status(v):
    to = {}
    case.put(to, "referral_id", v.first("RF1", 6))
    case.put(to, "expected_start", undate(v.first("RF1", 7)) if v.first("RF1", 7) else None)
    case.put(to, "reason_code", v.first("RF1", 10))
    case.put(to, "case_no", v.first("RF1", 11))
    case.put(to, "at", unstamp(v.first("OBR", 22)) if v.first("OBR", 22) else None)
    case.put(to, "appointment.start", unstamp(v.first("OBR", 36)) if v.first("OBR", 36) else None)
    for s in v.all("PRD"):
        if v.get(s, 1) == "RT":
            read_worker(v, s, to, "actor.")
    for s in v.all("CTD"):
        read_worker(v, s, to, "assigned_worker.")
    read_observations(v, to)
    # the standard's own fields must say the same as ours
    if (v.first("RF1", 1), v.first("OBR", 25)) != STATE.get(to.get("to")):
        raise ValueError(f"RF1-1 {v.first('RF1', 1)!r} and OBR-25 {v.first('OBR', 25)!r} for {to.get('to')}")
    case.put(to, "reason_text", v.first("NTE", 3))
    return to

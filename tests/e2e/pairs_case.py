# SPDX-License-Identifier: EUPL-1.2
"""The case that every pair of formats carries, as a flat dictionary of the record's paths: text values, times in UTC.

Written from the sectors' MAPPING.md, not from the adapters. A codec (pairs_fhir, pairs_hl7, pairs_json, pairs_csv) turns such a
dictionary into its native form and back, and says in HOLDS and HOLDS_STATUS which paths its format has a place for; a pair is
compared on what both hold. Synthetic people only.
"""
import datetime
import re

# Quotes, separators of all four formats, what looks like their escapes, a tab, line breaks, and the letter that windows-1251 lacks.
TRICKY = ("Майката каза: „Не ѝ е леко“; \"у дома\" са трима, a|b ^ c & d ~ e \\ край, \\F\\ и \\.br\\ са текст.\n"
          "Втори ред: 100 % — 5 < 6 > 4, 'апостроф',\tтаб;\n\nпоследен ред №3.")

FULL = {
    "external_id": "ВХ-„7“/2026", "group_id": "Г;1", "supersedes": "Стар|2025", "continues": "Пр^2024",
    "initiator.unit": "Отделение „Деца & юноши“; ет. 2", "initiator.worker.name": "Мария Иванова-Тестова",
    "initiator.worker.role": "лекуващ лекар", "initiator.worker.phone": "032 600 100", "initiator.worker.email": "m.ivanova@example.org",
    "target.service_id": "cop|1", "target.unit": "Отдел „Закрила“", "target.worker.name": "Петър Примерен",
    "target.worker.role": "социален работник", "target.worker.phone": "032 600 200", "target.worker.email": "p.primeren@example.org",
    "child.ids[0].type": "EGN", "child.ids[0].value": "1543079013",
    "child.ids[1].type": "passport", "child.ids[1].value": "38-0012^345", "child.ids[1].country": "BGR",
    "child.ids[2].type": "local", "child.ids[2].value": "К/88;12",
    "child.ids[3].type": "EU", "child.ids[3].value": "5150307123456", "child.ids[3].country": "ROU",
    "child.ids[4].type": "LNCH", "child.ids[4].value": "1000000001", "child.ids[5].type": "SSN", "child.ids[5].value": "1503079999",
    "child.ids[6].type": "other", "child.ids[6].value": "без № ~ 1",
    "child.given": "Калина", "child.middle": "Стоянова", "child.family": "Тест-„Пробна“ ѝ", "child.birth_date": "2015-03-07",
    "child.birth_date_accuracy": "exact", "child.gender": "female",
    "child.address.country": "BGR", "child.address.county": "PDV", "child.address.municipality": "PDV22", "child.address.ekatte": "56784",
    "child.address.city": "Пловдив", "child.address.line": "ул. \"Примерна\" 1; бл. 5, вх. А", "child.address.postal": "4000",
    "child.actual_address.country": "BGR", "child.actual_address.municipality": "PDV01", "child.actual_address.ekatte": "00702",
    "child.actual_address.city": "Асеновград", "child.actual_address.line": "при баба ѝ",
    "child.phone": "+359 888 000 001", "child.email": "k.test@example.org", "child.nationality": "BGR",
    "child.school.code": "1690001", "child.school.name": "ОУ „Тест“; Пловдив", "child.school.grade": "4б",
    "child.gp.uin": "1600000001", "child.gp.practice": "1622110001",
    "carers[0].name": "Стояна Петрова Тест", "carers[0].relation": "mother", "carers[0].phone": "0888 000 002",
    "carers[0].address.city": "Пловдив", "carers[0].address.line": "ул. Втора 2 & 3", "carers[0].address.ekatte": "56784",
    "carers[1].name": "Баба Пробна", "carers[1].relation": "grandparent",
    "household_size": "5", "siblings_also_referred[0]": "С|1", "siblings_also_referred[1]": "С~2",
    "service_kind": "psych-counselling", "service_text": "Психологично консултиране; „индивидуално“",
    "need[0]": "neglect", "need[1]": "parental-separation", "reason_text": TRICKY,
    "diagnosis[0].code": "F43.2", "diagnosis[0].text": "Разстройство в адаптацията ^ реакция", "diagnosis[0].use": "A",
    "diagnosis[0].rank": "1", "diagnosis[1].code": "Z63.5", "diagnosis[1].text": "Раздяла | развод", "diagnosis[1].use": "W",
    "risk_level": "high", "priority": "urgent", "safety.do_not_contact_carer": "true", "safety.do_not_visit_alone": "true",
    "safety.secret_address": "false", "safety.contact_via": "само чрез учителката ѝ",
    "disposition_wanted": "take-over", "legal_basis": "consent",
    "consent.given_by": "parent", "consent.given_on": "2026-11-18", "consent.form": "signed-paper",
    "consent.purposes[0]": "оценка", "consent.purposes[1]": "подкрепа | насочване", "consent.recipients_allowed[0]": "health",
    "consent.recipients_allowed[1]": "education", "consent.recipients_allowed[2]": "social",
    "consent.data_categories[0]": "identity", "consent.data_categories[1]": "contact", "consent.data_categories[2]": "health",
    "consent.data_categories[3]": "education", "consent.data_categories[4]": "social", "consent.data_categories[5]": "family",
    "consent.valid_until": f"{datetime.date.today().year + 1}-12-31",     # else it is refused
    "consent.giver_name": "Стояна Тест", "consent.evidence": "съгласие & 7/2026", "requested_start": "2026-12-01", "respond_by": "2027-01-15T14:30:00Z",
    "goals[0].text": "Редовно посещение;\nбез отсъствия", "goals[1].code": "g-2", "goals[1].text": "Спокоен сън ~ 8 часа",
    "goals[1].target_date": "2027-06-01",
    "services_already_used[0].service_kind": "speech-therapy", "services_already_used[0].agency": "ЦСОП",
    "services_already_used[1].service_kind": "parent-support", "services_already_used[1].since": "2025-09-15",
    "language": "bg", "interpreter": "false", "disability_support": "очила; слухов апарат",
    "attendance.absences_excused": "3", "attendance.absences_unexcused": "14", "attendance.period_from": "2026-09-15",
    "attendance.period_to": "2026-11-15", "attendance.measures_taken": "=разговор с родителя | \"писмо\"\nи среща",
    "authored_on": "2026-07-20T08:15:30Z",
}

# Of the second referral: no more than a plain system of the format would say.
PLAIN = {
    "child.ids[0].type": "EGN", "child.ids[0].value": "1543079013", "child.given": "Калина", "child.family": "Тест",
    "child.birth_date": "2015-03-07", "child.gender": "female", "service_kind": "parent-support", "reason_text": "Нужда от подкрепа у дома.",
    "priority": "routine", "respond_by": "2027-02-01T10:00:00Z", "risk_level": "low", "disposition_wanted": "report-only",
    "legal_basis": "statutory-task",
}
# What the senders' agencies have as defaults, unlike anything above.
DEFAULTS = {"risk_level": "medium", "disposition_wanted": "second-opinion", "legal_basis": "duty-to-protect"}

CASE_NO = "К-№{}/2026; „вх.“"
ACCEPTED = {
    "to": "accepted", "at": "2026-11-20T10:05:30Z", "expected_start": "2026-12-03",
    "actor.name": "Служител Примерен", "actor.role": "ръководител; отдел", "actor.phone": "032 600 300", "actor.email": "s@example.org",
    "assigned_worker.name": "Ана Втора Тестова", "assigned_worker.role": "водещ ^ случая", "assigned_worker.phone": "032 600 301",
    "assigned_worker.email": "a@example.org",
}
SCHEDULED = {
    "to": "scheduled", "at": "2026-11-20T10:30:00Z", "appointment.start": "2026-12-03T08:00:00Z", "appointment.end": "2026-12-03T09:15:00Z",
    "appointment.place": "Стая „3“; ет. 1 | вход ^ Б", "actor.name": "Служител Примерен",
}
ASKED = {
    "to": "info-requested", "at": "2026-11-20T11:30:00Z", "answer_by": "2026-11-27T15:00:00Z",
    "questions[0].text": "Има ли ѝ кой да помага; вечер?", "questions[1].qid": "в-2", "questions[1].text": "Посещавана ли е „у дома“?",
}
COMPLETED = {
    "to": "completed", "at": "2026-11-20T11:00:00Z", "outcome.outcome": "partly-met", "outcome.text": "Семейството ѝ е по-добре; " + TRICKY,
    "outcome.closed_on": "2026-11-19", "outcome.closed_by": "Екип „Случай“ | 2", "actor.name": "Служител Примерен",
}
DECLINED = {"to": "declined", "at": "2026-11-20T12:00:00Z", "reason_code": "no-capacity", "reason_text": "Няма място до май. " + TRICKY}
STEPS = {"accepted": ("requested", "T05"), "scheduled": ("accepted", "T11"), "completed": ("scheduled", "T23"),
         "info-requested": ("requested", "T03"), "declined": ("info-requested", "T06")}
STATUS_PATHS = {path for s in (ACCEPTED, SCHEDULED, COMPLETED, ASKED, DECLINED) for path in s} | {
    "referral_id", "from", "transition", "case_no"}

INTEGERS = ("household_size", "rank", "absences_excused", "absences_unexcused")
BOOLEANS = ("do_not_contact_carer", "do_not_visit_alone", "secret_address", "interpreter")
TIMES = ("respond_by", "authored_on", "at", "start", "end", "answer_by")


def full(number):
    return {"referral_id": number, **FULL}


NO_NEED = {"health": ("attendance.", "child.school.grade"), "education": ("diagnosis[", "child.gp.")}


def needed(case, sector):
    """What an agency of the sector gets of a referral: the sender's adapter leaves out what it has no need for."""
    return {k: v for k, v in case.items() if not k.startswith(NO_NEED.get(sector, ("-",)))}


def plain(number, left_open):
    return {"referral_id": number, **{k: v for k, v in PLAIN.items() if k not in left_open}}


def flat(path):
    """The path without the numbers of list items."""
    return re.sub(r"\[\d+\]", "[]", path)


def is_held(path, holds):
    """Has the format a place for it? A set names a list's items one by one where it holds only some."""
    return path in holds or flat(path) in holds


def group(case, prefix):
    """What stands below `prefix`, with the rest of the path as key."""
    return {k[len(prefix):]: v for k, v in case.items() if k.startswith(prefix)}


def items(case, name):
    """The items of a list: dictionaries, or texts where an item is one."""
    found = []
    for i in range(100):
        one = case.get(f"{name}[{i}]") or group(case, f"{name}[{i}].")
        if not one:
            return found
        found.append(one)
    return found


def put(case, path, value):
    """Set what is there; a format that has nothing there leaves the path out."""
    if value is not None and value != "":
        case[path] = value


# -- times: the adapters write Bulgaria's offset or none at all --

def _last_sunday(year, month):
    day = datetime.date(year, month, 31)
    return day - datetime.timedelta(days=(day.weekday() + 1) % 7)


def sofia(utc):
    """Bulgaria's time by the European Union's rule: summer from 01:00 UTC of March's last Sunday to October's."""
    hour = datetime.time(1, tzinfo=datetime.timezone.utc)
    begin, end = (datetime.datetime.combine(_last_sunday(utc.year, m), hour) for m in (3, 10))
    return utc.astimezone(datetime.timezone(datetime.timedelta(hours=3 if begin <= utc < end else 2)))


def moment(text):
    return datetime.datetime.fromisoformat(text)


def utc_text(when):
    return when.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def differences(expected, got, holds_there):
    """Lines about what did not arrive as it was sent, and how many fields were compared."""
    wrong, n = [], 0
    for path, value in sorted(expected.items()):
        if is_held(path, holds_there):
            n += 1
            if got.get(path) != value:
                wrong.append(f"{path}: {got.get(path)!r}, not {value!r}")
    return wrong, n

# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 3.5: what an agency says to all of a service that it offers."""
import datetime
import re

from . import record, wire
from .prim import FORMAT, TOO_BIG, must
from .trust import AGENCY

MISSING, TOO_LONG, CODE, DATE, NUMBER, TOO_MANY, CHARSET, NOT_ALLOWED = 1301, 1302, 1303, 1304, 1305, 1307, 1502, 1202
BODY_MAX, AGE_MAX, COUNT_MAX, VALID_MS = 16384, 25, 100000, 366 * 86400000
PROGRAMMES = {
    "P1": "needs-assessment referral-coordination information",
    "P2": "psych-counselling family-therapy speech-therapy rehabilitation early-intervention developmental-follow-up parent-support",
    "P3": "individual-learning school-readiness group-development mentoring social-inclusion",
    "statutory": "protection-measure crisis-placement foster-matching foster-support reintegration financial-aid gp-registration "
                 "immunisation specialist-consult school-enrolment attendance-support resource-teacher",
}
PROGRAMME_OF = {kind: p for p, kinds in PROGRAMMES.items() for kind in kinds.split()} | {"other": ""}
ROOM = ("capacity", "no-capacity", "waitlist", "additional-assessment-required")
COUNTS = ("total", "funded", "available", "waiting", "median_wait_days")


def _is_egn(run):
    month = int(run[2:4])
    century = 2000 if month > 40 else 1800 if month > 20 else 1900
    try:
        datetime.date(century + int(run[:2]), month % 20 or month, int(run[4:6]))
    except ValueError:
        return False
    return record.has_check_digit("EGN", run)


def is_personal(text):
    return any(len(run) == 10 and _is_egn(run) for run in re.findall("[0-9]+", text))


def _text(value, limit):
    must(value, MISSING, "an empty text")
    must(len(value.encode()) <= limit, TOO_LONG, "a text")
    must(not re.search("[\0-\x09\x0b-\x1f\x7f]", value), CHARSET, "a control character")
    must(not is_personal(value), NOT_ALLOWED, "a personal number")


def _optional(m, name, limit):
    if m.HasField(name):
        _text(getattr(m, name), limit)


def _number(m, name, most):
    must(not m.HasField(name) or getattr(m, name) <= most, NUMBER, name)


def _whom(m):
    towns = list(m.municipalities)
    must(towns, MISSING, "municipalities")
    must(len(towns) <= 32, TOO_MANY, "municipalities")
    must(all(re.fullmatch("[A-Z]{3}[0-9]{2}", t) for t in towns) and towns == sorted(set(towns)), CODE, "municipalities")
    _number(m, "min_age", AGE_MAX)
    _number(m, "max_age", AGE_MAX)
    must(not (m.HasField("min_age") and m.HasField("max_age")) or m.min_age <= m.max_age, NUMBER, "ages")


def _contact(c):
    must(c.kind in ("phone", "email", "web"), CODE, "contacts")
    if c.kind == "phone":
        must(re.fullmatch(r"[0-9+\-/ ()]{3,30}", c.value) and re.search("[0-9]", c.value), FORMAT, "a telephone")
        return
    _text(c.value, 200)
    must("@" in c.value and not re.search("[ \n]", c.value) if c.kind == "email" else re.match("https?://", c.value), FORMAT, "a contact")


def _where(m):
    for items, most in ((m.schedule, 14), (m.languages, 8), (m.contacts, 8), (m.places, 8)):
        must(len(items) <= most, TOO_MANY, "a list")
    for line in m.schedule:
        _text(line, 200)
    must(all(re.fullmatch("[a-z]{2,3}", x) for x in m.languages), CODE, "languages")
    for c in m.contacts:
        _contact(c)
    for p in m.places:
        must(re.fullmatch("[A-Z]{3}[0-9]{2}", p.municipality), CODE, "a place")
        must(not p.HasField("ekatte") or re.fullmatch("[0-9]{5}", p.ekatte), CODE, "a place")
        _optional(p, "address", 200)


def _room(m):
    must(m.capacity_status in ROOM, CODE if m.HasField("capacity_status") else MISSING, "capacity_status")
    must(m.unit in ("place", "hour", "visit", "family"), CODE if m.HasField("unit") else MISSING, "unit")
    for name in COUNTS:
        _number(m, name, COUNT_MAX)
    for name in ("available", "funded"):
        must(not (m.HasField("total") and m.HasField(name)) or getattr(m, name) <= m.total, NUMBER, name)
    if m.HasField("available"):
        must(m.capacity_status != "capacity" or m.available > 0, NUMBER, "available")
        must(m.capacity_status not in ("no-capacity", "waitlist") or m.available == 0, NUMBER, "available")
    must(m.as_of_ms > 0 and m.as_of_ms < m.valid_until_ms <= m.as_of_ms + VALID_MS, DATE if m.as_of_ms and m.valid_until_ms else MISSING, "times")


def check(p, body):
    """The body of an ANNOUNCE under its header."""
    must(len(body) <= BODY_MAX, TOO_BIG, "the announcement")
    m = wire.decode_canonical("Announce", body)
    must(m.HasField("requires_napravlenie") and m.HasField("ended") == m.ended, FORMAT, "not canonical")
    must(re.fullmatch("[a-z0-9._-]{1,64}", m.service_id), FORMAT if m.HasField("service_id") else MISSING, "service_id")
    must(AGENCY.fullmatch(m.agency) and m.agency == getattr(p, "from"), NOT_ALLOWED, "agency")
    must(m.service_kind in PROGRAMME_OF, CODE, "service_kind")
    must(m.programme == PROGRAMME_OF[m.service_kind], CODE, "programme")
    must(m.HasField("name_bg"), MISSING, "name_bg")
    _text(m.name_bg, 200)
    _optional(m, "name_en", 200)
    _optional(m, "eligibility", 2000)
    _whom(m)
    _where(m)
    _room(m)
    return m


def is_free(m, now_ms):
    """Whether somebody may count on room there."""
    return now_ms < m.valid_until_ms and m.capacity_status == "capacity"

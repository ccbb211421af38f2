# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 7 and 4.4: the record by its tables (record.def, codes.def, kind.def, lifecycle.def), the lifecycle, the capsule."""
import collections
import datetime
import re

from . import wire
from .prim import BAD_ACTOR, BAD_TRANSITION, DIFFERS, FORMAT, INCONSISTENT, UNKNOWN_THREAD, UNPREPARED, must, sha256, string

REQUIRED, TOO_LONG, UNKNOWN_CODE, BAD_DATE, BAD_NUMBER, BAD_ID, TOO_MANY = 1301, 1302, 1303, 1304, 1305, 1306, 1307
DUPLICATE = 1404
CHARSET = 1502
LAST_MS = 253402300799999  # of the year 9999
PATTERNS = {"municipality": r"[A-Z]{3}[0-9]{2}", "ekatte": r"[0-9]{5}"}
CHECK_WEIGHTS = {"EGN": ((2, 4, 8, 5, 10, 9, 7, 3, 6), 11), "LNCH": ((21, 19, 17, 13, 11, 9, 7, 3, 1), 10)}
Row = collections.namedtuple("Row", "tag kind name of presence limit")
Kind = collections.namedtuple("Kind", "body topic begins who only_open")
PART = 512 * 1024  # bytes of one part of a file


def _table(name):
    text = (wire.ROOT / "proto" / name).read_text("utf-8")
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S).replace("\\\n", " ")


def _rows():
    rows = collections.defaultdict(list)
    for m in re.finditer(r"\bF\((\w+), (\d+), (\w+), (\w+), (\w+), (MUST|MAY), (\d+)\)", _table("record.def")):
        rows[m[1]].append(Row(int(m[2]), m[3], m[4], m[5], m[6], int(m[7])))
    return rows


def _codes():
    codes = {}
    for m in re.finditer(r"CODE_LIST\((\w+),([^)]*)\)", _table("codes.def")):
        codes[m[1]] = set(re.findall(r'"([^"]+)"', m[2]))
    return codes


def _life():
    text = _table("lifecycle.def")
    states, final = {}, set()
    for m in re.finditer(r'STATE\((\w+), \d+, "([a-z-]+)", ([01])\)', text):
        states[m[1][len("STATE_"):]] = m[2]
        if m[3] == "1":
            final.add(m[2])
    steps = {}
    for m in re.finditer(r'TRANSITION\("(T\d\d)",\s*([^,]+),\s*([^,]+),\s*([^,]+),\s*([^,]+),\s*(\w+)\)', text):
        def names(part):
            found = set()
            for word in part.split("|"):
                word = word.strip()
                found |= set(states.values()) - final if word == "OPEN" else {"same"} if word == "SAME" else {states[word]}
            return found
        steps[m[1]] = (names(m[2]), names(m[3]), {w.strip() for w in m[4].split("|")}, {w.strip() for w in m[5].split("|")}, m[6])
    return states, final, steps


def _kinds():
    """By code: the body's field, the topic, whether it begins a thread, who may say it, whether only while that is open."""
    kinds = {}
    for m in re.finditer(r'KIND\(\d+, "([a-z-]+)", (\w+), (\w+), (\w+), ([^,]+), (\w+)\)', _table("kind.def")):
        kinds[m[1]] = Kind(m[2], m[3], m[4] == "BEGINS", {w.strip() for w in m[5].split("|")}, m[6] == "OPEN")
    return kinds


ROWS, CODES, KINDS = _rows(), _codes(), _kinds()
CODES["kind"] = set(KINDS)
# which steps a kind takes: by the code, a cancellation by its type
STEPS_OF = {"info-request": {"T03"}, "info-response": {"T04"}, "cancel-request": {"T20", "T29"}, "cancel-confirm": {"T21"},
            "consent-withdrawn": {"T27"}, "error": {"T30"}}
STATES, FINAL, STEPS = _life()
CODES["state"], CODES["transition"] = set(STATES.values()), set(STEPS)
ENDINGS = ["expired", "declined", "redirected", "cancelled", "failed", "completed", "transferred", "withdrawn", "entered-in-error"]


def _text(value, limit, where):
    must(value, REQUIRED, f"{where} is an empty text")
    must("\0" not in value, FORMAT, f"{where} holds U+0000")
    must(not any((ord(c) < 32 and c not in "\t\r\n") or ord(c) == 127 for c in value), CHARSET, where)
    must(len(value.encode()) <= limit, TOO_LONG, where)


def _value(row, value, where):
    if row.kind in ("TEXT", "TEXTS"):
        _text(value, row.limit if row.kind == "TEXT" else 1000, where)
        must(row.name not in PATTERNS or re.fullmatch(PATTERNS[row.name], value), UNKNOWN_CODE, where)
    elif row.kind in ("CODE", "CODES"):
        must(value in CODES[row.of], UNKNOWN_CODE, where)
    elif row.kind == "DATE":
        must(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value), BAD_DATE, where)
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            must(False, BAD_DATE, where)
    elif row.kind == "TIME":
        must(value <= LAST_MS, BAD_DATE, where)
    elif row.kind == "INT":
        must(0 <= value <= row.limit, BAD_NUMBER, where)
    elif row.kind == "ID":
        must(len(value) == 16, FORMAT, where)
        must(any(value), REQUIRED, where)
    elif row.kind == "BYTES":
        must(value, REQUIRED, where)
        must(len(value) <= row.limit, TOO_LONG, where)
    elif row.kind in ("MSG", "MSGS"):
        _check(row.of, value, where + ".")


def _check(kind, m, where=""):
    for row in ROWS[kind]:
        path = where + row.name
        if row.kind in ("TEXTS", "CODES", "MSGS"):
            values = getattr(m, row.name)
            must(len(values) <= row.limit, TOO_MANY, path)
            must(values or row.presence == "MAY", REQUIRED, path)
            for i, value in enumerate(values):
                _value(row, value, f"{path}[{i}]")
        elif m.HasField(row.name):
            _value(row, getattr(m, row.name), path)
        else:
            must(row.presence == "MAY", REQUIRED, path)


def has_check_digit(kind, value):
    """Is the last digit of this EGN or LNCH the one that its others ask for?"""
    weights, modulus = CHECK_WEIGHTS[kind]
    return bool(re.fullmatch("[0-9]{10}", value)) and sum(w * int(c) for w, c in zip(weights, value)) % modulus % 10 == int(value[9])


def _check_referral(f):
    for i in f.child.ids:
        must(i.type not in CHECK_WEIGHTS or has_check_digit(i.type, i.value), BAD_ID, "child.ids")
    must(f.legal_basis != "consent" or f.HasField("consent"), REQUIRED, "consent")


def _check_answer(f):
    said = sum(f.HasField(name) for name in ("text", "code", "date", "yes", "refused", "unknown"))
    must(said or f.attachments, REQUIRED, "answers")
    must(said <= 1, INCONSISTENT, "answers")


def _check_part(f):
    must(f.HasField("referral_id") != f.HasField("conference_id"), REQUIRED, "what the file belongs to")
    must(re.fullmatch("[0-9a-f]{64}", f.sha256), FORMAT, "sha256")
    must(f.size and f.parts == -(-f.size // PART) and 1 <= f.part <= f.parts, INCONSISTENT, "part")
    must(f.parts > 1 or len(f.data) == f.size, DIFFERS, "size")
    must(len(f.data) == (PART if f.part < f.parts else f.size - (f.parts - 1) * PART), INCONSISTENT, "data")
    must(f.parts > 1 or sha256(f.data).hex() == f.sha256, DIFFERS, "sha256")


def _names_one(body):
    must(sum(map(body.HasField, ("referral_id", "conference_id", "transfer_id"))) == 1, REQUIRED, "what it is said of")


def _check_body(r):
    """What a whole body keeps beyond its fields."""
    body = getattr(r, KINDS[r.kind].body)
    if r.kind == "referral":
        _check_referral(body)
    elif r.kind == "info-response":
        for a in body.answers:
            _check_answer(a)
    elif r.kind == "attachment":
        _check_part(body)
    elif r.kind == "consent-change":
        _names_one(body)
        must(body.change == "withdrawn" or body.HasField("consent"), REQUIRED, "consent")
    elif r.kind == "consent-answer":
        _names_one(body)
        must(body.result != "retained" or body.legal_basis and body.ground, REQUIRED, "ground")
    elif r.kind == "commitment":
        must(body.version, BAD_NUMBER, "version")
        must(body.version == 1 or body.reason, REQUIRED, "reason")
    elif r.kind == "commitment-update":
        must(not (body.new_due or body.state in ("refused", "not-done")) or body.reason, REQUIRED, "reason")
    elif r.kind == "thread-state":
        begun = [name for name in ("referral", "transfer", "minutes") if body.HasField(name)]
        must(begun, REQUIRED, "what began the thread")
        must(len(begun) == 1, INCONSISTENT, "what began the thread")
        must(body.HasField("state") or body.HasField("minutes"), REQUIRED, "the state of the thread")
        must(not (body.HasField("state") and body.HasField("minutes")), INCONSISTENT, "a conference's state stands in its minutes")
        for c in body.minutes.commitments:
            must(c.HasField("update") == c.HasField("updated"), INCONSISTENT, "an update and when it was made")
            must(all(w.seq and w.version for w in c.words), BAD_NUMBER, "words")
        if body.HasField("referral"):
            _check_referral(body.referral)
    elif r.kind == "transfer-answer":
        must(body.answer == "accept" or body.reason, REQUIRED, "reason")
    if r.HasField("step"):
        must(r.step.transition in STEPS_OF.get(body.type if r.kind == "cancellation" else r.kind, ()), INCONSISTENT, "step")


def decode(data):
    """A valid record, or Refused."""
    wire.no_field_twice(wire.Record.DESCRIPTOR, data)
    r = wire.decode("Record", data)
    _check("record", r)
    must(r.HasField(KINDS[r.kind].body), REQUIRED, "not the body that the kind names")
    must(not any(r.HasField(k.body) for code, k in KINDS.items() if code != r.kind), INCONSISTENT, "a body that the kind does not name")
    _check_body(r)
    return r


def encode(r):
    return wire.encode(r)


def capsule_texts(r):
    if r.kind == "referral":
        f = r.referral
        home = f.child.actual_address if f.child.HasField("actual_address") else f.child.address
        return [r.kind, "draft", "requested", "T26" if f.supersedes else "T01", "", f.service_kind, f.legal_basis, "",
                home.municipality]
    if r.kind == "status-change":
        s = r.status
        return [r.kind, getattr(s, "from"), s.to, s.transition, s.reason_code, "", "", s.outcome.outcome, ""]
    body = getattr(r, KINDS[r.kind].body)
    outcome = {"outcome-report": "outcome", "cancellation": "type", "consent-change": "change", "consent-answer": "result",
               "conference-rsvp": "answer", "conference-decision": "result", "commitment-update": "state",
               "transfer-answer": "answer"}.get(r.kind)
    basis = r.kind in ("info-request", "consent-answer", "conference-invite", "transfer-offer")
    home = ""
    if r.kind == "conference-invite":
        child = body.child
        home = (child.actual_address if child.HasField("actual_address") else child.address).municipality
    elif r.kind in ("transfer-offer", "responsibility-change"):
        home = body.to_municipality if r.kind == "transfer-offer" else body.municipality
    return [r.kind, getattr(r.step, "from"), r.step.to, r.step.transition,
            body.reason_code if r.kind == "cancellation" else "", "", body.legal_basis if basis else "",
            getattr(body, outcome) if outcome else "proposed" if r.kind == "commitment" else "", home]


def capsule(r):
    return make_capsule(r.case_id, capsule_texts(r))


def make_capsule(case, texts):
    data = bytes([1]) + case + b"".join(map(string, texts))
    must(len(data) <= 256, FORMAT, "the capsule is too long")
    return data + bytes(256 - len(data))


def read_capsule(data):
    """(case pseudonym, the nine texts)."""
    must(len(data) == 256 and data[0] == 1, FORMAT, "capsule")
    at, texts = 17, []
    for _ in range(9):
        n = data[at]
        texts.append(data[at + 1:at + 1 + n].decode())
        at += 1 + n
    must(at <= 256 and not any(data[at:]), FORMAT, "capsule")
    return data[1:17], texts


def _says(rule, s):
    if rule == "REASON":
        return bool(s.reason_code) and (s.reason_code != "other" or bool(s.reason_text))
    return {"NOTHING": True, "QUESTIONS": len(s.questions) > 0, "REASON_TEXT": bool(s.reason_text),
            "ANY_REASON": bool(s.reason_code or s.reason_text), "NOTE": bool(s.reason_text or s.milestone),
            "NEW_TARGET": bool(s.new_target), "WAITLIST": s.HasField("waitlist"), "APPOINTMENT": s.HasField("appointment"),
            "ATTEMPT_NO": s.HasField("attempt_no"), "OUTCOME": s.HasField("outcome"), "SUPERSEDES": bool(s.supersedes),
            "SATISFIED": s.HasField("satisfied") or bool(s.reason_text)}[rule]


def check_header(p, r):
    """What the record says of its parties is what the header says."""
    if r.kind == "referral":
        must(r.referral.initiator.agency == getattr(p, "from"), INCONSISTENT, "the initiator is not the sender")
        must(r.referral.target.agency in p.to, INCONSISTENT, "the target is no recipient")


class Threads:
    """Where each referral stands, at one agency."""

    def __init__(self, me):
        self.me, self.referral, self.state, self.last, self.basis = me, {}, {}, {}, {}
        self.no_shows, self.handed_on = {}, set()

    def take(self, p, r):
        """A record under this header was opened or is to be sent; Refused if its step is not possible."""
        thread, author = p.thread, getattr(p, "from")
        if KINDS[r.kind].topic == "THREAD":
            self._between_adapters(p, r)
        elif r.kind == "referral":
            must(thread not in self.state, INCONSISTENT, "the thread has its referral")
            must(len(p.to) == 1, TOO_MANY, "a referral has one recipient")
            must(all((number, by) != (r.referral.referral_id, author) for number, _, by in self.referral.values()), DUPLICATE,
                 "the number is another thread's")
            self.referral[thread] = r.referral.referral_id, r.case_id, author
            self.state[thread] = "requested"
        else:
            must(thread in self.state, UNKNOWN_THREAD, "a status of no referral")
            number = r.responsibility.referral_id if r.kind == "responsibility-change" else r.status.referral_id
            must(self.referral[thread][:2] == (number, r.case_id), INCONSISTENT, "another thread's referral")
            seen, sent = {b.agency: b.seq for b in p.basis}.get(self.me, 0), self.last.get((thread, self.me), 0)
            least = max(self.basis.get((thread, author), 0), self.referral[thread][2] == self.me)
            must(author == self.me or least <= seen <= sent, INCONSISTENT, "basis")
            behind = author != self.me and seen < sent
            if r.kind == "responsibility-change":
                self.handed_on.add(thread)
            else:
                self._step(thread, author, r.status, behind)
            if author != self.me:
                self.basis[thread, author] = seen
        self.last[thread, author] = p.seq

    def _between_adapters(self, p, r):
        """The other side asks how a thread stands, or says so."""
        if r.kind == "thread-state" and p.thread not in self.state:
            begun = r.thread_state.referral
            parties = {begun.initiator.agency, begun.target.agency}
            must(parties == {getattr(p, "from"), *p.to}, INCONSISTENT, "not between these two")
            self.referral[p.thread] = begun.referral_id, r.case_id, begun.initiator.agency
            self.state[p.thread] = r.thread_state.state
        must(p.thread in self.state, UNKNOWN_THREAD, "not known here")

    def answer(self, p, now_ms, begun, referral_msg, **numbers):
        """What a thread-state-request under header `p` is answered; `begun` is the record of the thread's referral."""
        r = wire.Record(kind="thread-state", case_id=begun.case_id, created=now_ms, assumed=begun.assumed)
        for name in ("dropped", "source", "native_id"):
            if begun.HasField(name):
                setattr(r, name, getattr(begun, name))
        s = r.thread_state
        s.at, s.state, s.referral_created, s.referral_msg = now_ms, self.state[p.thread], begun.created, referral_msg
        s.referral.CopyFrom(begun.referral)
        for name, number in numbers.items():
            setattr(s, name, number)
        return r

    def _step(self, thread, author, s, behind):
        """`behind`: the author had not seen all that we said."""
        now = self.state[thread]
        start, to, who, rules, before = STEPS[s.transition]
        came_from = getattr(s, "from")
        must(("I" if author == self.referral[thread][2] else "R") in who, BAD_ACTOR, s.transition)
        must(came_from in start and (s.to in to or "same" in to and s.to == came_from), BAD_TRANSITION, s.transition)
        must(all(_says(rule, s) for rule in rules), REQUIRED, s.transition)
        must(came_from == now or behind, BAD_TRANSITION, f"{s.transition} from {now}")
        is_given_up = came_from == "scheduled" and s.outcome.outcome == "could-not-contact"
        must(before != "NO_SHOWS" or not is_given_up or self.no_shows.get(thread, 0) >= 3, UNPREPARED, s.transition)
        must(before != "HANDED_ON" or thread in self.handed_on, UNPREPARED, s.transition)
        self.no_shows[thread] = self.no_shows.get(thread, 0) + (s.transition == "T13")
        rank = {state: i for i, state in enumerate(ENDINGS)}
        if came_from == now or rank.get(s.to, -1) > rank.get(now, -1):
            self.state[thread] = s.to

# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts of an enrolled agency with good keys, within its session at the hub."""
import os
import random
import socket
import time

from ground import OFFICE, PEER, THIRD, act, each, must, one_more, session, wait_for, wire
from peer import prim

rng = random.Random(12)
MOST = (1 << 64) - 1
BAD_FRAME = f"peer.frame agency={PEER} code=NSK-"


# -- frames --

def in_frames(make, code):
    """Frames that are dropped: the hub answers nothing, and says so in its log."""
    def fn(g):
        a = g.adapter()
        a.s.idle(0.05)
        for data in make(g, a):
            parts = data if isinstance(data, list) else [data]
            a.s.socket.send_multipart(parts)
        if code:
            g.says(BAD_FRAME + code)
        end = time.monotonic() + 0.1
        while time.monotonic() < end:
            if a.s.socket.poll(10):     # its credit is said to everybody every few seconds; receipts of acts before come when they come
                kind = wire.decode("Frame", a.s.socket.recv()).WhichOneof("kind")
                must(kind in ("credit", "deliver"), f"it was answered with {kind}")
        one_more(g, a, "that")
    return fn


def nested(depth):
    """A field of length-prefixed messages, one inside the other."""
    data = b""
    for _ in range(depth):
        size = len(data)
        length = b""
        while True:
            length += bytes([size & 127 | (128 if size > 127 else 0)])
            size >>= 7
            if not size:
                break
        data = b"\x2a" + length + data
    return data


def frame_of(epoch, **kind):
    return wire.encode(wire.Frame(epoch=epoch, **kind))


each({name: in_frames(make, code) for name, (make, code) in {
    "an empty frame": (lambda g, a: [b""], "1101"),
    "a message of two parts": (lambda g, a: [[g.hello(), b"x"]], ""),
    "a message of three parts, all good": (lambda g, a: [[g.hello()] * 3], ""),
    "a message of an empty part and a good one": (lambda g, a: [[b"", g.hello()]], ""),
    "random octets by the thousand": (lambda g, a: [rng.randbytes(rng.randrange(1, 300)) for _ in range(1000)], "1101"),
    "protobuf nested five thousand deep": (lambda g, a: [nested(5000)], "1101"),
    "groups nested a hundred thousand deep": (lambda g, a: [b"\x0b" * 100000], "1101"),
    "a length that goes beyond the frame": (lambda g, a: [b"\x2a\xff\xff\xff\x7f" + bytes(40)], "1101"),
    "a length of 2^63": (lambda g, a: [b"\x2a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"], "1101"),
    "a number of eleven octets": (lambda g, a: [b"\x08" + b"\xff" * 11], "1101"),
    "fields that no frame has": (lambda g, a: [g.hello() + b"\xa2\x06\1x"], "1101"),
    "two kinds in one frame": (lambda g, a: [g.hello() + wire.encode(wire.Frame(credit=wire.Credit(messages=1)))], "1101"),
    "a frame of no kind": (lambda g, a: [frame_of(a.s.epoch)], "1101"),
    "a SUBMIT of nothing": (lambda g, a: [frame_of(a.s.epoch, submit=wire.Submit())], "1101"),
    "a SUBMIT of 1,025": (lambda g, a: [frame_of(a.s.epoch, submit=wire.Submit(envelopes=[b"x"] * 1025))], "1101"),
    "TAKEN of 1,025": (lambda g, a: [frame_of(a.s.epoch, taken=wire.Taken(queue_nos=range(1, 1026)))], "1101"),
    "the hub's own kinds": (lambda g, a: [frame_of(a.s.epoch, **{k: getattr(wire.Frame(), k)}) for k in
                                          ("welcome", "directory", "accepted", "refused", "deliver", "statement")], "1101"),
    "almost 4 MiB of zeroes": (lambda g, a: [bytes((4 << 20) - 100)], "1101"),
    "epoch 0": (lambda g, a: [frame_of(0, credit=wire.Credit(messages=MOST, bytes=MOST))], ""),
    "an epoch of the past": (lambda g, a: [frame_of(a.s.epoch - 1, submit=wire.Submit(envelopes=[b"x"]))] * 50, ""),
    "epochs of the future": (lambda g, a: [frame_of(e, submit=wire.Submit(envelopes=[b"x"])) for e in
                                           (a.s.epoch + 1, 1 << 32, 1 << 63, MOST)], ""),
    "HELLO for another agency": (lambda g, a: [g.hello(THIRD), g.hello(OFFICE)], "1201"),
    "HELLO for the hub, for nobody, and for all": (lambda g, a: [g.hello("hub"), g.hello("nobody"), g.hello("*")], "1201"),
    "HELLO with a session of one octet": (lambda g, a: [g.hello(session=b"x")], "1101"),
    "HELLO with a pin that has no root": (lambda g, a: [g.hello(pin_size=5)], "1101"),
}.items()}, lambda fn: fn)


@act("a message of 40,001 frames of 2 KiB", may_die=True)
def _(g):
    s = g.dealer(PEER)
    s.send_multipart([b"x" * 2048] * 40000 + [g.hello()], copy=False)
    time.sleep(0.7)
    must(s.poll(0) == 0, "it was answered")


@act("a message that does not end", may_die=True)
def _(g):
    c = g.client(timeout=5).shake()
    block, end = b"".join(c.message(bytes(65000), 1) for _ in range(64)), time.monotonic() + 4
    deaths = g.watch.deaths
    while time.monotonic() < end and g.watch.deaths == deaths:
        try:
            c.raw(block)
        except OSError:
            break
        except Exception:       # noqa: BLE001 - the hub has ended it
            break
        block = b"".join(c.message(bytes(65000), 1) for _ in range(16))


@act("frames of 4 MiB at once from sixty connections", may_die=True)
def _(g):
    sockets = [g.dealer(PEER if n % 2 else THIRD) for n in range(60)]
    junk = os.urandom(4 << 20)
    for s in sockets:
        s.send(junk, copy=False)
    time.sleep(2)


@act("a frame above the limit")
def _(g):
    with g.stage.session(THIRD) as other:
        s = g.dealer(PEER)
        s.send(b"x" * ((4 << 20) + 1))
        time.sleep(0.3)
        other.send(credit=wire.Credit(messages=10, bytes=10))
        other.idle(0.1)


# -- sessions --

@act("HELLO in a flood, each another session")
def _(g):
    s = g.dealer(PEER)
    for _ in range(3000):
        s.send(g.hello())
    g.honest.settle()
    must(s.poll(2000), "the last was not answered")


def sheet_signed(g, agency, by, version):
    """That agency's key sheet as it stands, with another version, signed by `by`."""
    signed = wire.SignedSheet.FromString((g.stage.keys(agency) / f"{agency}.sheet").read_bytes())
    sheet = wire.Sheet.FromString(signed.sheet)
    sheet.version = version
    data = wire.encode(sheet)
    key = prim.Key.load(f"{g.stage.keys(by)}/signing.key")
    return wire.encode(wire.SignedSheet(sheet=data, sig=key.sign("nasoka/v1/sheet", data)))


def version_of(g, agency):
    """Of its key sheet, as the hub tells a new session."""
    with g.stage.session(PEER if agency == THIRD else THIRD) as s:
        return s.book.sheets[agency].version


@act("HELLO in a flood, each with a newer key sheet")
def _(g):
    before = version_of(g, PEER)
    s = g.dealer(PEER)
    for n in range(before + 1, before + 60):
        s.send(g.hello(sheet=sheet_signed(g, PEER, PEER, n)))
    must(s.poll(3000), "the flood was not answered")
    time.sleep(0.3)
    after = version_of(g, PEER)
    must(after <= before + 1, f"{after - before} versions were taken in a minute, and told to everybody")


@act("HELLO with another agency's key sheet, and with one that is none")
def _(g):
    before = version_of(g, THIRD), version_of(g, PEER)
    s = g.dealer(THIRD)
    good = (g.stage.keys(THIRD) / f"{THIRD}.sheet").read_bytes()
    forged = [sheet_signed(g, PEER, THIRD, 99), sheet_signed(g, THIRD, PEER, 99), good[:-1], os.urandom(200), bytes(3000)]
    for data in forged:
        s.send(g.hello(THIRD, sheet=data))
    wait_for("each to be refused", lambda: g.said(f"peer.(sheet|frame) agency={THIRD} ") >= len(forged), 3)
    must((version_of(g, THIRD), version_of(g, PEER)) == before, "a sheet was taken")


@act("HELLO with a pin beyond the log, and with roots that are none")
def _(g):
    for pin in ((1 << 40, os.urandom(32)), (3, os.urandom(32)), (1, os.urandom(32))):
        s = g.session(hello=False)
        try:
            s.hello(2, pin=pin)
            must(False, "a WELCOME that proves what is not so")
        except session.Broken:
            pass


@act("a second session of the same agency: the first is over, what it says is not heard")
def _(g):
    first = g.adapter()
    first.s.log = session.Log()         # both read at once here, and each only knows what it was shown
    p, data = g.sealed(first)
    second = g.adapter()
    must(second.s.epoch > first.s.epoch, "the epoch did not grow")
    first.s.send(submit=wire.Submit(envelopes=[data]))
    first.s.idle(0.3)
    must(p.id not in first.s.accepted and not first.s.refused, "the old session was answered")
    second.s.idle(0.1)
    one_more(g, second, "the first one's words")


@act("sixty connections of one key, each with a session")
def _(g):
    sockets = [g.dealer(PEER) for _ in range(60)]
    for s in sockets:
        s.send(g.hello())
    wait_for("one answer", lambda: any(s.poll(0) for s in sockets), 3)


@act("the epoch of another agency's session")
def _(g):
    theirs, mine = g.session(THIRD), g.session()
    mine.socket.send(frame_of(theirs.epoch, taken=wire.Taken(queue_nos=list(range(1, 200)))))
    theirs.send(credit=wire.Credit(messages=5, bytes=5))
    mine.idle(0.2)
    must(not mine.refused and not theirs.refused, "it was answered")


# -- credit and TAKEN --

def office_sends(g, n=1):
    """The office's own system sends referrals to the hostile agency: their message ids."""
    ids = []
    for _ in range(n):
        body = {"referral_id": g.number(), "target": {"agency": PEER}, "service_kind": "other", "risk_level": "low", "priority": "routine",
                "disposition_wanted": "take-over", "legal_basis": "statutory-task", "reason_text": "х" * 1500,
                "respond_by": "2027-03-02T10:00:00Z",
                "child": {"given": "А", "family": "Б", "birth_date": "2018-05-06", "gender": "male"}}
        status, answer = g.honest.receiver.call("POST", "/v1/referrals", body)
        must(status == 202, f"the office's referral: {status} {answer}")
        ids.append(answer["msg_id"])
    return ids


def has_come(s, n=1):
    s.until(lambda: len(s.delivered) >= n, "DELIVER", 8)


@act("credit of 2^64-1")
def _(g):
    s = g.session()
    s.send(credit=wire.Credit(messages=MOST, bytes=MOST))
    office_sends(g)
    has_come(s)
    s.take(s.delivered)


@act("credit taken back")
def _(g):
    s = g.session()
    for n in (1 << 20, 1 << 10, 1, 0):
        s.send(credit=wire.Credit(messages=n, bytes=n))
    office_sends(g)
    has_come(s)                         # it never sinks
    s.take(s.delivered)


@act("no credit at all")
def _(g):
    nothing = g.dealer(PEER)
    nothing.send(g.hello(credit=wire.Credit()))
    office_sends(g)
    time.sleep(0.3)
    while nothing.poll(0):
        must(wire.decode("Frame", nothing.recv()).WhichOneof("kind") != "deliver", "more than its credit was sent")
    s = g.session()
    has_come(s)                         # and nothing is lost by it
    s.take(s.delivered)


@act("credit in a flood, up and down")
def _(g):
    s = g.session()
    for n in range(5000):
        s.send(credit=wire.Credit(messages=rng.randrange(1 << 30), bytes=rng.randrange(1 << 40)))
    s.idle(0.1)


@act("TAKEN for numbers that were never sent")
def _(g):
    s = g.session()
    for no in (0, 1, 2, 1 << 40, MOST):
        s.send(taken=wire.Taken(queue_nos=[no] * 50))
    ids = office_sends(g)
    s.idle(0.3)
    s.close()
    again = g.session()
    has_come(again, len(ids))           # the next one is there
    again.take(again.delivered)


@act("TAKEN for what waits for others")
def _(g):
    theirs, mine = g.session(THIRD), g.adapter()
    p, data = g.sealed(mine, THIRD)
    must(g.answer(mine, p, data) == 0, "not accepted")
    has_come(theirs)
    no = theirs.delivered[-1].queue_no
    mine.s.send(taken=wire.Taken(queue_nos=list(range(max(1, no - 500), no + 500))))
    mine.s.idle(0.2)
    theirs.close()
    again = g.session(THIRD)
    again.until(lambda: [d for d in again.delivered if d.queue_no == no], "it once more", 8)
    again.take(again.delivered)


@act("one that takes its messages and never says TAKEN, session after session")
def _(g):
    ids = office_sends(g, 3)
    for _ in range(5):
        s = g.session()
        has_come(s, len(ids))
        s.close()
    s = g.session()
    has_come(s, len(ids))
    s.take(s.delivered)


@act("one that never reads, with all credit, while 150 messages wait for it", is_light=False)
def _(g):
    c = g.client().shake()
    c.send(g.hello(credit=wire.Credit(messages=MOST, bytes=MOST)))
    office_sends(g, 150)
    must(g.watch.peak["hub"] < 128, "the hub keeps what is not read")
    c.close()
    s = g.session()
    s.until(lambda: len({d.queue_no for d in s.delivered}) >= 150, "all that waited", 15)
    s.take(s.delivered)


@act("more than its credit, 40,960 envelopes")
def _(g):
    s = g.session()
    for _ in range(40):
        s.send(submit=wire.Submit(envelopes=[rng.randbytes(30)] * 1024))
    s.until(lambda: len(s.refused) >= 40 * 1024, "REFUSED", 20)
    must({r.code for r in s.refused} <= {1101, 1206}, {r.code for r in s.refused})


# -- statements --

@act("statements asked for in a flood")
def _(g):
    s = g.session()
    answers = []
    s._statement = lambda m: answers.append(bytes(m.ask))
    asks = [os.urandom(16) for _ in range(3000)]
    for ask in asks:
        s.send(statement_ask=wire.StatementAsk(ask=ask))
    g.honest.settle()
    s.idle(0.3)
    must(0 < len(set(answers)) < 10, f"{len(set(answers))} of 3,000 were answered")


@act("a statement that was never begun, and another agency's")
def _(g):
    theirs, mine = g.session(THIRD), g.session()
    answers = []
    ask = os.urandom(16)
    mine._statement = lambda m: answers.append(m)
    theirs._statement = lambda m: None
    theirs.send(statement_ask=wire.StatementAsk(ask=ask))
    for after in (1, 5, MOST):
        mine.send(statement_ask=wire.StatementAsk(ask=ask, after=after))
    for bad in (b"", b"x", bytes(17)):
        mine.send(statement_ask=wire.StatementAsk(ask=bad))
    mine.idle(0.4)
    must(not answers, "it was answered")


# -- the operator's door --

@act("garbage, a long line and silence at the control socket")
def _(g):
    for data in (b"\0" * 10000 + b"\n", b"{" * 4000 + b"\n", b"x" * 100000, b'{"verb":"no"}\n' * 200, b"", b'{"verb":') * 3:
        s = socket.socket(socket.AF_UNIX)
        g.later(s.close)
        s.settimeout(1)
        try:
            s.connect(str(g.world.socket))
            s.sendall(data)
        except OSError:
            pass
    must('"ok"' in g.world.ctl("status", "--socket", g.world.socket, "--json"), "no status beside them")

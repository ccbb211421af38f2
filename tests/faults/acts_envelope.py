# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts of an enrolled agency with good keys, in what it has the hub take: envelopes and receipts."""
import os
import random

from ground import OFFICE, PEER, THIRD, act, each, envelope, must, one_more, stage, wire
from peer import prim

rng = random.Random(17)
MOST = (1 << 64) - 1
DAY_MS = stage.DAY_MS


# -- envelopes --

def refused(code, **header):
    def fn(g):
        a = g.adapter()
        values = {k: v() if callable(v) else v for k, v in header.items()}
        to = values.pop("to_one", OFFICE)
        got = g.answer(a, *g.sealed(a, to, **values))
        must(got == code, f"refused with {got}, not with {code}")
        one_more(g, a, "a refusal")
    return fn


def uuid_of(ms):
    return lambda: envelope.uuid7(envelope.now_ms() + ms)


each({name: refused(*row[:1], **row[1]) for name, row in {
    "another agency as sender": (1201, dict(sender=THIRD)),
    "the hub as sender": (1101, dict(sender="hub")),
    "nobody as sender": (1201, dict(sender="nobody")),
    "a directory of the future": (1008, dict(directory_version=99)),
    "an id of the past century": (1108, dict(id=lambda: envelope.uuid7(1000))),
    "an id that is no UUID": (1101, dict(id=b"\xff" * 16)),
    "a sequence number far ahead": (1204, dict(seq=MOST)),
    "a deadline before it was sent": (1207, dict(registered_by_ms=1000)),
    "a deadline in a thousand years": (1207, dict(respond_by_ms=lambda: envelope.now_ms() + 365000 * DAY_MS)),
    "an end that was before its beginning": (1207, dict(expires_ms=1)),
    "a message closed that is not there": (1006, dict(closes=lambda: [envelope.uuid7(envelope.now_ms())])),
    "a message superseded that is not there": (1006, dict(supersedes=lambda: envelope.uuid7(envelope.now_ms()))),
}.items()}, lambda fn: fn)


def created(ms, code):
    def fn(g):
        a = g.adapter()
        p = a.header([OFFICE], os.urandom(16))
        p.created_ms = envelope.now_ms() + ms
        got = g.answer(a, p, a.seal(p, stage.referral(g.number(), PEER, OFFICE, envelope.now_ms())))
        must(got == code, f"answered {got}, not {code}")
        one_more(g, a, "a clock far off")
    return fn


each({"a clock ten years behind": created(-3650 * DAY_MS, 1108), "a clock a year ahead": created(365 * DAY_MS, 0)}, lambda fn: fn)


@act("another agency's message, signed with its stolen signing key")
def _(g):
    a, stolen = g.adapter(), prim.Key.load(f"{g.stage.keys(THIRD)}/signing.key")
    p = a.header([OFFICE], os.urandom(16), sender=THIRD)
    p.signing_key = stolen.id
    part = a.seal(p, stage.referral(g.number(), THIRD, OFFICE, envelope.now_ms()), signed=False)
    must(g.answer(a, p, envelope.sign_batch([part], stolen)[0]) == 1201, "not refused with 1201")


@act("another agency's true envelope, sent once more in one's own name")
def _(g):
    theirs, mine = g.adapter(THIRD), g.adapter()
    p, data = g.sealed(theirs)
    must(g.answer(theirs, p, data) == 0, "not accepted")
    must(g.answer(mine, p, data) == 1201, "not refused with 1201")


@act("one's own envelope a hundred times")
def _(g):
    a = g.adapter()
    p, data = g.sealed(a)
    must(g.answer(a, p, data) == 0, "not accepted")
    for _ in range(100):
        a.s.submit(data)
    a.wait(lambda: len(a.s.accepted[p.id]) >= 101, "the same answer each time", 8)
    must(len({index for index, _, _ in a.s.accepted[p.id]}) == 1, "it has more than one leaf")


@act("one id with two hundred contents")
def _(g):
    a = g.adapter()
    p, data = g.sealed(a)
    must(g.answer(a, p, data) == 0, "not accepted")
    a.s.accepted.clear()
    for _ in range(200):
        a.s.submit(g.sealed(a, id=p.id)[1])
    a.wait(lambda: len(a.s.refused) >= 200, "REFUSED", 8)
    must({r.code for r in a.s.refused} == {1107}, {r.code for r in a.s.refused})


@act("another agency's id for one's own message")
def _(g):
    theirs, mine = g.adapter(THIRD), g.adapter()
    p, data = g.sealed(theirs)
    must(g.answer(theirs, p, data) == 0, "not accepted")
    must(g.answer(mine, *g.sealed(mine, id=p.id)) == 0, "ids are each sender's own")
    theirs.stage(p.id, envelope.DELIVERED)


@act("a message in a thread of others")
def _(g):
    theirs, mine = g.adapter(THIRD), g.adapter()
    p, data = g.sealed(theirs)
    must(g.answer(theirs, p, data) == 0, "not accepted")
    must(g.answer(mine, *g.sealed(mine, thread=p.thread)) == 1205, "not refused with 1205")
    must(g.answer(mine, *g.sealed(mine, thread=p.thread, seq=2)) == 1205, "not refused with 1205")


@act("more than a thousand threads, and as many ids that nobody wrote")
def _(g):
    a, parts, ids = g.adapter(), [], []
    for _ in range(1050):
        p = a.header([OFFICE], os.urandom(16))
        parts.append(a.seal(p, stage.referral(g.number(), PEER, OFFICE, envelope.now_ms()), signed=False))
        ids.append(p.id)
    for n in range(0, len(parts), 100):
        a.s.submit(*a.sign(*parts[n:n + 100]), *(rng.randbytes(64) for _ in range(100)))
        a.wait(lambda: all(i in a.s.accepted for i in ids[:n + 100]), "ACCEPTED", 15)
    a.wait(lambda: len(a.s.refused) >= 1100, "REFUSED", 15)
    must({r.code for r in a.s.refused} == {1101}, {r.code for r in a.s.refused})
    must(len({index for i in ids for index, _, _ in a.s.accepted[i]}) == len(ids), "two share a leaf")


@act("a hundred EMERGENCIES that are none")
def _(g):
    a = g.adapter()
    sent = [g.sealed(a, priority=3) for _ in range(100)]
    a.s.submit(*[data for _, data in sent])
    a.wait(lambda: all(p.id in a.s.accepted for p, _ in sent), "ACCEPTED", 10)


@act("a signature for another header, a hundred times")
def _(g):
    a = g.adapter()
    (p, data), other = g.sealed(a), wire.Envelope.FromString(g.sealed(a)[1])
    for _ in range(100):
        e = wire.Envelope.FromString(data)
        e.signature.sig = other.signature.sig
        a.s.submit(wire.encode(e))
    a.wait(lambda: len(a.s.refused) >= 100, "REFUSED", 8)
    must({r.code for r in a.s.refused} == {1103} and p.id not in a.s.accepted, {r.code for r in a.s.refused})


@act("an envelope of 1 MiB and more")
def _(g):
    a = g.adapter()
    p, data = g.sealed(a)
    e = wire.Envelope.FromString(data)
    must(g.answer(a, p, a.sign((e.header, os.urandom(envelope.BODY_MAX + 1)))[0]) == 1005, "not refused with 1005")


@act("one's own NOTICE and ANNOUNCE")
def _(g):
    a = g.adapter()
    for msg_class, sender, thread in ((envelope.NOTICE, "hub", os.urandom(16)), (envelope.NOTICE, PEER, os.urandom(16)),
                                      (envelope.ANNOUNCE, PEER, b"")):
        p = a.header([OFFICE], thread, msg_class=msg_class, sender=sender)
        must(g.answer(a, p, a.sign((wire.encode(p), b"x"))[0]) in (1101, 1201, 1504), "it was taken")


# -- receipts --

def foreign(**header):
    """A receipt for a message from the third agency to the office: not ours."""
    def fn(g):
        theirs, mine = g.adapter(THIRD), g.adapter()
        p, data = g.sealed(theirs)
        must(g.answer(theirs, p, data) == 0, "not accepted")
        values = {k: v(p) if callable(v) else v for k, v in header.items() if k not in ("code", "to")}
        r = mine.header(header.get("to", [THIRD]), values.pop("thread", p.thread), msg_class=envelope.RECEIPT,
                        **{"in_reply_to": p.id, "received": envelope.hash_of(data)} | values)
        got = g.answer(mine, r, mine.sign((wire.encode(r), b""))[0])
        must(got == header["code"], f"answered {got}, not {header['code']}")
        theirs.stage(p.id, envelope.DELIVERED)      # and its true receipt comes
    return fn


each({
    "`delivered` for a message of others": foreign(stage=2, code=1202),
    "`registered` for a message of others": foreign(stage=3, code=1202),
    "`seen` for a message of others": foreign(stage=4, code=1202),
    "`refused` for a message of others": foreign(stage=5, refusal=1, code=1202),
    "RESEAL for a message of others": foreign(stage=7, code=1202),
    "a receipt for a message that never was": foreign(stage=2, in_reply_to=lambda p: envelope.uuid7(envelope.now_ms()), code=1006),
    "a receipt to one who did not send the message": foreign(stage=2, to=[OFFICE], code=1006),
    "a receipt of a stage that is none": foreign(stage=9, code=1101),
    "`stored`, which is the hub's to say": foreign(stage=1, code=1101),
}, lambda fn: fn)


def withdrawal(g, a, p, hash, **more):
    r = a.header(list(p.to), more.pop("thread", p.thread), msg_class=envelope.RECEIPT, stage=envelope.WITHDRAWN,
                 **{"in_reply_to": p.id, "received": hash, "seq": p.seq} | more)
    return g.answer(a, r, a.sign((wire.encode(r), b""))[0])


@act("another agency's message withdrawn")
def _(g):
    theirs, mine = g.adapter(THIRD), g.adapter()
    p, data = g.sealed(theirs)
    must(g.answer(theirs, p, data) == 0, "not accepted")
    must(withdrawal(g, mine, p, envelope.hash_of(data)) == 1006, "not refused with 1006")
    must(withdrawal(g, mine, p, envelope.hash_of(data), sender=THIRD) == 1201, "not refused with 1201")
    theirs.stage(p.id, envelope.DELIVERED)


@act("one's own message withdrawn twice, in another thread, for others, with another content")
def _(g):
    a = g.adapter()
    p, data = g.sealed(a, THIRD)
    must(g.answer(a, p, data) == 0, "not accepted")
    hash = envelope.hash_of(data)
    got = [withdrawal(g, a, p, os.urandom(32)), withdrawal(g, a, p, hash, thread=os.urandom(16)), withdrawal(g, a, p, hash, seq=2),
           withdrawal(g, a, p, hash), withdrawal(g, a, p, hash)]
    must(got == [1106, 1202, 1202, 0, 1007], got)


def own_receipt(g, a, p, hash, **more):
    r = a.header([getattr(p, "from")], p.thread, msg_class=envelope.RECEIPT, in_reply_to=p.id, **{"received": hash} | more)
    return g.answer(a, r, a.sign((wire.encode(r), b""))[0])


@act("receipts that contradict each other, and one for another content")
def _(g):
    theirs, mine = g.adapter(THIRD), g.adapter()
    p, data = g.sealed(theirs, PEER)
    must(g.answer(theirs, p, data) == 0, "not accepted")
    mine.wait(lambda: p.id in mine.inbox, "the message", 8)
    hash = envelope.hash_of(data)
    got = [own_receipt(g, mine, p, os.urandom(32), stage=3), own_receipt(g, mine, p, hash, stage=3),
           own_receipt(g, mine, p, hash, stage=3), own_receipt(g, mine, p, hash, stage=5, refusal=1)]
    must(got == [1106, 0, 1007, 1107], got)

# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts of a hub at a real adapter: it has the true hub's keys, and says what it may not. Afterwards the adapter is the same
process, has kept nothing of it, and takes a true message."""
import os
import random
import time

from ground import act, anonymous_mib, must, wire
import liar
from stage import OFFICE

rng = random.Random(13)
MOST = (1 << 64) - 1
_kept = []


def stand(g):
    """One liar for all acts: (liar, its house)."""
    if not _kept:
        _kept.append(liar.Liar())
        g.at_end.append(_kept[0].close)
        _kept[0].good()
    return _kept[0], _kept[0].house


def lie(name, ends=False):
    """`ends`: the adapter must end the session, and greet anew."""
    def enter(fn):
        @act(name, apart=True)
        def _(g):
            x, h = stand(g)
            h.drain()               # between two acts the adapter may have lost patience, and greeted anew
            pid, hellos = x.stage.office.process.pid, len(h.hellos)
            numbers = x.numbers()
            numbers += fn(g, x, h) or []
            if ends:
                h.serve(lambda: len(h.hellos) > hellos, "a new HELLO", 8)
            else:
                h.drain()
            must(x.stage.office.process.poll() is None and x.stage.office.process.pid == pid, "the adapter is another process")
            must(anonymous_mib(pid) < g.cap, f"the adapter holds {anonymous_mib(pid):.0f} MiB")
            must(x.numbers() == numbers, "something of it is in the inbox")
            good = retried(x, h)
            must(x.numbers() == [*numbers, good], "the true message is not in the inbox alone")
    return enter


def retried(x, h):
    """A true message; once more in a new session, which the adapter may just have begun."""
    for _ in range(3):
        try:
            return x.good(4)
        except TimeoutError:
            x.house.drain()
    return x.good(10)


def raw(h, *parts):
    h.socket.send_multipart([h.routing, *parts])


@lie("random octets as frames, by the hundred")
def _(g, x, h):
    for _ in range(300):
        raw(h, rng.randbytes(rng.randrange(0, 300)))


@lie("a message of a thousand parts from the hub")
def _(g, x, h):
    raw(h, *[b"x" * 1000] * 1000)


@lie("a frame of almost 4 MiB of zeroes from the hub")
def _(g, x, h):
    raw(h, bytes((4 << 20) - 100))


@lie("frames of an agency's kinds from the hub")
def _(g, x, h):
    h.send(hello=wire.Hello(agency=OFFICE, session=os.urandom(16)))
    h.send(submit=wire.Submit(envelopes=[b"x"]))
    h.send(taken=wire.Taken(queue_nos=[1]))
    h.send(statement_ask=wire.StatementAsk(ask=os.urandom(16)))


@lie("frames of other epochs from the hub")
def _(g, x, h):
    true = h.epoch
    for h.epoch in (0, true - 1 if true > 1 else 0, true + 1, MOST):
        h.send(credit=wire.Credit(messages=MOST, bytes=MOST))
        h.send(refused=wire.Refused(items=[wire.RefusedItem(id=os.urandom(16), env_hash=os.urandom(32), code=1103)]))
    h.epoch = true


@lie("WELCOME for a session that nobody asked for")
def _(g, x, h):
    h.send(welcome=wire.Welcome(session=os.urandom(16), checkpoint=h.checkpoint(), now_ms=1, credit=wire.Credit(messages=1, bytes=1)))


@lie("credit taken back by the hub, and 2^64-1 of it")
def _(g, x, h):
    for n in (0, 1, MOST, 5):
        h.send(credit=wire.Credit(messages=n, bytes=n))


@lie("REFUSED for messages that were never sent, with every code there is")
def _(g, x, h):
    for code in list(range(0, 2000, 7)) + [1 << 31]:
        h.send(refused=wire.Refused(items=[wire.RefusedItem(id=os.urandom(16), env_hash=os.urandom(32), code=code, text="x" * 500,
                                                            retry_after_ms=MOST)]))


@lie("ACCEPTED of a message that was never sent", ends=True)
def _(g, x, h):
    _, _, data = x.message()
    seq, leaf, salt, detail = h.enter(data)
    run = wire.Run(begin=seq, path=b"")
    run.items.add(id=os.urandom(16), leaf=leaf, salt=salt, detail=detail)
    h.send(accepted=wire.Accepted(checkpoint=h.checkpoint(), runs=[run], **h.growth()))


@lie("a DELIVER with a leaf of another message", ends=True)
def _(g, x, h):
    place = h.enter(x.message()[2])
    h.deliver(h.item(x.message()[2], place))


@lie("a DELIVER with another inclusion path", ends=True)
def _(g, x, h):
    h.deliver(h.item(x.message()[2]), change=lambda i: setattr(i, "path", os.urandom(len(i.path) or 32)))


@lie("a DELIVER under a checkpoint that nobody signed", ends=True)
def _(g, x, h):
    h.deliver(h.item(x.message()[2]), checkpoint=h.checkpoint()[:-8] + b"AAAAAA=\n")


@lie("a DELIVER of one message a hundred times")
def _(g, x, h):
    number, _, data = x.message()
    pair = h.item(data)
    h.deliver(pair)
    for _ in range(100):
        h.deliver(pair)
    h.serve(lambda: pair[1].queue_no in h.taken, "TAKEN", 8)
    return [number]


@lie("a directory that no registrar signed, and key sheets that are none")
def _(g, x, h):
    h.send(directory=wire.DirectoryUpdate(note=b"nasoka directory v1\nversion 99\nAAAA\n\n", sheets_seen=99))
    h.send(directory=wire.DirectoryUpdate(sheets=[os.urandom(200)] * 50, sheets_seen=99))
    time.sleep(0.1)


@lie("a statement that nobody asked for")
def _(g, x, h):
    h.send(statement=wire.Statement(ask=os.urandom(16), checkpoint=h.checkpoint(), head=os.urandom(100), sig=os.urandom(64), **h.growth()))


@lie("protobuf nested five thousand deep from the hub")
def _(g, x, h):
    raw(h, b"\x0b" * 100000)

# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts of who holds an enrolled agency's key, at the connection itself: in whose name it speaks, octets inside the encryption,
and a wire that repeats or changes them."""
import os
import random
import socket
import struct
import threading
import time

from ground import PEER, THIRD, act, curve, each, ended, must, session, wire

rng = random.Random(18)


def greeted_as(g, c, agency=PEER):
    """Which agency the hub takes it for: its HELLO is answered, and those of others are not."""
    c.send(g.hello(THIRD if agency == PEER else PEER))
    must(not c.hears(0.06), "it speaks for another")
    c.socket.settimeout(3)
    c.send(g.hello(agency))
    must(wire.decode("Frame", c.receive()).WhichOneof("kind") == "welcome", "no WELCOME")


@act("another agency's name as property User-Id of the handshake")
def _(g):
    dealer = curve.prop(b"Socket-Type", b"DEALER")
    for name in (b"User-Id", b"user-id", b"X-User-Id", b"Peer-Address"):
        c = g.client()
        c.shake(curve.prop(name, THIRD.encode()) + dealer)
        greeted_as(g, c)
    must(g.said("code=NSK-1201") == 4, "the hub did not say whom it took it for")


@act("a routing id of its own, thirty times")
def _(g):
    for _ in range(30):
        s = g.dealer(PEER, ROUTING_ID=bytes([rng.randrange(1, 256)]) + rng.randbytes(rng.randrange(0, 250)))
        s.send(g.hello())
        must(s.poll(15) == 0, "it was heard")


@act("a hundred planted routing ids of the hub's own form, held open")
def _(g):
    for _ in range(100):
        g.client().shake(curve.prop(b"Socket-Type", b"DEALER") + curve.prop(b"Identity", b"\0" + rng.randbytes(4)))
    with g.stage.session(THIRD) as s:
        must(s.welcome, "no WELCOME beside them")


@act("one planted id, by two connections")
def _(g):
    planted = curve.prop(b"Socket-Type", b"DEALER") + curve.prop(b"Identity", b"\0" + rng.randbytes(4))
    first, second = g.client(), g.client(THIRD)
    first.shake(planted)
    greeted_as(g, first)
    second.shake(planted)
    second.send(g.hello(THIRD))
    must(not second.hears(0.3), "the second took over the first one's place")
    first.send(g.hello())
    must(first.hears(2), "the first lost its place")


@act("an id of 255 octets, and one of 60,000")
def _(g):
    for size in (255, 60000):
        c = g.client()
        try:
            c.shake(curve.prop(b"Socket-Type", b"DEALER") + curve.prop(b"Identity", b"\1" + bytes(size - 1)))
            c.send(g.hello())
            must(not c.hears(0.2), "it was heard")
        except (curve.Closed, TimeoutError):
            pass


def in_session(fn, ends=True):
    """What is said inside an open, authenticated connection; `ends`: the hub ends it then."""
    def run(g):
        c = g.client().shake()
        greeted_as(g, c)
        fn(g, c)
        if ends:
            must(c.is_closed(3), "the connection stands")
    return run


def says(*parts):
    """Octets, each after the other; a function makes them."""
    def fn(g, c):
        for part in parts:
            c.raw(part(c) if callable(part) else part)
    return fn


def same_nonce_twice(g, c):
    n = c.number()
    c.raw(c.message(g.hello(), nonce=n))
    c.raw(c.message(g.hello(), nonce=n))


each({
    "a MESSAGE whose box does not open": in_session(says(curve.frame(b"\x07MESSAGE" + struct.pack(">Q", 1 << 20) + os.urandom(50)))),
    "a nonce used twice": in_session(same_nonce_twice),
    "a MESSAGE too short for a box": in_session(says(curve.frame(b"\x07MESSAGE\0"))),
    "an empty frame outside the encryption": in_session(says(curve.frame(b""))),
    "a clear frame inside the session": in_session(says(curve.frame(b"clear text"))),
    "HELLO of CURVE once more in the session": in_session(lambda g, c: c.hello()),
    "ERROR of CURVE in the session": in_session(says(curve.command(b"ERROR", b"\x03400")), ends=False),
    "a frame that says 2^63 octets": in_session(says(b"\x02" + struct.pack(">Q", 1 << 63))),
    "a frame that says 4 MiB and 100 octets": in_session(says(b"\x02" + struct.pack(">Q", (4 << 20) + 100), bytes(1000)), ends=False),
    "reserved flags": in_session(says(b"\xf8\x05hello")),
}, lambda fn: fn)


@act("PINGs by the ten thousand, and with a context too long")
def _(g):
    c = g.client().shake()
    greeted_as(g, c)
    drain = threading.Thread(target=lambda: c.is_closed(0.5), daemon=True)
    drain.start()
    try:
        for n in range(10000):
            c.send(b"\x04PING\0\x20" + b"x" * 16, curve.INNER_COMMAND)
        c.send(b"\x04PING\0\x20" + b"x" * 60000, curve.INNER_COMMAND)
    except curve.Closed:
        pass
    drain.join(5)


@act("commands that a ROUTER does not know, inside the session")
def _(g):
    for body in (b"\x09SUBSCRIBE", b"\x06CANCEL", b"\x04JOINabc", b"\x05LEAVE", b"\x00", b"\xffx", b"", b"\x04PONG" + bytes(200), b"\x04PING"):
        c = g.client().shake()
        try:
            c.send(body, curve.INNER_COMMAND)
            c.send(g.hello())
        except curve.Closed:
            pass


class Wire:
    """A connection to the hub through a place that sees the octets and may change them."""

    def __init__(self, g, change=None):
        self.g, self.change, self.sent = g, change, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        g.later(self.close)
        self.open = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                here = self.listener.accept()[0]
                there = socket.create_connection(("127.0.0.1", self.g.port))
            except OSError:
                return
            self.open += [here, there]
            self.sent.append([])
            threading.Thread(target=self.pipe, args=(here, there, self.sent[-1]), daemon=True).start()
            threading.Thread(target=self.pipe, args=(there, here, None), daemon=True).start()

    def pipe(self, source, sink, kept):
        try:
            while data := source.recv(65536):
                if kept is not None:
                    kept.append(data)
                    data = self.change(data, sum(map(len, kept))) if self.change else data
                sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        for s in (self.listener, *self.open):
            s.close()

    def session(self, agency=PEER):
        s = session.Session(agency, self.g.stage.keys(agency), f"tcp://127.0.0.1:{self.port}", self.g.book, self.g.stage.trusted(),
                            self.g.stage.logs[agency])
        self.g.later(s.close)
        return s


@act("a whole session, recorded, and played again octet for octet")
def _(g):
    through = Wire(g)
    s = through.session()
    s.hello()
    a = session.Adapter(s)
    p, data = g.sealed(a)
    must(g.answer(a, p, data) == 0, "the message was not accepted")
    sent = [d for part in through.sent for d in part]
    g.mark = len(g.world.hub_log.read_bytes())
    for pause in (0, 0.02):
        with socket.create_connection(("127.0.0.1", g.port), 5) as replay:
            try:
                for part in sent:
                    replay.sendall(part)
                    time.sleep(pause)
            except OSError:
                pass
            must(ended(replay, 3), "the replay is let stand")
    must(not g.said("peer.up"), "the replay has a session")
    s.idle(0.1)
    must(not s.refused and g.answer(a, *g.sealed(a)) == 0, "the true session is disturbed")


@act("each frame of a session doubled on its way")
def _(g):
    doubled = Wire(g, lambda data, n: data * 2 if n > 700 else data)
    s = doubled.session()
    try:
        s.hello(1)
        s.idle(0.3)
    except (TimeoutError, session.Broken):
        pass
    must(g.said("peer.up agency=") <= 3, "doubled frames make sessions")


@act("an octet of each frame changed on its way")
def _(g):
    def change(data, n):
        if n < 700:
            return data
        at = rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1:]
    broken = Wire(g, change)
    s = broken.session()
    try:
        s.hello(1)
        must(False, "a changed frame was answered")
    except TimeoutError:
        pass

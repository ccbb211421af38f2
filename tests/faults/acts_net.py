# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts at the hub's port: before, in and around the handshake, and octets of which no frame is made."""
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time

import zmq
from ground import (PER_AGENCY, PEER, SILENCE_S, THIRD, CannotHere, act, curve, descriptors, each, envelope,
                    limit_descriptors, must, session, stage, wait_for, wire)

rng = random.Random(11)
DEAF = pathlib.Path(os.environ.get("NASOKA_BUILD", stage.BIN.parent)) / "tests/faults/deaf_zap.so"
HANDSHAKE_S = 1.0               # as the ground's hub has it


def nobody_hears(g, *sockets):
    for s in sockets:
        try:
            s.send(g.hello(), zmq.DONTWAIT)
        except zmq.Again:
            pass
    time.sleep(0.3)
    must(not any(s.poll(0) for s in sockets), "a stranger was answered")
    must(not g.said(f"peer.up agency={PEER}"), "a stranger has a session")


@act("keys that nobody knows, forty at once")
def _(g):
    nobody_hears(g, *[g.dealer() for _ in range(40)])
    g.says("peer.refused address=\\S+ code=NSK-1104", times=40)


@act("no mechanism, forty at once")
def _(g):
    nobody_hears(g, *[g.dealer(mechanism="null") for _ in range(40)])


@act("the PLAIN mechanism")
def _(g):
    nobody_hears(g, *[g.dealer(mechanism="plain") for _ in range(10)])


@act("a known key, but another server's key")
def _(g):
    nobody_hears(g, *[g.dealer(PEER, server=zmq.curve_keypair()[0]) for _ in range(10)])


def connect(g, data=b""):
    s = socket.create_connection(("127.0.0.1", g.port), 5)
    g.later(s.close)
    if data:
        try:
            s.sendall(data)
        except OSError:
            pass
    return s


def ended(s, seconds):
    """Does the hub end it in this time?"""
    s.settimeout(seconds)
    try:
        while s.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def flood_of(make):
    def fn(g):
        sockets = [connect(g, make()) for _ in range(100)]
        g.honest.settle()               # while they stand open
        must(all(ended(s, 3 * HANDSHAKE_S + 2) for s in sockets), "a connection without a handshake stands for ever")
    return fn


each({
    "random octets, a hundred at once": lambda: rng.randbytes(rng.randrange(1, 400)),
    "HTTP instead of a greeting": lambda: b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n",
    "TLS instead of a greeting": lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(505),
    "the greeting of ZMTP 1": lambda: b"\x05\x00abcd",
    "the greeting of ZMTP 2": lambda: b"\xff" + bytes(7) + b"\x05\x7f\x01\x05\x00\x04test",
    "a greeting, then nothing": lambda: curve.GREETING,
    "a greeting, then a HELLO of zeroes": lambda: curve.GREETING + curve.command(b"HELLO", bytes(194)),
    "a greeting, then READY": lambda: curve.GREETING + curve.command(b"READY", rng.randbytes(200)),
    "a greeting, then INITIATE": lambda: curve.GREETING + curve.command(b"INITIATE", rng.randbytes(257)),
    "a greeting, then a frame that says 2^62 octets": lambda: curve.GREETING + b"\x06" + struct.pack(">Q", 1 << 62) + bytes(100),
    "a greeting, then a command whose name is longer than it": lambda: curve.GREETING + b"\x04\x05\xffHELL",
    "a greeting, then an empty command": lambda: curve.GREETING + b"\x04\x00",
}, flood_of)


@act("slow handshakes, three hundred at once, each stopped at another octet")
def _(g):
    whole = curve.GREETING + curve.command(b"HELLO", b"\x01\x00" + bytes(192))
    sockets = [connect(g, whole[:n % len(whole)]) for n in range(300)]
    g.honest.settle()
    with g.stage.session():             # who has a right to, comes in meanwhile
        pass
    must(all(ended(s, 3 * HANDSHAKE_S + 2) for s in sockets), "a handshake may take for ever")


@act("a handshake of one octet each tenth of a second")
def _(g):
    s = connect(g)
    for octet in curve.GREETING:
        try:
            s.sendall(bytes([octet]))
        except OSError:
            return
        time.sleep(0.1)
    must(ended(s, 1), "it may drip for ever")


def hello_of(change):
    def fn(g):
        for _ in range(20):
            c = g.client()
            c.greet()
            c.hello(change)
            must(c.is_closed(3 * HANDSHAKE_S), "a false HELLO is let stand")
    return fn


each({
    "HELLO whose box does not open": lambda b: b[:-1] + bytes([b[-1] ^ 1]),
    "HELLO of another version": lambda b: b"\x02" + b[1:],
    "HELLO too short": lambda b: b[:-1],
    "HELLO too long": lambda b: b + b"\0",
}, hello_of)


def initiate_of(fn):
    def run(g):
        c = g.client()
        c.greet()
        c.hello()
        c.welcome()
        fn(g, c)
        must(c.is_closed(3 * HANDSHAKE_S), "a false INITIATE is let stand")
        must(not g.said("peer.up"), "it has a session")
    return run


def stolen_name(g, c):
    c.initiate(public=g.key(THIRD).public)


def stolen_vouch(g, c):
    c.initiate(vouch_of=os.urandom(32))


def own_cookie(g, c):
    c.cookie = os.urandom(96)
    c.initiate()


def cookie_of_another(g, c):
    other = g.client()
    other.greet()
    other.hello()
    other.welcome()
    c.cookie = other.cookie
    c.initiate()


def no_initiate(g, c):
    c.raw(curve.command(b"INITIATE", c.cookie + os.urandom(300)))


def short_initiate(g, c):
    c.raw(curve.command(b"INITIATE", c.cookie[:50]))


def as_publisher(g, c):
    c.initiate(curve.prop(b"Socket-Type", b"PUB"))
    c.send(g.hello())


def as_subscriber(g, c):
    c.initiate(curve.prop(b"Socket-Type", b"SUB"))
    c.send(g.hello())


def broken_property(g, c):
    c.initiate(b"\x0bSocket-Type" + struct.pack(">I", 1 << 30) + b"DEALER")




each({
    "INITIATE in another agency's name, by its own secret": stolen_name,
    "INITIATE whose vouch is for another key": stolen_vouch,
    "INITIATE with a made-up cookie": own_cookie,
    "INITIATE with another connection's cookie": cookie_of_another,
    "INITIATE of random octets": no_initiate,
    "INITIATE cut off": short_initiate,
    "a publisher where a DEALER belongs": as_publisher,
    "a subscriber": as_subscriber,
    "a property of 2^30 octets in a small INITIATE": broken_property,
}, initiate_of)


@act("metadata of 3 MiB in a handshake, from twenty connections that stay", may_die=True)
def _(g):
    metadata = b"".join(curve.prop(b"X-%d" % n, os.urandom(2000)) for n in range(1500))
    for _ in range(20):
        try:
            g.client().shake(metadata)
        except (curve.Closed, TimeoutError, OSError):
            pass
    time.sleep(0.3)


@act("4 MiB each, from a hundred strangers who never end their first frame", may_die=True)
def _(g):
    junk = os.urandom(1 << 20)

    def one():
        s = connect(g, curve.GREETING + b"\x06" + struct.pack(">Q", (4 << 20) - 1))
        try:
            for _ in range(3):
                s.sendall(junk)
        except OSError:
            pass
    threads = [threading.Thread(target=one, daemon=True) for _ in range(100)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(5)
    time.sleep(0.2)


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


@act("two thousand connections, each closed at once")
def _(g):
    for _ in range(2000):
        socket.create_connection(("127.0.0.1", g.port), 5).close()


@act("a thousand connections, each reset in its handshake")
def _(g):
    for n in range(1000):
        s = socket.create_connection(("127.0.0.1", g.port), 5)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.sendall(curve.GREETING[:n % 65])
        s.close()


@act("two hundred sessions, begun and left at once")
def _(g):
    for n in range(200):
        c = g.client()
        try:
            c.shake()
            c.send(g.hello())
        except curve.Closed:            # so many may not stand at once
            pass
        c.close()


@act("more connections of one key than one may have")
def _(g):
    before = most = descriptors(g.world.hub.pid)
    for _ in range(PER_AGENCY + 40):
        try:
            g.client().shake()
        except curve.Closed:
            pass
        most = max(most, descriptors(g.world.hub.pid))
    must(most - before <= PER_AGENCY + 20, f"{most - before} stand")   # one that is refused is closed a moment later
    must(g.said(f"agency={PEER} code=NSK-1008"), "nothing was said of it")
    with g.stage.session(THIRD) as s:   # for others there is room
        must(s.welcome, "no WELCOME beside them")


@act("as many connections as the hub may have descriptors")
def _(g):
    before = descriptors(g.world.hub.pid)
    old = limit_descriptors(g.world.hub.pid, before + 60)
    g.later(lambda: limit_descriptors(g.world.hub.pid, old[0]))
    sockets = [connect(g) for _ in range(100)]
    wait_for("the last descriptor", lambda: descriptors(g.world.hub.pid) >= before + 55, 3, 0.002)
    g.honest.settle()                   # their sessions stand
    for s in sockets:
        s.close()
    with g.stage.session(THIRD) as s:   # and there is room again
        must(s.welcome, "no WELCOME after them")


FAR = """import sys, zmq
endpoint, server, public, secret, hello = (bytes.fromhex(line) for line in sys.stdin)
context, sockets = zmq.Context(), []
for n in range(100):
    s = context.socket(zmq.DEALER)
    s.curve_serverkey, s.curve_publickey, s.curve_secretkey = server, public, secret
    sockets.append((s, s.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)))
    s.connect(endpoint.decode())
    s.send(hello)
for _, monitor in sockets:
    monitor.recv_multipart()
print("up", flush=True)
zmq.Context.instance().socket(zmq.PULL).recv()
"""


@act("connections with a good key that end without a word (no FIN), a hundred")
def _(g):
    """In a network of their own, from which not one packet more comes then."""
    name = f"nsk{os.getpid()}"
    ip = shutil.which("ip") or "/usr/sbin/ip"

    def run(*command):
        return subprocess.run([ip, *command], capture_output=True, text=True, timeout=20)
    if run("netns", "add", name).returncode != 0:
        raise CannotHere("no network namespace may be made")
    g.later(lambda: run("netns", "del", name))
    host, inner = f"{name[:12]}a", f"{name[:12]}b"
    if run("link", "add", host, "type", "veth", "peer", "name", inner, "netns", name).returncode != 0:
        raise CannotHere("no pair of links may be made")
    g.later(lambda: run("link", "del", host))
    run("addr", "add", "10.231.7.1/30", "dev", host)
    run("link", "set", host, "up")
    run("-n", name, "addr", "add", "10.231.7.2/30", "dev", inner)
    run("-n", name, "link", "set", inner, "up")
    before = descriptors(g.world.hub.pid)
    child = subprocess.Popen(["nsenter", f"--net=/run/netns/{name}", sys.executable, "-c", FAR], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    g.later(lambda: (child.kill(), child.wait()))
    key = g.key(PEER)
    for text in (f"tcp://10.231.7.1:{g.port}".encode(), g.book.d.curve_key, key.public, key.secret, g.hello()):
        child.stdin.write(text.hex().encode() + b"\n")
    child.stdin.close()
    must(child.stdout.readline() == b"up\n" and descriptors(g.world.hub.pid) >= before + 100, "they were not let in")
    run("-n", name, "route", "add", "blackhole", "10.231.7.1/32")
    child.kill()
    wait_for("the hub to end what is silent", lambda: descriptors(g.world.hub.pid) < before + 20, SILENCE_S + 10, 0.1)


@act("the handler that says who may connect is gone", is_light=False)
def _(g):
    """In a hub of its own, with a library before libzmq that leaves the handler out."""
    x = stage.Stage(with_hub=False)
    g.later(x.stop)
    must(DEAF.exists(), f"{DEAF} is not built")
    hub = x.world.hub_dir / "hub.yaml"
    said = x.world.dir / "deaf.log"
    with open(said, "wb") as out:
        p = subprocess.Popen([stage.BIN / "nasoka-hub", "--config", hub], stdout=out, stderr=out, env={**os.environ, "LD_PRELOAD": str(DEAF)})
    g.later(lambda: (p.kill(), p.wait()))
    wait_for("the hub without a handler", lambda: b"ready " in said.read_bytes(), 10)
    for agency in (PEER, THIRD):
        with x.session(agency, hello=False) as s:
            try:
                s.hello(2)
                must(False, f"{agency} got in")
            except TimeoutError:
                pass
    must(p.poll() is None and b"peer.up" not in said.read_bytes(), "somebody has a session")
    p.terminate()
    must(p.wait(5) == 0, "it did not end well")
    x.world.start_hub()
    with x.session() as s:
        must(s.welcome, "with the handler the same key is not let in")

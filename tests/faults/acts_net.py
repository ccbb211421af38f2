# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts at the hub's port: before, in and around the handshake, and octets of which no frame is made."""
import os
import pathlib
import random
import struct
import subprocess
import threading
import time

import zmq
from ground import PEER, THIRD, act, connect, curve, each, ended, must, stage, wait_for

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

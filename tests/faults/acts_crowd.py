# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts by sheer number: connections begun, reset, left, and held open without a word."""
import os
import shutil
import socket
import struct
import subprocess
import sys

from ground import (PER_AGENCY, PEER, SILENCE_S, THIRD, CannotHere, act, connect, curve, descriptors,
                    limit_descriptors, must, wait_for)


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

# SPDX-License-Identifier: EUPL-1.2
"""Hostile acts at the doors of real adapters: HTTP of the office, MLLP of the hospital, the folder of the school."""
import os
import random
import socket
import time

from disklab import HEADER
from ground import act, each, must, wait_for

SWALLOW, SWALLOW_SECONDS = 64 << 20, 30      # of a body that is refused (http.h, http_lines.h)
rng = random.Random(14)


def say(port, data, wait=3.0):
    """What comes back until the door ends the connection, or so long."""
    with socket.create_connection(("127.0.0.1", port), 5) as s:
        s.settimeout(wait)
        got = b""
        try:
            s.sendall(data)
        except OSError:
            pass
        try:
            while more := s.recv(65536):
                got += more
        except OSError:
            pass
        return got


def http(g, data, wait=3.0):
    return say(g.office.http_port, data, wait)


def head_of(g, *headers, line=b"POST /v1/referrals HTTP/1.1", token=None):
    token = g.office.token.encode() if token is None else token
    return b"\r\n".join([line, b"Host: x", b"Authorization: Bearer " + token, b"Content-Type: application/json", b"Connection: close",
                         *headers]) + b"\r\n\r\n"


def post(g, body, *headers, wait=3.0):
    if not any(h.lower().startswith((b"content-length", b"transfer-encoding")) for h in headers):
        headers += (b"Content-Length: %d" % len(body),)
    return http(g, head_of(g, *headers) + body, wait)


def bomb(body):
    def fn(g):
        got = post(g, body())
        must(got.startswith(b"HTTP/1.1 4") and b"NSK-" in got, f"answered {got[:80]}")
    return fn


each({f"JSON bomb: {name}": body for name, body in {
    "lists half a million deep": lambda: b"[" * 500000,
    "objects a hundred thousand deep": lambda: b'{"a":' * 100000,
    "a number of half a million digits": lambda: b'{"referral_id":' + b"9" * 500000 + b"}",
    "a number beyond all numbers": lambda: b'{"a":1e' + b"9" * 400 + b"}",
    "half surrogates": lambda: b'{"referral_id":"' + b"\\ud800" * 50000 + b'"}',
    "a hundred thousand names": lambda: b"{" + b",".join(b'"k%d":1' % n for n in range(100000)) + b"}",
    "a zero octet in a text": lambda: b'{"referral_id":"x\\u0000y"}',
    "UTF-16": lambda: b"\xff\xfe{\0}\0",
    "two hundred thousand empty objects": lambda: b"[" + b"{}," * 200000 + b"{}]",
    "one name twice": lambda: b'{"referral_id":"a","referral_id":"b"}',
}.items()}, bomb)

INNER = b"GET /v1/inbox?after=0 HTTP/1.1\r\nHost: x\r\n\r\n"


def smuggle(*headers):
    def fn(g):
        got = post(g, b"{}" + INNER, *headers, wait=0.5)
        must(b"200 OK" not in got and b'"items"' not in got, f"answered {got[:200]}")
    return fn


each({f"a second request smuggled: {name}": headers for name, headers in {
    "length 0 and chunked": (b"Content-Length: 0", b"Transfer-Encoding: chunked"),
    "two lengths": (b"Content-Length: 2", b"Content-Length: 90"),
    "chunked, identity": (b"Transfer-Encoding: chunked, identity"),
    "an unknown encoding": (b"Transfer-Encoding: xchunked",),
    "a negative length": (b"Content-Length: -1",),
    "a length of 2^64 and more": (b"Content-Length: 18446744073709551617",),
    "a blank before the colon": (b"Transfer-Encoding : chunked",),
}.items()}, lambda h: smuggle(*([h] if isinstance(h, bytes) else h)))


@act("paths that lead elsewhere")
def _(g):
    for path in (b"/../../etc/passwd", b"/v1/../../etc/passwd", b"/v1/inbox/%2e%2e%2f%2e%2e/registered", b"/v1/referrals/%00", b"//", b"/%",
                 b"/v1/referrals/" + b"a" * 4000, b"/v1/inbox?after=99999999999999999999999", b"/v1/inbox?after=-1", b"*",
                 b"http://other.example/v1/inbox"):
        got = http(g, head_of(g, line=b"GET " + path + b" HTTP/1.1"))
        must(b"root:" not in got and not got.startswith(b"HTTP/1.1 5"), f"{path[:60]}: {got[:80]}")


@act("tokens by guessing, five hundred")
def _(g):
    token = g.office.token.encode()
    for guess in [b"", b"x" * 4000, token[:-1], token + b"x", token.upper(), b"\xff" * 20] + [rng.randbytes(12).hex().encode() for _ in range(494)]:
        got = http(g, head_of(g, b"Content-Length: 2", token=guess) + b"{}")
        must(got.startswith(b"HTTP/1.1 4"), f"{guess[:30]}: {got[:60]}")


@act("a header without end")
def _(g):
    got = http(g, b"GET /v1/inbox HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"a" * (1 << 20))
    must(b" 200 " not in got[:20], got[:60])


@act("ten thousand headers")
def _(g):
    got = http(g, b"GET /v1/inbox?after=0 HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10000)) + b"\r\n")
    must(b" 200 " not in got[:20], got[:60])


@act("a body of 64 MiB")
def _(g):
    with socket.create_connection(("127.0.0.1", g.office.http_port), 5) as s:
        s.settimeout(5)
        got = b""
        try:
            s.sendall(head_of(g, b"Content-Length: %d" % (64 << 20)))
            for _ in range(64):
                s.sendall(bytes(1 << 20))
        except OSError:
            pass
        try:
            got = s.recv(65536)
        except OSError:
            pass
        must(got.startswith(b"HTTP/1.1 413") and b"NSK-1005" in got, got[:60])


@act("bodies without end, four at once")
def _(g):
    held, heard, begun, n = crowd(g, g.office.http_port, 4, head_of(g, b"Transfer-Encoding: chunked") + b"7fffffff\r\n"), {}, time.monotonic(), 0
    while held and time.monotonic() - begun < SWALLOW_SECONDS + 10:
        for s in list(held):
            s.settimeout(0.2)
            try:
                heard[s] = heard.get(s, 0) + s.send(bytes(1 << 18))
            except TimeoutError:
                pass
            except OSError:
                held.remove(s)
        n += 1
        if n % 50 == 1:
            stranger(g, 5)
    must(not held, f"{len(held)} are still heard after {time.monotonic() - begun:.0f} s")
    must(all(SWALLOW <= n < SWALLOW + (16 << 20) for n in heard.values()), f"heard for {[n >> 20 for n in heard.values()]} MiB")


@act("chunks of a length that is none")
def _(g):
    for size in (b"ffffffffffffffff", b"-5", b"zz", b"7fffffffffffffff", b"1" * 400):
        got = http(g, head_of(g, b"Transfer-Encoding: chunked") + size + b"\r\nabc\r\n0\r\n\r\n", 0.3)
        must(b" 20" not in got[:16], got[:60])


def stranger(g, seconds):
    """Somebody who comes anew, over no connection that stood before."""
    got = http(g, head_of(g, line=b"GET /v1/inbox?after=0 HTTP/1.1"), seconds)
    must(got.startswith(b"HTTP/1.1 200"), f"a stranger got {got[:60]} in {seconds} s")


def crowd(g, port, n, said):
    """So many connections, all held, with that said on each."""
    held = []
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", port), 5)
        g.later(s.close)
        try:
            s.sendall(said)
        except OSError:
            pass
        held.append(s)
    return held


@act("more slow callers than the door has places, their requests half said")
def _(g):
    crowd(g, g.office.http_port, 100, b"POST /v1/referrals HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nX-")
    g.honest.settle()                   # over the connections that it keeps
    stranger(g, 6)                      # and over a new one: each of the slow keeps a place for a second, when another wants it


@act("more slow callers than the door has places, their bodies half sent")
def _(g):
    crowd(g, g.office.http_port, 70, head_of(g, b"Content-Length: 1000") + b"{")
    stranger(g, 6)


@act("three hundred connections that are closed before the door lets them in")
def _(g):
    for _ in range(300):
        socket.create_connection(("127.0.0.1", g.office.http_port), 5).close()
    stranger(g, 3)


@act("a request that comes letter by letter", apart=True)
def _(g):
    with socket.create_connection(("127.0.0.1", g.office.http_port), 5) as s:
        s.settimeout(0.3)
        s.sendall(b"GET /v1/inbox HTTP/1.1\r\nHost: x\r\nX: ")
        begun, got = time.monotonic(), None
        while got != b"" and time.monotonic() < begun + 20:
            try:
                s.sendall(b"x")
                got = s.recv(100)
            except TimeoutError:
                pass
            except OSError:
                break
        must(time.monotonic() - begun < 14, f"hung up after {time.monotonic() - begun:.1f} s")


@act("a thousand requests on one connection, and no answer read")
def _(g):
    with socket.create_connection(("127.0.0.1", g.office.http_port), 5) as s:
        s.settimeout(2)
        try:
            s.sendall(b"GET /v1/inbox?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n" % g.office.token.encode() * 1000)
        except OSError:
            pass
        g.honest.settle()


@act("HTTP of no kind: random octets, TLS, a lone line")
def _(g):
    for data in [rng.randbytes(300) for _ in range(20)] + [b"\x16\x03\x01\x02\x00" + bytes(512), b"\r\n" * 1000, b"GET\r\n\r\n", b"\0" * 5000]:
        got = http(g, data, 0.05)
        must(b" 200 " not in got[:20], got[:60])


# -- MLLP --

def mllp(data, wait=0.3):
    def fn(g):
        got = say(g.hospital.mllp_port, data(), wait)
        must(b"|AA|" not in got and b"\rMSA|AA" not in got, f"acknowledged: {got[:200]}")
    return fn


def hl7(more=b""):
    return b"MSH|^~\\&|HIS|MBAL|NASOKA|X|20261120||REF^I12|1|P|2.5.1\r" + more


each({f"MLLP: {name}": data for name, data in {
    "random octets": lambda: rng.randbytes(100000),
    "a start block without end, 4 MiB": lambda: b"\x0b" + b"MSH|" + b"x" * (4 << 20),
    "end blocks alone": lambda: b"\x1c\r" * 10000,
    "start blocks alone": lambda: b"\x0b" * 5000,
    "a message of nothing": lambda: b"\x0b\x1c\r" * 1000,
    "a header cut off": lambda: b"\x0bMSH|^~\\&|HIS\x1c\r",
    "separators that are all the same": lambda: b"\x0bMSH|||||||||||||\x1c\r",
    "a segment of a million fields": lambda: b"\x0b" + hl7(b"PID" + b"|" * 1000000 + b"\r") + b"\x1c\r",
    "a hundred thousand segments": lambda: b"\x0b" + hl7(b"NTE|1\r" * 100000) + b"\x1c\r",
    "escapes without end": lambda: b"\x0b" + hl7(b"PID|" + b"\\X" * 50000 + b"\r") + b"\x1c\r",
}.items()}, mllp)


@act("MLLP: a hundred slow callers")
def _(g):
    crowd(g, g.hospital.mllp_port, 100, b"\x0bMSH|^~")
    wait_for("a stranger to be answered", lambda: b"MSA|A" in say(g.hospital.mllp_port, b"\x0b" + hl7() + b"\x1c\r", 0.5), 5, 0.1)


# -- the folder --

def put(g, name, data):
    """A file handed in, in one piece."""
    folder = g.school.folder("in")
    (folder / f".{name}.part").write_bytes(data)
    (folder / f".{name}.part").rename(folder / name)


def file(data):
    """A file that may be looked at for a while, since it may still grow; another one passes it by, and nothing of it is accepted."""
    def fn(g):
        name = f"f-{g.number()}.csv"
        put(g, name, data())
        good_file(g)
        result = g.school.folder("out") / f"{name}.result.csv"
        must(not result.exists() or b"accepted" not in result.read_bytes(), "something of it was accepted")
    return fn


def good_file(g):
    number = f"D-{g.number()}"
    row = (f"{number};20.11.2026;1690001;PDV22;Калина;Тест-Пробна;07.03.2015;female;attendance-support;medium;routine;"
           "Нужда от подкрепа.;statutory-task;02.03.2027")
    put(g, f"{number}.csv", f"{HEADER}\r\n{row}\r\n".encode("cp1251"))
    wait_for("a good file to be done", (g.school.folder("done") / f"{number}.csv").exists, 5)


each({f"folder: {name}": data for name, data in {
    "random octets as a table": lambda: rng.randbytes(200000),
    "zeroes": lambda: bytes(100000),
    "a quote that is never closed": lambda: HEADER.encode() + b'\r\n"' + b"x;" * 100000,
    "a row of a million columns": lambda: HEADER.encode() + b"\r\n" + b";" * 1000000,
    "a hundred thousand rows of nothing": lambda: HEADER.encode() + b"\r\n" + b";\r\n" * 100000,
    "a zip": lambda: b"PK\x03\x04" + rng.randbytes(5000),
    "a table of 48 MiB": lambda: HEADER.encode() + b"\r\n" + b"x" * (48 << 20),
}.items()}, file)


@act("folder: links to the adapter's own keys and to a device, a pipe, a folder")
def _(g):
    folder = g.school.folder("in")
    (folder / "link.csv").symlink_to(g.school.keys / "signing.key")
    (folder / "device.csv").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    time.sleep(0.4)
    good_file(g)
    said = b"".join(p.read_bytes() for d in ("bad", "out", "done") for p in g.school.folder(d).glob("link*") if p.is_file() and not p.is_symlink())
    must(b"nasoka" not in said and (g.school.keys / "signing.key").exists(), "a key was read or moved")
    for name in ("link.csv", "device.csv", "pipe.csv"):
        (folder / name).unlink(missing_ok=True)
    (folder / "folder.csv").rmdir()


@act("folder: two hundred files without sense")
def _(g):
    folder = g.school.folder("in")
    for n in range(200):
        (folder / f"e{n}.csv").write_bytes(b"x;y\r\n%d;\r\n" % n)
    wait_for("them to be moved", lambda: not list(folder.glob("e*.csv")), 20, 0.1)
    good_file(g)

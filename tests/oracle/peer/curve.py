# SPDX-License-Identifier: EUPL-1.2
"""ZMTP 3.1 and CURVE over a bare socket, from their specifications: a client that may say at each step what libzmq never would."""
import os
import socket
import struct

from nacl import bindings

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32)
MORE, LONG, COMMAND = 1, 2, 4           # flags of a ZMTP frame
INNER_MORE, INNER_COMMAND = 1, 2        # and of what is inside a MESSAGE


def frame(body, flags=0):
    if len(body) > 255:
        return bytes([flags | LONG]) + struct.pack(">Q", len(body)) + body
    return bytes([flags, len(body)]) + body


def command(name, body=b"", flags=COMMAND):
    return frame(bytes([len(name)]) + name + body, flags)


def prop(name, value):
    return bytes([len(name)]) + name + struct.pack(">I", len(value)) + value


class Closed(Exception):
    """The other side ended the connection, or said ERROR."""


class Client:
    """`public`, `secret`: its long-term key; `server`: the server's. Nothing is sent before it is asked for."""

    def __init__(self, port, server, public, secret, timeout=2.0):
        self.server, self.public, self.secret = server, public, secret
        self.short_public, self.short_secret = bindings.crypto_box_keypair()
        self.nonce = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.buffer = b""

    def close(self):
        self.socket.close()

    # -- octets --

    def raw(self, data):
        try:
            self.socket.sendall(data)
        except OSError as e:
            raise Closed(str(e)) from None

    def take(self, n):
        while len(self.buffer) < n:
            try:
                more = self.socket.recv(65536)
            except TimeoutError:
                raise
            except OSError as e:
                raise Closed(str(e)) from None
            if not more:
                raise Closed("end")
            self.buffer += more
        got, self.buffer = self.buffer[:n], self.buffer[n:]
        return got

    def frame(self):
        """(flags, body)."""
        flags, n = self.take(2)
        if flags & LONG:
            n = struct.unpack(">Q", bytes([n]) + self.take(7))[0]
        return flags, self.take(n)

    def is_closed(self, seconds):
        """Does the other side end the connection in this time?"""
        self.socket.settimeout(seconds)
        try:
            while True:
                self.take(1)
        except Closed:
            return True
        except TimeoutError:
            return False

    # -- handshake --

    def number(self):
        self.nonce += 1
        return struct.pack(">Q", self.nonce)

    def greet(self):
        self.raw(GREETING)
        self.take(64)

    def hello(self, change=None):
        n = self.number()
        box = bindings.crypto_box(bytes(64), b"CurveZMQHELLO---" + n, self.server, self.short_secret)
        body = b"\x01\x00" + bytes(72) + self.short_public + n + box
        self.raw(command(b"HELLO", change(body) if change else body))

    def welcome(self):
        _, body = self.frame()
        if not body.startswith(b"\x07WELCOME"):
            raise Closed(body[:40])
        plain = bindings.crypto_box_open(body[24:], b"WELCOME-" + body[8:24], self.server, self.short_secret)
        self.server_short, self.cookie = plain[:32], plain[32:]

    def initiate(self, metadata=None, public=None, vouch_of=None):
        """`public`: the key that it says is its own; `vouch_of`: what it vouches for instead of its short key."""
        n, v = self.number(), os.urandom(16)
        metadata = prop(b"Socket-Type", b"DEALER") + prop(b"Identity", b"") if metadata is None else metadata
        vouch = bindings.crypto_box((vouch_of or self.short_public) + self.server, b"VOUCH---" + v, self.server_short, self.secret)
        plain = (public or self.public) + v + vouch + metadata
        box = bindings.crypto_box(plain, b"CurveZMQINITIATE" + n, self.server_short, self.short_secret)
        self.raw(command(b"INITIATE", self.cookie + n + box))

    def ready(self):
        _, body = self.frame()
        if not body.startswith(b"\x05READY"):
            raise Closed(body[:40])
        self.metadata = bindings.crypto_box_open(body[14:], b"CurveZMQREADY---" + body[6:14], self.server_short, self.short_secret)

    def shake(self, metadata=None):
        """All of it."""
        self.greet()
        self.hello()
        self.welcome()
        self.initiate(metadata)
        self.ready()
        return self

    # -- messages --

    def message(self, payload, flags=0, nonce=None):
        """The octets of one MESSAGE."""
        n = nonce or self.number()
        box = bindings.crypto_box(bytes([flags]) + payload, b"CurveZMQMESSAGEC" + n, self.server_short, self.short_secret)
        return frame(b"\x07MESSAGE" + n + box)

    def send(self, payload, flags=0):
        self.raw(self.message(payload, flags))

    def receive(self):
        """The next message's payload; heartbeats are left out."""
        while True:
            _, body = self.frame()
            if not body.startswith(b"\x07MESSAGE"):
                raise Closed(body[:40])
            plain = bindings.crypto_box_open(body[16:], b"CurveZMQMESSAGES" + body[8:16], self.server_short, self.short_secret)
            if not plain[0] & INNER_COMMAND:
                return plain[1:]

    def hears(self, seconds):
        """Does anything but heartbeats come in this time? An end is nothing."""
        self.socket.settimeout(seconds)
        try:
            self.receive()
            return True
        except (TimeoutError, Closed):
            return False

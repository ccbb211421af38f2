# SPDX-License-Identifier: EUPL-1.2
"""Outsiders and an enrolled agency that means harm, against the real hub and the doors of a real nasoka-social: afterwards both
still run as the same processes, and a true message goes through at once."""
import os
import random
import socket
import time
import unittest

import stage
import zmq
from peer import envelope, session, wire
from stage import OFFICE, PEER, THIRD

SHORT_S = 5			# in this time a true message must be through while or after all of it
rng = random.Random(7)


class Attack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.Stage()
        cls.addClassCleanup(cls.stage.stop)
        cls.count = 0

    def setUp(self):
        self.pids = self.stage.world.hub.pid, self.stage.office.process.pid
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.addCleanup(self.unharmed)

    def unharmed(self):
        """A true message arrives, and nobody was started anew."""
        Attack.count += 1
        number = f"T-{self.count}"
        with self.stage.session() as s:
            a, begun = session.Adapter(s), time.monotonic()
            p = a.header([OFFICE], os.urandom(16))
            a.send(p, stage.referral(number, PEER, OFFICE, envelope.now_ms()))
            a.stage(p.id, envelope.DELIVERED)
            self.assertLess(time.monotonic() - begun, SHORT_S)
        self.assertIn(number, [i.get("referral_id") for i in self.stage.inbox()])
        self.assertEqual((self.stage.world.hub.poll(), self.stage.office.process.poll()), (None, None))
        self.assertEqual(self.pids, (self.stage.world.hub.pid, self.stage.office.process.pid))

    def dealer(self, keys=None, **options):
        """A DEALER with the transport key of that agency, or with one that nobody knows; None: without CURVE."""
        s = self.context.socket(zmq.DEALER)
        self.addCleanup(s.close, 0)
        s.linger = 0
        for name, value in options.items():
            s.setsockopt(getattr(zmq, name), value)
        if keys != "plain":
            public, secret = zmq.curve_keypair()
            s.curve_serverkey, s.curve_publickey, s.curve_secretkey = self.stage.book().d.curve_key, public, secret
        if keys not in (None, "plain"):
            key = session.Key.load(f"{self.stage.keys(keys)}/transport.key")
            s.curve_publickey, s.curve_secretkey = key.public, key.secret
        s.connect(self.stage.world.endpoint)
        return s

    def hello(self, agency):
        return wire.encode(wire.Frame(hello=wire.Hello(agency=agency, session=os.urandom(16), software="attack",
                                                       credit=wire.Credit(messages=10, bytes=1 << 20))))

    # -- the network --

    def test_without_a_known_key_nobody_is_heard(self):
        for s in [self.dealer() for _ in range(40)] + [self.dealer("plain") for _ in range(40)]:
            try:
                s.send(self.hello(PEER), zmq.DONTWAIT)
            except zmq.Again:
                pass
            self.assertEqual(s.poll(10), 0)

    def test_what_is_no_zmtp_is_dropped(self):
        greetings = [b"", b"\xff" * 10, b"GET / HTTP/1.1\r\n\r\n", b"\xff\0\0\0\0\0\0\0\1\x7f\3\1CURVE" + bytes(48) + b"\4\xc8\5HELLO" + bytes(194),
                     b"\xff\0\0\0\0\0\0\0\1\x7f\3\1NULL" + bytes(49) + b"\4\x26\5READY" + bytes(200)]
        sockets = []
        for n in range(200):
            s = socket.create_connection(("127.0.0.1", self.stage.world.port))
            s.settimeout(1)
            sockets.append(s)
            data = greetings[n % len(greetings)] if n < 100 else rng.randbytes(rng.randrange(1, 400))
            try:
                s.sendall(data)
            except OSError:
                pass
        self.unharmed()		# while they stand open, and the handshakes of some are not done
        for s in sockets:
            s.close()

    # -- an enrolled agency --

    def test_frames_without_sense_are_dropped(self):
        s = self.dealer(PEER)
        good = self.hello(PEER)
        for n in range(600):
            data = bytearray(good)
            for _ in range(rng.randrange(1, 4)):
                data[rng.randrange(len(data))] = rng.randrange(256)
            s.send(bytes(data) if n % 2 else rng.randbytes(rng.randrange(0, 300)))
        s.send(b"")
        s.send_multipart([good] * 3)
        s.send_multipart([b"x" * 2048] * 3000)
        s.send(b"\0" * (4 << 20))
        s.send(self.hello(OFFICE))	# for somebody else
        s.send(wire.encode(wire.Frame(epoch=1, submit=wire.Submit(envelopes=[b"x"] * 1024))))
        s.send(wire.encode(wire.Frame(epoch=1 << 63, taken=wire.Taken(queue_nos=[(1 << 64) - 1] * 1024))))
        self.unharmed()

    def test_a_frame_above_the_limit_ends_that_connection_only(self):
        with self.stage.session(THIRD):
            s = self.dealer(PEER)
            s.send(b"x" * ((4 << 20) + 1))
            time.sleep(0.3)

    def test_a_routing_id_of_its_own_gets_it_nothing(self):
        for n in range(30):
            s = self.dealer(PEER, ROUTING_ID=bytes([rng.randrange(1, 256)]) + rng.randbytes(rng.randrange(0, 20)))
            s.send(self.hello(PEER))
            self.assertEqual(s.poll(20), 0)

    def test_many_connections_of_one_key(self):
        sockets = [self.dealer(PEER) for _ in range(60)]
        for s in sockets:
            s.send(self.hello(PEER))
        self.assertTrue(any(s.poll(100) for s in sockets))

    def test_credit_and_taken_that_are_lies(self):
        with self.stage.session(THIRD) as s:
            most = (1 << 64) - 1
            s.send(credit=wire.Credit(messages=most, bytes=most))
            s.send(credit=wire.Credit())
            for no in (0, 1, 2, most):
                s.send(taken=wire.Taken(queue_nos=[no] * 50))
            s.send(taken=wire.Taken())
            s.idle(0.2)
            self.assertFalse(s.delivered)

    def test_an_eager_peer_is_held_to_its_credit(self):
        with self.stage.session() as s:
            for _ in range(40):
                s.send(submit=wire.Submit(envelopes=[rng.randbytes(30)] * 1024))
            s.until(lambda: len(s.refused) >= 40 * 1024, "REFUSED", 20)

    # -- the doors --

    def door(self, data, wait=2.0):
        with socket.create_connection(("127.0.0.1", self.stage.office.http_port)) as s:
            s.settimeout(wait)
            s.sendall(data)
            got = b""
            try:
                while more := s.recv(65536):
                    got += more
            except OSError:
                pass
            return got

    def post(self, body, *headers):
        head = [b"POST /v1/referrals HTTP/1.1", b"Host: x", b"Authorization: Bearer " + self.stage.office.token.encode(),
                b"Content-Type: application/json", b"Connection: close", *headers]
        if not any(h.lower().startswith((b"content-length", b"transfer-encoding")) for h in headers):
            head.append(b"Content-Length: %d" % len(body))
        return self.door(b"\r\n".join(head) + b"\r\n\r\n" + body)

    def test_bombs_in_json(self):
        bombs = [b"[" * 500000, b'{"a":' * 100000, b'{"referral_id":' + b"9" * 500000 + b"}", b'{"a":1e' + b"9" * 400 + b"}",
                 b'{"referral_id":"' + b"\\ud800" * 50000 + b'"}', b"{" + b",".join(b'"k%d":1' % n for n in range(100000)) + b"}",
                 b'{"referral_id":"x\\u0000y"}', b"\xff\xfe{\0}\0", b"[" + b"{}," * 200000 + b"{}]"]
        for bomb in bombs:
            got = self.post(bomb)
            self.assertRegex(got[:20], rb"^HTTP/1\.1 4\d\d")
            self.assertIn(b"NSK-", got)

    def test_a_second_request_cannot_be_smuggled(self):
        inner = b"GET /v1/inbox?after=0 HTTP/1.1\r\nHost: x\r\n\r\n"
        for headers in ([b"Content-Length: 0", b"Transfer-Encoding: chunked"], [b"Content-Length: 2", b"Content-Length: 90"],
                        [b"Transfer-Encoding: chunked, identity"], [b"Transfer-Encoding: xchunked"], [b"Content-Length: -1"],
                        [b"Content-Length: 18446744073709551617"], [b"Transfer-Encoding : chunked"]):
            got = self.post(b"{}" + inner, *headers)
            self.assertNotIn(b"200 OK", got, headers)
            self.assertNotIn(b'"items"', got, headers)

    def test_slow_callers_keep_nobody_out(self):
        slow = []
        for _ in range(50):
            s = socket.create_connection(("127.0.0.1", self.stage.office.http_port))
            s.sendall(b"POST /v1/referrals HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nX-")
            slow.append(s)
        self.unharmed()
        for s in slow:
            s.close()

    def test_paths_lead_nowhere(self):
        token = self.stage.office.token.encode()
        for path in (b"/../../etc/passwd", b"/v1/../../etc/passwd", b"/v1/inbox/%2e%2e%2f%2e%2e/registered", b"/v1/referrals/%00", b"//", b"/%",
                     b"/v1/referrals/" + b"a" * 4000, b"/v1/inbox?after=99999999999999999999999", b"/v1/inbox?after=-1", b"*",
                     b"http://other.example/v1/inbox"):
            got = self.door(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token + b"\r\n\r\n")
            self.assertNotIn(b"root:", got)
            self.assertNotRegex(got[:20], rb"^HTTP/1\.1 5", path)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: EUPL-1.2
"""A real nasoka-social at a hub that lies with the real hub's keys: no wrong bit and no wrong proof gets by."""
import os
import unittest

import liar
import stage
from peer import envelope, prim, tree, wire
from stage import OFFICE, PEER


def has_form(data):
    try:
        envelope.decode(data)
    except prim.Refused:
        return False
    return True


def has_header(data):
    try:
        wire.decode("Header", wire.Envelope.FromString(data).header)
    except prim.Refused:
        return False
    return True


def flipped(data, bit):
    return data[:bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1:]


class HubLies(unittest.TestCase):
    def setUp(self):
        self.liar = liar.Liar()
        self.addCleanup(self.liar.close)
        self.stage, self.house = self.liar.stage, self.liar.house
        self.message, self.numbers, self.good = self.liar.message, self.liar.numbers, self.liar.good

    def push(self, envelopes):
        """Deliver all of these in order, again in the next session what was not taken; gives those that ended a session."""
        pairs = [self.house.item(data) if has_header(data) else self.house.item(data, self.house.append(1, self.detail(data)))
                 for data in envelopes]
        ended = []
        while pairs:
            part = pairs[:32]  # well within the credit of any adapter
            sessions = len(self.house.hellos)
            self.house.deliver(*part)
            self.house.serve(lambda: all(i.queue_no in self.house.taken for _, i in part) or len(self.house.hellos) > sessions, "TAKEN")
            pairs = [pair for pair in pairs if pair[1].queue_no not in self.house.taken]
            if len(self.house.hellos) > sessions and pairs:
                ended.append(pairs.pop(0)[1].envelope)
        return ended

    def test_no_bit_of_an_envelope_may_be_wrong(self):
        """Bits of header, signature, path and body, one in each byte, each in its own otherwise good delivery."""
        first = self.good()
        _, p, data = self.message(batch=True)
        e = wire.Envelope.FromString(data)
        sent, step = [], 1 if stage.DEEP else 5
        quiet = stage.quiet()
        self.addCleanup(quiet)
        for name in ("header", "body", "sig", "path", "index", "size"):
            holder = e if name in ("header", "body") else e.signature
            value = getattr(holder, name)
            bits = range(0, 10) if isinstance(value, int) else range(0, 8 * len(value), 8 * step)
            for bit in bits:
                broken = wire.Envelope.FromString(data)
                target = broken if name in ("header", "body") else broken.signature
                setattr(target, name, value ^ 1 << bit if isinstance(value, int) else flipped(value, bit + bit // 8 % 8))
                sent.append(wire.encode(broken))
        formed = [data for data in sent if has_form(data)]
        self.assertGreater(len(formed), 400)
        ended = self.push(formed)
        second = self.good()
        self.assertEqual(self.numbers(), [first, second])
        codes = [q.stage for _, q in self.house.submitted if q.in_reply_to == p.id]
        self.assertEqual(set(codes), {envelope.REFUSED_STAGE})
        self.assertEqual(ended, [])

    def test_an_envelope_without_form_ends_the_session(self):
        first = self.good()
        _, _, data = self.message()
        e = wire.Envelope.FromString(data)
        for header, size in ((e.header[:-1], 1), (e.header + b"\xa2\x06\1x", 1), (e.header, 0)):
            broken = wire.Envelope.FromString(data)
            broken.header, broken.signature.size = header, size
            self.assertEqual(len(self.push([wire.encode(broken)])), 1)
        second = self.good()
        self.assertEqual(self.numbers(), [first, second])

    @staticmethod
    def detail(data):
        e = wire.Envelope.FromString(data)
        d = wire.Detail(id=os.urandom(16), env_hash=envelope.env_hash(e.header, e.body), to=[OFFICE], at_ms=envelope.now_ms())
        setattr(d, "from", PEER)
        return d

    def test_a_lie_about_the_log_ends_the_session(self):
        """Another path, leaf, salt, detail, root or signature: the message is not taken, and the adapter begins anew."""
        first = self.good()
        lies = {
            "path": dict(change=lambda i: setattr(i, "path", flipped(i.path, 9))),
            "short path": dict(change=lambda i: setattr(i, "path", i.path[:-32])),
            "leaf": dict(change=lambda i: setattr(i, "leaf", flipped(i.leaf, 300))),
            "leaf's seq": dict(change=lambda i: setattr(i, "leaf", flipped(i.leaf, 127))),
            "salt": dict(change=lambda i: setattr(i, "salt", flipped(i.salt, 5))),
            "detail": dict(change=lambda i: setattr(i, "detail", flipped(i.detail, 30))),
            "growth": dict(growth=lambda: dict(path=flipped(b"".join(tree.consistency(self.house.shown, self.house.hashes)), 77))),
            "no growth": dict(growth=lambda: dict(path=b"")),
            "a checkpoint that was never shown": dict(growth=lambda: dict(since=len(self.house.hashes))),
            "signature": dict(checkpoint=lambda: self.house.checkpoint()[:-8] + b"AAAAAA=\n"),
        }
        for name, how in lies.items():
            with self.subTest(name):
                number, p, data = self.message()
                pair = self.house.item(data)
                before = len(self.house.hellos)
                self.house.deliver(pair, checkpoint=how["checkpoint"]() if "checkpoint" in how else None, change=how.get("change"),
                                   growth=how["growth"]() if "growth" in how else None)
                self.house.serve(lambda: len(self.house.hellos) > before, "a new HELLO", 30)
                self.assertNotIn(pair[1].queue_no, self.house.taken)
                self.assertNotIn(number, self.numbers())
        second = self.good()
        self.assertEqual(self.numbers(), [first, second])

    def test_a_leaf_of_another_message_ends_the_session(self):
        first = self.good()
        _, _, other = self.message()
        place = self.house.enter(other)
        number, _, data = self.message()
        before = len(self.house.hellos)
        self.house.deliver(self.house.item(data, place))
        self.house.serve(lambda: len(self.house.hellos) > before, "a new HELLO", 30)
        self.assertEqual(self.numbers(), [first])

    def test_a_root_of_no_tree_moves_nothing(self):
        """The log's own signature under a root that is not that of its tree: nothing of the frame counts, and the pin stays."""
        first = self.good()
        before, pin = len(self.house.hellos), self.house.shown
        pair = self.house.item(self.message()[2])
        self.house.deliver(pair, checkpoint=self.house.checkpoint(os.urandom(32)))
        self.house.serve(lambda: len(self.house.hellos) > before, "a new HELLO", 30)
        self.assertEqual(self.house.hellos[-1].pin_size, pin)
        self.assertNotIn(pair[1].queue_no, self.house.taken)
        second = self.good()
        self.assertEqual(self.numbers(), [first, second])

    def test_a_fork_within_a_session_is_refused_and_told(self):
        """Another history from the middle of a session on, in which everything is proven: the adapter has a pin, and it stays."""
        first = self.good()
        before, pin, true = len(self.house.hellos), self.house.shown, list(self.house.hashes)
        self.house.hashes[2] = tree.leaf_hash(os.urandom(64))
        pair = self.house.item(self.message()[2])
        self.house.deliver(pair)
        self.house.serve(lambda: len(self.house.hellos) > before, "a new HELLO", 30)
        self.assertEqual(self.house.hellos[-1].pin_size, pin)
        self.assertNotIn(pair[1].queue_no, self.house.taken)
        self.assertEqual(self.numbers(), [first])
        self.assertIn(f"uplink.forked pin={pin} size={pin + 1}", self.stage.office.log.read_text())
        self.house.serve(lambda: len(self.house.hellos) > before + 1, "one more HELLO: this history gets no session", 30)
        self.house.hashes = true
        before = len(self.house.hellos)
        self.house.serve(lambda: len(self.house.hellos) > before, "a HELLO at the true log", 30)
        second = self.good()
        self.assertEqual(self.numbers(), [first, second])

    def test_another_log_is_not_followed(self):
        """After a session the hub has another history: the adapter stays away, whatever it is shown."""
        first = self.good()
        pin = len(self.house.hashes)
        self.house.hashes = [tree.leaf_hash(os.urandom(64)) for _ in range(pin + 3)]
        before = len(self.house.hellos)
        number, _, data = self.message()
        self.house.deliver(self.house.item(data), checkpoint=b"x")
        self.house.serve(lambda: len(self.house.hellos) >= before + 2, "two more HELLOs", 40)
        self.assertEqual(self.house.hellos[-1].pin_size, self.house.hellos[before].pin_size)
        self.house.deliver(self.house.item(self.message()[2]))
        self.house.serve(lambda: not self.house.socket.poll(1000), "silence")
        self.assertEqual(self.numbers(), [first])


if __name__ == "__main__":
    unittest.main()

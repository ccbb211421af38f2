# SPDX-License-Identifier: EUPL-1.2
"""What our own recipient refuses: any one bit of a small message, and whatever disagrees with the rest, each by itself."""
import unittest

import stage
import test_hostile
from peer import envelope, prim, record, trust, wire
from test_vectors import Keys, b, vectors

GP, OZD, SCHOOL = "plovdiv-gp", "plovdiv-ozd", "plovdiv-school"
# A sender may say anything here: another value is another message, and just as good.
FREE = {"thread", "seq", "priority", "created_ms"}


def flipped(data, bit):
    at = bit // 8
    return data[:at] + bytes([data[at] ^ 1 << bit % 8]) + data[at + 1:]


class Refusal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        v = vectors("trust.json")
        cls.book = trust.Book(b(v["directory"]))
        for sheet in v["sheets"]:
            cls.book.add_sheet(b(sheet))
        cls.keys = Keys(vectors("seal.json"))
        cls.mine = {cls.keys.sealing[1].id: cls.keys.sealing[1]}
        cls.record = record.decode(b(vectors("seal.json")["record"]))

    def setUp(self):
        self.addCleanup(stage.quiet())

    def header(self, *to):
        p = wire.Header(version=1, id=envelope.uuid7(1772000000000), msg_class=envelope.DATA, to=to or [OZD], thread=b"\7" * 16, seq=1,
                        priority=2, created_ms=1772000000000, directory_version=self.book.d.version,
                        signing_key=self.keys.signing[0].id)
        setattr(p, "from", GP)
        return p

    def seal(self, change=None, to=()):
        """(header, sealing) of a message that `change` may have spoilt."""
        p = self.header(*to)
        sealing = envelope.Sealing(bytes(range(32)), GP, p.id)
        envelope.fill(p, sealing, self.book, self.record)
        if change:
            change(p, sealing)
        return p, sealing

    def close(self, header, sealing, padded=None):
        """Body and signature for these header bytes: all that a lying sender can make good."""
        body = sealing.body(header, envelope.pad(record.encode(self.record)) if padded is None else padded)
        return self.sign(header, body)

    def sign(self, header, body):
        return envelope.sign_batch([(header, body)], self.keys.signing[0])[0]

    def open(self, data):
        return envelope.open_envelope(data, OZD, self.mine, self.book)

    def refused(self, data, msg=None):
        with self.assertRaises(prim.Refused, msg=msg) as caught:
            self.open(data)
        return caught.exception.code

    def test_the_untouched_message_opens(self):
        p, sealing = self.seal()
        self.assertEqual(self.open(self.close(wire.encode(p), sealing)).record, self.record)

    def test_no_bit_of_an_envelope_may_be_wrong(self):
        """Header, signature with its path, and body, as anyone on the way could change them."""
        p, sealing = self.seal()
        header = wire.encode(p)
        body = sealing.body(header, envelope.pad(record.encode(self.record)))
        data = envelope.sign_batch([(header, body + b"x"), (header, body), (b"", b"")], self.keys.signing[0])[1]
        self.open(data)
        codes = {self.refused(flipped(data, bit), f"bit {bit} of {len(data)}") for bit in range(8 * len(data))}
        self.assertLessEqual({prim.FORMAT, prim.SIGNATURE}, codes)

    def test_no_bit_of_a_signed_header_or_body_may_be_wrong(self):
        """The sender's own signature over what it changed after sealing."""
        p, sealing = self.seal()
        header = wire.encode(p)
        body = sealing.body(header, envelope.pad(record.encode(self.record)))
        for bit in range(8 * len(header)):
            self.refused(self.sign(flipped(header, bit), body), f"bit {bit} of the header")
        for bit in range(8 * len(body)):
            self.assertEqual(self.refused(self.sign(header, flipped(body, bit))), prim.INCONSISTENT, f"bit {bit} of the body")

    def parts(self, p):
        """(name, bytes, setter) of each bytes field of the header, at any depth, and of each text in it."""
        for field, value in p.ListFields():
            if field.name in ("wraps", "shares"):
                for i, part in enumerate(value):
                    for inner, data in part.ListFields():
                        if isinstance(data, bytes):
                            yield f"{field.name}[{i}].{inner.name}", data, lambda x, part=part, n=inner.name: setattr(part, n, x)
            elif isinstance(value, bytes):
                yield field.name, value, lambda x, n=field.name: setattr(p, n, x)

    def test_no_bit_of_a_part_may_be_wrong_even_if_all_else_is_made_good(self):
        """Each bit of box, key id, share hash, commitment, capsule and id, with body and signature made anew around it."""
        p, sealing = self.seal(to=(OZD, SCHOOL))
        self.open(self.close(wire.encode(p), sealing))
        count = 0
        for name, data, put in list(self.parts(p)):
            for bit in range(8 * len(data)):
                put(flipped(data, bit))
                whole = self.close(wire.encode(p), sealing)
                if name in FREE:
                    self.open(whole)
                else:
                    self.refused(whole, f"bit {bit} of {name}")
                    count += 1
            put(data)
        self.assertGreater(count, 10000)
        self.open(self.close(wire.encode(p), sealing))

    def test_numbers_of_the_header_are_within_their_table(self):
        """Each number of the header as something else: refused unless it is the sender's to choose."""
        for name, values in {"version": (0, 2), "msg_class": (0, 2, 3, 4, 9), "priority": (0, 4), "stage": (1, 2), "refusal": (1,),
                             "directory_version": (0, 8), "seq": (0,), "created_ms": (0, -1), "expires_ms": (-1,)}.items():
            for value in values:
                p, sealing = self.seal(lambda p, _: setattr(p, name, value))
                self.refused(self.close(wire.encode(p), sealing), f"{name} {value}")

    def test_lies_of_the_whole_list(self):
        """The same lies that test_hostile tells the C, with the same numbers."""
        book, office, third, peer = self.book, OZD, SCHOOL, GP
        keep = test_hostile.OFFICE, test_hostile.THIRD, test_hostile.PEER
        test_hostile.OFFICE, test_hostile.THIRD, test_hostile.PEER = office, third, peer
        try:
            for name, (lie, code) in test_hostile.HEADER_LIES.items():
                p, sealing = self.seal(lambda p, s, lie=lie: lie(p, s, book), to=(OZD, SCHOOL))
                self.assertEqual(self.refused(self.close(wire.encode(p), sealing), name), code, name)
            for name, (lie, code) in test_hostile.BODY_LIES.items():
                p, sealing = self.seal()
                data = lie(record.encode(self.record))
                self.assertIn(self.refused(self.close(wire.encode(p), sealing, data), name), (code, record.REQUIRED), name)
            for name, (lie, code) in test_hostile.HUB_LIES.items():
                p, sealing = self.seal(lie, to=(OZD, SCHOOL))
                if name.startswith(("a gap", "an attachment")):
                    continue  # of the thread and of policy, which is the hub's
                self.refused(self.close(wire.encode(p), sealing), name)
        finally:
            test_hostile.OFFICE, test_hostile.THIRD, test_hostile.PEER = keep

    def test_three_of_five_auditors_read_it_and_two_do_not(self):
        p, sealing = self.seal()
        e = wire.Envelope.FromString(self.close(wire.encode(p), sealing))
        shares = {}
        for x, key in enumerate(self.keys.auditors, 1):
            plain, shares[x] = envelope.audit(p, x, key)
            self.assertEqual(plain, record.capsule(self.record))
        for a in range(1, 6):
            for c in range(a + 1, 6):
                two = envelope.combine({x: shares[x] for x in (a, c)})
                self.assertNotEqual(envelope.commitment(two), p.commit)
                with self.assertRaises(prim.Refused):
                    envelope.open_body(e, two)
                for d in range(c + 1, 6):
                    three = envelope.combine({x: shares[x] for x in (a, c, d)})
                    self.assertEqual(record.decode(envelope.open_body(e, three)), self.record)

    def test_no_bit_of_an_auditors_box_may_be_wrong(self):
        p, _ = self.seal()
        share, key = p.shares[2], self.keys.auditors[2]
        for name in ("box", "hash", "key"):
            data = getattr(share, name)
            for bit in range(8 * len(data)):
                setattr(share, name, flipped(data, bit))
                with self.assertRaises(prim.Refused):
                    envelope.audit(p, 3, key)
            setattr(share, name, data)
        envelope.audit(p, 3, key)

    def test_no_bit_of_a_receipt_may_be_wrong(self):
        """A receipt with its case number, as the first sender reads it."""
        p = self.header(GP)
        setattr(p, "from", OZD)
        p.msg_class, p.seq, p.stage, p.in_reply_to, p.received = envelope.RECEIPT, 0, 3, envelope.uuid7(1), b"\5" * 32
        p.signing_key = self.keys.signing[1].id
        sealing = envelope.Sealing(bytes(range(32)), OZD, p.id)
        p.commit = sealing.commit
        p.wraps.append(sealing.wrap(0, GP, self.book.sealing_key(GP)))
        header = wire.encode(p)
        body = sealing.body(header, envelope.pad(envelope.write_detail(0, 1772000000000, "ДСП-1", "")))
        data = envelope.sign_batch([(header, body)], self.keys.signing[1])[0]
        mine = {self.keys.sealing[0].id: self.keys.sealing[0]}
        opened = envelope.open_envelope(data, GP, mine, self.book)
        self.assertEqual(opened.detail, (0, 1772000000000, "ДСП-1", ""))
        for bit in range(8 * len(data)):
            with self.assertRaises(prim.Refused, msg=f"bit {bit}"):
                envelope.open_envelope(flipped(data, bit), GP, mine, self.book)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: EUPL-1.2
"""A sender with valid keys and bad intent, against the real hub and a real nasoka-social: each lie gets its own number."""
import os
import unittest

import stage
from peer import envelope, prim, record, session, wire
from stage import OFFICE, PEER, THIRD


def junk(n):
    return os.urandom(n)


# What a sender may do to a header before it seals the body under it and signs it. (header, sealing, book)

def other_share(p, s, book):
    """Auditor 2 gets a share that is none, with the hash of just that."""
    p.shares[1].CopyFrom(s.share(2, junk(32), book.d.auditors[1].key))


def other_hash(p, s, book):
    p.shares[2].hash = junk(32)


def swapped_shares(p, s, book):
    values = envelope.split(s.cek, 5, 3)
    p.shares[0].CopyFrom(s.share(1, values[1], book.d.auditors[0].key))


def other_threshold(p, s, book):
    """A polynomial of a higher degree: three shares do not give the CEK."""
    for x, value in enumerate(envelope.split(s.cek, 5, 4), 1):
        p.shares[x - 1].CopyFrom(s.share(x, value, book.d.auditors[x - 1].key))


def capsule_key_of_another(p, s, book):
    right, s.capsule_key = s.capsule_key, junk(32)
    p.shares[4].CopyFrom(s.share(5, envelope.split(s.cek, 5, 3)[4], book.d.auditors[4].key))
    s.capsule_key = right


def share_to_another_key(p, s, book):
    """Auditor 3's box is closed to auditor 4's key, under auditor 3's key id."""
    value = envelope.split(s.cek, 5, 3)[2]
    p.shares[2].box = s.share(3, value, book.d.auditors[3].key).box


def share_head_of_another(p, s, book):
    other = envelope.Sealing(s.cek, s.sender, junk(16))
    p.shares[0].box = other.share(1, envelope.split(s.cek, 5, 3)[0], book.d.auditors[0].key).box


def other_cek_in_wrap(p, s, book):
    p.wraps[0].CopyFrom(s.wrap(0, OFFICE, book.sealing_key(OFFICE), cek=junk(32)))


def other_cek_in_anothers_wrap(p, s, book):
    p.wraps[1].CopyFrom(s.wrap(1, THIRD, book.sealing_key(THIRD), cek=junk(32)))


def anothers_wrap_to_another_key(p, s, book):
    p.wraps[1].box = s.wrap(1, THIRD, book.sealing_key(PEER)).box


def wrap_to_another_key(p, s, book):
    p.wraps[0].box = s.wrap(0, OFFICE, book.sealing_key(THIRD)).box


def wrap_head_of(**parts):
    def change(p, s, book):
        other = envelope.Sealing(s.cek, parts.get("sender", s.sender), parts.get("id", s.id))
        other.commit = parts.get("commit", s.commit)
        p.wraps[0].CopyFrom(other.wrap(0, OFFICE, book.sealing_key(OFFICE)))
        if "agency" in parts:
            plain = envelope.head(s.sender, s.id, s.commit, parts["agency"]) + s.cek
            p.wraps[0].box = prim.make_box(prim.kdf(s.cek, "nskWrap_", 1), book.sealing_key(OFFICE), plain)
    return change


def wrap_with_more(p, s, book):
    plain = envelope.head(s.sender, s.id, s.commit, OFFICE) + s.cek + b"\0"
    p.wraps[0].box = prim.make_box(prim.kdf(s.cek, "nskWrap_", 1), book.sealing_key(OFFICE), plain)


def free_ephemeral_wrap(p, s, book):
    """A box that opens, but not the one that the CEK decides: room for a hidden channel."""
    plain = envelope.head(s.sender, s.id, s.commit, OFFICE) + s.cek
    p.wraps[0].box = prim.make_box(junk(32), book.sealing_key(OFFICE), plain)


def free_ephemeral_share(p, s, book):
    values = envelope.split(s.cek, 5, 3)
    plain = envelope.head(s.sender, s.id, s.commit, "#1") + s.capsule_key + values[0]
    p.shares[0].box = prim.make_box(junk(32), book.d.auditors[0].key, plain)


def other_commit(p, s, book):
    p.commit = junk(32)


def other_capsule(p, s, book):
    case, texts = record.read_capsule(s.open_capsule(p.capsule))
    texts[5] = "mentoring"
    p.capsule = s.capsule(record.make_capsule(case, texts))


def capsule_of_another_case(p, s, book):
    _, texts = record.read_capsule(s.open_capsule(p.capsule))
    p.capsule = s.capsule(record.make_capsule(junk(16), texts))


def junk_capsule(p, s, book):
    p.capsule = junk(272)


def capsule_with_a_tail(p, s, book):
    p.capsule = s.capsule(s.open_capsule(p.capsule)[:-1] + b"\1")


HEADER_LIES = {
    "another share, with its matching hash": (other_share, prim.INCONSISTENT),
    "another share hash": (other_hash, prim.INCONSISTENT),
    "auditor 2's share for auditor 1": (swapped_shares, prim.INCONSISTENT),
    "shares of a higher threshold": (other_threshold, prim.INCONSISTENT),
    "another capsule key for one auditor": (capsule_key_of_another, prim.INCONSISTENT),
    "a share closed to another auditor": (share_to_another_key, prim.INCONSISTENT),
    "a share box of another message": (share_head_of_another, prim.INCONSISTENT),
    "another CEK in the wrap": (other_cek_in_wrap, prim.INCONSISTENT),
    "another CEK in the other recipient's wrap": (other_cek_in_anothers_wrap, prim.INCONSISTENT),
    "the other recipient's wrap closed to another key": (anothers_wrap_to_another_key, prim.INCONSISTENT),
    "the wrap closed to another key": (wrap_to_another_key, prim.CANNOT_OPEN),
    "a box of another sender": (wrap_head_of(sender=THIRD), prim.INCONSISTENT),
    "a box of another message": (wrap_head_of(id=b"\1" * 16), prim.INCONSISTENT),
    "a box with another commitment": (wrap_head_of(commit=b"\2" * 32), prim.INCONSISTENT),
    "a box for another addressee": (wrap_head_of(agency=THIRD), prim.INCONSISTENT),
    "a box with a byte more": (wrap_with_more, prim.INCONSISTENT),
    "an ephemeral key of one's own choice in a wrap": (free_ephemeral_wrap, prim.INCONSISTENT),
    "an ephemeral key of one's own choice in a share": (free_ephemeral_share, prim.INCONSISTENT),
    "another commitment": (other_commit, prim.INCONSISTENT),
    "a capsule with another service": (other_capsule, prim.INCONSISTENT),
    "a capsule of another case": (capsule_of_another_case, prim.INCONSISTENT),
    "a capsule that does not open": (junk_capsule, prim.INCONSISTENT),
    "a capsule with a hidden byte": (capsule_with_a_tail, prim.INCONSISTENT),
}


def padded(data, size, mark=b"\x80", fill=b"\0"):
    return data + mark + fill * (size - len(data) - 1)


# What the sealed plain text may be instead of the padded record. (record bytes)
BODY_LIES = {
    "the padding of a larger size": (lambda d: padded(d, 4096), prim.INCONSISTENT),
    "padding without its mark": (lambda d: padded(d, 1024, b"\0"), prim.INCONSISTENT),
    "padding with another mark": (lambda d: padded(d, 1024, b"\x81"), prim.INCONSISTENT),
    "padding with hidden bytes": (lambda d: padded(d, 1023) + b"\1", prim.INCONSISTENT),
    "no padding": (lambda d: d, prim.INCONSISTENT),
    "a size that is none": (lambda d: padded(d, 1025), prim.INCONSISTENT),
    "nothing": (lambda d: b"", prim.INCONSISTENT),
    "zeroes": (lambda d: bytes(1024), prim.INCONSISTENT),
    "an empty record": (lambda d: envelope.pad(b""), prim.FORMAT),
    "a record that is none": (lambda d: envelope.pad(b"\xff" * 40), prim.FORMAT),
    "an unknown field": (lambda d: envelope.pad(d + b"\xa2\x06\1x"), prim.FORMAT),
    "a field twice": (lambda d: envelope.pad(d + b"\x0a\x08referral"), prim.FORMAT),
    "two bodies": (lambda d: envelope.pad(d + b"\x5a\0"), record.REQUIRED),
}


def record_lie(change):
    def make(number):
        r = stage.referral(number, PEER, OFFICE, envelope.now_ms())
        change(r)
        return r
    return make


def set_(path, value):
    def change(r):
        *way, last = path.split(".")
        for name in way:
            r = getattr(r, name)
        setattr(r, last, value) if value is not None else r.ClearField(last)
    return change


RECORD_LIES = {
    "no child's name": (set_("referral.child.given", None), record.REQUIRED),
    "an unknown service": (set_("referral.service_kind", "magic"), record.UNKNOWN_CODE),
    "month 13": (set_("referral.child.birth_date", "2015-13-07"), record.BAD_DATE),
    "30 February": (set_("referral.child.birth_date", "2015-02-30"), record.BAD_DATE),
    "a reason over its limit": (set_("referral.reason_text", "х" * 2001), record.TOO_LONG),
    "an empty text": (set_("referral.reason_text", ""), record.REQUIRED),
    "a kind without its body": (set_("kind", "status-change"), record.REQUIRED),
    "no case": (set_("case_id", None), record.REQUIRED),
    "a case of zeroes": (set_("case_id", bytes(16)), record.REQUIRED),
    "a short case": (set_("case_id", b"\1" * 15), prim.FORMAT),
    "another agency as initiator": (set_("referral.initiator.agency", THIRD), prim.INCONSISTENT),
    "a target that is not addressed": (set_("referral.target.agency", THIRD), prim.INCONSISTENT),
    "a negative number": (set_("referral.household_size", -1), record.BAD_NUMBER),
    "a wrong check digit": (lambda r: setattr(r.referral.child.ids[0], "value", "1543079014"), record.BAD_ID),
    "a municipality that is none": (set_("referral.child.address.municipality", "xx"), record.UNKNOWN_CODE),
    "a control character": (set_("referral.reason_text", "a\x07b"), record.CHARSET),
    "consent as basis without a consent": (set_("referral.legal_basis", "consent"), record.REQUIRED),
    "a time after the year 9999": (set_("referral.respond_by", 1 << 62), record.BAD_DATE),
}


def head(**values):
    """Set these fields of the header; None takes one away."""
    def change(p, _):
        for name, value in values.items():
            p.ClearField(name)
            if isinstance(value, list):
                getattr(p, name).extend(value)
            elif value is not None:
                setattr(p, name, value)
    return change


def in_part(name, i, **values):
    def change(p, _):
        for field, value in values.items():
            setattr(getattr(p, name)[i], field, value)
    return change


def swap(name):
    def change(p, _):
        parts = getattr(p, name)
        parts.append(parts.pop(0))
    return change


def swap_auditors(p, _):
    swap("shares")(p, _)
    for x, share in enumerate(p.shares, 1):
        share.auditor = x


def one_more_auditor(p, s):
    p.shares.append(s.share(6, junk(32), prim.Key("auditor", junk(32)).public))


def one_more_party(p, _):
    p.to.append("nobody")
    p.wraps.add(agency="nobody", key=junk(8), box=junk(100))


def same_party_twice(p, _):
    p.to.append(OFFICE)
    p.wraps.add(agency=OFFICE, key=junk(8), box=junk(100))


# What the hub sees by itself. (change of the sealed header)
HUB_LIES = {
    "an auditor left out": (lambda p, _: p.shares.pop(), prim.INCONSISTENT),
    "an auditor more": (one_more_auditor, prim.INCONSISTENT),
    "a share for a key that is no auditor's": (in_part("shares", 1, key=junk(8)), prim.INCONSISTENT),
    "shares in another order": (swap("shares"), prim.FORMAT),
    "shares in another order, numbered anew": (swap_auditors, prim.INCONSISTENT),
    "a wrap left out": (lambda p, _: p.wraps.pop(), prim.FORMAT),
    "wraps in another order": (swap("wraps"), prim.FORMAT),
    "a wrap of somebody else": (in_part("wraps", 1, agency="nobody"), prim.FORMAT),
    "a wrap to a key of nobody": (in_part("wraps", 0, key=junk(8)), 1110),
    "a box of 513 bytes": (in_part("wraps", 0, box=junk(513)), prim.FORMAT),
    "an empty box": (in_part("shares", 0, box=b""), prim.FORMAT),
    "a share hash of zeroes": (in_part("shares", 0, hash=bytes(32)), prim.FORMAT),
    "no commitment": (head(commit=None), prim.FORMAT),
    "a capsule too short": (head(capsule=junk(271)), prim.FORMAT),
    "the hub's name as sender": (head(**{"from": "hub"}), prim.FORMAT),
    "an agency that is none": (one_more_party, prim.UNKNOWN_AGENCY),
    "a party twice": (same_party_twice, prim.FORMAT),
    "another version": (head(version=2), prim.VERSION),
    "an id that is no UUIDv7": (head(id=b"\1" * 16), prim.FORMAT),
    "a thread of zeroes": (head(thread=bytes(16)), prim.FORMAT),
    "no time": (head(created_ms=None), prim.FORMAT),
    "no priority": (head(priority=None), prim.FORMAT),
    "a priority of four": (head(priority=4), prim.FORMAT),
    "a class that is none": (head(msg_class=9), prim.FORMAT),
    "a stage in a message": (head(stage=2), prim.FORMAT),
    "seq 0": (head(seq=None), prim.FORMAT),
    "a gap before seq 3": (head(seq=3), prim.ORDER),
    "a gap before an enormous seq": (head(seq=(1 << 64) - 1), prim.ORDER),
    "basis of no party": (head(basis=[wire.Basis(agency="nobody", seq=1)]), prim.FORMAT),
    "basis of the sender": (head(basis=[wire.Basis(agency=PEER, seq=1)]), prim.FORMAT),
    "basis twice": (head(basis=[wire.Basis(agency=OFFICE, seq=1)] * 2), prim.FORMAT),
    "basis 0": (head(basis=[wire.Basis(agency=OFFICE)]), prim.FORMAT),
    "a directory of the future": (head(directory_version=99), 1008),
    "no directory": (head(directory_version=None), prim.FORMAT),
    "a signing key that is not the signature's": (head(signing_key=junk(8)), prim.FORMAT),
    "an attachment": (lambda p, _: p.attachments.add(hash=junk(32), len=5), 1504),
    "a message closed twice": (head(closes=[envelope.uuid7(1 << 40)] * 2), prim.FORMAT),
}


class Hostile(stage.Case):
    def setUp(self):
        super().setUp()
        self.number = 0

    def next_number(self):
        self.number += 1
        return f"{self.id().rsplit('.', 1)[-1]}-{self.number}"

    def answer(self, p, data):
        """('hub', number) or ('office', number) that refused it, or ('taken', 0)."""
        before = len(self.session.refused)
        self.session.submit(data)
        self.adapter.wait(lambda: len(self.session.refused) > before or p.id in self.session.accepted, "any answer of the hub")
        if len(self.session.refused) > before:
            self.assertNotIn(p.id, self.session.accepted)
            return "hub", self.session.refused[-1].code

        def said():
            return [r for r in self.adapter.receipts if r.header.in_reply_to == p.id]
        r = self.adapter.wait(said, "a receipt of the office")[0]
        if r.header.stage == envelope.REFUSED_STAGE:
            return "office", r.detail[0]
        return "taken", 0

    def check_clean(self, numbers, threads=()):
        """Nothing of these is in the office's inbox, and the next good message goes through."""
        p = self.adapter.header([OFFICE], junk(16))
        good = self.next_number()
        self.adapter.send(p, stage.referral(good, PEER, OFFICE, envelope.now_ms()))
        self.adapter.stage(p.id, envelope.DELIVERED)
        inbox = self.stage.inbox()
        self.assertIn(good, [i.get("referral_id") for i in inbox])
        self.assertFalse(set(numbers) & {i.get("referral_id") for i in inbox})
        self.assertFalse({t.hex() for t in threads} & {i["thread"] for i in inbox})

    def test_a_lie_in_the_header_is_refused_by_the_recipient(self):
        threads = []
        for name, (lie, code) in HEADER_LIES.items():
            with self.subTest(name):
                p = self.adapter.header([OFFICE, THIRD], junk(16))
                threads.append(p.thread)
                data = self.adapter.seal(p, stage.referral(self.next_number(), PEER, OFFICE, envelope.now_ms()),
                                         change=lambda p, s: lie(p, s, self.session.book))
                self.assertEqual(self.answer(p, data), ("office", code))
        self.check_clean((), threads)

    def test_a_lie_in_the_body_is_refused_by_the_recipient(self):
        threads = []
        for name, (lie, code) in BODY_LIES.items():
            with self.subTest(name):
                p = self.adapter.header([OFFICE], junk(16))
                threads.append(p.thread)
                r = stage.referral(self.next_number(), PEER, OFFICE, envelope.now_ms())
                data = self.adapter.seal(p, r, padded=lie(record.encode(r)))
                self.assertEqual(self.answer(p, data), ("office", code))
        self.check_clean((), threads)

    def test_a_record_that_is_not_valid_is_refused_by_the_recipient(self):
        threads = []
        for name, (change, code) in RECORD_LIES.items():
            with self.subTest(name):
                p = self.adapter.header([OFFICE], junk(16))
                threads.append(p.thread)
                data = self.adapter.seal(p, record_lie(change)(self.next_number()))
                self.assertEqual(self.answer(p, data), ("office", code))
        self.check_clean((), threads)

    def test_a_body_of_another_header_or_key_is_refused(self):
        threads = []
        for name in ("another header", "another key", "another body"):
            with self.subTest(name):
                p = self.adapter.header([OFFICE], junk(16))
                threads.append(p.thread)
                r = stage.referral(self.next_number(), PEER, OFFICE, envelope.now_ms())
                header, body = self.adapter.seal(p, r, signed=False)
                if name == "another header":
                    p.created_ms += 1
                    header = wire.encode(p)
                elif name == "another key":
                    body = envelope.Sealing(junk(32), PEER, p.id).body(header, envelope.pad(record.encode(r)))
                else:
                    body = junk(len(body))
                self.assertEqual(self.answer(p, self.adapter.sign((header, body))[0]), ("office", prim.INCONSISTENT))
        self.check_clean((), threads)

    def sealed(self, **header):
        """A good referral: (header, envelope's bytes)."""
        thread = header.pop("thread", None) or junk(16)
        p = self.adapter.header(header.pop("to", [OFFICE]), thread, **header)
        return p, self.adapter.seal(p, stage.referral(self.next_number(), PEER, p.to[0], envelope.now_ms()))

    def test_what_the_hub_can_see_it_refuses(self):
        threads = []
        for name, (lie, code) in HUB_LIES.items():
            with self.subTest(name):
                p = self.adapter.header([OFFICE, THIRD], junk(16))
                threads.append(p.thread)
                data = self.adapter.seal(p, stage.referral(self.next_number(), PEER, OFFICE, envelope.now_ms()), change=lie)
                self.assertEqual(self.answer(p, data), ("hub", code))
        self.check_clean((), threads)

    def test_a_signature_with_a_wrong_bit_is_refused_by_the_hub(self):
        p, data = self.sealed()
        e = wire.Envelope.FromString(data)
        header, body = e.header, e.body
        other = self.adapter.seal(self.adapter.header([OFFICE], junk(16)), stage.referral("X", PEER, OFFICE, 1), signed=False)
        e = wire.Envelope.FromString(self.adapter.sign(other, (header, body), other)[1])
        for name in ("sig", "path", "body"):
            for bit in (0, 100, 511):
                with self.subTest(name, bit=bit):
                    broken = wire.Envelope.FromString(wire.encode(e))
                    holder = broken if name == "body" else broken.signature
                    value = bytearray(getattr(holder, name))
                    value[bit // 8] ^= 1 << bit % 8
                    setattr(holder, name, bytes(value))
                    self.assertEqual(self.answer(p, wire.encode(broken)), ("hub", prim.SIGNATURE))
        for name, change in {"index": dict(index=0), "size": dict(size=4), "no size": dict(size=0), "batch": dict(size=1025),
                             "path": dict(path=e.signature.path + junk(32)), "no path": dict(path=b""), "key": dict(key=junk(8))}.items():
            with self.subTest(name):
                broken = wire.Envelope.FromString(wire.encode(e))
                for field, value in change.items():
                    setattr(broken.signature, field, value)
                self.assertEqual(self.answer(p, wire.encode(broken))[0], "hub")
        unknown = prim.Key("signing", junk(32))
        p.signing_key = unknown.id
        stranger = envelope.sign_batch([(wire.encode(p), body)], unknown)[0]
        self.assertEqual(self.answer(p, stranger), ("hub", prim.UNKNOWN_KEY))
        self.check_clean((), [p.thread])

    def test_bytes_that_are_no_envelope_are_refused_by_the_hub(self):
        p, data = self.sealed()
        e = wire.Envelope.FromString(data)
        for broken in (junk(100), b"x", data + b"\xa2\x06\1x", data + data, data[:-1],
                       self.adapter.sign((e.header + b"\xa2\x06\1x", e.body))[0], self.adapter.sign((e.header, b""))[0]):
            self.assertEqual(self.answer(p, broken), ("hub", prim.FORMAT))
        self.assertEqual(self.answer(p, self.adapter.sign((e.header, junk(envelope.BODY_MAX + 1)))[0]), ("hub", prim.TOO_BIG))
        self.check_clean((), [p.thread])

    def test_an_id_or_a_place_in_a_thread_is_used_once(self):
        p, data = self.sealed()
        self.assertEqual(self.answer(p, data)[0], "taken")
        again, data = self.sealed(id=p.id)
        self.session.accepted.clear()
        self.assertEqual(self.answer(again, data), ("hub", prim.CONFLICT))
        for name, header, code in (("another message with its seq", dict(seq=1), 1108), ("a gap", dict(seq=3), prim.ORDER),
                                   ("other parties", dict(seq=2, to=[THIRD]), prim.UNKNOWN_THREAD),
                                   ("more parties", dict(seq=2, to=[OFFICE, THIRD]), prim.UNKNOWN_THREAD)):
            with self.subTest(name):
                q, data = self.sealed(thread=p.thread, **header)
                self.assertEqual(self.answer(q, data), ("hub", code))
        q, data = self.sealed(thread=p.thread, seq=2)
        self.assertEqual(self.answer(q, data), ("office", prim.INCONSISTENT))
        with self.stage.session(THIRD) as other:
            stranger = session.Adapter(other)
            q = stranger.header([OFFICE], p.thread)
            other.submit(stranger.seal(q, stage.referral("X", THIRD, OFFICE, envelope.now_ms())))
            other.until(lambda: other.refused, "REFUSED")
            self.assertEqual(other.refused[0].code, prim.UNKNOWN_THREAD)
        self.check_clean(())

    def test_a_step_that_is_not_possible_is_refused_by_the_recipient(self):
        p, data = self.sealed()
        self.assertEqual(self.answer(p, data)[0], "taken")
        number = f"{self.id().rsplit('.', 1)[-1]}-{self.number}"
        case = self.stage.http("GET", f"/v1/referrals/{number}")
        self.assertEqual(case[0], 200)
        item = next(i for i in self.stage.inbox() if i["referral_id"] == number)
        case = bytes.fromhex(item["case_id"])
        steps = {
            "the other side's step": (("requested", "accepted", "T05"), dict(case_id=case), prim.BAD_ACTOR),
            "a step that leads elsewhere": (("requested", "completed", "T29"), dict(case_id=case), prim.BAD_TRANSITION),
            "a code that is none": (("requested", "cancelled", "T99"), dict(case_id=case), record.UNKNOWN_CODE),
            "no reason": (("requested", "cancel-requested", "T20"), dict(case_id=case), record.REQUIRED),
            "another case": (("requested", "cancelled", "T29"), dict(case_id=junk(16)), prim.INCONSISTENT),
        }
        for name, (step, more, code) in steps.items():
            with self.subTest(name):
                self.adapter.seq[p.thread] = self.adapter.seq.get(p.thread, 1)
                q = self.adapter.header([OFFICE], p.thread)
                self.adapter.seq[p.thread] = q.seq
                data = self.adapter.seal(q, stage.status(number, *step, envelope.now_ms(), **more))
                self.assertEqual(self.answer(q, data), ("office", code))
        _, progress = self.stage.http("GET", f"/v1/referrals/{number}")
        self.assertEqual(progress["state"], "requested")
        q = self.adapter.header([OFFICE], p.thread)
        data = self.adapter.seal(q, stage.status(number, "requested", "cancelled", "T29", envelope.now_ms(), case_id=case))
        self.assertEqual(self.answer(q, data)[0], "taken")
        q = self.adapter.header([OFFICE], junk(16))
        data = self.adapter.seal(q, stage.status("X", "requested", "cancelled", "T29", envelope.now_ms()))
        self.assertEqual(self.answer(q, data), ("office", prim.UNKNOWN_THREAD))
        self.check_clean(())

    def receipt(self, adapter, code, **header):
        p = adapter.header(header.pop("to", [OFFICE]), header.pop("thread"), msg_class=envelope.RECEIPT, **header)
        before = len(adapter.s.refused)
        adapter.s.submit(*adapter.sign((wire.encode(p), b"")))
        adapter.wait(lambda: len(adapter.s.refused) > before or p.id in adapter.s.accepted, "any answer")
        got = adapter.s.refused[-1].code if len(adapter.s.refused) > before else 0
        self.assertEqual(got, code, header)

    def test_a_receipt_is_for_what_was_received_and_once(self):
        number = self.next_number()
        body = {"referral_id": number, "target": {"agency": PEER}, "service_kind": "other", "risk_level": "low", "priority": "routine",
                "disposition_wanted": "take-over", "legal_basis": "statutory-task", "reason_text": "х",
                "respond_by": "2027-03-02T10:00:00Z",
                "child": {"given": "А", "family": "Б", "birth_date": "2018-05-06", "gender": "male"}}
        self.assertEqual(self.stage.http("POST", "/v1/referrals", body)[0], 202)
        came = self.adapter.wait(lambda: [m for m in self.adapter.inbox.values() if m.record.referral.referral_id == number],
                                 "the referral")[0]
        good = dict(thread=came.header.thread, in_reply_to=came.header.id, stage=3, received=came.env_hash)
        self.receipt(self.adapter, prim.INCONSISTENT, **{**good, "received": junk(32)})
        self.receipt(self.adapter, prim.FORMAT, **{**good, "stage": 1})
        self.receipt(self.adapter, prim.FORMAT, **{**good, "stage": 5})
        self.receipt(self.adapter, prim.FORMAT, **{**good, "refusal": 1})
        self.receipt(self.adapter, prim.FORMAT, **good, seq=1)
        self.receipt(self.adapter, 1202, **{**good, "thread": junk(16)})
        self.receipt(self.adapter, 1006, **{**good, "to": [THIRD]})
        self.receipt(self.adapter, 1007, **{**good, "stage": 2})
        with self.stage.session(THIRD) as other:
            self.receipt(session.Adapter(other), 1202, **good)
        self.receipt(self.adapter, 0, **good)
        self.receipt(self.adapter, 1007, **good)
        self.receipt(self.adapter, prim.CONFLICT, **{**good, "stage": 5, "refusal": 1})

    def test_nobody_speaks_for_another(self):
        p = self.adapter.header([OFFICE], junk(16), sender=THIRD)
        data = self.adapter.seal(p, stage.referral(self.next_number(), THIRD, OFFICE, envelope.now_ms()))
        self.assertEqual(self.answer(p, data), ("hub", 1201))
        stolen = prim.Key.load(f"{self.stage.keys(THIRD)}/signing.key")
        p = self.adapter.header([OFFICE], junk(16), sender=THIRD)
        p.signing_key = stolen.id
        part = self.adapter.seal(p, stage.referral(self.next_number(), THIRD, OFFICE, envelope.now_ms()), signed=False)
        self.assertEqual(self.answer(p, envelope.sign_batch([part], stolen)[0]), ("hub", 1201))

    def test_nobody_speaks_for_the_hub(self):
        for msg_class, sender, thread in ((envelope.NOTICE, "hub", junk(16)), (envelope.ANNOUNCE, PEER, b"")):
            p = self.adapter.header([OFFICE], thread, msg_class=msg_class, sender=sender)
            self.assertEqual(self.answer(p, self.adapter.sign((wire.encode(p), b"x"))[0])[0], "hub")


if __name__ == "__main__":
    unittest.main()

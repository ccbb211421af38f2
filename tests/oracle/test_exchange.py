# SPDX-License-Identifier: EUPL-1.2
"""Sealed messages with a real nasoka-social through the real hub, in both directions, everything verified."""
import os
import unittest

import stage
from peer import envelope, record, session, wire
from stage import OFFICE, PEER, THIRD


def aux(leaf):
    return int.from_bytes(leaf[24:32], "big")


class Exchange(stage.Case):
    def refer(self, number, **more):
        """Our referral to the office: (header, its submit leaf)."""
        p = self.adapter.header([OFFICE], os.urandom(16))
        r = stage.referral(number, PEER, OFFICE, envelope.now_ms(), **more)
        return p, r, self.adapter.send(p, r)

    def test_our_referral_is_registered_accepted_and_seen(self):
        p, r, (index, leaf, detail) = self.refer("PY-1")
        self.assertEqual((leaf[4], leaf[5], aux(leaf)), (1, 2, 0))
        self.assertEqual((list(detail.to), detail.thread, detail.thread_seq, detail.created_ms),
                         ([OFFICE], p.thread, 1, p.created_ms))
        delivered = self.adapter.stage(p.id, envelope.DELIVERED)
        item = next(i for i in self.stage.inbox() if i["referral_id"] == "PY-1")
        child = item["record"]["child"]
        self.assertEqual((item["from"], item["kind"], child["given"], child["middle"], child["ids"][0]["value"]),
                         (PEER, "referral", "Калина", "Стоянова", "1543079013"))
        self.assertEqual((item["case_id"], item["thread"]), (r.case_id.hex(), p.thread.hex()))
        status, _ = self.stage.http("POST", "/v1/inbox/PY-1/registered", {"case_no": "ДСП-2026-1"})
        self.assertEqual(status, 200)
        registered = self.adapter.stage(p.id, envelope.REGISTERED)
        self.assertEqual((registered.detail[0], registered.detail[2]), (0, "ДСП-2026-1"))
        for got in (delivered, registered):
            self.assertEqual((got.header.received, got.header.thread), (detail.env_hash, p.thread))
            place = next(i for i in self.session.delivered if wire.Header.FromString(
                wire.Envelope.FromString(i.envelope).header).id == got.header.id)
            d = wire.Detail.FromString(place.detail)
            self.assertEqual((place.leaf[4], aux(place.leaf), d.about), (got.header.stage, index, p.id))
        status, answer = self.stage.http("POST", "/v1/statuses", {"referral_id": "PY-1", "to": "accepted",
                                                                  "at": "2026-03-02T09:00:00Z"})
        self.assertEqual(status, 202, answer)
        came = self.adapter.wait(lambda: [m for m in self.adapter.inbox.values() if m.header.thread == p.thread], "the status")[0]
        s = came.record.status
        self.assertEqual((s.referral_id, getattr(s, "from"), s.to, s.transition), ("PY-1", "requested", "accepted", "T05"))
        self.assertEqual([(b.agency, b.seq) for b in came.header.basis], [(PEER, 1)])
        self.assertEqual(came.record.case_id, r.case_id)
        self.assertEqual(self.adapter.threads.state[p.thread], "accepted")
        self.adapter.receipt(came, envelope.REGISTERED, (0, "PY-CASE-1", ""))
        self.adapter.stage(p.id, envelope.SEEN)
        self.assertEqual(self.adapter.bad, [])

    def test_their_referral_is_registered_here_and_they_see_it(self):
        body = {"referral_id": "C-1", "target": {"agency": PEER}, "service_kind": "parent-support", "risk_level": "high",
                "priority": "urgent", "disposition_wanted": "take-over", "legal_basis": "statutory-task",
                "reason_text": "Нужда от подкрепа.", "respond_by": "2027-03-02T10:00:00Z",
                "child": {"given": "Ивайло", "family": "Пробен", "birth_date": "2018-05-06", "gender": "male",
                          "address": {"municipality": "PDV01"}, "actual_address": {"municipality": "PDV22", "city": "Пловдив"}}}
        status, answer = self.stage.http("POST", "/v1/referrals", body)
        self.assertEqual(status, 202, answer)
        came = self.adapter.wait(lambda: [m for m in self.adapter.inbox.values() if m.record.referral.referral_id == "C-1"],
                                 "the referral")[0]
        f = came.record.referral
        self.assertEqual((f.child.given, f.child.family, f.initiator.agency, f.reason_text),
                         ("Ивайло", "Пробен", OFFICE, body["reason_text"]))
        _, leaf, detail = self.adapter.receipt(came, envelope.REGISTERED, (0, "Ц-77", ""))
        self.assertEqual((leaf[4], detail.about), (3, came.header.id))
        self.adapter.receipt(came, envelope.SEEN)
        p = self.adapter.header([OFFICE], came.header.thread, basis=[wire.Basis(agency=OFFICE, seq=came.header.seq)])
        self.adapter.send(p, stage.status("C-1", "requested", "accepted", "T05", envelope.now_ms(), case_no="Ц-77",
                                          case_id=came.record.case_id))
        self.adapter.stage(p.id, envelope.DELIVERED)
        _, progress = self.stage.http("GET", "/v1/referrals/C-1")
        self.assertEqual((progress["state"], progress["external_no"], progress["other_agency"]), ("accepted", "Ц-77", PEER))
        self.assertLessEqual({"queued", "stored", "delivered", "registered", "seen"}, set(progress["stages"]))
        # Auditors: any three recover the CEK of what the C sealed, two do not; what they see is the record's.
        keys = self.stage.auditors()
        self.check_quorum(came, keys)

    def check_quorum(self, came, keys):
        parts = {x: envelope.audit(came.header, x, key) for x, key in enumerate(keys, 1)}
        for plain, _ in parts.values():
            case, texts = record.read_capsule(plain)
            self.assertEqual((case, texts), (came.record.case_id, record.capsule_texts(came.record)))
        shares = {x: share for x, (_, share) in parts.items()}
        for some in ({1, 2, 3}, {1, 3, 5}, {2, 4, 5}, {3, 4, 5}):
            cek = envelope.combine({x: shares[x] for x in some})
            self.assertEqual(envelope.commitment(cek), came.header.commit)
        for two in ({1, 2}, {4, 5}):
            cek = envelope.combine({x: shares[x] for x in two})
            self.assertNotEqual(envelope.commitment(cek), came.header.commit)

    def test_a_referral_has_one_recipient(self):
        """The hub passes it on; both refuse it, and neither has anything of it."""
        other = self.stage.session(THIRD)
        self.addCleanup(other.close)
        third = session.Adapter(other)
        p = self.adapter.header([OFFICE, THIRD], os.urandom(16))
        r = stage.referral("PY-3", PEER, OFFICE, envelope.now_ms())
        self.session.submit(self.adapter.seal(p, r))
        third.wait(lambda: third.bad, "the referral at the third")

        def said():
            return {getattr(x.header, "from"): x.detail[0] for x in self.adapter.receipts if x.header.in_reply_to == p.id}
        self.adapter.wait(lambda: len(said()) == 2, "both")
        self.assertEqual(said(), {OFFICE: record.TOO_MANY, THIRD: record.TOO_MANY})
        self.assertNotIn("PY-3", [i.get("referral_id") for i in self.stage.inbox()])

    def test_every_padded_size(self):
        for n, size in enumerate((100, 2000, 3900)):
            p, r, _ = self.refer(f"PY-PAD-{n}", reason_text="я" * (size // 2))
            self.adapter.stage(p.id, envelope.DELIVERED)
        self.assertEqual(self.adapter.bad, [])

    def test_sent_again_it_has_the_same_leaf(self):
        p = self.adapter.header([OFFICE], os.urandom(16))
        data = self.adapter.seal(p, stage.referral("PY-TWICE", PEER, OFFICE, envelope.now_ms()))
        for n in (1, 2):
            self.session.submit(data)
            self.session.until(lambda: len(self.session.accepted.get(p.id, ())) == n, "ACCEPTED again")
        self.assertEqual(*[(i, leaf) for i, leaf, _ in self.session.accepted[p.id]])
        self.adapter.stage(p.id, envelope.DELIVERED)
        self.assertEqual(len([i for i in self.stage.inbox() if i["referral_id"] == "PY-TWICE"]), 1)

    def test_a_batch_under_one_signature(self):
        parts, ids = [], []
        for n in range(7):
            p = self.adapter.header([OFFICE], os.urandom(16))
            r = stage.referral(f"PY-B{n}", PEER, OFFICE, envelope.now_ms())
            parts.append(self.adapter.seal(p, r, signed=False))
            ids.append(p.id)
        self.session.submit(*self.adapter.sign(*parts))
        for id in ids:
            self.session.until(lambda: self.session.accepted.get(id), "ACCEPTED")
            self.adapter.stage(id, envelope.DELIVERED)

    def test_what_was_not_taken_comes_again_and_the_log_is_consistent(self):
        other = self.stage.session(THIRD)
        p = self.adapter.header([THIRD], os.urandom(16))
        self.adapter.send(p, stage.referral("PY-AGAIN", PEER, THIRD, envelope.now_ms()))

        def place(s):
            return [i.queue_no for i in s.delivered if p.id in i.envelope]
        first = other.until(lambda: place(other), "the message")
        epoch, size = other.epoch, other.log.size
        other.close()
        self.refer("PY-GROW")
        with self.stage.session(THIRD) as again:
            self.assertGreater(again.epoch, epoch)
            self.assertEqual(again.pin[0], size)
            self.assertGreater(again.log.size, size)
            self.assertTrue(again.welcome.path)
            self.assertEqual(again.until(lambda: place(again), "the message again"), first)
            third = session.Adapter(again)
            third.wait(lambda: third.inbox.get(p.id), "the message opened")
        with self.stage.session(THIRD) as last:
            last.idle(0.5)
            self.assertEqual(place(last), [])

    def test_consistency_from_every_earlier_size(self):
        """The hub proves its log from each checkpoint that we saw, and none from a root that never was."""
        seen = {}
        for n in range(4):
            self.refer(f"PY-PIN-{n}")
            seen[self.session.log.size] = self.session.log.root
        for size, root in seen.items():
            self.session.hello(pin=(size, root))
        with self.assertRaises(session.Broken):
            self.session.hello(pin=(size, bytes(32 - 1) + b"\1"), seconds=2)

    def test_an_older_directory_is_told_the_new_one(self):
        with self.stage.session(THIRD, directory_version=0) as s:
            self.assertTrue(s.directory.note)
            self.assertEqual(s.book.bytes, self.session.book.bytes)
            self.assertLessEqual({OFFICE, PEER, THIRD}, set(s.book.sheets))


if __name__ == "__main__":
    unittest.main()

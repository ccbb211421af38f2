# SPDX-License-Identifier: EUPL-1.2
"""A thread that a lost disk took, given back: a real nasoka-social answers the peer that asks, and asks the peer when its own
store is gone. What the answer may not say is refused."""
import os
import shutil
import unittest

import stage
from peer import envelope, record, wire
from stage import OFFICE, PEER

INCONSISTENT, UNKNOWN_THREAD = record.INCONSISTENT, record.UNKNOWN_THREAD


class LostDisk(stage.Case):
    def refer(self, number):
        """Our referral, registered by the office under D-number and accepted by it: (header, record)."""
        p = self.adapter.header([OFFICE], os.urandom(16))
        r = stage.referral(number, PEER, OFFICE, envelope.now_ms())
        r.assumed.append("referral.priority")
        self.adapter.send(p, r)
        self.adapter.stage(p.id, envelope.DELIVERED)
        self.assertEqual(self.stage.http("POST", f"/v1/inbox/{number}/registered", {"case_no": "D-" + number})[0], 200)
        self.adapter.stage(p.id, envelope.REGISTERED)
        self.step({"referral_id": number, "to": "accepted"})
        self.adapter.wait(lambda: self.adapter.threads.state.get(p.thread) == "accepted", "the acceptance")
        return p, r

    def step(self, body):
        status, answer = self.stage.http("POST", "/v1/statuses", {**body, "at": "2026-03-02T09:00:00Z"})
        self.assertEqual(status, 202, answer)

    def came(self, thread, kind):
        return self.adapter.wait(lambda: next((m for m in self.adapter.inbox.values()
                                               if m.header.thread == thread and m.record.kind == kind), None), kind, 60)

    def test_it_says_how_the_thread_stands(self):
        p, r = self.refer("L-1")
        asked = self.adapter.header([OFFICE], p.thread)
        self.adapter.send(asked, stage.thread_request(p.thread, envelope.now_ms()))
        for said in (envelope.DELIVERED, envelope.REGISTERED):
            self.adapter.stage(asked.id, said)
        got = self.came(p.thread, "thread-state")
        s = got.record.thread_state
        self.assertEqual((s.state, s.case_no, s.your_case_no), ("accepted", "D-L-1", ""))
        self.assertEqual((s.referral, s.referral_created, s.referral_msg), (r.referral, r.created, p.id))
        self.assertEqual((got.record.case_id, list(got.record.assumed)), (r.case_id, ["referral.priority"]))
        self.assertEqual([(b.agency, b.seq) for b in got.header.basis], [(PEER, asked.seq)])
        self.assertEqual((got.header.respond_by_ms, got.header.expires_ms), (0, 0))
        self.assertGreater(got.header.registered_by_ms, got.header.created_ms)
        plain, _ = envelope.audit(got.header, 1, self.stage.auditors()[0])
        self.assertEqual(record.read_capsule(plain), (r.case_id, ["thread-state"] + [""] * 8))
        # the thread goes on, and neither the question nor the answer is anything to the agency's system
        told = {i["kind"] for i in self.stage.inbox() if i.get("thread") == p.thread.hex()}
        self.assertEqual(told, {"referral", "stage"})
        self.step({"referral_id": "L-1", "to": "in-progress"})
        self.adapter.wait(lambda: self.adapter.threads.state[p.thread] == "in-progress", "the next step")
        self.assertEqual(self.adapter.bad, [])

    def test_a_thread_that_is_not_there_is_refused(self):
        thread = os.urandom(16)
        asked = self.adapter.header([OFFICE], thread)
        self.session.submit(self.adapter.seal(asked, stage.thread_request(thread, envelope.now_ms())))
        self.assertEqual(self.adapter.stage(asked.id, envelope.REFUSED_STAGE).detail[0], UNKNOWN_THREAD)

    def test_an_answer_that_nobody_waits_for_changes_nothing(self):
        p, r = self.refer("L-2")
        lie = self.adapter.threads.answer(p, envelope.now_ms(), r, p.id)
        lie.thread_state.state = "completed"
        answer = self.adapter.header([OFFICE], p.thread)
        self.adapter.send(answer, lie)
        self.adapter.stage(answer.id, envelope.REGISTERED)
        self.assertEqual(self.stage.http("GET", "/v1/referrals/L-2")[1]["state"], "accepted")

    def test_it_asks_when_its_disk_is_gone(self):
        kept, lied = [self.refer(n) for n in ("L-3", "L-4")]
        self.stage.office.stop()
        shutil.rmtree(self.stage.office.dir / "store")
        self.stage.office.start()
        for (p, r), spoil in ((kept, False), (lied, True)):
            asked = self.came(p.thread, "thread-state-request")
            self.assertEqual((asked.record.case_id, len(asked.header.basis)), (p.thread, 0))
            self.adapter.receipt(asked, envelope.REGISTERED)
            answer = self.adapter.threads.answer(p, envelope.now_ms(), r, p.id, your_case_no="D-" + r.referral.referral_id)
            if spoil:
                answer.thread_state.referral.target.agency = PEER
            h = self.adapter.header([OFFICE], p.thread, basis=[wire.Basis(agency=OFFICE, seq=asked.header.seq)])
            self.session.submit(self.adapter.seal(h, answer))
            self.adapter.seq[p.thread] = h.seq
            if spoil:
                self.assertEqual(self.adapter.stage(h.id, envelope.REFUSED_STAGE).detail[0], INCONSISTENT)
            else:
                self.adapter.stage(h.id, envelope.REGISTERED)
                self.adapter.threads.take(h, answer)
        status, seen = self.stage.http("GET", "/v1/referrals/L-3")
        self.assertEqual((status, seen["state"], seen["case_no"]), (200, "accepted", "D-L-3"))
        self.step({"referral_id": "L-3", "case_no": "D-L-3", "to": "in-progress"})
        step = self.adapter.wait(lambda: next((m for m in self.adapter.inbox.values() if m.header.thread == kept[0].thread and
                                               m.record.status.to == "in-progress"), None), "the next step")
        self.assertEqual([(b.agency, b.seq) for b in step.header.basis], [(PEER, self.adapter.seq[kept[0].thread])])
        self.assertEqual(self.stage.http("GET", "/v1/referrals/L-4")[0], 404)
        self.assertEqual([why for p, why in self.adapter.bad if p.thread in (kept[0].thread, lied[0].thread)], [])


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: EUPL-1.2
"""Deadlines at the real hub by PROTOCOL.md 5.1: what ends them, what is refused, what a hub that was down says; and what its operators
and auditors see."""
import json
import os
import signal
import time
import unittest

import stage
from peer import envelope, session
from stage import PEER, THIRD

HALF_TIME, LATE, NO_ANSWER = 1, 2, 3
BAD_CLOCK, NOT_FOUND, NOT_ALLOWED = 1207, 1006, 1202


class Deadlines(unittest.TestCase):
    def setUp(self):
        self.stage = stage.Stage()
        self.addCleanup(self.stage.stop)
        self.mine, self.their = self.enter(PEER), self.enter(THIRD)
        self.records = {}

    def enter(self, agency):
        s = self.stage.session(agency)
        self.addCleanup(s.close)
        return session.Adapter(s)

    def write(self, number, **ms):
        """A message of ours to the third, with deadlines so many ms ahead."""
        p = self.mine.header([THIRD], os.urandom(16), **{name: envelope.now_ms() + n for name, n in ms.items()})
        self.records[p.id] = stage.referral(number, PEER, THIRD, envelope.now_ms())
        self.mine.send(p, self.records[p.id])
        return p

    def answered(self, adapter, id):
        """What the hub says to this message: 0 if it was accepted, else the number it was refused with."""
        def probe():
            codes = [r.code for r in adapter.s.refused if r.id == id]
            return codes or ([0] if id in adapter.s.accepted else None)
        return adapter.s.until(probe, "an answer")[0]

    def answer(self, p, closes):
        """The third receives the referral `p`, and says that this answers `closes`: what the hub says to that."""
        mine = self.their.header([PEER], p.thread, closes=[closes])
        mine.basis.add(agency=PEER, seq=p.seq)
        r = self.records[p.id]
        data = self.their.seal(mine, stage.status(r.referral.referral_id, "requested", "received", "T02", envelope.now_ms(),
                                                  case_id=r.case_id))
        self.their.s.submit(data)
        return self.answered(self.their, mine.id)

    def facts(self, adapter, p):
        return sorted(o.notice.fact for o in adapter.notices if o.notice.about == p.id)

    def deadlines(self, *args):
        done = self.stage.world.ctl("deadlines", "--config", self.stage.world.hub_dir / "hub.yaml", "--json", *args, check=False)
        return done.returncode, json.loads(done.stdout)["deadlines"]

    def quiet(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.mine.s.idle(0.5)
            self.mine.pump()

    def test_an_answer_ends_one_duty_and_a_registration_the_other(self):
        answered, registered = self.write("D-1", registered_by_ms=3000, respond_by_ms=4000), self.write(
            "D-2", registered_by_ms=3000, respond_by_ms=4000)
        self.their.wait(lambda: len(self.their.inbox) == 2, "both messages")
        self.assertEqual(self.answer(answered, answered.id), 0)
        self.their.receipt(self.their.inbox[registered.id], envelope.REGISTERED)
        self.mine.wait(lambda: self.facts(self.mine, answered) and self.facts(self.mine, registered), "notices", 30)
        self.quiet(7)
        self.assertEqual(self.facts(self.mine, answered), [HALF_TIME, LATE])
        self.assertEqual(self.facts(self.mine, registered), [NO_ANSWER])
        self.assertEqual(self.mine.bad, [])

    def test_what_is_refused(self):
        p = self.write("D-3", respond_by_ms=60000)
        foreign = self.write("D-4")
        self.assertEqual(self.answer(p, envelope.uuid7(envelope.now_ms())), NOT_FOUND)
        self.assertEqual(self.answer(p, foreign.id), NOT_ALLOWED)
        for more in (dict(registered_by_ms=-1), dict(expires_ms=-1), dict(respond_by_ms=732 * stage.DAY_MS)):
            bad = self.mine.header([THIRD], os.urandom(16), **{k: envelope.now_ms() + v for k, v in more.items()})
            self.mine.s.submit(self.mine.seal(bad, stage.referral("D-5", PEER, THIRD, envelope.now_ms())))
            self.assertEqual(self.answered(self.mine, bad.id), BAD_CLOCK)

    def test_a_hub_that_was_down_says_it_when_it_starts(self):
        """Killed before the deadline, started after it: said once, shown to operators, sound to auditors, over when registered."""
        world = self.stage.world
        p = self.write("D-6", registered_by_ms=2500)
        self.their.wait(lambda: p.id in self.their.inbox, "the message")
        self.assertEqual(self.deadlines()[0], 0)
        world.end(world.hub, signal.SIGKILL)
        time.sleep(max(0, (p.registered_by_ms - envelope.now_ms()) / 1000) + 0.5)
        world.start_hub()
        old, self.mine, self.their = self.their, self.enter(PEER), self.enter(THIRD)
        self.mine.wait(lambda: len(self.facts(self.mine, p)) >= 2, "notices", 30)
        self.quiet(6)
        self.assertEqual(self.facts(self.mine, p), [HALF_TIME, LATE])
        code, rows = self.deadlines("--late", "--agency", THIRD)
        self.assertEqual((code, [(r["fact"], r["from"], r["to"], r["late"]) for r in rows]), (3, [("late", PEER, THIRD, True)]))
        self.assertEqual(self.deadlines("--agency", stage.OFFICE)[0], 0)
        status = json.loads(world.ctl("status", "--config", world.hub_dir / "hub.yaml", "--json"))
        self.assertEqual({a["agency"]: a["late"] for a in status["agencies"]}[THIRD], 1)
        self.their.receipt(old.inbox[p.id], envelope.REGISTERED)
        self.assertEqual(self.deadlines("--late"), (0, []))
        world.tool("nasoka-audit", "verify", "--config", world.hub_dir / "hub.yaml")
        replay = json.loads(world.tool("nasoka-audit", "replay", "--config", world.hub_dir / "hub.yaml", "--json"))
        told = [e["fact"] for e in replay["events"] if e["event"] == "notice"]
        self.assertEqual((told, any(e["breaks_a_rule"] for e in replay["events"])), (["half-time", "late"], False))


if __name__ == "__main__":
    unittest.main()

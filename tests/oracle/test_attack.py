# SPDX-License-Identifier: EUPL-1.2
"""The hostile acts of the fault programme (tests/faults/acts_*.py), here against services that watch their own memory: whatever
their sanitizers find ends them, and the act fails. A third of the acts by lot, whose seed is printed; deep: all."""
import os
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))
import ground  # noqa: E402
import acts_crowd, acts_doors, acts_envelope, acts_house, acts_net, acts_peer, acts_wire  # noqa: E402,E401,F401

NO_CAP_MIB = 1 << 20        # sanitizers take what they want
SEED = int(os.environ.get("NASOKA_SEED", random.randrange(1 << 30)))


class Attack(unittest.TestCase):
    def test_acts(self):
        print(f"# seed {SEED}", flush=True)
        acts = [a for a in ground.ACTS if a.is_light]
        if not ground.DEEP:
            acts = random.Random(SEED).sample(acts, len(acts) // 3)
        g = ground.Ground(NO_CAP_MIB)
        self.addCleanup(g.stop)
        g.start()
        for act in acts:
            with self.subTest(act.name):
                self.assertEqual(g.try_out(act) if act.apart else g.play(act), [])
        self.assertEqual(g.honest.errors, [])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The small model: two senders, two recipients and three messages over the real hub core, in every order of submit, commit, told,
delivered, taken and resume; complete, not drawn by lot (I1, I2, I3, I4, I5, I6, I12, I13). The three messages with two
lost frames at any places, with a crash of the hub at any point, and, NASOKA_DEEP=1, with both at once. In the first the print that
tells states apart is itself under test: what was held for the same state must be followed by the same."""

import os
import pathlib
import re
import subprocess
import sys

SIM = pathlib.Path(os.environ["NASOKA_BIN"]).parent / "tests" / "sim" / "sim_model"
RUNS = [("0", "2", "3", "doubt"), ("1", "0", "3")]
DEEP = [("1", "2", "3")]


def explore(words):
    """Its exit code, its sums, and what it said besides; every hundred thousand states it says where it is."""
    said = []
    with subprocess.Popen([SIM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        for line in run.stderr:
            if re.match(r"\d+ states, ", line):
                print(f"# at {line.rstrip()}", flush=True)
            else:
                said.append(line.rstrip())
        sums = run.stdout.read().split()
    return run.returncode, sums, said


def main():
    os.nice(10)     # beside it runs what is measured by the clock
    states = transitions = accepted = 0
    passed, wrong = True, {"lost": 0, "doubled": 0, "disordered": 0}
    for words in RUNS + (DEEP if os.environ.get("NASOKA_DEEP") == "1" else []):
        crashes, losses, messages = words[:3]
        code, found, said = explore(words)
        what = f"{messages} messages, at most {crashes} crashes of the hub and {losses} lost frames"
        if code == 0 and found[:1] == ["states"]:
            sums = dict(zip(found[::2], found[1::2]))
            states += int(sums["states"])
            transitions += int(sums["transitions"])
            accepted += int(sums["ends"]) * int(messages)
            print(f"ok - {what}: {sums['interleavings']} orders, {sums['states']} states, {sums['transitions']} transitions")
            continue
        passed = False
        print(f"not ok - {what}")
        for line in said[-4:]:
            print("# " + line[:2000])
            for name in wrong:
                wrong[name] += f": {name}: " in line
    print(f"# figure the small model: {states} states, {transitions} transitions")
    print(f"# fault row=\"small model, all states\" count={states} accepted={accepted} lost={wrong['lost']} "
          f"doubled={wrong['doubled']} disordered={wrong['disordered']}")
    return 0 if passed else 1


sys.exit(main())

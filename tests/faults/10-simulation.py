#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The simulated town under all faults: the real hub core and real adapters in virtual time, two processes at once. Messages are taken
back, and sealing keys turn over and are lost.

I1 to I9, I12, I13, I24, I27 and I29 are checked after each step (tests/sim: logwatch, wiretap, hearing). A seed that fails is named
with its step, and `sim_world SEED` replays it to the last byte. NASOKA_DEEP=1 takes 1,000 seeds and goes on where it was stopped."""

import os
import pathlib
import re
import subprocess
import sys
import threading

SIM = pathlib.Path(os.environ["NASOKA_BIN"]).parent / "tests" / "sim" / "sim_world"
DEEP = os.environ.get("NASOKA_DEEP") == "1"
SEEDS = 1000 if DEEP else 100
WORKERS = 2


def start(number):
    """Every second seed; a deep run keeps its place beside the build."""
    command = [SIM, "--seeds", str(SEEDS // WORKERS), "--from", str(number + 1), "--every", str(WORKERS)]
    if DEEP:
        command += ["--state", str(SIM.parent / f"sim_world-{number}.state")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def listen(process, number, lines):
    """What it says, kept; every hundredth seed told at once, as a place in a long run."""
    for line in process.stdout:
        lines.append(line.rstrip())
        seed = re.match(r"# seed (\d+)$", line)
        if seed and int(seed[1]) // 100 != (int(seed[1]) - WORKERS) // 100:
            print(f"# at seed {seed[1]} of {SEEDS}", flush=True)
    process.wait()


def sums_of(line):
    words = line.split()
    return dict(zip(words[::2], map(int, words[1::2])))


def main():
    total, wrong = {}, {"lost": 0, "doubled": 0, "disordered": 0}
    passed = True
    os.nice(10)     # beside it runs what is measured by the clock
    processes, said = [start(n) for n in range(WORKERS)], [[] for _ in range(WORKERS)]
    listeners = [threading.Thread(target=listen, args=(p, n, said[n])) for n, p in enumerate(processes)]
    for thread in listeners:
        thread.start()
    for number, process in enumerate(processes):
        listeners[number].join()
        lines = said[number]
        last = lines[-1] if lines else ""
        if process.returncode == 0 and last.startswith("seeds "):
            for name, value in sums_of(last).items():
                total[name] = total.get(name, 0) + value
            print(f"ok - seeds {number + 1}, {number + 1 + WORKERS} ...: nothing lost, doubled or disordered")
            if DEEP:
                os.unlink(SIM.parent / f"sim_world-{number}.state")
            continue
        passed = False
        print(f"not ok - seeds {number + 1}, {number + 1 + WORKERS} ...")
        for line in lines[-3:]:
            print("# " + line)
            for name in wrong:
                wrong[name] += f": {name}: " in line
    runs = [subprocess.run([SIM, "7"], capture_output=True, text=True, check=False).stdout for _ in range(2)]
    same = runs[0] == runs[1] and runs[0].startswith("digest ")
    print(("ok" if same else "not ok") + " - the same seed is the same run, to the last byte")
    print(f"# figure {total.get('steps', 0)} steps, {total.get('crashes', 0)} crashes, "
          f"{total.get('handed', 0)} handovers, {total.get('again', 0)} of them again; {total.get('back', 0)} taken back, "
          f"{total.get('turned', 0)} turnovers of keys")
    print(f"# fault row=\"simulation\" count={total.get('seeds', 0)} accepted={total.get('accepted', 0)} lost={wrong['lost']} "
          f"doubled={wrong['doubled']} disordered={wrong['disordered']}")
    return 0 if passed and same else 1


sys.exit(main())

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""One of four recipients dead, stopped, or reading one message a second, with a queue behind it that grows: the other three keep their
p99, from sender to recipient's receipt, within twice of what it is undisturbed. Both are measured in one run, in turns, and medians
of the rounds are compared: a machine that is slow for a while is slow for both."""
import json
import os
import signal
import statistics
import subprocess

from benchhand import DEEP, PROGRAMS, LoadWorld, done, figure, ok, wait_for

ROUNDS, RATE, SECONDS = (5, 50, 8) if DEEP else (3, 50, 3)
OTHERS = 200				# messages a second to the fourth: what it leaves lying grows as fast
CREDIT = 100_000			# the fourth promises to take more than it does
TROUBLES = ("dead", "stopped", "slow")
BOUND, FLOOR_US = 2.0, 2000		# a p99 below the floor is the machine's noise, not a delay that anybody feels

world = LoadWorld(senders=4)


class Fourth:
    """receiver-4, in a process of its own."""

    def __init__(self, *more):
        self.process = subprocess.Popen([PROGRAMS / "bench_pace", "--dir", world.dir, "--endpoint", world.endpoint, "--receive",
                                         "receiver-4", "--credit", str(CREDIT), *more], stdout=subprocess.PIPE)
        self.process.stdout.readline()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def queued():
    status = json.loads(world.ctl("status", "--socket", world.socket, "--json"))
    return next(a["queued"] for a in status["agencies"] if a["agency"] == "receiver-4")


def measure():
    run = subprocess.run([PROGRAMS / "bench_pace", "--dir", world.dir, "--endpoint", world.endpoint, "--pairs", "3", "--rate", str(RATE),
                          "--messages", str(RATE * SECONDS), "--others", str(OTHERS)], capture_output=True, text=True, timeout=120)
    if run.returncode or not run.stdout:
        raise RuntimeError(f"bench_pace: exit {run.returncode}\n{run.stderr}")
    return json.loads(run.stdout)


def trouble(kind):
    """Measured while the fourth is so."""
    fourth = Fourth(*(["--pause", "1000"] if kind == "slow" else []))
    if kind == "dead":
        fourth.end()
    elif kind == "stopped":
        os.kill(fourth.process.pid, signal.SIGSTOP)
    try:
        r = measure()
        return r, queued()
    finally:
        if kind != "dead":
            fourth.end()


def healthy():
    """Measured while the fourth takes what comes, once it has taken what was left."""
    fourth = Fourth()
    try:
        wait_for("the fourth to have taken what was left", lambda: queued() == 0, 60, 0.2)
        return measure()
    finally:
        fourth.end()


results = {kind: [] for kind in ("undisturbed", *TROUBLES)}
waiting = dict.fromkeys(TROUBLES, 0)
try:
    world.start_hub()
    healthy()				# warm
    for _ in range(ROUNDS):
        for kind in TROUBLES:
            results["undisturbed"].append(healthy())
            r, left = trouble(kind)
            results[kind].append(r)
            waiting[kind] = max(waiting[kind], left)
    for kind, runs in results.items():
        n = sum(r["messages"] for r in runs)
        ok(all(r["acknowledged"] == r["messages"] and r["refused"] == 0 for r in runs), f"{kind}: all {n} messages of the three came through", runs)
    base = statistics.median(r["p99_us"] for r in results["undisturbed"])
    figure(f"isolation: undisturbed p50 {statistics.median(r['p50_us'] for r in results['undisturbed']) / 1000:.1f} ms, p99 {base / 1000:.1f} ms "
           f"(median of {len(results['undisturbed'])})")
    for kind in TROUBLES:
        p99 = statistics.median(r["p99_us"] for r in results[kind])
        figure(f"isolation: one of four {kind}: the others' p50 {statistics.median(r['p50_us'] for r in results[kind]) / 1000:.1f} ms, "
               f"p99 {p99 / 1000:.1f} ms (median of {ROUNDS}), {p99 / base:.2f} of undisturbed; up to {waiting[kind]} waited for it")
        ok(waiting[kind] >= OTHERS, f"{kind}: a queue stood behind it", waiting[kind])
        ok(p99 <= BOUND * max(base, FLOOR_US), f"one of four {kind}: the others keep their p99 within twice the undisturbed one", (p99, base))
    ok(world.hub.poll() is None, "the hub lives")
finally:
    world.stop()
done()

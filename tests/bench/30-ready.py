#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A hub with a long history is ready within a second, and takes the next message at once."""
import json
import os
import shutil
import subprocess
import time

from benchhand import DEEP, PROGRAMS, LoadWorld, anonymous_mib, done, figure, ok, wait_for

MESSAGES = int(os.environ.get("NASOKA_FILL", 1_000_000 if DEEP else 100_000))
READY_S, STARTS = 1.0, 3

world = LoadWorld(senders=1)
try:
    filled = json.loads(subprocess.run([PROGRAMS / "bench_fill", "--dir", world.dir, "--messages", str(MESSAGES)], check=True,
                                       capture_output=True, text=True).stdout)
    figure(f"fill: {MESSAGES:,} messages in {filled['seconds']:.1f} s ({MESSAGES / filled['seconds']:.0f} a second), "
           f"{world.store_bytes() / 2**20:.0f} MiB of store")
    slowest = 0.0
    for _ in range(STARTS):
        begun = time.monotonic()
        world.start_hub(wait=False)
        wait_for("the hub to be ready", lambda: b"\nready " in world.hub_log.read_bytes().rsplit(b"-- start --", 1)[-1], 30, 0.002)
        slowest = max(slowest, time.monotonic() - begun)
        if _ < STARTS - 1:
            world.end(world.hub)
    ok(slowest < READY_S, f"a hub with {MESSAGES:,} messages is ready within {READY_S:.0f} s", slowest)
    figure(f"ready: {slowest * 1000:.0f} ms with {MESSAGES:,} messages, the slowest of {STARTS} starts; "
           f"{anonymous_mib(world.hub.pid):.1f} MiB (RssAnon)")
    size = json.loads(world.ctl("status", "--socket", world.socket, "--json"))["tree"]["size"]
    ok(size > MESSAGES, "its log holds them all", size)
    r = world.load(1, 1, 1)
    ok(r["accepted"] == r["acknowledged"] == 1 and r["refused"] == 0, "the first message after is accepted, delivered, acknowledged", r)
    figure(f"first message after: accepted in {r['confirm_p50_us'] / 1000:.1f} ms")
finally:
    world.stop()
    shutil.rmtree(world.dir, ignore_errors=True)
done()

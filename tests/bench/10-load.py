#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Load through a real nasoka-hub with everything on: 1 sender with 1 message in flight, and 4 with 64 each. Rates are figures; the
tests are that everything accepted was delivered and acknowledged, and nothing refused."""
from benchhand import DEEP, LoadWorld, done, figure, ok

RUNS = ((1, 1, 400), (4, 64, 8000)) if not DEEP else ((1, 1, 4000), (4, 64, 80000))

world = LoadWorld(senders=max(s for s, _, _ in RUNS))
try:
    world.start_hub()
    for senders, window, messages in RUNS:
        before = world.store_bytes()
        r = world.load(senders, window, messages)
        name = f"{senders} x {window}"
        ok(r["accepted"] == messages and r["refused"] == 0, f"{name}: all {messages} were accepted, none refused", r)
        ok(r["delivered"] == messages, f"{name}: all accepted were delivered", r)
        ok(r["acknowledged"] == messages, f"{name}: all delivered were acknowledged to their senders", r)
        figure(f"load {name}: {r['accepted_per_s']:.0f} accepted, {r['delivered_per_s']:.0f} delivered, {r['acknowledged_per_s']:.0f} "
               f"acknowledged a second; confirmed after {r['confirm_p50_us'] / 1000:.2f} ms (p50), {r['confirm_p99_us'] / 1000:.2f} ms (p99)")
        figure(f"load {name}: a message of {r['record_bytes']} bytes takes {r['hub_cpu_us']:.0f} us of the hub's CPU (its receipt with it), "
               f"is an envelope of {r['envelope_bytes']:.0f} bytes, {r['wire_bytes']:.0f} bytes on the wire in all, "
               f"{(world.store_bytes() - before) / messages:.0f} in the store; sealing took {r['seal_us']:.0f} us before")
    ok(world.hub.poll() is None, "the hub lives")
finally:
    world.stop()
done()

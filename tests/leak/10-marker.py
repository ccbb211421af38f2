#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""I18: a random marker put into names and texts is found nowhere in the hub's disk, memory, logs or core."""
import pathlib
import secrets
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from stagehand import BIN, System, World, done, folder, oblast, ok, referral, wait_for

REFERRALS = 40
marker = "Маркер" + secrets.token_hex(8)
latin = "marker" + secrets.token_hex(8)
needles = [marker.encode(), marker.encode("utf-16-le"), marker.encode("cp1251"), latin.encode(), latin.encode("utf-16-le")]


def holes(blob):
    return [n for n in needles if n in blob]


def grep_tree(*roots):
    found = []
    for root in roots:
        for path in [root] if root.is_file() else root.rglob("*"):
            if path.is_file() and holes(path.read_bytes()):
                found.append(str(path))
    return found


world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", oblast.SOCIAL)
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", oblast.SOCIAL)
try:
    world.make()
    world.start()
    to_sender, to_receiver = System(sender), System(receiver)
    for i in range(REFERRALS):
        body = referral(f"M-{i}", receiver.id, reason_text=f"{marker} {latin} причина",
                        carers=[{"name": f"{latin} {marker}", "phone": "0888000002"}])
        body["child"].update(given=marker, family=latin)
        status, answer = to_sender.call("POST", "/v1/referrals", body)
        assert status == 202, answer
    items = wait_for("all referrals", lambda: (lambda x: len(x) == REFERRALS and x)(
        [i for i in to_receiver.inbox(0) if i["kind"] == "referral"]))
    ok(all(i["record"]["child"]["given"] == marker for i in items), "the receiver's system reads the marker")
    for item in items[: REFERRALS // 2]:
        to_receiver.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": f"C-{item['cursor']}"})
        to_receiver.call("POST", "/v1/statuses", {"referral_id": item["referral_id"], "to": "declined", "at": "2026-11-20T10:00:00Z",
                                                  "reason_code": "no-capacity", "reason_text": marker})
    wait_for("a status at the sender", lambda: [i for i in to_sender.inbox(0) if i["kind"] == "status-change"])
    core = world.dir / "core"
    # our own processes only, by their own pid; root may look into a process that forbids core dumps
    dump = subprocess.run(["gcore", "-a", "-o", core, str(world.hub.pid)], capture_output=True, text=True, timeout=200)
    cores = list(world.dir.glob("core.*"))
    ok(cores and cores[0].stat().st_size > 1 << 20, "the hub's memory was written out", dump.stderr[-500:])
    leaks = [n for c in cores for n in holes(c.read_bytes())]
    ok(not leaks, "the marker is not in the hub's memory or core", leaks)
    control = subprocess.run(["gcore", "-a", "-o", world.dir / "adapter", str(receiver.process.pid)], capture_output=True, timeout=200)
    ok(any(holes(c.read_bytes()) for c in world.dir.glob("adapter.*")), "and the same search does find it in an adapter's memory",
       control.stderr[-500:])
    ok(not grep_tree(world.hub_dir, world.hub_log), "nor on the hub's disk, nor in its log", grep_tree(world.hub_dir, world.hub_log))
    ok(not grep_tree(sender.log, receiver.log), "nor in the adapters' logs")
    ok(not grep_tree(sender.dir / "store", receiver.dir / "store"), "nor at rest in the adapters' stores",
       grep_tree(sender.dir / "store", receiver.dir / "store"))
finally:
    world.stop()
done()

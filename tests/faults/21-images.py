#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""I1, I13, I15, I16: what a power cut could leave of a store. A load through a real hub and two adapters is recorded, every write
and every sync of their stores; images are made of it (all that was written at each border of a sync, random subsets of what was not
synced, torn sectors) and opened by the code of hub and adapter: everything that was answered before the cut is there at its leaf,
no leaf stands elsewhere, the tree gives the root that it gave. A few are then started as a service."""
import random
import shutil
import subprocess
import sys
import time

from disklab import BUILD, DEEP, FAULTY, READY_SECONDS, STEPS, Lab, done, fault_row, figure, ok, scratch

IMAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 50000 if DEEP else 500
SHARES = {"hub": 0.5, "sender": 0.25, "office": 0.25}
REFERRALS = 60 if DEEP else 40
STARTED = 25 if DEEP else 5             # of each, by the service itself
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 30)
MAKER = BUILD / "tests" / "faults" / "crash_images"


def record(lab):
    """The load; what each of the three wrote."""
    for name in SHARES:
        place = lab.world.hub_dir if name == "hub" else getattr(lab, name).dir
        env = {"LD_PRELOAD": str(FAULTY), "FAULTY_RECORD": str(lab.dir / f"{name}.tape"),
               "FAULTY_PATHS": f"store={place}/store:checkpoint={place}/checkpoint"}
        if not lab.daemons[name].start(**env):
            raise RuntimeError(f"{name} did not start: {lab.daemons[name].said()}")
    for i in range(REFERRALS):
        lab.post(f"R-{i:05d}")
    if not lab.settle(30):
        raise RuntimeError("the load did not come home")
    for name in ("sender", "office", "hub"):
        lab.daemons[name].stop()


def make(lab, name, count, seed):
    place = lab.dir / f"images-{name}"
    place.mkdir(exist_ok=True)
    command = ["nice", "-n", "10", MAKER, "hub" if name == "hub" else "adapter", lab.dir / f"{name}.tape", place, str(count), str(seed)]
    if name == "hub":
        command += [lab.world.origin, lab.world.hub_dir / "keys", lab.world.hub_dir / "kek"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def numbers(text):
    return {k: int(v) for k, v in (pair.split("=") for pair in text.strip().splitlines()[-1].split())}


def serve(lab, name, n):
    """The service itself on the last image of n runs of one image each; how many were ready in time."""
    ready = 0
    place = lab.world.hub_dir if name == "hub" else getattr(lab, name).dir
    for i in range(n):
        made = make(lab, name, 1, SEED + 1000 + i)
        made.communicate()
        shutil.rmtree(place / "store")
        shutil.copytree(lab.dir / f"images-{name}" / "store", place / "store")
        (place / "checkpoint").unlink(missing_ok=True)      # of the end of the load, which these images have not reached
        if lab.daemons[name].start(READY_SECONDS) and lab.daemons[name].stop() == 0:
            ready += 1
    return ready


def main():
    print(f"# seed {SEED}")
    lab = Lab(scratch("images"), ("http",))
    total = dict(accepted=0, lost=0, doubled=0, disordered=0)
    count = 0
    try:
        record(lab)
        ledger = lab.ledger()
        ok(ledger["accepted"] == REFERRALS * (1 + len(STEPS)) and not any(ledger[k] for k in ("lost", "doubled", "disordered")),
           "the recorded load itself came through", ledger)
        begun = time.monotonic()
        runs = {name: make(lab, name, int(IMAGES * share), SEED) for name, share in SHARES.items()}
        for name, run in runs.items():
            text, _ = run.communicate()
            if not ok(run.returncode == 0, f"{name}: every image opens, and all that was answered is in it", text or run.returncode):
                if run.returncode < 0 or "images=" not in text:
                    total["lost"] += 1
                    continue
            found = numbers(text)
            count += found["images"]
            for k in ("accepted", "lost", "disordered"):
                total[k] += found[k]
            ok(found["marks"] >= REFERRALS and found["accepted"] > found["images"], f"{name}: the load was seen", text)
            figure(f"{name}: {found['images']} images of {found['records']} writes, syncs and lines, {time.monotonic() - begun:.0f} s")
        for name in SHARES:
            ok(serve(lab, name, STARTED) == STARTED, f"{name}: the service starts from {STARTED} images within {READY_SECONDS:.0f} s",
               lab.daemons[name].said())
            count += STARTED
        fault_row("crash images", count, total)
    finally:
        lab.close()
        shutil.rmtree(lab.dir, ignore_errors=True)
    done()


main()

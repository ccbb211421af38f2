#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""I1, I15: real block errors and power cuts. The stores lie on ext4 on a loop device, whose backing is a file behind nbdkit. Under
load, at a random moment, every request of the device fails (and is repaired later), or the power is cut: what had been flushed to the
backing then, and nothing else, is mounted in its place (nbdkit's cache keeps what was not flushed away from the file). After
that the services start without a hand from what is there, everything accepted is there, and what was under way goes on. By turns
the hub alone is on that disk, and the hub with both adapters."""
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from disklab import DEEP, EXITS, READY_SECONDS, Lab, done, fault_row, figure, ok, on_term, private_mounts, scratch, skip

ROW = "real block errors and power cuts"
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 200 if DEEP else 5
REFERRALS = 40          # a round
SYNCS = 4               # to measure the disk itself
FAST_SYNC, START_SYNCS = 0.02, 16       # seconds of one that a real disk may take; how many a start makes
DISK_MIB = 192 if ROUNDS <= 20 else 2048     # a round leaves up to 4 MiB in the stores; a full disk is another row's
SETTLE = 30.0
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 30)
BROKEN = {-signal.SIGBUS}       # a page of the map that the disk does not give


def run(*command, check=True):
    made = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=60)
    if check and made.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {made.stderr.strip() or made.returncode}")
    return made.stdout.strip()


def where(pid):
    """What each thread of a process waits for in the kernel."""
    told = []
    for task in sorted(pathlib.Path(f"/proc/{pid}/task").iterdir()):
        try:
            stack = (task / "stack").read_text().split("\n")
            told.append(" < ".join(line.split()[1].split("+")[0] for line in stack[:8] if line))
        except (OSError, IndexError):
            pass
    return "; ".join(told)


class Disk:
    """ext4 at `mount` on loop on nbdfuse on nbdkit on a file."""

    def __init__(self, place):
        self.place = place
        self.backing, self.broken = place / "backing.img", place / "broken"
        self.fuse, self.mount, self.socket = place / "fuse", place / "disk", place / "nbd.sock"
        self.loop = self.nbdkit = self.nbdfuse = None
        for folder in (self.fuse, self.mount):
            folder.mkdir()
        with open(self.backing, "wb") as f:
            f.truncate(DISK_MIB << 20)
        run("mkfs.ext4", "-q", "-F", "-b", "4096", "-m", "0", self.backing)

    def attach(self):
        self.broken.unlink(missing_ok=True)
        self.socket.unlink(missing_ok=True)
        with open(self.place / "nbd.log", "ab") as log:
            # what the cache has is lost with it: only a flush brings it into the file
            self.nbdkit = subprocess.Popen(
                ["nbdkit", "--exit-with-parent", "-f", "-U", self.socket, "--filter=error", "--filter=cache", "file",
                 f"file={self.backing}", "cache=writeback", "error=EIO", "error-rate=100%", f"error-file={self.broken}"],
                stdout=log, stderr=log)
            self.wait(self.socket.exists)
            self.nbdfuse = subprocess.Popen(["nbdfuse", self.fuse / "disk.img", f"nbd+unix:///?socket={self.socket}"], stdout=log,
                                            stderr=log)
        self.wait((self.fuse / "disk.img").exists)
        self.loop = run("losetup", "--find", "--show", self.fuse / "disk.img")
        run("mount", "-t", "ext4", "-o", "errors=remount-ro,noatime", self.loop, self.mount)

    def sync_seconds(self):
        """What one synced write takes, of which a start makes a dozen: all this disk is processes, and a busy machine makes it slow."""
        begun = time.monotonic()
        for _ in range(SYNCS):
            with open(self.mount / "probe", "wb") as f:
                f.write(b"x" * 4096)
                os.fdatasync(f.fileno())
        return (time.monotonic() - begun) / SYNCS

    @staticmethod
    def wait(probe, seconds=10):
        end = time.monotonic() + seconds
        while not probe():
            if time.monotonic() > end:
                raise RuntimeError("the disk does not come")
            time.sleep(0.005)

    def detach(self):
        if self.loop:
            run("umount", "-l", self.mount, check=False)
            run("losetup", "-d", self.loop, check=False)
            self.wait(lambda: self.loop not in run("losetup", "-a"), 5)
            self.loop = None
        if self.nbdfuse:
            run("fusermount3", "-u", "-z", self.fuse, check=False)
            self.end(self.nbdfuse)
            self.nbdfuse = None
        if self.nbdkit:
            self.end(self.nbdkit)
            self.nbdkit = None

    @staticmethod
    def end(process):
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def cut(self, daemons):
        """The power goes: what the file holds now is all that is left; the services on the disk die before anything more is durable."""
        self.nbdkit.send_signal(signal.SIGSTOP)
        run("cp", "--sparse=always", self.backing, self.place / "left.img")
        for d in daemons:
            if d.is_running():
                d.process.kill()
        self.nbdkit.send_signal(signal.SIGCONT)
        for d in daemons:
            d.end()
        self.detach()
        (self.place / "left.img").replace(self.backing)


class Site:
    """A world whose stores, of the services named, lie on such a disk."""

    def __init__(self, name, on_disk):
        self.name, self.on_disk = name, on_disk
        place = scratch("block")
        self.disk = Disk(place)
        self.number, self.wrong, self.exits, self.ready, self.cuts, self.errors, self.under_way = 0, [], [], 0.0, 0, 0, 0
        self.lab = None
        self.disk.attach()
        (place / "world").mkdir()
        stores = {}
        for service in on_disk:
            stores[f"{service}.store"] = self.disk.mount / service
            if service == "hub":
                stores["hub.checkpoint"] = self.disk.mount / "checkpoint"
                stores["hub.kek"] = self.disk.mount / "kek"
        self.lab = Lab(place / "world", ("http",), stores)
        if not self.lab.start():
            raise RuntimeError(f"{name}: not all services started")

    def load(self):
        for _ in range(REFERRALS):
            self.lab.post(f"R-{self.number:05d}")
            self.number += 1

    def unfinished(self):
        return sum(not self.lab.is_home(r) for r in self.lab.accepted)

    def broken(self, rng):
        self.errors += 1
        self.lab.run(rng.random() * 0.3)
        self.disk.broken.touch()
        self.load()             # something to write there is in any case
        self.lab.run(0.3 + rng.random() * 0.3)
        self.under_way += self.unfinished()
        mine = [self.lab.daemons[n] for n in self.on_disk]
        if not self.lab.run(10.0, lambda: any(d.exits for d in mine)):  # a busy machine is slow, not deaf
            self.wrong.append(f"no service on the disk noticed that it failed: {self.unfinished()} referrals under way")
        for d in mine:
            d.end()
        self.disk.detach()
        return "the disk failed"

    def cut(self, rng):
        self.cuts += 1
        self.lab.run(rng.random() * 0.3)
        self.under_way += self.unfinished()
        self.disk.cut([self.lab.daemons[n] for n in self.on_disk])
        return "the power was cut"

    def round(self, rng, n):
        self.load()
        what = (self.broken if n % 2 else self.cut)(rng)
        for d in self.lab.daemons.values():
            self.exits += d.exits
            d.exits = []
        self.disk.attach()
        for name in self.on_disk:
            d = self.lab.daemons[name]
            d.leans_on = (self.disk.nbdkit.pid, self.disk.nbdfuse.pid)
            ready = READY_SECONDS + START_SYNCS * max(0.0, self.disk.sync_seconds() - FAST_SYNC)
            if not d.start(ready):
                at = where(d.process.pid) if d.is_running() else "it has ended"
                late = d.wait_ready(10 * READY_SECONDS)
                self.wrong.append(f"round {n}, {what}: {name} was not ready in {ready:.1f} s, and {'' if late else 'not '}in "
                                  f"{time.monotonic() - d.begun:.1f} s: {d.said()[-300:]}: {at}")
            self.ready = max(self.ready, d.slowest)
            if not re.search(r"^(<\d>)?(recovered|resumed) last=crash ", d.said(), re.M):
                self.wrong.append(f"round {n}, {what}: {name} does not say what it recovered: {d.said()[:300]}")
        if not self.lab.settle(SETTLE):
            missing = [r for r in self.lab.accepted if not self.lab.is_home(r)]
            self.wrong.append(f"round {n}, {what}: not all came home: {len(missing)} {missing[:5]}, {len(self.lab.posts)} not yet taken")

    def end(self):
        lab = self.lab
        for name in ("office", "sender", "hub"):
            code = lab.daemons[name].stop()
            if code:
                self.wrong.append(f"{name} stopped with {code}")
        self.wrong += lab.check_log() + [f"refused {r}" for r in lab.refused[:5]]
        bad = sorted(set(self.exits) - EXITS - BROKEN)
        if bad:
            self.wrong.append(f"exit codes {bad}")

    def close(self):
        if self.lab:
            self.lab.close()
        self.disk.detach()
        shutil.rmtree(self.disk.place, ignore_errors=True)


def why_not():
    if not os.path.exists("/dev/fuse") or not os.path.exists("/dev/loop-control"):
        return "no loop device or FUSE here"
    for program in ("nbdkit", "nbdfuse", "fusermount3", "mkfs.ext4", "losetup"):
        if shutil.which(program) is None:
            return f"no {program} here"
    place = pathlib.Path(scratch("probe", 64))
    disk = None
    try:
        disk = Disk(place)
        disk.attach()
        return None
    except (RuntimeError, OSError, subprocess.SubprocessError) as e:
        return f"a disk cannot be made here: {str(e)[:150]}".replace("\n", " ")
    finally:
        if disk:
            disk.detach()
        shutil.rmtree(place, ignore_errors=True)


def main():
    why = private_mounts() or why_not()
    if why:
        skip(ROW, why)
    on_term()
    print(f"# seed {SEED}")
    rng = random.Random(SEED)
    total = dict(accepted=0, lost=0, doubled=0, disordered=0)
    sites, rounds, begun = [], 0, time.monotonic()
    try:
        sites.append(Site("the hub's disk", ("hub",)))
        sites.append(Site("the disk of all", ("hub", "sender", "office")))
        for n in range(ROUNDS):
            site = sites[n // 2 % 2]
            site.round(rng, n)
            rounds += 1
            if rounds % 20 == 0:
                print(f"# at {rounds} of {ROUNDS} rounds, {time.monotonic() - begun:.0f} s", flush=True)
            if site.wrong:
                break       # what follows would only tell it again, slowly
        for site in sites:
            site.end()
            ledger = site.lab.ledger()
            for k in total:
                total[k] += ledger[k]
            ok(not site.wrong, f"{site.name}: {site.errors} times it failed, {site.cuts} times the power was cut, each survived without a hand",
               "\n".join(site.wrong))
            ok(not any(ledger[k] for k in ("lost", "doubled", "disordered")), f"{site.name}: nothing lost, doubled or out of order", ledger)
            figure(f"{site.name}: {site.number} referrals, {site.under_way} of them accepted and under way at the moments, slowest ready in {site.ready:.2f} s, services ended by themselves "
                   f"{len(site.exits)} times {sorted(set(site.exits))}")
        figure(f"{rounds} rounds in {time.monotonic() - begun:.0f} s")
        fault_row(ROW, rounds, total)
    finally:
        for site in sites:
            site.close()
    done()


main()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""I1, I15, I24, I25: what runs out. A full disk below the hub, below each adapter, below the folder and below the outside checkpoint; a full map;
no descriptors; a cap on memory; a file system that turns read-only. Each under load in a world of its own: services go on,
refuse for now with a time to retry, or end and come back; once there is room again everything goes on by itself, and nothing
that was accepted is missing. Deep: ten times, with other loads. With arguments only the cases named."""
import collections
import errno
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from disklab import DEEP, EXITS, READY_SECONDS, Lab, done, fault_row, figure, ok, on_term, private_mounts, scratch, skip

ROW = "full disk, map, descriptors, memory, read-only"
TIMES = 10 if DEEP else 1
LANES = 3
SETTLE = 40.0
LOW = "limits: { disk_low_bytes: 2MiB, disk_low_percent: 1 }"
SEED = random.randrange(1 << 30)
CASES = {}


def case(fn):
    CASES[fn.__name__] = fn
    return fn


class Trouble:
    """One case: its world, its mounts, what it found."""

    def __init__(self, name, rng):
        self.name, self.rng, self.place = name, rng, scratch("resources", 256)
        self.mounts, self.loops, self.wrong, self.number, self.notes = [], [], [], 0, []
        self.lab, self.allowed = None, EXITS

    def tmpfs(self, name, mib):
        path = self.place / name
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", path], check=True, capture_output=True)
        self.mounts.append(path)
        return path

    def open(self, **kwargs):
        (self.place / "world").mkdir()
        kwargs.setdefault("senders", ("http",))
        kwargs.setdefault("hub_limits", LOW)
        before_exec = kwargs.pop("before_exec", {})
        self.lab = Lab(self.place / "world", **kwargs)
        for name, fn in before_exec.items():
            self.lab.daemons[name].before_exec = fn
        for name in ("office", "sender", "school"):
            agency = getattr(self.lab, name)
            if agency:
                text = agency.config_file.read_text()
                agency.config_file.write_text(text.replace("disk_low_bytes: 16MiB", "disk_low_bytes: 2MiB"))
        if not self.lab.start():
            raise RuntimeError("not all services started")
        return self.lab

    def post(self, n, **more):
        for _ in range(n):
            self.lab.post(f"R-{self.number:05d}", **more)
            self.number += 1

    def drop(self, n):
        for _ in range(n):
            self.lab.drop(f"S-{self.number:05d}")
            self.number += 1

    def check(self, condition, what):
        if not condition:
            self.wrong.append(what)

    def home(self, seconds=SETTLE):
        begun = time.monotonic()
        if not self.lab.settle(seconds):
            missing = [r for r in self.lab.accepted if not self.lab.is_home(r)]
            self.wrong.append(f"after {seconds:.0f} s not all is home: {len(missing)} {missing[:5]}, {len(self.lab.posts)} not taken")
        self.notes.append(f"all home {time.monotonic() - begun:.1f} s after")

    @staticmethod
    def fill(path, leave=0):
        """No byte is left on this disk, or so many."""
        fs = os.statvfs(path)
        fd = os.open(path / "filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            os.posix_fallocate(fd, 0, max(1, fs.f_bavail * fs.f_frsize - leave))
            while not leave:
                os.write(fd, b"x" * 4096)
        except OSError:
            pass
        finally:
            os.close(fd)

    @staticmethod
    def free(path):
        (path / "filler").unlink()

    def end(self):
        exits, slow = [], 0.0
        for name in ("office", "sender", "school", "hub"):
            d = self.lab.daemons.get(name)
            if d is None:
                continue
            exits += d.exits
            slow = max(slow, d.slowest)
            code = d.stop()
            self.check(code in (0, None), f"{name} stopped with {code}")
        self.check(set(exits) <= self.allowed, f"exit codes {sorted(set(exits))}")
        self.check(slow <= READY_SECONDS, f"ready after {slow:.1f} s")
        if exits:
            self.notes.append(f"ended and came back {len(exits)} times {dict(collections.Counter(exits))}, ready in {slow:.2f} s at most")
        self.wrong += self.lab.check_log() + [f"refused {r}" for r in self.lab.refused[:5]]

    def close(self):
        if self.lab:
            self.lab.close()
        for path in self.mounts:
            subprocess.run(["umount", "-l", path], capture_output=True)
        for loop in self.loops:
            subprocess.run(["losetup", "-d", loop], capture_output=True)
        shutil.rmtree(self.place, ignore_errors=True)


# -- disks --

def full_disk_of_hub(t, leave):
    disk = t.tmpfs("disk", 48)
    lab = t.open(stores={"hub.store": disk / "store", "hub.kek": disk / "kek"},
                 hub_limits="limits: { disk_low_bytes: 8MiB, disk_low_percent: 1 }")
    t.post(10, priority="emergency")    # asks again after five seconds, where others wait for a minute
    lab.run(0.05)
    t.fill(disk, leave)
    t.post(20, priority="emergency")
    lab.run(1.0)
    t.check(len(lab.accepted) == 30, f"the sender's adapter took only {len(lab.accepted)} of 30 meanwhile")
    t.check(not lab.is_settled(), "the disk was not full")
    t.free(disk)
    t.home()


@case
def full_disk_of_the_hub(t):
    full_disk_of_hub(t, 0)


@case
def little_room_for_the_hub(t):
    full_disk_of_hub(t, 1 << 20)
    t.check("code=NSK-1003" in t.lab.hub.said(), "the hub refused nothing for want of room")
    t.check(not t.lab.hub.exits, "the hub ended, with room for its work at hand")


@case
def full_disk_of_the_sender(t):
    disk = t.tmpfs("disk", 32)
    lab = t.open(stores={"sender.store": disk / "store"})
    t.post(10)
    lab.run(0.05)
    t.fill(disk)
    t.post(10)
    lab.run(0.6)
    t.check(lab.posts and lab.to_sender.busy, "the sender's adapter took all on a full disk")
    t.check(lab.to_sender.retry_after, "no answer named a time to retry")
    t.free(disk)
    t.home()


@case
def full_disk_of_the_recipient(t):
    disk = t.tmpfs("disk", 32)
    lab = t.open(stores={"office.store": disk / "store"})
    t.post(5)
    lab.run(0.05)
    t.fill(disk)
    t.post(15)
    lab.run(0.8)
    t.check(len(lab.accepted) == 20 and not lab.is_settled(), "the recipient's full disk was nobody's trouble, or the sender's")
    t.free(disk)
    t.home(90.0)


@case
def full_folder(t):
    disk = t.tmpfs("disk", 16)
    stores = {f"school.folder/{name}": disk / name for name in ("in", "done", "bad", "out")}
    (t.place / "world").mkdir()
    for path in stores.values():
        path.mkdir()
    t.lab = lab = Lab(t.place / "world", ("files",), stores)
    for path in stores.values():        # the folders of the configuration are these
        shutil.rmtree(lab.school.folder(path.name))
        lab.school.folder(path.name).symlink_to(path)
    t.check(lab.start(), "not all services started")
    t.drop(3)
    lab.run(0.5)
    t.drop(5)
    t.fill(disk)
    lab.run(1.0)
    t.free(disk)
    t.home()


@case
def full_place_of_the_checkpoint(t):
    disk = t.tmpfs("disk", 1)
    lab = t.open(stores={"hub.checkpoint": disk / "checkpoint"})
    t.post(5)
    lab.run(0.3)
    t.fill(disk)
    t.post(20)
    t.home(10.0)                        # without any room: it is a copy
    before = (disk / "checkpoint").read_bytes()
    t.free(disk)
    t.post(1)
    lab.run(3.0, lambda: lab.is_settled() and (disk / "checkpoint").read_bytes() != before)
    t.check((disk / "checkpoint").read_bytes() != before, "the checkpoint outside stays behind although there is room")
    t.home()


# -- maps --

def full_map(t, kind, is_full):
    lab = t.open(map_sizes={kind: "16MiB"})
    t.post(900, priority="emergency", reason_text="Нужда. " * 330, siblings_also_referred=["S" * 990] * 16)
    t.check(lab.run(12.0, lambda: is_full(lab), 0.001), f"{len(lab.accepted)} messages did not fill the map")
    t.notes.append(f"full after {len(lab.accepted)} referrals")
    lab.posts = lab.posts[:3]
    lab.run(0.3)
    d = lab.daemons[kind]
    d.stop()
    file = pathlib.Path(d.config)
    file.write_text(file.read_text().replace("map_size: 16MiB", "map_size: 256MiB"))
    t.check(d.start(READY_SECONDS), f"{kind} did not start with a larger map: {d.said()[-300:]}")
    t.home()


@case
def full_map_of_the_hub(t):
    full_map(t, "hub", lambda lab: "submit.refused" in lab.hub.said() and "code=NSK-1003" in lab.hub.said())


@case
def full_map_of_the_sender(t):
    full_map(t, "sender", lambda lab: lab.to_sender.retry_after > 0)


# -- descriptors --

def few_descriptors(t, kind, port_of, limit):
    (t.place / "world").mkdir()
    t.lab = lab = Lab(t.place / "world", ("http",))
    lab.daemons[kind].before_exec = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    t.allowed = EXITS | {-signal.SIGABRT}       # the messaging library ends a process that has no descriptor for it
    t.check(lab.start(), "not all services started")
    t.post(5)
    lab.run(0.2)
    crowd = []
    end = time.monotonic() + 1.5
    t.post(20)
    while time.monotonic() < end:
        for _ in range(limit):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", port_of(lab)))
            crowd.append(s)
        lab.run(0.2)
        if len(crowd) > 4 * limit:
            for s in crowd[:limit]:
                s.close()
            del crowd[:limit]
    for s in crowd:
        s.close()
    t.home()


@case
def few_descriptors_for_the_hub(t):
    few_descriptors(t, "hub", lambda lab: lab.world.port, 48)


@case
def few_descriptors_for_an_adapter(t):
    few_descriptors(t, "sender", lambda lab: lab.sender.http_port, 48)


# -- memory --

class Cap:
    """A cap of the kernel on one process and its page cache: a control group, else its address space."""

    def __init__(self):
        self.group, self.file = None, None
        for root, name, procs in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "cgroup.procs"), ("/sys/fs/cgroup", "memory.max", "cgroup.procs")):
            group = pathlib.Path(root) / f"nasoka-test-{os.getpid()}-{threading.get_ident() % 100000}"
            try:
                group.mkdir()
                if (group / name).exists():
                    self.group, self.file, self.procs = group, group / name, group / procs
                    return
                group.rmdir()
            except OSError:
                pass

    def enter(self):
        """In the new process: what it will use counts from its first page on."""
        if self.group:
            self.procs.write_text(str(os.getpid()))

    def set(self, process, more):
        """So many bytes above what is in use."""
        if not self.group:
            size = int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[0]) * resource.getpagesize()
            resource.prlimit(process.pid, resource.RLIMIT_AS, (size + more, resource.RLIM_INFINITY))
            return
        now = self.file.with_name("memory.usage_in_bytes" if self.file.name.startswith("memory.limit") else "memory.current")
        while True:
            try:
                self.file.write_text(str(int(now.read_text()) + more))
                return
            except OSError as e:        # it has grown by more meanwhile
                if e.errno != errno.EBUSY:
                    raise

    def lift(self, process):
        if self.group:
            self.file.write_text(str(1 << 40))
        elif process.poll() is None:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self):
        if self.group:
            for _ in range(50):
                try:
                    self.group.rmdir()
                    return
                except OSError:
                    time.sleep(0.05)


def capped(t, kind):
    t.cap = cap = Cap()
    lab = t.open(before_exec={kind: cap.enter})
    d = lab.daemons[kind]
    t.allowed = EXITS | {-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV}
    t.notes.append("by a control group" if cap.group else "by its address space")
    for _ in range(3):
        p = d.process
        t.post(30, reason_text="Нужда. " * 330)
        lab.run(t.rng.random() * 0.05)
        cap.set(p, 64 << 10)
        end = time.monotonic() + 1.0
        while p.poll() is None and time.monotonic() < end:
            lab.run(0.02)
        if p.poll() is None or cap.group:       # it lives within its cap; or the next one shall live
            cap.lift(p)
        lab.run(2.0, lambda: d.is_ready and d.is_running())
    t.check(d.starts > 1, f"{kind} was never ended by its cap")
    t.home()


@case
def memory_cap_of_the_hub(t):
    capped(t, "hub")


@case
def memory_cap_of_an_adapter(t):
    capped(t, "office")


# -- read-only --

def read_only(t, stores, witness):
    """Who writes to that disk while it is read-only notices it: of the hub only if it alone is there, since a sender that cannot keep
    anything brings it nothing."""
    image, disk = t.place / "disk.img", t.place / "disk"
    disk.mkdir()
    with open(image, "wb") as f:
        f.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True, capture_output=True)
    made = subprocess.run(["losetup", "--find", "--show", image], capture_output=True, text=True)
    if made.returncode != 0:
        t.notes.append("no loop device here")
        t.skipped = True
        return
    loop = made.stdout.strip()
    t.loops.append(loop)

    def mount():
        subprocess.run(["mount", "-o", "noatime", loop, disk], check=True, capture_output=True)

    mount()
    t.mounts.append(disk)
    lab = t.open(stores={f"{name}.store": disk / name for name in stores})
    t.post(20)
    lab.run(t.rng.random() * 0.2)
    t.allowed = EXITS | {-signal.SIGBUS}
    # what the kernel does with a file system that it found damaged
    subprocess.run(["mount", "-o", "remount,abort", loop, disk], capture_output=True)
    t.post(10)
    lab.run(8.0, lambda: lab.daemons[witness].exits)
    lab.run(0.8)
    t.check(lab.daemons[witness].exits, f"{witness} did not notice that its disk is read-only")
    for name in stores:
        lab.daemons[name].end()
    subprocess.run(["umount", disk], check=True, capture_output=True)
    subprocess.run(["e2fsck", "-fy", loop], capture_output=True)
    mount()
    for name in stores:
        d = lab.daemons[name]
        t.check(d.start(READY_SECONDS), f"{name} did not start again: {d.said()[-300:]}")
    t.home()


@case
def read_only_disk_of_the_hub(t):
    read_only(t, ("hub",), "hub")


@case
def read_only_disk_of_hub_and_sender(t):
    read_only(t, ("hub", "sender"), "sender")


def main():
    why = private_mounts()
    if why:
        skip(ROW, why)
    on_term()
    print(f"# seed {SEED}")
    names = [n for n in CASES if not sys.argv[1:] or n in sys.argv[1:]] * TIMES
    total, lock, count = collections.Counter(accepted=0, lost=0, doubled=0, disordered=0), threading.Lock(), [0]
    open_now = set()

    def work(lane):
        for i, name in list(enumerate(names))[lane::LANES]:
            t = Trouble(name, random.Random(SEED + i))
            open_now.add(t)
            t.skipped, t.cap, begun = False, None, time.monotonic()
            try:
                CASES[name](t)
                if not t.skipped:
                    t.end()
            except Exception as e:      # noqa: BLE001 - told below
                t.wrong.append(f"broke off: {e!r}")
            ledger = t.lab.ledger() if t.lab else {}
            t.close()
            if t.cap:
                t.cap.close()
            open_now.discard(t)
            words = name.replace("_", " ")
            with lock:
                print(f"# at {i + 1} of {len(names)}", flush=True)
                if t.skipped and not t.wrong:
                    ok(True, f"{words} # SKIP {', '.join(t.notes)}")
                    continue
                count[0] += 1
                total.update(ledger)
                lost = {k: ledger.get(k) for k in ("lost", "doubled", "disordered") if ledger.get(k)}
                ok(not t.wrong and not lost, words, "\n".join([*t.wrong, str(ledger)]))
                figure(f"{words}: {ledger.get('accepted')} accepted, {time.monotonic() - begun:.1f} s; {'; '.join(t.notes)}")

    try:
        threads = [threading.Thread(target=work, args=(n,)) for n in range(LANES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        fault_row(ROW, count[0], {k: total[k] for k in ("accepted", "lost", "doubled", "disordered")})
    finally:
        for t in list(open_now):
            t.close()
    done()


main()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""I1, I5, I6, I15: every system call on a file of one cycle (start, a referral in, delivered, registered, receipts, clean stop)
fails once with each fault, or the process is killed before or after it: at the hub, and at an adapter that takes files and
writes files. A first run counts the calls; then each has its own run. After it the service went on rightly, or ended with a
code of the catalogue and came back by itself within two seconds; in the end every referral was registered once, nothing that
was answered is missing, and the log verifies. Deep: six workloads instead of two. With an argument op:class:k:fault only that one,
with its log."""
import collections
import os
import shutil
import sys
import threading
import time

from disklab import DEEP, EXITS, FAULTY, READY_SECONDS, Lab, done, fault_row, figure, ok, on_term, scratch

KILLS = ("before", "after")
FAULTS = {
    "open": ("EIO", "ENOSPC", "EINTR", *KILLS),
    "write": ("EIO", "ENOSPC", "EINTR", "short", *KILLS),
    "sync": ("EIO", "ENOSPC", "EINTR", *KILLS),
    "truncate": ("EIO", "ENOSPC", "EINTR", *KILLS),
    "rename": ("EIO", "ENOSPC", *KILLS),
    "unlink": ("EIO", "ENOSPC", *KILLS),
    "mkdir": ("EIO", "ENOSPC", *KILLS),
    "read": ("EIO", "EINTR"),
    "mmap": ("ENOMEM", "EIO"),
    "lock": ("EIO", "EINTR"),
}
WHOLE = 20.0            # for the cycles whose calls are counted: nothing of them may be missing, on a busy machine neither
UNMARKED = 10.0         # for the call that is to be spoiled to come
PATIENCE = 0.7          # after it: what takes longer goes on beside the next one, and is waited for at the end
LANES = 6               # each waits most of the time
SETTLE = 30.0
SOON = 0.03             # for what follows a spoiled call of a first start
FIRST = 0.3             # of a first start are recorded, and waited for
PAUSE = 0.01            # between two looks: each costs the adapters more than it brings
OPEN = set()            # worlds that stand
READ_ONLY = {"config", "trust"}         # and an adapter's keys; the hub's are those of its months too
ONLY = sys.argv[1:] or None


def paths(lab, victim):
    """The files of one service, as the library wants them."""
    w = lab.world
    shared = [("config", lab.daemons[victim].config), ("trust", w.trust), ("trust", w.directory), ("trust", w.sheets)]
    if victim == "hub":
        d = w.hub_dir
        mine = [("store", d / "store"), ("keys", d / "keys"), ("keys", d / "kek"), ("checkpoint", d / "checkpoint"),
                ("checkpoint", d / ".checkpoint")]
    else:
        d = getattr(lab, victim).dir
        mine = [("store", d / "store"), ("keys", d / "keys"), ("folder", d / "folder")]
    return ":".join(f"{name}={path}" for name, path in mine + shared + [("place", d)])


def plan(log):
    """Every (op, class, k, fault) of the calls in this log, in their order. Killed after one call is killed before the next: only
    where no such next one follows, both are made."""
    calls = [tuple(line.split()) for line in log.read_text().split("\n")[:-1]]
    seen = collections.Counter()
    for i, call in enumerate(calls):
        seen[call] += 1
        for fault in FAULTS[call[0]]:
            if fault == "after" and i + 1 < len(calls) and "before" in FAULTS[calls[i + 1][0]]:
                continue
            if not ONLY or f"{call[0]}:{call[1]}:{seen[call]}:{fault}" in ONLY:
                yield (*call, seen[call], fault)


class Workload:
    """What is spoiled: the calls of one recording, handed out one by one to all lanes, each of which has a world of its own for it."""

    def __init__(self, name, kind, *args):
        self.name, self.kind, self.args = name, kind, args
        self.lock, self.calls, self.of, self.instances, self.begun = threading.Lock(), None, 0, 0, 0.0
        self.wrong, self.codes, self.sums, self.ledger = [], collections.Counter(), collections.Counter(), collections.Counter()

    def record(self, work):
        """By the first lane that comes."""
        with self.lock:
            if self.calls is None:
                calls = work.record()
                self.calls, self.of, self.instances = iter(calls), len(calls), len({c[:3] for c in calls})
                self.begun = time.monotonic()

    def next(self):
        with self.lock:
            call = next(self.calls, None)
            if call and self.sums["given"] % 250 == 0:
                print(f"# at {self.name}: {self.sums['given']} of {self.of} runs, {time.monotonic() - self.begun:.0f} s", flush=True)
            self.sums["given"] += call is not None
            return call

    def run(self):
        """One lane's part."""
        work = self.kind(self.name, *self.args)
        OPEN.add(work)
        try:
            work.begin()
            self.record(work)
            while call := self.next():
                work.spoil(*call)
            work.end()
        finally:
            with self.lock:
                self.wrong += work.wrong
                self.codes += work.codes
                self.sums += collections.Counter(runs=work.runs, late=work.late, missed=work.missed, back=work.came_back)
                self.ledger += collections.Counter(work.ledger)
            work.close()
            OPEN.discard(work)

    def tell(self):
        n = self.sums
        figure(f"{self.name}: {self.instances} calls, {n['runs']} runs, {n['back']} ended and came back, {n['missed']} calls did not come "
               f"that time, {n['late']} took more than {PATIENCE:g} s, {time.monotonic() - self.begun:.0f} s; exit codes "
               f"{dict(sorted(self.codes.items()))}")
        ok(not self.wrong and n["runs"] == self.of > 0, f"{self.name}: {n['runs']} spoiled calls, each survived without a hand",
           "\n".join([f"{self.of} were to be made", *self.wrong]))
        ok(not any(self.ledger[k] for k in ("lost", "doubled", "disordered")), f"{self.name}: nothing lost, doubled or out of order",
           dict(self.ledger))
        ok(n["missed"] <= n["runs"] // 10, f"{self.name}: the calls came as counted", f"{n['missed']} of {n['runs']} did not")


def are_catalogued(codes, fault):
    """The last is the answer to SIGTERM, which may meet it while it starts or ends."""
    allowed = EXITS | ({-9} if fault in KILLS else set())
    return set(codes[:-1]) <= allowed and set(codes[-1:]) <= allowed | {-15}


class Cycle:
    """One victim in one world, over and over."""

    def __init__(self, name, victim, senders, referrals=1):
        self.name, self.victim, self.referrals = name, victim, referrals
        self.lab = Lab(scratch("calls"), senders)
        self.senders = senders
        self.number = 0
        self.read_only = READ_ONLY if victim == "hub" else READ_ONLY | {"keys"}
        self.wrong, self.late, self.missed, self.runs, self.came_back, self.codes = [], 0, 0, 0, 0, collections.Counter()
        self.ledger = {}
        self.env = {"LD_PRELOAD": str(FAULTY), "FAULTY_PATHS": paths(self.lab, victim)}

    def feed(self):
        self.number += 1
        numbers = []
        for sender in self.senders:
            mine = [f"{sender[0].upper()}-{self.number:05d}-{i}" for i in range(self.referrals)]
            numbers += mine
            if sender == "files":
                self.lab.drop(*mine)
            else:
                for n in mine:
                    self.lab.post(n)
        return numbers

    def once(self, patience, mark=None, **env):
        """Start, through and stop; true if all came home. The victim's exit codes, the stop's last. A call that was spoiled (the mark)
        has PATIENCE from then on; one that does not come ends with the cycle."""
        victim = self.lab.daemons[self.victim]
        victim.exits = []
        victim.spawn({**self.env, **env})
        numbers = self.feed()
        spoiled = None

        def is_home():
            return victim.is_ready and all(map(self.lab.is_home, numbers))

        def is_over():
            nonlocal spoiled
            if mark and spoiled is None and mark.exists():
                spoiled = time.monotonic()
            return is_home() or (spoiled is not None and time.monotonic() - spoiled > PATIENCE)

        self.lab.run(patience, is_over, PAUSE)
        home = is_home()
        code = victim.stop()
        return home, victim.exits + ([code] if code is not None else [])

    def record(self):
        """The calls of a cycle in a store that stands already."""
        log = self.lab.dir / "calls"
        for env in {}, {"FAULTY_LOG": str(log)}:
            home, codes = self.once(WHOLE, **env)
            if not home or any(codes):
                self.wrong.append(f"{self.name}: a cycle without faults did not come through: {codes}")
        return list(plan(log))

    def only_start(self, fault):
        """What is only read has done nothing yet: start, and start again."""
        victim = self.lab.daemons[self.victim]
        victim.exits = []
        victim.start(**{**self.env, **fault})
        self.lab.run(1.0, lambda: victim.is_ready, 0.002)
        code = victim.stop()
        return victim.is_ready, victim.exits + ([code] if code is not None else [])

    def spoil(self, op, kind, k, fault):
        mark = self.lab.dir / "mark"
        mark.unlink(missing_ok=True)
        victim = self.lab.daemons[self.victim]
        victim.slowest = 0.0
        env = dict(FAULTY_AT=f"{op}:{kind}:{k}", FAULTY_DO=fault, FAULTY_MARK=str(mark))
        home, codes = self.only_start(env) if kind in self.read_only else self.once(UNMARKED, mark, **env)
        self.runs += 1
        self.late += not home
        self.missed += not mark.exists()
        self.came_back += len(codes) > 1
        self.codes.update(codes)
        what = f"{self.name}: {op}:{kind}:{k}:{fault}"
        if not are_catalogued(codes, fault):
            self.wrong.append(f"{what}: exit codes {codes}")
        if victim.slowest > READY_SECONDS:
            self.wrong.append(f"{what}: ready after {victim.slowest:.1f} s")
        if ONLY:
            print(f"# {what} home={home} codes={codes} hit={mark.exists()}\n# " + victim.said().replace("\n", "\n# "))

    def begin(self):
        for name, d in self.lab.daemons.items():
            if name != self.victim and not d.start():
                self.wrong.append(f"{self.name}: {name} did not start")

    def end(self):
        self.lab.daemons[self.victim].start()
        if not self.lab.settle(SETTLE):
            missing = [n for n in self.lab.accepted if not self.lab.is_home(n)]
            self.wrong.append(f"{self.name}: not everything came home: {missing[:5]} {list(self.lab.dropped)[:5]}")
        self.wrong += [f"{self.name}: refused {r}" for r in self.lab.refused[:5]]
        codes = {n: d.stop() for n, d in self.lab.daemons.items() if n != "hub"}
        codes["hub"] = self.lab.hub.stop()
        self.wrong += [f"{self.name}: {n} stopped with {c}" for n, c in codes.items() if c]
        self.wrong += [f"{self.name}: {w}" for w in self.lab.check_log()]
        self.ledger = self.lab.ledger()

    def close(self):
        self.lab.close()
        shutil.rmtree(self.lab.dir, ignore_errors=True)


class FirstStart:
    """The very first start, which makes the store: alone, each time in an empty place."""

    def __init__(self, name, victim):
        self.name, self.victim = name, victim
        self.lab = Lab(scratch("first"), ("files",))
        self.place = self.lab.world.hub_dir if victim == "hub" else self.lab.school.dir
        self.env = {"LD_PRELOAD": str(FAULTY), "FAULTY_PATHS": paths(self.lab, victim)}
        self.wrong, self.late, self.missed, self.runs, self.came_back, self.codes = [], 0, 0, 0, 0, collections.Counter()
        self.ledger = dict(accepted=0, lost=0, doubled=0, disordered=0)

    def fresh(self):
        for name in ("store", "kek", "checkpoint"):
            path = self.place / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def spoil(self, op, kind, k, fault):
        victim = self.lab.daemons[self.victim]
        mark = self.lab.dir / "mark"
        mark.unlink(missing_ok=True)
        self.fresh()
        codes = []
        ready = victim.start(**self.env, FAULTY_AT=f"{op}:{kind}:{k}", FAULTY_DO=fault, FAULTY_MARK=str(mark))
        end = time.monotonic() + FIRST       # its first commit comes just after it is ready
        while ready and victim.is_running() and time.monotonic() < end:
            if mark.exists():
                end = min(end, time.monotonic() + SOON)
            time.sleep(0.002)
        codes.append(victim.stop())
        ready = victim.start(READY_SECONDS)
        codes.append(victim.stop())
        self.runs += 1
        self.missed += not mark.exists()
        self.came_back += codes[0] != 0
        self.codes.update(codes)
        what = f"{self.name}: {op}:{kind}:{k}:{fault}"
        if not ready:
            self.wrong.append(f"{what}: not ready again: {codes} {victim.said()[-200:]}")
        elif not are_catalogued(codes[:1], fault) or any(codes[1:]):
            self.wrong.append(f"{what}: exit codes {codes}")

    def begin(self):
        pass

    def record(self):
        log = self.lab.dir / "calls"
        victim = self.lab.daemons[self.victim]
        self.fresh()
        if not victim.start(**self.env, FAULTY_LOG=str(log)):
            self.wrong.append(f"{self.name}: without faults it was not ready")
        time.sleep(FIRST)
        victim.stop()
        return list(plan(log))

    def end(self):
        pass

    close = Cycle.close


def main():
    if not FAULTY.exists():
        ok(False, "the library that spoils system calls is built", FAULTY)
        done()
    on_term()
    works = []
    if DEEP:        # the long ones first
        works += [Workload("hub, ten at once", Cycle, "hub", ("files", "http"), 5),
                  Workload("office, ten at once", Cycle, "office", ("http",), 10),
                  Workload("office", Cycle, "office", ("files", "http")), Workload("sender", Cycle, "sender", ("http",))]
    works += [Workload("hub", Cycle, "hub", ("files",)), Workload("school", Cycle, "school", ("files",)),
              Workload("hub's first start", FirstStart, "hub"), Workload("school's first start", FirstStart, "school")]
    errors = []

    def lane():
        for work in works:
            try:
                work.run()
            except Exception as e:      # noqa: BLE001 - told below
                errors.append(f"{work.name}: {e!r}")
                if os.environ.get("NASOKA_TRACE"):
                    raise

    threads = [threading.Thread(target=lane, daemon=True) for _ in range(LANES)]
    try:
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    finally:
        for work in list(OPEN):         # stopped before its end
            work.close()
    ok(not errors, "all runs were made", "\n".join(errors))
    for work in works:
        work.tell()
    total = sum((work.ledger for work in works), collections.Counter())
    fault_row("system-call faults", sum(w.sums["runs"] - w.sums["missed"] for w in works),
              {k: total[k] for k in ("accepted", "lost", "doubled", "disordered")})
    done()


main()

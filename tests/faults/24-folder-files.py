#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A table and the file that it names, in a school's folder: at every system call on the folder and every commit of the store, from the claim to the last
move, the adapter is killed before or after it, or the call fails once. In the end every pair is taken and put away together, and its file is at the other side
once, with its hash. With arguments op:class:k:fault only those, with their log."""
import collections
import hashlib
import os
import random
import shutil
import sys
import time

from disklab import EXITS, FAULTY, Lab, done, figure, ok, on_term, scratch

KILLS = ("before", "after")
FAULTS = {
    ("folder", "open"): ("EIO", "EINTR", *KILLS), ("folder", "read"): ("EIO", "EINTR", "short"), ("folder", "write"): ("EIO", "ENOSPC", "short", *KILLS),
    ("folder", "sync"): ("EIO", *KILLS), ("folder", "rename"): ("EIO", *KILLS), ("folder", "unlink"): KILLS,
    ("store", "sync"): KILLS, ("store", "write"): ("before",),
}
SIZE = 700000           # two parts
WHOLE = 30.0
PATIENCE = 0.5          # after the call that was spoiled: what takes longer goes on beside the next pair
SETTLE = 60.0
ONLY = sys.argv[1:] or None


class Pairs:
    def __init__(self):
        self.lab = Lab(scratch("pairs"), ("files",))
        self.school, self.victim = self.lab.school, self.lab.agents["school"]
        d = self.school.dir
        self.env = {"LD_PRELOAD": str(FAULTY), "FAULTY_PATHS": f"store={d / 'store'}:folder={d / 'folder'}"}
        self.files, self.number = {}, 0
        self.wrong, self.codes = [], collections.Counter()

    def drop(self):
        """The file first, then its table, each in one piece."""
        self.number += 1
        name = f"f{self.number:04d}"
        data = b"%PDF-1.7\n" + random.Random(name).randbytes(SIZE) + b"%%EOF\n"
        self.files[name] = hashlib.sha256(data).hexdigest()
        folder = self.school.folder("in")
        for file, text in ((f"{name}.pdf", data), (f"{name}.csv", f"kind;referral_no;file\r\nattachment;R-1;{name}.pdf\r\n".encode())):
            (folder / f".{file}.part").write_bytes(text)
            (folder / f".{file}.part").rename(folder / file)
        return name

    def is_home(self, name):
        """What is refused would lie among the bad ones. (The school reads its results away.)"""
        place = self.school.folder("done")
        return (place / f"{name}.csv").exists() and (place / f"{name}.pdf").exists()

    def once(self, patience, mark=None, **env):
        self.victim.exits = []
        self.victim.spawn({**self.env, **env})
        self.lab.run(10.0, lambda: self.victim.is_ready or not self.victim.is_running())
        name, spoiled = self.drop(), None

        def is_over():
            nonlocal spoiled
            if mark and spoiled is None and mark.exists():
                spoiled = time.monotonic()
            return self.is_home(name) or (spoiled is not None and time.monotonic() - spoiled > PATIENCE)
        self.lab.run(patience, is_over)
        code = self.victim.stop()
        return self.is_home(name), [*self.victim.exits, code]

    def plan(self):
        """Of the second pair of a store that stands; from where the table is claimed."""
        log = self.lab.dir / "calls"
        for env in {}, {"FAULTY_LOG": str(log)}:
            home, codes = self.once(WHOLE, **env)
            ok(home and not any(codes), "a pair goes through", codes)
        seen, begun = collections.Counter(), False
        for op, kind in (line.split() for line in log.read_text().split("\n")[:-1]):
            seen[op, kind] += 1
            begun = begun or (op, kind) == ("rename", "folder")
            for fault in FAULTS.get((kind, op), ()) if begun else ():
                if not ONLY or f"{op}:{kind}:{seen[op, kind]}:{fault}" in ONLY:
                    yield op, kind, seen[op, kind], fault

    def spoil(self, op, kind, k, fault):
        mark = self.lab.dir / "mark"
        mark.unlink(missing_ok=True)
        home, codes = self.once(WHOLE, mark, FAULTY_AT=f"{op}:{kind}:{k}", FAULTY_DO=fault, FAULTY_MARK=str(mark))
        self.codes.update(codes)
        if not set(codes) <= EXITS | {-9, -15}:
            self.wrong.append(f"{op}:{kind}:{k}:{fault}: exit codes {codes}")
        if ONLY:
            print(f"# {op}:{kind}:{k}:{fault} home={home} codes={codes} hit={mark.exists()}\n# " + self.victim.said().replace("\n", "\n# "))
        return mark.exists()

    def arrived(self):
        after, got = 0, collections.Counter()
        while items := self.lab.to_office.call("GET", f"/v1/inbox?after={after}")[1]["items"]:
            got.update(i["record"]["sha256"] for i in items if i["kind"] == "attachment")
            after = items[-1]["cursor"]
        return got

    def settle(self):
        self.victim.start()
        self.lab.run(SETTLE, lambda: all(map(self.is_home, self.files)))
        self.lab.run(SETTLE, lambda: len(self.arrived()) >= len(self.files), 0.3)
        time.sleep(1)


def main():
    if not FAULTY.exists():
        ok(False, "the library that spoils system calls is built", FAULTY)
        done()
    on_term()
    pairs = Pairs()
    try:
        for name, d in pairs.lab.daemons.items():
            ok(d.start(), f"{name} starts")
        pairs.lab.drop("R-1")
        ok(pairs.lab.settle(SETTLE), "the referral comes home")
        pairs.victim.stop()
        begun, calls = time.monotonic(), list(pairs.plan())
        hit = sum([pairs.spoil(*c) for c in calls])
        pairs.settle()
        figure(f"{len(calls)} spoiled calls, {len(calls) - hit} did not come that time, {time.monotonic() - begun:.0f} s; exit codes "
               f"{dict(sorted(pairs.codes.items(), key=str))}")
        ok(calls and hit >= len(calls) * 9 // 10, "the calls came as counted", f"{hit} of {len(calls)}")
        ok(not pairs.wrong, "the adapter ended with a code of the catalogue or went on", "\n".join(pairs.wrong))
        away = [n for n in pairs.files if not pairs.is_home(n)]
        ok(not away, "every table is taken, and put away with its file", away)
        got = pairs.arrived()
        ok(set(got) == set(pairs.files.values()) and set(got.values()) == {1}, "and its file is at the other side, once",
           [(n, got[h]) for n, h in pairs.files.items() if got[h] != 1])
        left = [p.name for p in pairs.school.folder("in").rglob("*") if p.is_file()]
        ok(not left, "nothing is left on the way", left)
    finally:
        pairs.lab.close()
        if not os.environ.get("NASOKA_KEEP"):
            shutil.rmtree(pairs.lab.dir, ignore_errors=True)
    done()


main()

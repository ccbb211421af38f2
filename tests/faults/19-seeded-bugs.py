#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The seeded bugs of proto/base/bug.def: each must be found by the program named beside it, which passes without it; and no byte of
them is in the programs that are installed. What of them a hub of four agencies can show, the small model finds too: it could not tell
that it has tried all if it found nothing. Builds the preset `bugs`, only what the table names."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("NASOKA_ROOT", os.getcwd()))
BUILD = ROOT / "build" / "bugs"
ROW = re.compile(r'^BUG\((BUG_\w+), "([\w-]+)", "([^"]+)", "([^"]+)"\)', re.MULTILINE)
SECONDS = 60
MODEL = "tests/sim/sim_model 0 1 3"
OF_MODEL = ("no-duplicate-check", "order-broken", "half-the-queues", "numbers-reused", "root-of-before", "welcome-early")


def target_of(program):
    parts = program.split("/")
    return "-".join(parts[1:]) if parts[1] == "unit" else parts[-1]


def build(rows):
    targets = sorted({target_of(catcher.split()[0]) for _, _, _, catcher in rows})
    log = ""
    for command in (["cmake", "--preset", "bugs"], ["cmake", "--build", "--preset", "bugs", "-j", "2", "--target", *targets]):
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        log += run.stdout + run.stderr
        if run.returncode != 0:
            print("not ok - the build with seeded bugs")
            print("\n".join("# " + line for line in log.splitlines()[-30:]))
            return False
    print("ok - the build with seeded bugs")
    return True


def run(catcher, name):
    """True: it passed; False: it found something; None: it never ended."""
    program, *words = catcher.split()
    env = {key: value for key, value in os.environ.items() if key != "NASOKA_BUG"}
    if name:
        env["NASOKA_BUG"] = name
    try:
        done = subprocess.run([BUILD / program, *words], cwd=ROOT, env=env, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0


def is_clean(rows):
    """Nothing of a seeded bug in what is installed."""
    binaries = sorted(p for p in pathlib.Path(os.environ["NASOKA_BIN"]).iterdir() if p.is_file() and p.name.startswith("nasoka"))
    traces = [b"NASOKA_BUG", *(text.encode() for _, name, what, _ in rows for text in (name, what))]
    found = [f"{path.name}: {trace.decode()}" for path in binaries for content in [path.read_bytes()] for trace in traces
             if trace in content]
    print(("not ok" if found or not binaries else "ok") + f" - no byte of the seeded bugs in {len(binaries)} installed programs")
    for line in found:
        print("# " + line)
    return not found and bool(binaries)


def main():
    rows = ROW.findall((ROOT / "proto" / "base" / "bug.def").read_text(encoding="utf-8"))
    clean = is_clean(rows)
    named = len(rows)
    rows += [(i, name, what, MODEL) for i, name, what, _ in rows if name in OF_MODEL]
    if not build(rows):
        return 1
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        whole = dict(zip(sorted({row[3] for row in rows}), pool.map(lambda c: run(c, None), sorted({row[3] for row in rows}))))
        caught = list(pool.map(lambda row: run(row[3], row[1]), rows))
    count = 0
    for (_, name, what, catcher), passed in zip(rows, caught):
        found = whole[catcher] is True and passed is False
        count += found
        print(f"{'ok' if found else 'not ok'} - {name}: {what}: {'found by' if found else 'not found by'} {catcher}")
    for catcher, passed in whole.items():
        if not passed:
            print(f"not ok - {catcher} passes without a seeded bug")
    print(f"# fault row=\"seeded bugs\" count={min(count, named)} accepted=0 lost=0 doubled=0 disordered=0")
    return 0 if clean and count == named + len(OF_MODEL) and all(whole.values()) else 1


sys.exit(main())

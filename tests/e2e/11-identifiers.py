#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""ЕГН and ЛНЧ: our check digits against npm stdnum, on 10,000 random values of each: digits at random, right ones, and right ones
with a digit changed or two exchanged. stdnum judges the check digit alone: that an ЕГН begins with a day that there was is Python's word."""
import datetime
import os
import pathlib
import random
import subprocess

from stagehand import BIN, ROOT, done, figure, ok

N = 10_000
EGN_WEIGHTS, LNCH_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6), (21, 19, 17, 13, 11, 9, 7, 3, 1)
DAYS = (datetime.date.today() - datetime.date(1800, 1, 1)).days
seed = int(os.environ.get("NASOKA_SEED", random.randrange(1 << 32)))
chance = random.Random(seed)


def weighted(digits, weights):
    return sum(int(d) * w for d, w in zip(digits, weights))


def egn():
    born = datetime.date(1800, 1, 1) + datetime.timedelta(days=chance.randrange(DAYS))
    month = born.month + {18: 20, 19: 0, 20: 40}[born.year // 100]
    nine = f"{born.year % 100:02}{month:02}{born.day:02}{chance.randrange(1000):03}"
    return nine + str(weighted(nine, EGN_WEIGHTS) % 11 % 10)


def lnch():
    nine = f"{chance.randrange(10 ** 9):09}"
    return nine + str(weighted(nine, LNCH_WEIGHTS) % 10)


def spoilt(number):
    at = chance.randrange(10)
    if chance.random() < 0.5 and at < 9:
        return number[:at] + number[at + 1] + number[at] + number[at + 2:]
    return number[:at] + str(chance.randrange(10)) + number[at + 1:]


def numbers(right):
    for i in range(N):
        way = i % 4
        yield right() if way == 0 else spoilt(right()) if way in (1, 2) else f"{chance.randrange(10 ** 10):010}"


def has_day(number):
    """Do the first six digits name a day? Months from 21 are of the 1800s, from 41 of the 2000s."""
    year, month, day = int(number[:2]), int(number[2:4]), int(number[4:6])
    century = 2000 if month > 40 else 1800 if month > 20 else 1900
    try:
        return bool(datetime.date(century + year, month % 20 if month > 20 else month, day)) and month <= 52
    except ValueError:
        return False


def judged(command, lines):
    run = subprocess.run(command, input="\n".join(lines) + "\n", text=True, capture_output=True, timeout=120, check=True)
    return run.stdout.split()


for kind, right in (("EGN", egn), ("LNCH", lnch)):
    lines = [f"{kind} {number}" for number in numbers(right)]
    ours = judged([pathlib.Path(BIN).parent / "tests/unit/proto/test_record_id", "--judge"], lines)
    theirs = judged(["node", ROOT / "tests/e2e/identifiers.js"], lines)
    dated = [kind != "EGN" or has_day(line.split()[1]) for line in lines]
    differ = [f"{line}: ours {a}, theirs {b}" for line, a, b, day in zip(lines, ours, theirs, dated) if a != (b if day else "0")]
    ok(len(ours) == len(theirs) == N and not differ, f"{kind}: npm stdnum says the same of {N} numbers",
       f"seed {seed}\n" + "\n".join(differ[:20]))
    ok(N // 4 <= ours.count("1") < N // 2, f"{kind}: of them {ours.count('1')} are right", f"seed {seed}")
    figure(f"{kind}: {N} numbers compared, {ours.count('1')} right, {dated.count(False)} without a day, seed {seed}")
done()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The table of invariants in tests/README.md names tests that stand where it says."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import lint  # noqa: E402

COUNT = 30


def main():
    report = lint.Report()
    rows = re.findall(r"^\| I(\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|$", lint.read("tests/README.md"), re.M)
    report.rule("each invariant has its row", [f"I{n}" for n in range(1, COUNT + 1) if [r[0] for r in rows].count(str(n)) != 1])
    report.rule("a row has a test, or says why not", [f"I{n}: neither" for n, _, tests, remark in rows if not tests.strip() and not remark.strip()])
    missing = []
    for n, _, tests, _ in rows:
        text = None
        for name in re.findall(r"`([^`]+)`", tests):
            if "." in name:
                text = lint.read("tests/" + name) if os.path.isfile("tests/" + name) else None
                if text is None:
                    missing.append(f"I{n}: no tests/{name}")
            elif text is not None and not re.search(rf"\b{name}\b", text):
                missing.append(f"I{n}: no test {name} there")
    report.rule("the tests of the table stand", missing)
    report.end()


main()

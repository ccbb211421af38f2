# SPDX-License-Identifier: EUPL-1.2
"""What the fault programme counted: lines `# fault row="crash images" count=500 accepted=9 lost=0 doubled=0 disordered=0` on
standard input, as `json` (a line a row), as `text` (a table), or into a `readme FILE` between its two marks.

A row that several scripts add to is one row: its numbers are summed. A row that gives no count is an error, and so is, for
`text`, one in which a message was lost, doubled or out of order.
"""

import json
import re
import sys
import time

NUMBERS = ("count", "accepted", "lost", "doubled", "disordered")
LINE = re.compile(r'^# fault row="([^"]+)"((?: \w+=\d+)+)\s*$')
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def read(lines):
    rows = {}
    for line in lines:
        if not line.startswith("# fault "):
            continue
        match = LINE.match(line)
        given = dict(pair.split("=") for pair in match.group(2).split()) if match else {}
        if set(given) != set(NUMBERS):
            sys.exit(f"tests/faults/rows.py: not a row: {line.strip()}")
        row = rows.setdefault(match.group(1), dict.fromkeys(NUMBERS, 0))
        for name in NUMBERS:
            row[name] += int(given[name])
    return rows


def as_text(rows):
    width = max(map(len, rows))
    lines = [" ".join([f"{'':{width}}", *(f"{name:>10}" for name in NUMBERS)])]
    lines += [" ".join([f"{name:{width}}", *(f"{row[n]:>10,}" for n in NUMBERS)]) for name, row in rows.items()]
    return "\n".join(lines) + "\n"


def as_markdown(rows, depth):
    lines = [f"Made by `tests/run faults{depth} --readme` on {time.strftime('%Y-%m-%d')}.", "",
             "| what was done | times | messages accepted | lost | doubled | out of order |", "|---|--:|--:|--:|--:|--:|"]
    lines += [f"| {name} | " + " | ".join(f"{row[n]:,}" for n in NUMBERS) + " |" for name, row in rows.items()]
    return "\n".join(lines)


def into_readme(path, rows, depth):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    head, found, rest = text.partition(BEGIN)
    _, ended, tail = rest.partition(END)
    if not found or not ended:
        sys.exit(f"tests/faults/rows.py: {path} has no place for the table ({BEGIN} ... {END})")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}{BEGIN}\n{as_markdown(rows, depth)}\n{END}{tail}")


def main():
    rows = read(sys.stdin)
    if not rows:
        return
    if sys.argv[1] == "json":
        for name, row in rows.items():
            print(json.dumps({"suite": "faults", "row": name, **row}, ensure_ascii=False))
    elif sys.argv[1] == "text":
        print(as_text(rows), end="", flush=True)
        if any(row[name] for row in rows.values() for name in NUMBERS[2:]):
            sys.exit("not ok - messages were lost, doubled or out of order")
    else:
        into_readme(sys.argv[2], rows, " --deep" if sys.argv[3:] == ["1"] else "")


if __name__ == "__main__":
    main()

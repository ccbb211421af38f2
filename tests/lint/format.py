#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""The layout that clang-format would give, except what it cannot leave to the author: the column of a trailing comment,
the indentation of a continued line, and where a long line or a one-line type is broken."""

import difflib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import lint  # noqa: E402


def collapse(lines):
    return [re.sub(r"[ \t]+", " ", line.strip()) for line in lines]


def indent(line):
    return line[:len(line) - len(line.lstrip())]


def unbroken(text):
    """Braces may or may not have a blank inside: that goes with how a list or a macro is broken. And clang-format, which
    reads C as C++, takes a unary operator after a cast for a binary one, likewise the star behind a type's own braces, and
    a pointer to an array of a type that it does not know for a call."""
    text = re.sub(r"(_t\)) ?([*&-]) ?", r"\1\2", text)
    text = re.sub(r"(_t) \(\*", r"\1(*", text)
    text = re.sub(r"\} ?\* ?(?=\w)", "} *", text)
    text = re.sub(r"(?<=\() | (?=\))", "", text)
    return re.sub(r"\s*([{}])\s*", r"\1", re.sub(r"\s*\\(?=\s|$)", "", text))


def findings(name):
    ours = lint.read(name).splitlines()
    text = subprocess.run(["clang-format", name], check=True, capture_output=True, text=True).stdout
    theirs = text.splitlines()
    a, b = collapse(ours), collapse(theirs)
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            for i, j in zip(range(i1, i2), range(j1, j2)):
                mine, other = indent(ours[i]), indent(theirs[j])
                continued = " " in mine or " " in other or len(mine) > len(other) >= 1
                if mine != other and not continued and not a[i].startswith(("*", "/*", "#")):
                    yield f"{name}:{i + 1}: indented by {len(mine)} tabs, not {len(other)}: {a[i][:60]}"
        elif unbroken(" ".join(a[i1:i2])) != unbroken(" ".join(b[j1:j2])):
            mine, other = " ".join(a[i1:i2]), " ".join(b[j1:j2])
            yield f"{name}:{i1 + 1}: {mine[:90]!r} should be {other[:90]!r}"
    for number in range(len(ours) - 1):
        line = ours[number]
        if ours[number + 1] == "{" and re.match(r"^(?!\w+\()[a-z]\w*[ *].*\w\(.*\)$", line) and " = " not in line:
            yield f"{name}:{number + 1}: the return type of a definition has its own line"


def main():
    report = lint.Report()
    names = [n for n in lint.files(".c", ".h") if not n.endswith((".pb-c.c", ".pb-c.h"))]
    if not names:
        print("not ok - there is no source to check")
        sys.exit(1)
    report.rule(f"the layout of {len(names)} files", (f for n in names for f in findings(n)))
    report.end()


main()

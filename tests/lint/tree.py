#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""What must be true of the files as files: names, first lines, mirrors, documents, and nothing that is not ours."""

import collections
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import lint  # noqa: E402

TOP = {"hub", "adapters", "proto", "config", "tests", "CMakeLists.txt", "README.md", "LICENSE", "STYLE.md",
       "CHANGELOG.md", "CMakePresets.json", ".ci", ".gitignore", ".gitattributes", ".editorconfig", ".clang-format",
       ".clang-tidy"}
SECTORS = re.compile(r"^adapters/(?!core/)[^/]+/")
SOURCE_FOLDERS = ("proto/", "config/", "hub/", "adapters/")
FILE_LINES = 400
FUNCTION_LINES = 60
COLUMNS = 160  # 80 to 120 is the habit; beyond this no line is read whole

# A module without a test file of its own, and the reason.
NO_UNIT_TEST = {
    "hub/hubd.c": "main: run by the end-to-end tests",
    "hub/ctl/nasokactl.c": "main: run by the end-to-end tests",
    "hub/audit/nasoka_audit.c": "main: run by the end-to-end tests",
}

# Parts of a module that was cut in several files, and the test of the whole, which reaches all that they do. A part is
# named with its header's only user; what can be tested by itself has a test of its own.
COVERED_BY = {
    "adapters/health/hl7_to_record.c": ["hl7_values_in.c", "hl7_parties_in.c", "hl7_texts_in.c"],
    "adapters/health/hl7_answer.c": ["hl7_err.c", "hl7_report.c"],
    "adapters/health/hl7_from_record.c": ["hl7_values_out.c", "hl7_parties_out.c", "hl7_texts_out.c"],
    "adapters/education/to_record.c": ["csv_row.c"],
    "adapters/core/spool_in.c": ["spool_job.c"],
    "adapters/social/case_in.c": ["case_walk.c", "case_value.c", "case_consent.c", "case_oscar_in.c", "case_primero_in.c"],
    "adapters/social/case_out.c": ["case_oscar_out.c", "case_primero_out.c"],
}

GENERATED = re.compile(r"\.pb-c\.[ch]$|_pb2\.py$|\.(o|a|so|pyc|gcda|gcno|profraw)$|(^|/)(node_modules|build|__pycache__)/")
# Paths of one person's machine, and hosts that packages are fetched from.
PRIVATE = re.compile(r"(?<![\w.$}~-])/(?:home|root|Users|work|farm|old_root)/\w"
                     r"|registry\.npmjs|pypi\.org|files\.pythonhosted|deb\.debian\.org|proxy\.golang\.org")
SPDX = "SPDX-License-Identifier: EUPL-1.2"
WITH_SPDX = (".c", ".h", ".def", ".proto", ".py", ".sh", ".cmake", ".js", ".mjs", ".ts", ".go")


def is_source(name):
    return name.startswith(SOURCE_FOLDERS) and name.endswith(".c")


def missing_spdx(names):
    for name in names:
        base = os.path.basename(name)
        if not (name.endswith(WITH_SPDX) or base in ("CMakeLists.txt", ".clang-format", ".clang-tidy")):
            continue
        if not any(SPDX in line for line in lint.read(name).splitlines()[:2]):
            yield f"{name}:1: {SPDX}"


def line_comments(names):
    for name in names:
        if not name.endswith((".c", ".h", ".def")):
            continue
        text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), lint.read(name), flags=re.S)
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
        for number, line in enumerate(text.splitlines(), 1):
            if "//" in line:
                yield f"{name}:{number}: a // comment"


def same_names(names):
    seen = collections.defaultdict(list)
    for name in names:
        if name.endswith((".c", ".h", ".def")) and not SECTORS.match(name.replace("tests/unit/", "", 1)):
            seen[os.path.basename(name)].append(name)
    return [" and ".join(where) for where in seen.values() if len(where) > 1]


def untested(names):
    have = set(names)
    covered = {os.path.join(os.path.dirname(whole), part) for whole, parts in COVERED_BY.items() for part in parts}
    yield from (f"tests/lint/tree.py: there is no {name}" for name in sorted(covered | set(NO_UNIT_TEST)) if name not in have)
    for name in names:
        if not is_source(name) or name in NO_UNIT_TEST or name in covered or re.match(r"adapters/[^/]+/main\.c$", name):
            continue
        folder, base = os.path.split(name)
        test = f"tests/unit/{folder}/test_{base}"
        if test not in have:
            yield f"{name}: no {test}"


def undocumented(names):
    folders = sorted({os.path.dirname(n) for n in names if n.startswith(SOURCE_FOLDERS) and n.endswith((".c", ".h", ".proto"))})
    for folder in folders:
        design = os.path.join(folder, "DESIGN.md")
        if design not in names and folder == "proto/schema":
            design = "proto/DESIGN.md"
        if design not in names:
            yield f"{folder}: no DESIGN.md"
            continue
        text = lint.read(design)
        stems = sorted({os.path.splitext(os.path.basename(n))[0] for n in names
                        if os.path.dirname(n) == folder and n.endswith((".c", ".h", ".def", ".proto"))})
        for stem in stems:
            if not re.search(rf"(?<![\w-]){re.escape(stem)}(?![\w-])", text):
                yield f"{design}: does not name {stem}"


def long_functions(name, text):
    """(line, name, length) of function definitions: a name in column 0, its braces in column 0."""
    lines = lint.strip_comments_and_strings(text).splitlines()
    start = None
    for number, line in enumerate(lines):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start is not None:
            if not line.startswith("};") and number - start - 1 > FUNCTION_LINES:
                head = next((lines[i] for i in range(start - 1, max(start - 8, -1), -1)
                             if re.match(r"^\w+\(", lines[i])), "?")
                yield start + 1, head.split("(")[0], number - start - 1
            start = None


def notes(report, names):
    for name in names:
        if not name.endswith((".c", ".h")):
            continue
        text = lint.read(name)
        if name.startswith(SOURCE_FOLDERS) and text.count("\n") > FILE_LINES:
            report.note(f"{name}: {text.count(chr(10))} lines")
        for line, function, length in long_functions(name, text):
            report.note(f"{name}:{line}: {function} has {length} lines")


def wide(names):
    for name in names:
        if name.endswith((".c", ".h")):
            for number, line in enumerate(lint.read(name).splitlines(), 1):
                if len(line.expandtabs(8)) > COLUMNS:
                    yield f"{name}:{number}: {len(line.expandtabs(8))} columns"


def private(names):
    for name in names:
        if name == "tests/lint/tree.py":
            continue
        for number, line in enumerate(lint.read(name).splitlines(), 1):
            m = PRIVATE.search(line)
            if m:
                yield f"{name}:{number}: {m.group(0)}"


def blanks(names):
    for name in names:
        if not name.endswith((".c", ".h", ".def", ".py", ".sh", ".cmake", ".txt", ".proto", ".yaml", ".json")):
            continue
        if name.startswith("tests/vectors/") or "/corpus/" in name or "/regress/" in name:
            continue
        text = lint.read(name)
        if text and not text.endswith("\n"):
            yield f"{name}: no newline at the end"
        if re.search(r"[ \t]+$", text, re.M) and name.endswith((".c", ".h", ".def", ".sh", ".py", ".cmake")):
            number = text[:re.search(r"[ \t]+$", text, re.M).start()].count("\n") + 1
            yield f"{name}:{number}: blanks at the end of the line"


def not_executable(names):
    """Scripts that tests/run starts by their names."""
    for name in names:
        if re.match(r"tests/[^/]+/[0-9a-z]", name) and name.endswith((".py", ".sh")) and lint.read(name).startswith("#!") \
                and not os.access(name, os.X_OK):
            yield f"{name}: chmod +x"


def main():
    report = lint.Report()
    names = lint.files()
    report.rule("the top level holds only what belongs there",
                sorted({n.split("/")[0] for n in names} - TOP))
    report.rule("nothing generated is tracked", [n for n in names if GENERATED.search(n)])
    report.rule("each source names its licence at the top", missing_spdx(names))
    report.rule("no // comment", line_comments(names))
    report.rule("no two files share a name", same_names(names))
    report.rule("each module has a test file", untested(names))
    report.rule("each folder's DESIGN.md names its files", undocumented(names))
    report.rule(f"no line is wider than {COLUMNS} columns", wide(names))
    report.rule("lines end cleanly", blanks(names))
    report.rule("a script that is started may be", not_executable(names))
    report.rule("no path of a machine and no host of a registry", private(names))
    notes(report, names)
    report.end()


main()

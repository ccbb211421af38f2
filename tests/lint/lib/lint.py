# SPDX-License-Identifier: EUPL-1.2
"""What the lints share: which files are the project's, and saying what was found as TAP."""

import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
os.chdir(ROOT)


def files(*endings):
    """The tracked files and those that could be added, sorted; all of them or those with an ending."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return sorted(n for n in names if (not endings or n.endswith(endings)) and os.path.isfile(n))


def read(name):
    with open(name, encoding="utf-8", errors="replace") as stream:
        return stream.read()


def strip_comments_and_strings(text):
    """C code with its comments and literals blanked; lines stay where they are."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


class Report:
    def __init__(self):
        self.failed = False

    def rule(self, name, findings):
        """One rule is one test; each finding is shown as place: what."""
        findings = list(findings)
        for finding in findings:
            print("#", finding)
        print(("not ok - " if findings else "ok - ") + name)
        self.failed |= bool(findings)

    def note(self, text):
        print("# figure", text)

    def end(self):
        sys.exit(1 if self.failed else 0)

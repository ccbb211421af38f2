# SPDX-License-Identifier: EUPL-1.2
"""Test results of others as TAP: `junit FILE` of ctest, `unittest FILE` of Python."""

import os
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

TAP_LINE = re.compile(r"^(ok|not ok)\b(?:\s+\d+)?(?:\s*-)?\s*(.*)$")


def junit(path):
    """One program may hold many tests (cmocka prints them as TAP); one that broke off is a failure of its own."""
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name")
        output = case.findtext("system-out") or ""
        lines = [m.groups() for m in map(TAP_LINE.match, output.splitlines()) if m]
        passed = case.get("status") == "run"
        # cmocka calls a skipped test "not ok ... # SKIP"
        lines = [("ok", f"{text.replace('# SKIP', '').strip()} # SKIP") if "# SKIP" in text else (verdict, text)
                 for verdict, text in lines]
        for verdict, text in lines:
            print(f"{verdict} - {name}: {text}")
        if not passed:
            if not any(verdict == "not ok" for verdict, _ in lines):
                failure = case.find("failure")
                reason = failure.get("message") if failure is not None else case.get("status")
                print(f"not ok - {name}: {reason or 'ended badly'}")
            print("\n".join("# " + line for line in output.splitlines() if not line.startswith("ok ")))
        elif not lines:
            print(f"ok - {name}")
        for line in output.splitlines():
            if line.startswith("# figure"):
                print(line)


class TapResult(unittest.TestResult):
    def _say(self, verdict, test, detail=""):
        print(f"{verdict} - {test.id()}{detail}", flush=True)

    def _fail(self, test, err):
        self._say("not ok", test)
        for line in self._exc_info_to_string(err, test).splitlines():
            print("# " + line)

    def addSuccess(self, test):
        self._say("ok", test)

    def addSkip(self, test, reason):
        self._say("ok", test, f" # SKIP {reason}")

    def addExpectedFailure(self, test, err):
        self._say("ok", test)

    def addUnexpectedSuccess(self, test):
        self._say("not ok", test, " passed and was expected to fail")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(subtest, err)


def run_unittest(file):
    folder, pattern = os.path.split(file)
    result = TapResult()
    unittest.defaultTestLoader.discover(folder, pattern=pattern, top_level_dir=folder).run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    if sys.argv[1] == "junit":
        junit(sys.argv[2])
    else:
        sys.exit(run_unittest(sys.argv[2]))

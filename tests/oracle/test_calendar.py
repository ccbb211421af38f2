# SPDX-License-Identifier: EUPL-1.2
"""Our working days against calendars of other people: python3-holidays (the dates of the law), python3-dateutil (Easter)."""
import datetime
import os
import pathlib
import subprocess
import unittest

import dateutil.easter
import holidays

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NASOKA_BIN", ROOT / "build/dev/bin")).parent
DAY = datetime.timedelta(days=1)


def ours(first, last):
    said = subprocess.run([BUILD / "tests/unit/proto/test_calendar", "--list", str(first), str(last)], check=True, text=True,
                          capture_output=True)
    return {datetime.date.fromisoformat(line) for line in said.stdout.split()}


def theirs(year):
    """The law's dates, and the Sunday of Easter."""
    easter = dateutil.easter.easter(year, dateutil.easter.EASTER_ORTHODOX)
    named = set(holidays.BG(years=year))
    named.discard(datetime.date(year, 11, 1))   # of schools alone
    named.add(easter + DAY)                     # Easter Monday: the package stops at Sunday
    return named, easter


class Calendar(unittest.TestCase):
    def test_dates_of_the_law(self):
        """Each date that the package names is not worked, where it falls on a weekday; Easter is its and dateutil's."""
        days = ours(2000, 2049)
        for year in range(2000, 2050):
            named, easter = theirs(year)
            self.assertIn(easter, named)
            self.assertEqual({d for d in named if d.weekday() < 5} - days, set(), year)

    def test_what_follows_a_weekend(self):
        """Beside them just as many days are not worked as fixed holidays fell on a weekend, right after those; from 2017 on."""
        days = ours(2000, 2049)
        for year in range(2000, 2050):
            named, easter = theirs(year)
            around = {easter - 2 * DAY, easter - DAY, easter, easter + DAY}
            fixed = {d for d in named if d not in around or (d.month, d.day) in ((5, 1), (5, 6))}
            owed = sorted(d for d in fixed if d.weekday() >= 5) if year >= 2017 else []
            extra = set()
            for d in owed:
                while d.weekday() >= 5 or d in named or d in extra:
                    d += DAY
                extra.add(d)
            self.assertEqual({d for d in days if d.year == year} - named, extra, year)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""24 virtual hours without the hub, without each adapter, without each agency's system: what was said meanwhile arrives within 30
seconds after it is back, in order, once (I1, I5, I6, I27)."""

import os
import pathlib
import subprocess
import sys

SIM = pathlib.Path(os.environ["NASOKA_BIN"]).parent / "tests" / "sim" / "sim_outage"
PARTIES = ["the hub", *(f"adapter {n}" for n in (1, 2, 3)), *(f"the system of agency {n}" for n in (1, 2, 3))]


def main():
    runs = [range(0, len(PARTIES), 2), range(1, len(PARTIES), 2)]
    processes = [subprocess.Popen([SIM, *map(str, run)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for run in runs]
    found, wrong = {}, {"lost": 0, "doubled": 0, "disordered": 0}
    for process in processes:
        for line in process.communicate()[0].splitlines():
            words = line.split()
            if line.startswith("party "):
                found[int(words[1])] = dict(zip(words[::2], words[1::2]))
            else:
                print("# " + line)
                for name in wrong:
                    wrong[name] += f": {name}: " in line
    for number, name in enumerate(PARTIES):
        run = found.get(number)
        if run is None or int(run["meanwhile"]) == 0:
            print(f"not ok - 24 hours without {name}")
        else:
            print(f"ok - 24 hours without {name}: {run['meanwhile']} accepted meanwhile, all there after {run['settled_s']} s")
    print(f"# fault row=\"a day's outage of each party\" count={len(found)} accepted={sum(int(r['accepted']) for r in found.values())} "
          f"lost={wrong['lost']} doubled={wrong['doubled']} disordered={wrong['disordered']}")
    return 0 if len(found) == len(PARTIES) else 1


sys.exit(main())

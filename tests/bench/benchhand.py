# SPDX-License-Identifier: EUPL-1.2
"""What the benches share: TAP of the end-to-end scripts, a stage for the load driver, and what a process holds."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get("NASOKA_ROOT", pathlib.Path(__file__).resolve().parents[2]))
os.environ.setdefault("NASOKA_BIN", str(ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from stagehand import BIN, DEEP, System, World, anonymous_mib, done, figure, folder, oblast, ok, referral, wait_for  # noqa: E402,F401

PROGRAMS = BIN.parent / "tests" / "bench"


class LoadWorld(World):
    """A hub and the agencies sender-1, receiver-1 and so on, as bench_load wants them. No adapter runs."""

    def __init__(self, senders):
        super().__init__(folder(), BIN)
        for i in range(1, senders + 1):
            for role in ("sender", "receiver"):
                self.agency(f"{role}-{i}", "ozd", "PDV22", "social", "Проба", "Sample", oblast.SOCIAL)
        self.make()

    def store_bytes(self):
        """What the store occupies on the disk."""
        return sum(f.stat().st_blocks * 512 for f in (self.hub_dir / "store").iterdir())

    def load(self, senders, window, messages, seconds=120):
        """Run the load driver against the hub; its figures."""
        run = subprocess.run([PROGRAMS / "bench_load", "--dir", self.dir, "--endpoint", self.endpoint, "--hub-pid", str(self.hub.pid),
                              "--senders", str(senders), "--window", str(window), "--messages", str(messages),
                              "--seconds", str(seconds), "--json"], capture_output=True, text=True, timeout=seconds + 60)
        if not run.stdout:
            raise RuntimeError(f"bench_load: exit {run.returncode}\n{run.stderr}")
        if run.stderr:
            print("".join(f"# {line}\n" for line in run.stderr.splitlines()[:20]), end="")
        return json.loads(run.stdout)

    def write_hub_config(self):
        super().write_hub_config()
        file = self.hub_dir / "hub.yaml"
        file.write_text(file.read_text().replace("map_size: 4GiB", "map_size: 64GiB"))

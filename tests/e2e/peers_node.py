# SPDX-License-Identifier: EUPL-1.2
"""A process of Node that plays an agency's system, and the talk with it (peers_talk.js)."""
import concurrent.futures
import itertools
import json
import subprocess
import threading

from stagehand import ROOT

PATIENCE_S = 60


class Peer:
    def __init__(self, script):
        self.script = script
        self.numbers, self.waiting, self.events, self.lock = itertools.count(1), {}, [], threading.Lock()
        self.process = subprocess.Popen(["node", ROOT / "tests/e2e" / script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            said = json.loads(line)
            with self.lock:
                if "event" in said:
                    self.events.append(said)
                    continue
                future = self.waiting.pop(said["n"])
            if "error" in said:
                future.set_exception(RuntimeError(f"{self.script}: {said['error']}"))
            else:
                future.set_result(said["value"])

    def do(self, op, **more):
        """The value that the command gives; RuntimeError with the peer's own words."""
        future = concurrent.futures.Future()
        with self.lock:
            n = next(self.numbers)
            self.waiting[n] = future
            self.process.stdin.write(json.dumps({"n": n, "op": op, **more}, ensure_ascii=False) + "\n")
            self.process.stdin.flush()
        return future.result(PATIENCE_S)

    def heard(self, **match):
        """The events that have all these values."""
        with self.lock:
            return [e for e in self.events if all(e.get(k) == v for k, v in match.items())]

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

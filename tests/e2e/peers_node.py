# SPDX-License-Identifier: EUPL-1.2
"""A process of Node that plays an agency's system and the talk with it (peers_talk.js); the agency on the other side."""
import concurrent.futures
import itertools
import json
import subprocess
import threading
import urllib.parse

import pairs_json
from stagehand import ROOT, referral

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
        with self.lock:
            for future in self.waiting.values():
                future.set_exception(RuntimeError(f"{self.script} has ended"))
            self.waiting = {}

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


class Office(pairs_json.JsonSystem):
    """The social agency on the other side of everybody."""

    def progress(self, number):
        return self.system.call("GET", "/v1/referrals/" + urllib.parse.quote(number, safe=""))[1]

    def refer(self, number, to):
        return self.post("/v1/referrals", referral(number, to))["msg_id"]

    def stages(self, number, stage):
        return [i for i in self.inbox() if i["kind"] == "stage" and i["stage"] == stage and i["referral_id"] == number]


def attempt(fn, *args):
    """What is wrong after `fn`, as text: its own words, or the exception that ended it."""
    try:
        wrong = fn(*args) or ""
    except Exception as e:      # noqa: BLE001 - whatever it was is this step's failure
        wrong = f"{type(e).__name__}: {e}"
    return wrong if isinstance(wrong, str) else "\n".join(wrong)

# SPDX-License-Identifier: EUPL-1.2
"""What the end-to-end scripts share: TAP, the stage, and an agency's system that speaks JSON over a kept connection."""
import http.client
import json
import os
import pathlib
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(os.environ.get("NASOKA_ROOT", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(ROOT / "config" / "stage"))
BIN = pathlib.Path(os.environ.get("NASOKA_BIN", ROOT / "build/dev/bin"))
DEEP = os.environ.get("NASOKA_DEEP") == "1"

import doors  # noqa: E402,F401
import oblast  # noqa: E402,F401
from world import World, http as curl, wait_for  # noqa: E402,F401

_count = [0, 0]


def ok(condition, name, detail=""):
    """One TAP line; what was wrong follows as a comment."""
    _count[0] += 1
    print(f"{'ok' if condition else 'not ok'} {_count[0]} - {name}", flush=True)
    if not condition:
        _count[1] += 1
        for line in str(detail).splitlines()[:40]:
            print(f"# {line}")
    return bool(condition)


def figure(text):
    print(f"# figure {text}", flush=True)


def done():
    print(f"1..{_count[0]}")
    sys.exit(1 if _count[1] else 0)


def anonymous_mib(pid):
    """RssAnon of a process, in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        for line in f:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    raise RuntimeError(f"/proc/{pid}/status has no RssAnon")


def folder():
    return pathlib.Path(tempfile.mkdtemp(prefix="nasoka-e2e-"))


def logs_hold_nothing(world, *secrets):
    """Ends the daemons: no sanitizer spoke in a log, and none of these words stands there."""
    world.stop()
    logs = sorted(world.dir.rglob("*.log"))
    said = [f"{log.name}: {line[:200]}" for log in logs for line in log.read_text(errors="replace").splitlines()
            if any(w in line for w in ("Sanitizer", "runtime error:", *secrets))]
    ok(len(logs) > len(world.agencies) and not said, "the daemons' logs hold no sanitizer's report" + (" and nothing of the case" if secrets else ""), "\n".join(said))


class System:
    """An agency's own system: JSON calls over one kept connection a thread, tried again until the adapter answers."""

    def __init__(self, agency):
        self.agency = agency
        self.media = "application/json"
        self.local = threading.local()
        self.tries = 0

    def call(self, method, path, body=None, patience=60.0):
        """(status, JSON). Connection failures and 5xx/429 are tried again with the same bytes."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self.agency.token}", "Content-Type": self.media}
        end = time.monotonic() + patience
        while True:
            try:
                c = getattr(self.local, "connection", None)
                if c is None:
                    c = self.local.connection = http.client.HTTPConnection("127.0.0.1", self.agency.http_port, timeout=20)
                c.request(method, path, data, headers)
                answer = c.getresponse()
                text = answer.read()
                if answer.status < 500 and answer.status != 429:
                    return answer.status, json.loads(text) if text else None
            except (OSError, http.client.HTTPException, ValueError):
                self.local.connection = None
            self.tries += 1
            if time.monotonic() > end:
                raise TimeoutError(f"{method} {path} at {self.agency.id}")
            time.sleep(0.05)

    def inbox(self, after):
        return self.call("GET", f"/v1/inbox?after={after}")[1]["items"]


def referral(number, to, **more):
    """A whole referral in the hub's own JSON, of a synthetic child."""
    body = {
        "referral_id": number, "target": {"agency": to},
        "child": {"given": "Калина", "middle": "Стоянова", "family": "Тест-Пробна", "birth_date": "2015-03-07",
                  "gender": "female", "ids": [{"type": "EGN", "value": "1543079013"}],
                  "address": {"municipality": "PDV22", "ekatte": "56784"}},
        "service_kind": "psych-counselling", "risk_level": "medium", "priority": "routine",
        "disposition_wanted": "take-over", "legal_basis": "statutory-task", "reason_text": "Нужда от подкрепа.",
        "respond_by": "2027-03-02T10:00:00Z",
    }
    body.update(more)
    return body

# SPDX-License-Identifier: EUPL-1.2
"""Who plays in the scenarios of the Coordination Programme: a real hub, and agencies with real adapters, whose people say what they have
to say through their systems' own address. A scenario reads as what they do; each of its lines is a check.

An Actor keeps what came to it. `says` posts a record and gives its ids; `hears` waits for one that fits; everything that is heard is
registered under a case number, as a real system does."""
import itertools
import pathlib
import sys
from urllib.parse import quote

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "e2e")]
from stagehand import BIN, ROOT, System, World, curl, done, doors, figure, folder, logs_hold_nothing, ok, referral, wait_for  # noqa: E402,F401

DOOR = doors.POLLED
numbers = itertools.count(1)


class Actor:
    """The system of one agency, and the people before it."""

    def __init__(self, agency):
        self.agency, self.id = agency, agency.id
        self.system = System(agency)
        self.heard, self.after = [], 0

    def post(self, path, body):
        status, answer = self.system.call("POST", path, body)
        if status not in (200, 202):
            raise RuntimeError(f"{self.id} {path}: {status} {answer}")
        return answer

    def refused(self, path, body):
        """The code with which it is refused, or what else came."""
        status, answer = self.system.call("POST", path, body)
        return answer.get("code", status) if status >= 400 else f"{status} {answer}"

    def refers(self, number, to, **more):
        return self.post("/v1/referrals", referral(number, to.id, **more))

    def moves(self, number, to, **more):
        """A step of a referral."""
        return self.post("/v1/statuses", {"referral_id": number, "to": to, "status_id": f"s-{next(numbers)}", **more})

    def says(self, kind, body_name, **body):
        return self.post("/v1/records", {"kind": kind, "record_id": f"r-{next(numbers)}", body_name: body})

    def listen(self):
        items = self.system.inbox(self.after)
        for item in items:
            self.after = item["cursor"]
            self.heard.append(item)
            if item["kind"] != "stage":
                item["given_no"] = f"{self.id}-{item['cursor']}"
                self.post(f"/v1/inbox/{item['msg_id']}/registered", {"case_no": item["given_no"]})
        return self.heard

    def find(self, kind, **fields):
        return [i for i in self.listen() if i["kind"] == kind and all(i.get("record", {}).get(k, i.get(k)) == v for k, v in fields.items())]

    def hears(self, kind, **fields):
        """The record of this kind with these fields, when it has come."""
        return wait_for(f"{kind} {fields} at {self.id}", lambda: self.find(kind, **fields), 30)[0]["record"]

    def state(self, number):
        status, answer = self.system.call("GET", "/v1/referrals/" + quote(number))
        return answer["state"] if status == 200 else f"{status} {answer}"

    def sees(self, number, state):
        return wait_for(f"{number} to be {state} at {self.id}", lambda: self.state(number) == state, 30)


def play(cast, scenario, secrets=("Калина", "1543079013"), coordinators=None):
    """Run scenario(world, *actors) with `cast`: rows of id, kind, municipality, sector, name bg, name en."""
    world = World(folder(), BIN)
    world.coordinators = coordinators or {}
    try:
        agencies = [world.agency(*row, DOOR) for row in cast]
        world.make()
        world.start()
        scenario(world, *map(Actor, agencies))
    except (RuntimeError, TimeoutError, OSError, LookupError) as e:
        ok(False, "the scenario goes to its end", f"{type(e).__name__}: {e}")
    finally:
        world.stop()
    verified = world.tool("nasoka-audit", "verify", "--config", world.hub_dir / "hub.yaml", check=False)
    ok(verified.returncode == 0, "the log of all this verifies", verified.stdout + verified.stderr)
    logs_hold_nothing(world, *secrets)
    done()

# SPDX-License-Identifier: EUPL-1.2
"""A social agency's system: the hub's own JSON, posted and polled over HTTP."""
import re
import urllib.parse

import pairs_case as case
from stagehand import System, curl, doors, wait_for

FORMAT = "json"
HOLDS = {case.flat(p) for p in case.FULL} | {"referral_id"}
HOLDS_STATUS = {case.flat(p) for p in case.STATUS_PATHS}
LEFT_OPEN = ("legal_basis",)        # the format has a place for all; a system may leave one open all the same
CONFIG = doors.polling()
SECTOR, KIND = "social", "ozd"


def write(flat_case):
    """The nested object of a flat dictionary."""
    root = {}
    for path, value in flat_case.items():
        keys = [int(k[1:-1]) if k[0] == "[" else k for k in re.findall(r"[^.\[]+|\[\d+\]", path)]
        if keys[-1] in case.INTEGERS:
            value = int(value)
        elif keys[-1] in case.BOOLEANS:
            value = value == "true"
        at = root
        for key, after in zip(keys, keys[1:] + [None]):
            made = value if after is None else [] if isinstance(after, int) else {}
            if isinstance(key, int):
                if key == len(at):
                    at.append(made)
            elif key not in at or after is None:
                at[key] = made
            at = at[key]
    return root


def read(value, path="", to=None):
    """The flat dictionary of a nested object."""
    to = {} if to is None else to
    if isinstance(value, dict):
        for name, one in value.items():
            read(one, f"{path}.{name}" if path else name, to)
    elif isinstance(value, list):
        for i, one in enumerate(value):
            read(one, f"{path}[{i}]", to)
    elif isinstance(value, bool):
        to[path] = "true" if value else "false"
    else:
        to[path] = case.utc_text(case.moment(value)) if path.rpartition(".")[2] in case.TIMES else str(value)
    return to


class JsonSystem:
    def __init__(self, agency):
        self.agency, self.system = agency, System(agency)

    def inbox(self):
        items, after = [], 0
        while True:
            page = self.system.inbox(after)
            if not page:
                return items
            items += page
            after = page[-1]["cursor"]

    def find(self, what, match):
        return wait_for(f"{what} in the inbox of {self.agency.id}", lambda: next((i for i in self.inbox() if match(i)), None), 60, 0.1)

    def post(self, path, body):
        status, answer = curl("POST", self.agency.url + path, body, self.agency.token)
        if status not in (200, 202):
            raise RuntimeError(f"POST {path}: {status} {answer}")
        return answer

    def send_referral(self, flat_case, target):
        body = write(flat_case)
        body.setdefault("target", {})["agency"] = target
        self.post("/v1/referrals", body)

    def got_referral(self, number):
        item = self.find(number, lambda i: i["kind"] == "referral" and i["referral_id"] == number)
        assumed = {p.removeprefix("referral.") for p in item.get("assumed", [])}
        return item["msg_id"], read(item["record"]), assumed

    def register(self, msg_id, number, case_no):
        self.post(f"/v1/inbox/{urllib.parse.quote(msg_id, safe='')}/registered", {"case_no": case_no})

    def got_registered(self, number):
        item = self.find(f"the registration of {number}", lambda i: i.get("stage") == "registered" and i["referral_id"] == number)
        path = "/v1/referrals/" + urllib.parse.quote(number, safe="")
        progress = self.system.call("GET", path)[1]
        if not all(progress["stages"].get(s) for s in ("stored", "delivered", "registered")):
            raise RuntimeError(f"GET {path}: {progress['stages']}")
        return item["external_no"]

    def send_status(self, msg_id, number, status):
        self.sent = self.post("/v1/statuses", write({"referral_id": number, **status}))["msg_id"]
        return self.sent

    def got_status(self, number, to):
        item = self.find(f"{number} {to}", lambda i: i["kind"] == "status-change" and i["referral_id"] == number and i["record"]["to"] == to)
        return item["msg_id"], read(item["record"])

    def confirm_status(self, msg_id, number):
        self.register(msg_id, number, number)

    def got_confirmed(self, sent):
        """Our own status reached the other system: the stage of that message."""
        self.find(f"the registration of {sent}", lambda i: i.get("stage") == "registered" and i["msg_id"] == sent)

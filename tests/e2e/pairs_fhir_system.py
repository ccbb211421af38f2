# SPDX-License-Identifier: EUPL-1.2
"""A practice's system that speaks FHIR R4: sends by curl, receives by polling or by webhook."""
import threading
import urllib.parse

from pairs_fhir import TASK, URN, Bundle, at, header, number_of, read_referral, read_status, write_referral, write_status
from pairs_hook import Hook
from stagehand import System, curl, wait_for


class FhirSystem:
    def __init__(self, agency):
        self.agency, self.system = agency, System(agency)
        self.lock, self.outputs = threading.Lock(), {}      # what the adapter said, for the validator

    def keep(self, name, document):
        with self.lock:
            self.outputs[f"{self.agency.id}-{len(self.outputs):03d}-{name}"] = document

    def bundles(self, number):
        """What waits about one referral: here one searchset."""
        query = urllib.parse.urlencode({"_lastUpdated": "gt2000-01-01", "identifier": number})
        status, bundle = self.system.call("GET", f"/fhir/Task?{query}")
        if status != 200:
            raise RuntimeError(f"GET /fhir/Task?{query}: {status} {bundle}")
        return [bundle]

    def find(self, what, number, match):
        def probe():
            for bundle in self.bundles(number):
                for entry in bundle.get("entry", []):
                    if entry["resource"]["resourceType"] == "Task" and match(entry["resource"]):
                        return bundle, entry["resource"]
            return None
        bundle, task = wait_for(f"{what} at {self.agency.id}", probe, 60, 0.1)
        self.keep(what.replace("/", "-").replace(" ", "-"), bundle)
        return bundle, task

    def send(self, method, path, body):
        status, answer = curl(method, f"{self.agency.url}/fhir{path}", body, self.agency.token, "application/fhir+json")
        if isinstance(answer, dict):
            self.keep("answer", answer)
        if status not in (200, 201):
            raise RuntimeError(f"{method} /fhir{path}: {status} {answer}")
        return answer

    def send_referral(self, flat_case, target):
        is_plain = "group_id" not in flat_case
        self.send("POST", "" if is_plain else "/$process-message",
                  write_referral(flat_case, target, "transaction" if is_plain else "message"))

    def got_referral(self, number):
        bundle, task = self.find(number, number, lambda t: at(t, "focus", "reference"))
        known = {}
        for e in bundle["entry"]:       # by the whole address, by type and id; what is contained by "#id"
            known |= {e["fullUrl"]: e["resource"], "/".join(e["fullUrl"].split("/")[-2:]): e["resource"]}
        request = known[task["focus"]["reference"]]
        known |= {"#" + c["id"]: c for c in request.get("contained", [])}
        return task["id"], read_referral(request, lambda r: known.get((r or {}).get("reference"))), None

    def register(self, msg_id, number, case_no):
        """The Task under its own address: nothing but the id in it says which referral it is about."""
        self.send("PUT", f"/Task/{msg_id}", {**write_status(None, {}, case_no), "id": msg_id})

    def got_registered(self, number):
        stage = URN + "stage"
        _, task = self.find(f"the registration of {number}", number, lambda t: number_of(t, "FILL") and any(
            c["system"] == stage and c["code"] == "registered" for c in t["businessStatus"]["coding"]))
        return number_of(task, "FILL")

    def send_status(self, msg_id, number, status):
        if status["to"] == "completed":
            task = {**write_status(None, status), "id": msg_id}
            return self.send("PUT", f"/Task/{msg_id}", task)
        task = write_status(number, status)
        if status["to"] == "accepted":
            return self.send("POST", "/Task", task)
        b = Bundle("message")
        return self.send("POST", "/$process-message", b.done(header({"system": URN + "event", "code": "status-change"}, b.add(task))))

    def got_status(self, number, to):
        _, task = self.find(f"{number} {to}", number, lambda t: t["status"] == TASK[to])
        if at(task, "businessStatus", "coding", 0, "code") != to:
            raise ValueError(f"businessStatus {task['businessStatus']} for {to}")
        return task["id"], read_status(task)

    def confirm_status(self, msg_id, number):
        self.register(msg_id, number, number)

    def got_confirmed(self, sent):
        """The stages of a status are not asked for here."""


class FhirHookSystem(FhirSystem):
    """The same, but messages are brought to it."""

    def __init__(self, agency):
        super().__init__(agency)
        self.hook = Hook(agency.out_port)

    def bundles(self, number):
        if self.hook.faults:
            raise RuntimeError(self.hook.faults[0])
        return [b for b in list(self.hook.bodies) if number_of(b["entry"][1]["resource"], "PLAC") == number]

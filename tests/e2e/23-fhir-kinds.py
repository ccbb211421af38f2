#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Every kind of message between a practice that speaks FHIR and an agency that speaks JSON, in both directions, by the examples that an
agency's developer gets: posted, found, compared field by field, registered; two requests answered one at a time; and all that is FHIR
through two validators."""
import json
import re
import subprocess
import urllib.parse

import pairs_case as case
import pairs_fhir
import pairs_json
from stagehand import BIN, ROOT, System, World, curl, done, figure, folder, ok, wait_for

EXAMPLES = sorted((ROOT / "config" / "examples" / "json").glob("*.json"))
PATHS = {"referral": "/v1/referrals", "status-change": "/v1/statuses"}
BODIES = dict(re.findall(r'KIND\(\d+, "([a-z-]+)", (\w+)', (ROOT / "proto" / "kind.def").read_text("utf-8")))


def typed(value):
    """The answer of a value of JSON. Codes are written as texts: a reader takes either."""
    if isinstance(value, bool):
        return {"valueBoolean": value}
    return {"valueInteger": value} if isinstance(value, int) else {"valueString": value}


def items_of(value, path):
    if isinstance(value, dict):
        return [i for name, one in value.items() for i in items_of(one, f"{path}.{name}" if path else name)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [i for n, one in enumerate(value) for i in items_of(one, f"{path}[{n}]")]
    return [{"linkId": path, "answer": [typed(v) for v in (value if isinstance(value, list) else [value])]}]


def response(kind, body, number):
    return {"resourceType": "QuestionnaireResponse", "id": number, "status": "completed", "questionnaire": f"urn:nasoka:kind:{kind}",
            "item": items_of(body, "")}


def flat_items(resource, body):
    """The flat dictionary of a QuestionnaireResponse, as pairs_json.read gives one of a body."""
    to = {}
    for item in resource["item"]:
        path, answers = item["linkId"].removeprefix(body + "."), item["answer"]
        for n, answer in enumerate(answers):
            (type_, value), = answer.items()
            value = value["code"] if type_ == "valueCoding" else value["data"] if type_ == "valueAttachment" else value
            to |= pairs_json.read(value, path)
            if isinstance(answers, list) and isinstance(value, str):
                to[f"{path}[{n}]"] = to[path]
    return to


class Side:
    """One of the two: posts an example and finds what came, in its own format."""

    def __init__(self, agency):
        self.agency, self.system = agency, System(agency)


class Social(Side):
    def post(self, kind, body, number):
        name = BODIES[kind]
        document = body if kind in PATHS else {"kind": kind, "record_id": number, name: body}
        status, answer = curl("POST", self.agency.url + PATHS.get(kind, "/v1/records"), document, self.agency.token)
        return answer["msg_id"] if status in (200, 202) else f"{status} {answer}"

    def got(self, kind):
        item = wait_for(f"{kind} at {self.agency.id}", lambda: next((i for i in self.system.inbox(0) if i["kind"] == kind), None), 30, 0.1)
        curl("POST", f"{self.agency.url}/v1/inbox/{urllib.parse.quote(item['msg_id'], safe='')}/registered", {"case_no": "Д-1"}, self.agency.token)
        return pairs_json.read(item["record"])

    def registered(self, msg_id):
        return any(i.get("stage") == "registered" and i["msg_id"] == msg_id for i in self.system.inbox(0))


class Practice(Side):
    def __init__(self, agency):
        super().__init__(agency)
        self.outputs = []

    def call(self, method, path, body=None):
        status, answer = curl(method, f"{self.agency.url}/fhir/{path}", body, self.agency.token, "application/fhir+json")
        if isinstance(answer, dict):
            self.outputs.append(answer)
        return status, answer

    def post(self, kind, body, number):
        status, answer = self.call("POST", "QuestionnaireResponse", response(kind, body, number))
        return answer["id"] if status == 201 else f"{status} {json.dumps(answer, ensure_ascii=False)}"

    def tasks(self):
        status, bundle = self.call("GET", "Task")
        return [e["resource"] for e in bundle.get("entry", []) if e["resource"]["resourceType"] == "Task"] if status == 200 else []

    def got(self, kind):
        """By the kind's code; a step of the other side is its own Task, a referral the Task that is part of none."""
        def is_it(t):
            code = t["code"]["coding"][0]["code"]
            if code != "fulfill":
                return code == kind
            return kind == ("status-change" if "partOf" in t else "referral")
        task = wait_for(f"{kind} at {self.agency.id}", lambda: next((t for t in self.tasks() if is_it(t)), None), 30, 0.1)
        self.call("PUT", f"Task/{task['id']}", {"resourceType": "Task", "id": task["id"], "status": "completed", "intent": "order",
                  "businessStatus": pairs_fhir.concept(pairs_fhir.URN + "stage", "registered"),
                  "identifier": [pairs_fhir.identifier("FILL", pairs_fhir.URN + "case-no", "Пр-1")]})
        if kind == "status-change":
            return pairs_fhir.read_status(task)
        resource = self.call("GET", task["focus"]["reference"])[1]
        return flat_items(resource, BODIES[kind]) if kind != "referral" else {}

    def registered(self, msg_id):
        found = self.call("GET", f"Task/{msg_id}")[1]
        return any((c["system"], c["code"]) == (pairs_fhir.URN + "stage", "registered") for c in pairs_fhir.at(found, "businessStatus", "coding") or [])


def differences(sent, got):
    return [f"{path}: {got.get(path)!r}, not {value!r}" for path, value in sent.items() if got.get(path) != value]


def play(name, sender, receiver):
    sent, n_fields = [], 0
    for file in EXAMPLES:
        who, kind = re.fullmatch(r"\d\d-(sender|receiver)-([a-z-]+)", file.stem).groups()
        by, to = (sender, receiver) if who == "sender" else (receiver, sender)
        whole = json.loads(file.read_text("utf-8").replace("SENDER", sender.agency.id).replace("RECEIVER", receiver.agency.id))
        body = whole if kind in PATHS else whole[BODIES[kind]]
        msg_id = by.post(kind, {k: v for k, v in body.items() if k != "status_id"} if isinstance(by, Practice) else body, file.stem)
        if not ok(re.fullmatch(r"[0-9a-f-]{36}", msg_id), f"{name}: {kind} is taken", msg_id):
            return
        got = to.got(kind)
        # a referral has its own resources, which 10-pairs.py compares; a step's worker stands in the Task as FHIR has it
        flat = {} if kind == "referral" else {p: v for p, v in pairs_json.read(body).items() if p != "status_id"}
        if kind in ("conference-invite", "transfer-offer"):     # what its recipient has no need for stays at its sender
            needless = case.NO_NEED.get(to.agency.sector, ())
            ok(not any(p in got for p in flat if p.startswith(needless)), f"{name}: {kind} has nothing that its recipient has no need for", got)
            flat = {p: v for p, v in flat.items() if not p.startswith(needless)}
        ok(not differences(flat, got), f"{name}: {kind} arrives whole", "\n".join(differences(flat, got)))
        n_fields += len(flat)
        sent.append((by, kind, msg_id))
    late = [kind for by, kind, msg_id in sent if not wait_for(f"{kind} to be registered", lambda: by.registered(msg_id), 30, 0.2)]     # noqa: B023
    ok(not late, f"{name}: the senders see all of them registered", late)
    figure(f"{name}: {len(sent)} kinds, {n_fields} fields")


def one_at_a_time(practice, centre):
    """Two requests about one referral, each answered by a QuestionnaireResponse of its own."""
    whole = json.loads(EXAMPLES[0].read_text("utf-8").replace("SENDER", practice.agency.id).replace("RECEIVER", centre.agency.id))
    practice.post("referral", whole | {"referral_id": "Ф-2"}, "two-0")
    wait_for("the referral", lambda: any(i["kind"] == "referral" and i["record"]["referral_id"] == "Ф-2" for i in centre.system.inbox(0)), 30, 0.1)
    ids = [centre.post("info-request", {"referral_id": "Ф-2", "questions": [{"qid": q, "text": "?", "required": True}]}, f"two-{q}") for q in "ab"]

    def owed(side=centre):
        listed = curl("GET", f"{side.agency.url}/v1/deadlines", token=side.agency.token)[1]["deadlines"]
        return {d["msg_id"] for d in listed if d.get("asks") == "questions"} & set(ids)
    # at who answers as well: what is said before its question came answers none
    ok(wait_for("both to be owed", lambda: owed() == owed(practice) == set(ids), 30), "FHIR: two requests wait for their answers")
    for q, left in ("b", {ids[0]}), ("a", set()):
        said = practice.post("info-response", {"referral_id": "Ф-2", "answers": [{"qid": q, "text": "да"}]}, f"two-said-{q}")
        ok(re.fullmatch(r"[0-9a-f-]{36}", said), f"FHIR: the answer to {q} alone is taken", said)
        ok(wait_for(f"{q} to be answered", lambda: owed() == left, 30), f"FHIR: {q} is answered, and no other request", owed())     # noqa: B023


def validate(world, sides):
    where = world.dir / "fhir"
    where.mkdir()
    files = []
    for document in (d for s in sides if isinstance(s, Practice) for d in s.outputs):
        text = json.dumps(document, ensure_ascii=False)
        if text not in (seen := {f.read_text("utf-8") for f in files[-3:]}) and len(files) < 400:
            files.append(where / f"{len(files):03d}.json")
            files[-1].write_text(text, "utf-8")
        del seen
    files += sorted((ROOT / "config" / "examples" / "fhir").glob("*.json"))
    run = subprocess.run(["node", ROOT / "tests/e2e/fhir-validate.js", *files], capture_output=True, text=True, timeout=300, check=False)
    ok(run.returncode == 0, "npm fhir and @medplum/core find no error in anything that the adapters said, nor in the examples", "\n".join(
        line for line in run.stdout.splitlines() if not line.startswith("ok ")) + run.stderr)
    figure(f"FHIR documents validated: {len(files)}")


def main():
    world = World(folder(), BIN)
    try:
        agencies = [world.agency(id_, kind, "PDV22", sector, id_, id_, config) for id_, kind, sector, config in (
            ("plovdiv-ozd", "ozd", "social", pairs_json.CONFIG), ("plovdiv-gp", "gp", "health", pairs_fhir.CONFIG),
            ("plovdiv-gp-2", "gp", "health", pairs_fhir.CONFIG), ("plovdiv-cop", "cop", "social", pairs_json.CONFIG))]
        world.make()
        world.start()
        sides = [Social(agencies[0]), Practice(agencies[1]), Practice(agencies[2]), Social(agencies[3])]
        play("JSON to FHIR", sides[0], sides[1])
        play("FHIR to JSON", sides[2], sides[3])
        one_at_a_time(sides[2], sides[3])
        validate(world, sides)
    except (RuntimeError, TimeoutError, OSError, LookupError, ValueError) as e:
        ok(False, "the examples go to their end", f"{type(e).__name__}: {e}")
    finally:
        world.stop()
    done()


if __name__ == "__main__":
    main()

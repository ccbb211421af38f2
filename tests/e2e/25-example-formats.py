#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""The examples in every format are what they say: each is good for the validator; then a whole case is played by them between an agency
that speaks the format and one that speaks JSON, once with each of the two as the sender, and what comes is the JSON example."""
import json
import re
import socket
import subprocess

import pairs_csv
import pairs_json
from stagehand import BIN, ROOT, System, World, curl, done, doors, figure, folder, ok, wait_for

EXAMPLES = ROOT / "config" / "examples"
BODIES = dict(re.findall(r'KIND\(\d+, "([a-z-]+)", (\w+)', (ROOT / "proto" / "kind.def").read_text("utf-8")))
PATHS = {"referral": "/v1/referrals", "status-change": "/v1/statuses"}
MLLP = doors.HTTP + """  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8] }}
"""
FOLDER = pairs_csv.CONFIG.partition("out:\n")
TABLES = FOLDER[0].replace("in:\n", doors.HTTP) + "out:\n" + FOLDER[2]
# Of a referral its own resources and segments are compared by 10-pairs.py, field by field; here that it is the same child and wish.
REFERRAL = ("referral_id", "child.given", "child.family", "child.birth_date", "child.ids[0].value", "carers[0].name", "service_kind", "need[0]",
            "reason_text", "risk_level", "priority", "disposition_wanted", "legal_basis", "consent.given_by", "consent.evidence",
            "group_id")


def mllp(agency, text):
    with socket.create_connection(("127.0.0.1", agency.mllp_port), 20) as s:
        s.sendall(b"\x0b" + text.replace("\n", "\r").encode() + b"\x1c\r")
        said = b""
        while not said.endswith(b"\x1c\r") and (part := s.recv(4096)):
            said += part
    return (202 if b"\rMSA|AA|" in said else 422), said.strip(b"\x0b\x1c\r").decode()


def by_folder(agency, name, text):
    """A table that names a file goes by the folder, with the file."""
    inside, result = agency.folder("in"), agency.folder("out") / f"{name}.result.csv"
    (inside / "stanovishte.txt").write_bytes((EXAMPLES / "csv" / "stanovishte.txt").read_bytes())
    (inside / name).write_text(text, "utf-8")
    said = wait_for(f"{result.name}", lambda: result.exists() and result.read_bytes(), 30, 0.1).decode()
    result.unlink()
    return (202 if ";accepted;" in said else 422), said


def post(agency, form, kind, text):
    if form == "csv" and kind == "attachment":
        return by_folder(agency, "files.csv", text)
    if form == "hl7":
        return mllp(agency, text)
    if form == "fhir":
        return curl("POST", f"{agency.url}/fhir/{json.loads(text)['resourceType']}", text, agency.token, "application/fhir+json", parse=False)
    if form == "csv":
        return curl("POST", f"{agency.url}/v1/tables", text, agency.token, "text/csv; charset=utf-8", parse=False)
    return curl("POST", agency.url + PATHS.get(kind, "/v1/records"), text, agency.token, f"application/{form}", parse=False)


class Play:
    """One case, by the files of one format and those of JSON. Numbers get a tag, so that cases do not meet."""
    after = 0   # in the partner's inbox

    def __init__(self, world, form, mine, partner, is_sender):
        self.world, self.form, self.mine, self.partner, self.is_sender = world, form, mine, partner, is_sender
        self.tag = f"{form}{'A' if is_sender else 'B'}"
        self.name = f"{form}, {'sending' if is_sender else 'receiving'}"
        self.inbox, self.n_fields = System(partner), 0

    def text(self, file):
        sender, receiver = (self.mine, self.partner) if self.is_sender else (self.partner, self.mine)
        said = file.read_text("utf-8").replace("SENDER", sender.id).replace("RECEIVER", receiver.id)
        said = re.sub(r"\b(ПР|Г|КОН|АНГ|ПРЕ|с|К)-(1|17)\b", rf"\1-{self.tag}\2", said)
        return said.replace("пример-", f"пример-{self.tag}-").replace("|EX-", f"|{self.tag}-")

    def arrived_here(self):
        return json.loads(self.world.ctl("status", "--config", self.mine.config_file, "--json"))["inbox"]

    def came(self, kind, body):
        """What the partner got is the JSON example."""
        item = wait_for(f"{kind} of {self.name}", lambda: next((i for i in self.inbox.inbox(Play.after) if i["kind"] == kind), None), 30, 0.1)
        Play.after = item["cursor"]
        curl("POST", f"{self.partner.url}/v1/inbox/{item['msg_id']}/registered", {"case_no": f"Д-{self.tag}"}, self.partner.token)
        got, wrong = pairs_json.read(item["record"]), []
        for path, value in pairs_json.read(body).items():
            if path in ("status_id", "att_id") or (kind == "referral" and path not in REFERRAL):
                continue
            self.n_fields += 1
            if got.get(path) != value:
                wrong.append(f"{path}: {got.get(path)!r}, not {value!r}")
        return wrong

    def run(self):
        for file in sorted((EXAMPLES / "json").glob("*.json")):
            who, kind = re.fullmatch(r"\d\d-(sender|receiver)-([a-z-]+)", file.stem).groups()
            whole = json.loads(self.text(file))
            if (who == "sender") != self.is_sender:
                before = self.arrived_here()
                status, said = post(self.partner, "json", kind, json.dumps(whole, ensure_ascii=False))
                if not ok(status == 202, f"{self.name}: its partner says {kind}", said):
                    return
                wait_for(f"{kind} at {self.mine.id}", lambda: self.arrived_here() > before, 30, 0.1)     # noqa: B023
                continue
            own = next((EXAMPLES / self.form).glob(f"{file.stem}.*"), None)
            if own is None:
                continue
            status, said = post(self.mine, self.form, kind, self.text(own))
            if not ok(status in (200, 201, 202), f"{self.name}: {own.name} is taken", said):
                return
            wrong = self.came(kind, whole if kind in PATHS else whole[BODIES[kind]])
            ok(not wrong, f"{self.name}: and comes as the JSON example", "\n".join(wrong))
            native = EXAMPLES / f"{self.form}-native" / own.name
            if native.exists():
                status, said = post(self.mine, self.form, kind, self.text(native))
                wrong = self.came(kind, whole[BODIES[kind]]) if status in (200, 201) else said
                ok(not wrong, f"{self.name}: in the standard's own resources it is the same", wrong)
        figure(f"{self.name}: {self.n_fields} fields")


def validated():
    for form in ("json", "xml", "fhir", "fhir-native", "hl7", "csv", "nhis", "oscar", "primero"):
        files = sorted((EXAMPLES / form).glob("[0-9]*"))
        bad = [run.stdout for f in files if (run := subprocess.run([BIN / "nasokactl", "validate", f], capture_output=True, text=True,
                                                                 check=False)).returncode != 0]
        ok(files and not bad, f"{form}: the validator finds nothing wrong in any of {len(files)}", "\n".join(bad))


world = World(folder(), BIN)
try:
    validated()
    partner = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection", pairs_json.CONFIG)
    agencies = {form: world.agency(f"plovdiv-{form}", kind, "PDV22", sector, f"Агенция {form}", f"Agency {form}", config)
                for form, kind, sector, config in (("xml", "cop", "social", doors.polling("xml")),
                                                   ("fhir", "gp", "health", doors.polling("fhir")),
                                                   ("hl7", "hospital", "health", MLLP + "out: {{ polling: true }}\n" + doors.egress("polling", "fhir")),
                                                   ("csv", "school", "education", TABLES))}
    world.make()
    world.start()
    for form_, agency_ in agencies.items():
        for is_sender_ in (True, False):
            Play(world, form_, agency_, partner, is_sender_).run()
except (RuntimeError, TimeoutError, OSError, LookupError, ValueError) as e:
    ok(False, "the examples go to their end", f"{type(e).__name__}: {e}")
finally:
    world.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (j), the programme's rules: proposed, read as what they change, signed by two registrars, and taken up by adapters that
go on running. Who may refer what to whom is kept from then on, and deadlines are those of the rules where an agency says nothing."""
import datetime
import json
import shutil

from cast import BIN, ROOT, System, World, done, doors, folder, ok, referral, wait_for

CONFIG = doors.polling()
OWN = "deadlines: {{ urgent: {{ registered_by: 6h, respond_by: 12h }} }}\ndeadline_rules: [{{ service_kind: mentoring, respond_by: 4d }}]\n"

RULES = """kinds: [psych-counselling, attendance-support, mentoring]
send:
  - { from: school, service: [attendance-support], to: [ozd] }
  - { from: ozd, to: [cop, school] }
deadlines:
  - { priority: routine, service_kind: psych-counselling, respond_by: 10d, registered_by: 2 working days }
  - { priority: urgent, respond_by: 6h }
  - { respond_by: 9d }
"""

world = World(folder(), BIN)
office = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила на детето", "Child protection", CONFIG + OWN)
centre = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Център за подкрепа", "Support centre", CONFIG)
school = world.agency("plovdiv-school", "school", "PDV22", "social", "Училище", "School", CONFIG)
desks = {a.id: System(a) for a in (office, centre, school)}
rules, proposal = world.dir / "rules.yaml", world.dir / "proposal.note"


def send(sender, to, number, **more):
    body = referral(number, to.id, **more)
    del body["respond_by"]
    return desks[sender.id].call("POST", "/v1/referrals", body)


def days(number, at):
    """In how many days the recipient must answer, by the record that came to it."""
    record = wait_for(f"{number} at {at.id}", lambda: [
        i["record"] for i in desks[at.id].inbox(0) if i.get("record", {}).get("referral_id") == number], 20)[0]
    due = datetime.datetime.fromisoformat(record["respond_by"].replace("Z", "+00:00"))
    return (due - datetime.datetime.now(datetime.timezone.utc)).total_seconds() / 86400


def version(agency):
    return json.loads(world.ctl("status", "--config", agency.config_file, "--json"))["directory_version"]


def reload():
    run = world.ctl("reload", "--socket", world.socket, "--json", check=False)
    return run.returncode, run.stdout + run.stderr


def before():
    status, answer = send(school, centre, "П-1")
    ok(status == 202, "a directory without rules restricts nothing", answer)
    ok(abs(days("П-1", centre) - 7) < 0.01, "and deadlines are the program's")


def proposed():
    rules.write_text("send: [{ from: wizard, to: [ozd] }]\nkinds: [magic]\n")
    run = world.ctl("directory", "propose", "--base", world.directory, "--rules", rules, "--out", proposal, check=False)
    ok(run.returncode == 1 and ":1:" in run.stderr and ":2:" in run.stderr and "wizard" in run.stderr and "magic" in run.stderr and
       "rcpppo" in run.stderr and "foster-matching" in run.stderr,
       "kinds that are none are told with their lines, and those that there are", run.stderr)
    run = world.ctl("directory", "propose", "--base", world.directory, "--rules", ROOT / "config/samples/rules.yaml", "--out",
                    world.dir / "sample.note", check=False)
    ok(run.returncode == 0, "the sample of rules can be proposed", run.stderr)
    rules.write_text(RULES)
    run = world.ctl("directory", "propose", "--base", world.directory, "--rules", rules, "--out", proposal, check=False)
    ok(run.returncode == 0 and proposal.exists(), "the working group proposes rules", run.stdout + run.stderr)
    review = json.loads(world.ctl("directory", "review", world.directory, proposal, "--json"))
    said = [(c["part"], c["change"], c["of"]) for c in review["changes"]]
    ok(review["from_version"] == 1 and review["to_version"] == 2 and ("who may refer", "added", "school / attendance-support") in said and
       ("deadline", "added", "1") in said and ("service", "added", "mentoring") in said, "and reads what they change", review)
    ok(not [c for c in review["changes"] if c["part"] in ("agency", "hub", "auditor", "registrar", "coordinator")],
       "nothing else has changed", review)
    ok("School (school) may refer" in world.ctl("directory", "show", proposal, "--lang", "en"), "a directory shows its rules")
    text = world.ctl("directory", "review", world.directory, proposal, "--lang", "bg")
    ok("Училище (school) може да насочва за Подкрепа за посещаване на училище" in text and "10 дни" in text, "in Bulgarian sentences", text)
    text = world.ctl("directory", "review", world.directory, proposal, "--lang", "en")
    ok("School (school) may refer for Support for attendance" in text and "2 working days" in text, "and in English ones", text)


def signed():
    pids = [a.process.pid for a in world.agencies]
    shutil.copy(world.directory, world.dir / "old.note")
    for n in (0, 1):
        shutil.copy(proposal, world.directory)
        code, said = reload()
        ok(code == 1 and "NSK-1" in said and version(office) == 1, f"with {n} signatures nobody takes it", said)
        world.ctl("directory", "sign", "--key", world.dir / "registrars" / f"registrar-{n + 1}.key", "--name", f"registrar-{n + 1}", proposal)
    shutil.copy(proposal, world.directory)
    code, said = reload()
    ok(code == 0, "with two it holds", said)
    for a in world.agencies:
        ok(wait_for(f"version 2 at {a.id}", lambda a=a: version(a) == 2, 20), f"{a.id} takes it up")
    ok([a.process.pid for a in world.agencies] == pids and all(a.process.poll() is None for a in world.agencies), "without a restart")


def kept():
    status, answer = send(school, centre, "П-2")
    ok(status == 403 and answer["code"] == "NSK-1202" and answer["where"] == "target.agency", "a referral that the rules do not allow is refused", answer)
    status, answer = send(school, office, "П-3", service_kind="attendance-support")
    ok(status == 202 and abs(days("П-3", office) - 9) < 0.01, "one that they allow goes, with their deadline", answer)
    status, answer = send(office, centre, "П-4", service_kind="speech-therapy")
    ok(status == 422 and answer["code"] == "NSK-1303", "a service that is not in force is refused", answer)
    status, answer = send(office, centre, "П-5")
    ok(status == 202 and abs(days("П-5", centre) - 10) < 0.01, "the first rule that fits counts", answer)
    status, answer = send(office, centre, "П-6", service_kind="mentoring")
    ok(status == 202 and abs(days("П-6", centre) - 4) < 0.01, "an agency's own rule goes before the programme's", answer)
    status, answer = send(office, centre, "П-7", priority="urgent")
    ok(status == 202 and abs(days("П-7", centre) - 0.5) < 0.01, "and so does its own deadline of a priority", answer)
    status, answer = desks[centre.id].call("POST", "/v1/statuses", {
        "status_id": "с-5", "referral_id": "П-5", "to": "accepted", "at": "2026-11-20T10:00:00Z", "actor": {"role": "координатор"},
        "assigned_worker": {"name": "Проба", "phone": "032 000 000"}, "expected_start": "2026-12-01"})
    ok(status == 202, "answers go whoever may refer", answer)


def restarted():
    office.stop()
    office.start()
    ok(version(office) == 2, "the rules outlast a restart")
    shutil.copy(world.dir / "old.note", world.directory)
    code, said = reload()
    ok(code == 1 or version(centre) == 2, "an older directory does not come back", said)
    status, answer = send(school, centre, "П-8")
    ok(status == 403, "and the rules stay", answer)


def withdrawn():
    rules.write_text("")
    next_note = world.dir / "next.note"
    rules.write_text("deadlines: [{ respond_by: 11d }]\n")
    run = world.ctl("directory", "propose", "--base", proposal, "--rules", rules, "--out", next_note, "--json", check=False)
    changes = json.loads(run.stdout)["changes"]
    ok(run.returncode == 0 and [c for c in changes if c["part"] == "who may refer" and c["change"] == "removed"] and
       [c for c in changes if c["part"] == "service" and c["change"] == "changed"], "rules can be given up again", run.stdout + run.stderr)
    for n in (2, 3):
        world.ctl("directory", "sign", "--key", world.dir / "registrars" / f"registrar-{n}.key", "--name", f"registrar-{n}", next_note)
    shutil.copy(next_note, world.directory)
    code, said = reload()
    wait_for("version 3", lambda: version(school) == 3, 20)
    status, answer = send(school, centre, "П-9")
    ok(code == 0 and status == 202 and abs(days("П-9", centre) - 11) < 0.01, "and others hold", f"{said} {answer}")
    world.end(world.hub)
    world.hub = None
    run = world.tool("nasoka-audit", "verify", "--config", world.hub_dir / "hub.yaml", check=False)
    ok(run.returncode == 0, "the log of all versions verifies", run.stdout + run.stderr)


world.make()
world.start()
try:
    before()
    proposed()
    signed()
    kept()
    restarted()
    withdrawn()
finally:
    world.stop()
done()

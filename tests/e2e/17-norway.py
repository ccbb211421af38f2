#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
# Mostly waits.
"""The Norwegian case with real daemons: a system that answers 200 and never confirms is seen by all who must know, its sealing key
turns over twice, and it can still be registered; and what waits for an adapter that has lost its keys is delivered after all."""
import json
import subprocess
import time
from urllib.parse import quote

import mail_server
import webhook_system
from stagehand import BIN, System, World, done, doors, figure, folder, oblast, ok, referral, wait_for

SHORT = """deadlines:
  emergency: {{ registered_by: 1m, respond_by: 2m, expires: 1h }}
"""
MAIL = """mail: {{ server: 127.0.0.1, port: {out_port}, ca_file: {dir}/cert.pem, user: USER, password_file: {dir}/mail.password,
  from: nasoka@agency.example, to: [duty@agency.example] }}
""".replace("USER", mail_server.USER)
SILENT = doors.webhook(receipts="none")
NUMBER, CASE = "НОР-1", "ОЗД-63"

world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", oblast.SOCIAL + SHORT)
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", SILENT)
robbed = world.agency("plovdiv-csri", "csri", "PDV22", "social", "Обран", "Robbed", SILENT)
coordinator = world.agency("plovdiv-oblast", "oblast", "PDV22", "social", "Координатор", "Coordinator", oblast.SOCIAL + MAIL)
world.coordinators["PDV22"] = coordinator.id
desk, office, shop = System(sender), System(receiver), System(robbed)


def send(number, to=receiver, priority="routine"):
    body = referral(number, to.id, priority=priority)
    del body["respond_by"]      # the configuration's
    answer = desk.call("POST", "/v1/referrals", body)
    if answer[0] != 202:
        raise RuntimeError(f"{number}: {answer}")
    return answer[1]["msg_id"]


def view(number):
    return desk.call("GET", "/v1/referrals/" + quote(number))[1]


def progress(number):
    return view(number)["stages"]


def status(agency):
    return json.loads(world.ctl("status", "--config", agency.config_file, "--json"))


def rotate():
    """A new sealing key; the version of the sheet that names it."""
    return json.loads(world.ctl("rotate", "sealing", "--config", receiver.config_file, "--json"))["sheet_version"]


def said(agency, message):
    """What the hub's NOTICEs have said of the message at this agency."""
    rows = System(agency).call("GET", "/v1/deadlines")[1]["deadlines"]
    return [d["fact"] for r in rows if r["msg_id"] == message for d in r["said"] if d["by"] == "hub"]


def is_seen_late(message):
    """By the hub's operator, by both agencies and the coordinator, and in a mail."""
    for agency in (sender, receiver, coordinator):
        facts = wait_for(f"the NOTICE at {agency.id}", lambda a=agency: f if "late" in (f := said(a, message)) else None, 90)
        ok(facts.count("late") == 1, f"{agency.id} is told that it is late, once", facts)
    shown = world.ctl("deadlines", "--config", world.hub_dir / "hub.yaml", "--json", check=False)
    ok(shown.returncode == 3 and message in shown.stdout, "the hub's operator sees it", shown.stdout)
    for agency in (sender, receiver):
        shown = world.ctl("reconcile", "--config", agency.config_file, "--json", check=False)
        ok(shown.returncode != 0 and message in shown.stdout, f"the hub's signed statement says it to {agency.id}", shown)
    ok(status(sender)["late"] == 1, "the adapter's status counts it", status(sender))
    wait_for("the mail", lambda: any(message in m.get_content() for m in mail.mails))
    ok(True, "and the coordinator has a mail that names it")


def never_confirms():
    begun = time.monotonic()
    message = send(NUMBER, priority="emergency")
    wait_for("the referral at its recipient's", lambda: progress(NUMBER).get("delivered"))
    wait_for("the system's 200", lambda: system.about(NUMBER))
    ok(not progress(NUMBER).get("registered") and status(receiver)["unregistered"] == 1,
       "a 200 without a number is delivered, and nothing more: seen at both ends", status(receiver))
    ok(rotate() == 2, "the sealing key turns over on demand", status(receiver))
    send("НОР-2")
    wait_for("what is sealed to the second key", lambda: progress("НОР-2").get("delivered"))
    loses_its_keys()        # while the first one waits
    is_seen_late(message)
    figure(f"seen by all {time.monotonic() - begun:.0f} s after the sending, due after 60 s")
    time.sleep(5)           # the hub takes one new sheet a minute
    ok(rotate() == 3, "and turns over again", status(receiver))
    wait_for("the third greeting", lambda: receiver.log.read_text().count("uplink.up") >= 3)
    send("НОР-3")
    wait_for("what is sealed to the third key", lambda: progress("НОР-3").get("delivered"))
    answer = office.call("POST", f"/v1/inbox/{message}/registered", {"case_no": CASE})
    ok(answer[0] == 200, "it is registered at last", answer)
    stages = wait_for("the sender to know", lambda: p if (p := progress(NUMBER)).get("registered") else None)
    ok(CASE in json.dumps(view(NUMBER), ensure_ascii=False), "and its sender sees the number", view(NUMBER))
    ok(stages.get("delivered") <= stages["registered"], "after it was delivered, once", stages)
    ok(len(system.about(NUMBER)) == 1, "its system had it once", len(system.about(NUMBER)))


def loses_its_keys():
    robbed.stop()
    message = send("НОР-4", robbed)
    wait_for("the hub to have it", lambda: progress("НОР-4").get("stored"))
    for key in robbed.keys.glob("sealing*.key"):
        key.unlink()
    failed = subprocess.run([BIN / "nasoka-social", "--config", robbed.config_file], capture_output=True, text=True, timeout=30)
    ok(failed.returncode != 0 and "no sealing key" in failed.stderr, "without any sealing key an adapter says so and ends", failed.stderr)
    world.ctl("keygen", "--use", "sealing", "--out", robbed.keys)
    robbed.start()
    wait_for("the message under the new key", lambda: progress("НОР-4").get("delivered"))
    ok("inbox.reseal" in robbed.log.read_text() and "outbox.resealed" in sender.log.read_text(),
       "what was sealed to a lost key is asked for, sealed again and delivered")
    call = wait_for("its system to have it", lambda: elsewhere.about("НОР-4"))[0]
    ok(call.item["msg_id"] == message, "under the id that its sender's system was told", (call.item["msg_id"], message))
    ok(shop.call("POST", f"/v1/inbox/{message}/registered", {"case_no": "ОЗД-64"})[0] == 200, "and registered under it")
    wait_for("the sender to know", lambda: progress("НОР-4").get("registered"))
    ok(status(robbed)["sealing_keys"] == 2 and status(robbed)["sheet_version"] == 2, "a new sheet names another key", status(robbed))


def proven():
    verified = world.tool("nasoka-audit", "verify", "--config", world.hub_dir / "hub.yaml", check=False)
    ok(verified.returncode == 0, "the log with all of it verifies", verified.stdout + verified.stderr)


webhook_system.write_secret(receiver)
webhook_system.write_secret(robbed)
coordinator.dir.mkdir(parents=True)
password = coordinator.dir / "mail.password"
password.write_text(mail_server.PASSWORD + "\n")
password.chmod(0o600)
mail = mail_server.Server(coordinator.out_port, *webhook_system.certificate(coordinator.dir))
world.make()
system = webhook_system.System(receiver.out_port, {n: ["200"] for n in (NUMBER, "НОР-2", "НОР-3")})
elsewhere = webhook_system.System(robbed.out_port, {"НОР-4": ["200"]})
try:
    world.start()
    for part in (never_confirms, proven):
        try:
            part()
        except (TimeoutError, RuntimeError, KeyError) as e:
            ok(False, f"{part.__name__} runs to its end", e)
finally:
    system.close()
    elsewhere.close()
    world.stop()
    mail.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
# Mostly waits.
"""A recipient whose system stays silent: its hub, its sender and the coordinator of the municipality see it in time, in the list of
deadlines and in nasokactl, and the mail comes, once. A real hub, real adapters of three sectors, and a mail server of aiosmtpd."""
import json
import time

import mail_server
import webhook_system
from stagehand import BIN, System, World, curl, done, doors, figure, folder, ok, referral, wait_for

DOOR = doors.POLLED + """deadlines:
  emergency: {{ registered_by: 1m, respond_by: 1m, expires: 1h }}
  urgent: {{ registered_by: 1m, respond_by: 1m, expires: 1m }}
"""
MAIL = """language: bg
mail:
  server: 127.0.0.1
  port: {out_port}
  ca_file: {dir}/cert.pem
  user: USER
  password_file: {dir}/mail.password
  from: nasoka@agency.example
  to: [duty@agency.example, head@agency.example]
  digest_hour: HOUR
""".replace("USER", mail_server.USER).replace("HOUR", str((time.gmtime().tm_hour + 12) % 24))

world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", DOOR)
silent = world.agency("plovdiv-gp", "gp", "PDV22", "health", "Лекар", "Doctor", DOOR)
coordinator = world.agency("plovdiv-oblast", "coordinator", "PDV22", "social", "Координатор", "Coordinator", DOOR + MAIL)
world.coordinators = {"PDV22": coordinator.id}
desk = System(sender)


def deadlines(agency, query=""):
    status, answer = curl("GET", f"{agency.url}/v1/deadlines{query}", token=agency.token)
    if status != 200:
        raise RuntimeError(f"{status} {answer}")
    return answer["deadlines"]


def of(agency, id, query=""):
    return next((d for d in deadlines(agency, query) if d["msg_id"] == id), None)


def said(agency, id, fact):
    """That the hub has said it of this message, at this agency."""
    row = of(agency, id)
    return row if row and any(s["fact"] == fact and s["by"] == "hub" for s in row["said"]) else None


def open_at_hub(id):
    shown = world.ctl("deadlines", "--config", world.hub_dir / "hub.yaml", "--json", check=False).stdout
    return [r for r in json.loads(shown)["deadlines"] if r["id"] == id]


def secrets():
    for a in (coordinator,):
        a.dir.mkdir(parents=True, exist_ok=True)
        password = a.dir / "mail.password"
        password.write_text(mail_server.PASSWORD + "\n")
        password.chmod(0o600)
    return webhook_system.certificate(coordinator.dir)


def look_before(urgent, routine):
    row = of(sender, urgent)
    ok(row and row["role"] == "sender" and not row["late"] and row["referral_id"] == "С-1" and row["to"] == silent.id,
       "the sender sees what is owed to it, before it is late", row)
    ok(of(sender, routine) and not of(sender, routine, "?late=true"), "late=true leaves out what is not late", deadlines(sender))
    ok(len(deadlines(sender, "?limit=1")) == 1 and deadlines(sender, "?after=1000000") == [], "limit and after page through the list")
    for query in ("?limit=0", "?limit=201", "?after=x", "?late=perhaps"):
        status, _ = curl("GET", f"{sender.url}/v1/deadlines{query}", token=sender.token)
        ok(status == 422, f"GET /v1/deadlines{query} is refused", status)
    row = wait_for("it to come", lambda: of(silent, urgent))
    ok(row["role"] == "recipient" and row["stage"] == "delivered", "and the recipient what it owes", row)


def look_late(urgent):
    begun = time.monotonic()
    for agency in (sender, silent, coordinator):
        row = wait_for(f"the hub's word at {agency.id}", lambda a=agency: said(a, urgent, "late"), 120)
        ok(row["late"] and row["from"] == sender.id and row["to"] == silent.id, f"the NOTICE reaches {agency.id}", row)
    figure(f"seen by both agencies and the coordinator {time.monotonic() - begun:.0f} s after the sending, due after 60 s")
    ok(of(coordinator, urgent)["role"] == "coordinator" and "referral_id" not in of(coordinator, urgent),
       "the coordinator learns ids, agencies and times, not the number of the case", of(coordinator, urgent))
    ok(of(sender, urgent, "?late=true"), "late=true shows it")
    for what, config in (("the hub", world.hub_dir / "hub.yaml"), ("an adapter", coordinator.config_file)):
        shown = world.ctl("deadlines", "--config", config, "--json", check=False)
        rows = json.loads(shown.stdout)["deadlines"]
        asks = (None,) if what == "the hub" else ("registration", "answer")     # whichever was said last: both are over within a second
        ok(shown.returncode == 3 and any(r["id"] == urgent and r["late"] and r.get("asks") in asks for r in rows),
           f"nasokactl deadlines asks {what}, and an adapter says what is owed", shown)
    status = json.loads(world.ctl("status", "--config", sender.config_file, "--json"))
    listed = deadlines(sender)
    ok(status["late"] == sum(d["late"] for d in listed) > 0 and status["deadlines"] == len(listed), "the adapter's status counts them", status)


def look_mail(server, urgent):
    mail = wait_for("the mail", lambda: next((m for m in server.mails if urgent in m.get_content()), None), 120)
    text = mail.get_content()
    ok(mail.is_tls and mail.user == mail_server.USER, "the mail comes under TLS, with a password")
    ok(mail.rcpts == ["duty@agency.example", "head@agency.example"] and mail["From"] == "nasoka@agency.example", "to whom it should")
    ok(mail["Subject"] == "Насока: чака СПЕШЕН случай", "in Bulgarian", mail["Subject"])
    ok(sender.id in text and silent.id in text and "СПЕШНО" in text, "and names the message and the agencies", text)
    ok(not any(w in mail.as_string() + text for w in ("Калина", "Тест-Пробна", "1543079013", "С-1", "подкрепа")),
       "but nothing of a child, a case or a reason", text)


def answer_taken_back():
    """An answer stops the clock, and its author takes it back: it runs again for everybody; the message and its deadline."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 25))
    id = desk.call("POST", "/v1/referrals", referral("С-3", coordinator.id, respond_by=soon))[1]["msg_id"]
    theirs = System(coordinator)
    by = wait_for("it at the coordinator", lambda: of(coordinator, id), 20)["respond_by"]     # a minute at least
    status, said_ = theirs.call("POST", f"/v1/inbox/{id}/registered", {"case_no": "К-3"})
    ok(status == 200, "a referral is registered", said_)
    status, answer = theirs.call("POST", "/v1/statuses", {"status_id": "s-3", "referral_id": "С-3", "to": "accepted"})
    ok(status == 202, "and answered", answer)
    wait_for("nothing owed", lambda: of(sender, id) is None and of(coordinator, id) is None, 20)
    ok(not open_at_hub(id), "nothing is owed for it any more, at both ends and at the hub")
    run = world.ctl("withdraw", answer["msg_id"], "--config", coordinator.config_file, check=False)
    ok(run.returncode == 0, "its author takes the answer back", run.stderr)
    row = wait_for("the deadline at its sender", lambda: of(sender, id), 20)
    ok(row["respond_by"] == of(coordinator, id)["respond_by"] == by, "then it is owed again, by the same deadline", row)
    ok("registered_by" not in row and of(coordinator, id)["fact"] in ("no-answer", "half-time") and open_at_hub(id), "at both ends and at the hub", row)
    return id


def answered_too_late(id):
    """What has passed is said, and another answer ends it."""
    theirs = System(coordinator)
    wait_for("the hub to say that it was missed", lambda: said(sender, id, "no-answer") and said(coordinator, id, "no-answer"), 120)
    ok(of(sender, id)["late"] and of(coordinator, id)["late"], "when it passes, both agencies hear that there is no answer", of(sender, id))
    status, answer = theirs.call("POST", "/v1/statuses", {"status_id": "s-4", "referral_id": "С-3", "to": "accepted"})
    ok(status == 202, "another answer is given", answer)
    wait_for("nothing owed", lambda: of(sender, id) is None and not open_at_hub(id), 20)
    ok(True, "and ends it")


def accepted_late():
    """Called expired, and accepted after that: an offer, which the sender's people see with its deadline, decline, hear again and take."""
    theirs, number = System(coordinator), "С-4"

    def moves(system, to):
        return system.call("POST", "/v1/statuses", {"status_id": f"с-{time.monotonic_ns()}", "referral_id": number, "to": to})

    def stands(state):
        return wait_for(f"{number} to be {state} at both", lambda: all(
            s.call("GET", "/v1/referrals/%D0%A1-4")[1]["state"] == state for s in (desk, theirs)), 20)

    def offers():
        return [d for d in deadlines(sender) if d.get("asks") == "late-offer"]

    wait_for("its time to be over", lambda: moves(desk, "expired")[0] == 202, 90)
    ok(stands("expired") and not offers(), "nobody answers, and its sender calls it expired")
    ok(moves(desk, "accepted")[1]["code"] == "NSK-1401", "nobody takes an offer that was not made")
    status, answer = moves(theirs, "accepted")
    ok(status == 202 and stands("late-offered"), "who accepts it then has offered it", answer)
    row = offers()
    ok(len(row) == 1 and row[0]["role"] == "recipient" and row[0]["referral_id"] == number and row[0]["respond_by"],
       "its sender sees that, and until when to decide", row)
    ok(moves(theirs, "in-progress")[0] == 409, "nobody begins before that")
    ok(moves(desk, "expired")[0] == 202 and stands("expired") and not offers(), "it may be declined at once")
    ok(moves(theirs, "accepted")[0] == 202 and stands("late-offered"), "and offered again")
    ok(moves(desk, "accepted")[0] == 202 and stands("accepted") and not offers(), "and taken")
    ok(moves(theirs, "in-progress")[0] == 202 and stands("in-progress"), "then it begins")


def main():
    cert, key = secrets()
    server = mail_server.Server(coordinator.out_port, cert, key, refusals=1)
    try:
        world.make()
        world.start()
        emergency = referral("С-1", silent.id, priority="emergency")
        del emergency["respond_by"]     # the configuration's: in a minute
        urgent = desk.call("POST", "/v1/referrals", emergency)
        routine = desk.call("POST", "/v1/referrals", referral("С-2", silent.id))
        ok(urgent[0] == 202 and routine[0] == 202, "an emergency and a routine referral are sent", (urgent, routine))
        urgent, routine = urgent[1]["msg_id"], routine[1]["msg_id"]
        forgotten = referral("С-4", coordinator.id, priority="urgent")
        del forgotten["respond_by"]     # in a minute it is over
        ok(desk.call("POST", "/v1/referrals", forgotten)[0] == 202, "and one that nobody will answer in time")
        look_before(urgent, routine)
        taken_back = answer_taken_back()
        look_late(urgent)
        look_mail(server, urgent)
        ok("mail.failed kind=now code=NSK-1605" in coordinator.log.read_text(), "a mail that is refused for now is told and tried again")
        coordinator.stop()
        coordinator.start()
        answered_too_late(taken_back)
        accepted_late()
        mails = [m.get_content() for m in server.mails if urgent in m.get_content()]
        ok(len(mails) <= len({s["fact"] for s in of(coordinator, urgent)["said"]}), "each fact is mailed once, also over a restart", mails)
    except (RuntimeError, TimeoutError, LookupError, TypeError) as e:
        ok(False, "the acts go to their end", f"{type(e).__name__}: {e}")
    finally:
        world.stop()
        server.stop()


main()
done()

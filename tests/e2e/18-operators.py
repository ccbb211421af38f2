#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""What an operator does when something is not right, with real daemons: a message taken back, one that is parked, one that was refused
and goes again, and the hub's statement that shows what only one side knows."""
import json
import shutil
from urllib.parse import quote

import webhook_system
from stagehand import BIN, System, World, done, doors, folder, logs_hold_nothing, ok, referral, wait_for

CONFIG = doors.webhook(retry="min: 100ms, max: 1s, park_after: 3")

world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", CONFIG)
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", CONFIG)
desk = System(sender)


def send(number, *plan):
    plans[number] = list(plan)
    status, answer = desk.call("POST", "/v1/referrals", referral(number, receiver.id))
    if status != 202:
        raise RuntimeError(f"{number}: {status} {answer}")
    return answer["msg_id"]


def view(number):
    return desk.call("GET", "/v1/referrals/" + quote(number))[1]


def ctl(agency, *words):
    """(exit code, the answer) of nasokactl."""
    run = world.ctl(*words, "--config", agency.config_file, "--json", check=False)
    return run.returncode, json.loads(run.stdout) if run.stdout.strip() else run.stderr


def reached(number, stage):
    return wait_for(f"{number} to be {stage}", lambda: v if (v := view(number))["stages"].get(stage) else None, 30)


def told(number, what):
    return wait_for(f"{what} of {number} at the recipient's", lambda: [
        c for c in system.about(number, "status-change") if c.item["record"]["to"] == what], 30)


def withdrawn():
    message = send("О-1", "202")
    wait_for("the call", lambda: system.about("О-1"))
    reached("О-1", "delivered")
    status, answer = desk.call("POST", "/v1/referrals/" + quote("О-1") + "/withdraw")
    ok(status == 200 and answer["msg_id"] == message, "a referral that is not registered can be taken back", answer)
    call = told("О-1", "cancelled")
    ok(len(call) == 1, "the other system, which has it, is told that it is cancelled, once", call)
    wait_for("the sender's system to hear of it", lambda: [c for c in home.about("О-1", "stage") if c.item["stage"] == "withdrawn"])
    ok(view("О-1")["state"] == "cancelled", "and the sender sees it so", view("О-1"))
    status, answer = System(receiver).call("POST", f"/v1/inbox/{message}/registered", {"case_no": "К-1"})
    ok(status == 409 and answer["code"] == "NSK-1107", "nobody can register it any more", answer)
    receiver.stop()
    message = send("О-2", "case К-2")
    reached("О-2", "stored")
    code, answer = ctl(sender, "withdraw", message)
    ok(code == 0, "nasokactl takes back what has not come", answer)
    wait_for("the hub to have ended it", lambda: view("О-2")["state"] == "cancelled")
    send("О-3", "case К-3")
    receiver.start()
    reached("О-3", "registered")
    ok(not system.about("О-2"), "it is never handed over", system.about("О-2"))
    status, answer = desk.call("POST", "/v1/referrals/" + quote("О-3") + "/withdraw")
    ok(status == 409 and answer["code"] == "NSK-1107", "what is registered has ended", answer)


def parked():
    message = send("О-4", "500")
    for i in range(40):
        if ctl(receiver, "parked")[1]["parked"]:
            break
        send(f"О-4-{i}", f"case К-4-{i}")
        reached(f"О-4-{i}", "registered")
    rows = ctl(receiver, "parked")[1]["messages"]
    ok(len(rows) == 1 and rows[0]["id"] == message and rows[0]["code"] == "NSK-1605",
       "what the system will not take, while it takes others, is parked", rows)
    calls = len(system.about("О-4"))
    plans["О-4"] = ["case К-4"]
    ok(ctl(receiver, "requeue", message)[0] == 0, "and handed over anew when an operator says so")
    ok(reached("О-4", "registered")["external_no"] == "К-4" and len(system.about("О-4")) == calls + 1, "then it is registered")


def returned():
    message = send("О-5", "422")
    ok(reached("О-5", "refused")["refusal"]["code"] == "NSK-1606", "a refusal for good comes home")
    rows = ctl(sender, "deadletters")[1]["messages"]
    ok([r["id"] for r in rows] == [message], "and lies among the dead letters of its sender", rows)
    plans["О-5"] = ["case К-5"]
    code, answer = ctl(sender, "resend", message)
    ok(code == 0 and answer["id"] != message, "it can be sent once more, as a new message", answer)
    ok(reached("О-5", "registered")["external_no"] == "К-5", "and is registered under its old number", view("О-5"))
    ok(not ctl(sender, "deadletters")[1]["messages"], "then no dead letter is left")


def answer_refused():
    """The sender's system does not take the answer: it has none, and everybody sees that."""
    def owed(agency):
        rows = System(agency).call("GET", "/v1/deadlines")[1]["deadlines"]
        return next((r["respond_by"] for r in rows if r["msg_id"] == message and "respond_by" in r), None)

    def owed_at_hub():
        rows = json.loads(world.ctl("deadlines", "--config", world.hub_dir / "hub.yaml", "--json", check=False).stdout)["deadlines"]
        return any(r["id"] == message for r in rows)

    def states():
        return [System(a).call("GET", "/v1/referrals/" + quote("О-8"))[1]["state"] for a in (sender, receiver)]

    message = send("О-8", "case К-8")
    reached("О-8", "registered")
    by = wait_for("the deadline", lambda: owed(sender))
    at_home["status-change", "О-8"] = ["422", "202"]
    theirs = System(receiver)
    status, answer = theirs.call("POST", "/v1/statuses", {"status_id": "с-8", "referral_id": "О-8", "to": "accepted"})
    ok(status == 202, "a referral is answered", answer)
    rows = wait_for("the dead letter", lambda: ctl(receiver, "deadletters")[1]["messages"], 30)
    ok([r["id"] for r in rows] == [answer["msg_id"]], "the sender's system refuses the answer: a dead letter of its author", rows)
    again = theirs.call("POST", "/v1/statuses", {"status_id": "с-8", "referral_id": "О-8", "to": "accepted"})[1]
    ok(again["is_repeat"] and again["state"] == "refused" and "NSK-1606" in again["warning"], "said again it is told that nothing goes", again)
    wait_for("the clock at the sender", lambda: owed(sender), 30)
    ok(owed(sender) == owed(receiver) == by and owed_at_hub(), "and it is owed as before, at both ends and at the hub", (owed(sender), owed(receiver)))
    ok(states() == ["requested"] * 2, "it has never been, at both ends", states())
    ok(ctl(receiver, "resend", answer["msg_id"], "--drop")[0] == 0, "its operators have seen to it")
    status, answer = theirs.call("POST", "/v1/statuses", {"status_id": "с-9", "referral_id": "О-8", "to": "accepted", "reason_text": "Поправено"})
    ok(status == 202, "the same answer is given again, corrected", answer)
    wait_for("nothing owed", lambda: not owed(sender) and not owed(receiver) and not owed_at_hub(), 30)
    ok(len(home.about("О-8", "status-change")) == 2 and states() == ["accepted"] * 2, "is taken, and ends it", (states(), home.about("О-8", "status-change")))


def reconciled():
    code, answer = ctl(sender, "reconcile")
    ok(code == 0 and answer["wrong"] == 0 and answer["rows"] >= 6, "the hub's statement agrees with the adapter's tables", answer)
    send("О-6", "202")
    reached("О-6", "delivered")
    code, answer = ctl(sender, "reconcile")
    ok(code == 0 and answer["counts"]["unregistered"] == 1, "what nobody has registered is told as open", answer)
    code, answer = ctl(receiver, "reconcile")
    ok(answer["counts"]["unconfirmed"] == 1, "at both ends", answer)
    # what comes back from an older copy of the disk does not know what it has sent since
    sender.stop()
    shutil.copytree(sender.dir / "store", sender.dir / "older")
    sender.start()
    send("О-7", "202")
    reached("О-7", "delivered")
    sender.stop()
    shutil.rmtree(sender.dir / "store")
    (sender.dir / "older").rename(sender.dir / "store")
    sender.start()
    wait_for("the session", lambda: ctl(sender, "status")[1]["connected"])
    code, answer = ctl(sender, "reconcile")
    ok(code == 1 and answer["counts"]["unknown-here"] == 1, "a message that an older disk does not know is raised", answer)
    ok(any(d["what"] == "unknown-here" and d["other"] == receiver.id for d in answer["differences"]), "with its id and the other agency", answer)


plans, at_home, system = {}, {}, None
try:
    for agency in (sender, receiver):
        webhook_system.write_secret(agency)
    home, system = webhook_system.System(sender.out_port, at_home), webhook_system.System(receiver.out_port, plans)
    world.make()
    world.start()
    for part in (withdrawn, parked, returned, answer_refused, reconciled):
        try:
            part()
        except (TimeoutError, RuntimeError, LookupError) as e:
            ok(False, f"{part.__name__}: goes through", f"{type(e).__name__}: {e}")
    logs_hold_nothing(world, "Калина", "1543079013", "К-4")
finally:
    world.stop()
done()

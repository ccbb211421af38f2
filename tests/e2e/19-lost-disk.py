#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""An adapter's store is deleted between two runs, with real daemons and threads in different states in both directions: it knows its
threads again by the hub's statement and the other adapters' word, gets again what nobody had registered, and goes on."""
import json
import shutil
from urllib.parse import quote

import webhook_system
from stagehand import BIN, System, World, done, doors, folder, logs_hold_nothing, ok, referral, wait_for

AT = "2026-11-20T10:00:00Z"

CONFIG = doors.webhook(retry="min: 100ms, max: 1s, park_after: 1000")

world = World(folder(), BIN)
lost = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Изгубен", "Lost", CONFIG)
other = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Друг", "Other", CONFIG)
desks = {lost: System(lost), other: System(other)}


def send(sender, receiver, number, *plan):
    plans[number] = list(plan)
    status, answer = desks[sender].call("POST", "/v1/referrals", referral(number, receiver.id))
    if status != 202:
        raise RuntimeError(f"{number}: {status} {answer}")
    return answer["msg_id"]


def step(agency, number, to, **more):
    return desks[agency].call("POST", "/v1/statuses", {"referral_id": number, "to": to, "at": AT, **more})


def view(agency, number):
    return desks[agency].call("GET", "/v1/referrals/" + quote(number))[1]


def reached(agency, number, stage):
    return wait_for(f"{number} to be {stage}", lambda: v if (v := view(agency, number)).get("stages", {}).get(stage) else None, 60)


def in_state(agency, number, state):
    return wait_for(f"{number} to be {state}", lambda: view(agency, number).get("state") == state, 60)


def ctl(agency, *words):
    run = world.ctl(*words, "--config", agency.config_file, "--json", check=False)
    return run.returncode, json.loads(run.stdout) if run.stdout.strip() else run.stderr


def status():
    return ctl(lost, "status")[1]


def before():
    send(lost, other, "И-1", "case Д-1")
    send(other, lost, "В-1", "case Н-1")
    send(other, lost, "В-2", "500")
    send(lost, other, "И-2", "case Д-2")
    reached(lost, "И-1", "registered")
    reached(other, "В-1", "registered")
    code, answer = step(other, "И-1", "accepted")
    ok(code == 202, "a referral of the one that will be lost is accepted by the other", answer)
    in_state(lost, "И-1", "accepted")
    ok(step(lost, "В-1", "accepted", case_no="Н-1")[0] == 202, "a referral to it is accepted by it")
    in_state(other, "В-1", "accepted")
    reached(other, "В-2", "delivered")
    reached(lost, "И-2", "registered")


def disk_lost():
    lost.stop()
    shutil.rmtree(lost.dir / "store")
    ok(step(other, "И-1", "in-progress")[0] == 202, "the other goes on meanwhile")
    send(other, lost, "В-3", "case Н-3")
    plans["В-2"] = ["case Н-2"]
    lost.start()
    wait_for("the loss to be noticed", lambda: "rebuild.begun" in log())
    ok("rebuild.begun threads=" in log(), "the adapter notices by itself that its store is new, and says so")
    wait_for("everything to be back", lambda: "rebuild.done" in log(), 120)
    st, (code, answer) = status(), ctl(lost, "reconcile")
    ok(st["rebuilding"] is False and st["missing"] == 0, "the status says that nothing is missing", st)
    ok(code == 0 and answer["wrong"] == 0, "the hub's statement agrees with its tables again", answer)
    ok(answer["rebuild"]["threads"] == 3 and answer["rebuild"]["threads_lost"] == 0, "three threads were missing and are back", answer)


def known_again():
    ok(view(lost, "И-1")["external_no"] == "Д-1", "its own referral is known with the other's case number", view(lost, "И-1"))
    in_state(lost, "И-1", "in-progress")
    ok(True, "a status that came while it was gone is in its state")
    wait_for("the status at its system", lambda: [c for c in systems[lost].about("И-1", "status-change")
                                                  if c.item["record"]["to"] == "in-progress"])
    ok(True, "and was handed to its system")
    reached(other, "В-2", "registered")
    ok(view(other, "В-2")["external_no"] == "Н-2", "what was delivered and not registered came again, and is registered")
    reached(other, "В-3", "registered")
    calls = systems[lost].about("В-1")
    ok(len(calls) == 1, "what was registered before is not handed over again", calls)


def goes_on():
    code, answer = step(lost, "В-1", "in-progress")
    ok(code == 202, "it answers in an old thread by the other's number", answer)
    in_state(other, "В-1", "in-progress")
    code, answer = step(lost, "И-2", "cancel-requested", reason_text="няма нужда")
    ok(code in (202, 422), "and takes steps in its own", answer)
    code, answer = desks[lost].call("POST", "/v1/statuses", {"case_no": "Н-1", "to": "completed", "at": AT,
                                                             "outcome": {"outcome": "services-provided"}})
    ok(code in (202, 422) and answer.get("code") not in ("NSK-1403", "NSK-1205"), "its own case number is known again", answer)
    ok(step(other, "И-1", "on-hold", reason_code="other", reason_text="чака се")[0] in (202, 422), "the other goes on")
    send(lost, other, "И-4", "case Д-4")
    reached(lost, "И-4", "registered")
    ok(True, "a new referral goes as ever")


def log():
    return "".join(p.read_text(errors="replace") for p in world.dir.glob(f"{lost.id}*.log"))


plans, systems = {}, {}
try:
    for agency in (lost, other):
        webhook_system.write_secret(agency)
        systems[agency] = webhook_system.System(agency.out_port, plans)
    world.make()
    world.start()
    for part in (before, disk_lost, known_again, goes_on):
        try:
            part()
        except (TimeoutError, RuntimeError, LookupError) as e:
            ok(False, f"{part.__name__}: goes through", f"{type(e).__name__}: {e}")
    logs_hold_nothing(world, "Калина", "1543079013")
finally:
    world.stop()
done()

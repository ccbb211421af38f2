#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (b), consultative and therapeutic support: three centres are asked in parallel; one has a waiting list, is chosen, and the others are
discontinued. Nobody looks at the list on its day, which both sides are told of; then it moves, and three appointments: one kept, one moved, one
missed. The days pass by Debian's faketime."""
import datetime
import json

from cast import ok, play, wait_for


def day(n):
    return (datetime.date.today() + datetime.timedelta(days=n)).isoformat()


def unreviewed(actor):
    """What its list of deadlines says of the waiting list."""
    status, answer = actor.system.call("GET", "/v1/deadlines")
    return [d for d in answer["deadlines"] if "review_by" in d] if status == 200 else []


def nobody_looks(world, ozd, first):
    for a in (ozd, first):
        row = wait_for(f"the list's day at {a.id}", lambda a=a: unreviewed(a))[0]
        ok(row["referral_id"] == "Т-1" and row["from"] == first.id and not row["late"], f"{a.id} sees when the list is to be looked at again", row)
    world.stop()
    world.later(5)
    world.start()
    for a in (ozd, first):
        row = wait_for(f"a late review at {a.id}", lambda a=a: [d for d in unreviewed(a) if d["late"]])[0]
        ok(row["fact"] == "unreviewed" and row["role"] == ("recipient" if a is ozd else "sender"), f"{a.id} sees that nobody did", row)
    shown = world.ctl("deadlines", "--config", ozd.agency.config_file, "--late", "--json", check=False)
    ok(shown.returncode == 3 and any(r["fact"] == "unreviewed" for r in json.loads(shown.stdout)["deadlines"]), "nasokactl deadlines says so", shown)


def scenario(world, ozd, first, second, third):
    asked = {"Т-1": first, "Т-2": second, "Т-3": third}
    for number, to in asked.items():
        ozd.refers(number, to, service_kind="speech-therapy", group_id="Г-1")
        to.hears("referral", referral_id=number)
    ok(len({a.find("referral")[0]["case_id"] for a in asked.values()}) == 1, "referrals of one group are one case")
    first.moves("Т-1", "waitlisted", waitlist={"position": 4, "band": "след Нова година", "estimated_wait_days": 40, "review_by": day(3)})
    second.moves("Т-2", "accepted")
    third.hears("referral", referral_id="Т-3")
    ok(ozd.hears("status-change", referral_id="Т-1", to="waitlisted")["waitlist"]["position"] == 4, "the place on the list is known")
    ozd.sees("Т-2", "accepted")
    ozd.says("provider-choice", "choice", referral_id="Т-1", group_id="Г-1", text="Най-близо до дома.")
    ok(first.hears("provider-choice", referral_id="Т-1"), "the one that was chosen hears it")
    stop = second.hears("cancellation", referral_id="Т-2")
    ok(stop["type"] == "cancel-request" and second.sees("Т-2", "cancel-requested"), "one that had accepted is asked to stop", stop)
    ok(ozd.sees("Т-3", "cancelled") and third.sees("Т-3", "cancelled"), "one that had not opened it is simply cancelled")
    second.says("cancellation", "cancellation", referral_id="Т-2", type="cancel-confirm", reason="Няма започната работа.", asked_by="agency")
    ok(ozd.sees("Т-2", "cancelled"), "and confirms it")
    ok(ozd.state("Т-1") == "waitlisted", "the chosen one goes on")

    nobody_looks(world, ozd, first)
    first.moves("Т-1", "waitlisted", waitlist={"position": 1, "review_by": day(60)})
    ok(ozd.hears("status-change", referral_id="Т-1", transition="T10")["waitlist"]["position"] == 1, "the list is looked at again")
    ok(all(wait_for("the new day", lambda a=a: [d["late"] for d in unreviewed(a)] == [False]) for a in (ozd, first)), "and its day is another for both")
    first.moves("Т-1", "accepted", expected_start="2026-12-01")
    for n, (to, more) in enumerate([
            ("scheduled", {"appointment": {"start": "2026-12-01T08:00:00Z", "end": "2026-12-01T08:45:00Z", "place": "Кабинет 2"}}),
            ("in-progress", {}),
            ("scheduled", {"appointment": {"start": "2026-12-08T08:00:00Z"}}),
            ("scheduled", {"appointment": {"start": "2026-12-09T08:00:00Z"}, "reason_text": "Терапевтът е болен.", "transition": "T12"}),
            ("scheduled", {"attempt_no": 1, "transition": "T13"}),
            ("scheduled", {"attempt_no": 2, "transition": "T13"}),
            ("in-progress", {"reason_text": "Третата среща се състоя."})]):
        if to == "in-progress" and n > 1:
            code = first.refused("/v1/statuses", {"referral_id": "Т-1", "to": "failed", "status_id": "no", "at": "2026-11-20T10:00:00Z",
                                                  "outcome": {"outcome": "could-not-contact"}})
            ok(code == "NSK-1408", "a family is not given up for two appointments that it missed, while another stands", code)
        first.moves("Т-1", to, **more)
        ok(ozd.sees("Т-1", to), f"step {n + 1} of the therapy: {to}")
    steps = [i["record"]["transition"] for i in ozd.find("status-change", referral_id="Т-1")]
    ok(steps == ["T08", "T10", "T09", "T11", "T15", "T11", "T12", "T13", "T13", "T15"], "each under its number, in order", steps)
    first.moves("Т-1", "completed", outcome={"outcome": "partly-met"})
    ok(ozd.sees("Т-1", "completed"), "until it is done")


play([("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection"),
      ("plovdiv-one", "day-centre", "PDV22", "social", "Център 1", "Centre 1"),
      ("plovdiv-two", "day-centre", "PDV22", "social", "Център 2", "Centre 2"),
      ("plovdiv-three", "day-centre", "PDV22", "social", "Център 3", "Centre 3")], scenario)

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (d): a conference of five members under the coordination mechanism. Seven commitments: one is refused, one is changed and
accepted anew, one is overdue and goes to the coordinator, days later to the oblast's. The days pass by Debian's faketime, for all
daemons alike."""
import datetime
import json
from urllib.parse import quote

from cast import figure, ok, play, wait_for

NUMBER = "КМ-2026-7"
TODAY = datetime.date.today()


def day(n):
    return (TODAY + datetime.timedelta(days=n)).isoformat()


def conference(actor, number=NUMBER):
    status, answer = actor.system.call("GET", "/v1/conferences/" + quote(number))
    if status != 200:
        raise RuntimeError(f"{actor.id}: {status} {answer}")
    return answer


def promise(actor, id):
    return next((c for c in conference(actor)["commitments"] if c["commitment_id"] == id), {})


def commit(id, owner, action, days, **more):
    return {"commitment_id": id, "conference_id": NUMBER, "owner_agency": owner.id, "action_code": action, "due": day(days),
            "text": "Поет ангажимент по случая.", "measurable_result": "Писмен доклад.", **more}


def update(actor, id, state, **more):
    return actor.says("commitment-update", "commitment_update", commitment_id=id, conference_id=NUMBER, state=state, **more)


def all_see(everybody, id, state, version=1):
    def same():
        return all((promise(a, id).get("state"), promise(a, id).get("version")) == (state, version) for a in everybody)
    wait_for(f"{id} to be {state}, version {version}, at all", same, 60)
    ok(True, f"{id} is {state} at all five")


def invite(coordinator, others):
    said = coordinator.says("conference-invite", "conference", conference_id=NUMBER, case_ref="К-17", mechanism="violence", urgency="urgent",
                     child={"given": "Калина", "family": "Тест-Пробна", "birth_date": "2015-03-07", "gender": "female",
                            "school": {"code": "1690180", "grade": "5"}, "gp": {"uin": "0000000001"}},
                     start=f"{day(2)}T08:00:00Z", place_or_link="Община, зала 2", legal_basis="duty-to-protect",
                     agenda=["Оценка на риска", "План за защита"], called_by={"worker": {"name": "Мария Пробна", "role": "координатор"}},
                     members=[{"agency": coordinator.id, "role": "required"}] + [{"agency": a.id, "role": "required"} for a in others])
    ok(said.get("dropped") == 2, "what one of the members has no need for goes to none of them, and is counted", said)
    for a in others:
        got = a.hears("conference-invite", conference_id=NUMBER)
        ok(got["child"]["given"] == "Калина" and got["child"]["school"] == {"code": "1690180"} and "gp" not in got["child"],
           f"{a.id} knows the child, neither its doctor (for the school) nor its grade (for the doctor)", got["child"])
        ok(len(got["members"]) == 5 and a.find("conference-invite")[0]["state"] == "called", f"{a.id} is invited", got)


def answers(coordinator, police, school, doctor, centre):
    everybody = (coordinator, police, school, doctor, centre)
    for a, answer, more in ((police, "accept", {}), (school, "tentative", {"reason": "Ще потвърди утре."}),
                            (doctor, "decline", {"reason": "Отпуск."}),
                            (centre, "accept", {"delegate": {"name": "Петър Пробен", "role": "психолог"}})):
        a.says("conference-rsvp", "rsvp", conference_id=NUMBER, answer=answer, **more)
    school.says("conference-rsvp", "rsvp", conference_id=NUMBER, answer="accept")

    def known(actor):
        return {m["agency"]: m["answer"] for m in conference(actor)["members"]}
    wanted = {coordinator.id: None, police.id: "accept", school.id: "accept", doctor.id: "decline", centre.id: "accept"}
    wait_for("the answers at all", lambda: all(known(a) == wanted for a in everybody), 60)
    ok(True, "each member's answer is known to all of them, the later one of two")
    one = next(m for m in conference(police)["members"] if m["agency"] == centre.id)
    ok(one["delegate"]["role"] == "психолог", "and whom it sends", one)
    code = police.refused("/v1/records", {"kind": "conference-decision", "record_id": "z2", "decision": {
        "conference_id": NUMBER, "result": "decided", "text": "Не."}})
    ok(code == "NSK-1402", "only the coordinator decides", code)


def decide(coordinator, police, school, doctor, centre):
    others = (police, school, doctor, centre)
    coordinator.says("conference-decision", "decision", conference_id=NUMBER, result="decided", text="Приет е план за защита.",
                     lead_agency=centre.id, commitments=[f"А-{i}" for i in range(1, 8)], next_review=day(30),
                     dissent=[{"agency": doctor.id, "text": "Желае първо медицинска оценка."}])
    for a in others:
        got = a.hears("conference-decision", conference_id=NUMBER, result="decided")
        ok(got["lead_agency"] == centre.id and got["dissent"][0]["agency"] == doctor.id and conference(a)["state"] == "decided",
           f"{a.id} has the decision, with who leads and who disagrees", got)
    for id, owner, action, days in (("А-1", centre, "home-visit", 3), ("А-2", police, "police-step", 2), ("А-3", school, "attendance-support", 6),
                                    ("А-4", doctor, "appointment", 5), ("А-5", centre, "assessment", 20), ("А-6", coordinator, "open-case", 3),
                                    ("А-7", school, "inform-family", 4)):
        coordinator.says("commitment", "commitment", **commit(id, owner, action, days))
    for i in range(1, 8):
        all_see((coordinator, *others), f"А-{i}", "proposed")


def owners_answer(coordinator, police, school, doctor, centre):
    everybody = (coordinator, police, school, doctor, centre)
    code = police.refused("/v1/records", {"kind": "commitment-update", "record_id": "p1", "commitment_update": {
        "commitment_id": "А-1", "conference_id": NUMBER, "state": "accepted"}})
    ok(code == "NSK-1402", "only its owner accepts a commitment", code)
    code = doctor.refused("/v1/records", {"kind": "commitment-update", "record_id": "d1", "commitment_update": {
        "commitment_id": "А-4", "conference_id": NUMBER, "state": "refused"}})
    ok(code == "NSK-1301", "a refusal needs its reason", code)
    update(doctor, "А-4", "refused", reason="Няма свободен час.")
    for a, id in ((centre, "А-1"), (police, "А-2"), (school, "А-3"), (centre, "А-5"), (coordinator, "А-6"), (school, "А-7")):
        update(a, id, "accepted")
    all_see(everybody, "А-4", "refused")
    for id in ("А-1", "А-2", "А-3", "А-5", "А-6", "А-7"):
        all_see(everybody, id, "accepted")


def change(coordinator, police, school, doctor, centre):
    """The school asks for another date; the coordinator changes the commitment, and the school accepts it anew."""
    everybody = (coordinator, police, school, doctor, centre)
    update(school, "А-3", "in-progress", new_due=day(12), reason="Ваканция.")
    wait_for("the wish", lambda: promise(coordinator, "А-3").get("asked_due") == day(12))
    ok(promise(coordinator, "А-3")["due"] == day(6), "a wish for another date changes nothing yet")
    code = school.refused("/v1/records", {"kind": "commitment", "record_id": "s9", "commitment": commit("А-3", school, "attendance-support", 12,
                                                                                                    reason="Сами.", version=2)})
    ok(code == "NSK-1402", "nor may the owner change it itself", code)
    coordinator.says("commitment", "commitment", **commit("А-3", school, "attendance-support", 12, reason="По молба на училището."))
    all_see(everybody, "А-3", "proposed", 2)
    update(school, "А-3", "accepted")
    all_see(everybody, "А-3", "accepted", 2)
    ok(promise(doctor, "А-3")["due"] == day(12), "with the new date", promise(doctor, "А-3"))


def cross(world, coordinator, police, school, doctor, centre):
    """The coordinator cancels while the owner, cut off, says that it is done: done holds, at all alike."""
    everybody = (coordinator, police, school, doctor, centre)
    world.end(world.hub)
    coordinator.says("commitment-update", "commitment_update", commitment_id="А-6", conference_id=NUMBER, state="in-progress")
    coordinator.says("commitment", "commitment", **commit("А-7", school, "inform-family", 9, reason="Друг текст."))
    update(school, "А-7", "done", progress_text="Семейството е уведомено.")
    ok((promise(coordinator, "А-7")["state"], promise(school, "А-7")["state"]) == ("proposed", "done"), "two have acted at once, out of reach")
    world.start_hub()
    all_see(everybody, "А-7", "done", 2)
    all_see(everybody, "А-6", "in-progress")


def overdue(world, coordinator, police, school, doctor, centre):
    everybody = (coordinator, police, school, doctor, centre)
    update(centre, "А-1", "done", progress_text="Посетен дом.")
    update(police, "А-2", "partly-done")
    update(coordinator, "А-6", "done")
    all_see(everybody, "А-1", "done")
    all_see(everybody, "А-2", "partly-done")
    all_see(everybody, "А-6", "done")
    ok(not any(c["overdue"] for c in conference(coordinator)["commitments"]), "nothing is overdue yet")
    world.stop()
    world.later(14)
    world.start()
    for a in everybody:
        row = wait_for(f"the overdue one at {a.id}", lambda a=a: promise(a, "А-3") if promise(a, "А-3").get("overdue") else None, 60)
        ok(row["state"] == "accepted", f"{a.id} sees by its own clock what was not kept", row)
    ok([c["commitment_id"] for c in conference(police)["commitments"] if c["overdue"]] == ["А-3"], "and nothing else")
    for a in (coordinator, school):
        def late(a=a):
            status, answer = a.system.call("GET", "/v1/deadlines?late=true")
            return next((d for d in answer["deadlines"] if any(s["fact"] == "overdue" for s in d["said"])), None) if status == 200 else None
        row = wait_for(f"the deadline at {a.id}", late, 60)
        ok(row["to"] == school.id and row["from"] == coordinator.id and row["referral_id"] == NUMBER, f"it is a deadline at {a.id}", row)
    shown = world.ctl("deadlines", "--config", coordinator.agency.config_file, "--late", "--json", check=False)
    ok(shown.returncode == 3 and any(r["fact"] == "overdue" for r in json.loads(shown.stdout)["deadlines"]), "nasokactl deadlines says so", shown)
    shown = world.ctl("conferences", "--config", coordinator.agency.config_file, "--json", NUMBER, check=False)
    rows = {c["commitment_id"]: c for c in json.loads(shown.stdout)["commitments"]}
    ok(shown.returncode == 3 and rows["А-3"]["overdue"] and not any("text" in c for c in rows.values()),
       "nasokactl conferences shows it, and no word of it", shown)


def escalated(world, coordinator, police, school, doctor, centre, oblast):
    """Days later it is still not kept: the coordinator's adapter tells the oblast's, whom the directory names."""
    ok(not oblast.find("commitment-overdue") and not oblast.find("conference-invite"), "the oblast's coordinator has heard of nothing before")
    world.stop()
    world.later(22)
    world.start()
    got = oblast.hears("commitment-overdue", commitment_id="А-3")
    ok((got["owner_agency"], got["conference_id"], got["due"], got["state"], got["version"]) == (school.id, NUMBER, day(12), "accepted", 2),
       "it hears what is owed, by whom, since when", got)
    ok("text" not in got and len(oblast.find("commitment-overdue")) == 1, "once, and no word of the case", got)
    shown = world.ctl("deadlines", "--config", coordinator.agency.config_file, "--late", "--json", check=False)
    ok(any(r["fact"] == "escalated" for r in json.loads(shown.stdout)["deadlines"]), "the coordinator's list says that it went further up", shown)


def close(coordinator, police, school, doctor, centre):
    everybody = (coordinator, police, school, doctor, centre)
    code = coordinator.refused("/v1/records", {"kind": "conference-decision", "record_id": "c1", "decision": {
        "conference_id": NUMBER, "result": "closed", "text": "Край."}})
    ok(code == "NSK-1401", "a conference does not close while a commitment is open", code)
    update(school, "А-3", "not-done", reason="Няма кадър.")
    coordinator.hears("commitment-update", commitment_id="А-3", state="not-done")
    update(coordinator, "А-5", "cancelled", reason="Отпадна.")
    coordinator.says("conference-decision", "decision", conference_id=NUMBER, result="closed", text="Изпълнен.")
    wait_for("the end at all", lambda: all(conference(a)["state"] == "closed" for a in everybody), 60)
    states = {c["commitment_id"]: c["state"] for c in conference(doctor)["commitments"]}
    ok(states == {"А-1": "done", "А-2": "partly-done", "А-3": "not-done", "А-4": "refused", "А-5": "cancelled", "А-6": "done", "А-7": "done"},
       "and what came of the seven is known to all", states)
    ok(all({c["commitment_id"]: c["state"] for c in conference(a)["commitments"]} == states for a in everybody), "alike")
    code = police.refused("/v1/records", {"kind": "conference-rsvp", "record_id": "c2", "rsvp": {"conference_id": NUMBER, "answer": "accept"}})
    ok(code == "NSK-1401", "nobody goes on with it", code)


def scenario(world, *actors):
    *actors, oblast = actors
    coordinator, others = actors[0], actors[1:]
    invite(coordinator, others)
    answers(*actors)
    decide(*actors)
    owners_answer(*actors)
    change(*actors)
    cross(world, *actors)
    overdue(world, *actors)
    escalated(world, *actors, oblast)
    close(*actors)
    refused = [f"{a.id} {i}" for a in actors for i in a.listen() if i["kind"] == "stage" and i.get("stage") == "refused"]
    ok(not refused, "no message was refused by any of the five", refused)
    figure(f"{sum(1 for a in actors for i in a.heard if i['kind'] != 'stage')} records heard by five members")


play([("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила на детето", "Child protection"),
      ("plovdiv-police", "police", "PDV22", "social", "Полиция", "Police"),
      ("plovdiv-school", "school", "PDV22", "social", "Училище", "School"),
      ("plovdiv-gp", "gp", "PDV22", "social", "Лекар", "Doctor"),
      ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support"),
      ("plovdiv-oblast", "coordinator", "PDV22", "social", "Областен координатор", "Oblast coordinator")], scenario,
     coordinators={"PDV00": "plovdiv-oblast"})

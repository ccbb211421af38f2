#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A conference of four agencies, with what they answered, decided and promised, when disks are lost: of a member, of who called it, of two at
once, of all. Real daemons, killed, their stores deleted. As long as one of the four has the conference, the others have it again, and
it goes on at all of them."""
import datetime
import difflib
import json
import shutil
import signal
import sys
from pathlib import Path
from urllib.parse import quote

from stagehand import BIN, World, done, folder, logs_hold_nothing, ok, wait_for

sys.path.append(str(Path(__file__).resolve().parents[1] / "scenarios"))
from cast import DOOR, Actor  # noqa: E402

NUMBER = "КМ-2026-19"
TODAY = datetime.date.today()

world = World(folder(), BIN)
caller, police, school, centre = everybody = [Actor(world.agency(*row, DOOR)) for row in (
    ("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила на детето", "Child protection"),
    ("plovdiv-police", "police", "PDV22", "social", "Полиция", "Police"),
    ("plovdiv-school", "school", "PDV22", "social", "Училище", "School"),
    ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support"))]


def day(n):
    return (TODAY + datetime.timedelta(days=n)).isoformat()


def raw(actor):
    status, answer = actor.system.call("GET", "/v1/conferences/" + quote(NUMBER))
    if status != 200:
        raise RuntimeError(f"{actor.id}: {status} {answer}")
    return answer


def seen(actor):
    """The conference as it stands there, without what each sees differently: who it is, and when it heard of it."""
    view = raw(actor)
    view.pop("is_coordinator")
    for c in view["commitments"]:
        c.pop("since")
    return view


def promise(actor, id):
    return next((c for c in raw(actor)["commitments"] if c["commitment_id"] == id), {})


def commit(id, owner, days, **more):
    caller.says("commitment", "commitment", commitment_id=id, conference_id=NUMBER, owner_agency=owner.id, action_code="home-visit",
                due=day(days), text=f"Поет ангажимент {id}.", measurable_result="Писмен доклад.", **more)


def update(actor, id, state, **more):
    actor.says("commitment-update", "commitment_update", commitment_id=id, conference_id=NUMBER, state=state, **more)


def all_see(id, state, version=1, actors=everybody):
    wait_for(f"{id} to be {state}, version {version}, at all",
             lambda: all((promise(a, id).get("state"), promise(a, id).get("version")) == (state, version) for a in actors), 60)
    return ok(True, f"{id} is {state} at all of them")


def listen(*actors):
    for a in actors:
        a.listen()


def log(actor):
    return "".join(p.read_text(errors="replace") for p in world.dir.glob(f"{actor.id}*.log"))


def ctl(actor, *words):
    run = world.ctl(*words, "--config", actor.agency.config_file, "--json", check=False)
    return run.returncode, json.loads(run.stdout) if run.stdout.strip() else run.stderr


def lose(*actors):
    """Killed, its store deleted; started only when all of them are gone."""
    for a in actors:
        a.agency.stop(signal.SIGKILL)
        shutil.rmtree(a.agency.dir / "store")
        a.after = 0


def back(*actors, word="rebuild.done"):
    said = {a.id: log(a).count(word) for a in actors}
    for a in actors:
        a.agency.start()
    for a in actors:
        wait_for(f"{word} at {a.id}", lambda a=a: log(a).count(word) > said[a.id], 180)


def same_as_before(before, *actors):
    for a in actors:
        now = seen(a)
        ok(now == before, f"the conference is back at {a.id}: answers, decision, commitments and their words",
           "\n".join(difflib.unified_diff(*(json.dumps(v, ensure_ascii=False, indent=1).splitlines() for v in (before, now)), n=1)))
        code, answer = ctl(a, "reconcile")
        ok(code == 0 and answer["wrong"] == 0 and answer["rebuild"]["threads_lost"] == 0, "and the hub's statement agrees", answer)


def begin():
    caller.says("conference-invite", "conference", conference_id=NUMBER, case_ref="К-17", mechanism="violence", urgency="urgent",
                start=f"{day(2)}T08:00:00Z", place_or_link="Община, зала 2", legal_basis="duty-to-protect",
                members=[{"agency": a.id, "role": "required"} for a in everybody])
    for a in everybody[1:]:
        a.hears("conference-invite", conference_id=NUMBER)
    police.says("conference-rsvp", "rsvp", conference_id=NUMBER, answer="accept")
    school.says("conference-rsvp", "rsvp", conference_id=NUMBER, answer="tentative", reason="Ще потвърди утре.")
    centre.says("conference-rsvp", "rsvp", conference_id=NUMBER, answer="accept", delegate={"name": "Петър Пробен", "role": "психолог"})
    caller.says("conference-decision", "decision", conference_id=NUMBER, result="decided", text="Приет е план.", lead_agency=centre.id,
                dissent=[{"agency": school.id, "text": "Иска първо оценка."}], next_review=day(30))
    for id, owner, days in (("А-1", police, 3), ("А-2", school, 4), ("А-3", centre, 5), ("А-4", caller, 6)):
        commit(id, owner, days)
    for id in ("А-1", "А-2", "А-3", "А-4"):
        all_see(id, "proposed")
    update(police, "А-1", "accepted")
    update(school, "А-2", "refused", reason="Няма кадър.")
    update(centre, "А-3", "accepted")
    update(centre, "А-3", "in-progress", new_due=day(9), reason="Семейството пътува.", progress_text="Първа среща.")
    all_see("А-1", "accepted")
    all_see("А-2", "refused")
    all_see("А-3", "in-progress")
    for a in everybody[1:]:
        wait_for(f"the answers at {a.id}", lambda a=a: sum(m["answer"] is not None for m in raw(a)["members"]) == 3)
    listen(*everybody)


def member_lost():
    """Of the last commitment the member's system has not registered it when the disk goes."""
    commit("А-5", police, 12)
    all_see("А-5", "proposed")
    listen(caller, school, centre)
    before, heard = seen(police), len(police.find("commitment", commitment_id="А-1"))
    commit("А-2", school, 14, reason="Възложен наново.")
    all_see("А-2", "proposed", 2)
    before = seen(police)
    lose(police)
    update(centre, "А-3", "done", progress_text="Готово.")
    all_see("А-3", "done", 1, (caller, school, centre))
    back(police)
    ok("rebuild.begun" in log(police) and "rebuild.lost" not in log(police), "a member's disk is lost; nothing stays lost")
    all_see("А-3", "done")
    done_since = next(c for c in seen(caller)["commitments"] if c["commitment_id"] == "А-3")
    before["commitments"] = [done_since if c["commitment_id"] == "А-3" else c for c in before["commitments"]]
    same_as_before(before, police)
    again = police.find("commitment", commitment_id="А-2", version=2)
    ok(len(again) == 1 and len(police.find("commitment-update", commitment_id="А-3", state="done")) == 1,
       "what nobody had registered, and what was said meanwhile, is handed to its system", police.heard)
    ok(heard == 1 and not [i for i in police.system.inbox(0) if i["kind"] == "commitment" and i["record"]["commitment_id"] == "А-1"],
       "what was registered before is not handed over again")


def member_goes_on():
    update(police, "А-1", "in-progress", progress_text="Започнато.")
    update(police, "А-5", "accepted")
    all_see("А-1", "in-progress")
    all_see("А-5", "accepted")
    update(school, "А-2", "accepted")
    all_see("А-2", "accepted", 2)
    status, answer = police.system.call("GET", "/v1/deadlines")
    dues = sorted(d["promised"] for d in answer["deadlines"] if d.get("promised"))
    ok(status == 200 and len(dues) == 2, "its own commitments' days are among its deadlines", answer)
    code = police.refused("/v1/records", {"kind": "commitment", "record_id": "p-9", "commitment": {
        "commitment_id": "А-9", "conference_id": NUMBER, "owner_agency": police.id, "action_code": "home-visit", "due": day(3),
        "text": "Не.", "measurable_result": "Не."}})
    ok(code == "NSK-1402", "and what only the coordinator may say, it may not", code)
    listen(*everybody)


def caller_lost():
    before = seen(caller)
    lose(caller)
    back(caller)
    ok("rebuild.lost" not in log(caller), "the disk of who called it is lost")
    same_as_before(before, caller)
    ok(raw(caller)["is_coordinator"], "it is the coordinator still")
    commit("А-1", police, 20, reason="Нов срок.")
    all_see("А-1", "proposed", 2)
    update(police, "А-1", "accepted")
    all_see("А-1", "accepted", 2)
    update(caller, "А-4", "accepted")
    all_see("А-4", "accepted")
    commit("А-6", caller, 8)
    all_see("А-6", "proposed")
    listen(*everybody)


def two_lost():
    before = seen(school)
    lose(caller, centre)
    back(caller, centre)
    ok("rebuild.lost" not in log(caller) + log(centre), "two disks are lost at once, the coordinator's among them")
    same_as_before(before, caller, centre)
    update(police, "А-1", "in-progress")
    update(caller, "А-6", "cancelled", reason="Отпадна.")
    all_see("А-1", "in-progress", 2)
    all_see("А-6", "cancelled")
    for a, id, version in ((police, "А-1", 2), (school, "А-2", 2), (caller, "А-4", 1), (police, "А-5", 1)):
        if promise(a, id)["state"] == "accepted":
            update(a, id, "in-progress")
        update(a, id, "done")
        all_see(id, "done", version)
    caller.says("conference-decision", "decision", conference_id=NUMBER, result="closed", text="Изпълнен.")
    wait_for("the end at all", lambda: all(raw(a)["state"] == "closed" for a in everybody), 60)
    ok(all(seen(a) == seen(police) for a in everybody), "it is closed, and all four see the same", [seen(a) for a in everybody])
    listen(*everybody)
    refused = [f"{a.id} {i}" for a in everybody for i in a.heard if i["kind"] == "stage" and i.get("stage") == "refused"]
    ok(not refused, "nothing that anybody said was refused", refused)


def all_lost():
    lose(*everybody)
    back(*everybody)
    for a in everybody:
        status = a.system.call("GET", "/v1/conferences/" + quote(NUMBER))[0]
        ok("rebuild.lost" in log(a) and status == 404, f"when nobody has it any more, {a.id} says that it is lost", status)


try:
    world.make()
    world.start()
    for part in (begin, member_lost, member_goes_on, caller_lost, two_lost, all_lost):
        try:
            part()
        except (TimeoutError, RuntimeError, LookupError, ValueError) as e:
            ok(False, f"{part.__name__}: goes through", f"{type(e).__name__}: {e}")
    logs_hold_nothing(world, "Пробен", "ангажимент")
finally:
    world.stop()
done()

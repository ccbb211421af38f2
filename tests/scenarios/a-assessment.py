#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (a), individual assessment and referral: a school asks for an assessment, the centre asks back, assesses the child, which
it owes by the twentieth day after the referral, recommends a service and refers the child on; the case keeps its pseudonym, and the school hears how it goes.
Two sets of questions about a third child are answered one at a time.
The assessment of another child does not come in these days, which pass by Debian's faketime: both sides are told."""
import datetime
import json

from cast import ok, play, wait_for

NEEDS = [{"code": "емоции", "finding": "Тревожност след раздялата.", "scale": "SDQ", "score": "17", "strength": "Подкрепа от баба ѝ."},
         {"finding": "Изоставане по четене."}]


def owed(actor, number):
    """What its list of deadlines says of the assessment that a referral asks for."""
    status, answer = actor.system.call("GET", "/v1/deadlines")
    return [d for d in answer["deadlines"] if "assess_by" in d and d["referral_id"] == number] if status == 200 else []


def days_of(row):
    """How long after the referral it is due."""
    made, due = (datetime.datetime.fromisoformat(row[name].replace("Z", "+00:00")) for name in ("created", "assess_by"))
    return (due - made) / datetime.timedelta(days=1)


def nobody_assesses(world, school, cop):
    school.refers("У-2", cop, service_kind="needs-assessment")
    cop.hears("referral", referral_id="У-2")
    cop.moves("У-2", "accepted")
    school.sees("У-2", "accepted")
    ok(all(not owed(a, "У-2")[0]["late"] for a in (school, cop)), "accepted, the assessment is owed still")
    world.stop()
    world.later(21)
    world.start()
    for a in (school, cop):
        row = wait_for(f"a late assessment at {a.id}", lambda a=a: [d for d in owed(a, "У-2") if d["late"]])[0]
        ok(row["fact"] == "unassessed" and row["to"] == cop.id, f"{a.id} sees that no assessment came in twenty days", row)
        shown = world.ctl("deadlines", "--config", a.agency.config_file, "--late", "--json", check=False)
        ok(shown.returncode == 3 and any(r["fact"] == "unassessed" for r in json.loads(shown.stdout)["deadlines"]), "nasokactl deadlines says so", shown)


def asked(world, *actors):
    """The requests that wait for their answer, as each adapter and the hub list them: sets of ids, one each."""
    lists = [{d["msg_id"] for d in a.system.call("GET", "/v1/deadlines")[1]["deadlines"] if d.get("asks") == "questions"} for a in actors]
    shown = world.ctl("deadlines", "--config", world.hub_dir / "hub.yaml", "--agency", actors[0].id, "--json", check=False)
    lists.append({r["id"] for r in json.loads(shown.stdout)["deadlines"] if r["to"] == actors[0].id})
    return lists


def two_at_once(world, school, cop):
    """Two sets of questions, answered one at a time: what is not answered stays owed, everywhere, and the referral waits for it."""
    school.refers("У-3", cop, service_kind="psych-counselling")
    cop.hears("referral", referral_id="У-3")
    first = cop.says("info-request", "info_request", referral_id="У-3", questions=[{"text": "Кой се грижи за детето?", "required": True}])["msg_id"]
    second = cop.says("info-request", "info_request", referral_id="У-3", questions=[{"text": "Кой е класният?", "required": True}])["msg_id"]
    heard = wait_for("both at the school", lambda: len(school.find("info-request", referral_id="У-3")) == 2 and school.find(
        "info-request", referral_id="У-3"), 30)
    ok([i["record"]["questions"][0]["qid"] for i in heard] == ["1", "2"], "each question has a number of its own", heard)
    ok(wait_for("both to be owed", lambda: asked(world, school, cop) == [{first, second}] * 3, 30), "both requests are owed at both ends and at the hub")
    school.says("info-response", "info_response", referral_id="У-3", answers=[{"qid": "2", "text": "Г-жа Пробна."}])
    cop.hears("info-response", referral_id="У-3")
    ok(wait_for("one to be left", lambda: asked(world, school, cop) == [{first}] * 3, 30), "one is answered: the other is owed, at both ends and at the hub")
    ok(school.state("У-3") == cop.state("У-3") == "info-requested", "and the referral waits for it")
    code = school.refused("/v1/records", {"kind": "info-response", "record_id": "again", "info_response": {
        "referral_id": "У-3", "answers": [{"qid": "2", "text": "Друга."}]}})
    ok(code == "NSK-1301", "who answers what is answered hears what is not", code)
    school.says("info-response", "info_response", referral_id="У-3", answers=[{"qid": "1", "text": "Бабата."}])
    ok(wait_for("none to be left", lambda: asked(world, school, cop) == [set()] * 3, 30), "the second answer ends it")
    ok(cop.sees("У-3", "received") and school.state("У-3") == "received", "and the referral waits for its decision")
    cop.moves("У-3", "accepted")
    school.sees("У-3", "accepted")


def scenario(world, school, cop, therapy):
    school.refers("У-1", cop, service_kind="needs-assessment", disposition_wanted="assess-and-return")
    got = cop.hears("referral", referral_id="У-1")
    ok(got["preview"]["age_band"] and got["preview"]["service_kind"] == "needs-assessment", "who it is not for can see so by the preview", got["preview"])
    cop.says("info-request", "info_request", referral_id="У-1", legal_basis="statutory-task", questions=[
        {"qid": "1", "text": "Кой се грижи за детето?", "answer_type": "text", "required": True},
        {"qid": "2", "text": "Има ли лекарско становище?", "answer_type": "document", "why_needed": "за плана"}])
    asked = school.hears("info-request", referral_id="У-1")
    ok(school.sees("У-1", "info-requested") and len(asked["questions"]) == 2 and asked["answer_by"], "the questions come with their date", asked)
    code = school.refused("/v1/records", {"kind": "info-response", "record_id": "b", "info_response": {
        "referral_id": "У-1", "answers": [{"qid": "1"}]}})
    ok(code == "NSK-1301", "an answer says something, or that it is refused or unknown", code)
    school.says("info-response", "info_response", referral_id="У-1", answers=[
        {"qid": "1", "text": "Бабата по майчина линия."}, {"qid": "2", "refused": "Родителят не е дал съгласие."}])
    ok(cop.hears("info-response", referral_id="У-1")["answers"][1]["refused"], "a refusal of one question is an answer as well")
    ok(cop.sees("У-1", "received"), "the referral waits for its decision again")
    cop.moves("У-1", "accepted")
    cop.moves("У-1", "in-progress")
    school.sees("У-1", "in-progress")
    for a in (school, cop):
        row = wait_for(f"the assessment's day at {a.id}", lambda a=a: owed(a, "У-1"))[0]
        ok(abs(days_of(row) - 20) < 0.01 and row["to"] == cop.id and row["fact"] == "unassessed" and not row["late"],
           f"{a.id} sees that the assessment is owed twenty days after the referral", row)
    cop.says("assessment-result", "assessment", referral_id="У-1", assessment_kind="individual-needs", done_on="2026-11-20",
             done_by="Екип за оценка", domains=NEEDS, conclusions="Нужда от психологична подкрепа.",
             recommended_services=[{"service_kind": "psych-counselling", "intensity": "веднъж седмично", "duration": "6 месеца"}],
             plan={"goals": [{"text": "Спокоен сън"}], "actions": [{"text": "Среща с учителя", "responsible": "ЦОП", "due": "2026-12-10"}],
                   "review_on": "2027-02-01"}, child_view="Иска да ходи на училище.")
    result = school.hears("assessment-result", referral_id="У-1")
    ok(result["domains"] == NEEDS and result["plan"]["review_on"] == "2027-02-01" and result["child_view"],
       "the assessment comes whole, the child's own words too", result)
    ok(school.state("У-1") == "in-progress", "and changes no state")
    ok(not owed(school, "У-1") and not owed(cop, "У-1"), "and is owed no more")
    case = cop.find("referral", referral_id="У-1")[0]["case_id"]
    cop.refers("Ц-1", therapy, service_kind="psych-counselling", case_id=case)
    therapy.hears("referral", referral_id="Ц-1")
    ok(therapy.find("referral")[0]["case_id"] == case, "the referral onward belongs to the same case")
    cop.moves("У-1", "completed", outcome={"outcome": "need-met", "text": "Оценено и насочено."})
    ok(school.sees("У-1", "completed"), "the school knows that its referral is done")
    code = cop.refused("/v1/records", {"kind": "info-request", "record_id": "late", "info_request": {
        "referral_id": "У-1", "questions": [{"text": "Още нещо?"}]}})
    ok(code == "NSK-1401", "nobody asks about what is closed", code)
    school.moves("У-1", "completed", transition="T31", satisfied=True)
    ok(cop.hears("status-change", referral_id="У-1", transition="T31")["satisfied"], "the school closes the loop")
    two_at_once(world, school, cop)
    nobody_assesses(world, school, cop)


play([("plovdiv-school", "school", "PDV22", "social", "Училище", "School"),
      ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support"),
      ("plovdiv-therapy", "day-centre", "PDV22", "social", "Терапия", "Therapy")], scenario)

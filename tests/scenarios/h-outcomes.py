#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (h), what came of it: outcomes with measures before and after and what families say, reported to the municipality that referred; one
family got the service and still needs help, one could not be reached. The municipality answers one of them; the two others are acknowledged by
itself after 14 days, once. The days pass by Debian's faketime."""
from cast import ok, play, wait_for

ENDS = {
    "О-1": ("completed", "need-met", 5, "Детето спи спокойно. Благодарим ѝ!"),
    "О-2": ("completed", "got-service-need-remains", 3, "Помогна, но не стига."),
    "О-3": ("failed", "could-not-contact", None, None),
}


def scenario(world, municipality, cop):
    for number, (state, outcome, score, words) in ENDS.items():
        municipality.refers(number, cop)
        cop.hears("referral", referral_id=number)
        cop.moves(number, "accepted")
        cop.moves(number, "in-progress")
        feedback = {"family_feedback": {"score": score, "text": words}} if score else {}
        cop.says("outcome-report", "outcome_report", referral_id=number, outcome=outcome, closed_on="2026-11-20", closed_by="Екип",
                 services_delivered=[{"service_kind": "psych-counselling", "from": "2026-06-01", "to": "2026-11-15", "units": 22}] if score else [],
                 measures=[{"code": "SDQ", "before": "19", "after": "11", "tool": "SDQ-P"}] if score else [],
                 remaining_needs=["parental-separation"] if score == 3 else [],
                 follow_up=[{"what": "Ново насочване", "due": "2026-12-15", "agency": "plovdiv-ozd"}] if score == 3 else [], **feedback)
        cop.moves(number, state, outcome={"outcome": outcome})
        got = municipality.hears("outcome-report", referral_id=number)
        municipality.hears("status-change", referral_id=number, to=state)
        ok(municipality.sees(number, state) and got["outcome"] == outcome, f"{number} is {state}, and the municipality knows what came of it", got)
        ok(got.get("family_feedback", {}).get("text") == words, "in the family's own words", got)
        ok([m["after"] for m in got.get("measures", [])] == (["11"] if score else []), "with what was measured", got)
    code = municipality.refused("/v1/records", {"kind": "outcome-report", "record_id": "n", "outcome_report": {
        "referral_id": "О-1", "outcome": "need-met", "closed_on": "2026-11-20", "closed_by": "x"}})
    ok(code == "NSK-1402", "only who did the work reports of it", code)
    codes = [cop.refused("/v1/records", {"kind": "outcome-report", "record_id": "m", "outcome_report": {
        "referral_id": "О-1", "outcome": "need-met", "closed_on": "2026-11-20", "closed_by": "x", "family_feedback": {"score": score}}})
             for score in (0, 6)]
    ok(codes == ["NSK-1305"] * 2, "a score is 1 to 5", codes)
    acknowledged(world, municipality, cop)


def heard(cop):
    """Who acknowledged what: number and what the municipality says of it."""
    return sorted((i["record"]["referral_id"], i["record"].get("satisfied")) for i in cop.find("status-change", transition="T31"))


def acknowledged(world, municipality, cop):
    owed = {d["referral_id"] for d in municipality.system.call("GET", "/v1/deadlines")[1]["deadlines"] if "acknowledge_by" in d}
    ok(owed == set(ENDS), "the municipality sees until when it may answer what came of them", owed)
    code = municipality.refused("/v1/statuses", {"referral_id": "О-1", "to": "completed", "transition": "T31", "status_id": "mute",
                                                "at": "2026-11-20T10:00:00Z"})
    ok(code == "NSK-1301", "who acknowledges says whether the family is satisfied, or why that is not known", code)
    municipality.moves("О-1", "completed", transition="T31", satisfied=True)
    wait_for("its answer", lambda: heard(cop) == [("О-1", True)])
    for days in (13, 15, 16):
        world.stop()
        world.later(days)
        world.start()
        expected = [("О-1", True)] if days == 13 else [("О-1", True), ("О-2", None), ("О-3", None)]
        wait_for(f"day {days}: {expected}", lambda expected=expected: heard(cop) == expected, 60)
        ok(True, f"after {days} days {len(expected)} outcomes are acknowledged")
    ok([municipality.state(n) for n in ENDS] == [cop.state(n) for n in ENDS] == ["completed", "completed", "failed"], "and the referrals stand as they ended")
    wait_for("nothing owed", lambda: not [d for d in municipality.system.call("GET", "/v1/deadlines")[1]["deadlines"] if "acknowledge_by" in d])
    ok(True, "nothing more is owed for them")


play([("plovdiv-municipality", "muni-social", "PDV22", "social", "Община Пловдив", "Municipality of Plovdiv"),
      ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support")], scenario, ("Калина", "1543079013", "Благодарим"))

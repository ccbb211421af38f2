#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (h), what came of it: outcomes with measures before and after and what families say, reported to the municipality that referred; one
family got the service and still needs help, one could not be reached."""
from cast import ok, play

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
        ok(municipality.sees(number, state) and got["outcome"] == outcome, f"{number} is {state}, and the municipality knows what came of it", got)
        ok(got.get("family_feedback", {}).get("text") == words, "in the family's own words", got)
        ok([m["after"] for m in got.get("measures", [])] == (["11"] if score else []), "with what was measured", got)
    code = municipality.refused("/v1/records", {"kind": "outcome-report", "record_id": "n", "outcome_report": {
        "referral_id": "О-1", "outcome": "need-met", "closed_on": "2026-11-20", "closed_by": "x"}})
    ok(code == "NSK-1402", "only who did the work reports of it", code)
    code = cop.refused("/v1/records", {"kind": "outcome-report", "record_id": "m", "outcome_report": {
        "referral_id": "О-1", "outcome": "need-met", "closed_on": "2026-11-20", "closed_by": "x", "family_feedback": {"score": 6}}})
    ok(code == "NSK-1305", "a score is 1 to 5", code)


play([("plovdiv-municipality", "muni-social", "PDV22", "social", "Община Пловдив", "Municipality of Plovdiv"),
      ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support")], scenario, ("Калина", "1543079013", "Благодарим"))

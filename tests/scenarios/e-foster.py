#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (e), matching a child with a foster family: milestones from the shared profile to the placement and its follow-ups, each with what stays as
it was for the child; and a placement in a family-type home for another child, declined by one and taken by the next."""
from cast import ok, play

MILESTONES = ("profile-shared", "candidates", "matched", "introduced", "transition", "placed", "follow-up-1m", "follow-up-3m", "follow-up-6m")


def scenario(world, ozd, foster, home_one, home_two):
    ozd.refers("П-1", foster, service_kind="foster-matching", priority="urgent")
    foster.hears("referral", referral_id="П-1")
    foster.moves("П-1", "accepted")
    foster.moves("П-1", "in-progress")
    ozd.sees("П-1", "in-progress")
    for n, milestone in enumerate(MILESTONES):
        stays = [{"item": "school", "kept": True}, {"item": "siblings", "kept": n < 5, "text": "Вижда брат си всяка седмица."},
                 {"item": "doctor", "kept": False, "text": "Нов личен лекар."}]
        foster.moves("П-1", "in-progress", transition="T16", milestone=milestone, continuity=stays if n >= 4 else [])
        got = ozd.hears("status-change", referral_id="П-1", milestone=milestone)
        ok(got.get("continuity", []) == (stays if n >= 4 else []), f"{milestone}: with what stays as it was for the child", got)
    foster.moves("П-1", "completed", outcome={"outcome": "need-met", "text": "Настанено в семейство."})
    ok(ozd.sees("П-1", "completed"), "the child lives in a family")

    ozd.refers("Н-1", home_one, service_kind="protection-measure", priority="urgent")
    home_one.hears("referral", referral_id="Н-1")
    home_one.moves("Н-1", "declined", reason_code="no-capacity", reason_text="Осем деца, няма място.")
    ok(ozd.hears("status-change", referral_id="Н-1", to="declined")["reason_code"] == "no-capacity", "a home without a place says so at once")
    ozd.refers("Н-2", home_two, service_kind="protection-measure", priority="urgent", supersedes="Н-1",
               case_id=home_one.find("referral")[0]["case_id"])
    got = home_two.hears("referral", referral_id="Н-2")
    ok(got["supersedes"] == "Н-1", "the next one knows that it is not the first", got)
    home_two.moves("Н-2", "accepted", assigned_worker={"name": "Социален работник", "phone": "032 000 000"})
    ok(ozd.hears("status-change", referral_id="Н-2", to="accepted")["assigned_worker"]["phone"], "and names who is responsible for the child there")


play([("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection"),
      ("plovdiv-foster", "foster-centre", "PDV22", "social", "Приемна грижа", "Foster care"),
      ("home-one", "family-type-placement", "PDV22", "social", "ЦНСТ 1", "Home 1"),
      ("home-two", "family-type-placement", "PDV01", "social", "ЦНСТ 2", "Home 2")], scenario)

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (c), support for development and socialisation: a mentor works with a child over months and sends interim notes; the work pauses, goes on,
and both sides act at once, with the same end on both."""
from cast import ok, play


def scenario(world, ozd, club):
    ozd.refers("Р-1", club, service_kind="mentoring", goals=[{"text": "Редовно посещение на училище", "target_date": "2027-06-15"}])
    club.hears("referral", referral_id="Р-1")
    club.moves("Р-1", "accepted")
    club.moves("Р-1", "in-progress")
    ozd.sees("Р-1", "in-progress")
    for n in range(1, 4):
        club.moves("Р-1", "in-progress", transition="T16", reason_text=f"Бележка {n}: детето идва с желание.")
        note = ozd.hears("status-change", referral_id="Р-1", reason_text=f"Бележка {n}: детето идва с желание.")
        ok(note["transition"] == "T16", f"interim note {n} comes, and changes nothing", note)
    club.moves("Р-1", "on-hold", reason_text="Ваканция.")
    ok(ozd.sees("Р-1", "on-hold"), "the work pauses")
    ok(club.refused("/v1/statuses", {"referral_id": "Р-1", "to": "completed", "status_id": "z", "outcome": {"outcome": "need-met"}})
       == "NSK-1401", "and does not end from a pause")
    club.moves("Р-1", "in-progress")
    ozd.sees("Р-1", "in-progress")
    # both at once: the hub is away, the one asks to stop, the other has just completed
    world.end(world.hub)
    ozd.moves("Р-1", "cancel-requested", reason_text="Семейството се отказва.")
    club.moves("Р-1", "completed", outcome={"outcome": "need-met", "text": "Посещава редовно."})
    world.start_hub()
    ok(ozd.sees("Р-1", "completed") and club.sees("Р-1", "completed"), "what has ended stands above a wish, on both sides alike")
    ok(club.hears("status-change", referral_id="Р-1", to="cancel-requested"), "the wish is not lost either")
    club.says("outcome-report", "outcome_report", referral_id="Р-1", outcome="need-met", closed_on="2026-11-20", closed_by="Наставник",
              goals=[{"ref": "Редовно посещение на училище", "result": "achieved", "evidence": "2 отсъствия"}])
    ok(ozd.hears("outcome-report", referral_id="Р-1")["goals"][0]["result"] == "achieved", "the report comes after the end")
    ozd.moves("Р-1", "completed", transition="T31", satisfied=True)
    ok(club.hears("status-change", referral_id="Р-1", transition="T31"), "and is acknowledged")


play([("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection"),
      ("plovdiv-club", "ngo-provider", "PDV22", "social", "Клуб", "Club")], scenario)

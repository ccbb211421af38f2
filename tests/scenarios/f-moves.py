#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (f): a child moves from Kuklen to Asenovgrad with three open referrals. Responsibility changes only when the other protection
department has accepted; what it takes over ends as transferred, and every partner that is still open is told."""
from cast import ok, play

CHILD = {"given": "Калина", "family": "Тест-Пробна", "birth_date": "2015-03-07", "gender": "female",
         "ids": [{"type": "EGN", "value": "1543079013"}], "address": {"municipality": "PDV01", "ekatte": "00702"}}


def offer(number, to, threads):
    return {"transfer_id": number, "case_ref": "К-17", "reason": "moved", "from_municipality": "PDV42", "to_municipality": "PDV01",
            "target": {"agency": to.id}, "child": CHILD, "legal_basis": "statutory-task", "ownership": True, "effective_on": "2026-12-01",
            "handover_summary": "Семейството се мести при бабата. Три отворени насочвания.",
            "open_threads": [{"referral_id": n, "agency": a.id} for n, a in threads.items()]}


def scenario(world, kuklen, asenovgrad, cop, gp, school):
    open_ones = {"К-1": cop, "К-2": gp, "К-3": school}
    for number, to in open_ones.items():
        case = {"case_id": kuklen.case} if hasattr(kuklen, "case") else {}
        kuklen.refers(number, to, **case)
        to.hears("referral", referral_id=number)
        kuklen.case = to.find("referral")[0]["case_id"]
        to.moves(number, "accepted")
        kuklen.sees(number, "accepted")
    cop.moves("К-1", "in-progress")
    kuklen.sees("К-1", "in-progress")

    handed = {"К-1": cop, "К-3": school}
    kuklen.says("transfer-offer", "transfer", **offer("П-1", asenovgrad, handed))
    got = asenovgrad.hears("transfer-offer", transfer_id="П-1")
    ok(got["handover_summary"] and [t["referral_id"] for t in got["open_threads"]] == ["К-1", "К-3"],
       "the other department has the offer, with what is open", got)
    ok(kuklen.state("К-1") == "in-progress", "nothing changes by an offer")
    code = asenovgrad.refused("/v1/records", {"kind": "transfer-answer", "record_id": "x", "transfer_answer": {
        "transfer_id": "П-1", "answer": "reject"}})
    ok(code == "NSK-1301", "a rejection needs its reason", code)
    asenovgrad.says("transfer-answer", "transfer_answer", transfer_id="П-1", answer="reject", reason="Няма акт за настаняване.")
    kuklen.hears("transfer-answer", transfer_id="П-1", answer="reject")
    ok(not cop.find("responsibility-change") and kuklen.state("К-1") == "in-progress", "nor by one that is rejected")
    code = asenovgrad.refused("/v1/records", {"kind": "transfer-answer", "record_id": "y", "transfer_answer": {
        "transfer_id": "П-1", "answer": "accept"}})
    ok(code == "NSK-1401", "an offer is answered once", code)

    kuklen.says("transfer-offer", "transfer", **offer("П-1а", asenovgrad, handed))
    asenovgrad.hears("transfer-offer", transfer_id="П-1а")
    code = kuklen.refused("/v1/statuses", {"referral_id": "К-1", "to": "transferred", "new_target": asenovgrad.id, "status_id": "early",
                                           "at": "2026-11-20T10:00:00Z"})
    ok(code == "NSK-1408", "nothing ends as transferred before somebody has taken it over", code)
    code = kuklen.refused("/v1/records", {"kind": "transfer-offer", "record_id": "z", "transfer": offer("П-2", asenovgrad, handed)})
    ok(code == "NSK-1401", "responsibility is offered once at a time", code)
    kuklen.says("transfer-answer", "transfer_answer", transfer_id="П-1а", answer="withdraw", reason="Семейството отлага преместването.")
    asenovgrad.hears("transfer-answer", transfer_id="П-1а", answer="withdraw")
    code = asenovgrad.refused("/v1/records", {"kind": "transfer-answer", "record_id": "w", "transfer_answer": {
        "transfer_id": "П-1а", "answer": "accept"}})
    ok(code == "NSK-1401", "what was taken back is not accepted any more", code)

    kuklen.says("transfer-offer", "transfer", **offer("П-2", asenovgrad, handed))
    asenovgrad.hears("transfer-offer", transfer_id="П-2")
    asenovgrad.says("transfer-answer", "transfer_answer", transfer_id="П-2", answer="accept", case_no="А-9")
    kuklen.hears("transfer-answer", transfer_id="П-2", answer="accept")
    for number, to in open_ones.items():
        told = to.hears("responsibility-change", referral_id=number)
        ok((told["old_agency"], told["new_agency"], told["municipality"]) == (kuklen.id, asenovgrad.id, "PDV01"),
           f"{to.id} knows who is responsible now", told)
        ok(("continues_in" in told) == (number in handed), "and whether its referral goes on there", told)
    for number, to in handed.items():
        ok(to.hears("status-change", referral_id=number, to="transferred")["new_target"] == asenovgrad.id, f"{number} has ended as transferred")
        ok(kuklen.state(number) == to.state(number) == "transferred", "at both ends alike")
    ok(kuklen.state("К-2") == gp.state("К-2") == "accepted", "the doctor's referral goes on")
    ok(all(len(a.find("responsibility-change")) == 1 for a in open_ones.values()), "each was told once")
    ok(cop.refused("/v1/statuses", {"referral_id": "К-1", "to": "scheduled", "status_id": "late"}) == "NSK-1401",
       "nobody goes on with what was transferred")


play([("kuklen-ozd", "ozd", "PDV42", "social", "Закрила Куклен", "Protection Kuklen"),
      ("asenovgrad-ozd", "ozd", "PDV01", "social", "Закрила Асеновград", "Protection Asenovgrad"),
      ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support"),
      ("kuklen-gp", "gp", "PDV42", "social", "Лекар", "Doctor"),
      ("kuklen-school", "school", "PDV42", "social", "Училище", "School")], scenario)

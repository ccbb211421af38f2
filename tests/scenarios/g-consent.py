#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (g): a mother withdraws her consent after four agencies have received it. Every agency that got a referral of the case is told,
one of them by the agency that referred the child onward; each answers what it did, and what was shredded is gone from its adapter. So is told who got the child by an invitation or an offer of transfer.
What the family has not agreed to, or to whom it has not, is refused at the sender's door, or left out and counted, until it agrees. What waits when it
agrees no longer is stopped."""
import json
import signal
import urllib.error
import urllib.request
from urllib.parse import quote

from cast import ok, play, referral, wait_for

AGREED = {"given_by": "parent", "given_on": "2026-10-01", "form": "signed-paper", "giver_name": "Стояна Тест",
          "data_categories": ["identity", "contact", "health", "education", "social", "family"]}


def scenario(world, ozd, cop, gp, school, centre):
    receivers = {"С-1": cop, "С-2": gp, "С-3": school}
    for number, to in receivers.items():
        case = {"case_id": ozd.case} if hasattr(ozd, "case") else {}
        ozd.refers(number, to, legal_basis="consent", consent=AGREED, **case)
        to.hears("referral", referral_id=number)
        ozd.case = to.find("referral", referral_id=number)[0]["case_id"]
    ok(len({a.find("referral", referral_id=n)[0]["case_id"] for n, a in receivers.items()}) == 1, "three agencies hold one case")
    cop.refers("Ц-1", centre, legal_basis="consent", consent=AGREED, case_id=ozd.case)
    centre.hears("referral", referral_id="Ц-1")
    for number, to in receivers.items():
        to.moves(number, "accepted", case_no=to.find("referral")[0]["given_no"])
        ozd.sees(number, "accepted")

    ozd.says("consent-change", "consent_change", referral_id="С-1", change="withdrawn", changed_by="parent", shred=True,
             text="Майката оттегля съгласието си.")
    for number, to in {**receivers, "Ц-1": centre}.items():
        told = to.hears("consent-change", referral_id=number)
        ok(told["change"] == "withdrawn" and told["changed_by"] == "parent", f"{to.id} is told of it in its own referral {number}", told)
    ok(all(len(a.find("consent-change")) == 1 for a in (*receivers.values(), centre)), "each of the four once")
    owed = wait_for("what is owed", lambda: [d for d in ozd.system.call("GET", "/v1/deadlines")[1]["deadlines"]
                                             if d["role"] == "sender" and d.get("referral_id") in receivers], 20)
    ok(len(owed) >= 3, "an answer is owed by each, within a day", owed)

    code = gp.refused("/v1/records", {"kind": "consent-answer", "record_id": "x", "consent_answer": {
        "referral_id": "С-2", "result": "retained", "at": "2026-11-22T10:00:00Z"}})
    ok(code == "NSK-1301", "who retains says by what right", code)
    gp.says("consent-answer", "consent_answer", referral_id="С-2", result="retained", legal_basis="statutory-task",
            ground="Чл. 27 от Закона за здравето: срок за съхраняване на амбулаторен лист.")
    for number, to, home in (("С-1", cop, ozd), ("С-3", school, ozd), ("Ц-1", centre, cop)):
        to.says("consent-answer", "consent_answer", referral_id=number, result="shredded")
        ok(home.hears("consent-answer", referral_id=number)["result"] == "shredded", f"{to.id} has shredded {number}, and {home.id} knows")
    kept = ozd.hears("consent-answer", referral_id="С-2")
    ok(kept["result"] == "retained" and "Закона за здравето" in kept["ground"], "the doctor keeps it, and says why", kept)

    for to in (cop, school, centre):
        def gone(actor=to):
            items = actor.system.inbox(0)
            return any(i.get("stage") == "erased" for i in items) and "Калина" not in str(items)
        ok(wait_for(f"{to.id} to have erased it", gone, 20), f"at {to.id} nothing of the child is left in what came")
    ok("Калина" in str(gp.system.inbox(0)), "at the doctor's it is still there")
    rows = world.ctl("status", "--config", cop.agency.config_file, "--json", check=False).stdout
    ok(rows, "the adapters go on")
    cop.refers("Ц-2", centre)
    ok(centre.hears("referral", referral_id="Ц-2"), "and the next referral comes")
    beyond_referrals(ozd, cop, gp, school, centre)
    within_consent(ozd, gp, school)
    stopped_on_the_way(world, ozd, cop, school)


def beyond_referrals(ozd, cop, gp, school, centre):
    """Another child: who got it by an invitation to a conference or an offer of transfer is told in that thread, and answers there."""
    child = {"given": "Рада", "family": "Тест-Пробна", "birth_date": "2014-05-02", "gender": "female"}
    ozd.refers("С-4", cop, child=child)
    cop.hears("referral", referral_id="С-4")
    ozd.says("conference-invite", "conference", conference_id="КМ-1", case_ref="С-4", mechanism="violence", urgency="urgent", child=child,
             start="2027-01-11T08:00:00Z", place_or_link="Община, зала 2", legal_basis="duty-to-protect",
             members=[{"agency": a.id, "role": "required"} for a in (gp, school)])
    ozd.says("transfer-offer", "transfer", transfer_id="П-1", case_ref="С-4", reason="moved", from_municipality="PDV22", to_municipality="PDV01",
             handover_summary="Семейството се мести.", ownership=True, effective_on="2027-01-10", legal_basis="statutory-task",
             child=child, target={"agency": centre.id})
    for to, kind, name in ((gp, "conference-invite", "conference"), (school, "conference-invite", "conference"), (centre, "transfer-offer", "transfer")):
        to.hears(kind)
        ok(to.find(kind)[0]["case_id"] == case_of(cop), f"at {to.id} the {name} is of the referral's case")

    ozd.says("consent-change", "consent_change", referral_id="С-4", change="withdrawn", changed_by="parent", shred=True)
    for to, named in ((cop, {"referral_id": "С-4"}), (gp, {"conference_id": "КМ-1"}), (school, {"conference_id": "КМ-1"}), (centre, {"transfer_id": "П-1"})):
        told = to.hears("consent-change", **named)
        ok({k for k in told if k.endswith("_id")} == set(named), f"{to.id} is told of it by {named}", told)
    school.says("consent-answer", "consent_answer", conference_id="КМ-1", result="retained", legal_basis="statutory-task",
                ground="Протоколът от срещата се пази.")
    gp.says("consent-answer", "consent_answer", conference_id="КМ-1", result="shredded")
    centre.says("consent-answer", "consent_answer", transfer_id="П-1", result="shredded")
    for named in ({"conference_id": "КМ-1", "result": "retained"}, {"conference_id": "КМ-1", "result": "shredded"}, {"transfer_id": "П-1", "result": "shredded"}):
        ok(ozd.hears("consent-answer", **named), f"{ozd.id} hears the answer {named}")
    ok(school.hears("consent-answer", conference_id="КМ-1", result="shredded"), "and so does the other member of the conference")
    for to in (gp, centre):
        wait_for(f"{to.id} to have erased it", lambda to=to: "Рада" not in str(to.system.inbox(0)), 20)
        ok(True, f"at {to.id} nothing of this child is left")
    ok("Рада" in str(school.system.inbox(0)), "at the school, which keeps the minutes, it is still there")
    status, answer = gp.system.call("GET", "/v1/conferences/" + quote("КМ-1"))
    ok(status == 200 and answer["place_or_link"] == "–", "the doctor's conference is still there, without a word", answer)
    refused = [f"{a.id} {i}" for a in (ozd, cop, gp, school, centre) for i in a.listen() if i["kind"] == "stage" and i.get("stage") == "refused"]
    ok(not refused, "no message was refused by any of the five", refused)


def within_consent(ozd, gp, school):
    """A family that agrees to some things and some recipients: what is beyond goes nowhere, and who sends is told what to do."""
    agreed = {"given_by": "parent", "given_on": "2026-11-01", "data_categories": ["identity", "education", "social"], "recipients_allowed": ["education"]}
    home = {"municipality": "PDV22", "ekatte": "56784", "city": "Пловдив", "line": "ул. Примерна 7", "postal": "4000"}
    child = {"given": "Надя", "family": "Тест-Пробна", "birth_date": "2014-05-02", "gender": "female", "address": home, "phone": "0888000001"}
    case = {"child": child, "legal_basis": "consent", "consent": agreed}
    body = {"service_kind": "attendance-support", "priority": "routine", "risk_level": "low", "disposition_wanted": "take-over",
            "reason_text": "Пропуска часове.", **case}
    status, said = ozd.system.call("POST", "/v1/referrals", {"referral_id": "С-5", "target": {"agency": gp.id}, **body})
    ok(status == 422 and said["code"] == "NSK-1313" and "education" in said["detail"], "to a doctor whom the family does not name it does not go", said)
    unclear = {**body, "consent": {**agreed, "recipients_allowed": ["д-р Измислен"]}}
    status, said = ozd.system.call("POST", "/v1/referrals", {"referral_id": "С-5", "target": {"agency": school.id}, **unclear})
    ok(status == 422 and said["code"] == "NSK-1314" and said["where"] == "consent.recipients_allowed[0]" and "Измислен" not in str(said),
       "a name that nobody can tell is said by its place", said)
    said = ozd.post("/v1/referrals", {"referral_id": "С-5", "target": {"agency": school.id}, **body})
    got = school.hears("referral", referral_id="С-5")
    ok(said["dropped"] == 4 and got["child"]["address"] == {"municipality": "PDV22", "ekatte": "56784"} and "phone" not in got["child"],
       "to the school it goes, without street, town, postal code and telephone", got)

    assessed = {"referral_id": "С-5", "assessment_kind": "psychological", "done_on": "2026-11-20", "done_by": "Психолог",
                "conclusions": "Тревожност.", "domains": [{"code": "F93.0", "finding": "Тревожност при раздяла.", "score": "17"}]}
    before = len(school.listen())
    status, said = ozd.system.call("POST", "/v1/records", {"kind": "assessment-result", "record_id": "оц-1", "assessment": assessed})
    ok(status == 422 and said["code"] == "NSK-1312" and "health" in said["detail"] and said["where"] == "assessment.assessment_kind",
       "a psychological assessment does not go to the school under a consent without health", said)
    path = "/v1/referrals/" + quote("С-5") + "/files?filename=scan.pdf&category="
    status, said = upload(ozd, path + "assessment")
    ok(status == 422 and said["code"] == "NSK-1312", "nor does its scan", said)
    status, said = upload(ozd, path + "consent-form")
    ok(status == 202, "the family's signed form does", said)
    paper = said["att_id"]
    ok(school.hears("attachment", att_id=paper)["category"] == "consent-form", "and comes to the school", said)
    said = ozd.says("assessment-result", "assessment", **{**assessed, "assessment_kind": "individual-needs"})
    got = school.hears("assessment-result", referral_id="С-5")
    ok(said["dropped"] == 1 and "domains" not in got and got["conclusions"] == "Тревожност.", "of another assessment the diagnosis is left out", got)
    ok(len([i for i in school.listen()[before:] if i["kind"] == "assessment-result"]) == 1, "of what was refused nothing came")

    ozd.says("consent-change", "consent_change", referral_id="С-5", change="renewed", changed_by="parent",
             consent={**agreed, "given_on": "2026-11-22", "evidence": paper, "data_categories": ["identity", "education", "social", "health"]})
    got = school.hears("consent-change", referral_id="С-5")
    ok(got["consent"]["evidence"] == paper, "the new consent names the paper that proves it", got)
    said = ozd.post("/v1/records", {"kind": "assessment-result", "record_id": "оц-1", "assessment": assessed})
    got = school.hears("assessment-result", referral_id="С-5", assessment_kind="psychological")
    ok("dropped" not in said and got["domains"] == assessed["domains"], "with the family's new consent it goes, whole", got)
    status, said = upload(school, path + "assessment")
    ok(status == 202, "and at the school, which heard of it, the new consent counts as well", said)

    said = ozd.post("/v1/referrals", {"referral_id": "С-6", "target": {"agency": school.id}, **body, "legal_basis": "duty-to-protect",
                                      "safety": {"secret_address": True, "contact_via": "чрез закрилата"}})
    got = school.hears("referral", referral_id="С-6")
    ok(said["dropped"] == 3 and got["child"]["address"] == {"municipality": "PDV22", "ekatte": "56784"} and got["safety"]["secret_address"],
       "an address that is secret does not go to a school on any basis", got)


def stopped_on_the_way(world, ozd, cop, school):
    """A file waits for the hub when the consent that it rests on is withdrawn: it does not leave any more, also where the adapter is killed meanwhile. Who has
    shredded cannot go on, and the consent cannot be cited again."""
    consent = {"legal_basis": "consent", "consent": {**AGREED, "given_on": "2026-11-01"}}
    ozd.refers("С-7", school, **consent)
    school.hears("referral", referral_id="С-7")
    world.end(world.hub)
    status, said = upload(ozd, "/v1/referrals/" + quote("С-7") + "/files?filename=scan.pdf&category=assessment", b"%PDF-1.4\n" * 300000)
    ok(status == 202, "while the hub is away a file of six parts is taken for the school", said)
    ozd.agency.stop(signal.SIGKILL)
    ozd.agency.start()
    change = ozd.says("consent-change", "consent_change", referral_id="С-7", change="withdrawn", changed_by="parent", shred=True)
    world.start_hub()
    told = school.hears("consent-change", referral_id="С-7")
    ok(told["change"] == "withdrawn", "the adapter was killed, the mother has withdrawn, the hub is back: the school hears of it", told)
    ended = [i["refusal"]["code"] for i in ozd.listen() if i.get("stage") == "refused" and i["referral_id"] == "С-7"]
    ok(ended == ["NSK-1311"], "the system at home is told once that its file was stopped, and why", ended)
    ok(not school.find("attachment", referral_id="С-7"), "nothing of the file has come to the school", school.listen())
    code = ozd.refused(f"/v1/referrals/{change['msg_id']}/withdraw", {})
    ok(code == "NSK-1504", "the change of consent cannot be taken back: others act on it", code)

    school.says("consent-answer", "consent_answer", referral_id="С-7", result="shredded")
    ok(ozd.sees("С-7", "withdrawn") and school.sees("С-7", "withdrawn"), "the school has shredded: the referral has ended at both")
    code = school.refused("/v1/statuses", {"referral_id": "С-7", "to": "accepted", "status_id": "late-7"})
    ok(code == "NSK-1401", "it cannot be accepted any more", code)
    owed = [d for d in ozd.system.call("GET", "/v1/deadlines")[1]["deadlines"] if d.get("referral_id") == "С-7"]
    ok(not [d for d in owed if d.get("respond_by")], "and nobody waits for an answer", owed)
    status, said = ozd.system.call("POST", "/v1/referrals", {**referral("С-8", cop.id), "continues": "С-7", **consent})
    ok(status == 422 and said["code"] == "NSK-1311", "a referral that continues it cannot cite the withdrawn consent", said)


def upload(actor, path, content=b"%PDF-1.4\n"):
    """A file, as a system posts it."""
    request = urllib.request.Request(actor.agency.url + path, content, method="POST", headers={
        "Authorization": f"Bearer {actor.agency.token}", "Content-Type": "application/pdf"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as e:
        return e.code, json.load(e)


def case_of(to):
    return to.find("referral", referral_id="С-4")[0]["case_id"]


play([("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection"),
      ("plovdiv-cop", "cop", "PDV22", "social", "ЦОП", "Centre for support"),
      ("plovdiv-gp", "gp", "PDV22", "social", "Лекар", "Doctor"),
      ("plovdiv-school", "school", "PDV22", "social", "Училище", "School"),
      ("plovdiv-centre", "day-centre", "PDV22", "social", "Дневен център", "Day centre")], scenario)

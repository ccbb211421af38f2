#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Two organisations with the software that they have: one OSCaR, with a webhook, one Primero, that polls; a centre that speaks the hub's own
JSON. Each posts what its software sends, a referral a service; each hears accept and decline in its own words, and says its own on what
it was sent. What lists a case again says nothing twice; consent that was overridden needs another basis; a mistake is told in its place."""
import json

import webhook_system
from stagehand import BIN, ROOT, System, World, curl, done, doors, folder, logs_hold_nothing, ok, referral, wait_for

DEFAULTS = """defaults: {{ priority: routine, disposition_wanted: take-over, risk_level: low, legal_basis: %s }}
aliases: {{ cop: plovdiv-cop, primero-org: plovdiv-primero }}
routes:
  - {{ municipality: PDV01, to: plovdiv-cop }}
"""
OSCAR = """in:
  http: {{ listen: "127.0.0.1:{http_port}", tokens_file: {dir}/tokens }}
  folder: {{ in: "{folder}/in", done: "{folder}/done", bad: "{folder}/bad", out: "{folder}/out", scan: 200ms, settle: 200ms }}
out:
  webhook: {{ url: "http://127.0.0.1:{out_port}/nasoka", secret_file: {dir}/webhook.secret, allowed_hosts: [127.0.0.1], timeout: 2s }}
  polling: true
""" + doors.egress("webhook", "oscar") + """retry: {{ min: 200ms, max: 1s }}
preview: {{ services: [crisis-placement] }}
concepts: {{ "oscar-consent|referral_consent_form": parent, "oscar-service|Арт терапия": psych-counselling }}
""" + DEFAULTS % "statutory-task"
POLLING = doors.POLLED
PRIMERO = POLLING + doors.egress("polling", "primero") + """concepts: {{ "primero-consent|consent_for_services": guardian, "primero-field|referral_status_edf41f2": referral-status,
            "primero-status|accepted_340953": accepted, "primero-status|rejected_936484": rejected }}
""" + DEFAULTS % "consent"
GLOBAL = "01EDB4PA6B9D0P8C9B119SM02R"
CASE = "cf579546-49fc-4352-afc6-6c2636392077"

world = World(folder(), BIN)
oscar = world.agency("plovdiv-oscar", "ngo-provider", "PDV22", "social", "Сдружение с OSCaR", "Organisation with OSCaR", OSCAR)
primero = world.agency("plovdiv-primero", "ngo-provider", "PDV22", "social", "Сдружение с Primero", "Organisation with Primero", PRIMERO)
centre = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Център", "Centre", POLLING)
at_oscar, at_primero, cop = System(oscar), System(primero), System(centre)


def client(*services, **more):
    """What OSCaR lists of a client, with its services."""
    return {"slug": "lxis-1762", "global_id": GLOBAL, "external_id": "", "mosvy_number": "1543079013", "given_name": "Kalina",
            "local_given_name": "Калина", "family_name": "Пробна", "gender": "prefer_not_to_say", "date_of_birth": "2015-03-07",
            "location_current_village_code": "702", "address_current_village_code": "702", "organization_id": 46, "organization_name": "cif",
            "is_referred": True, "reason_for_referral": "Нужда от подкрепа.", "level_of_risk": "no action", "status": "Active",
            "case_worker_name": "Мария Пробна", "case_worker_mobile": "0888 000 001", "date_of_referral": "2026/11/1",
            "referral_consent_form": ["https://files.example/101.png"], "services": list(services), **more}


def service(number, name, status="Referred", **more):
    return {"uuid": f"uuid-{name}", "name": name, "referral_id": number, "referral_status": status, "enrollment_date": None, **more}


def case(*rows, **more):
    """A case as Primero sends it."""
    return {"data": {"case_id": CASE, "case_id_display": "6392077", "oscar_number": GLOBAL, "name_first": "Калина", "name_last": "Пробна",
                     "sex": "female", "date_of_birth": "2015/03/07", "location_current": 702, "risk_level": "high", "owned_by": "mgrbtb",
                     "owned_by_phone": "032 600 300", "created_at": "2026/11/01 08:17:05 +0000", "services_section": list(rows), **more}}


def row(id, **more):
    return {"unique_id": id, "service_response_type": "referral_to_nasoka", "service_type": "psych_counselling", "service_subtype": [],
            "service_response_timeframe": "1_day", "service_implementing_agency": "agency-cop", "service_referral_notes": "Моля за подкрепа.",
            "referral_status_edf41f2": "pending_310366", **more}


def inbox(number, kind):
    return [i for i in cop.inbox(0) if i.get("referral_id") == number and i["kind"] == kind]


def arrived(number, kind="referral"):
    return wait_for(f"{kind} of {number} at the centre", lambda: inbox(number, kind), 30)[-1]


def answer(number, to, **more):
    status, said = cop.call("POST", "/v1/statuses", {"referral_id": number, "to": to, "status_id": f"{number}-{to}", **more})
    if status != 202:
        raise RuntimeError(f"{number} {to}: {status} {said}")


def heard(number, state):
    """What OSCaR was told when the referral came to that state."""
    return wait_for(f"{number} to be {state} at OSCaR", lambda: [c for c in hook.about(number, "status-change") if c.item["nasoka"]["state"] == state],
                    30)[0].item["data"][0]


def polled(number, kind, state=None):
    """What Primero finds of it."""
    def probe():
        return [i for i in at_primero.call("GET", "/v1/primero?after=0")[1]["items"] if i["nasoka"].get("referral_id") == number and
                i["nasoka"]["kind"] == kind and state in (None, i["nasoka"].get("state"))]
    return wait_for(f"{number} {kind} {state} at Primero", probe, 30)[-1]


def where_it_stands(number, state):
    return wait_for(f"{number} to be {state} at the centre", lambda: [i for i in inbox(number, "status-change") if i["state"] == state], 30)[-1]


def from_oscar():
    body = {"data": [client(service(1193, "Арт терапия"), service(1194, "Йога"), service(1, "mentoring", None, enrollment_date="2026-01-15"))]}
    body["data"][0]["services"][2].pop("referral_id")
    status, said = at_oscar.call("POST", "/v1/oscar", body)
    ok(status == 202 and [r["referral_id"] for r in said["data"]] == ["lxis-1762/1193", "lxis-1762/1194"] and
       all(r["state"] == "queued" for r in said["data"]), "a client with two services that are asked for is two referrals", said)
    art, yoga = arrived("lxis-1762/1193"), arrived("lxis-1762/1194")
    got, other = art["record"], yoga["record"]
    ok(got["child"]["given"] == "Калина" and got["child"]["gender"] == "unknown" and got["child"]["birth_date"] == "2015-03-07" and
       got["child"]["address"] == {"municipality": "PDV01", "ekatte": "00702"} and got["initiator"]["worker"]["name"] == "Мария Пробна" and
       {"type": "EGN", "value": "1543079013"} in got["child"]["ids"] and got["reason_text"] == "Нужда от подкрепа.",
       "they come whole; the place has its zeroes again, and routes by its municipality", got)
    ok(got["service_kind"] == "psych-counselling" and got["service_text"] == "Арт терапия" and other["service_kind"] == "other" and
       other["service_text"] == "Йога" and got["services_already_used"] == [{"service_kind": "mentoring", "since": "2026-01-15"}],
       "each its own service, what the child gets already beside it", (got, other))
    ok(got["legal_basis"] == "consent" and got["consent"] == {"given_by": "parent", "given_on": "2026-11-01", "form": "signed-paper"} and
       got["risk_level"] == "no-action", "with the consent that its form stands for", got)
    ok(art["case_id"] == yoga["case_id"] and all(r.get("dropped") == 3 for r in said["data"]),
       "of one case; what has no place is counted", said)
    ok(at_oscar.call("POST", "/v1/oscar", body)[1]["data"][0]["is_repeat"] and len(inbox("lxis-1762/1193", "referral")) == 1,
       "posted again it is the same")
    cop.call("POST", f"/v1/inbox/{art['msg_id']}/registered", {"case_no": "ЦОП-1"})
    answer("lxis-1762/1193", "accepted")
    answer("lxis-1762/1194", "declined", reason_code="no-capacity", reason_text="Няма места до март.")
    yes, no = heard("lxis-1762/1193", "accepted"), heard("lxis-1762/1194", "declined")
    ok(yes == {"slug": "lxis-1762", "referral_id": 1193, "client_global_id": GLOBAL, "referral_status": "Accepted"},
       "OSCaR hears Accepted under its own numbers", yes)
    ok(no["referral_id"] == 1194 and no["referral_status"] == "Exited" and no["reason_for_exiting"] == "Няма места до март.",
       "and Exited, with the reason", no)
    ok(not any(c.fault for c in hook.calls if c), "each call is signed", [c.fault for c in hook.calls if c and c.fault])
    body["data"][0]["services"][0]["referral_status"], body["data"][0]["services"][1]["referral_status"] = "Accepted", "Exited"
    status, said = at_oscar.call("POST", "/v1/oscar", body)
    ok(status == 200 and [r["state"] for r in said["data"]] == ["known", "known"], "what it lists then is known already", said)
    answer("lxis-1762/1193", "completed", outcome={"outcome": "need-met"})
    ok(heard("lxis-1762/1193", "completed")["referral_status"] == "Exited", "at the end it hears Exited once more")
    page = at_oscar.call("GET", "/v1/oscar?after=0")[1]
    ok({"Accepted", "Exited"} <= {i["data"][0]["referral_status"] for i in page["items"]} and page["next_after"] > 0,
       "and may fetch all that by its address", page)


def from_primero():
    overridden = {"consent_for_services": True, "disclosure_other_orgs": True, "consent_overridden": True}
    status, said = at_primero.call("POST", "/v1/primero", case(row("p-0"), **overridden))
    ok(status == 422 and said["code"] == "NSK-1301" and said["where"] == "data.consent_for_services",
       "consent that was overridden is no basis, where the agency has no other", said)
    status, said = at_primero.call("POST", "/v1/primero", case(row("p-0"), **overridden, legal_basis="duty-to-protect"))
    ok(status == 202 and arrived("p-0")["record"]["legal_basis"] == "duty-to-protect" and "consent" not in arrived("p-0")["record"],
       "with another basis it goes, and without the consent", said)
    status, said = at_primero.call("POST", "/v1/primero", case(row("p-0"), consent_for_services=False, disclosure_other_orgs=True))
    ok(status == 422 and said["where"] == "data.consent_for_services", "nor does what the family refused go", said)
    rows = row("p-1"), row("p-2", service_response_timeframe="3_days"), row("p-3", service_response_type="care_plan")
    ticked = {"consent_for_services": True, "disclosure_other_orgs": True}
    status, said = at_primero.call("POST", "/v1/primero", case(*rows, **ticked))
    got = arrived("p-1")["record"]
    ok(status == 202 and len(said["data"]) == 2 and got["priority"] == "urgent" and arrived("p-2")["record"]["priority"] == "routine" and
       got["child"]["address"]["ekatte"] == "00702" and got["consent"]["given_by"] == "guardian" and got["risk_level"] == "high",
       "each row that is referred is a referral, and no other", (said, got))
    answer("p-1", "accepted")
    answer("p-2", "declined", reason_code="no-capacity", reason_text="Няма места.")
    yes, no = polled("p-1", "status-change", "accepted")["data"], polled("p-2", "status-change", "declined")["data"]
    ok(yes["services_section"] == [{"unique_id": "p-1", "referral_status_edf41f2": "accepted_340953"}] and yes["case_id"] == CASE and
       yes["referrals"][0]["status"] == "accepted_340953" and yes["oscar_number"] == GLOBAL,
       "Primero hears accepted at the row, in its own words", yes)
    ok(no["services_section"][0]["referral_status_edf41f2"] == "rejected_936484" and
       no["services_section"][0]["note_on_referral_from_provider"] == "Няма места.", "and rejected, with the reason", no)
    status, said = at_primero.call("POST", "/v1/primero", {"data": {"type": "Referral", "record_type": "case", "record_id": "1",
                                                                    "service_record_id": "p-1", "status": "revoked"}})
    ok(status == 202 and where_it_stands("p-1", "cancel-requested"), "what it revokes is a wish to cancel", said)
    answer("p-1", "cancelled")
    ok(polled("p-1", "status-change", "cancelled")["data"]["referrals"][0]["status"] == "revoked", "which the centre grants")


def to_oscar():
    for number in ("Н-1", "Н-2"):
        cop.call("POST", "/v1/referrals", referral(number, oscar.id))
        came = wait_for(f"{number} at OSCaR", lambda n=number: hook.about(n), 30)[0].item["organization"]
        ok(came["external_id"] == number and came["given_name"] == "Калина" and came["services"][0]["referral_status"] == "Referred" and
           came["services"][0]["name"] == "Арт терапия" and came["location_current_village_code"] == "56784", f"{number} comes as an OSCaR client", came)
    status, said = at_oscar.call("POST", "/v1/oscar", {"data": [{"external_id": "Н-1", "referral_id": 77, "referral_status": "Accepted"}]})
    got = where_it_stands("Н-1", "accepted")
    ok(status == 202 and got["external_no"] == "77", "its Accepted is one, under its own number", (said, got))
    status, said = at_oscar.call("POST", "/v1/oscar", {"data": [
        {"external_id": "Н-1", "referral_id": 77, "referral_status": "Exited"},
        {"external_id": "Н-2", "referral_id": 78, "referral_status": "Exited", "reason_for_exiting": "Няма такава услуга"},
        {"external_id": "Н-9", "referral_id": 79, "referral_status": "Exited"}]})
    ok(status == 207 and said["data"][2]["problem"]["code"] == "NSK-1403", "of three words one is on a referral that nobody knows", said)
    where_it_stands("Н-1", "completed")
    no = where_it_stands("Н-2", "declined")["record"]
    ok(no["reason_code"] == "other" and no["reason_text"] == "Няма такава услуга",
       "Exited is completed of what it had accepted, and declined of what it had not", no)


def held():
    """What is shown as a preview first has no shape of theirs: it comes as ours, and in theirs once it is opened."""
    cop.call("POST", "/v1/referrals", referral("Н-4", oscar.id, service_kind="crisis-placement"))
    came = wait_for("the preview of Н-4", lambda: hook.about("Н-4", "preview"), 30)[0].item
    ok(list(came) == ["nasoka"] and came["nasoka"]["preview"]["age_band"] == "7-11" and "Калина" not in str(came), "a preview is our own item alone", came)
    at_oscar.call("POST", "/v1/previews/%D0%9D-4/open", {})
    opened = wait_for("Н-4 at OSCaR", lambda: hook.about("Н-4"), 30)[0].item
    ok(opened["organization"]["given_name"] == "Калина", "opened, it comes as a client", opened)


def to_primero():
    cop.call("POST", "/v1/referrals", referral("Н-3", primero.id, priority="urgent"))
    came = polled("Н-3", "referral")
    ok(came["data"]["services_section"][0]["unique_id"] == "Н-3" and came["data"]["date_of_birth"] == "2015/03/07" and
       came["data"]["services_section"][0]["service_response_timeframe"] == "1_day" and came["data"]["consent_overridden"] is True and
       came["nasoka"]["record"]["child"]["middle"] == "Стоянова", "a referral is fetched as a Primero case", came)
    mine = {"unique_id": "Н-3", "service_response_type": "referral_from_nasoka", "referral_status_edf41f2": "pending_310366"}
    status, said = at_primero.call("POST", "/v1/primero", {"data": {"case_id_display": "4d3b877", "services_section": [mine]}})
    ok(status == 200 and said["state"] == "registered" and said["case_no"] == "4d3b877", "that it has a case is its registration", said)
    wait_for("the centre to see it", lambda: cop.call("GET", "/v1/referrals/%D0%9D-3")[1]["stages"].get("registered"), 30)
    for word, state in (("accepted", "accepted"), ("done", "completed")):
        status, said = at_primero.call("POST", "/v1/primero", {"data": {"type": "Referral", "record_type": "case", "record_id": "1", "status": word,
                                                                        "service_record_id": "Н-3", "success_status": "successful"}})
        ok(status == 202 and where_it_stands("Н-3", state), f"its {word} is {state}", said)
    ok(where_it_stands("Н-3", "completed")["record"]["outcome"]["outcome"] == "need-met", "with its success as the outcome")


def between():
    """From the one software to the other: neither knows that it is not its own kind."""
    body = {"organization": client(service(1195, "Арт терапия"), organization_name="primero-org")}
    body["organization"].pop("slug")
    status, said = at_oscar.call("POST", "/v1/oscar", body)
    number = f"{GLOBAL}/1195"
    came = polled(number, "referral")["data"]
    ok(status == 202 and came["name_first"] == "Калина" and came["oscar_number"] == GLOBAL, "from OSCaR to Primero", (said, came))
    at_primero.call("POST", "/v1/primero", {"data": {"record_id": "1", "status": "rejected", "service_record_id": number, "rejected_reason": "Заето"}})
    no = heard(number, "declined")
    ok(no["referral_id"] == 1195 and no["referral_status"] == "Exited" and no["reason_for_exiting"] == "Заето", "and its rejected home as Exited", no)


def examples():
    """The files that a developer gets, posted as they are."""
    def post(system, shape, name):
        text = (ROOT / "config" / "examples" / shape / name).read_text("utf-8").replace("SENDER", system.agency.id).replace("RECEIVER", centre.id)
        return system.call("POST", f"/v1/{shape}", json.loads(text))
    for system, shape, sender, other in ((at_oscar, "oscar", cop, oscar), (at_primero, "primero", at_oscar, primero)):
        status, said = post(system, shape, "01-sender-referral.json")
        got = arrived(said["referral_id"])["record"] if status == 202 else None
        ok(got and got["service_kind"] == "needs-assessment" and got["consent"]["given_by"] == "parent" and got["child"]["family"] == "Примерна",
           f"the example of {shape} comes to the centre", (said, got))
        sender.call("POST", "/v1/referrals", referral("ПР-1", other.id))
        wait_for(f"ПР-1 at {other.id}", lambda s=system: s.call("GET", "/v1/referrals/%D0%9F%D0%A0-1")[0] == 200, 30)
        status, said = post(system, shape, "04-receiver-status-change.json")
        ok(status == 202 and said["state"] == "queued", "and its example of a status is taken", said)


def mistakes():
    for text in ('{"organization": {\n "given_name": "Калина",\n ...\n}}', '{"organization": {"services": [], ...}}'):
        status, said = curl("POST", f"{oscar.url}/v1/oscar", text, oscar.token)
        ok(status == 400 and said["code"] == "NSK-1501" and said["line"] == text.count("\n", 0, text.index("...")) + 1 and "Калина" not in str(said),
           "three dots are no JSON, and their line is told", said)
    status, said = at_oscar.call("POST", "/v1/oscar", {"organization": client(service(1300, "x"), date_of_birth="22015-03-07")})
    ok(status == 422 and said["where"] == "organization.date_of_birth", "a wrong date is told by its own name", said)
    status, said = at_oscar.call("POST", "/v1/oscar", {"organization": client(service(1300, "x"), mosvy_number="1543079014")})
    ok(status == 422 and said["where"] == "organization.mosvy_number" and said["code"] == "NSK-1306", "as is a mistyped number", said)
    status, said = at_oscar.call("POST", "/v1/referrals", {"organization": client(service(1300, "x"))})
    ok(status == 422 and said["code"] == "NSK-1308", "at the other addresses nothing has changed", said)
    (oscar.folder("in") / "klient.json").write_text(json.dumps({"data": [client(service(1301, "Арт терапия"))]}, ensure_ascii=False), "utf-8")
    ok(arrived("lxis-1762/1301")["record"]["service_kind"] == "psych-counselling", "a file in the folder is known by its members")


try:
    webhook_system.write_secret(oscar)
    hook = webhook_system.System(oscar.out_port, {})
    world.make()
    world.start()
    for act in (from_oscar, from_primero, to_oscar, held, to_primero, between, examples, mistakes):
        act()
    logs_hold_nothing(world, "Калина", "1543079013")
except (RuntimeError, TimeoutError, OSError, LookupError, TypeError) as e:
    ok(False, "the case systems go to their end", f"{type(e).__name__}: {e}")
finally:
    world.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Scenario (i), capacity: who offers what where with free places; announced, searched, full, gone stale, ended; a newcomer gets the newest
of each; a referral that names a service finds its agency, is warned of one that is full or not offered, in JSON, FHIR, HL7 and CSV, and is
refused for want of room; a settlement gives the municipality, but for the code that three share."""
import csv
import datetime
import io
import json
import socket
import time
from urllib.parse import quote

from cast import BIN, ROOT, System, World, curl, done, doors, folder, ok, referral, wait_for
import pairs_csv

CONFIG = doors.polling()
ROUTES = "routes: [{{ municipality: PDV42, to: plovdiv-cop }}]\n"
HOSPITAL = """language: bg
in:
  http: {{ listen: "127.0.0.1:{http_port}", tokens_file: {dir}/tokens }}
  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8] }}
out: {{ polling: true }}
defaults: {{ risk_level: medium, disposition_wanted: take-over, legal_basis: duty-to-protect }}
egress:
  referrals: {{ door: polling, format: fhir }}
  statuses: {{ door: polling, format: fhir }}
  receipts: {{ door: polling, format: fhir }}
"""
PUPILS = "language: bg\ndefaults: {{ risk_level: medium, disposition_wanted: take-over, legal_basis: duty-to-protect }}\n"
FILE = "services: {{ file: {dir}/services.json }}\n"

SERVICE = {
    "service_kind": "psych-counselling", "name_bg": "Психологическо консултиране", "name_en": "Psychological counselling",
    "municipalities": ["PDV22", "PDV17", "PDV26"], "min_age": 3, "max_age": 17, "eligibility": "Деца в риск", "unit": "place",
    "languages": ["bg", "rom"], "contacts": [{"kind": "phone", "value": "+359 32 000 000"}],
    "places": [{"municipality": "PDV22", "ekatte": "56784", "address": "ул. Примерна 1"}],
    "capacity_status": "capacity", "total": 12, "available": 4, "valid_days": 30,
}

world = World(folder(), BIN)
office = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила на детето", "Child protection", CONFIG + ROUTES)
centre = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Център за подкрепа", "Support centre", CONFIG)
school = world.agency("plovdiv-school", "school", "PDV22", "social", "Училище", "School", CONFIG + FILE)
hospital = world.agency("plovdiv-mbal", "hospital", "PDV22", "health", "Болница", "Hospital", HOSPITAL)
nursery = world.agency("plovdiv-dg", "school", "PDV22", "education", "Детска градина", "Nursery school", pairs_csv.CONFIG + PUPILS)
desk, cop, late = System(office), System(centre), System(school)


def services(system, **query):
    path = "/v1/services" + ("?" if query else "") + "&".join(f"{k}={quote(str(v))}" for k, v in query.items())
    status, answer = system.call("GET", path)
    if status != 200:
        raise RuntimeError(f"{path}: {status} {answer}")
    return answer["services"]


def ids(found):
    return [s["service_id"] for s in found]


def one(system, service):
    found = services(system, id=service)
    return found[0] if found else None


def comes(system, service, **wanted):
    return wait_for(f"{service} with {wanted}", lambda: s if (s := one(system, service)) and all(
        s.get(k) == v for k, v in wanted.items()) else None, 20)


def ctl(agency, *words):
    run = world.ctl(*words, "--config", agency.config_file, "--json", check=False)
    return run.returncode, json.loads(run.stdout) if run.stdout.strip() else run.stderr


def announced():
    status, answer = cop.call("PUT", "/v1/services/cop-psy", SERVICE)
    ok(status == 202 and answer["programme"] == "P2" and answer["room"] == "free" and answer["ours"], "a service is announced", answer)
    seen = comes(desk, "cop-psy", room="free")
    ok(seen["agency"] == centre.id and seen["available"] == 4 and seen["municipalities"] == ["PDV17", "PDV22", "PDV26"] and
       seen["agency_name_bg"] == centre.name_bg and seen["contacts"] == SERVICE["contacts"], "another agency sees all of it", seen)
    ok(wait_for("the hub to have it", lambda: one(cop, "cop-psy")["stored"], 20), "its own agency sees that the hub has it")
    status, _ = cop.call("PUT", "/v1/services/cop-speech", dict(SERVICE, service_kind="speech-therapy", name_bg="Логопед",
                                                                name_en="Speech therapist", municipalities=["PDV42"], available=9, min_age=0))
    ok(status == 202 and comes(desk, "cop-speech", room="free"), "a second one as well")
    code, answer = ctl(office, "announce", ROOT / "config/samples/services.json")
    ok(code == 0 and comes(cop, "cop-psych-counselling", agency=office.id), "and the sample's, from a file", answer)
    ctl(office, "announce", "cop-psych-counselling", "--end")
    wait_for("it to be gone", lambda: one(cop, "cop-psych-counselling") is None, 20)


def refused():
    for name, change, code in (("a personal number in it", {"eligibility": "за детето 1543079013"}, "NSK-1202"),
                               ("a kind that is none", {"service_kind": "magic"}, "NSK-1303"),
                               ("more free places than there are", {"available": 13}, "NSK-1305"),
                               ("no end to what it says", {"valid_days": None}, "NSK-1305"),
                               ("a field that is none", {"colour": "blue"}, "NSK-1308"),
                               ("another agency's name", {"agency": office.id}, "NSK-1202")):
        status, answer = cop.call("PUT", "/v1/services/cop-bad", dict(SERVICE, **change))
        ok(status >= 400 and answer["code"] == code, f"refused with {name}", f"{status} {answer}")
    ok(one(desk, "cop-bad") is None and one(cop, "cop-bad") is None, "nothing of it is kept")


def searched():
    ok(ids(services(desk)) == ["cop-speech", "cop-psy"], "the one with most room stands first", services(desk))
    for query, wanted in (({"kind": "speech-therapy"}, ["cop-speech"]), ({"programme": "P1"}, []), ({"municipality": "PDV42"}, ["cop-speech"]),
                          ({"municipality": "Пловдив"}, ["cop-psy"]), ({"age": 1}, ["cop-speech"]), ({"age": 18}, []),
                          ({"text": "ЛОГО"}, ["cop-speech"]), ({"text": "counsel"}, ["cop-psy"]), ({"free": "true", "age": 5, "municipality": "PDV17"}, ["cop-psy"]),
                          ({"agency": office.id}, [])):
        ok(ids(services(desk, **query)) == wanted, f"found by {query}", services(desk, **query))
    status, answer = desk.call("GET", "/v1/services?kind=magic")
    ok(status == 422 and answer["code"] == "NSK-1303", "a kind that is none is told", answer)
    status, answer = desk.call("GET", "/v1/services?kidn=mentoring")
    ok(status == 422 and (answer["code"], answer["where"]) == ("NSK-1308", "kidn"), "so is a question that is none: all would fit it", answer)
    code, answer = ctl(office, "services", "--municipality", "Plovdiv", "--age", "7", "--free")
    ok(code == 0 and ids(answer["services"]) == ["cop-psy"], "nasokactl finds the same", answer)
    table = world.ctl("services", "--config", office.config_file, "--lang", "bg")
    ok("Психологическо консултиране" in table and "свободни" in table, "and shows it to people in Bulgarian", table)


def send(number, **more):
    return desk.call("POST", "/v1/referrals", referral(number, None, **more))


def named():
    status, answer = send("У-1", target={"service_id": "cop-psy"})
    ok(status == 202 and "warning" not in answer, "a referral to a service is taken without its agency's name", answer)
    item = wait_for("the referral at the centre", lambda: [i for i in cop.inbox(0) if i.get("record", {}).get("referral_id") == "У-1"], 20)[0]
    ok(item["record"]["target"] == {"agency": centre.id, "service_id": "cop-psy"}, "it comes to the agency that offers it", item)
    status, answer = send("У-2", target={"service_id": "no-such"})
    ok(status == 404 and answer["code"] == "NSK-1006", "a service that nobody offers is told", answer)


def full():
    code, answer = ctl(centre, "announce", "cop-psy", "--status", "no-capacity", "--available", "0", "--waiting", "7")
    ok(code == 0 and answer["services"][0]["room"] == "full" and answer["services"][0]["total"] == 12, "what has changed is enough", answer)
    comes(desk, "cop-psy", room="full", waiting=7)
    ok(ids(services(desk, free="true")) == ["cop-speech"], "what is full is not among the free ones")
    status, answer = send("У-3", target={"service_id": "cop-psy"})
    ok(status == 202 and "no free places" in answer.get("warning", ""), "a referral to it is warned of, and taken", answer)
    status, answer = send("У-4", target={"agency": centre.id}, service_kind="immunisation")
    ok(status == 202 and "does not offer" in answer.get("warning", ""), "so is one for a kind of service that the agency does not announce", answer)
    wait_for("У-3", lambda: [i for i in cop.inbox(0) if i.get("record", {}).get("referral_id") == "У-3"], 20)
    status, answer = cop.call("POST", "/v1/statuses", {
        "status_id": "о-3", "referral_id": "У-3", "to": "declined", "reason_code": "no-capacity", "at": "2026-11-20T10:00:00Z",
        "actor": {"role": "координатор"}})
    ok(status == 202, "its agency refuses it for want of room", answer)
    ok(wait_for("the refusal", lambda: desk.call("GET", "/v1/referrals/" + quote("У-3"))[1]["state"] == "declined", 20),
       "and the sender hears of it")


def mllp(agency, text):
    with socket.create_connection(("127.0.0.1", agency.mllp_port), 20) as s:
        s.sendall(b"\x0b" + text.encode() + b"\x1c\r")
        said = b""
        while not said.endswith(b"\x1c\r") and (part := s.recv(4096)):
            said += part
    return said.strip(b"\x0b\x1c\r").decode()


def warned_in_every_format():
    """cop-psy is full, and everybody who asks for psych-counselling at the centre learns it."""
    hospital.start()
    nursery.start()
    coding = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
    request = {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "routine", "identifier": [{"type": coding, "value": "Б-1"}],
               "contained": [{"resourceType": "Patient", "id": "child", "name": [{"family": "Тест", "given": ["Калина"]}], "gender": "female",
                              "birthDate": "2015-03-07"}],
               "code": {"coding": [{"system": "urn:nasoka:service-kind", "code": "psych-counselling"}]}, "subject": {"reference": "#child"},
               "performer": [{"identifier": {"system": "urn:nasoka:agency", "value": centre.id}}], "reasonCode": [{"text": "Страх."}]}
    first = wait_for("the hospital to know that it is full", lambda: (a := curl("POST", hospital.url + "/fhir/ServiceRequest", dict(
        request, identifier=[{"type": coding, "value": f"Б-{time.monotonic_ns()}"}]), hospital.token, "application/fhir+json")) and
        (a[1]["resourceType"] == "OperationOutcome" or a[0] != 201) and a, 30, 0.5)
    issue = first[1].get("issue", [{}])[0]
    ok(first[0] == 201 and first[1].get("id") and issue.get("severity") == "warning" and "no free places" in issue.get("diagnostics", ""),
       "a FHIR client is answered 201 with an OperationOutcome of severity warning", first)
    said = mllp(hospital, "\r".join((
        "MSH|^~\\&|HIS|MBAL|NASOKA|COP|20261120100000||REF^I12^REF_I12|M-1|P|2.5.1||||||UNICODE UTF-8", "RF1||R|Psy|AM||Б-H1|||20261119",
        "PRD|RP|Иванова^Мария", f"PRD|RT||||||{centre.id}^NASOKA", "PID|1||1543079013^^^GRAO^NNBGR||Тест^Калина||20150307|F",
        "OBR|1|Б-H1||psych-counselling^^NASOKA", "NTE|1||Страх.|1R^Primary Reason^HL70364", "")))
    ok("MSA|AA|M-1|The service has no free places" in said and "^HL70357|W|" in said and "няма свободни места" in said,
       "an HL7 client is answered AA with an ERR of severity W", said)
    row = {"referral_no": "Д-1", "first_name": "Калина", "last_name": "Тест", "birth_date": "07.03.2015", "gender": "ж", "priority": "обичаен",
           "service_kind": "psych-counselling", "reason": "Страх.", "target_agency": centre.id}

    def table(n):
        row["referral_no"] = f"Д-{n}"
        nursery.folder("in").joinpath(f"t{n}.csv").write_bytes(pairs_csv.write(list(row), [row], ";", "utf-8"))
        result = nursery.folder("out") / f"t{n}.csv.result.csv"
        data = wait_for(result.name, lambda: result.exists() and result.read_bytes(), 20, 0.05)
        return next(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))

    got = next((r for r in (table(n) for n in range(1, 40)) if r["warning"] or r["result"] != "accepted" or time.sleep(0.3)), None)
    ok(got and got["result"] == "accepted" and "няма свободни места" in got["warning"], "a school reads it in its result table", got)


def newcomer():
    (school.dir / "services.json").write_text(json.dumps([dict(SERVICE, service_id="school-help", service_kind="attendance-support",
                                                               name_bg="Подкрепа", name_en="Support", total=2, available=2)]))
    school.start()
    ok(comes(late, "cop-psy", room="full") and comes(late, "cop-speech", room="free"), "who comes later gets the newest of each")
    ok(comes(desk, "school-help", room="free"), "what stands in a configuration's file is announced at the start")
    status, answer = late.call("PATCH", "/v1/services/school-help", {"capacity_status": "waitlist", "available": 0})
    ok(status == 202 and comes(desk, "school-help", room="waitlist"), "what was said since", answer)
    school.stop()
    school.start()
    ok(one(late, "school-help")["room"] == "waitlist" and one(late, "cop-psy")["room"] == "full",
       "outlasts a restart, though the file says otherwise", one(late, "school-help"))


def stale():
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    status, answer = cop.call("PATCH", "/v1/services/cop-psy", {"capacity_status": "capacity", "available": 3, "valid_until": soon})
    ok(status == 202 and comes(desk, "cop-psy", available=3), "room again, for two seconds", answer)
    comes(desk, "cop-psy", room="stale")
    ok("cop-psy" not in ids(services(desk, free="true")) and one(desk, "cop-psy")["available"] == 3,
       "then it is shown as stale, and counts as free no more", one(desk, "cop-psy"))
    ok(ids(services(desk))[-1] == "cop-psy", "and stands last")


def crash():
    world.hub.kill()
    world.hub.wait()
    status, _ = cop.call("PATCH", "/v1/services/cop-speech", {"available": 5})
    ok(status == 202 and not one(cop, "cop-speech")["stored"], "without the hub it is kept, and shown as not stored")
    cop.call("PATCH", "/v1/services/cop-speech", {"available": 6})
    world.start_hub()
    ok(comes(desk, "cop-speech", available=6) and comes(late, "cop-speech", available=6), "what was said last goes out when the hub is back")


def ended():
    status, answer = cop.call("DELETE", "/v1/services/cop-psy")
    ok(status == 200, "a service ends", answer)
    wait_for("it to be gone", lambda: one(desk, "cop-psy") is None, 20)
    ok(one(late, "cop-psy") is None and one(cop, "cop-psy") is None, "and is shown nowhere")
    status, answer = cop.call("DELETE", "/v1/services/cop-none")
    ok(status == 404 and answer["code"] == "NSK-1006", "one that never was cannot end", answer)


def settlements():
    child = referral("", "")["child"]
    for number, ekatte, wanted in (("Е-1", "40467", 202), ("Е-2", "56784", 422)):
        status, answer = desk.call("POST", "/v1/referrals", dict(referral(number, None), target=None,
                                                                 child=dict(child, address={"ekatte": ekatte})))
        ok(status == wanted, f"settlement {ekatte} without a municipality: {wanted}", answer)
    ok(answer["code"] == "NSK-1506" and answer["where"] == "child.address.ekatte", "the shared code is told, not guessed", answer)
    item = wait_for("Е-1", lambda: [i for i in cop.inbox(0) if i.get("record", {}).get("referral_id") == "Е-1"], 20)[0]
    ok(item["record"]["child"]["address"]["municipality"] == "PDV42", "Kuklen's code has given its municipality", item)


def audited():
    world.end(world.hub)
    world.hub = None
    run = world.tool("nasoka-audit", "verify", "--config", world.hub_dir / "hub.yaml", check=False)
    ok(run.returncode == 0, "the log of it all verifies", run.stdout + run.stderr)


world.make()
world.start_hub()
office.start()
centre.start()
try:
    announced()
    refused()
    searched()
    named()
    full()
    warned_in_every_format()
    newcomer()
    stale()
    crash()
    ended()
    settlements()
    audited()
finally:
    world.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""What hub and adapters need: time to ready with an empty store, memory at rest and while 2,000 referrals pass through the real doors."""
import json
import threading
import time

from benchhand import BIN, DEEP, System, World, anonymous_mib, done, figure, folder, oblast, ok, referral, wait_for

MESSAGES = 2000 * (5 if DEEP else 1)
READY_S, IDLE_S = 1.0, 1.0
LIMITS = {"nasoka-hub": (64, 256), "nasoka-health": (32, 64), "nasoka-social": (32, 64), "nasoka-education": (32, 64)}
ROWS_A_FILE = 50

world = World(folder(), BIN)
office = world.agency(oblast.OFFICE, "ozd", "PDV22", "social", "Закрила на детето", "Child protection", oblast.SOCIAL)
school = world.agency(oblast.SCHOOL, "school", "PDV22", "education", "ОУ „Тест“", "Test school", oblast.SCHOOL_CSV)
doctor = world.agency(oblast.DOCTOR, "gp", "PDV01", "health", "Личен лекар", "General practice", oblast.HEALTH_FHIR)
world.make()
AGENCIES = {"nasoka-social": office, "nasoka-education": school, "nasoka-health": doctor}


def process(name):
    return world.hub if name == "nasoka-hub" else AGENCIES[name].process


def start(name):
    """Seconds from the start of the program to its word that it is ready."""
    begun = time.monotonic()
    if name == "nasoka-hub":
        world.start_hub(wait=False)
        log = world.hub_log
    else:
        AGENCIES[name].start(wait=False)
        log = AGENCIES[name].log
    wait_for(f"{name} to be ready", lambda: b"ready " in log.read_bytes(), 20, 0.002)
    return time.monotonic() - begun


def bundle(number):
    """A GP's referral to the office."""
    u = "urn:uuid:5a1f0000-0000-4000-8000-00000000000"
    plac = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
    place = [{"url": "urn:nasoka:municipality", "valueString": "PDV01"}, {"url": "urn:nasoka:ekatte", "valueString": "00702"}]
    return {"resourceType": "Bundle", "type": "message", "entry": [
        {"fullUrl": u + "1", "resource": {
            "resourceType": "MessageHeader", "eventCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0003", "code": "I12"},
            "destination": [{"name": "ОЗД", "endpoint": "https://ozd.plovdiv.example/fhir"}],
            "source": {"name": "GP", "endpoint": "https://gp.asenovgrad.example/fhir"}, "focus": [{"reference": u + "2"}]}},
        {"fullUrl": u + "2", "resource": {
            "resourceType": "ServiceRequest", "identifier": [{"type": plac, "value": number}], "status": "active", "intent": "order",
            "priority": "routine", "code": {"coding": [{"system": "urn:nasoka:service-kind", "code": "parent-support"}]},
            "subject": {"reference": u + "3"}, "reasonCode": [{"text": "Родителите търсят подкрепа."}]}},
        {"fullUrl": u + "3", "resource": {
            "resourceType": "Patient", "name": [{"family": "Пробен", "given": ["Иво"]}], "gender": "male", "birthDate": "2019-11-30",
            "address": [{"city": "Асеновград", "extension": place}]}}]}


def rows(numbers):
    """A school's file of referrals to the office."""
    columns = ("referral_no;municipality_code;settlement_ekatte;id_type;id_number;first_name;last_name;birth_date;gender;service_kind;"
               "risk_level;priority;reason;legal_basis;respond_by")
    row = "{};PDV22;56784;EGN;1543079013;Калина;Пробна;2015-03-07;female;parent-support;medium;routine;Нужда.;duty-to-protect;2027-03-01"
    return "\r\n".join([columns, *(row.format(n) for n in numbers)]) + "\r\n"


def from_office(to, prefix):
    system = System(office)
    for i in range(MESSAGES // 4):
        status, answer = system.call("POST", "/v1/referrals", referral(f"{prefix}-{i}", to.id))
        assert status == 202, answer


def from_doctor():
    system = System(doctor)
    for i in range(MESSAGES // 4):
        status, answer = system.call("POST", "/fhir", bundle(f"D-{i}"))
        assert status == 200, answer


def from_school():
    for first in range(0, MESSAGES // 4, ROWS_A_FILE):
        text = rows(f"S-{i}" for i in range(first, min(first + ROWS_A_FILE, MESSAGES // 4)))
        part = school.folder("in") / ".part"
        part.write_bytes(text.encode("cp1251"))
        part.rename(school.folder("in") / f"referrals-{first}.csv")


def drained():
    """All referrals and a receipt of each are taken, and nothing waits at the hub."""
    agencies = json.loads(world.ctl("status", "--socket", world.socket, "--json"))["agencies"]
    return sum(a["delivered"] for a in agencies) >= 2 * MESSAGES and not any(a["queued"] for a in agencies)


most = dict.fromkeys(LIMITS, 0.0)
is_over = threading.Event()


def watch():
    while not is_over.wait(0.05):
        for name in LIMITS:
            most[name] = max(most[name], anonymous_mib(process(name).pid))


try:
    for name in LIMITS:
        seconds = start(name)
        ok(seconds < READY_S, f"{name} is ready within {READY_S:.0f} s with an empty store", seconds)
        figure(f"ready {name}: {seconds * 1000:.0f} ms, empty store")
    time.sleep(IDLE_S)
    for name, (idle, _) in LIMITS.items():
        mib = anonymous_mib(process(name).pid)
        ok(mib < idle, f"{name} idle holds less than {idle} MiB", mib)
        figure(f"memory {name}: {mib:.1f} MiB idle (RssAnon)")
    watcher = threading.Thread(target=watch)
    senders = [threading.Thread(target=from_office, args=(doctor, "O")), threading.Thread(target=from_office, args=(school, "P")),
               threading.Thread(target=from_doctor), threading.Thread(target=from_school)]
    begun = time.monotonic()
    for t in (watcher, *senders):
        t.start()
    for t in senders:
        t.join()
    try:
        wait_for("all referrals and receipts to be taken", drained, 120, 0.25)
        is_drained = True
    except TimeoutError as e:
        is_drained = False
        print(f"# {e}")
    seconds = time.monotonic() - begun
    is_over.set()
    watcher.join()
    ok(is_drained, f"{MESSAGES} referrals went through and were acknowledged")
    for name, (_, loaded) in LIMITS.items():
        ok(most[name] < loaded, f"{name} under load holds less than {loaded} MiB", most[name])
        figure(f"memory {name}: {most[name]:.1f} MiB at most under load")
    figure(f"{MESSAGES} referrals through HTTP, FHIR and CSV with their receipts in {seconds:.1f} s")
finally:
    is_over.set()
    world.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""I1, I5, I6, I15, I28: hub and each adapter killed with -9 five times within 2,000 messages under load; nothing lost, nothing
twice, every thread in order, every accepted id in the log, no hand needed. All three sectors send: JSON, FHIR and CSV."""
import csv
import json
import random
import signal
import sys
import threading
import time

from stagehand import BIN, DEEP, System, World, done, figure, folder, oblast, ok, referral, wait_for

REFERRALS = 500 * (5 if DEEP else 1)        # each with three status changes: 2,000 messages
KILLS = 5 * (4 if DEEP else 1)
BY_FHIR = BY_CSV = REFERRALS // 16          # of them from the GP and from the school
CSV_ROWS = 5                                # of one of the school's files
SENDERS = 4
STEPS = ("received", "accepted", "completed")
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 30)

rng = random.Random(SEED)
print(f"# seed {SEED}")
world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", oblast.SOCIAL)
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", oblast.SOCIAL)
doctor = world.agency(oblast.DOCTOR, "gp", "PDV01", "health", "Лекар", "GP", oblast.HEALTH_FHIR)
school = world.agency(oblast.SCHOOL, "school", "PDV22", "education", "Училище", "School",
                      oblast.SCHOOL_CSV.replace("routes: [{{ service_kind: specialist-consult, to: plovdiv-mbal }}, ", "routes: ["))
world.make()
world.start()
to_sender, to_receiver, to_doctor = System(sender), System(receiver), System(doctor)
to_doctor.media = "application/fhir+json"
accepted, errors = {}, []
sent_all = threading.Event()


def guard(fn):
    def run(*args):
        try:
            fn(*args)
        except Exception as e:      # noqa: BLE001 - told by the test below
            errors.append(repr(e))
    return run


BY_JSON = REFERRALS - BY_FHIR - BY_CSV
numbers = [f"R-{i:05d}" for i in range(BY_JSON)] + [f"G-{i:05d}" for i in range(BY_FHIR)] + [f"S-{i:05d}" for i in range(BY_CSV)]


def pace(done, whole):
    """Keep step with the JSON senders, so that every adapter is under load from the first kill to the last."""
    while len(accepted) < done * REFERRALS * 4 // (whole + 1) and not errors:
        time.sleep(0.005)


@guard
def send_fhir():
    plac = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
    for i in range(BY_FHIR):
        pace(i, BY_FHIR)
        number = f"G-{i:05d}"
        request = {
            "resourceType": "ServiceRequest", "identifier": [{"type": plac, "value": number}], "status": "active",
            "intent": "order", "priority": "routine",
            "contained": [{"resourceType": "Patient", "id": "child", "gender": "female", "birthDate": "2015-03-07",
                           "name": [{"family": "Тест-Пробна", "given": ["Калина"]}]}],
            "code": {"coding": [{"system": "urn:nasoka:service-kind", "code": "parent-support"}]}, "subject": {"reference": "#child"},
            "performer": [{"identifier": {"system": "urn:nasoka:agency", "value": receiver.id}}],
            "reasonCode": [{"text": "Нужда от подкрепа."}]}
        status, answer = to_doctor.call("POST", "/fhir/ServiceRequest", request)
        if status not in (200, 201):
            raise RuntimeError(f"{number}: {status} {answer}")
        accepted[number] = None         # its id is read where it arrives


HEADER = ("referral_no;created_on;institution_code;municipality_code;first_name;last_name;birth_date;gender;service_kind;risk_level;"
          "priority;reason;legal_basis;respond_by")


@guard
def send_csv():
    for first in range(0, BY_CSV, CSV_ROWS):
        pace(first, BY_CSV)
        rows = [f"S-{i:05d};20.11.2026;1690001;PDV22;Калина;Тест-Пробна;07.03.2015;female;attendance-support;medium;routine;"
                "Нужда от подкрепа.;statutory-task;02.03.2027" for i in range(first, min(first + CSV_ROWS, BY_CSV))]
        part = school.folder("in") / f".r-{first}.part"
        part.write_bytes(("\r\n".join([HEADER, *rows]) + "\r\n").encode("cp1251"))
        part.rename(school.folder("in") / f"r-{first}.csv")
        for i in range(first, min(first + CSV_ROWS, BY_CSV)):
            accepted[f"S-{i:05d}"] = None


@guard
def send(lane):
    for i in range(lane, BY_JSON, SENDERS):
        number = f"R-{i:05d}"
        status, answer = to_sender.call("POST", "/v1/referrals", referral(number, receiver.id))
        if status != 202:
            raise RuntimeError(f"{number}: {status} {answer}")
        accepted[number] = answer["msg_id"]


arrived, answered = {}, 0


@guard
def receive():
    global answered
    after = 0
    while answered < REFERRALS and not errors:
        items = to_receiver.inbox(after)
        for item in items:
            after = item["cursor"]
            if item["kind"] != "referral":
                continue
            number = item["referral_id"]
            arrived.setdefault(number, []).append(item["msg_id"])
            case_no = f"C-{number}"
            status, answer = to_receiver.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": case_no})
            if status >= 300:
                raise RuntimeError(f"registering {number}: {status} {answer}")
            for n, step in enumerate(STEPS):
                body = {"referral_id": number, "to": step, "at": f"2026-11-20T10:0{n}:00Z"}
                if step == "completed":
                    body["outcome"] = {"outcome": "need-met"}
                status, answer = to_receiver.call("POST", "/v1/statuses", body)
                if status != 202:
                    raise RuntimeError(f"{number} {step}: {status} {answer}")
                accepted[f"{number}/{step}"] = answer["msg_id"]
            answered += 1
        if not items:
            time.sleep(0.02)


home = {}


def come_home():
    """The statuses that the sender's system reads, by referral, in the order of its inbox."""
    home.clear()
    after, items = 0, [None]
    while items:
        items = to_sender.inbox(after)
        for item in items:
            after = item["cursor"]
            if item["kind"] == "status-change":
                home.setdefault(item["referral_id"], []).append(item["record"]["to"])
    for path in school.folder("out").glob("*.csv"):
        rows = list(csv.DictReader(path.read_bytes().decode("cp1251").splitlines(), delimiter=";"))
        for row in rows:
            if row.get("transition"):
                school_home.setdefault(row["referral_no"], {})[path.name] = row["to"]
    return (sum(map(len, home.values())) >= BY_JSON * len(STEPS) and
            sum(map(len, school_home.values())) >= BY_CSV * len(STEPS))


school_home = {}
killed = {"hub": 0, sender.id: 0, receiver.id: 0, doctor.id: 0, school.id: 0}
slowest = 0.0


@guard
def kill():
    global slowest
    victims = list(killed) * KILLS
    rng.shuffle(victims)
    for n, victim in enumerate(victims):
        goal = (n + 1) * REFERRALS * 4 // (len(victims) + 2)
        while len(accepted) < goal and not errors:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.05)
        begun = time.monotonic()
        if victim == "hub":
            world.end(world.hub, signal.SIGKILL)
            begun = time.monotonic()
            world.start_hub()
            killed["hub"] += 1
        else:
            agency = next(a for a in world.agencies if a.id == victim)
            agency.stop(signal.SIGKILL)
            begun = time.monotonic()
            agency.start()
            killed[agency.id] += 1
        slowest = max(slowest, time.monotonic() - begun)


begun = time.monotonic()
threads = [threading.Thread(target=send, args=(n,)) for n in range(SENDERS)]
threads += [threading.Thread(target=t) for t in (send_fhir, send_csv, receive, kill)]
try:
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    seconds = time.monotonic() - begun
    ok(not errors, "no call was refused or given up", "\n".join(errors))
    ok(all(n == KILLS for n in killed.values()), f"hub and each of four adapters were killed {KILLS} times", killed)
    ok(len(accepted) == REFERRALS * 4, f"{REFERRALS * 4} messages were accepted", len(accepted))
    try:
        wait_for("all statuses to come home", come_home, 60, 0.3)
    except TimeoutError as e:
        print(f"# {e}")
    ok(set(arrived) == set(numbers), "nothing lost on the way out",
       f"{REFERRALS - len(arrived)} missing")
    ok(all(len(v) == 1 for v in arrived.values()), "nothing twice in the receiver's inbox")
    wrong = {k: v for k, v in home.items() if tuple(v) != STEPS}
    ok(len(home) == BY_JSON and not wrong, "every thread came home whole, in order and once", list(wrong.items())[:5])
    # a file is named by its message's id, and ids sort by the time they were made
    wrong = {k: v for k, v in school_home.items() if tuple(v[name] for name in sorted(v)) != STEPS}
    ok(len(school_home) == BY_CSV and not wrong, "and to the school's folder", list(wrong.items())[:5])

    def unfinished():
        bad = []
        for i in range(BY_JSON):
            p = to_sender.call("GET", f"/v1/referrals/R-{i:05d}")[1]
            stages = p["stages"]
            if p["state"] != "completed" or not all(stages.get(s) for s in ("stored", "delivered", "registered", "seen")):
                bad.append((f"R-{i:05d}", p["state"], stages))
        for i in range(BY_FHIR):
            task = to_doctor.call("GET", f"/fhir/Task/G-{i:05d}")[1]
            stages = [x["url"] for e in task.get("extension", []) if e["url"] == "urn:nasoka:stages" for x in e["extension"]]
            if task.get("status") != "completed" or not {"stored", "delivered", "registered", "seen"} <= set(stages):
                bad.append((f"G-{i:05d}", task.get("status"), stages))
        return bad

    left = []
    try:
        wait_for("the last receipts", lambda: not left.clear() and not left.extend(unfinished()) and not left, 30, 0.5)
    except TimeoutError:
        pass
    ok(not left, "the senders' systems see all four stages of each referral", left[:5])
    world.stop()
    export = world.dir / "export"
    world.tool("nasoka-audit", "export", "--config", world.hub_dir / "hub.yaml", "--out", export)
    world.tool("nasoka-audit", "verify", export, "--trust", world.trust)
    events = json.loads(world.tool("nasoka-audit", "replay", export, "--trust", world.trust, "--json"))["events"]
    logged = [e["id"] for e in events if e["event"] == "submit"]
    ids = {i for i in accepted.values() if i} | {i for ids in arrived.values() for i in ids}
    ok(len(ids) >= REFERRALS * 4 and ids <= set(logged), "every accepted id is in the log, which verifies", len(ids - set(logged)))
    ok(len(logged) == len(set(logged)), "no id is in the log twice")
    figure(f"kill -9: {REFERRALS * 4} messages, {sum(killed.values())} kills, {seconds:.1f} s, {to_sender.tries + to_receiver.tries} "
           f"calls tried again, slowest back in {slowest:.2f} s, 0 lost, 0 twice")
finally:
    world.stop()
done()

#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
# Runs alone.
"""I1, I5, I6, I15, I28: hub and four adapters (two that speak JSON, FHIR, CSV) under load from agencies' own systems; at random
moments one of them, or the hub and an adapter at once, is killed with -9, stopped for a while, or told to end. Each is back within
two seconds without a hand and says what it found; what was told to end does so with 0 within five. In the end everything that
was accepted was registered once, every thread is in order, all stages came home, and the log verifies. The seed is printed, and
may be given."""
import collections
import csv
import json
import pathlib
import random
import re
import signal
import sys
import threading
import time

from disklab import BIN, DEEP, HEADER, READY_SECONDS, RESTART_SECONDS, Daemon, done, fault_row, figure, oblast, ok, referral
from stagehand import System, World, folder, wait_for

EVENTS = 1000 if DEEP else 40
KILLS = 5                                   # of each service at least
REFERRALS = 12 * EVENTS                     # each with three status changes
BY_FHIR = BY_CSV = REFERRALS // 16          # of them from the GP and from the school
CSV_ROWS = 5                                # of one of the school's files
SENDERS = 4
STEPS = ("received", "accepted", "completed")
END_SECONDS = 5.0
STOPPED = (0.05, 2.5)                       # longer than silence is borne, in part
HEARTBEATS = "heartbeat: 250ms, silence: 1s"
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 30)
KILL, STOP, TERM = "kill -9", "stop", "SIGTERM"

rng = random.Random(SEED)
print(f"# seed {SEED}", flush=True)
world = World(folder(), BIN)
world.hub_limits += f"\ntransport: {{ {HEARTBEATS} }}"
QUICK = f"transport: {{{{ reconnect_min: 10ms, reconnect_max: 500ms, {HEARTBEATS} }}}}\n"
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", oblast.SOCIAL + QUICK)
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", oblast.SOCIAL + QUICK)
doctor = world.agency(oblast.DOCTOR, "gp", "PDV01", "health", "Лекар", "GP", oblast.HEALTH_FHIR + QUICK)
school = world.agency(oblast.SCHOOL, "school", "PDV22", "education", "Училище", "School", QUICK +
                      oblast.SCHOOL_CSV.replace("routes: [{{ service_kind: specialist-consult, to: plovdiv-mbal }}, ", "routes: [")
                      .replace("receipts: {{ door: none }}", "receipts: {{ door: folder }}"))
world.make()
daemons = {"hub": Daemon(world, "hub", "nasoka-hub", world.hub_dir / "hub.yaml")}
daemons |= {a.id: Daemon(world, a.id, f"nasoka-{a.sector}", a.config_file) for a in world.agencies}
to_sender, to_receiver, to_doctor = System(sender), System(receiver), System(doctor)
to_doctor.media = "application/fhir+json"
accepted, errors = {}, []


def guard(fn):
    def run(*args):
        try:
            fn(*args)
        except Exception as e:      # noqa: BLE001 - told by the test below
            errors.append(f"{fn.__name__}: {e!r}")
    return run


BY_JSON = REFERRALS - BY_FHIR - BY_CSV
numbers = [f"R-{i:05d}" for i in range(BY_JSON)] + [f"G-{i:05d}" for i in range(BY_FHIR)] + [f"S-{i:05d}" for i in range(BY_CSV)]
TOTAL = REFERRALS * (1 + len(STEPS))


# -- the agencies' systems --

def pace(done, whole):
    """Keep step with the JSON senders, so that every adapter is under load from the first event to the last."""
    while len(accepted) < done * TOTAL // (whole + 1) and not errors:
        time.sleep(0.005)


def keep_back(i):
    """No more than two events ahead, so that the last one strikes services under load as the first does."""
    while i >= (struck + 2) * BY_JSON // (EVENTS + 2) and struck < EVENTS and not errors:
        time.sleep(0.002)


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


@guard
def send_csv():
    for first in range(0, BY_CSV, CSV_ROWS):
        pace(first, BY_CSV)
        mine = [f"S-{i:05d}" for i in range(first, min(first + CSV_ROWS, BY_CSV))]
        rows = [f"{n};20.11.2026;1690001;PDV22;Калина;Тест-Пробна;07.03.2015;female;attendance-support;medium;routine;"
                "Нужда от подкрепа.;statutory-task;02.03.2027" for n in mine]
        part, name = school.folder("in") / f".r-{first}.part", f"r-{first}.csv"
        part.write_bytes(("\r\n".join([HEADER, *rows]) + "\r\n").encode("cp1251"))
        part.rename(school.folder("in") / name)
        result = school.folder("out") / f"{name}.result.csv"
        wait_for(f"the result of {name}", lambda: errors or result.exists(), 60)
        answers = [(r["result"], r["message"]) for r in table(result)]
        # killed after the rows were durable and before the result was: the file is read again, and each row gets the id it had
        if [word for word, _ in answers] not in (["accepted"] * len(mine), ["repeated"] * len(mine)):
            raise RuntimeError(f"{name}: {answers}")
        accepted.update(zip(mine, (i for _, i in answers)))


def table(path):
    return list(csv.DictReader(path.read_bytes().decode("cp1251").splitlines(), delimiter=";"))


@guard
def send(lane):
    for i in range(lane, BY_JSON, SENDERS):
        keep_back(i)
        number = f"R-{i:05d}"
        status, answer = to_sender.call("POST", "/v1/referrals", referral(number, receiver.id))
        if status != 202:
            raise RuntimeError(f"{number}: {status} {answer}")
        accepted[number] = answer["msg_id"]


arrived, answered = collections.defaultdict(list), 0


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
            arrived[number].append(item["msg_id"])
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


home, school_home, registered_files = {}, {}, collections.Counter()
read_names = set()


def come_home():
    """The statuses that the senders' systems read, by referral, in the order of inbox or files."""
    home.clear()
    after, items = 0, [None]
    while items:
        items = to_sender.inbox(after)
        for item in items:
            after = item["cursor"]
            if item["kind"] == "status-change":
                home.setdefault(item["referral_id"], []).append(item["record"]["to"])
    for path in school.folder("out").glob("*.csv"):
        if path.name in read_names or path.name.endswith(".result.csv"):
            continue
        read_names.add(path.name)
        for row in table(path):
            if row.get("transition"):
                school_home.setdefault(row["referral_no"], {})[path.name] = row["to"]
            elif row.get("case_no"):
                registered_files[row["referral_no"]] += 1
    return (sum(map(len, home.values())) >= BY_JSON * len(STEPS) and len(registered_files) >= BY_CSV and
            sum(map(len, school_home.values())) >= BY_CSV * len(STEPS))


# -- the signals --

def plan():
    """Each victim killed KILLS times and stopped and told to end once, the rest by lot: [(victim, signal), ...] of an event."""
    agencies = [a.id for a in world.agencies]
    events = [[(v, s)] for v in daemons for s in (*[KILL] * KILLS, STOP, TERM)]
    events += [[("hub", s), (rng.choice(agencies), rng.choice((KILL, STOP, TERM)))] for s in (KILL, STOP, TERM)]
    events += rng.choices(events, k=EVENTS - len(events))
    rng.shuffle(events)
    return events


wrong, made, killed, slowest_end = [], collections.Counter(), collections.Counter(), 0.0
struck, under_load = 0, 0


def come_back(name, signal_):
    """After it was killed or told to end: ready in time, without a hand; the hub says what it found."""
    d = daemons[name]
    if not d.wait_ready(READY_SECONDS):
        wrong.append(f"{name} not ready {READY_SECONDS:g} s after {signal_}: {d.said()[-300:]}")
        d.wait_ready(60)
    line = re.search(r"^(?:<\d>)?recovered .*$", d.said(), re.M)
    if name == "hub":
        last = "crash" if signal_ == KILL else "clean"
        if not line or f"last={last} " not in line[0] or not re.search(r" size=[1-9]\d* ", line[0]):
            wrong.append(f"hub after {signal_} said: {line[0] if line else 'nothing'}")


def strike(event):
    """The signals of one event at once; then all run again."""
    global slowest_end
    for name, signal_ in event:
        made[signal_] += 1
        killed[name] += signal_ == KILL
        daemons[name].process.send_signal({KILL: signal.SIGKILL, STOP: signal.SIGSTOP, TERM: signal.SIGTERM}[signal_])
    begun = time.monotonic()
    ended = [(name, s) for name, s in event if s != STOP]
    for name, signal_ in ended:
        d = daemons[name]
        code = d.stop(signal.SIGCONT, END_SECONDS)
        if signal_ == TERM:
            slowest_end = max(slowest_end, time.monotonic() - begun)
            if code != 0:
                wrong.append(f"{name} ended with {code} after {signal_}: {d.said()[-300:]}")
    time.sleep(RESTART_SECONDS if ended else 0)
    for name, _ in ended:
        daemons[name].spawn()
    for name, signal_ in ended:
        come_back(name, signal_)
    for name, signal_ in event:
        if signal_ == STOP:
            time.sleep(max(0.0, begun + rng.uniform(*STOPPED) - time.monotonic()))
            daemons[name].process.send_signal(signal.SIGCONT)


@guard
def strikes():
    global struck, under_load
    events = plan()
    for n, event in enumerate(events):
        goal = (n + 1) * TOTAL // (len(events) + 2)
        while len(accepted) < goal and not errors:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.05)
        under_load += len(accepted) < TOTAL
        strike(event)
        struck += 1
        if n % 50 == 49:
            print(f"# at {n + 1} of {len(events)} events, {len(accepted)} of {TOTAL} messages", flush=True)


# -- the run --

def unfinished():
    """Referrals of which the sender's own system has not all four stages, and the last state."""
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


def check_log():
    """(how often each id was accepted, how often each was registered) by the hub's log, which verifies."""
    export = pathlib.Path(world.dir) / "export"
    world.tool("nasoka-audit", "export", "--config", world.hub_dir / "hub.yaml", "--out", export)
    world.tool("nasoka-audit", "verify", export, "--trust", world.trust)
    events = json.loads(world.tool("nasoka-audit", "replay", export, "--trust", world.trust, "--json"))["events"]
    return (collections.Counter(e["id"] for e in events if e["event"] == "submit"),
            collections.Counter(e["id"] for e in events if e["event"] == "registered"))


def main():
    threads = [threading.Thread(target=send, args=(n,)) for n in range(SENDERS)]
    threads += [threading.Thread(target=t) for t in (send_fhir, send_csv, receive, strikes)]
    begun = time.monotonic()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    seconds = time.monotonic() - begun
    ok(not errors, "no call was refused or given up", "\n".join(errors))
    ok(not wrong, f"each was back within {READY_SECONDS:g} s and said what it found, or ended with 0 within {END_SECONDS:g} s",
       "\n".join(wrong))
    ok(sum(made.values()) >= EVENTS, f"{EVENTS} events: {dict(made)}")
    ok(all(killed[name] >= KILLS for name in daemons), f"each service was killed {KILLS} times or more: {dict(killed)}", killed)
    ok(under_load == EVENTS, f"there were messages to take at each of {EVENTS} events", under_load)
    ok(len(accepted) == TOTAL, f"{TOTAL} messages were accepted", len(accepted))
    try:
        wait_for("all statuses to come home", come_home, 60, 0.3)
    except TimeoutError as e:
        print(f"# {e}")
    ok(set(arrived) == set(numbers), "nothing lost on the way out", f"{REFERRALS - len(arrived)} missing")
    ok(all(len(v) == 1 for v in arrived.values()), "nothing twice in the receiver's inbox")
    # a file is named by its message's id, and the ids of one sender grow
    came = {**home, **{k: [v[name] for name in sorted(v)] for k, v in school_home.items()}}
    bad = {k: v for k, v in came.items() if tuple(v) != STEPS}
    ok(len(came) == BY_JSON + BY_CSV and not bad, "every thread came home whole, in order and once, into inbox and folder",
       list(bad.items())[:5])
    ok(len(registered_files) == BY_CSV and set(registered_files.values()) <= {1}, "the school was told of each registration, once",
       registered_files.most_common(3))
    left = []
    try:
        wait_for("the last receipts", lambda: not left.clear() and not left.extend(unfinished()) and not left, 30, 0.5)
    except TimeoutError:
        pass
    ok(not left, "the senders' systems see all four stages of each referral", left[:5])
    codes = {name: d.stop(patience=END_SECONDS) for name, d in reversed(daemons.items())}
    ok(not any(codes.values()), "all ended with 0 when they were told to", codes)
    logged, registered = check_log()
    ids = {i for i in accepted.values() if i} | {i for ids in arrived.values() for i in ids}
    ok(len(ids) >= TOTAL and ids <= set(logged), "every accepted id is in the log, which verifies", len(ids - set(logged)))
    ok(set(logged.values()) == {1}, "no id is in the log twice")
    referrals = {i for ids in arrived.values() for i in ids}
    ok(all(registered[i] == 1 for i in referrals), "and each referral is registered there once",
       [i for i in referrals if registered[i] != 1][:5])
    lost = len(set(numbers) - set(arrived)) + len(ids - set(logged)) + len(left)
    lost += sum(max(0, len(STEPS) - len(came.get(n, ()))) for n in numbers if n[0] != "G")
    doubled = sum(len(v) - 1 for v in arrived.values()) + sum(max(0, len(v) - len(STEPS)) for v in came.values())
    doubled += sum(n - 1 for n in logged.values()) + sum(max(0, registered[i] - 1) for i in referrals)
    disordered = sum(v != list(STEPS)[:len(v)] for v in came.values() if len(v) <= len(STEPS))
    slowest = max(d.slowest for d in daemons.values())
    fault_row("kill -9, SIGSTOP, SIGTERM under load", EVENTS,
              dict(accepted=len(accepted), lost=lost, doubled=doubled, disordered=disordered))
    figure(f"signals: {TOTAL} messages, {dict(made)} in {seconds:.1f} s, {to_sender.tries + to_receiver.tries + to_doctor.tries} calls "
           f"tried again, slowest back in {slowest:.2f} s, slowest end {slowest_end:.2f} s")


try:
    for daemon in daemons.values():
        daemon.start()
    main()
finally:
    for daemon in daemons.values():
        daemon.end()
done()

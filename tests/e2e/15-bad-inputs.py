#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Every bad input gets the error that its protocol has for it, with a code that nasokactl explains; the good ones beside it go
through; and nobody falls over."""
import json
import re
import subprocess

import bad_doors
import bad_rows as rows
import clinic
from stagehand import BIN, System, curl, done, figure, folder, logs_hold_nothing, oblast, ok, referral, wait_for

EVERY = 5       # bad inputs between two good ones

world = oblast.oblast(folder(), BIN)
hospital, office, school, doctor = world.agencies
office.config = office.config.replace("in:\n", "in:\n  folder: {{ in: {folder}/in, done: {folder}/done, bad: {folder}/bad, out: {folder}/out, "
                                      "scan: 100ms, settle: 100ms }}\n", 1)
school.config = school.config.replace("{{ municipality: PDV22, to: plovdiv-ozd }}",
                                                               "{{ service_kind: psych-counselling, to: plovdiv-ozd }}")
n_bad, n_good, codes, pids, sent = 0, 0, set(), {}, {}


def number():
    global n_good
    n_good += 1
    return f"GOOD-{n_good}"


def good(door, to):
    """One good message through the door; it has to arrive at `to`."""
    no = number()
    is_taken, text = door.good(no)
    sent[no] = to
    if not is_taken:
        ok(False, f"{door.name}: a good one beside the bad ones", text.decode(errors="replace"))


def check(door, name, given, expected):
    global n_bad
    n_bad += 1
    try:
        got, text = door.answer(given)
    except Exception as e:      # noqa: BLE001 - a door that does not answer is one of the faults looked for
        got, text = f"{type(e).__name__}: {e}", b""
    ok(got == expected, f"{door.name}: {name}", f"expected {expected}\ngot      {got}\n{text.decode(errors='replace')[:1500]}")
    if rows.WORD.encode() in text or rows.WORD.encode("cp1251") in text:
        ok(False, f"{door.name}: {name}: the answer does not repeat the text", text.decode(errors="replace")[:1500])
    codes.update(re.findall("NSK-[0-9]{4}", json.dumps(got)))


def through(door, table, to):
    for i, (name, given, expected) in enumerate(table):
        check(door, name, given, expected)
        if i % EVERY == EVERY - 1:
            good(door, to)
    good(door, to)


def far_too_large(agency, path):
    """curl, which asks before it sends or is told not to, of a body of 20 MiB: each reads why."""
    for name, *more in (("that asks first",), ("that does not ask", "-H", "Expect:"), ("in chunks", "-H", "Expect:", "-H", "Transfer-Encoding: chunked")):
        end = subprocess.run(["curl", "-sS", "-m", "30", "-H", f"Authorization: Bearer {agency.token}", "-H", "Content-Type: application/json", *more,
                              "--data-binary", "@-", "-w", " %{http_code} %{size_upload}", agency.url + path],
                             input=b"[" + b"0," * (10 << 20) + b"0]", capture_output=True, timeout=60)
        text, status, size = end.stdout.decode().rsplit(" ", 2)
        ok(end.returncode == 0 and status == "413" and "NSK-1005" in text and (size == "0") == (not more), f"curl {name}: 20 MiB at {path} is 413",
           f"{end.returncode} {status} {size} {end.stderr.decode()} {text[:300]}")


def bad_lines(door):
    """Tables with one bad row: the two beside it are taken."""
    for name, line, (field, code) in rows.CSV_ROWS:
        numbers = number(), number()
        sent.update({n: hospital for n in numbers})
        check(door, name, rows.table(rows.row(numbers[0], "Добра"), line, rows.row(numbers[1], "Добра")),
              ("done", ("accepted", "", ""), ("refused", field, code), ("accepted", "", "")))


def arrived():
    """What lies at the receivers: text of all, and the numbers of referrals by agency."""
    inbox, after = [], 0
    while True:
        page = System(office).inbox(after)
        if not page:
            break
        inbox, after = inbox + page, page[-1]["cursor"]
    tasks = curl("GET", doctor.url + "/fhir/Task?_lastUpdated=gt2000-01-01", token=doctor.token)[1]
    files = [p.read_bytes().decode("cp1251") for p in school.folder("out").glob("*.csv") if ".result." not in p.name]
    return {
        office.id: "\n".join(json.dumps(i, ensure_ascii=False) for i in inbox if i["kind"] in ("referral", "status-change")),
        doctor.id: json.dumps(tasks, ensure_ascii=False), school.id: "\n".join(files), hospital.id: "\n".join(his.received),
    }


def missing():
    there = arrived()
    return [no for no, to in sent.items() if no not in there[to.id]]


try:
    world.make()
    his = clinic.Hospital(hospital.out_port)
    world.start()
    for a in world.agencies:        # before they have met the hub they know nobody's keys, and say "later"
        wait_for(f"{a.id} to meet the hub", lambda: "uplink.up " in a.log.read_text())
    pids = {"hub": world.hub.pid, **{a.id: a.process.pid for a in world.agencies}}
    doors = {
        "json": bad_doors.JsonDoor(office, school.id),
        "json-file": bad_doors.JsonFolder(office, school.id),
        "fhir": bad_doors.FhirDoor(doctor, lambda no: rows.bundle(no, word="Добра")),
        "mllp": bad_doors.MllpDoor(hospital, lambda no: rows.message(no, word="Добра")),
        "csv": bad_doors.CsvFolder(school, lambda no: rows.table(rows.row(no, "Добра")).encode("cp1251")),
    }

    # what the bad ones refer to
    api = System(office)
    ok(doors["fhir"].good(rows.ACCEPTED)[0] and doors["mllp"].good("GOOD-hl7")[0] and doors["csv"].good("GOOD-csv")[0] and
       doors["json"].call(body=referral(rows.OWN, school.id), headers={"Idempotency-Key": "key-of-own"}.items())[0] == 202 and
       doors["json"].call(**rows.attached(record=rows.FILE, att_id=rows.FILE, filename="a.pdf"))[0] == 202,
       "good referrals go through every door")
    sent.update({rows.ACCEPTED: office, "GOOD-hl7": office, "GOOD-csv": hospital, rows.OWN: school, "GOOD-after-cut": office})
    item = wait_for("the doctor's referral", lambda: next((i for i in api.inbox(0) if i["referral_id"] == rows.ACCEPTED), None))
    ok(api.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": "K-1"})[0] == 200 and
       api.call("POST", "/v1/statuses", {"referral_id": rows.ACCEPTED, "to": "accepted", "at": rows.AT})[0] == 202,
       "one of them is registered and accepted")

    through(doors["json"], rows.JSON, school)
    for name, data, expected in rows.NO_HTTP:
        status = doors["json"].raw(data)[0]
        n_bad += 1
        ok(status == expected, f"json: {name}", f"{status}, not {expected}")
    far_too_large(office, "/v1/referrals")
    far_too_large(doctor, "/fhir")
    through(doors["json-file"], rows.JSON_FILE, school)
    through(doors["fhir"], rows.FHIR, office)
    through(doors["mllp"], rows.MLLP, office)
    bad_lines(doors["csv"])
    through(doors["csv"], rows.CSV, hospital)
    for name, what, build in rows.TOLERATED:
        no = number()
        sent[no] = school if name == "json" else office
        given = build(no)
        door = doors[name]
        if name == "mllp":
            got, text = door.answer(given)
            is_taken = got == ("AA",)
        elif name == "csv":
            got, text = door.answer(given)
            is_taken = got == ("done", ("accepted", "", ""))
            sent[no] = hospital
        else:
            status, _, text = door.call(body=given)
            is_taken = status in (200, 202) and ("warning" in json.loads(text)) == (what == rows.LATE)
        ok(is_taken, f"{name}: {what} is tolerated", text.decode(errors="replace")[:1500])

    left = []
    try:
        wait_for("the good ones to arrive", lambda: not left.clear() and not left.extend(missing()) and not left, 60, 0.3)
    except TimeoutError:
        pass
    ok(not left, f"all {len(sent)} good ones arrived", left)
    there = arrived()
    ok(not [a for a, text in there.items() if rows.WORD in text or rows.NUMBER in text], "nothing of the bad ones arrived anywhere")
    now = {"hub": (world.hub, world.hub_log), **{a.id: (a.process, a.log) for a in world.agencies}}
    ok(all(p.poll() is None and p.pid == pids[n] and log.read_text().count("start program=") == 1 for n, (p, log) in now.items()),
       "all daemons are the processes that they were",
       {n: p.poll() for n, (p, _) in now.items()})
    unexplained = [f"{code} {lang}" for code in sorted(codes) for lang, words in (("bg", "какво да се направи: "), ("en", "what to do: "))
                   if not re.match(f"{code}  .+\n  .+\n  {words}.+\n$", world.ctl("explain", code, "--lang", lang))]
    ok(codes and not unexplained, f"nasokactl explains each of the {len(codes)} codes seen, in two languages", unexplained)
    ok(n_bad >= 60, f"the table has at least 60 bad inputs: {n_bad}")
    logs_hold_nothing(world, rows.WORD, rows.NUMBER, rows.WORD.encode().hex())
    figure(f"bad inputs: {n_bad} refused with {len(codes)} codes, {len(sent)} good ones beside them arrived")
finally:
    world.stop()
done()

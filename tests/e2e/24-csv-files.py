#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
# Mostly waits.
"""Files in a school's folder, as its secretary puts them there: a table's row names a file beside it, in any order and slowly; taken it is whole at the other
side and both are put away; what is wrong is told row by row; killed at any moment it is one file; and what comes lies there with such a row."""
import csv
import hashlib
import io
import os
import random
import signal
import threading
import time
import urllib.request
from urllib.parse import quote

import pairs_csv
import pairs_json
from stagehand import BIN, System, World, anonymous_mib, done, figure, folder, ok, wait_for

MIB = 1 << 20
LIMIT_MIB = 64
WAIT = 5    # seconds that a table waits for its files
MARKER = b"SYNTHETIC-DOCUMENT-MARKER"
SCHOOL = pairs_csv.CONFIG.replace("settle: 100ms", f"settle: 400ms, file_wait: {WAIT}s")
ROW = {"referral_no": "У-7", "institution_code": "1690001", "first_name": "Калина", "last_name": "Тест", "birth_date": "07.03.2015",
       "gender": "ж", "id_type": "ЕГН", "id_number": "1543079013", "service_kind": "attendance-support", "priority": "бърз",
       "reason": "Отсъства.", "risk_level": "среден", "legal_basis": "закрила", "municipality_code": "PDV22",
       "target_agency": "plovdiv-ozd", "disposition": "take-over"}
COLUMNS = ["kind", "record_id", "referral_no", "file", "category", "confidentiality", "sha256"]

world = World(folder(), BIN)
school = world.agency("plovdiv-school", "school", "PDV22", "education", "Училище", "School", SCHOOL)
office = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "ОЗД", "Office", pairs_json.CONFIG)
desk = System(office)
peak = 0.0


def is_sanitized():
    return b"__asan_init" in (BIN / "nasoka-education").read_bytes()


def watch(stop):
    global peak
    while not stop.wait(0.02):
        try:
            peak = max(peak, anonymous_mib(school.process.pid))
        except (OSError, AttributeError, RuntimeError):
            pass    # between two runs


def pdf(name, size):
    """What looks like a PDF, cannot be compressed and is another one for each name."""
    rng = random.Random(name)
    return (b"%PDF-1.7\n" + MARKER + rng.randbytes(max(size - 60, 0)))[:size - 6] + b"%%EOF\n"


def sha(data):
    return hashlib.sha256(data).hexdigest()


def text_of(rows, columns):
    out = io.StringIO()
    w = csv.writer(out, delimiter=";", lineterminator="\r\n")
    w.writerows([columns, *rows])
    return out.getvalue().encode("cp1251")


def put(name, data):
    (school.folder("in") / name).write_bytes(data)


def table(name, rows, columns=COLUMNS):
    put(name + ".csv", text_of(rows, columns))


def row(file, record_id="", referral="У-7", category="", confidentiality="", sha256=""):
    return ["attachment", record_id, referral, file, category, confidentiality, sha256]


def result(name, patience=60):
    """The result table of a table; taken away, so that the next of that name is another."""
    path = school.folder("out") / f"{name}.csv.result.csv"
    data = wait_for(path.name, lambda: path.exists() and path.read_bytes(), patience, 0.05)
    wait_for(f"{name}.csv to be put away", lambda: not there("in/.claimed-plovdiv-school/" + name + ".csv"), 20, 0.05)
    path.unlink()
    return list(csv.DictReader(io.StringIO(data.decode("cp1251"), newline=""), delimiter=";"))


def there(path):
    return os.path.lexists(school.folder("in").parent / path)


def arrived(hash_):
    """The office's entries that tell of this file."""
    after, found = 0, []
    while items := desk.inbox(after):
        found += [i for i in items if i["kind"] == "attachment" and i["record"]["sha256"] == hash_]
        after = items[-1]["cursor"]
    return found


def same(item, data):
    request = urllib.request.Request(office.url + item["href"], headers={"Authorization": f"Bearer {office.token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read() == data


def came(data, name):
    items = wait_for(f"{name} at the office", lambda: arrived(sha(data)), 60, 0.1)
    return len(items) == 1 and same(items[0], data) and items[0]


def clean():
    claimed = school.folder("in") / ".claimed-plovdiv-school"
    return not [p.name for p in claimed.iterdir()]


def in_any_order():
    data = pdf("one", 20 * MIB)
    table("first", [row("молба.pdf", category="Декларация за съгласие", confidentiality="R")])
    time.sleep(1.2)
    ok(there("in/first.csv") and not there("out/first.csv.result.csv"), "a table whose file is not there yet waits in the folder")
    with open(school.folder("in") / "молба.pdf", "wb") as f:    # copied slowly
        for at in range(0, len(data), 2 * MIB):
            f.write(data[at:at + 2 * MIB])
            f.flush()
            time.sleep(0.1)
    begun = time.monotonic()
    rows = result("first")
    ok([(r["referral_no"], r["result"]) for r in rows] == [("молба.pdf", "accepted")], "then its file is taken", rows)
    item = came(data, "молба.pdf")
    figure(f"files by folder: 20 MiB whole at the other side {time.monotonic() - begun:.2f} s after the copy ended")
    ok(item, "and is whole at the other side, once, byte for byte")
    record = item["record"] if item else {}
    ok(record.get("filename") == "молба.pdf" and record.get("category") == "consent-form" and record.get("confidentiality") == "R" and
       record.get("referral_id") == "У-7" and record.get("media_type") == "application/pdf" and item["msg_id"], "with what the row says of it", item)
    ok(there("done/first.csv") and there("done/молба.pdf") and not there("in/молба.pdf"), "table and file are put away together")
    two = [pdf("two", 700000), b"\xff\xd8\xff" + random.Random(3).randbytes(90000)]
    put("оценка.pdf", two[0])
    put("снимка.jpeg", two[1])
    time.sleep(1)
    ok(there("in/оценка.pdf") and there("in/снимка.jpeg"), "files that come first wait for their table")
    table("second", [row("оценка.pdf", "Ф-2", category="оценка"), row("снимка.jpeg", "Ф-3", category="снимка", sha256=sha(two[1]))])
    rows = result("second")
    ok([(r["referral_no"], r["result"]) for r in rows] == [("Ф-2", "accepted"), ("Ф-3", "accepted")], "and go with it, a line for each", rows)
    ok(all(came(d, "one of two") for d in two), "each comes whole")
    put("оценка.pdf", two[0])
    put("снимка.jpeg", two[1])
    table("second", [row("оценка.pdf", "Ф-2", category="оценка"), row("снимка.jpeg", "Ф-3", category="снимка", sha256=sha(two[1]))])
    again = result("second")
    ok([r["result"] for r in again] == ["repeated"] * 2 and [r["message"] for r in again] == [r["message"] for r in rows],
       "the same again is the same file, with the same answer", again)
    table("second", [row("оценка.pdf", "Ф-2", category="оценка")])
    again = result("second")
    ok([r["result"] for r in again] == ["repeated"], "also when the file is not there any more", again)
    put("оценка.pdf", pdf("other", 5000))
    table("second", [row("оценка.pdf", "Ф-2", category="оценка")])
    again = result("second")
    ok(again[0]["result"] == "refused" and again[0]["field"] == "record_id" and again[0]["message"].startswith("NSK-1404"),
       "another file under its number is refused", again)
    time.sleep(1)
    ok(all(len(arrived(sha(d))) == 1 for d in two) and not arrived(sha(pdf("other", 5000))), "and nothing came twice")


def wrong_ones():
    secret = school.folder("in").parent / "secret.pdf"
    secret.write_bytes(pdf("secret", 3000))
    (school.folder("in") / "link.pdf").symlink_to(secret)
    put("virus.exe", b"MZ" + bytes(1000))
    put("не-е.pdf", b"\x89PNG\r\n\x1a\n" + bytes(1000))
    put("голям.pdf", pdf("big", 26 * MIB))
    put("празен.pdf", b"")
    put("друг.pdf", pdf("unknown", 2000))
    put("хеш.pdf", pdf("hash", 2000))
    put("добър.pdf", pdf("good", 2000))
    stop = threading.Event()

    def scribble():
        with open(school.folder("in") / "пише.pdf", "wb") as f:
            while not stop.wait(0.05):
                f.write(b"x")
                f.flush()
    writer = threading.Thread(target=scribble)
    writer.start()
    wanted = [("липсва.pdf", "NSK-1509", "file"), ("пише.pdf", "NSK-1510", "file"), ("../secret.pdf", "NSK-1511", "file"), ("link.pdf", "NSK-1511", "file"),
              ("virus.exe", "NSK-1603", "file"), ("не-е.pdf", "NSK-1603", "file"), ("голям.pdf", "NSK-1005", "file"), ("празен.pdf", "NSK-1503", "file"),
              ("друг.pdf", "NSK-1403", "referral_id"), ("хеш.pdf", "NSK-1309", "sha256")]
    rows = [row(file, referral="Няма" if file == "друг.pdf" else "У-7", sha256="0" * 64 if file == "хеш.pdf" else "") for file, _, _ in wanted]
    begun = time.monotonic()
    table("wrong", [*rows, row("добър.pdf"), row("x.pdf", category="няма такава"), ["attachment", "", "У-7", "", "", "", ""]])
    got = result("wrong")
    stop.set()
    writer.join()
    ok(WAIT - 1 < time.monotonic() - begun < WAIT + 25, "a table waits for what is not there so long as is configured, and no longer")
    for (file, code, field), r in zip(wanted, got):
        ok((r["referral_no"], r["result"], r["field"]) == (file, "refused", field) and r["message"].startswith(code), f"{file} is refused, {code}", r)
    ok([r["result"] for r in got[10:]] == ["accepted", "refused", "refused"] and got[11]["field"] == "category" and got[12]["field"] == "file",
       "while the good one beside them is taken", got[10:])
    ok(came(pdf("good", 2000), "добър.pdf"), "and comes")
    wait_for("the refused files to be put away after their table", clean, 10, 0.05)
    ok(there("done/wrong.csv") and there("done/добър.pdf") and all(there("bad/" + n) for n in ("не-е.pdf", "голям.pdf", "празен.pdf", "друг.pdf", "хеш.pdf")) and
       secret.exists() and there("in/link.pdf"), "the refused files lie among the bad ones, and what lies elsewhere was not touched")
    (school.folder("in") / "link.pdf").unlink()
    put("сам.pdf", pdf("alone", 2000))
    path = school.folder("out") / "сам.pdf.result.csv"
    said = wait_for("the lone file's answer", lambda: path.exists() and path.read_bytes(), 30).decode("utf-8-sig")
    ok("NSK-1512" in said and wait_for("it to be put away", lambda: there("bad/сам.pdf"), 10), "a file that no table names is refused by itself", said)
    others = {sha(pdf(n, s)) for n, s in (("secret", 3000), ("big", 26 * MIB), ("unknown", 2000), ("hash", 2000), ("alone", 2000))}
    ok(not any(arrived(h) for h in others) and clean(), "and nothing of them came to the other side")


def restart():
    school.stop(signal.SIGKILL)
    school.start()


def killed():
    """At a later moment in each round: while it settles, is claimed, read, staged, answered, put away, sent."""
    files = {f"убит{i}.pdf": pdf(f"killed-{i}", 6 * MIB + i) for i in range(12)}
    for i, (name, data) in enumerate(files.items()):
        put(name, data)
        table(f"killed{i}", [row(name)])
        time.sleep(0.3 + 0.12 * i)
        restart()
        if i % 3 == 2:
            time.sleep(0.15)
            restart()
    for i, (name, data) in enumerate(files.items()):
        rows = result(f"killed{i}", 90)
        ok(len(rows) == 1 and rows[0]["result"] in ("accepted", "repeated"), f"killed {0.3 + 0.12 * i:.2f} s after it came, the table is answered", rows)
    ok(all(came(d, n) for n, d in files.items()), "every file is whole at the other side")
    time.sleep(2)
    ok(all(len(arrived(sha(d))) == 1 for d in files.values()), "and once", [len(arrived(sha(d))) for d in files.values()])
    ok(clean() and all(there("done/" + n) for n in files) and not [p for p in school.folder("in").iterdir() if p.is_file()],
       "and nothing is left on the way", [p.name for p in school.folder("in").iterdir()])


def out_again():
    data = pdf("from the office", 3 * MIB)
    request = urllib.request.Request(f"{office.url}/v1/referrals/{quote('У-7')}/files?filename={quote('Писмо № 1.pdf')}&category=court-act", data, {
        "Authorization": f"Bearer {office.token}", "Content-Type": "application/pdf"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        ok(answer.status == 202, "the office sends a file")
    note = wait_for("its row in the school's folder", lambda: [p for p in school.folder("out").glob("*.csv") if b"attachment;" in p.read_bytes()], 60)
    rows = pairs_csv.decode(note[0].read_bytes())
    r = rows[0]
    file = school.folder("out") / r["file"]
    ok(len(note) == 1 and len(rows) == 1 and r["kind"] == "attachment" and r["referral_id"] == "У-7" and r["filename"] == "Писмо № 1.pdf" and
       r["category"] == "court-act" and r["from_agency"] == "plovdiv-ozd" and r["file"] == r["msg_id"] + ".pdf", "it lies there with a row that says whose it is", rows)
    ok(file.read_bytes() == data and r["sha256"] == sha(data), "whole, under the name that the row says")
    # the same table and the same file the other way: that is what the columns mean
    put(r["file"], data)
    put("back.csv", note[0].read_bytes())
    got = result("back")
    ok([g["result"] for g in got] == ["accepted"], "the same row and file, put into the school's own folder, are taken", got)
    item = came(data, "the file at the office")
    ok(item and item["record"]["filename"] == "Писмо № 1.pdf" and item["record"]["category"] == "court-act", "and come back as they were", item)


def at_rest():
    stores = [p for a in (office, school) for p in (a.dir / "store").rglob("*") if p.is_file()] + [p for p in (world.hub_dir / "store").rglob("*") if p.is_file()]
    found = [str(p) for p in [*stores, school.log, office.log, world.hub_log] if MARKER in p.read_bytes() or "молба".encode() in p.read_bytes()]
    ok(len(stores) >= 3 and not found, "nothing of a file or its name lies in clear in stores and logs", found)


try:
    world.make()
    world.start()
    ending = threading.Event()
    watcher = threading.Thread(target=watch, args=(ending,), daemon=True)
    watcher.start()
    table("referral", [list(ROW.values())], list(ROW))
    said_ = result("referral")
    ok([r_["result"] for r_ in said_] == ["accepted"], "the school refers a child by a table", said_)
    wait_for("the referral at the office", lambda: [i for i in desk.inbox(0) if i["kind"] == "referral"], 30)
    in_any_order()
    wrong_ones()
    killed()
    out_again()
    ending.set()
    watcher.join()
    at_rest()
    figure(f"memory {school.id}: {peak:.1f} MiB at most (RssAnon)")
    if not is_sanitized():      # the suite bench runs this script on the release build
        ok(peak < LIMIT_MIB, f"{school.id} never held {LIMIT_MIB} MiB", peak)
except (RuntimeError, TimeoutError, OSError, LookupError, ValueError) as e:
    ok(False, "the school's files go to their end", f"{type(e).__name__}: {e}")
finally:
    world.stop()
done()

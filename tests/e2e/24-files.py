#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
# Runs alone.
"""Whole files with real daemons: curl uploads 20 MiB, the other side's webhook names it once and curl fetches it; by folder it is written
as a file, a practice reads it as FHIR's DocumentReference and Binary; killed in the middle of coming in, of going out and of coming together it
is whole and once all the same; what is wrong with a file is told, and leaves nothing; memory stays where it was."""
import base64
import hashlib
import json
import random
import signal
import subprocess
import threading
import time
from urllib.parse import quote

import webhook_system
from stagehand import BIN, ROOT, System, World, anonymous_mib, curl as http, done, doors, figure, folder, ok, referral, wait_for

MIB = 1 << 20
LIMIT_MIB = 64
SENDER = doors.polling() + "retry: {{ min: 200ms, max: 1s }}\n"
HOOK = doors.webhook(receipts="none", timeout="20s")
FOLDER = doors.HTTP + "out:\n  folder: {{ dir: {folder}/out }}\n" + doors.egress("folder", receipts="none")

FHIR = doors.polling("fhir")

world = World(folder(), BIN)
office = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила на детето", "Child protection", SENDER)
centre = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Център за подкрепа", "Support centre", HOOK)
school = world.agency("plovdiv-school", "school", "PDV22", "social", "Училище", "School", FOLDER)
doctor = world.agency("plovdiv-gp", "gp", "PDV22", "health", "Лекар", "Doctor", FHIR)
desk, cop = System(office), System(centre)
peaks = {}


def is_sanitized():
    return b"__asan_init" in (BIN / "nasoka-social").read_bytes()


def watch(stop):
    while not stop.wait(0.02):
        for agency in (office, centre, school, doctor):
            try:
                peaks[agency.id] = max(peaks.get(agency.id, 0.0), anonymous_mib(agency.process.pid))
            except (OSError, AttributeError, RuntimeError):
                pass    # between two runs


def synthetic(name, size):
    """A file that looks like a PDF and cannot be compressed; a marker stands every 64 KiB."""
    path = world.dir / name
    rng = random.Random(name)
    with open(path, "wb") as out:
        out.write(b"%PDF-1.7\n")
        left = size - 9
        while left > 0:
            block = (MARKER + rng.randbytes(65536))[:min(left, 65536)]
            out.write(block)
            left -= len(block)
    return path


MARKER = b"SYNTHETIC-DOCUMENT-MARKER"


def sha256(path):
    """By coreutils."""
    return subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout.split()[0]


def curl(agency, method, path, file=None, type_="application/pdf", headers=(), rate=None, out=None, patience="60"):
    command = ["curl", "-sS", "-m", patience, "-X", method, "-H", f"Authorization: Bearer {agency.token}", "-w", "\n%{http_code}",
               agency.url + path, "-o", str(out or "-")]
    for header in headers:
        command += ["-H", header]
    if file:
        command += ["-H", f"Content-Type: {type_}", "-T", str(file)]
    if rate:
        command += ["--limit-rate", rate]
    return command


def run(command):
    """(status, JSON or text) of a curl; status 0 where the connection broke."""
    end = subprocess.run(command, capture_output=True, timeout=120)
    text, _, status = end.stdout.rpartition(b"\n")
    if end.returncode != 0:
        return 0, end.stderr.decode(errors="replace")
    try:
        return int(status), json.loads(text)
    except ValueError:
        return int(status), text


def at(number):
    return f"/v1/referrals/{quote(number)}/files"


def upload(number, file, name="Оценка.pdf", **more):
    query = f"?filename={quote(name)}&category={more.pop('category', 'assessment')}"
    end = time.monotonic() + 60
    while (answer := run(curl(office, "POST", at(number) + query, file, **more)))[0] == 429 and time.monotonic() < end:
        time.sleep(0.5)     # asked to come later
    return answer


def refer(number, to):
    status, answer = desk.call("POST", "/v1/referrals", referral(number, to.id))
    assert status == 202, answer
    wait_for(f"{number} to be delivered", lambda: desk.call("GET", "/v1/referrals/" + quote(number))[1]["stages"].get("delivered"), 30)


def named(sha):
    """The calls of the centre's webhook that name this file."""
    with system.lock:
        return [c for c in system.calls if c and c.kind == "attachment" and c.item["record"]["sha256"] == sha]


def fetch(agency, href, sha, name):
    path = world.dir / f"fetched-{name}"
    status, _ = run(curl(agency, "GET", href, out=path))
    return status == 200 and sha256(path) == sha


def files_of(system, sha):
    """Entries of the inbox that name this file, through all of its pages."""
    after, found = 0, []
    while items := system.inbox(after):
        found += [i for i in items if i["kind"] == "attachment" and i["record"]["sha256"] == sha]
        after = items[-1]["cursor"]
    return found


def status_of(agency, msg_id):
    return (desk if agency is office else cop).call("GET", f"/v1/files/{msg_id}")[1]


def whole():
    file = synthetic("whole.pdf", 20 * MIB)
    sha = sha256(file)
    begun = time.monotonic()
    status, answer = upload("У-1", file, headers=["Idempotency-Key: file-1"])
    ok(status == 202 and answer["size"] == 20 * MIB and answer["parts"] == 40 and answer["sha256"] == sha, "curl uploads 20 MiB", f"{status} {answer}")
    figure(f"upload: 20 MiB answered in {time.monotonic() - begun:.2f} s")
    calls = wait_for("the webhook to be told of it", lambda: named(sha), 60)
    item, record = calls[0].item, calls[0].item["record"]
    ok(record["filename"] == "Оценка.pdf" and record["media_type"] == "application/pdf" and record["category"] == "assessment" and
       record["size"] == 20 * MIB and "data" not in record and "part" not in record and not calls[0].fault,
       "the other side's webhook gets one record of the whole, without its bytes", item)
    ok(fetch(centre, item["href"], sha, "1"), "and curl fetches the bytes, sha256 equal", item["href"])
    figure(f"file: 20 MiB whole at the other side after {time.monotonic() - begun:.2f} s")
    view = status_of(office, answer["msg_id"])
    ok(view["state"] == "sent" and view["stages"].get("delivered") and "registered" not in view["stages"], "its sender sees how far the whole is", view)
    for agency, id_ in ((office, answer["msg_id"]), (centre, item["msg_id"])):
        rows = [r for r in (desk if agency is office else cop).call("GET", "/v1/deadlines")[1]["deadlines"] if "parts" in r]
        shown = json.loads(world.ctl("deadlines", "--config", agency.config_file, "--json", check=False).stdout)["deadlines"]
        ok([(r["msg_id"], r["parts"], r["parts_left"]) for r in rows] == [(id_, 40, 40)] and "filename" not in rows[0] and
           [r["id"] for r in shown if "parts" in r] == [id_] and len(shown) < 10, f"{agency.id} sees one deadline of it, not forty", rows)
    status, said = cop.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": "Вх-1"})
    ok(status == 200, "the other side's system gives it a number", said)
    view = wait_for("it to be registered", lambda: v if (v := status_of(office, answer["msg_id"]))["stages"].get("registered") else None, 30)
    ok(True, "which registers all of its parts", view)
    stages = [i for i in desk.inbox(0) if i["kind"] == "stage" and i["msg_id"] == answer["msg_id"]]
    ok(sorted(i["stage"] for i in stages) == ["delivered", "registered", "stored"], "its sender's system is told each stage once", stages)
    status, again = upload("У-1", file, headers=["Idempotency-Key: file-1"])
    ok(status == 202 and again["msg_id"] == answer["msg_id"], "uploaded again under the same key it is the same file", again)
    small = synthetic("small.pdf", 3000)
    status, again = upload("У-1", small, headers=["Idempotency-Key: file-1"])
    ok(status == 409 and again["code"] == "NSK-1404", "another file under that key is refused", again)
    time.sleep(1.5)
    ok(len(named(sha)) == 1 and len(files_of(cop, sha)) == 1, "it was handed over once", len(named(sha)))


def refused():
    file, big = synthetic("refused.pdf", MIB), synthetic("big.pdf", 26 * MIB)
    wrong = "Content-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    for name, answer, wanted in (
            ("a wrong hash", upload("У-1", file, headers=[wrong]), (422, "NSK-1309")),
            ("a forbidden type", upload("У-1", file, type_="application/x-msdownload"), (415, "NSK-1603")),
            ("bytes of another type than said", upload("У-1", file, type_="image/png"), (415, "NSK-1603")),
            ("26 MiB", upload("У-1", big), (413, "NSK-1005")),
            ("26 MiB in chunks, of which nobody said the length", upload("У-1", big, headers=["Transfer-Encoding: chunked"]), (413, "NSK-1005")),
            ("a path for a name", upload("У-1", file, name="../../etc/passwd"), (400, "NSK-1101")),
            ("an unknown referral", upload("Няма", file), (404, "NSK-1403")),
            ("a category that is none", upload("У-1", file, category="x"), (422, "NSK-1303"))):
        ok((answer[0], answer[1].get("code") if isinstance(answer[1], dict) else None) == wanted, f"refused with its error: {name}", answer)
    status, answer = run(curl(office, "POST", at("У-1"), file))
    ok(status == 422 and answer["code"] == "NSK-1301", "a file without a name is refused", answer)
    digest = "Content-Digest: sha-256=:" + subprocess.run(f"openssl dgst -sha256 -binary {file} | base64", shell=True, check=True,
                                                          capture_output=True, text=True).stdout.strip() + ":"
    status, answer = upload("У-1", file, headers=[digest])
    ok(status == 202, "the right hash is taken", answer)
    wait_for("it at the other side", lambda: named(sha256(file)), 30)
    ok(len(files_of(cop, sha256(file))) == 1 and not files_of(cop, sha256(big)), "nothing of the others came to the other side")
    status, _ = run(["curl", "-sS", "-o", "-", "-w", "\n%{http_code}", centre.url + named(sha256(file))[0].item["href"]])
    ok(status == 401, "bytes are not given without a token", status)


def restart(agency):
    agency.stop(signal.SIGKILL)
    agency.start()


def killed_coming_in():
    """More broken uploads than may come in at once: a place that were not given back would be missed."""
    file = synthetic("broken.pdf", 8 * MIB)
    for _ in range(2):
        pending = [subprocess.Popen(curl(office, "POST", at("У-1") + "?filename=a.pdf", file, rate="2M"), stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL) for _ in range(3)]
        time.sleep(1.5)
        restart(office)
        for p in pending:
            p.wait(30)
    ok(all(p.returncode != 0 for p in pending), "killed in the middle of uploads, nobody was told that they were taken")
    for _ in range(5):      # a client that goes away
        p = subprocess.Popen(curl(office, "POST", at("У-1") + "?filename=a.pdf", file, rate="4M"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        p.kill()
        p.wait()
    sha = sha256(file)
    status, answer = upload("У-1", file)
    ok(status == 202, "the same file is taken then", answer)
    calls = wait_for("it at the other side", lambda: named(sha), 60)
    ok(len(calls) == 1 and fetch(centre, calls[0].item["href"], sha, "2"), "and nothing of the broken ones was sent", len(calls))


def killed_on_the_way():
    """Both ends die again and again between the answer and the last part."""
    file = synthetic("killed.pdf", 20 * MIB)
    sha = sha256(file)
    status, answer = upload("У-1", file)
    ok(status == 202, "a file is taken", answer)
    for i in range(6):
        restart(centre if i % 2 else office)
    calls = wait_for("the file at the other side", lambda: named(sha), 90)
    time.sleep(2)
    calls = named(sha)
    ok(fetch(centre, calls[0].item["href"], sha, "3"), "killed at both ends in the middle of its parts, it is whole")
    ok(len({c.id for c in calls}) == 1 and len(files_of(cop, sha)) == 1, "and once", [c.id for c in calls])
    return calls[0].item


def killed_giving(item):
    out = world.dir / "broken-off"
    p = subprocess.Popen(curl(centre, "GET", item["href"], rate="4M", out=out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("some of it", lambda: out.exists() and out.stat().st_size > MIB, 30)
    restart(centre)
    p.wait(30)
    ok(p.returncode != 0 and 0 < out.stat().st_size < item["record"]["size"], "a file that is cut off while it is fetched is not taken for whole")
    had, whole, sha = out.stat().st_size, item["record"]["size"], item["record"]["sha256"]
    go_on = curl(centre, "GET", item["href"], out=out) + ["-C", "-", "-w", "\n%{http_code} %{size_download}"]
    said = subprocess.run(go_on, capture_output=True, text=True, timeout=120).stdout.split()
    ok(said == ["206", str(whole - had)] and sha256(out) == sha, "curl -C - fetches the rest of it, and has the whole", f"{said} {had} of {whole}")
    other = world.dir / "other"
    status, _ = run(curl(centre, "GET", item["href"], headers=["Range: bytes=1000-1999", f'If-Range: "{base64.b64encode(bytes.fromhex(sha)).decode()}"'], out=other))
    ok(status == 206 and other.read_bytes() == out.read_bytes()[1000:2000], "If-Range with the ETag gives those bytes", status)
    status, _ = run(curl(centre, "GET", item["href"], headers=["Range: bytes=1000-1999", 'If-Range: "another"'], out=other))
    ok(status == 200 and sha256(other) == sha, "with another's gives the whole", status)
    status, said = run(curl(centre, "GET", item["href"], headers=[f"Range: bytes={whole}-"]))
    ok(status == 416 and said["code"] == "NSK-1610", "what lies behind the end is refused with its code", f"{status} {said}")


def several():
    """As many as may come in at once, and all are whole."""
    files = [synthetic(f"several-{i}.pdf", 6 * MIB + i) for i in range(4)]
    answers = [None] * 4

    def one(i):
        answers[i] = upload("У-1", files[i])
    threads = [threading.Thread(target=one, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ok(all(a[0] == 202 for a in answers), "four files at once are taken", answers)
    calls = wait_for("all of them at the other side", lambda: c if len(c := [n for f in files for n in named(sha256(f))]) == 4 else None, 90)
    got = [None] * 4

    def get(i):
        got[i] = fetch(centre, calls[i].item["href"], calls[i].item["record"]["sha256"], f"s{i}")
    threads = [threading.Thread(target=get, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ok(all(got), "and fetched at once", got)


def by_folder():
    file = synthetic("folder.pdf", 5 * MIB)
    sha = sha256(file)
    status, answer = upload("У-2", file, name="Писмо № 1.pdf")
    ok(status == 202, "a file goes to an agency with a folder", answer)
    note = wait_for("the record in the folder", lambda: [n for n in school.folder("out").glob("*.json") if b"attachment" in n.read_bytes()], 60)
    item = json.loads(note[0].read_text())
    path = school.folder("out") / item["file"]
    ok(path.suffix == ".pdf" and sha256(path) == sha, "the file lies there beside its record, under the name that it says", item)
    ok(item["record"]["filename"] == "Писмо № 1.pdf" and len(note) == 1 and not list(school.folder("out").glob(".*")), "once, and nothing half")


def fhir(method, path, body=None, status=200):
    said, answer = http(method, doctor.url + "/fhir/" + path, body, doctor.token, "application/fhir+json")
    if said != status:
        raise RuntimeError(f"{method} {path}: {said} {answer}")
    return answer


def by_fhir():
    """A practice reads a file that came as DocumentReference and Binary, and sends one as DocumentReference."""
    file = synthetic("fhir.pdf", 3 * MIB + 1)
    sha = sha256(file)
    status, answer = upload("У-3", file, name="Становище.pdf")
    ok(status == 202, "a file goes to a practice that speaks FHIR", answer)
    found = wait_for("it there", lambda: fhir("GET", "QuestionnaireResponse?questionnaire=urn:nasoka:kind:attachment").get("entry"), 60)
    document = fhir("GET", f"DocumentReference/{found[0]['resource']['id']}")
    attachment = document["content"][0]["attachment"]
    ok(len([e for e in found if e["resource"]["resourceType"] == "QuestionnaireResponse"]) == 1 and attachment["title"] == "Становище.pdf" and
       attachment["size"] == 3 * MIB + 1 and attachment["contentType"] == "application/pdf", "it reads one DocumentReference of the whole", document)
    ok(fetch(doctor, "/fhir/" + attachment["url"], sha, "fhir"), "and its Binary, sha256 equal")
    data = b"%PDF-1.4\n" + random.Random(5).randbytes(900000)
    sent = {"resourceType": "DocumentReference", "id": "epikriza-1", "status": "current", "context": {"related": [{"identifier": {"value": "У-3"}}]},
            "content": [{"attachment": {"contentType": "application/pdf", "title": "Епикриза.pdf", "data": base64.b64encode(data).decode()}}]}
    answer = fhir("POST", "DocumentReference", sent, 201)
    ok(answer["resourceType"] == "DocumentReference", "a DocumentReference with its bytes is taken", answer)
    fhir("POST", "DocumentReference", sent, 200)
    sha = hashlib.sha256(data).hexdigest()
    items = wait_for("it at the office", lambda: files_of(desk, sha), 30)
    ok(items[0]["record"]["filename"] == "Епикриза.pdf" and "data" not in items[0]["record"] and fetch(office, items[0]["href"], sha, "fhir-in"),
       "it comes to the other side as one whole file, sha256 equal", items[0]["record"])
    time.sleep(1)
    ok(len(files_of(desk, sha)) == 1, "the same document again is the same file")
    status, answer = http("POST", doctor.url + "/fhir/DocumentReference", dict(sent, id="e2", content=[{"attachment": {
        "contentType": "application/pdf", "url": "http://elsewhere.example/x.pdf"}}]), doctor.token, "application/fhir+json")
    ok(status == 422 and answer["resourceType"] == "OperationOutcome", "bytes that are elsewhere are not fetched, and that is told", answer)


def at_rest():
    stores = [p for a in (office, centre, school, doctor) for p in (a.dir / "store").rglob("*") if p.is_file()]
    stores += [p for p in (world.hub_dir / "store").rglob("*") if p.is_file()]
    logs = [a.log for a in (office, centre, school, doctor)] + [world.hub_log]
    found = [str(p) for p in stores + logs if MARKER in p.read_bytes() or "Оценка".encode() in p.read_bytes()]
    ok(len(stores) >= 4 and not found, "nothing of a file or its name lies in clear in stores and logs", found)


def by_example():
    """The example that developers get."""
    example, file, out = ROOT / "config/examples/file.sh", synthetic("Пример 1.pdf", MIB), world.dir / "example-out.pdf"
    tokens = [world.dir / f"example-token-{i}" for i in (0, 1)]
    for path, agency in zip(tokens, (office, centre)):
        path.write_text(agency.token + "\n")
    sent = [subprocess.run([example, "send", office.url, tokens[0], "У-1", file, "application/pdf"], capture_output=True, text=True, timeout=60)
            for _ in range(2)]
    ok(all(s.returncode == 0 for s in sent) and len({json.loads(s.stdout)["msg_id"] for s in sent}) == 1, "the example sends a file, twice as once", sent)
    item = wait_for("it at the other side", lambda: named(sha256(file)), 30)[0].item
    got = subprocess.run([example, "get", centre.url, tokens[1], item["href"], out], capture_output=True, text=True, timeout=60)
    ok(got.returncode == 0 and sha256(out) == sha256(file) and item["record"]["filename"] == "Пример 1.pdf", "and fetches it", got)


def by_hand():
    """Who cuts files by itself and gets the hash wrong: refused by the other side, and its system is told why."""
    data = b"%PDF-" + bytes(600000)
    for part, piece in enumerate((data[:524288], data[524288:]), 1):
        status, answer = desk.call("POST", "/v1/records", {
            "record_id": f"hand-{part}", "kind": "attachment", "attachment": {
                "referral_id": "У-1", "att_id": "hand", "filename": "a.pdf", "media_type": "application/pdf", "size": len(data),
                "sha256": hashlib.sha256(b"another").hexdigest(), "part": part, "parts": 2, "category": "other",
                "data": base64.b64encode(piece).decode()}})
        ok(status == 202, f"part {part} of a file that was cut by hand", answer)
    told = wait_for("the refusals", lambda: t if len(t := [i for i in desk.inbox(0) if i.get("refusal", {}).get("code") == "NSK-1309"]) == 2 else None, 30)
    ok(told, "a file that is not what its hash says is refused by the other side, and its sender hears why", told)


try:
    world.make()
    webhook_system.write_secret(centre)
    system = webhook_system.System(centre.out_port, {})
    world.start()
    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(stop,), daemon=True)
    watcher.start()
    refer("У-1", centre)
    refer("У-2", school)
    refer("У-3", doctor)
    whole()
    refused()
    killed_coming_in()
    killed_giving(killed_on_the_way())
    several()
    by_folder()
    by_fhir()
    by_example()
    by_hand()
    stop.set()
    watcher.join()
    at_rest()
    for name, mib in peaks.items():
        figure(f"memory {name}: {mib:.1f} MiB at most (RssAnon)")
        if not is_sanitized():      # the suite bench runs this script on the release build
            ok(mib < LIMIT_MIB, f"{name} never held {LIMIT_MIB} MiB", mib)
finally:
    world.stop()
done()

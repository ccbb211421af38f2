#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A preview without opening, with real daemons: an office that polls, one with a webhook, a hospital with FHIR, a school with a folder and
an old hospital with MLLP alone, whose operator has nasokactl, see age band, service, municipality and priority of a new referral, and nothing else by any door. What they open comes whole, and its sender sees that it was seen; what they
decline was never theirs, and nothing of it is left. Clocks run all the while, and nothing counts as registered before its number."""
import csv
import io
import json
import socket
import threading
from urllib.parse import quote

import pairs_csv
import webhook_system
from stagehand import BIN, System, World, curl, done, doors, folder, logs_hold_nothing, ok, referral, wait_for

POLLING = doors.polling()
HOOK = doors.webhook()
MLLP = """in: {{ mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: ["127.0.0.0/8"] }} }}
out: {{ mllp: {{ host: 127.0.0.1, port: {out_port}, receiving_application: HIS, receiving_facility: OLD }} }}
retry: {{ min: 200ms, max: 1s }}
"""
PREVIEW = {"age_band": "7-11", "service_kind": "psych-counselling", "municipality": "PDV22", "priority": "routine"}
SECRETS = ("Калина", "1543079013", "ТАЙНА", "0888")     # of the child, and of why it is referred

world = World(folder(), BIN)
office = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила на детето", "Child protection", POLLING)
centre = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Център", "Centre", POLLING + "preview: {{ services: [psych-counselling] }}\n")
home = world.agency("plovdiv-home", "crisis-centre", "PDV22", "social", "Кризисен център", "Crisis centre", HOOK + "preview: {{ services: [all] }}\n")
ward = world.agency("plovdiv-ward", "hospital", "PDV22", "health", "Болница", "Hospital", POLLING + "preview: {{ services: [all] }}\n")
school = world.agency("plovdiv-school", "school", "PDV22", "education", "Училище", "School", pairs_csv.CONFIG + "preview: {{ services: [all] }}\n")
old = world.agency("plovdiv-old", "hospital", "PDV22", "health", "Стара болница", "Old hospital", MLLP + "preview: {{ services: [all] }}\n")
desk, cop, ward_system = System(office), System(centre), System(ward)
home_system = System(home)
got = []        # all that came out of the three by HTTP, as text


def refer(number, to, **more):
    status, answer = desk.call("POST", "/v1/referrals", referral(number, to.id, reason_text=f"ТАЙНА {number}", carers=[
        {"name": "Мама Пробна", "phone": "0888 000 000"}], **more))
    if status != 202:
        raise RuntimeError(f"{number}: {status} {answer}")


def call(system, method, path, body=None):
    status, answer = system.call(method, path, body)
    got.append(json.dumps(answer, ensure_ascii=False))
    return status, answer


def previews(system):
    return call(system, "GET", "/v1/previews")[1]["previews"]


def preview(system, number):
    return wait_for(f"the preview of {number}", lambda: [p for p in previews(system) if p["referral_id"] == number], 20)[0]


def at_office(number):
    return desk.call("GET", "/v1/referrals/" + quote(number))[1]


def act(system, number, what, body=None):
    return call(system, "POST", f"/v1/previews/{quote(number)}/{what}", body)


def leaked(*where):
    """What of the secrets has left, by whichever door, or lies with those that have opened nothing yet."""
    hooked = [c.body.decode() for c in hook.calls if c]
    files = [p.read_text(errors="replace") for a in where or (centre, home, ward, old) for p in a.dir.rglob("*") if p.is_file() and "store" not in p.parts]
    logs = [p.read_text(errors="replace") for p in world.dir.glob("*.log")]
    return [f"{s}: {t[:300]}" for t in got + hooked + files + logs for s in SECRETS if s in t]


def everything(system, *numbers):
    """What is said at each address at which content could be asked for, of all sectors."""
    paths = ["/v1/inbox?after=0", "/v1/deadlines", "/v1/previews", "/fhir/Task", "/fhir/ServiceRequest", "/fhir/Patient", "/fhir/QuestionnaireResponse"]
    paths += [f"{p}/{quote(n)}" for n in numbers for p in ("/v1/referrals", "/fhir/Task", "/fhir/ServiceRequest", "/fhir/Patient")]
    said = [curl("GET", system.agency.url + p, token=system.agency.token, parse=False)[1].decode() for p in paths]
    got.extend(said)
    return said


def shown():
    refer("П-1", centre)
    refer("П-2", centre)
    for number in ("П-1", "П-2"):
        p = preview(cop, number)
        ok(p["preview"] == PREVIEW and p["from"] == office.id and p["state"] == "requested", f"{number}: four words of it are shown, and whose it is", p)
    items = call(cop, "GET", "/v1/inbox?after=0")[1]["items"]
    ok([i["kind"] for i in items] == ["preview", "preview"] and items[0]["preview"] == PREVIEW, "in the inbox it has its place as a preview", items)
    status, answer = call(cop, "POST", f"/v1/inbox/{items[0]['msg_id']}/registered", {"case_no": "7/26"})
    ok(status == 409 and answer["code"] == "NSK-1405", "what nobody has opened gets no number", answer)
    status, answer = call(cop, "POST", "/v1/statuses", {"status_id": "s", "referral_id": "П-1", "to": "accepted"})
    ok(status == 409 and answer["code"] == "NSK-1405", "nor is it accepted", answer)
    everything(cop, "П-1", "П-2")
    ok(not leaked(), "nothing else of it has left by any door", "\n".join(leaked()))
    row = [d for d in desk.call("GET", "/v1/deadlines")[1]["deadlines"] if d["referral_id"] == "П-1"][0]
    ok(row["stage"] == "delivered" and "registered_by" in row and not at_office("П-1")["stages"].get("seen"),
       "its sender sees that it is there, not seen, not registered, and its clock runs", row)


def declined():
    status, answer = act(cop, "П-1", "decline", {"reason_text": "не е за нас"})
    ok(status == 422 and answer["code"] == "NSK-1301", "without a reason's code it is not declined", answer)
    status, answer = act(cop, "П-1", "decline", {"reason_code": "far"})
    ok(answer["code"] == "NSK-1303" and "no-capacity" in answer["detail"], "who gives another is told the codes", answer)
    status, answer = act(cop, "П-1", "decline", {"reason_code": "wrong-service", "reason_text": "Не предлагаме тази услуга."})
    ok(status == 200 and answer["state"] == "declined", "the wrong addressee declines it", answer)
    end = wait_for("the refusal", lambda: s if (s := at_office("П-1"))["state"] == "declined" and s["stages"].get("refused") else None, 20)
    ok(end["refusal"]["code"] == "NSK-1406" and "seen" not in end["stages"] and "registered" not in end["stages"],
       "its sender reads: declined, unopened, by nobody seen", end)
    said = [i["record"] for i in desk.inbox(0) if i.get("record", {}).get("referral_id") == "П-1"]
    ok(said[-1]["reason_code"] == "wrong-service" and said[-1]["reason_text"] == "Не предлагаме тази услуга.", "and why", said)
    run = world.ctl("deadletters", "--config", office.config_file, "--json", check=False)
    ok("П-1" not in run.stdout + run.stderr, "nobody has to look after it", run)
    ok(not [d for d in desk.call("GET", "/v1/deadlines")[1]["deadlines"] if d["referral_id"] == "П-1" and d["to"] == centre.id],
       "its clocks have ended")
    ok([p["referral_id"] for p in previews(cop)] == ["П-2"], "the preview is gone, too")
    status, answer = act(cop, "П-1", "open")
    ok(status == 410, "and it cannot be opened any more", answer)
    centre.stop()
    centre.start()
    everything(cop, "П-1")
    ok(not leaked(), "after a restart nothing of it is there at any address", "\n".join(leaked()))
    items = call(cop, "GET", "/v1/inbox?after=0")[1]["items"]
    ok(items[0]["stage"] == "erased" and "record" not in items[0], "its place says that it was erased", items[0])


def opened():
    status, answer = act(cop, "П-2", "open", {"actor": {"role": "психолог"}})
    ok(status == 200 and answer["state"] == "received", "the right addressee opens it", answer)
    wait_for("seen", lambda: at_office("П-2")["stages"].get("seen"), 20)
    ok(at_office("П-2")["state"] == "received" and "registered" not in at_office("П-2")["stages"], "its sender sees that a person has it")
    got.clear()         # from here on it may be read
    ok(any("ТАЙНА П-2" in t for t in everything(cop, "П-2")), "the same addresses that showed nothing show it now")
    item = [i for i in cop.inbox(2) if i["kind"] == "referral"][0]
    ok(item["record"]["reason_text"] == "ТАЙНА П-2" and item["record"]["child"]["given"] == "Калина", "it comes whole behind what was polled", item)
    status, answer = cop.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": "8/26"})
    ok(status == 200 or status == 202, "and is registered under its number", answer)
    wait_for("registered", lambda: at_office("П-2").get("external_no") == "8/26", 20)
    ok(act(cop, "П-2", "open")[0] == 200, "to open it again changes nothing")
    status, answer = act(cop, "П-2", "decline", {"reason_code": "wrong-service"})
    ok(status == 409, "what is open is declined by a step like any other", answer)
    refer("П-3", centre, service_kind="mentoring")
    item = wait_for("П-3", lambda: [i for i in cop.inbox(0) if i["kind"] == "referral" and i["record"]["referral_id"] == "П-3"], 20)
    ok(item, "another service than the configuration names comes at once")
    got.clear()


def by_webhook():
    refer("У-1", home)
    refer("У-2", home)
    first = wait_for("the previews", lambda: c if len(c := hook.about("У-1", "preview") + hook.about("У-2", "preview")) == 2 else None, 20)[0]
    ok(first.item["preview"] == PREVIEW and not first.fault and not hook.about("У-1"), "a webhook gets the preview, signed", first.item)
    ok(act(home_system, "У-1", "decline", {"reason_code": "outside-territory"})[0] == 200, "it is declined")
    ok(act(home_system, "У-2", "open")[0] == 200, "another is opened")
    call_2 = wait_for("the content", lambda: hook.about("У-2"), 20)[0]
    ok(call_2.item["record"]["reason_text"] == "ТАЙНА У-2" and call_2.id != first.id, "and comes by the webhook, under an id of its own", call_2.item)
    wait_for("the number", lambda: at_office("У-2").get("external_no") == "К-2", 20)
    ok("registered" in at_office("У-2")["stages"], "whose answer registers it")
    end = wait_for("the refusal", lambda: s if (s := at_office("У-1"))["stages"].get("refused") else None, 20)
    ok(end["state"] == "declined" and "registered" not in end["stages"], "the number in the answer to a preview registers nothing", end)
    ok(not hook.about("У-1") and not [c for c in hook.calls if c and "ТАЙНА У-1".encode() in c.body], "of the declined one nothing was ever handed over")


def in_fhir():
    refer("Б-1", ward)
    refer("Б-2", ward)
    ok(preview(ward_system, "Б-1")["preview"] == PREVIEW and preview(ward_system, "Б-2"), "a hospital with FHIR has the same addresses")
    everything(ward_system, "Б-1", "Б-2")
    found = [t for t in got if any(s in t for s in SECRETS)]
    ok(not found and not any("Б-1" in t and "Task" in t for t in got), "its FHIR server knows nothing of it yet", "\n".join(found)[:2000])
    ok(act(ward_system, "Б-1", "decline", {"reason_code": "wrong-service", "case_no": "вх-17"})[0] == 200, "declined under a number of its own")
    end = wait_for("declined", lambda: s if (s := at_office("Б-1"))["state"] == "declined" and s.get("external_no") else None, 20)
    ok(end["external_no"] == "вх-17" and "refusal" not in end and "seen" not in end["stages"], "it is registered so, and declined", end)
    everything(ward_system, "Б-1")
    ok(not [t for t in got if any(s in t for s in SECRETS)], "and still nothing of it was shown")
    ok(act(ward_system, "Б-2", "open")[0] == 200, "the other is opened")
    got.clear()
    said = everything(ward_system, "Б-2")
    ok(any("ТАЙНА Б-2" in t for t in said) and any("Калина" in t for t in said), "and its FHIR server knows it, and the child", "\n".join(said)[:2000])


def ended_by_its_sender():
    refer("К-1", centre)
    preview(cop, "К-1")
    status, answer = desk.call("POST", "/v1/statuses", {"status_id": "x", "referral_id": "К-1", "to": "cancelled", "reason_text": "По погрешка."})
    ok(status == 202, "its sender cancels what nobody has opened", answer)
    wait_for("no preview", lambda: not [p for p in previews(cop) if p["referral_id"] == "К-1"], 20)
    status, answer = act(cop, "К-1", "open")
    ok(status == 410, "then there is nothing to open", answer)
    everything(cop, "К-1")
    ok(not [t for t in got if "ТАЙНА К-1" in t], "and nothing of it was shown")
    ok(wait_for("the word of it", lambda: [i for i in cop.inbox(0) if i.get("record", {}).get("referral_id") == "К-1" and i["kind"] != "referral"], 20),
       "its system hears that it was cancelled")


def ctl(agency, *words):
    """(exit code, the answer) of nasokactl, as a program reads it; what people read is looked at for secrets, too."""
    run = world.ctl(*words, "--config", agency.config_file, "--json", check=False)
    got.append(run.stdout + run.stderr)
    return run.returncode, json.loads(run.stdout) if run.stdout.strip() else run.stderr


def by_operators():
    run = world.tool("nasoka-health", "--check-config", "--config", old.config_file, check=False)
    ok(run.returncode == 0 and "preview.services: warning" in run.stdout + run.stderr,
       "a hospital whose doors can neither show nor answer is warned that only nasokactl does", run.stdout + run.stderr)
    run = world.tool("nasoka-education", "--check-config", "--config", school.config_file, check=False)
    ok(run.returncode == 0 and "preview.services" not in run.stdout + run.stderr, "a school with both folders is not", run.stdout + run.stderr)
    for number in ("Н-1", "Н-2"):
        refer(number, old)
    held = wait_for("both previews", lambda: h if len(h := ctl(old, "previews")[1]["previews"]) == 2 else None, 20)
    ok([h["preview"] for h in held] == [PREVIEW] * 2 and ctl(old, "status")[1]["previews"] == 2, "its operator lists and counts what waits", held)
    shown_to_people = world.ctl("previews", "--config", old.config_file)
    got.append(shown_to_people)
    ok("Н-1" in shown_to_people and "7-11" in shown_to_people, "in a table", shown_to_people)
    code, answer = ctl(old, "decline", "Н-1", "--reason", "magic")
    ok(code == 1 and "NSK-1303" in answer and "status.reason_code" in answer, "a reason that is no code is refused", answer)
    ok(ctl(old, "decline", "Н-1")[0] == 2, "as is none")
    code, answer = ctl(old, "decline", "Н-1", "--reason", "wrong-service", "--text", "Не е за нас.", "--role", "регистратор")
    ok(code == 0 and answer["state"] == "declined", "what is wrong here is declined", answer)
    end = wait_for("the refusal", lambda: s if (s := at_office("Н-1"))["state"] == "declined" and s["stages"].get("refused") else None, 20)
    ok(end["refusal"]["code"] == "NSK-1406" and "seen" not in end["stages"], "its sender reads: unopened", end)
    ok(ctl(old, "open", "Н-1")[0] == 1, "and it cannot be opened any more")
    ok(not leaked() and not mllp.called, "of neither has anything but the preview left, and nothing by MLLP", "\n".join(leaked()))
    code, answer = ctl(old, "open", held[1]["msg_id"], "--role", "педиатър", "--name", "Д-р Проба")
    ok(code == 0 and answer["state"] == "received", "the other is opened, by its message's id", answer)
    wait_for("seen", lambda: at_office("Н-2")["stages"].get("seen"), 20)
    said = [i["record"] for i in desk.inbox(0) if i.get("record", {}).get("referral_id") == "Н-2"]
    ok(said[-1]["actor"]["role"] == "педиатър", "its sender sees who opened it", said)
    wait_for("the hospital's system is called", lambda: mllp.called, 20)
    ok(ctl(old, "previews")[1]["previews"] == [], "and goes to the hospital's system as any other")


def tables(pattern):
    return {p.name: pairs_csv.decode(p.read_bytes())[0] for p in sorted(school.folder("out").glob(pattern)) if ".result." not in p.name}


def answer_by_table(name, row, **cells):
    """The preview's own table, with those cells filled in, back into the folder; its result."""
    out = io.StringIO()
    w = csv.DictWriter(out, list(row), delimiter=";", lineterminator="\r\n")
    w.writeheader()
    w.writerow(row | cells)
    part = school.folder("in") / f".{name}.part"
    part.write_bytes(out.getvalue().encode("cp1251"))
    part.rename(school.folder("in") / f"{name}.csv")
    result = school.folder("out") / f"{name}.csv.result.csv"
    wait_for(result.name, lambda: result.exists() and result.read_bytes(), 20, 0.05)
    return pairs_csv.decode(result.read_bytes())[0]


def by_tables():
    refer("Т-1", school, service_kind="attendance-support")
    refer("Т-2", school, service_kind="attendance-support")
    held = wait_for("both tables", lambda: t if len(t := tables("*-preview.csv")) == 2 else None, 20)
    rows = {r["referral_no"]: r for r in held.values()}
    ok({(r["age_band"], r["service_kind"], r["municipality_code"], r["priority"], r["from_agency"]) for r in rows.values()} ==
       {("7-11 г.", "attendance-support", "PDV22", "routine", office.id)} and rows["Т-1"]["to"] == "", "a school finds a table of each in its folder", rows)
    ok(len(tables("*.csv")) == 2 and not leaked(school), "and nothing else of them", "\n".join(leaked(school)))
    said = answer_by_table("empty", rows["Т-1"])
    ok(said["result"] == "refused" and said["field"] == "to", "put back without an answer it says what is missing", said)
    said = answer_by_table("number", rows["Т-1"], case_no="12/26")
    ok(said["result"] == "refused" and "NSK-1405" in said["message"], "what nobody has opened gets no number", said)
    said = answer_by_table("no", rows["Т-1"], to="отказан", reason_code="wrong-service", reason="Не е наш ученик.")
    ok(said["result"] == "accepted", "with the answer filled in it is the answer", said)
    end = wait_for("the refusal", lambda: s if (s := at_office("Т-1"))["state"] == "declined" and s["stages"].get("refused") else None, 20)
    ok(end["refusal"]["code"] == "NSK-1406", "its sender reads: declined, unopened", end)
    ok(ctl(school, "previews")[1]["previews"][0]["referral_id"] == "Т-2", "nasokactl shows the school's, too")
    ok(not leaked(school), "nothing more of it was ever written", "\n".join(leaked(school)))
    got.clear()
    said = answer_by_table("yes", rows["Т-2"], to="получен", worker_role="психолог")
    ok(said["result"] == "accepted", "the other is opened", said)
    row = wait_for("the content", lambda: [r for n, r in tables("*.csv").items() if "preview" not in n and r.get("last_name")], 20)[0]
    ok(row["reason"] == "ТАЙНА Т-2" and row["referral_no"] == "Т-2", "and its table comes", row)
    wait_for("seen", lambda: at_office("Т-2")["stages"].get("seen"), 20)
    ok("dropped" not in json.dumps([i for i in desk.inbox(0) if i.get("record", {}).get("referral_id") == "Т-2"]), "of the answer nothing was left out")


class Mllp:
    """The old hospital's system: a port that counts who calls, and takes nothing."""

    def __init__(self, port):
        self.called = 0
        self.socket = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            with self.socket.accept()[0] as s:
                self.called += len(s.recv(1)) > 0


webhook_system.write_secret(home)
mllp = Mllp(old.out_port)
hook = webhook_system.System(home.out_port, {"У-2": ["case К-2"], "У-1": ["case К-1"]})
world.make()
world.start()
try:
    by_operators()
    by_tables()
    got.clear()
    shown()
    declined()
    opened()
    by_webhook()
    in_fhir()
    ended_by_its_sender()
except (RuntimeError, TimeoutError, LookupError, TypeError) as e:
    ok(False, "the acts go to their end", f"{type(e).__name__}: {e}")
finally:
    world.stop()
run = world.tool("nasoka-audit", "verify", "--config", world.hub_dir / "hub.yaml", check=False)
ok(run.returncode == 0, "the log of it all verifies", run.stdout + run.stderr)
logs_hold_nothing(world, *SECRETS)
done()

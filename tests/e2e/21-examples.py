#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""The examples that an agency's developer gets do what they say: every kind posted in order by the shipped clients to real adapters, each
arrives at the other side as its kind, and all is registered. What the clients are refused they say, and lose nothing."""
import json
import os
import pathlib
import re
import subprocess

from stagehand import BIN, System, World, done, doors, folder, ok, wait_for

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "config" / "examples"
ROOT = EXAMPLES.parents[1]
FROM_ADAPTERS = ("thread-state", "commitment-overdue")  # nobody posts these
DOOR = doors.POLLED + "preview: {{ services: [mentoring] }}\n"


def client(agency, *words, token="tokens", home=None):
    return subprocess.run([EXAMPLES / "client.py", agency.url, agency.dir / token, *words], capture_output=True, text=True,
                          env={**os.environ, "HOME": str(home or agency.dir)}, timeout=120, check=False)


def kinds():
    return [k for k in re.findall(r'KIND\(\d+, "([a-z-]+)"', (ROOT / "proto" / "kind.def").read_text("utf-8")) if not k.startswith(FROM_ADAPTERS)]


world = World(folder(), BIN)
sender = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Подател", "Sender", DOOR)
receiver = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Получател", "Receiver", DOOR)
try:
    world.make()
    world.start()
    for agency in (sender, receiver):
        (agency.dir / "own-token").write_text(agency.token + "\n")
    files = sorted((EXAMPLES / "json").glob("*.json"))
    said = [re.fullmatch(r"\d\d-(sender|receiver)-([a-z-]+)", f.stem).groups() for f in files]
    ok(sorted(kind for _, kind in said) == sorted(kinds()), "there is one example of every kind", sorted(set(kinds()) ^ {k for _, k in said}))
    for n, (file, (who, kind)) in enumerate(zip(files, said)):
        agency, other = (sender, receiver) if who == "sender" else (receiver, sender)
        copy = world.dir / file.name
        copy.write_text(file.read_text("utf-8").replace("SENDER", sender.id).replace("RECEIVER", receiver.id), "utf-8")
        if n % 4 == 3:
            run = subprocess.run([EXAMPLES / "client.sh", agency.url, agency.dir / "own-token", copy], capture_output=True, text=True, timeout=60,
                                 check=False)
        else:
            run = client(agency, "send", copy)
        ok(run.returncode == 0, f"{file.name} is taken", run.stdout + run.stderr)
        got = wait_for(f"{kind} at {other.id}", lambda: [i for i in System(other).inbox(0) if i["kind"] == kind], 20)
        ok(len(got) == 1 and got[0]["from"] == agency.id, f"and comes as {kind}", got)
        client(other, "watch", "--once")
    run = client(sender, "send", world.dir / files[0].name)
    ok(run.returncode == 0 and len([i for i in System(receiver).inbox(0) if i["kind"] == "referral"]) == 1, "sent again it is the same message")
    bad = world.dir / "bad.json"
    bad.write_text('{"referral_id": "X", "to": "accepted"}')
    run = client(sender, "send", world.dir / "none.json", world.dir / "hub.log")
    ok(run.returncode == 1 and run.stdout.count("no file with a JSON object") == 2 and "Traceback" not in run.stderr, "a file that is none is said in words",
       run.stdout + run.stderr)
    run = client(sender, "send", bad)
    ok(run.returncode == 1 and "NSK-1301" in run.stdout, "what is wrong is said, with what to do", run.stdout + run.stderr)
    # only a preview of it comes first: it is passed, and registered once when it has been opened
    held = world.dir / "held.json"
    held.write_text(json.dumps({**json.loads((world.dir / files[0].name).read_text("utf-8")), "referral_id": "ПР-ПРЕГЛЕД", "group_id": None,
                                "service_kind": "mentoring"}, ensure_ascii=False), "utf-8")
    ok(client(sender, "send", held).returncode == 0, "a referral that is held is taken")
    wait_for("its preview", lambda: [i for i in System(receiver).inbox(0) if i["kind"] == "preview"], 20)
    run = client(receiver, "watch", "--once")
    ok(run.returncode == 0 and "waits to be opened" in run.stdout, "what is only shown holds up nothing", run.stdout + run.stderr)
    System(receiver).call("POST", f"/v1/previews/{System(receiver).inbox(0)[-1]['msg_id']}/open")
    for again in range(2):
        run = client(receiver, "watch", "--once", home=None if again == 0 else world.dir)
        ok(run.returncode == 0 and "registered as CASE-" in run.stdout, "opened it is registered, from the beginning of the inbox as well",
           run.stdout + run.stderr)
    # what comes: the place is the adapter's own, and moves on when a number was taken
    sent_no = "ПР-ВТОРО"
    second = world.dir / "second.json"
    second.write_text(json.dumps({**json.loads((world.dir / files[0].name).read_text("utf-8")), "referral_id": sent_no}, ensure_ascii=False), "utf-8")
    ok(client(sender, "send", second).returncode == 0, "a second referral is taken")
    item = wait_for("it at the receiver", lambda: next((i for i in System(receiver).inbox(0) if i.get("referral_id") == sent_no and
                                                        i["kind"] == "referral"), None), 20)
    place, = receiver.dir.glob(".nasoka-client-*")
    before = place.read_text()
    (receiver.dir / "wrong-token").write_text("not-the-token\n")
    run = client(receiver, "watch", "--once", token="wrong-token")
    ok(run.returncode == 1 and "NSK-1601" in run.stdout and "Traceback" not in run.stderr and place.read_text() == before,
       "a token that is refused is said in words", run.stdout + run.stderr)
    System(receiver).call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": "ДРУГ-1"})
    run = client(receiver, "watch", "--once")
    ok(run.returncode == 1 and "NSK-1404" in run.stdout and int(place.read_text()) < item["cursor"],
       "a registration that is refused is said, and the place stays before it", run.stdout + run.stderr)
    again = client(receiver, "watch", "--once")
    ok(again.returncode == 1 and "NSK-1404" in again.stdout, "so it is seen again", again.stdout + again.stderr)
    ok(client(sender, "watch", "--once", home=receiver.dir).returncode == 0 and len(list(receiver.dir.glob(".nasoka-client-*"))) == 2 and
       int(place.read_text()) < item["cursor"], "another adapter's inbox has a place of its own in the same home folder")
    run = subprocess.run([EXAMPLES / "client.py", "http://127.0.0.1:1", receiver.dir / "own-token", "watch", "--once"], capture_output=True,
                         text=True, env={**os.environ, "HOME": str(receiver.dir)}, timeout=60, check=False)
    ok(run.returncode == 1 and "cannot be reached" in run.stderr and "Traceback" not in run.stderr, "nobody there is said in words",
       run.stdout + run.stderr)
    wait_for("all to be registered", lambda: System(sender).call("GET", "/v1/referrals/%D0%9F%D0%A0-1")[1]["stages"].get("registered"))
    ok(True, "and the sender sees it registered")
except (RuntimeError, TimeoutError, OSError, LookupError) as e:
    ok(False, "the examples go to their end", f"{type(e).__name__}: {e}")
finally:
    world.stop()
done()

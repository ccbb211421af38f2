#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Who may come in, and once only: doors that refuse to open to the network unguarded, tokens, client certificates, the allow-list of
MLLP; one referral however often it is posted, also by an adapter killed with -9 between commit and answer."""
import http.client
import json
import random
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

import pairs_case as case
import pairs_hl7
import webhook_system
from stagehand import BIN, DEEP, System, World, curl, done, figure, folder, logs_hold_nothing, oblast, ok, referral, wait_for

KILLS = 20 * (5 if DEEP else 1)
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else random.randrange(1 << 30)
GUARDED = """in:
  http: {{ listen: "0.0.0.0:{http_port}", tls: {{ cert: {dir}/cert.pem, key: {dir}/cert.key, client_ca: {dir}/client.pem }} }}
  mllp: {{ listen: "0.0.0.0:{mllp_port}", peers: [127.0.0.2/32, 10.20.0.0/16] }}
out: {{ polling: true }}
defaults: {{ risk_level: medium, legal_basis: statutory-task }}
"""

rng = random.Random(SEED)
print(f"# seed {SEED}")
world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", oblast.SOCIAL)
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", oblast.SOCIAL)
guarded = world.agency("plovdiv-mbal", "hospital", "PDV22", "health", "Болница", "Hospital", GUARDED)
desk, office = System(sender), System(receiver)


# -- what does not even start --

def verdict(agency, config, *more):
    """What the adapter says to another configuration: exit code, None if it runs, and words."""
    file = agency.dir / "other.yaml"
    file.write_text(config, encoding="utf-8")
    try:
        end = subprocess.run([BIN / f"nasoka-{agency.sector}", "--config", file, *more], capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        return None, "it runs"
    return end.returncode, end.stdout + end.stderr


def unguarded():
    social, health = sender.config_file.read_text(encoding="utf-8"), guarded.config_file.read_text(encoding="utf-8")
    webhook_system.certificate(sender.dir)
    listen, port = f'listen: "127.0.0.1:{sender.http_port}"', sender.http_port
    tls = f"tls: {{ cert: {sender.dir}/cert.pem, key: {sender.dir}/cert.key }}"
    tokens = f"tokens_file: {sender.dir}/tokens"
    secret = webhook_system.write_secret(sender)
    hook = f"out:\n  polling: true\n  webhook: {{ url: URL, secret_file: {secret}, allowed_hosts: [127.0.0.1, cases.example] }}\n"
    rows = (
        ("plain HTTP on all addresses", sender, social.replace(listen, f'listen: "0.0.0.0:{port}"'), "in.http.listen"),
        ("plain HTTP on an address of IPv6", sender, social.replace(listen, f'listen: "[::]:{port}"'), "in.http.listen"),
        ("TLS without token or client certificate", sender, social.replace(f"{listen}, {tokens}", f'listen: "0.0.0.0:{port}", {tls}'),
         "in.http.listen"),
        ("a certificate without its key", sender, social.replace(tokens, f"{tokens}, tls: {{ cert: {sender.dir}/cert.pem }}"), "in.http.tls"),
        ("MLLP without a list of peers", guarded, health.replace(", peers: [127.0.0.2/32, 10.20.0.0/16]", ""), "in.mllp.listen"),
        ("a webhook in the clear to another machine", sender, social.replace("out: { polling: true }\n", hook.replace(
            "URL", "http://cases.example/n")), "out.webhook.url"),
        ("a webhook to a host that is not allowed", sender, social.replace("out: { polling: true }\n", hook.replace(
            "URL", "https://other.example/n")), "out.webhook.url"),
    )
    for name, agency, config, key in rows:
        code, text = verdict(agency, config, "--check-config")
        ok(code == 78 and "other.yaml:" in text and key in text, f"{name}: --check-config says so and exits 78", f"{code}\n{text}")
    for name, agency, config, key in rows[:1] + rows[4:5]:
        code, text = verdict(agency, config)
        ok(code == 78 and key in text, f"{name}: the daemon does not start", f"{code}\n{text}")
    code, text = verdict(sender, social.replace(f"{listen}, {tokens}", f'listen: "0.0.0.0:{port}", {tls}, {tokens}'), "--check-config")
    ok(code == 0, "TLS and a token: in order", text)
    for name, file in (("tokens", sender.dir / "tokens"), ("the webhook's secret", secret)):
        config = social if file.name == "tokens" else social.replace("out: { polling: true }\n", hook.replace("URL", "https://cases.example/n"))
        ok(verdict(sender, config, "--check-config")[0] == 0, f"{name} with mode 600: in order", verdict(sender, config, "--check-config")[1])
        for mode in (0o640, 0o620, 0o604):
            file.chmod(mode)
            codes = [verdict(sender, config, "--check-config"), verdict(sender, config)]
            ok(all(c == 78 for c, _ in codes), f"{name} with mode {mode:o}: refused", codes)
        file.chmod(0o600)


# -- who may call --

def tokens():
    url = sender.url + "/v1/inbox?after=0"
    for name, token, expected in (("no token", None, 401), ("a wrong token", sender.token[:-1] + "x", 401), ("half a token", sender.token[:20], 401),
                                  ("another agency's token", receiver.token, 401), ("the token", sender.token, 200)):
        status, body = curl("GET", url, token=token)
        ok(status == expected and (status == 200 or body["code"].startswith("NSK-")), f"{name}: {expected}", f"{status} {body}")
    status, body = curl("POST", sender.url + "/v1/referrals", referral("чуж", receiver.id), token="0123456789abcdef-wrong")
    ok(status == 401 and curl("GET", sender.url + "/v1/referrals/" + urllib.parse.quote("чуж"), token=sender.token)[0] == 404,
       "what came without the token is not taken", f"{status} {body}")


def certificates():
    """TLS with client certificates and no tokens, on all addresses."""
    def call(cert=None):
        context = ssl.create_default_context(cafile=guarded.dir / "cert.pem")
        if cert:
            context.load_cert_chain(*cert)
        c = http.client.HTTPSConnection("127.0.0.1", guarded.http_port, context=context, timeout=10)
        try:
            c.request("GET", "/fhir/Task")
            return c.getresponse().status
        except (OSError, http.client.HTTPException) as e:
            return type(e).__name__
        finally:
            c.close()
    ok(call(client) == 200, "a client certificate of the named issuer: served", call(client))
    for name, cert in (("no client certificate", None), ("one of another issuer", stranger)):
        ok(call(cert) not in (200, 404), f"{name}: refused", call(cert))
    with socket.create_connection(("127.0.0.1", guarded.http_port), 10) as s:
        s.sendall(b"GET /fhir/Task HTTP/1.1\r\nHost: x\r\n\r\n")
        ok(b"200 OK" not in s.recv(4096), "HTTP in the clear is not served")


def allow_list():
    text = pairs_hl7.write_referral(case.plain("П-1", ()), receiver.id, "P-1").encode()

    def call(source):
        with socket.socket() as s:
            s.bind((source, 0))
            s.settimeout(10)
            try:
                s.connect(("127.0.0.1", guarded.mllp_port))
                s.sendall(b"\x0b" + text + b"\x1c\r")
                return s.recv(65536)
            except ConnectionError:
                return b""
    ok(call("127.0.0.1") == b"", "MLLP: a stranger's connection is closed without a word")
    status, items = office.call("GET", "/v1/inbox?after=0")
    ok(status == 200 and not [i for i in items["items"] if i["referral_id"] == "П-1"], "and nothing of it is taken")
    answer = call("127.0.0.2")
    ok(b"MSA|AA|P-1" in answer, "MLLP: a peer of the list is served", answer)
    wait_for("its referral", lambda: [i for i in office.inbox(0) if i["referral_id"] == "П-1"])


# -- once only --

def post(body, key=None):
    return curl("POST", sender.url + "/v1/referrals", body, sender.token, headers=[f"Idempotency-Key: {key}"] if key else [])


def repeats():
    body = referral("Е-1", receiver.id)
    first, again = post(body), post(body)
    ok(first[0] == again[0] == 202 and first[1]["msg_id"] == again[1]["msg_id"], "the same referral twice: the same msg_id", f"{first} {again}")
    spaced = post(json.dumps(dict(reversed(body.items())), indent=2, ensure_ascii=False))
    ok(spaced[0] == 202 and spaced[1]["msg_id"] == first[1]["msg_id"], "the same content in another layout: the same msg_id", spaced)
    other = post({**body, "reason_text": "Друго."})
    ok(other[0] == 409 and other[1]["code"] == "NSK-1404", "the same number with another content: 409, NSK-1404", other)
    body = referral("Е-2", receiver.id)
    first, again = post(body, "key-1"), post(body, "key-1")
    ok(first[0] == again[0] == 202 and first[1]["msg_id"] == again[1]["msg_id"], "the same Idempotency-Key: the same msg_id", f"{first} {again}")
    other = post(referral("Е-3", receiver.id), "key-1")
    ok(other[0] == 409 and other[1]["code"] == "NSK-1404", "the same Idempotency-Key with another content: 409, NSK-1404", other)
    again = post(body, "key-2")
    ok(again[0] == 202 and again[1]["msg_id"] == first[1]["msg_id"], "another key with the same referral: the same msg_id", again)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(post(referral("Е-4", receiver.id)))) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ok(len({a[1]["msg_id"] for a in answers}) == 1 and {a[0] for a in answers} == {202}, "twelve at the same time: one msg_id", answers)


def killed():
    """kill -9 while the same referral is posted, at all moments between arrival and answer."""
    def begin(body):
        """The request is sent, on a connection that stood already; the answer is not waited for."""
        c = http.client.HTTPConnection("127.0.0.1", sender.http_port, timeout=10)
        c.connect()
        c.request("POST", "/v1/referrals", json.dumps(body).encode(), {"Authorization": f"Bearer {sender.token}", "Content-Type": "application/json"})
        return c

    def end(c):
        try:
            answer = c.getresponse()
            return [(answer.status, json.loads(answer.read()))]
        except (OSError, http.client.HTTPException, ValueError):
            return []
        finally:
            c.close()
    usual = []
    for n in range(5):
        begun = time.monotonic()
        end(begin(referral(f"Е-{50 + n}", receiver.id)))
        usual.append(time.monotonic() - begun)
    lost, committed, bad = 0, 0, []
    for n in range(KILLS):
        body = referral(f"Е-{100 + n}", receiver.id)
        c = begin(body)
        time.sleep(rng.random() * 1.2 * sorted(usual)[2])
        sender.stop(signal.SIGKILL)
        killed_ms = time.time() * 1000
        answers = end(c)
        sender.start()
        lost += not answers
        answers += [post(body), post(body)]
        ids = {a[1].get("msg_id") for a in answers}
        if len(ids) != 1 or {a[0] for a in answers} != {202}:
            bad.append((n, answers))
        elif len(answers) == 2:      # the id holds the moment of its commit
            committed += int(ids.pop().replace("-", "")[:12], 16) < killed_ms
    ok(not bad, f"killed {KILLS} times while a referral is posted: posted again, it is one message", bad)
    figure(f"kill -9 while posting: {KILLS}, {lost} without an answer, {committed} of these after the commit")
    numbers = [f"Е-{100 + n}" for n in range(KILLS)]

    def arrived():
        items, after = [], 0
        while page := office.inbox(after):
            items, after = items + page, page[-1]["cursor"]
        found = [i["referral_id"] for i in items if i["kind"] == "referral"]
        return found if all(n in found for n in numbers) else None
    found = wait_for("all of them at the recipient's", arrived, 60, 0.2)
    ok(all(found.count(n) == 1 for n in set(found)), "each has arrived exactly once", found)


try:
    for a in world.agencies:
        a.dir.mkdir(parents=True, exist_ok=True)
    webhook_system.certificate(guarded.dir)
    client, stranger = (webhook_system.certificate(guarded.dir, n) for n in ("client", "stranger"))
    world.make()
    unguarded()
    world.start()
    for part in (tokens, certificates, allow_list, repeats, killed):
        try:
            part()
        except (TimeoutError, RuntimeError, LookupError, OSError) as e:
            ok(False, f"{part.__name__}: goes through", f"{type(e).__name__}: {e}")
    logs_hold_nothing(world, "Калина", "1543079013", sender.token, receiver.token)
finally:
    world.stop()
done()

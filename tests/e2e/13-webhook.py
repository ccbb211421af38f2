#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
# Runs alone.
"""The webhook against real servers, HTTP at the sender's and HTTPS at the recipient's: what each kind of answer leads to at both
ends, signatures, retries under one id, and the stages that the sender's own system is told."""
import json
import urllib.parse

import webhook_system
from stagehand import BIN, System, World, done, figure, folder, logs_hold_nothing, ok, referral, wait_for

CONFIG = """in:
  http: {{ listen: "127.0.0.1:{http_port}", tokens_file: {dir}/tokens }}
out:
  webhook: {{ url: "SCHEME://127.0.0.1:{out_port}/nasoka", secret_file: {dir}/webhook.secret, allowed_hosts: [127.0.0.1], timeout: 1s }}
egress:
  referrals: {{ door: webhook }}
  statuses: {{ door: webhook }}
  receipts: {{ door: webhook }}
retry: {{ min: 200ms, max: 1s }}
"""
SECURE = CONFIG.replace("SCHEME", "https").replace("timeout: 1s", "timeout: 1s, ca_file: {dir}/cert.pem")
NO = "Вх-7/2026"
# What the server says in turn, the last for ever; what the sender is told in the end; how often the server is called at least.
RETRIED = ("500", "502", "503", "301", "redirect", "401", "403", "404", "405", "408", "409", "429", "stall", "half", "flood", "nonsense")
FINAL = ("400", "410", "413", "415", "422", "451")

world = World(folder(), BIN)
sender = world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender", CONFIG.replace("SCHEME", "http"))
receiver = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver", SECURE)
desk, office = System(sender), System(receiver)


def number(name):
    return f"У-{name}"


def send(name, *plan):
    """Refer to the agency whose server follows `plan`; the message's id."""
    if plan:
        plans[number(name)] = list(plan)
    status, answer = desk.call("POST", "/v1/referrals", referral(number(name), receiver.id))
    if status != 202:
        raise RuntimeError(f"{name}: {status} {answer}")
    return answer["msg_id"]


def progress(name):
    return desk.call("GET", "/v1/referrals/" + urllib.parse.quote(number(name), safe=""))[1]


def reached(name, stage, seconds=30):
    """The referral's view at its sender once it has reached the stage."""
    return wait_for(f"{number(name)} to be {stage}", lambda: p if (p := progress(name))["stages"].get(stage) else None, seconds)


def told(name, stage):
    """The sender's own system is told of it, once."""
    calls = wait_for(f"{stage} of {number(name)} at the sender's", lambda: [
        c for c in home.about(number(name), "stage") if c.item["stage"] == stage])
    return calls[0] if len(calls) == 1 else None


def is_one_message(calls):
    return len({c.id for c in calls}) == 1 and len({c.body for c in calls}) == 1 and calls[0].id == calls[0].item["msg_id"]


def unreachable():
    """Nobody listens, then a server of which the adapter does not know the issuer, then the right one: the message is there once."""
    global system
    stranger = None
    send("нов", f"case {NO}")
    reached("нов", "delivered")
    try:
        stranger = webhook_system.System(receiver.out_port, {}, webhook_system.certificate(receiver.dir, "stranger"))
        wait_for("a try", lambda: "tries=3" in receiver.log.read_text(), 20)
        ok(not stranger.calls, "a server whose certificate is not of the named issuer is told nothing", stranger.calls)
    finally:
        if stranger:
            stranger.close()
    ok(not progress("нов")["stages"].get("registered"), "a server that cannot be reached: delivered, not registered", progress("нов"))
    system = webhook_system.System(receiver.out_port, plans, trusted, f"http://127.0.0.1:{elsewhere.server.server_port}/stolen")
    p = reached("нов", "registered")
    ok(p["external_no"] == NO and len(system.about(number("нов"))) == 1, "once it can be reached, it gets the message once", p)


def confirmed():
    msg_id = send("текст", f"case {NO}")
    p = reached("текст", "registered")
    calls = system.about(number("текст"))
    ok(p["external_no"] == NO and len(calls) == 1 and calls[0].id == msg_id, "2xx with case_no registers at both ends", p)
    ok(told("текст", "registered").item["external_no"] == NO, "the sender's system is told of it once, with the number")
    send("число", "number 4711")
    ok(reached("число", "registered")["external_no"] == "4711", "a case_no that is a JSON number registers too")


def stages():
    """Four stages and the step itself reach the sender's system, each under an id of its own."""
    status, answer = office.call("POST", "/v1/statuses", {"referral_id": number("текст"), "to": "accepted", "at": "2026-11-20T10:00:00Z"})
    step = wait_for("the step at the sender's", lambda: home.about(number("текст"), "status-change"))
    calls = [told("текст", s) for s in ("stored", "delivered", "registered", "seen")]
    ok(status == 202 and step[0].item["record"]["to"] == "accepted" and step[0].id == answer["msg_id"], "the step arrives at the sender's", answer)
    ok(all(calls), "stored, delivered, registered and seen arrive at the sender's webhook, each once", calls)
    ok(len({c.id for c in calls if c}) == 4 and all(c and c.id == f"{c.item['msg_id']}-{c.item['stage']}" for c in calls),
       "each stage has a webhook-id of its own", [c and c.id for c in calls])
    ok([c.item["stage"] for c in sorted(filter(None, calls), key=lambda c: c.at)][:2] == ["stored", "delivered"], "stored is told before delivered")


def retried():
    for word in RETRIED:
        send(word, word, word, f"case {NO}-{word}")
    for word in RETRIED:
        try:
            # a system that answers all with errors counts as down: one entry is tried at a time
            p, calls = reached(word, "registered", 90), system.about(number(word))
            ok(p["external_no"] == f"{NO}-{word}" and len(calls) >= 3 and is_one_message(calls) and not p["stages"].get("refused"),
               f"{word}: tried again until it is registered, under one webhook-id", f"{p}\n{[c.id for c in calls]}")
        except TimeoutError as e:
            ok(False, f"{word}: tried again until it is registered, under one webhook-id", e)
    ok(not elsewhere.calls, "no redirect is followed", len(elsewhere.calls))


def refused():
    for word in FINAL:
        send(word, word)
    for word in FINAL:
        p, call = reached(word, "refused"), told(word, "refused")
        tries[word] = len(system.about(number(word)))       # more than one where the machine is slower than the timeout
        ok(p["refusal"]["code"] == "NSK-1606" and call and call.item["refusal"]["code"] == "NSK-1606" and not p["stages"].get("registered"),
           f"{word}: refused for good, and the sender is told the code", json.dumps(p, ensure_ascii=False))


def refused_for_good():
    now = {word: len(system.about(number(word))) for word in FINAL}
    ok(tries == now and 1 in now.values(), "what was refused is not tried again", f"{tries} {now}")


def silent():
    """A system that takes and never confirms: visible at both ends for as long as it lasts."""
    send("тих", "200")
    wait_for("the call", lambda: system.about(number("тих")))
    reached("тих", "delivered")

    def age():
        return json.loads(world.ctl("status", "--config", receiver.config_file, "--json"))["oldest_unregistered_ms"]
    first = wait_for("an age", age)
    wait_for("it to grow", lambda: age() > first + 1000)
    p = progress("тих")
    ok(p["stages"].get("delivered") and not p["stages"].get("registered"), "200 without case_no: delivered, not registered", p)
    ok(len(system.about(number("тих"))) == 1, "and not handed over again")
    item = next(i for i in office.inbox(0) if i["referral_id"] == number("тих"))
    office.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": NO})
    ok(reached("тих", "registered")["external_no"] == NO, "registered later by the API")
    ok(wait_for("no age", lambda: age() == 0), "the status names no unregistered message any more")


def slow():
    """Some calls that hang hold up no other thread; the first of them is answered after all others."""
    for i in range(5):
        send(f"бавен-{i}", "stall", f"slow С-{i}")
    for i in range(10):
        send(f"бърз-{i}", f"case Б-{i}")
    fast = [reached(f"бърз-{i}", "registered", 10)["external_no"] for i in range(10)]
    still = [progress(f"бавен-{i}")["stages"].get("registered") for i in range(5)]
    system.slow.set()
    ok(fast == [f"Б-{i}" for i in range(10)] and not any(still), "calls that hang do not hold up other threads", f"{fast} {still}")
    ok([reached(f"бавен-{i}", "registered")["external_no"] for i in range(5)] == [f"С-{i}" for i in range(5)], "and end well themselves")


plans, tries, system = {}, {}, None
try:
    webhook_system.write_secret(sender)
    webhook_system.write_secret(receiver)
    trusted = webhook_system.certificate(receiver.dir)
    home, elsewhere = webhook_system.System(sender.out_port, {}), webhook_system.System(0, {})
    world.make()
    world.start()
    for part in (unreachable, confirmed, stages, refused, retried, slow, silent, refused_for_good):
        try:
            part()
        except (TimeoutError, RuntimeError, LookupError) as e:
            ok(False, f"{part.__name__}: goes through", f"{type(e).__name__}: {e}")
    faults = [f"{c.number} {c.kind}: {c.fault}" for s in (home, system) for c in s.calls if c.fault]
    ok(not faults, "every call has the signature of Standard Webhooks over id, time and body", "\n".join(faults))
    figure(f"calls of webhooks checked: {len(home.calls) + len(system.calls)}")
    logs_hold_nothing(world, "Калина", "1543079013", "Вх-7")
finally:
    world.stop()
done()

# SPDX-License-Identifier: EUPL-1.2
"""Where hostile acts are done: a real hub, real adapters whose agencies' systems talk to each other all the while, and an account
of what they were promised and what came. An act is a function in a table; it fails by an assertion."""
import collections
import os
import pathlib
import re
import resource
import signal
import socket
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("e2e", "oracle")]
from stagehand import DEEP, System, anonymous_mib, done, figure, oblast, ok, referral, wait_for  # noqa: E402,F401
import stage  # noqa: E402
import zmq  # noqa: E402
from peer import curve, envelope, session, wire  # noqa: E402
from stage import OFFICE, PEER, THIRD  # noqa: E402,F401

CAP_MIB = 256                   # of anonymous memory: half of what systemd lets the hub have
SOON = 10.0                     # in this time all that was accepted during an act has arrived
BACK_SECONDS = 2.0
COP = "plovdiv-cop"
PER_AGENCY = 110                # connections of one key, as HUB says
EVERY_SECONDS = 0.05            # a referral of the honest
QUICK = "transport: {{ reconnect_min: 10ms, reconnect_max: 200ms, heartbeat: 1s, silence: 3s }}\n"
SILENCE_S = 15                  # longer than PER_AGENCY connections take to be made
HUB = "\ntransport: { handshake: 1s, heartbeat: 1s, silence: %ds, max_peers: 256, max_per_agency: %d }" % (SILENCE_S, PER_AGENCY)
ACTS = []


class Act:
    """`may_die`: the hub may reach its cap and be ended for it; `apart`: in a world of its own, beside the others; `is_light`: also
    for services that are built with sanitizers."""

    def __init__(self, name, fn, may_die=False, apart=False, is_light=True):
        self.name, self.fn, self.may_die, self.apart = name, fn, may_die, apart
        self.is_light = is_light and not may_die
        self.skipped = ""


def act(name, **more):
    """Enters a function into the table."""
    def enter(fn):
        ACTS.append(Act(name, fn, **more))
        return fn
    return enter


def each(names, maker):
    """An act for each row of a table."""
    for name, value in names.items():
        ACTS.append(Act(name, maker(value)))


class CannotHere(Exception):
    """This machine does not let the act be done: it is skipped, and not counted."""


def ended(s, seconds):
    """Does the hub end it in this time?"""
    s.settimeout(seconds)
    try:
        while s.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def must(condition, what):
    if not condition:
        raise AssertionError(what)


def one_more(g, a, why):
    """The session still stands, and takes a good message."""
    must(g.answer(a, *g.sealed(a)) == 0, f"no good message after {why}")


class Honest:
    """An agency's system that sends all the while, and the one that registers what comes."""

    def __init__(self, sender, receiver):
        self.sender, self.receiver = System(sender), System(receiver)
        self.to = receiver.id
        self.sent, self.accepted, self.arrived = {}, {}, collections.defaultdict(list)
        self.took, self.errors, self.is_over = {}, [], False
        self.threads = [threading.Thread(target=self.guard, args=(f,), daemon=True) for f in (self.send, self.receive)]

    def start(self):
        for t in self.threads:
            t.start()

    def stop(self):
        self.is_over = True
        for t in self.threads:
            t.join(30)

    def guard(self, fn):
        try:
            fn()
        except Exception as e:      # noqa: BLE001 - told by whoever looks
            self.errors.append(f"{fn.__name__}: {e!r}")

    def send(self):
        n = 0
        while not self.is_over:
            n += 1
            number, begun = f"H-{n:05d}", time.monotonic()
            status, answer = self.sender.call("POST", "/v1/referrals", referral(number, self.to))
            if status != 202:
                raise RuntimeError(f"{number}: {status} {answer}")
            self.sent[number] = begun
            self.accepted[number] = answer["msg_id"]
            time.sleep(max(0.0, begun + EVERY_SECONDS - time.monotonic()))

    def receive(self):
        after = 0
        while self.threads[0].is_alive() or len(self.arrived) < len(self.accepted):
            items = self.receiver.inbox(after)
            for item in items:
                after = item["cursor"]
                if item["kind"] != "referral" or not item["referral_id"].startswith("H-"):
                    continue
                number = item["referral_id"]
                self.arrived[number].append(item["msg_id"])
                self.took[number] = time.monotonic()
                status, answer = self.receiver.call("POST", f"/v1/inbox/{item['msg_id']}/registered", {"case_no": f"C-{number}"})
                if status >= 300:
                    raise RuntimeError(f"registering {number}: {status} {answer}")
            if not items:
                time.sleep(0.01)

    def settle(self):
        """All that is accepted by now, and one more that is sent from here on, has arrived soon; else what is missing."""
        end, here = time.monotonic() + SOON, time.monotonic()
        while time.monotonic() < end and not self.errors:
            if any(t >= here and n in self.arrived for n, t in list(self.sent.items())[-40:]) and \
                    not [n for n in list(self.accepted) if n not in self.arrived and self.sent[n] < here]:
                return
            time.sleep(0.005)
        missing = [n for n in list(self.accepted) if n not in self.arrived]
        raise AssertionError(f"of the honest did not arrive in {SOON:g} s: {missing[:5]} {self.errors}")

    def percentile_ms(self, percent, since=0.0, until=float("inf")):
        times = sorted(self.took[n] - t for n, t in list(self.sent.items()) if n in self.took and since <= t < until)
        return times[len(times) * percent // 100] * 1000 if times else 0.0


class Watch:
    """What the services hold, looked at all the time; one over its cap is killed, as the system would, and started again."""

    def __init__(self, ground):
        self.ground, self.is_over, self.may_die = ground, False, False
        self.peak, self.deaths, self.slowest, self.wrong = collections.Counter(), 0, 0.0, []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        while not self.is_over:
            self.look()
            time.sleep(0.01)

    def look(self):
        w = self.ground.world
        for name, process in (("hub", w.hub), *((a.id, a.process) for a in self.ground.adapters)):
            try:
                mib = anonymous_mib(process.pid)
            except (OSError, RuntimeError):
                mib = 0
            self.peak[name] = max(self.peak[name], mib)
            if name == "hub" and (process.poll() is not None or mib > self.ground.cap):
                self.revive(process, mib)

    def revive(self, process, mib):
        process.send_signal(signal.SIGKILL)
        code = process.wait()
        self.deaths += 1
        if not self.may_die:
            self.wrong.append(f"the hub ended with {code} at {mib:.0f} MiB: {self.ground.world.hub_log.read_text()[-400:]}")
        begun = time.monotonic()
        self.ground.world.start_hub()
        self.slowest = max(self.slowest, time.monotonic() - begun)


class Ground:
    """`cap`: of anonymous memory, for each service."""

    def __init__(self, cap=CAP_MIB):
        self.cap = cap
        self.stage = stage.Stage(also=[
            (COP, "cop", "PDV22", "social", "Подател", "Sender", oblast.SOCIAL + QUICK),
            (oblast.HOSPITAL, "hospital", "PDV22", "health", "Болница", "Hospital", oblast.HEALTH_HL7 + QUICK),
            (oblast.SCHOOL, "school", "PDV22", "education", "Училище", "School", oblast.SCHOOL_CSV + QUICK)], hub=HUB, listen="tcp://*:{port}")
        self.world, self.office = self.stage.world, self.stage.office
        self.cop, self.hospital, self.school = self.stage.others
        self.adapters = [self.office, *self.stage.others]
        self.port = self.world.port
        self.book = self.stage.book()
        self.context = zmq.Context()
        self.context.max_sockets = 8192
        self.honest, self.watch = Honest(self.cop, self.office), Watch(self)
        self.cleanups, self.at_end, self.mark, self.n = [], [], 0, 0

    def start(self):
        self.honest.start()
        self.watch.thread.start()

    def stop(self):
        self.watch.is_over = True
        self.watch.thread.join(10)
        self.honest.stop()
        self.context.destroy(0)
        for undo in self.at_end:
            undo()
        self.stage.stop()

    # -- one act --

    def try_out(self, a):
        try:
            a.fn(self)
        except CannotHere as e:
            a.skipped = str(e)
        except Exception as e:      # noqa: BLE001 - told by the caller
            if os.environ.get("NASOKA_TRACE"):
                raise
            return [repr(e)[:700]]
        return []

    def play(self, a):
        """What was wrong, in words; empty: nothing."""
        pids, self.mark = self.pids(), len(self.world.hub_log.read_bytes())
        self.watch.may_die, deaths = a.may_die, self.watch.deaths
        self.watch.peak.clear()
        wrong = self.try_out(a)
        for undo in reversed(self.cleanups):
            undo()
        self.cleanups.clear()
        try:
            self.honest.settle()
        except AssertionError as e:
            wrong.append(str(e))
        wrong += self.watch.wrong
        self.watch.wrong.clear()
        if self.watch.deaths == deaths and self.pids() != pids:
            wrong.append(f"a service was started anew: {pids} {self.pids()}")
        over = {n: int(m) for n, m in self.watch.peak.items() if m > self.cap}
        if over and not (a.may_die and set(over) == {"hub"}):
            wrong.append(f"over {self.cap} MiB: {over}")
        return wrong

    def pids(self):
        return [self.world.hub.pid] + [a.process.pid if a.process.poll() is None else None for a in self.adapters]

    def later(self, undo):
        self.cleanups.append(undo)

    def said(self, pattern):
        """How often the hub's log says it since the act began."""
        with open(self.world.hub_log, "rb") as f:
            f.seek(self.mark)
            return len(re.findall(pattern.encode(), f.read()))

    def says(self, pattern, seconds=3.0, times=1):
        wait_for(f"the hub to log {pattern}", lambda: self.said(pattern) >= times, seconds)

    # -- means --

    def key(self, agency):
        return session.Key.load(f"{self.stage.keys(agency)}/transport.key")

    def dealer(self, agency=None, server=None, mechanism="curve", connect=True, **options):
        """A DEALER with the transport key of that agency, or with one that nobody knows."""
        s = self.context.socket(zmq.DEALER)
        self.later(lambda: s.close(0))
        s.linger = 0
        for name, value in options.items():
            s.setsockopt(getattr(zmq, name), value)
        if mechanism == "curve":
            public, secret = zmq.curve_keypair()
            s.curve_serverkey, s.curve_publickey, s.curve_secretkey = server or self.book.d.curve_key, public, secret
            if agency:
                key = self.key(agency)
                s.curve_publickey, s.curve_secretkey = key.public, key.secret
        elif mechanism == "plain":
            s.plain_username, s.plain_password = b"hub", b"hub"
        if connect:
            s.connect(self.world.endpoint)
        return s

    def client(self, agency=PEER, port=None, timeout=2.0):
        """A hand-made CURVE client; not connected any further than TCP."""
        key = self.key(agency)
        c = curve.Client(port or self.port, self.book.d.curve_key, key.public, key.secret, timeout)
        self.later(c.close)
        return c

    def session(self, agency=PEER, **more):
        s = self.stage.session(agency, **more)
        self.later(s.close)
        return s

    def adapter(self, agency=PEER):
        return session.Adapter(self.session(agency))

    def hello(self, agency=PEER, **more):
        more = {"session": os.urandom(16), "software": "act", "credit": wire.Credit(messages=10, bytes=1 << 20)} | more
        return wire.encode(wire.Frame(hello=wire.Hello(agency=agency, **more)))

    def number(self):
        self.n += 1
        return f"A-{self.n}"

    def sealed(self, a, to=OFFICE, **header):
        """A good referral of adapter `a`: (header, envelope)."""
        p = a.header([to], header.pop("thread", None) or os.urandom(16), **header)
        return p, a.seal(p, stage.referral(self.number(), a.s.agency, to, envelope.now_ms()))

    def answer(self, a, p, data):
        """The number that the hub refused it with; 0: accepted."""
        before = len(a.s.refused)
        a.s.submit(data)
        a.wait(lambda: len(a.s.refused) > before or p.id in a.s.accepted, "any answer of the hub", 8)
        return a.s.refused[-1].code if len(a.s.refused) > before else 0


def connect(g, data=b""):
    s = socket.create_connection(("127.0.0.1", g.port), 5)
    g.later(s.close)
    if data:
        try:
            s.sendall(data)
        except OSError:
            pass
    return s


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def limit_descriptors(pid, soft):
    """The limit before."""
    old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, old[1]))
    return old

# SPDX-License-Identifier: EUPL-1.2
"""What the scripts about disks and system calls share: a hub and agencies that are restarted as systemd would, referrals that
go through them, and a ledger of what was accepted, so that what is lost, doubled or out of order is counted and not supposed.

Three agencies: a child protection office that takes referrals and answers each with two status changes, another office that
sends by HTTP and JSON, and a school that sends by files. One call of `step` does what there is to do and never waits long.
"""
import csv
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from stagehand import BIN, DEEP, ROOT, done, figure, oblast, ok, referral  # noqa: E402,F401
from world import World  # noqa: E402

os.environ["PATH"] += ":/usr/sbin:/sbin"        # mkfs and losetup
BUILD = pathlib.Path(os.environ.get("NASOKA_BUILD", BIN.parent))
FAULTY = BUILD / "tests" / "faults" / "faulty.so"
READY_SECONDS = 2.0
RESTART_SECONDS = 0.05          # systemd waits half a second
STEPS = ("received", "accepted")
# What a service may end with (sysexits): systemd starts it again after all but 78, which asks for a hand.
EXITS = {0, 65, 69, 70, 75}
HEADER = ("referral_no;created_on;institution_code;municipality_code;first_name;last_name;birth_date;gender;service_kind;risk_level;"
          "priority;reason;legal_basis;respond_by")
QUICK = "transport: {{ reconnect_min: 10ms, reconnect_max: 100ms }}\nretry: {{ min: 100ms, max: 1s }}\n"


def fault_row(row, count, ledger):
    print(f'# fault row="{row}" count={count} ' + " ".join(f"{k}={v}" for k, v in ledger.items()), flush=True)


def scratch(name, megabytes=1024):
    """A folder for a world: in memory where there is room, since here the disk's own speed is nobody's question."""
    shm = pathlib.Path("/dev/shm")
    try:
        fs = os.statvfs(shm)
        if os.access(shm, os.W_OK) and fs.f_bavail * fs.f_frsize > megabytes << 20:
            return pathlib.Path(tempfile.mkdtemp(prefix=f"nasoka-{name}-", dir=shm))
    except OSError:
        pass
    return pathlib.Path(tempfile.mkdtemp(prefix=f"nasoka-{name}-"))


def private_mounts():
    """Goes on in a mount namespace of its own, so that no mount outlives this process; why not, when that cannot be had."""
    if os.environ.get("NASOKA_MOUNTS") == "private":
        return None
    if os.geteuid() != 0:
        return "mounting needs root"
    try:
        subprocess.run(["unshare", "--mount", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return "no mount namespace can be had here"
    os.environ["NASOKA_MOUNTS"] = "private"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, "-B", *sys.argv])


def skip(row, why):
    """The whole script cannot run on this machine."""
    ok(True, f"{row} # SKIP {why}")
    done()


def on_term():
    """SIGTERM ends the script through its `finally`."""
    def end(*_):
        raise SystemExit(143)
    signal.signal(signal.SIGTERM, end)


def waited(pid):
    """How long the threads of a process have been ready to go on and had no processor to do it on."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(task.read_text().split()[1])
        except (OSError, IndexError):
            pass        # it has just ended
    return total / 1e9


class Daemon:
    """One service under a supervisor that does no more than start it again."""

    def __init__(self, lab, name, program, config):
        self.lab, self.name, self.program, self.config = lab, name, program, config
        self.log = lab.dir / f"{name}.log"
        self.process, self.begun, self.from_byte, self.died = None, 0.0, 0, 0.0
        self.env, self.before_exec = {}, None
        self.is_wanted = self.is_ready = False
        self.exits, self.slowest, self.starts = [], 0.0, 0
        self.wanted_kill = False
        self.leans_on, self.waited_before = (), 0.0     # processes that it cannot go on without, and how long they had waited

    def start(self, patience=10.0, **env):
        """Started, and waited for until it is ready or has ended; True: ready."""
        self.spawn(env)
        return self.wait_ready(patience)

    def spawn(self, env=None):
        with open(self.log, "ab") as out:
            self.from_byte = out.tell()
            self.begun = time.monotonic()
            self.waited_before = sum(map(waited, self.leans_on))
            self.process = subprocess.Popen([BIN / self.program, "--config", self.config], stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, env={**os.environ, **self.env, **(env or {})},
                                            preexec_fn=self.before_exec)
        self.is_wanted, self.is_ready = True, False
        self.starts += 1

    def said(self):
        with open(self.log, "rb") as f:
            f.seek(self.from_byte)
            return f.read().decode(errors="replace")

    def took(self):
        """Seconds from its start until it was ready, by its own word, or until now; without those in which it could have gone on and
        the machine did something else."""
        idle = sum(map(waited, self.leans_on)) - self.waited_before + (waited(self.process.pid) if self.process else 0)
        ready = re.search(r"^(?:<\d>)?ready ms=(\d+)$", self.said(), re.M)
        return (int(ready[1]) / 1000 if ready else time.monotonic() - self.begun) - idle

    def look(self):
        """True once it is ready."""
        if not self.is_ready and self.process and re.search(r"^(?:<\d>)?ready ", self.said(), re.M):
            self.is_ready = True
            self.slowest = max(self.slowest, self.took())
        return self.is_ready

    def wait_ready(self, patience=10.0):
        while not self.look():
            if self.process.poll() is not None:
                return self.look()
            wall = time.monotonic() - self.begun
            if wall > patience and (self.took() > patience or wall > 10 * patience):
                return False
            time.sleep(0.002)
        return True

    def tend(self):
        """Starts it again when it has ended by itself."""
        if not self.is_wanted:
            return
        if self.process and self.process.poll() is not None:
            self.exits.append(self.process.returncode)
            self.process = None
            self.died = time.monotonic()
        if self.process is None and time.monotonic() - self.died >= RESTART_SECONDS:
            self.spawn()
        self.look()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, sig=signal.SIGTERM, patience=20.0):
        """Its exit code; None if it was not running."""
        self.is_wanted = False
        p, self.process = self.process, None
        if p is None:
            return None
        if p.poll() is None:
            p.send_signal(sig)
        try:
            return p.wait(patience)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            return -99      # it did not end when it was told to

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.is_wanted, self.process = False, None


class Client:
    """An agency's own system: one try a call, None when there is no answer."""

    def __init__(self, agency):
        self.agency, self.connection, self.busy = agency, None, 0
        self.retry_after = 0

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self.agency.token}", "Content-Type": "application/json"}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.agency.http_port, timeout=5)
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.status == 429 or answer.status >= 500:
                self.busy += 1
                self.retry_after += answer.getheader("Retry-After") is not None
                return None
            return answer.status, json.loads(text) if text else None
        except (OSError, http.client.HTTPException, ValueError):
            if self.connection:
                self.connection.close()
            self.connection = None
            return None


class Lab:
    """A hub, the office that answers, and the senders named ("http", "files"). `stores` moves the data of a service elsewhere."""

    def __init__(self, directory, senders=("http", "files"), stores=None, more=None, hub_limits=None, map_sizes=None):
        stores, more, self.map_sizes = stores or {}, more or {}, map_sizes or {}
        self.dir = pathlib.Path(directory)
        self.world = World(self.dir, BIN)
        self.office = self.world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Получател", "Receiver",
                                        oblast.SOCIAL + QUICK + more.get("office", ""))
        self.sender = self.school = None
        if "http" in senders:
            self.sender = self.world.agency("plovdiv-cop", "cop", "PDV22", "social", "Подател", "Sender",
                                            oblast.SOCIAL + QUICK + more.get("sender", ""))
        if "files" in senders:
            self.school = self.world.agency(oblast.SCHOOL, "school", "PDV22", "education", "Училище", "School",
                                            oblast.SCHOOL_CSV.replace("settle: 100ms", "settle: 0ms") + QUICK + more.get("school", ""))
        if hub_limits:
            self.world.hub_limits = hub_limits
        self.world.make()
        self.move(stores)
        self.hub = Daemon(self, "hub", "nasoka-hub", self.world.hub_dir / "hub.yaml")
        self.agents = {name: Daemon(self, name, f"nasoka-{a.sector}", a.config_file) for name, a in
                       (("office", self.office), ("sender", self.sender), ("school", self.school)) if a}
        self.daemons = {"hub": self.hub, **self.agents}
        self.to_office = Client(self.office)
        self.to_sender = Client(self.sender) if self.sender else None
        self.posts, self.dropped, self.jobs = [], {}, []
        self.accepted, self.arrived, self.said, self.home = {}, {}, {}, {}
        self.refused, self.cursor, self.home_cursor, self.read_files = [], 0, 0, set()

    def move(self, stores):
        """Configuration lines replaced: what lies where, and how large a map may grow."""
        for name, path in stores.items():
            kind, _, what = name.partition(".")
            file = self.world.hub_dir / "hub.yaml" if kind == "hub" else getattr(self, kind).config_file
            folder = self.world.hub_dir if kind == "hub" else getattr(self, kind).dir
            text = file.read_text()
            old = f"{folder}/{what}"
            if old not in text:
                raise ValueError(f"{file} names no {old}")
            file.write_text(text.replace(old, str(path)))
        for kind, size in self.map_sizes.items():
            file = self.world.hub_dir / "hub.yaml" if kind == "hub" else getattr(self, kind).config_file
            text = file.read_text()
            for usual in ("4GiB", "1GiB"):
                text = text.replace(f"map_size: {usual}", f"map_size: {size}")
            file.write_text(text)

    # -- running --

    def start(self):
        return all([d.start() for d in self.daemons.values()])

    def tend(self):
        for d in self.daemons.values():
            d.tend()

    def close(self):
        for d in self.daemons.values():
            d.end()

    # -- what the agencies do --

    def post(self, number, **more):
        """To be sent by HTTP until it is accepted."""
        self.posts.append((number, referral(number, self.office.id, **more)))

    def drop(self, *numbers):
        """A file for the school's folder, in one piece."""
        rows = [f"{n};20.11.2026;1690001;PDV22;Калина;Тест-Пробна;07.03.2015;female;attendance-support;medium;routine;"
                "Нужда от подкрепа.;statutory-task;02.03.2027" for n in numbers]
        folder = self.school.folder("in")
        part, name = folder / f".{numbers[0]}.part", f"{numbers[0]}.csv"
        part.write_bytes(("\r\n".join([HEADER, *rows]) + "\r\n").encode("cp1251"))
        part.rename(folder / name)
        self.dropped[name] = numbers

    def send_posts(self, limit=16):
        for number, body in self.posts[:limit]:
            answer = self.to_sender.call("POST", "/v1/referrals", body)
            if answer is None:
                return
            self.posts.pop(0)
            if answer[0] == 202:
                self.accepted[number] = answer[1]["msg_id"]
            else:
                self.refused.append((number, answer))

    def see_files(self):
        """A file in done/ is accepted, one in bad/ refused: the school reads it there."""
        for name in list(self.dropped):
            if (self.school.folder("done") / name).exists():
                for number in self.dropped.pop(name):
                    self.accepted[number] = None
            elif (self.school.folder("bad") / name).exists():
                self.refused.append((name, self.dropped.pop(name)))

    def answer_referrals(self):
        answer = self.to_office.call("GET", f"/v1/inbox?after={self.cursor}") if self.agents["office"].is_running() else None
        for item in answer[1]["items"] if answer else []:
            self.cursor = item["cursor"]
            if item["kind"] == "referral":
                number, first = item["referral_id"], item["referral_id"] not in self.arrived
                self.arrived.setdefault(number, []).append(item["msg_id"])
                if first:
                    self.jobs.append((number, f"/v1/inbox/{item['msg_id']}/registered", {"case_no": f"C-{number}"}, None))
                    for n, step in enumerate(STEPS):
                        body = {"referral_id": number, "to": step, "at": f"2026-11-20T10:0{n}:00Z"}
                        self.jobs.append((number, "/v1/statuses", body, step))
        while self.jobs:
            number, path, body, step = self.jobs[0]
            answer = self.to_office.call("POST", path, body)
            if answer is None:
                return
            self.jobs.pop(0)
            if answer[0] >= 300:
                self.refused.append((number, answer))
            elif step:
                time.sleep(0.002)       # a file's name tells the millisecond in which its message was made
                self.said.setdefault(number, []).append((step, answer[1]["msg_id"]))

    def read_home(self):
        if self.sender and self.agents["sender"].is_running():
            answer = self.to_sender.call("GET", f"/v1/inbox?after={self.home_cursor}")
            for item in answer[1]["items"] if answer else []:
                self.home_cursor = item["cursor"]
                if item["kind"] == "status-change":
                    self.home.setdefault(item["referral_id"], []).append(item["record"]["to"])
        if self.school:
            # named by time and message id, and ids sort by the time they were made
            for path in sorted(self.school.folder("out").glob("*.csv"), key=lambda p: p.name[16:]):
                text = path.read_bytes().decode("cp1251")
                path.unlink()   # as the school does; of tens of thousands each look would cost more than the run
                if path.name in self.read_files or path.name.endswith(".result.csv"):
                    continue
                self.read_files.add(path.name)
                for row in csv.DictReader(text.splitlines(), delimiter=";"):
                    if row.get("transition"):
                        self.home.setdefault(row["referral_no"], []).append(row["to"])

    def step(self):
        self.tend()
        if self.posts and self.agents["sender"].is_running():
            self.send_posts()
        if self.school:
            self.see_files()
        self.answer_referrals()
        self.read_home()

    def is_home(self, number):
        return number in self.accepted and len(self.home.get(number, ())) >= len(STEPS)

    def is_settled(self):
        return not self.posts and not self.dropped and not self.jobs and all(map(self.is_home, self.accepted))

    def run(self, seconds, until=None, pause=0.003):
        """Steps for so long, or until it is true; what `until` gave last."""
        end = time.monotonic() + seconds
        while True:
            self.step()
            if until and until():
                return True
            if time.monotonic() > end:
                return False
            time.sleep(pause)

    def settle(self, seconds):
        """Until all is home. False when nothing has come nearer for so long: a busy machine is slow, not stuck."""
        end, last, whole = time.monotonic() + seconds, None, time.monotonic() + 6 * seconds
        while not self.is_settled():
            self.step()
            now = (len(self.accepted), sum(map(len, self.said.values())), sum(map(len, self.home.values())), len(self.arrived))
            if now != last:
                end, last = time.monotonic() + seconds, now
            if time.monotonic() > min(end, whole):
                return False
            time.sleep(0.003)
        return True

    # -- the ledger --

    def ledger(self):
        """What the agencies' systems were promised, against what came."""
        lost = sum(n not in self.arrived for n in self.accepted)
        lost += sum(max(0, len(said) - len(self.home.get(n, ()))) for n, said in self.said.items())
        doubled = sum(len(ids) - 1 for ids in self.arrived.values())
        doubled += sum(max(0, len(h) - len(STEPS)) for h in self.home.values())
        disordered = sum(h != list(STEPS)[:len(h)] and len(h) <= len(STEPS) for h in self.home.values())
        return dict(accepted=len(self.accepted) + sum(map(len, self.said.values())), lost=lost, doubled=doubled,
                    disordered=disordered)

    def check_log(self):
        """Everything that was accepted stands in the hub's log once, is registered there, and the log verifies. What is wrong, in words."""
        export = pathlib.Path(tempfile.mkdtemp(dir=self.dir)) / "export"
        try:
            self.world.tool("nasoka-audit", "export", "--config", self.world.hub_dir / "hub.yaml", "--out", export)
            self.world.tool("nasoka-audit", "verify", export, "--trust", self.world.trust)
            events = json.loads(self.world.tool("nasoka-audit", "replay", export, "--trust", self.world.trust, "--json"))["events"]
        except (RuntimeError, ValueError) as e:
            return [str(e)[:600]]
        logged = [e["id"] for e in events if e["event"] == "submit"]
        wanted = {i for ids in self.arrived.values() for i in ids} | {i for i in self.accepted.values() if i}
        wanted |= {i for said in self.said.values() for _, i in said}
        wrong = []
        if len(logged) != len(set(logged)):
            wrong.append(f"{len(logged) - len(set(logged))} ids are in the log twice")
        if wanted - set(logged):
            wrong.append(f"{len(wanted - set(logged))} accepted ids are not in the log")
        return wrong

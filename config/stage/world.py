# SPDX-License-Identifier: EUPL-1.2
"""A whole oblast on one machine: keys, signed directory, configurations and the real daemons, on loopback.

Used by config/demo and by the end-to-end tests. Only the standard library. Everything lives below one folder; processes are
ended by their own pid and nobody else's.
"""
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

FAKETIME = pathlib.Path(f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketimeMT.so.1")
AUDITORS = 5
THRESHOLD = 3
REGISTRARS = 3
REGISTRAR_THRESHOLD = 2


PORTS = range(15000, 32768)     # below those that Linux gives to connections: a service that comes back finds its own free
_claims = []


def free_port():
    """A TCP port of loopback that is free, and no other world's as long as this process lives: an abstract socket stands for it."""
    while True:
        port = random.SystemRandom().choice(PORTS)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0nasoka-port-{port}")
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return port


def wait_for(what, probe, seconds=30.0, step=0.02):
    """Call `probe` until it gives something true; its value. TimeoutError names `what`."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(step)


class Agency:
    """One agency: its facts in the directory, its adapter's configuration, and the adapter's process."""

    def __init__(self, world, id, kind, municipality, sector, name_bg, name_en, config=""):
        self.world, self.id, self.kind, self.municipality, self.sector = world, id, kind, municipality, sector
        self.name_bg, self.name_en = name_bg, name_en
        self.dir = world.dir / id
        self.keys = self.dir / "keys"
        self.config_file = self.dir / "adapter.yaml"
        self.socket = self.dir / "control.sock"
        self.http_port, self.mllp_port, self.out_port = free_port(), free_port(), free_port()
        self.token = f"test-{id}-0123456789abcdef"
        self.config = config        # more YAML, with {http_port}, {dir} and the like
        self.process = None
        self.log = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http_port}"

    def folder(self, name):
        return self.dir / "folder" / name

    def write_config(self):
        """The configuration file, with a folder, a token and all that the sector's doors need."""
        for name in ("in", "done", "bad", "out"):
            self.folder(name).mkdir(parents=True, exist_ok=True)
        tokens = self.dir / "tokens"
        tokens.write_text(f"system:{self.token}\n")
        tokens.chmod(0o600)
        values = dict(dir=self.dir, http_port=self.http_port, mllp_port=self.mllp_port, out_port=self.out_port,
                      folder=self.dir / "folder")
        self.config_file.write_text(f"""agency: {self.id}
store: {{ dir: {self.dir}/store, map_size: 1GiB }}
keys: {{ dir: {self.keys} }}
hub: {{ endpoints: ["{self.world.endpoint}"] }}
directory: {{ file: {self.world.directory}, sheets_dir: {self.world.sheets}, trust_file: {self.world.trust} }}
control: {{ socket: {self.socket} }}
limits: {{ disk_low_bytes: 16MiB, disk_low_percent: 1 }}
{self.config.format(**values)}
""", encoding="utf-8")

    def start(self, wait=True):
        self.process, self.log = self.world.spawn(f"nasoka-{self.sector}", self.config_file, self.id)
        if wait:
            self.world.wait_ready(self.log, self.process)

    def stop(self, sig=signal.SIGTERM):
        self.world.end(self.process, sig)
        self.process = None


class World:
    """The hub, its agencies, auditors and registrars."""

    def __init__(self, directory, bin_dir):
        self.dir = pathlib.Path(directory)
        self.bin = pathlib.Path(bin_dir)
        self.port = free_port()
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        self.origin = "hub.plovdiv.example/nasoka"
        self.hub_dir = self.dir / "hub"
        self.directory = self.dir / "directory.note"
        self.sheets = self.dir / "sheets"
        self.trust = self.dir / "registrars.txt"
        self.socket = self.hub_dir / "control.sock"
        self.agencies = []
        self.coordinators = {}      # municipality: agency id
        self.hub = None
        self.hub_log = None
        self.hub_limits = "limits: { disk_low_bytes: 16MiB, disk_low_percent: 1 }"
        self.listen = None          # where the hub listens; None: at its endpoint
        self.is_kept = False        # True: the daemons outlive this process
        self.days_ahead = 0         # what the daemons take for today, by Debian's faketime

    def agency(self, *args, **kwargs):
        a = Agency(self, *args, **kwargs)
        self.agencies.append(a)
        return a

    # -- tools --

    def tool(self, *args, check=True, text=True):
        """Run one of our programs; its standard output. RuntimeError with its words if it fails."""
        done = subprocess.run([self.bin / args[0], *map(str, args[1:])], capture_output=True, text=text, timeout=120)
        if check and done.returncode != 0:
            raise RuntimeError(f"{args[0]} {' '.join(map(str, args[1:]))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout if check else done

    def ctl(self, *args, **kwargs):
        return self.tool("nasokactl", *args, **kwargs)

    # -- making --

    def make(self):
        """Keys, directory signed by the registrars, configurations."""
        self.sheets.mkdir(parents=True)
        self.hub_dir.mkdir()
        self.ctl("keygen", "hub", "--dir", self.hub_dir / "keys", "--kek-dir", self.hub_dir / "kek", "--origin", self.origin)
        trust = [f"threshold {REGISTRAR_THRESHOLD}"]
        for i in range(1, REGISTRARS + 1):
            self.ctl("keygen", "registrar", "--name", f"registrar-{i}", "--dir", self.dir / "registrars")
            trust.append((self.dir / "registrars" / f"registrar-{i}.pub").read_text().strip())
        self.trust.write_text("\n".join(trust) + "\n")
        auditors = []
        for i in range(1, AUDITORS + 1):
            self.ctl("keygen", "auditor", "--name", f"auditor-{i}", "--dir", self.dir / "auditors")
            auditors.append(f"    - facts: {self.dir}/auditors/auditor-{i}.yaml")
        for a in self.agencies:
            a.dir.mkdir(parents=True, exist_ok=True)
            self.ctl("keygen", "agency", "--agency", a.id, "--dir", a.keys)
            sheet = a.keys / f"{a.id}.sheet"
            (self.sheets / sheet.name).write_bytes(sheet.read_bytes())
            a.write_config()
        self.make_directory(trust[1:], auditors)
        self.write_hub_config()

    def make_directory(self, registrars, auditors):
        lines = ["version: 1", "valid_days: 365", f"hub: {{ facts: {self.hub_dir}/keys/hub.yaml }}",
                 "auditors:", f"  threshold: {THRESHOLD}", "  members:", *auditors,
                 *([f"coordinators: {json.dumps(self.coordinators)}"] if self.coordinators else []),
                 "registrars:", f"  threshold: {REGISTRAR_THRESHOLD}", "  keys:", *[f"    - {v}" for v in registrars],
                 "agencies:"]
        for a in self.agencies:
            lines += [f"  - facts: {a.keys}/agency.yaml", f"    kind: {a.kind}", f"    municipality: {a.municipality}",
                      f"    name_bg: '{a.name_bg}'", f"    name_en: '{a.name_en}'", "    may_send: ['*']"]
        source = self.dir / "directory.yaml"
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.ctl("directory", "make", "--from", source, "--out", self.directory)
        for i in range(1, REGISTRAR_THRESHOLD + 1):
            self.ctl("directory", "sign", "--key", self.dir / "registrars" / f"registrar-{i}.key", "--name", f"registrar-{i}",
                     self.directory)
        self.ctl("directory", "check", self.directory, "--trust", self.trust, "--sheets", self.sheets)

    def write_hub_config(self):
        (self.hub_dir / "hub.yaml").write_text(f"""origin: {self.origin}
store: {{ dir: {self.hub_dir}/store, map_size: 4GiB }}
keys: {{ dir: {self.hub_dir}/keys, kek_dir: {self.hub_dir}/kek }}
directory: {{ file: {self.directory}, sheets_dir: {self.sheets}, trust_file: {self.trust} }}
listen: ["{self.listen or self.endpoint}"]
control: {{ socket: {self.socket} }}
checkpoint: {{ file: {self.hub_dir}/checkpoint }}
{self.hub_limits}
""")

    # -- running --

    def later(self, days):
        """What is started from now on takes today for so many days later."""
        self.days_ahead = days

    def environment(self):
        """With a clock that is ahead: only the wall's, so that waits stay true."""
        if self.days_ahead == 0:
            return None
        if not FAKETIME.exists():
            raise RuntimeError("days pass by libfaketime: apt-get install faketime")
        asan = os.environ.get("ASAN_OPTIONS", "")
        return dict(os.environ, LD_PRELOAD=str(FAKETIME), FAKETIME=f"+{self.days_ahead}d", FAKETIME_DONT_FAKE_MONOTONIC="1",
                    ASAN_OPTIONS=f"{asan}{':' if asan else ''}verify_asan_link_order=0")

    def spawn(self, program, config, name):
        log_file = self.dir / f"{name}.log"
        with open(log_file, "ab") as out:
            out.write(b"-- start --\n")
            process = subprocess.Popen([self.bin / program, "--config", config], stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL, start_new_session=self.is_kept, env=self.environment())
        return process, log_file

    @staticmethod
    def wait_ready(log_file, process, seconds=30.0):
        def probe():
            if process.poll() is not None:
                raise RuntimeError(f"{log_file.name}: exit {process.returncode}\n" +
                                   log_file.read_text(errors="replace")[-3000:])
            return "\nready " in log_file.read_text(errors="replace").rsplit("-- start --", 1)[-1].replace("<6>", "")
        wait_for(f"{log_file.name} to be ready", probe, seconds)

    def start_hub(self, wait=True):
        self.hub, self.hub_log = self.spawn("nasoka-hub", self.hub_dir / "hub.yaml", "hub")
        if wait:
            self.wait_ready(self.hub_log, self.hub)

    def start(self):
        self.start_hub()
        for a in self.agencies:
            a.start()

    @staticmethod
    def end(process, sig=signal.SIGTERM):
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(sig)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self):
        for a in self.agencies:
            a.stop()
        self.end(self.hub)
        self.hub = None


def http(method, url, body=None, token=None, media="application/json", headers=(), parse=True):
    """One call by curl, a client that is not ours. Gives (status, decoded JSON or bytes)."""
    command = ["curl", "-sS", "-m", "20", "-X", method, "-o", "-", "-w", "\n%{http_code}", url]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    for h in headers:
        command += ["-H", h]
    if body is not None:
        command += ["-H", f"Content-Type: {media}", "--data-binary", "@-"]
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body, ensure_ascii=False)
        if isinstance(body, str):
            body = body.encode()
    done = subprocess.run(command, input=body, capture_output=True, timeout=30)
    if done.returncode != 0:
        raise ConnectionError(done.stderr.decode(errors="replace"))
    text, _, status = done.stdout.rpartition(b"\n")
    if parse:
        try:
            return int(status), json.loads(text)
        except ValueError:
            pass
    return int(status), text

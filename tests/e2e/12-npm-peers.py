#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Clients, servers and a validator of npm against the real daemons: fhir-kit-client at a practice's adapter; node-hl7-client with
node-hl7-server (over TLS) and @medplum/hl7 (in windows-1251) at two hospitals'; a social agency's system on the other side of each.
Servers that say no, come late, break off or talk nonsense get every message once in effect."""
import concurrent.futures
import json
import subprocess

import pairs_fhir
import pairs_json
from peers_node import Office
from peers_practice import Practice
from peers_ward import Ward
from stagehand import BIN, ROOT, World, done, figure, folder, logs_hold_nothing, ok

HOSPITAL = """in:
  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8], MORE-IN }}
out:
  mllp: {{ host: 127.0.0.1, port: {out_port}, receiving_application: HIS, receiving_facility: MBAL, answer_timeout: 1s, MORE-OUT }}
egress:
  referrals: {{ door: mllp, format: hl7v2 }}
  statuses: {{ door: mllp, format: hl7v2 }}
  receipts: {{ door: mllp, format: hl7v2 }}
retry: {{ min: 200ms, max: 1s }}
defaults: {{ risk_level: medium, legal_basis: statutory-task, disposition_wanted: take-over }}
"""
SECURE = HOSPITAL.replace("MORE-IN", "tls: {{ cert: {dir}/cert.pem, key: {dir}/key.pem }}").replace(
    "MORE-OUT", "tls: true, ca_file: {dir}/cert.pem")
CYRILLIC = HOSPITAL.replace("MORE-IN", "charset: windows-1251").replace("MORE-OUT", "charset: windows-1251")


def validate(world, outputs):
    where = world.dir / "fhir"
    where.mkdir()
    files = []
    for n, (name, body) in enumerate(outputs):
        files.append(where / f"{n:03d}-{name}.json")
        files[-1].write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    run = subprocess.run(["node", ROOT / "tests/e2e/fhir-validate.js", *files], capture_output=True, text=True, timeout=200)
    ok(run.returncode == 0, "npm fhir and @medplum/core find no error in any answer", "\n".join(
        line for line in run.stdout.splitlines() if not line.startswith("ok ")) + run.stderr)
    figure(f"FHIR answers validated: {len(files)}")


def far_too_large(agency):
    """node's own fetch sends 20 MiB, of a said length and as a stream, and reads why they are not taken."""
    script = """const [url, token] = process.argv.slice(1), bytes = new Uint8Array(20 << 20).fill(32);
(async () => { for (const body of [bytes, new Blob([bytes]).stream()]) {
  const a = await fetch(url, { method: "POST", body, duplex: "half", headers: { authorization: `Bearer ${token}`, "content-type": "application/fhir+json" } });
  console.log(a.status, (await a.json()).issue[0].details.coding[0].code);
} })();"""
    run = subprocess.run(["node", "-e", script, f"{agency.url}/fhir", agency.token], capture_output=True, text=True, timeout=60)
    ok(run.stdout == "413 NSK-1005\n" * 2, "a node program that sends 20 MiB reads that they are too many", run.stdout + run.stderr)


def certificate(agency):
    """One that only this agency's own system trusts; for the adapter and, as it is only a test, for the server too."""
    agency.dir.mkdir(parents=True, exist_ok=True)
    cert, key = agency.dir / "cert.pem", agency.dir / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=his.example", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    key.chmod(0o600)
    return str(cert), str(key)


def main():
    world = World(folder(), BIN)
    peers = []
    try:
        doctor = world.agency("plovdiv-gp", "gp", "PDV22", "health", "Лекар", "Doctor", pairs_fhir.CONFIG)
        ward_n = world.agency("plovdiv-mbal", "hospital", "PDV22", "health", "Болница 1", "Hospital 1", SECURE)
        ward_m = world.agency("plovdiv-umbal", "hospital", "PDV22", "health", "Болница 2", "Hospital 2", CYRILLIC)
        social = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection", pairs_json.CONFIG)
        cert, key = certificate(ward_n)
        world.make()
        world.start()
        practice = Practice(doctor, Office(social))
        wards = [Ward(ward_n, Office(social), "node", None, cert, key), Ward(ward_m, Office(social), "medplum", "windows-1251")]
        peers = [practice.peer] + [p for w in wards for p in (w.sender, w.server)]
        with concurrent.futures.ThreadPoolExecutor(3) as lanes:
            for found in [lanes.submit(p.run) for p in (practice, *wards)]:
                for name, wrong in found.result():
                    ok(not wrong, name, wrong)
        far_too_large(doctor)
        validate(world, practice.outputs)
        logs_hold_nothing(world)
    finally:
        for p in peers:
            p.stop()
        world.stop()
    done()


if __name__ == "__main__":
    main()

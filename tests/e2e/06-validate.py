#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""nasoka-validate and nasokactl validate: each format's good file passes, a bad one ends with 65 and names line, column and field."""
import json
import subprocess

from stagehand import BIN, ROOT, done, folder, oblast, ok

HERE = folder()
VECTORS = ROOT / "tests/vectors"
NHIS = (VECTORS / "health/nhis-r001.xml").read_text(encoding="utf-8")
FHIR = (VECTORS / "health/fhir-referral-message.json").read_text(encoding="utf-8")
HL7 = (VECTORS / "health/full.hl7").read_bytes().decode("utf-8")
CSV = (VECTORS / "education/referrals_utf8.csv").read_text(encoding="utf-8")
XML = (ROOT / "tests/fuzz/corpus/xml/referral.xml").read_text(encoding="utf-8")
JSON = json.dumps({"referral_id": "7", "child": {"given": "А", "family": "Б", "birth_date": "2015-03-07", "gender": "female"},
                   "service_kind": "mentoring", "reason_text": "x", "risk_level": "low", "priority": "routine",
                   "disposition_wanted": "take-over", "legal_basis": "statutory-task"}, ensure_ascii=False, indent=1)


def run(program, name, text, *options):
    file = HERE / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    command = [BIN / "nasokactl", "validate"] if program == "nasokactl" else [BIN / "nasoka-validate"]
    return subprocess.run([*command, *options, file], capture_output=True, timeout=60, check=False)


GOOD = (("a.json", JSON), ("a.xml", XML), ("r001.xml", NHIS), ("fhir.json", FHIR), ("a.hl7", HL7), ("a.csv", CSV),
        ("1251.csv", (VECTORS / "education/referrals_windows1251.csv").read_bytes()))
for name, text in GOOD:
    for program in ("nasoka-validate", "nasokactl"):
        said = run(program, name, text)
        ok(said.returncode == 0 and b" 0 errors" in said.stdout, f"{program}: {name} is good", (said.stdout + said.stderr).decode())

BAD = (
    ("a.json", JSON.replace("2015-03-07", "07.03.2015"), "json", "child.birth_date", 6),
    ("a.xml", XML.replace("1543079013", "1543079014"), "xml", "referral.child.ids[0].value", 6),
    ("r001.xml", NHIS.replace('category value="R2"', 'category value="R1"'), "nhis", "referral/category", 17),
    ("fhir.json", FHIR.replace('"priority": "', '"priority": "very-'), "fhir", "ServiceRequest.priority", None),
    ("a.hl7", HL7.replace("|1543079013^", "|1543079014^", 1), "hl7", "PID-3", None),
    ("a.csv", CSV.replace("07.03.2015", "07.13.2015"), "csv", "birth_date", 2),
    ("b.json", JSON.replace('"low"', "..."), "json", None, 11),
)
for name, text, form, where, line in BAD:
    said = run("nasokactl", name, text, "--json")
    try:
        found = json.loads(said.stdout)
        first = next(p for p in found["problems"] if not p["note"] and (where is None or p.get("where") == where))
    except (ValueError, StopIteration):
        found, first = {}, {}
    ok(said.returncode == 65 and found.get("format") == form and first.get("line", 0) > 0 and first.get("col", 0) > 0 and
       (line is None or first["line"] == line) and first["title_bg"], f"{form}: what is wrong in {name} has line, column and field",
       (said.stdout + said.stderr).decode())

for name, text, where in (("over.hl7", HL7.replace("20361231", "20250110"), "OBX-5"),
                          ("over.json", JSON.replace('"statutory-task"', '"consent", "consent": {"given_by": "parent", "given_on": "2024-01-10",'
                                                     ' "valid_until": "2025-01-10"}'), "consent.valid_until")):
    said = run("nasokactl", name, text, "--json")
    ok(said.returncode == 65 and [(p["code"], p["where"]) for p in json.loads(said.stdout)["problems"] if not p["note"]] == [("NSK-1311", where)],
       f"a consent whose last day is over is told of {name}", said.stdout.decode())
said = run("nasokactl", "names.json", JSON.replace('"statutory-task"', '"consent", "consent": {"given_by": "parent", "given_on": "2024-01-10",'
                                                   ' "recipients_allowed": ["ozd", "ЦОП"]}'), "--json")
ok([(p["code"], p["where"]) for p in json.loads(said.stdout)["problems"] if not p["note"]] == [("NSK-1314", "consent.recipients_allowed[1]")],
   "a recipient in a consent that nobody can tell is told with its place", said.stdout.decode())
said = run("nasokactl", "r001.xml", NHIS, "--check-codes")
ok(said.returncode == 65 and b'"CL006|1042"' in said.stdout, "codes that nobody has mapped are listed, and fail where that is asked",
   said.stdout.decode())
town = oblast.oblast(HERE / "town", BIN)
town.make()
hospital, office, school, doctor = (a.config_file for a in town.agencies)
for config, sector, name, text in ((doctor, "health", "fhir.json", FHIR), (hospital, "health", "a.hl7", HL7), (school, "education", "a.csv", CSV),
                                   (office, "social", "a.json", JSON)):
    said = run("nasoka-validate", name, text, "--config", config)
    ok(said.returncode == 0 and f": {sector}, ".encode() in said.stdout, f"{name} with the configuration of its own sector, which nobody has named",
       (said.stdout + said.stderr).decode())
said = run("nasoka-validate", "a.json", JSON, "--config", doctor)
ok(said.returncode == 78, "a configuration of another sector is told", (said.stdout + said.stderr).decode())
for sector, forms in (("social", ("json", "xml", "oscar", "primero")), ("health", ("fhir", "hl7", "nhis")), ("education", ("csv",))):
    for form in forms:  # each example with the sample of its sector, on a machine that has neither keys nor folders
        example = next((ROOT / "config/examples" / form).glob("01-sender-referral.*"))
        said = subprocess.run([BIN / "nasoka-validate", "--config", ROOT / f"config/samples/{sector}.yaml", example], capture_output=True, check=False)
        ok(said.returncode == 0 and b"keys.dir: " in said.stderr and b"--check-config" in said.stderr,
           f"{form}: the example is right by the sample of {sector}, and what is not here is told", (said.stdout + said.stderr).decode())
said = run("nasoka-validate", "a.json", JSON, "--sector", "police")
ok(said.returncode == 64, "a wrong option is a wrong use", said.stderr.decode())
said = subprocess.run([BIN / "nasoka-validate", HERE / "none.json"], capture_output=True, check=False)
ok(said.returncode == 66, "a file that is not there is told", said.stderr.decode())
said = subprocess.run([BIN / "nasoka-validate", "-"], input=JSON.encode(), capture_output=True, check=False)
ok(said.returncode == 0, "standard input is taken", said.stdout.decode())
done()

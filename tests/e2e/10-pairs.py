#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""All sixteen ordered pairs of the four formats: a referral with every field that both hold, its registration, acceptance,
appointment and completion; a second one as a plain system sends it, asked about and declined. Each step is read on the receiving
side, in that side's own format."""
import concurrent.futures
import json
import subprocess
import time

import pairs_case as case
import pairs_csv
import pairs_fhir
import pairs_fhir_system
import pairs_hl7
import pairs_hl7_system
import pairs_hook
import pairs_json
from stagehand import BIN, ROOT, World, done, figure, folder, logs_hold_nothing, ok

FORMATS = ((pairs_fhir, pairs_fhir_system.FhirSystem), (pairs_hl7, pairs_hl7_system.Hl7System), (pairs_json, pairs_json.JsonSystem),
           (pairs_csv, pairs_csv.CsvSystem))
LANES = 8       # pairs at a time
CONFIG = "defaults: {{ " + ", ".join(f"{k}: {v}" for k, v in case.DEFAULTS.items()) + " }}\n"


class Pair:
    """One ordered pair: what was found, to be told in order when all are through."""

    def __init__(self, source, target):
        self.source, self.target = source, target
        self.name = f"{source.form.FORMAT} to {target.form.FORMAT}"
        self.number = f"Н-{source.form.FORMAT}-{target.form.FORMAT}/{{}}"
        self.case_no = case.CASE_NO.format(f"{source.form.FORMAT}{target.form.FORMAT}")
        self.lines, self.n_fields = [], 0

    def tell(self, wrong, what):
        self.lines.append((not wrong, f"{self.name}: {what}", "\n".join(wrong)))

    def step(self, what, fn):
        """One step: its faults, or the exception that ended it. True if the next can follow."""
        try:
            wrong = fn()
        except (RuntimeError, TimeoutError, ConnectionError, OSError, LookupError, TypeError, ValueError, StopIteration) as e:
            self.tell([f"{type(e).__name__}: {e}"], what)
            return False
        self.tell(wrong, what)
        return True

    def compare(self, expected, got, source_holds, target_holds):
        both = {p: v for p, v in expected.items() if case.is_held(p, source_holds)}
        wrong, n = case.differences(both, got, target_holds)
        self.n_fields += n
        return wrong

    def refer(self, sent):
        source, target = self.source, self.target
        source.send_referral(sent, target.agency.id)
        self.handle, got, self.assumed = target.got_referral(sent["referral_id"])
        return self.compare(case.needed(sent, target.form.SECTOR), got, source.form.HOLDS, target.form.HOLDS), got

    def whole(self):
        return self.refer(case.full(self.number.format(1)))[0]

    def register(self):
        self.target.register(self.handle, self.number.format(1), self.case_no)
        got = self.source.got_registered(self.number.format(1))
        return [] if got == self.case_no else [f"registered as {got!r}, not {self.case_no!r}"]

    def answer(self, number, status):
        """A step by the recipient, read at home; the formats' own inference says where it came from."""
        sent = self.target.send_status(self.handle, number, status)
        handle, got = self.source.got_status(number, status["to"])
        before, transition = case.STEPS[status["to"]]
        expected = {**status, "referral_id": number, "from": before, "transition": transition}
        # the recipient's system says these itself, or the adapter does: every format of the initiator's has to get them
        wrong = self.compare({k: v for k, v in expected.items() if k not in ("from", "transition")}, got,
                             self.target.form.HOLDS_STATUS, self.source.form.HOLDS_STATUS)
        wrong += [f"{k}: {got.get(k)!r}, not {expected[k]!r}" for k in ("from", "transition") if got.get(k) != expected[k]]
        self.source.confirm_status(handle, number)
        self.target.got_confirmed(sent)
        return wrong

    def accept(self):
        return self.answer(self.number.format(1), {**case.ACCEPTED, "case_no": self.case_no})

    def schedule(self):
        return self.answer(self.number.format(1), case.SCHEDULED)

    def complete(self):
        return self.answer(self.number.format(1), case.COMPLETED)

    def plain(self):
        left_open = self.source.form.LEFT_OPEN
        wrong, got = self.refer(case.plain(self.number.format(2), left_open))
        wrong += [f"{p}: {got.get(p)!r}, not the default {case.DEFAULTS[p]!r}" for p in left_open if got.get(p) != case.DEFAULTS[p]]
        if self.assumed is not None and self.assumed != set(left_open):
            wrong.append(f"assumed: {sorted(self.assumed)}, not {sorted(left_open)}")
        return wrong

    def ask(self):
        return self.answer(self.number.format(2), case.ASKED)

    def decline(self):
        return self.answer(self.number.format(2), case.DECLINED)

    def run(self):
        if self.step("a referral arrives with every field that both hold", self.whole) and \
           self.step("its registration comes back with the case number", self.register) and \
           self.step("its acceptance comes back", self.accept) and \
           self.step("an appointment for it comes back", self.schedule):
            self.step("its completion comes back with an outcome", self.complete)
        if self.step("what a plain system leaves open is the sender's default", self.plain) and \
           self.step("questions about it come back", self.ask):
            self.step("a decline comes back with reason code and words", self.decline)
        return self


def make_systems(world):
    """Of each format one that sends and one that receives; the receiving FHIR system by webhook, the other by polling."""
    systems = {"a": [], "b": []}
    for side in systems:
        for form, system in FORMATS:
            config = form.CONFIG + CONFIG if side == "a" else getattr(form, "CONFIG_HOOK", form.CONFIG)
            agency = world.agency(f"{form.FORMAT}-{side}", form.KIND, "PDV22", form.SECTOR, f"Агенция {form.FORMAT} {side}",
                                  f"Agency {form.FORMAT} {side}", config)
            if form is pairs_fhir and side == "b":
                system = pairs_fhir_system.FhirHookSystem
                pairs_hook.Hook.secret(agency)
            systems[side].append((form, system, agency))
    world.make()
    world.start()
    for side, rows in systems.items():
        for i, (form, system, agency) in enumerate(rows):
            rows[i] = system(agency)
            rows[i].form = form
    return systems["a"], systems["b"]


def validate(world, systems):
    """All that the FHIR adapters said, through the npm validator in one process."""
    where = world.dir / "fhir"
    where.mkdir()
    files = []
    for s in systems:
        for name, document in s.outputs.items():
            files.append(where / f"{name}.json")
            files[-1].write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    run = subprocess.run(["node", ROOT / "tests/e2e/fhir-validate.js", *files], capture_output=True, text=True, timeout=300)
    wrong = [line for line in run.stdout.splitlines() if not line.startswith("ok ")]
    ok(run.returncode == 0, "npm fhir and @medplum/core find no error in anything that the adapters said", "\n".join(wrong) + run.stderr)
    figure(f"FHIR documents validated: {len(files)}")


def main():
    world = World(folder(), BIN)
    begun = time.monotonic()
    try:
        sources, targets = make_systems(world)
        started = time.monotonic()
        pairs = [Pair(s, t) for s in sources for t in targets]
        with concurrent.futures.ThreadPoolExecutor(LANES) as lanes:
            list(lanes.map(Pair.run, pairs))
        for p in pairs:
            for good, name, detail in p.lines:
                ok(good, name, detail)
            figure(f"{p.name}: {p.n_fields} fields compared")
        both = [s for s in sources + targets if isinstance(s, pairs_fhir_system.FhirSystem)]
        for s in both:
            s.keep("metadata", s.system.call("GET", "/fhir/metadata")[1])
        validate(world, both)
        n = sum(len(s.received()) for s in sources + targets if isinstance(s, pairs_hl7_system.Hl7System))
        figure(f"HL7 v2 messages parsed by python3-hl7: {n}")
        figure(f"16 pairs: {sum(p.n_fields for p in pairs)} fields compared, {started - begun:.1f} s to start, "
               f"{time.monotonic() - started:.1f} s to run")
        logs_hold_nothing(world, "Пробна", "Калина", "1543079013", "Стояна", "Майката", "К-№")
    finally:
        world.stop()
    done()


if __name__ == "__main__":
    main()

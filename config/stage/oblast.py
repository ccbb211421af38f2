# SPDX-License-Identifier: EUPL-1.2
"""The agencies of the demo: a hub, three agencies of Plovdiv (PDV22) and one of Asenovgrad (PDV01)."""
from doors import polling
from world import World

HOSPITAL, OFFICE, SCHOOL, DOCTOR = "plovdiv-mbal", "plovdiv-ozd", "plovdiv-school", "asenovgrad-gp"

HEALTH_HL7 = """in:
  mllp: {{ listen: "127.0.0.1:{mllp_port}", peers: [127.0.0.0/8] }}
out:
  mllp: {{ host: 127.0.0.1, port: {out_port}, sending_facility: NASOKA, receiving_application: HIS, receiving_facility: MBAL }}
egress:
  referrals: {{ door: mllp, format: hl7v2 }}
  statuses: {{ door: mllp, format: hl7v2 }}
  receipts: {{ door: none }}
retry: {{ min: 200ms, max: 5s }}
aliases: {{ OZD-PLOVDIV: plovdiv-ozd }}
defaults:
  legal_basis: statutory-task
  risk_level: medium
  disposition_wanted: take-over
"""

HEALTH_FHIR = polling("fhir") + """aliases: {{ "https://ozd.plovdiv.example/fhir": plovdiv-ozd }}
defaults:
  legal_basis: statutory-task
  risk_level: medium
  disposition_wanted: take-over
"""

SOCIAL = polling() + "defaults: {{ legal_basis: statutory-task }}\n"

SCHOOL_CSV = """in:
  folder: {{ in: {folder}/in, done: {folder}/done, bad: {folder}/bad, out: {folder}/out, scan: 100ms, settle: 100ms }}
out:
  folder: {{ charset: windows-1251 }}
egress:
  referrals: {{ door: folder }}
  statuses: {{ door: folder }}
  receipts: {{ door: none }}
routes: [{{ service_kind: specialist-consult, to: plovdiv-mbal }}, {{ municipality: PDV22, to: plovdiv-ozd }}]
defaults: {{ disposition_wanted: assess-and-return }}
"""


def oblast(directory, bin_dir):
    w = World(directory, bin_dir)
    w.agency(HOSPITAL, "hospital", "PDV22", "health", "УМБАЛ Пловдив", "Plovdiv hospital", HEALTH_HL7)
    w.agency(OFFICE, "ozd", "PDV22", "social", "Закрила на детето, Пловдив", "Child protection, Plovdiv", SOCIAL)
    w.agency(SCHOOL, "school", "PDV22", "education", "ОУ „Тест“, Пловдив", "Test school, Plovdiv", SCHOOL_CSV)
    w.agency(DOCTOR, "gp", "PDV01", "health", "Личен лекар, Асеновград", "General practice, Asenovgrad", HEALTH_FHIR)
    return w

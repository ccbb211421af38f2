# SPDX-License-Identifier: EUPL-1.2
"""FHIR R4: the case as resources and back, the elements as MAPPING.md of the health sector has them."""
import uuid

import pairs_case as case
from stagehand import doors

FORMAT = "fhir"
HOLDS = {case.flat(p) for p in case.FULL} | {"referral_id"}
HOLDS_STATUS = {case.flat(p) for p in case.STATUS_PATHS}
LEFT_OPEN = ("risk_level", "disposition_wanted", "legal_basis")     # only in extensions of ours
CONFIG = doors.polling("fhir")
CONFIG_HOOK = doors.webhook("fhir", path="fhir/$process-message", timeout="20s", retry="min: 200ms, max: 5s")
SECTOR, KIND = "health", "gp"

URN, FIELD = "urn:nasoka:", "urn:nasoka:field:"
V2, V3, TYPES = (f"http://terminology.hl7.org/CodeSystem/{n}" for n in ("v2-0003", "v3-RoleCode", "v2-0203"))
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
PRIORITY = {"routine": "routine", "urgent": "urgent", "emergency": "stat"}
TASK = {"accepted": "accepted", "scheduled": "in-progress", "completed": "completed", "declined": "rejected", "info-requested": "received"}
RELATION = {"mother": "MTH", "father": "FTH", "guardian": "GUARD", "grandparent": "GRPRN", "foster-carer": "PRNFOST", "sibling": "SIB",
            "relative": "FAMMEMB", "other": "O"}
ID = {"EGN": (URN + "egn", "NNBGR"), "LNCH": (URN + "lnch", "PRC"), "SSN": (URN + "ssn", "SS"),
      "passport": ("http://hl7.org/fhir/sid/passport-BGR", "PPN"), "local": (URN + "local-id", "MR"), "other": (URN + "other-id", "U"),
      "EU": (URN + "eu-id", "NNEU")}
ADDRESS = {"country": "country", "county": "state", "city": "city", "postal": "postalCode"}
CODES = ("risk_level", "disposition_wanted", "legal_basis", "child.birth_date_accuracy", "from", "transition")
DATES = ("attendance.period_from", "attendance.period_to", "expected_start", "outcome.closed_on")
ON_REQUEST = ("group_id", "supersedes", "continues", "target.unit", "target.worker.name", "target.worker.role", "target.worker.phone",
              "target.worker.email", "household_size", "siblings_also_referred", "risk_level", "safety.do_not_contact_carer",
              "safety.do_not_visit_alone", "safety.secret_address", "safety.contact_via", "disposition_wanted", "legal_basis",
              "disability_support", "attendance.absences_excused", "attendance.absences_unexcused", "attendance.period_from",
              "attendance.period_to", "attendance.measures_taken")
ON_PATIENT = ("child.birth_date_accuracy", "child.school.code", "child.school.name", "child.school.grade")
ON_TASK = ("from", "transition", "actor.name", "actor.role", "actor.phone", "actor.email", "expected_start", "outcome.closed_on",
           "outcome.closed_by")


# -- writing --

def concept(system, code, text=None):
    c = {}
    if code:
        c["coding"] = [{**({"system": system} if system else {}), "code": code}]
    if text:
        c["text"] = text
    return c


def extension(url, kind, value):
    return {"url": url, f"value{kind}": value}


def fields(c, paths):
    """The extensions of fields that FHIR has no element for."""
    found = []
    for path in paths:
        for value in case.items(c, path) or ([c[path]] if path in c else []):
            last = path.rpartition(".")[2]
            if last in case.INTEGERS:
                found.append(extension(FIELD + path, "Integer", int(value)))
            elif last in case.BOOLEANS:
                found.append(extension(FIELD + path, "Boolean", value == "true"))
            else:
                found.append(extension(FIELD + path, "Code" if path in CODES else "Date" if path in DATES else "String", value))
    return found


def telecom(phone, email=None):
    return [{"system": s, "value": v} for s, v in (("phone", phone), ("email", email)) if v]


def address(one, use=None):
    a = {ADDRESS[k]: v for k, v in one.items() if k in ADDRESS}
    if "line" in one:
        a["line"] = [one["line"]]
    if use:
        a["use"] = use
    own = [extension(URN + k, "String", one[k]) for k in ("municipality", "ekatte") if k in one]
    return {**a, **({"extension": own} if own else {})}


def clean(resource):
    return {k: v for k, v in resource.items() if v not in (None, [], {}, "")}


def identifier(type_, system, value):
    return {"type": concept(TYPES, type_), "system": system, "value": value}


class Bundle:
    def __init__(self, type_):
        self.type, self.entries = type_, []

    def add(self, resource):
        url = f"urn:uuid:{uuid.uuid4()}"
        entry = {"fullUrl": url, "resource": clean(resource)}
        if self.type == "transaction":
            entry["request"] = {"method": "POST", "url": resource["resourceType"]}
        self.entries.append(entry)
        return {"reference": url}

    def done(self, header=None):
        if header:
            self.entries.insert(0, {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": header})
        return {"resourceType": "Bundle", "type": self.type, "entry": self.entries}


def header(event, focus):
    return {"resourceType": "MessageHeader", "id": str(uuid.uuid4()), "eventCoding": event, "focus": [focus],
            "source": {"name": "ПИС", "endpoint": "https://gp.example/fhir"}}


def patient(c):
    ids = [{**identifier(ID[i["type"]][1], ID[i["type"]][0], i["value"]),
            **({"extension": [extension(URN + "country", "String", i["country"])]} if "country" in i else {})}
           for i in case.items(c, "child.ids")]
    own = fields(c, ON_PATIENT)
    if "child.nationality" in c:
        own.append({"url": EXTENSION + "patient-nationality",
                    "extension": [extension("code", "CodeableConcept", concept("urn:iso:std:iso:3166", c["child.nationality"]))]})
    if "interpreter" in c:
        own.append(extension(EXTENSION + "patient-interpreterRequired", "Boolean", c["interpreter"] == "true"))
    places = [address(case.group(c, f"child.{name}."), use) for name, use in (("address", "home"), ("actual_address", "temp"))
              if case.group(c, f"child.{name}.")]
    contacts = [clean({"relationship": [concept(V3, RELATION[one["relation"]])] if "relation" in one else None,
                       "name": {"text": one["name"]}, "telecom": telecom(one.get("phone")), "address": address(case.group(one, "address."))})
                for one in case.items(c, "carers")]
    gp = [{"type": t, "identifier": {"system": URN + s, "value": c["child.gp." + k]}}
          for t, s, k in (("Practitioner", "uin", "uin"), ("Organization", "practice", "practice")) if "child.gp." + k in c]
    return {"resourceType": "Patient", "extension": own, "identifier": ids,
            "name": [{"use": "official", "family": c["child.family"], "given": [v for v in (c["child.given"], c.get("child.middle")) if v]}],
            "telecom": telecom(c.get("child.phone"), c.get("child.email")), "gender": c["child.gender"], "birthDate": c["child.birth_date"],
            "address": places, "contact": contacts, "generalPractitioner": gp,
            "communication": [{"language": concept("urn:ietf:bcp:47", c["language"])}] if "language" in c else None}


def consent(c, child):
    provision = {"type": "permit", "period": {"end": c["consent.valid_until"]},
                 "actor": [{"role": concept("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP"),
                            "reference": {"display": v}} for v in case.items(c, "consent.recipients_allowed")],
                 "purpose": [{"display": v} for v in case.items(c, "consent.purposes")],
                 "class": [{"system": URN + "data-category", "code": v} for v in case.items(c, "consent.data_categories")]}
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {"resourceType": "Consent", "status": "active", "patient": child, "dateTime": c["consent.given_on"],
            "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"), "category": [concept(act, "IDSCL")],
            "performer": [{"display": c["consent.giver_name"]}], "policyRule": concept(act, "OPTIN"), "provision": provision,
            "sourceReference": {"type": "DocumentReference", "identifier": {"system": URN + "file", "value": c["consent.evidence"]}},
            "extension": [extension(URN + "consent-giver", "Code", c["consent.given_by"]),
                          extension(URN + "consent-form", "Code", c["consent.form"])]}


def requester(bundle, c):
    worker = case.group(c, "initiator.worker.")
    if not worker:
        return None
    unit = bundle.add({"resourceType": "Organization", "name": c["initiator.unit"]})
    person = bundle.add({"resourceType": "Practitioner", "name": [{"text": worker["name"]}]})
    return bundle.add({"resourceType": "PractitionerRole", "practitioner": person, "organization": unit,
                       "code": [concept(None, None, worker["role"])], "telecom": telecom(worker["phone"], worker["email"])})


def write_referral(c, target, type_):
    """A Bundle with the request and all that belongs to it."""
    b = Bundle(type_)
    child = b.add(patient(c))
    own = fields(c, ON_REQUEST)
    for one in case.items(c, "services_already_used"):
        own.append({"url": URN + "prior-service", "extension": [extension(k, t, one[k]) for k, t in (
            ("service_kind", "Code"), ("agency", "String"), ("since", "Date")) if k in one]})
    for one in case.items(c, "goals"):
        goal = b.add({"resourceType": "Goal", "lifecycleStatus": "proposed", "subject": child,
                      "description": concept(None, one.get("code"), one["text"]),
                      "target": [{"dueDate": one["target_date"]}] if "target_date" in one else None})
        own.append(extension(EXTENSION + "resource-pertainsToGoal", "Reference", goal))
    conditions = [b.add({"resourceType": "Condition", "subject": child, "code": concept(ICD10, one["code"], one.get("text")),
                         "extension": [extension(URN + "diagnosis-" + k, t, v) for k, t, v in (
                             ("use", "String", one.get("use")), ("rank", "Integer", int(one.get("rank", 0)))) if v]})
                  for one in case.items(c, "diagnosis")]
    numbers = [identifier("PLAC", URN + "referral-no", c["referral_id"])]
    if "external_id" in c:
        numbers.append(identifier("FILL", URN + "case-no", c["external_id"]))
    performer = [{"type": "Organization", "identifier": {"system": URN + "agency", "value": target}}]
    if "target.service_id" in c:
        performer.append({"type": "HealthcareService", "identifier": {"system": URN + "service", "value": c["target.service_id"]}})
    request = b.add({
        "resourceType": "ServiceRequest", "extension": own, "identifier": numbers, "status": "active", "intent": "order",
        "priority": PRIORITY[c["priority"]], "code": concept(URN + "service-kind", c["service_kind"], c.get("service_text")),
        "subject": child, "occurrenceDateTime": c.get("requested_start"), "authoredOn": c.get("authored_on"),
        "requester": requester(b, c), "performer": performer, "reasonReference": conditions,
        "reasonCode": [concept(None, None, c["reason_text"])] + [concept(URN + "need", v) for v in case.items(c, "need")],
        "supportingInfo": [b.add(consent(c, child))] if "consent.given_by" in c else None})
    b.add({"resourceType": "Task", "status": "requested", "intent": "order", "focus": request, "for": child,
           "restriction": {"period": {"end": c["respond_by"]}}})
    return b.done(header({"system": V2, "code": "I12"}, request) if type_ == "message" else None)


def write_status(number, s, case_no=None):
    """The Task of a step; `number` None leaves out which referral it is about."""
    numbers = [identifier("PLAC", URN + "referral-no", number)] if number else []
    if s.get("case_no", case_no):
        numbers.append(identifier("FILL", URN + "case-no", s.get("case_no", case_no)))
    task = {"resourceType": "Task", "identifier": numbers, "status": TASK.get(s.get("to"), "requested"), "intent": "order",
            "lastModified": s.get("at"), "extension": fields(s, [p for p in ON_TASK if p not in ("from", "transition")])}
    if "reason_code" in s:
        task["statusReason"] = concept(URN + "reason", s["reason_code"], s["reason_text"])
    if "outcome.outcome" in s:
        task["output"] = [{"type": {"text": "outcome"},
                           "valueCodeableConcept": concept(URN + "outcome", s["outcome.outcome"], s["outcome.text"])}]
    if s.get("to") in ("scheduled", "info-requested"):      # Task.status has no word of its own for these
        task["businessStatus"] = concept(URN + "state", s["to"])
    if "appointment.start" in s:
        task["executionPeriod"] = {"start": s["appointment.start"], "end": s["appointment.end"]}
        task["location"] = {"display": s["appointment.place"]}
    task["input"] = [{**({"extension": [extension(URN + "question-id", "String", q["qid"])]} if "qid" in q else {}),
                      "type": concept(URN + "task-input", "question"), "valueString": q["text"]} for q in case.items(s, "questions")]
    if "answer_by" in s:
        task["restriction"] = {"period": {"end": s["answer_by"]}}
    worker = case.group(s, "assigned_worker.")
    if worker:
        task["contained"] = [{"resourceType": "PractitionerRole", "id": "w", "practitioner": {"display": worker["name"]},
                              "code": [{"text": worker["role"]}], "telecom": telecom(worker["phone"], worker["email"])}]
        task["owner"] = {"reference": "#w"}
    return clean(task)


# -- reading --

def at(value, *keys):
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and len(value) > key else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def number_of(resource, type_):
    return next((i["value"] for i in resource.get("identifier", []) if at(i, "type", "coding", 0, "code") == type_), None)


def value_of(x):
    v = next((v for k, v in x.items() if k.startswith("value")), None)
    return ("true" if v else "false") if isinstance(v, bool) else str(v) if isinstance(v, int) else v


def own_value(resource, url):
    return next((value_of(x) for x in (resource or {}).get("extension", []) if x["url"] == url), None)


def read_fields(resource, to):
    repeats = {}
    for x in resource.get("extension", []):
        if x["url"].startswith(FIELD):
            path = x["url"][len(FIELD):]
            if path == "siblings_also_referred":
                repeats[path] = repeats.get(path, -1) + 1
                path = f"{path}[{repeats[path]}]"
            case.put(to, path, value_of(x))


def read_telecom(resource, to, prefix):
    for t in (resource or {}).get("telecom", []):
        case.put(to, prefix + t["system"], t["value"])


def read_address(a, to, prefix):
    for k, name in ADDRESS.items():
        case.put(to, prefix + k, a.get(name))
    case.put(to, prefix + "line", "\n".join(a.get("line", [])))
    for k in ("municipality", "ekatte"):
        case.put(to, prefix + k, own_value(a, URN + k))


def read_patient(p, to):
    read_fields(p, to)
    for n, i in enumerate(p.get("identifier", [])):
        kind = next(k for k, (system, _) in ID.items() if system == i["system"])
        if at(i, "type", "coding", 0, "code") != ID[kind][1]:
            raise ValueError(f"an identifier of {kind} with the type {i['type']}")
        for path, value in (("type", kind), ("value", i["value"]), ("country", own_value(i, URN + "country"))):
            case.put(to, f"child.ids[{n}].{path}", value)
    name = p["name"][0]
    for path, value in (("family", name["family"]), ("given", at(name, "given", 0)), ("middle", at(name, "given", 1)),
                        ("birth_date", p.get("birthDate")), ("gender", p.get("gender")), ("gp.uin", None)):
        case.put(to, "child." + path, value)
    read_telecom(p, to, "child.")
    for a in p.get("address", []):
        read_address(a, to, "child.actual_address." if a.get("use") == "temp" else "child.address.")
    for n, one in enumerate(p.get("contact", [])):
        prefix = f"carers[{n}]."
        case.put(to, prefix + "name", at(one, "name", "text"))
        code = at(one, "relationship", 0, "coding", 0, "code")
        case.put(to, prefix + "relation", next((k for k, v in RELATION.items() if v == code), code))
        read_telecom(one, to, prefix)
        read_address(one.get("address", {}), to, prefix + "address.")
    for one in p.get("generalPractitioner", []):
        case.put(to, "child.gp." + one["identifier"]["system"][len(URN):], one["identifier"]["value"])
    case.put(to, "language", at(p, "communication", 0, "language", "coding", 0, "code"))
    nationality = next((x for x in p.get("extension", []) if x["url"].endswith("patient-nationality")), {})
    case.put(to, "child.nationality", at(nationality, "extension", 0, "valueCodeableConcept", "coding", 0, "code"))
    case.put(to, "interpreter", own_value(p, EXTENSION + "patient-interpreterRequired"))


def read_consent(c, to):
    for path, value in (("given_by", own_value(c, URN + "consent-giver")), ("form", own_value(c, URN + "consent-form")),
                        ("given_on", c.get("dateTime")), ("giver_name", at(c, "performer", 0, "display")),
                        ("valid_until", at(c, "provision", "period", "end")),
                        ("evidence", at(c, "sourceReference", "identifier", "value"))):
        case.put(to, "consent." + path, value)
    for name, values in (("purposes", [v["display"] for v in at(c, "provision", "purpose") or []]),
                         ("recipients_allowed", [v["reference"]["display"] for v in at(c, "provision", "actor") or []]),
                         ("data_categories", [v["code"] for v in at(c, "provision", "class") or []])):
        for n, value in enumerate(values):
            case.put(to, f"consent.{name}[{n}]", value)


def read_referral(request, of):
    """The flat dictionary of a ServiceRequest; `of` gives the resource that a reference leads to."""
    to = {}
    read_fields(request, to)
    case.put(to, "referral_id", number_of(request, "PLAC"))
    case.put(to, "external_id", number_of(request, "FILL"))
    case.put(to, "priority", next(k for k, v in PRIORITY.items() if v == request["priority"]))
    case.put(to, "service_kind", at(request, "code", "coding", 0, "code"))
    case.put(to, "service_text", at(request, "code", "text"))
    case.put(to, "requested_start", request.get("occurrenceDateTime"))
    case.put(to, "respond_by", case.utc_text(case.moment(own_value(request, URN + "respond-by"))))
    if "authoredOn" in request:
        case.put(to, "authored_on", case.utc_text(case.moment(request["authoredOn"])))
    role = of(request["requester"])
    if role and role["resourceType"] == "PractitionerRole":
        person, unit = of(role.get("practitioner")), of(role.get("organization"))
        case.put(to, "initiator.worker.name", at(person, "name", 0, "text"))
        case.put(to, "initiator.worker.role", at(role, "code", 0, "text"))
        read_telecom(role, to, "initiator.worker.")
        case.put(to, "initiator.unit", at(unit, "name"))
    for p in request["performer"]:
        if at(p, "identifier", "system") == URN + "service":
            case.put(to, "target.service_id", p["identifier"]["value"])
    needs = 0
    for one in request["reasonCode"]:
        case.put(to, "reason_text", one.get("text"))
        if at(one, "coding", 0, "system") == URN + "need":
            case.put(to, f"need[{needs}]", one["coding"][0]["code"])
            needs += 1
    for n, reference in enumerate(request.get("reasonReference", [])):
        c = of(reference)
        for path, value in (("code", at(c, "code", "coding", 0, "code")), ("text", at(c, "code", "text")),
                            ("use", own_value(c, URN + "diagnosis-use")), ("rank", own_value(c, URN + "diagnosis-rank"))):
            case.put(to, f"diagnosis[{n}].{path}", value)
    goals = [of(x["valueReference"]) for x in request.get("extension", []) if x["url"].endswith("pertainsToGoal")]
    for n, g in enumerate(goals):
        for path, value in (("code", at(g, "description", "coding", 0, "code")), ("text", at(g, "description", "text")),
                            ("target_date", at(g, "target", 0, "dueDate"))):
            case.put(to, f"goals[{n}].{path}", value)
    for n, x in enumerate(x for x in request.get("extension", []) if x["url"] == URN + "prior-service"):
        for name in ("service_kind", "agency", "since"):
            case.put(to, f"services_already_used[{n}].{name}", own_value(x, name))
    for reference in request.get("supportingInfo", []):
        read_consent(of(reference), to)
    read_patient(of(request["subject"]), to)
    return to


def read_status(task):
    to = {}
    read_fields(task, to)
    case.put(to, "referral_id", number_of(task, "PLAC"))
    case.put(to, "case_no", number_of(task, "FILL"))
    case.put(to, "to", next(c["code"] for c in task["businessStatus"]["coding"] if c["system"] == URN + "state"))
    case.put(to, "at", case.utc_text(case.moment(task["lastModified"])))
    case.put(to, "reason_code", at(task, "statusReason", "coding", 0, "code"))
    case.put(to, "reason_text", at(task, "statusReason", "text"))
    case.put(to, "outcome.outcome", at(task, "output", 0, "valueCodeableConcept", "coding", 0, "code"))
    case.put(to, "outcome.text", at(task, "output", 0, "valueCodeableConcept", "text"))
    if to["to"] == "scheduled":
        for name, value in task["executionPeriod"].items():
            case.put(to, "appointment." + name, case.utc_text(case.moment(value)))
        case.put(to, "appointment.place", at(task, "location", "display"))
    for n, one in enumerate(task.get("input", [])):
        case.put(to, f"questions[{n}].qid", own_value(one, URN + "question-id"))
        case.put(to, f"questions[{n}].text", one.get("valueString"))
    if "answer_by" in to:
        to["answer_by"] = case.utc_text(case.moment(to["answer_by"]))
    for worker in task.get("contained", []):
        case.put(to, "assigned_worker.name", at(worker, "practitioner", "display"))
        case.put(to, "assigned_worker.role", at(worker, "code", 0, "text"))
        read_telecom(worker, to, "assigned_worker.")
    return to

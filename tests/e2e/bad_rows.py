# SPDX-License-Identifier: EUPL-1.2
"""The table of bad inputs: of each door, what is put in and exactly what that door's protocol answers.

WORD stands in the texts and names of bad inputs and NUMBER in their numbers: neither may arrive anywhere, and neither may be in
a log. ACCEPTED is a referral that the office has from the doctor and has accepted, OWN one that it sent to the school itself, with FILE.
Synthetic people only.
"""
import base64
import copy
import hashlib
import json
import secrets

from stagehand import oblast, referral

WORD = "Лоша" + secrets.token_hex(6)
NUMBER = "BAD-" + secrets.token_hex(6)
ACCEPTED, OWN, FILE = "GOOD-accepted", "GOOD-own", "GOOD-file"
AT = "2026-11-20T10:00:00Z"
LATER = "2027-03-02T10:00:00Z"


# -- the hub's own JSON --

def bad(to=oblast.SCHOOL, number=NUMBER, child=None, drop=None, **more):
    body = referral(number, to, **more)
    body["child"]["given"] = WORD
    body["child"].update(child or {})
    if drop:
        del body[drop]
    return body


def text_of(body):
    return json.dumps(body, ensure_ascii=False)


def post(body, **more):
    return dict(body=body, **more)


def status(number, to, **more):
    return dict(path="/v1/statuses", body={"referral_id": number, "to": to, "at": AT, "actor": {"name": WORD}, **more})


def attached(data=b"%PDF-1.4", record=NUMBER, **more):
    """A file of one part on the referral that the office has sent, as a record."""
    return post({"kind": "attachment", "record_id": record, "attachment": {
        "referral_id": OWN, "att_id": NUMBER, "filename": WORD, "media_type": "application/pdf", "size": len(data), "part": 1, "parts": 1,
        "sha256": hashlib.sha256(data).hexdigest(), "category": "other", "data": base64.b64encode(data).decode(), **more}}, path="/v1/records")


ENDED = {"given_by": "parent", "given_on": "2024-01-10", "valid_until": "2025-01-10"}
AGREED = {"given_by": "parent", "given_on": "2024-01-10"}
WHOLE = text_of(bad())
JSON = [
    ("an empty body", post(""), (400, "NSK-1503", None)),
    ("a text cut off", post(WHOLE[:-40]), (400, "NSK-1503", None)),
    ("`...` in JSON", post(WHOLE.replace('"child"', '..., "child"')), (400, "NSK-1501", None)),
    ("no JSON at all", post(f"<referral>{WORD}</referral>"), (400, "NSK-1501", None)),
    ("a list", post([bad()]), (400, "NSK-1501", None)),
    ("two documents in one body", post(WHOLE + WHOLE), (400, "NSK-1501", None)),
    ("a name twice in one object", post(WHOLE.replace('"gender"', '"given": "x", "gender"')), (400, "NSK-1501", None)),
    ("nesting of 200 levels", post("[" * 200 + "]" * 200), (400, "NSK-1501", None)),
    ("an object where a text is expected", post(bad(reason_text={"text": WORD})), (400, "NSK-1501", "reason_text")),
    ("a number where a text is expected", post(bad(number=7)), (400, "NSK-1501", "referral_id")),
    ("a text where yes or no is expected", post(bad(interpreter=WORD)), (400, "NSK-1501", "interpreter")),
    ("an object where a list is expected", post(bad(carers={"name": WORD})), (400, "NSK-1501", "carers")),
    ("a byte that is not UTF-8", post(WHOLE.replace(WORD, WORD + "\x01").encode().replace(b"\x01", b"\xff")), (400, "NSK-1502", None)),
    ("windows-1251 that says it is UTF-8", post(WHOLE.encode("cp1251"), media="application/json; charset=utf-8"), (400, "NSK-1502", None)),
    ("JSON in windows-1251", post(WHOLE.encode("cp1251"), media="application/json; charset=windows-1251"), (400, "NSK-1502", None)),
    ("a character set that nobody knows", post(WHOLE, media="application/json; charset=klingon"), (400, "NSK-1502", "Content-Type")),
    ("a NUL escaped in a text", post(WHOLE.replace(WORD, WORD + "\\u0000")), (400, "NSK-1502", None)),
    ("a NUL byte", post(WHOLE.replace(WORD, WORD + "\x00")), (400, "NSK-1501", None)),
    ("a control character in a name", post(bad(child={"family": WORD + "\u001b[2J"})), (400, "NSK-1502", "child.family")),
    ("a body of 2 MiB", post(bad(reason_text=WORD * (1 << 17))), (413, "NSK-1005", "body")),
    ("a body of 20 MiB", post("[" + "0," * (10 << 20) + "0]"), (413, "NSK-1005", "body")),
    ("25,000 values", post(f'{{"need": [{"0," * 25000}0]}}'), (422, "NSK-1307", None)),
    ("17 million as household size", post(bad(household_size=17000000)), (422, "NSK-1305", "household_size")),
    ("a word as household size", post(bad(household_size=WORD)), (422, "NSK-1305", "household_size")),
    ("a number beyond all machines", post(WHOLE.replace('"risk_level"', '"household_size": 1' + "0" * 400 + ', "risk_level"')),
     (422, "NSK-1305", None)),
    ("a child without birth date", post(bad(child={"birth_date": None})), (422, "NSK-1301", "child.birth_date")),
    ("no reason", post(bad(drop="reason_text")), (422, "NSK-1301", "reason_text")),
    ("no number", post(bad(drop="referral_id")), (422, "NSK-1301", "referral_id")),
    ("a name of which nobody sees anything", post(bad(child={"given": " \u00a0\u200b"})), (422, "NSK-1301", "child.given")),
    ("a family name of wide spaces", post(bad(child={"family": "\u3000\u2003"})), (422, "NSK-1301", "child.family")),
    ("a reason that is a no-break space", post(bad(reason_text="\u00a0")), (422, "NSK-1301", "reason_text")),
    ("an EGN of another birth date", post(bad(child={"birth_date": "2014-03-07"})), (422, "NSK-1315", "child.ids[0].value")),
    ("an EGN of the other sex", post(bad(child={"gender": "male"})), (422, "NSK-1315", "child.ids[0].value")),
    ("a child that is yet to be born", post(bad(child={"birth_date": "2115-03-07", "ids": []})), (422, "NSK-1318", "child.birth_date")),
    ("a municipality that there is none of", post(bad(child={"address": {"municipality": "PDV99"}})), (422, "NSK-1303", "child.address.municipality")),
    ("an oblast that there is none of", post(bad(child={"address": {"county": "QQQ"}})), (422, "NSK-1303", "child.address.county")),
    ("a settlement of another municipality", post(bad(child={"address": {"municipality": "PDV22", "ekatte": "00702"}})),
     (422, "NSK-1316", "child.address.ekatte")),
    ("a consent of tomorrow", post(bad(legal_basis="consent", consent={"given_by": "parent", "given_on": "2115-01-10"})),
     (422, "NSK-1318", "consent.given_on")),
    ("absences that end before they begin", post(bad(attendance={"period_from": "2026-02-02", "period_to": "2026-02-01"})),
     (422, "NSK-1317", "attendance.period_to")),
    ("a commitment that was due in the past", post({"kind": "commitment", "record_id": NUMBER, "commitment": {
        "commitment_id": "A-1", "conference_id": "K-1", "owner_agency": oblast.SCHOOL, "action_code": "home-visit", "text": WORD,
        "due": "2026-01-01", "measurable_result": WORD}}, path="/v1/records"), (422, "NSK-1319", "commitment.due")),
    ("a file whose hash is another", attached(sha256="0" * 64), (422, "NSK-1309", "attachment.sha256")),
    ("a file whose size is another", attached(size=4), (422, "NSK-1309", "attachment.size")),
    ("a program that says it is a PDF", attached(b"MZ\x90" + WORD.encode()), (415, "NSK-1603", "attachment.data")),
    ("another file under the number of one", attached(b"%PDF-1.5", att_id=FILE), (422, "NSK-1106", "attachment.att_id")),
    ("no child", post(bad(drop="child")), (422, "NSK-1301", "child")),
    ("consent as basis and none given", post(bad(legal_basis="consent")), (422, "NSK-1301", "consent")),
    ("a consent whose last day is over", post(bad(legal_basis="consent", consent=ENDED)), (422, "NSK-1311", "consent.valid_until")),
    ("a recipient that the consent does not allow", post(bad(legal_basis="consent", consent={**AGREED, "recipients_allowed": ["rzi"]})),
     (422, "NSK-1313", "consent.recipients_allowed")),
    ("a recipient in a consent that nobody can tell", post(bad(legal_basis="consent", consent={**AGREED, "recipients_allowed": ["ozd", WORD]})),
     (422, "NSK-1314", "consent.recipients_allowed[1]")),
    ("an offer of transfer on such a consent", post({"kind": "transfer-offer", "record_id": NUMBER, "transfer": {
        "transfer_id": NUMBER, "case_ref": "К-1", "reason": "moved", "from_municipality": "PDV22", "to_municipality": "PDV01",
        "handover_summary": WORD, "ownership": True, "effective_on": "2026-12-01", "legal_basis": "consent", "consent": ENDED,
        "child": bad()["child"], "target": {"agency": oblast.SCHOOL}}}, path="/v1/records"),
     (422, "NSK-1311", "transfer.consent.valid_until")),
    ("a reason longer than 4,000", post(bad(reason_text=WORD + "ж" * 8000)), (422, "NSK-1302", "reason_text")),
    ("a number longer than 64", post(bad(number=NUMBER + "0" * 64)), (422, "NSK-1302", "referral_id")),
    ("more carers than a family has", post(bad(carers=[{"name": WORD}] * 100)), (422, "NSK-1307", "carers")),
    ("an unknown service", post(bad(service_kind="time-travel")), (422, "NSK-1303", "service_kind")),
    ("an unknown risk level", post(bad(risk_level=WORD)), (422, "NSK-1303", "risk_level")),
    ("month 13", post(bad(child={"birth_date": "1976-13-25"})), (422, "NSK-1304", "child.birth_date")),
    ("30 February as deadline", post(bad(respond_by="2027-02-30T10:00:00Z")), (422, "NSK-1304", "respond_by")),
    ("an EGN with a wrong check digit", post(bad(child={"ids": [{"type": "EGN", "value": "1543079014"}]})),
     (422, "NSK-1306", "child.ids[0].value")),
    ("an unknown field", post(bad(child={"nickname": WORD})), (422, "NSK-1308", "child.nickname")),
    ("an unknown field whose name is a name", post(bad(**{WORD + " Ж": 1})), (422, "NSK-1308", "?")),
    ("an agency that does not exist", post(bad(to="plovdiv-nowhere")), (422, "NSK-1203", "target.agency")),
    ("no target, and no route fits", post(bad(drop="target")), (422, "NSK-1506", "target.agency")),
    ("sent as another agency", post(bad(initiator={"agency": oblast.DOCTOR})), (403, "NSK-1201", "initiator.agency")),
    ("a number used before, other content", post(bad(number=OWN)), (409, "NSK-1404", "referral_id")),
    ("a key used before, other content", post(bad(), headers={"Idempotency-Key": "key-of-own"}.items()), (409, "NSK-1404", "Idempotency-Key")),
    ("a key longer than its limit", post(bad(), headers={"Idempotency-Key": "k" * 300}.items()), (400, "NSK-1501", "Idempotency-Key")),
    ("no token", post(bad(), token=None), (401, "NSK-1601", "Authorization")),
    ("another's token", post(bad(), token=f"{WORD.encode().hex()}"), (401, "NSK-1601", "Authorization")),
    ("a token as password", post(bad(), token=None, headers={"Authorization": "Basic c3lzdGVtOng="}.items()), (401, "NSK-1601", "Authorization")),
    ("no such address", post(bad(), path=f"/v1/{NUMBER}"), (404, "NSK-1006", None)),
    ("DELETE of a referral", dict(method="DELETE", path=f"/v1/referrals/{OWN}"), (405, "NSK-1602", None)),
    ("PUT of referrals", post(bad(), method="PUT"), (405, "NSK-1602", None)),
    ("a method that nobody knows", dict(method="REFER", path="/v1/referrals"), (405, "NSK-1602", "method")),
    ("text/plain", post(bad(), media="text/plain"), (415, "NSK-1603", "Content-Type")),
    ("a media type that is none", post(bad(), media="json"), (415, "NSK-1603", "Content-Type")),
    ("a packed body", post(b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"}.items()), (415, "NSK-1603", "Content-Encoding")),
    ("an address of 10,000 letters", dict(method="GET", path="/v1/referrals/" + "x" * 10000), (400, "NSK-1611", "path")),
    ("an address with bare Cyrillic", "GET /v1/referrals/Ж HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), (400, "NSK-1611", "path")),
    ("GET of an unknown number", dict(method="GET", path=f"/v1/referrals/{NUMBER}"), (404, "NSK-1403", "id")),
    ("the inbox after a word", dict(method="GET", path=f"/v1/inbox?after={NUMBER}"), (422, "NSK-1305", "after")),
    ("registering what never came", post({"case_no": WORD}, path="/v1/inbox/01999999-0000-7000-8000-000000000000/registered"),
     (404, "NSK-1006", "id")),
    ("registering without a number", post({}, path=f"/v1/inbox/{ACCEPTED}/registered"), (422, "NSK-1301", "case_no")),
    ("registering under another number", post({"case_no": WORD}, path=f"/v1/inbox/{ACCEPTED}/registered"), (409, "NSK-1404", "case_no")),
    ("a status of an unknown referral", status(NUMBER, "accepted"), (404, "NSK-1403", "referral_id")),
    ("accepted a second time", status(ACCEPTED, "accepted", at="2026-11-20T11:00:00Z"), (409, "NSK-1401", "to")),
    ("accepted by the one who asks", status(OWN, "accepted"), (409, "NSK-1402", "to")),
    ("expired while the other agency has time", status(OWN, "expired"), (409, "NSK-1407", "to")),
    ("transferred, and nobody said to whom the child went", status(ACCEPTED, "transferred", new_target="asenovgrad-ozd"), (409, "NSK-1408", "to")),
    ("a transition that leads elsewhere", status(ACCEPTED, "completed", transition="T05"), (409, "NSK-1401", "to")),
    ("a state before that is not the state", status(ACCEPTED, "completed", **{"from": "requested"}), (409, "NSK-1401", "from")),
    ("an unknown state", status(ACCEPTED, "adopted"), (422, "NSK-1303", "to")),
    ("declined without a reason", status(ACCEPTED, "declined"), (422, "NSK-1301", "reason_code")),
    ("completed without an outcome", status(ACCEPTED, "completed"), (422, "NSK-1301", "outcome")),
    ("month 13 of a status", status(ACCEPTED, "in-progress", at="2026-13-01T10:00:00Z"), (422, "NSK-1304", "at")),
    ("a status of next century", status(ACCEPTED, "in-progress", at="2115-01-01T10:00:00Z"), (422, "NSK-1318", "at")),
    ("registering under a number of spaces", post({"case_no": " \u00a0"}, path=f"/v1/inbox/{ACCEPTED}/registered"), (422, "NSK-1301", "case_no")),
    ("a status without time or id", status(ACCEPTED, "in-progress", at=None), (422, "NSK-1301", "at")),
    ("a status without a state", status(ACCEPTED, None), (422, "NSK-1301", "to")),
    ("the same moment, another content", status(ACCEPTED, "accepted", actor={"name": WORD + "2"}), (409, "NSK-1404", "status_id")),
]
NO_HTTP = [         # what is no HTTP is answered by its status alone
    ("a length that is no number", b"POST /v1/referrals HTTP/1.1\r\nHost: x\r\nContent-Length: banana\r\n\r\n{}", 400),
    ("no Host", b"GET /v1/inbox HTTP/1.1\r\n\r\n", 400),
    ("a head of 40 KiB", b"GET /v1/inbox HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40960 + b"\r\n\r\n", 431),
    ("a version that nobody knows", b"GET /v1/inbox HTTP/9.9\r\nHost: x\r\n\r\n", 505),
]
JSON_FILE = [
    ("an empty object", {}, ("bad", "NSK-1301", "referral_id")),
    ("`...` in JSON", WHOLE.replace('"child"', '..., "child"'), ("bad", "NSK-1501", None)),
    ("a file cut off", WHOLE[:-40], ("bad", "NSK-1503", None)),
    ("windows-1251", WHOLE.encode("cp1251"), ("bad", "NSK-1502", None)),
    ("month 13", bad(child={"birth_date": "1976-13-25"}), ("bad", "NSK-1304", "child.birth_date")),
    ("a file of 2 MiB", bad(reason_text=WORD * (1 << 17)), ("bad", "NSK-1005", None)),
]

# -- FHIR --


def bundle(number, type="message", word=WORD):
    """A GP's referral to the office, as a Bundle."""
    u = "urn:uuid:5a1f0000-0000-4000-8000-00000000000"
    plac = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
    return {"resourceType": "Bundle", "type": type, "entry": [
        {"fullUrl": u + "1", "resource": {
            "resourceType": "MessageHeader", "eventCoding": {"system": "http://terminology.hl7.org/CodeSystem/v2-0003", "code": "I12"},
            "destination": [{"name": "ОЗД", "endpoint": "https://ozd.plovdiv.example/fhir"}],
            "source": {"name": "GP", "endpoint": "https://gp.asenovgrad.example/fhir"}, "focus": [{"reference": u + "2"}]}},
        {"fullUrl": u + "2", "resource": {
            "resourceType": "ServiceRequest", "identifier": [{"type": plac, "value": number}], "status": "active", "intent": "order",
            "priority": "routine", "subject": {"reference": u + "3"}, "reasonCode": [{"text": "Нужда от подкрепа у дома."}],
            "code": {"coding": [{"system": "urn:nasoka:service-kind", "code": "parent-support"}]}}},
        {"fullUrl": u + "3", "resource": {
            "resourceType": "Patient", "name": [{"family": word, "given": ["Иво"]}], "gender": "male", "birthDate": "2019-11-30",
            "address": [{"city": "Асеновград", "extension": [{"url": "urn:nasoka:municipality", "valueString": "PDV01"},
                                                             {"url": "urn:nasoka:ekatte", "valueString": "00702"}]}]}}]}


def edit(change, **more):
    """A whole Bundle, spoilt by `change`(header, request, patient, entries)."""
    b = bundle(NUMBER, **more)
    entries = b["entry"]
    change(*[e["resource"] for e in entries], entries)
    return dict(body=b)


def consent(request, entries, last_day, **more):
    """The family's, until that day."""
    u = "urn:uuid:5a1f0000-0000-4000-8000-000000000009"
    request["supportingInfo"] = [{"reference": u}]
    entries.append({"fullUrl": u, "resource": {
        "resourceType": "Consent", "status": "active", "dateTime": "2024-01-10", "provision": {"type": "permit", "period": {"end": last_day}, **more},
        "extension": [{"url": "urn:nasoka:consent-giver", "valueCode": "parent"}]}})


def task(number, status, **more):
    plac = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
    return {"resourceType": "Task", "intent": "order", "status": status, "identifier": [{"type": plac, "value": number}],
            "lastModified": AT, "description": WORD, **more}


GP = text_of(bundle(NUMBER))
FHIR = [
    ("an empty body", post(""), (400, "structure", "NSK-1503", None)),
    ("a text cut off", post(GP[:-40]), (400, "structure", "NSK-1503", None)),
    ("`...` in JSON", post(GP.replace('"entry"', '..., "entry"')), (400, "structure", "NSK-1501", None)),
    ("a name twice in one object", post(GP.replace('"intent"', '"status": "draft", "intent"')), (400, "structure", "NSK-1501", None)),
    ("a byte that is not UTF-8", post(GP.encode().replace(WORD.encode(), b"\xff")), (400, "structure", "NSK-1502", None)),
    ("a NUL escaped in a name", post(GP.replace(WORD, WORD + "\\u0000")), (400, "structure", "NSK-1502", None)),
    ("nesting of 200 levels", post("[" * 200 + "]" * 200), (413, "too-long", "NSK-1005", None)),
    ("a body of 3 MiB", post(edit(lambda h, s, p, e: s["reasonCode"][0].update(text=WORD * (3 << 16)))["body"]),
     (413, "too-long", "NSK-1005", "body")),
    ("a body of 20 MiB", post("[" + "0," * (10 << 20) + "0]"), (413, "too-long", "NSK-1005", "body")),
    ("a resource without a type", post({"status": WORD}), (422, "required", "NSK-1301", "resourceType")),
    ("a Patient alone", post({"resourceType": "Patient", "name": [{"family": WORD}]}), (422, "required", "NSK-1301", "ServiceRequest")),
    ("a Bundle of type searchset", edit(lambda h, s, p, e: None, type="searchset"), (422, "not-supported", "NSK-1504", "Bundle.type")),
    ("a Bundle without a type", edit(lambda h, s, p, e: None, type=None), (422, "required", "NSK-1301", "Bundle.type")),
    ("a Bundle without entries", post({"resourceType": "Bundle", "type": "message"}), (422, "required", "NSK-1301", "Bundle.entry")),
    ("a Bundle without Patient", edit(lambda h, s, p, e: e.pop()), (422, "required", "NSK-1301", "Patient")),
    ("a subject that leads nowhere", edit(lambda h, s, p, e: s.update(subject={"reference": "Patient/none"})),
     (422, "required", "NSK-1301", "ServiceRequest.subject")),
    ("a child that died", edit(lambda h, s, p, e: p.update(deceasedBoolean=True)), (422, "not-supported", "NSK-1504", "Patient.deceased")),
    ("two ServiceRequests", edit(lambda h, s, p, e: e.append({"resource": copy.deepcopy(s)})),
     (422, "structure", "NSK-1307", "ServiceRequest")),
    ("a proposal", edit(lambda h, s, p, e: s.update(intent="proposal")), (422, "not-supported", "NSK-1504", "ServiceRequest.intent")),
    ("an unknown priority", edit(lambda h, s, p, e: s.update(priority=WORD)), (422, "code-invalid", "NSK-1303", "ServiceRequest.priority")),
    ("an unknown gender", edit(lambda h, s, p, e: p.update(gender=WORD)), (422, "code-invalid", "NSK-1303", "Patient.gender")),
    ("a service of ours that is none", edit(lambda h, s, p, e: s["code"]["coding"][0].update(code="time-travel")),
     (422, "code-invalid", "NSK-1303", "ServiceRequest.code")),
    ("month 13", edit(lambda h, s, p, e: p.update(birthDate="1976-13-25")), (422, "invalid", "NSK-1304", "Patient.birthDate")),
    ("a birth date that is a number", edit(lambda h, s, p, e: p.update(birthDate=20191130)), (400, "structure", "NSK-1501", "Patient.birthDate")),
    ("no birth date", edit(lambda h, s, p, e: p.pop("birthDate")), (422, "required", "NSK-1301", "Patient.birthDate")),
    ("an EGN with a wrong check digit", edit(lambda h, s, p, e: p.update(identifier=[{"system": "urn:nasoka:egn", "value": "1543079014"}])),
     (422, "invalid", "NSK-1306", "Patient.identifier")),
    ("an EGN of another child", edit(lambda h, s, p, e: p.update(identifier=[{"system": "urn:nasoka:egn", "value": "1543079013"}])),
     (422, "invalid", "NSK-1315", "Patient.identifier")),
    ("a child that is yet to be born", edit(lambda h, s, p, e: p.update(birthDate="2115-11-30")), (422, "invalid", "NSK-1318", "Patient.birthDate")),
    ("a family name that nobody sees", edit(lambda h, s, p, e: p["name"][0].update(family="\u200b")), (422, "required", "NSK-1301", "Patient.name.family")),
    ("a reason longer than its limit", edit(lambda h, s, p, e: s["reasonCode"][0].update(text=WORD + "ж" * 8000)),
     (422, "too-long", "NSK-1302", "ServiceRequest.reasonCode.text")),
    ("no target, and no route fits", edit(lambda h, s, p, e: h.pop("destination")), (422, "business-rule", "NSK-1506", "ServiceRequest.performer")),
    ("500 entries", edit(lambda h, s, p, e: e.extend({"resource": {"resourceType": "Basic"}} for _ in range(500))),
     (422, "structure", "NSK-1307", "Bundle.entry")),
    ("a number used before, other content", post(bundle(ACCEPTED)), (409, "duplicate", "NSK-1404", "ServiceRequest.identifier")),
    ("a Task of an unknown referral", post(task(NUMBER, "accepted"), path="/fhir/Task"), (404, "not-found", "NSK-1403", "Task.identifier")),
    ("a program that says it is a PDF", post({"resourceType": "DocumentReference", "id": NUMBER, "status": "current", "description": "a.pdf",
                                              "context": {"related": [{"identifier": {"value": ACCEPTED}}]}, "content": [{"attachment": {
                                                  "contentType": "application/pdf", "data": base64.b64encode(b"MZ\x90").decode()}}]},
                                             path="/fhir/DocumentReference"), (415, "not-supported", "NSK-1603", "attachment.data")),
    ("PUT of an unknown Task", post(task(NUMBER, "cancelled"), method="PUT", path=f"/fhir/Task/{NUMBER}"),
     (404, "not-found", "NSK-1403", "Task.identifier")),
    ("PUT under another id", post(task(ACCEPTED, "cancelled", id="another"), method="PUT", path="/fhir/Task/one"),
     (400, "structure", "NSK-1501", "Task.id")),
    ("a Task without a number", post(task(None, "cancelled", identifier=[]), path="/fhir/Task"), (422, "required", "NSK-1301", "Task.identifier")),
    ("a Task without a status", post(task(ACCEPTED, None), path="/fhir/Task"), (422, "required", "NSK-1301", "Task.status")),
    ("a Task with a status of no list", post(task(ACCEPTED, WORD), path="/fhir/Task"), (422, "code-invalid", "NSK-1303", "Task.status")),
    ("completed by the one who asked", post(task(ACCEPTED, "completed"), path="/fhir/Task"), (422, "business-rule", "NSK-1402", "Task.status")),
    ("an illegal transition", post(task(ACCEPTED, "requested", businessStatus={"coding": [{"system": "urn:nasoka:state", "code": "expired"}]}),
                                   path="/fhir/Task"), (422, "business-rule", "NSK-1401", "Task.status")),
    ("a Patient to the address of Tasks", post({"resourceType": "Patient"}, path="/fhir/Task"), (422, "not-supported", "NSK-1504", "resourceType")),
    ("no token", dict(body=bundle(NUMBER), token=None), (401, "login", "NSK-1601", "Authorization")),
    ("another's token", dict(body=bundle(NUMBER), token="x" * 40), (401, "login", "NSK-1601", "Authorization")),
    ("XML", post(f"<Bundle>{WORD}</Bundle>", media="application/fhir+xml"), (415, "not-supported", "NSK-1603", None)),
    ("a modifier that nobody knows", edit(lambda h, s, p, e: s.update(modifierExtension=[{"url": "urn:x:not", "valueBoolean": True}])),
     (422, "not-supported", "NSK-1504", "ServiceRequest.modifierExtension")),
    ("a consent whose last day is over", edit(lambda h, s, p, e: consent(s, e, "2025-01-10")),
     (422, "business-rule", "NSK-1311", "Consent.provision.period.end")),
    ("a recipient in a consent that nobody can tell", edit(lambda h, s, p, e: consent(s, e, "2036-01-10", actor=[{"reference": {"display": WORD}}])),
     (422, "business-rule", "NSK-1314", "Consent.provision.actor.reference")),
    ("a prohibition", edit(lambda h, s, p, e: s.update(doNotPerform=True)), (422, "not-supported", "NSK-1504", "ServiceRequest.doNotPerform")),
    ("no such address", post(bundle(NUMBER), path=f"/fhir/Basic/{NUMBER}"), (404, "not-found", "NSK-1006", None)),
    ("DELETE of a Task", dict(method="DELETE", path=f"/fhir/Task/{ACCEPTED}"), (405, "not-supported", "NSK-1602", None)),
    ("GET of an unknown Task", dict(method="GET", path=f"/fhir/Task/{NUMBER}"), (404, "not-found", "NSK-1403", "id")),
    ("a search with 600 arguments", dict(method="GET", path="/fhir/Task?" + "_id=x&" * 600), (400, "value", "NSK-1611", "path")),
    ("a search with bare Cyrillic", f"GET /fhir/Task?patient={WORD} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
     (400, "value", "NSK-1611", "path")),
    ("a search by a modifier that is not known", dict(method="GET", path="/fhir/Task?status:in=accepted"),
     (400, "not-supported", "NSK-1612", "status:in")),
    ("a search by what is not known, strictly", dict(method="GET", path="/fhir/Task?colour=blue", headers={"Prefer": "handling=strict"}.items()),
     (400, "not-supported", "NSK-1612", "colour")),
    ("Tasks since month 13", dict(method="GET", path="/fhir/Task?_lastUpdated=gt2026-13-01"), (422, "invalid", "NSK-1304", "_lastUpdated")),
]

# -- HL7 v2 --


def message(number, control=None, target="OZD-PLOVDIV", msh=None, word=WORD, end="\r", **segments):
    """A hospital's referral to the office. `segments` replaces a segment by its name, an empty one leaves it out; `msh` replaces
    fields of MSH by their number."""
    header = ["MSH", "^~\\&", "HIS", "MBAL", "NASOKA", target, "20261120100000", "", "REF^I12^REF_I12", control or f"C-{number}", "P", "2.5.1",
              "", "", "", "", "", "UNICODE UTF-8"]
    for n, value in (msh or {}).items():
        header[n - 1] = value
    rows = {
        "RF1": f"RF1||A^Urgent^HL70280|psych-counselling^^NASOKA|AM^Assume Management^HL70282||{number}||||||||Нужна е оценка.",
        "PRD": "PRD|RP^Referring Provider^HL70286|Иванова^Мария||||032600100^WPN^PH",
        "PID": f"PID|1||1543079013^^^GRAO^NNBGR||{word}^Калина^Стоянова||20150307|F|||ул. Примерна 1^^Пловдив^PDV^4000^BGR^H^^PDV22^56784",
        "NK1": "NK1|1|Тест^Стояна|MTH^Mother^HL70063||0888000002",
    }
    rows.update(segments)
    return end.join(["|".join(header)] + [r for r in rows.values() if r]) + end


def frame(text):
    return b"\x0b" + (text if isinstance(text, bytes) else text.encode()) + b"\x1c\r"


def rri(number, code, **more):
    return message(number, msh={9: "RRI^I12^RRI_I12"}, RF1=f"RF1|{code}|||||{number}", PID="", NK1="", **more)


HL7 = message(NUMBER)
MLLP = [
    ("nothing in the frame", frame(b""), ("AR", "", "100", "NSK-1503")),
    ("no HL7", frame(f"<REF>{WORD}</REF>"), ("AR", "MSH", "100", "NSK-1501")),
    ("MSH cut off", frame(b"MSH|^"), ("AR", "MSH-2", "100", "NSK-1503")),
    ("delimiters that are letters", frame(HL7.replace("MSH|^~\\&", "MSH|ABCD", 1)), ("AR", "MSH-2", "100", "NSK-1501")),
    ("a frame cut off", b"\x0b" + HL7.encode()[:200], ("AR", "", "100", "NSK-1503")),
    ("a new frame within a frame", b"\x0b" + HL7.encode()[:200] + frame(message("GOOD-after-cut", word="Добра")),
     (("AR", "", "100", "NSK-1503"), ("AA",))),
    ("no start byte", HL7.encode() + b"\x1c\r", ("AR", "", "100", "NSK-1501")),
    ("no frame at all", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n\x1c\r", ("AR", "", "100", "NSK-1501")),
    ("a message of 2 MiB", frame(HL7 + f"NTE|1||{WORD * (1 << 17)}\r"), ("AR", "", "207", "NSK-1005")),
    ("1,001 segments", HL7 + "NTE|1||x\r" * 1001, ("AE", "", "102", "NSK-1307")),
    ("a batch whose header is no header", frame("FHSABCDEF\r" + HL7 + "FTS\r"), ("AR", "FHS-1", "100", "NSK-1501")),
    ("a batch whose count is no number", frame("BHS|^~\\&|HIS\r" + HL7 + "BTS|-1\r"), ("AR", "BTS-1", "100", "NSK-1503")),
    ("a line that is no segment", frame(HL7 + f"{WORD}\r"), ("AR", "", "100", "NSK-1501")),
    ("two messages in one frame", frame(HL7 + HL7), ("AR", "MSH", "100", "NSK-1501")),
    ("an unknown character set", message(NUMBER, msh={18: "KLINGON"}), ("AR", "MSH-18", "102", "NSK-1502")),
    ("windows-1251 that says it is UTF-8", frame(HL7.encode("cp1251")), ("AR", "", "102", "NSK-1502")),
    ("Cyrillic that says it is ASCII", message(NUMBER, msh={18: "ASCII"}), ("AR", "", "102", "NSK-1502")),
    ("a NUL in a name", frame(HL7.replace(WORD, WORD + "\x00")), ("AR", "", "102", "NSK-1502")),
    ("no MSH-10", frame(message(NUMBER, control=" ")), ("AR", "MSH-10", "101", "NSK-1301")),
    ("no MSH-9", message(NUMBER, msh={9: ""}), ("AR", "MSH-9", "101", "NSK-1301")),
    ("an admission", message(NUMBER, msh={9: "ADT^A01"}), ("AR", "MSH-9", "200", "NSK-1504")),
    ("a debugging message", message(NUMBER, msh={11: "D"}), ("AR", "MSH-11", "202", "NSK-1202")),
    ("a training message", message(NUMBER, msh={11: "T"}), ("AR", "MSH-11", "202", "NSK-1202")),
    ("HL7 version 3", message(NUMBER, msh={12: "3.0"}), ("AR", "MSH-12", "203", "NSK-1102")),
    ("no PID", message(NUMBER, PID=""), ("AE", "PID", "101", "NSK-1301")),
    ("no number of the referral", message(NUMBER, RF1="RF1||A|psych-counselling^^NASOKA|AM"), ("AE", "RF1-6", "101", "NSK-1301")),
    ("a second RF1 of another referral", message(NUMBER, PRD=f"RF1|R|||||{NUMBER}-2\rPRD|RP"), ("AE", "RF1[2]-6", "207", "NSK-1106")),
    ("a step of two referrals that are known", rri("GOOD-csv", "A", OBR="OBR|1|GOOD-hl7"), ("AE", "OBR-2", "207", "NSK-1106")),
    ("a step about another child", message("GOOD-csv", msh={9: "RRI^I12^RRI_I12"}, RF1="RF1|A|||||GOOD-csv", NK1="",
                                           PID=f"PID|1||1545123455^^^GRAO^NNBGR||{WORD}^Петър||20150512|M"), ("AE", "PID-3", "207", "NSK-1106")),
    ("a file about another child", message("GOOD-csv", msh={9: "ORU^R01^ORU_R01"}, RF1="", PRD="", NK1="", OBR="OBR|1|GOOD-csv||LAB^x^L",
                                           OBX="OBX|1|ED|x^x.pdf||^application^pdf^Base64^JVBERi0xLjQK||||||F",
                                           PID=f"PID|1||1545123455^^^GRAO^NNBGR||{WORD}^Петър||20150512|M"), ("AE", "PID-3", "207", "NSK-1106")),
    ("no birth date", message(NUMBER, PID=f"PID|1||1543079013^^^GRAO^NNBGR||{WORD}^К|||F"), ("AE", "PID-7", "101", "NSK-1301")),
    ("month 13", message(NUMBER, PID=f"PID|1||||{WORD}^К||19761325|F"), ("AE", "PID-7", "102", "NSK-1304")),
    ("a birth date with dashes", message(NUMBER, PID=f"PID|1||||{WORD}^К||2015-03-07|F"), ("AE", "PID-7", "102", "NSK-1304")),
    ("a birth date with the letter O", message(NUMBER, PID=f"PID|1||||{WORD}^К||201503O7|F"), ("AE", "PID-7", "102", "NSK-1304")),
    ("a consent given in some year", message(NUMBER, OBX="OBX|1|DT|consent.given_on^^NASOKA||2026||||||F"), ("AE", "OBX-5", "102", "NSK-1304")),
    ("an EGN with a wrong check digit", message(NUMBER, PID=f"PID|1||1543079014^^^GRAO^NNBGR||{WORD}^К||20150307|F"),
     ("AE", "PID-3", "102", "NSK-1306")),
    ("an EGN of another birth date", message(NUMBER, PID=f"PID|1||1543079013^^^GRAO^NNBGR||{WORD}^К||20150308|F"),
     ("AE", "PID-3", "102", "NSK-1315")),
    ("an EGN of another birth date in PID-19", message(NUMBER, PID=f"PID|1||K-7^^^HIS^MR||{WORD}^К||20150308|F|||||||||||1543079013"),
     ("AE", "PID-3", "102", "NSK-1315")),
    ("a family name that nobody sees", message(NUMBER, PID="PID|1||1543079013^^^GRAO^NNBGR||\u00a0\u200b^К||20150307|F"),
     ("AE", "PID-5", "101", "NSK-1301")),
    ("a municipality that there is none of", message(NUMBER, PID=f"PID|1||1543079013^^^GRAO^NNBGR||{WORD}^К||20150307|F|||^^^^^BGR^H^^PDV99"),
     ("AE", "PID-11", "103", "NSK-1303")),
    ("an unknown gender", message(NUMBER, PID=f"PID|1||||{WORD}^К||20150307|Q"), ("AE", "PID-8", "103", "NSK-1303")),
    ("an unknown priority", message(NUMBER, RF1=f"RF1||Z^Z^HL70280|psych-counselling^^NASOKA|AM||{NUMBER}||||||||x"),
     ("AE", "RF1-2", "103", "NSK-1303")),
    ("a reason longer than its limit", message(NUMBER, NTE=f"NTE|1||{WORD}{'ж' * 8000}"), ("AE", "NTE-3", "102", "NSK-1302")),
    ("no target, and no route fits", message(NUMBER, target="NOBODY"), ("AE", "PRD", "204", "NSK-1506")),
    ("an OBX of ours with an unknown path", message(NUMBER, OBX=f"OBX|1|ST|horoscope^^NASOKA|1|{WORD}||||||F"), ("AE", "OBX-3", "103", "NSK-1308")),
    ("an OBX of ours with an unknown code", message(NUMBER, OBX=f"OBX|1|CE|need^^NASOKA|1|{WORD}^^NASOKA||||||F"), ("AE", "OBX-5", "103", "NSK-1303")),
    ("a consent whose last day is over", message(NUMBER, OBX="OBX|1|CE|legal_basis^^NASOKA||consent^^NASOKA||||||F\r"
                                                 "OBX|2|CE|consent.given_by^^NASOKA||parent^^NASOKA||||||F\r"
                                                 "OBX|3|DT|consent.given_on^^NASOKA||20240110||||||F\r"
                                                 "OBX|4|DT|consent.valid_until^^NASOKA||20250110||||||F"), ("AE", "OBX[4]-5", "207", "NSK-1311")),
    ("an evidence longer than its limit", message(NUMBER, OBX="OBX|1|CE|legal_basis^^NASOKA||consent^^NASOKA||||||F\r"
                                                   "OBX|2|CE|consent.given_by^^NASOKA||parent^^NASOKA||||||F\r"
                                                   "OBX|3|DT|consent.given_on^^NASOKA||20261110||||||F\r"
                                                   f"OBX|4|ST|consent.evidence^^NASOKA||{'ж' * 33}||||||F"), ("AE", "OBX[4]-5", "102", "NSK-1302")),
    ("a program that says it is a PDF", message(NUMBER, OBX="OBX|1|ED|other^a.pdf||^application^pdf^Base64^TVqQ||||||F"),
     ("AE", "OBX-5", "207", "NSK-1603")),
    ("MSH-10 used before, other content", message(NUMBER, control="C-GOOD-hl7"), ("AE", "MSH-10", "205", "NSK-1404")),
    ("a number used before under a new MSH-10", message("GOOD-hl7", control=f"C-{NUMBER}"), ("AE", "RF1-6", "205", "NSK-1404")),
    ("a status of an unknown referral", rri(NUMBER, "A"), ("AE", "RF1-6", "204", "NSK-1403")),
    ("accepted by the one who asks", rri("GOOD-hl7", "A", control=f"C-{NUMBER}-1"), ("AE", "RF1-1", "207", "NSK-1402")),
    ("a state of no table", rri("GOOD-hl7", "Q", control=f"C-{NUMBER}-2"), ("AE", "RF1-1", "103", "NSK-1303")),
    ("a status without RF1", message("GOOD-hl7", control=f"C-{NUMBER}-3", msh={9: "RRI^I12"}, RF1="", PID="", NK1=""), ("AE", "RF1", "101", "NSK-1301")),
    ("enhanced mode: MSH-15 of no table", message(NUMBER, msh={15: "al", 16: ""}, PID=""), ("CR", "PID", "101", "NSK-1301")),
    ("enhanced mode: MSH-16 of no table", message(NUMBER, msh={15: "", 16: "X"}, PID=""), ("AE", "PID", "101", "NSK-1301")),
    ("enhanced mode: refused for good", message(NUMBER, msh={15: "AL", 16: "NE"}, PID=""), ("CR", "PID", "101", "NSK-1301")),
]
# -- a school's table --
COLUMNS = ["referral_no", "municipality_code", "settlement_ekatte", "id_type", "id_number", "first_name", "last_name", "birth_date", "gender",
           "service_kind", "risk_level", "priority", "reason", "legal_basis", "respond_by"]
CELLS = ["{no}", "PDV22", "56784", "ЕГН", "1543079013", "Калина", "{word}", "07.03.2015", "ж", "specialist-consult", "medium", "routine",
         "Нужда от преглед.", "duty-to-protect", "01.03.2027"]


def row(number=NUMBER, word=WORD, **cells):
    values = dict(zip(COLUMNS, (c.format(no=number, word=word) for c in CELLS)))
    values.update(cells)
    return ";".join(values.values())


def table(*rows, header=None):
    return "\r\n".join([header or ";".join(COLUMNS), *rows]) + "\r\n"


STATUS_HEADER = "referral_no;transition;from;to;at;reason_code;reason;outcome;case_no"
CSV_ROWS = [        # one bad row between two good ones
    ("a row short of a column", row().rsplit(";", 1)[0], ("row 3", "NSK-1505")),
    ("a row with a column too many", row() + ";x", ("row 3", "NSK-1505")),
    ("a quote that is never closed", row(first_name='"Калина'), ("row 3", "NSK-1501")),
    ("month 13", row(birth_date="25.13.1976"), ("birth_date", "NSK-1304")),
    ("a deadline in words", row(respond_by=WORD), ("respond_by", "NSK-1304")),
    ("an EGN with a wrong check digit", row(id_number="1543079014"), ("id_number", "NSK-1306")),
    ("an EGN of another birth date", row(birth_date="08.03.2015"), ("id_number", "NSK-1315")),
    ("a name that nobody sees", row(first_name="\u00a0"), ("first_name", "NSK-1301")),
    ("a child that is yet to be born", row(id_number="", birth_date="07.03.2115"), ("birth_date", "NSK-1318")),
    ("a municipality that there is none of", row(municipality_code="PDV99"), ("municipality_code", "NSK-1303")),
    ("a settlement of another municipality", row(settlement_ekatte="702"), ("settlement_ekatte", "NSK-1316")),
    ("an unknown kind of number", row(id_type=WORD), ("id_type", "NSK-1303")),
    ("an unknown risk level", row(risk_level=WORD), ("risk_level", "NSK-1303")),
    ("no number", row(number=""), ("referral_no", "NSK-1301")),
    ("no birth date", row(birth_date=""), ("birth_date", "NSK-1301")),
    ("no reason", row(reason=""), ("reason", "NSK-1301")),
    ("a reason longer than its limit", row(reason=WORD + "ж" * 8000), ("reason", "NSK-1302")),
    ("a municipality longer than its code", row(municipality_code="PLOVDIV-GRAD"), ("municipality_code", "NSK-1302")),
    ("a row longer than 32 KiB", row(reason="ж" * 40000), ("row 3", "NSK-1005")),
    ("a number used before, other content", row(number="GOOD-csv"), ("referral_no", "NSK-1404")),
]
CSV = [             # whole files
    ("an empty line", b"\n", ("bad", ("refused", "", "NSK-1503"))),
    ("no header", table(header=row()), ("bad", ("refused", "row 1", "NSK-1504"))),
    ("no column for the number", table(row().split(";", 1)[1], header=";".join(COLUMNS[1:])), ("bad", ("refused", "referral_no", "NSK-1301"))),
    ("a column twice", table(row() + ";x", header=";".join(COLUMNS + ["reason"])), ("bad", ("refused", "row 1", "NSK-1501"))),
    ("a NUL byte", table(row()).encode("cp1251").replace(b"PDV22", b"PD\x00V22"), ("bad", ("refused", "row 2", "NSK-1502"))),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) + b"\n", ("bad", ("refused", "row 1", "NSK-1504"))),
    ("no route fits", table(row(service_kind="specialist-consult-2", municipality_code="PDV01", settlement_ekatte="00702")),
     ("bad", ("refused", "target_agency", "NSK-1506"))),
    ("an agency that does not exist", table(row() + ";nowhere", header=";".join(COLUMNS + ["target_agency"])),
     ("bad", ("refused", "target_agency", "NSK-1203"))),
    ("a consent whose last day is over", table(row(legal_basis="съгласие") + ";10.01.2024;майка;10.01.2025",
                                               header=";".join(COLUMNS + ["consent_date", "consent_by", "consent_until"])),
     ("bad", ("refused", "consent_until", "NSK-1311"))),
    ("a status of an unknown referral", table(f"{NUMBER};;;accepted;{AT};;;;", header=STATUS_HEADER),
     ("bad", ("refused", "referral_no", "NSK-1403"))),
    ("accepted by the one who asks", table(f"GOOD-csv;;;accepted;{AT};;;;", header=STATUS_HEADER), ("bad", ("refused", "to", "NSK-1402"))),
    ("expired while the other agency has time", table(f"GOOD-csv;;;expired;{AT};;;;", header=STATUS_HEADER), ("bad", ("refused", "to", "NSK-1407"))),
    ("transferred, and nobody said to whom the child went", table(f"GOOD-csv;;;transferred;{AT};;;;;asenovgrad-ozd", header=STATUS_HEADER + ";new_target"),
     ("bad", ("refused", "to", "NSK-1408"))),
    ("an unknown state", table(f"GOOD-csv;;;adopted;{AT};;;;", header=STATUS_HEADER), ("bad", ("refused", "to", "NSK-1303"))),
    ("an illegal transition", table(f"GOOD-csv;T05;;withdrawn;{AT};;{WORD};;", header=STATUS_HEADER),
     ("bad", ("refused", "to", "NSK-1401"))),
    ("registering what never came", table(f"{NUMBER};{WORD};20.11.2026", header="msg_id;case_no;registered_on"),
     ("bad", ("refused", "msg_id", "NSK-1006"))),
    ("registering without a number", table(f"{NUMBER};;20.11.2026", header="msg_id;case_no;registered_on"),
     ("bad", ("refused", "case_no", "NSK-1301"))),
]

LATE = "a deadline that is over, with a warning"
TOLERATED = [       # what other systems send in practice, and what is taken
    ("mllp", "segments that end with LF", lambda n: frame(message(n, word="Добра", end="\n"))),
    ("mllp", "segments that end with CR LF", lambda n: frame(message(n, word="Добра", end="\r\n"))),
    ("mllp", "segments that end with <cr> in letters", lambda n: frame(message(n, word="Добра", end="<cr>"))),
    ("mllp", "segments that end with <cr> in letters and LF", lambda n: frame(message(n, word="Добра", end="<cr>\n"))),
    ("mllp", "a byte order mark", lambda n: frame("\ufeff" + message(n, word="Добра"))),
    ("mllp", "REF_I14 as structure, no MSH-18", lambda n: frame(message(n, word="Добра", msh={9: "REF^I12^REF_I14", 18: ""}))),
    ("mllp", "UTF-8 named behind ASCII", lambda n: frame(message(n, word="Добра", msh={18: "ASCII~UNICODE UTF-8"}))),
    ("mllp", "an EGN in PID-19, where PID-3 has none",
     lambda n: frame(message(n, PID="PID|1||K-7^^^HIS^MR||Добра^Калина||20150307|F|||||||||||1543079013"))),
    ("json", LATE, lambda n: text_of(referral(n, oblast.SCHOOL, respond_by="2026-01-02T10:00:00Z"))),
    ("json", "a byte order mark", lambda n: "\ufeff" + text_of(referral(n, oblast.SCHOOL))),
    ("fhir", "a byte order mark", lambda n: "\ufeff" + text_of(bundle(n, word="Добра"))),
    ("csv", "UTF-8 with a byte order mark and commas", lambda n: b"\xef\xbb\xbf" + table(row(n, "Добра")).replace(";", ",").encode()),
    ("csv", "LF, an empty line, and a column that nobody knows",
     lambda n: ("\n".join([";".join(COLUMNS) + ";horoscope", "", row(n, "Добра") + ";риби"]) + "\n").encode()),
    ("csv", "Excel's text in UTF-16 with tabs", lambda n: table(row(n, "Добра")).replace(";", "\t").encode("utf-16")),
    ("csv", "UTF-16 of the other order", lambda n: b"\xfe\xff" + table(row(n, "Добра")).replace(";", "\t").encode("utf-16-be")),
    ("csv", "numbers kept as texts, and blanks that do not break",
     lambda n: table(row(n, "\u00a0Добра\u00a0", id_number='="1543079013"', birth_date="'07.03.2015"), "\u00a0;" * (len(COLUMNS) - 1)).encode("cp1251")),
]

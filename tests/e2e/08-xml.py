#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""A practice whose program writes НЗИС messages, an office whose program speaks XML, a school that names a pupil of its roster by the
number: referred, registered, referred back, cancelled, through the real daemons. Read by Python's own XML parser."""
import xml.etree.ElementTree as tree

from stagehand import BIN, ROOT, World, curl, done, doors, folder, logs_hold_nothing, ok, wait_for

NS, HIS = "{urn:nasoka:record:1}", "{https://www.his.bg}"
PRACTICE = """in:
  http: {{ listen: "127.0.0.1:{http_port}", tokens_file: {dir}/tokens }}
  folder: {{ in: {folder}/in, done: {folder}/done, bad: {folder}/bad, out: {folder}/out, scan: 100ms, settle: 100ms, charset: windows-1251 }}
out:
  folder: {{ dir: {folder}/out }}
egress:
  referrals: {{ door: folder, format: nhis }}
  statuses: {{ door: folder, format: nhis }}
  receipts: {{ door: folder, format: nhis }}
concepts: {{ "CL006|1042": speech-therapy }}
routes: [{{ service_kind: speech-therapy, to: plovdiv-ozd }}]
defaults: {{ legal_basis: statutory-task, risk_level: medium, disposition_wanted: take-over, priority: routine }}
"""
OFFICE = doors.polling("xml")
SCHOOL = """in:
  folder: {{ in: {folder}/in, done: {folder}/done, bad: {folder}/bad, out: {folder}/out, scan: 100ms, settle: 100ms }}
out:
  folder: {{ dir: {folder}/out }}
roster: {{ dir: {folder}/roster }}
routes: [{{ to: plovdiv-ozd }}]
defaults: {{ legal_basis: statutory-task, risk_level: medium, disposition_wanted: take-over, priority: routine }}
"""
R001 = (ROOT / "tests/vectors/health/nhis-r001.xml").read_text(encoding="utf-8")
LRN = "8e2d1c3a-0b6f-4c0e-8b7e-61d3a9f4e502"
REASON = "Разстройство на експресивната реч.\nМайката казва: „не говори“, а на 4 г. & 2 м. ѝ личи."

world = World(folder(), BIN)
practice = world.agency("asenovgrad-gp", "gp", "PDV01", "health", "Практика", "Practice", PRACTICE)
office = world.agency("plovdiv-ozd", "ozd", "PDV22", "social", "Закрила", "Protection", OFFICE)
school = world.agency("plovdiv-school", "school", "PDV22", "education", "Училище", "School", SCHOOL)
cursor = 0


def value(node, path):
    found = node.find(".//" + "/".join(HIS + p for p in path.split("/")))
    return None if found is None else found.get("value")


def post(agency, path, text, media="application/xml"):
    status, said = curl("POST", f"http://127.0.0.1:{agency.http_port}{path}", text, agency.token, media, parse=False)
    return status, tree.fromstring(said)


def arrived(what):
    """The office's next item that fits, in XML by Accept."""
    def look():
        _, said = curl("GET", f"http://127.0.0.1:{office.http_port}/v1/inbox?after={cursor}", token=office.token,
                       headers=["Accept: application/xml"], parse=False)
        return next((i for i in tree.fromstring(said).findall(NS + "items") if what(i)), None)
    return wait_for("the office's inbox", look, 30)


def text(node, path):
    return node.findtext("/".join(NS + p for p in path.split("/")))


def file_of(kind):
    def look():
        for f in sorted((practice.folder("out")).glob("*.xml")):
            root = tree.parse(f).getroot()
            if value(root, "header/messageType") == kind:
                return root
        return None
    return wait_for(f"an {kind} in the practice's folder", look, 30)


def referred():
    status, said = post(practice, "/v3/ereferral/doctor/issue", R001)
    number = value(said, "contents/nrnReferral")
    ok(status == 200 and number and value(said, "contents/lrn") == LRN, "an R001 is taken and answered by R002", tree.tostring(said))
    again = post(practice, "/nhis", R001.replace("5f0c7b52", "6f0c7b52"))[1]
    ok(value(again, "contents/nrnReferral") == number, "the same lrn under another messageId is the same referral", tree.tostring(again))
    status, said = post(practice, "/nhis", R001.replace('category value="R2"', 'category value="R1"').replace(LRN, "other"))
    ok(status == 422 and "wrong-service" in value(said, "contents/error/reason") and value(said, "contents/error/code") == "NSK-1507",
       "a laboratory referral is refused with wrong-service", tree.tostring(said))
    item = arrived(lambda i: text(i, "referral_id") == LRN)
    ok(text(item, "record/reason_text") == REASON and text(item, "record/child/address/ekatte") == "00702" and
       text(item, "record/service_kind") == "speech-therapy" and text(item, "record/child/ids/value") == "1543079013",
       "the office reads it in XML: names, quotes, ѝ, five digits", tree.tostring(item, encoding="unicode"))
    message = text(item, "msg_id")
    status, said = post(office, f"/v1/inbox/{message}/registered", f'<registered xmlns="{NS[1:-1]}"><case_no>ОЗД-12</case_no></registered>')
    ok(status == 200 and text(said, "state") == "registered", "the office registers it in XML", tree.tostring(said))
    home = file_of("R002")
    ok(value(home, "contents/nrnReferral") == "ОЗД-12" and value(home, "contents/lrn") == LRN,
       "the practice's folder gets the office's number as R002", tree.tostring(home))
    return number


def cancelled(number):
    r007 = (ROOT / "tests/vectors/health/nhis-r007.xml").read_text(encoding="utf-8").replace("01999999-0000-7000-8000-000000000001", number)
    status, said = post(practice, "/v3/ereferral/doctor/cancel", r007)
    ok(status == 200 and value(said, "header/messageType") == "R008" and value(said, "contents/error/code") is None,
       "an R007 by the number of R002 is taken", tree.tostring(said))
    item = arrived(lambda i: text(i, "referral_id") == LRN and text(i, "kind") != "referral")
    ok("cancel" in text(item, "state"), "and the office is told", tree.tostring(item, encoding="unicode"))


def back():
    body = (ROOT / "tests/fuzz/corpus/xml/referral.xml").read_text(encoding="utf-8").replace(
        "<service_id>cop-plovdiv-1</service_id>", "<agency>asenovgrad-gp</agency>").replace("psych-counselling", "speech-therapy").replace(
        "<legal_basis>consent</legal_basis>", "<legal_basis>statutory-task</legal_basis><diagnosis><code>F80.1</code></diagnosis>").replace(
        "</referral>", "<service_text>CL006 1042</service_text></referral>").replace("2026-03-02T10", "2099-03-02T10")
    body = body.replace("</referral>", "<safety><do_not_contact_carer>true</do_not_contact_carer></safety></referral>")
    cyrillic = body.replace("UTF-8", "windows-1251").encode("cp1251")
    status, said = post(office, "/v1/referrals", cyrillic)
    ok(status == 202 and text(said, "state") == "queued", "the office refers back in XML of windows-1251", tree.tostring(said, encoding="unicode"))
    root = file_of("R001")
    note = value(root, "contents/referral/diagnosis/note") or ""
    ok(value(root, "contents/referral/lrn") == "PDV22-2026-00017" and "ѝ каза: „не ходи“ & плаче." in note and "не търсете" in note,
       "the practice's folder gets an R001 with the reason, and safety first", tree.tostring(root, encoding="unicode"))
    (practice.folder("in") / "r002.xml").write_text(
        "<message xmlns='https://www.his.bg'><header><messageType value='R002'/></header><contents><nrnReferral value='23061A000124'/>"
        "<lrn value='PDV22-2026-00017'/></contents></message>", encoding="utf-8")
    item = arrived(lambda i: text(i, "stage") == "registered" and text(i, "referral_id") == "PDV22-2026-00017")
    ok(text(item, "external_no") == "23061A000124", "an R002 in its folder registers it under the practice's number",
       tree.tostring(item, encoding="unicode"))
    status, said = post(office, "/v1/referrals", body.replace("1543079013", "1543079014").replace("00017", "00018"))
    problem = "{urn:ietf:rfc:7807}"
    ok(status == 422 and said.tag == problem + "problem" and said.findtext(problem + "where") == "child.ids[0].value" and
       said.findtext(problem + "line") == "6", "a wrong number is told with its element's line", tree.tostring(said, encoding="unicode"))


def roster():
    (school.folder("in") / "a.csv").write_text("referral_no;pupil_no;service_kind;reason\nУ-1;1543079013;mentoring;отсъства\nУ-2;999;mentoring;x\n",
                                                encoding="utf-8")
    item = arrived(lambda i: text(i, "referral_id") == "У-1")
    ok(text(item, "record/child/family") == "Ангелова" and text(item, "record/child/birth_date") == "2015-03-07" and
       text(item, "record/child/school/code") == "1690001" and text(item, "record/carers/relation") == "mother",
       "a pupil's number alone brings the person from the school's roster", tree.tostring(item, encoding="unicode"))
    result = wait_for("the result table", lambda: next(iter((school.folder("out")).glob("a.csv.result*")), None), 30).read_bytes()
    ok(b"NSK-1006" in result and b"pupil_no" in result, "a number that the roster does not have is refused", result)
    (school.folder("in") / "b.xlsx").write_bytes(b"PK\x03\x04" + bytes(60))
    result = wait_for("its answer", lambda: next(iter((school.folder("out")).glob("b.xlsx.result*")), None), 30).read_bytes()
    ok(b"NSK-1508" in result and b"CSV" in result, "a spreadsheet's own file is refused: save it as CSV", result)


try:
    world.make()
    rosters = school.folder("roster")
    rosters.mkdir(parents=True)
    (rosters / "users.csv").write_text(
        "sourcedId,status,enabledUser,orgSourcedIds,role,userIds,givenName,familyName,agentSourcedIds,grades\n"
        "u1,active,true,o1,student,{ЕГН:1543079013},Мария,Ангелова,u2,03\nu2,active,true,o1,parent,,Елена,Ангелова,,\n", encoding="utf-8")
    (rosters / "demographics.csv").write_text("sourcedId,birthDate,sex\nu1,2015-03-07,female\nu2,,female\n", encoding="utf-8")
    (rosters / "orgs.csv").write_text("sourcedId,name,identifier\no1,ОУ Тест,1690001\n", encoding="utf-8")
    world.start()
    for part in (lambda: cancelled(referred()), back, roster):
        try:
            part()
        except (TimeoutError, RuntimeError, LookupError, AttributeError, tree.ParseError) as e:
            ok(False, "a part goes through", f"{type(e).__name__}: {e}")
    logs_hold_nothing(world, "Ангелова", "1543079013", "Мария")
finally:
    world.stop()
done()

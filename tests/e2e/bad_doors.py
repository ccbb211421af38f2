# SPDX-License-Identifier: EUPL-1.2
"""The doors that bad inputs are put through: what one answers, in a form that a row of a table can be compared with, and a good
message through the same door.

HTTP is spoken by Python's http.client, MLLP by python3-hl7 and by a bare socket; files are written as a careful program does.
"""
import csv
import http.client
import io
import json
import socket

from stagehand import referral, wait_for        # finds the stage for what follows

import clinic
import hl7

START, END = b"\x0b", b"\x1c\r"


def bytes_of(body):
    if body is None or isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


class Http:
    """One HTTP door. An input is a dictionary: method, path, body (object, text or bytes), token, media, headers; or raw bytes."""

    def __init__(self, agency, media):
        self.agency, self.media = agency, media

    def call(self, method="POST", path=None, body=None, token=True, media=True, headers=()):
        """(status, headers, bytes)."""
        c = http.client.HTTPConnection("127.0.0.1", self.agency.http_port, timeout=20)
        said = dict(headers)
        if token:
            said["Authorization"] = f"Bearer {self.agency.token if token is True else token}"
        if media and body is not None:
            said["Content-Type"] = self.media if media is True else media
        try:
            c.request(method, path or self.path, bytes_of(body), said)
            answer = c.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            c.close()

    def raw(self, data):
        with socket.create_connection(("127.0.0.1", self.agency.http_port), 20) as s:
            s.sendall(data)
            answer = http.client.HTTPResponse(s)
            answer.begin()
            return answer.status, answer.headers, answer.read()

    def ask(self, given):
        return self.raw(given) if isinstance(given, bytes) else self.call(**given)


class JsonDoor(Http):
    """A row's answer: (HTTP status, NSK code, where)."""
    name, path = "json", "/v1/referrals"

    def __init__(self, agency, to):
        super().__init__(agency, "application/json")
        self.to = to

    def answer(self, given):
        status, headers, text = self.ask(given)
        if headers["Content-Type"] != "application/problem+json":
            return (status, headers["Content-Type"], text.decode(errors="replace")[:200]), text
        p = json.loads(text)
        if p["status"] != status or p["type"] != f"urn:nasoka:error:{p['code']}" or not all(
                p.get(k) for k in ("title", "title_bg", "remedy", "remedy_bg")):
            return ("not a whole problem", p), text
        if status == 405 and not headers["Allow"]:
            return ("405 without Allow", p), text
        return (status, p["code"], p.get("where")), text

    def good(self, number):
        status, _, text = self.call(body=referral(number, self.to))
        return status == 202, text


class FhirDoor(Http):
    """A row's answer: (HTTP status, OperationOutcome issue.code, NSK code, expression)."""
    name, path = "fhir", "/fhir"

    def __init__(self, agency, build):
        super().__init__(agency, "application/fhir+json")
        self.build = build

    def answer(self, given):
        status, headers, text = self.ask(given)
        try:
            outcome = json.loads(text)
        except ValueError:
            return (status, headers["Content-Type"], text.decode(errors="replace")[:200]), text
        if outcome.get("resourceType") != "OperationOutcome" or headers["Content-Type"].split(";")[0] != "application/fhir+json":
            return (status, outcome.get("resourceType"), text.decode()[:200]), text
        issue, = outcome["issue"]
        coding, = issue["details"]["coding"]
        if issue["severity"] != "error" or coding["system"] != "urn:nasoka:error" or not issue["diagnostics"].startswith(coding["code"]):
            return ("not a whole OperationOutcome", issue), text
        if status == 405 and not headers["Allow"]:
            return ("405 without Allow", issue), text
        return (status, issue["code"], coding["code"], (issue.get("expression") or [None])[0]), text

    def good(self, number):
        status, _, text = self.call(body=self.build(number))
        return status == 200, text


class MllpDoor:
    """A row's answer: (MSA-1, ERR-2 as PID-7 or NK1[2]-3, ERR-3, ERR-5), of each answer that came; MSA-2 has to be the message's."""
    name = "mllp"

    def __init__(self, agency, build):
        self.agency, self.build = agency, build

    def raw(self, data, is_closing=True):
        """All messages that come back on a connection of its own; our end is closed behind `data`."""
        with socket.create_connection(("127.0.0.1", self.agency.mllp_port), 20) as s:
            s.sendall(data)
            if is_closing:
                s.shutdown(socket.SHUT_WR)
            got = b""
            while not (got.endswith(END) and not is_closing):
                part = s.recv(65536)
                if not part:
                    break
                got += part
        return [m.removeprefix(START) for m in got.split(END) if m]

    @staticmethod
    def read(message, control=None):
        msa, errs = message.segment("MSA"), [s for s in message if str(s[0]) == "ERR" and str(s[4]) != "I"]     # I: fields left out
        if control is not None and str(msa[2]) != control:
            return ("MSA-2 is", str(msa[2]), "not", control)
        if not errs:
            return (str(msa[1]),)
        place = (str(errs[0][2]) + "^^^^").split("^")
        where = place[0] + (f"[{place[1]}]" if place[1] not in ("", "1") else "") + (f"-{place[2]}" if place[2] else "")
        return (str(msa[1]), where, str(errs[0][3]).split("^")[0], str(errs[0][5]).split("^")[0])

    def answer(self, given):
        """`given`: a text to be sent by python3-hl7, or bytes for the socket, with their frame."""
        if isinstance(given, bytes):
            answers = [m.decode(errors="replace") for m in self.raw(given)]
            got = tuple(self.read(hl7.parse(a)) for a in answers)
            return got[0] if len(got) == 1 else got, "\n".join(answers).encode()
        answer = clinic.send(self.agency.mllp_port, given)
        control = given.split("\r")[0].split("|")[9] if given.startswith("MSH|^~\\&|") else None
        return self.read(answer, control), str(answer).encode()

    def good(self, number):
        answer = clinic.send(self.agency.mllp_port, self.build(number))
        return str(answer.segment("MSA")[1]) == "AA", str(answer).encode()


class Folder:
    """A watched folder: a file in, its result beside it, the file in `done` or `bad`."""

    def __init__(self, agency):
        self.agency, self.n = agency, 0

    def drop(self, data, suffix):
        """(result's bytes, "done" or "bad")."""
        self.n += 1
        name = f"{self.name}-{self.n}{suffix}"
        inbox = self.agency.folder("in")
        part = inbox / f".{name}.part"
        part.write_bytes(data)
        part.rename(inbox / name)
        place = wait_for(f"{name} to be put away", lambda: next(
            (p for p in ("done", "bad") if (self.agency.folder(p) / name).exists()), None), 30, 0.02)
        return next(self.agency.folder("out").glob(f"{name}.result.*")).read_bytes(), place


class JsonFolder(Folder):
    """A row's answer: (folder, NSK code, where)."""
    name = "json-file"

    def __init__(self, agency, to):
        super().__init__(agency)
        self.to = to

    def answer(self, given):
        text, place = self.drop(bytes_of(given), ".json")
        p = json.loads(text)
        return (place, p.get("code"), p.get("where")), text

    def good(self, number):
        text, place = self.drop(bytes_of(referral(number, self.to)), ".json")
        return place == "done" and json.loads(text)["state"] == "queued", text


class CsvFolder(Folder):
    """A row's answer: (folder, (result, field, NSK code) of each line). A file is bytes, or a text for windows-1251."""
    name = "csv"

    def __init__(self, agency, build):
        super().__init__(agency)
        self.build = build

    def results(self, data):
        text, place = self.drop(data if isinstance(data, bytes) else data.encode("cp1251"), ".csv")
        try:
            shown = text.decode("utf-8-sig")
        except UnicodeDecodeError:
            shown = text.decode("cp1251")
        rows = list(csv.DictReader(io.StringIO(shown, newline=""), delimiter=next(d for d in ";\t," if d in shown.split("\n")[0])))
        return place, [(r["result"], r["field"], r["message"].split(" ")[0] if r["result"] == "refused" else "") for r in rows], shown

    def answer(self, given):
        place, rows, shown = self.results(given)
        return (place, *rows), shown.encode()

    def good(self, number):
        place, rows, shown = self.results(self.build(number))
        return place == "done" and [r[0] for r in rows] == ["accepted"], shown.encode()

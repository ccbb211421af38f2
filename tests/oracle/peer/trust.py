# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 2 (notes), 6 (directory and key sheets) and 8.3 (checkpoints)."""
import base64
import binascii
import re

from . import wire
from .prim import (EXPIRED, FORMAT, QUORUM, SIGNATURE, TOO_BIG, UNKNOWN_AGENCY, UNKNOWN_KEY, Refused, is_signed, key_id, must,
                   sha256, tag)

AGENCY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
YEAR_MS = 366 * 86400 * 1000
SIGNATURE_LINE = re.compile("\u2014 ([^ +]+) ([A-Za-z0-9+/]+={0,2})")


def key_hash(name, public):
    return sha256(name.encode() + b"\n\1" + public)[:4]


def verifier(name, public):
    """The key in one line, as C2SP writes it."""
    return f"{name}+{key_hash(name, public).hex()}+{base64.b64encode(bytes([1]) + public).decode()}"


def read_verifier(line):
    name, digest, data = line.split("+", 2)
    data = base64.b64decode(data, validate=True)
    if len(data) != 33 or data[0] != 1 or key_hash(name, data[1:]).hex() != digest:
        raise ValueError("this is no verifier key")
    return name, data[1:]


def sign_note(text, name, key):
    """One signature line."""
    return f"\u2014 {name} {base64.b64encode(key_hash(name, key.public) + key.sign_raw(text.encode())).decode()}\n"


def open_note(data, known):
    """(text, names of the known keys that signed it). `known` is a list of (name, public key)."""
    must(len(data) <= 1 << 20, TOO_BIG, "the note is too long")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(FORMAT, "the note is not UTF-8") from None
    must(not any(ord(c) < 32 and c != "\n" for c in whole), FORMAT, "a control character in the note")
    at = whole.rfind("\n\n")
    must(at > 0 and whole.endswith("\n"), FORMAT, "the note has no signatures")
    text, lines = whole[:at + 1], whole[at + 2:].split("\n")[:-1]
    must(1 <= len(lines) <= 64, FORMAT, "the number of signatures")
    signed = []
    for line in lines:
        m = SIGNATURE_LINE.fullmatch(line)
        must(m, FORMAT, "a signature line")
        try:
            blob = base64.b64decode(m[2], validate=True)
        except binascii.Error:
            raise Refused(FORMAT, "the base64 of a signature") from None
        must(base64.b64encode(blob).decode() == m[2] and len(blob) >= 5, FORMAT, "the base64 of a signature")
        for name, public in known:
            if name == m[1] and blob[:4] == key_hash(name, public):
                must(is_signed(public, blob[4:], text.encode()), SIGNATURE, f"the signature of {name}")
                signed.append((name, public))
    return text, signed


def open_checkpoint(data, origin, log_key):
    """(size, root) of a checkpoint that the log signed."""
    text, signed = open_note(data, [(origin, log_key)])
    must(signed, QUORUM, "the log has not signed the checkpoint")
    lines = text.split("\n")
    must(len(lines) >= 4 and lines[0] == origin and re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]), FORMAT, "checkpoint")
    try:
        value = base64.b64decode(lines[2], validate=True)
    except binascii.Error:
        raise Refused(FORMAT, "the checkpoint's root") from None
    must(len(value) == 32 and base64.b64encode(value).decode() == lines[2], FORMAT, "the checkpoint's root")
    return int(lines[1]), value


def directory_text(version, data):
    text = base64.b64encode(data).decode()
    lines = [text[i:i + 76] for i in range(0, len(text), 76)]
    return f"nasoka directory v1\nversion {version}\n" + "".join(line + "\n" for line in lines)


def read_trust(text):
    """(threshold, [(name, key)]) of a trust file."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return int(lines[0].split()[1]), [read_verifier(line) for line in lines[1:]]


class Book:
    """A directory that was opened, and the key sheets that belong to it."""

    def __init__(self, data):
        self.bytes, self.hash = data, sha256(data)
        self.d = wire.decode_canonical("Directory", data)
        self.agencies = {a.id: a for a in self.d.agencies}
        self.sheets = {}
        self._check()

    def _check(self):
        d = self.d

        def good(condition, what):
            must(condition, FORMAT, f"directory: {what}")
        good(d.version >= 1 and 0 < d.valid_until_ms - d.valid_from_ms <= YEAR_MS, "version or dates")
        for key in (d.log_key, d.notice_key, d.curve_key):
            good(len(key) == 32 and any(key), "a key of the hub")
        ids = [a.id for a in d.agencies]
        good(len(ids) <= 4096 and ids == sorted(set(ids), key=str.encode), "agencies in order")
        for a in d.agencies:
            good(AGENCY.fullmatch(a.id) and a.id != "hub" and len(a.signing_key) == 32 and any(a.signing_key), f"agency {a.id}")
            good(CODE.fullmatch(a.kind) and CODE.fullmatch(a.municipality) and all(map(CODE.fullmatch, a.services)), a.id)
            for rule in a.may_send:
                good(rule == "*" or rule in self.agencies or rule.startswith("kind:") and CODE.fullmatch(rule[5:]), rule)
        towns = [c.municipality for c in d.coordinators]
        good(towns == sorted(set(towns), key=str.encode) and all(c.agency in self.agencies for c in d.coordinators), "coordinators")
        good(2 <= d.threshold <= len(d.auditors) <= 64, "auditors")
        good(1 <= d.registrar_threshold <= len(d.registrars) <= 32, "registrars")
        for things in (d.auditors, d.registrars):
            good(all(len(t.key) == 32 and any(t.key) for t in things), "a key")
            good(len({t.name for t in things}) == len(things) == len({t.key for t in things}), "unique names and keys")
        good(len({a.signing_key for a in d.agencies}) == len(ids), "each its own signing key")

    @staticmethod
    def open(note, threshold, registrars, newest=0, now_ms=None):
        """The directory of a note signed by enough registrars trusted so far, and by enough of its own."""
        text, signed = open_note(note, registrars)
        lines = text.split("\n")
        must(lines[0] == "nasoka directory v1" and len(lines) > 3, FORMAT, "not a directory")
        try:
            data = base64.b64decode("".join(lines[2:]), validate=True)
        except binascii.Error:
            raise Refused(FORMAT, "the directory's base64") from None
        book = Book(data)
        must(text == directory_text(book.d.version, data), FORMAT, "the text is not the one of its content")
        must(len(set(signed)) >= threshold, QUORUM, "too few registrars trusted so far")
        _, own = open_note(note, [(r.name, r.key) for r in book.d.registrars])
        must(len(set(own)) >= book.d.registrar_threshold, QUORUM, "too few of the registrars that it names")
        must(book.d.version >= newest, 1108, "an older directory")
        must(now_ms is None or now_ms < book.d.valid_until_ms, EXPIRED, "the directory has expired")
        return book

    def add_sheet(self, data):
        """Take a signed key sheet, unless a newer one is here."""
        sheet = open_sheet(data, self)
        have = self.sheets.get(sheet.agency)
        if have is None or have.version <= sheet.version:
            self.sheets[sheet.agency] = sheet
        return sheet

    def sealing_key(self, agency, wanted=None):
        """The newest sealing key of an agency, or the one of that id; Refused if there is none."""
        must(agency in self.agencies, UNKNOWN_AGENCY, f"{agency} is not in the directory")
        must(agency in self.sheets, UNKNOWN_KEY, f"no key sheet of {agency}")
        for k in self.sheets[agency].sealing:
            if wanted is None or key_id("sealing", k.key) == wanted:
                return k.key
        raise Refused(UNKNOWN_KEY, f"{agency} has no such sealing key")


def open_sheet(data, book):
    must(len(data) <= 2048, TOO_BIG, "the key sheet is too long")
    signed = wire.decode_canonical("SignedSheet", data)
    sheet = wire.decode_canonical("Sheet", signed.sheet)
    must(sheet.agency in book.agencies, UNKNOWN_AGENCY, "a key sheet of nobody")
    must(sheet.version >= 1 and 1 <= len(sheet.sealing) <= 4, FORMAT, "key sheet")
    keys = [k.key for k in sheet.sealing] + [sheet.transport_key, sheet.witness_key]
    must(all(len(k) == 32 and any(k) for k in keys), FORMAT, "a key of the sheet")
    must(is_signed(book.agencies[sheet.agency].signing_key, signed.sig, tag("nasoka/v1/sheet") + signed.sheet), SIGNATURE,
         "the signature of the key sheet")
    return sheet

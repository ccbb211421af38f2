# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 3 and 4: the envelope's form, identity and signature, sealing, and the recipient's recomputation."""
import dataclasses
import os
import time

from . import announce, record, tree, wire
from .prim import (CANNOT_OPEN, FORMAT, INCONSISTENT, SIGNATURE, TOO_BIG, UNKNOWN_AGENCY, UNKNOWN_KEY, VERSION, Refused, close, h,
                   is_signed, kdf, key_id, make_box, must, open_box, string, tag, u32, u64, unclose)
from .trust import AGENCY

DATA, RECEIPT, NOTICE, ANNOUNCE = 1, 2, 3, 4
STORED, DELIVERED, REGISTERED, SEEN, REFUSED_STAGE, WITHDRAWN, RESEAL = 1, 2, 3, 4, 5, 6, 7
PADDED = [1024 << 2 * i for i in range(6)]
HEADER_MAX, BODY_MAX, BOX_MAX, CAPSULE, BATCH_MAX = 65536, 1048592, 512, 272, 1024
RECEIPT_BODY_MAX, NOTICE_BODY_MAX = 4112, 512


def env_hash(header, body):
    return h(tag("nasoka/v1/envelope") + h(header) + h(body))


def hash_of(data):
    """The env_hash of an envelope's bytes; None if they are none."""
    try:
        e = wire.decode("Envelope", data)
    except Refused:
        return None
    return env_hash(e.header, e.body)


def commitment(cek):
    return h(tag("nasoka/v1/commit"), key=cek)


def head(sender, id, commit, addressee):
    return string(sender) + id + commit + string(addressee)


def share_hash(x, share):
    return h(tag("nasoka/v1/share") + u32(x) + share)


# -- shares --

_EXP = [1]
for _ in range(254):
    _next = _EXP[-1] << 1
    _EXP.append(_next ^ 0x11d if _next & 256 else _next)
_LOG = {value: i for i, value in enumerate(_EXP)}


def gf_mul(a, b):
    return _EXP[(_LOG[a] + _LOG[b]) % 255] if a and b else 0


def gf_div(a, b):
    return _EXP[(_LOG[a] - _LOG[b]) % 255] if a else 0


def split(cek, n, k):
    """The n shares, any k of which give the CEK back."""
    blocks = [kdf(cek, "nskShar_", j) for j in range(1, k)] + [cek]
    shares = []
    for x in range(1, n + 1):
        value = bytes(32)
        for block in blocks:
            value = bytes(gf_mul(v, x) ^ c for v, c in zip(value, block))
        shares.append(value)
    return shares


def combine(shares):
    """The value at 0 of {x: share}."""
    out = bytearray(32)
    for x, share in shares.items():
        weight = 1
        for other in shares:
            if other != x:
                weight = gf_mul(weight, gf_div(other, other ^ x))
        for i, value in enumerate(share):
            out[i] ^= gf_mul(value, weight)
    return bytes(out)


# -- form --

ID, HASH, KEY_ID = 16, 32, 8
SIZES = {"id": ID, "thread": ID, "in_reply_to": ID, "supersedes": ID, "received": HASH, "signing_key": KEY_ID, "commit": HASH}
# What each must (M), may (m) or must never (-) carry: DATA, RECEIPT, NOTICE, ANNOUNCE, withdrawal. By count or truth.
PRESENCE = {
    "id": "MMMMM", "thread": "MMm-M", "seq": "M---M", "basis": "m----", "registered_by_ms": "m----", "respond_by_ms": "m----",
    "expires_ms": "m----", "in_reply_to": "mMm-M", "supersedes": "m----", "closes": "m----", "stage": "-M--M", "received": "-M--M",
    "refusal": "-m---", "wraps": "Mm---", "commit": "Mm---", "capsule": "M----", "shares": "M----", "attachments": "m----",
    "created_ms": "MMMMM", "directory_version": "MMMMM", "signing_key": "MMMMM", "priority": "MMMMM",
}


def is_withdrawal(p):
    return p.msg_class == RECEIPT and p.stage == WITHDRAWN


def _bytes(value, size, what):
    must(len(value) == size and any(value), FORMAT, what)


def check_form(e):
    """The table of PROTOCOL.md 3.2; the decoded header."""
    must(len(e.header) <= HEADER_MAX and len(e.body) <= BODY_MAX, TOO_BIG, "the envelope")
    head_ = wire.decode_canonical("Header", e.header)
    must(head_.version == 1, VERSION, "version")
    must(DATA <= head_.msg_class <= ANNOUNCE, FORMAT, "class")
    must(head_.msg_class != RECEIPT or len(e.body) <= RECEIPT_BODY_MAX, TOO_BIG, "the receipt")
    for name, rules in PRESENCE.items():
        value, rule = getattr(head_, name), rules[4 if is_withdrawal(head_) else head_.msg_class - 1]
        must(rule != "M" or value, FORMAT, f"{name} is missing")
        must(rule != "-" or not value, FORMAT, f"{name} is not for this class")
        if value and name in SIZES:
            _bytes(value, SIZES[name], name)
    must(head_.created_ms > 0 and min(head_.registered_by_ms, head_.respond_by_ms, head_.expires_ms) >= 0, FORMAT, "times")
    must(head_.id[6] >> 4 == 7 and head_.id[8] >> 6 == 2, FORMAT, "id is no UUIDv7")
    must(1 <= head_.priority <= 3, FORMAT, "priority")
    _check_parties(head_)
    _check_parts(head_, e)
    return head_


def _check_parties(p):
    must(AGENCY.fullmatch(p.__getattribute__("from")), FORMAT, "from")
    must((getattr(p, "from") == "hub") == (p.msg_class == NOTICE), FORMAT, "hub as sender")
    least, most = {DATA: (1, 16), RECEIPT: (1, 16 if is_withdrawal(p) else 1), NOTICE: (1, 16), ANNOUNCE: (0, 0)}[p.msg_class]
    must(least <= len(p.to) <= most, FORMAT, "number of recipients")
    must(all(AGENCY.fullmatch(t) and t != "hub" for t in p.to), FORMAT, "to")
    must(len(set(p.to) | {getattr(p, "from")}) == len(p.to) + 1, FORMAT, "a party twice")
    named = [b.agency for b in p.basis]
    must(len(set(named)) == len(named) and set(named) <= set(p.to) and all(b.seq for b in p.basis), FORMAT, "basis")
    must(len(set(p.closes)) == len(p.closes) <= 16, FORMAT, "closes")
    for c in p.closes:
        _bytes(c, ID, "closes")


def _check_parts(p, e):
    if p.msg_class == DATA:
        must([w.agency for w in p.wraps] == list(p.to), FORMAT, "wraps are not those of `to`")
        must(len(p.capsule) == CAPSULE, FORMAT, "capsule")
        must(2 <= len(p.shares) <= 64 and [s.auditor for s in p.shares] == list(range(1, len(p.shares) + 1)), FORMAT, "shares")
    if p.msg_class == RECEIPT:
        must(2 <= p.stage <= 7 and 0 <= p.refusal <= 2 and (p.stage == REFUSED_STAGE) == bool(p.refusal), FORMAT, "stage")
        must(len(p.wraps) <= 1 and bool(p.commit) == bool(p.wraps) == bool(e.body), FORMAT, "a receipt's detail")
        must(all(w.agency == p.to[0] for w in p.wraps), FORMAT, "the wrap is not for the sender")
    else:
        must(e.body, FORMAT, "no body")
    for part in (*p.wraps, *p.shares):
        _bytes(part.key, KEY_ID, "key id")
        must(1 <= len(part.box) <= BOX_MAX, FORMAT, "box")
    for s in p.shares:
        _bytes(s.hash, HASH, "share hash")
    must(len(p.attachments) <= 16, FORMAT, "attachments")
    s = e.signature
    _bytes(s.key, KEY_ID, "key id of the signature")
    _bytes(s.sig, 64, "signature")
    must(s.key == p.signing_key and 1 <= s.size <= BATCH_MAX and s.index < s.size, FORMAT, "signature")
    must(len(s.path) == 32 * tree.path_length(s.index, s.size), FORMAT, "the path is not one of that place")


def check_notice(p, body):
    """The body of a NOTICE (PROTOCOL.md 3.4) under its header."""
    must(len(body) <= NOTICE_BODY_MAX, TOO_BIG, "the notice")
    n = wire.decode_canonical("Notice", body)
    sender = getattr(n, "from")
    must(1 <= n.fact <= 5 and 1 <= n.priority <= 3 and n.stages & ~0x7e == 0, FORMAT, "fact, priority or stages")
    for value, size, what in ((n.about, ID, "about"), (n.env_hash, HASH, "env_hash"), (n.thread, ID, "thread")):
        _bytes(value, size, what)
    must(all(AGENCY.fullmatch(x) and x != "hub" for x in (sender, n.to)) and sender != n.to, FORMAT, "the parties")
    must(min(n.submitted_ms, n.due_ms, n.at_ms) > 0, FORMAT, "the times")
    must((p.in_reply_to, p.thread, p.priority) == (n.about, n.thread, n.priority) and n.at_ms == p.created_ms, INCONSISTENT,
         "the notice is not its header's")
    return n


def check_signature(e, p, book):
    sender = getattr(p, "from")
    if p.msg_class == NOTICE:
        use, public = "notice", book.d.notice_key
    else:
        must(sender in book.agencies, UNKNOWN_AGENCY, sender)
        use, public = "signing", book.agencies[sender].signing_key
    must(p.signing_key == key_id(use, public), UNKNOWN_KEY, "the signing key")
    top = tree.root_of_path(tree.leaf_hash(env_hash(e.header, e.body)), e.signature.index, e.signature.size,
                            tree.hashes_of(e.signature.path))
    must(is_signed(public, e.signature.sig, tag("nasoka/v1/batch") + u32(e.signature.size) + top), SIGNATURE,
         "the signature")


# -- sealing --

def pad(data):
    size = next((n for n in PADDED if n > len(data)), None)
    must(size is not None, TOO_BIG, "the record")
    return data + b"\x80" + bytes(size - len(data) - 1)


def unpad(data):
    text = data.rstrip(b"\0")
    must(text.endswith(b"\x80") and pad(text[:-1]) == data, INCONSISTENT, "the padding")
    return text[:-1]


def uuid7(now_ms):
    raw = bytearray(now_ms.to_bytes(6, "big") + os.urandom(10))
    raw[6], raw[8] = raw[6] & 15 | 0x70, raw[8] & 63 | 0x80
    return bytes(raw)


def now_ms():
    return time.time_ns() // 1_000_000


@dataclasses.dataclass
class Sealing:
    """All that is derived from one CEK for one message; a test may put a wrong part in before the header is made."""
    cek: bytes
    sender: str
    id: bytes

    def __post_init__(self):
        self.commit = commitment(self.cek)
        self.capsule_key = kdf(self.cek, "nskCaps_", 1)

    def wrap(self, i, agency, public, cek=None):
        plain = head(self.sender, self.id, self.commit, agency) + (cek or self.cek)
        return wire.Wrap(agency=agency, key=key_id("sealing", public), box=make_box(kdf(self.cek, "nskWrap_", i + 1), public, plain))

    def share(self, x, share, public):
        plain = head(self.sender, self.id, self.commit, f"#{x}") + self.capsule_key + share
        return wire.Share(auditor=x, key=key_id("auditor", public), hash=share_hash(x, share),
                          box=make_box(kdf(self.cek, "nskAudt_", x), public, plain))

    def shares(self, book):
        values = split(self.cek, len(book.d.auditors), book.d.threshold)
        return [self.share(x, values[x - 1], a.key) for x, a in enumerate(book.d.auditors, 1)]

    def capsule(self, plain):
        return close(self.capsule_key, string(self.sender) + self.id + self.commit, plain)

    def open_capsule(self, box):
        return unclose(self.capsule_key, string(self.sender) + self.id + self.commit, box)

    def body(self, header, padded):
        return close(kdf(self.cek, "nskBody_", 1), header, padded)


def fill(header, sealing, book, r):
    """Put commitment, boxes, shares and capsule of record `r` into a header that has all else."""
    header.commit = sealing.commit
    header.wraps.extend(sealing.wrap(i, t, book.sealing_key(t)) for i, t in enumerate(header.to))
    header.shares.extend(sealing.shares(book))
    header.capsule = sealing.capsule(record.capsule(r))


def sign_batch(parts, key):
    """Envelopes of [(header bytes, body)], under one signature."""
    leaves = [tree.leaf_hash(env_hash(*p)) for p in parts]
    sig = key.sign("nasoka/v1/batch", u32(len(parts)) + tree.root(leaves))
    out = []
    for i, (header, body) in enumerate(parts):
        s = wire.Signature(key=key.id, sig=sig, index=i, size=len(parts), path=b"".join(tree.path(i, leaves)))
        out.append(wire.encode(wire.Envelope(header=header, signature=s, body=body)))
    return out


# -- opening --

@dataclasses.dataclass
class Opened:
    header: object
    env_hash: bytes
    record: object = None
    cek: bytes = b""
    detail: object = None
    notice: object = None
    announce: object = None


def decode(data):
    """(envelope, header) of bytes in the right form."""
    e = wire.decode_canonical("Envelope", data)
    return e, check_form(e)


def open_wrap(p, me, keys):
    """The CEK in one's own wrap. `keys` are one's sealing keys by id."""
    mine = [w for w in p.wraps if w.agency == me]
    must(mine, CANNOT_OPEN, "no wrap for us")
    must(mine[0].key in keys, CANNOT_OPEN, "sealed to a key that is not ours")
    key = keys[mine[0].key]
    plain = open_box(mine[0].box, key.public, key.secret)
    must(plain is not None, CANNOT_OPEN, "the box does not open")
    expected = head(getattr(p, "from"), p.id, p.commit, me)
    must(len(plain) == len(expected) + 32 and plain[:-32] == expected, INCONSISTENT, "the head of the box")
    must(commitment(plain[-32:]) == p.commit, INCONSISTENT, "the commitment")
    return plain[-32:]


def open_body(e, cek):
    padded = unclose(kdf(cek, "nskBody_", 1), e.header, e.body)
    must(padded is not None, INCONSISTENT, "the body does not open")
    return unpad(padded)


def recompute(p, cek, book, r):
    """Make every wrap, share box, share hash and the capsule again."""
    sealing = Sealing(cek, getattr(p, "from"), p.id)
    for i, w in enumerate(p.wraps):
        must(w == sealing.wrap(i, w.agency, book.sealing_key(w.agency, w.key)), INCONSISTENT, f"the wrap of {w.agency}")
    shares = sealing.shares(book)
    must(len(shares) == len(p.shares), INCONSISTENT, "the auditors are not the directory's")
    for ours, theirs in zip(shares, p.shares):
        must(ours == theirs, INCONSISTENT, f"the share of auditor {ours.auditor}")
    must(sealing.capsule(record.capsule(r)) == p.capsule, INCONSISTENT, "the capsule is not of this record")


def read_detail(data):
    """(error number, time, case number, text) of a receipt's detail."""
    must(len(data) >= 21 and data[0] == 1, FORMAT, "detail")
    n = int.from_bytes(data[13:17], "big")
    must(n <= 64 and len(data) >= 21 + n, FORMAT, "case number")
    m = int.from_bytes(data[17 + n:21 + n], "big")
    must(m <= 512 and len(data) == 21 + n + m, FORMAT, "text")
    try:
        return (int.from_bytes(data[1:5], "big"), int.from_bytes(data[5:13], "big"), data[17:17 + n].decode(),
                data[21 + n:].decode())
    except UnicodeDecodeError:
        raise Refused(FORMAT, "detail is not UTF-8") from None


def write_detail(code, at_ms, case_no, text):
    case_no, text = case_no.encode(), text.encode()
    return bytes([1]) + u32(code) + u64(at_ms) + u32(len(case_no)) + case_no + u32(len(text)) + text


def open_envelope(data, me, keys, book):
    """PROTOCOL.md 4.8, steps 1 and 3 to 8, for any class; Refused with the number to answer with."""
    e, p = decode(data)
    must(p.directory_version == book.d.version, UNKNOWN_KEY, "another directory version")
    must(not p.to or me in p.to, FORMAT, "not for us")
    check_signature(e, p, book)
    opened = Opened(p, env_hash(e.header, e.body))
    if p.msg_class == DATA or p.wraps:
        opened.cek = open_wrap(p, me, keys)
        plain = open_body(e, opened.cek)
        if p.msg_class == DATA:
            opened.record = record.decode(plain)
            record.check_header(p, opened.record)
            recompute(p, opened.cek, book, opened.record)
        else:
            opened.detail = read_detail(plain)
            sealing = Sealing(opened.cek, getattr(p, "from"), p.id)
            must(p.wraps[0] == sealing.wrap(0, me, keys[p.wraps[0].key].public), INCONSISTENT, "the wrap")
    if p.msg_class == NOTICE:
        opened.notice = check_notice(p, e.body)
    if p.msg_class == ANNOUNCE:
        opened.announce = announce.check(p, e.body)
    return opened


def audit(p, x, key):
    """What auditor x can read alone: (capsule's plain bytes, share)."""
    share = p.shares[x - 1]
    must(share.key == key.id, CANNOT_OPEN, "sealed to another auditor's key")
    plain = open_box(share.box, key.public, key.secret)
    must(plain is not None, CANNOT_OPEN, "the box does not open")
    expected = head(getattr(p, "from"), p.id, p.commit, f"#{x}")
    must(len(plain) == len(expected) + 64 and plain[:-64] == expected, INCONSISTENT, "the head of the box")
    capsule_key, value = plain[-64:-32], plain[-32:]
    must(share_hash(x, value) == share.hash, INCONSISTENT, "the share's hash")
    plain = unclose(capsule_key, string(getattr(p, "from")) + p.id + p.commit, p.capsule)
    must(plain is not None, CANNOT_OPEN, "the capsule")
    return plain, value

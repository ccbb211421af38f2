# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 9.5: a statement, made as a hub makes it and verified as an adapter does."""
import os

from . import tree, wire
from .prim import FORMAT, INCONSISTENT, SIGNATURE, h, is_signed, must, sha256, tag

TAG = "nasoka/v1/statement"
SUPERSEDED, CLOSED, HALF_TIME, LATE, NO_ANSWER, EXPIRING, EXPIRED = 0x100, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000


def chain(digest, row):
    return h(tag("nasoka/v1/row") + digest + h(row))


class Row:
    """A verified row: what it says, and what the detail of its leaf says."""

    def __init__(self, row, detail):
        self.leaf, self.priority, self.stages = row.leaf, row.priority, dict(zip(detail.to, row.stages))
        self.registered_by_ms, self.respond_by_ms, self.expires_ms = row.registered_by_ms, row.respond_by_ms, row.expires_ms
        self.id, self.env_hash, self.sender, self.to = detail.id, detail.env_hash, getattr(detail, "from"), list(detail.to)
        self.thread, self.seq = detail.thread, detail.thread_seq


class Statement:
    """The pages of one question. Refused with the number that PROTOCOL.md gives; then nothing of it counts."""

    def __init__(self, agency, since, notice_key, ask=None):
        self.agency, self.since, self.notice_key = agency, since, notice_key
        self.ask = ask or os.urandom(16)
        self.rows, self.after, self.digest, self.head = [], 0, bytes(32), None

    def take(self, page, size, root):
        must((page.ask, page.after) == (self.ask, self.after), FORMAT, "an answer to something else")
        must(len(page.items) <= 1024 and (page.items or page.head), FORMAT, "an empty page")
        must(bool(page.head) == bool(page.sig) and len(page.sig) in (0, 64), FORMAT, "a signature exactly with a head")
        for i in page.items:
            self._row(i, size, root)
        if page.head:
            self._head(page, size, root)

    def _row(self, i, size, root):
        row = wire.decode_canonical("StatementRow", i.row)
        must(len(i.row) <= 256 and 1 <= row.priority <= 3 and 1 <= len(row.stages) <= 16 and max(row.stages) <= 0xffff and
             min(row.registered_by_ms, row.respond_by_ms, row.expires_ms) >= 0, FORMAT, "the row")
        must(len(i.leaf) == 64 and len(i.salt) == 16 and i.leaf[:4] == b"NSKL", FORMAT, "the leaf")
        d = wire.decode_canonical("Detail", i.detail)
        must(i.leaf[4] == 1 and int.from_bytes(i.leaf[8:16], "big") == row.leaf, INCONSISTENT, "not the submit of the row")
        must(i.leaf[32:] == sha256(i.salt + i.detail), INCONSISTENT, "the detail's hash")
        proof = tree.hashes_of(i.path)
        must(proof is not None and tree.root_of_path(tree.leaf_hash(i.leaf), row.leaf, size, proof) == root, INCONSISTENT,
             "the inclusion proof")
        must(len(row.stages) == len(d.to), INCONSISTENT, "as many stages as recipients")
        if getattr(d, "from") != self.agency:
            must(self.agency in d.to and all(t == self.agency or not s for t, s in zip(d.to, row.stages)), INCONSISTENT,
                 "what is another's")
        must(not self.rows or row.leaf > self.after, INCONSISTENT, "out of order")
        self.after, self.digest = row.leaf, chain(self.digest, i.row)
        self.rows.append(Row(row, d))

    def _head(self, page, size, root):
        must(len(page.head) <= 256 and is_signed(self.notice_key, page.sig, tag(TAG) + page.head), SIGNATURE, "the head")
        head = wire.decode_canonical("StatementHead", page.head)
        must(head.at_ms > 0, FORMAT, "the head's time")
        must((head.ask, head.agency, head.since) == (self.ask, self.agency, self.since), INCONSISTENT, "another statement's head")
        must((head.size, head.root) == (size, root), INCONSISTENT, "another checkpoint's head")
        must((head.rows, head.digest) == (len(self.rows), self.digest if self.rows else b""), INCONSISTENT, "other rows than came")
        self.head = head


def seal(page, agency, at_ms, since, size, root, rows, key):
    """Head and signature into a page, `rows` being the bytes of all rows of the statement."""
    rows, digest = list(rows), bytes(32)
    for row in rows:
        digest = chain(digest, row)
    page.head = wire.encode(wire.StatementHead(ask=page.ask, agency=agency, at_ms=at_ms, since=since, size=size, root=root,
                                               rows=len(rows), digest=digest if rows else b""))
    page.sig = key.sign(TAG, page.head)

# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 5 and 9: an agency's adapter at the hub. Everything the hub says is verified before it counts."""
import os
import time

import zmq

from . import envelope, record, statement, tree, trust, wire
from .prim import CONFLICT, Key, Refused, must, sha256

LEAF_SUBMIT = 1
CREDIT_MESSAGES, CREDIT_BYTES = 1000, 64 << 20
RESERVE_PART = 10          # of the credit: for EMERGENCY
GREET_AGAIN_S = 3


class Broken(Exception):
    """The hub said what cannot be verified: the session is over."""


def true(condition, text):
    if not condition:
        raise Broken(text)


class Log:
    """What an adapter knows of the hub's log: the checkpoint it verified last. Outlives a session."""

    def __init__(self):
        self.size, self.root = 0, b""

    def take(self, size, root):
        true(size != self.size or root == self.root, "two roots of one size")
        true(size >= self.size, "the log became shorter")
        self.size, self.root = size, root


class Session:
    """`book` and `log` are kept by the caller from one session to the next."""

    def __init__(self, agency, keys_dir, endpoint, book, trusted, log, directory_version=None):
        self.agency, self.book, self.trusted, self.log = agency, book, trusted, log
        self.keys = {use: Key.load(f"{keys_dir}/{use}.key") for use in ("signing", "sealing", "transport")}
        self.sealing = {self.keys["sealing"].id: self.keys["sealing"]}
        with open(f"{keys_dir}/{agency}.sheet", "rb") as f:
            self.sheet = f.read()
        self.version = book.d.version if directory_version is None else directory_version
        self.accepted, self.refused, self.delivered, self.broken, self.pages = {}, [], [], [], []
        self.sheets_seen = self.epoch = 0
        self.credit = wire.Credit()
        self.sent = [0, 0]
        self.taken = [0, 0]
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.CURVE_SERVERKEY, book.d.curve_key)
        self.socket.setsockopt(zmq.CURVE_PUBLICKEY, self.keys["transport"].public)
        self.socket.setsockopt(zmq.CURVE_SECRETKEY, self.keys["transport"].secret)
        self.socket.connect(endpoint)
        self.kept = set()
        self.announced_seen, self.services = 0, {}

    def close(self):
        self.socket.close()
        self.context.term()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- frames out --

    def send(self, **kind):
        self.socket.send(wire.encode(wire.Frame(epoch=self.epoch, **kind)))

    def hello(self, seconds=30, pin=None):
        """Begin a session: the WELCOME, its consistency with the pin verified, and what is new of directory and sheets.
        Greets again every few seconds, as an adapter does: another connection of the same key may have taken the session."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self._hello(min(GREET_AGAIN_S, seconds), pin)
            except TimeoutError:
                if time.monotonic() + GREET_AGAIN_S > end:
                    raise

    def _hello(self, seconds, pin):
        self.epoch, self.nonce = 0, os.urandom(16)
        size, root = (self.log.size, self.log.root) if pin is None else pin
        self.pin = size, root
        self.welcome = self.directory = None
        self.send(hello=wire.Hello(agency=self.agency, session=self.nonce, pin_size=size, pin_root=root,
                                   directory_version=self.version, sheets_seen=self.sheets_seen, software="oracle 1",
                                   announced_seen=self.announced_seen,
                                   credit=wire.Credit(messages=CREDIT_MESSAGES, bytes=CREDIT_BYTES), sheet=self.sheet))
        is_news = self.sheets_seen == 0 or self.version < self.book.d.version
        self.until(lambda: self.welcome and (self.directory or not is_news), "WELCOME and DIRECTORY", seconds)

    def submit(self, *envelopes):
        size = sum(map(len, envelopes))
        self.until(lambda: self.sent[0] + len(envelopes) <= self.credit.messages - self.reserve[0] and
                   (self.sent[1] + size <= self.credit.bytes - self.reserve[1] or not self.sent[0]), "credit")
        self.sent[0] += len(envelopes)
        self.sent[1] += size
        self.kept |= {envelope.hash_of(e) for e in envelopes}
        self.send(submit=wire.Submit(envelopes=envelopes))

    def statement(self, since=0, seconds=15):
        """Where our messages stand by the hub, every page and the whole of it verified: a statement.Statement."""
        got = statement.Statement(self.agency, since, self.book.d.notice_key)
        end = time.monotonic() + seconds
        while not got.head:
            self.pages, after = [], got.after
            self.send(statement_ask=wire.StatementAsk(ask=got.ask, since=since, after=after))
            try:
                self.until(lambda: self.pages, "a page of the statement", 2)
            except TimeoutError:    # begun by us a moment ago: the hub answers no more than one a second
                if time.monotonic() > end:
                    raise
                got = statement.Statement(self.agency, since, self.book.d.notice_key)
                continue
            for page, size, root in self.pages:
                got.take(page, size, root)
        return got

    def take(self, items):
        """These DELIVERed items are durable here: TAKEN, and as much new credit."""
        self.send(taken=wire.Taken(queue_nos=[i.queue_no for i in items]))
        self.taken[0] += len(items)
        self.taken[1] += sum(len(i.envelope) for i in items)
        self.send(credit=wire.Credit(messages=CREDIT_MESSAGES + self.taken[0], bytes=CREDIT_BYTES + self.taken[1]))

    # -- frames in --

    def until(self, probe, what, seconds=15):
        """Read frames until `probe` gives something true; its value."""
        end = time.monotonic() + seconds
        while True:
            value = probe()
            if value:
                return value
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{self.agency} waited {seconds} s for {what}")
            if self.socket.poll(max(1, min(100, left * 1000))):
                self._frame(self.socket.recv_multipart())

    def idle(self, seconds):
        """Read whatever comes for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.socket.poll(50):
                self._frame(self.socket.recv_multipart())

    def _frame(self, parts):
        true(len(parts) == 1 and len(parts[0]) <= 4 << 20, "a frame is one part of at most 4 MiB")
        frame = wire.decode("Frame", parts[0])
        kind = frame.WhichOneof("kind")
        if kind == "welcome":
            return self._welcome(frame.epoch, frame.welcome)
        if not self.epoch or frame.epoch != self.epoch:
            return None
        return getattr(self, "_" + kind)(getattr(frame, kind))

    def _checkpoint(self, note):
        return trust.open_checkpoint(note, self.book.d.origin, self.book.d.log_key)

    def _growth(self, m):
        """The checkpoint of a frame: it continues the one before it in this session, or nothing of the frame counts."""
        size, root = self._checkpoint(m.checkpoint)
        proof = tree.hashes_of(m.path)
        true(m.since == self.shown[0], "a frame before this one is missing")
        true(proof is not None and len(proof) <= 64 and tree.is_consistent(*self.shown, size, root, proof),
             "the log does not continue the one shown before")
        self.shown = size, root
        self.log.take(size, root)
        return size, root

    def _welcome(self, epoch, m):
        if m.session != self.nonce:
            return
        true(epoch > 0, "epoch")
        size, root = self._checkpoint(m.checkpoint)
        proof = tree.hashes_of(m.path)
        true(proof is not None and tree.is_consistent(*self.pin, size, root, proof), "the log is not the one of the pin")
        if self.pin == (self.log.size, self.log.root):
            self.log.take(size, root)
        self.shown = size, root
        self.epoch, self.welcome = epoch, m
        self.reserve = m.credit.messages // RESERVE_PART, m.credit.bytes // RESERVE_PART
        self._credit(m.credit)

    def _credit(self, m):
        true(m.messages >= self.credit.messages and m.bytes >= self.credit.bytes, "credit was taken back")
        self.credit.CopyFrom(m)

    def _directory(self, m):
        if m.note:
            threshold, registrars = self.trusted
            book = trust.Book.open(m.note, threshold, registrars, self.book.d.version, envelope.now_ms())
            book.sheets = self.book.sheets
            self.book, self.version = book, book.d.version
        for s in m.sheets:
            self.book.add_sheet(s)
        true(m.sheets_seen >= self.sheets_seen, "sheets_seen went back")
        self.sheets_seen, self.directory = m.sheets_seen, m

    def _detail(self, data, salt, leaf, seq):
        """The detail behind a leaf that is at place `seq`."""
        true(len(leaf) == 64 and leaf[:4] == b"NSKL" and leaf[6:8] == bytes(2) and len(salt) == 16, "leaf")
        true(int.from_bytes(leaf[8:16], "big") == seq, "the leaf's seq")
        true(leaf[32:] == sha256(salt + data), "the detail's hash")
        d = wire.decode_canonical("Detail", data)
        true(int.from_bytes(leaf[16:24], "big") == d.at_ms // 1000, "the leaf's time")
        return d

    def _accepted(self, m):
        size, root = self._growth(m)
        count = 0
        for run in m.runs:
            proof = tree.hashes_of(run.path)
            count += len(run.items)
            true(run.items and count <= 1024 and proof is not None and
                 tree.is_range(run.begin, [tree.leaf_hash(i.leaf) for i in run.items], size, root, proof), "the range proof")
            for n, i in enumerate(run.items):
                d = self._detail(i.detail, i.salt, i.leaf, run.begin + n)
                true(d.id == i.id and getattr(d, "from") == self.agency and d.env_hash in self.kept, "ACCEPTED of what we did not send")
                self.accepted.setdefault(i.id, []).append((run.begin + n, i.leaf, d))

    def _refused(self, m):
        self.refused.extend(m.items)

    def _statement(self, m):
        self.pages.append((m, *self._growth(m)))

    def _deliver(self, m):
        size, root = self._growth(m)
        self._proven(m.items, size, root)
        self.delivered.extend(m.items)

    def _announced(self, m):
        """The newest of each service; each with its proof, its agency's signature, and by PROTOCOL.md 3.5."""
        size, root = self._growth(m)
        true(m.seen_before == self.announced_seen and m.seen > m.seen_before, "an ANNOUNCED before this one is missing")
        self._proven(m.items, size, root)
        for i in m.items:
            true(i.leaf[4] == 27 and not i.queue_no, "not the leaf of an announcement")
            opened = envelope.open_envelope(i.envelope, self.agency, {}, self.book)
            a = opened.announce
            true(wire.Detail.FromString(i.detail).text == a.service_id, "the service of the leaf")
            self.services[a.agency, a.service_id] = a
        true(int.from_bytes(m.items[-1].leaf[8:16], "big") + 1 == m.seen, "seen")
        self.announced_seen = m.seen

    def _proven(self, items, size, root):
        for i in items:
            e = wire.Envelope.FromString(i.envelope)
            p = wire.Header.FromString(e.header)
            seq = int.from_bytes(i.leaf[8:16], "big")
            d = self._detail(i.detail, i.salt, i.leaf, seq)
            proof = tree.hashes_of(i.path)
            true(proof is not None and tree.root_of_path(tree.leaf_hash(i.leaf), seq, size, proof) == root, "the inclusion proof")
            true(d.id == p.id and d.env_hash == envelope.env_hash(e.header, e.body) and
                 getattr(d, "from") == getattr(p, "from"), "the leaf is of another envelope")


class Adapter:
    """A session, and an agency's inbox and outbox in memory: it opens, answers with receipts, and seals."""

    def __init__(self, session):
        self.s = session
        self.inbox, self.receipts, self.notices, self.bad = {}, [], [], []
        self.done = 0
        self.stored = {}
        self.seq = {}
        self.threads = record.Threads(session.agency)

    # -- out --

    def header(self, to, thread, **more):
        more.setdefault("msg_class", envelope.DATA)
        more.setdefault("priority", 1)
        more.setdefault("id", envelope.uuid7(envelope.now_ms()))
        more.setdefault("directory_version", self.s.book.d.version)
        if more["msg_class"] == envelope.DATA and "seq" not in more:
            more["seq"] = self.seq.get(thread, 0) + 1
        sender = more.pop("sender", self.s.agency)
        p = wire.Header(version=1, to=to, thread=thread, created_ms=envelope.now_ms(), signing_key=self.s.keys["signing"].id, **more)
        setattr(p, "from", sender)
        return p

    def sign(self, *parts):
        return envelope.sign_batch(parts, self.s.keys["signing"])

    def seal(self, p, r, change=None, padded=None, signed=True):
        """An envelope of record `r` under header `p`. `change(p, sealing)` may spoil the header before the body is sealed."""
        sealing = envelope.Sealing(os.urandom(32), getattr(p, "from"), p.id)
        envelope.fill(p, sealing, self.s.book, r)
        if change:
            change(p, sealing)
        header = wire.encode(p)
        part = header, sealing.body(header, envelope.pad(record.encode(r)) if padded is None else padded)
        return self.sign(part)[0] if signed else part

    def send(self, p, r):
        """Seal, submit, wait for ACCEPTED: its (leaf index, leaf, detail)."""
        data = self.seal(p, r)
        self.s.submit(data)
        self.seq[p.thread] = p.seq
        self.threads.take(p, r)
        return self.s.until(lambda: self.s.accepted.get(p.id), "ACCEPTED")[0]

    def receipt(self, opened, stage, detail=None, refusal=0):
        """Say that a message reached this stage here; with a detail (number, case number, text) it is sealed."""
        m = opened.header
        sender = getattr(m, "from")
        p = self.header([sender], m.thread, msg_class=envelope.RECEIPT, priority=m.priority, in_reply_to=m.id, stage=stage,
                        received=opened.env_hash, refusal=refusal)
        body, header = b"", None
        if detail:
            sealing = envelope.Sealing(os.urandom(32), self.s.agency, p.id)
            p.commit = sealing.commit
            p.wraps.append(sealing.wrap(0, sender, self.s.book.sealing_key(sender)))
            header = wire.encode(p)
            body = sealing.body(header, envelope.pad(envelope.write_detail(detail[0], envelope.now_ms(), *detail[1:])))
        self.s.submit(*self.sign((header or wire.encode(p), body)))
        return self.s.until(lambda: self.s.accepted.get(p.id), f"ACCEPTED of the receipt {stage}")[0]

    # -- in --

    def pump(self):
        """Open what was delivered since the last call; each new message gets its receipt `delivered` after it is kept."""
        items, self.done = self.s.delivered[self.done:], len(self.s.delivered)
        for i in items:
            e, p = envelope.decode(i.envelope)
            digest = envelope.env_hash(e.header, e.body)
            place = getattr(p, "from"), p.id
            if place in self.stored:
                must(self.stored[place] == digest, CONFLICT, "the same id with another content")
                self.s.take([i])
                continue
            try:
                opened = envelope.open_envelope(i.envelope, self.s.agency, self.s.sealing, self.s.book)
                if opened.record:
                    self.threads.take(p, opened.record)
            except Refused as why:
                self.bad.append((p, why))
                self.stored[place] = digest
                self.s.take([i])
                if p.msg_class == envelope.DATA:
                    self.receipt(envelope.Opened(p, digest), envelope.REFUSED_STAGE, (why.code, "", why.text), 1)
                continue
            self.stored[place] = digest
            self.s.take([i])
            if p.msg_class == envelope.RECEIPT:
                self.receipts.append(opened)
            elif p.msg_class == envelope.NOTICE:
                self.notices.append(opened)
            elif p.msg_class == envelope.DATA:
                self.inbox[p.id] = opened
                self.receipt(opened, envelope.DELIVERED)

    def wait(self, probe, what, seconds=15):
        def both():
            self.pump()
            return probe()
        return self.s.until(both, what, seconds)

    def stage(self, id, stage, seconds=15):
        """The receipt of this stage for our message."""
        return self.wait(lambda: next((r for r in self.receipts if r.header.in_reply_to == id and r.header.stage == stage), None),
                         f"stage {stage}", seconds)

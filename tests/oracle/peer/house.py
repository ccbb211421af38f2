# SPDX-License-Identifier: EUPL-1.2
"""A hub that may lie: it has the real hub's keys, a log in memory, and delivers whatever it is told to."""
import base64
import os
import time

import zmq

from . import envelope, statement, tree, trust, wire
from .prim import Key, sha256

LOG_TYPE = {0: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 28}


class House:
    """One adapter at a time. Its frames are answered in `serve`; what it submits is accepted as it is."""

    def __init__(self, endpoint, keys_dir, book, sheets):
        self.book, self.sheets = book, sheets
        self.log_key = Key.load(f"{keys_dir}/log.key")
        transport = Key.load(f"{keys_dir}/transport.key")
        self.hellos, self.taken, self.submitted, self.asks = [], set(), [], []
        self.hashes, self.epoch, self.routing, self.queue_no, self.shown = [], 0, None, 0, 0
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.CURVE_SERVER, 1)
        self.socket.setsockopt(zmq.CURVE_SECRETKEY, transport.secret)
        self.socket.setsockopt(zmq.CURVE_PUBLICKEY, transport.public)
        self.socket.bind(endpoint)
        for _ in range(5):
            self.append(22, wire.Detail(at_ms=envelope.now_ms()))

    def close(self):
        self.socket.close()
        self.context.term()

    # -- the log --

    def append(self, kind, detail, aux=0):
        """(seq, leaf, salt, detail's bytes)."""
        data, salt, seq = wire.encode(detail), os.urandom(16), len(self.hashes)
        leaf = b"NSKL" + bytes([kind, 2, 0, 0]) + b"".join(n.to_bytes(8, "big") for n in (seq, detail.at_ms // 1000, aux))
        leaf += sha256(salt + data)
        self.hashes.append(tree.leaf_hash(leaf))
        return seq, leaf, salt, data

    def checkpoint(self, root=None):
        top = tree.root(self.hashes) if root is None else root
        text = f"{self.book.d.origin}\n{len(self.hashes)}\n{base64.b64encode(top).decode()}\n"
        return (text + "\n" + trust.sign_note(text, self.book.d.origin, self.log_key)).encode()

    def growth(self):
        """Size of the checkpoint shown last in this session, and the way from there to the one of now."""
        since, self.shown = self.shown, len(self.hashes)
        return dict(since=since, path=b"".join(tree.consistency(since, self.hashes)) if 0 < since < self.shown else b"")

    def enter(self, data):
        """A leaf for these bytes, named as they name themselves as far as they can be read."""
        e = wire.Envelope.FromString(data)
        p = wire.Header.FromString(e.header)
        d = wire.Detail(id=p.id, about=p.in_reply_to, env_hash=envelope.env_hash(e.header, e.body), to=p.to, thread=p.thread,
                        thread_seq=p.seq, at_ms=envelope.now_ms(), created_ms=max(p.created_ms, 0))
        setattr(d, "from", getattr(p, "from"))
        return self.append(LOG_TYPE.get(p.stage, 1), d)

    # -- frames --

    def send(self, **kind):
        self.socket.send_multipart([self.routing, wire.encode(wire.Frame(epoch=self.epoch, **kind))])

    def item(self, data, place=None):
        """A DELIVER item of these bytes, all true but what the bytes are."""
        seq, leaf, salt, detail = place or self.enter(data)
        self.queue_no += 1
        return seq, wire.DeliverItem(queue_no=self.queue_no, envelope=data, leaf=leaf, salt=salt, detail=detail)

    def deliver(self, *pairs, checkpoint=None, change=None, growth=None):
        items = []
        for seq, item in pairs:
            item.path = b"".join(tree.path(seq, self.hashes))
            if change:
                change(item)
            items.append(item)
        self.send(deliver=wire.Deliver(checkpoint=checkpoint or self.checkpoint(), items=items, **self.growth() | (growth or {})))
        return [i.queue_no for i in items]

    def state(self, ask, agency, key, *rows, change=None, **more):
        """Answer a question for a statement: rows of (place as of `enter`, StatementRow). `change` spoils the page after it is sealed."""
        page = wire.Statement(ask=ask.ask, after=ask.after)
        for (seq, leaf, salt, detail), row in rows:
            page.items.add(row=wire.encode(row), leaf=leaf, salt=salt, detail=detail, path=b"".join(tree.path(seq, self.hashes)))
        args = dict(agency=agency, at_ms=envelope.now_ms(), since=ask.since, size=len(self.hashes), root=tree.root(self.hashes))
        statement.seal(page, rows=[i.row for i in page.items], key=key, **(args | more))
        if change:
            change(page)
        page.checkpoint = self.checkpoint()
        page.MergeFrom(wire.Statement(**self.growth()))
        self.send(statement=page)

    def serve(self, probe, what, seconds=20):
        end = time.monotonic() + seconds
        while True:
            value = probe()
            if value:
                return value
            if time.monotonic() > end:
                raise TimeoutError(f"the hub waited {seconds} s for {what}")
            if self.socket.poll(50):
                self.frame(*self.socket.recv_multipart())

    def drain(self):
        """All that has come is answered."""
        self.serve(lambda: not self.socket.poll(50), "silence", 5)

    def frame(self, routing, data):
        m = wire.decode("Frame", data)
        kind = m.WhichOneof("kind")
        if kind == "hello":
            if not self.hellos or (routing, m.hello.session) != (self.routing, self.hellos[-1].session):
                self.routing, self.epoch = routing, self.epoch + 1
                self.hellos.append(m.hello)     # a greeting said again is of the session that it began
            self.shown = len(self.hashes)
            old = m.hello.pin_size
            path = b"".join(tree.consistency(old, self.hashes)) if 0 < old < len(self.hashes) else b""
            self.send(welcome=wire.Welcome(session=m.hello.session, checkpoint=self.checkpoint(), path=path, now_ms=envelope.now_ms(),
                                           credit=wire.Credit(messages=1 << 20, bytes=1 << 40)))
            if m.hello.sheets_seen < len(self.sheets):
                self.send(directory=wire.DirectoryUpdate(sheets=self.sheets, sheets_seen=len(self.sheets)))
        elif m.epoch != self.epoch:
            return
        elif kind == "submit":
            for data in m.submit.envelopes:
                e, p = envelope.decode(data)
                envelope.check_signature(e, p, self.book)
                self.submitted.append((data, p))
                seq, leaf, salt, detail = self.enter(data)
                run = wire.Run(begin=seq, path=b"".join(tree.range_proof(seq, seq + 1, self.hashes)))
                run.items.add(id=p.id, leaf=leaf, salt=salt, detail=detail)
                self.send(accepted=wire.Accepted(checkpoint=self.checkpoint(), runs=[run], **self.growth()))
        elif kind == "statement_ask":
            self.asks.append(m.statement_ask)
        elif kind == "taken":
            self.taken |= set(m.taken.queue_nos)

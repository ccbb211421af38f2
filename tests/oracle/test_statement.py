# SPDX-License-Identifier: EUPL-1.2
"""What the hub says of its own accord: statements and notices of the real hub, verified from PROTOCOL.md alone; and a hub that lies."""
import json
import os
import unittest

import stage
from peer import envelope, house, prim, session, statement, wire
from stage import OFFICE, PEER, THIRD


def audited(s, agency):
    """What the auditor's tool makes of the same hub's log, which it verifies first. It reads to the newest checkpoint on the disk,
    which is one commit old at most: the receipts of our own came after what we ask for."""
    config = s.world.hub_dir / "hub.yaml"
    return json.loads(s.world.tool("nasoka-audit", "statement", "--config", config, "--trust", s.world.trust, "--json", agency))


def bit(*stages):
    return sum(1 << s for s in stages)


class Statements(stage.Case):
    def refer(self, number, to=OFFICE, **header):
        p = self.adapter.header([to], os.urandom(16), **header)
        index, _, _ = self.adapter.send(p, stage.referral(number, PEER, to, envelope.now_ms()))
        return p, index

    def row(self, statement_, p):
        rows = [r for r in statement_.rows if r.id == p.id]
        self.assertEqual(len(rows), 1)
        return rows[0]

    def test_every_stage_is_told_to_its_sender(self):
        p, index = self.refer("ST-1", registered_by_ms=envelope.now_ms() + 3600_000, expires_ms=envelope.now_ms() + 7200_000)
        self.adapter.stage(p.id, envelope.DELIVERED)
        row = self.row(self.session.statement(), p)
        self.assertEqual((row.leaf, row.sender, row.to, row.thread, row.seq, row.priority),
                         (index, PEER, [OFFICE], p.thread, 1, p.priority))
        self.assertEqual((row.registered_by_ms, row.respond_by_ms, row.expires_ms),
                         (p.registered_by_ms, p.respond_by_ms, p.expires_ms))
        self.assertEqual(row.stages, {OFFICE: bit(envelope.DELIVERED)})
        self.assertEqual(self.stage.http("POST", "/v1/inbox/ST-1/registered", {"case_no": "1"})[0], 200)
        self.adapter.stage(p.id, envelope.REGISTERED)
        row = self.row(self.session.statement(), p)
        self.assertEqual(row.stages, {OFFICE: bit(envelope.DELIVERED, envelope.REGISTERED)})

    def test_since_leaves_out_what_has_ended_and_nothing_else(self):
        done, _ = self.refer("ST-2")
        waits, _ = self.refer("ST-3")
        self.adapter.stage(waits.id, envelope.DELIVERED)
        self.assertEqual(self.stage.http("POST", "/v1/inbox/ST-2/registered", {"case_no": "2"})[0], 200)
        self.adapter.stage(done.id, envelope.REGISTERED)
        since = self.session.log.size
        newer, _ = self.refer("ST-4")
        ids = {r.id for r in self.session.statement(since).rows}
        self.assertLessEqual({waits.id, newer.id}, ids)
        self.assertNotIn(done.id, ids)

    def test_nobody_is_told_what_is_anothers(self):
        p, _ = self.refer("ST-5")
        other = self.stage.session(THIRD)
        self.addCleanup(other.close)
        got = other.statement()
        self.assertEqual([r for r in got.rows if r.id == p.id], [])
        self.assertTrue(all(r.sender == THIRD or THIRD in r.to for r in got.rows))

    def test_many_pages_are_one_statement(self):
        parts, sent = [], []
        for n in range(150):
            p = self.adapter.header([OFFICE], os.urandom(16))
            parts.append(self.adapter.seal(p, stage.referral(f"ST-P{n}", PEER, OFFICE, envelope.now_ms())))
            sent.append(p.id)
        self.session.submit(*parts)
        self.session.until(lambda: all(id in self.session.accepted for id in sent), "ACCEPTED", 30)
        got = self.session.statement()
        self.assertLessEqual(set(sent), {r.id for r in got.rows})
        self.assertEqual([r.leaf for r in got.rows], sorted({r.leaf for r in got.rows}))
        for r in got.rows:
            if r.id in sent:
                self.assertEqual(r.leaf, self.session.accepted[r.id][0][0])
        self.assertGreater(got.head.rows, 149)

    def test_what_its_sender_takes_back_has_ended(self):
        """Withdrawn before its recipient ever came: told in the statement, delivered there, and found in order by the auditor."""
        p, index = self.refer("ST-6", to=THIRD)
        since = self.session.log.size
        data = self.withdrawal(p, self.session.accepted[p.id][0][2].env_hash)
        self.session.submit(data)
        id = envelope.decode(data)[1].id
        _, leaf, detail = self.session.until(lambda: self.session.accepted.get(id), "ACCEPTED of the withdrawal")[0]
        self.assertEqual((leaf[4], int.from_bytes(leaf[24:32], "big"), detail.about, detail.thread_seq), (6, index, p.id, p.seq))
        self.assertEqual(self.row(self.session.statement(), p).stages, {THIRD: bit(envelope.WITHDRAWN)})
        self.assertNotIn(p.id, {r.id for r in self.session.statement(since).rows})
        again = self.withdrawal(p, detail.env_hash)
        self.session.submit(again)
        refused = self.session.until(lambda: [r for r in self.session.refused if r.id == envelope.decode(again)[1].id], "REFUSED")
        self.assertIn(refused[0].code, (1007, 1106, 1107))
        other = self.stage.session(THIRD)
        self.addCleanup(other.close)
        third = session.Adapter(other)
        third.wait(lambda: [r for r in third.receipts if r.header.in_reply_to == p.id and envelope.is_withdrawal(r.header)],
                   "the withdrawal")
        self.assertNotIn(p.id, third.inbox)
        row = [m for m in audited(self.stage, PEER)["messages"] if m["id"].replace("-", "") == p.id.hex()][0]
        self.assertEqual((row["stages"], row["open"]), (["withdrawn"], False))

    def withdrawal(self, p, env_hash):
        q = self.adapter.header(list(p.to), p.thread, msg_class=envelope.RECEIPT, stage=envelope.WITHDRAWN, seq=p.seq,
                                priority=p.priority, in_reply_to=p.id, received=env_hash)
        return self.adapter.sign((wire.encode(q), b""))[0]

    def test_withdrawn_headers_keep_to_the_table(self):
        """What PROTOCOL.md 3.2 says of a withdrawal, by our own encoder and decoder."""
        p = self.adapter.header([OFFICE, THIRD], os.urandom(16), msg_class=envelope.RECEIPT, stage=envelope.WITHDRAWN, seq=3,
                                in_reply_to=envelope.uuid7(envelope.now_ms()), received=os.urandom(32))
        envelope.decode(self.adapter.sign((wire.encode(p), b""))[0])
        for field, value in (("seq", 0), ("refusal", 1), ("in_reply_to", b""), ("received", b""), ("stage", envelope.SEEN)):
            q = wire.Header()
            q.CopyFrom(p)
            setattr(q, field, value)
            with self.assertRaises(prim.Refused):
                envelope.decode(self.adapter.sign((wire.encode(q), b""))[0])


class Lies(unittest.TestCase):
    """A true statement of three rows, from the real hub; then everything in it that a hub could lie about."""

    @classmethod
    def setUpClass(cls):
        cls.stage = stage.Stage()
        cls.addClassCleanup(cls.stage.stop)
        cls.session = cls.stage.session()
        cls.addClassCleanup(cls.session.close)
        cls.adapter = session.Adapter(cls.session)
        for n in range(3):
            p = cls.adapter.header([OFFICE], os.urandom(16))
            cls.adapter.send(p, stage.referral(f"LIE-{n}", PEER, OFFICE, envelope.now_ms()))
            cls.adapter.stage(p.id, envelope.DELIVERED)
        cls.true = cls.session.statement()
        cls.page, cls.size, cls.root = cls.session.pages[-1]
        cls.key = prim.Key.load(f"{cls.stage.world.hub_dir}/keys/notice.key")

    def verify(self, page, size=None, root=None):
        s = statement.Statement(PEER, 0, self.session.book.d.notice_key, self.true.ask)
        s.take(page, size or self.size, root or self.root)
        return s

    def copy(self):
        page = wire.Statement()
        page.CopyFrom(self.page)
        return page

    def sealed(self, page, key=None, rows=None, **more):
        args = dict(agency=PEER, at_ms=1, since=0, size=self.size, root=self.root) | more
        statement.seal(page, rows=[i.row for i in page.items] if rows is None else rows, key=key or self.key, **args)
        return page

    def refused(self, code, page):
        with self.assertRaises(prim.Refused) as caught:
            self.verify(page)
        self.assertEqual(caught.exception.code, code)

    def changed_row(self, page, n, **more):
        row = wire.StatementRow.FromString(page.items[n].row)
        for name, value in more.items():
            if name == "stages":
                del row.stages[:]
                row.stages.extend(value)
            else:
                setattr(row, name, value)
        page.items[n].row = wire.encode(row)

    def test_the_truth_is_taken_and_can_be_made(self):
        self.assertEqual(len(self.verify(self.copy()).rows), 3)
        self.assertEqual(self.verify(self.sealed(self.copy())).head.rows, 3)

    def test_a_stage_that_was_changed_after_signing(self):
        page = self.copy()
        self.changed_row(page, 1, stages=[bit(envelope.DELIVERED, envelope.REGISTERED)])
        self.refused(1106, page)

    def test_a_row_that_was_dropped_or_told_twice(self):
        for n in range(3):
            page = self.copy()
            del page.items[n]
            self.refused(1106, page)
        page = self.copy()
        page.items.add().CopyFrom(page.items[2])
        self.refused(1106, self.sealed(page))
        page = self.copy()
        page.items.insert(0, page.items[2])
        self.refused(1106, self.sealed(page))

    def test_another_digest_count_agency_question_or_checkpoint(self):
        rows = [i.row for i in self.page.items]
        for more in (dict(rows=rows[:2]), dict(rows=rows[::-1]), dict(agency=OFFICE), dict(since=1), dict(size=self.size - 1),
                     dict(root=bytes(32)), dict(root=os.urandom(32))):
            self.refused(1106, self.sealed(self.copy(), **more))
        page = self.copy()
        page.ask = os.urandom(16)
        self.refused(1101, self.sealed(page))

    def test_another_key_or_a_wrong_signature(self):
        self.refused(1103, self.sealed(self.copy(), key=self.adapter.s.keys["signing"]))
        self.refused(1103, self.sealed(self.copy(), key=prim.Key.load(f"{self.stage.world.hub_dir}/keys/log.key")))
        page = self.copy()
        page.sig = page.sig[:-1] + bytes([page.sig[-1] ^ 1])
        self.refused(1103, page)
        page = self.copy()
        page.head = page.head[:-1] + bytes([page.head[-1] ^ 1])
        self.refused(1103, page)

    def test_a_row_stands_on_its_own_leaf(self):
        for part in ("leaf", "salt", "detail", "path"):
            page = self.copy()
            setattr(page.items[0], part, getattr(page.items[1], part))
            self.refused(1106, self.sealed(page))
        page = self.copy()
        self.changed_row(page, 0, leaf=wire.StatementRow.FromString(page.items[1].row).leaf)
        self.refused(1106, self.sealed(page))

    def test_rows_of_no_form(self):
        for more in (dict(priority=0), dict(priority=4), dict(stages=[]), dict(stages=[1 << 16]), dict(expires_ms=-1)):
            page = self.copy()
            self.changed_row(page, 0, **more)
            self.refused(1101, self.sealed(page))
        page = self.copy()
        self.changed_row(page, 0, stages=[0, 0])
        self.refused(1106, self.sealed(page))


class LiesToAnAdapter(unittest.TestCase):
    """A real nasoka-social asks a hub of ours for its first statement."""

    def told(self, number, key="notice", change=None, **more):
        """Two messages to the office, a statement of them with this lie, and what the adapter tells of it."""
        s = stage.Stage(with_hub=False)
        self.addCleanup(s.stop)
        keys = s.world.hub_dir / "keys"
        h = house.House(s.world.endpoint, keys, s.book(), [(a.keys / f"{a.id}.sheet").read_bytes() for a in s.world.agencies])
        self.addCleanup(h.close)
        rows = []
        for n in range(2):
            d = wire.Detail(id=envelope.uuid7(envelope.now_ms()), env_hash=os.urandom(32), to=[OFFICE], thread=os.urandom(16),
                            thread_seq=1, at_ms=envelope.now_ms(), created_ms=envelope.now_ms())
            setattr(d, "from", PEER)
            place = h.append(1, d)
            rows.append((place, wire.StatementRow(leaf=place[0], priority=2, stages=[0])))
        s.office.start(wait=False)
        h.serve(lambda: h.asks, "a question for a statement")
        h.state(h.asks[0], OFFICE, prim.Key.load(f"{keys}/{key}.key"), *rows, change=change, **more)
        log = s.world.dir / f"{OFFICE}.log"

        def said():
            lines = [line for line in log.read_text(errors="replace").splitlines() if "reconcile." in line]
            return [line for line in lines if (f"code=NSK-{number}" in line if number else "reconcile.bad" not in line)]
        self.assertTrue(h.serve(said, f"the adapter's word, {number}", 15), log.read_text(errors="replace")[-2000:])

    def test_a_changed_stage(self):
        def lie(page):
            page.items[1].row = wire.encode(wire.StatementRow(leaf=wire.StatementRow.FromString(page.items[1].row).leaf, priority=2,
                                                              stages=[bit(envelope.REGISTERED)]))
        self.told(1106, change=lie)

    def test_a_dropped_row(self):
        self.told(1106, change=lambda page: page.items.pop())

    def test_another_key(self):
        self.told(1103, key="log")

    def test_another_statements_head(self):
        self.told(1106, since=7)

    def test_a_row_of_no_form(self):
        def lie(page):
            page.items[0].row = b"\x08\x00"
        self.told(1101, change=lie)


class Notices(unittest.TestCase):
    def setUp(self):
        self.stage = stage.Stage()
        self.addCleanup(self.stage.stop)

    def test_silence_is_told_to_both_sides_once_and_signed(self):
        """A message that nobody takes up: every fact comes to its sender and its recipient, and stands in the statement."""
        mine = self.stage.session()
        self.addCleanup(mine.close)
        adapter = session.Adapter(mine)
        now = envelope.now_ms()
        p = adapter.header([THIRD], os.urandom(16), registered_by_ms=now + 2000, respond_by_ms=now + 2500, expires_ms=now + 3000)
        index, _, detail = adapter.send(p, stage.referral("N-1", PEER, THIRD, now))
        due = {1: p.registered_by_ms, 2: p.registered_by_ms, 3: p.respond_by_ms, 4: p.expires_ms, 5: p.expires_ms}
        adapter.wait(lambda: len(adapter.notices) >= 5, "five notices", 30)
        their = self.stage.session(THIRD)
        self.addCleanup(their.close)
        third = session.Adapter(their)
        third.wait(lambda: len(third.notices) >= 5, "five notices there too", 30)
        adapter.s.idle(6)       # longer than a tick of the hub: nothing is said twice
        adapter.pump()
        self.assertEqual(adapter.bad + third.bad, [])
        for got in (adapter.notices, third.notices):
            self.assertEqual(sorted(o.notice.fact for o in got), [1, 2, 3, 4, 5])
            for o in got:
                n = o.notice
                self.assertEqual((n.about, n.env_hash, getattr(n, "from"), n.to, n.thread, n.leaf, n.due_ms),
                                 (p.id, detail.env_hash, PEER, THIRD, p.thread, index, due[n.fact]))
                self.assertEqual((n.submitted_ms, n.priority), (detail.at_ms, p.priority))
                self.assertTrue(n.fact in (1, 4) or n.at_ms >= n.due_ms)
                self.assertLessEqual({PEER, THIRD}, set(o.header.to))
        row = next(r for r in mine.statement().rows if r.id == p.id)
        said = statement.HALF_TIME | statement.LATE | statement.NO_ANSWER | statement.EXPIRING | statement.EXPIRED
        self.assertEqual(row.stages[THIRD] & said, said)
        own = [m for m in audited(self.stage, PEER)["messages"] if m["id"].replace("-", "") == p.id.hex()]
        self.assertEqual([m["open"] for m in own], [True])


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: EUPL-1.2
"""The real hub and a real nasoka-social beside an agency of our own, for the tests that talk to them."""
import atexit
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from peer import prim, record, session, trust, wire

sys.path.insert(0, str(wire.ROOT / "config" / "stage"))
import oblast  # noqa: E402
import world  # noqa: E402

BIN = pathlib.Path(os.environ.get("NASOKA_BIN", wire.ROOT / "build/dev/bin"))
OFFICE, PEER, THIRD = "plovdiv-ozd", "plovdiv-peer", "plovdiv-third"
DAY_MS = 86400 * 1000
DEEP = os.environ.get("NASOKA_DEEP") == "1"


class Stage:
    """Hub, office (nasoka-social), and two agencies whose adapters are ours. `also`: more agencies with an adapter, as World.agency
    wants them; `hub`: more of the hub's configuration; `listen`: where the hub does, if not at its endpoint alone."""

    def __init__(self, with_hub=True, also=(), hub="", listen=None):
        self.dir = tempfile.mkdtemp(prefix="nasoka-oracle-")
        self.world = world.World(self.dir, BIN)
        self.office = self.world.agency(OFFICE, "ozd", "PDV22", "social", "Закрила на детето, Пловдив", "Child protection",
                                        oblast.SOCIAL)
        for id in (PEER, THIRD):
            self.world.agency(id, "cop", "PDV22", "peer", "Център, Пловдив", "Centre, Plovdiv")
        self.others = [self.world.agency(*a) for a in also]
        self.world.hub_limits += hub
        self.world.listen = listen and listen.format(port=self.world.port)
        self.logs = {PEER: session.Log(), THIRD: session.Log()}
        atexit.register(self.stop)
        self.world.make()
        if with_hub:
            self.world.start_hub()
            for a in (self.office, *self.others):
                a.start()

    def stop(self):
        atexit.unregister(self.stop)
        for a in (self.office, *self.others):
            a.stop()
        self.world.end(self.world.hub)
        shutil.rmtree(self.dir, ignore_errors=True)

    def keys(self, agency):
        return next(a.keys for a in self.world.agencies if a.id == agency)

    def trusted(self):
        return trust.read_trust(self.world.trust.read_text())

    def book(self):
        threshold, registrars = self.trusted()
        return trust.Book.open(self.world.directory.read_bytes(), threshold, registrars)

    def session(self, agency=PEER, hello=True, **more):
        s = session.Session(agency, self.keys(agency), self.world.endpoint, self.book(), self.trusted(), self.logs[agency], **more)
        if hello:
            s.hello()
        return s

    def auditors(self):
        return [prim.Key.load(f"{self.dir}/auditors/auditor-{i}.key") for i in range(1, world.AUDITORS + 1)]

    def http(self, method, path, body=None):
        return world.http(method, self.office.url + path, body, self.office.token)

    def inbox(self):
        """Everything in the office's inbox, oldest first."""
        items, after = [], 0
        while True:
            status, page = self.http("GET", f"/v1/inbox?after={after}")
            assert status == 200, page
            if not page["items"]:
                return items
            items += page["items"]
            after = page["next_after"]


def thread_request(thread, now_ms):
    r = wire.Record(kind="thread-state-request", case_id=thread, created=now_ms)
    r.thread_request.at = now_ms
    return r


def quiet():
    """Standard error goes nowhere until what this gives is called: the protobuf library complains there about each text that
    is not UTF-8, and there are thousands."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    os.close(nothing)

    def loud():
        os.dup2(kept, 2)
        os.close(kept)
    return loud


def referral(number, initiator, target, now_ms, **more):
    """A record of a synthetic child."""
    r = wire.Record(kind="referral", case_id=os.urandom(16), created=now_ms)
    f = r.referral
    f.referral_id, f.initiator.agency, f.target.agency = number, initiator, target
    f.child.given, f.child.middle, f.child.family = "Калина", "Стоянова", "Тест-Пробна"
    f.child.birth_date, f.child.gender = "2015-03-07", "female"
    f.child.ids.add(type="EGN", value="1543079013")
    f.child.address.municipality, f.child.address.ekatte = "PDV22", "56784"
    f.service_kind, f.reason_text, f.risk_level, f.priority = "psych-counselling", "Нужда от подкрепа.", "medium", "urgent"
    f.disposition_wanted, f.legal_basis, f.respond_by = "take-over", "statutory-task", now_ms + 14 * DAY_MS
    for name, value in more.items():
        setattr(f, name, value)
    return r


def status(number, came_from, to, transition, now_ms, **more):
    r = wire.Record(kind="status-change", case_id=more.pop("case_id", None) or os.urandom(16), created=now_ms)
    s = r.status
    setattr(s, "from", came_from)
    s.referral_id, s.to, s.transition, s.at = number, to, transition, now_ms
    for name, value in more.items():
        setattr(s, name, value)
    return r


class Case(unittest.TestCase):
    """A stage for all tests of a class; a session of our own for each, and an adapter on it."""

    @classmethod
    def setUpClass(cls):
        cls.stage = Stage()
        cls.addClassCleanup(cls.stage.stop)

    def setUp(self):
        self.session = self.stage.session()
        self.addCleanup(self.session.close)
        self.adapter = session.Adapter(self.session)

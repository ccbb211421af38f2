# SPDX-License-Identifier: EUPL-1.2
"""Announcements of services between a peer written from PROTOCOL.md alone and a real adapter, through the real hub."""
import os
import unittest

import stage
from peer import announce, envelope, wire
from stage import OFFICE, PEER, THIRD, DAY_MS

SERVICE = {"service_kind": "mentoring", "name_bg": "Менторство", "municipalities": ["PDV42", "PDV22"], "min_age": 0, "unit": "place",
           "capacity_status": "capacity", "available": 2, "valid_days": 30}


class Announce(stage.Case):
    def body(self, service="peer-1", **more):
        now = envelope.now_ms()
        m = wire.Announce(service_id=service, agency=PEER, service_kind="psych-counselling", programme="P2", name_bg="Консултиране",
                          municipalities=["PDV22"], requires_napravlenie=False, capacity_status="capacity", unit="place", available=3,
                          as_of_ms=now, valid_until_ms=now + DAY_MS)
        for name, value in more.items():
            if value is None:
                m.ClearField(name)
            elif isinstance(value, list):
                m.ClearField(name)
                getattr(m, name).extend(value)
            else:
                setattr(m, name, value)
        return m

    def say(self, m, **header):
        """(header, None or the number that the hub refuses it with)."""
        p = self.adapter.header([], b"", msg_class=envelope.ANNOUNCE, **header)
        del self.session.refused[:]
        self.session.submit(*self.adapter.sign((wire.encode(p), m if isinstance(m, bytes) else wire.encode(m))))
        self.session.until(lambda: self.session.accepted.get(p.id) or self.session.refused, "an answer")
        return p, self.session.refused[0].code if self.session.refused else None

    def office(self, **query):
        status, answer = self.stage.http("GET", "/v1/services?" + "&".join(f"{k}={v}" for k, v in query.items()))
        self.assertEqual(status, 200, answer)
        return answer["services"]

    def test_ours_reaches_a_real_adapter(self):
        p, code = self.say(self.body())
        self.assertIsNone(code)
        index, leaf, d = self.session.accepted[p.id][0]
        self.assertEqual((leaf[4], leaf[5], d.text, list(d.to), d.about), (27, 2, "peer-1", [], b""))
        stage.world.wait_for("it at the office", lambda: self.office(id="peer-1"), 20)
        s = self.office(id="peer-1", free="true")[0]
        self.assertEqual((s["agency"], s["programme"], s["available"], s["room"]), (PEER, "P2", 3, "free"))
        self.session.until(lambda: (PEER, "peer-1") in self.session.services, "our own back")
        self.assertEqual(self.say(self.body(capacity_status="no-capacity", available=0))[1], None)
        stage.world.wait_for("it to be full", lambda: self.office(id="peer-1")[0]["room"] == "full", 20)
        self.assertEqual(self.say(self.body(ended=True))[1], None)
        stage.world.wait_for("it to be gone", lambda: not self.office(id="peer-1"), 20)

    def test_a_real_adapters_reaches_us_and_a_newcomer(self):
        status, answer = self.stage.http("PUT", "/v1/services/office-1", SERVICE)
        self.assertEqual(status, 202, answer)
        a = self.session.until(lambda: self.session.services.get((OFFICE, "office-1")), "the announcement")
        self.assertEqual((a.name_bg, list(a.municipalities), a.min_age, a.HasField("max_age")), ("Менторство", ["PDV22", "PDV42"], 0, False))
        self.assertTrue(announce.is_free(a, envelope.now_ms()) and not announce.is_free(a, a.valid_until_ms))
        status, answer = self.stage.http("PATCH", "/v1/services/office-1", {"available": 1})
        self.assertEqual(status, 202, answer)
        self.session.until(lambda: self.session.services[OFFICE, "office-1"].available == 1, "the next one")
        late = self.stage.session(THIRD)
        self.addCleanup(late.close)
        late.until(lambda: late.services.get((OFFICE, "office-1")), "the newest, to who comes later")
        self.assertEqual(late.services[OFFICE, "office-1"].available, 1)

    def test_each_lie_has_its_number(self):
        early = envelope.now_ms() - 1000
        self.assertIsNone(self.say(self.body("peer-lies"))[1])
        for change, number in (({"agency": OFFICE}, 1202), ({"service_kind": "magic"}, 1303), ({"programme": "P1"}, 1303),
                               ({"name_bg": None}, 1301), ({"eligibility": "дете 1543079013"}, 1202), ({"name_en": "x" * 201}, 1302),
                               ({"municipalities": ["PDV42", "PDV22"]}, 1303), ({"max_age": 26}, 1305), ({"available": 0}, 1305),
                               ({"total": 2}, 1305), ({"languages": ["Bulgarian"]}, 1303), ({"valid_until_ms": 1}, 1304),
                               ({"as_of_ms": None}, 1301), ({"unit": None}, 1301), ({"name_bg": "a\tb"}, 1502),
                               ({"schedule": ["x"] * 15}, 1307), ({"service_id": "Peer 1"}, 1101), ({"requires_napravlenie": None}, 1101)):
            self.assertEqual(self.say(self.body("peer-lies", **change))[1] if "service_id" not in change else
                             self.say(self.body(**change))[1], number, change)
        self.assertEqual(self.say(b"x")[1], 1101)
        self.assertEqual(self.say(wire.encode(self.body()) + b"\xc8\x01\x00")[1], 1101)
        p = self.adapter.header([], b"", msg_class=envelope.ANNOUNCE)
        p.created_ms = early
        del self.session.refused[:]
        self.session.submit(*self.adapter.sign((wire.encode(p), wire.encode(self.body("peer-lies")))))
        self.session.until(lambda: self.session.refused, "an answer")
        self.assertEqual(self.session.refused[0].code, 1108)
        for more in ({"to": [OFFICE]}, {"thread": os.urandom(16)}):
            p = self.adapter.header(more.get("to", []), more.get("thread", b""), msg_class=envelope.ANNOUNCE)
            del self.session.refused[:]
            self.session.submit(*self.adapter.sign((wire.encode(p), wire.encode(self.body()))))
            self.session.until(lambda: self.session.refused, "an answer")
            self.assertEqual(self.session.refused[0].code, 1101)


if __name__ == "__main__":
    unittest.main()

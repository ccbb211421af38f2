# SPDX-License-Identifier: EUPL-1.2
"""A real nasoka-social at a hub that may lie with the real hub's keys, and an agency in whose name true messages are made."""
import os

import stage
from peer import envelope, house, prim, session
from stage import OFFICE, PEER


class Sender:
    """What session.Adapter needs of a session to seal and sign, without one."""

    def __init__(self, s, agency):
        self.agency, self.book = agency, s.book()
        self.keys = {"signing": prim.Key.load(f"{s.keys(agency)}/signing.key")}
        for a in s.world.agencies:
            self.book.add_sheet((a.keys / f"{a.id}.sheet").read_bytes())


class Liar:
    def __init__(self):
        self.stage = stage.Stage(with_hub=False)
        self.sender = session.Adapter(Sender(self.stage, PEER))
        sheets = [(a.keys / f"{a.id}.sheet").read_bytes() for a in self.stage.world.agencies]
        self.house = house.House(self.stage.world.endpoint, self.stage.world.hub_dir / "keys", self.sender.s.book, sheets)
        self.stage.office.start(wait=False)
        self.house.serve(lambda: self.house.hellos, "HELLO")
        self.count = 0

    def close(self):
        self.house.close()
        self.stage.stop()

    def message(self, change=None, batch=False):
        """(number, header, envelope) of a good referral."""
        self.count += 1
        number = f"L-{self.count}"
        p = self.sender.header([OFFICE], os.urandom(16))
        part = self.sender.seal(p, stage.referral(number, PEER, OFFICE, envelope.now_ms()), change=change, signed=False)
        return number, p, self.sender.sign(part, (b"", b""), part)[0] if batch else self.sender.sign(part)[0]

    def numbers(self):
        return [i.get("referral_id") for i in self.stage.inbox()]

    def good(self, seconds=20):
        """A true message is delivered and its receipt comes: its number."""
        number, p, data = self.message()
        no = self.house.deliver(self.house.item(data))[0]
        self.house.serve(lambda: no in self.house.taken, "TAKEN", seconds)
        self.house.serve(lambda: any(q.in_reply_to == p.id and q.stage == envelope.DELIVERED for _, q in self.house.submitted),
                         "`delivered`", seconds)
        return number

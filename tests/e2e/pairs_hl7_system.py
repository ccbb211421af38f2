# SPDX-License-Identifier: EUPL-1.2
"""A hospital's system: HL7 v2 over MLLP, client and server by python3-hl7."""
import itertools
import threading

from stagehand import wait_for
import clinic
from pairs_hl7 import STATE, View, read_referral, read_status, write_referral, write_status

# What hospitals' systems write in MSH-18, and what they write then.
SETS = (("windows-1251", "cp1251"), ("8859/5", "iso8859_5"), ("UNICODE UTF-8", "utf-8"), ("", "utf-8"))


class Hl7System:
    def __init__(self, agency):
        self.agency, self.his = agency, clinic.Hospital(agency.out_port)
        self.lock, self.n, self.n_parsed = threading.Lock(), 0, 0
        self.views, self.sets = [], itertools.cycle(SETS)

    def received(self):
        with self.lock:
            for text in self.his.received[len(self.views):]:
                self.views.append(View(text))
            return list(self.views)

    def find(self, what, match):
        return wait_for(f"{what} at {self.agency.id}", lambda: next((v for v in self.received() if match(v)), None), 60, 0.1)

    def control(self):
        with self.lock:
            self.n += 1
            return f"{self.agency.id}-{self.n}"

    def send(self, text, encoding="utf-8"):
        answer = clinic.send(self.agency.mllp_port, text, encoding=encoding)
        if str(answer.segment("MSA")[1]) not in ("AA", "CA"):
            raise RuntimeError(f"{self.agency.id} was refused: {answer}".replace("\r", "\n"))

    def send_referral(self, flat_case, target):
        is_plain = "group_id" not in flat_case
        said, encoding = next(self.sets) if is_plain else ("UNICODE UTF-8", "utf-8")
        self.send(write_referral(flat_case, target, self.control(), said), encoding)

    def got_referral(self, number):
        v = self.find(number, lambda v: v.first("MSH", 9) == "REF" and v.first("RF1", 6) == number)
        return None, read_referral(v), None

    def register(self, handle, number, case_no):
        self.send(write_status(number, {"case_no": case_no}, self.control()))

    def got_registered(self, number):
        v = self.find(f"the registration of {number}", lambda v: v.first("MSH", 9) == "RRI" and v.first("RF1", 6) == number and
                      not v.first("RF1", 1) and v.first("RF1", 11))
        return v.first("RF1", 11)

    def send_status(self, handle, number, status):
        self.send(write_status(number, status, self.control()))

    def got_status(self, number, to):
        v = self.find(f"{number} {to}", lambda v: v.first("MSH", 9) == "RRI" and v.first("RF1", 6) == number and
                      v.first("RF1", 1) and (v.first("RF1", 1), v.first("OBR", 25)) == STATE[to])
        return None, read_status(v)

    def confirm_status(self, handle, number):
        """The AA that the server gave is the confirmation: there is no RRI to an RRI."""

    def got_confirmed(self, sent):
        """A hospital is not told of the stages of its statuses."""

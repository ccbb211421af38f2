# SPDX-License-Identifier: EUPL-1.2
"""Every value of the worked examples is made again from its seeds and inputs alone."""
import base64
import json
import unittest

from peer import envelope, prim, record, statement, tree, trust, wire

VECTORS = wire.ROOT / "tests" / "vectors" / "proto"


def vectors(name):
    return json.loads((VECTORS / name).read_text("utf-8"))


def b(text):
    return bytes.fromhex(text)


class Keys:
    """The key rows of seal.json, all made from their secrets."""

    def __init__(self, v):
        self.rows = [row for name in ("signing", "sealing", "transport", "witness", "auditors", "registrars") for row in v[name]]
        self.rows += [v["log"], v["notice"], v["curve"]]
        for name in ("signing", "sealing", "transport", "witness", "auditors", "registrars"):
            setattr(self, name, [prim.Key(r["use"], b(r["secret"])) for r in v[name]])
        self.log, self.notice, self.curve = (prim.Key(v[n]["use"], b(v[n]["secret"])) for n in ("log", "notice", "curve"))


class Seal(unittest.TestCase):
    def setUp(self):
        self.v = vectors("seal.json")
        self.keys = Keys(self.v)
        self.e, self.p = envelope.decode(b(self.v["envelope"]))
        self.sealing = envelope.Sealing(b(self.v["cek"]), getattr(self.p, "from"), self.p.id)

    def test_keys_and_their_ids(self):
        for row in self.keys.rows:
            key = prim.Key(row["use"], b(row["secret"]))
            self.assertEqual((key.public.hex(), key.id.hex()), (row["public"], row["id"]), row["use"])

    def test_body_key_commitment_and_capsule(self):
        cek = self.sealing.cek
        self.assertEqual(prim.kdf(cek, "nskBody_", 1).hex(), self.v["body_key"])
        self.assertEqual(self.sealing.commit.hex(), self.v["commit"])
        plain = record.capsule(record.decode(b(self.v["record"])))
        self.assertEqual(plain.hex(), self.v["capsule_plain"])
        self.assertEqual(self.sealing.capsule(plain).hex(), self.v["capsule"])

    def test_wraps(self):
        by_id = {k.id.hex(): k for k in self.keys.sealing}
        for i, row in enumerate(self.v["wraps"]):
            ours = self.sealing.wrap(i, row["agency"], by_id[row["key"]].public)
            self.assertEqual((ours.key.hex(), ours.box.hex()), (row["key"], row["box"]))

    def test_shares(self):
        values = envelope.split(self.sealing.cek, len(self.v["shares"]), self.v["threshold"])
        for row, value, key in zip(self.v["shares"], values, self.keys.auditors):
            ours = self.sealing.share(row["auditor"], value, key.public)
            self.assertEqual((value.hex(), ours.key.hex(), ours.box.hex(), ours.hash.hex()),
                             (row["share"], row["key"], row["box"], row["hash"]))
            self.assertEqual(envelope.audit(self.p, row["auditor"], key), (b(self.v["capsule_plain"]), value))

    def test_header_from_its_parts(self):
        header = wire.decode_canonical("Header", b(self.v["header"]))
        made = wire.Header()
        made.CopyFrom(header)
        for name in ("commit", "capsule", "wraps", "shares"):
            made.ClearField(name)
        made.commit, made.capsule = b(self.v["commit"]), b(self.v["capsule"])
        for row in self.v["wraps"]:
            made.wraps.add(agency=row["agency"], key=b(row["key"]), box=b(row["box"]))
        for row in self.v["shares"]:
            made.shares.add(auditor=row["auditor"], key=b(row["key"]), box=b(row["box"]), hash=b(row["hash"]))
        self.assertEqual(wire.encode(made).hex(), self.v["header"])

    def test_body_hash_signature_and_envelope(self):
        header = b(self.v["header"])
        body = self.sealing.body(header, envelope.pad(b(self.v["record"])))
        self.assertEqual(body.hex(), self.v["body"])
        ours = envelope.env_hash(header, body)
        self.assertEqual(ours.hex(), self.v["env_hash"])
        leaves = [tree.leaf_hash(x) for x in (b(self.v["env_hash_beside"]), ours, b(self.v["env_hash_beside"]))]
        self.assertEqual((len(leaves), tree.root(leaves).hex()), (self.v["batch_size"], self.v["batch_root"]))
        path = b"".join(tree.path(self.v["batch_index"], leaves))
        self.assertEqual(path.hex(), self.v["batch_path"])
        key = self.keys.signing[0]
        sig = key.sign("nasoka/v1/batch", prim.u32(len(leaves)) + tree.root(leaves))
        self.assertEqual(sig.hex(), self.v["signature"])
        e = wire.Envelope(header=header, body=body, signature=wire.Signature(key=key.id, sig=sig, index=1, size=3, path=path))
        self.assertEqual(wire.encode(e).hex(), self.v["envelope"])

    def test_each_recipient_opens_the_whole_envelope(self):
        v = vectors("trust.json")
        book = trust.Book(b(v["directory"]))
        for sheet in v["sheets"]:
            book.add_sheet(b(sheet))
        for agency, key in zip(("plovdiv-ozd", "plovdiv-school"), self.keys.sealing[1:]):
            opened = envelope.open_envelope(b(self.v["envelope"]), agency, {key.id: key}, book)
            self.assertEqual((record.encode(opened.record).hex(), opened.cek.hex()), (self.v["record"], self.v["cek"]))


class Log(unittest.TestCase):
    def setUp(self):
        self.v = vectors("log.json")
        self.roots = [b(r) for r in self.v["roots"]]

    def test_leaf(self):
        detail = wire.decode_canonical("Detail", b(self.v["detail"]))
        leaf = b(self.v["leaf"])
        self.assertEqual((leaf[:4], leaf[6:8], leaf[32:]),
                         (b"NSKL", bytes(2), prim.sha256(b(self.v["salt"]) + b(self.v["detail"]))))
        self.assertEqual(int.from_bytes(leaf[16:24], "big"), detail.at_ms // 1000)
        self.assertEqual(tree.leaf_hash(leaf).hex(), self.v["leaf_hash"])

    def leaves(self):
        """Leaf i of the small trees is the one byte i."""
        return [tree.leaf_hash(bytes([i])) for i in range(len(self.roots) - 1)]

    def test_roots(self):
        hashes = self.leaves()
        for n, root in enumerate(self.roots):
            self.assertEqual(tree.root(hashes[:n]), root, n)

    def test_proofs(self):
        hashes, size = self.leaves(), len(self.roots) - 1
        self.assertEqual(b"".join(tree.path(5, hashes)).hex(), self.v["inclusion_5_of_13"])
        self.assertEqual(b"".join(tree.consistency(6, hashes)).hex(), self.v["consistency_6_to_13"])
        self.assertEqual(b"".join(tree.range_proof(3, 6, hashes)).hex(), self.v["range_3_to_6_of_13"])
        self.assertEqual(tree.root_of_path(hashes[5], 5, size, tree.path(5, hashes)), self.roots[size])
        self.assertTrue(tree.is_consistent(6, self.roots[6], size, self.roots[size], tree.consistency(6, hashes)))
        self.assertTrue(tree.is_range(3, hashes[3:6], size, self.roots[size], tree.range_proof(3, 6, hashes)))

    def test_every_small_proof_verifies_and_no_other_place_does(self):
        hashes, size = self.leaves(), len(self.roots) - 1
        top = self.roots[size]
        for i in range(size):
            for j in range(size + 2):
                self.assertEqual(tree.root_of_path(hashes[i], j, size, tree.path(i, hashes)) == top, i == j)
            self.assertTrue(tree.is_consistent(i + 1, self.roots[i + 1], size, top, tree.consistency(i + 1, hashes)))
            for end in range(i + 1, size + 1):
                proof = tree.range_proof(i, end, hashes)
                self.assertTrue(tree.is_range(i, hashes[i:end], size, top, proof))
                self.assertFalse(tree.is_range(i + 1, hashes[i:end], size, top, proof))
                self.assertFalse(tree.is_range(i, hashes[i:end][::-1], size, top, proof) and end - i > 1)


class Trust(unittest.TestCase):
    def setUp(self):
        self.v = vectors("trust.json")
        self.keys = Keys(vectors("seal.json"))
        self.names = [f"registrar-{i}" for i in (1, 2, 3)]

    def test_directory(self):
        book = trust.Book(b(self.v["directory"]))
        self.assertEqual(book.hash.hex(), self.v["directory_hash"])
        text = trust.directory_text(book.d.version, b(self.v["directory"]))
        note = text + "\n" + "".join(trust.sign_note(text, n, k) for n, k in zip(self.names[:2], self.keys.registrars))
        self.assertEqual(note, self.v["directory_note"])
        known = list(zip(self.names, (k.public for k in self.keys.registrars)))
        self.assertEqual(trust.Book.open(note.encode(), 2, known).bytes, book.bytes)
        with self.assertRaises(prim.Refused):
            trust.Book.open(note.encode(), 3, known)

    def test_no_bit_of_a_directory_note_may_be_wrong(self):
        note = self.v["directory_note"].encode()
        known = list(zip(self.names, (k.public for k in self.keys.registrars)))
        for at in range(len(note)):
            broken = note[:at] + bytes([note[at] ^ 1 << at % 8]) + note[at + 1:]
            with self.assertRaises(prim.Refused, msg=f"byte {at}"):
                trust.Book.open(broken, 2, known)

    def test_key_sheets(self):
        book = trust.Book(b(self.v["directory"]))
        for text, *parts in zip(self.v["sheets"], self.keys.signing, self.keys.sealing, self.keys.transport, self.keys.witness):
            sheet = book.add_sheet(b(text))
            signing, sealing, transport, witness = parts
            made = wire.Sheet(agency=sheet.agency, version=sheet.version, made_ms=sheet.made_ms, transport_key=transport.public,
                              witness_key=witness.public)
            made.sealing.add(key=sealing.public)
            data = wire.encode(made)
            signed = wire.SignedSheet(sheet=data, sig=signing.sign("nasoka/v1/sheet", data))
            self.assertEqual(wire.encode(signed).hex(), text)
            if prim.sha256(data).hex() == self.v["sheet_hash"]:
                named = sheet.agency
        self.assertIn(named, book.agencies)

    def test_checkpoint(self):
        book = trust.Book(b(self.v["directory"]))
        size, root = trust.open_checkpoint(self.v["checkpoint"].encode(), book.d.origin, self.keys.log.public)
        self.assertEqual(root.hex(), self.v["root"])
        text = f"{book.d.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        self.assertEqual(text + "\n" + trust.sign_note(text, book.d.origin, self.keys.log), self.v["checkpoint"])
        self.assertEqual(trust.verifier(book.d.origin, self.keys.log.public), self.v["log_verifier"])


class Hub(unittest.TestCase):
    """What the hub says of its own accord, and what a sender takes back."""

    def setUp(self):
        self.v = vectors("hub.json")
        self.keys = Keys(vectors("seal.json"))
        self.book = trust.Book(b(vectors("trust.json")["directory"]))

    def test_notice(self):
        for me in ("plovdiv-gp", "plovdiv-ozd"):
            opened = envelope.open_envelope(b(self.v["notice_envelope"]), me, {}, self.book)
            n = opened.notice
            self.assertEqual((n.fact, getattr(n, "from"), n.to, n.leaf, n.stages), (3, "plovdiv-gp", "plovdiv-ozd", 42, 12))
            self.assertEqual(n.env_hash.hex(), vectors("seal.json")["env_hash_beside"])
        self.assertEqual(wire.encode(n).hex(), self.v["notice"])
        with self.assertRaises(prim.Refused):
            envelope.open_envelope(b(self.v["notice_envelope"]), "plovdiv-school", {}, self.book)

    def test_announcement(self):
        opened = envelope.open_envelope(b(self.v["announcement_envelope"]), "plovdiv-gp", {}, self.book)
        a = opened.announce
        self.assertEqual((a.agency, a.service_id, a.programme, a.available, a.contacts[1].kind), ("plovdiv-ozd", "ozd-1", "P2", 4, "email"))
        self.assertEqual(wire.encode(a).hex(), self.v["announcement"])

    def test_no_bit_of_a_notice_may_be_wrong(self):
        data = b(self.v["notice_envelope"])
        for at in range(len(data)):
            broken = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1:]
            with self.assertRaises(prim.Refused, msg=f"byte {at}"):
                envelope.open_envelope(broken, "plovdiv-gp", {}, self.book)

    def test_statement(self):
        digest = bytes(32)
        for row in self.v["rows"]:
            self.assertEqual(wire.encode(wire.decode_canonical("StatementRow", b(row))).hex(), row)
            digest = statement.chain(digest, b(row))
        self.assertEqual(digest.hex(), self.v["digest"])
        head = wire.decode_canonical("StatementHead", b(self.v["head"]))
        self.assertEqual((head.rows, head.digest, head.agency), (2, digest, "plovdiv-gp"))
        page = wire.Statement(ask=head.ask)
        statement.seal(page, head.agency, head.at_ms, head.since, head.size, head.root, map(b, self.v["rows"]), self.keys.notice)
        self.assertEqual((page.head.hex(), page.sig.hex()), (self.v["head"], self.v["head_sig"]))

    def test_withdrawal(self):
        opened = envelope.open_envelope(b(self.v["withdrawal_envelope"]), "plovdiv-ozd", {}, self.book)
        self.assertTrue(envelope.is_withdrawal(opened.header))
        self.assertEqual(opened.header.received.hex(), vectors("seal.json")["env_hash_beside"])


class Frames(unittest.TestCase):
    def test_each_kind_reads_and_writes_back(self):
        for name, text in vectors("frame.json").items():
            frame = wire.decode_canonical("Frame", b(text))
            self.assertEqual(frame.WhichOneof("kind"), name)
            made = wire.Frame(epoch=frame.epoch)
            getattr(made, name).CopyFrom(getattr(frame, name))
            self.assertEqual(wire.encode(made).hex(), text)

    def test_the_envelopes_in_them_open(self):
        frames = {n: wire.decode("Frame", b(t)) for n, t in vectors("frame.json").items()}
        v = vectors("trust.json")
        book = trust.Book(b(v["directory"]))
        for sheet in v["sheets"]:
            book.add_sheet(b(sheet))
        key = Keys(vectors("seal.json")).sealing[1]
        for data in (frames["submit"].submit.envelopes[0], frames["deliver"].deliver.items[0].envelope):
            opened = envelope.open_envelope(data, "plovdiv-ozd", {key.id: key}, book)
            self.assertEqual(opened.env_hash.hex(), vectors("seal.json")["env_hash_beside"])
        self.assertEqual(trust.Book(book.bytes).hash, book.hash)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: EUPL-1.2
"""PROTOCOL.md 1 and 2: hashes, derivation, boxes, keys. BLAKE2b is hashlib's, so not even that is shared with the C."""
import base64
import dataclasses
import hashlib
import pathlib
import re

from nacl import bindings, exceptions

USES = {"signing": 1, "sealing": 2, "transport": 3, "witness": 4, "auditor": 5, "registrar": 6, "log": 7, "notice": 8,
        "local": 9, "kek": 10}
SIGNING_USES = {"signing", "witness", "registrar", "log", "notice"}
SEALING_USES = {"sealing", "transport", "auditor"}
ZERO_NONCE = bytes(24)


class Refused(Exception):
    """What was received is not taken; `code` is a number of base/err.def."""

    def __init__(self, code, text):
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


FORMAT, VERSION, SIGNATURE, UNKNOWN_KEY, CANNOT_OPEN, INCONSISTENT, CONFLICT = 1101, 1102, 1103, 1104, 1105, 1106, 1107
TOO_BIG, EXPIRED, QUORUM, UNKNOWN_AGENCY, DIFFERS = 1005, 1109, 1111, 1203, 1309
ORDER, UNKNOWN_THREAD, BAD_TRANSITION, BAD_ACTOR, UNPREPARED = 1204, 1205, 1401, 1402, 1408


def must(condition, code, text):
    if not condition:
        raise Refused(code, text)


def u32(n):
    return n.to_bytes(4, "big")


def u64(n):
    return n.to_bytes(8, "big")


def tag(text):
    return text.encode() + b"\0"


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return bytes([len(data)]) + data


def h(data, key=b""):
    return hashlib.blake2b(data, digest_size=32, key=key).digest()


def kdf(key, context, number):
    return hashlib.blake2b(b"", digest_size=32, key=key, salt=number.to_bytes(8, "little") + bytes(8),
                           person=context.encode() + bytes(8)).digest()


def sha256(data):
    return hashlib.sha256(data).digest()


def close(key, ad, text):
    return bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(text, ad, ZERO_NONCE, key)


def unclose(key, ad, text):
    """None if it does not open."""
    try:
        return bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(text, ad, ZERO_NONCE, key)
    except (exceptions.CryptoError, exceptions.TypeError, exceptions.ValueError):
        return None


def make_box(seed, to, plain):
    """A box to the public key `to`, from an ephemeral pair that `seed` decides."""
    scalar = hashlib.sha512(seed).digest()[:32]
    public = bindings.crypto_scalarmult_base(scalar)
    nonce = hashlib.blake2b(public + to, digest_size=24).digest()
    return public + bindings.crypto_box(plain, nonce, to, scalar)


def open_box(box, public, scalar):
    """None if it does not open."""
    try:
        return bindings.crypto_box_seal_open(box, public, scalar)
    except (exceptions.CryptoError, exceptions.TypeError, exceptions.ValueError):
        return None


def is_signed(public, signature, data):
    try:
        bindings.crypto_sign_open(signature + data, public)
        return True
    except (exceptions.CryptoError, exceptions.TypeError, exceptions.ValueError):
        return False


def key_id(use, public):
    return sha256(bytes([USES[use]]) + public)[:8]


@dataclasses.dataclass
class Key:
    """One key with its secret half."""
    use: str
    secret: bytes

    def __post_init__(self):
        if self.use in SIGNING_USES:
            self.public, self.signing = bindings.crypto_sign_seed_keypair(self.secret)
        elif self.use in SEALING_USES:
            self.public = bindings.crypto_scalarmult_base(self.secret)
        else:
            self.public = h(tag("nasoka/v1/key"), key=self.secret)
        self.id = key_id(self.use, self.public)

    def sign_raw(self, data):
        return bindings.crypto_sign(data, self.signing)[:64]

    def sign(self, tag_text, data):
        return self.sign_raw(tag(tag_text) + data)

    @staticmethod
    def load(path):
        """From a key file; ValueError if it is none."""
        lines = pathlib.Path(path).read_text("ascii").split("\n")
        m = re.fullmatch(r"nasoka-key v1 ([a-z]+) ([0-9a-f]{16})", lines[0])
        if not m or len(lines) != 3 or lines[2]:
            raise ValueError(f"{path} is no key file")
        key = Key(m[1], base64.b64decode(lines[1], validate=True))
        if len(key.secret) != 32 or key.id.hex() != m[2]:
            raise ValueError(f"{path}: the key id is not this key's")
        return key

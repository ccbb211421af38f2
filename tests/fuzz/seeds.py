#!/usr/bin/python3 -B
# SPDX-License-Identifier: EUPL-1.2
"""Seeds for what the wire's parsers read: each text of the test vectors as a file of its own in the folder named, hexadecimal as its bytes."""
import hashlib
import json
import pathlib
import re
import sys


def texts(value):
    if isinstance(value, str):
        yield bytes.fromhex(value) if re.fullmatch("([0-9a-f]{2}){8,}", value) else value.encode()
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def main(folder):
    for vectors in pathlib.Path("tests/vectors/proto").glob("*.json"):
        for seed in texts(json.loads(vectors.read_text("utf-8"))):
            (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


main(pathlib.Path(sys.argv[1]))

#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
"""Who may include whom: the layers, and which files may know a third party's header."""

import fnmatch
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import lint  # noqa: E402

# A folder's sources may include headers of these folders (besides their own).
LAYERS = {
    "proto/base": [],
    "proto": ["proto/base"],
    "config": ["proto/base"],
    "hub": ["proto", "proto/base", "config"],
    "hub/ctl": ["hub", "proto", "proto/base", "config"],
    "hub/audit": ["hub", "hub/ctl", "proto", "proto/base", "config"],
    "adapters/core": ["proto", "proto/base", "config"],
    "adapters/validate": ["adapters/core", "adapters/health", "adapters/social", "adapters/education", "proto", "proto/base", "config"],
    "adapters/*": ["adapters/core", "proto", "proto/base"],
}

# Of the folders below a sector may see only these headers: all that is not pure stays in the core. charset, left_out and xml are pure,
# and two sectors need them, as are the search of services and the hashes of merkle; adapterd is for main.c.
SECTOR_HEADERS = ["adapters/core/sector.h", "adapters/core/adapterd.h", "adapters/core/charset.h", "adapters/core/left_out.h",
                  "adapters/core/xml.h", "adapters/core/xml_record.h", "adapters/core/services_find.h", "proto/merkle.h", "proto/record.h", "proto/kind.h", "proto/lifecycle.h",
                  "proto/codes.h", "proto/msgid.h", "proto/*.def", "proto/base/*"]

# Who may include a third party's header.
THIRD_PARTY = {
    # local closes records at rest on an adapter's own disk, rowkey the rows of the hub's, hl7_file reads hexadecimal and base64
    "sodium.h": ["proto/seal.c", "proto/seal_keys.c", "proto/sign.c", "proto/keyring.c", "proto/note.c", "proto/merkle.c", "proto/local.c",
                 "hub/rowkey.c", "adapters/health/hl7_file.c"],
    "lmdb.h": ["proto/base/store.c", "proto/base/store_room.c", "proto/base/txn.c"],
    "zmq.h": ["proto/base/loop.c", "hub/peer.c", "hub/zap.c", "adapters/core/uplink.c"],
    "libgfshare.h": ["proto/shamir.c"],
    "yaml.h": ["config/*.c"],
    "microhttpd.h": ["adapters/core/*.c", "hub/*.c", "hub/audit/*.c"],
    "curl/*": ["adapters/core/*.c"],
    "gnutls/*": ["adapters/core/*.c"],
    "systemd/*": ["proto/base/log.c", "proto/base/daemon.c"],
    "libsmartcols*": ["hub/ctl/*.c", "hub/audit/*.c"],
    "jansson.h": ["hub/*.c", "hub/ctl/*.c", "hub/audit/*.c", "adapters/core/*.c", "adapters/*/*.c"],
    "expat.h": ["adapters/*/*.c"],
    "protobuf-c/*": ["proto/*.c"],
    "*.pb-c.h": ["proto/*.c"],
}

# Exceptions to all of the above: (includer, included) and the reason.
EXCEPTIONS = {
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def layer_of(folder):
    if folder in LAYERS:
        return LAYERS[folder]
    for pattern, allowed in LAYERS.items():
        if fnmatch.fnmatch(folder, pattern):
            return allowed
    return None


def matches(name, patterns):
    folder = os.path.dirname(name)
    return any(fnmatch.fnmatch(name, p) and (os.path.dirname(p) == folder or "*" in os.path.dirname(p))
               for p in patterns)


def contexts():
    """A process has one ZeroMQ context, so one file of each makes it, at one place."""
    made = {}
    for name in lint.files(".c"):
        process = "hub" if name.startswith("hub/") else "adapter" if name.startswith("adapters/") else None
        n = lint.read(name).count("zmq_ctx_new()")
        if process and n:
            made.setdefault(process, []).append(f"{name}: {n}")
    return [", ".join(places) for places in made.values() if len(places) > 1 or not places[0].endswith(": 1")]


def main():
    report = lint.Report()
    layers, third, headers, unknown = [], [], [], []
    for name in lint.files(".c", ".h", ".def"):
        folder = os.path.dirname(name)
        allowed = layer_of(folder)
        if allowed is None:
            if not name.startswith("tests/"):
                unknown.append(f"{name}: the folder {folder} has no row in LAYERS")
            continue
        is_sector = folder.startswith("adapters/") and folder not in ("adapters/core", "adapters/validate")
        for m in INCLUDE.finditer(lint.read(name)):
            included = m.group(2)
            if (name, included) in EXCEPTIONS:
                continue
            foreign = next((p for p in THIRD_PARTY if fnmatch.fnmatch(included, p)), None)
            if foreign:
                if name.endswith(".h"):
                    headers.append(f"{name}: {included}")
                elif not matches(name, THIRD_PARTY[foreign]):
                    third.append(f"{name}: {included}")
            elif m.group(1) == '"':
                target = os.path.dirname(included)
                if not os.path.exists(included):
                    layers.append(f"{name}: {included} is not named from the root, or is not there")
                elif target != folder and target not in allowed:
                    layers.append(f"{name}: {included}")
                elif is_sector and target != folder and not any(
                        fnmatch.fnmatch(included, p) for p in SECTOR_HEADERS):
                    layers.append(f"{name}: {included} (a sector sees sector.h, the record and base)")
    report.rule("every folder has its layer", unknown)
    report.rule("no folder includes what its layer may not", layers)
    report.rule("a third party's header is included only where its table says", third)
    report.rule("a process makes one ZeroMQ context", contexts())
    report.rule("no header of ours includes a third party's", headers)
    report.end()


main()

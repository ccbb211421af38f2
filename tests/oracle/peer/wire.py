# SPDX-License-Identifier: EUPL-1.2
"""The schema as message classes, compiled where the tests run; canonical coding (PROTOCOL.md 1)."""
import os
import pathlib
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from google.protobuf.descriptor import FieldDescriptor

from .prim import FORMAT, must

ROOT = pathlib.Path(os.environ.get("NASOKA_ROOT", pathlib.Path(__file__).resolve().parents[3]))
SCHEMA = ROOT / "proto" / "schema"


def _load():
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "schema"
        subprocess.run(["protoc", f"-I{SCHEMA}", f"--descriptor_set_out={out}", *map(str, sorted(SCHEMA.glob("*.proto")))],
                       check=True)
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for f in files.file:
        pool.Add(f)
    factory = message_factory.MessageFactory(pool)
    return {name: factory.GetPrototype(descriptor)
            for f in files.file for name, descriptor in pool.FindFileByName(f.name).message_types_by_name.items()}


_classes = _load()
globals().update(_classes)


def decode(name, data):
    """A message without unknown fields; Refused otherwise."""
    m = _classes[name]()
    try:
        m.ParseFromString(data)
    except (message.DecodeError, UnicodeDecodeError):
        must(False, FORMAT, f"these bytes are no {name}")
    whole = m.SerializeToString()
    m.DiscardUnknownFields()
    must(m.SerializeToString() == whole, FORMAT, f"{name} with an unknown field")
    return m


def decode_canonical(name, data):
    m = decode(name, data)
    must(m.SerializeToString(deterministic=True) == data, FORMAT, f"{name} is not canonical")
    return m


def _varint(data, at):
    value = shift = 0
    while True:
        must(at < len(data) and shift < 70, FORMAT, "cut off")
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def no_field_twice(descriptor, data):
    """Refused where a field that is not a list stands twice, or is not in the schema, at any depth."""
    seen, at = set(), 0
    while at < len(data):
        key, at = _varint(data, at)
        field = descriptor.fields_by_number.get(key >> 3)
        must(field is not None, FORMAT, "unknown field")
        must(field.label == FieldDescriptor.LABEL_REPEATED or field.number not in seen, FORMAT, f"{field.name} twice")
        seen.add(field.number)
        if key & 7 == 0:
            must(field.cpp_type not in (FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_MESSAGE), FORMAT, "wire type")
            _, at = _varint(data, at)
        else:
            must(key & 7 == 2, FORMAT, "wire type")
            length, at = _varint(data, at)
            must(at + length <= len(data), FORMAT, "cut off")
            if field.message_type is not None:
                no_field_twice(field.message_type, data[at:at + length])
            at += length


def encode(m):
    return m.SerializeToString(deterministic=True)

"""Messages as plain values, read with the classes that flatc made, by the fields that the .fbs files name.

The same form as golden/*.json: absent scalars show their default, other absent fields do not show.
"""

import importlib
import os
import struct
import sys

import fbs

sys.path.insert(0, os.environ["VIGIE_WIRE_PYTHON"])

SCHEMA = fbs.Schema.read(os.environ["VIGIE_SCHEMAS"])


def wire(name):
    """The generated class of a table, struct or enum."""
    return getattr(importlib.import_module("vigie.wire." + name), name)


def method(field):
    return "".join(part[:1].upper() + part[1:] for part in field.split("_"))


def value_of(kind, type_name, value):
    if value is None:
        return None
    if kind == "string":
        return value.decode("utf-8")
    if kind in ("table", "struct"):
        return plain(type_name, value)
    return value


def struct_field(declaration, one, field):
    read = getattr(one, method(field.name))
    if SCHEMA.kind_of(field.type) != "struct":
        return read()
    inner = wire(field.type)()
    read(inner)
    return plain(field.type, inner)


def plain(type_name, one):
    """A table or struct as a dict."""
    declaration = SCHEMA[type_name]
    out = {}
    for field in declaration.fields:
        if declaration.kind == "struct":
            out[field.name] = struct_field(declaration, one, field)
            continue
        name = method(field.name)
        if field.type.startswith("["):
            if getattr(one, name + "IsNone")():
                continue
            inner = field.type.strip("[]")
            kind = SCHEMA.kind_of(inner)
            out[field.name] = [value_of(kind, inner, getattr(one, name)(i))
                               for i in range(getattr(one, name + "Length")())]
            continue
        value = value_of(SCHEMA.kind_of(field.type), field.type, getattr(one, name)())
        if value is not None:
            out[field.name] = value
    return out


def root(type_name, data):
    """A message whose root is this table."""
    return plain(type_name, wire(type_name).GetRootAs(data, 0))


def struct_at(type_name, data, place):
    one = wire(type_name)()
    one.Init(data, place)
    return plain(type_name, one)


FRAME_BYTES, BODY_BYTES, BLOCK_BYTES = 88, 32, 32
PAYLOADS = {1: "Batch", 4: "Leaves"}


def frame(data):
    """A frame with its blocks, laid out as frame.fbs says. Raises ValueError when lengths disagree."""
    header = struct_at("FrameHeader", data, 0)
    if header["bytes"] != len(data):
        raise ValueError(f"{len(data)} bytes, {header['bytes']} in the header")
    del header["reserved"]
    blocks = []
    place = FRAME_BYTES
    for _ in range(header["body_count"]):
        body = struct_at("BodyHeader", data, place)
        end = place + body["bytes"]
        place += BODY_BYTES
        while place < end:
            block, place = block_at(data, place)
            block["known_time_us"] = body["known_time_us"]
            blocks.append(block)
        if place != end:
            raise ValueError("a block goes beyond its body")
    if place != len(data):
        raise ValueError("bytes behind the last body")
    return {"header": header, "blocks": blocks}


def block_at(data, place):
    header = struct_at("BlockHeader", data, place)
    for unused in ("reserved", "origin_low"):
        del header[unused]
    payload = data[place + BLOCK_BYTES:place + BLOCK_BYTES + header["bytes"]]
    out = {"header": header}
    if header["kind"] in PAYLOADS:
        out["payload"] = root(PAYLOADS[header["kind"]], payload)
    elif header["kind"] == 3:
        first, last = struct.unpack("<QQ", payload)
        out["payload"] = {"first": first, "last": last}
    return out, place + BLOCK_BYTES + (header["bytes"] + 7) // 8 * 8

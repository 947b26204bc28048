"""Plain values to messages: the reverse of reading.py, for any table of the .fbs files."""

import struct

import flatbuffers

from reading import SCHEMA

SCALARS = {"bool": ("?", 1), "ubyte": ("B", 1), "byte": ("b", 1), "ushort": ("H", 2), "short": ("h", 2),
           "uint": ("I", 4), "int": ("i", 4), "ulong": ("Q", 8), "long": ("q", 8), "float": ("f", 4),
           "double": ("d", 8)}


def scalar(type_name):
    """struct's letter and the size of a scalar or enum."""
    if SCHEMA.kind_of(type_name) == "enum":
        type_name = SCHEMA[type_name].base
    return SCALARS[type_name]


def alignment(type_name):
    if SCHEMA.kind_of(type_name) == "struct":
        return max(alignment(field.type) for field in SCHEMA[type_name].fields)
    return scalar(type_name)[1]


def inline_bytes(type_name, value):
    """A scalar, enum or struct as it lies in a buffer."""
    if SCHEMA.kind_of(type_name) != "struct":
        return struct.pack("<" + scalar(type_name)[0], value)
    out = b""
    for field in SCHEMA[type_name].fields:
        out += bytes(-len(out) % alignment(field.type))
        out += inline_bytes(field.type, value[field.name])
    return out + bytes(-len(out) % alignment(type_name))


def put(builder, data):
    """Raw bytes in front of what is written; the builder has made room."""
    builder.head -= len(data)
    builder.Bytes[builder.head:builder.head + len(data)] = data


def write_vector(builder, type_name, values):
    if SCHEMA.kind_of(type_name) in ("string", "table"):
        places = [write_offset(builder, type_name, value) for value in values]
        builder.StartVector(4, len(places), 4)
        for place in reversed(places):
            builder.PrependUOffsetTRelative(place)
        return builder.EndVector()
    data = b"".join(inline_bytes(type_name, value) for value in values)
    size = len(data) // len(values) if values else 1
    builder.StartVector(size, len(values), alignment(type_name))
    put(builder, data)
    return builder.EndVector()


def write_offset(builder, type_name, value):
    if type_name.startswith("["):
        return write_vector(builder, type_name.strip("[]"), value)
    if type_name == "string":
        return builder.CreateString(value)
    return write_table(builder, type_name, value)


def write_table(builder, type_name, values):
    fields = SCHEMA[type_name].fields
    unknown = set(values) - {field.name for field in fields}
    if unknown:
        raise KeyError(f"{type_name} has no field {unknown}")
    present = [field for field in fields if values.get(field.name) is not None]
    offsets = {field.id: write_offset(builder, field.type, values[field.name]) for field in present
               if field.type.startswith("[") or SCHEMA.kind_of(field.type) in ("string", "table")}
    builder.StartObject(len(fields))
    for field in present:
        if field.id in offsets:
            builder.PrependUOffsetTRelativeSlot(field.id, offsets[field.id], 0)
            continue
        data = inline_bytes(field.type, values[field.name])
        if SCHEMA.kind_of(field.type) != "struct" and not any(data):
            continue  # the default
        builder.Prep(alignment(field.type), len(data))
        put(builder, data)
        builder.Slot(field.id)
    return builder.EndObject()


def message(identifier, type_name, values):
    """A message with this root."""
    builder = flatbuffers.Builder(256)
    builder.Finish(write_table(builder, type_name, values), file_identifier=identifier.encode())
    return bytes(builder.Output())

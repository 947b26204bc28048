"""Batches in which tables hold tables: deep ones that are well, and those that only a hand makes."""

import struct

import client
import flatbuffers
import writing

SHARED = 4000  # squared it is many millions
EVENTS, FIXES, UNKNOWN = 2, 4, 7  # fields of a Batch; the last one is none that the hub knows


def batches(one, depth):
    """An event's number, a batch of it that a hub takes, and batches that it must not."""
    number = one.event("blue/v1", "text", "whole")
    event = {**one.unsettled.pop(number)[1], "number": number}

    def batch(field, entries_of):
        """With a deep chain in a field of tomorrow, and in `field` what is made."""
        builder = flatbuffers.Builder(1024)
        entries, more = entries_of(builder), chain(builder, depth)
        builder.StartObject(UNKNOWN + 1)
        builder.PrependUOffsetTRelativeSlot(field, entries, 0)
        builder.PrependUOffsetTRelativeSlot(UNKNOWN, more, 0)
        builder.PrependInt64Slot(1, client.now_us(), 0)
        put_struct(builder, 0, "Spool", one.spool)
        builder.Finish(builder.EndObject(), file_identifier=b"VGBT")
        return bytearray(builder.Output())

    def of_one(builder):
        return vector(builder, [writing.write_table(builder, "Event", event)])
    wrong = [batch(EVENTS, of_shared_fields), into_itself(batch(EVENTS, of_one)),
             batch(FIXES, lambda builder: of_shared_fixes(builder, number))]
    return number, batch(EVENTS, of_one), wrong


def put_struct(builder, field, name, values):
    data = writing.inline_bytes(name, values)
    builder.Prep(8, len(data))
    writing.put(builder, data)
    builder.Slot(field)


def chain(builder, depth):
    """A table in a table in a table."""
    place = 0
    for _ in range(depth):
        builder.StartObject(1)
        if place:
            builder.PrependUOffsetTRelativeSlot(0, place, 0)
        place = builder.EndObject()
    return place


def vector(builder, places):
    builder.StartVector(4, len(places), 4)
    for place in reversed(places):
        builder.PrependUOffsetTRelative(place)
    return builder.EndVector()


def of_shared_fields(builder):
    """Thousands of events that are one, which has thousands of fields that are one."""
    field = writing.write_table(builder, "Field", {"key": "k", "value": "v"})
    fields = vector(builder, [field] * SHARED)
    unit, kind = builder.CreateString("blue/v1"), builder.CreateString("text")
    builder.StartObject(13)
    for slot, place in ((2, unit), (6, kind), (11, fields)):
        builder.PrependUOffsetTRelativeSlot(slot, place, 0)
    return vector(builder, [builder.EndObject()] * SHARED)


def of_shared_fixes(builder, number):
    """Two sections that share their fixes: what the hub wrote into the one it would write into the other."""
    fixes = writing.write_vector(builder, "Fix", [client.fix(1, 1)])
    sections = []
    for first in (number, number + 1):
        unit = builder.CreateString("blue/v1")
        builder.StartObject(8)
        for slot, place in ((2, unit), (4, fixes)):
            builder.PrependUOffsetTRelativeSlot(slot, place, 0)
        builder.PrependUint64Slot(1, first, 0)
        put_struct(builder, 0, "Stamp", client.NO_STAMP)
        sections.append(builder.EndObject())
    return vector(builder, sections)


def into_itself(data):
    """The same, its first event being the batch that holds it."""
    root = struct.unpack_from("<I", data, 0)[0]
    vtable = root - struct.unpack_from("<i", data, root)[0]
    slot = root + struct.unpack_from("<H", data, vtable + 4 + 2 * EVENTS)[0]
    first = slot + struct.unpack_from("<I", data, slot)[0] + 4
    struct.pack_into("<I", data, first, (root - first) % (1 << 32))
    return data

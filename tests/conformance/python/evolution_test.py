"""The schemas keep the rules for evolution, and the rules notice what breaks them."""

import os
import pathlib
import tempfile
import unittest

import evolution
import fbs

BASELINE = os.environ["VIGIE_BASELINE"]
SCHEMAS = os.environ["VIGIE_SCHEMAS"]


def changed(file, before, after):
    """What the rules say of the baseline with one text replaced by another."""
    with tempfile.TemporaryDirectory() as folder:
        for path in pathlib.Path(BASELINE).glob("*.fbs"):
            text = path.read_text(encoding="utf-8")
            if path.name == file:
                assert text.count(before) == 1, (before, text.count(before))
                text = text.replace(before, after)
            (pathlib.Path(folder) / path.name).write_text(text, encoding="utf-8")
        return list(evolution.broken(fbs.Schema.read(BASELINE), fbs.Schema.read(folder)))


class EvolutionTest(unittest.TestCase):
    def test_todays_schemas_break_nothing_of_the_baseline(self):
        self.assertEqual(
            list(evolution.broken(fbs.Schema.read(BASELINE), fbs.Schema.read(SCHEMAS))), [])

    def test_every_table_has_its_ids_without_a_gap(self):
        for one in fbs.Schema.read(SCHEMAS).declarations.values():
            if one.kind == "table":
                self.assertEqual([field.id for field in one.fields], list(range(len(one.fields))))

    def test_additions_are_allowed(self):
        self.assertEqual(changed("publish.fbs", "sent_time_us:long (id: 3);",
                                 "sent_time_us:long (id: 3); more:[string] (id: 4);"), [])
        self.assertEqual(changed("common.fbs", "TooFast = 18,", "TooFast = 18, TooSlow = 19,"), [])

    def test_each_way_to_break_a_reader_is_noticed(self):
        cases = [
            ("publish.fbs", "  client:string (id: 2);            // program", "  // program", "gone"),
            ("batch.fbs", "call_sign:string (id: 0);", "callsign:string (id: 0);", "renamed"),
            ("batch.fbs", "call_sign:string (id: 0);", "call_sign:[ubyte] (id: 0);", "retyped"),
            ("session.fbs", "speed:double (id: 9);", "speed:double = 1 (id: 9);", "default"),
            ("session.fbs", "head:ulong (id: 4); ", "head:ulong (id: 5); ", "renumbered"),
            ("batch.fbs", "first_number:ulong (id: 1);", "first_number:ulong (id: 1, required);",
             "required"),
            ("publish.fbs", "sent_time_us:long (id: 3);",
             "sent_time_us:long (id: 3); must:string (id: 4, required);", "new and required"),
            ("common.fbs", "struct Position { lat_e7:int; lon_e7:int; }",
             "struct Position { lat_e7:int; lon_e7:int; height:int; }", "struct"),
            ("common.fbs", "TooFast = 18,", "TooFast = 19,", "value moved"),
            ("common.fbs", "  TooFast = 18,", "", "value gone"),
            ("session.fbs", "enum Mode : ubyte", "enum Mode : ushort", "enum's type"),
        ]
        for file, before, after, why in cases:
            self.assertEqual(len(changed(file, before, after)), 1, why)


if __name__ == "__main__":
    unittest.main()

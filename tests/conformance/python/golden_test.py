"""Python reads golden/ as it is told there."""

import json
import os
import pathlib
import unittest

import reading
import writing


class GoldenTest(unittest.TestCase):
    maxDiff = None

    def test_every_kept_message_is_read_as_it_is_told(self):
        files = sorted(pathlib.Path(os.environ["VIGIE_GOLDEN"]).glob("*.json"))
        self.assertGreater(len(files), 15)
        for path in files:
            with self.subTest(path.stem):
                want = json.loads(path.read_text(encoding="utf-8"))
                data = path.with_suffix(".bin").read_bytes()
                have = (reading.frame(data) if want["root"] == "frame"
                        else reading.root(want["root"], data))
                self.assertEqual(have, want["message"])

    def test_every_kept_message_can_be_written_from_what_was_read(self):
        for path in sorted(pathlib.Path(os.environ["VIGIE_GOLDEN"]).glob("*.json")):
            want = json.loads(path.read_text(encoding="utf-8"))
            if want["root"] == "frame":
                continue
            with self.subTest(path.stem):
                identifier = path.with_suffix(".bin").read_bytes()[4:8].decode()
                data = writing.message(identifier, want["root"], want["message"])
                self.assertEqual(data[4:8].decode(), identifier)
                self.assertEqual(reading.root(want["root"], data), want["message"])


if __name__ == "__main__":
    unittest.main()

"""Python reads golden/ as it is told there."""

import json
import os
import pathlib
import unittest

import reading


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


if __name__ == "__main__":
    unittest.main()

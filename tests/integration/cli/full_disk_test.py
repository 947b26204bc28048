#!/usr/bin/env python3
"""A recording on a disk that is full, a real one in memory. Needs the right to mount; else it is skipped."""
import subprocess
import unittest

from vigie_programs import Place, gpx, ride

CUT = 7


class FullDisk(unittest.TestCase):
    def test_a_full_disk_is_said_and_what_was_kept_before_is_whole(self):
        with Place() as place:
            disk = place.folder / "disk"
            disk.mkdir()
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], capture_output=True,
                                     text=True, check=False)
            if mounted.returncode != 0:
                self.skipTest("mounting is not permitted: " + mounted.stderr.strip())
            try:
                self.fill(place, disk)
            finally:
                subprocess.run(["umount", disk], check=True)

    def fill(self, place, disk):
        track = place.file("ride.gpx", gpx(ride(9000)))
        done = place.run("track", "--unit", "alpha/v1", "--gpx", track, "--no-spool")
        self.assertEqual(done.returncode, 0, done.stderr)
        out = disk / "a.vgr"
        done = place.run("record", "--out", out)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn("a.vgr.part, cut and not sealed", done.stderr)
        self.assertFalse(out.exists())
        part = disk / "a.vgr.part"
        self.assertEqual(place.run("verify", part).returncode, CUT)
        read = place.run("replay", "--file", part, "--format", "ndjson")
        whole = place.run("replay", "--clock", "known", "--format", "ndjson")
        self.assertGreater(len(read.stdout), 0)
        self.assertTrue(whole.stdout.startswith(read.stdout))


if __name__ == "__main__":
    unittest.main()

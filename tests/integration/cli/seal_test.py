#!/usr/bin/env python3
"""Recordings as people keep and judge them: `vigie record`, `verify` and `replay --file`."""
import hashlib
import re
import resource
import struct
import subprocess
import unittest

import vigie_programs
from guarded import OK, REFUSED, USAGE, Guarded
from vigie_programs import gpx, lines_of, ride

FAILURE, CHANGED, CUT, NOT_SEALED, ANOTHER_KEY, KEY_OF_THEN = 1, 6, 7, 8, 9, 10
HEADER = b"\x89VGR\r\n\x1a\n" + struct.pack("<II", 1, 0)


def digest(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def records_of(file):
    """Kind and content of each, its hash checked by the page beside the format."""
    assert file.startswith(HEADER)
    at, last, found = 16, digest(HEADER), []
    while at < len(file):
        head = file[at:at + 8]
        kind, length = struct.unpack("<II", head)
        content = file[at + 8:at + 8 + length]
        last = digest(last, head, content)
        assert file[at + 8 + length:at + 40 + length] == last
        found.append((kind, content))
        at += 40 + length
    return found


def chained(records):
    last, out = digest(HEADER), [HEADER]
    for kind, content in records:
        head = struct.pack("<II", kind, len(content))
        last = digest(last, head, content)
        out += [head, content, last]
    return b"".join(out)


class Seal(Guarded):
    def setUp(self):
        super().setUp()
        self.enrol("alpha/v1", "tracker")
        self.enrol("alpha/room", "console")
        track = self.place.file("ride.gpx", gpx(ride(400)))
        self.vigie("alpha/v1", "track", "--unit", "alpha/v1", "--gpx", track, "--no-spool")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--kind", "halt", "water")
        self.out = self.place.folder / "patrol.vgr"

    def record(self, *more, who="alpha/room", out=None, code=OK):
        return self.vigie(who, "record", "--out", out or self.out, *more, code=code)

    def verify(self, *more, who="alpha/room", file=None, code=OK):
        return self.vigie(who, "verify", file or self.out, *more, code=code).stdout

    def key(self):
        return re.search(r"with key ([0-9a-f]{64})", self.record().stdout).group(1)

    def spoilt(self, name, data):
        path = self.place.folder / name
        path.write_bytes(data)
        return path

    # --- what must hold ---
    def test_a_range_is_kept_as_a_replay_shows_it_by_either_clock(self):
        for clock in ("known", "true"):
            with self.subTest(clock):
                out = self.place.folder / (clock + ".vgr")
                said = self.record("--clock", clock, out=out).stdout
                self.assertIn("all of the range", said)
                shown = self.vigie("alpha/room", "replay", "--clock", clock, "--format", "ndjson").stdout
                read = self.place.run("replay", "--file", out, "--format", "ndjson")
                self.assertEqual(read.returncode, OK, read.stderr)
                self.assertEqual(read.stdout, shown)
                self.assertGreaterEqual(len(lines_of(shown)), 401)
                self.assertIn(f"by {clock} time", self.verify(file=out))
                table = self.place.run("replay", "--file", out, "--format", "table").stdout
                self.assertIn("alpha/v1", table)

    def test_a_view_and_a_range_are_kept_and_said(self):
        self.record("--from", "2020-01-01T00:00:00Z", "--to", "2090-01-01T00:00:00Z", "--channel", "event/alpha")
        self.assertIn("from 2020-01-01T00:00:00Z to 2090-01-01T00:00:00Z; channels event/alpha", self.verify())
        read = lines_of(self.place.run("replay", "--file", self.out, "--format", "ndjson").stdout)
        self.assertEqual([line["text"] for line in read], ["water"])

    def test_verify_says_who_sealed_it_and_does_not_say_more(self):
        key = self.key()
        said = self.verify()
        self.assertIn("nothing was changed, removed or added", said)
        self.assertIn(f"key {key}, which says that it is alpha/room", said)
        self.assertIn("whose key it is was not proved", said)
        self.assertIn("that is the key that was asked for", self.verify("--key", key))
        self.assertIn("NOT the key", self.verify("--key", "0" * 64, code=ANOTHER_KEY))
        self.verify("--key", "no key", code=USAGE)

    def test_the_file_is_what_its_page_says(self):
        self.record()
        records = records_of(self.out.read_bytes())
        self.assertEqual([kind for kind, _ in records[-2:]], [2, 3])
        self.assertEqual(chained(records), self.out.read_bytes())
        self.assertEqual(self.out.stat().st_mode & 0o777, 0o600)

    def test_whatever_is_done_to_it_is_found(self):
        self.record()
        good = self.out.read_bytes()
        records = records_of(good)
        flipped = bytearray(good)
        flipped[len(good) // 2] ^= 4
        self.assertIn("CHANGED", self.verify(file=self.spoilt("flipped", flipped), code=CHANGED))
        self.verify(file=self.spoilt("cut", good[:len(good) * 2 // 3]), code=CUT)
        self.verify(file=self.spoilt("longer", good + b"\0"), code=CHANGED)
        self.verify(file=self.spoilt("unsealed", chained(records[:-1])), code=NOT_SEALED)
        frame = next(i for i, (_, content) in enumerate(records) if content[4:8] == b"VGFR")
        fewer = records[:frame] + records[frame + 1:]
        self.verify(file=self.spoilt("fewer", chained(fewer)), code=CHANGED)
        self.verify(file=self.spoilt("other", b"seq,unit\n"), code=FAILURE)
        self.verify(file=self.spoilt("newer", good[:8] + b"\2" + good[9:]), code=FAILURE)
        # What stands before a cut can be read, and nobody takes it for the whole.
        part = self.place.run("replay", "--file", self.place.folder / "cut", "--format", "ndjson")
        self.assertEqual(part.returncode, CUT)
        self.assertIn("cut, and not sealed", part.stderr)

    def test_a_range_of_the_audit_is_sealed_for_administrators_and_in_nobody_elses_file(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/lost", "console", by="alpha/boss")
        self.vigie("alpha/boss", "revoke", "alpha/lost")
        self.send("alpha/v1", "the marker")
        audit = ("--channel", "event/alpha/_audit")
        self.assertIn("all of the range", self.record(*audit, who="alpha/boss").stdout)
        self.assertIn("it is the key of alpha/boss", self.verify("--ask-hub", who="alpha/boss"))
        read = lines_of(self.place.run("replay", "--file", self.out, "--format", "ndjson").stdout)
        self.assertEqual({line["channel"] for line in read}, {"event/alpha/_audit"})
        acts = [(line["kind"], line["fields"]["whom"]) for line in read if "whom" in line["fields"]]
        self.assertEqual(acts[-3:], [("invited", "alpha/lost"), ("enrolled", "alpha/lost"), ("revoked", "alpha/lost")])
        # Each single byte is under the seal; these are of the file's beginning, of what was done, and of its end.
        good = self.out.read_bytes()
        for place in (20, good.index(b"revoked"), good.index(b"alpha/lost"), len(good) - 40):
            flipped = bytearray(good)
            flipped[place] ^= 1
            self.assertIn("CHANGED", self.verify(who="alpha/boss", file=self.spoilt(f"at {place}", flipped),
                                                 code=CHANGED), place)
        # A console of the same owner takes nothing of it away, whatever it asks for.
        for name, asked in (("audit", audit), ("all", ()), ("group", ("--channel", "*/alpha/_audit"))):
            out = self.place.folder / f"{name}.vgr"
            self.record(*asked, out=out)
            file = out.read_bytes()
            for word in (b"revoked", b"alpha/lost", b"alpha/audit"):
                self.assertNotIn(word, file, name)
            read = lines_of(self.place.run("replay", "--file", out, "--format", "ndjson").stdout)
            self.assertEqual(any(line.get("text") == "the marker" for line in read), name == "all")
            self.assertFalse([line for line in read if line["channel"].endswith("/_audit")])

    def test_without_a_seal_it_proves_nothing(self):
        self.assertIn("nobody vouches", self.record("--no-seal").stdout)
        self.assertIn("not sealed", self.verify(code=NOT_SEALED))
        self.assertEqual(self.place.run("replay", "--file", self.out, "--format", "ndjson").returncode, OK)

    def test_the_hub_knows_whose_key_it_is_and_was(self):
        self.enrol("alpha/boss", "administrator")
        key = self.key()
        identities = lines_of(self.vigie("alpha/boss", "identities", "--format", "json").stdout)
        self.assertEqual([line["sign_key"] for line in identities
                          if line["unit"] == "alpha/room" and line["kind"] == "identity"], [key])
        self.assertIn("it is the key of alpha/room", self.verify("--ask-hub"))
        self.vigie("alpha/room", "rotate")
        self.assertIn("was the key of alpha/room then, and is not any more",
                      self.verify("--ask-hub", code=KEY_OF_THEN))
        second = self.place.folder / "second.vgr"
        self.record(out=second)
        self.assertIn("it is the key of alpha/room", self.verify("--ask-hub", file=second))
        self.vigie("alpha/boss", "revoke", "alpha/room")
        said = self.verify("--ask-hub", who="alpha/boss", file=second, code=KEY_OF_THEN)
        self.assertIn("was the key of alpha/room then, and is not any more", said)

    def test_a_stranger_who_says_another_name_is_found(self):
        self.enrol("bravo/room", "console")
        path = self.key_file("bravo/room")
        path.write_text(path.read_text().replace("bravo/room", "alpha/room"))
        self.record(who="bravo/room")
        self.assertIn("which says that it is alpha/room", self.verify())
        self.assertIn("shows you no identity alpha/room that has this key", self.verify("--ask-hub", code=ANOTHER_KEY))

    def test_whom_the_hub_does_not_show_is_not_judged(self):
        self.enrol("bravo/room", "console")
        self.record()
        self.assertIn("shows you no identity alpha/room, of then or of now",
                      self.verify("--ask-hub", who="bravo/room", code=REFUSED))

    def test_what_is_there_is_not_written_over(self):
        self.record()
        before = self.out.read_bytes()
        self.assertIn("is there already", self.record(code=USAGE).stderr)
        self.assertEqual(self.out.read_bytes(), before)

    def test_a_hub_that_does_not_answer_leaves_no_file(self):
        done = self.place.run("record", "--out", self.out, "--timeout", "1s", "--plain", hub="127.0.0.1:1")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(list(self.place.folder.glob("patrol*")), [])

    def test_a_file_is_no_range(self):
        self.record()
        done = self.place.run("replay", "--file", self.out, "--from", "-1h")
        self.assertEqual(done.returncode, USAGE)

    def test_a_large_file_is_read_in_less_memory_than_it_has_bytes(self):
        self.record()
        records = records_of(self.out.read_bytes())
        frame = max((one for one in records if one[1][4:8] == b"VGFR"), key=lambda one: len(one[1]))
        size, memory = 96 << 20, 48 << 20
        path = self.spoilt("size", chained(records[:2] + [frame] * (size // len(frame[1]))))
        self.assertGreater(path.stat().st_size, size)
        done = subprocess.run(self.place.command("verify", path), capture_output=True, text=True,
                              env=self.place.environment(), timeout=vigie_programs.WAIT_S,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (memory, memory)))
        self.assertEqual(done.returncode, CUT, done.stderr)


if __name__ == "__main__":
    unittest.main()

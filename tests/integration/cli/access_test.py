#!/usr/bin/env python3
"""Who may do what, as people meet it: `vigie` against a hub that asks who is there."""
import json
import os
import shutil
import stat
import subprocess
import time
import unittest

import vigie_programs
from guarded import OK, REFUSED, UNREACHABLE, USAGE, Follower, Guarded
from vigie_programs import WAIT_S, cores_are_written, leaves_a_core, lines_of


class Access(Guarded):
    def test_a_code_makes_a_device_somebody_whose_key_is_its_own(self):
        code = self.invite("alpha/v1", "tracker")
        done = self.place.run("join", code, "--identity", self.key_file("alpha/v1"))
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("you are alpha/v1, tracker", done.stdout)
        self.assertEqual(stat.S_IMODE(os.stat(self.key_file("alpha/v1")).st_mode), 0o600)
        self.assertEqual(self.send("alpha/v1", "here").returncode, OK)
        secret = next(line.split("'")[1] for line in self.key_file("alpha/v1").read_text().splitlines()
                      if line.startswith("secret"))
        self.assertNotIn(secret, self.place.hub.log + done.stdout + done.stderr)

    def test_the_code_may_come_by_the_input_and_then_the_default_place_is_used(self):
        code = self.invite("alpha/room", "console")
        joining = self.place.start("join", "-", stdin=-1)
        out, err = joining.communicate(code + "\n", timeout=vigie_programs.WAIT_S)
        self.assertEqual(joining.returncode, OK, err)
        self.assertIn(str(self.place.folder / "config" / "vigie" / "identity.toml"), out)
        self.assertEqual(self.place.run("watch", "--snapshot", "--format", "ndjson").returncode, OK)

    def test_a_code_opens_once_and_says_so_in_plain_words(self):
        code = self.invite("alpha/v1", "tracker")
        for name, expected in (("one", OK), ("two", REFUSED)):
            done = self.place.run("join", code, "--identity", self.key_file(name))
            self.assertEqual(done.returncode, expected, done.stderr)
        self.assertIn("used, withdrawn or is over", done.stderr)
        self.assertFalse(self.key_file("two").exists())
        # The owner's administrator is told whose code was tried again.
        self.enrol("alpha/boss", "administrator")
        until = time.monotonic() + WAIT_S
        while not (told := lines_of(self.vigie("alpha/boss", "audit", "--what", "refused").stdout)):
            self.assertLess(time.monotonic(), until, "the second try was never told")
        self.assertEqual(told[0]["fields"]["whom"], "alpha/v1")
        self.assertEqual(told[0]["fields"]["reason"], "the code was used")
        self.assertEqual(told[0]["fields"]["code"], "bad_invite")

    def test_a_code_can_be_withdrawn_and_ends_by_itself(self):
        withdrawn = self.invite("alpha/v1", "tracker")
        self.vigie(self.chief, "invite", "alpha/v1", "--withdraw")
        brief = self.invite("alpha/v2", "tracker", "--valid", "1ms")
        for code in (withdrawn, brief):
            done = self.place.run("join", code, "--identity", self.key_file("new"))
            self.assertEqual(done.returncode, REFUSED, done.stderr)

    def test_a_mistyped_code_is_told_from_a_used_one(self):
        code = self.invite("alpha/v1", "tracker")
        mistyped = code[:30] + ("A" if code[30] != "A" else "B") + code[31:]
        done = self.place.run("join", mistyped, "--identity", self.key_file("new"))
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("mistyped", done.stderr)

    def test_who_is_somebody_already_does_not_become_another_by_mistake(self):
        self.enrol("alpha/v1", "tracker")
        code = self.invite("alpha/v2", "tracker")
        done = self.place.run("join", code, "--identity", self.key_file("alpha/v1"))
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("is there already", done.stderr)
        done = self.place.run("join", code, "--replace", "--identity", self.key_file("alpha/v1"))
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("you are alpha/v2", done.stdout)

    def test_a_join_that_was_cut_after_the_hub_knew_is_taken_up(self):
        code = self.invite("alpha/v1", "tracker")
        path = self.key_file("alpha/v1")
        self.assertEqual(self.place.run("join", code, "--identity", path).returncode, OK)
        path.rename(str(path) + ".joining")  # as a kill before the last step leaves it
        done = self.place.run("join", code, "--identity", path)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("was cut", done.stderr)
        self.send("alpha/v1", "here")

    def test_a_join_that_was_cut_is_taken_up_whatever_code_is_given_and_that_one_stays_unused(self):
        path = self.key_file("alpha/v1")
        self.enrol("alpha/v1", "tracker")
        path.rename(str(path) + ".joining")
        other = self.invite("alpha/v2", "tracker")
        done = self.place.run("join", other, "--identity", path)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("you are alpha/v1", done.stdout)
        self.assertIn("this code was not used", done.stderr)
        done = self.place.run("join", other, "--identity", self.key_file("alpha/v2"))
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertIn("you are alpha/v2", done.stdout)
        self.assertNotIn("not used", done.stderr)

    def test_a_hub_that_is_not_there_is_told_from_a_code_that_does_not_open(self):
        code = self.invite("alpha/v1", "tracker")
        self.place.hub.stop()
        done = self.place.run("join", code, "--timeout", "2s", "--identity", self.key_file("alpha/v1"))
        self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
        self.assertNotIn("used, withdrawn or is over", done.stderr)
        self.assertFalse(self.key_file("alpha/v1").exists())

    def test_a_qr_code_can_be_shown_and_written(self):
        picture = self.place.folder / "code.png"
        done = self.vigie(self.chief, "invite", "alpha/v1", "--role", "tracker", "--qr", "--png", picture)
        *shown, code = done.stdout.splitlines()
        self.assertIn("\u2588", "".join(shown))
        self.assertEqual(picture.read_bytes()[1:4], b"PNG")
        if shutil.which("zbarimg") is None:
            self.skipTest("what the pictures hold is not read: zbarimg is not there (apt-get install zbar-tools)")
        self.assertEqual(self.read_qr(picture), code)
        self.assertEqual(self.read_qr(self.as_a_camera_sees(shown)), code)

    def read_qr(self, picture):
        """What another program than ours reads there."""
        done = subprocess.run(["zbarimg", "--quiet", "--raw", "--set", "disable", "--set", "qrcode.enable", picture],
                              text=True, capture_output=True, timeout=WAIT_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.removesuffix("\n")

    def as_a_camera_sees(self, lines, pixels=8):
        """A picture of half blocks on a dark terminal: two rows of modules a line."""
        light = {"\u2588": (True, True), "\u2580": (True, False), "\u2584": (False, True), " ": (False, False)}
        rows = [[light[character][half] for character in line] for line in lines for half in (0, 1)]
        row_bytes = [b"".join((b"\xff" if on else b"\0") * pixels for on in row) * pixels for row in rows]
        path = self.place.folder / "terminal.pgm"
        path.write_bytes(f"P5 {len(rows[0]) * pixels} {len(rows) * pixels} 255\n".encode() + b"".join(row_bytes))
        return path

    def test_a_code_that_leads_to_loopback_says_that_it_is_for_this_machine_alone(self):
        port = self.place.hub.port
        for address, here in ((None, True), (f"127.8.0.1:{port}", True), (f"[::1]:{port}", True),
                              (f"localhost:{port}", True), (f"hub.example.org:{port}", False),
                              (f"192.0.2.1:{port}", False), (f"[2001:db8::1]:{port}", False),
                              (f"127.example.org:{port}", False)):
            with self.subTest(address=address):
                more = ("--address", address) if address else ()
                said = self.vigie(self.chief, "invite", "alpha/v1", "--role", "tracker", *more).stderr
                self.assertEqual(said.count("on this machine alone"), int(here), said)
                if here:
                    self.assertIn(f"it leads to {address or self.place.hub.address}", said)
                    self.assertIn("--address HOST:PORT", said)

    def test_programs_that_hold_secrets_leave_no_core_where_the_system_would_write_one(self):
        if not cores_are_written(self.place.folder):
            self.skipTest("this machine writes no cores: nothing is told by there being none")
        following = Follower(self.place, "--identity", self.chief)
        following.wait_for(lambda line: line.get("notice") == "snapshot_end")
        self.assertFalse(leaves_a_core(following.process), "of vigie")
        following.end()
        self.assertFalse(leaves_a_core(self.place.hub.process), "of vigie-hub")

    def test_a_tracker_publishes_for_its_units_alone(self):
        self.enrol("alpha/v1", "tracker")
        done = self.send("alpha/v1", "I am another", unit="alpha/v2", code=REFUSED)
        self.assertIn("not_entitled", done.stderr)
        self.assertIn("'alpha/v1' does not publish for unit 'alpha/v2'", done.stderr)

    def test_who_has_no_identity_is_told_so(self):
        done = self.place.run("send", "--unit", "alpha/v1", "--timeout", "2s", "I am nobody")
        self.assertEqual(done.returncode, UNREACHABLE)
        self.assertIn("asks who is there", done.stderr)

    def test_two_owners_see_each_its_own_and_what_was_granted_while_it_was(self):
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
            self.enrol(owner + "/room", "console")
        self.enrol("alpha/boss", "administrator")
        self.send("alpha/v1", "before")
        live = Follower(self.place, "--class", "event", "--since", "-1h", "--identity", self.key_file("bravo/room"))
        self.addCleanup(live.end)
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo", "--class", "event")
        self.send("alpha/v1", "during")
        self.send("bravo/v1", "first marker")
        seen = live.wait_for(lambda line: line.get("text") == "first marker")[1]
        self.assertEqual([line["text"] for line in seen if "text" in line], ["during"])
        self.assertEqual(self.texts("bravo/room"), ["during", "first marker"])
        self.assertIn("grant alpha/joint to bravo): yes", self.vigie("bravo/room", "access").stdout)
        self.assertIn("alpha/joint", self.vigie("alpha/boss", "access", "--as", "bravo/room").stdout)
        self.vigie("alpha/boss", "grant", "alpha/joint", "--end")
        self.send("alpha/v1", "after")
        self.send("bravo/v1", "second marker")
        seen = live.wait_for(lambda line: line.get("text") == "second marker")[1]
        self.assertEqual([line["text"] for line in seen if "text" in line], [])
        self.assertEqual(self.texts("bravo/room"), ["first marker", "second marker"])
        self.assertEqual(self.texts("alpha/room"), ["before", "during", "after"])
        self.assertIn("no: ended", self.vigie("bravo/room", "access").stdout)

    def test_of_a_moment_outside_a_grants_window_it_is_said_that_it_shows_nothing_new(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("bravo/room", "console")
        self.vigie("alpha/boss", "grant", "alpha/window", "--to", "bravo", "--class", "event", "--from", "-2h",
                   "--until", "-1h", "--past")

        def stands(*at, who="bravo/room"):
            said = self.vigie(who, "access", "--as", "bravo/room", *at).stdout
            return next(line.split("to bravo): ")[1] for line in said.splitlines() if "grant alpha/window" in line)
        for who in ("bravo/room", "alpha/boss"):
            self.assertEqual(stands("--at", "-90m", who=who), "yes")
            for at in (("--at", "-30m"), ()):
                self.assertRegex(stands(*at, who=who), r"^no: only what was known before 20\S+Z$")
            self.assertRegex(stands("--at", "-3h", who=who), r"^no: only what was known from 20\S+Z on$")

    def recorded(self, who, name):
        """The texts of all events that it may take away."""
        out = self.place.folder / name
        self.vigie(who, "record", "--class", "event", "--out", out)
        read = self.place.run("replay", "--file", out, "--format", "ndjson")
        self.assertEqual(read.returncode, OK, read.stderr)
        return [line["text"] for line in lines_of(read.stdout) if "text" in line]

    def test_a_file_holds_what_its_maker_may_see_then_and_the_owner_reads_who_took_it(self):
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
        self.enrol("bravo/room", "console")
        self.enrol("alpha/boss", "administrator")

        def exported():
            lines = lines_of(self.vigie("alpha/boss", "audit", "--format", "json").stdout)
            return [line["fields"].get("grants") for line in lines
                    if line["kind"] == "exported" and line["fields"]["who"] == "bravo/room"]
        self.send("alpha/v1", "before")
        self.send("bravo/v1", "first marker")
        self.assertEqual(self.recorded("bravo/room", "before.vgr"), ["first marker"])
        self.assertEqual(exported(), [])
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo", "--class", "event")
        self.send("alpha/v1", "during")
        self.send("bravo/v1", "second marker")
        self.assertEqual(self.recorded("bravo/room", "during.vgr"), ["first marker", "during", "second marker"])
        self.assertEqual(exported(), ["alpha/joint"])
        self.vigie("alpha/boss", "grant", "alpha/joint", "--end")
        self.send("alpha/v1", "after")
        self.send("bravo/v1", "third marker")
        self.assertEqual(self.recorded("bravo/room", "after.vgr"), ["first marker", "second marker", "third marker"])
        self.assertEqual(exported(), ["alpha/joint"])

    def test_a_grant_with_terms_is_read_by_its_name_and_one_of_the_past_shows_the_past(self):
        self.enrol("alpha/v1", "tracker")
        self.enrol("alpha/boss", "administrator")
        self.enrol("aid/room", "console")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--at", "15.0123456,1.0456789", "before")
        self.vigie("alpha/boss", "grant", "alpha/rough", "--to", "aid", "--delay", "1s", "--round", "5000", "--past")
        said = self.vigie("aid/room", "access").stdout
        self.assertIn("1 s late; rounded to 5000 m; of the time before it was made, too (grant alpha/rough", said)
        self.assertEqual(self.texts("aid/room"), [])
        live = Follower(self.place, "--class", "event", "--since", "-1h", "--grant", "alpha/rough",
                        "--identity", self.key_file("aid/room"))
        self.addCleanup(live.end)
        line = live.wait_for(lambda line: line.get("text") == "before")[0]
        self.assertNotEqual((line["lat"], line["lon"]), (15.0123456, 1.0456789))
        done = self.vigie("aid/room", "replay", "--grant", "alpha/rough", "--format", "ndjson", "--class", "event")
        self.assertEqual([(one["text"], float(one["lat"])) for one in lines_of(done.stdout)], [("before", line["lat"])])
        for terms, sentence in ((("--delay", "500ms"), "--delay 500ms is not whole seconds"),
                                (("--round", "200000"), "round_m 200000")):
            done = self.place.run("grant", "alpha/other", "--to", "aid", *terms,
                                  "--identity", self.key_file("alpha/boss"))
            self.assertIn(sentence, done.stderr)
            self.assertNotEqual(done.returncode, OK)

    def test_a_grant_by_numbers_of_its_own_says_so_and_shows_none_of_the_hubs(self):
        self.enrol("alpha/v1", "tracker")
        self.enrol("alpha/boss", "administrator")
        self.enrol("aid/room", "console")
        self.vigie("alpha/boss", "grant", "alpha/own", "--to", "aid", "--own-numbers", "--past")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--at", "15,1", "hello")
        self.assertIn("; by numbers of its own; ", self.vigie("aid/room", "access").stdout)
        said = lines_of(self.vigie("alpha/boss", "identities", "--format", "json").stdout)
        self.assertEqual([line["own_numbers"] for line in said if line["kind"] == "grant"], [True])
        live = Follower(self.place, "--class", "event", "--since", "-1h", "--grant", "alpha/own",
                        "--identity", self.key_file("aid/room"))
        self.addCleanup(live.end)
        line = live.wait_for(lambda line: line.get("text") == "hello")[0]
        done = self.vigie("aid/room", "replay", "--grant", "alpha/own", "--format", "ndjson", "--class", "event")
        self.assertEqual([one["seq"] for one in lines_of(done.stdout)], [line["seq"]])
        self.assertGreater(line["seq"], 1 << 60)
        self.vigie("alpha/boss", "grant", "alpha/own", "--end")
        self.assertIn("no: ended", self.vigie("aid/room", "access").stdout)

    def test_the_status_page_names_nobody_and_nothing_that_is_looked_at(self):
        self.enrol("alpha/room", "console")
        live = Follower(self.place, "--identity", self.key_file("alpha/room"), "--unit", "alpha/hidden")
        self.addCleanup(live.end)
        live.wait_for(lambda line: line.get("notice") == "snapshot_end")
        until = time.monotonic() + WAIT_S
        while True:
            text = self.place.run("status", "--format", "json").stdout
            status = json.loads(text)
            if status["session_count"] == 1:
                break
            self.assertLess(time.monotonic(), until, text)
        self.assertNotIn("alpha", text)
        self.assertEqual(len(status["sessions"]), 1)
        self.assertFalse({"name", "view"} & set(status["sessions"][0]))

    def test_a_revoked_one_is_out_wherever_it_is(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/room", "console")
        live = Follower(self.place, "--identity", self.key_file("alpha/room"))
        self.addCleanup(live.end)
        live.wait_for(lambda line: line.get("notice") == "snapshot_end")
        self.vigie("alpha/boss", "revoke", "alpha/room")
        live.wait_for(lambda line: line.get("notice") == "link" and line.get("code") == "revoked")
        done = self.vigie("alpha/room", "watch", "--snapshot", code=REFUSED)
        self.assertIn("does not know this key", done.stderr)
        self.send("alpha/room", "still here?", code=REFUSED)

    def test_another_key_is_taken_and_running_programs_take_it_up(self):
        self.enrol("alpha/v1", "tracker")
        self.enrol("alpha/room", "console")
        live = Follower(self.place, "--class", "event", "--identity", self.key_file("alpha/room"))
        self.addCleanup(live.end)
        live.wait_for(lambda line: line.get("notice") == "snapshot_end")
        before = self.key_file("alpha/room").read_text()
        self.vigie("alpha/room", "rotate")
        self.assertNotEqual(self.key_file("alpha/room").read_text(), before)
        self.send("alpha/v1", "after")
        live.wait_for(lambda line: line.get("text") == "after")

    def test_who_is_enrolled_is_seen_by_administrators_of_the_owner(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("bravo/boss", "administrator")
        self.enrol("alpha/v1", "tracker", "--identity-valid", "90d")
        self.invite("alpha/new", "console", by="alpha/boss")
        own = self.vigie("alpha/boss", "identities").stdout
        for name in ("alpha/boss", "alpha/v1", "alpha/new"):
            self.assertIn(name, own)
        self.assertNotIn("bravo", own)
        self.assertNotIn("alpha", self.vigie("bravo/boss", "identities").stdout)
        everybody = self.vigie(self.chief, "identities", "--format", "json").stdout
        self.assertEqual({line["unit"] for line in lines_of(everybody) if line["kind"] == "identity"},
                         {"alpha/boss", "bravo/boss", "alpha/v1"})

    def test_only_administrators_invite_revoke_and_grant(self):
        self.enrol("alpha/room", "console")
        for command in (("invite", "alpha/x", "--role", "console"), ("revoke", "alpha/room"),
                        ("grant", "alpha/joint", "--to", "bravo")):
            done = self.vigie("alpha/room", *command, code=REFUSED)
            self.assertIn("no administrator", done.stderr)

    def test_a_key_file_that_others_may_read_is_not_used(self):
        self.enrol("alpha/v1", "tracker")
        self.key_file("alpha/v1").chmod(0o644)
        done = self.send("alpha/v1", "hello", code=USAGE)
        self.assertIn("chmod 600", done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Another key for the hub while everybody works: nobody is locked out, nothing acknowledged is lost."""
import json
import re
import shutil
import subprocess
import threading
import time
import unittest

from guarded import OK, REFUSED, UNREACHABLE, Follower, Guarded
from vigie_programs import WAIT_S, Hub, gpx, lines_of, ride, stop

OVERLAP_S_MAX = 90  # of those whose end is awaited


class HubKey(Guarded):
    def hub_key(self, who):
        """What a key file holds, and whether it still holds the one before."""
        path = self.chief if who == "chief" else self.key_file(who)
        text = path.read_text()
        return re.search(r"hub_key = '(\w+)'", text).group(1), "hub_key_old" in text

    def rotate(self, overlap):
        done = self.vigie(self.chief, "rotate", "--hub-key", "--overlap", overlap)
        return re.search(r"the hub has another key: (\w+)", done.stdout).group(1)

    def send_until(self, who, holds):
        """Sends, and so passes the time, until it holds."""
        until = time.monotonic() + OVERLAP_S_MAX + WAIT_S
        while not holds():
            self.assertLess(time.monotonic(), until, "it never came to be so")
            self.send(who, "meanwhile")

    def restart(self, kill=False):
        hub = self.place.hub
        if kill:
            hub.process.kill()
        hub.stop()
        self.log_before += hub.log
        self.place.hub = Hub(self.place.folder / "data", port=hub.port, guarded=True)

    def wait_for_log(self, who, text):
        self.send_until(who, lambda: text in self.place.hub.log)

    # --- what must hold ---
    def test_it_changes_under_load_and_a_crash_and_nothing_acknowledged_is_lost(self):
        units = [f"alpha/v{i}" for i in range(3)]
        for name in (*units, "alpha/talker", "alpha/late", "alpha/off"):
            self.enrol(name, "tracker")
        self.enrol("alpha/room", "console")
        first = self.hub_key("alpha/room")[0]
        path = self.place.file("ride.gpx", gpx(ride(400)))
        # A hundred fixes a second each.
        tracks = {unit: self.place.start("track", "--unit", unit, "--gpx", path, "--speed", "500", "--loop",
                                         "--retime", "now", "--format", "json", "--identity", self.key_file(unit))
                  for unit in units}
        live = Follower(self.place, "--class", "event", "--identity", self.key_file("alpha/room"))
        self.addCleanup(live.end)
        live.wait_for(lambda line: line.get("notice") == "snapshot_end")
        said, failures, talking = [], [], threading.Event()

        def talk():
            while not talking.is_set():
                try:
                    done = self.place.run("send", "--unit", "alpha/talker", "--timeout", "50s", f"word {len(said)}",
                                          "--identity", self.key_file("alpha/talker"))
                    self.assertEqual(done.returncode, OK, done.stderr)
                except (AssertionError, subprocess.TimeoutExpired) as failure:
                    failures.append(str(failure))
                    return
                said.append(f"word {len(said)}")

        def goes_on():
            """Two more are said: the second began after this did."""
            count = len(said)
            self.send_until("alpha/late", lambda: len(said) > count + 1 or failures)
            self.assertEqual(failures, [])
        talker = threading.Thread(target=talk)
        talker.start()
        self.addCleanup(talker.join)
        self.addCleanup(talking.set)
        late = [self.place.folder / f"late-{i}.toml" for i in range(3)]
        for copy in late:
            shutil.copy(self.key_file("alpha/late"), copy)

        goes_on()
        # Ample for a slow machine: all that the old key is to do is done before its end.
        second = self.rotate("90s")
        self.assertNotEqual(second, first)
        everybody = ("chief", "alpha/talker", "alpha/room", *units)
        # Told while they are connected, none of them having come anew by itself.
        self.send_until("alpha/late", lambda: all(self.hub_key(who)[0] == second for who in everybody))
        goes_on()
        self.vigie(late[0], "send", "--unit", "alpha/late", "by the old key")
        self.restart(kill=True)
        self.assertIn("before_works_until=20", self.place.hub.log)
        self.vigie(late[1], "send", "--unit", "alpha/late", "by the old key, after the crash")
        self.send("alpha/late", "by the new key, after the crash")
        goes_on()
        self.wait_for_log("alpha/late", "the hub's key before this one has ended")
        self.assertFalse((self.place.hub.keys / "hub.key.old").exists())

        off = self.place.run("send", "--unit", "alpha/off", "--timeout", "30s", "am I there?",
                             "--identity", self.key_file("alpha/off"))
        self.assertEqual(off.returncode, UNREACHABLE, off.stderr)
        self.assertIn("has taken another one since and the old one has ended (then join anew", off.stderr)
        self.restart()
        talking.set()
        talker.join()
        self.assertEqual(failures, [])
        self.send("alpha/late", "the last")
        _, before = live.wait_for(lambda line: line.get("text") == "the last")
        shown = [line["text"] for line in before if line.get("text", "").startswith("word ")]
        self.assertEqual(shown, said)
        lines = lines_of(self.vigie("alpha/room", "replay", "--format", "ndjson").stdout)
        kept = [line["text"] for line in lines if line.get("text", "").startswith("word ")]
        self.assertEqual(kept, said)
        for unit, track in tracks.items():
            # It has come back: whoever met the hub while it stopped waits before it tries again.
            self.vigie("alpha/room", "watch", "--unit", unit, "--class", "track", "--only-new", "--count", "1",
                       "--format", "ndjson")
            out, err = stop(track)
            self.assertEqual(track.returncode, OK, err)
            summary = json.loads(out)
            self.assertEqual((summary["waiting"], summary["refused"], summary["given_up"]), (0, 0, 0), summary)
            fixes = lines_of(self.vigie("alpha/room", "replay", "--format", "ndjson", "--class", "track",
                                        "--unit", unit).stdout)
            self.assertGreater(summary["acknowledged"], 100)
            self.assertEqual(len(fixes), summary["acknowledged"])
            self.assertEqual(len({fix["true_time"] for fix in fixes}), len(fixes))

    def test_codes_of_before_and_of_meanwhile_open_and_what_joined_stays(self):
        early, never_used = (self.invite(name, "tracker") for name in ("alpha/v1", "alpha/v2"))
        second = self.rotate("60s")
        later = self.invite("alpha/v3", "tracker")
        for name, code in (("alpha/v1", early), ("alpha/v3", later)):
            done = self.place.run("join", code, "--identity", self.key_file(name))
            self.assertEqual(done.returncode, OK, done.stderr)
            self.assertEqual(self.hub_key(name)[0], second)
        in_time = self.invite("alpha/v4", "tracker")
        self.wait_for_log("alpha/v1", "the hub's key before this one has ended")
        self.send("alpha/v3", "still here")
        done = self.place.run("join", in_time, "--identity", self.key_file("alpha/v4"))
        self.assertEqual(done.returncode, OK, done.stderr)
        joining = self.place.start("join", never_used, "--timeout", "60s", "--identity", self.key_file("alpha/v2"))
        _, told = joining.communicate(timeout=2 * WAIT_S)
        self.assertEqual(joining.returncode, UNREACHABLE, told)
        self.assertIn("join anew, with a code of its administrator", told)

    def test_a_second_change_waits_for_the_first_unless_the_key_is_to_end_at_once(self):
        self.enrol("alpha/v1", "tracker")
        off = self.place.folder / "off.toml"
        shutil.copy(self.key_file("alpha/v1"), off)
        self.rotate("1h")
        done = self.vigie(self.chief, "rotate", "--hub-key", code=REFUSED)
        self.assertIn("the key before this one still works, until", done.stderr)
        third = self.rotate("0")
        self.assertEqual(self.hub_key("chief")[0], third)
        done = self.place.run("send", "--unit", "alpha/v1", "--timeout", "30s", "hello", "--identity", off)
        self.assertEqual(done.returncode, UNREACHABLE, done.stderr)
        self.assertIn("join anew", done.stderr)

    def test_only_the_hubs_own_administrators_change_it(self):
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/room", "console")
        before = (self.place.hub.keys / "hub.key").read_text()
        for who in ("alpha/boss", "alpha/room"):
            done = self.vigie(who, "rotate", "--hub-key", code=REFUSED)
            self.assertIn("administrator", done.stderr)
        self.assertEqual((self.place.hub.keys / "hub.key").read_text(), before)

    def test_what_stands_is_told_in_the_status(self):
        self.rotate("1h")
        second = self.hub_key("chief")[0]
        until = time.monotonic() + WAIT_S
        status = {"hub_key": {}}
        while status["hub_key"].get("key") != second:  # the page is renewed twice a second
            self.assertLess(time.monotonic(), until, status["hub_key"])
            status = json.loads(self.place.run("status", "--format", "json").stdout)
        self.assertIn("old_works_until", status["hub_key"])
        secret = re.search(r"secret = '(\w+)'", (self.place.hub.keys / "hub.key").read_text()).group(1)
        self.assertNotIn(secret, self.place.hub.log + json.dumps(status))

    def test_a_key_file_that_cannot_be_written_is_told_of_and_the_program_goes_on(self):
        self.enrol("alpha/v1", "tracker")
        self.rotate("1h")
        # Where a folder stands no draft can be made.
        (self.place.folder / "alpha-v1.toml.new" / "full").mkdir(parents=True)
        done = self.send("alpha/v1", "hello")
        self.assertIn("the hub has another key, and it can't be kept", done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Two trackers on one unit, as people meet it: the better one moves it, the other is kept and takes over."""
import json
import signal
import subprocess
import time
import unittest

from guarded import REFUSED, USAGE, Follower, Guarded
from vigie_programs import WAIT_S, BeforePublishing, Hub, lines_of, nmea, stop


class Receiver:
    """A `vigie track` that is fed the sentences of a receiver."""

    def __init__(self, people, who, unit, spool):
        self.process = people.place.start(
            "track", "--unit", unit, "--nmea", "-", "--identity", people.key_file(who),
            "--spool", people.place.folder / spool, stdin=subprocess.PIPE)

    def at(self, time, minutes):
        """A fix at this time of the day, so many minutes east."""
        self.process.stdin.write(nmea(f"GPRMC,{time},A,1500.0000,N,{minutes:05d}.0000,E,10,90,010326,,"))
        self.process.stdin.flush()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self):
        if self.process.returncode is None:
            self.process.communicate(timeout=WAIT_S)


class Sources(Guarded):
    def setUp(self):
        super().setUp()
        self.enrol("alpha/v1", "tracker")
        self.enrol("alpha/v1-phone", "tracker", "--unit", "alpha/v1", "--rank", "2")
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/room", "console")
        self.live = Follower(self.place, "--identity", self.key_file("alpha/room"))
        self.addCleanup(self.live.end)
        self.live.wait_for(lambda line: line.get("notice") == "snapshot_end")

    def receiver(self, who, spool):
        receiver = Receiver(self, who, "alpha/v1", spool)
        self.addCleanup(lambda: receiver.process.poll() is None and receiver.kill())
        return receiver

    def comes(self, receiver, time, minutes):
        """Feeds a fix; whether it came marked as standing aside."""
        receiver.at(time, minutes)
        moment = f"T{time[:2]}:{time[2:4]}:{time[4:]}.000000Z"
        line = self.live.wait_for(lambda line: line.get("class") == "track" and line["true_time"].endswith(moment))[0]
        self.assertNotIn("late", line)
        return line.get("aside", False)

    def stands(self):
        """The time of the fix at which the picture shows the unit."""
        done = self.vigie("alpha/room", "watch", "--snapshot", "--class", "track", "--format", "ndjson")
        [line] = lines_of(done.stdout)
        self.assertNotIn("aside", line)
        return line["true_time"][11:19]

    def published(self, fixes):
        """The hub's counts, once it tells of so many fixes: it renews them twice a second."""
        until = time.monotonic() + WAIT_S
        while True:
            counts = json.loads(self.vigie("alpha/room", "status", "--format", "json").stdout)["published"]
            if counts["fixes"] >= fixes:
                return counts
            self.assertLess(time.monotonic(), until, f"{fixes} fixes were never told of: {counts}")

    def test_the_better_one_moves_the_unit_and_the_other_takes_over_and_gives_back(self):
        tracker = self.receiver("alpha/v1", "tracker.spool")
        phone = self.receiver("alpha/v1-phone", "phone.spool")
        self.assertFalse(self.comes(tracker, "120000", 1))
        self.assertTrue(self.comes(phone, "120010", 2))
        self.assertEqual(self.stands(), "12:00:00")
        tracker.kill()
        self.assertTrue(self.comes(phone, "120029", 3))
        self.assertFalse(self.comes(phone, "120031", 4))
        self.assertEqual(self.stands(), "12:00:31")
        # Installed again: another spool, the same source; its first fix is a little older.
        tracker = self.receiver("alpha/v1", "again.spool")
        self.assertFalse(self.comes(tracker, "120030", 5))
        self.assertTrue(self.comes(phone, "120033", 6))
        self.assertEqual(self.stands(), "12:00:30")
        self.assertEqual(self.published(fixes=6)["aside"], 3)
        done = self.vigie("alpha/room", "replay", "--unit", "alpha/v1", "--class", "track", "--format", "ndjson")
        self.assertEqual([(line["true_time"][17:19], line.get("aside", False)) for line in lines_of(done.stdout)],
                         [("00", False), ("10", True), ("29", True), ("30", False), ("31", False), ("33", True)])

    def test_ranks_and_who_moved_the_unit_outlive_the_hub(self):
        tracker = self.receiver("alpha/v1", "tracker.spool")
        phone = self.receiver("alpha/v1-phone", "phone.spool")
        self.assertFalse(self.comes(tracker, "120000", 1))
        self.assertTrue(self.comes(phone, "120001", 2))
        self.send("alpha/v1", "acknowledged: all before it is durable")
        for receiver in (tracker, phone):
            stop(receiver.process)
        self.place.hub.process.kill()
        self.place.hub.stop()
        self.place.hub = Hub(self.place.folder / "data", self.place.hub.port, guarded=True)
        # What stands aside is in no picture: the room must be there before it comes.
        self.live.wait_for(lambda line: line.get("notice") == "snapshot_end")
        phone = self.receiver("alpha/v1-phone", "phone.spool")
        self.assertTrue(self.comes(phone, "120002", 3))
        self.assertEqual(self.stands(), "12:00:00")

    def test_an_administrator_changes_a_rank_and_nobody_is_disturbed(self):
        tracker = self.receiver("alpha/v1", "tracker.spool")
        phone = self.receiver("alpha/v1-phone", "phone.spool")
        self.assertFalse(self.comes(tracker, "120000", 1))
        self.assertTrue(self.comes(phone, "120001", 2))
        done = self.vigie("alpha/room", "rank", "alpha/v1-phone", "0", code=REFUSED)
        self.assertIn("no identity 'alpha/v1-phone' that you can see", done.stderr)
        self.vigie("alpha/boss", "rank", "alpha/v1", "7")
        shown = self.vigie("alpha/boss", "identities", "--format", "json").stdout
        self.assertEqual({line["unit"]: line.get("rank", 0) for line in lines_of(shown) if line["kind"] == "identity"},
                         {"alpha/v1": 7, "alpha/v1-phone": 2, "alpha/boss": 0, "alpha/room": 0})
        self.assertFalse(self.comes(phone, "120002", 3))
        self.assertTrue(self.comes(tracker, "120003", 4))
        self.assertEqual(self.stands(), "12:00:02")
        self.vigie("alpha/v1-phone", "rotate")
        self.assertTrue(self.comes(tracker, "120004", 5), "another key is no other rank")
        self.assertFalse(self.comes(phone, "120005", 6))

    def test_a_rank_said_of_whom_was_revoked_meanwhile_is_refused_and_the_key_stays_nobodys(self):
        with BeforePublishing(self.place, lambda: self.vigie("alpha/boss", "revoke", "alpha/v1")) as way:
            done = self.place.run("rank", "alpha/v1", "7", "--identity", self.key_file("alpha/boss"), hub=way.address)
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertIn("the key of 'alpha/v1' was revoked or replaced, and is nobody's again", done.stderr)
        self.send("alpha/v1", "it is nobody", code=REFUSED)
        shown = self.vigie("alpha/boss", "identities", "--format", "json").stdout
        self.assertNotIn("alpha/v1", {line["unit"] for line in lines_of(shown)
                                      if line["kind"] == "identity" and not line.get("deleted")})

    def test_a_rank_is_a_number_up_to_255(self):
        for command in (("invite", "alpha/x", "--role", "tracker", "--rank", "256"), ("rank", "alpha/v1", "-1"),
                        ("rank", "alpha/v1")):
            self.vigie(self.chief, *command, code=USAGE)


if __name__ == "__main__":
    unittest.main()

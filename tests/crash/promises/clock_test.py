"""Clocks that are wrong by hours, in both directions: the devices', and the hub's own stepping back under it.

The truth is this process's clock. The hub's is moved with libfaketime, while it runs.
"""

import pathlib
import unittest

import programs
from programs import HOUR_US, ROUNDS, SECOND_US, Line, PromiseTest, Room, client, us_of

DEVICE, SATELLITE = 0, 1
NEAR_US = 5 * SECOND_US  # far more than a busy machine needs, far less than any clock here is wrong by
LIBRARIES = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def corrected_us(line: Line) -> int:
    offset = float(line.get("clock_offset_s", 0)) if line["clock"] == "device" else 0.0
    return us_of(line["true_time"]) + round(offset * 1e6)


class ClockTest(PromiseTest):
    def tracker(self, room: Room, ahead_us: int) -> client.Publisher:
        publisher = self.publisher(room)
        publisher.clock_ahead_us = ahead_us
        return publisher

    def say(self, publisher: client.Publisher, unit: str, clock: int) -> int:
        """A fix of now, by the clock it is said to be from; when it truly was."""
        now = client.now_us()
        told = publisher.device_us() if clock == DEVICE else now
        publisher.fix(unit, client.fix(self.random.random(), 1, told, clock=clock))
        publisher.run_until_settled(60)
        return now

    def step(self, seconds: int) -> None:
        """Sets the hub's clock that far from the truth."""
        self.stamp.write_text(f"{seconds:+d}\n")

    def room_with_a_clock(self) -> Room:
        folder = self.room().folder  # removed with its own room
        self.stamp = folder / "stamp"
        self.step(0)
        return self.room(prefix=["env", f"LD_PRELOAD={LIBRARIES[0]}", f"FAKETIME_TIMESTAMP_FILE={self.stamp}",
                                 "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"])

    def test_a_device_clock_wrong_by_hours_neither_freezes_a_unit_nor_throws_it_into_the_future(self) -> None:
        room = self.room()
        clocks = {"blue/ahead": 5 * HOUR_US, "blue/behind": -7 * HOUR_US, "blue/right": 0, "blue/days": -80 * HOUR_US}
        trackers = {unit: self.tracker(room, ahead) for unit, ahead in clocks.items()}
        truth: list[tuple[str, int]] = []
        for _ in range(3 * ROUNDS):
            for unit in self.random.sample(sorted(clocks), len(clocks)):
                clock = DEVICE if self.random.random() < 0.7 else SATELLITE
                truth.append((unit, self.say(trackers[unit], unit, clock)))
        log = room.replay("--clock", "known")
        self.same([line["unit"] for line in log], [unit for unit, _ in truth], "the log")
        for line, (unit, true_us) in zip(log, truth):
            self.assertLess(abs(corrected_us(line) - true_us), NEAR_US, line)
        last = {line["unit"]: line for line in log}
        # What is shown is never far from what was said last, whichever clock that had.
        for shown in room.picture("--class", "track"):
            self.assertLess(us_of(last[shown["unit"]]["known_time"]) - us_of(shown["known_time"]), NEAR_US, shown)
        by_true = room.replay("--clock", "true")
        self.assertEqual([corrected_us(line) for line in by_true], sorted(corrected_us(line) for line in log))

    def test_a_clock_that_was_set_right_is_believed_again_for_what_comes_by_satellite(self) -> None:
        room = self.room()
        tracker = self.tracker(room, 3 * HOUR_US)
        self.say(tracker, "blue/v1", DEVICE)
        tracker.clock_ahead_us = 0
        self.say(tracker, "blue/v1", SATELLITE)
        lines = room.replay("--clock", "known")
        for line in lines:
            self.assertLess(abs(corrected_us(line) - us_of(line["known_time"])), NEAR_US, line)

    @unittest.skipUnless(LIBRARIES, "libfaketime is not installed: the hub's clock is not stepped")
    def test_the_hubs_clock_may_step_in_both_directions_while_it_serves_and_over_kills(self) -> None:
        room = self.room_with_a_clock()
        tracker = self.tracker(room, 0)
        watch = self.watch(room)
        watch.wait_live()
        said = 0
        for turn in range(2 * ROUNDS):
            self.step(self.random.choice([-6, -1, 0, 1, 6]) * 3600 + self.random.randrange(-60, 60))
            if turn % 4 == 3:
                room.kill_hub()
                tracker.reconnect()
            for _ in range(self.random.randrange(1, 20)):
                tracker.event("blue/v1", "text", f"word {said}")
                said += 1
                self.say(tracker, "blue/v1", self.random.choice([DEVICE, SATELLITE]))
        words = [f"word {number}" for number in range(said)]
        watch.wait(lambda one: len(one.entries("event")) >= said, "every event live")
        self.same([line["text"] for line in watch.entries("event")], words, "events shown live")
        log = room.replay("--clock", "known")
        self.same([line["text"] for line in programs.of_class(log, "event")], words, "events in the log")
        self.same([line["seq"] for line in log], sorted((line["seq"] for line in log), key=int), "seqs")
        known = [us_of(line["known_time"]) for line in log]
        self.same(known, sorted(known), "known times")
        self.assertEqual(len(room.replay("--clock", "true")), len(log))
        # A range by known time is what the log holds in it.
        begin, end = known[len(known) // 3], known[2 * len(known) // 3] + 1
        got = room.replay("--clock", "known", "--from", programs.text_of(begin), "--to", programs.text_of(end))
        self.same([line["seq"] for line in got],
                  [line["seq"] for line, time in zip(log, known) if begin <= time < end], "a range")

    @unittest.skipUnless(LIBRARIES, "libfaketime is not installed: the hub's clock is not stepped")
    def test_a_hub_whose_clock_was_set_back_says_so_and_its_known_time_goes_on(self) -> None:
        room = self.room_with_a_clock()
        tracker = self.tracker(room, 0)
        self.step(2 * 3600)
        self.say(tracker, "blue/v1", SATELLITE)
        self.step(0)
        programs.await_that(lambda: room.status()["clock_behind_s"] > 7000, "the status page's word")
        self.assertGreater(room.figure("vigie_clock_behind_seconds"), 7000)
        before = us_of(room.status()["time"])
        programs.await_that(lambda: us_of(room.status()["time"]) > before, "known time goes on")
        room.hub.stop()
        self.assertIn("the clock was set back", room.hub.words())


if __name__ == "__main__":
    programs.main()

"""Promises 1, 2 and 9 with the real tracker: `vigie track` and the hub are killed while it publishes recordings.

The account is the recordings, made here: each row has a latitude of its own.
"""

import collections
import pathlib
import signal
import subprocess

import programs
from programs import ROUNDS, WAIT_S, Line, PromiseTest, Room

START_US = programs.us_of("2026-03-01T06:00:00Z")
UNITS = 7


class TrackerTest(PromiseTest):
    def setUp(self) -> None:
        super().setUp()
        self.made = 0  # rows so far

    def recording(self, room: Room, rows: int) -> tuple[pathlib.Path, list[str]]:
        """A CSV and its rows' latitudes, in order."""
        numbers = range(self.made, self.made + rows)
        self.made += rows
        latitudes = [f"{10 + number // 10**6}.{number % 10**6:06d}0" for number in numbers]
        text = "vehicle_id,timestamp,latitude,longitude\n" + "".join(
            f"v{number % UNITS},{programs.text_of(START_US + number * 1000)},{latitude},1.5\n"
            for number, latitude in zip(numbers, latitudes))
        return room.file(f"{numbers.start}.csv", text), latitudes

    def track(self, room: Room, path: pathlib.Path, hub: str | None = None) -> subprocess.Popen[str]:
        # Thousands of rows in a second, or as fast as it goes.
        pace = self.random.choice([["--speed", "max"], ["--speed", str(self.random.randrange(2, 9))]])
        process = room.start("track", "--owner", "city", "--csv", path, "--order", "file",
                             "--spool", room.folder / "spool", *pace, hub=hub)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def kill_hubs_until_it_ends(self, room: Room, process: subprocess.Popen[str], kills: int) -> str:
        """Kills at moments told by how much was taken in; what it said."""
        for _ in range(kills):
            target = room.head() + self.random.randrange(1, 3000)
            programs.await_that(lambda: room.head() >= target or process.poll() is not None, "progress")
            room.kill_hub()
        out, errors = process.communicate(timeout=2 * WAIT_S)
        self.assertEqual(process.returncode, 0, errors)
        return out

    def check_names(self, lines: list[Line]) -> None:
        """Promise 2: each name once."""
        names = collections.Counter(programs.name_of(line) for line in lines)
        self.assertEqual([name for name, count in names.items() if count > 1], [])

    def test_rows_that_track_calls_acknowledged_survive_kills_of_the_hub_and_stand_once(self) -> None:
        room = self.room(owners=("city",))
        wanted: list[str] = []
        for _ in range(ROUNDS):
            path, latitudes = self.recording(room, 6000)
            process = self.track(room, path)
            said = self.kill_hubs_until_it_ends(room, process, self.random.randrange(1, 3))
            self.assertEqual(said, "published 6000, acknowledged 6000, refused 0\n")
            room.kill_hub()  # at the moment of the last acknowledgement
            wanted += latitudes
            lines = room.replay("--clock", "known")
            self.same(sorted(line["lat"] for line in lines), sorted(wanted), "rows in the log")
            self.check_names(lines)

    def test_a_killed_tracker_sends_what_its_spool_held_and_nothing_twice(self) -> None:
        room = self.room(owners=("city",))
        parts: list[list[str]] = []
        for turn in range(ROUNDS):
            path, latitudes = self.recording(room, 4000)
            parts.append(latitudes)
            process = self.track(room, path)
            target = room.head() + self.random.randrange(1, 4000)
            programs.await_that(lambda: room.head() >= target or process.poll() is not None, "progress")
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=WAIT_S)
            if turn % 2:
                room.kill_hub()
        path, latitudes = self.recording(room, 10)
        done = room.run("track", "--owner", "city", "--csv", path, "--spool", room.folder / "spool")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = room.replay("--clock", "known")
        self.check_names(lines)
        kept = collections.Counter(line["lat"] for line in lines)
        self.assertEqual([latitude for latitude, count in kept.items() if count > 1], [])
        for part in parts:
            # What went into the spool is the beginning of the file; none of that may lack.
            count = sum(latitude in kept for latitude in part)
            self.same([latitude for latitude in part if latitude in kept], part[:count], "rows in the spool")
        self.assertEqual([latitude for latitude in latitudes if latitude not in kept], [], done.stdout + done.stderr)

    def test_a_link_that_is_slow_and_cut_at_any_byte_loses_and_repeats_nothing(self) -> None:
        room = self.room(owners=("city",))
        link = programs.Link(room, delay_s=0.01)
        self.addCleanup(link.close)
        wanted: list[str] = []
        for _ in range(ROUNDS):
            path, latitudes = self.recording(room, 3000)
            wanted += latitudes
            process = self.track(room, path, hub=link.address)
            for _ in range(3):
                target = link.passed + self.random.randrange(1, 40_000)
                programs.await_that(lambda: link.passed >= target or process.poll() is not None, "bytes")
                link.cut()
                link.mend()
            out, errors = process.communicate(timeout=2 * WAIT_S)
            self.assertEqual(out, "published 3000, acknowledged 3000, refused 0\n", errors)
        lines = room.replay("--clock", "known")
        self.check_names(lines)
        self.same(sorted(line["lat"] for line in lines), sorted(wanted), "rows in the log")


if __name__ == "__main__":
    programs.main()

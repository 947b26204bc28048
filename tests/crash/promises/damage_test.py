"""Promise 8 against the disk: a byte flipped in a store file, and in the write-ahead log, under a real hub.

The account is kept here: what was published, and which of it lies in the ranges that the hub names as damaged. What
says who may do what is in the log too and may be what is damaged: then nobody gets in but the hub's administrator, who
enrols the others again.
"""

import pathlib
import re

import programs
from programs import ROUNDS, Line, PromiseTest, Room, client

ROWS = 30_000  # a few files of the store
SMALL = ("--set", "store.memtable=512KiB")
OWNER = ("bulk",)


def flip(path: pathlib.Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0x40
    path.write_bytes(content)


class DamageTest(PromiseTest):
    def fill(self, room: Room) -> None:
        rows = "".join(f"v{number % 9},{1772344800000 + number},15.{number:06d},1.5\n" for number in range(ROWS))
        path = room.file("rows.csv", "unit,time,lat,lon\n" + rows)
        done = room.run("track", "--owner", "bulk", "--csv", path, "--order", "file", "--no-spool")
        self.assertEqual(done.returncode, 0, done.stderr)

    def tables(self, room: Room) -> list[pathlib.Path]:
        """Files of rows. Without the few hundred bytes of the log's own name and format there is nothing to serve."""
        return sorted(path for path in room.data.glob("*.sst") if path.stat().st_size > 20_000)

    def replay(self, room: Room, clock: str) -> tuple[int, list[Line], list[tuple[int, int]]]:
        """Exit code, what came, and the ranges that were named as missing."""
        done = room.run("replay", "--clock", clock, "--format", "ndjson")
        named = re.findall(r"seqs (\d+)\.\.(\d+) are damaged", done.stderr)
        lines = programs.without_access(programs.vigie_programs.lines_of(done.stdout))
        return (done.returncode, lines,
                sorted({(int(first), int(last)) for first, last in named}))

    def check_rest(self, room: Room, before: list[Line], where: str, must_name: bool) -> bool:
        """All that is not in a named range is there, by either clock. True when a range was named."""
        ever_named = False
        for clock in ("known", "true"):
            code, lines, named = self.replay(room, clock)
            self.assertEqual(code, 1 if named else 0)
            got = sorted(int(line["seq"]) for line in lines)
            missing = {int(line["seq"]) for line in before} - set(got)
            beyond = [seq for seq in missing if not any(first <= seq <= last for first, last in named)]
            self.assertEqual(beyond[:1] + beyond[-1:], [], f"first and last of {len(beyond)} that are missing by "
                             f"{clock} time and not named; named are {named}; {where}")
            self.assertEqual(len(got), len(set(got)), "shown twice")
            ever_named = ever_named or named != []
            if must_name:
                self.assertNotEqual(named, [])
            if named:  # the page may be half a second old
                ranges = [{"first": first, "last": last} for first, last in named]
                programs.await_that(lambda: room.status()["log"]["damaged"] == ranges, f"{ranges} in the status")
                programs.await_that(lambda: room.figure("vigie_store_damaged_ranges") > 0, "the figure")
        return ever_named

    def check_serves(self, room: Room) -> None:
        """It takes in and shows what comes now."""
        publisher = self.publisher(room)
        watch = self.watch(room)
        watch.wait_live()
        publisher.event("bulk/v1", "sos", "help")
        publisher.run_until_settled(60)
        watch.wait(lambda one: [line for line in one.entries("event") if line["text"] == "help"], "the SOS")
        watch.end()

    def test_a_flipped_byte_in_a_store_file_is_named_and_everything_else_is_served(self) -> None:
        named = 0
        for _ in range(ROUNDS):
            room = self.room(*SMALL, owners=OWNER)
            self.fill(room)
            before = room.replay("--clock", "known")
            self.assertEqual(len(before), ROWS)
            room.hub.stop(kill=self.random.random() < 0.5)
            path = self.random.choice(self.tables(room))
            rows = path.stat().st_size * 3 // 4  # the index lies behind
            place = self.random.randrange(self.random.choice((2000, rows)))  # the first block is a place of its own
            flip(path, place)
            where = f"byte {place} of {path}"
            room.hub.start()
            room.enrol_again()
            found = self.check_rest(room, before, where, must_name=False)
            self.check_serves(room)
            named += found
            room.kill_hub()  # a start names it again
            room.enrol_again()
            self.check_rest(room, before, where, must_name=found)
            room.hub.close()
        print(f"{named} of {ROUNDS} flips were in rows of the log")

    def test_told_to_stop_on_damage_it_does_not_start_and_says_why(self) -> None:
        room = self.room(*SMALL, "--set", "store.checkpoint_entries=1000000", owners=OWNER)
        self.fill(room)
        room.hub.stop(kill=True)
        room.hub.start()  # brings what is in the write-ahead log into store files
        room.hub.stop(kill=True)
        for path in self.tables(room):
            for place in range(0, path.stat().st_size * 3 // 4, 8192):
                flip(path, place)
        room.hub.options = [*room.hub.options, "--set", "store.damage=stop"]
        with self.assertRaisesRegex(RuntimeError, r"(?s)\(1\).*seq \d+ to \d+"):
            room.hub.start()
        room.hub.options = room.hub.options[:-2]
        room.hub.start()
        room.enrol_again()
        self.check_serves(room)

    def test_a_flipped_byte_in_the_write_ahead_log_stops_the_start_and_names_the_file(self) -> None:
        named = 0
        for _ in range(ROUNDS):
            room = self.room(owners=OWNER)  # nothing has left the write-ahead log
            self.fill(room)
            publisher = self.publisher(room)
            publisher.event("bulk/v1", "text", "the last word")
            publisher.run_until_settled(60)
            before = room.replay("--clock", "known")
            room.hub.stop(kill=True)
            path = max(room.data.glob("*.log"), key=lambda one: one.stat().st_size)
            place = self.random.randrange(path.stat().st_size // 4, path.stat().st_size // 2)
            flip(path, place)
            try:
                room.hub.start()
            except RuntimeError as fault:
                self.assertRegex(str(fault), rf"(?s)\(1\).*{path.name} is damaged")
                named += 1
                flip(path, place)  # nothing was cut off meanwhile
                room.hub.start()
            # Else it lay in indexes at the end, which nothing stored after them proves to have been there, and which
            # are built again.
            self.same([line["seq"] for line in room.replay("--clock", "known")], [line["seq"] for line in before],
                      f"after the byte {place} of {path}")
            room.hub.close()
        self.assertGreater(named, ROUNDS // 2, "rounds in which it was named")

    def test_a_torn_end_of_the_write_ahead_log_costs_only_what_was_not_acknowledged(self) -> None:
        """A power cut in the middle of a write: half a record that was never synced stands behind the last good one."""
        for _ in range(ROUNDS):
            room = self.room(owners=OWNER)
            publisher = self.publisher(room)
            for number in range(200):
                publisher.event("bulk/v1", "text", f"word {number}")
            publisher.run_until_settled(60)
            room.hub.stop(kill=True)
            path = max(room.data.glob("*.log"), key=lambda one: one.stat().st_size)
            record = path.read_bytes()[-4096:]
            with path.open("ab") as log:
                log.write(record[:self.random.randrange(1, 7)])  # not even a record's header
            room.hub.start()
            self.same([line["text"] for line in room.replay("--clock", "known")],
                      [f"word {number}" for number in range(200)], "what was acknowledged")
            self.check_serves(room)
            room.hub.close()


if __name__ == "__main__":
    programs.main()

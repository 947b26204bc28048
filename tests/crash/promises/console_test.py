"""Promises 3, 5 and 9 with the real console: `vigie watch` while the hub or the console itself is killed or stopped.

The account is what the black-box publisher was told is durable, and the lines that the console printed.
"""

import collections
import signal
import time

import programs
from programs import ROUNDS, Line, PromiseTest, Watch, client


class ConsoleTest(PromiseTest):
    def setUp(self) -> None:
        super().setUp()
        self.said: list[str] = []

    def say(self, publisher: client.Publisher, count: int, fixes: int = 0) -> None:
        """Events, each with a text of its own, and fixes around them; all of it durable at the end."""
        for _ in range(count):
            self.said.append(f"event {len(self.said)}")
            publisher.event("blue/v1", "text", self.said[-1])
        for number in range(fixes):
            publisher.fix(f"blue/v{number % 20}", client.fix(number * 1e-4, 1))
        publisher.run_until_settled(60)

    def texts(self, lines: list[Line]) -> list[str]:
        return [line["text"] for line in lines]

    def wait_last(self, watch: Watch) -> None:
        """Until the newest event was shown."""
        watch.wait(lambda one: one.entries("event") and one.entries("event")[-1]["text"] == self.said[-1],
                   f"'{self.said[-1]}'")

    def test_a_console_over_kills_of_the_hub_shows_each_event_once_in_order_and_comes_back_alone(self) -> None:
        room = self.room()
        publisher = self.publisher(room)
        watch = self.watch(room)
        watch.wait_live()
        for _ in range(ROUNDS):
            self.say(publisher, 100, fixes=200)
            # Somewhere in the middle of what is shown, or behind it.
            target = len(self.said) - self.random.randrange(0, 100)
            watch.wait(lambda one: len(one.entries("event")) >= target, f"{target} events")
            # Some that are taken in and perhaps not durable when it dies: they come again under the same name.
            for _ in range(20):
                self.said.append(f"event {len(self.said)}")
                publisher.event("blue/v1", "text", self.said[-1])
            publisher.send_all(per_batch=3)
            room.kill_hub()
            publisher.reconnect()
            publisher.run_until_settled(60)
        self.say(publisher, 1)
        self.wait_last(watch)
        shown = watch.entries("event")
        self.same(self.texts(shown), self.said, "events shown")
        seqs = [int(line["seq"]) for line in shown]
        self.assertEqual(seqs, sorted(set(seqs)))
        states = [line["state"] for line in watch.notices("link")]
        self.assertIn("live", states[1:], "it never said that the link was away")
        logged = self.texts(room.replay("--clock", "known", "--class", "event"))
        self.same(logged, self.said, "events in the log")

    def test_a_killed_console_goes_on_behind_the_last_line_it_had_shown(self) -> None:
        room = self.room()
        publisher = self.publisher(room)
        self.say(publisher, 1)
        shown: list[Line] = []
        for turn in range(ROUNDS):
            watch = self.watch(room, "--class", "event", "--after-seq", shown[-1]["seq"] if shown else 0)
            self.say(publisher, 100, fixes=100)
            target = self.random.randrange(1, 100)
            watch.wait(lambda one: len(one.entries()) >= target, f"{target} events")
            shown += watch.end(signal.SIGKILL)
            if turn % 2:
                room.kill_hub()
                publisher.reconnect()
        self.say(publisher, 1)
        watch = self.watch(room, "--class", "event", "--after-seq", shown[-1]["seq"])
        self.wait_last(watch)
        shown += watch.end()
        # Without a snapshot before it, the first one began at the beginning.
        self.same(self.texts(shown), self.said, "events shown by all of them together")

    def test_a_console_that_was_behind_gets_every_event_and_counts_the_fixes_it_did_not_see(self) -> None:
        """Promise 5 too: what a stopped console costs is told by the status page, and others notice nothing."""
        room = self.room("--set", "queues.store=512KiB", "--set", "queues.ring=1MiB")
        publisher = self.publisher(room)
        behind, live = self.watch(room), self.watch(room)
        for watch in (behind, live):
            watch.wait_live()
        self.say(publisher, 1)
        self.wait_last(behind)
        behind.process.send_signal(signal.SIGSTOP)
        published = 0
        for _ in range(8):
            self.say(publisher, 25, fixes=4000)
            published += 4000
            # At its own pace: on a busy machine the live one, too, could fall behind what the ring holds.
            live.wait(lambda one: len(one.entries("track")) == published, "every fix at the live one")
        self.wait_last(live)
        self.assertEqual([line for line in live.entries("track") if line.get("conflated")], [])
        behind.process.send_signal(signal.SIGCONT)
        self.say(publisher, 1)
        self.wait_last(behind)
        self.same(self.texts(behind.entries("event")), self.said, "events at the one that was behind")
        newest = {line["unit"]: line["seq"] for line in room.picture("--class", "track")}
        behind.wait(lambda one: {line["unit"]: line["seq"] for line in one.entries("track")} == newest, "the picture")
        counts: collections.Counter[str] = collections.Counter()
        for line in behind.entries("track"):
            if not line.get("snapshot"):
                counts[line["unit"]] += 1 + int(line.get("conflated", 0))
        self.assertEqual(sum(counts.values()), published, "shown and conflated together")
        self.assertLess(len(behind.entries("track")), published, "it was never behind: the test shows nothing")

    def test_a_console_on_a_link_that_is_cut_at_any_byte_shows_each_event_once_in_order(self) -> None:
        room = self.room()
        publisher = self.publisher(room)
        link = programs.Link(room, delay_s=0.005)
        self.addCleanup(link.close)
        watch = self.watch(room, hub=link.address)
        watch.wait_live()
        for _ in range(2 * ROUNDS):
            self.say(publisher, 60, fixes=300)
            target = link.passed + self.random.randrange(1, 20_000)
            programs.await_that(lambda: link.passed >= target or len(watch.entries("event")) == len(self.said),
                                "bytes on the link")
            link.cut()
            self.say(publisher, 10)
            link.mend()
        self.say(publisher, 1)
        self.wait_last(watch)
        self.same(self.texts(watch.entries("event")), self.said, "events shown")

    def test_what_retention_has_dropped_is_told_as_lost_with_its_range(self) -> None:
        """Promise 3: a console whose place is older than what is kept."""
        room = self.room("--set", "retention.tracks=1s", "--set", "retention.events=1s",
                         "--set", "store.checkpoint_entries=5000", owners=("blue", "bulk"))
        publisher = self.publisher(room)
        self.say(publisher, 10)

        began = time.monotonic()
        self.say(publisher, 10)
        # Indexes are built of 131,072 fixes at a time, and nothing goes before it is in them.
        rows = "".join(f"v{number % 9},{1772344800000 + number},15.{number:06d},1.5\n" for number in range(140_000))
        path = room.file("bulk.csv", "unit,time,lat,lon\n" + rows)
        done = room.run("track", "--owner", "bulk", "--csv", path, "--no-spool")
        self.assertEqual(done.returncode, 0, done.stderr)
        programs.await_that(lambda: time.monotonic() > began + 1.5, "the age of one second")
        self.say(publisher, 10)
        room.kill_hub()  # retention looks at the start, and then each ten seconds
        publisher.reconnect()
        programs.await_that(lambda: int(room.status()["log"]["event_floor"]) > 1, "a floor above the first seq")
        watch = self.watch(room, "--class", "event", "--after-seq", 5)
        watch.wait(lambda one: one.notices("lost"), "the notice of what is lost")
        lost = watch.notices("lost")[0]
        self.assertEqual(int(lost["first_seq"]), 6)
        self.assertGreater(int(lost["last_seq"]), 6)
        self.say(publisher, 1)
        self.wait_last(watch)
        shown = watch.entries("event")
        self.assertGreater(int(shown[0]["seq"]), int(lost["last_seq"]))
        self.same(self.texts(shown), self.said[len(self.said) - len(shown):], "what comes behind the range")


if __name__ == "__main__":
    programs.main()

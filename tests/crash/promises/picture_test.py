"""Promises 4, 7 and 3: what the log holds, what was shown live, what a replay gives and what a picture shows agree.

Four accounts of one random world are compared: the publisher's own, `vigie watch` from a random moment on, `vigie
replay` by both clocks, and `vigie watch --snapshot`. The fold is written here anew, from the design's words.
"""

import signal
from typing import Any

import programs
from programs import HOUR_US, ROUNDS, SECOND_US, Line, PromiseTest, Publishers, Room, client, us_of

OWNERS = ("blue", "red", "green")
UNITS = ["red/v1", "red/v2", "red/foot", "blue/v1", "blue/v2", "green/cp"]
VIEWS: list[list[str]] = [
    [], ["--channel", "*/red"], ["--channel", "track/blue/patrol"], ["--unit", "green/cp"], ["--class", "state"],
    ["--class", "track", "--class", "event"], ["--area", "0,0,1.0,1.0"], ["--unit", "red/v1", "--area", "0,0,0.5,2"]]


def corrected_us(line: Line) -> int:
    """True time by the hub's clock."""
    offset = float(line.get("clock_offset_s", 0)) if line["clock"] == "device" else 0.0
    return us_of(line["true_time"]) + round(offset * 1e6)


def order_us(line: Line) -> int:
    """By what the picture is ordered: nothing is newer than when it became known."""
    return min(corrected_us(line), us_of(line["known_time"]))


def fold(lines: list[Line]) -> dict[tuple[str, str], str]:
    """(class, unit) → seq of its newest fix or of its card that is not deleted."""
    newest: dict[tuple[str, str], Line] = {}
    for line in lines:
        if line["class"] == "event":
            continue
        key = (line["class"], line["unit"])
        if key not in newest or order_us(line) >= order_us(newest[key]):
            newest[key] = line
    return {key: line["seq"] for key, line in newest.items() if not line.get("deleted")}


def in_area(line: Line, area: str) -> bool:
    west, south, east, north = map(float, area.split(","))
    return west <= float(line["lon"]) <= east and south <= float(line["lat"]) <= north


def cut(lines: list[Line], view: list[str]) -> list[Line]:
    """The lines whose channel, unit and class the view asks for, from the words of its options."""
    asked: dict[str, list[str]] = {}
    for option, value in zip(view[::2], view[1::2]):
        asked.setdefault(option, []).append(value)

    def wanted(line: Line) -> bool:
        parts = line["channel"].split("/")
        prefixes = [prefix.split("/") for prefix in asked.get("--channel", [])]
        return ((not prefixes or any(all(ours in ("*", theirs) for ours, theirs in zip(prefix, parts))
                                     for prefix in prefixes))
                and line["unit"] in asked.get("--unit", [line["unit"]])
                and line["class"] in asked.get("--class", [line["class"]]))
    return [line for line in lines if wanted(line)]


def same_entry(line: Line) -> tuple[Any, ...]:
    """What must be the same wherever an entry is shown."""
    return tuple(line.get(key) for key in ("seq", "class", "unit", "channel", "true_time", "known_time", "lat", "lon",
                                           "text", "call_sign", "deleted", "late", "spool", "number"))


class PictureTest(PromiseTest):
    def publish_some(self, publisher: Publishers, count: int) -> None:
        """Fixes of which some are old, doubled or ahead; cards and deletes; events."""
        chance = self.random
        for _ in range(count):
            unit = chance.choice(UNITS)
            group = chance.choice(["patrol", "patrol", "patrol", "base"])
            what = chance.random()
            if what < 0.08:
                publisher.of(unit).event(unit, "text", f"word {publisher.said()}", group=group)
            elif what < 0.16:
                publisher.of(unit).card(unit, f"sign {publisher.said()}", deleted=chance.random() < 0.3)
            else:
                age = chance.choice([0, 0, 0, chance.randrange(HOUR_US), -chance.randrange(600 * SECOND_US)])
                place = chance.random() * 2, chance.random() * 2
                publisher.of(unit).fix(unit, client.fix(*place, client.now_us() - age), group=group)

    def publish_in_turns(self, publisher: Publishers, turns: int) -> None:
        for _ in range(turns):
            self.publish_some(publisher, self.random.randrange(1, 200))
            publisher.run_until_settled(60)

    def log_of(self, room: Room) -> list[Line]:
        return room.replay("--clock", "known")

    def check_pictures(self, room: Room, log: list[Line]) -> None:
        """Nothing is published meanwhile."""
        for view in VIEWS:
            with self.subTest(view=view):
                # A unit is shown where its newest fix is in the view; what has no place passes any area.
                newest = set(fold(log).values())
                inside = cut([line for line in log if line["seq"] in newest], view)
                if "--area" in view:
                    area = view[view.index("--area") + 1]
                    inside = [line for line in inside if line["class"] != "track" or in_area(line, area)]
                wanted = {(line["class"], line["unit"]): line["seq"] for line in inside}
                shown = {(line["class"], line["unit"]): line["seq"] for line in room.picture(*view)}
                self.assertEqual(shown, wanted)

    def test_a_picture_is_the_fold_of_the_log_for_any_view_and_after_any_kill(self) -> None:
        room = self.room("--set", "store.checkpoint_entries=1000", owners=OWNERS)
        publisher = self.publishers(room)
        for turn in range(ROUNDS):
            self.publish_in_turns(publisher, 5)
            if turn % 2:
                room.kill_hub()
                publisher.reconnect()
            log = self.log_of(room)
            self.check_pictures(room, log)
            # Late is what the fold says is late.
            newest: dict[str, int] = {}
            for line in programs.of_class(log, "track"):
                order, unit = order_us(line), line["unit"]
                self.assertEqual(bool(line.get("late")), order < newest.get(unit, order), line)
                newest[unit] = max(order, newest.get(unit, order))

    def test_a_picture_of_a_past_seq_moment_is_the_fold_of_what_was_known_then(self) -> None:
        room = self.room("--set", "store.checkpoint_entries=1000", owners=OWNERS)
        publisher = self.publishers(room)
        self.publish_in_turns(publisher, 3 * ROUNDS)
        log = self.log_of(room)
        for _ in range(ROUNDS):
            at = us_of(self.random.choice(log)["known_time"])
            known = [line for line in log if us_of(line["known_time"]) <= at]
            shown = room.picture("--as-of", programs.text_of(at), "--clock", "known")
            self.assertEqual({(line["class"], line["unit"]): line["seq"] for line in shown}, fold(known))

    def test_snapshot_and_feed_from_any_moment_on_are_the_fold_and_the_tail_of_the_log(self) -> None:
        room = self.room(owners=OWNERS)
        publisher = self.publishers(room)
        watches: list[tuple[list[str], programs.Watch]] = []
        views = [view for view in VIEWS if "--area" not in view]
        for turn in range(len(views) + ROUNDS):
            # It joins while others talk.
            self.publish_some(publisher, 400)
            publisher.send_all(per_batch=self.random.randrange(1, 50))
            view = views[turn % len(views)]
            watches.append((view, self.watch(room, *view)))
            publisher.run_until_settled(60)
            self.publish_in_turns(publisher, 1)
        for unit in UNITS:  # of each class one more, so that each view sees the end
            publisher.of(unit).fix(unit, client.fix(1, 1), group="patrol")
            publisher.of(unit).event(unit, "text", "the end", group="patrol")
            publisher.of(unit).card(unit, "the end")
        publisher.run_until_settled(60)
        log = self.log_of(room)
        for view, watch in watches:
            with self.subTest(view=view):
                tail = cut(log, view)
                watch.wait(lambda one: one.notices("snapshot_end") and tail[-1]["seq"] in
                           {line["seq"] for line in one.entries()[-50:]}, f"seq {tail[-1]['seq']}")
                self.check_stream(watch, tail)

    def check_stream(self, watch: programs.Watch, tail: list[Line]) -> None:
        begun = int(watch.notices("snapshot_end")[0]["as_of_seq"])
        lines = watch.entries()
        self.assertEqual(fold([line for line in lines if line.get("snapshot") or int(line["seq"]) > begun]),
                         fold(tail), "snapshot and feed, folded")
        live = [line for line in lines if not line.get("snapshot") and int(line["seq"]) > begun]
        wanted = [line for line in tail if int(line["seq"]) > begun]
        self.same(sorted(map(same_entry, live), key=lambda entry: int(entry[0])), list(map(same_entry, wanted)),
                  "the feed behind the snapshot")

    def test_a_replay_is_the_log_in_order_by_either_clock_at_any_speed(self) -> None:
        room = self.room(owners=OWNERS)
        publisher = self.publishers(room)
        watch = self.watch(room, "--only-new")
        watch.wait_live()
        self.publish_in_turns(publisher, 2 * ROUNDS)
        watch.wait(lambda one: len(one.entries()) >= publisher.said(), "everything live")
        live = sorted(watch.entries(), key=lambda line: int(line["seq"]))
        log = self.log_of(room)
        self.same(sorted((int(line["spool"][16:], 16), int(line["number"])) for line in log), sorted(publisher.names()),
                  "names in the log")
        self.same([int(line["seq"]) for line in log], sorted(int(line["seq"]) for line in log), "seqs")
        self.same(list(map(same_entry, live)), list(map(same_entry, log)), "live and replayed")
        by_true = sorted(log, key=lambda line: (corrected_us(line), int(line["seq"])))
        for speed in ("max", "100000"):
            got = room.replay("--clock", "true", "--speed", speed)
            self.same(list(map(same_entry, got)), list(map(same_entry, by_true)), f"by true time at {speed}")
            got = room.replay("--clock", "known", "--speed", speed)
            self.same(list(map(same_entry, got)), list(map(same_entry, log)), f"by known time at {speed}")
        for _ in range(ROUNDS):  # ranges: from is in it, to is not
            first, last = sorted(self.random.sample(range(len(log)), 2))
            for clock, time_us, whole in (("known", lambda line: us_of(line["known_time"]), log),
                                          ("true", corrected_us, by_true)):
                begin = time_us(whole[first])
                end = max(begin + 1, time_us(whole[last]))  # one batch has one known time
                got = room.replay("--clock", clock, "--from", programs.text_of(begin), "--to", programs.text_of(end))
                wanted = [line for line in whole if begin <= time_us(line) < end]
                self.same(list(map(same_entry, got)), list(map(same_entry, wanted)), f"a range by {clock} time")

    def test_a_replay_that_is_stopped_or_killed_leaves_the_hub_as_it_was(self) -> None:
        room = self.room(owners=OWNERS)
        publisher = self.publishers(room)
        self.publish_in_turns(publisher, ROUNDS)
        log = self.log_of(room)
        for how in (signal.SIGINT, signal.SIGKILL, signal.SIGSTOP):
            slow = self.watch(room, "--clock", "known", "--speed", "0.01", name="replay")
            slow.wait(lambda one: one.entries(), "its first entry")
            slow.process.send_signal(how)
        self.publish_in_turns(publisher, 1)
        self.same(list(map(same_entry, self.log_of(room)[:len(log)])), list(map(same_entry, log)), "the log after it")


if __name__ == "__main__":
    programs.main()

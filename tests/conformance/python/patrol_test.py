#!/usr/bin/env python3
"""A joint patrol: two owners, each of whom grants the other something else of its own for a while. Each sees exactly
that, live, in the picture, in the past, in replays and in files, before, during and after it; by real CURVE sockets and
by the `vigie` command.

A marker of whoever looks comes last, and arrives.
"""
import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import access_test
import client
import hub as hubs
from access_test import ACCESS_CHANGED, BITES_S, KNOWN, REPLAY_MODE, SNAPSHOT_MODE, TRUE

OWNERS = ("alpha", "bravo")
EARLY, BEFORE, DURING, AFTER = PHASES = ("early", "before", "during", "after")
SECOND = 1_000_000
# From the grants' making to their window, and how long that is: ample for what is said meanwhile.
AHEAD_US, WINDOW_US = 6 * SECOND, 10 * SECOND
AREA = (1, 15, 2, 16)  # west, south, east, north
# What each owner grants, as it is asked for and as it is meant.
GRANTS = {
    "alpha": (("--class", "track", "--class", "event", "--group", "patrol", "--area", ",".join(map(str, AREA))),
              {"classes": ("fix", "event"), "group": "patrol", "area": AREA, "units": ("alpha/v1", "alpha/v2")}),
    "bravo": (("--class", "event", "--class", "state", "--group", "staff", "--unit", "bravo/v1"),
              {"classes": ("event", "card"), "group": "staff", "area": None, "units": ("bravo/v1",)}),
}
# What that is of each phase.
GRANTED = {"alpha": ["event", "event", "fix", "fix"], "bravo": ["card", "event", "event", "event"]}


def moment(us):
    return datetime.datetime.fromtimestamp(us / SECOND, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Entry:
    """Something that was said: `tag` tells it from all others."""

    def __init__(self, phase, unit, kind, group, tag, place=None):
        self.phase, self.unit, self.kind, self.group, self.tag, self.place = phase, unit, kind, group, tag, place
        self.owner = unit.split("/")[0]

    def is_granted(self):
        """Whenever it was."""
        grant = GRANTS[self.owner][1]
        west, south, east, north = grant["area"] or (-180, -90, 180, 90)
        inside = self.kind == "card" or not grant["area"] or (
            self.place is not None and south <= self.place[0] <= north and west <= self.place[1] <= east)
        return (self.kind in grant["classes"] and self.group == grant["group"] and self.unit in grant["units"]
                and inside)

    def is_shown(self, viewer, phases, cards):
        """To that owner, where fixes and events of some phases are covered, and cards of some."""
        return self.owner == viewer or (self.is_granted() and self.phase in (cards if self.kind == "card" else phases))


class Looking(client.Console):
    """A console that keeps each card that it is told."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.said = []

    def take_state(self, state, page):
        super().take_state(state, page)
        if state["kind"] == 1:
            self.said.append(state["card"]["call_sign"])

    def lists(self):
        return {"event": [text for _, _, text in self.events], "fix": [one["lat_e7"] for _, _, one in self.fixes],
                "card": self.said}

    def picture(self):
        return ({name: unit["fix"]["lat_e7"] for name, unit in self.units.items()},
                {name: card["call_sign"] for name, card in self.cards.items()})


class Patrol(access_test.AccessWords):
    maxDiff = None

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="vigie-patrol-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.files = {who.name: who.write(self.folder / who.name.replace("/", "-"), role)
                      for people, role in ((self.rooms, "console"), (self.bosses, "administrator"))
                      for who in people.values()}
        self.gates = {"alpha": self.publisher(self.alpha), "bravo": self.publisher(self.bravo)}
        self.entries = []
        self.place = 0

    # --- words ---
    def vigie(self, who, *arguments):
        done = subprocess.run([client.program("vigie"), *map(str, arguments), "--identity", self.files[who], "--hub",
                               f"127.0.0.1:{self.hub.port}"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def look(self, viewer, **values):
        made = Looking(self.context, self.hub.listen, identity=self.rooms[viewer])
        self.opened.append(made)
        made.open(**values)
        return made

    def say_entry(self, phase, unit, kind, group, place=None):
        """`place`: inside, outside, or nowhere."""
        self.place += 1
        lat = {"inside": 15.5, "outside": 17.5, None: None}[place]
        at = None if lat is None else (lat + self.place / 1e4, 1.5)
        owner = unit.split("/")[0]
        gate = self.gates[owner]
        if kind == "fix":
            tag = round(at[0] * 1e7)
            gate.fix(unit, client.fix(*at), group=group)
        elif kind == "event":
            tag = f"{owner} {phase} {group} {place} {self.place}"
            position = at and {"position": {"lat_e7": round(at[0] * 1e7), "lon_e7": round(at[1] * 1e7)}}
            gate.event(unit, "text", tag, group=group, **(position or {}))
        else:
            tag = f"{unit} {phase}"
            gate.add("states", {"name": unit, "kind": 1, "group": group, "true_time_us": client.now_us(), "clock": 1,
                                "deleted": False, "card": {"call_sign": tag, "unit_kind": "vehicle"}})
        self.entries.append(Entry(phase, unit, kind, group, tag, at))

    def say_phase(self, phase):
        """Of each owner everything that a grant may tell apart; what is granted of a unit comes last."""
        for owner in OWNERS:
            one, two = owner + "/v1", owner + "/v2"
            for group in ("staff", "patrol"):
                for place in ("inside", "outside", None):
                    self.say_entry(phase, one, "event", group, place)
            self.say_entry(phase, two, "event", "patrol", "inside")
            self.say_entry(phase, two, "event", "staff", "inside")
            self.say_entry(phase, one, "card", "staff")
            self.say_entry(phase, two, "card", "staff")
            for unit in (one, two):
                for group, place in (("patrol", "outside"), ("staff", "inside"), ("patrol", "inside")):
                    self.say_entry(phase, unit, "fix", group, place)
            self.gates[owner].run_until_settled()
            self.assertEqual(self.gates[owner].refused, {})
            granted = sorted(one.kind for one in self.entries if (one.phase, one.owner) == (phase, owner)
                             and one.is_granted())
            self.assertEqual(granted, GRANTED[owner])
        for owner in OWNERS:
            self.say_entry(phase, owner + "/marker", "event", "marks")
            self.gates[owner].run_until_settled()

    def last(self, owner):
        return [one.tag for one in self.entries if one.owner == owner and one.kind == "event"][-1]

    def wait_until(self, us, live):
        """Its consoles say meanwhile that they live."""
        while client.now_us() < us:
            for console in live.values():
                console.step(0.05)

    def expected(self, viewer, phases, cards):
        """In the order in which it was said."""
        return {kind: [one.tag for one in self.entries if one.kind == kind and one.is_shown(viewer, phases, cards)]
                for kind in ("event", "fix", "card")}

    def expected_picture(self, viewer, upto, phases, cards):
        """The newest of each unit up to a phase, where that is shown."""
        said = PHASES[:PHASES.index(upto) + 1]
        newest = {(one.unit, one.kind): one for one in self.entries if one.phase in said and one.kind != "event"}
        shown = [one for one in newest.values() if one.is_shown(viewer, phases, cards)]
        return tuple({one.unit: one.tag for one in shown if one.kind == kind} for kind in ("fix", "card"))

    def compare_past(self, ends, phases, cards):
        """Pictures as of the end of each phase, replays by either clock, the command's replay and a file."""
        for viewer in OWNERS:
            expected = self.expected(viewer, phases, cards)
            for start in (KNOWN, TRUE):
                with self.subTest(viewer=viewer, start=start):
                    replay = self.look(viewer, mode=REPLAY_MODE, start=start)
                    replay.run(lambda replay=replay: any(state["phase"] == 2 for state in replay.states))
                    self.assertEqual(replay.lists(), expected)
                for phase, us in ends.items():
                    with self.subTest(viewer=viewer, start=start, as_of=phase):
                        past = self.look(viewer, mode=SNAPSHOT_MODE, start=start, time_us=us)
                        past.run(lambda past=past: past.reopen)
                        # Nobody reads by a grant of what was before it was made.
                        of_then = ((), ()) if phase == EARLY else (phases, (EARLY, *cards) if cards else ())
                        self.assertEqual(past.picture(), self.expected_picture(viewer, phase, *of_then))
            with self.subTest(viewer=viewer, surface="the command"):
                out = self.folder / f"{viewer}-{len(list(self.folder.iterdir()))}.vgr"
                who = self.rooms[viewer].name
                self.vigie(who, "record", "--out", out)
                for text in (self.vigie(who, "replay", "--clock", "known", "--format", "ndjson"),
                             self.read_file(out)):
                    self.assertEqual(self.of_lines(text), expected)

    def read_file(self, out):
        done = subprocess.run([client.program("vigie"), "replay", "--file", out, "--format", "ndjson"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def of_lines(self, text):
        found = {"event": [], "fix": [], "card": []}
        for line in map(json.loads, text.splitlines()):
            if line["channel"].endswith("/_access"):
                continue
            if line["channel"].startswith("event"):
                found["event"].append(line["text"])
            elif line["channel"].startswith("track"):
                found["fix"].append(round(line["lat"] * 1e7))
            else:
                found["card"].append(line["call_sign"])
        return found

    def compare_live(self, live, phase, phases, cards):
        """What came, and a picture that is asked for then."""
        for viewer, console in live.items():
            self.see(console, self.last(viewer))
            with self.subTest(viewer=viewer, phase=phase):
                expected = self.expected(viewer, phases, ())
                self.assertEqual(console.lists()["event"], expected["event"])
                console.run(lambda: len(console.fixes) >= len(expected["fix"]))
                self.assertEqual(console.lists()["fix"], expected["fix"])
                now = self.look(viewer, mode=SNAPSHOT_MODE)
                now.run(lambda now=now: now.reopen)
                in_force = (EARLY, *cards) if cards else ()
                of_now = self.expected_picture(viewer, phase, phases, in_force)
                self.assertEqual(now.picture(), of_now)
                # A card that was shown once stays with who had it.
                had = {one.unit: one.tag for one in self.entries
                       if one.kind == "card" and one.is_shown(viewer, (), in_force)}
                self.assertEqual(console.picture(), (of_now[0], had))

    # --- what must hold ---
    def test_each_sees_exactly_what_the_other_released_before_during_and_after_the_window(self):
        live = {owner: self.look(owner) for owner in OWNERS}
        ends = {}
        self.say_phase(EARLY)
        self.compare_live(live, EARLY, (), ())
        ends[EARLY] = client.now_us()
        from_us = (client.now_us() + AHEAD_US) // SECOND * SECOND
        until_us = from_us + WINDOW_US
        for owner in OWNERS:
            self.vigie(owner + "/boss", "grant", owner + "/joint", "--to", OWNERS[owner == "alpha"], *GRANTS[owner][0],
                       "--from", moment(from_us), "--until", moment(until_us))
        for console in live.values():
            console.run(lambda c=console: c.reopen, BITES_S)
            self.assertEqual(console.reopen["code"], ACCESS_CHANGED)
            console.again()
        self.say_phase(BEFORE)
        self.assertLess(client.now_us(), from_us, "the machine is too slow for this test's clock")
        ends[BEFORE] = client.now_us()
        self.compare_live(live, BEFORE, (), (BEFORE,))
        self.wait_until(from_us, live)
        self.say_phase(DURING)
        self.assertLess(client.now_us(), until_us, "the machine is too slow for this test's clock")
        ends[DURING] = client.now_us()
        self.compare_live(live, DURING, (DURING,), (BEFORE, DURING))
        self.wait_until(until_us, live)
        self.say_phase(AFTER)
        ends[AFTER] = client.now_us()
        self.compare_live(live, AFTER, (DURING,), (BEFORE, DURING))
        self.compare_past(ends, (DURING,), (BEFORE, DURING))
        for owner in OWNERS:
            self.vigie(owner + "/boss", "grant", owner + "/joint", "--end")
        self.compare_past(ends, (), ())


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main()

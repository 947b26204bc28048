#!/usr/bin/env python3
"""Grants that have terms, from outside: what they hold back is in no session of whom they are for.

That nothing comes too early is proved by a marker that was said later and arrives without a delay.
"""
import sys
import unittest

import access_test
import client
import hub as hubs
from access_test import KNOWN, NOT_ENTITLED, REPLAY_MODE, SNAPSHOT_MODE, TRUE

BAD_RANGE, BAD_VIEW = 13, 12
LATE_S = 4
ROUND_M = 10_000
EVERY_S = 3


class Terms(access_test.AccessWords):
    def setUp(self):
        super().setUp()
        self.gate = self.publisher(self.alpha)

    def grant(self, name, **terms):
        self.say(self.bosses["alpha"], name, grant={"to": "bravo", "past": True, **terms})

    def guest(self, name, **values):
        return self.console(self.rooms["bravo"], grant=name, **values)

    def marker(self, text):
        """Seen at once by a session without terms: what was said before it is known by then."""
        marker = self.publisher(self.bravo)
        console = self.console(self.rooms["bravo"])
        marker.event("bravo/v1", "text", text)
        marker.run_until_settled()
        self.see(console, text)
        return console

    def move(self, lat, lon, unit="alpha/v1"):
        self.gate.fix(unit, client.fix(lat, lon))
        self.gate.run_until_settled()

    def place(self, console, unit="alpha/v1"):
        one = console.units[unit]["fix"]
        return one["lat_e7"] / 1e7, one["lon_e7"] / 1e7

    def test_a_late_grant_shows_nothing_before_its_time_and_all_of_it_then(self):
        self.grant("alpha/late", delay_s=LATE_S)
        guest = self.guest("alpha/late")
        self.move(15, 1)
        self.gate.event("alpha/v1", "sos", "help")
        self.gate.run_until_settled()
        other = self.marker("the marker")
        # Neither live, nor in the picture, nor in the past; nor beside what is shown at once.
        self.assertEqual((self.texts(guest), guest.units), ([], {}))
        for values in ({"mode": SNAPSHOT_MODE}, {"mode": REPLAY_MODE, "start": KNOWN},
                       {"mode": SNAPSHOT_MODE, "start": KNOWN, "time_us": client.now_us() + 10**9}):
            console = self.guest("alpha/late", **values)
            console.run(lambda console=console: console.reopen or any(s["phase"] == 2 for s in console.states))
            self.assertEqual((self.texts(console), console.units, console.fixes), ([], {}, []))
        self.assertEqual(other.units, {})
        self.see(guest, "help")
        guest.run(lambda: "alpha/v1" in guest.units)
        self.assertEqual(self.place(guest), (15, 1))
        replay = self.guest("alpha/late", mode=REPLAY_MODE, start=KNOWN)
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        self.assertEqual(self.texts(replay), ["help"])

    def test_who_comes_back_has_missed_no_event(self):
        self.grant("alpha/late", delay_s=1)
        guest = self.guest("alpha/late")
        self.gate.event("alpha/v1", "text", "one")
        self.gate.run_until_settled()
        self.see(guest, "one")
        self.gate.event("alpha/v1", "text", "two")
        self.gate.run_until_settled()
        guest.again(grant="alpha/late")
        self.gate.event("alpha/v1", "text", "three")
        self.gate.run_until_settled()
        self.see(guest, "three")
        self.assertEqual(self.texts(guest), ["one", "two", "three"])

    def test_a_rough_grant_shows_cells_and_decides_its_border_by_them(self):
        self.grant("alpha/rough", round_m=ROUND_M)
        # Both lie in a cell whose middle is elsewhere: 15.0 is where a cell ends for nobody.
        box = {"west_e7": 0, "south_e7": 149_000_000, "east_e7": 20_000_000, "north_e7": 151_000_000}
        self.grant("alpha/border", round_m=ROUND_M, area=box)
        rough, border = self.guest("alpha/rough"), self.guest("alpha/border")
        self.gate.event("alpha/v1", "sos", "help", position={"lat_e7": 150_123_456, "lon_e7": 10_123_456},
                        fields=[{"key": "lat", "value": "15.0123456"}])
        self.move(15.0123456, 1.0123456)
        rough.run(lambda: "alpha/v1" in rough.units)
        shown = self.place(rough)
        self.assertNotIn((15.0123456, 1.0123456), [shown])
        self.assertLess(abs(shown[0] - 15.0123456), 0.06)
        self.see(rough, "help")
        # A move within the cell is none.
        self.move(shown[0] + 0.01, shown[1] + 0.01)
        self.gate.event("alpha/v1", "text", "moved")
        self.gate.run_until_settled()
        self.see(rough, "moved")
        self.assertEqual(self.place(rough), shown)
        border.run(lambda: "alpha/v1" in border.units)
        self.move(16, 1)
        border.run(lambda: "alpha/v1" not in border.units)
        rough.run(lambda: self.place(rough)[0] > 15.9)

    def test_a_seldom_grant_shows_one_fix_a_step_the_newest_whoever_looks_from_wherever(self):
        self.grant("alpha/seldom", every_s=EVERY_S)
        guest = self.guest("alpha/seldom")
        for step in range(40):
            self.move(15 + step / 100, 1)
        self.gate.event("alpha/v1", "text", "the end")
        self.gate.run_until_settled()
        guest.run(lambda: "alpha/v1" in guest.units and self.place(guest)[0] > 15.385, 30)
        replay = self.guest("alpha/seldom", mode=REPLAY_MODE, start=KNOWN)
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        # Forty fixes within some steps: at most one for each.
        self.assertLess(len(replay.fixes), 20)
        self.assertEqual([one["true_time_us"] for _, _, one in replay.fixes][-1],
                         guest.units["alpha/v1"]["fix"]["true_time_us"])

    def test_such_a_grant_is_in_no_other_session_and_for_nobody_else(self):
        self.grant("alpha/late", delay_s=1)
        own = self.console(self.rooms["bravo"])
        self.assertEqual(own.opened["grants"], ["alpha/late"])
        guest = self.guest("alpha/late")
        self.gate.event("alpha/v1", "text", "held back")
        self.gate.run_until_settled()
        self.see(guest, "held back")
        marked = self.marker("the marker")
        self.assertEqual(self.texts(marked), ["the marker"])
        for who in (self.rooms["alpha"], self.alpha):
            self.assertEqual(self.console(who, grant="alpha/late").denied["code"], NOT_ENTITLED)
        self.assertEqual(self.guest("alpha/other").denied["code"], NOT_ENTITLED)
        self.assertEqual(self.guest("alpha/late", mode=REPLAY_MODE, start=TRUE).denied["code"], BAD_RANGE)
        self.assertEqual(self.guest("alpha/late", view={"pace_ms": 1000}).denied["code"], BAD_VIEW)

    def seqs(self, console):
        return console.event_seqs + [seq for seq, _, _ in console.fixes]

    def test_own_numbers_tell_nothing_of_what_is_withheld_and_lose_nothing(self):
        self.grant("alpha/own", own_numbers=True, groups=["seen"])
        guest = self.guest("alpha/own")
        log = guest.opened["log"]
        self.assertNotEqual(log, self.console(self.rooms["bravo"]).opened["log"])
        known = {}
        for count, text in enumerate(("one", "two", "three")):
            for _ in range(200 * count):  # withheld, of the very same publisher
                self.gate.event("alpha/v1", "text", "not for guests", group="unseen")
            self.gate.fix("alpha/v1", client.fix(15 + count / 10, 1), group="seen")
            self.gate.event("alpha/v1", "text", text, group="seen")
            self.gate.run_until_settled()
            self.see(guest, text)
            guest.run(lambda n=count: len(guest.fixes) > n)
            known[text] = guest.event_seqs[-1]
            if text == "two":
                self.hub.stop(kill=True)
                self.hub.start()
                guest.again(grant="alpha/own")
                self.assertEqual(guest.opened["log"], log)
        self.assertEqual(self.texts(guest), ["one", "two", "three"])
        head = self.console(self.rooms["alpha"], mode=SNAPSHOT_MODE).opened["durable"]
        self.assertGreater(head, 600)
        replay = self.guest("alpha/own", mode=REPLAY_MODE, start=KNOWN)
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        self.assertEqual(dict(zip(self.texts(replay), replay.event_seqs)), known)
        for console in (guest, replay):
            # What each says is when it became known, and its place among what is shown: the first or the second.
            self.assertEqual({seq % 4096 for seq in self.seqs(console)} - {1, 2}, set())
            self.assertTrue(all(abs(seq // 4096 - client.now_us()) < 600e6 for seq in self.seqs(console)))
            self.assertEqual({number for _, number, _ in console.events}, {1})
            self.assertEqual(len({spool for spool, _, _ in console.events}), 3)
        self.assertEqual((guest.opened["floor"], guest.opened["durable"]), (0, guest.opened["position"]["event"]))

    def test_when_it_ends_its_sessions_do(self):
        self.grant("alpha/late", delay_s=1)
        guest = self.guest("alpha/late")
        made_us = self.made_us("alpha/late")
        self.say(self.bosses["alpha"], "alpha/late",
                 grant={"to": "bravo", "past": True, "delay_s": 1, "ended": True, "made_us": made_us})
        guest.run(lambda: guest.reopen, access_test.BITES_S)
        self.assertEqual(self.guest("alpha/late").denied["code"], NOT_ENTITLED)


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main()

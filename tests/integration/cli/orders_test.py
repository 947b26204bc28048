#!/usr/bin/env python3
"""What is addressed to a unit reaches its tracker, and no other tracker nor whoever is shown that unit's own words."""
import unittest

from guarded import USAGE, Follower, Guarded


class Orders(Guarded):
    def setUp(self):
        super().setUp()
        for name in ("alpha/v1", "alpha/v2"):
            self.enrol(name, "tracker")
        self.enrol("alpha/relay", "gateway", "--unit", "alpha/*")
        self.enrol("alpha/boss", "administrator")
        self.enrol("alpha/room", "console")
        self.enrol("bravo/room", "console")

    def order(self, text, *units, code=0):
        return self.vigie("alpha/room", "send", "--unit", "alpha/room", "--kind", "order",
                          *[word for unit in units for word in ("--to", unit)], text, code=code)

    def follower(self, who):
        live = Follower(self.place, "--identity", self.key_file(who))
        self.addCleanup(live.end)
        live.wait_for(lambda line: line.get("notice") == "snapshot_end")
        return live

    def heard(self, live, last):
        """Texts up to that one."""
        end, before = live.wait_for(lambda line: line.get("text") == last)
        return [line["text"] for line in [*before, end] if line.get("class") == "event"]

    def test_an_order_reaches_the_trackers_of_the_units_that_it_names_live_and_in_the_past(self):
        lives = {who: self.follower(who) for who in ("alpha/v1", "alpha/v2", "alpha/relay")}
        self.order("depart", "alpha/v1")
        self.order("wait", "alpha/v9", "alpha/v2")
        self.order("to nobody")
        self.order("report", "alpha/v1", "alpha/v2")
        heard = {who: self.heard(live, "report") for who, live in lives.items()}
        wanted = {"alpha/v1": ["depart", "report"], "alpha/v2": ["wait", "report"],
                  "alpha/relay": ["depart", "wait", "to nobody", "report"]}
        self.assertEqual(heard, wanted)
        self.assertEqual({who: self.texts(who) for who in wanted}, wanted)

    def test_whoever_is_granted_a_units_words_does_not_hear_what_is_said_to_it(self):
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo", "--class", "event", "--unit", "alpha/v1")
        live = self.follower("bravo/room")
        self.order("depart", "alpha/v1")
        self.send("alpha/v1", "departed")
        self.assertEqual(self.heard(live, "departed"), ["departed"])
        self.assertEqual(self.texts("bravo/room"), ["departed"])

    def test_another_owners_tracker_is_not_reached(self):
        self.enrol("bravo/v1", "tracker")
        live = self.follower("bravo/v1")
        self.order("come here", "bravo/v1")
        self.send("bravo/v1", "nothing came")
        self.assertEqual(self.heard(live, "nothing came"), ["nothing came"])

    def test_what_is_no_units_name_is_refused_by_its_field(self):
        self.assertIn("--to 'v1'", self.order("depart", "v1", code=USAGE).stderr)
        done = self.vigie("alpha/room", "send", "--unit", "alpha/room", "--field", "addressed_to=alpha/v1,alpha/v2",
                          "depart", code=USAGE)
        self.assertIn("addressed_to", done.stderr)
        self.assertIn("'alpha/v1,alpha/v2'", done.stderr)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Who sees another owner by a grant that has terms: never earlier or finer than it says, on any surface of the server.

That nothing came too early is proved by a marker that was said later and is seen without a delay.
"""
import re
import time
import unittest

from web_room import WebRoom, query

SPAN = {"since": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
LATE_S = 20
STEP_S = 2
LAT, LON = 15.0123456, 1.0123456
FINE = ("15.0123456", "150123456", "1.0123456", "10123456")
FORMS = ("geojson", "gpx", "csv", "ndjson")


class Terms(WebRoom):
    def setUp(self):
        super().setUp()
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
        self.enrol("alpha/boss", "administrator")
        self.ben = self.person("ben", "bravo/ben")
        self.own = self.ben.view().ready()

    def grant(self, name, *terms, to="bravo"):
        self.vigie("alpha/boss", "grant", name, "--to", to, "--past", *terms)

    def end(self, name):
        self.vigie("alpha/boss", "grant", name, "--end")

    def names(self, view=None):
        """Of what a view says that it could open."""
        view = view or self.own
        return [one["name"] for one in view.grants]

    def granted(self, name, *terms, **more):
        self.grant(name, *terms, **more)
        self.own.until_true(lambda: name in self.names())

    def by(self, grant, kept=None, **opening):
        return self.ben.view(kept, grant=grant, **opening).ready()

    def alpha_moves(self, lat=LAT, lon=LON):
        self.track("alpha/v1", [(lat, lon)], "--call-sign", "ALPHA ONE")

    def paths(self, grant):
        """All that answers by a grant."""
        by = f"grant={grant}"
        now = time.time_ns() // 1000
        paths = [f"/api/v1/units?{by}", f"/api/v1/units?{by}&format=geojson", f"/api/v1/units?{by}&at={now}"]
        paths += [f"/api/v1/events?{by}&{query(**SPAN)}&format={form}" for form in ("json", "ndjson", "csv", "geojson")]
        paths += [f"/api/v1/events?{by}&order=oldest"]
        for form in FORMS:
            paths += [f"/api/v1/tracks?{by}&clock=known&{query(**SPAN)}&format={form}",
                      f"/api/v1/units/alpha/v1/track?{by}&clock=known&{query(**SPAN)}&format={form}"]
        return paths + [f"/api/v1/tracks?{by}&clock=known&points=true&{query(**SPAN)}"]

    def asked(self, grant):
        return {path: self.ben.get(path).text for path in self.paths(grant)}

    def replayed(self, grant):
        view = self.by(grant)
        start = time.time_ns() // 1000 - 60_000_000
        view.feed.send("past", request=1, clock="known", time_us=start, speed=1000)
        view.until(lambda m: m["type"] == "past" and m["phase"] in ("ended", "failed"))
        return view

    def test_nothing_is_shown_earlier_or_finer_than_the_grant_says_on_any_surface(self):
        self.granted("alpha/aid", "--delay", f"{LATE_S}s", "--round", 10_000)
        # The same person looks by another one, that shows all of it at once.
        self.granted("alpha/exact", "--own-numbers")
        exact, guest = self.by("alpha/exact"), self.by("alpha/aid")
        self.assertEqual(guest.opened["grant"]["terms"], {
            "delay_s": LATE_S, "round_m": 10_000, "every_s": 0, "own_numbers": False, "ends_us": None,
            "classes": ["track", "event", "state"]})
        self.assertGreater(guest.opened["overdue_after_ms"], LATE_S * 1000, "what is held back is not overdue")
        self.alpha_moves()
        self.send("alpha/v1", "alpha says")
        said = time.monotonic()
        self.send("bravo/v1", "the marker")
        self.own.until_text("the marker")
        exact.until_text("alpha says")
        exact.until_true(lambda: "alpha/v1" in exact.units)
        self.assertEqual(exact.units["alpha/v1"]["lat_e7"], round(LAT * 1e7))
        self.assertIn("alpha says", self.ben.get("/api/v1/events?grant=alpha/exact").text)
        before = self.asked("alpha/aid")
        self.assertLess(time.monotonic(), said + LATE_S, "the machine is too slow: it was not asked in time")
        for path, text in before.items():
            self.assertNotIn("alpha says", text, path)
            self.assertNotIn("ALPHA ONE", text, path)
            self.assertNotRegex(text, r"15\.0\d", path)
        self.assertEqual(self.ben.ask("/api/v1/units/alpha/v1?grant=alpha/aid").status, 404)
        counted = f"/api/v1/timeline?grant=alpha/aid&clock=known&{query(**SPAN)}"
        self.assertEqual(self.ben.get(counted).json["events"], 0)
        early = self.replayed("alpha/aid")
        self.assertEqual((early.past_events, early.past_units), ([], {}))
        guest.feed.send("probe", id=1)
        guest.until(lambda message: message["type"] == "probe")
        self.assertEqual((guest.texts(), guest.units, guest.cards), ([], {}, {}))
        self.assertLess(time.monotonic(), said + LATE_S, "all that was asked before its time")
        self.assertEqual(self.own.texts(), ["the marker"])

        guest.until_text("alpha says")
        self.assertGreaterEqual(time.monotonic(), said + LATE_S - 1)
        guest.until_true(lambda: "alpha/v1" in guest.units)
        fix = guest.units["alpha/v1"]
        self.assertLess(abs(fix["lat_e7"] - LAT * 1e7), 600_000)
        self.assertEqual(guest.cards["alpha/v1"]["call_sign"], "ALPHA ONE")
        self.eventually("the picture by the grant has it",
                        lambda: "alpha/v1" in self.ben.get("/api/v1/units?grant=alpha/aid").text)
        asked = self.asked("alpha/aid")
        late = self.replayed("alpha/aid")
        asked["the feed"] = guest.text
        asked["the replay"] = late.text
        asked["one unit"] = self.ben.get("/api/v1/units/alpha/v1?grant=alpha/aid").text
        self.assertEqual([event["text"] for event in late.past_events], ["alpha says"])
        self.assertEqual(set(late.past_units), {"alpha/v1"})
        self.assertEqual(self.ben.get(counted).json["events"], 1)
        for path, text in asked.items():
            self.assertTrue("alpha says" in text if "/events" in path else True, path)
            self.assertTrue("15.0" in text if "track" in path or "/units" in path else True, (path, text))
            for fine in FINE:
                self.assertNotIn(fine, text, path)
        self.assertNotIn("alpha", re.sub("alpha/(aid|exact)", "", self.own.text), "the own view shows nothing of it")
        self.assertEqual(set(self.own.units), set())

    def counts(self, grant):
        """How many fixes of alpha/v1 each surface shows of the past by that grant."""
        by = f"grant={grant}&clock=known&{query(**SPAN)}"
        marks = {"csv": r"(?m)^.*alpha/v1.*$", "ndjson": r"(?m)^.*alpha/v1.*$", "gpx": "<trkpt"}
        counts = {form: len(re.findall(mark, self.ben.get(f"/api/v1/tracks?{by}&format={form}").text))
                  for form, mark in marks.items()}
        counts["points"] = len(self.ben.get(f"/api/v1/tracks?{by}&points=true").json["features"])
        counts["of the unit"] = len(re.findall("<trkpt",
                                               self.ben.get(f"/api/v1/units/alpha/v1/track?{by}&format=gpx").text))
        return counts

    def test_of_each_step_one_position_is_shown_on_any_surface(self):
        self.granted("alpha/aid", "--every", f"{STEP_S}s")
        self.granted("alpha/exact", "--own-numbers")
        exact, guest = self.by("alpha/exact"), self.by("alpha/aid")
        began = time.time()
        moves = 0
        while time.time() < began + 4 * STEP_S:
            moves += 1
            self.alpha_moves(LAT + moves / 1000, LON)
        most = (time.time() - began) // STEP_S + 2
        self.assertGreater(moves, most, "the machine is too slow: they were no more than there are steps")
        self.eventually("all were taken", lambda: set(self.counts("alpha/exact").values()) == {moves})
        self.send("alpha/v1", "the end")
        guest.until_text("the end")
        shown = set()

        def alike():
            shown.clear()
            shown.update(self.counts("alpha/aid").values())
            return len(shown) == 1 and min(shown) >= 4
        self.eventually("each surface shows the last step", alike)
        self.assertLessEqual(max(shown), most)
        self.assertLessEqual(len(guest.fixes), most)
        self.assertGreaterEqual(len(guest.fixes), 3)
        exact.until_text("the end")
        self.assertGreater(len(exact.fixes), len(guest.fixes))
        self.assertGreaterEqual(guest.opened["overdue_after_ms"], STEP_S * 1000)

    def test_a_grant_that_ends_ends_what_it_shows_within_two_seconds_and_says_so(self):
        self.granted("alpha/aid", "--round", 1000)
        guest = self.by("alpha/aid")
        self.alpha_moves()
        guest.until_true(lambda: "alpha/v1" in guest.units)
        self.end("alpha/aid")
        ended = time.monotonic()
        guest.until_true(lambda: guest.link["state"] == "refused")
        guest.until_true(lambda: not guest.units and not guest.cards)
        self.assertLess(time.monotonic() - ended, 2)
        self.assertEqual(guest.link["code"], "not_entitled")
        self.assertIn("'alpha/aid'", guest.link["reason"])
        self.own.until_true(lambda: self.names() == [])
        self.assertLess(time.monotonic() - ended, 4)
        again = self.ben.feed()
        self.assertEqual(self.refusal(again, "alpha/aid")["code"], "no_such_grant")
        for path in self.paths("alpha/aid"):
            answer = self.ben.ask(path)
            self.assertEqual((answer.status, answer.json["code"]), (404, "no_such_grant"), path)
            self.assertIn("'alpha/aid'", answer.json["detail"])

    def refusal(self, feed, grant):
        feed.send("open", format="json", grant=grant)
        while True:
            message = feed.next()
            if message["type"] == "error":
                return message
            self.assertIn(message["type"], ("hello", "link"), message)

    def test_a_grant_that_is_not_ones_own_or_has_no_terms_is_refused_by_name_and_another_open_may_follow(self):
        self.enrol("charlie/v1", "tracker")
        self.grant("alpha/theirs", "--delay", "1s", to="charlie")
        self.grant("alpha/plain")
        self.granted("alpha/aid", "--delay", "1s")
        self.assertEqual(self.names(), ["alpha/aid"])
        feed = self.ben.feed()
        for name in ("alpha/theirs", "alpha/plain", "alpha/none"):
            refused = self.refusal(feed, name)
            self.assertEqual((refused["code"], refused["about"]), ("no_such_grant", "open"))
            self.assertIn(f"'{name}'", refused["reason"])
            for path in self.paths(name):
                answer = self.ben.ask(path)
                self.assertEqual((answer.status, answer.json["code"]), (404, "no_such_grant"), path)
                self.assertIn(f"'{name}'", answer.json["detail"])
        self.assertEqual(self.refusal(feed, "no name")["code"], "bad_field")
        self.assertEqual(self.ben.ask("/api/v1/units?grant=none").json["code"], "bad_parameter")
        feed.send("open", format="json")
        while feed.next()["type"] != "opened":
            pass
        listed = {one["name"]: one["by_itself"] for one in self.ben.get("/api/v1/grants").json["grants"]}
        self.assertEqual(listed, {"alpha/plain": False, "alpha/aid": True})
        self.assertEqual(self.ben.get("/api/v1/status").json["hub"]["grants"], ["alpha/aid"])

    def test_true_time_is_refused_by_the_fields_name_and_surfaces_that_can_not_take_no_grant(self):
        self.granted("alpha/aid", "--round", 1000)
        now = time.time_ns() // 1000
        for path in (f"/api/v1/units?at={now}&clock=true", f"/api/v1/units/alpha/v1?at={now}&clock=true",
                     "/api/v1/events?clock=true", "/api/v1/tracks?", "/api/v1/units/alpha/v1/track?clock=true",
                     "/api/v1/timeline?"):
            answer = self.ben.ask(path + "&grant=alpha/aid")
            self.assertEqual((answer.status, answer.json["code"]), (400, "bad_parameter"), path)
            self.assertIn("'clock' has to be 'known'", answer.json["detail"])
        for path in ("/api/v1/trackers", "/api/v1/density", "/ogc/collections/units/items",
                     "/ogc/collections/tracks/items", "/ogc/collections/events/items"):
            answer = self.ben.ask(path + "?grant=alpha/aid")
            self.assertEqual(answer.status, 400, path)
            self.assertIn("grant", answer.text)
        guest = self.by("alpha/aid")
        guest.feed.send("past", request=1, clock="true", time_us=now)
        failed = guest.until(lambda message: message["type"] == "past")
        self.assertEqual(failed["phase"], "failed")
        self.assertEqual(failed["code"], "bad_field")
        self.assertIn('clock is "true", must be "known"', failed["reason"])

    def test_a_token_of_one_view_is_none_of_another(self):
        self.granted("alpha/aid", "--round", 1000)
        self.granted("alpha/other", "--round", 2000)
        self.alpha_moves()
        aid, other = self.by("alpha/aid"), self.by("alpha/other")
        self.assertEqual(len({self.own.log, aid.log, other.log}), 3)
        for kept, grant in ((self.own, "alpha/aid"), (aid, "alpha/other"), (aid, None), (other, None)):
            crossed = self.ben.view(kept, grant=grant).ready()
            self.assertFalse(crossed.opened["resumed"], grant)
        self.assertTrue(self.by("alpha/aid", aid).opened["resumed"])

    def comes_back(self, *terms):
        self.granted("alpha/aid", *terms)
        guest = self.by("alpha/aid")
        self.send("alpha/v1", "one")
        guest.until_text("one")
        guest.feed.drop()
        self.send("alpha/v1", "two")
        guest = self.by("alpha/aid", guest)
        guest.until_text("two")
        guest.feed.drop()
        self.send("alpha/v1", "three")
        # Another server has none of it: it is the hub's to give.
        self.restart_web(kill=True)
        self.send("alpha/v1", "four")
        self.own = self.ben.view().ready()
        self.own.until_true(lambda: self.names() == ["alpha/aid"])
        guest = self.by("alpha/aid", guest)
        self.assertTrue(guest.opened["resumed"])
        guest.until_text("four")
        self.send("alpha/v1", "five")
        guest.until_text("five")
        self.assertEqual(guest.texts(), ["one", "two", "three", "four", "five"])
        self.assertEqual(guest.doubled, [])
        self.assertNotIn("alpha/v1", self.own.text)

    def test_who_comes_back_has_missed_no_event_and_has_none_twice(self):
        self.comes_back("--delay", "1s")

    def test_nor_where_the_grant_has_numbers_of_its_own(self):
        self.comes_back("--own-numbers")

    def test_by_numbers_of_its_own_a_paced_browser_gets_each_newer_position(self):
        self.granted("alpha/aid", "--own-numbers")
        guest = self.by("alpha/aid", pace_ms=100)
        for lat in (15, 15.5, 16):
            self.alpha_moves(lat, 1)
            guest.until_true(lambda lat=lat: guest.units.get("alpha/v1", {}).get("lat_e7") == lat * 1e7)

    def test_a_grant_has_a_session_of_its_own_and_one_person_not_more_than_four(self):
        names = [f"alpha/g{number}" for number in range(5)]
        for name in names:
            self.granted(name, "--round", 1000)
        views = [self.by(name) for name in names[:4]]
        full = self.ben.view(grant=names[4]).until_closed()
        self.assertEqual(full.code, 1013)
        self.assertRegex(full.reason, "^grants_full: ")
        self.alpha_moves()
        for view in views:
            view.until_true(lambda view=view: "alpha/v1" in view.units)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""How many fixes there were is counted by what each viewer may see, and by nothing else."""
import datetime
import time
import unittest

from web_room import WebRoom, query


def at(seconds_ago):
    return time.time_ns() // 1000 - int(seconds_ago * 1e6)


class DensityRoom(WebRoom):
    def setUp(self):
        super().setUp()
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
            self.enrol(owner + "/boss", "administrator")
        self.ben = self.person("ben", "bravo/room")

    def density(self, person, **fields):
        """The answer once all is counted."""
        path = "/api/v1/density?" + query(**fields)
        answers = []

        def whole():
            answers.append(person.get(path).json)
            return answers[-1]["complete"]
        self.eventually("all is counted", whole)
        return answers[-1]

    def fixes(self, person, since=3600, to=-60, **more):
        return sum(fixes or 0 for fixes in self.density(person, since=at(since), to=at(to), **more)["fixes"])

    def fixes_of_newest(self, person, wanted, **more):
        """The hour that is going on is counted again each half minute."""
        self.eventually(f"{wanted} are counted", lambda: self.fixes(person, **more) == wanted, 90)


class Counting(DensityRoom):
    def test_each_fix_stands_in_its_bucket_by_either_clock(self):
        rows = [(15 + n / 1e4, 1) for n in range(120)]  # two minutes, a second apart, up to now
        self.track("bravo/v1", rows)
        self.fixes_of_newest(self.ben, 120)
        answer = self.density(self.ben, since=at(600), to=at(0), buckets=500)
        self.assertEqual((answer["bucket_s"], answer["sampled"], answer["clock"]), (10, False, "true"))
        filled = [fixes for fixes in answer["fixes"] if fixes]
        self.assertEqual(sum(filled), 120)
        self.assertLessEqual(max(filled), 10)
        self.assertGreaterEqual(len(filled), 12)
        first = datetime.datetime.fromisoformat(answer["from"].replace("Z", "+00:00"))
        self.assertEqual(first.timestamp() % 10, 0)
        known = self.density(self.ben, since=at(600), to=at(0), buckets=500, clock="known")
        filled = [fixes for fixes in known["fixes"] if fixes]
        self.assertEqual(sum(filled), 120)
        self.assertLessEqual(len(filled), 3, "they came together")

    def test_a_long_range_is_sampled_and_says_so_and_no_bucket_is_of_the_future(self):
        self.track("bravo/v1", [(15, 1)] * 3)
        answer = self.density(self.ben, since=at(86_400 * 300), to=at(-86_400 * 30), buckets=50)
        self.assertTrue(answer["sampled"])
        self.assertLessEqual(len(answer["fixes"]), 50)
        self.assertIsNone(answer["fixes"][-1])

    def test_bad_input_is_refused_with_the_field(self):
        for fields, word in (({"since": "soon"}, "from"), ({"to": "x"}, "to"), ({"buckets": 1}, "buckets"),
                             ({"buckets": 501}, "buckets"), ({"buckets": "many"}, "buckets"),
                             ({"clock": "sun"}, "clock"),
                             ({"since": at(0), "to": at(60)}, "from"), ({"owner": "alpha"}, "owner"),
                             ({"since": at(86_400 * 401), "to": at(0)}, "400 days")):
            answer = self.ben.ask("/api/v1/density?" + query(**fields))
            self.assertEqual(answer.status, 400, (fields, answer.text))
            self.assertIn(word, answer.json["detail"])
        self.assertEqual(self.ben.ask("/api/v1/density", "POST", {}).status, 405)
        nobody = self.ben.__class__(self)
        self.assertEqual(nobody.ask("/api/v1/density").status, 401)


class Entitlement(DensityRoom):
    def exported(self, person, clock="known"):
        """How many fixes an export of the same span gives: what the hub shows that person."""
        rows = person.get("/api/v1/tracks?" + query(since=at(3600), to=at(-60), format="csv", clock=clock)).text
        return len(rows.splitlines()) - 1

    def assert_counts_what_is_exported(self, person, wanted):
        for clock in ("known", "true"):
            self.assertEqual(self.exported(person, clock), wanted)
            self.fixes_of_newest(person, wanted, clock=clock)

    def test_what_is_hidden_changes_nothing_and_what_is_granted_counts(self):
        self.track("bravo/v1", [(15, 1)] * 7)
        self.assert_counts_what_is_exported(self.ben, 7)
        span = {"since": at(1200), "to": at(0), "buckets": 100}
        before = self.density(self.ben, **span)["fixes"]
        self.track("alpha/v1", [(15, 1)] * 500)
        self.restart_web()  # nothing is kept from before: all is counted anew
        self.ben = self.signed_in("ben")
        after = self.density(self.ben, **span)["fixes"]
        self.assertEqual([fixes or 0 for fixes in before], [fixes or 0 for fixes in after])
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo", "--class", "track")
        self.track("alpha/v1", [(15.5, 1)] * 11)
        granted = self.exported(self.ben)
        self.assertEqual(granted, 7 + 11, "of the time before the grant, nothing")
        self.assert_counts_what_is_exported(self.ben, granted)
        self.vigie("alpha/boss", "grant", "alpha/joint", "--end")
        self.track("alpha/v1", [(15.6, 1)] * 13)
        self.assert_counts_what_is_exported(self.ben, self.exported(self.ben))
        self.assertLess(self.exported(self.ben), 7 + 11 + 13)
        anna = self.person("anna", "alpha/room")
        self.assert_counts_what_is_exported(anna, 500 + 11 + 13)

    def test_another_right_throws_away_what_was_counted_before(self):
        """By known time the past is counted once: a new right alone makes it be counted anew."""
        self.track("bravo/v1", [(15, 1)] * 5)
        self.fixes_of_newest(self.ben, 5, clock="known")
        asked = self.density(self.ben, since=at(86_400), to=at(0), clock="known")["as_of"]
        self.assertEqual(self.density(self.ben, since=at(86_400), to=at(0), clock="known")["as_of"], asked)
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo", "--class", "track")
        self.eventually("all is counted anew", lambda: self.density(
            self.ben, since=at(86_400), to=at(0), clock="known")["as_of"] > asked, 10)


if __name__ == "__main__":
    unittest.main()

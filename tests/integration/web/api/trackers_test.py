#!/usr/bin/env python3
"""How trackers do is told of the units that one sees, and of no others."""
import unittest

from web_room import WebRoom, query


class Trackers(WebRoom):
    def setUp(self):
        super().setUp()
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
        self.ben = self.person("ben", "bravo/room")

    def trackers(self):
        return {one["unit"]: one for one in self.ben.get("/api/v1/trackers").json["trackers"]}

    def test_fixes_late_ones_and_numbers_are_told_of_ones_own_units_alone(self):
        self.ben.get("/api/v1/units")  # from here on the server looks
        self.track("bravo/v1", [(15 + n / 1e4, 1) for n in range(20)])
        self.eventually("all came", lambda: self.trackers().get("bravo/v1", {}).get("fixes") == 20)
        self.track("alpha/v1", [(15, 1)] * 50)
        self.track("bravo/v1", [(16, 1)])
        self.eventually("one more", lambda: self.trackers()["bravo/v1"]["fixes"] == 21)
        told = self.trackers()
        self.assertEqual(set(told), {"bravo/v1"})
        self.assertEqual(told["bravo/v1"]["clock"], "satellite")
        self.assertEqual(told["bravo/v1"]["missing"], 0)
        self.assertGreaterEqual(told["bravo/v1"]["delay_s"], 0)

    def pages(self, **asked):
        """The units of each page, by what the page before gave as `next`; and what each page told."""
        pages, following = [], {}
        while True:
            pages.append(self.ben.get("/api/v1/trackers?" + query(**asked, **following)).json)
            if "next" not in pages[-1]:
                return [[one["unit"] for one in page["trackers"]] for page in pages]
            following = {"next": pages[-1]["next"]}

    def test_all_are_reached_page_by_page_in_both_orders(self):
        self.enrol("bravo/gate", "gateway", "--unit", "bravo/*")
        units = [f"bravo/u{number}" for number in range(5)]
        self.ben.get("/api/v1/units")
        for unit in units:
            self.track("bravo/gate", [(15, 1)], unit=unit)
        self.eventually("all came", lambda: set(units) <= set(self.trackers()))
        self.assertEqual(self.pages(order="name", limit=2), [units[:2], units[2:4], units[4:]])
        self.assertEqual(self.pages(order="name", limit=5), [units])
        slowest = [one["unit"] for one in self.ben.get("/api/v1/trackers").json["trackers"]]
        self.assertEqual(self.pages(limit=2), [slowest[:2], slowest[2:4], slowest[4:]])
        self.assertEqual(self.ben.get("/api/v1/trackers?limit=2").json["trackers_in_all"], 5)

    def test_bad_input_is_refused_with_the_field(self):
        for path, word in (("limit=0", "limit"), ("limit=x", "limit"), ("unit=a", "unit"), ("order=best", "order"),
                           ("next=bravo/v1", "next"), ("next=", "next")):
            answer = self.ben.ask("/api/v1/trackers?" + path)
            self.assertEqual(answer.status, 400)
            self.assertIn(word, answer.json["detail"])
        self.assertEqual(self.ben.__class__(self).ask("/api/v1/trackers").status, 401)


if __name__ == "__main__":
    unittest.main()

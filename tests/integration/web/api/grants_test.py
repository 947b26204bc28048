#!/usr/bin/env python3
"""Grants by /api/v1/grants: what they show while they stand, who may give them, and what the hub writes down."""
import unittest

from web_room import WebRoom


class Grants(WebRoom):
    def setUp(self):
        super().setUp()
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
        self.boss = self.person("boss", "alpha/boss", "administrator")
        self.other_boss = self.person("other-boss", "bravo/boss", "administrator")
        self.ben = self.person("ben", "bravo/ben")

    def give(self, person, status=201, **grant):
        answer = person.ask("/api/v1/grants", "POST", {"name": "joint", "to": "bravo", **grant})
        self.assertEqual(answer.status, status, answer.text)
        return answer.json

    def end(self, person, status=204, name="joint"):
        answer = person.ask("/api/v1/grants/" + name, "DELETE")
        self.assertEqual(answer.status, status, answer.text)

    def standing(self, person):
        return {one["name"]: one["given"] for one in person.get("/api/v1/grants").json["grants"] if one["stands"]}

    def say(self, text):
        """Alpha first: what bravo says then is the marker that proves it withheld."""
        self.send("alpha/v1", "alpha " + text)
        self.send("bravo/v1", "bravo " + text)

    def test_a_grant_shows_what_it_names_from_now_on_and_ended_it_shows_nothing_more(self):
        view = self.ben.view().ready()
        self.say("before")
        view.until_text("bravo before")
        self.give(self.boss, classes=["event"])
        self.assertEqual(self.standing(self.boss), {"alpha/joint": True})
        self.say("during")
        texts = view.until_text("bravo during")
        self.assertEqual(texts, ["bravo before", "alpha during", "bravo during"])
        self.end(self.boss)
        self.assertEqual(self.standing(self.boss), {})
        self.say("after")
        self.assertEqual(view.until_text("bravo after"), [*texts, "bravo after"])

    def test_what_a_grant_does_not_name_stays_withheld(self):
        view = self.ben.view().ready()
        self.give(self.boss, classes=["event"], groups=["north"])
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--group", "south", "alpha of the south")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--group", "north", "alpha of the north")
        self.track("alpha/v1", [(15, 1)], "--group", "north")
        self.send("bravo/v1", "marker")
        self.assertEqual(view.until_text("marker"), ["alpha of the north", "marker"])
        self.assertEqual(view.units, {})

    def test_administrators_of_the_owner_alone_give_and_end(self):
        officer = self.person("officer", "alpha/officer")
        guest = self.person("guest", "alpha/guest", "administrator", "--read-only")
        self.give(officer, status=403)
        self.give(guest, status=403)
        self.assertEqual(self.standing(self.boss), {})
        self.give(self.boss)
        for person in (officer, guest):
            self.end(person, status=403 if person is guest or self.standing(person) else 404)
        # The owner is the caller's own: another's grant can't even be named.
        self.end(self.other_boss, status=404)
        self.assertEqual(self.standing(self.boss), {"alpha/joint": True})

    def test_a_change_needs_a_signed_in_person_and_their_own_page(self):
        grant = {"name": "joint", "to": "bravo"}
        forged = self.boss.ask("/api/v1/grants", "POST", grant, {"X-Vigie-CSRF": "wrong"})
        self.assertIn(forged.status, (401, 403), forged.text)
        foreign = self.boss.ask("/api/v1/grants", "POST", grant, {"Origin": "https://evil.example"})
        self.assertEqual(foreign.status, 403)
        program = self.program("boss", "--may-send")
        refused = program.ask("/api/v1/grants", "POST", grant)
        self.assertEqual((refused.status, refused.json["code"]), (403, "token"))
        self.assertEqual(self.standing(program), {})

    def test_the_hub_writes_down_who_gave_and_ended_it(self):
        self.give(self.boss, delay_s=60)
        self.end(self.boss)
        lines = self.vigie(self.key_of("boss"), "audit").stdout.splitlines()
        told = [line for line in lines if "alpha/joint" in line]
        self.assertGreaterEqual(len(told), 2, lines)
        self.assertTrue(all("alpha/boss" in line for line in told), told)

    def key_of(self, account):
        return self.web.data / "identities" / f"{account}.key"

    def test_a_name_that_was_given_is_not_taken_again(self):
        self.give(self.boss, classes=["event"])
        self.assertEqual(self.give(self.boss, status=409)["code"], "taken")
        self.end(self.boss)
        self.assertEqual(self.give(self.boss, status=409)["code"], "taken")
        self.give(self.boss, name="joint-2")
        self.assertEqual(self.standing(self.boss), {"alpha/joint-2": True})

    def test_without_the_hub_it_is_said_and_nothing_is_claimed(self):
        self.kill_hub()
        answer = self.boss.ask("/api/v1/grants", "POST", {"name": "joint", "to": "bravo"})
        self.assertEqual(answer.status, 503, answer.text)
        self.start_hub()
        self.eventually("the hub is there", lambda: self.boss.ask("/api/v1/grants").status == 200)
        self.assertEqual(self.standing(self.boss), {})


if __name__ == "__main__":
    unittest.main()

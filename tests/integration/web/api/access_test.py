#!/usr/bin/env python3
"""Each signed-in person sees exactly what their identity may see, wherever it can be looked at."""
import re
import time
import unittest

from web_room import WebRoom, query

SPAN = {"since": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
COLLECTIONS = ("units", "events", "tracks")


def owners_in(text):
    return set(re.findall(r"\b(alpha|bravo|charlie)\b", text))


class Access(WebRoom):
    def setUp(self):
        super().setUp()
        for owner in ("alpha", "bravo"):
            self.enrol(owner + "/v1", "tracker")
            self.enrol(owner + "/boss", "administrator")
        self.anna = self.person("anna", "alpha/room")
        self.ben = self.person("ben", "bravo/room")

    def say_all(self, owner, lat):
        """A card, a position and an event of that owner."""
        self.track(owner + "/v1", [(lat, 1), (lat, 1.001)], "--call-sign", owner + " one", "--group", owner + "-p")
        self.send(owner + "/v1", owner + " says")

    def surfaces(self, person, owner):
        """All that can be asked for, as the texts that were answered."""
        span = query(**SPAN)
        now = time.time_ns() // 1000
        paths = ["/api/v1/units", "/api/v1/status", f"/api/v1/timeline?{span}", "/ogc/collections",
                 "/api/v1/trackers", "/api/v1/density",
                 "/api/v1/me"]
        paths += [f"/api/v1/units?{query(at=now, clock=clock)}" for clock in ("known", "true")]
        paths += [f"/api/v1/tracks?{span}&format={form}&clock={clock}" for clock in ("known", "true")
                  for form in ("geojson", "gpx", "csv", "ndjson")]
        paths += [f"/api/v1/tracks?{span}&points=true"]
        paths += [f"/api/v1/events?{span}&format={form}" for form in ("json", "ndjson", "csv", "geojson")]
        paths += [f"/ogc/collections/{name}/items" for name in COLLECTIONS]
        paths += [f"/ogc/collections/{name}/items?{query(datetime='2020-01-01T00:00:00Z/..')}" for name in COLLECTIONS]
        return {path: person.get(path).text for path in paths}

    def assert_sees_only(self, person, own, other):
        """Own things stand in each surface that has things, and the others' in none."""
        for path, text in self.surfaces(person, own).items():
            self.assertNotIn(other, text, path)
            if not re.search(r"/(status|timeline|density|collections$|me$)", path):
                self.assertIn(own, text, path)
        self.assertEqual(person.get(f"/api/v1/units/{own}/v1").json["unit"]["unit"], own + "/v1")
        for path in (f"/api/v1/units/{other}/v1", f"/ogc/collections/units/items/{other}:v1",
                     f"/ogc/collections/tracks/items/{other}:v1"):
            hidden = person.ask(path)
            nobody = person.ask(path.replace("v1", "nobody") if "/api/v1/" not in path
                                else f"/api/v1/units/{other}/nobody")
            self.assertEqual(hidden.status, 404, (path, hidden.text))
            self.assertEqual(hidden.text.replace("nobody", "v1"), nobody.text.replace("nobody", "v1"),
                             "one that is hidden is told from one that is not there")
        track = person.get(f"/api/v1/units/{other}/v1/track?{query(**SPAN)}&format=ndjson").text
        self.assertEqual([line for line in track.splitlines() if '"track"' in line], [])

    def test_each_sees_its_own_on_every_surface_and_nothing_of_the_other(self):
        views = {"alpha": self.anna.view().ready(), "bravo": self.ben.view().ready()}
        self.say_all("bravo", 16)
        self.say_all("alpha", 15)
        self.send("bravo/v1", "bravo marker")
        for owner, person, other in (("alpha", self.anna, "bravo"), ("bravo", self.ben, "alpha")):
            live = views[owner]
            live.until_text("alpha says" if owner == "alpha" else "bravo marker")
            self.assertNotIn(other, live.text)
            self.assertEqual(set(live.units), {owner + "/v1"})
            self.assertEqual(set(live.cards), {owner + "/v1"})
            self.assert_sees_only(person, owner, other)
            fresh = person.view().ready()
            self.assertEqual(set(fresh.units), {owner + "/v1"})
            self.assertNotIn(other, fresh.text)
            for number, clock in enumerate(("known", "true"), 1):
                start = live.fixes[0][1]["time_us"] - 5_000_000
                fresh.feed.send("past", request=number, clock=clock, time_us=start, speed=100)
                fresh.until(lambda m: m["type"] == "past" and m["phase"] in ("ended", "failed"))
                self.assertEqual(set(fresh.past_units), {owner + "/v1"})
                self.assertNotIn(other, fresh.text)
        timeline = [person.get(f"/api/v1/timeline?{query(**SPAN)}").json for person in (self.anna, self.ben)]
        self.assertEqual([one["events"] for one in timeline], [1, 2])

    def test_a_grant_shows_what_it_grants_while_it_stands_on_the_open_feed_and_on_every_surface(self):
        live = self.ben.view().ready()
        self.say_all("alpha", 15)
        self.say_all("bravo", 16)
        live.until_text("bravo says")
        self.assertEqual(set(live.units), {"bravo/v1"})
        self.vigie("alpha/boss", "grant", "alpha/joint", "--to", "bravo", "--class", "event", "--class", "track",
                   "--class", "state")
        self.track("alpha/v1", [(15.2, 1.2)], "--group", "alpha-p")
        self.send("alpha/v1", "alpha during")
        self.send("bravo/v1", "first marker")
        texts = live.until_text("first marker")
        self.assertEqual(texts, ["bravo says", "alpha during", "first marker"])
        live.until_true(lambda: set(live.units) == {"alpha/v1", "bravo/v1"})
        self.assertEqual(self.ben.get("/api/v1/units/alpha/v1").json["unit"]["unit"], "alpha/v1")
        events = self.ben.get(f"/api/v1/events?{query(**SPAN)}&order=oldest").json["events"]
        self.assertEqual([event["text"] for event in events], texts)
        rows = self.ben.get(f"/api/v1/tracks?{query(**SPAN)}&format=csv&clock=known").text
        self.assertEqual(len(re.findall(",alpha/v1,", rows)), 1, "of the time before the grant, nothing")
        self.vigie("alpha/boss", "grant", "alpha/joint", "--end")
        self.track("alpha/v1", [(15.3, 1.3)], "--group", "alpha-p")
        self.send("alpha/v1", "alpha after")
        self.send("bravo/v1", "second marker")
        texts = live.until_text("second marker")
        self.assertNotIn("alpha after", texts)
        live.until_true(lambda: set(live.units) == {"bravo/v1"})
        self.assertEqual(set(live.cards), {"bravo/v1"})
        fresh = self.ben.view().ready()
        self.assertEqual((set(fresh.units), set(fresh.cards)), ({"bravo/v1"}, {"bravo/v1"}))
        self.assert_sees_only(self.ben, "bravo", "alpha")
        own = self.anna.get(f"/api/v1/events?{query(**SPAN)}&order=oldest").json["events"]
        self.assertEqual([event["text"] for event in own], ["alpha says", "alpha during", "alpha after"])

    def test_an_account_of_a_trackers_identity_of_another_owner_gets_nothing(self):
        device = self.person("device", "charlie/t1", "tracker")
        live = self.anna.view().ready()
        self.say_all("alpha", 15)
        self.send("alpha/v1", "marker")
        live.until_text("marker")
        for path in self.surfaces(self.anna, "alpha"):
            self.assertEqual(owners_in(device.ask(path).text) & {"alpha", "bravo"}, set(), path)
        view = device.view()
        view.until(lambda m: m["type"] in ("opened", "link") and m.get("state") != "connecting")
        self.assertEqual(owners_in(view.text) & {"alpha", "bravo"}, set())

    def test_nobody_gets_nothing(self):
        from web_room import Person
        nobody = Person(self)
        self.say_all("alpha", 15)
        for path in self.surfaces(self.anna, "alpha"):
            answer = nobody.ask(path)
            self.assertEqual((answer.status, owners_in(answer.text)), (401, set()), path)

    def test_a_token_reads_as_its_account_and_sends_only_if_it_may(self):
        live = self.anna.view().ready()
        self.say_all("alpha", 15)
        reader, writer = self.program("anna"), self.program("anna", "--may-send")
        live.until_text("alpha says")
        self.assert_sees_only(reader, "alpha", "bravo")
        event = {"kind": "text", "text": "by token"}
        refused = reader.ask("/api/v1/events?wait=true", "POST", event)
        self.assertEqual((refused.status, refused.json["code"]), (403, "may_not_send"), refused.text)
        sent = writer.ask("/api/v1/events?wait=true", "POST", event)
        self.assertIn(sent.status, (200, 201, 202), sent.text)
        live.until_text("by token")
        for method, path in (("GET", "/api/v1/tokens"), ("GET", "/api/v1/account"), ("GET", "/api/v1/accounts"),
                             ("DELETE", "/api/v1/session/all")):
            answer = writer.ask(path, method)
            self.assertEqual((answer.status, answer.json["code"]), (403, "token"), path)
        listed = self.account("token list", "anna", "--json").splitlines()
        for line in listed:
            self.account("token end", "anna", re.search(r'"id":"([^"]+)"', line).group(1))
        self.eventually("an ended token opens nothing", lambda: reader.ask("/api/v1/units").status == 401)

    def test_a_read_only_account_sends_nothing(self):
        guest = self.person("guest", "alpha/guest", "console", "--read-only")
        answer = guest.ask("/api/v1/events", "POST", {"kind": "text", "text": "hello"})
        self.assertEqual((answer.status, answer.json["code"]), (403, "may_not_send"))

    def test_what_the_server_does_for_others_is_told_to_administrators_alone(self):
        chief = self.person("chief", "alpha/chief", "console", "--administrator")
        guest = self.person("guest", "alpha/guest", "console", "--read-only")
        told = chief.get("/api/v1/status").json
        self.assertEqual(set(told), {"hub", "server", "browsers"})
        self.assertIn("open", told["browsers"])
        self.assertEqual(set(told["server"]), {"program", "time", "http", "exports", "readings", "sent_events"})
        for person in (self.anna, guest, self.program("anna"), self.program("chief")):
            person.get("/api/v1/units")
            told = person.get("/api/v1/status").json
            self.assertEqual(set(told), {"hub", "server"})
            self.assertEqual(set(told["server"]), {"program", "time"})
        self.assertNotEqual(told["hub"]["link"], "")

    def test_what_others_do_changes_nothing_in_ones_own_status(self):
        """But for clocks and ages, and what comes of one's own."""
        def own():
            told = self.anna.get("/api/v1/status").json
            for name in ("time", "heard_ago_s", "since"):
                told["hub"].pop(name, None)
                told["server"].pop(name, None)
            return told
        live = self.anna.view().ready()
        before = own()
        view = self.ben.view().ready()
        self.assertEqual(self.ben.ask("/api/v1/events?wait=true", "POST", {"kind": "text", "text": "x"}).status, 200)
        view.until_text("x")
        self.ben.get(f"/api/v1/tracks?{query(**SPAN)}&format=csv")
        self.assertEqual({key: value for key, value in own()["hub"].items() if key in ("fixes", "events", "conflated")},
                         {key: before["hub"][key] for key in ("fixes", "events", "conflated")})
        self.assertEqual(own()["server"], before["server"])
        self.send("alpha/v1", "one's own")
        live.until_text("one's own")
        self.assertEqual(own()["hub"]["events"], before["hub"]["events"] + 1)

    def test_nobody_speaks_for_another_owners_unit(self):
        live = self.ben.view().ready()
        answer = self.anna.ask("/api/v1/events?wait=true", "POST", {"kind": "sos", "text": "x", "unit": "bravo/v1"})
        self.assertGreaterEqual(answer.status, 400, answer.text)
        self.send("bravo/v1", "marker")
        self.assertEqual(live.until_text("marker"), ["marker"])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""Who is put out is out wherever they look: the open feed, its replay, an export, each answer. The others lose nothing.

Judged are the order (what is published after the acknowledgement does not reach whoever was put out, and reaches the
others) and the time: each surface is closed within the two seconds that are promised, from the acknowledgement on. A
machine under test does other things too, so of three tries one has to be in time.
"""
import functools
import http.client
import threading
import time
import unittest

from feed_client import Refused
from web_room import PASSWORD, WAIT_S, WebRoom, query

PROMISED_S = 2
ROWS = 40_000
SPAN = query(since="2020-01-01T00:00:00Z", to="2099-01-01T00:00:00Z")
SURFACES = ("/api/v1/units", "/api/v1/units/alpha/v1", f"/api/v1/events?{SPAN}", f"/api/v1/timeline?{SPAN}",
            "/api/v1/status", "/api/v1/me", f"/api/v1/tracks?{SPAN}&format=csv",
            f"/api/v1/units/alpha/v1/track?{SPAN}", "/ogc/collections/units/items", "/ogc/collections/events/items",
            "/ogc/collections/tracks/items")


class TooSlow(AssertionError):
    """All was right, and not in time."""


def in_time(test):
    """The best of three tries, each in a room of its own."""
    @functools.wraps(test)
    def tries(self):
        for tries_left in (2, 1, 0):
            try:
                return test(self)
            except TooSlow as slow:
                if tries_left == 0:
                    raise
                print(f"{slow}; once more", flush=True)
                self.doCleanups()
                self.setUp()
    return tries


class Revocation(WebRoom):
    SETTINGS = ("exports.per_account=2",)

    def setUp(self):
        super().setUp()
        self.enrol("alpha/v1", "tracker")
        self.enrol("alpha/boss", "administrator")
        self.ben = self.person("ben", "alpha/ben")
        self.anna = self.person("anna", "alpha/anna")
        self.track("alpha/v1", [(15 + n / 1e5, 1) for n in range(ROWS)])
        self.others = self.ben.view().ready()

    def looking(self, person):
        """A feed with a replay that plays on it."""
        view = person.view().ready()
        start = (time.time_ns() // 1000) - 20_000 * 1_000_000
        view.feed.send("past", request=1, clock="true", time_us=start, speed=100)
        view.until(lambda m: m["type"] == "past" and m["phase"] == "playing")
        view.until_true(lambda: view.past_units)
        return view

    def put_out(self, how, program=None):
        """What `how` does to one who looks by cookie (and by token: `program`), and to the others. When `how` returns,
        it was acknowledged: nothing that is published from then on reaches whoever was put out. What it returns is when
        its command was answered, if that was before."""
        views = {"feed": self.looking(self.anna)}
        if program:
            views["feed by token"] = program.view().ready()
        persons = list(filter(None, (self.anna, program)))
        ended, closed, acknowledged = {}, {}, threading.Event()
        with self.anna.streaming(f"/api/v1/tracks?{SPAN}&format=ndjson", receive_buffer=4096) as export:
            self.assertEqual(export.status, 200)
            export.read(1000)

            def note(name, end):
                if name not in views:
                    acknowledged.wait(WAIT_S)
                closed[name] = end()
                ended[name] = time.monotonic()
            endings = {name: view.until_closed for name, view in views.items()}
            endings["replay"] = lambda: self.gone("vigie_web_replays")
            endings["export"] = lambda: self.gone("vigie_web_exports")
            endings["last answer"] = lambda: [self.refused(person, path) for person in persons for path in SURFACES]
            waiting = [threading.Thread(target=note, args=item) for item in endings.items()]
            for one in waiting:
                one.start()
            self.send("alpha/v1", "before")
            began = time.monotonic()
            answered = how()
            acted = time.monotonic()
            acknowledged.set()
            self.send("alpha/v1", "after 0")
            for one in waiting:
                one.join(WAIT_S)
            self.assertEqual(set(ended), set(endings), "all of them ended")
            with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
                while export.read(1 << 16):
                    pass
        for name, view in views.items():
            self.assertEqual(closed[name].code, 1008, closed[name])
            self.assertNotIn("after 0", view.text, name)
        for person in persons:
            self.shut_out(person)
        self.others_lost_nothing()
        self.assert_in_time(answered or acted, ended, (answered or acted) - began)

    def assert_in_time(self, answered, ended, taken=0.0):
        took = {name: at - answered for name, at in ended.items()}
        told = ", ".join(f"the {name} ended after {seconds:.2f} s" for name, seconds in took.items())
        print(f"\n{self._testMethodName}: acknowledged after {taken:.2f} s; from then on {told} "
              f"({PROMISED_S} s are promised)", flush=True)
        late = {name: round(seconds, 2) for name, seconds in took.items() if seconds > PROMISED_S}
        if late:
            raise TooSlow(f"not within {PROMISED_S} s: {late}")

    def gone(self, gauge):
        self.eventually(gauge + " is 0", lambda: self.web.metric(gauge) == 0)

    def refused(self, person, path):
        """By its status; what comes behind it is not waited for."""
        def is_refused():
            with person.streaming(path) as answer:
                return answer.status == 401
        self.eventually(path + " is refused", is_refused)

    def shut_out(self, person):
        """No surface shows anything any more, and nothing is sent."""
        with self.assertRaises(Refused) as refusal:
            person.feed()
        self.assertEqual(refusal.exception.status, 401)
        for path in SURFACES:
            answer = person.ask(path)
            self.assertEqual(answer.status, 401, path + answer.text[:200])
            self.assertNotIn("alpha/v1", answer.text, path)
        sent = person.ask("/api/v1/events?wait=true", "POST", {"kind": "text", "text": "not heard"})
        self.assertEqual(sent.status, 401, sent.text)

    def others_lost_nothing(self):
        for number in (1, 2):
            self.send("alpha/v1", f"after {number}")
        self.assertEqual(self.others.until_text("after 2"), ["before", "after 0", "after 1", "after 2"])
        self.assertEqual((self.others.doubled, self.others.lost), ([], []))

    def knows(self, person):
        """The command line writes the file: the server acknowledges when it answers by it."""
        self.eventually("the server knows", lambda: person.ask("/api/v1/me").status == 401)

    @in_time
    def test_an_identity_that_is_revoked_at_the_hub_is_out(self):
        program = self.program("anna", "--may-send")

        def revoke():
            self.vigie("alpha/boss", "revoke", "alpha/anna")
        self.put_out(revoke, program)

    @in_time
    def test_an_account_that_is_disabled_is_out(self):
        program = self.program("anna", "--may-send")

        def disable():
            self.account("disable", "anna")
            answered = time.monotonic()
            self.knows(self.anna)
            return answered
        self.put_out(disable, program)

    @in_time
    def test_signing_out_everywhere_ends_all_sessions(self):
        second = self.signed_in("anna")
        other = second.view().ready()

        def sign_out():
            self.assertEqual(second.ask("/api/v1/session/all", "DELETE").status, 204)
        self.put_out(sign_out)
        self.assertEqual(other.until_closed().code, 1008)
        self.assertNotIn("after 0", other.text)
        self.assertEqual(self.signed_in("anna").ask("/api/v1/units").status, 200)

    @in_time
    def test_a_password_that_is_changed_ends_the_others_and_the_tokens(self):
        program = self.program("anna", "--may-send")
        chooser = self.signed_in("anna")

        def change():
            answer = chooser.ask("/api/v1/account/password", "PUT", {"current": PASSWORD, "password": PASSWORD + "!"})
            self.assertEqual((answer.status, answer.json), (200, {"browsers": 1, "tokens": 1}))
        self.put_out(change, program)
        self.assertEqual(chooser.ask("/api/v1/units").status, 200)

    @in_time
    def test_the_command_that_signs_out_ends_the_sessions_and_leaves_tokens_unless_told(self):
        token = self.program("anna")

        def sign_out():
            self.account("sign-out", "anna")
            answered = time.monotonic()
            self.knows(self.anna)
            return answered
        self.put_out(sign_out)
        self.assertEqual(token.ask("/api/v1/units").status, 200)
        self.account("sign-out", "anna", "--tokens")
        self.knows(token)
        self.shut_out(token)

    @in_time
    def test_a_token_that_is_ended_is_out_and_its_account_is_not(self):
        program = self.program("anna", "--may-send")
        view = program.view().ready()
        [listed] = self.anna.get("/api/v1/tokens").json["tokens"]
        self.assertEqual(self.anna.ask("/api/v1/tokens/" + listed["id"], "DELETE").status, 204)
        answered = time.monotonic()
        for path in SURFACES:
            self.refused(program, path)
        refused = time.monotonic()
        closed = view.until_closed()
        ended = {"last answer": refused, "feed by token": time.monotonic()}
        self.send("alpha/v1", "after the end")
        self.assertEqual(closed.code, 1008)
        self.assertNotIn("after the end", view.text)
        self.shut_out(program)
        self.assertEqual(self.anna.ask("/api/v1/units").status, 200)
        self.assert_in_time(answered, ended)

    def test_an_identity_that_is_revoked_while_nobody_looks_sees_nothing_from_then_on(self):
        program = self.program("anna", "--may-send")
        self.vigie("alpha/boss", "revoke", "alpha/anna")
        self.send("alpha/v1", "after 0")
        self.others.until_text("after 0")
        sent = program.ask("/api/v1/events?wait=true", "POST", {"kind": "text", "text": "not heard"})
        self.assertGreaterEqual(sent.status, 400, sent.text)
        for path in SURFACES:
            answer = program.ask(path)
            self.assertNotIn("after 0", answer.text, path)
            if not path.endswith(("/me", "/status")):
                self.assertIn(answer.status, (401, 403), path + answer.text[:200])
        self.send("alpha/v1", "after 1")
        self.assertEqual(self.others.until_text("after 1"), ["after 0", "after 1"])


if __name__ == "__main__":
    unittest.main()

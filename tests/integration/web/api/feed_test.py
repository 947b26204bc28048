#!/usr/bin/env python3
"""The feed keeps what PROTOCOL.md promises: over lost sockets and killed programs, for slow readers, against nonsense.
"""
import json
import os
import signal
import time
import unittest

from feed_client import BINARY, PING, TEXT, Closed, View
from web_room import WebRoom

LOG = "0" * 32


class FeedRoom(WebRoom):
    def setUp(self):
        super().setUp()
        self.enrol("alpha/v1", "tracker")
        self.anna = self.person("anna", "alpha/room")

    def say(self, *texts):
        """Events of the room's own identity, by the API: taken once they are durable."""
        for text in texts:
            answer = self.anna.ask("/api/v1/events", "POST", {"kind": "text", "text": text})
            self.assertIn(answer.status, (200, 201, 202), answer.text)

    def assert_whole(self, view, texts, crashed=False):
        """`crashed`: seqs that a crash took are told as lost; what was said under them came again."""
        view.until_text(texts[-1])
        self.assertEqual(view.texts(), texts)
        self.assertEqual(view.doubled, [])
        if not crashed:
            self.assertEqual(view.lost, [])


class Resuming(FeedRoom):
    def test_a_socket_that_was_lost_is_taken_up_without_loss_or_doubling(self):
        view = self.anna.view().ready()
        said = []
        for turn in range(5):
            said.append(f"seen {turn}")
            self.say(said[-1])
            view.until_text(said[-1])
            view.feed.drop()
            said.append(f"missed {turn}")
            self.say(said[-1])
            view = self.anna.view(kept=view).ready()
            self.assertTrue(view.opened["resumed"])
        self.say("last")
        self.assert_whole(view, said + ["last"])

    def test_positions_are_taken_up_by_their_own_place(self):
        view = self.anna.view().ready()
        self.track("alpha/v1", [(15, 1), (15.001, 1)])
        self.say("seen")
        view.until_text("seen")
        view.until_true(lambda: view.fixes and view.fixes[-1][1]["lat_e7"] == 150010000)
        view.feed.drop()
        self.track("alpha/v1", [(15.002, 1)])
        self.say("later")
        again = self.anna.view(kept=view)
        again.until_text("later")
        again.until_true(lambda: "alpha/v1" in again.units)
        self.assertEqual(again.units["alpha/v1"]["lat_e7"], 150020000)

    def test_a_token_of_another_log_gets_the_whole_picture(self):
        self.track("alpha/v1", [(15, 1)])
        self.anna.view().ready()
        feed = self.anna.feed()
        view = View(feed, resume={"log": LOG, "event_seq": 5, "fix_seq": 5}).ready()
        self.assertFalse(view.opened["resumed"])
        self.assertEqual(set(view.units), {"alpha/v1"})

    def test_a_web_server_that_was_restarted_or_killed_loses_no_event_and_doubles_none(self):
        view = self.anna.view().ready()
        said = []
        for turn, kill in enumerate((False, True)):
            said.append(f"before {turn}")
            self.say(said[-1])
            view.until_text(said[-1])
            waiting = view
            self.restart_web(kill)
            closed = waiting.until_closed()
            self.assertIn(closed.code, (1006,) if kill else (1001, 1012), closed)
            said.append(f"meanwhile {turn}")
            self.vigie("alpha/v1", "send", "--unit", "alpha/v1", said[-1])
            view = self.anna.view(kept=waiting)
            view.until_true(lambda: view.opened is not None)
            self.assertTrue(view.opened["resumed"])
        self.say("last")
        self.assert_whole(view, said + ["last"])

    def test_a_hub_that_was_killed_comes_back_on_the_open_feed_and_the_link_says_so(self):
        view = self.anna.view().ready()
        self.track("alpha/v1", [(15, 1)])
        said = []
        for turn in range(2):
            said.append(f"before {turn}")
            self.say(said[-1])
            view.until_text(said[-1])
            self.kill_hub()
            view.until(lambda m: m["type"] == "link" and m["state"] != "live")
            said += [f"kept in the spool {turn}", f"this too {turn}"]
            self.say(*said[-2:])
            self.start_hub()
            view.until(lambda m: m["type"] == "link" and m["state"] == "live")
            view.until_text(said[-1])
        self.say("last")
        self.assert_whole(view, said + ["last"], crashed=True)
        view.until_true(lambda: "alpha/v1" in view.units)

    def test_events_from_before_the_server_began_come_by_resume(self):
        view = self.anna.view().ready()
        texts = [f"event {n}" for n in range(300)]
        self.say(*texts)
        view.until_text(texts[-1])
        view.feed.drop()
        self.restart_web()
        again = View(self.anna.feed(), resume={"log": view.log, "event_seq": 0, "fix_seq": 0})
        self.assert_whole(again, texts)


class Interest(FeedRoom):
    def test_a_unit_that_goes_out_of_the_area_leaves_and_comes_again(self):
        view = self.anna.view(area=[0, 14, 2, 16]).ready()
        self.track("alpha/v1", [(15, 1)])
        view.until_true(lambda: "alpha/v1" in view.units)
        self.track("alpha/v1", [(17, 1)])
        view.until_true(lambda: view.leaves)
        self.assertEqual((view.leaves, view.units), (["alpha/v1"], {}))
        self.track("alpha/v1", [(18, 1)])
        self.say("still outside")
        view.until_text("still outside")
        self.track("alpha/v1", [(15.5, 1)])
        view.until_true(lambda: "alpha/v1" in view.units)
        self.assertEqual(view.units["alpha/v1"]["lat_e7"], 155000000)
        self.assertEqual([fix["lat_e7"] for _, fix in view.fixes], [150000000, 155000000])

    def test_another_interest_brings_what_came_into_view_and_leaves_what_went(self):
        self.track("alpha/v1", [(15, 1)])
        view = self.anna.view(area=[0, 20, 2, 21]).ready()
        self.assertEqual(view.units, {})
        view.feed.send("interest", area=[0, 14, 2, 16])
        view.until_true(lambda: "alpha/v1" in view.units)
        view.feed.send("interest", area=[0, 20, 2, 21])
        view.until_true(lambda: "alpha/v1" not in view.units)
        view.feed.send("interest", area=[179, 10, 2, 20])  # over the date line
        view.until_true(lambda: "alpha/v1" in view.units)

    def test_units_outside_the_area_stay_and_come_at_their_own_pace_and_events_are_not_cut(self):
        self.enrol("alpha/v2", "tracker")
        for unit in ("alpha/v1", "alpha/v2"):
            self.track(unit, [(15, 1)] if unit == "alpha/v1" else [(40, 1)])
        view = self.anna.view(area=[0, 14, 2, 16], outside_ms=2000).ready()
        view.until_true(lambda: set(view.units) == {"alpha/v1", "alpha/v2"})
        for unit, lat in (("alpha/v1", 15), ("alpha/v2", 40)):
            self.track(unit, [(lat + n / 1e4, 1) for n in range(1, 400)])
        self.say("from anywhere")
        view.until_text("from anywhere")
        view.until_true(lambda: view.units["alpha/v1"]["lat_e7"] == 150399000)
        view.until_true(lambda: view.units["alpha/v2"]["lat_e7"] == 400399000)
        near, far = (sum(name == unit for name, _ in view.fixes) for unit in ("alpha/v1", "alpha/v2"))
        self.assertEqual((near, view.leaves, view.conflated), (400, [], 0))
        self.assertLess(far, 10)
        self.track("alpha/v2", [(41, 1)])
        asked = time.monotonic()
        view.feed.send("interest", area=[0, 14, 2, 16], outside_ms=60_000, always=["alpha/v2"])
        view.until_true(lambda: view.units["alpha/v2"]["lat_e7"] == 410000000)
        self.assertLess(time.monotonic() - asked, 10)
        self.track("alpha/v1", [(43, 1)])  # it goes out, and comes with the view that is moved there
        view.feed.send("interest", area=[0, 42, 2, 44], outside_ms=60_000)
        view.until_true(lambda: view.units["alpha/v1"]["lat_e7"] == 430000000)
        self.assertEqual(view.leaves, [])

    def test_a_view_with_a_pace_outside_is_taken_up_with_what_moved_there(self):
        self.track("alpha/v1", [(40, 1)])
        view = self.anna.view(area=[0, 14, 2, 16], outside_ms=60_000).ready()
        view.until_true(lambda: "alpha/v1" in view.units)
        view.feed.send("interest", area=[0, 17, 2, 18], outside_ms=60_000)
        self.track("alpha/v1", [(41, 1)])  # outside: it is not sent before the cut
        self.say("seen")
        view.until_text("seen")
        view.feed.drop()
        again = self.anna.view(kept=view, area=[0, 17, 2, 18], outside_ms=60_000)
        again.until_true(lambda: again.units.get("alpha/v1", {}).get("lat_e7") == 410000000)
        self.assertEqual(again.doubled, [])

    def test_units_channels_and_classes_are_cut_to_what_was_asked(self):
        self.enrol("alpha/v2", "tracker")
        cut = {"units": self.anna.view(units=["alpha/v2"]).ready(),
               "channels": self.anna.view(channels=["track/alpha/north"]).ready(),
               "classes": self.anna.view(classes=["event"]).ready()}
        self.track("alpha/v1", [(15, 1)], "--group", "south", "--call-sign", "One")
        self.track("alpha/v2", [(15, 1)], "--group", "north", "--call-sign", "Two")
        self.say("marker")
        for name in ("units", "classes"):
            cut[name].until_text("marker")
        for name in ("units", "channels"):
            cut[name].until_true(lambda view=cut[name]: view.units)
            self.assertEqual(set(cut[name].units), {"alpha/v2"}, name)
        self.assertEqual((cut["classes"].units, cut["classes"].cards), ({}, {}))
        self.assertEqual((cut["channels"].events, cut["channels"].cards), ([], {}))

    def test_a_pace_conflates_to_the_newest_and_counts_what_it_left_out(self):
        view = self.anna.view(pace_ms=1000).ready()
        free = self.anna.view().ready()
        count = 3000
        self.track("alpha/v1", [(15, 1)])  # what was left out is counted of units that are shown
        for one in (view, free):
            one.until_true(lambda one=one: one.units)
        self.track("alpha/v1", [(15 + n / 1e5, 1) for n in range(1, count)])
        self.say("marker")
        free.until_text("marker")
        free.until_true(lambda: free.units.get("alpha/v1", {}).get("count") == count)
        view.until_true(lambda: view.units.get("alpha/v1", {}).get("count") == count)
        self.assertEqual(view.units["alpha/v1"]["lat_e7"], free.units["alpha/v1"]["lat_e7"])
        self.assertLess(len(view.fixes), count / 10)
        self.assertEqual(len(view.fixes) + view.conflated, count)
        self.assertEqual(len(free.fixes) + free.conflated, count)
        self.assertEqual(view.texts(), ["marker"])

    def test_the_binary_form_is_flatbuffers_of_the_page(self):
        feed = self.anna.feed()
        feed.send("open")
        while not isinstance(message := feed.next(), bytes):
            pass
        self.assertEqual(message[4:8], b"VGWF")


class SilentHub(FeedRoom):
    def probe(self, view, number):
        view.feed.send("probe", id=number)
        return view.until(lambda m: m["type"] == "probe" and m["id"] == number)

    def status(self):
        return self.anna.get("/api/v1/status").json["hub"]

    def test_a_hub_that_hangs_is_found_by_a_probe_and_the_feed_goes_on_when_it_wakes(self):
        view = self.anna.view().ready()
        self.say("before")
        view.until_text("before")
        first = self.probe(view, 1)
        self.assertLessEqual(0, first["waited_ms"])
        self.assertLess(first["waited_ms"], 4000)
        self.assertTrue(self.status()["probe"]["heard"])
        os.kill(self.place.hub.process.pid, signal.SIGSTOP)
        try:
            asked = time.monotonic()
            self.assertEqual(self.probe(view, 2)["waited_ms"], -1)
            self.assertLess(time.monotonic() - asked, 8)
            status = self.status()
            self.assertFalse(status["probe"]["heard"])
            self.assertGreater(status["heard_ago_s"], 2)
            view.until_true(lambda: view.link["state"] == "stale")
        finally:
            os.kill(self.place.hub.process.pid, signal.SIGCONT)
        view.until_true(lambda: view.link["state"] == "live")
        self.assertGreaterEqual(self.probe(view, 3)["waited_ms"], 0)
        self.say("after")
        self.assert_whole(view, ["before", "after"])

    def test_more_probes_than_are_kept_are_refused_and_those_before_are_answered(self):
        view = self.anna.view().ready()
        os.kill(self.place.hub.process.pid, signal.SIGSTOP)
        try:
            for number in range(20):
                view.feed.send("probe", id=number)
            refused = view.until(lambda m: m["type"] == "error")
            self.assertEqual((refused["code"], refused["about"]), ("too_many_probes", "probe"))
            view.until(lambda m: m["type"] == "probe" and m["id"] == 15)
        finally:
            os.kill(self.place.hub.process.pid, signal.SIGCONT)


class Nonsense(FeedRoom):
    def refused(self, view, message, field):
        view.feed.raw(json.dumps(message))
        said = view.until(lambda m: m["type"] == "error" or (m["type"] == "past" and m["phase"] == "failed"))
        self.assertIn(field, said["reason"], message)

    def test_each_bad_message_is_refused_naming_the_field_and_the_connection_stands(self):
        view = self.anna.view().ready()
        now = time.time_ns() // 1000
        past = {"type": "past", "request": 1, "clock": "true", "time_us": now}
        bad = [({"type": "interest", "area": area}, "area") for area in
               ([1, 2, 3], "here", [0, 50, 0, 40], [0, -91, 1, 1], [0, 0, 181, 1], [0, 0, None, 1], [0, 0, "1", 1])]
        bad += [({"type": "interest", "units": units}, "units") for units in
                ("alpha/v1", ["alpha"], [7], ["a/../b"])]
        bad += [({"type": "interest", "channels": ["x y"]}, "channels"),
                ({"type": "interest", "channels": 1}, "channels"),
                ({"type": "interest", "classes": ["tracks"]}, "classes"),
                ({"type": "interest", "pace_ms": -1}, "pace_ms"), ({"type": "interest", "pace_ms": 60_001}, "pace_ms"),
                ({"type": "interest", "pace_ms": 1.5}, "pace_ms"), ({"type": "interest", "pace": 1}, "pace"),
                ({"type": "probe"}, "id"), ({"type": "probe", "id": "x"}, "id"), ({"type": "probe", "id": -1}, "id"),
                ({"type": "nothing"}, "nothing"), ({"type": "open"}, "open"),
                ({**past, "request": -1}, "request"), ({**past, "clock": "sundial"}, "clock"),
                ({**past, "time_us": "now"}, "time_us"), ({**past, "time_us": -5}, "time_us"),
                ({**past, "speed": 0}, "speed"), ({**past, "speed": 1001}, "speed"), ({**past, "paused": 1}, "paused"),
                ({**past, "loop": True}, "loop"), ({"type": "control", "request": 9, "do": "pause"}, "request"),
                ({"type": "control", "request": 1, "do": "dance"}, "do"), ({"type": "control", "request": 1}, "do"),
                ({"type": "control", "request": 1, "do": "speed"}, "speed")]
        for message, field in bad:
            self.refused(view, message, field)
        view.feed.send("probe", id=7)
        self.assertEqual(view.until(lambda m: m["type"] == "probe")["id"], 7)
        self.say("still here")
        view.until_text("still here")
        self.assertGreaterEqual(self.web.metric("vigie_web_messages_refused_total"), len(bad) - 1)

    def test_what_is_no_message_breaks_the_connection_with_a_reason(self):
        for text, word in ((b"", "JSON"), (b"{", "JSON"), (b"[]", "object"), (b"{}", "type"), (b'{"type":7}', "type"),
                           (b"[" * 5000, "nested"), (b'{"type":"probe","id":1}', "open"),
                           (b'{"type":"open","format":"xml"}', None), (b'{"type":"open","resume":{}}', None)):
            feed = self.anna.feed()
            feed.raw(text)
            if word is None:
                while (message := feed.next())["type"] != "error":
                    pass
                self.assertEqual(message["about"], "open", text)
                continue
            with self.assertRaises(Closed) as closed:
                while True:
                    feed.next()
            self.assertEqual(closed.exception.code, 4000, (text[:50], closed.exception))
            self.assertRegex(closed.exception.reason, f"^protocol: .*{word}")

    def test_oversized_and_malformed_frames_close_their_connection_and_no_other(self):
        other = self.anna.view().ready()
        utf8 = b'{"type":"probe","id":1,"x":"\xff\xfe"}'
        cases = [("too long", (1009,), lambda f: f.frame(TEXT, b" " * (64 * 1024 + 1))),
                 ("claims 4 EiB", (1009, 1002), lambda f: f.frame(TEXT, b"x", size=1 << 62)),
                 ("claims too much of a size", (1002, 1009), lambda f: f.frame(TEXT, b"x", size=(1 << 64) - 1)),
                 ("in many parts, too long", (1009,), lambda f: [f.frame(TEXT, b" " * 40_000, final=False),
                                                                f.frame(0, b" " * 40_000)]),
                 ("binary", (1003,), lambda f: f.frame(BINARY, b"\0\0")),
                 ("not masked", (1002,), lambda f: f.frame(TEXT, b"{}", masked=False)),
                 ("no such opcode", (1002,), lambda f: f.frame(3, b"{}")),
                 ("a reserved bit", (1002,), lambda f: f.frame(0x40 | TEXT, b"{}")),
                 ("goes on with nothing", (1002,), lambda f: f.frame(0, b"{}")),
                 ("a long ping", (1002,), lambda f: f.frame(PING, b"x" * 126)),
                 ("a ping in parts", (1002,), lambda f: f.frame(PING, b"x", final=False)),
                 ("no UTF-8", (1007,), lambda f: f.frame(TEXT, utf8)),
                 ("a close of one byte", (1002,), lambda f: f.frame(8, b"x"))]
        for name, codes, send in cases:
            view = self.anna.view().ready()
            try:
                send(view.feed)
            except ConnectionError:
                pass  # it closed in the middle of it
            closed = view.until_closed()
            self.assertIn(closed.code, codes, (name, closed))
        halves = [self.anna.view().ready() for _ in range(3)]
        for view in halves:
            view.feed.frame(TEXT, b"{", size=1000)
            view.feed.drop()
        self.say("marker")
        self.assert_whole(other, ["marker"])
        self.assertIsNone(self.web.process.poll())


class Slowness(FeedRoom):
    def test_one_that_stops_reading_costs_nobody_else_and_catches_up_with_all_events(self):
        quick = self.anna.view().ready()
        slow = View(self.anna.feed(receive_buffer=4096)).ready()
        before = self.web.resident_bytes()
        texts = [f"event {n}" for n in range(200)]
        count = 0
        # 6 MB: more than the kernel may hold for a connection (tcp_wmem, 4 MB).
        for part in range(25):
            self.track("alpha/v1", [(15 + n / 1e5, 1 + part / 25) for n in range(5000)])
            self.say(*texts[part * 8:part * 8 + 8])
            count += 5000
        began = time.monotonic()
        self.assert_whole(quick, texts)
        quick.until_true(lambda: quick.units.get("alpha/v1", {}).get("count") == count)
        took = time.monotonic() - began
        session_bytes = self.web.metric("vigie_web_browser_bytes")
        grown = self.web.resident_bytes() - before
        self.assert_whole(slow, texts)
        slow.until_true(lambda: slow.units.get("alpha/v1", {}).get("count") == count)
        self.assertEqual(slow.units["alpha/v1"]["lat_e7"], quick.units["alpha/v1"]["lat_e7"])
        self.assertGreater(slow.conflated, 0)
        self.assertEqual(len(slow.fixes) + slow.conflated, count)
        print(f"\n{count} fixes, 200 events: the quick one had the last {took:.2f} s after they were sent; the one "
              f"that read nothing then got {len(slow.fixes)} fixes and {slow.conflated} conflated; both sessions held "
              f"{session_bytes / 1024:.0f} KiB, the server grew by {grown / 1e6:.0f} MB")
        self.assertLess(session_bytes, 4 << 20)

    def test_a_flood_of_messages_is_read_at_a_pace_or_refused_and_others_are_served(self):
        other = self.anna.view().ready()
        view = self.anna.view().ready()
        try:
            for number in range(5000):
                view.feed.send("probe", id=number)
        except OSError:
            pass  # closed: it was too much
        self.say("marker")
        self.assert_whole(other, ["marker"])


class Limits(FeedRoom):
    SETTINGS = ("feed.browsers_per_account=3", "feed.browsers=5", "replays.per_account=1")

    def test_more_browsers_than_may_be_are_refused_politely_and_the_others_stay(self):
        views = [self.anna.view().ready() for _ in range(3)]
        with self.assertRaises(Closed) as closed:
            self.anna.view().ready()
        self.assertEqual(closed.exception.code, 1008)
        self.assertRegex(closed.exception.reason, "^account_full: this account")
        ben = self.person("ben", "alpha/ben")
        views += [ben.view().ready() for _ in range(2)]
        with self.assertRaises(Closed) as closed:
            self.person("carol", "alpha/carol").view().ready()
        self.assertEqual(closed.exception.code, 1013)
        self.assertRegex(closed.exception.reason, "^server_full: ")
        self.say("marker")
        for view in views:
            self.assert_whole(view, ["marker"])
        views[0].feed.drop()
        self.eventually("a place is free again", lambda: self.web.metric("vigie_web_browsers") < 5)
        self.anna.view().ready()

    def test_more_replays_than_may_be_are_refused_with_the_reason(self):
        first, second = self.anna.view().ready(), self.anna.view().ready()
        for view in (first, second):
            view.feed.send("past", request=1, clock="true", time_us=time.time_ns() // 1000 - 60_000_000, paused=True)
        first.until(lambda m: m["type"] == "past" and m["phase"] == "paused")
        refused = second.until(lambda m: m["type"] == "past")
        self.assertEqual(refused["phase"], "failed", refused)
        self.assertEqual(refused["code"], "replays_account")
        self.assertIn("replays", refused["reason"])
        first.feed.send("control", request=1, do="stop")
        first.until(lambda m: m["type"] == "past" and m["phase"] == "ended")
        self.eventually("its place is free", lambda: self.web.metric("vigie_web_replays") == 0)
        second.feed.send("past", request=2, clock="true", time_us=time.time_ns() // 1000 - 60_000_000, paused=True)
        second.until(lambda m: m["type"] == "past" and m["phase"] == "paused" and m["request"] == 2)


if __name__ == "__main__":
    unittest.main()

"""A client that knows schemas/ alone, against a real hub."""

import sys
import unittest

import zmq

import client
import hub as hubs
import writing

NO_SESSION, BAD_POSITION, MALFORMED, UNKNOWN_VERSION, BAD_VIEW = 17, 4, 1, 11, 12
SNAPSHOT, REPLAY = 1, 2  # Open.mode
NOW, TOKEN, KNOWN, TRUE = 0, 1, 3, 4  # Open.start
PAUSE, RESUME, SEEK, SPEED, STOP = range(5)  # Control.kind
PLAYING, PAUSED, ENDED = 0, 1, 2  # ReplayState.phase


class HubTest(unittest.TestCase):
    def setUp(self):
        self.hub = hubs.Hub(*self.options())
        self.addCleanup(self.hub.close)
        self.context = zmq.Context()
        self.addCleanup(self.context.term)

    def options(self):
        # Small, so that who stops granting falls out of it.
        return ["--set", "queues.store=512KiB", "--set", "queues.ring=1MiB"]

    def publisher(self):
        publisher = client.Publisher(self.context, self.hub.publish)
        self.addCleanup(lambda: publisher.close())
        return publisher

    def console(self, **values):
        console = self.unopened_console()
        console.open(**values)
        self.assertIsNotNone(console.opened, console.denied)
        return console

    def unopened_console(self):
        console = client.Console(self.context, self.hub.listen)
        self.addCleanup(lambda: console.close())
        return console

    def publish_fixes(self, publisher, units, rounds, first=0):
        """One fix of each unit in each round; unit i stands at latitude `round`."""
        for number in range(first, first + rounds):
            for i in range(units):
                publisher.fix(f"blue/v{i}", client.fix(number * 1e-4, i), group="patrol")


class PublishTest(HubTest):
    def test_all_kinds_of_messages_are_acknowledged(self):
        publisher = self.publisher()
        publisher.event("blue/v1", "halt", "water", position={"lat_e7": 1, "lon_e7": 2},
                        fields=[{"key": "litres", "value": "400"}])
        publisher.card("blue/v1", "Blue 1")
        self.publish_fixes(publisher, 3, 5)
        publisher.run_until_settled()
        self.assertEqual(publisher.refused, {})
        self.assertEqual(publisher.rejected, [])

    def test_what_is_settled_stands_in_the_next_welcome(self):
        publisher = self.publisher()
        self.publish_fixes(publisher, 1, 10)
        publisher.run_until_settled()
        publisher.reconnect()
        self.assertEqual(publisher.hello()["settled"], [{"first": 1, "last": 10}])
        other = self.publisher()
        self.assertEqual(other.hello().get("settled", []), [])

    def test_what_is_sent_again_on_a_new_connection_is_stored_once(self):
        publisher = self.publisher()
        publisher.hello()
        self.publish_fixes(publisher, 2, 20)
        numbers = dict(publisher.unsettled)
        publisher.send_all()
        publisher.reconnect()  # the acknowledgements are lost with the connection
        publisher.run_until_settled()
        publisher.unsettled = dict(numbers)
        publisher.send_all()  # against the page's word, to see what the hub makes of it
        publisher.event("blue/v0", "text", "the end")
        publisher.run_until_settled()
        console = self.console(mode=REPLAY, start=KNOWN, time_us=0)
        console.run(lambda: console.states and console.states[-1]["phase"] == ENDED)
        self.assertEqual(len(console.fixes), 40)
        self.assertEqual(len(set(seq for seq, _, _ in console.fixes)), 40)

    def test_a_batch_before_hello_is_answered_rehello(self):
        publisher = self.publisher()
        number = publisher.event("blue/v1", "halt", "x")
        publisher.connection.send("Batch", publisher.batch_of([number]))
        self.assertTrue(publisher.step(10))
        self.assertEqual(publisher.rehellos, 1)
        publisher.run_until_settled()

    def test_a_message_that_is_refused_says_why_and_the_others_are_stored(self):
        publisher = self.publisher()
        publisher.fix("blue/v1", client.fix(10, 10))
        bad = publisher.fix("blue/v1", client.fix(91, 0))
        nameless = publisher.event("nobody", "halt", "x")
        publisher.run_until_settled()
        self.assertEqual({number: code for number, (code, _) in publisher.refused.items()},
                         {bad: BAD_POSITION, nameless: 3})
        self.assertIn("910000000", publisher.refused[bad][1])
        publisher.reconnect()
        self.assertEqual(publisher.hello()["settled"], [{"first": 1, "last": 3}])

    def test_numbers_given_up_are_settled(self):
        publisher = self.publisher()
        publisher.hello()
        publisher.connection.send("Batch", {"spool": publisher.spool, "sent_time_us": client.now_us(),
                                            "given_up": [{"first": 3, "last": 7}]})
        publisher.sent_here.update(range(3, 8))
        self.assertTrue(publisher.step(10))
        publisher.reconnect()
        self.assertEqual(publisher.hello()["settled"], [{"first": 3, "last": 7}])

    def test_hostile_bytes_get_an_answer_and_harm_nobody(self):
        publisher = self.publisher()
        publisher.hello()
        for data in (b"", b"x", b"\xff" * 4000, writing.message("VGAK", "Ack", {})):
            publisher.connection.socket.send(data)
            self.assertTrue(publisher.step(10), data[:10])
            self.assertEqual(publisher.rejected.pop()["code"], MALFORMED)
        good = writing.message("VGBT", "Batch", publisher.batch_of([publisher.event("a/b", "halt", "x")]))
        for place in range(0, len(good), 7):
            publisher.connection.socket.send(good[:place])
        while publisher.step(1):
            pass
        publisher.unsettled.clear()
        publisher.event("a/b", "text", "still here")
        publisher.welcome = None
        publisher.run_until_settled()

    def test_a_hello_of_another_protocol_is_rejected(self):
        publisher = self.publisher()
        publisher.connection.send("Hello", {"protocol": 9, "spool": publisher.spool})
        self.assertTrue(publisher.step(10))
        self.assertEqual(publisher.rejected[0]["code"], UNKNOWN_VERSION)

    def test_after_a_restart_the_publisher_is_asked_who_it_is_and_goes_on(self):
        publisher = self.publisher()
        self.publish_fixes(publisher, 2, 5)
        publisher.run_until_settled()
        for kill in (False, True):
            self.hub.stop(kill)
            self.hub.start()
            publisher.event("blue/v0", "text", f"after {'a kill' if kill else 'a stop'}")
            publisher.send_all()  # the hub does not know this peer any more
            publisher.run_until_settled(60)
        self.assertEqual(publisher.refused, {})


class ListenTest(HubTest):
    def test_who_joins_late_gets_the_picture_and_then_everything_once(self):
        publisher = self.publisher()
        publisher.card("blue/v0", "Blue 0")
        publisher.card("green/gone", "Green", deleted=True)
        self.publish_fixes(publisher, 3, 4)
        publisher.run_until_settled()
        console = self.console()
        console.run(lambda: len(console.units) == 3)
        self.assertTrue(console.opened["replaces"])
        self.assertEqual(console.cards["blue/v0"]["call_sign"], "Blue 0")
        self.assertTrue(console.cards["green/gone"]["deleted"])  # remembered, and not shown
        self.assertEqual({name: unit["count"] for name, unit in console.units.items()},
                         {f"blue/v{i}": 4 for i in range(3)})
        for i in range(20):
            publisher.event("blue/v0", "text", f"event {i}")
            self.publish_fixes(publisher, 3, 1, first=4 + i)
            publisher.run_until_settled()
        console.run(lambda: len(console.events) == 20 and len(console.fixes) == 60)
        self.assertEqual([text for _, _, text in console.events], [f"event {i}" for i in range(20)])
        self.assertEqual(console.event_seqs, sorted(set(console.event_seqs)))
        self.assertEqual(len(set(seq for seq, _, _ in console.fixes)), 60)
        self.assertEqual(console.conflated, 0)
        self.assertEqual(console.units["blue/v2"]["fix"]["lat_e7"], 23 * 1000)

    def test_who_stops_granting_gets_the_newest_of_each_unit_and_every_event(self):
        publisher = self.publisher()
        self.publish_fixes(publisher, 20, 1)
        publisher.run_until_settled()
        console = self.console(window=64 * 1024, frame_bytes_max=16 * 1024)
        console.run(lambda: len(console.units) == 20)
        console.granting = False
        rounds, events = 2000, 80
        for i in range(events):
            publisher.event("blue/v0", "text", f"event {i}")
            self.publish_fixes(publisher, 20, rounds // events, first=1 + i * rounds // events)
            publisher.run_until_settled()
        console.granting = True
        console.grant()
        publisher.event("blue/v0", "text", "the end")
        publisher.run_until_settled()
        console.run(lambda: console.events and console.events[-1][2] == "the end" and
                    all(unit["count"] == rounds + 1 for unit in console.units.values()))
        self.assertEqual([text for _, _, text in console.events],
                         [f"event {i}" for i in range(events)] + ["the end"])
        self.assertEqual({unit["fix"]["lat_e7"] for unit in console.units.values()}, {rounds * 1000})
        self.assertGreater(console.frames[client.CONFLATED], 0)
        self.assertGreater(console.conflated, 0)
        self.assertEqual(console.conflated + len(console.fixes), 20 * rounds)
        self.assertEqual(console.refills, 0)
        # And it rides on: the next frame is live again, and whole.
        before = console.frames[client.LIVE], len(console.fixes)
        self.publish_fixes(publisher, 20, 1, first=rounds + 1)
        publisher.run_until_settled()
        console.run(lambda: len(console.fixes) == before[1] + 20)
        self.assertGreater(console.frames[client.LIVE], before[0])

    def test_a_lost_frame_is_a_hole_that_is_filled(self):
        publisher = self.publisher()
        console = self.console()
        for i in range(30):
            console.drop_next = 1 if i in (5, 6, 17) else 0
            publisher.event("blue/v0", "text", f"event {i}")
            self.publish_fixes(publisher, 3, 1, first=i)
            publisher.run_until_settled()
            console.run(lambda: not console.drop_next)
            console.step(0.05)
        console.run(lambda: len(console.events) == 30 and len(console.fixes) + console.conflated >= 90)
        self.assertGreater(console.refills, 0)
        self.assertEqual([text for _, _, text in console.events], [f"event {i}" for i in range(30)])
        self.assertEqual(len(set(seq for seq, _, _ in console.fixes)), len(console.fixes))

    def test_a_lost_last_frame_is_seen_by_the_heartbeat(self):
        publisher = self.publisher()
        console = self.console()
        console.drop_next = 1
        publisher.event("blue/v0", "text", "lost at first")
        publisher.run_until_settled()
        console.run(lambda: len(console.events) == 1, 30)
        self.assertGreater(console.heartbeats, 0)
        self.assertEqual(console.refills, 1)

    def test_a_probe_is_said_back_soon(self):
        console = self.console()
        console.granting = False
        for number in (7, 12):
            console.probe(number)
            console.run(lambda: console.probed == number, 1)

    def test_who_was_away_goes_on_with_the_token(self):
        publisher = self.publisher()
        console = self.console()
        publisher.event("blue/v0", "text", "before")
        self.publish_fixes(publisher, 2, 3)
        publisher.run_until_settled()
        console.run(lambda: len(console.fixes) == 6 and len(console.events) == 1)
        console.connection.close()
        publisher.event("blue/v0", "text", "meanwhile")
        self.publish_fixes(publisher, 2, 3, first=3)
        publisher.run_until_settled()
        console.again()
        self.assertFalse(console.opened["replaces"])
        publisher.event("blue/v0", "text", "after")
        publisher.run_until_settled()
        console.run(lambda: len(console.events) == 3)
        self.assertEqual([text for _, _, text in console.events], ["before", "meanwhile", "after"])
        self.assertEqual(len(set(seq for seq, _, _ in console.fixes)), len(console.fixes))
        self.assertEqual(len(console.fixes) + console.conflated, 12)

    def test_after_a_kill_the_console_comes_back_and_has_each_durable_event_once(self):
        publisher = self.publisher()
        console = self.console()
        for i in range(10):
            publisher.event("blue/v0", "text", f"event {i}")
        publisher.run_until_settled()
        console.run(lambda: len(console.events) == 10)
        self.hub.stop(kill=True)
        self.hub.start()
        publisher.event("blue/v0", "text", "event 10")
        publisher.run_until_settled(60)
        console.again(seconds=60)
        console.run(lambda: len(set(console.events)) == 11)
        self.assertEqual([text for _, _, text in console.events], [f"event {i}" for i in range(11)])

    def test_views_cut_by_channel_class_and_unit(self):
        publisher = self.publisher()
        blue = self.console(view={"channels": ["*/blue"]})
        events = self.console(view={"classes": 2})
        one = self.console(view={"units": ["green/v9"]})
        publisher.fix("blue/v1", client.fix(1, 1), group="patrol")
        publisher.fix("green/v9", client.fix(2, 2))
        publisher.event("green/v9", "text", "green speaks")
        publisher.event("blue/v1", "text", "blue speaks")
        publisher.run_until_settled()
        blue.run(lambda: blue.fixes and blue.events)
        events.run(lambda: len(events.events) == 2)
        one.run(lambda: one.fixes and one.events)
        for console in (blue, events, one):
            beats = console.heartbeats
            console.run(lambda: console.heartbeats > beats, 30)
        self.assertEqual([unit for _, unit, _ in blue.fixes], ["blue/v1"])
        self.assertEqual([text for _, _, text in blue.events], ["blue speaks"])
        self.assertEqual(events.fixes, [])
        self.assertEqual([unit for _, unit, _ in one.fixes], ["green/v9"])
        self.assertEqual([text for _, _, text in one.events], ["green speaks"])

    def test_a_unit_that_leaves_the_area_is_told(self):
        publisher = self.publisher()
        console = self.console(view={"area": {"west_e7": 0, "south_e7": 0, "east_e7": 10_000_000,
                                              "north_e7": 10_000_000}})
        publisher.fix("blue/v1", client.fix(0.5, 0.5))
        publisher.fix("blue/v2", client.fix(5, 5))
        publisher.run_until_settled()
        console.run(lambda: "blue/v1" in console.units)
        publisher.fix("blue/v1", client.fix(2, 2))
        publisher.run_until_settled()
        console.run(lambda: "blue/v1" not in console.units)
        self.assertEqual({unit for _, unit, _ in console.fixes}, {"blue/v1"})

    def test_whoever_has_no_session_is_told_to_open(self):
        console = self.unopened_console()
        console.connection.send("Credit", {"granted_bytes": 5})
        console.run(lambda: console.reopen)
        self.assertEqual(console.reopen["code"], NO_SESSION)

    def test_an_open_that_cannot_be_served_is_denied_with_a_reason(self):
        console = self.unopened_console()
        for values, code in (({"protocol": 9}, UNKNOWN_VERSION), ({"view": {"channels": ["no"]}}, BAD_VIEW)):
            self.assertIsNone(console.open(**values))
            self.assertEqual(console.denied["code"], code)
            self.assertTrue(console.denied["reason"])


class ReplayTest(HubTest):
    def setUp(self):
        super().setUp()
        self.publisher_ = self.publisher()
        self.start_us = client.now_us() - 3_600_000_000
        # True times: even minutes first, then the odd ones, late.
        for minute in (*range(0, 20, 2), *range(1, 20, 2)):
            self.publisher_.fix("blue/v1", client.fix(minute, 0, self.minute(minute)))
            self.publisher_.run_until_settled()
        self.publisher_.event("blue/v1", "text", "at minute 5")
        self.publisher_.unsettled[21][1]["true_time_us"] = self.minute(5) + 1
        self.publisher_.run_until_settled()

    def minute(self, minute):
        return self.start_us + minute * 60_000_000

    def play(self, **values):
        return self.console(mode=REPLAY, **values)

    def ended(self, console):
        console.run(lambda: console.states and console.states[-1]["phase"] == ENDED)

    def minutes(self, console):
        return [round(one["lat_e7"] / 1e7) for _, _, one in console.fixes]

    def test_by_known_time_all_comes_as_it_came(self):
        console = self.play(start=KNOWN, time_us=0)
        self.ended(console)
        self.assertEqual(self.minutes(console), [*range(0, 20, 2), *range(1, 20, 2)])
        self.assertEqual([text for _, _, text in console.events], ["at minute 5"])
        seqs = [seq for seq, _, _ in console.fixes]
        self.assertEqual(seqs, sorted(seqs))
        self.assertEqual(console.states[-1]["sent"], 21)

    def test_by_true_time_late_fixes_are_where_they_belong(self):
        console = self.play(start=TRUE, time_us=self.minute(0), until_us=self.minute(60))
        self.ended(console)
        self.assertEqual(self.minutes(console), list(range(20)))
        self.assertEqual(len(console.events), 1)
        self.assertEqual(console.clock, sorted(console.clock))

    def test_the_end_of_a_range_is_not_in_it(self):
        console = self.play(start=TRUE, time_us=self.minute(3), until_us=self.minute(6))
        self.ended(console)
        self.assertEqual(self.minutes(console), [3, 4, 5])

    def test_a_replay_is_paused_sought_and_resumed(self):
        console = self.play(start=TRUE, time_us=self.minute(0), until_us=self.minute(60), paused=True, speed=1.0)
        self.assertEqual(console.control(1, PAUSE)["phase"], PAUSED)
        beats = console.heartbeats
        console.run(lambda: console.heartbeats > beats, 30)
        before = len(console.fixes)
        self.assertLessEqual(before, 1)
        console.fixes.clear()
        self.assertEqual(console.control(2, SEEK, time_us=self.minute(15))["phase"], PAUSED)
        self.assertEqual(console.control(3, SPEED, speed=0.0)["phase"], PAUSED)
        self.assertEqual(console.control(4, RESUME)["phase"], PLAYING)
        self.ended(console)
        self.assertEqual(self.minutes(console), [15, 16, 17, 18, 19])
        console.fixes.clear()
        console.states.clear()
        console.control(5, SEEK, time_us=self.minute(18))
        self.ended(console)
        self.assertEqual(self.minutes(console), [18, 19])
        console.states.clear()
        self.assertEqual(console.control(6, STOP)["request"], 6)

    def test_a_replay_waits_for_credit(self):
        for i in range(3000):
            self.publisher_.fix("blue/v2", client.fix(i * 1e-4, 1, self.minute(0) + i))
        self.publisher_.run_until_settled(60)
        console = self.play(start=KNOWN, time_us=0, window=16 * 1024, frame_bytes_max=16 * 1024)
        console.granting = False
        beats = console.heartbeats
        console.run(lambda: console.heartbeats > beats, 30)
        self.assertLess(len(console.fixes), 1000)
        console.granting = True
        console.grant()
        self.ended(console)
        self.assertEqual(len(console.fixes), 3020)

    def test_a_picture_of_the_past_is_as_it_was_known_or_as_it_was(self):
        console = self.console(mode=SNAPSHOT)
        console.run(lambda: console.reopen)
        self.assertEqual(console.reopen["code"], 0)
        self.assertEqual(round(console.units["blue/v1"]["fix"]["lat_e7"] / 1e7), 19)
        console = self.console(mode=SNAPSHOT, start=TRUE, time_us=self.minute(7))
        console.run(lambda: console.reopen)
        self.assertEqual(round(console.units["blue/v1"]["fix"]["lat_e7"] / 1e7), 7)
        console = self.console(mode=SNAPSHOT, start=KNOWN, time_us=self.minute(0))
        console.run(lambda: console.reopen)
        self.assertEqual(console.units, {})


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main(verbosity=2)

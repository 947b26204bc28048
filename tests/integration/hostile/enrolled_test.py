#!/usr/bin/env python3
"""Attackers who have a key get no further than it goes: giant, nested and spoilt messages, storms of sessions. An
honest publisher and console are served throughout."""

import attacked
import client
import nested
import writing
import zmq
from attacked import CONSOLE, GATEWAY, WAIT_S, await_that
from connection import IDENTIFIERS
from zmq.utils import monitor

MALFORMED, TOO_MANY_SESSIONS, TOO_FAST = 1, 14, 18
REPLAY_MODE, KNOWN = 2, 3
SEEK, ENDED = 2, 2  # Control.kind, ReplayState.phase
KEPT = 400  # events of a kilobyte
STORM = 200
SESSIONS_MAX, REPLAYS_MAX = 64, 8  # of one identity


class Enrolled(attacked.Attacked):
    def test_a_message_of_a_megabyte_ends_the_connection_alone(self):
        hello = {"protocol": 1, "client": "giant", "spool": self.gateway.spool(), "sent_time_us": client.now_us()}
        wanted = {"protocol": 1, "client": "giant", "granted_bytes": 1 << 20}
        for address, greeting, root in ((self.hub.publish, ("Hello", hello), "Welcome"),
                                        (self.hub.listen, ("Open", wanted), "Opened")):
            one = client.Connection(self.context, address, self.gateway)
            watch = one.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
            one.send(*greeting)
            self.assertEqual(one.receive(WAIT_S)[0], root)
            self.assertFalse(watch.poll(0))
            one.socket.send(b"\0" * (1 << 20))
            self.assertTrue(watch.poll(WAIT_S * 1000), f"a megabyte is taken after {root}")
            self.assertEqual(monitor.recv_monitor_message(watch)["event"], zmq.EVENT_DISCONNECTED)
            one.socket.disable_monitor()
            watch.close()
            one.close()
        self.is_unharmed()

    def test_nested_batches_are_malformed_and_cost_nothing(self):
        one = client.Publisher(self.context, self.hub.publish, identity=self.gateway)
        self.addCleanup(one.close)
        one.hello()
        number, deep, wrong = nested.batches(one, 2000)
        for data in wrong:
            self.assertLess(len(data), 1 << 16)
            before = len(one.rejected)
            one.connection.socket.send(bytes(data))
            await_that(lambda n=before: one.step(1) and len(one.rejected) > n, "it is refused")
            self.assertEqual(one.rejected[-1]["code"], MALFORMED, one.rejected[-1])
            self.serves()
        # Two thousand tables in each other where the hub knows no field: a hub that is older than its publisher.
        one.unsettled[number] = ("events", {})
        one.connection.socket.send(bytes(deep))
        one.sent_here.add(number)
        await_that(lambda: one.step(1) and not one.unsettled, "it is taken")
        self.assertEqual(one.refused, {})
        self.is_unharmed()
        await_that(lambda: self.figure('vigie_refused_total{code="malformed"}') == len(wrong), "each is counted")

    def test_messages_that_are_spoilt_are_refused_with_a_code_and_nothing_else(self):
        one = client.Publisher(self.context, self.hub.publish, identity=self.gateway)
        self.addCleanup(one.close)
        one.hello()
        for number in range(20):
            one.event("blue/v1", "text", "whole " * 20)
            one.fix("blue/v1", client.fix(1, 1))
        whole = writing.message("VGBT", "Batch", one.batch_of(list(one.unsettled)))
        for _ in range(300):
            spoilt = bytearray(whole)
            for _ in range(self.random.randrange(1, 30)):
                spoilt[self.random.randrange(8, len(spoilt))] = self.random.randrange(256)
            size = self.random.choice([len(spoilt), self.random.randrange(12, 400)])
            one.connection.socket.send(bytes(spoilt[:size]))
        one.connection.socket.send_multipart([b"VGBT", b"", b"more"])
        one.connection.socket.send(b"")
        self.is_unharmed()
        await_that(lambda: self.figure('vigie_refused_total{code="malformed"}') > 0, "a count of the malformed")

    def test_a_storm_of_opens_and_hellos_costs_one_session_and_one_publisher(self):
        room = client.Connection(self.context, self.hub.listen, self.console.identity)
        storm = self.hub.enrol(self.context, "blue/storm", GATEWAY, ["blue/*"])
        gate = client.Connection(self.context, self.hub.publish, storm)
        for index in range(3000):
            room.send("Open", {"protocol": 1, "client": "storm", "granted_bytes": 1 << 16})
            gate.send("Hello", {"protocol": 1, "spool": storm.spool(), "client": "storm"})
            while room.socket.poll(0):
                room.socket.recv_multipart()
            while gate.socket.poll(0):
                gate.socket.recv_multipart()
            if index % 100 == 0:
                self.serves()
        # That one's, and those of the two honest consoles.
        await_that(lambda: self.figure("vigie_sessions") <= 3, "the sessions")
        room.close()
        gate.close()
        self.is_unharmed()

    def test_a_storm_of_sessions_of_one_identity_is_bounded_and_others_are_served(self):
        storm = self.hub.enrol(self.context, "blue/storm", CONSOLE)
        connections = []
        for index in range(STORM):
            one = client.Connection(self.context, self.hub.listen, storm)
            connections.append(one)
            values = {"mode": REPLAY_MODE, "start": KNOWN, "speed": 0.001} if index % 2 else {}
            one.send("Open", {"protocol": 1, "client": "storm", "granted_bytes": 1 << 16, **values})
            if index % 20 == 0:
                self.serves()
        opened = {"live": 0, "replay": 0}
        denied = []
        for index, one in enumerate(connections):
            root, values, _ = one.receive(WAIT_S)
            if root == "Opened":
                opened["replay" if index % 2 else "live"] += 1
            else:
                self.assertEqual(root, "Denied")
                denied.append(values["code"])
        self.assertLessEqual(sum(opened.values()), SESSIONS_MAX)
        self.assertLessEqual(opened["replay"], REPLAYS_MAX)
        self.assertGreater(opened["live"], 0)
        self.assertEqual(sum(opened.values()) + len(denied), STORM)
        self.assertLessEqual(set(denied), {TOO_MANY_SESSIONS, TOO_FAST})
        self.assertGreaterEqual(denied.count(TOO_MANY_SESSIONS), STORM // 2 - REPLAYS_MAX)
        await_that(lambda: self.figure('vigie_denied_total{code="too_many_sessions"}') ==
                   denied.count(TOO_MANY_SESSIONS), "each is counted")
        # Another identity opens what that one may not any more.
        other = client.Console(self.context, self.hub.listen, identity=self.console.identity)
        self.addCleanup(other.close)
        self.assertIsNotNone(other.open(mode=REPLAY_MODE, start=KNOWN))
        self.serves()
        for one in connections:
            one.close()
        self.is_unharmed()

    def test_a_storm_of_small_messages_of_one_identity_is_refused_and_anothers_replay_stays_whole(self):
        kept = [f"kept {index} " + "x" * 1000 for index in range(KEPT)]
        for text in kept:
            self.publisher.event("blue/v1", "text", text)
        self.publisher.run_until_settled(per_batch=40)
        reader = client.Console(self.context, self.hub.listen,
                                identity=self.hub.enrol(self.context, "blue/reader", CONSOLE))
        self.addCleanup(reader.close)
        storms = self.storms(self.hub.enrol(self.context, "blue/storm", CONSOLE),
                             self.hub.enrol(self.context, "blue/flood", GATEWAY, ["blue/*"]))
        self.assertIsNotNone(reader.open(mode=REPLAY_MODE, start=KNOWN, window=1 << 14, frame_bytes_max=1 << 13))
        rounds = 0
        while not (reader.states and reader.states[-1]["phase"] == ENDED):
            for one, message in storms:
                storm(one, message)
            # It goes on in every round.
            frames, states = reader.frames[client.REPLAY], len(reader.states)
            reader.run(lambda f=frames, s=states: reader.frames[client.REPLAY] > f or len(reader.states) > s, WAIT_S)
            rounds += 1
            if rounds % 20 == 0:
                self.serves()
        self.assertGreater(rounds, 10)
        self.assertEqual([text for _, _, text in reader.events if text.startswith("kept")], kept)
        self.assertIsNone(reader.denied)
        self.assertIsNone(reader.reopen)
        self.assertEqual(self.publisher.rejected, [])
        # On a slow machine a storm may be slower than what is allowed: it goes on until it is not.
        for code in ("vigie_denied_total", "vigie_refused_total"):
            for _ in range(500):
                if self.figure(f'{code}{{code="too_fast"}}') > 1000:
                    break
                for one, message in storms:
                    storm(one, message)
            self.assertGreater(self.figure(f'{code}{{code="too_fast"}}'), 1000)
        for one, _ in storms:
            one.close()
        self.is_unharmed()

    def storms(self, console, gateway):
        """Connections, two of which have sessions, and of what each is going to send all too much."""
        replay, live = (client.Console(self.context, self.hub.listen, identity=console) for _ in range(2))
        self.assertIsNotNone(replay.open(mode=REPLAY_MODE, start=KNOWN, speed=0.001))
        self.assertIsNotNone(live.open())
        return [(one, writing.message(IDENTIFIERS[root], root, values)) for one, root, values in (
            (replay.connection, "Control", {"request": 1, "kind": SEEK, "time_us": client.now_us()}),
            (live.connection, "Refill", {"token": live.token()}),
            (live.connection, "Credit", {"granted_bytes": 1 << 60, "probe": 1}),
            (client.Connection(self.context, self.hub.publish, gateway), "Hello",
             {"protocol": 1, "spool": gateway.spool(), "client": "storm"}))]


def storm(one, message, most=500):
    """As much as goes without waiting; what is answered is not read."""
    for _ in range(most):
        try:
            one.socket.send(message, zmq.NOBLOCK)
        except zmq.Again:
            return


if __name__ == "__main__":
    attacked.main()

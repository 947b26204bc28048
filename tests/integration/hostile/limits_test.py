#!/usr/bin/env python3
"""What one identity, and one address, may have at once: the next is refused or cut off, what stood goes on, and another
identity or address is served."""

import sys
import unittest

import attacked
import client
import hub as hubs
import zmq
from attacked import CONSOLE, GATEWAY, WAIT_S, await_that
from zmq.utils import monitor

TOO_MANY_SESSIONS = 14
CONNECTIONS, SESSIONS, PUBLISHERS = 3, 4, 8


class Limits(attacked.Served):
    def begin(self, limit):
        self.serve("--set", limit)
        self.gateway = self.hub.enrol(self.context, "blue/gateway", GATEWAY, ["blue/*"])
        self.rooms = [self.hub.enrol(self.context, f"blue/room{index}", CONSOLE) for index in range(2)]
        await_that(lambda: self.figure("vigie_door_connections") == 0, "who enrolled them is gone")

    def at(self, address, endpoint):
        return f"tcp://{address}:0;{endpoint.removeprefix('tcp://')}"

    def publisher(self, address="127.0.0.1"):
        one = client.Publisher(self.context, self.at(address, self.hub.publish), identity=self.gateway)
        self.addCleanup(one.close)
        return one

    def test_the_newest_of_too_many_connections_of_an_identity_is_cut_off_and_the_others_go_on(self):
        self.begin(f"door.connections_per_identity={CONNECTIONS}")
        first = [self.publisher(f"127.0.0.{index + 1}") for index in range(CONNECTIONS)]
        for one in first:
            one.hello()
        watches = [one.connection.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED) for one in first]
        self.assertEqual(self.figure('vigie_door_cut_total{limit="connections_per_identity"}'), 0)
        newest = client.Connection(self.context, self.at("127.0.0.9", self.hub.publish), self.gateway)
        self.addCleanup(newest.close)
        watch = newest.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        newest.send("Hello", {"protocol": 1, "spool": self.gateway.spool(), "client": "one too many"})
        self.assertTrue(watch.poll(WAIT_S * 1000), "it is cut off")
        self.assertEqual(monitor.recv_monitor_message(watch)["event"], zmq.EVENT_DISCONNECTED)
        newest.socket.disable_monitor()
        watch.close()
        await_that(lambda: self.figure('vigie_door_cut_total{limit="connections_per_identity"}') >= 1, "it is counted")
        # Those that were there are, whoever else comes, and so is another identity.
        for index, one in enumerate(first):
            one.event("blue/v1", "text", f"marker {index}")
            one.run_until_settled()
            self.assertEqual(watches[index].poll(0), 0)
            one.connection.socket.disable_monitor()
            watches[index].close()
        console = client.Console(self.context, self.hub.listen, identity=self.rooms[0])
        self.addCleanup(console.close)
        self.assertIsNotNone(console.open())
        # One leaves: the next comes in.
        newest.close()
        first[0].close()
        await_that(lambda: self.figure("vigie_door_connections") == CONNECTIONS, "one is gone")
        self.publisher("127.0.0.9").hello()

    def test_an_address_has_so_many_sessions_whoever_opens_them_and_another_is_served(self):
        self.begin(f"sessions.per_address={SESSIONS}")
        opened = {"protocol": 1, "client": "crowd", "granted_bytes": 1 << 16}

        def answer(address, who):
            one = client.Connection(self.context, self.at(address, self.hub.listen), who)
            self.addCleanup(one.close)
            one.send("Open", opened)
            return one, *one.receive(WAIT_S)[:2]

        crowd = []
        for index in range(SESSIONS):
            one, root, _ = answer("127.0.0.1", self.rooms[index % 2])
            self.assertEqual(root, "Opened")
            crowd.append(one)
        for who in self.rooms:
            _, root, values = answer("127.0.0.1", who)
            self.assertEqual((root, values["code"]), ("Denied", TOO_MANY_SESSIONS))
            self.assertEqual(values["reason"], f"your address has {SESSIONS} sessions already, as many as "
                                               "sessions.per_address allows")
        await_that(lambda: self.figure('vigie_denied_total{code="too_many_sessions"}') == 2, "each is counted")
        self.assertEqual(answer("127.0.0.2", self.rooms[0])[1], "Opened")
        crowd[0].send("Close", {})
        self.assertEqual(answer("127.0.0.1", self.rooms[0])[1], "Opened")

    def test_an_address_has_so_many_publishers_whoever_they_are_and_another_is_served(self):
        self.begin(f"publishers.per_address={PUBLISHERS}")
        identities = [self.gateway, *self.rooms]

        def answer(address, who):
            one = client.Connection(self.context, self.at(address, self.hub.publish), who)
            self.addCleanup(one.close)
            one.send("Hello", {"protocol": 1, "spool": who.spool(), "client": "crowd"})
            return one.receive(WAIT_S)[:2]

        # Who enrolled them counts for a while, too.
        answers = [answer("127.0.0.1", identities[index % 3]) for index in range(PUBLISHERS)]
        self.assertEqual(answers[0][0], "Welcome")
        root, values = answers[-1]
        self.assertEqual((root, values["code"]), ("Rejected", TOO_MANY_SESSIONS))
        self.assertEqual(values["reason"], f"{PUBLISHERS} publishers are at your address already, as many as "
                                           "publishers.per_address allows")
        rejected = sum(root == "Rejected" for root, _ in answers)
        await_that(lambda: self.figure('vigie_refused_total{code="too_many_sessions"}') == rejected, "each is counted")
        self.assertEqual(self.figure("vigie_publishers"), PUBLISHERS)
        self.assertEqual(answer("127.0.0.2", self.rooms[1])[0], "Welcome")


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main()

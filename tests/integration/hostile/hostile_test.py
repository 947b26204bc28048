#!/usr/bin/env python3
"""A hub on a hostile network: nobody without a key costs much, nobody with one gets further than it may, and an
honest publisher and console are served throughout."""

import os
import pathlib
import random
import resource
import struct
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "conformance" / "python"))
import client  # noqa: E402
import hub as hubs  # noqa: E402
import wires  # noqa: E402
import writing  # noqa: E402
import zmq  # noqa: E402

CONSOLE, GATEWAY = 2, 3
MALFORMED, REVOKED = 1, 20
SEED = int(os.environ.get("VIGIE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
WAIT_S = 60
GROWTH_KIB_MAX = 48 * 1024
ATTACKERS = 200
FLOOD = 1000
WAITING_MAX = 4096
DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
HALF_OPEN = 10_000 if DESCRIPTORS > 12_000 else DESCRIPTORS * 3 // 4 // 1000 * 1000
HALF_OPEN_KIB_MAX = 24 * 1024


def await_that(holds, what, seconds=WAIT_S):
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        pause.wait(0.05)


class Hostile(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.hub = hubs.Hub(guarded=True)
        self.addCleanup(self.hub.close)
        self.gateway = self.hub.enrol(self.context, "blue/gateway", GATEWAY, ["blue/*"])
        self.publisher = client.Publisher(self.context, self.hub.publish, identity=self.gateway)
        self.addCleanup(self.publisher.close)
        self.console = client.Console(self.context, self.hub.listen,
                                      identity=self.hub.enrol(self.context, "blue/room", CONSOLE))
        self.addCleanup(self.console.close)
        self.console.open()
        self.said = 0
        self.serves()
        self.before_kib = wires.resident_kib(self.hub.process.pid)
        self.before_descriptors = wires.descriptors(self.hub.process.pid)

    # --- words ---
    def serves(self):
        """An event goes the whole way."""
        self.said += 1
        text = f"honest {self.said}"
        self.publisher.event("blue/v1", "text", text)
        self.publisher.run_until_settled()
        self.console.run(lambda: any(one[2] == text for one in self.console.events))

    def is_unharmed(self):
        self.serves()
        self.assertIsNone(self.hub.process.poll())
        grown = wires.resident_kib(self.hub.process.pid) - self.before_kib
        self.assertLess(grown, GROWTH_KIB_MAX)
        # Two heartbeats and a handshake's time later nothing of the attackers is left.
        await_that(lambda: wires.descriptors(self.hub.process.pid) <= self.before_descriptors + 2,
                   "the attackers' descriptors")
        self.serves()

    def ports(self):
        return self.hub.port, self.hub.port + 1

    def figure(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.hub.port + 2}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " ") or line.startswith(name + "{"):
                    return float(line.split()[-1])
        return 0.0

    # --- before anybody is asked ---
    def test_bytes_that_are_no_protocol_end_the_connection(self):
        noises = [b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, wires.SIGNATURE + b"\x09", wires.greeting(b"PLAIN"),
                  wires.greeting(b"GSSAPI"), wires.greeting(major=1), wires.greeting(as_server=1),
                  wires.greeting() + b"\x06" + struct.pack(">Q", 1 << 40),
                  wires.greeting() + b"\x02" + struct.pack(">Q", (1 << 63) - 1),
                  wires.greeting() + wires.command(b"HELLO", b"\x01\x00" + b"\0" * 8),
                  wires.greeting() + wires.command(b"HELLO", b"\x01\x00" + os.urandom(192)),
                  wires.greeting() + wires.command(b"INITIATE", os.urandom(200)),
                  wires.greeting() + wires.command(b"ERROR", b"\xff")]
        noises += [wires.greeting() + self.random.randbytes(self.random.randrange(1, 400)) for _ in range(40)]
        open_ones = []
        for port in self.ports():
            for noise in noises:
                one = wires.dial(port)
                open_ones.append(one)
                wires.push(one, noise)
        for one in open_ones:
            self.assertTrue(wires.is_closed_by_peer(one))
            one.close()
        self.is_unharmed()

    def test_who_says_nothing_or_a_byte_at_a_time_is_let_go(self):
        silent = [wires.dial(port) for port in self.ports() for _ in range(ATTACKERS // 2)]
        slow = [wires.dial(self.ports()[0]) for _ in range(20)]
        for byte in wires.greeting()[:20]:
            for one in slow:
                wires.push(one, bytes([byte]))
            self.serves()
        for one in silent + slow:
            self.assertTrue(wires.is_closed_by_peer(one))
            one.close()
        self.is_unharmed()

    def test_a_flood_of_one_address_keeps_no_other_out(self):
        flood, most = [], 0

        def many_wait():
            """They are let go after a while: the most that ever waited counts."""
            nonlocal most
            most = max(most, self.figure("vigie_door_waiting"))
            return most > FLOOD // 4

        for index in range(FLOOD):
            flood.append(wires.dial(self.ports()[index % 2]))
            if index % 50 == 0:
                many_wait()
        await_that(many_wait, "the flood at the door")
        self.serves()
        # From another address somebody comes in while the first one's connections wait; it is known and its key is.
        publisher = client.Publisher(self.context, f"tcp://127.0.0.2:0;127.0.0.1:{self.hub.port}",
                                     identity=self.gateway)
        publisher.hello()
        publisher.close()
        for one in flood:
            one.close()
        await_that(lambda: self.figure("vigie_door_waiting") == 0, "the door's room")
        self.is_unharmed()

    def test_ten_thousand_half_open_connections_are_bounded(self):
        """They come as fast as they can, none goes on; those beyond the room to wait are cut off."""
        half_open, grown = [], 0
        while len(half_open) < HALF_OPEN:
            half_open += [wires.dial(self.hub.port) for _ in range(1000)]
            for one in half_open[-500:]:
                wires.push(one, wires.greeting())
            self.serves()
            grown = max(grown, wires.resident_kib(self.hub.process.pid) - self.before_kib)
            self.assertLessEqual(self.figure("vigie_door_waiting"), WAITING_MAX)
        self.assertGreater(self.figure('vigie_door_cut_total{limit="waiting_per_address"}'), 0)
        self.assertLess(grown, HALF_OPEN_KIB_MAX)
        for one in half_open:
            one.close()
        self.is_unharmed()

    def test_who_does_not_speak_curve_gets_no_word_through(self):
        for port in self.ports():
            one = wires.dial(port)
            wires.push(one, wires.greeting(b"NULL") + wires.null_ready())
            wires.push(one, b"\x00\x05hello")
            self.assertTrue(wires.is_closed_by_peer(one))
            one.close()
        self.is_unharmed()

    def test_a_flood_of_unknown_keys_is_turned_away_and_counted(self):
        before = self.figure("vigie_gate_turned_away_total")
        strangers = []
        for index in range(ATTACKERS):
            stranger = client.Identity("blue/gateway", self.gateway.hub_key)
            strangers.append(client.Connection(self.context, (self.hub.publish, self.hub.listen)[index % 2], stranger))
            if index % 50 == 0:
                self.serves()
        await_that(lambda: self.figure("vigie_gate_turned_away_total") >= before + ATTACKERS, "all are turned away")
        for one in strangers:
            one.close()
        self.is_unharmed()

    def test_a_hub_of_another_key_gets_nothing_of_a_client(self):
        wrong = client.Identity("blue/gateway", client.Identity("", self.gateway.hub_key).key,
                                self.gateway.key, self.gateway.secret)
        tap = wires.Tap(self.hub.port)
        self.addCleanup(tap.close)
        one = client.Connection(self.context, f"tcp://127.0.0.1:{tap.port}", wrong)
        one.send("Hello", {"protocol": 1, "spool": wrong.spool(), "client": "not to be heard"})
        await_that(lambda: len(tap.heard) > 3, "some handshakes")
        one.close()
        self.assertNotIn(b"not to be heard", tap.all_bytes())
        self.is_unharmed()

    # --- what is on the wire ---
    def test_nothing_that_is_said_stands_on_the_wire_in_clear(self):
        taps = [wires.Tap(port) for port in self.ports()]
        for tap in taps:
            self.addCleanup(tap.close)
        publisher = client.Publisher(self.context, f"tcp://127.0.0.1:{taps[0].port}", identity=self.gateway)
        console = client.Console(self.context, f"tcp://127.0.0.1:{taps[1].port}", identity=self.console.identity)
        console.open()
        publisher.event("blue/hidden", "sos", "casualty at the well")
        publisher.card("blue/hidden", "NIGHTINGALE")
        place = client.fix(15.9301234, 1.5198765)
        publisher.fix("blue/hidden", place)
        publisher.run_until_settled()
        console.run(lambda: "blue/hidden" in console.units and console.events and "blue/hidden" in console.cards)
        publisher.close()
        console.close()
        wire = b"".join(tap.all_bytes() for tap in taps)
        self.assertGreater(len(wire), 2000)
        for secret in (b"casualty", b"NIGHTINGALE", b"hidden", b"blue", b"black box", b"VGBT", b"VGFR",
                       struct.pack("<ii", place["lat_e7"], place["lon_e7"]), self.gateway.secret):
            self.assertNotIn(secret, wire)

    def test_a_capture_of_all_traffic_holds_nothing_in_clear_but_what_a_stranger_sends(self):
        try:
            capture = wires.Capture(self.ports())
        except PermissionError as error:
            self.skipTest(f"the right to capture (CAP_NET_RAW) is missing: {error}")
        self.addCleanup(capture.close)
        tablet = self.hub.enrol(self.context, "blue/tablet", CONSOLE)
        place = client.fix(15.9301234, 1.5198765)
        self.publisher.event("blue/hidden", "sos", "casualty at the well")
        self.publisher.card("blue/hidden", "NIGHTINGALE")
        self.publisher.fix("blue/hidden", place)
        self.publisher.run_until_settled()
        reader = client.Console(self.context, self.hub.listen, identity=tablet)
        reader.open()
        reader.run(lambda: "blue/hidden" in reader.units and "blue/hidden" in reader.cards)
        reader.close()
        self.console.run(lambda: "blue/hidden" in self.console.units)
        marker = b"this is sent in clear"
        stranger = wires.dial(self.hub.port)
        wires.push(stranger, marker)
        heard = capture.until(marker)
        stranger.close()
        self.assertGreater(len(heard), 5000)
        for secret in (b"casualty", b"NIGHTINGALE", b"hidden", b"blue", b"tablet", b"VGBT", b"VGFR",
                       struct.pack("<ii", place["lat_e7"], place["lon_e7"]), self.gateway.secret, tablet.secret):
            self.assertNotIn(secret, heard)

    def test_an_enrolment_that_was_overheard_can_not_be_played_again(self):
        chief = self.hub.administrator()
        invited = client.Identity("invite/", chief.hub_key)
        invited.name = "invite/" + invited.key.hex()
        self.hub.say_access(self.context, chief, "blue/new", invite={
            "key": invited.key.hex(), "role": CONSOLE, "ends_us": client.now_us() + 60_000_000})
        tap = wires.Tap(self.hub.port)
        self.addCleanup(tap.close)
        joining = client.Publisher(self.context, f"tcp://127.0.0.1:{tap.port}", identity=invited)
        own = client.Identity("blue/new", chief.hub_key)
        joining.access("blue/new", identity={"key": own.key.hex(), "role": CONSOLE, "invite": invited.key.hex()})
        joining.run_until_settled()
        self.assertEqual(joining.refused, {})
        joining.close()
        for _ in range(3):
            one = wires.dial(self.hub.port)
            wires.push(one, tap.all_bytes(inward=True))
            self.assertTrue(wires.is_closed_by_peer(one))
            one.close()
        console = client.Console(self.context, self.hub.listen, identity=own)
        self.assertIsNotNone(console.open())
        console.close()
        self.is_unharmed()

    # --- with a key ---
    def test_a_message_of_a_megabyte_ends_the_connection_alone(self):
        for address in (self.hub.publish, self.hub.listen):
            one = client.Connection(self.context, address, self.gateway)
            one.socket.send(b"\0" * (1 << 20))
            one.close()
        self.is_unharmed()

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
        gate = client.Connection(self.context, self.hub.publish, self.gateway)
        for index in range(3000):
            room.send("Open", {"protocol": 1, "client": "storm", "granted_bytes": 1 << 16})
            gate.send("Hello", {"protocol": 1, "spool": self.gateway.spool(), "client": "storm"})
            while room.socket.poll(0):
                room.socket.recv_multipart()
            while gate.socket.poll(0):
                gate.socket.recv_multipart()
            if index % 1000 == 0:
                self.serves()
        await_that(lambda: self.figure("vigie_sessions") <= 2, "the sessions")
        room.close()
        gate.close()
        self.is_unharmed()


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    print(f"VIGIE_SEED={SEED}", file=sys.stderr)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    unittest.main()

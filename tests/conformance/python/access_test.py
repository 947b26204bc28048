#!/usr/bin/env python3
"""Who may say and see what, from outside: real CURVE sockets, a real hub, nothing of its code.

That somebody gets nothing is proved by a marker that follows and arrives, not by waiting.
"""
import sys
import time
import unittest

import client
import hub as hubs
import zmq
from zmq.utils import monitor, z85

TRACKER, CONSOLE, GATEWAY, PARTNER, ADMINISTRATOR = 1, 2, 3, 4, 5
IDENTITY, INVITE, GRANT = 2, 3, 4
NOT_ENTITLED, REVOKED, BAD_INVITE, ACCESS_CHANGED = 19, 20, 21, 22
REPLAY_MODE, SNAPSHOT_MODE = 2, 1
KNOWN, TRUE = 3, 4
BITES_S = 2


class AccessWords(unittest.TestCase):
    """A guarded hub with two owners, and what is said to it."""

    def setUp(self):
        self.context = zmq.Context()
        self.opened = []
        self.addCleanup(self.close_all)
        self.hub = hubs.Hub(guarded=True)
        self.addCleanup(self.hub.close)
        self.alpha = self.enrol("alpha/gate", GATEWAY, ["alpha/*"])
        self.bravo = self.enrol("bravo/gate", GATEWAY, ["bravo/*"])
        self.rooms = {owner: self.enrol(owner + "/room", CONSOLE) for owner in ("alpha", "bravo")}
        self.bosses = {owner: self.enrol(owner + "/boss", ADMINISTRATOR) for owner in ("alpha", "bravo")}

    def close_all(self):
        for one in self.opened:
            one.close()
        self.context.destroy(linger=0)

    # --- words ---
    def enrol(self, name, role, units=(), rank=0):
        return self.hub.enrol(self.context, name, role, units, rank)

    def publisher(self, who):
        made = client.Publisher(self.context, self.hub.publish, identity=who)
        self.opened.append(made)
        return made

    def console(self, who, **values):
        made = client.Console(self.context, self.hub.listen, identity=who)
        self.opened.append(made)
        made.open(**values)
        return made

    def say(self, who, name, **content):
        refused = self.hub.say_access(self.context, who, name, **content)
        self.assertIsNone(refused)

    def revoke(self, name):
        self.say(self.bosses[name.split("/")[0]], name, kind=IDENTITY)

    def settle(self, publisher, *numbers):
        publisher.run_until_settled()
        return [publisher.refused.get(number, (0, ""))[0] for number in numbers]

    def texts(self, console):
        return [text for _, _, text in console.events]

    def see(self, console, text, seconds=20):
        console.run(lambda: text in self.texts(console), seconds)

    def is_turned_away(self, who, address):
        """True when the handshake with this key is refused."""
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 0
        watch = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
        try:
            socket.curve_serverkey = z85.encode(who.hub_key)
            socket.curve_publickey = z85.encode(who.key)
            socket.curve_secretkey = z85.encode(who.secret)
            socket.connect(address)
            self.assertTrue(watch.poll(20_000), "the hub says neither yes nor no")
            return monitor.recv_monitor_message(watch)["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH
        finally:
            socket.disable_monitor()
            watch.close()
            socket.close()

    def made_us(self, name):
        """The known time of a grant's first state, as its administrator sees it."""
        console = self.console(self.bosses[name.split("/")[0]], mode=SNAPSHOT_MODE)
        console.run(lambda: console.reopen)
        return console.access[GRANT, name]["stamp"]["known_time_us"]


class Access(AccessWords):
    def test_nobody_comes_in_whose_key_is_not_known(self):
        stranger = client.Identity("alpha/gate", self.alpha.hub_key)
        for address in (self.hub.publish, self.hub.listen):
            self.assertTrue(self.is_turned_away(stranger, address))
            self.assertFalse(self.is_turned_away(self.alpha, address))
        plain = client.Console(self.context, self.hub.listen)
        self.opened.append(plain)
        plain.connection.send("Open", {"protocol": 1, "granted_bytes": 1 << 20})
        # The marker: somebody who came later is served.
        self.assertIsNotNone(self.console(self.rooms["alpha"]).opened)
        self.assertIsNone(plain.connection.receive(0))

    def test_nobody_publishes_for_a_unit_of_another(self):
        tracker = self.publisher(self.enrol("alpha/v1", TRACKER, ["alpha/v1"]))
        own = tracker.fix("alpha/v1", client.fix(15, 1))
        neighbour = tracker.fix("alpha/v2", client.fix(15, 1))
        foreign = tracker.event("bravo/v1", "text", "I am bravo")
        self.assertEqual(self.settle(tracker, own, neighbour, foreign), [0, NOT_ENTITLED, NOT_ENTITLED])

    def test_of_two_sources_of_a_unit_the_better_moves_it_and_the_other_is_kept(self):
        sources = [self.publisher(self.enrol(name, TRACKER, ["alpha/v1"], rank))
                   for name, rank in (("alpha/v1", 0), ("alpha/phone", 2))]
        live = self.console(self.rooms["alpha"])
        for lat, source in ((15, sources[0]), (16, sources[1])):
            source.fix("alpha/v1", client.fix(lat, 1))
            source.run_until_settled()
        sources[1].event("alpha/v1", "text", "the marker")
        sources[1].run_until_settled()
        self.see(live, "the marker")
        self.assertEqual([(one["lat_e7"], one["marks"]) for _, _, one in live.fixes],
                         [(150_000_000, 0), (160_000_000, client.ASIDE)])
        late = self.console(self.rooms["alpha"], mode=SNAPSHOT_MODE)
        late.run(lambda: late.reopen)
        for console in (live, late):
            self.assertEqual(console.units["alpha/v1"]["fix"]["lat_e7"], 150_000_000)
            self.assertEqual(console.units["alpha/v1"]["count"], 2)

    def test_each_owner_sees_its_own_alone_live_in_the_picture_and_in_the_past(self):
        publishers = {"alpha": self.publisher(self.alpha), "bravo": self.publisher(self.bravo)}
        live = {owner: self.console(room) for owner, room in self.rooms.items()}
        for owner, publisher in publishers.items():
            publisher.event(owner + "/v1", "text", f"{owner} speaks")
            publisher.card(owner + "/v1", owner)
            publisher.fix(owner + "/v1", client.fix(15, 1))
            publisher.run_until_settled()
        for owner, publisher in publishers.items():
            publisher.event(owner + "/v1", "text", "the marker")
            publisher.run_until_settled()
        for owner, console in live.items():
            self.see(console, "the marker")
            self.assertEqual(self.texts(console), [f"{owner} speaks", "the marker"])
            self.assertEqual(set(console.units), {owner + "/v1"})
            self.assertEqual(set(console.cards), {owner + "/v1"})
        for start in (KNOWN, TRUE):
            replay = self.console(self.rooms["bravo"], mode=REPLAY_MODE, start=start)
            replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
            self.assertEqual(set(self.texts(replay)), {"bravo speaks", "the marker"})
            self.assertEqual({unit for _, unit, _ in replay.fixes}, {"bravo/v1"})
            past = self.console(self.rooms["bravo"], mode=SNAPSHOT_MODE, start=start, time_us=client.now_us())
            past.run(lambda: past.reopen)
            self.assertEqual(set(past.units), {"bravo/v1"})

    def test_what_is_granted_is_seen_from_then_on_and_not_after_its_end(self):
        publisher = self.publisher(self.alpha)
        publisher.event("alpha/v1", "text", "before")
        publisher.run_until_settled()
        console = self.console(self.rooms["bravo"])
        grant = {"to": "bravo", "classes": 2}
        self.say(self.bosses["alpha"], "alpha/joint", grant=grant)
        console.run(lambda: console.reopen, BITES_S)
        self.assertEqual(console.reopen["code"], ACCESS_CHANGED)
        console.again()
        publisher.fix("alpha/v1", client.fix(15, 1))
        publisher.event("alpha/v1", "text", "during")
        publisher.run_until_settled()
        self.see(console, "during")
        self.assertEqual(console.units, {})
        made_us = self.made_us("alpha/joint")
        self.say(self.bosses["alpha"], "alpha/joint", grant={**grant, "ended": True, "made_us": made_us})
        console.run(lambda: console.reopen, BITES_S)
        console.again()
        publisher.event("alpha/v1", "text", "after")
        publisher.run_until_settled()
        marker = self.publisher(self.bravo)
        marker.event("bravo/v1", "text", "the marker")
        marker.run_until_settled()
        self.see(console, "the marker")
        self.assertEqual(self.texts(console), ["during", "the marker"])
        # What was shown once is withdrawn from the past too.
        replay = self.console(self.rooms["bravo"], mode=REPLAY_MODE, start=KNOWN)
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        self.assertEqual(self.texts(replay), ["the marker"])

    def test_everybody_sees_who_they_are_and_what_is_granted_to_them_and_of_no_others(self):
        self.say(self.bosses["alpha"], "alpha/joint", grant={"to": "bravo"})
        self.say(self.bosses["alpha"], "alpha/other", grant={"to": "charlie"})
        console = self.console(self.rooms["bravo"], mode=SNAPSHOT_MODE)
        console.run(lambda: console.reopen)
        self.assertEqual(set(console.access), {(IDENTITY, "bravo/room"), (GRANT, "alpha/joint")})

    def test_a_revoked_console_is_cut_off_within_two_seconds_and_nobody_else(self):
        console, other = self.console(self.rooms["alpha"]), self.console(self.bosses["alpha"])
        publisher = self.publisher(self.alpha)
        self.revoke("alpha/room")
        began = time.monotonic()
        console.run(lambda: console.reopen, BITES_S)
        self.assertEqual(console.reopen["code"], REVOKED)
        console.open()
        self.assertEqual(console.denied["code"], REVOKED)
        self.assertTrue(self.is_turned_away(self.rooms["alpha"], self.hub.listen))
        self.assertLess(time.monotonic() - began, BITES_S)
        publisher.event("alpha/v1", "text", "the marker")
        publisher.run_until_settled()
        self.see(other, "the marker")
        self.assertEqual(console.events, [])

    def test_a_revoked_replay_ends(self):
        publisher = self.publisher(self.alpha)
        for number in range(200):
            publisher.fix("alpha/v1", client.fix(15, 1))
        publisher.run_until_settled()
        replay = self.console(self.rooms["alpha"], mode=REPLAY_MODE, start=KNOWN, speed=0.001)
        self.revoke("alpha/room")
        replay.run(lambda: replay.reopen, BITES_S)
        self.assertEqual(replay.reopen["code"], REVOKED)

    def test_a_revoked_publisher_is_refused_and_told(self):
        publisher = self.publisher(self.alpha)
        publisher.event("alpha/v1", "text", "while I may")
        publisher.run_until_settled()
        self.revoke("alpha/gate")
        publisher.event("alpha/v1", "text", "when I may not")
        publisher.send_all()
        until = time.monotonic() + BITES_S
        while not publisher.rejected and time.monotonic() < until:
            publisher.step(0.1)
        self.assertEqual(publisher.rejected[0]["code"], REVOKED)
        console = self.console(self.bosses["alpha"], start=KNOWN)
        self.see(console, "while I may")
        # An administrator is shown the audit, too.
        self.assertEqual([text for text in self.texts(console) if text.endswith(("I may", "not"))], ["while I may"])

    def test_an_invitation_is_used_once_also_by_two_at_once(self):
        chief = self.hub.administrator()
        invited = client.Identity("invite/", chief.hub_key)
        invited.name = "invite/" + invited.key.hex()
        self.say(chief, "alpha/new", invite={"key": invited.key.hex(), "role": CONSOLE,
                                             "ends_us": client.now_us() + 60_000_000})
        thief, device = self.publisher(invited), self.publisher(invited)
        for one in (device, thief):
            welcome = one.hello()
            self.assertEqual(welcome["name"], "alpha/new")
            self.assertEqual(welcome["invite"]["role"], CONSOLE)
        own = client.Identity("alpha/new", chief.hub_key)
        number = device.access("alpha/new", identity={"key": own.key.hex(), "role": CONSOLE,
                                                      "invite": invited.key.hex()})
        self.assertEqual(self.settle(device, number), [0])
        thief.access("alpha/new", identity={"key": client.Identity("", own.hub_key).key.hex(), "role": CONSOLE,
                                            "invite": invited.key.hex()})
        thief.send_all()
        until = time.monotonic() + BITES_S
        while not thief.rejected and time.monotonic() < until:
            thief.step(0.1)
        self.assertEqual(thief.rejected[0]["code"], REVOKED)
        self.assertIsNotNone(self.console(own).opened)
        self.assertTrue(self.is_turned_away(invited, self.hub.publish))

    def test_an_invitation_says_nothing_else_and_opens_nothing(self):
        chief = self.hub.administrator()
        invited = client.Identity("invite/", chief.hub_key)
        invited.name = "invite/" + invited.key.hex()
        self.say(chief, "alpha/new", invite={"key": invited.key.hex(), "role": CONSOLE,
                                             "ends_us": client.now_us() + 60_000_000})
        publisher = self.publisher(invited)
        numbers = [publisher.event("alpha/new", "text", "hello"),
                   publisher.access("alpha/new", identity={"key": "a" * 64, "role": ADMINISTRATOR,
                                                           "invite": invited.key.hex()})]
        self.assertEqual(self.settle(publisher, *numbers), [BAD_INVITE, BAD_INVITE])
        console = self.console(invited)
        self.assertEqual(console.denied["code"], NOT_ENTITLED)

    def test_rights_are_the_same_after_kill_minus_nine(self):
        self.revoke("bravo/room")
        self.hub.stop(kill=True)
        self.hub.start()
        self.assertTrue(self.is_turned_away(self.rooms["bravo"], self.hub.listen))
        self.assertIsNotNone(self.console(self.rooms["alpha"]).opened)

    def test_an_owner_grants_what_is_its_own_alone(self):
        for who in (self.bosses["bravo"], self.hub.administrator(), self.rooms["alpha"]):
            refused = self.hub.say_access(self.context, who, "alpha/joint", grant={"to": "bravo"})
            self.assertEqual(refused[0], NOT_ENTITLED)


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main()

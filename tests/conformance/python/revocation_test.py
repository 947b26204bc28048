#!/usr/bin/env python3
"""Rights that end bite within two seconds on every surface: live, replay, what waits for a console that does not read,
a recording in progress, a partner. The others lose nothing.

That nothing more comes is proved by a marker that follows and arrives elsewhere, or by what ends the connection.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import access_test
import client
import hub as hubs
import zmq
from access_test import ACCESS_CHANGED, BITES_S, KNOWN, PARTNER, REPLAY_MODE, REVOKED

REFUSED = 4
MANY = [f"{number} " + "x" * 4000 for number in range(1500)]
PER_BATCH = 15    # of the long ones
VALID_S = 6       # of what ends by itself
EARLY_S = 1.2     # by which it may: `vigie` counts from the whole second, and two clocks may differ a little
WINDOW = 8 << 20  # the largest that a hub takes


class Revocation(access_test.AccessWords):
    def setUp(self):
        super().setUp()
        self.gate = self.publisher(self.alpha)

    # --- words ---
    def grant(self, name, to, **more):
        self.say(self.bosses["alpha"], name, grant={"to": to, **more})

    def end(self, name, to, **more):
        made_us = self.made_us(name)
        self.say(self.bosses["alpha"], name, grant={"to": to, **more, "ended": True, "made_us": made_us})

    def tell(self, *texts, group="", who=None):
        for text in texts:
            (who or self.gate).event("alpha/v1" if who is None else "bravo/v1", "text", text, group=group)
        (who or self.gate).run_until_settled()

    def tell_many(self):
        """Far more than what stands between two programs."""
        for text in MANY:
            self.gate.event("alpha/v1", "text", text)
        self.gate.run_until_settled(per_batch=PER_BATCH)

    def bites(self, console, code):
        """Its session ends by its rights in time."""
        console.run(lambda: console.reopen, BITES_S)
        self.assertEqual(console.reopen["code"], code)

    def ends_at(self, end, consoles, code):
        """Their sessions end then: not before, and in time."""
        for one in consoles:
            one.run(lambda one=one: one.reopen, end + BITES_S - time.monotonic())
            self.assertGreater(time.monotonic(), end - EARLY_S)
            self.assertEqual(one.reopen["code"], code)

    def folder(self):
        made = tempfile.TemporaryDirectory(prefix="vigie-revocation-")
        self.addCleanup(made.cleanup)
        return pathlib.Path(made.name)

    def told_by(self, *arguments):
        """What `vigie` says to alpha's administrator."""
        boss = self.bosses["alpha"].write(self.folder() / "boss.toml", "administrator")
        ran = self.vigie(*arguments, "--identity", boss, "--hub", f"127.0.0.1:{self.hub.port}")
        said, told = ran.communicate(timeout=20)
        self.assertEqual(ran.returncode, 0, told)
        return said

    def replayed(self, who):
        replay = self.console(who, mode=REPLAY_MODE, start=KNOWN)
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        return self.texts(replay)

    # --- what must hold ---
    def test_a_partner_is_served_what_is_granted_until_its_end_and_nothing_once_it_is_revoked(self):
        own = self.publisher(self.bravo)
        partner, other = self.enrol("bravo/hub", PARTNER), self.enrol("bravo/other", PARTNER)
        # The marks stand throughout.
        for to in ("bravo/hub", "bravo/other"):
            self.grant("alpha/marks-" + to[6:], to, groups=["marks"])
        live = self.console(partner)
        self.tell("bravo's own", who=own)
        self.tell("before")
        self.tell("marker 1", group="marks")
        self.see(live, "marker 1")
        self.grant("alpha/joint", "bravo/hub", classes=2, groups=["-"])
        self.bites(live, ACCESS_CHANGED)
        live.again()
        self.tell("during")
        self.gate.fix("alpha/v1", client.fix(15, 1))
        self.tell("marker 2", group="marks")
        self.see(live, "marker 2")
        self.assertEqual(self.texts(live), ["marker 1", "during", "marker 2"])
        self.assertEqual((live.units, self.replayed(partner)), ({}, ["marker 1", "during", "marker 2"]))
        self.end("alpha/joint", "bravo/hub", classes=2, groups=["-"])
        self.bites(live, ACCESS_CHANGED)
        live.again()
        self.tell("after")
        self.tell("marker 3", group="marks")
        self.see(live, "marker 3")
        self.assertEqual(self.texts(live), ["marker 1", "during", "marker 2", "marker 3"])
        self.assertEqual(self.replayed(partner), ["marker 1", "marker 2", "marker 3"])
        follower = self.console(other)
        self.revoke("bravo/hub")
        self.tell("marker 4", group="marks")
        self.bites(live, REVOKED)
        live.open()
        self.assertEqual(live.denied["code"], REVOKED)
        self.assertTrue(self.is_turned_away(partner, self.hub.listen))
        self.see(follower, "marker 4")
        self.assertNotIn("marker 4", self.texts(live))

    def test_a_running_replay_of_what_was_granted_ends_with_the_grant(self):
        grant = {"to": "bravo", "classes": 2}
        self.grant("alpha/joint", **grant)
        self.tell(*(f"granted {number}" for number in range(200)))
        self.tell("the marker", who=self.publisher(self.bravo))
        replay = self.console(self.rooms["bravo"], mode=REPLAY_MODE, start=KNOWN, speed=0.0001)
        replay.run(lambda: replay.opened)
        paused = self.console(self.rooms["bravo"], mode=REPLAY_MODE, start=KNOWN, paused=True)
        bystander = self.console(self.rooms["alpha"], mode=REPLAY_MODE, start=KNOWN, speed=0.0001)
        self.assertNotIn("the marker", self.texts(replay))
        self.end("alpha/joint", **grant)
        began = time.monotonic()
        for one in (replay, paused):
            self.bites(one, ACCESS_CHANGED)
        self.assertLess(time.monotonic() - began, BITES_S)
        shown = len(replay.events)
        # It goes on at once, and shows what is left.
        replay.open(mode=REPLAY_MODE, start=KNOWN)
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        self.assertEqual(self.texts(replay)[shown:], ["the marker"])
        bystander.control(1, 3, speed=0.0)
        self.see(bystander, "granted 199")
        self.assertIsNone(bystander.reopen)

    def test_a_grants_own_end_ends_what_is_live_and_what_is_replayed_by_it(self):
        own = self.publisher(self.bravo)
        began = time.monotonic()
        self.told_by("grant", "alpha/joint", "--to", "bravo", "--class", "event", "--valid", f"{VALID_S}s")
        live = self.console(self.rooms["bravo"])
        self.tell(*(f"granted {number}" for number in range(200)))
        self.see(live, "granted 199")
        replay = self.console(self.rooms["bravo"], mode=REPLAY_MODE, start=KNOWN, speed=0.0001)
        bystander = self.console(self.rooms["alpha"], mode=REPLAY_MODE, start=KNOWN, speed=0.0001)
        replay.run(lambda: replay.opened)
        bystander.run(lambda: bystander.opened)
        self.ends_at(began + VALID_S, (live, replay), ACCESS_CHANGED)
        self.assertIsNone(bystander.reopen)
        live.again()
        replay.open(mode=REPLAY_MODE, start=KNOWN)
        self.tell("after its end")
        self.tell("the marker", who=own)
        self.see(live, "the marker")
        self.assertNotIn("after its end", self.texts(live))
        replay.run(lambda: any(state["phase"] == 2 for state in replay.states))
        self.assertEqual(self.replayed(self.rooms["bravo"]), ["the marker"])
        self.assertLess(len(self.texts(replay)), 200, "of what was granted the rest came")

    def test_an_identitys_own_end_ends_what_it_watches_and_what_it_replays(self):
        self.tell(*(f"its owner's {number}" for number in range(200)))
        began = time.monotonic()
        code = self.told_by("invite", "alpha/guest", "--role", "console", "--identity-valid", f"{VALID_S}s")
        file = self.folder() / "guest.toml"
        joined = self.vigie("join", re.search(r"VIGIE-\S+", code).group(), "--identity", file)
        _, told = joined.communicate(timeout=20)
        self.assertEqual(joined.returncode, 0, told)
        guest = client.Identity.read(file)
        live = self.console(guest)
        replay = self.console(guest, mode=REPLAY_MODE, start=KNOWN, speed=0.0001)
        follower = self.console(self.rooms["alpha"])
        self.tell("before its end")
        self.see(live, "before its end")
        replay.run(lambda: replay.opened)
        self.ends_at(began + VALID_S, (live, replay), REVOKED)
        self.tell("the marker")
        self.see(follower, "the marker")
        self.assertTrue(self.is_turned_away(guest, self.hub.listen))
        for one in (live, replay):
            while one.connection.socket.poll(0):
                one.step(0)
            self.assertNotIn("the marker", self.texts(one))

    def test_a_console_that_does_not_read_finds_nothing_that_came_after_it_was_revoked(self):
        boss = self.console(self.bosses["alpha"])
        deaf = client.Console(self.context, None, identity=self.rooms["alpha"])
        self.opened.append(deaf)
        # Its own library reads ahead but a little.
        deaf.connection.socket.set(zmq.RCVHWM, 1)
        deaf.connection.socket.set(zmq.RCVBUF, 64 << 10)
        watch = deaf.connection.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        deaf.connection.socket.connect(self.hub.listen)
        deaf.granting = False
        deaf.open(window=WINDOW)
        self.tell_many()
        self.see(boss, MANY[-1])
        self.assertEqual(deaf.events, [])
        self.revoke("alpha/room")
        began = time.monotonic()
        self.tell("after the revocation")
        self.see(boss, "after the revocation")
        while not watch.poll(0):
            self.assertLess(time.monotonic() - began, BITES_S, "it is still connected")
            deaf.step(0.05)
        while deaf.connection.socket.poll(0):
            deaf.step(0)
        watch.close()
        heard = self.texts(deaf)
        self.assertGreater(len(heard), 0)
        self.assertEqual(heard, MANY[:len(heard)])
        self.assertTrue(self.is_turned_away(self.rooms["alpha"], self.hub.listen))

    def test_a_recording_in_progress_ends_when_its_maker_is_revoked_and_says_that_it_is_not_whole(self):
        self.tell_many()
        folder = self.folder()
        outs = {who: folder / f"{who.name[6:]}.vgr" for who in (self.rooms["alpha"], self.bosses["alpha"])}
        recordings = {who: self.stopped_recording(who, out) for who, out in outs.items()}
        self.revoke("alpha/room")
        began = time.monotonic()
        for one in recordings.values():
            one.send_signal(signal.SIGCONT)
        ended, whole = recordings.values()
        said, told = ended.communicate(timeout=20)
        self.assertLess(time.monotonic() - began, BITES_S, told)
        self.assertEqual(ended.returncode, REFUSED, told)
        self.assertIn("does not know this key", told)
        self.assertIn("NOT all of the range: it was stopped before", said)
        said, told = whole.communicate(timeout=60)
        self.assertEqual(whole.returncode, 0, told)
        texts = [self.texts_of(out) for out in outs.values()]
        self.assertEqual(texts[1], MANY)
        self.assertGreater(len(texts[0]), 0)
        self.assertLess(len(texts[0]), len(MANY))
        self.assertEqual(texts[0], MANY[:len(texts[0])])

    def vigie(self, *arguments):
        started = subprocess.Popen([client.program("vigie"), *arguments], text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(started.stdout.close)
        self.addCleanup(started.stderr.close)
        self.addCleanup(started.kill)
        return started

    def texts_of(self, file):
        """Of the events that a recording holds."""
        read, _ = self.vigie("replay", "--file", file, "--format", "ndjson").communicate(timeout=60)
        return [json.loads(line)["text"] for line in read.splitlines()]

    def stopped_recording(self, who, out):
        """A `vigie record` that stands still on its way, with most before it; one that was too quick is begun anew."""
        part = pathlib.Path(str(out) + ".part")
        identity = who.write(f"{out}.toml")
        for _ in range(20):
            recording = self.vigie("record", "--channel", "event/alpha/-", "--out", out, "--identity", identity,
                                   "--hub", f"127.0.0.1:{self.hub.port}")
            while recording.poll() is None and not (part.exists() and part.stat().st_size > 1 << 16):
                pass
            recording.send_signal(signal.SIGSTOP)
            # On a busy machine it goes on for a while before it stands, and may be at its end.
            how = os.waitid(os.P_PID, recording.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            if how.si_code == os.CLD_STOPPED and part.exists() and part.stat().st_size < sum(map(len, MANY)) // 2:
                return recording
            recording.send_signal(signal.SIGCONT)
            _, told = recording.communicate(timeout=60)
            self.assertEqual(recording.returncode, 0, told)
            out.unlink()
        self.fail("it is always at its end already")


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main()

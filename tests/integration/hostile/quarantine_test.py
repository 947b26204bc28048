#!/usr/bin/env python3
"""What a hub refuses is kept: each kind of wrong message with its code, listed and shown by `vigie quarantine` to the
administrators whom it concerns and to nobody else, over a restart and a kill."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "conformance" / "python"))
import client  # noqa: E402
import hub as hubs  # noqa: E402
import writing  # noqa: E402
import zmq  # noqa: E402
from attacked import await_that  # noqa: E402

TRACKER, CONSOLE, ADMINISTRATOR = 1, 2, 5
OK, USAGE, UNREACHABLE, REFUSED = 0, 2, 3, 4
WAIT_S = 60


class Quarantine(unittest.TestCase):
    def setUp(self):
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.hub = hubs.Hub(guarded=True)
        self.addCleanup(self.hub.close)
        folder = tempfile.TemporaryDirectory(prefix="vigie-quarantine-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.chief = pathlib.Path(self.hub.folder.name) / "data" / "keys" / "administrator.toml"
        self.tracker = self.enrol("blue/v1", TRACKER, ["blue/v1"])
        self.files = {name: identity.write(self.folder / name.replace("/", "-"), role)
                      for name, role, identity in (
                          ("blue/boss", "administrator", self.enrol("blue/boss", ADMINISTRATOR)),
                          ("red/boss", "administrator", self.enrol("red/boss", ADMINISTRATOR)),
                          ("blue/room", "console", self.enrol("blue/room", CONSOLE)))}

    # --- words ---
    def enrol(self, name, role, units=()):
        return self.hub.enrol(self.context, name, role, units)

    def vigie(self, who, *arguments, code=OK):
        identity = ["--plain"] if who is None else ["--identity", self.files.get(who, who)]
        done = subprocess.run([client.program("vigie"), "quarantine", *map(str, arguments), *identity,
                               "--hub", f"127.0.0.1:{self.hub.port}"],
                              capture_output=True, text=True, timeout=WAIT_S, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def kept(self, who=None, *arguments):
        done = self.vigie(who or self.chief, "--format", "json", *arguments)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def publisher(self, identity=None):
        one = client.Publisher(self.context, self.hub.publish, identity=identity or self.tracker)
        self.addCleanup(one.close)
        one.hello()
        return one

    def for_another(self, text="I am red's", code=19):
        """A tracker publishes for another's unit."""
        one = self.publisher()
        number = one.event("red/v1", "text", text)
        one.run_until_settled()
        self.assertEqual(one.refused[number][0], code)

    def figure(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.hub.port + 2}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " ") or line.startswith(name + "{"):
                    return float(line.split()[-1])
        return None

    # --- what must hold ---
    def test_each_kind_of_wrong_message_is_refused_by_its_code_and_kept(self):
        one = self.publisher()
        socket = one.connection.socket
        # For another's unit; out of range; a time that can't be.
        numbers = [one.event("red/v1", "text", "impersonated"), one.fix("blue/v1", client.fix(91, 0)),
                   one.fix("blue/v1", client.fix(1, 1, true_time_us=1))]
        one.send_all(per_batch=1)
        one.run_until_settled()
        self.assertEqual([one.refused[number][0] for number in numbers], [19, 4, 5])
        # Truncated, garbage, oversized, of another's spool.
        number = one.event("blue/v1", "text", "whole")
        whole = writing.message("VGBT", "Batch", one.batch_of([number]))
        for message in (whole[:len(whole) // 2], b"\x99" * 50, whole + bytes(66_000 - len(whole)),
                        writing.message("VGBT", "Batch", {**one.batch_of([number]), "spool": {"high": 1, "low": 1}})):
            socket.send(message)
        await_that(lambda: one.step(1) and len(one.rejected) == 4, "four are rejected")
        # On the listen endpoint: garbage, and a view that can't be.
        console = client.Connection(self.context, self.hub.listen, self.tracker)
        self.addCleanup(console.close)
        console.socket.send(b"\x98" * 50)
        console.send("Open", {"protocol": 1, "granted_bytes": 1 << 16, "view": {"channels": ["nonsense/x"]}})
        while console.receive(WAIT_S)[0] != "Denied":
            pass
        kept = self.kept()
        self.assertEqual([(line["endpoint"], line["code"]) for line in reversed(kept)],
                         [("publish", "not_entitled"), ("publish", "bad_position"), ("publish", "bad_time"),
                          ("publish", "malformed"), ("publish", "malformed"), ("publish", "too_large"),
                          ("publish", "wrong_spool"), ("listen", "malformed"), ("listen", "bad_view")])
        for line in kept:
            self.assertEqual((line["name"], line["key"]), ("blue/v1", self.tracker.key.hex()))
            self.assertTrue(line["reason"])
        for code, name in (("not_entitled", "refused"), ("bad_position", "refused"), ("too_large", "refused"),
                           ("bad_view", "denied"), ("malformed", "denied")):
            await_that(lambda c=code, n=name: self.figure(f'vigie_{n}_total{{code="{c}"}}') == 1, f"a count of {code}")
        self.assertEqual(self.figure('vigie_refused_total{code="bad_invite"}'), 0)  # there from the start
        self.assertEqual(self.figure("vigie_quarantine_messages"), len(kept))
        self.assertGreater(self.figure("vigie_quarantine_bytes"), 66_000)
        self.assertEqual(self.figure("vigie_quarantine_dropped_total"), 0)

    def test_one_is_shown_as_it_came(self):
        self.for_another("\x1b[31mred alert", code=6)  # what is wrong with it comes first
        (line,) = self.kept()
        shown = self.vigie("blue/boss", "show", line["id"], "--raw", self.folder / "raw").stdout
        for part in ("blue/v1", "6 bad_value", "by its identifier a Batch", '"unit":"red/v1"', "red alert", "VGBT"):
            self.assertIn(part, shown)
        self.assertNotIn("\x1b", shown)
        raw = (self.folder / "raw").read_bytes()
        self.assertEqual(len(raw), line["size"])
        self.assertEqual(raw[4:8], b"VGBT")
        self.assertIn(b"\x1b[31mred alert", raw)
        self.assertEqual((self.folder / "raw").stat().st_mode & 0o777, 0o600)
        again = self.vigie("blue/boss", "show", line["id"], "--raw", self.folder / "raw", code=1)
        self.assertIn("raw is there already, and is not written over", again.stderr)
        # The hub's own see no owner's data: all but the bytes.
        shown = self.vigie(self.chief, "show", line["id"]).stdout
        for part in ("blue/v1", "6 bad_value", f"{line['size']}, shown to its owner's administrators alone"):
            self.assertIn(part, shown)
        self.assertNotIn('"unit":"red/v1"', shown)
        none = self.vigie(self.chief, "show", line["id"], "--raw", self.folder / "none", code=1)
        self.assertIn("to its owner's administrators alone", none.stderr)
        self.assertFalse((self.folder / "none").exists())
        self.assertIn("bad_value", self.vigie(self.chief).stdout)
        self.assertIn("holds no message 7", self.vigie(self.chief, "show", 7, code=REFUSED).stderr)
        self.vigie(self.chief, "show", code=USAGE)
        self.vigie(self.chief, "show", "-1", code=USAGE)

    def test_those_whom_it_concerns_are_told_and_nobody_else(self):
        self.for_another()
        (line,) = self.kept("blue/boss")
        self.assertEqual(line["code"], "not_entitled")
        self.assertEqual(self.kept("red/boss"), [])
        self.vigie("red/boss", "show", line["id"], code=REFUSED)
        done = self.vigie("blue/room", code=REFUSED)
        self.assertIn("no administrator", done.stderr)
        self.assertEqual(done.stdout, "")
        self.vigie("blue/room", "show", line["id"], code=REFUSED)
        stranger = client.Identity("blue/boss", self.tracker.hub_key).write(self.folder / "stranger")
        self.assertIn("does not know this key", self.vigie(stranger, code=REFUSED).stderr)
        self.vigie(None, "--timeout", "2s", code=UNREACHABLE)

    def test_it_outlives_the_hub_stopped_or_killed(self):
        written = pathlib.Path(self.hub.folder.name) / "data" / "quarantine" / "new"
        for round_, kill in enumerate((False, True, False)):
            before = written.stat().st_size
            self.for_another(f"round {round_}")
            if kill:
                await_that(lambda size=before: written.stat().st_size > size, "it is written down")
            self.hub.stop(kill=kill)
            self.hub.start()
            kept = self.kept()
            self.assertEqual(len(kept), round_ + 1)
            self.assertIn(f"round {round_}", self.vigie("blue/boss", "show", kept[0]["id"]).stdout)
        # A damaged end is cut, and said.
        self.hub.stop()
        with open(written, "ab") as file:
            file.write(b"\x30\0\0\0half of")
        self.hub.start()
        self.assertEqual(len(self.kept()), 3)
        self.assertIn("cut off", self.hub.words())

    def test_a_flood_is_bounded_and_takes_nobody_elses_place(self):
        self.for_another("the first")
        flooder = self.publisher(self.enrol("green/v1", TRACKER, ["green/v1"]))
        for index in range(2000):
            flooder.connection.socket.send(b"\x97" * 1000 + index.to_bytes(4, "little"))
        await_that(lambda: self.figure('vigie_refused_total{code="malformed"}') == 2000, "all are refused")
        kept = self.kept(None, "--limit", 0)
        self.assertEqual(sum(line["name"] == "blue/v1" for line in kept), 1)
        self.assertLessEqual(len(kept), 257)
        done = self.vigie(self.chief, "--limit", 10)
        self.assertEqual(len(done.stdout.splitlines()), 11)
        self.assertIn("there are older ones: --before", done.stderr)
        self.assertIn("are not kept", done.stderr)
        self.assertNotIn("not kept", self.vigie("blue/boss").stderr)


if __name__ == "__main__":
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    unittest.main()

"""A hub that asks who is there, with the words in which tests speak of who is enrolled and what they do."""
import base64
import json
import pathlib
import queue
import re
import threading
import time
import unittest
import urllib.request

import vigie_programs
from vigie_programs import Place, lines_of

OK, USAGE, UNREACHABLE, REFUSED = 0, 2, 3, 4
SECRET = re.compile(r"^\w*secret\w* = ['\"]([0-9A-Fa-f]{32,})['\"]", re.M)


class Follower:
    """A `vigie watch` as it goes on; lines as they come."""

    def __init__(self, place, *arguments):
        self.process = place.start("watch", "--format", "ndjson", "--notices", *arguments)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for text in self.process.stdout:
            self.lines.put(json.loads(text))

    def wait_for(self, holds, seconds=vigie_programs.WAIT_S):
        """The first line for which it holds, and those before it."""
        before = []
        until = time.monotonic() + seconds
        while True:
            line = self.lines.get(timeout=max(0.001, until - time.monotonic()))
            if holds(line):
                return line, before
            before.append(line)

    def end(self):
        self.process.terminate()
        self.process.wait(vigie_programs.WAIT_S)
        self.reader.join(vigie_programs.WAIT_S)
        self.process.stdout.close()
        self.process.stderr.close()


class Guarded(unittest.TestCase):
    """Each test has a hub of its own; `chief` is the key file of the hub's administrator. At its end no secret that
    there ever was stands in anything that a hub tells, or that a command printed."""

    def setUp(self):
        self.place = Place(guarded=True)
        self.addCleanup(self.place.__exit__)
        self.place.heard = self.hear
        self.printed = []  # (what, text) of every command that ran
        self.chief = self.place.hub.keys / "administrator.toml"
        self.secrets = set()  # of key files, and invitations' codes
        self.log_before = ""  # of hubs that this one took the place of

    def tearDown(self):
        self.note_secrets()
        told = {"log": self.log_before + self.place.hub.log, **self.pages_and_lists()}
        self.assertGreaterEqual(len(self.secrets), 2)
        for place, text in [*told.items(), *self.printed]:
            lower = text.lower()
            for secret in self.secrets:
                self.assertNotIn(secret.lower(), lower, f"a secret stands in {place}")

    # --- secrets ---
    def hear(self, command, done):
        """An invitation is printed by `vigie invite` on its standard output, and nowhere else."""
        self.printed.append((f"what vigie {command} said besides", done.stderr))
        if command != "invite":
            self.printed.append((f"what vigie {command} printed", done.stdout))

    def note_secrets(self):
        """Those of the hub, of its administrator and of all who joined, as they are now."""
        for folder in (self.place.hub.keys, self.place.folder):
            for path in folder.iterdir():
                if path.suffix in (".toml", ".key", ".old", ".new", ".joining"):
                    self.secrets.update(SECRET.findall(path.read_text()) if path.is_file() else [])

    def pages_and_lists(self):
        """What a hub that runs tells: its pages, and to administrators the audit and what it refused."""
        if self.place.hub.process.poll() is not None:
            return {}
        told = {}
        for page in ("metrics", "status"):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.place.hub.port + 2}/{page}", timeout=60) as answer:
                told[page] = answer.read().decode()
        told["audit"] = self.vigie(self.chief, "audit", "--format", "json").stdout
        self.assertIn("hub_started", told["audit"])
        told["quarantine"] = self.vigie(self.chief, "quarantine", "--format", "json", "--limit", "0").stdout
        for line in lines_of(told["quarantine"]):
            told[f"quarantined {line['id']}"] = self.vigie(self.chief, "quarantine", "show", line["id"]).stdout
        return told

    def key_file(self, name):
        return self.place.folder / (name.replace("/", "-") + ".toml")

    def vigie(self, who, command, *arguments, code=OK):
        path = who if isinstance(who, pathlib.Path) else self.key_file(who)
        self.note_secrets()
        done = self.place.run(command, *arguments, "--identity", path)
        self.note_secrets()
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def invite(self, name, role, *more, by=None):
        code = self.vigie(by or self.chief, "invite", name, "--role", role, *more).stdout.strip()
        # As it is written, and the secret in it: after the version and the hub's key.
        self.secrets.update((code, base64.urlsafe_b64decode(code.removeprefix("VIGIE-") + "==")[33:49].hex()))
        return code

    def enrol(self, name, role, *more, by=None):
        done = self.place.run("join", self.invite(name, role, *more, by=by), "--identity", self.key_file(name))
        self.assertEqual(done.returncode, OK, done.stderr)
        return name

    def send(self, who, text, unit=None, code=OK):
        return self.vigie(who, "send", "--unit", unit or who, text, code=code)

    def texts(self, who):
        done = self.vigie(who, "replay", "--format", "ndjson", "--class", "event")
        return [line["text"] for line in lines_of(done.stdout)]

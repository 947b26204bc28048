"""A hub that asks who is there, with the words in which tests speak of who is enrolled and what they do."""
import json
import pathlib
import queue
import threading
import time
import unittest

import vigie_programs
from vigie_programs import Place, lines_of

OK, USAGE, UNREACHABLE, REFUSED = 0, 2, 3, 4


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
    """Each test has a hub of its own; `chief` is the key file of the hub's administrator."""

    def setUp(self):
        self.place = Place(guarded=True)
        self.addCleanup(self.place.__exit__)
        self.chief = self.place.hub.keys / "administrator.toml"

    def key_file(self, name):
        return self.place.folder / (name.replace("/", "-") + ".toml")

    def vigie(self, who, command, *arguments, code=OK):
        path = who if isinstance(who, pathlib.Path) else self.key_file(who)
        done = self.place.run(command, *arguments, "--identity", path)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def invite(self, name, role, *more, by=None):
        return self.vigie(by or self.chief, "invite", name, "--role", role, *more).stdout.strip()

    def enrol(self, name, role, *more, by=None):
        done = self.place.run("join", self.invite(name, role, *more, by=by), "--identity", self.key_file(name))
        self.assertEqual(done.returncode, OK, done.stderr)
        return name

    def send(self, who, text, unit=None, code=OK):
        return self.vigie(who, "send", "--unit", unit or who, text, code=code)

    def texts(self, who):
        done = self.vigie(who, "replay", "--format", "ndjson", "--class", "event")
        return [line["text"] for line in lines_of(done.stdout)]

"""What tests of a hub that asks who is there begin with: people who join it, and speak as themselves."""
import pathlib
import unittest

from vigie_programs import Place

OK, USAGE, UNREACHABLE, REFUSED = 0, 2, 3, 4


class Enrolled(unittest.TestCase):
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

    def enrol(self, name, role, *more):
        done = self.place.run("join", self.invite(name, role, *more), "--identity", self.key_file(name))
        self.assertEqual(done.returncode, OK, done.stderr)
        return name

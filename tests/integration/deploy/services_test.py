#!/usr/bin/env python3
"""The systemd units and the configuration files as they lie in deploy/, with the programs of this build.

What an administrator installs is what is tested: the units as systemd reads them, their command lines as the programs
do, and the programs started by them with the files that they name.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import tomllib
import unittest

BIN = pathlib.Path(os.environ["VIGIE_BIN"]).resolve()
DEPLOY = pathlib.Path(__file__).resolve().parents[3] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
WAIT_S = 60
# What stands for the machine's own: nothing is written beside the test's folder, and no port is fixed. Flags win over
# the file, so all else is as the file says.
ASIDE = {"vigie-hub": ["--port", "0"],
         "vigie-web": ["--listen", "127.0.0.1:0", "--set", "metrics.listen=127.0.0.1:0"]}
READY = {"vigie-hub": "publish=tcp://", "vigie-web": "address=http://"}


def settings(unit):
    """Of a unit: {key: value}, each of its own line; comments are none."""
    return dict(re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.M))


def command(unit):
    """(program, arguments) of its ExecStart; a file of /etc/vigie is the one that is installed there from here."""
    program, *arguments = shlex.split(settings(unit)["ExecStart"])
    return pathlib.PurePath(program).name, [part.replace("/etc/vigie/", f"{DEPLOY}/") for part in arguments]


class Services(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-services-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_program(self, name, *arguments):
        return subprocess.run([BIN / name, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=WAIT_S)

    def test_each_program_that_serves_has_a_unit(self):
        self.assertEqual([unit.stem for unit in UNITS], ["vigie-hub", "vigie-web"])
        self.assertEqual([command(unit)[0] for unit in UNITS], ["vigie-hub", "vigie-web"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze here")
    def test_systemd_finds_nothing_wrong_with_the_units(self):
        copies = []
        for unit in UNITS:
            copies.append(self.folder / unit.name)
            # It looks for the program, which is not installed here.
            copies[-1].write_text(unit.read_text().replace("/usr/local/bin/", f"{BIN}/"))
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *copies], text=True, timeout=WAIT_S,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        # It ends with 0 where it ignored a line, too, and names other units of this machine.
        ours = [line for line in done.stdout.splitlines() if any(unit.name in line for unit in UNITS)]
        self.assertEqual(ours, [])
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_programs_know_each_option_that_their_units_give(self):
        for unit in UNITS:
            with self.subTest(unit.name):
                program, arguments = command(unit)
                known = set(re.findall(r"^ +(?:-\w,)?(--[\w-]+)", self.run_program(program, "--help").stdout, re.M))
                given = {part.partition("=")[0] for part in arguments if part.startswith("-")}
                self.assertTrue(given and given <= known, f"{given - known} of {sorted(known)}")

    def test_each_configuration_is_the_one_of_a_unit(self):
        named = {arguments[arguments.index("--config") + 1] for _, arguments in map(command, UNITS)}
        self.assertEqual(named, {str(path) for path in DEPLOY.glob("*.toml")})

    def test_the_folder_that_a_unit_makes_is_the_one_of_its_configuration(self):
        """It can write to no other."""
        for unit in UNITS:
            with self.subTest(unit.name):
                _, arguments = command(unit)
                configured = tomllib.loads(pathlib.Path(arguments[arguments.index("--config") + 1]).read_text())
                self.assertEqual(configured["data"], f"/var/lib/{settings(unit)['StateDirectory']}")

    def test_the_web_server_calls_its_configuration_good(self):
        program, arguments = command(DEPLOY / "vigie-web.service")
        done = self.run_program(program, *arguments, "--check")
        self.assertEqual((done.returncode, done.stdout), (0, "the configuration is good\n"))

    def test_the_programs_start_as_their_units_say_and_end_well(self):
        page = self.folder / "page"
        page.mkdir()
        (page / "index.html").write_text("<!doctype html><title>Vigie</title>")
        for unit in UNITS:
            with self.subTest(unit.name):
                program, arguments = command(unit)
                more = ["--data", self.folder / program, *ASIDE[program]]
                if program == "vigie-web":
                    more += ["--page", page]
                process = subprocess.Popen([BIN / program, *arguments, *more], text=True, stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT)
                self.addCleanup(process.stdout.close)
                self.addCleanup(process.wait, WAIT_S)
                self.addCleanup(process.kill)
                said = ""
                for line in process.stdout:  # ends with the program
                    said += line
                    if READY[program] in line:
                        break
                self.assertIn(READY[program], said)
                process.terminate() # KillSignal
                said += process.stdout.read()
                self.assertEqual(process.wait(WAIT_S), 0, said)

    def test_a_wrong_configuration_ends_with_the_status_at_which_none_is_started_again(self):
        wrong = self.folder / "wrong.toml"
        wrong.write_text("prot = 7700\n")
        for unit in UNITS:
            with self.subTest(unit.name):
                program, _ = command(unit)
                done = self.run_program(program, "--config", wrong, "--data", self.folder / program)
                self.assertEqual(str(done.returncode), settings(unit)["RestartPreventExitStatus"], done.stdout)
                self.assertIn("prot", done.stdout)


if __name__ == "__main__":
    unittest.main()

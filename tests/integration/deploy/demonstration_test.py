#!/usr/bin/env python3
"""deploy/quickstart.sh as a person runs it, with the programs of this build: until the page is there, then Ctrl-C."""
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import tomllib
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
PATROL = ROOT / "deploy/scenarios/patrol.toml"
WAIT_S = 60
SPAN = 81  # the hub's three ports, and the page's 80 above the first


def free_ports():
    """The first of the ports that it will take, below those that the kernel gives to outgoing connections; by chance,
    as others who look at this moment look elsewhere."""
    for port in random.sample(range(10_000, 30_000, SPAN), 50):
        taken = [socket.socket() for _ in range(4)]
        try:
            for one, offset in zip(taken, (0, 1, 2, 80)):
                one.bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    raise AssertionError("no free ports")


def processes_of(session):
    """{pid: command line} of all that runs in it, whoever is its parent now; what has ended and waits is none."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue  # it has just ended
    return found


def read(address):
    """(status, kind of content, text)."""
    with urllib.request.urlopen(address, timeout=WAIT_S) as answer:
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


class Quickstart:
    """The script in a session of its own, as in a terminal of its own; `said` is what it printed."""

    def __init__(self, port, data):
        # By $VIGIE_BIN it takes the programs of this build, and installs and builds nothing.
        self.process = subprocess.Popen([ROOT / "deploy/quickstart.sh", "--port", str(port), "--speed", "600"],
                                        env={**os.environ, "VIGIE_DATA": str(data)}, text=True, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.said = ""
        self.timer = threading.Timer(WAIT_S, self.kill)  # until the address is there
        self.timer.start()

    def address(self):
        """Where it says that the page is, once it does."""
        for line in self.process.stdout:
            self.said += line
            found = re.match(r"Open (http://\S+) ", line)
            if found:
                self.timer.cancel()
                return found.group(1)
        raise AssertionError("it ended before it named an address:\n" + self.said)

    def end(self, send, what):
        """Its exit status, and what of it still runs at that moment."""
        send(self.process.pid, what)
        status = self.process.wait(WAIT_S)
        return status, processes_of(self.process.pid)

    def kill(self):
        for pid in processes_of(self.process.pid):
            os.kill(pid, signal.SIGKILL)

    def clean(self):
        self.timer.cancel()
        self.kill()
        self.process.wait(WAIT_S)
        self.process.stdout.close()


class Demonstration(unittest.TestCase):
    def setUp(self):
        self.assertIn("VIGIE_BIN", os.environ, "else it would install and build")
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="vigie-demonstration-"))
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)
        self.port = free_ports()

    def start(self):
        """The script, and the address that it names."""
        quickstart = Quickstart(self.port, self.data)
        self.addCleanup(quickstart.clean)
        return quickstart, quickstart.address()

    def shows_the_patrol(self, address):
        """Until each of its units has come; they set out as the address is printed."""
        patrol = {unit["name"] for unit in tomllib.loads(PATROL.read_text())["unit"]}
        until, shown = time.monotonic() + WAIT_S, set()
        while shown != patrol:
            self.assertLess(time.monotonic(), until, f"{shown} of {patrol}")
            shown = {unit["unit"] for unit in json.loads(read(f"{address}api/v1/units")[2])["units"]}

    def test_it_names_the_page_which_has_the_patrol_and_goes_with_all_that_it_started(self):
        """By Ctrl-C, which a terminal gives to all that runs in it; and, in a run that goes on with the data, when the
        script alone is ended."""
        for send, what in ((os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)):
            with self.subTest(what.name):
                quickstart, address = self.start()
                self.assertEqual(address, f"http://127.0.0.1:{self.port + 80}/")
                status, kind, text = read(address)
                self.assertEqual((status, kind), (200, "text/html"))
                self.assertIn('src="/assets/', text)
                self.shows_the_patrol(address)
                runs = " ".join(processes_of(quickstart.process.pid).values())
                for program in ("vigie-hub --", "vigie-web --", "vigie simulate "):
                    self.assertIn(program, runs)
                self.assertEqual(quickstart.end(send, what), (0, {}))


if __name__ == "__main__":
    unittest.main()

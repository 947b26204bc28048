"""The promises of the hub against kills, stopped consoles, a full disk and bad links, with a real hub.

The account of what was acknowledged and shown is kept here, outside of the processes. VIGIE_ROUNDS: how many kills
(default 4); VIGIE_SEED repeats a run's chance. VIGIE_STALLED_SECONDS: how long a console stays stopped at least.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import programs
from programs import CONSOLE, GATEWAY, ROUNDS, SEED, client, hubs, zmq

REPLAY, KNOWN_TIME, ENDED = 2, 3, 2
STALLED_SECONDS = float(os.environ.get("VIGIE_STALLED_SECONDS", "0"))


def is_root():
    return os.geteuid() == 0


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


class PromiseTest(unittest.TestCase):
    def setUp(self):
        self.random = random.Random(SEED)
        self.context = zmq.Context()
        self.addCleanup(self.context.term)
        self.said = {}  # number: text

    def start_hub(self, *options, **values):
        """A hub that asks who is there, with a gateway and a console of blue."""
        self.hub = hubs.Hub(*options, guarded=True, **values)
        self.addCleanup(self.hub.close)
        self.gateway = self.hub.enrol(self.context, "blue/gateway", GATEWAY, ["blue/*"])
        self.room = self.hub.enrol(self.context, "blue/room", CONSOLE)

    def open_publisher(self):
        self.publisher = client.Publisher(self.context, self.hub.publish, identity=self.gateway)
        self.addCleanup(lambda: self.publisher.close())

    def open_console(self, **values):
        console = client.Console(self.context, self.hub.listen, identity=self.room)
        self.addCleanup(lambda: console.close())
        console.open(**values)
        self.assertIsNotNone(console.opened, console.denied)
        return console

    def say(self, count):
        """Hands over events, each with a text of its own."""
        for _ in range(count):
            text = f"event {len(self.said)}"
            self.said[self.publisher.event("blue/v1", "text", text)] = text

    def settled(self):
        return [text for number, text in self.said.items() if number not in self.publisher.unsettled]

    def replayed(self):
        """Everything the log holds, as a replay gives it."""
        console = self.open_console(mode=REPLAY, start=KNOWN_TIME, time_us=0)
        console.run(lambda: any(state["phase"] == ENDED for state in console.states), 60)
        return console

    def status(self):
        with urllib.request.urlopen(f"http://{self.hub.host}:{self.hub.port + 2}/status", timeout=10) as answer:
            return json.load(answer)


class KillTest(PromiseTest):
    def test_what_was_acknowledged_survives_kills_once_and_in_order_of_seq(self):
        """Promises 1 and 2: nothing acknowledged is lost, nothing is stored twice."""
        self.start_hub()
        self.open_publisher()
        for _ in range(ROUNDS):
            self.say(200)
            self.publisher.hello()
            self.publisher.send_all(per_batch=self.random.randrange(1, 30))
            # A moment within the acknowledgements, somewhere between none and all.
            for _ in range(self.random.randrange(0, 6)):
                self.publisher.step(0.2)
            acknowledged = set(self.settled())
            self.hub.stop(kill=True)
            self.hub.start()
            texts = [text for _, _, text in self.replayed().events]
            self.assertEqual(acknowledged - set(texts), set(), "acknowledged and lost")
            self.assertEqual(len(texts), len(set(texts)), "stored twice")
            self.publisher.reconnect()
        self.publisher.run_until_settled(60)
        console = self.replayed()
        self.assertEqual(sorted(text for _, _, text in console.events), sorted(self.said.values()))
        self.assertEqual(console.event_seqs, sorted(set(console.event_seqs)))

    def test_a_console_sees_each_event_once_over_kills(self):
        """Promise 3."""
        self.start_hub()
        self.open_publisher()
        console = self.open_console()
        for _ in range(ROUNDS):
            self.say(50)
            self.publisher.run_until_settled(60)
            if self.random.random() < 0.5:
                console.run(lambda: len(console.events) >= len(self.said))
            self.hub.stop(kill=True)
            self.hub.start()
            self.publisher.reconnect()
            console.again()
        self.say(1)
        self.publisher.run_until_settled(60)
        console.run(lambda: console.events and console.events[-1][2] == list(self.said.values())[-1])
        self.assertEqual([text for _, _, text in console.events], list(self.said.values()))

    def test_a_clean_stop_leaves_everything_durable_and_no_void(self):
        """Promise 1: what was taken in before SIGTERM is acknowledged or still with the publisher."""
        self.start_hub()
        self.open_publisher()
        self.say(3000)
        self.publisher.hello()
        self.publisher.send_all()
        self.publisher.step(5)
        self.assertEqual(self.hub.stop(), 0)
        while self.publisher.step(0.2):
            pass
        acknowledged = set(self.settled())
        self.hub.start()
        self.assertEqual(acknowledged - {text for _, _, text in self.replayed().events}, set())
        self.assertEqual(self.status()["log"]["voids"], 0)


class SlowConsoleTest(PromiseTest):
    def test_a_stopped_console_costs_the_hub_and_the_others_nothing(self):
        """Promise 5: one console gets SIGSTOP, one lives and reads nothing; the others are live, and memory stays."""
        self.start_hub("--set", "queues.store=512KiB", "--set", "queues.ring=1MiB", "--set", "store.memtable=1MiB",
                       "--set", "store.block_cache=4MiB", "--set", "sessions.silence=1h")
        self.open_publisher()
        stopped = subprocess.Popen(
            [client.program("vigie"), "watch", "--hub", f"{self.hub.host}:{self.hub.port}", "--format", "ndjson",
             "--class", "event", "--identity", self.room.write(self.hub.folder.name + "/room.toml")],
            stdout=subprocess.PIPE)
        self.addCleanup(stopped.communicate)
        self.addCleanup(stopped.kill)
        live, unread = self.open_console(), self.open_console()
        live.run(lambda: self.status()["session_count"] == 3)
        self.say(1)
        self.publisher.run_until_settled()
        self.assertIn(b'"event 0"', stopped.stdout.readline())
        stopped.send_signal(signal.SIGSTOP)
        memory = []
        until = time.monotonic() + STALLED_SECONDS
        while len(memory) < 6 or time.monotonic() < until:
            part = len(memory)
            for i in range(2000):
                self.publisher.fix(f"blue/v{i % 50}", client.fix(i * 1e-4, part % 90))
            self.publisher.run_until_settled(60)
            head = self.status()["log"]["head"]
            live.run(lambda: live.fix_seq >= head, 30)
            memory.append(self.memory_kb())
        self.assertEqual(live.conflated, 0)
        # Caches and memtables grow to their size; a queue for the stopped one would go on growing.
        self.assertLess(memory[-1] - memory[len(memory) // 3], 24 * 1024, memory)
        if STALLED_SECONDS > 0:  # the first parts go into its window and the kernel's buffers
            lags = [session["lag"] for session in self.status()["sessions"]]
            self.assertGreater(max(lags), 1000 * len(memory), "nobody was behind: the test shows nothing")
        self.say(1)
        self.publisher.run_until_settled()
        unread.run(lambda: self.said.keys() <= {number for _, number, _ in unread.events}, 60)
        stopped.send_signal(signal.SIGCONT)
        for line in stopped.stdout:
            if b'"event 1"' in line:
                break
        else:
            self.fail("the stopped console missed the event")

    def memory_kb(self):
        status = pathlib.Path(f"/proc/{self.hub.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


class FullDiskTest(PromiseTest):
    def setUp(self):
        super().setUp()
        self.mount = tempfile.mkdtemp(prefix="vigie-full-")
        self.addCleanup(os.rmdir, self.mount)
        mounted = run("mount", "-t", "tmpfs", "-o", "size=96m", "vigie-test", self.mount)
        if mounted.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(run, "umount", self.mount)

    def test_a_full_disk_holds_publishers_back_and_goes_on_when_there_is_space(self):
        """Promise 8: nothing is acknowledged that is not durable, nothing that was is lost."""
        self.start_hub("--set", "store.free_min=8MiB", folder=self.mount)
        self.open_publisher()
        ballast = pathlib.Path(self.mount) / "ballast"
        self.say(20)
        self.publisher.run_until_settled()
        stat = os.statvfs(self.mount)
        with open(ballast, "wb") as file:
            file.write(b"\0" * (stat.f_bavail * stat.f_frsize - (4 << 20)))
        texts = 0
        while not self.status()["disk_full"]:
            self.assertLess(texts, 20000, "the disk does not get full")
            self.say(100)
            texts += 100
            if self.publisher.welcome is None:
                self.publisher.hello()
            self.publisher.send_all()
            self.publisher.step(0.05)
        before = set(self.settled())
        ballast.unlink()
        self.publisher.run_until_settled(60)
        programs.await_that(lambda: not self.status()["disk_full"], "the page's word that there is space again")
        self.assertEqual(self.publisher.refused, {})
        stored = [text for _, _, text in self.replayed().events]
        self.assertEqual(before - set(stored), set())
        self.assertEqual(sorted(stored), sorted(self.said.values()))


class LinkTest(PromiseTest):
    NAME = f"vigie-{os.getpid()}"

    def setUp(self):
        super().setUp()
        near, far = f"vg{os.getpid() % 100000}a", f"vg{os.getpid() % 100000}b"
        steps = [("ip", "netns", "add", self.NAME), ("ip", "link", "add", near, "type", "veth", "peer", "name", far),
                 ("ip", "link", "set", far, "netns", self.NAME), ("ip", "addr", "add", "10.213.77.1/30", "dev", near),
                 ("ip", "link", "set", near, "up"),
                 ("ip", "netns", "exec", self.NAME, "ip", "addr", "add", "10.213.77.2/30", "dev", far),
                 ("ip", "netns", "exec", self.NAME, "ip", "link", "set", far, "up"),
                 ("ip", "netns", "exec", self.NAME, "ip", "link", "set", "lo", "up")]
        self.addCleanup(run, "ip", "link", "del", near)
        self.addCleanup(run, "ip", "netns", "del", self.NAME)
        for step in steps:
            done = run(*step)
            if done.returncode != 0:
                self.skipTest(f"no network namespace can be made here: {done.stderr.strip()}")
        self.near = near

    def test_a_link_that_is_slow_lossy_and_cut_loses_and_repeats_nothing(self):
        """Promises 1 to 3 and 9 over a bad link: new connections, tokens, sending again."""
        self.start_hub(host="10.213.77.2", prefix=("ip", "netns", "exec", self.NAME))
        self.open_publisher()
        console = self.open_console()
        shaped = run("tc", "qdisc", "add", "dev", self.near, "root", "netem", "delay", "40ms", "10ms", "loss", "2%")
        if shaped.returncode != 0:
            print(f"skipped: delay and loss ({shaped.stderr.strip()})", file=sys.stderr)
        for _ in range(min(ROUNDS, 3)):
            self.say(60)
            self.publisher.hello(30)
            self.publisher.send_all(per_batch=5)
            for _ in range(self.random.randrange(4)):
                self.publisher.step(0.1)
            run("ip", "link", "set", self.near, "down")
            self.publisher.step(0.3)
            run("ip", "link", "set", self.near, "up")
            self.publisher.reconnect()
            self.publisher.run_until_settled(60)
            console.again(seconds=30)
        console.run(lambda: len(console.events) >= len(self.said), 60)
        self.assertEqual(sorted(text for _, _, text in console.events), sorted(self.said.values()))
        self.assertEqual(sorted(text for _, _, text in self.replayed().events), sorted(self.said.values()))


if __name__ == "__main__":
    programs.main()

"""A hub that is attacked while honest clients use it: what each test of that begins and ends with."""

import multiprocessing
import os
import pathlib
import random
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "conformance" / "python"))
import client  # noqa: E402
import honest  # noqa: E402
import hub as hubs  # noqa: E402
import wires  # noqa: E402
import zmq  # noqa: E402

TRACKER, CONSOLE, GATEWAY = 1, 2, 3
SEED = int(os.environ.get("VIGIE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
WAIT_S = 60
GROWTH_KIB_MAX = 48 * 1024
# Of the honest pair that is watched: so often, and at most so late, which no machine is too slow for.
HONEST_EVERY_S = 0.02
HONEST_P99_S_MAX = 2


def await_that(holds, what, seconds=WAIT_S):
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        pause.wait(0.05)


class Watch:
    """An honest tracker and console in a process of their own, and the memory of the hub, from here to `end`."""

    EVERY_S = 0.1

    def __init__(self, hub, tracker, room):
        spawn = multiprocessing.get_context("spawn")
        self.orders, far = spawn.Pipe()
        self.pair = spawn.Process(target=honest.serve, daemon=True, kwargs={"kind": "events"},
                                  args=((hub.publish, hub.listen), tracker, room, far, tracker.name, HONEST_EVERY_S))
        self.pair.start()
        far.close()
        if not self.orders.poll(WAIT_S) or self.orders.recv() != "ready":
            raise AssertionError("the honest pair is not served")
        self.pid = hub.process.pid
        self.resident_kib_max = self.resident_kib_first = wires.resident_kib(self.pid)
        self.over = threading.Event()
        self.looking = threading.Thread(target=self._look, daemon=True)
        self.looking.start()

    def _look(self):
        while not self.over.wait(self.EVERY_S):
            self.resident_kib_max = max(self.resident_kib_max, wires.resident_kib(self.pid))

    def end(self):
        """How long each message took, how many did not arrive, and how much memory the hub had more at its most."""
        self.over.set()
        self.looking.join()
        self.orders.send("end")
        took, missing = self.orders.recv()
        self.pair.join(WAIT_S)
        self.orders.close()
        return took, missing, self.resident_kib_max - self.resident_kib_first


class Served(unittest.TestCase):
    """A guarded hub, and its figures."""

    def serve(self, *options):
        self.context = zmq.Context()
        self.addCleanup(self.context.destroy, 0)
        self.hub = hubs.Hub(*options, guarded=True)
        self.addCleanup(self.hub.close)

    def figure(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.hub.port + 2}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " ") or line.startswith(name + "{"):
                    return float(line.split()[-1])
        return 0.0


class Attacked(Served):
    @classmethod
    def setUpClass(cls):
        cls.took = []  # seconds from the honest tracker to the honest console, of all tests

    @classmethod
    def tearDownClass(cls):
        p99 = honest.percentile(cls.took, 99)
        print(f"the honest pair: {len(cls.took)} messages, p50 {honest.percentile(cls.took, 50) * 1000:.1f} ms, "
              f"p99 {p99 * 1000:.1f} ms, at most {honest.percentile(cls.took, 100) * 1000:.1f} ms", file=sys.stderr)
        if not p99 <= HONEST_P99_S_MAX:
            raise AssertionError(f"the honest pair was served late: p99 {p99} s")

    def setUp(self):
        self.random = random.Random(SEED)
        self.serve()
        self.gateway = self.hub.enrol(self.context, "blue/gateway", GATEWAY, ["blue/*"])
        self.publisher = client.Publisher(self.context, self.hub.publish, identity=self.gateway)
        self.addCleanup(self.publisher.close)
        self.console = client.Console(self.context, self.hub.listen,
                                      identity=self.hub.enrol(self.context, "blue/room", CONSOLE))
        self.addCleanup(self.console.close)
        self.console.open()
        self.said = 0
        self.serves()
        watch = Watch(self.hub, self.hub.enrol(self.context, "green/steady", TRACKER, ["green/steady"]),
                      self.hub.enrol(self.context, "green/room", CONSOLE))
        self.addCleanup(self.everything_arrived, watch)
        self.before_kib = watch.resident_kib_first
        self.before_descriptors = wires.descriptors(self.hub.process.pid)

    # --- words ---
    def everything_arrived(self, watch):
        took, missing, grown_kib = watch.end()
        self.took.extend(took)
        self.assertEqual(missing, 0)
        self.assertLess(grown_kib, GROWTH_KIB_MAX)

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


def main():
    if not hubs.is_built():
        print(f"skipped: no {client.program('vigie-hub')}")
        sys.exit(77)
    print(f"VIGIE_SEED={SEED}", file=sys.stderr)
    unittest.main()

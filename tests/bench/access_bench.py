#!/usr/bin/env python3
"""What asking everybody who they are costs those who are known: the feed's latency while a thousand enrolled trackers
come back at once, and while ten thousand strangers are turned away.

    tests/bench/access_bench.py [--trackers 1000] [--strangers 10000] [--rounds 3] [--hub-set threads.io=2]

Needs VIGIE_BIN, VIGIE_SCHEMAS and VIGIE_WIRE_PYTHON as the conformance tests have them (tests/bench/README.md). One hub
on loopback, clients in two other processes; prints a table of medians over the rounds, then each limit with what was
reached, and ends by itself: with 1 when one was missed.
"""

import argparse
import multiprocessing
import pathlib
import resource
import statistics
import sys
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "conformance" / "python"))
import client  # noqa: E402
import honest  # noqa: E402
import hub as hubs  # noqa: E402
import zmq  # noqa: E402

CONSOLE, TRACKER, GATEWAY = 2, 1, 3
EVERY_S = 0.005
CROWD_S = 0.02  # a crowd of trackers looks this often
LIMIT_S = 120
# What is promised on two cores.
BACK_S_MAX = 10
P99_MS_MAX = 50


class Crowd:
    """Trackers in one process, each with its own connection and key."""

    def __init__(self, address, identities):
        self.context = zmq.Context(io_threads=1)
        self.context.set(zmq.MAX_SOCKETS, 4096)
        self.address = address
        self.trackers = [client.Publisher(self.context, address, identity=one) for one in identities]

    def come_back(self):
        """All connections anew at once; seconds until each has published a fix that is durable."""
        for one in self.trackers:
            one.reconnect()
        began = time.monotonic()
        poller = zmq.Poller()
        waiting = {}
        pause = threading.Event()
        for one in self.trackers:
            one.fix(one.identity.name, client.fix(1, 1))
            one.connection.send("Hello", {"protocol": 1, "spool": one.spool, "client": "crowd",
                                          "sent_time_us": client.now_us()})
            poller.register(one.connection.socket, zmq.POLLIN)
            waiting[one.connection.socket] = one
        while waiting:
            client.check(time.monotonic() - began < LIMIT_S, f"{len(waiting)} trackers are not back")
            # All that came in a while at once: asking a thousand sockets for each message would cost more than the hub.
            pause.wait(CROWD_S)
            for socket, _ in poller.poll(1000):
                one = waiting[socket]
                one.step(0)
                if one.welcome is not None and not one.sent_here:
                    one.send_all()
                if not one.unsettled:
                    poller.unregister(socket)
                    del waiting[socket]
        return time.monotonic() - began


def crowd(addresses, identities, hub_key, strangers, orders):
    trackers = Crowd(addresses[0], identities)
    trackers.come_back()
    orders.send("ready")
    while True:
        order = orders.recv()
        if order == "end":
            trackers.context.destroy(linger=0)
            return
        orders.send(trackers.come_back() if order == "trackers" else flood(addresses[0], hub_key, strangers))


def flood(address, hub_key, count):
    """So many handshakes with a key that nobody knows, as fast as they go."""
    stranger = client.Identity("nobody/nobody", hub_key)
    context = zmq.Context(io_threads=1)
    context.set(zmq.MAX_SOCKETS, 4096)
    began = time.monotonic()
    poller = zmq.Poller()
    waiting = {}
    begun = done = 0
    while done < count:
        client.check(time.monotonic() - began < LIMIT_S, f"{count - done} strangers wait")
        while begun < count and len(waiting) < 200:
            one = client.Connection(context, None, stranger)
            watch = one.socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
            one.socket.connect(address)
            poller.register(watch, zmq.POLLIN)
            waiting[watch] = one
            begun += 1
        for watch, _ in poller.poll(1000):
            poller.unregister(watch)
            one = waiting.pop(watch)
            one.socket.disable_monitor()
            watch.close()
            one.close()
            done += 1
    context.destroy(linger=0)
    return time.monotonic() - began


def enrol_all(hub, context, count):
    chief = hub.administrator()
    publisher = client.Publisher(context, hub.publish, identity=chief)
    identities = [client.Identity(f"crowd/t{number}", chief.hub_key) for number in range(count)]
    publisher.hello()
    for one in identities:
        publisher.access(one.name, identity={"key": one.key.hex(), "role": TRACKER, "units": [one.name]})
    publisher.run_until_settled(LIMIT_S)
    client.check(not publisher.refused, str(publisher.refused))
    publisher.close()
    return identities


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--trackers", type=int, default=1000)
    asked.add_argument("--strangers", type=int, default=10000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--hub-set", action="append", default=[], metavar="KEY=VALUE", help="an option of the hub")
    options = asked.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    hub = hubs.Hub(*[word for one in options.hub_set for word in ("--set", one)], guarded=True)
    try:
        context = zmq.Context()
        gateway = hub.enrol(context, "feed/gateway", GATEWAY, ["feed/*"])
        room = hub.enrol(context, "feed/room", CONSOLE)
        identities = enrol_all(hub, context, options.trackers)
        context.destroy(linger=0)
        return run(hub, options, (gateway, room), identities)
    finally:
        hub.close()


def run(hub, options, pair, identities):
    addresses = (hub.publish, hub.listen)
    spawn = multiprocessing.get_context("spawn")
    ends = [spawn.Pipe() for _ in range(2)]
    workers = [spawn.Process(target=honest.serve, args=(addresses, *pair, ends[0][1], "feed/v1", EVERY_S), daemon=True),
               spawn.Process(target=crowd, args=(addresses, identities, pair[0].hub_key, options.strangers, ends[1][1]),
                             daemon=True)]
    for worker in workers:
        worker.start()
    feeding, crowding = ends[0][0], ends[1][0]
    feeding.recv()
    crowding.recv()

    def during(what):
        feeding.send("mark")
        feeding.recv()
        if what:
            crowding.send(what)
            seconds = crowding.recv()
        else:
            seconds = float(crowding.poll(5) or 5)
        feeding.send("mark")
        took = feeding.recv()
        return honest.percentile(took, 50) * 1000, honest.percentile(took, 99) * 1000, seconds

    rows = {name: [] for name in ("", "trackers", "strangers")}
    for _ in range(options.rounds):
        for name, row in rows.items():
            row.append(during(name))
            print(name or "nothing", *(f"{value:.2f}" for value in row[-1]), file=sys.stderr)
    words = {"": "nothing else happens", "trackers": f"{len(identities)} trackers come back at once",
             "strangers": f"{options.strangers} strangers are turned away"}
    print(f"{'meanwhile':<40} {'feed p50 ms':>12} {'feed p99 ms':>12} {'seconds':>9}")
    medians = {name: [statistics.median(column) for column in zip(*row)] for name, row in rows.items()}
    for name, row in medians.items():
        print(f"{words[name]:<40} " + " ".join(f"{value:>{width}.2f}" for value, width in zip(row, (12, 12, 9))))
    with urllib.request.urlopen(f"http://127.0.0.1:{hub.port + 2}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(("vigie_gate_", "vigie_door_")) and not line.startswith("#"):
                print(line)
    for end in (feeding, crowding):
        end.send("end")
    lost = feeding.recv()[1]
    for worker in workers:
        worker.join(10)
    return judge(medians, lost)


def judge(medians, lost):
    """Says each limit and whether it was kept; the exit code."""
    reached = [("trackers that are all back, s", medians["trackers"][2], BACK_S_MAX),
               ("feed p99 while they come back, ms", medians["trackers"][1], P99_MS_MAX),
               ("feed p99 while strangers are turned away, ms", medians["strangers"][1], P99_MS_MAX),
               ("messages of the feed that did not arrive", lost, 0)]
    missed = [what for what, value, most in reached if not value <= most]  # what is no number is missed, too
    for what, value, most in reached:
        print(f"{'MISSED' if what in missed else 'kept':<7} {what}: {value:.2f}, at most {most}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

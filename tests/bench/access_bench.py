#!/usr/bin/env python3
"""What asking everybody who they are costs those who are known: the feed's latency while a thousand enrolled trackers
come back at once, and while ten thousand strangers are turned away.

    tests/bench/access_bench.py [--trackers 1000] [--strangers 10000] [--rounds 3] [--hub-set threads.io=2]

Needs VIGIE_BIN, VIGIE_SCHEMAS and VIGIE_WIRE_PYTHON as the conformance tests have them (tests/bench/README.md). One hub
on loopback, clients in two other processes; prints a table of medians over the rounds and ends by itself.
"""

import argparse
import math
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
import hub as hubs  # noqa: E402
import zmq  # noqa: E402

CONSOLE, TRACKER, GATEWAY = 2, 1, 3
EVERY_S = 0.005
CROWD_S = 0.02  # a crowd of trackers looks this often
LIMIT_S = 120


def feed(addresses, gateway, room, orders):
    """An honest pair: a fix each EVERY_S, and how long each took to the console. Answers "mark" with those since."""
    context = zmq.Context()
    publisher = client.Publisher(context, addresses[0], identity=gateway)
    console = client.Console(context, addresses[1], identity=room)
    publisher.hello()
    console.open()
    sent, took = {}, []
    poller = zmq.Poller()
    for one in (publisher.connection.socket, console.connection.socket):
        poller.register(one, zmq.POLLIN)
    due = time.monotonic()
    while True:
        while orders.poll(0):
            if orders.recv() == "end":
                context.destroy(linger=0)
                return
            orders.send(took)
            took = []
        now = time.monotonic()
        if now >= due:
            due = max(due + EVERY_S, now)
            number = publisher.fix("feed/v1", client.fix(1, 1))
            sent[number] = time.monotonic()
            publisher.send_all()
        for ready, _ in poller.poll(max(0, (due - time.monotonic()) * 1000)):
            if ready is publisher.connection.socket:
                publisher.step(0)
                continue
            before = len(console.fixes)
            console.step(0)
            for _ in console.fixes[before:]:
                took.append(time.monotonic() - sent.pop(min(sent)))


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


def percentiles(took):
    took = sorted(took) or [math.nan]
    return took[len(took) // 2] * 1000, took[min(len(took) - 1, len(took) * 99 // 100)] * 1000


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
        run(hub, options, (gateway, room), identities)
    finally:
        hub.close()


def run(hub, options, pair, identities):
    addresses = (hub.publish, hub.listen)
    spawn = multiprocessing.get_context("spawn")
    ends = [spawn.Pipe() for _ in range(2)]
    workers = [spawn.Process(target=feed, args=(addresses, *pair, ends[0][1]), daemon=True),
               spawn.Process(target=crowd, args=(addresses, identities, pair[0].hub_key, options.strangers, ends[1][1]),
                             daemon=True)]
    for worker in workers:
        worker.start()
    feeding, crowding = ends[0][0], ends[1][0]
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
        return (*percentiles(feeding.recv()), seconds)

    rows = {name: [] for name in ("", "trackers", "strangers")}
    for _ in range(options.rounds):
        for name, row in rows.items():
            row.append(during(name))
            print(name or "nothing", *(f"{value:.2f}" for value in row[-1]), file=sys.stderr)
    words = {"": "nothing else happens", "trackers": f"{len(identities)} trackers come back at once",
             "strangers": f"{options.strangers} strangers are turned away"}
    print(f"{'meanwhile':<40} {'feed p50 ms':>12} {'feed p99 ms':>12} {'seconds':>9}")
    for name, row in rows.items():
        print(f"{words[name]:<40} " + " ".join(f"{statistics.median(column):>{width}.2f}"
                                               for column, width in zip(zip(*row), (12, 12, 9))))
    with urllib.request.urlopen(f"http://127.0.0.1:{hub.port + 2}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(("vigie_gate_", "vigie_door_")) and not line.startswith("#"):
                print(line)
    for end in (feeding, crowding):
        end.send("end")
    for worker in workers:
        worker.join(10)


if __name__ == "__main__":
    main()

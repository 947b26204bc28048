"""An honest tracker and console beside whatever else happens to a hub: each message is timed from one to the other."""

import math
import time

import client
import zmq

PATIENCE_S = 60  # for what is on its way at the end
ALIVE_S = 1      # the console says so often that it is there, whatever it is sent


def percentile(took, share):
    """Of seconds, that below which so many percent lie; no number where there are none."""
    took = sorted(took) or [math.nan]
    return took[min(len(took) - 1, len(took) * share // 100)]


def serve(addresses, tracker, room, orders, unit, every_s, kind="fixes"):
    """One of `kind` (fixes, events) each `every_s`. Says "ready" over the pipe `orders` when the first was seen; is
    told "mark", and answers with how long each took since the last mark; is told "end", and answers, once all were
    seen or no more come, with the times and how many were said and not seen."""
    context = zmq.Context()
    publisher = client.Publisher(context, addresses[0], identity=tracker)
    console = client.Console(context, addresses[1], identity=room)
    publisher.hello()
    console.open()
    shown = getattr(console, kind)
    sent, took, until = {}, [], None
    due = alive = time.monotonic()
    ready = False
    poller = zmq.Poller()
    for one in (publisher.connection.socket, console.connection.socket):
        poller.register(one, zmq.POLLIN)
    while until is None or (sent and time.monotonic() < until):
        while until is None and orders.poll(0):
            if orders.recv() == "end":
                until = time.monotonic() + PATIENCE_S
            else:
                orders.send(took)
                took = []
        now = time.monotonic()
        if until is None and now >= due:
            due = max(due + every_s, now)
            sent[say(publisher, unit, kind)] = time.monotonic()
            publisher.send_all()
        if now >= alive:
            alive = now + ALIVE_S
            console.grant()
        for one, _ in poller.poll(max(0, (due - time.monotonic()) * 1000) if until is None else 100):
            if one is publisher.connection.socket:
                publisher.step(0)
                continue
            before = len(shown)
            console.step(0)
            for _, _, seen in shown[before:]:
                took.append(time.monotonic() - sent.pop(seen if kind == "events" else seen["true_time_us"]))
        if took and not ready:
            orders.send("ready")
            ready = True
    orders.send((took, len(sent)))
    context.destroy(linger=0)


def say(publisher, unit, kind):
    """What it is told by when it is seen again."""
    if kind == "fixes":
        fix = client.fix(1, 1)
        publisher.fix(unit, fix)
        return fix["true_time_us"]
    text = str(publisher.next_number)
    publisher.event(unit, "text", text)
    return text

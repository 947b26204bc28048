"""A publisher and a console of Vigie, written from schemas/ alone (PROTOCOL.md, the .fbs files, limits.h).

They keep every MUST of the protocol page and say so when the hub does not: a ProtocolError. One thread; nothing
happens but inside the calls.
"""

import os
import secrets
import time

import writing
from connection import Connection, Identity, ProtocolError, check

NO_STAMP = {"first_seq": 0, "known_time_us": 0, "clock_offset_us": 0, "first_count": 0, "late_since": 0}
UNKNOWN = {"altitude_mm": -2147483648, "speed_mm_s": 4294967295, "course_mdeg": 4294967295,
           "h_accuracy_mm": 4294967295, "v_accuracy_mm": 4294967295, "clock": 1, "fix_type": 4,
           "satellites": 255, "battery_percent": 255, "source": 1, "marks": 0, "reserved": 0}
LATE, ASIDE = 1, 4  # marks of fixes that do not move their unit
LIVE, CONFLATED, SNAPSHOT, REPLAY = 1, 2, 3, 4
FIRST_PAGE, LAST_PAGE, REPLACE = 1, 2, 4


def now_us():
    return time.time_ns() // 1000


def fix(lat, lon, true_time_us=None, **known):
    return {"true_time_us": now_us() if true_time_us is None else true_time_us,
            "lat_e7": round(lat * 1e7), "lon_e7": round(lon * 1e7), **UNKNOWN, **known}


class Publisher:
    """A tracker with a spool in memory."""

    def __init__(self, context, address, spool=None, identity=None):
        self.context, self.address, self.identity = context, address, identity
        spool = spool or (identity and identity.spool())
        self.spool = spool or {"high": secrets.randbits(63) + 1, "low": secrets.randbits(63) + 1}
        self.next_number = 1
        self.unsettled = {}  # number -> (list of the batch, entry with one number)
        self.sent_here = set()  # numbers sent on this connection: not to be sent again on it
        self.refused = {}  # number -> (code, reason)
        self.granted = self.sent = 0
        self.clock_ahead_us = 0  # of the device's clock
        self.welcome = None
        self.rejected = []
        self.rehellos = 0
        self.connection = Connection(context, address, identity)

    def close(self):
        self.connection.close()

    def reconnect(self):
        self.connection.close()
        self.connection = Connection(self.context, self.address, self.identity)
        self.welcome = None

    def hello(self, seconds=10):
        """Says Hello until a Welcome comes; drops what it settles."""
        until = time.monotonic() + seconds
        self.welcome = None
        while self.welcome is None and time.monotonic() < until:
            self.connection.send("Hello", {"protocol": 1, "spool": self.spool, "client": "black box",
                                           "sent_time_us": self.device_us()})
            patience = min(until, time.monotonic() + 5)
            while self.welcome is None and time.monotonic() < patience:
                self.step(patience - time.monotonic())
        check(self.welcome is not None, "no Welcome")
        return self.welcome

    def device_us(self):
        return now_us() + self.clock_ahead_us

    # --- what is said ---
    def add(self, kind, entry):
        number = self.next_number
        self.next_number += 1
        self.unsettled[number] = (kind, {**entry, "stamp": NO_STAMP})
        return number

    def event(self, unit, kind, text, group="", **more):
        return self.add("events", {"unit": unit, "group": group or None, "kind": kind, "text": text,
                                   "true_time_us": now_us(), "clock": 1, **more})

    def card(self, unit, call_sign, deleted=False):
        card = None if deleted else {"call_sign": call_sign, "unit_kind": "vehicle"}
        return self.add("states", {"name": unit, "kind": 1, "true_time_us": now_us(), "clock": 1,
                                   "deleted": deleted, "card": card})

    def access(self, name, **content):
        """What says who may do what: identity=, invite= or grant=; none of them deletes kind `kind`."""
        kinds = {"identity": 2, "invite": 3, "grant": 4}
        kind = content.pop("kind", None) or next(kinds[one] for one in kinds if one in content)
        return self.add("states", {"name": name, "kind": kind, "group": "_access", "true_time_us": now_us(),
                                   "clock": 1, "deleted": not content, **content})

    def fix(self, unit, one, group=""):
        return self.add("fixes", {"unit": unit, "group": group or None, "fixes": [one]})

    # --- the conversation ---
    def batch_of(self, numbers):
        batch = {"spool": self.spool, "sent_time_us": self.device_us(), "events": [], "states": [], "fixes": []}
        for number in numbers:
            kind, entry = self.unsettled[number]
            name = "first_number" if kind == "fixes" else "number"
            batch[kind].append({**entry, name: number})
        return batch

    def send_all(self, per_batch=100):
        """Sends what was not sent on this connection, as far as credit goes; events and states first."""
        waiting = sorted((number for number in self.unsettled if number not in self.sent_here),
                         key=lambda number: (self.unsettled[number][0] == "fixes", number))
        while waiting:
            numbers, waiting = waiting[:per_batch], waiting[per_batch:]
            batch = self.batch_of(numbers)
            data = writing.message("VGBT", "Batch", batch)
            check(len(data) <= self.welcome["batch_bytes_max"], "the test makes too large a batch")
            if self.sent + len(data) > self.granted:
                return False
            self.connection.socket.send(data)
            self.sent += len(data)
            self.sent_here.update(numbers)
        return True

    def step(self, seconds):
        """Takes one message. False when none came."""
        came = self.connection.receive(max(0, seconds))
        if came is None:
            return False
        root, values, _ = came
        if root == "Welcome":
            check(values["protocol"] == 1, "another protocol")
            self.welcome = values
            self.granted, self.sent = values["granted_bytes"], 0
            self.sent_here.clear()
            self.settle(values.get("settled", []))
        elif root == "Ack":
            check(values["granted_bytes"] >= self.granted, "credit went back")
            self.granted = values["granted_bytes"]
            for one in values.get("refused", []):
                for number in range(one["numbers"]["first"], one["numbers"]["last"] + 1):
                    check(number in self.unsettled, f"number {number} is refused and was not open")
                    self.refused[number] = (one["code"], one["reason"])
                    del self.unsettled[number]
            for one in values.get("settled", []):
                for number in range(one["first"], one["last"] + 1):
                    check(number in self.sent_here, f"number {number} is settled and was not sent")
            self.settle(values.get("settled", []))
        elif root == "Rehello":
            self.rehellos += 1
            self.welcome = None
        elif root == "Rejected":
            self.rejected.append(values)
        else:
            raise ProtocolError(f"a {root} on the publish endpoint")
        return True

    def settle(self, ranges):
        last = 0
        for one in ranges:
            check(last < one["first"] <= one["last"], "ranges do not rise")
            last = one["last"]
        for number in list(self.unsettled):
            if any(one["first"] <= number <= one["last"] for one in ranges):
                del self.unsettled[number]

    def run_until_settled(self, seconds=30, per_batch=100):
        """Publishes everything; says Hello again where it must."""
        until = time.monotonic() + seconds
        while self.unsettled:
            check(time.monotonic() < until, f"{len(self.unsettled)} numbers stay open")
            if self.welcome is None:
                self.hello(until - time.monotonic())
                continue  # it may have settled everything
            self.send_all(per_batch)
            if not self.step(5):
                self.welcome = None  # nothing heard while waiting for an ack: say Hello again


class Console:
    """A console that keeps all it is told, to be compared with what was published."""

    def __init__(self, context, address, identity=None):
        self.context, self.address, self.identity = context, address, identity
        self.connection = Connection(context, address, identity)
        self.opened = None
        self.window = 1 << 20
        self.granting = True
        self.received_bytes = self.granted = 0
        self.fix_seq = self.event_seq = 0
        self.units = {}    # name -> {"seq", "count", "fix", "group"} of its newest fix
        self.cards = {}    # name -> {"seq", "call_sign", "deleted"}
        self.access = {}   # (kind, name) -> state of who may do what
        self.events = []   # (spool low, number, text) in the order they came
        self.event_seqs = []
        self.fixes = []    # (seq, unit, fix) from live and replay frames
        self.conflated = 0  # fixes that were passed over, by the counts
        self.frames = {LIVE: 0, CONFLATED: 0, SNAPSHOT: 0, REPLAY: 0}
        self.refills = 0
        self.holed = False
        self.listed = None  # names in the snapshot that is coming
        self.drop_next = 0  # frames to lose on purpose
        self.states = []    # ReplayState answers
        self.reopen = self.denied = None
        self.heartbeats = 0
        self.probed = 0    # the newest that was said back
        self.clock = []     # time_us of replay frames

    def close(self):
        self.connection.close()

    # --- what is said ---
    def open(self, seconds=10, window=1 << 20, **values):
        self.window = self.granted = window
        self.received_bytes = 0
        self.opened = self.reopen = self.denied = None
        self.connection.send("Open", {"protocol": 1, "client": "black box", "granted_bytes": window, **values})
        self.run(lambda: self.opened or self.denied or self.reopen, seconds)
        return self.opened

    def again(self, **values):
        """A new connection, opened with the token."""
        self.connection.close()
        self.connection = Connection(self.context, self.address, self.identity)
        self.holed = False
        return self.open(start=1, token=self.token(), **values)

    def token(self):
        return list(writing.inline_bytes("Token", {"log": self.opened["log"], "event": self.event_seq,
                                                   "fix": self.fix_seq}))

    def grant(self):
        self.granted = self.received_bytes + self.window
        self.connection.send("Credit", {"granted_bytes": self.granted, "received": self.fix_seq})

    def probe(self, number):
        self.connection.send("Credit", {"granted_bytes": self.granted, "received": self.fix_seq, "probe": number})

    def control(self, request, kind, time_us=0, speed=0.0, seconds=10):
        self.connection.send("Control", {"request": request, "kind": kind, "time_us": time_us, "speed": speed})
        self.run(lambda: any(state["request"] == request for state in self.states), seconds)
        return next(state for state in self.states if state["request"] == request)

    # --- what is heard ---
    def run(self, until, seconds=20):
        """Takes messages until `until()` holds."""
        end = time.monotonic() + seconds
        while not until():
            check(time.monotonic() < end, f"waited {seconds} s in vain: {self.summary()}")
            self.step(min(1, max(0, end - time.monotonic())))

    def summary(self):
        return (f"{self.frames} frames, fix {self.fix_seq}, event {self.event_seq}, {len(self.events)} events, "
                f"{len(self.fixes)} fixes, denied {self.denied}, reopen {self.reopen}")

    def step(self, seconds):
        came = self.connection.receive(seconds)
        if came is None:
            if self.granting and self.opened:
                self.grant()  # shows that it lives
            return
        root, values, data = came
        if root == "frame":
            self.received_bytes += len(data)
            check(self.received_bytes <= self.granted, "more was sent than was granted")
            self.on_frame(values, len(data))
            if self.granting and self.granted - self.received_bytes < self.window * 3 // 4:
                self.grant()
        elif root == "Opened":
            self.opened = values
            self.fix_seq, self.event_seq = values["position"]["fix"], values["position"]["event"]
            self.holed = False
        elif root == "Heartbeat":
            self.heartbeats += 1
            self.probed = values.get("probe", 0)
            # By a grant that has terms it tells the clock alone.
            if self.opened["mode"] == 0 and "sent" in values:
                self.on_position(values["sent"], values["position"])
            if self.granting:
                self.grant()
        elif root == "ReplayState":
            self.states.append(values)
        elif root == "Reopen":
            self.reopen = values
        elif root == "Denied":
            self.denied = values
        else:
            raise ProtocolError(f"a {root} on the listen endpoint")

    def on_position(self, sent, position):
        if self.listed is not None or self.holed:
            return
        if sent["fix"] > self.fix_seq or sent["event"] > self.event_seq:
            self.refill()
            return
        self.fix_seq = max(self.fix_seq, position["fix"])
        self.event_seq = max(self.event_seq, position["event"])

    def refill(self):
        if self.listed is not None:
            return  # a snapshot is coming: its last page sets the position
        self.holed = True
        self.refills += 1
        self.connection.send("Refill", {"token": self.token()})

    def on_frame(self, frame, size):
        header = frame["header"]
        check(size <= self.opened["frame_bytes_max"], f"a frame of {size} bytes")
        check(header["log"] == self.opened["log"], "a frame of another log")
        if self.drop_next and header["kind"] in (LIVE, CONFLATED):
            self.drop_next -= 1
            return
        kind = header["kind"]
        if kind not in self.frames:
            return
        self.frames[kind] += 1
        if kind == SNAPSHOT:
            self.on_page(frame)
        elif kind == REPLAY:
            self.clock.append(header["time_us"])
            for block in frame["blocks"]:
                self.take_entries(block, replay=True)
        else:
            self.on_live(frame)

    def on_page(self, frame):
        flags = frame["header"]["flags"]
        if flags & FIRST_PAGE:
            self.listed = set() if flags & REPLACE else None
        for block in frame["blocks"]:
            self.take_entries(block, page=True)
        if not flags & LAST_PAGE:
            return
        if self.listed is not None:
            self.units = {name: unit for name, unit in self.units.items() if ("unit", name) in self.listed}
            self.cards = {name: card for name, card in self.cards.items() if ("card", name) in self.listed}
        self.listed = None
        self.fix_seq = frame["header"]["last"]

    def on_live(self, frame):
        header = frame["header"]
        if header["prev"] > self.fix_seq or header["prev_event"] > self.event_seq:
            if not self.holed:
                self.refill()
            return
        self.holed = False
        for block in frame["blocks"]:
            self.take_entries(block)
        self.fix_seq = max(self.fix_seq, header["last"])
        self.event_seq = max(self.event_seq, header["last_event"])

    def take_entries(self, block, page=False, replay=False):
        if block["header"]["kind"] == 4:
            for leave in block["payload"].get("leaves", []):
                if leave["seq"] >= self.units.get(leave["unit"], {"seq": leave["seq"]})["seq"]:
                    self.units.pop(leave["unit"], None)
        if block["header"]["kind"] != 1:
            return
        batch = block["payload"]
        for event in batch.get("events", []):
            seq = event["stamp"]["first_seq"]
            if replay or seq > self.event_seq:
                self.event_seqs.append(seq)
                spool = event.get("spool") or batch["spool"]
                self.events.append((spool["low"], event["number"], event["text"]))
        for state in batch.get("states", []):
            self.take_state(state, page)
        for section in batch.get("fixes", []):
            self.take_section(section, page, replay)

    def take_state(self, state, page):
        seq = state["stamp"]["first_seq"]
        name = state["name"]
        if state["kind"] != 1:
            self.access[state["kind"], name] = state
            return
        if page and self.listed is not None:
            self.listed.add(("card", name))
        if seq < self.cards.get(name, {"seq": 0})["seq"]:
            return
        self.cards[name] = {"seq": seq, "deleted": state["deleted"],
                            "call_sign": state.get("card", {}).get("call_sign")}

    def take_section(self, section, page, replay):
        stamp = section["stamp"]
        name = section["unit"]
        if page and self.listed is not None:
            self.listed.add(("unit", name))
        for i, one in enumerate(section["fixes"]):
            seq, count = stamp["first_seq"] + i, stamp["first_count"] + i
            if replay:
                self.fixes.append((seq, name, one))
                continue
            unit = self.units.get(name)
            if not page:
                if seq <= self.fix_seq or (unit and seq <= unit["seq"]):
                    continue  # had before
                self.fixes.append((seq, name, one))
                if unit:
                    self.conflated += count - unit["count"] - 1 + stamp["late_since"]
            if unit and (seq < unit["seq"] or one["marks"] & (LATE | ASIDE)):
                unit["count"] = max(unit["count"], count)
                continue
            self.units[name] = {"seq": seq, "count": count + stamp["late_since"], "fix": one,
                                "group": section.get("group", "")}


def addresses(port, host="127.0.0.1"):
    return f"tcp://{host}:{port}", f"tcp://{host}:{port + 1}"


def program(name):
    return os.path.join(os.environ["VIGIE_BIN"], name)

"""The real programs for the tests of this folder: a hub that can be killed, `vigie` beside it, and what was seen.

Hubs ask who is there, and whoever speaks to them is enrolled; VIGIE_PLAIN=1 runs the same tests with plain hubs. Rounds
come from VIGIE_ROUNDS (default 4), all chance from VIGIE_SEED, which is printed.
"""

import datetime
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

_TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_TESTS / "conformance" / "python"), str(_TESTS / "integration" / "cli")]
import client  # noqa: E402
import hub as hubs  # noqa: E402
import vigie_programs  # noqa: E402
import zmq  # noqa: E402

Line = dict[str, Any]  # of NDJSON

ROUNDS = int(os.environ.get("VIGIE_ROUNDS", "4"))
SEED = int(os.environ.get("VIGIE_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
GUARDED = os.environ.get("VIGIE_PLAIN", "") in ("", "0")
WAIT_S = 60
CONSOLE, GATEWAY, ADMINISTRATOR = 2, 3, 5  # roles
SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US


def text_of(time_us: int) -> str:
    """RFC 3339, as the programs write it."""
    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=time_us)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def us_of(text: str) -> int:
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def name_of(line: Line) -> tuple[str, int]:
    """The message's name for ever."""
    return line["spool"], int(line["number"])


def of_class(lines: Sequence[Line], wanted: str) -> list[Line]:
    return [line for line in lines if line.get("class") == wanted]


def without_access(lines: Sequence[Line]) -> list[Line]:
    """What people and devices said, without what says who may do what."""
    return [line for line in lines if not line.get("channel", "").endswith("/_access")]


def await_that(holds: Callable[[], Any], what: str, seconds: float = WAIT_S, every_s: float = 0.01) -> None:
    """Asks again and again, for what cannot be listened to."""
    until = time.monotonic() + seconds
    pause = threading.Event()
    while not holds():
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        pause.wait(every_s)


class Room(vigie_programs.Place):
    """A temporary folder with a hub that keeps its ports over restarts; spools lie in it too.

    Each of `owners` has a gateway that publishes for all its units, and the first one a console, which the others show
    all that is theirs, the past too. What says so in the log is left out of what the methods here give.
    """

    def __init__(self, *options: str, owners: Sequence[str] = ("blue",), **values: Any) -> None:
        super().__init__(with_hub=False)
        self.owners = owners
        self.identities: dict[str, client.Identity] = {}
        self.hub = hubs.Hub(*options, guarded=GUARDED, **values)
        if GUARDED:
            self.enrol()

    def __exit__(self, *_: object) -> None:
        self.hub.close()
        self.hub = None
        super().__exit__()

    def enrol(self) -> None:
        with zmq.Context() as context:
            for owner in self.owners:
                name = f"{owner}/gateway"
                self.identities[name] = self.hub.enrol(context, name, GATEWAY, [f"{owner}/*"])
                self.identities[name].write(self.key_file(name), role="gateway")
            reader = self.identities[self.reader] = self.hub.enrol(context, self.reader, CONSOLE)
            reader.write(self.key_file(self.reader))
            for owner in self.owners[1:]:
                chief = self.hub.enrol(context, f"{owner}/chief", ADMINISTRATOR)
                grant = {"to": self.owners[0], "past": True}
                refused = self.hub.say_access(context, chief, f"{owner}/all", grant=grant)
                assert refused is None, refused

    def enrol_again(self) -> None:
        """What damage may have taken: the hub's administrator, whom the key folder names, says it anew."""
        if not GUARDED:
            return
        chief = self.hub.administrator()
        with zmq.Context() as context:
            for name, who in self.identities.items():
                role, units = (CONSOLE, []) if name == self.reader else (GATEWAY, [f"{name.split('/')[0]}/*"])
                refused = self.hub.say_access(context, chief, name,
                                              identity={"key": who.key.hex(), "role": role, "units": units})
                assert refused is None, refused

    @property
    def reader(self) -> str:
        return f"{self.owners[0]}/room"

    def gateway(self, owner: str) -> client.Identity | None:
        """None where nobody is asked."""
        return self.identities.get(f"{owner}/gateway")

    def key_file(self, name: str) -> pathlib.Path:
        return self.folder / (name.replace("/", "-") + ".toml")

    @property
    def data(self) -> pathlib.Path:
        return pathlib.Path(self.hub.folder.name) / "data"

    def address(self) -> str:
        return f"{self.hub.host}:{self.hub.port}"

    def command(self, name: str, *arguments: object, hub: str | None = None) -> list[Any]:
        command = super().command(name, *arguments, hub=hub or self.address())
        if not GUARDED:
            return command
        owner = arguments[arguments.index("--owner") + 1] if name == "track" else None
        who = f"{owner}/gateway" if owner else self.reader
        return [*command, "--identity", self.key_file(who)]

    def replay(self, *arguments: object) -> list[Line]:
        return without_access(super().replay(*arguments))

    def page(self, name: str) -> str:
        url = f"http://{self.hub.host}:{self.hub.port + 2}/{name}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()

    def status(self) -> dict[str, Any]:
        return json.loads(self.page("status"))

    def figure(self, name: str) -> float:
        for line in self.page("metrics").splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise AssertionError(f"no figure {name}")

    def head(self) -> int:
        return int(self.status()["log"]["head"])

    def kill_hub(self) -> None:
        """kill -9, and up again on the same ports."""
        self.hub.stop(kill=True)
        self.hub.start()

    def picture(self, *arguments: object) -> list[Line]:
        done = self.run("watch", "--snapshot", "--format", "ndjson", *arguments)
        assert done.returncode == 0, done.stderr
        return without_access(vigie_programs.lines_of(done.stdout))


class Watch:
    """A `vigie watch` (or another command) whose NDJSON is read as it comes."""

    def __init__(self, room: Room, *arguments: object, name: str = "watch", hub: str | None = None) -> None:
        self.lines: list[Line] = []
        self.came = threading.Condition()
        self.process = subprocess.Popen(room.command(name, "--format", "ndjson", "--notices", *arguments, hub=hub),
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env=room.environment())
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for text in self.process.stdout:
            if not text.endswith("\n"):
                break  # killed in the middle of a line
            with self.came:
                self.lines.append(json.loads(text, parse_float=str))
                self.came.notify_all()

    def entries(self, wanted: str = "") -> list[Line]:
        """What was shown, without notices; of one class."""
        with self.came:
            return without_access([line for line in self.lines if "seq" in line and wanted in ("", line["class"])])

    def notices(self, wanted: str) -> list[Line]:
        with self.came:
            return [line for line in self.lines if line.get("notice") == wanted]

    def wait(self, holds: Callable[["Watch"], Any], what: str, seconds: float = WAIT_S) -> None:
        until = time.monotonic() + seconds
        while not holds(self):
            with self.came:
                left = until - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"waited {seconds} s in vain: {what}; the last lines: {self.lines[-5:]}")
                self.came.wait(min(left, 0.5))

    def wait_live(self) -> None:
        self.wait(lambda watch: any(line["state"] == "live" for line in watch.notices("link")), "live")

    def end(self, how: signal.Signals = signal.SIGKILL) -> list[Line]:
        """All it had shown."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        assert self.process.stdout
        self.process.stdout.close()
        return self.entries()


class Link:
    """Three ports of this machine in front of a hub's: delays what passes, and is cut at any byte. Needs no right."""

    def __init__(self, room: Room, delay_s: float = 0.0) -> None:
        self.room, self.delay_s = room, delay_s
        self.open = True
        self.ends: list[socket.socket] = []
        self.lock = threading.Lock()
        self.pause = threading.Event()
        self.passed = 0
        self.port = hubs.free_port()
        self.servers = [socket.create_server(("127.0.0.1", self.port + step)) for step in range(3)]
        for step, server in enumerate(self.servers):
            threading.Thread(target=self._serve, args=(server, step), daemon=True).start()
        self.address = f"127.0.0.1:{self.port}"

    def _serve(self, server: socket.socket, step: int) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            try:
                if not self.open:
                    raise OSError("cut")
                far = socket.create_connection((self.room.hub.host, self.room.hub.port + step), 10)
            except OSError:
                near.close()
                continue
            with self.lock:
                self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(16384):
                if self.delay_s:
                    self.pause.wait(self.delay_s)
                sink.sendall(data)
                self.passed += len(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self) -> None:
        """Whatever is under way is lost, in the middle of a message too."""
        self.open = False
        with self.lock:
            ends, self.ends = self.ends, []
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def mend(self) -> None:
        self.open = True

    def close(self) -> None:
        for server in self.servers:
            server.shutdown(socket.SHUT_RDWR)
            server.close()
        self.cut()


class Publishers:
    """The gateways of several owners as one publisher: what is said goes to the one of the unit's owner."""

    def __init__(self, by_owner: dict[str, client.Publisher]) -> None:
        self.by_owner = by_owner

    def of(self, unit: str) -> client.Publisher:
        return self.by_owner[unit.split("/")[0]]

    def said(self) -> int:
        """How many messages so far."""
        return sum(one.next_number - 1 for one in self.by_owner.values())

    def names(self) -> list[tuple[int, int]]:
        """Of all of them: the spool's second half, and the number."""
        return [(one.spool["low"], number) for one in self.by_owner.values() for number in range(1, one.next_number)]

    def send_all(self, per_batch: int) -> None:
        for one in self.by_owner.values():
            one.hello()
            one.send_all(per_batch=per_batch)

    def run_until_settled(self, seconds: float) -> None:
        for one in self.by_owner.values():
            one.run_until_settled(seconds)

    def reconnect(self) -> None:
        for one in self.by_owner.values():
            one.reconnect()


class PromiseTest(unittest.TestCase):
    def setUp(self) -> None:
        self.random = random.Random(SEED)
        self.context = zmq.Context()
        self.addCleanup(self.context.term)

    def same(self, got: Sequence[Any], wanted: Sequence[Any], what: str) -> None:
        """As assertEqual, but quick on long lists that differ: says where."""
        for place, (one, other) in enumerate(zip(got, wanted)):
            if one != other:
                self.fail(f"{what}: at {place} of {len(got)} stands {one!r}, and {other!r} was due (of {len(wanted)})")
        self.assertEqual(len(got), len(wanted), f"{what}: too few or too many; {got[len(wanted):][:3]}"
                         f" / {wanted[len(got):][:3]}")

    def room(self, *options: str, **values: Any) -> Room:
        room = Room(*options, **values)
        self.addCleanup(room.__exit__)
        return room

    def watch(self, room: Room, *arguments: object, **values: Any) -> Watch:
        watch = Watch(room, *arguments, **values)
        self.addCleanup(watch.end)
        return watch

    def publisher(self, room: Room, owner: str | None = None) -> client.Publisher:
        """Of the first owner, or of another."""
        who = room.gateway(owner or room.owners[0])
        publisher = client.Publisher(self.context, room.hub.publish, identity=who)
        self.addCleanup(lambda: publisher.close())
        return publisher

    def publishers(self, room: Room) -> Publishers:
        return Publishers({owner: self.publisher(room, owner) for owner in room.owners})


def main() -> None:
    if not hubs.is_built():
        print("skipped: vigie-hub is not built")
        sys.exit(77)
    print(f"VIGIE_SEED={SEED} VIGIE_ROUNDS={ROUNDS}", file=sys.stderr, flush=True)
    outcome = unittest.main(verbosity=2, exit=False).result
    if not outcome.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if outcome.testsRun == len(outcome.skipped) else 0)

"""Starts the real programs for the tests of the command: a hub on free ports, and `vigie` itself."""
import datetime
import fcntl
import json
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading

BIN = pathlib.Path(os.environ.get("VIGIE_BIN", "build/bin"))
SOURCE = pathlib.Path(os.environ.get("VIGIE_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
RECORDINGS = pathlib.Path(os.environ.get("VIGIE_RECORDINGS") or SOURCE.parent / "shared" / "data")
WAIT_S = 60


class Hub:
    """A hub with its own data folder, on free ports unless told; `address` is its HOST:PORT."""

    def __init__(self, folder, port=None, guarded=False):
        """`guarded`: it asks who is there (else it is plain)."""
        self.keys = pathlib.Path(folder) / "keys"
        self.process = subprocess.Popen(
            [BIN / "vigie-hub", *([] if guarded else ["--plain"]), "--data", folder, "--port", str(port or 0)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.log = ""
        self.port = None
        for line in self.process.stdout:
            self.log += line
            found = re.search(r"publish=tcp://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        if self.port is None:
            raise AssertionError("the hub did not start:\n" + self.log)
        self.address = f"127.0.0.1:{self.port}"
        self.reader = threading.Thread(target=self._drain, daemon=True)
        self.reader.start()

    def _drain(self):
        for line in self.process.stdout:
            self.log += line

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        self.process.stdout.close()


class Place:
    """A temporary folder with a hub; spools lie in it too."""

    def __init__(self, with_hub=True, guarded=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-cli-"))
        self.hub = Hub(self.folder / "data", guarded=guarded) if with_hub else None
        self.heard = None  # given the name and the finished process of each run(), where it is set

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.hub:
            self.hub.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, name, *arguments, hub=None):
        return [BIN / "vigie", name, *map(str, arguments), "--hub", hub or self.hub.address]

    def environment(self):
        return {**os.environ, "XDG_STATE_HOME": str(self.folder / "state"),
                "XDG_CONFIG_HOME": str(self.folder / "config"), "TERM": "xterm"}

    def start(self, name, *arguments, hub=None, **options):
        return subprocess.Popen(self.command(name, *arguments, hub=hub), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self.environment(), **options)

    def run(self, name, *arguments, hub=None):
        """The finished process; its output as text."""
        done = subprocess.run(self.command(name, *arguments, hub=hub), text=True,
                              capture_output=True, timeout=WAIT_S, env=self.environment())
        if self.heard:
            self.heard(name, done)
        return done

    def replay(self, *arguments):
        done = self.run("replay", "--format", "ndjson", *arguments)
        assert done.returncode == 0, done.stderr
        return lines_of(done.stdout)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


class BeforePublishing:
    """A way to the hub, `address`, on which something is done after a program reads and before it publishes."""

    def __init__(self, place, do):
        self.hub, self.do = place.hub, do
        self.done = False
        self.threads = []
        self.ends = []
        # Publish on a port, listen on the next, as the hub's own.
        while True:
            publish = socket.create_server(("127.0.0.1", 0))
            try:
                listen = socket.create_server(("127.0.0.1", publish.getsockname()[1] + 1))
                break
            except (OSError, OverflowError):
                publish.close()
        self.servers = [publish, listen]
        self.address = f"127.0.0.1:{publish.getsockname()[1]}"
        for step, server in enumerate(self.servers):
            self._start(self._serve, server, step)

    def _start(self, what, *arguments):
        thread = threading.Thread(target=what, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _serve(self, server, step):
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            if step == 0 and not self.done:
                self.done = True
                self.do()
            far = socket.create_connection(("127.0.0.1", self.hub.port + step))
            self.ends += [near, far]
            self._start(self._carry, near, far)
            self._start(self._carry, far, near)

    @staticmethod
    def _carry(one, other):
        try:
            while some := one.recv(65536):
                other.sendall(some)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in [*self.servers, *self.ends]:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in list(self.threads):
            thread.join(WAIT_S)
        for end in [*self.servers, *self.ends]:
            end.close()
        assert self.done, "nothing was published by this way"


def has_pseudo_terminals():
    """A bare root may have none."""
    try:
        for end in os.openpty():
            os.close(end)
    except OSError:
        return False
    return True


class OnTerminal:
    """`vigie` on a pseudo terminal of 120 columns; `seen` is all that it wrote there."""

    def __init__(self, place, name, *arguments, hub=None):
        self.ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
        self.process = subprocess.Popen(place.command(name, *arguments, hub=hub), stdin=theirs,
                                        stdout=theirs, stderr=theirs, env=place.environment())
        os.close(theirs)
        self.seen = ""
        self.past = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(WAIT_S)
        os.close(self.ours)

    def wait_for(self, wanted):
        """Reads until it has written `wanted` after what was waited for before."""
        while wanted not in self.seen[self.past:]:
            if not select.select([self.ours], [], [], WAIT_S)[0]:
                raise AssertionError(f"'{wanted}' never came:\n{self.seen!r}")
            self.seen += os.read(self.ours, 65536).decode(errors="replace")
        self.past = self.seen.index(wanted, self.past) + len(wanted)

    def press(self, keys):
        os.write(self.ours, keys.encode())

    def end(self):
        """Its exit code, once it has ended by itself; `seen` is complete then."""
        while True:
            try:
                if not select.select([self.ours], [], [], WAIT_S)[0]:
                    raise AssertionError(f"it does not end:\n{self.seen!r}")
                some = os.read(self.ours, 65536)
            except OSError:  # nobody holds the other end any more
                break
            if not some:
                break
            self.seen += some.decode(errors="replace")
        return self.process.wait(WAIT_S)


def lines_of(text):
    """NDJSON, with numbers left as the text they are."""
    return [json.loads(line, parse_float=str) for line in text.splitlines()]


def stop(process, how=signal.SIGINT):
    """Ends it as a person would; its output."""
    process.send_signal(how)
    return process.communicate(timeout=WAIT_S)


def leaves_a_core(process):
    """Whether the system writes a core of it, which it may: it is aborted."""
    resource.prlimit(process.pid, resource.RLIMIT_CORE, resource.getrlimit(resource.RLIMIT_CORE)[1:] * 2)
    process.send_signal(signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -os.WTERMSIG(status)
    assert process.returncode == -signal.SIGABRT, status
    return os.WCOREDUMP(status)


def cores_are_written(folder):
    """On this machine, of a program that does nothing about it."""
    with subprocess.Popen(["sleep", str(WAIT_S)], cwd=folder) as sleeping:
        return leaves_a_core(sleeping)


def wait_for(stream, wanted):
    """Reads lines until one has `wanted` in it."""
    seen = ""
    for line in stream:
        seen += line
        if wanted in line:
            return seen
    raise AssertionError(f"'{wanted}' never came:\n{seen}")


def nmea(body):
    """The sentence with its checksum."""
    total = 0
    for character in body:
        total ^= ord(character)
    return f"${body}*{total:02X}\r\n"


def gpx(points):
    rows = "".join(f'<trkpt lat="{lat}" lon="{lon}"><ele>{ele}</ele><time>{time}</time></trkpt>\n'
                   for lat, lon, ele, time in points)
    return f'<?xml version="1.0"?><gpx version="1.1"><trk><trkseg>{rows}</trkseg></trk></gpx>'


def ride(count):
    """Points whose seventh decimals matter."""
    start = datetime.datetime(2026, 3, 1, 6, tzinfo=datetime.timezone.utc)
    return [(f"15.9{i:06d}", f"-1.5{(i * 37) % 1000000:06d}", f"{280 + i / 4}",
             (start + datetime.timedelta(seconds=5 * i)).strftime("%Y-%m-%dT%H:%M:%SZ"))
            for i in range(count)]

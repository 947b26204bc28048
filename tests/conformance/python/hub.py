"""A real vigie-hub in a folder of its own, on free ports."""

import json
import os
import pathlib
import random
import selectors
import signal
import socket
import subprocess
import tempfile
import time

import client


def free_port():
    """The first of three free ports in a row, below those that the kernel gives to outgoing connections."""
    while True:
        first = random.randrange(10000, 32000)
        try:
            for port in range(first, first + 3):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


class Hub:
    def __init__(self, *options, host="127.0.0.1", prefix=(), folder=None, guarded=False):
        """`prefix`: a command that runs the hub, as in ip netns exec NAME; `folder`: where its own is made;
        `guarded`: it asks who is there (else it is plain)."""
        self.guarded = guarded
        self.folder = tempfile.TemporaryDirectory(prefix="vigie-conformance-", dir=folder)
        self.options = options
        self.host, self.prefix = host, list(prefix)
        self.process = None
        for attempt in range(5):
            self.port = free_port()
            try:
                self.start()
                return
            except RuntimeError:
                # Another program took a port meanwhile.
                if "in use" not in self.words() or attempt == 4:
                    raise

    def start(self):
        """Starts it, on the same ports as before; waits until it serves."""
        self.log = open(pathlib.Path(self.folder.name) / "log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [*self.prefix, client.program("vigie-hub"), "--data", self.folder.name + "/data", "--host", self.host,
             "--port", str(self.port), *([] if self.guarded else ["--plain"]), "--log-format", "json", *self.options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        until = time.monotonic() + 30
        heard = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stderr, selectors.EVENT_READ)
            while not any(json.loads(line)["text"] == "serving" for line in heard.split(b"\n")[:-1]):
                piece = b""
                if selector.select(max(0, until - time.monotonic())):
                    piece = os.read(self.process.stderr.fileno(), 65536)
                self.log.write(piece.decode())
                heard += piece
                if not piece:  # it ended, or says nothing
                    code = self.stop(kill=True)
                    raise RuntimeError(f"the hub does not serve ({code}): {self.words()}")

    def words(self):
        """The end of its log."""
        if not self.log.closed:
            self.log.flush()
        return pathlib.Path(self.log.name).read_text(encoding="utf-8")[-2000:]

    @property
    def publish(self):
        return client.addresses(self.port, self.host)[0]

    @property
    def listen(self):
        return client.addresses(self.port, self.host)[1]

    def administrator(self):
        """The identity that the hub made for its first administrator."""
        return client.Identity.read(self.folder.name + "/data/keys/administrator.toml")

    def say_access(self, context, who, name, **content):
        """Publishes a state of who may do what; returns how it was refused, or None."""
        publisher = client.Publisher(context, self.publish, identity=who)
        try:
            number = publisher.access(name, **content)
            publisher.run_until_settled()
            return publisher.refused.get(number)
        finally:
            publisher.close()

    def enrol(self, context, name, role, units=(), rank=0):
        """A new identity, made by the hub's administrator."""
        chief = self.administrator()
        made = client.Identity(name, chief.hub_key)
        refused = self.say_access(context, chief, name,
                                  identity={"key": made.key.hex(), "role": role, "units": list(units),
                                            "rank": rank})
        client.check(refused is None, f"{name} is not enrolled: {refused}")
        return made

    def stop(self, kill=False):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            _, rest = self.process.communicate(timeout=30)
            self.log.write(rest.decode())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        finally:
            self.log.close()
        return self.process.returncode

    def close(self):
        try:
            if not self.log.closed:
                self.stop()
        finally:
            self.folder.cleanup()


def is_built():
    return os.access(client.program("vigie-hub"), os.X_OK)

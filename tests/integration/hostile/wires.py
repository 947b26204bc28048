"""What an attacker has: raw TCP, a wire that is listened to, and bytes that are almost right."""

import pathlib
import selectors
import socket
import struct
import threading

SIGNATURE = b"\xff" + b"\0" * 7 + b"\x01\x7f"


def greeting(mechanism=b"CURVE", major=3, minor=0, as_server=0):
    """ZMTP 3.0 (RFC 23): 64 bytes."""
    return SIGNATURE + bytes([major, minor]) + mechanism.ljust(20, b"\0") + bytes([as_server]) + b"\0" * 31


def command(name, body=b""):
    """A short command frame."""
    data = bytes([len(name)]) + name + body
    return bytes([0x04, len(data)]) + data if len(data) < 256 else b"\x06" + struct.pack(">Q", len(data)) + data


def null_ready(identity=b""):
    """What a client says who thinks that nobody asks it anything."""
    def put(key, value):
        return bytes([len(key)]) + key + struct.pack(">I", len(value)) + value
    return command(b"READY", put(b"Socket-Type", b"DEALER") + put(b"Identity", identity))


def dial(port, seconds=10, source="127.0.0.1"):
    """`source`: the address of loopback that it comes from."""
    one = socket.create_connection(("127.0.0.1", port), timeout=seconds, source_address=(source, 0))
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def push(one, data):
    """Sends, unless the other side has ended the connection already."""
    try:
        one.sendall(data)
    except OSError:
        pass


def is_closed_by_peer(one, seconds=20):
    """Reads until the other side ends the connection; False when it does not in that time."""
    one.settimeout(seconds)
    try:
        while one.recv(4096):
            pass
    except (ConnectionError, BrokenPipeError):
        return True
    except TimeoutError:
        return False
    return True


class Tap:
    """A wire to a port on which everything is written down; `port` is its own."""

    def __init__(self, target):
        self.target = target
        self.heard = []  # (towards the hub?, bytes)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stop_read, self.stop_write = socket.socketpair()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        selector = selectors.DefaultSelector()
        selector.register(self.listener, selectors.EVENT_READ, None)
        selector.register(self.stop_read, selectors.EVENT_READ, None)
        ends = []
        while True:
            for key, _ in selector.select():
                if key.fileobj is self.stop_read:
                    for one in [*ends, self.listener, self.stop_read]:
                        one.close()
                    return
                if key.fileobj is self.listener:
                    near, _ = self.listener.accept()
                    far = dial(self.target)
                    for one, other, inward in ((near, far, True), (far, near, False)):
                        one.settimeout(None)
                        selector.register(one, selectors.EVENT_READ, (other, inward))
                        ends.append(one)
                    continue
                other, inward = key.data
                try:
                    data = key.fileobj.recv(65536)
                except ConnectionError:
                    data = b""
                if not data:
                    selector.unregister(key.fileobj)
                    try:
                        other.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
                    continue
                self.heard.append((inward, data))
                push(other, data)

    def close(self):
        self.stop_write.close()
        self.thread.join(20)

    def all_bytes(self, inward=None):
        return b"".join(data for way, data in self.heard if inward in (None, way))


class Capture:
    """All that passes on loopback from and to these TCP ports, as tcpdump would see it. PermissionError: it may not."""

    ALL_KINDS, IPV4, TCP = 0x0003, 0x0800, 6

    def __init__(self, ports):
        self.ports = set(ports)
        self.packets = []
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(self.ALL_KINDS))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
        self.socket.bind(("lo", self.ALL_KINDS))

    def until(self, marker, seconds=20):
        """All payloads up to the one that holds the marker."""
        self.socket.settimeout(seconds)
        while not self.packets or marker not in self.packets[-1]:
            packet, where = self.socket.recvfrom(1 << 17)
            if where[1] == self.IPV4 and packet[9] == self.TCP:
                self._take(packet[(packet[0] & 15) * 4:])
        return b"".join(self.packets)

    def _take(self, segment):
        payload = segment[(segment[12] >> 4) * 4:]
        if payload and self.ports & set(struct.unpack(">HH", segment[:4])):
            self.packets.append(payload)

    def close(self):
        self.socket.close()


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")

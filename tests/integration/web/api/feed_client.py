"""The feed as a browser speaks it: RFC 6455 by hand over a plain socket, and what the messages add up to.

Everything that waits has a deadline and waits for something that comes. One thread each.
"""
import base64
import hashlib
import json
import os
import socket
import struct
import time

WAIT_S = 60
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
LIVE, SNAPSHOT, PAST = 0, 1, 2


class Closed(Exception):
    """The server closed; `code` is 1006 where it did so without a close frame, `seen` what came before."""

    def __init__(self, code, reason):
        super().__init__(f"closed with {code}: {reason}")
        self.code, self.reason, self.seen = code, reason, []


class Refused(Exception):
    """The handshake was answered as a plain request; `body` is what was said."""

    def __init__(self, status, body):
        super().__init__(f"refused with {status}: {body}")
        self.status, self.body = status, body


class Feed:
    """One WebSocket. Messages come parsed; pings are answered on the way."""

    def __init__(self, port, headers, receive_buffer=None, connect=None):
        """`headers`: those of the opening request besides the protocol's own; an empty value leaves one out.
        `connect`: makes the connected socket, in the place of a plain one."""
        self.socket = connect() if connect else self._connected(port, receive_buffer)
        self.bytes = b""
        key = base64.b64encode(os.urandom(16)).decode()
        sent = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
                "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "vigie.1",
                "Origin": f"http://127.0.0.1:{port}", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value)
        self.socket.sendall(f"GET /api/v1/feed HTTP/1.1\r\n{lines}\r\n".encode())
        head = self._until(b"\r\n\r\n").decode()
        status = int(head.split()[1])
        fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in head.split("\r\n")[1:-2]}
        if status != 101:
            body = self._take(int(fields.get("content-length", 0)))
            self.socket.close()
            raise Refused(status, body.decode())
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        assert fields["sec-websocket-accept"] == accept.decode(), fields
        assert fields["sec-websocket-protocol"] == "vigie.1", fields

    @staticmethod
    def _connected(port, receive_buffer):
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(WAIT_S)
        plain.connect(("127.0.0.1", port))
        return plain

    def _more(self, until):
        self.socket.settimeout(max(0.001, until - time.monotonic()))
        try:
            some = self.socket.recv(1 << 18)
        except ConnectionError:
            some = b""
        if not some:
            raise Closed(1006, "the connection ended")
        self.bytes += some

    def _until(self, mark):
        until = time.monotonic() + WAIT_S
        while mark not in self.bytes:
            self._more(until)
        return self._take(self.bytes.index(mark) + len(mark), until)

    def _take(self, count, until=None):
        until = until or time.monotonic() + WAIT_S
        while len(self.bytes) < count:
            self._more(until)
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def _frame(self, until):
        first, second = self._take(2, until)
        assert not second & 0x80, "a server's frame is not masked"
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._take(2, until))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8, until))[0]
        return first & 0x80, first & 0x0F, self._take(size, until)

    def next(self, until=None):
        """The next message: a dict, or bytes where it was binary. Raises Closed, or TimeoutError."""
        until = until or time.monotonic() + WAIT_S
        whole, kind = b"", None
        while True:
            final, code, payload = self._frame(until)
            if code == PING:
                self.frame(PONG, payload)
            elif code == CLOSE:
                number = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                self._answer_close(payload)
                raise Closed(number, payload[2:].decode())
            elif code != PONG:
                whole, kind = whole + payload, code or kind
                if final:
                    return json.loads(whole) if kind == TEXT else whole

    def _answer_close(self, payload):
        try:
            self.frame(CLOSE, payload)
        except OSError:
            pass  # it is gone already
        self.socket.close()

    def frame(self, code, payload=b"", final=True, masked=True, size=None):
        """One raw frame; `size`: what its head claims."""
        claimed = len(payload) if size is None else size
        head = bytes([(0x80 if final else 0) | code])
        bit = 0x80 if masked else 0
        if claimed < 126:
            head += bytes([bit | claimed])
        elif claimed < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", claimed)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", claimed)
        mask = os.urandom(4) if masked else b""
        if masked:
            stream = mask * (len(payload) // 4 + 1)
            payload = bytes(a ^ b for a, b in zip(payload, stream))
        self.socket.sendall(head + mask + payload)

    def raw(self, text):
        self.frame(TEXT, text if isinstance(text, bytes) else text.encode())

    def send(self, kind, **fields):
        self.raw(json.dumps({"type": kind, **fields}))

    def drop(self):
        """As a cable that is pulled: no close frame."""
        self.socket.close()


class View:
    """What the messages of a feed add up to, as the page would hold it."""

    def __init__(self, feed, kept=None, **opening):
        """`kept`: the view whose connection was lost; its token is taken up and its events are gone on with."""
        self.feed = feed
        self.events = kept.events if kept else []
        self.doubled = kept.doubled if kept else []
        self.units, self.cards, self.names = {}, {}, {}
        self.fixes, self.leaves, self.past_events, self.past_units = [], [], [], {}
        self.conflated = 0
        self.lost = []
        self.log = self.opened = self.link = self.hello = None
        self.grants = []  # that could be opened
        self.event_seq = kept.event_seq if kept else 0
        self.fix_seq = 0
        self.text = ""  # all that came, as it came
        if kept:
            opening["resume"] = {"log": kept.log, "event_seq": kept.event_seq, "fix_seq": kept.fix_seq}
        feed.send("open", format="json", **opening)

    def take(self, until=None):
        message = self.feed.next(until)
        self.text += json.dumps(message)
        kind = message["type"]
        if kind == "frame":
            self._frame(message)
        elif kind in ("hello", "opened", "link"):
            setattr(self, kind, message)
            self.log = message.get("log", self.log)
        self.grants = message.get("grants", self.grants)
        return message

    def _frame(self, frame):
        if frame["kind"] == PAST:
            return self._past(frame)
        for name in frame.get("names", []):
            self.names[name["index"]] = name["name"]
        if frame.get("first_page"):
            self.units, self.cards = {}, {}
        for event in frame.get("events", []):
            known = self.events and event["seq"] <= self.events[-1]["seq"]
            (self.doubled if known else self.events).append(event)
        for card in frame.get("cards", []):
            self.cards[card["unit"]] = card
            if card["deleted"]:
                del self.cards[card["unit"]]
        for fix in frame.get("fixes", []):
            self.units[self.names[fix["unit"]]] = fix
            self.fixes.append((self.names[fix["unit"]], fix))
        for index in frame.get("leaves", []):
            self.leaves.append(self.names.get(index, index))
            self.units.pop(self.names.get(index), None)
        self.conflated += frame.get("conflated", 0)
        if frame.get("lost_first"):
            self.lost.append((frame["lost_first"], frame["lost_last"]))
        self.event_seq, self.fix_seq = frame["event_seq"], frame["fix_seq"]

    def _past(self, frame):
        for name in frame.get("names", []):
            self.names[name["index"]] = name["name"]
        self.past_events += frame.get("events", [])
        for fix in frame.get("fixes", []):
            self.past_units[self.names[fix["unit"]]] = fix

    def until(self, holds, seconds=WAIT_S):
        """The first message for which it holds (it is given the message), all before it taken."""
        until = time.monotonic() + seconds
        while True:
            message = self.take(until)
            if holds(message):
                return message

    def until_true(self, holds, seconds=WAIT_S):
        """Until what was taken so far makes it hold."""
        until = time.monotonic() + seconds
        while not holds():
            self.take(until)

    def ready(self):
        """Until the picture is whole."""
        self.until_true(lambda: self.opened is not None)
        if not self.opened["resumed"]:
            self.until(lambda message: message["type"] == "frame" and message.get("last_page"))
        return self

    def texts(self):
        return [event.get("text") for event in self.events]

    def until_text(self, text, seconds=WAIT_S):
        self.until_true(lambda: text in self.texts(), seconds)
        return self.texts()

    def until_closed(self, seconds=WAIT_S):
        """How it was closed, and what was had after it was called."""
        until = time.monotonic() + seconds
        try:
            while True:
                self.take(until)
        except Closed as closed:
            return closed

"""What a client speaks through: a DEALER that may hold a CURVE identity, and what comes on it."""

import hashlib
import os
import secrets
import tomllib

import zmq
import zmq.utils.z85

import reading
import writing

ROOTS = {"VGHE": "Hello", "VGWE": "Welcome", "VGBT": "Batch", "VGAK": "Ack", "VGRH": "Rehello",
         "VGRJ": "Rejected", "VGOP": "Open", "VGOD": "Opened", "VGCR": "Credit", "VGRE": "Refill",
         "VGCT": "Control", "VGCL": "Close", "VGRO": "Reopen", "VGDN": "Denied", "VGHB": "Heartbeat",
         "VGRS": "ReplayState", "VGAQ": "Ask", "VGTD": "Told"}
IDENTIFIERS = {root: identifier for identifier, root in ROOTS.items()}


class ProtocolError(Exception):
    pass


def check(holds, words):
    if not holds:
        raise ProtocolError(words)


class Identity:
    """A CURVE key pair, and whose it is. `hub_key`: the hub's public key; both keys as 32 bytes."""

    def __init__(self, name, hub_key, key=None, secret=None):
        self.name, self.hub_key = name, hub_key
        self.key, self.secret = key, secret
        if key is None:
            self.key, self.secret = (zmq.utils.z85.decode(one) for one in zmq.curve_keypair())

    @staticmethod
    def read(path):
        """A key file."""
        with open(path, "rb") as file:
            values = tomllib.load(file)
        return Identity(values["name"], *(bytes.fromhex(values[name]) for name in ("hub_key", "key", "secret")))

    def write(self, path, role="console"):
        """A key file, as `vigie` reads it."""
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            for key, value in (("name", self.name), ("role", role), ("hub_key", self.hub_key.hex()),
                               ("key", self.key.hex()), ("secret", self.secret.hex())):
                file.write(f'{key} = "{value}"\n')
        return path

    def spool(self):
        owner = hashlib.blake2b(self.name.encode(), digest_size=32).digest()[:8]
        return {"high": int.from_bytes(owner, "little"), "low": secrets.randbits(63) + 1}


class Connection:
    """A DEALER; every message is one part. With an identity it speaks CURVE."""

    def __init__(self, context, address, identity=None):
        self.socket = context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        if identity is not None:
            self.socket.curve_serverkey = zmq.utils.z85.encode(identity.hub_key)
            self.socket.curve_publickey = zmq.utils.z85.encode(identity.key)
            self.socket.curve_secretkey = zmq.utils.z85.encode(identity.secret)
        if address is not None:
            self.socket.connect(address)

    def close(self):
        self.socket.close()

    def send(self, root, values):
        data = writing.message(IDENTIFIERS[root], root, values)
        self.socket.send(data)
        return len(data)

    def receive(self, seconds):
        """(root or "frame", plain values, bytes), or None when nothing came in that time."""
        if not self.socket.poll(int(seconds * 1000)):
            return None
        parts = self.socket.recv_multipart()
        check(len(parts) == 1, f"a message of {len(parts)} parts")
        data = parts[0]
        identifier = data[4:8].decode("latin-1")
        if identifier == "VGFR":
            return "frame", reading.frame(data), data
        check(identifier in ROOTS, f"a message that is none of the page's: {identifier!r}")
        return ROOTS[identifier], reading.root(ROOTS[identifier], data), data

"""A web server that is called by a name, over TLS; with a certificate of its own, made here by openssl."""
import functools
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import warnings

from web_room import WAIT_S, WebRoom

NAME = "room.example"


def make_certificate(folder, name="first"):
    """A certificate for NAME and its key, each in a file."""
    certificate, key = (pathlib.Path(folder) / f"{name}.{kind}.pem" for kind in ("certificate", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-subj", f"/O={name}/CN={NAME}", "-days", "2",
                    "-addext", f"subjectAltName=DNS:{NAME}"], check=True, capture_output=True, timeout=WAIT_S)
    return certificate, key


def has_openssl():
    return shutil.which("openssl") is not None


class TlsRoom(WebRoom):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.certificates = pathlib.Path(folder.name)
        self.certificate, self.key = make_certificate(self.certificates)
        super().setUp()

    def port_called(self):
        """Where TLS is spoken."""
        return self.web.port

    def origin(self):
        return f"https://{NAME}:{self.port_called()}"

    def tcp(self, address="127.0.0.1", port=None):
        """A connection from that loopback address."""
        return socket.create_connection(("127.0.0.1", port or self.port_called()), WAIT_S, (address, 0))

    def connect(self, address="127.0.0.1", trusted=None, least=None, most=None):
        """Over TLS, the certificate proved."""
        context = ssl.create_default_context(cafile=str(trusted or self.certificate))
        if most is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")  # else the client itself refuses what is old
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version, context.maximum_version = least, most
        return context.wrap_socket(self.tcp(address), server_hostname=NAME)

    def from_address(self, address):
        return functools.partial(self.connect, address)

"""A hub that asks who is there, a web server before it, and the people who sign in to it, all in one folder."""
import contextlib
import csv
import datetime
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cli"))
from feed_client import WAIT_S, Feed, View  # noqa: E402
from guarded import OK, SECRET, Guarded  # noqa: E402
from vigie_programs import BIN, Hub  # noqa: E402

PASSWORD = "a long enough password"


class Answer:
    """Of one request; `headers` by small names."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class WebServer:
    """`vigie-web` on a port of its own; `log` is what it said."""

    def __init__(self, folder, hub, port=0, settings=(), options=(), environment=None):
        """`environment`: set besides the test's own."""
        page = pathlib.Path(folder) / "page"
        page.mkdir(exist_ok=True)
        (page / "index.html").write_text("<!doctype html><title>Vigie</title>")
        self.data = pathlib.Path(folder) / "web"
        more = [part for setting in settings for part in ("--set", setting)]
        self.process = subprocess.Popen(
            [BIN / "vigie-web", "--hub", hub, "--listen", f"127.0.0.1:{port}", "--data", self.data, "--page", page,
             "--set", "metrics.listen=127.0.0.1:0", *more, *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **(environment or {})})
        self.log, self.port = "", None
        for line in self.process.stdout:
            self.log += line
            found = re.search(r"address=https?://127\.0\.0\.1:(\d+).*metrics_port=(\d+)", line)
            if found:
                self.port, self.metrics_port = map(int, found.groups())
                break
        if self.port is None:
            raise AssertionError("the web server did not start:\n" + self.log)
        self.reader = threading.Thread(target=self._drain, daemon=True)
        self.reader.start()

    def _drain(self):
        for line in self.process.stdout:
            self.log += line

    def resident_bytes(self):
        """What it holds in memory now."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024

    def metric(self, name):
        """The sum of all lines of that name."""
        answer = ask(self.metrics_port, "GET", "/metrics")
        return sum(float(line.split()[-1]) for line in answer.text.splitlines()
                   if re.match(re.escape(name) + r"[ {]", line))

    def stop(self, kill=False):
        if self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
        self.process.wait(WAIT_S)
        self.reader.join(WAIT_S)
        self.process.stdout.close()


def ask(port, method, path, body=None, headers=None, connect=None):
    """`connect`: makes the connected socket, in the place of a plain one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
    try:
        connection.sock = connect() if connect else None
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


class Person:
    """Somebody with a cookie (or a token), as a browser (or a program) of theirs."""

    def __init__(self, room, cookie=None, csrf=None, token=None, connect=None):
        self.room, self.cookie, self.csrf, self.token = room, cookie, csrf, token
        self.connect = connect or room.connect

    def headers(self, more=None):
        own = {"Origin": self.room.origin(), "Host": self.room.origin().split("//")[1]}
        if self.cookie:
            own.update({"Cookie": self.cookie, "X-Vigie-CSRF": self.csrf})
        if self.token:
            own["Authorization"] = "Bearer " + self.token
        return {name: value for name, value in {**own, **(more or {})}.items() if value}

    def ask(self, path, method="GET", body=None, headers=None):
        """`body`: sent as JSON. A header with an empty value is left out."""
        more = dict(headers or {})
        if body is not None:
            more.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return ask(self.room.web.port, method, path, body, self.headers(more), self.connect)

    def get(self, path, status=200):
        answer = self.ask(path)
        assert answer.status == status, (path, answer.status, answer.text[:500])
        return answer

    def feed(self, headers=None, **options):
        feed = Feed(self.room.web.port, {**self.headers(), "X-Vigie-CSRF": "", **(headers or {})},
                    connect=self.connect, **options)
        self.room.addCleanup(feed.drop)
        return feed

    def view(self, kept=None, **opening):
        return View(self.feed(), kept, **opening)

    @contextlib.contextmanager
    def streaming(self, path, receive_buffer=None):
        """The answer while it comes, to be read as slowly as one likes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.room.web.port, timeout=WAIT_S)
        try:
            connection.connect()
            if receive_buffer:
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            connection.request("GET", path, headers=self.headers())
            yield connection.getresponse()
        finally:
            connection.close()


class WebRoom(Guarded):
    """Each test has a hub and a web server of its own. Nobody is enrolled but the hub's administrator."""

    SETTINGS = ()

    def setUp(self):
        super().setUp()
        self.web_log_before = ""  # of web servers that this one took the place of
        self.web = self.start_web()
        self.addCleanup(lambda: self.web.stop())
        self.files = 0

    def note_secrets(self):
        """Those of accounts' identities, too."""
        super().note_secrets()
        for path in (self.place.folder / "web" / "identities").glob("*.key*"):
            try:
                self.secrets.update(SECRET.findall(path.read_text()))
            except FileNotFoundError:  # the server puts another in its place
                pass

    def pages_and_lists(self):
        return {"the web server's log": self.web_log_before + self.web.log, **super().pages_and_lists()}

    def start_web(self, port=0):
        return WebServer(self.place.folder, self.place.hub.address, port, self.SETTINGS)

    def origin(self):
        """What browsers see the server as."""
        return f"http://127.0.0.1:{self.web.port}"

    connect = None  # makes a connection to the server other than a plain one

    def account(self, command, *arguments, code=OK):
        done = subprocess.run([BIN / "vigie-web", "account", *map(str, command.split()), *map(str, arguments),
                               "--data", self.web.data], text=True, capture_output=True, timeout=WAIT_S,
                              env=self.place.environment())
        self.printed += [(f"what vigie-web account {command} {where}", text)
                         for where, text in (("printed", done.stdout), ("said besides", done.stderr))]
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout.strip()

    def link(self, account, identity, role="console", *more):
        """The secret of the link by which a new account is signed in to, once."""
        invitation = self.invite(identity, role)
        return self.account("add", account, "--code", invitation, *more).split("#")[-1]

    def person(self, account, identity, role="console", *more):
        """A new account, signed in by its link."""
        return self.joined(self.link(account, identity, role, *more))

    def joined(self, secret, connect=None):
        person = Person(self, connect=connect)
        answer = person.ask("/api/v1/session/join", "POST", {"link": secret, "password": PASSWORD})
        self.assertEqual(answer.status, 200, answer.text)
        return self.with_cookie(answer)

    def with_cookie(self, answer):
        cookie = answer.headers["set-cookie"]
        self.assertIn("HttpOnly", cookie)
        self.assertIn("SameSite=Strict", cookie)
        return Person(self, cookie.split(";")[0], answer.json["csrf"])

    def signed_in(self, account):
        answer = Person(self).ask("/api/v1/session", "POST", {"name": account, "password": PASSWORD})
        self.assertEqual(answer.status, 200, answer.text)
        return self.with_cookie(answer)

    def program(self, account, *more):
        """Somebody's API token."""
        program = Person(self, token=self.account("token add", account, "--label", "a test", *more))
        self.eventually("the server knows the token", lambda: program.ask("/api/v1/me").status == 200)
        return program

    def restart_web(self, kill=False):
        port = self.web.port
        self.web.stop(kill)
        self.web_log_before += self.web.log
        self.web = self.start_web(port)

    def kill_hub(self):
        """As a loss of power would; it is back on the same ports and the same folder with start_hub()."""
        self.hub_port = self.place.hub.port
        self.place.hub.process.kill()
        self.place.hub.stop()

    def start_hub(self):
        self.place.hub = Hub(self.place.folder / "data", self.hub_port, guarded=True)

    def track(self, who, rows, *more, unit=None):
        """Publishes rows of (lat, lon), a second apart, the last of them now; of one unit or of `unit` by a gateway."""
        self.files += 1
        path = self.place.folder / f"rows-{self.files}.csv"
        end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["time", "lat", "lon"])
            for number, (lat, lon) in enumerate(rows):
                at = end - datetime.timedelta(seconds=len(rows) - 1 - number)
                writer.writerow([at.strftime("%Y-%m-%dT%H:%M:%SZ"), lat, lon])
        self.vigie(who, "track", "--unit", unit or who, "--csv", path, "--clock", "satellite", "--no-spool", *more)

    def eventually(self, what, holds, seconds=WAIT_S):
        """For what nobody tells: asks until it holds."""
        until = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), until, "never: " + what)
            select.select([], [], [], 0.02)


def query(**fields):
    """As in /path?a=b; `from` is written since."""
    named = {"from" if name == "since" else name: value for name, value in fields.items()}
    return urllib.parse.urlencode(named)


def has_ogrinfo():
    return shutil.which("ogrinfo") is not None


def skip_all(reason):
    """Ends the program as ctest reads a skip."""
    print(reason, file=sys.stderr)
    raise SystemExit(77)


if os.environ.get("VIGIE_BIN") is None:
    sys.exit("VIGIE_BIN is not set: the folder of the built programs")

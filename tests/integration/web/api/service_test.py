#!/usr/bin/env python3
"""The web server as a service: what it tells systemd, and whoever asks for its health."""
import os
import signal
import socket
import time
import unittest

from web_room import WAIT_S, WebRoom, WebServer, ask, query
from vigie_programs import cores_are_written, leaves_a_core  # noqa: I001, web_room says where it is

SPAN = query(since="2020-01-01T00:00:00Z", to="2099-01-01T00:00:00Z")


class Health(WebRoom):
    SETTINGS = ("http.stalled=10m",)

    def page(self, path):
        answer = ask(self.web.metrics_port, "GET", path)
        return answer.status, answer.text

    def test_it_is_well_and_ready_with_the_hub_and_without_it(self):
        """Without its hub it serves still: the page, sign-in, and how old what it shows is. That is no reason to be
        taken out of service."""
        anna = self.person("anna", "alpha/room")
        view = anna.view().ready()
        well = [self.page("/healthz"), self.page("/readyz")]
        self.assertEqual(well, [(200, "ok\n"), (200, "ready\n")])
        self.kill_hub()
        view.until(lambda m: m["type"] == "link" and m["state"] != "live")
        self.assertEqual([self.page("/healthz"), self.page("/readyz")], well)
        self.assertEqual(anna.get("/api/v1/me").json["account"], "anna")
        self.start_hub()
        view.until(lambda m: m["type"] == "link" and m["state"] == "live")
        self.assertEqual([self.page("/healthz"), self.page("/readyz")], well)

    def test_while_it_stops_it_is_well_and_not_ready(self):
        self.enrol("alpha/v1", "tracker")
        anna = self.person("anna", "alpha/room")
        self.track("alpha/v1", [(15 + n / 1e5, 1) for n in range(40_000)])
        with anna.streaming(f"/api/v1/tracks?{SPAN}&format=ndjson", receive_buffer=4096) as export:
            self.assertEqual(export.status, 200)
            self.web.process.send_signal(signal.SIGTERM)
            self.eventually("it says that it stops", lambda: self.page("/readyz")[0] == 503)
            self.assertEqual(self.page("/readyz"), (503, "the server is stopping\n"))
            self.assertEqual(self.page("/healthz"), (200, "ok\n"))
            self.assertIsNone(self.web.process.poll(), "it waits for the answer that is under way")
        self.assertEqual(self.web.process.wait(WAIT_S), 0)

    def test_it_leaves_no_core_where_the_system_would_write_one(self):
        if not cores_are_written(self.place.folder):
            self.skipTest("this machine writes no cores: nothing is told by there being none")
        self.assertFalse(leaves_a_core(self.web.process))

    def test_the_pages_are_read_only_and_are_no_other(self):
        for path in ("/healthz", "/readyz", "/metrics"):
            self.assertEqual(ask(self.web.metrics_port, "HEAD", path).status, 200)
            refused = ask(self.web.metrics_port, "POST", path, b"x")
            self.assertEqual((refused.status, refused.headers["allow"]), (405, "GET, HEAD"))
        for path in ("/", "/status", "/api/v1/status", "/healthz/x"):
            self.assertEqual(self.page(path)[0], 404, path)
        for path in ("/healthz", "/readyz", "/metrics"):
            self.assertIn("<title>", ask(self.web.port, "GET", path).text, "people's listener has the page alone")


class Manager:
    """The socket on which systemd would listen; `told` is what came, in order, with the time."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(name)
        self.socket.settimeout(WAIT_S)
        self.told = []

    def until(self, state):
        """The next such, and when it came."""
        while True:
            what, at = self.socket.recv(4096).decode(), time.monotonic()
            self.told.append(what)
            if what == state:
                return at


class Told(WebRoom):
    """What systemd is told. The server of the room itself is told of no socket."""

    def serve(self, **environment):
        folder = self.place.folder / "service"
        folder.mkdir()
        web = WebServer(folder, self.place.hub.address, environment=environment)
        self.addCleanup(web.stop)
        return web

    def manager(self, name):
        manager = Manager(name)
        self.addCleanup(manager.socket.close)
        return manager

    def test_it_is_ready_and_later_stops(self):
        name = str(self.place.folder / "notify")
        manager = self.manager(name)
        web = self.serve(NOTIFY_SOCKET=name)
        manager.until("READY=1")
        self.assertEqual(ask(web.metrics_port, "GET", "/readyz").status, 200)
        web.process.send_signal(signal.SIGTERM)
        manager.until("STOPPING=1")
        self.assertEqual(web.process.wait(WAIT_S), 0)
        self.assertEqual(manager.told, ["READY=1", "STOPPING=1"], "without WATCHDOG_USEC no watchdog is told")

    def test_a_socket_of_an_abstract_name_is_told_too(self):
        name = f"vigie-notify-{os.getpid()}"
        manager = self.manager("\0" + name)
        self.serve(NOTIFY_SOCKET="@" + name)
        manager.until("READY=1")

    def test_the_watchdog_hears_twice_in_its_time_and_no_more_when_the_server_stands_still(self):
        name = str(self.place.folder / "notify")
        manager = self.manager(name)
        web = self.serve(NOTIFY_SOCKET=name, WATCHDOG_USEC="400000")
        manager.until("READY=1")
        times = [manager.until("WATCHDOG=1") for _ in range(6)]
        self.assertGreater(times[-1] - times[0], 5 * 0.15, "half of the time apart")
        web.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, web.process.pid, os.WSTOPPED)
        self.addCleanup(web.process.send_signal, signal.SIGCONT)
        manager.socket.settimeout(1.5)
        with self.assertRaises(TimeoutError):
            while True:
                manager.until("WATCHDOG=1")
        manager.socket.settimeout(WAIT_S)
        web.process.send_signal(signal.SIGCONT)
        manager.until("WATCHDOG=1")

    def test_a_manager_that_is_not_there_is_said_and_hinders_nothing(self):
        web = self.serve(NOTIFY_SOCKET=str(self.place.folder / "nobody"))
        self.assertEqual(ask(web.metrics_port, "GET", "/healthz").status, 200)
        self.eventually("it is in the log", lambda: "cannot tell systemd" in web.log)
        web.stop()
        self.assertEqual(web.process.returncode, 0)


if __name__ == "__main__":
    unittest.main()

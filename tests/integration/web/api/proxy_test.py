#!/usr/bin/env python3
"""Behind nginx, which ends TLS, with the configuration that deploy/nginx-vigie.conf.example gives.

nginx calls from 127.0.0.9, the one proxy that vigie-web believes; people call nginx from addresses of their own.
"""
import pathlib
import re
import shutil
import socket
import subprocess
import unittest

from feed_client import Closed, Refused
from tls_room import NAME, TlsRoom, has_openssl
from web_room import PASSWORD, WAIT_S, Person, ask, query, skip_all

EXAMPLE = pathlib.Path(__file__).resolve().parents[4] / "deploy" / "nginx-vigie.conf.example"
PROXY = "127.0.0.9"
FREE_FAILURES = 4  # of one address, before it has to wait


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in taken]
    for one in taken:
        one.close()
    return ports


class Nginx:
    """As the example says, but for ports, files, and the address that it calls from."""

    def __init__(self, folder, web_port, certificate, key, changes=()):
        self.folder = pathlib.Path(folder) / "nginx"
        self.folder.mkdir()
        self.plain_port, self.port = free_ports(2)
        text = EXAMPLE.read_text()
        for old, new in (("listen 80;", f"listen 127.0.0.1:{self.plain_port};"),
                         ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
                         ("server 127.0.0.1:7780;", f"server 127.0.0.1:{web_port};"),
                         ("/etc/ssl/vigie/fullchain.pem", str(certificate)),
                         ("/etc/ssl/vigie/privkey.pem", str(key)),
                         ("proxy_pass http://vigie_web;", f"proxy_pass http://vigie_web;\n    proxy_bind {PROXY};"),
                         *changes):
            if text.count(old) < 1:
                raise AssertionError(f"the example has no '{old}'")
            text = text.replace(old, new)
        kinds = "".join(f"  {kind}_temp_path {kind};\n" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {self.folder}/pid;\nerror_log stderr warn;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\n  access_log off;\n{kinds}{text}}}\n")
        self.start()

    def start(self):
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(
                ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr"],
                stdout=subprocess.DEVNULL, stderr=log)

    def is_up(self):
        if self.process.poll() is not None:
            raise AssertionError("nginx did not start:\n" + (self.folder / "log").read_text())
        try:
            socket.create_connection(("127.0.0.1", self.port), WAIT_S).close()
            return True
        except ConnectionError:
            return False

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT_S)


class Proxied(TlsRoom):
    SETTINGS = (f"names={NAME}", f"proxies={PROXY}", f"base_url=https://{NAME}")
    CHANGES = ()

    def setUp(self):
        super().setUp()
        self.enrol("alpha/v1", "tracker")
        self.nginx = Nginx(self.place.folder, self.web.port, self.certificate, self.key, self.CHANGES)
        self.addCleanup(lambda: self.nginx.stop())
        self.eventually("nginx is there", self.nginx.is_up)

    def port_called(self):
        return self.nginx.port

    def wrong_sign_in(self, address, **headers):
        """Each with a name of its own, so that the address alone adds up."""
        self.tries = getattr(self, "tries", 0) + 1
        wrong = {"name": f"nobody-{self.tries}", "password": "and a wrong password"}
        person = Person(self, connect=self.from_address(address))
        return person.ask("/api/v1/session", "POST", wrong, headers).status

    def addresses_in_log(self):
        return re.findall(r"sign-in refused \(wrong\), from (\S+?)\"?\s", self.web.log)


class Proxy(Proxied):
    def test_people_sign_in_over_tls_and_are_told_to_stay_there(self):
        anna = self.person("anna", "alpha/room")
        answer = Person(self, connect=self.from_address("127.0.0.2")).ask(
            "/api/v1/session", "POST", {"name": "anna", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        self.assertTrue(cookie.startswith("__Host-vigie="), cookie)
        self.assertIn("; Secure", cookie)
        self.assertEqual(answer.headers["strict-transport-security"], "max-age=31536000")
        sessions = anna.get("/api/v1/account/sessions").json["sessions"]
        self.assertEqual({one["remote"] for one in sessions}, {"127.0.0.1", "127.0.0.2"})
        landing = anna.get("/ogc").json["links"][0]["href"]
        self.assertEqual(landing, f"https://{NAME}/ogc")

    def test_http_is_sent_to_https(self):
        answer = ask(self.nginx.plain_port, "GET", "/some/where?x=1", headers={"Host": NAME})
        self.assertEqual((answer.status, answer.headers["location"]), (308, f"https://{NAME}/some/where?x=1"))

    def test_the_feed_passes_and_ends_with_its_session(self):
        anna = self.person("anna", "alpha/room")
        view = anna.view().ready()
        self.track("alpha/v1", [(15, 1)])
        self.send("alpha/v1", "through nginx")
        view.until_text("through nginx")
        view.until_true(lambda: set(view.units) == {"alpha/v1"})
        self.account("disable", "anna")
        self.assertEqual(view.until_closed().code, 1008)

    def test_a_feed_that_nginx_dropped_comes_back_by_its_cursor(self):
        anna = self.person("anna", "alpha/room")
        view = anna.view().ready()
        self.send("alpha/v1", "before")
        view.until_text("before")
        self.nginx.stop()
        with self.assertRaises(Closed):
            view.until(lambda message: False)
        self.send("alpha/v1", "meanwhile")
        self.nginx.start()
        self.eventually("nginx is there", self.nginx.is_up)
        again = anna.view(kept=view)
        self.assertEqual(again.until_text("meanwhile"), ["before", "meanwhile"])
        self.assertEqual((again.doubled, again.lost), ([], []))

    def test_an_export_is_whole(self):
        anna = self.person("anna", "alpha/room")
        self.track("alpha/v1", [(15 + n / 1e5, 1) for n in range(20_000)])
        span = query(since="2020-01-01T00:00:00Z", to="2099-01-01T00:00:00Z", format="csv")
        self.assertEqual(anna.get(f"/api/v1/tracks?{span}").text.count("alpha/v1"), 20_000)

    def test_other_sites_are_refused_and_the_public_name_is_not(self):
        anna = self.person("anna", "alpha/room")
        event = {"kind": "text", "text": "hello"}
        port = self.nginx.port
        for origin in (f"https://evil.example:{port}", f"http://{NAME}:{port}", f"https://{NAME}:{port + 1}",
                       f"https://{NAME}", f"http://127.0.0.1:{self.web.port}", "null"):
            answer = anna.ask("/api/v1/events", "POST", event, {"Origin": origin})
            self.assertEqual((answer.status, answer.json["code"]), (403, "cross_site"), origin)
            with self.assertRaises(Refused) as refusal:
                anna.feed({"Origin": origin})
            self.assertEqual(refusal.exception.status, 403, origin)
        self.assertEqual(anna.ask("/api/v1/events?wait=true", "POST", event).status, 200)
        self.assertEqual(anna.ask("/api/v1/me", headers={"Host": "evil.example"}).status, 421)

    def test_failures_count_for_the_address_behind_the_proxy_and_no_made_up_one(self):
        for number in range(FREE_FAILURES):
            forged = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-IP": f"10.0.1.{number}",
                      "Forwarded": f"for=10.0.2.{number}"}
            self.assertEqual(self.wrong_sign_in("127.0.0.2", **forged), 401)
        self.eventually("each was told", lambda: len(self.addresses_in_log()) == FREE_FAILURES)
        self.assertEqual(set(self.addresses_in_log()), {"127.0.0.2"})
        held = [self.wrong_sign_in("127.0.0.2", **{"X-Forwarded-For": f"10.0.3.{n}"}) for n in range(4)]
        self.assertIn(429, held)
        self.assertEqual(self.wrong_sign_in("127.0.0.3"), 401, "another address is not held off by it")

    def test_whoever_calls_past_the_proxy_is_believed_nothing(self):
        anna = self.person("anna", "alpha/room")
        forged = {"X-Forwarded-For": "127.0.0.3", "X-Forwarded-Proto": "https", "X-Forwarded-Host": NAME,
                  "Host": NAME}

        def past(method, path, body=None, **headers):
            return ask(self.web.port, method, path, body, {**forged, **headers},
                       lambda: self.tcp("127.0.0.4", self.web.port))
        answer = past("POST", "/api/v1/session", '{"name":"anna","password":"x"}', **{
            "Content-Type": "application/json"})
        self.assertEqual((answer.status, answer.json["code"]), (403, "insecure"))
        self.assertNotIn("strict-transport-security", answer.headers)
        self.assertEqual(past("GET", "/api/v1/me", Cookie=anna.cookie).status, 401)
        token = self.program("anna").token
        self.assertEqual(past("GET", "/api/v1/me", Authorization="Bearer " + token).status, 401)
        self.assertEqual(Person(self, token=token).ask("/api/v1/me").status, 200)

    def test_links_begin_with_the_public_name(self):
        self.assertRegex(self.account("add", "ben", "--code", self.invite("alpha/ben", "console")),
                         rf"^https://{NAME}/join#")


class Appended(Proxied):
    """A proxy that appends to what it was given, as is usual."""

    CHANGES = (("X-Forwarded-For $remote_addr;", "X-Forwarded-For $proxy_add_x_forwarded_for;"),)

    def test_the_last_address_counts_whatever_stands_before_it(self):
        for forged in ("127.0.0.3", "127.0.0.3, 127.0.0.4", f"127.0.0.3, {PROXY}", "not an address", ","):
            self.wrong_sign_in("127.0.0.2", **{"X-Forwarded-For": forged})
        self.eventually("each was told", lambda: len(self.addresses_in_log()) >= FREE_FAILURES)
        self.assertEqual(set(self.addresses_in_log()), {"127.0.0.2"})


if __name__ == "__main__":
    for program in ("nginx", "openssl"):
        if shutil.which(program) is None or not has_openssl():
            skip_all(f"{program} is not there: apt-get install nginx-light openssl")
    unittest.main()

#!/usr/bin/env python3
"""What a hostile page, a guesser and a hostile caller try, and what they get."""
import json
import re
import socket
import subprocess
import time
import unittest

from feed_client import Refused
from web_room import BIN, PASSWORD, WAIT_S, Person, WebRoom, query
from guarded import SECRET  # noqa: I001, web_room says where it is

EVIL = '</script><script>alert("x")</script>\u2028<img src=x onerror=alert(1)>'
EVIL_TEXT = '"><svg/onload=alert(1)>\n{"type":"frame"}'


class Hostile(WebRoom):
    def setUp(self):
        super().setUp()
        self.secret = self.link("anna", "alpha/room")
        self.anna = self.joined(self.secret)

    def raw(self, request):
        """What the server answers to these bytes, until it closes."""
        with socket.create_connection(("127.0.0.1", self.web.port), timeout=WAIT_S) as peer:
            peer.sendall(request)
            peer.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while some := peer.recv(1 << 16):
                    answer += some
            except ConnectionError:
                pass
        return answer

    def raw_get(self, target, *headers, method="GET"):
        head = "".join(header + "\r\n" for header in (f"Host: 127.0.0.1:{self.web.port}",
                                                      "Cookie: " + self.anna.cookie, "Connection: close", *headers))
        return self.raw(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())

    def status(self, answer):
        return int(answer.split()[1]) if answer else 0


class CrossSite(Hostile):
    EVENT = {"kind": "text", "text": "by another site"}

    def test_a_change_from_another_sites_page_is_refused_even_with_the_cookie(self):
        port = self.web.port
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Origin": f"http://127.0.0.1:{port + 1}"}, {"Origin": f"https://127.0.0.1:{port}"},
                        {"Origin": f"http://127.0.0.1.evil.example:{port}"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "", "Sec-Fetch-Site": "cross-site"}):
            for path, method, body in (("/api/v1/events", "POST", self.EVENT), ("/api/v1/session", "DELETE", None),
                                       ("/api/v1/session", "POST", {"name": "anna", "password": PASSWORD}),
                                       ("/api/v1/account", "PATCH", {"theme": "day"})):
                answer = self.anna.ask(path, method, body, headers)
                self.assertEqual((answer.status, answer.json["code"]), (403, "cross_site"), (headers, path))
        self.assertEqual(self.anna.get("/api/v1/events").json["events"], [])

    def test_a_socket_from_another_sites_page_is_refused(self):
        port = self.web.port
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"},
                        {"Origin": f"http://127.0.0.1:{port + 1}"}, {"Sec-Fetch-Site": "cross-site"}):
            with self.assertRaises(Refused) as refusal:
                self.anna.feed(headers)
            self.assertEqual(refusal.exception.status, 403, headers)

    def test_a_name_that_was_rebound_to_the_address_is_no_host_of_this_server(self):
        for host in ("evil.example", f"evil.example:{self.web.port}", "127.0.0.1.evil.example", "10.0.0.1"):
            answer = self.anna.ask("/api/v1/units", headers={"Host": host})
            self.assertEqual((answer.status, answer.json["code"]), (421, "host_unknown"), host)
            with self.assertRaises(Refused) as refusal:
                self.anna.feed({"Host": host, "Origin": "http://" + host})
            self.assertEqual(refusal.exception.status, 421, host)
        for host in ("", "a b", "127.0.0.1:99999", "[::1"):
            self.assertEqual(self.status(self.raw(f"GET /api/v1/units HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())), 400)

    def test_a_change_without_the_csrf_value_is_refused_and_reading_needs_none(self):
        for value in ("", "x" * 43, self.anna.csrf[:-1]):
            for path, method, body in (("/api/v1/events", "POST", self.EVENT), ("/api/v1/session/all", "DELETE", None),
                                       ("/api/v1/account", "PATCH", {"theme": "day"})):
                answer = self.anna.ask(path, method, body, {"X-Vigie-CSRF": value})
                self.assertIn(answer.status, (401, 403), (path, value, answer.text))
        self.assertEqual(self.anna.ask("/api/v1/units", headers={"X-Vigie-CSRF": ""}).status, 200)
        self.assertEqual(self.anna.get("/api/v1/events").json["events"], [])

    def test_a_form_of_a_page_cannot_send_events(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = self.anna.ask("/api/v1/events", "POST", json.dumps(self.EVENT), {"Content-Type": kind})
            self.assertEqual(answer.status, 415, (kind, answer.text))

    def test_answers_may_not_be_framed_sniffed_read_elsewhere_or_kept(self):
        for path in ("/", "/api/v1/units", "/api/v1/session", "/ogc"):
            headers = self.anna.ask(path).headers
            self.assertIn("frame-ancestors 'none'", headers["content-security-policy"], path)
            self.assertEqual(headers["x-content-type-options"], "nosniff", path)
            self.assertNotIn("access-control-allow-origin", headers)
            if path.startswith("/api"):
                self.assertIn("no-store", headers["cache-control"], path)
        policy = self.anna.ask("/").headers["content-security-policy"]
        self.assertNotIn("unsafe-eval", policy)
        self.assertNotRegex(policy, r"script-src[^;]*unsafe-inline")


class Guessing(Hostile):
    def sign_in(self, name, password, **more):
        return Person(self).ask("/api/v1/session", "POST", {"name": name, "password": password, **more})

    def test_guessing_a_password_is_slowed_and_says_when_to_come_again(self):
        statuses, held = [], None
        began = time.monotonic()
        for number in range(60):
            answer = self.sign_in("anna", f"guess number {number}")
            statuses.append(answer.status)
            if answer.status == 429:
                held = answer
        self.assertLessEqual(set(statuses), {401, 429})
        taken = statuses.count(401)
        self.assertLess(taken, 12, "of 60 guesses few were looked at")
        self.assertGreaterEqual(int(held.headers["retry-after"]), 1)
        print(f"\n60 guesses in {time.monotonic() - began:.1f} s: {taken} were looked at, then: {held.json['detail']}")
        # Whoever is signed in is not locked out by it.
        self.assertEqual(self.anna.get("/api/v1/units").status, 200)

    def test_an_unknown_name_is_answered_as_a_wrong_password_is(self):
        unknown, wrong = self.sign_in("nobody", "a wrong password"), self.sign_in("anna", "a wrong password")
        self.assertEqual((unknown.status, unknown.text), (wrong.status, wrong.text))

    def test_a_link_opens_once(self):
        for _ in range(2):
            answer = Person(self).ask("/api/v1/session/join", "POST",
                                      {"link": self.secret, "password": "the password of a thief"})
            self.assertEqual((answer.status, answer.json["code"]), (410, "link_over"))
        self.assertEqual(self.anna.get("/api/v1/units").status, 200)
        self.assertEqual(self.sign_in("anna", "the password of a thief").status, 401)
        look = Person(self).ask("/api/v1/session/link", "POST", {"link": self.secret})
        self.assertNotIn("anna", look.text)

    def test_two_who_use_a_link_at_once_are_not_both_let_in(self):
        secret = self.link("ben", "alpha/ben")
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: Person(self).ask(
                "/api/v1/session/join", "POST", {"link": secret, "password": f"password number {n}"}).status, range(4)))
        self.assertEqual(answers.count(200), 1, answers)

    def test_a_new_link_ends_the_one_before(self):
        old = self.link("ben", "alpha/ben")
        new = self.account("link", "ben").split("#")[-1]
        first = Person(self).ask("/api/v1/session/join", "POST", {"link": old, "password": PASSWORD})
        self.assertEqual(first.status, 410, first.text)
        self.joined(new)

    def test_guessing_links_and_tokens_opens_nothing(self):
        statuses = [Person(self).ask("/api/v1/session/link", "POST", {"link": f"guess{n}"}).status for n in range(30)]
        self.assertLessEqual(set(statuses), {410, 429})
        self.assertIn(429, statuses)
        for token, status in (("x", 401), ("x" * 10_000, 401), ("", 401), ("\x7f", 400),
                              (self.anna.cookie.split("=")[1], 401)):
            answer = Person(self).ask("/api/v1/units", headers={"Authorization": "Bearer " + token})
            self.assertEqual(answer.status, status, token[:20])

    def test_no_secret_is_in_the_log(self):
        token = self.program("anna")
        self.sign_in("anna", "a password in the wrong place")
        token.get("/api/v1/units")
        invitation = self.invite("alpha/ben", "console")
        mistyped = invitation[:30] + ("A" if invitation[30] != "A" else "B") + invitation[31:]
        self.secrets.add(mistyped)
        self.account("add", "ben", "--code", mistyped, code=1)
        self.account("add", "ben", "--code", invitation)
        self.account("add", "carl", "--code", invitation, code=1)
        self.note_secrets()
        for name in ("anna", "ben"):
            (key,) = SECRET.findall((self.web.data / "identities" / f"{name}.key").read_text())
            self.assertIn(key, self.secrets)
        for secret in (*self.secrets, self.secret, PASSWORD, self.anna.cookie.split("=")[1], self.anna.csrf,
                       token.token, "a password in the wrong place"):
            self.assertNotIn(secret, self.web.log)


class Nonsense(Hostile):
    def test_no_path_leads_out_of_the_page_or_around_the_gate(self):
        (self.web.data / "secret.txt").write_text("a secret of the folder beside")
        for target in ("/../web/secret.txt", "/..%2fweb%2fsecret.txt", "/%2e%2e/web/secret.txt",
                       "/a/../../web/secret.txt", "/..\\web\\secret.txt", "//etc/passwd", "/%00", "/index.html%00.png",
                       "/%", "/%zz", "/%c0%ae%c0%ae/x", "/maps/../web/secret.txt", "/maps/%2e%2e/secret.txt",
                       "/maps/..%2f..%2fetc/passwd", "/api/v1/units/..%2f..", "/api/v1/units/alpha/%2e%2e",
                       "http://evil.example/", "*", "index.html"):
            answer = self.raw_get(target)
            self.assertNotIn(b"a secret of the folder", answer, target)
            self.assertNotIn(b"root:", answer, target)
            # The page itself answers where an address of its own could be.
            self.assertIn(self.status(answer), (200, 301, 400, 403, 404, 421), target)
            if self.status(answer) == 200:
                self.assertIn(b"<title>Vigie</title>", answer, target)
        nobody = Person(self)
        for path in ("/api/v1/units", "/api/v1//units", "/api/v1/units/", "/api/v1/./units", "/API/v1/units",
                     "/api/v1/%75nits", "/api/v1/units?x", "/ogc/", "/ogc/collections", "/maps/x.pmtiles",
                     "/api/v1/session/../units", "/api/v1/accounts"):
            answer = nobody.ask(path)
            self.assertNotIn("alpha", answer.text, path)
            self.assertNotIn('"units"', answer.text, path)

    def test_requests_that_two_servers_would_read_differently_are_refused(self):
        host = f"Host: 127.0.0.1:{self.web.port}\r\n"
        hidden = f"GET /hidden HTTP/1.1\r\n{host}\r\n"
        for head, body in (("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden),
                           ("Content-Length: 4\r\nContent-Length: 5\r\n", "aaaaa"),
                           ("Content-Length: +4\r\n", "aaaa"), ("Content-Length: 4, 4\r\n", "aaaa"),
                           ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden),
                           ("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden),
                           (" X: folded\r\n", ""), ("X: a\r\n folded\r\n", ""), (host, ""), ("X\0: y\r\n", "")):
            answer = self.raw(f"POST /api/v1/session HTTP/1.1\r\n{host}{head}\r\n{body}".encode())
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, (head, answer))
            self.assertIn(self.status(answer), (400, 411, 413, 501), (head, answer))

    def test_what_is_too_large_or_never_ends_is_refused(self):
        for request in (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
                        b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
                        b"\x16\x03\x01\x02\x00\x01\x00", b"\0" * 1000, b"GET / HTTP/9.9\r\n\r\n"):
            self.assertIn(self.status(self.raw(request)), (0, 400, 414, 431, 505), request[:30])
        answer = self.anna.ask("/api/v1/events", "POST", b"x" * (300 * 1024), {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 413)
        deep = b"[" * 100_000
        for body in (deep, b'{"a":' * 50_000, b'{"kind":"text","text":"\xff"}', b"null", b"1e999"):
            answer = self.anna.ask("/api/v1/events", "POST", body, {"Content-Type": "application/json"})
            self.assertEqual((answer.status, answer.json["code"]), (400, "bad_body"), body[:20])
        self.assertEqual(self.anna.get("/api/v1/units").status, 200)

    def test_script_in_call_signs_and_texts_stays_text_in_every_form(self):
        self.enrol("alpha/v1", "tracker")
        live = self.anna.view().ready()
        self.track("alpha/v1", [(15, 1)], "--call-sign", EVIL[:32], "--unit-kind", "vehicle")
        self.vigie("alpha/v1", "send", "--unit", "alpha/v1", "--at", "15,1", EVIL_TEXT)
        live.until_text(EVIL_TEXT)
        live.until_true(lambda: live.cards and live.units)
        self.assertEqual(live.cards["alpha/v1"]["call_sign"], EVIL[:32])
        unit = self.anna.get("/api/v1/units/alpha/v1")
        self.assertEqual(unit.json["unit"]["call_sign"], EVIL[:32])
        self.assertEqual(self.anna.get("/api/v1/events").json["events"][0]["text"], EVIL_TEXT)
        span = query(since="2020-01-01T00:00:00Z", to="2099-01-01T00:00:00Z")
        for path in ("/api/v1/units", "/ogc/collections/units/items", "/ogc/collections/events/items",
                     f"/api/v1/tracks?{span}", f"/api/v1/tracks?{span}&format=gpx", "/api/v1/events?format=csv"):
            answer = self.anna.get(path)
            self.assertNotIn("text/html", answer.headers["content-type"], path)
            if "json" in answer.headers["content-type"]:
                json.loads(answer.body)
        for path in ('/api/v1/units/<script>/x', '/api/v1/units?limt=<script>'):
            answer = self.anna.ask(path.replace("<", "%3C").replace(">", "%3E"))
            self.assertGreaterEqual(answer.status, 400)
            self.assertIn("application/problem+json", answer.headers["content-type"])
        self.assertRegex(self.anna.get(f"/api/v1/events?format=csv").text, r'""><svg')

    def test_ctl_of_accounts_refuses_names_that_are_paths(self):
        for name in ("../x", "a/b", "A", "", "x" * 33, "a\nb", "-x"):
            done = subprocess.run([BIN / "vigie-web", "account", "add", "--plain", "--data", self.web.data, "--", name],
                                  text=True, capture_output=True, timeout=WAIT_S)
            self.assertNotEqual(done.returncode, 0, name)
        self.assertEqual([path.name for path in (self.web.data / "identities").iterdir()
                          if not re.fullmatch(r"[a-z]+\.key.*", path.name)], [])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""The server's own TLS: which versions, what a browser is told and given, and what does not speak TLS."""
import os
import shutil
import signal
import ssl
import unittest

from tls_room import NAME, TlsRoom, has_openssl, make_certificate
from web_room import Person, ask, query, skip_all

OLD = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]
GOOD = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class Tls(TlsRoom):
    def setUp(self):
        super().setUp()
        self.enrol("alpha/v1", "tracker")

    @property
    def SETTINGS(self):
        return (f"certificate={self.certificate}", f"key={self.key}", f"names={NAME}", "http.patience=1s")

    def test_old_versions_are_refused_and_new_ones_taken(self):
        for version in OLD:
            with self.assertRaises(ssl.SSLError) as refusal:
                self.connect(least=version, most=version)
            self.assertIn("ALERT_PROTOCOL_VERSION", str(refusal.exception), version)
        for version, name in zip(GOOD, ("TLSv1.2", "TLSv1.3")):
            with self.connect(least=version, most=version) as secure:
                self.assertEqual(secure.version(), name)
                self.assertGreaterEqual(secure.cipher()[2], 128)

    def test_weak_ciphers_are_refused(self):
        for ciphers in ("AES256-SHA", "ECDHE-ECDSA-AES256-SHA", "aNULL", "eNULL"):
            context = ssl.create_default_context(cafile=str(self.certificate))
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers + ":@SECLEVEL=0")
            with self.assertRaises(ssl.SSLError, msg=ciphers):
                context.wrap_socket(self.tcp(), server_hostname=NAME)

    def test_a_cookie_goes_over_tls_alone_and_the_browser_is_told_to_stay_there(self):
        anna = self.person("anna", "alpha/room")
        answer = Person(self).ask("/api/v1/session", "POST",
                                  {"name": "anna", "password": "a long enough password"})
        cookie = answer.headers["set-cookie"]
        self.assertTrue(cookie.startswith("__Host-vigie="), cookie)
        for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, cookie.split("; "))
        self.assertEqual(answer.headers["strict-transport-security"], "max-age=31536000")
        self.assertEqual(anna.get("/api/v1/me").json["account"], "anna")
        bare = Person(self, anna.cookie.replace("__Host-", ""), anna.csrf)
        self.assertEqual(bare.ask("/api/v1/me").status, 401, "a cookie that came by another way")

    def test_the_feed_shows_what_happens(self):
        view = self.person("anna", "alpha/room").view().ready()
        self.track("alpha/v1", [(15, 1)])
        self.send("alpha/v1", "over TLS")
        view.until_text("over TLS")
        view.until_true(lambda: set(view.units) == {"alpha/v1"})

    def test_large_answers_and_messages_are_whole(self):
        anna = self.person("anna", "alpha/room")
        left = anna.view().ready()
        left.feed.drop()
        self.track("alpha/v1", [(15 + n / 1e5, 1) for n in range(2000)])
        texts = [f"{number} " + "x" * 4000 for number in range(20)]
        for text in texts:
            self.send("alpha/v1", text)
        span = query(since="2020-01-01T00:00:00Z", to="2099-01-01T00:00:00Z")
        events = anna.get(f"/api/v1/events?{span}&order=oldest")
        self.assertEqual([event["text"] for event in events.json["events"]], texts)
        self.assertEqual(anna.get(f"/api/v1/tracks?{span}&format=csv").text.count("alpha/v1"), 2000)
        back = anna.view(kept=left)
        self.assertEqual(back.until_text(texts[-1]), texts)

    def test_what_does_not_speak_tls_is_closed_and_holds_nothing(self):
        view = self.person("anna", "alpha/room").view().ready()
        with self.tcp() as plain:
            plain.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
            self.assertNotIn(b"HTTP/1.1 200", self.rest_of(plain))
        with self.tcp() as silent:
            self.assertEqual(self.rest_of(silent), b"", "one that says nothing is closed in its time")
        self.send("alpha/v1", "still here")
        view.until_text("still here")

    @staticmethod
    def rest_of(connection):
        got = b""
        try:
            while part := connection.recv(1 << 16):
                got += part
        except ConnectionError:
            pass  # closed as hard as that
        return got

    def test_a_new_certificate_is_taken_and_what_is_open_stays_open(self):
        view = self.person("anna", "alpha/room").view().ready()
        second, key = make_certificate(self.certificates, "second")
        first = shutil.copy(self.certificate, self.certificates / "kept.pem")
        shutil.copy(second, self.certificate)
        shutil.copy(key, self.key)
        os.kill(self.web.process.pid, signal.SIGHUP)

        def is_new():
            try:
                self.connect(trusted=second).close()
                return True
            except ssl.SSLCertVerificationError:
                return False
        self.eventually("the new certificate is shown", is_new)
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect(trusted=first)
        self.send("alpha/v1", "as before")
        view.until_text("as before")

    def test_a_certificate_that_does_not_fit_leaves_the_one_before(self):
        other, _ = make_certificate(self.certificates, "other")
        kept = shutil.copy(self.certificate, self.certificates / "kept.pem")
        shutil.copy(other, self.certificate)
        os.kill(self.web.process.pid, signal.SIGHUP)
        self.eventually("the log says so", lambda: "the certificate stays as it was" in self.web.log)
        answer = ask(self.web.port, "GET", "/", headers={"Host": NAME}, connect=lambda: self.connect(trusted=kept))
        self.assertEqual(answer.status, 200)


if __name__ == "__main__":
    if not has_openssl():
        skip_all("openssl is not there: apt-get install openssl")
    unittest.main()

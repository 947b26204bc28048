#!/usr/bin/env python3
"""The user's own maps are read by who is signed in, in ranges, and by nobody else; nothing beside them is."""
import socket
import unittest

from web_room import WAIT_S, Person, WebRoom, WebServer

MAP = bytes(range(256)) * 8
TILE = b"\x89PNG a tile"
SECRET = b"nobody's business"


class Maps(WebRoom):
    def setUp(self):
        super().setUp()
        self.anna = self.person("anna", "alpha/room")
        self.nobody = Person(self)

    def start_web(self, port=0):
        folder = self.place.folder / "maps"
        (folder / "sat" / "3" / "4").mkdir(parents=True, exist_ok=True)
        (folder / "land.pmtiles").write_bytes(MAP)
        (folder / "sat" / "3" / "4" / "5.png").write_bytes(TILE)
        (folder / "notes.txt").write_bytes(SECRET)
        (self.place.folder / "secret.pmtiles").write_bytes(SECRET)
        if not (folder / "out.pmtiles").is_symlink():
            (folder / "out.pmtiles").symlink_to(self.place.folder / "secret.pmtiles")
        return WebServer(self.place.folder, self.place.hub.address, port, (f"maps={folder}",))

    def raw(self, target, person):
        """The whole answer to a path as it stands here: no client mends it."""
        head = "".join(f"{name}: {value}\r\n" for name, value in person.headers().items())
        with socket.create_connection(("127.0.0.1", self.web.port), WAIT_S) as one:
            one.sendall(f"GET {target} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
            parts = []
            while part := one.recv(1 << 16):
                parts.append(part)
        return b"".join(parts)

    def test_whoever_is_signed_in_gets_the_list_and_the_files(self):
        token = self.program("anna")
        for person in (self.anna, token):
            told = {one["name"]: one for one in person.get("/maps").json["maps"]}
            self.assertEqual(told["land"], {"name": "land", "kind": "pmtiles", "path": "/maps/land.pmtiles",
                                            "bytes": len(MAP)})
            self.assertEqual(told["sat"]["path"], "/maps/sat/{z}/{x}/{y}.png")
            whole = person.get("/maps/land.pmtiles")
            self.assertEqual((whole.body, whole.headers["accept-ranges"]), (MAP, "bytes"))
            self.assertIn("private", whole.headers["cache-control"])
            tile = person.get("/maps/sat/3/4/5.png")
            self.assertEqual((tile.body, tile.headers["content-type"]), (TILE, "image/png"))

    def test_a_range_is_answered_by_that_part(self):
        for asked, part in (("bytes=0-9", MAP[:10]), ("bytes=2000-", MAP[2000:]), ("bytes=-5", MAP[-5:])):
            answer = self.anna.ask("/maps/land.pmtiles", headers={"Range": asked})
            self.assertEqual((answer.status, answer.body), (206, part), asked)
            self.assertTrue(answer.headers["content-range"].endswith(f"/{len(MAP)}"), asked)
        outside = self.anna.ask("/maps/land.pmtiles", headers={"Range": f"bytes={len(MAP)}-"})
        self.assertEqual((outside.status, outside.headers["content-range"]), (416, f"bytes */{len(MAP)}"))

    def test_a_file_that_is_known_is_not_sent_again(self):
        tag = self.anna.get("/maps/land.pmtiles").headers["etag"]
        again = self.anna.ask("/maps/land.pmtiles", headers={"If-None-Match": tag})
        self.assertEqual((again.status, again.body), (304, b""))

    def test_a_stranger_gets_nothing_not_even_whether_it_is_there(self):
        signed_out = self.signed_in("anna")
        self.assertEqual(signed_out.get("/maps/land.pmtiles").body, MAP)
        self.assertEqual(signed_out.ask("/api/v1/session", "DELETE").status, 204)
        answers = set()
        for person in (self.nobody, signed_out, Person(self, token="not-a-token")):
            for path in ("/maps", "/maps/land.pmtiles", "/maps/none.pmtiles", "/maps/sat/3/4/5.png"):
                answer = person.ask(path, headers={"Range": "bytes=0-3"})
                self.assertEqual((answer.status, answer.json["code"]), (401, "not_signed_in"), path)
                answers.add((path, answer.json["detail"]))
        for path in ("/maps/land.pmtiles", "/maps/none.pmtiles"):
            self.assertEqual({detail for _, detail in answers}, {detail for one, detail in answers if one == path})

    def test_no_path_leads_out_of_the_folder(self):
        for target in ("/maps/../secret.pmtiles", "/maps/%2e%2e/secret.pmtiles", "/maps/..%2fsecret.pmtiles",
                       "/maps/./../secret.pmtiles", "/maps//secret.pmtiles", "/maps/sat/../../secret.pmtiles",
                       "/maps/..\\secret.pmtiles", "/maps/%00land.pmtiles", "/maps/out.pmtiles", "/maps/notes.txt",
                       f"/maps/{self.place.folder}/secret.pmtiles", "/maps/sat", "/maps/sat/3/4/../4/5.txt"):
            for person in (self.anna, self.nobody):
                answer = self.raw(target, person)
                self.assertRegex(answer, rb"^HTTP/1\.1 (400|401|404) ", target)
                self.assertNotIn(SECRET, answer, target)


if __name__ == "__main__":
    unittest.main()

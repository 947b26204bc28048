#!/usr/bin/env python3
"""GDAL's OGC API - Features driver opens the hub as a layer, with what the token's account may see and no more."""
import os
import re
import subprocess
import unittest

from web_room import WAIT_S, WebRoom, has_ogrinfo, skip_all


class Gdal(WebRoom):
    def setUp(self):
        super().setUp()
        self.enrol("alpha/gate", "gateway", "--unit", "alpha/*")
        self.enrol("bravo/v1", "tracker")
        live = self.person("anna", "alpha/room").view().ready()
        self.token = self.program("anna").token
        self.track("bravo/v1", [(15, 1)], "--call-sign", "Hidden")
        for unit in range(30):
            self.track("alpha/gate", [(15 + unit, 1 + n / 1000) for n in range(5)], "--call-sign", f"Call {unit}",
                       unit=f"alpha/u{unit}")
        for number in range(15):
            self.vigie("alpha/gate", "send", "--unit", f"alpha/u{number}", "--at", f"{15 + number},1", "--kind",
                       "sos" if number < 4 else "text", f"event {number}")
        live.until_text("event 14")
        live.until_true(lambda: len(live.units) == 30)

    def ogrinfo(self, *arguments, page=None):
        environment = {**os.environ, "GDAL_HTTP_HEADERS": "Authorization: Bearer " + self.token}
        source = f"OAPIF:http://127.0.0.1:{self.web.port}/ogc"
        options = ["-oo", f"PAGE_SIZE={page}"] if page else []
        done = subprocess.run(["ogrinfo", "-ro", *options, source, *arguments], text=True, capture_output=True,
                              timeout=WAIT_S, env=environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertNotIn("bravo", done.stdout)
        return done.stdout

    def count(self, layer, *arguments, page=None):
        said = self.ogrinfo("-so", layer, *arguments, page=page)
        return int(re.search(r"Feature Count: (\d+)", said).group(1))

    def values(self, text, field):
        return re.findall(rf"^  {field} \(\w+\) = (.*)$", text, re.M)

    def test_all_collections_are_layers_and_hold_all_and_no_more(self):
        said = self.ogrinfo("-so", "-al")
        self.assertEqual(set(re.findall(r"^Layer name: (\w+)", said, re.M)), {"units", "events", "tracks"})
        self.assertEqual({layer: self.count(layer) for layer in ("units", "events", "tracks")},
                         {"units": 30, "events": 15, "tracks": 30})
        for geometry in ("Point", "Line String"):
            self.assertIn("Geometry: " + geometry, said.replace("Multi Line String", "Line String"))
        self.assertIn("WGS 84", said)

    def test_all_features_come_page_by_page_each_once(self):
        said = self.ogrinfo("units", page=7)
        self.assertEqual(sorted(self.values(said, "unit")), sorted(f"alpha/u{n}" for n in range(30)))
        self.assertEqual(len(set(re.findall(r"POINT \((.*?)\)", said))), 30)
        said = self.ogrinfo("events", page=4)
        self.assertEqual(sorted(self.values(said, "text")), sorted(f"event {n}" for n in range(15)))

    def test_an_area_cuts_to_what_lies_in_it(self):
        area = ("-spat", "0", "19.5", "2", "24.5")
        said = self.ogrinfo("units", *area)
        self.assertEqual(sorted(self.values(said, "unit")), [f"alpha/u{n}" for n in range(5, 10)])
        for page in (None, 2):
            counts = [self.count(layer, *area, page=page) for layer in ("units", "events", "tracks")]
            self.assertEqual(counts, [5, 5, 5], page)
        self.assertEqual(self.count("units", "-spat", "100", "0", "101", "1"), 0)

    def test_an_attribute_filters(self):
        said = self.ogrinfo("units", "-where", "unit = 'alpha/u7'")
        self.assertEqual(self.values(said, "call_sign"), ["Call 7"])
        self.assertEqual(self.count("events", "-where", "kind = 'sos'"), 4)
        self.assertEqual(self.count("tracks", "-where", "unit = 'alpha/u3'"), 1)
        self.assertEqual(self.count("units", "-where", "unit = 'bravo/v1'"), 0)


if __name__ == "__main__":
    if not has_ogrinfo():
        skip_all("ogrinfo is not there: apt-get install gdal-bin")
    unittest.main()

#!/usr/bin/env python3
"""Large exports: whole, valid, and in a constant part of the server's memory however slowly they are read."""
import csv
import datetime
import io
import json
import shutil
import subprocess
import unittest
import xml.etree.ElementTree

from web_room import WAIT_S, WebRoom, query

UNITS, FIXES = 20, 200_000
GROWTH_MAX = 64 << 20
GPX = "{http://www.topografix.com/GPX/1/1}"
SPAN = {"since": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}


class Export(WebRoom):
    SETTINGS = ("http.stalled=10m", "exports.per_account=3")

    def setUp(self):
        super().setUp()
        self.enrol("alpha/gate", "gateway", "--unit", "alpha/*")
        self.anna = self.person("anna", "alpha/room")

    def publish(self, units, fixes):
        """Positions of so many units, all in the hour that ends now."""
        path = self.place.folder / "many.csv"
        end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        rounds = fixes // units
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["unit", "time", "lat", "lon"])
            for turn in range(rounds):
                at = (end - datetime.timedelta(seconds=(rounds - turn) * 0.3)).isoformat(timespec="milliseconds")
                for unit in range(units):
                    writer.writerow([f"v{unit}", at, f"{15 + turn / 1e5:.5f}", f"{1 + unit / 100:.5f}"])
        self.vigie("alpha/gate", "track", "--owner", "alpha", "--csv", path, "--columns",
                   "unit=unit,time=time,lat=lat,lon=lon", "--clock", "satellite", "--no-spool")

    def path(self, form, **more):
        return f"/api/v1/tracks?{query(**SPAN, format=form, **more)}"

    def read_with_a_stalled_one_beside(self, form):
        """The whole text, read while another reader of the same takes nothing, who then gets it whole too; and how
        much the server grew."""
        self.anna.get("/api/v1/tracks?format=" + form)
        before = most = self.web.resident_bytes()
        with self.anna.streaming(self.path(form)) as stalled:
            self.assertEqual(stalled.status, 200)
            first = stalled.read(1000)
            with self.anna.streaming(self.path(form)) as other:
                parts = []
                while part := other.read(1 << 16):
                    parts.append(part)
                    most = max(most, self.web.resident_bytes())
            rest = []
            while part := stalled.read(1 << 16):
                rest.append(part)
                most = max(most, self.web.resident_bytes())
        whole = b"".join(parts)
        self.assertEqual(len(first) + sum(map(len, rest)), len(whole))
        print(f"\n{form}: {len(whole) / 1e6:.1f} MB twice, one reader stalled; the server held {before / 1e6:.0f} MB "
              f"before and {most / 1e6:.0f} MB at most")
        return whole.decode(), most - before

    def test_two_hundred_thousand_fixes_are_exported_whole_in_constant_memory(self):
        self.publish(UNITS, FIXES)
        text, grown = self.read_with_a_stalled_one_beside("csv")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), FIXES)
        self.assertEqual(len({(row["unit"], row["true_time"]) for row in rows}), FIXES)
        self.assertLess(grown, GROWTH_MAX)
        text, grown = self.read_with_a_stalled_one_beside("ndjson")
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len([line for line in lines if line.get("class") == "track"]), FIXES)
        self.assertEqual(len(lines), FIXES)
        self.assertEqual([line["true_time"] for line in lines], sorted(line["true_time"] for line in lines))
        self.assertLess(grown, GROWTH_MAX)
        text, grown = self.read_with_a_stalled_one_beside("geojson")
        self.assertEqual(sum(f["properties"]["fixes"] for f in json.loads(text)["features"]), FIXES)
        self.assertLess(grown, GROWTH_MAX)

    def test_gpx_is_gpx_1_1(self):
        self.publish(3, 3000)
        answer = self.anna.get(self.path("gpx"))
        self.assertEqual(answer.headers["content-type"].split(";")[0], "application/gpx+xml")
        root = xml.etree.ElementTree.fromstring(answer.body)
        self.assertEqual((root.tag, root.get("version")), (GPX + "gpx", "1.1"))
        self.assertTrue(root.get("creator"))
        order = ["metadata", "wpt", "rte", "trk", "extensions"]
        places = [order.index(child.tag.removeprefix(GPX)) for child in root]
        self.assertEqual(places, sorted(places))
        tracks = root.findall(GPX + "trk")
        self.assertEqual([track.find(GPX + "name").text for track in tracks], ["alpha/v0", "alpha/v1", "alpha/v2"])
        for track in tracks:
            points = track.findall(f"{GPX}trkseg/{GPX}trkpt")
            times = [point.find(GPX + "time").text for point in points]
            self.assertEqual((len(times), times), (1000, sorted(times)))
            self.assertTrue(all(-90 <= float(p.get("lat")) <= 90 for p in points))
            self.assertTrue(all(-180 <= float(p.get("lon")) <= 180 for p in points))
        self.read_by_gdal(answer.body, "x.gpx", "tracks", 3)

    def test_geojson_is_as_rfc_7946_says(self):
        self.publish(3, 3000)
        for more, count in (({}, 3), ({"points": "true"}, 3000)):
            answer = self.anna.get(self.path("geojson", **more))
            self.assertEqual(answer.headers["content-type"].split(";")[0], "application/geo+json")
            whole = answer.json
            self.assertEqual((whole["type"], len(whole["features"])), ("FeatureCollection", count))
            self.assertNotIn("crs", whole)
            for feature in whole["features"]:
                self.assertEqual(feature["type"], "Feature")
                self.assertIsInstance(feature["properties"], dict)
                geometry = feature["geometry"]
                points = {"Point": lambda c: [c], "LineString": lambda c: c,
                          "MultiLineString": lambda c: [p for line in c for p in line]}[geometry["type"]](
                              geometry["coordinates"])
                self.assertTrue(geometry["type"] == "Point" or len(points) >= 2)
                for lon, lat, *altitude in points:
                    self.assertTrue(1 <= lon < 1.1 and 15 <= lat < 15.1, "longitude first")
                    self.assertLessEqual(len(altitude), 1)
            self.read_by_gdal(answer.body, "x.geojson", None, count)

    def read_by_gdal(self, body, name, layer, count):
        if shutil.which("ogrinfo") is None:
            return
        path = self.place.folder / name
        path.write_bytes(body)
        done = subprocess.run(["ogrinfo", "-so", path, *([layer] if layer else ["-al"])], text=True,
                              capture_output=True, timeout=WAIT_S)
        self.assertIn(f"Feature Count: {count}\n", done.stdout, done.stderr)
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    unittest.main()

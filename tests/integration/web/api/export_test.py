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
from vigie_programs import lines_of  # noqa: I001, web_room says where it is

UNITS, FIXES = 20, 200_000
GROWTH_MAX = 32 << 20  # of two readers; most forms are twice that and more
PARTS_MAX = 64 << 20  # where a Feature's 100,000 times are written at its end, beside its places
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

    def warm(self, path):
        """The same of a span in which there is nothing: what one answer of that kind takes for good is had."""
        self.anna.get(path.replace("2020-", "2010-").replace("2099-", "2011-"))

    def read_with_a_stalled_one_beside(self, path, growth_max=GROWTH_MAX):
        """The whole text, read while another reader of the same takes nothing, who then gets it whole too. The server
        has not grown by as much as stands in it."""
        self.warm(path)
        before = most = self.web.resident_bytes()
        with self.anna.streaming(path) as stalled:
            self.assertEqual(stalled.status, 200)
            first = stalled.read(1000)
            with self.anna.streaming(path) as other:
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
        grown = most - before
        print(f"\n{path}: {len(whole) / 1e6:.1f} MB twice, one reader stalled; the server held {before / 1e6:.0f} MB "
              f"before and {grown / 1e6:.1f} MB more at most", flush=True)
        self.assertLess(grown, growth_max, path)
        return whole.decode()

    def assert_times(self, times, units):
        """All fixes, each unit's in order."""
        self.assertEqual((len(times), sum(map(len, times.values()))), (units, FIXES))
        for unit, its in times.items():
            self.assertEqual(its, sorted(set(its)), unit)

    def times_of_lines(self, text):
        times = {}
        for feature in json.loads(text)["features"]:
            told = feature["properties"]
            its = [time for line in told["coordTimes"] for time in line]
            its = its[told["part"] > 1:]  # a later part begins where the one before it ended
            self.assertEqual(told["fixes"], len(its))
            times.setdefault(told["unit"], []).extend(its)
        return times

    def times_of_gpx(self, text):
        tracks = xml.etree.ElementTree.fromstring(text).findall(GPX + "trk")
        return {track.find(GPX + "name").text: [time.text for time in track.iter(GPX + "time")] for track in tracks}

    def test_two_hundred_thousand_fixes_are_exported_whole_in_constant_memory(self):
        self.publish(UNITS, FIXES)
        text = self.read_with_a_stalled_one_beside(self.path("csv"))
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual(len(rows), FIXES)
        self.assertEqual(len({(row["unit"], row["true_time"]) for row in rows}), FIXES)
        text = self.read_with_a_stalled_one_beside(self.path("ndjson"))
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(len([line for line in lines if line.get("class") == "track"]), FIXES)
        self.assertEqual(len(lines), FIXES)
        self.assertEqual([line["true_time"] for line in lines], sorted(line["true_time"] for line in lines))
        text = self.read_with_a_stalled_one_beside(self.path("geojson"))
        self.assert_times(self.times_of_lines(text), UNITS)
        text = self.read_with_a_stalled_one_beside(self.path("gpx"))
        self.assert_times(self.times_of_gpx(text), UNITS)
        text = self.read_with_a_stalled_one_beside(self.path("geojson", points="true"))
        points = json.loads(text)["features"]
        self.assertEqual({point["geometry"]["type"] for point in points}, {"Point"})
        self.assertEqual(len({(p["properties"]["unit"], p["properties"]["true_time"]) for p in points}), FIXES)
        text = self.read_with_a_stalled_one_beside(
            f"/ogc/collections/tracks/items?{query(limit=UNITS, datetime='2020-01-01T00:00:00Z/2099-01-01T00:00:00Z')}")
        self.assert_times(self.times_of_lines(text), UNITS)
        self.assertEqual(json.loads(text)["numberReturned"], UNITS)

    def test_the_track_of_one_unit_is_exported_whole_in_constant_memory(self):
        self.publish(1, FIXES)
        path = f"/api/v1/units/alpha/v0/track?{query(**SPAN)}"
        text = self.read_with_a_stalled_one_beside(path + "&format=geojson", PARTS_MAX)
        self.assert_times(self.times_of_lines(text), 1)
        text = self.read_with_a_stalled_one_beside(path + "&format=gpx")
        self.assert_times(self.times_of_gpx(text), 1)
        text = self.read_with_a_stalled_one_beside(path + "&format=geojson&points=true")
        self.assertEqual(len(json.loads(text)["features"]), FIXES)

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

    def audited(self, what):
        """Who did so, as the owner's administrator is told."""
        lines = lines_of(self.vigie(self.chief, "audit", "--what", what, "--format", "json").stdout)
        return [line["fields"]["who"] for line in lines if line["fields"]["who"] != "_hub/administrator"]

    def test_the_audit_tells_who_took_the_past_away_and_not_of_who_looked_at_it(self):
        self.publish(1, 10)
        feed = self.anna.view().ready()
        # What the page asks for by itself: its panels, a unit's card, the time bar, the picture as it was.
        for path in ("/api/v1/events", "/api/v1/units/alpha/v0/track?format=ndjson", "/api/v1/timeline",
                     f"/api/v1/units?{query(at='2026-01-01T00:00:00Z', format='geojson')}", "/api/v1/density"):
            self.anna.get(path)
        feed.feed.drop()
        self.eventually("looking is told", lambda: self.audited("read_past"))
        self.assertEqual(self.audited("exported"), [])
        program = self.program("anna")
        day = query(datetime="2020-01-01T00:00:00Z/2099-01-01T00:00:00Z")
        taken = 0  # fewer than 30: more of one who reads are told together, a minute later
        for who, path in ((self.anna, self.path("gpx")), (self.anna, self.path("csv")),
                          (self.anna, self.path("geojson")), (self.anna, self.path("ndjson")),
                          (self.anna, "/api/v1/units/alpha/v0/track?format=gpx"),
                          (self.anna, "/api/v1/events?order=oldest&format=csv"),
                          (self.anna, "/api/v1/events?order=oldest&format=ndjson"),
                          (self.anna, "/api/v1/events?order=oldest&format=geojson"),
                          (self.anna, f"/ogc/collections/tracks/items?{day}"),
                          (self.anna, f"/ogc/collections/tracks/items/alpha:v0?{day}"),
                          (program, "/api/v1/events?order=oldest"),
                          (program, "/api/v1/units/alpha/v0/track?format=ndjson"),
                          (self.anna, "/ogc/collections/events/items")):  # the last: it is read in several ranges
            with self.subTest(path=path):
                who.get(path)
                self.eventually("it is told", lambda: len(self.audited("exported")) > taken, 10)
                now = self.audited("exported")
                self.assertEqual(set(now), {"alpha/room"})
                taken = len(now)

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

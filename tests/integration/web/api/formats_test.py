#!/usr/bin/env python3
"""GPX and GeoJSON as their own standards judge them, with positions that are hard to write down.

GPX by the schema of GPX 1.1 (from Debian's pytrainer) with xmllint, by gpxpy, and by GDAL; GeoJSON by judge_geojson.mjs
and by GDAL. A judge that is not there is named, and left out; the test is skipped when there is none at all.
"""
import csv
import datetime
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from web_room import WAIT_S, WebRoom, query, skip_all
from vigie_programs import nmea  # noqa: I001, web_room says where it is

HERE = pathlib.Path(__file__).resolve().parent
SCHEMA = pathlib.Path("/usr/share/pytrainer/schemas/Topografix_gpx11.xsd")
GPXPY = pathlib.Path("/usr/lib/python3/dist-packages/gpxpy")
NODE = shutil.which("node") or shutil.which("nodejs")
CHECK = HERE.parents[3] / "clients/web/page/node_modules/@placemarkio/check-geojson"
JUDGES = {"the schema of GPX 1.1 (pytrainer, libxml2-utils)": SCHEMA.exists() and shutil.which("xmllint"),
          "gpxpy (python3-gpxpy)": GPXPY.exists(), "GDAL (gdal-bin)": shutil.which("ogrinfo"),
          "check-geojson (npm ci in clients/web/page)": NODE and CHECK.exists()}
SPAN = {"since": "2020-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
# Both ways over the antimeridian and on it, the poles, below the sea, one fix alone, a name that is not ASCII.
HARD = {"over": [(10, 179.9), (10.5, -179.9), (11, 179.95), (11, 180), (11.5, -180), (12, -179.9999999)],
        "poles": [(90, 0), (89.9999999, 179), (-90, -180), (-90, 180)],
        "one": [(-0.0000001, -0.0000001)],
        "née-1": [(31.5, 35.5), (31.50001, 35.50001)],
        "still": [(15, 1)] * 5}
READ_BY_GPXPY = """
import sys, gpxpy
with open(sys.argv[1]) as file:
    gpx = gpxpy.parse(file)
print(gpx.version, len(gpx.tracks), gpx.get_points_data() and len(gpx.get_points_data()), gpx.get_time_bounds()[0])
"""


class Formats(WebRoom):
    def setUp(self):
        super().setUp()
        self.enrol("alpha/gate", "gateway", "--unit", "alpha/*")
        self.anna = self.person("anna", "alpha/room")

    def publish(self):
        """All of HARD with every measure, and one unit of a receiver, which tells its satellites; how many fixes."""
        path = self.place.folder / "hard.csv"
        begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["unit", "time", "lat", "lon", "alt", "speed", "course"])
            for unit, places in HARD.items():
                for number, (lat, lon) in enumerate(places):
                    at = (begin + datetime.timedelta(seconds=number + 0.25)).isoformat(timespec="milliseconds")
                    writer.writerow([unit, at, f"{lat:.7f}", f"{lon:.7f}", -430.5 + number, 2.5 * number, 359.999])
        self.vigie("alpha/gate", "track", "--owner", "alpha", "--csv", path, "--columns",
                   "unit=unit,time=time,lat=lat,lon=lon,alt=alt,speed=speed,course=course", "--clock", "satellite",
                   "--no-spool")
        text = ""
        for hour in range(3):
            at, place = f"{hour:02}0000.00", f"4807.038,S,01131.{hour:02},W"
            text += nmea("GPGSA,A,3,04,05,,09,12,,,24,,,,,2.5,1.3,2.1")
            text += nmea(f"GPGGA,{at},{place},1,08,0.9,545.4,M,46.9,M,,")
            text += nmea(f"GPRMC,{at},A,{place},022.4,084.4,010126,,")
        receiver = self.place.folder / "receiver.nmea"
        receiver.write_text(text)
        self.vigie("alpha/gate", "track", "--unit", "alpha/receiver", "--nmea", receiver, "--no-spool")
        for number, at in enumerate(("12,-180", "-90,180", None)):
            place = ("--at", at) if at else ()
            self.vigie("alpha/gate", "send", "--unit", "alpha/over", *place, "--kind", "text", f"<&> \"{number}\"")
        return sum(map(len, HARD.values())) + 3

    def keep(self, name, body):
        path = self.place.folder / name
        path.write_bytes(body)
        return path

    def run_judge(self, *command):
        return subprocess.run(command, text=True, capture_output=True, timeout=WAIT_S)

    def by_schema(self, path):
        """What the schema has against it; empty: nothing."""
        done = self.run_judge("xmllint", "--noout", "--nonet", "--schema", SCHEMA, path)
        return "" if done.returncode == 0 else done.stderr

    def gdal_counts(self, path):
        done = self.run_judge("ogrinfo", "-ro", "-al", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""), path)
        counts = re.findall(r"^Layer name: (\S+)\n(?:.*\n)*?Feature Count: (\d+)$", done.stdout, re.M)
        return {name: int(count) for name, count in counts}

    def test_gpx_is_valid_and_read_by_others(self):
        fixes = self.publish()
        units = len(HARD) + 1
        spans = {"all": SPAN, "empty": {"since": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}}
        for name, span in spans.items():
            for clock in ("true", "known"):
                body = self.anna.get(f"/api/v1/tracks?{query(**span, format='gpx', clock=clock)}").body
                path = self.keep(f"{name}-{clock}.gpx", body)
                if JUDGES["the schema of GPX 1.1 (pytrainer, libxml2-utils)"]:
                    self.assertEqual(self.by_schema(path), "", path)
                if name == "empty":
                    continue
                for part in (b"<sat>8</sat>", b"<fix>", b"<ele>-430.5</ele>", b"vigie:course_deg", "née-1".encode()):
                    self.assertIn(part, body)
                if JUDGES["gpxpy (python3-gpxpy)"]:
                    done = self.run_judge("/usr/bin/python3", "-c", READ_BY_GPXPY, path)
                    self.assertEqual(done.stdout.split()[:3], ["1.1", str(units), str(fixes)], done.stderr)
                if JUDGES["GDAL (gdal-bin)"]:
                    counts = self.gdal_counts(path)
                    self.assertEqual((counts["tracks"], counts["track_points"]), (units, fixes))

    def test_the_schema_refuses_what_is_not_gpx(self):
        if not JUDGES["the schema of GPX 1.1 (pytrainer, libxml2-utils)"]:
            self.skipTest("the schema is not there")
        self.publish()
        good = self.anna.get(f"/api/v1/tracks?{query(**SPAN, format='gpx')}").text
        swapped = re.sub(r"(<ele>.*?</ele>)(<time>.*?</time>)", r"\2\1", good, count=1)
        for name, bad in (("order", swapped), ("latitude", good.replace('lat="90.0000000"', 'lat="90.1"')),
                          ("longitude", re.sub(r'lon="-180(\.0+)?"', 'lon="180"', good)),
                          ("time", good.replace("Z</time>", " o'clock</time>", 1)),
                          ("fix", good.replace("<fix>", "<fix>more than ", 1))):
            self.assertNotEqual(bad, good, name)
            self.assertNotEqual(self.by_schema(self.keep(f"{name}.gpx", bad.encode())), "", name)

    def geojson_paths(self):
        span, since = query(**SPAN), query(datetime="2020-01-01T00:00:00Z/..")
        paths = ["/api/v1/units?format=geojson", f"/api/v1/tracks?{span}", f"/api/v1/tracks?{span}&points=true",
                 f"/api/v1/tracks?{span}&clock=known", f"/api/v1/events?{span}&format=geojson",
                 f"/api/v1/units/alpha/one/track?{span}"]
        paths += [f"/ogc/collections/{name}/items?{since}" for name in ("units", "events", "tracks")]
        return paths + ["/ogc/collections/units/items/alpha:over",
                        f"/ogc/collections/tracks/items/alpha:over?{since}"]

    def test_geojson_is_valid_and_read_by_gdal(self):
        fixes = self.publish()
        answers = [self.anna.get(path) for path in self.geojson_paths()]
        for answer in answers:
            self.assertEqual(answer.headers["content-type"].split(";")[0], "application/geo+json")
        kept = [self.keep(f"{number}.geojson", answer.body) for number, answer in enumerate(answers)]
        if JUDGES["check-geojson (npm ci in clients/web/page)"]:
            done = self.run_judge(NODE, HERE / "judge_geojson.mjs", *kept)
            self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        if JUDGES["GDAL (gdal-bin)"]:
            units = len(HARD) + 1
            counts = [sum(self.gdal_counts(path).values()) for path in kept]
            self.assertEqual(counts, [units, units, fixes, units, 3, 1, units, 3, units, 1, 1])

    def test_the_judge_of_geojson_refuses_what_is_not(self):
        if not JUDGES["check-geojson (npm ci in clients/web/page)"]:
            self.skipTest("check-geojson is not there")
        line = '{"type":"Feature","properties":{},"geometry":{"type":"%s","coordinates":%s}}'
        for number, bad in enumerate((
                "{", '{"type":"Feature"}', line % ("LineString", "[[1,2]]"), line % ("Point", "[200,2]"),
                line % ("LineString", "[[179,1],[-179,1]]"), line % ("Point", "[1,2,3,4]"),
                line % ("Polygon", "[[[0,0],[0,1],[1,1],[0,0]]]"),
                '{"type":"FeatureCollection","features":[],"crs":{}}')):
            done = self.run_judge(NODE, HERE / "judge_geojson.mjs", self.keep(f"bad-{number}.geojson", bad.encode()))
            self.assertEqual(done.returncode, 1, bad + done.stderr)
            self.assertIn(f"bad-{number}", done.stdout)
        good = line % ("Polygon", "[[[0,0],[1,1],[0,1],[0,0]]]")
        done = self.run_judge(NODE, HERE / "judge_geojson.mjs", self.keep("good.geojson", good.encode()))
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    missing = [name for name, there in JUDGES.items() if not there]
    if len(missing) == len(JUDGES):
        skip_all("no judge of formats is there: " + "; ".join(missing))
    for name in missing:
        print("without", name, file=sys.stderr)
    unittest.main()

"""Real recordings in through real trackers, out again by replay, compared with what the files say.

Runs where the recordings are present (VIGIE_RECORDINGS), and says so where they are not.
"""
import collections
import csv
import datetime
import decimal
import gzip
import re
import unittest

from vigie_programs import RECORDINGS, Place, lines_of


def seven(text):
    """The file's number with seven decimals, half away from zero."""
    return str(decimal.Decimal(text).quantize(decimal.Decimal("1e-7"), decimal.ROUND_HALF_UP))


def utc(text):
    """A time of the file as NDJSON writes it."""
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@unittest.skipUnless((RECORDINGS / "fleet-bus").is_dir(), "no recordings on this machine")
class Recordings(unittest.TestCase):
    def check_day(self, place, name):
        with gzip.open(RECORDINGS / "fleet-bus" / name, "rt", newline="") as file:
            rows = list(csv.DictReader(file))
        owner = "day" + name[:10]
        done = place.run("track", "--owner", owner, "--csv", RECORDINGS / "fleet-bus" / name)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout,
                         f"published {len(rows)}, acknowledged {len(rows)}, refused 0\n")
        wanted = [(f"{owner}/{row['vehicle_id']}", utc(row["timestamp"]), seven(row["latitude"]),
                   seven(row["longitude"])) for row in rows]
        got = place.replay("--channel", f"track/{owner}", "--clock", "known")
        self.assertEqual([(line["unit"], line["true_time"], line["lat"], line["lon"])
                          for line in got], wanted)
        for line, row in zip(got, rows):
            self.assertLessEqual(abs(float(line["speed_m_s"]) - float(row["speed"])), 0.00051)
        newest = {}
        late = 0
        for unit, time, _, _ in wanted:
            late += unit in newest and time < newest[unit]
            newest[unit] = max(newest.get(unit, ""), time)
        self.assertEqual(sum(line.get("late", False) for line in got), late)
        return newest, late

    def test_days_of_a_citys_buses_are_kept_row_by_row_with_the_late_ones_marked(self):
        with open(RECORDINGS / "fleet-bus" / "index.csv", newline="") as file:
            index = {row["file"]: row for row in csv.DictReader(file)}
        with Place() as place:
            for name in ("2015-03-07.csv.gz", "2016-05-30.csv.gz", "2016-03-22.csv.gz"):
                with self.subTest(name):
                    newest, late = self.check_day(place, name)
                    self.assertEqual(len(newest), int(index[name]["vehicles"]))
                    self.assertEqual(late,
                                     int(index[name]["rows_older_than_an_earlier_row_of_that_vehicle"]))
                    owner = "day" + name[:10]
                    picture = lines_of(place.run("watch", "--snapshot", "--format", "ndjson",
                                                 "--channel", f"track/{owner}").stdout)
                    self.assertEqual({line["unit"]: line["true_time"] for line in picture}, newest)

    def test_tracks_across_the_sahara_and_on_foot_come_back_point_by_point(self):
        with Place() as place:
            for path in sorted((RECORDINGS / "tracks").glob("*.gpx*")):
                with self.subTest(path.name):
                    self.check_gpx(place, path)

    def check_gpx(self, place, path):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig") as file:
            text = file.read()
        wanted = []
        for point in re.findall(r"<trkpt\b.*?(?:</trkpt>|/>)", text, re.S):
            time = re.search(r"<time>\s*(.*?)\s*</time>", point)
            if time and time.group(1) >= "2000":
                lat = re.search(r'lat="([^"]*)"', point).group(1)
                lon = re.search(r'lon="([^"]*)"', point).group(1)
                wanted.append((utc(re.sub(r"(\.\d{3})\d+Z", r"\1Z", time.group(1))), seven(lat),
                               seven(lon)))
        unit = "track/" + re.sub(r"[^A-Za-z0-9]", "-", path.name)
        done = place.run("track", "--unit", unit, "--gpx", path)
        self.assertEqual(done.returncode, 0 if wanted else 1, done.stderr)
        self.assertIn(f"published {len(wanted)}, acknowledged {len(wanted)}, refused 0", done.stdout)
        got = place.replay("--unit", unit, "--clock", "known")
        self.assertEqual([(line["true_time"], line["lat"], line["lon"]) for line in got], wanted)

    def test_replay_by_true_time_puts_every_row_in_its_place(self):
        with Place() as place:
            name = "2016-05-30.csv.gz"
            done = place.run("track", "--owner", "city", "--csv", RECORDINGS / "fleet-bus" / name)
            self.assertEqual(done.returncode, 0, done.stderr)
            known = place.replay("--clock", "known")
            true = place.replay("--clock", "true")
            times = [line["true_time"] for line in true]
            self.assertEqual(times, sorted(times))
            self.assertEqual(collections.Counter(line["seq"] for line in true),
                             collections.Counter(line["seq"] for line in known))


if __name__ == "__main__":
    unittest.main()

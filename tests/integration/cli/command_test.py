"""The `vigie` command against a real hub, with data made here."""
import collections
import datetime
import signal
import socket
import subprocess
import threading
import unittest

from vigie_programs import SOURCE, WAIT_S, Hub, Place, gpx, lines_of, nmea, ride, stop, wait_for


class Track(unittest.TestCase):
    def test_what_the_file_says_is_what_consoles_and_replays_show_to_the_last_digit(self):
        points = ride(300)
        with Place() as place:
            live = place.start("watch", "--only-new", "--format", "ndjson", "--notices",
                               "--class", "track")
            wait_for(live.stdout, '"state":"live"')
            path = place.file("ride.gpx", gpx(points))
            done = place.run("track", "--unit", "alpha/v1", "--group", "patrol", "--gpx", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout, "published 300, acknowledged 300, refused 0\n")
            replayed = place.replay()
            seen = [line for line in (live.stdout.readline() for _ in range(300))]
            stop(live)
            wanted = [(lat, lon, float(ele), time[:-1] + ".000000Z")
                      for lat, lon, ele, time in points]
            for lines in (replayed, lines_of("".join(seen))):
                got = [(line["lat"], line["lon"], float(line["alt_m"]), line["true_time"])
                       for line in lines]
                self.assertEqual(got, wanted)
                self.assertEqual({line["channel"] for line in lines}, {"track/alpha/patrol"})

    def test_rows_out_of_order_and_doubled_are_all_kept_and_the_late_ones_marked(self):
        with Place() as place:
            path = place.file("fleet.csv", "vehicle_id,timestamp,latitude,longitude,speed\n"
                              "7,2026-03-01T06:00:10Z,15.1,1.1,3\n"
                              "8,2026-03-01T06:00:00Z,15.2,1.2,4\n"
                              "7,2026-03-01T06:00:00Z,15.3,1.3,5\n"
                              "7,2026-03-01T06:00:00Z,15.3,1.3,5\n"
                              "9,never,15.3,1.3,5\n")
            done = place.run("track", "--owner", "city", "--csv", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("published 4, acknowledged 4, refused 0", done.stdout)
            self.assertIn("left out 1 rows without a valid time in 2000..2100; first: line 6: 'never'",
                          done.stdout)
            lines = place.replay("--clock", "known")
            self.assertEqual([line["unit"] for line in lines],
                             ["city/7", "city/8", "city/7", "city/7"])
            self.assertEqual([line.get("late", False) for line in lines],
                             [False, False, True, True])
            by_true_time = [line["true_time"] for line in place.replay("--clock", "true")]
            self.assertEqual(by_true_time, sorted(by_true_time))
            picture = lines_of(place.run("watch", "--snapshot").stdout)
            self.assertEqual({line["unit"]: line["lat"] for line in picture},
                             {"city/7": "15.1000000", "city/8": "15.2000000"})

    def test_a_recording_can_be_played_as_if_live(self):
        with Place() as place:
            path = place.file("ride.gpx", gpx(ride(20)))
            before = datetime.datetime.now(datetime.timezone.utc)
            done = place.run("track", "--unit", "alpha/v1", "--gpx", path, "--retime", "now",
                             "--speed", "100")
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = place.replay()
            times = [datetime.datetime.fromisoformat(line["true_time"][:-1] + "+00:00")
                     for line in lines]
            self.assertEqual(len(times), 20)
            self.assertGreaterEqual(times[0], before)
            self.assertLessEqual(times[-1], datetime.datetime.now(datetime.timezone.utc))
            self.assertAlmostEqual((times[-1] - times[0]).total_seconds(), 0.95, places=3)
            self.assertEqual({line["source"] for line in lines}, {"replayed"})

    def test_a_spool_left_by_a_signal_is_sent_first_next_time(self):
        with Place() as place:
            port = place.hub.port
            place.hub.stop()
            path = place.file("ride.gpx", gpx(ride(50)))
            away = place.start("track", "--unit", "alpha/v1", "--gpx", path)
            wait_for(away.stderr, "the hub does not answer")
            out, _ = stop(away, signal.SIGTERM)
            self.assertEqual(away.returncode, 5)
            self.assertIn("published 50, acknowledged 0", out)
            place.hub = Hub(place.folder / "data", port)
            empty = place.file("one.gpx", gpx(ride(51)[50:]))
            done = place.run("track", "--unit", "alpha/v1", "--gpx", empty)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("50 messages of an earlier run", done.stderr)
            self.assertIn("published 1, acknowledged 1", done.stdout)
            self.assertEqual(len(place.replay()), 51)

    def test_a_live_receiver_comes_back_after_its_connection_was_cut(self):
        with Place() as place, socket.create_server(("127.0.0.1", 0)) as server:
            shown = threading.Event()

            def serve():
                for second in (10, 20):
                    peer, _ = server.accept()
                    # A console that opens late is shown the newest alone.
                    if second == 20:
                        shown.wait(WAIT_S)
                    with peer:
                        peer.sendall(nmea(f"GPRMC,1200{second},A,1500.0001,N,00100.0002,E,"
                                          "10,90,010326,,").encode() + b"\xff\x00$GP")
            feeder = threading.Thread(target=serve)
            feeder.start()
            live = place.start("watch", "--format", "ndjson", "--count", "2", "--class", "track")
            track = place.start("track", "--unit", "alpha/v1", "--nmea",
                                f"tcp://127.0.0.1:{server.getsockname()[1]}")
            first = live.stdout.readline()
            shown.set()
            lines = lines_of(first + live.communicate(timeout=WAIT_S)[0])
            feeder.join(WAIT_S)
            stop(track)
            self.assertEqual(track.returncode, 0)
            self.assertEqual([line["true_time"] for line in lines],
                             ["2026-03-01T12:00:10.000000Z", "2026-03-01T12:00:20.000000Z"])
            self.assertEqual({line["lat"] for line in lines}, {"15.0000017"})

    def test_what_a_file_holds_cannot_steer_the_terminal(self):
        with Place() as place:
            heading = place.file("heading.csv", "x\x1b]0evil\x07,lat\n")
            done = place.run("track", "--unit", "a/b", "--csv", heading, "--no-spool")
            self.assertIn("x ]0evil , lat", done.stderr)
            cell = place.file("cell.csv", "time,lat,lon\n\x1b[2J,1,2\n2026-03-01T06:00:00Z,1,2\n")
            left_out = place.run("track", "--unit", "a/b", "--csv", cell, "--no-spool")
            self.assertIn("' [2J'", left_out.stdout)
            for text in (done.stderr, left_out.stdout):
                self.assertNotIn("\x1b", text)

    def test_what_cannot_be_read_is_said_with_its_place(self):
        with Place(with_hub=False) as place:
            bad = place.file("bad.gpx", "<gpx><trk>")
            for arguments, code, said in [
                    (["--unit", "a/b", "--gpx", bad], 1, "not well-formed XML"),
                    (["--unit", "a/b", "--gpx", "missing.gpx"], 1, "missing.gpx"),
                    (["--unit", "a", "--gpx", bad], 2, "is not OWNER/NAME"),
                    (["--unit", "a/b", "--csv", place.folder], 1, "is a folder"),
                    (["--unit", "a/b", "--gpx", bad, "--call-sign", "x" * 300], 2,
                     "--call-sign has 300 bytes, at most"),
                    (["--unit", "a/b", "--gpx", bad, "--symbol", "x\x1b"], 2, "--symbol 'x '"),
                    (["--unit", "a/b"], 2, ""),
                    (["--unit", "a/b", "--gpx", bad, "--speed", "fast"], 2, "'fast'")]:
                done = place.run("track", *arguments, hub="127.0.0.1:1")
                self.assertEqual(done.returncode, code, (arguments, done.stderr))
                self.assertIn(said, done.stderr)


    def test_a_spool_that_cannot_lie_there_is_no_wrong_command_line(self):
        with Place(with_hub=False) as place:
            path = place.file("ride.gpx", gpx(ride(1)))
            command = place.command("track", "--unit", "a/b", "--gpx", path, hub="127.0.0.1:1")
            for more, state in (([], "/proc/x"), (["--spool", "/proc/x/y"], place.folder)):
                done = subprocess.run(command + more, text=True, capture_output=True,
                                      timeout=WAIT_S,
                                      env={**place.environment(), "XDG_STATE_HOME": str(state)})
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("/proc/x", done.stderr)


class Others(unittest.TestCase):
    def test_an_event_sent_by_hand_arrives_with_all_it_says(self):
        with Place() as place:
            done = place.run("send", "--unit", "alpha/v2", "--group", "patrol", "--kind", "sos",
                             "--severity", "severe", "--at", "15.93,1.52", "--field", "people=3",
                             "Mine \"strike\"")
            self.assertEqual(done.returncode, 0, done.stderr)
            (line,) = place.replay("--class", "event")
            for key, value in {"kind": "sos", "severity": "severe", "text": 'Mine "strike"',
                               "lat": "15.9300000", "lon": "1.5200000", "fields": {"people": "3"},
                               "channel": "event/alpha/patrol", "class": "event"}.items():
                self.assertEqual(line[key], value)

    def test_a_hub_that_is_away_is_told_by_the_exit_code(self):
        with Place(with_hub=False) as place:
            for name, *arguments in [("send", "--unit", "a/b", "hello"), ("status",),
                                     ("watch", "--snapshot"), ("replay", "--format", "ndjson")]:
                done = place.run(name, *arguments, "--timeout", "1s", hub="127.0.0.1:1")
                self.assertEqual(done.returncode, 3, (name, done.stderr))

    def test_a_reader_that_goes_away_is_no_failure(self):
        with Place() as place:
            path = place.file("ride.gpx", gpx(ride(5000)))
            self.assertEqual(place.run("track", "--unit", "a/b", "--gpx", path).returncode, 0)
            replay = place.start("replay", "--format", "ndjson")
            replay.stdout.readline()
            replay.stdout.close()
            self.assertEqual(replay.wait(WAIT_S), 0, replay.stderr.read())
            replay.stderr.close()

    def test_status_ends_with_a_signal_though_the_hub_says_nothing(self):
        with Place(with_hub=False) as place, socket.create_server(("127.0.0.1", 0)) as mute:
            # HTTP is two ports behind the hub's own.
            hub = f"127.0.0.1:{mute.getsockname()[1] - 2}"
            for how in (signal.SIGINT, signal.SIGTERM):
                status = place.start("status", "--timeout", "1h", hub=hub)
                peer, _ = mute.accept()
                with peer:
                    _, said = stop(status, how)
                self.assertEqual(status.returncode, 5)
                self.assertIn("stopped before the hub had answered", said)

    def test_status_tells_how_the_hub_is(self):
        with Place() as place:
            self.assertEqual(place.run("send", "--unit", "a/b", "x").returncode, 0)
            done = place.run("status", "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            (status,) = lines_of(done.stdout)
            self.assertIn("log", status)
            self.assertIn("log\n", place.run("status").stdout)

    def test_each_command_explains_itself_with_an_example(self):
        with Place(with_hub=False) as place:
            for name in ("track", "watch", "replay", "send", "status", "simulate"):
                done = subprocess.run(place.command(name, hub="x:1")[:2] + ["--help"], text=True,
                                      capture_output=True, timeout=WAIT_S)
                self.assertEqual(done.returncode, 0)
                self.assertIn(f"Example:\n  vigie {name}", done.stdout)
                self.assertIn("Exit codes:", done.stdout)


class WrongOptions(unittest.TestCase):
    def test_a_number_below_zero_is_refused_where_only_counts_make_sense(self):
        with Place(with_hub=False) as place:
            for option, *command in [("--after-seq", "watch"), ("--count", "watch"),
                                     ("--seed", "simulate", "s.toml")]:
                for value in ("-3", "3.5", "x", "99999999999999999999"):
                    done = place.run(*command, option, value, hub="127.0.0.1:1")
                    self.assertEqual(done.returncode, 2, (option, value))
                    self.assertIn(f"{option}: '{value}' is not a number from 0", done.stderr)

    def test_a_time_that_no_message_can_have_is_named_as_it_was_given(self):
        with Place(with_hub=False) as place:
            for time in ("1970-01-01T00:00:00Z", "2150-01-01T00:00:00Z", "-20000d"):
                done = place.run("send", "--unit", "a/b", f"--time={time}", "x", hub="127.0.0.1:1")
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"--time '{time}' is not between 2000 and 2100", done.stderr)

    def test_a_fact_given_twice_is_refused_by_its_name(self):
        with Place(with_hub=False) as place:
            done = place.run("send", "--unit", "a/b", "--field", "k=v", "--field", "l=v",
                             "--field", "k=w", "x", hub="127.0.0.1:1")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--field 'k' is given twice", done.stderr)


class Simulate(unittest.TestCase):
    PATROL = SOURCE / "deploy" / "scenarios" / "patrol.toml"

    def test_the_patrol_reaches_the_hub_as_it_was_announced_outages_or_not(self):
        with Place() as place:
            dry = lines_of(place.run("simulate", self.PATROL, "--dry-run").stdout)
            done = place.run("simulate", self.PATROL, "--speed", "max")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"published {len(dry)}, acknowledged {len(dry)}, refused 0", done.stdout)
            kept = place.replay("--clock", "known")

            def names(lines):
                return collections.Counter(
                    (line["class"], line["unit"], line["true_time"], line.get("lat"),
                     line.get("kind"), line.get("text")) for line in lines)
            self.assertEqual(names(kept), names(dry))

    def test_what_a_unit_recorded_while_its_link_was_cut_comes_late_behind_the_newest(self):
        with Place() as place:
            path = place.file("outage.toml", """
start = 2026-03-01T05:00:00Z
[places]
a = [15.9, 1.5]
b = [16.1, 1.7]
[ground]
track = { speed_kmh = 36, wander_m = 30 }
[[unit]]
name = "x/cut"
[[unit]]
name = "x/whole"
[[outage]]
units = ["x/cut"]
from = 2026-03-01T05:10:00Z
for = "30m"
[[itinerary]]
units = ["x/whole", "x/cut"]
at = "a"
steps = [{ do = "move", to = ["b"], ground = "track", event = "departure" }]
""")
            done = place.run("simulate", path, "--speed", "150", "--until", "50m")
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = place.replay("--clock", "known", "--class", "track")
            late = collections.Counter(line["unit"] for line in lines if line.get("late"))
            self.assertEqual(set(late), {"x/cut"})
            self.assertGreater(late["x/cut"], 100)
            counted = [line["count"] for line in lines if line["unit"] == "x/cut"]
            self.assertEqual(counted, sorted(counted))
            times = [line["true_time"] for line in place.replay("--unit", "x/cut")]
            self.assertEqual(times, sorted(times))

    def test_a_scenario_with_a_mistake_is_refused_with_its_line(self):
        with Place(with_hub=False) as place:
            path = place.file("s.toml", "start = 2026-03-01T05:00:00Z\ncolour = 1\n")
            done = place.run("simulate", path, hub="127.0.0.1:1")
            self.assertEqual(done.returncode, 1)
            self.assertIn("s.toml:2: scenario: unknown key 'colour'", done.stderr)

    def test_a_scenario_that_is_empty_is_told_from_one_that_cannot_be_read(self):
        with Place(with_hub=False) as place:
            done = place.run("simulate", place.file("empty.toml", ""), hub="127.0.0.1:1")
            self.assertEqual(done.returncode, 1)
            self.assertNotIn("cannot be read", done.stderr)
            self.assertIn("empty.toml", done.stderr)
            for path in (place.folder, place.folder / "missing.toml"):
                done = place.run("simulate", path, hub="127.0.0.1:1")
                self.assertEqual(done.returncode, 1)
                self.assertIn("cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main()

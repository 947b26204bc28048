"""`vigie watch` and `vigie replay`: how they end, and the table on a terminal."""
import signal
import socket
import unittest

from vigie_programs import WAIT_S, OnTerminal, Place, gpx, has_pseudo_terminals, ride, stop, wait_for

ON_TERMINALS = unittest.skipUnless(has_pseudo_terminals(), "there are no pseudo terminals here")


def place_with_ride(points):
    place = Place()
    done = place.run("track", "--unit", "a/b", "--gpx", place.file("ride.gpx", gpx(ride(points))))
    assert done.returncode == 0, done.stderr
    return place


class Ends(unittest.TestCase):
    def test_a_signal_before_the_end_leaves_no_picture_that_looks_whole(self):
        for command in (["watch", "--snapshot"], ["watch", "--as-of", "-1h"], ["replay"]):
            for how in ("table", "ndjson"):
                with Place(with_hub=False) as place, \
                        socket.create_server(("127.0.0.1", 0)) as mute:
                    # Sessions go to the port behind the hub's own.
                    hub = f"127.0.0.1:{mute.getsockname()[1] - 1}"
                    run = place.start(*command, "--format", how, "--timeout", "1h", hub=hub)
                    peer, _ = mute.accept()
                    with peer:
                        out, said = stop(run, signal.SIGTERM)
                    self.assertEqual((run.returncode, out), (5, ""), (command, how))
                    self.assertIn("stopped before the end", said)

    def test_a_replay_cut_short_by_a_signal_tells_so_and_a_live_watch_does_not(self):
        with place_with_ride(100) as place:
            replay = place.start("replay", "--speed", "1", "--format", "ndjson")
            self.assertIn("a/b", replay.stdout.readline())
            stop(replay)
            self.assertEqual(replay.returncode, 5)
            watch = place.start("watch", "--format", "ndjson")
            self.assertIn("a/b", watch.stdout.readline())
            stop(watch)
            self.assertEqual(watch.returncode, 0)

    def test_a_replay_judges_freshness_as_a_hub_does_by_default(self):
        with Place() as place:
            path = place.file("two.csv", "unit,time,lat,lon\n"
                              "quiet,2026-03-01T06:00:00Z,1,2\n"
                              "gone,2026-03-01T05:57:00Z,1,2\n"
                              "heard,2026-03-01T06:09:00Z,1,2\n")
            done = place.run("track", "--owner", "a", "--csv", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            table = place.run("replay", "--format", "table").stdout
            self.assertIn("3 units: 1 fresh, 1 overdue, 1 silent", table)

    def test_fixes_that_a_pace_leaves_out_are_no_news_on_standard_error(self):
        with Place() as place:
            watch = place.start("watch", "--only-new", "--pace", "1", "--notices",
                                "--format", "ndjson")
            wait_for(watch.stdout, '"state":"live"')
            path = place.file("ride.gpx", gpx(ride(300)))
            # A hundred fixes a second, until the second time that one of them is shown.
            track = place.start("track", "--unit", "a/b", "--gpx", path, "--retime", "now",
                                "--speed", "500", "--loop")
            wait_for(watch.stdout, '"notice":"conflated"')
            _, said = stop(watch)
            stop(track)
            self.assertNotIn("left out", said)

    def test_a_live_watch_ends_with_its_reader_though_nothing_happens(self):
        with place_with_ride(1) as place:
            watch = place.start("watch", "--format", "ndjson")
            self.assertIn("a/b", watch.stdout.readline())
            watch.stdout.close()
            self.assertEqual(watch.wait(WAIT_S), 0, watch.stderr.read())
            watch.stderr.close()


@ON_TERMINALS
class OnATerminal(unittest.TestCase):
    def test_the_live_table_gives_the_terminal_back(self):
        with place_with_ride(10) as place, OnTerminal(place, "watch") as table:
            table.wait_for("LIVE")
            table.wait_for("a/b")
            table.press("q")
            table.wait_for("\x1b[?1049l")
            self.assertEqual(table.end(), 0)
            self.assertTrue(table.seen.startswith("\x1b[?1049h"))

    def test_a_replay_left_by_a_key_is_no_failure_and_one_ended_by_a_signal_is_unfinished(self):
        with place_with_ride(100) as place:
            with OnTerminal(place, "replay", "--speed", "1") as table:
                table.wait_for("a/b")
                table.press("q")
                self.assertEqual(table.end(), 0)
            with OnTerminal(place, "replay", "--speed", "1") as table:
                table.wait_for("a/b")
                table.process.send_signal(signal.SIGTERM)
                self.assertEqual(table.end(), 5)
                self.assertIn("stopped before the end", table.seen.split("\x1b[?1049l")[1])

    def test_no_key_is_lost_when_many_come_at_once(self):
        with place_with_ride(100) as place:
            with OnTerminal(place, "replay", "--speed", "2") as table:
                table.wait_for("true time, 2 x")
                table.press("++")
                table.wait_for("true time, 8 x")
                table.press("\x1b[B\x1b[A-- q")
                self.assertEqual(table.end(), 0)

    def test_what_failed_says_so_in_the_title_and_after_the_table_is_gone(self):
        with Place(with_hub=False) as place:
            said = "the hub did not answer in time"
            with OnTerminal(place, "replay", "--timeout", "1s", hub="127.0.0.1:1") as table:
                table.wait_for("FAILED: " + said)
                table.press("q")
                self.assertEqual(table.end(), 3)
            with OnTerminal(place, "watch", "--timeout", "1s", hub="127.0.0.1:1") as live:
                self.assertEqual(live.end(), 3)
            for terminal in (table, live):
                on_the_table, after = terminal.seen.split("\x1b[?1049l")
                self.assertNotIn("COMPLETE", on_the_table)
                self.assertNotIn("vigie: " + said, on_the_table)
                self.assertEqual(after.count("vigie: " + said), 1)


if __name__ == "__main__":
    unittest.main()

"""Positions through a real gpsd: gpsfake (package gpsd-clients) plays NMEA into one."""
import pathlib
import shutil
import signal
import socket
import subprocess
import unittest

from vigie_programs import WAIT_S, Place, has_pseudo_terminals, lines_of, nmea, stop


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def log():
    """A receiver that moves north for 40 seconds."""
    text = ""
    for second in range(40):
        time = f"12{second // 60:02d}{second % 60:02d}.00"
        place = f"1554.{second:04d},N,00130.0000,E"
        text += nmea(f"GPGGA,{time},{place},1,08,1.0,280.5,M,30.0,M,,")
        text += nmea("GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.8,1.0,1.5")
        text += nmea(f"GPRMC,{time},A,{place},10.0,000.0,010326,,,A")
    return text


@unittest.skipUnless(shutil.which("gpsfake") and shutil.which("gpsd"),
                     "gpsd and gpsd-clients are not installed")
@unittest.skipUnless(has_pseudo_terminals(), "there are no pseudo terminals here, which gpsfake plays into")
class Gpsd(unittest.TestCase):
    def test_what_gpsd_says_reaches_the_hub_once_a_moment(self):
        with Place() as place:
            path = place.file("receiver.log", log())
            port = free_port()
            live = place.start("watch", "--format", "ndjson", "--class", "track", "--count", "25")
            track = place.start("track", "--unit", "alpha/v1", "--gpsd", f"127.0.0.1:{port}")
            fake = subprocess.Popen(["gpsfake", "-c", "0.05", "-n", "-q", "-P", str(port), path],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, text=True)
            try:
                lines = lines_of(live.communicate(timeout=WAIT_S)[0])
            finally:
                live.kill()
                fake.send_signal(signal.SIGINT)
                said = fake.communicate(timeout=WAIT_S)[0]
                # It leaves the control socket of the gpsd it started.
                pathlib.Path(f"/tmp/gpsfake-{fake.pid}.sock").unlink(missing_ok=True)
                stop(track)
            self.assertEqual(len(lines), 25, said)
            for line in lines:
                # gpsd reads old dates as receivers whose weeks ran over: the second is what counts.
                second = int(line["true_time"][17:19])
                minutes = 54 + second / 10_000
                self.assertEqual(line["lat"], f"{15 + round(minutes / 60 * 1e7) / 1e7:.7f}")
                self.assertEqual(line["lon"], "1.5000000")
                self.assertEqual(line["source"], "satellite")


if __name__ == "__main__":
    unittest.main()

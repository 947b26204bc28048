#!/usr/bin/env python3
"""What browsers cost the web server, beside peers' WebSockets: ages, losses, memory, latencies.

    tests/bench/web/web_bench.py --bin build/bin [--only crowd areas latency stalled] [--seconds 15] [--sessions 500]

Servers run on free loopback ports in a temporary folder and are ended by their own pids. Each measure starts its
servers anew, Vigie and the peers in turn, and prints one line of JSON a run and a table of medians at the end, with
Vigie's as ratios to each peer's. Peers that are not installed (Debian's mosquitto, nats-server) are left out, and it
says so.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.request

HOST = "127.0.0.1"
LIMIT_S = 120
PATHS = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
PEERS = {"mqtt": "mosquitto", "nats": "nats-server"}


def free_ports(count):
    """So many in a row."""
    while True:
        with socket.socket() as first:
            first.bind((HOST, 0))
            port = first.getsockname()[1]
        taken = 0
        for one in range(port, port + count):
            with socket.socket() as other:
                taken += other.connect_ex((HOST, one)) == 0
        if not taken and port + count < 65536:
            return port


class Server:
    """A child process; `rss` in bytes."""

    def __init__(self, argv, log):
        self.log = open(log, "ab")
        self.process = subprocess.Popen([str(word) for word in argv], stdout=self.log, stderr=self.log,
                                        env={**os.environ, "PATH": PATHS})

    def rss(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def wait_for(what, answered, seconds=30):
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if answered():
            return
        pause.wait(0.05)
    raise SystemExit(f"{what}: not within {seconds} s")


def listens(port):
    with socket.socket() as one:
        return one.connect_ex((HOST, port)) == 0


def is_ok(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


class Place:
    """One kind of server in a folder of its own: `web` is what browsers talk to, `source` where trackers do."""

    def __init__(self, kind, programs):
        self.kind = kind
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="vigie-web-bench-"))
        self.servers = []
        getattr(self, "start_" + kind)(programs)

    def start(self, *argv):
        server = Server(argv, self.folder / f"{len(self.servers)}.log")
        self.servers.append(server)
        return server

    def start_vigie(self, programs):
        port = free_ports(3)
        self.source, self.web = port, free_ports(1)
        self.start(programs / "vigie-hub", "--plain", "--data", self.folder / "log", "--host", HOST, "--port", port)
        wait_for("the hub", lambda: is_ok(f"http://{HOST}:{port + 2}/readyz"))
        self.server = self.start(programs / "vigie-web", "--hub", f"{HOST}:{port}", "--listen", f"{HOST}:{self.web}",
                                 "--data", self.folder / "web", "--page", programs.parent / "page", "--open",
                                 "--set", "metrics.listen=",
                                 "--set", "feed.browsers_per_account=4096",
                                 "--set", "http.connections_per_address=4096")
        wait_for("vigie-web", lambda: listens(self.web))

    def start_mqtt(self, _):
        self.source, self.web = free_ports(1), free_ports(1)
        config = self.folder / "mosquitto.conf"
        config.write_text(f"allow_anonymous true\nlistener {self.source} {HOST}\nprotocol mqtt\n"
                          f"listener {self.web} {HOST}\nprotocol websockets\n"
                          f"set_tcp_nodelay true\nmax_queued_messages 1000\npersistence false\n")
        self.server = self.start("mosquitto", "-c", config)
        wait_for("mosquitto", lambda: listens(self.source) and listens(self.web))

    def start_nats(self, _):
        self.source, self.web = free_ports(1), free_ports(1)
        config = self.folder / "nats.conf"
        config.write_text(f"host: {HOST}\nport: {self.source}\nmax_connections: 4096\n"
                          f"websocket {{ host: {HOST}, port: {self.web}, no_tls: true }}\n")
        self.server = self.start("nats-server", "-c", config)
        wait_for("nats-server", lambda: listens(self.source) and listens(self.web))

    def stop(self):
        for server in reversed(self.servers):
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Peak(threading.Thread):
    """The greatest resident memory of a server while it lasts."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.most, self.over = server, 0, threading.Event()

    def run(self):
        while not self.over.is_set():
            self.most = max(self.most, self.server.rss())
            self.over.wait(0.1)


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


def load(place, programs, *, sessions, rate, seconds, units, stalled=0, own=0, events_rate=10):
    """Sessions that listen while the source moves units; what both say, and what it cost the server."""
    bench = programs / "vigie-bench-web"
    common = ["--server", place.kind, "--units", str(units)]
    before = place.server.rss()
    watch = subprocess.Popen(
        [bench, "watch", *common, "--port", str(place.web), "--sessions", str(sessions), "--stalled", str(stalled),
         "--seconds", str(seconds), "--events", str(int(events_rate * seconds)), "--own", str(own)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if not watch.stdout.readline():
            raise SystemExit(f"{place.kind}: {watch.stderr.read()}")
        opened = place.server.rss()
        peak, cpu = Peak(place.server), place.server.cpu_s()
        peak.start()
        source = subprocess.run(
            [bench, "publish", *common, "--port", str(place.source), "--rate", str(rate), "--seconds", str(seconds),
             "--events-rate", str(events_rate)], capture_output=True, text=True, timeout=LIMIT_S)
        out, err = watch.communicate(timeout=LIMIT_S)
        cpu = place.server.cpu_s() - cpu
        peak.over.set()
        peak.join()
    finally:
        if watch.poll() is None:
            watch.kill()
            watch.wait()
    if source.returncode != 0 or not out.strip():
        return {"failed": (source.stderr or err).strip()[:300]}
    said, published = last_json(out), last_json(source.stdout)
    return {**said, "published": published["published"], "published_rate": published["rate"],
            "events_lost": published["events"] - said["events_fewest"], "rss_before_mb": before / 1e6,
            "rss_opened_mb": opened / 1e6, "rss_peak_mb": peak.most / 1e6, "server_cpu_s": cpu,
            "server_busy": cpu / max(said["seconds"], 0.001)}


MEASURES = {
    "crowd": lambda a: dict(sessions=a.sessions, rate=10_000, units=1000),
    "areas": lambda a: dict(sessions=a.sessions, rate=10_000, units=1000, own=64),  # interests of their own
    "latency": lambda a: dict(sessions=10, rate=1_000, units=1000),
    "alone": lambda a: dict(sessions=10, rate=10_000, units=1000),
    "stalled": lambda a: dict(sessions=10, rate=10_000, units=1000, stalled=20),
}
SHOWN = ["published_rate", "latency_p50_ms", "latency_p99_ms", "age_p99_ms", "age_max_ms", "missing_units",
         "events_lost",
         "events_out_of_order", "event_p99_ms", "thrown_out", "rss_before_mb", "rss_opened_mb", "rss_peak_mb",
         "server_busy", "generator_busy", "conflated"]


def median_of(runs, figure):
    """None: no run had it."""
    values = [run[figure] for run in runs if figure in run]
    return statistics.median(values) if values else None


def ratio(ours, theirs):
    """How many times theirs ours is; '-' where one is missing or theirs is nothing."""
    return f"{ours / theirs:,.2f}" if ours is not None and theirs else "-"


def table(runs, kinds):
    """Medians, and the ratio of Vigie's to each peer's: under 1, Vigie's is the smaller one."""
    peers = [kind for kind in kinds if kind != "vigie"] if "vigie" in kinds else []
    columns = [*kinds, *(f"vigie / {peer}" for peer in peers)]
    lines = []
    for measure in runs:
        lines += ["", f"## {measure}", "", "| figure | " + " | ".join(columns) + " |",
                  "| --- |" + " ---: |" * len(columns)]
        for figure in SHOWN:
            medians = {kind: median_of(runs[measure].get(kind, []), figure) for kind in kinds}
            row = ["failed" if value is None else f"{value:,.1f}" for value in medians.values()]
            row += [ratio(medians["vigie"], medians[peer]) for peer in peers]
            lines.append(f"| {figure} | " + " | ".join(row) + " |")
        faults = {run.get("fault") or run.get("failed") for one in runs[measure].values() for run in one} - {"", None}
        lines += [f"\nnoted: {fault}" for fault in faults]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path(os.environ.get("VIGIE_BIN", "build/bin")))
    parser.add_argument("--only", nargs="*", choices=sorted(MEASURES), default=sorted(MEASURES))
    parser.add_argument("--kinds", nargs="*", default=["vigie", *PEERS])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--sessions", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path, help="one line a run is appended there")
    options = parser.parse_args()
    kinds = [kind for kind in options.kinds if kind == "vigie" or shutil.which(PEERS[kind], path=PATHS)]
    for missing in set(options.kinds) - set(kinds):
        print(f"left out: {PEERS[missing]} is not installed", file=sys.stderr)
    runs = {}
    for measure in options.only:
        for _ in range(options.rounds):
            for kind in kinds if measure != "areas" else ["vigie"]:  # peers send everything to everybody
                place = Place(kind, options.bin)
                try:
                    run = load(place, options.bin, seconds=options.seconds, **MEASURES[measure](options))
                finally:
                    place.stop()
                runs.setdefault(measure, {}).setdefault(kind, []).append(run)
                line = json.dumps({"measure": measure, "server": kind, **run})
                print(line, flush=True)
                if options.json:
                    with open(options.json, "a") as lines:
                        lines.write(line + "\n")
    print(table(runs, kinds))
    lost = [run for one in runs.values() for run in one.get("vigie", []) if run.get("events_lost", 1) != 0]
    if lost:
        sys.exit(f"Vigie lost events, or failed, in {len(lost)} runs")


if __name__ == "__main__":
    main()

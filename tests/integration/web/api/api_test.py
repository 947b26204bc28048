#!/usr/bin/env python3
"""The REST API and OGC API - Features against the real programs: a plain hub, a patrol, vigie-web.

Finds the programs in $VIGIE_BIN. Ends with 0 when all is well, 1 when something is not.
"""
import csv
import datetime
import io
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree

BIN = pathlib.Path(os.environ["VIGIE_BIN"])
ROOT = pathlib.Path(__file__).resolve().parents[4]
GPX = "{http://www.topografix.com/GPX/1/1}"


def free_port(span):
    """The first of `span` ports in a row that nobody has."""
    for port in range(20000, 30000, span):
        taken = [socket.socket() for _ in range(span)]
        try:
            for offset, one in enumerate(taken):
                one.bind(("127.0.0.1", port + offset))
            return port
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
    sys.exit("no free ports")


class Room:
    """A hub, its patrol and a web server, in a folder of their own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.hub_port = free_port(3)
        self.port = free_port(3) + 3
        self.base = f"http://127.0.0.1:{self.port}"
        self.running = {}
        page = self.folder / "page"
        page.mkdir()
        (page / "index.html").write_text("<!doctype html><title>Vigie</title>")

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "ab")
        self.running[name] = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)

    def stop(self, name):
        process = self.running.pop(name)
        process.terminate()
        process.wait(30)

    def start_hub(self):
        self.start("hub", BIN / "vigie-hub", "--data", self.folder / "log", "--host", "127.0.0.1", "--port",
                   self.hub_port, "--plain")

    def start_web(self):
        self.start("web", BIN / "vigie-web", "--hub", f"127.0.0.1:{self.hub_port}", "--listen",
                   f"127.0.0.1:{self.port}", "--data", self.folder / "web", "--page", self.folder / "page", "--open",
                   "--set", f"metrics.listen=127.0.0.1:{self.port + 1}")

    def play(self):
        subprocess.run([BIN / "vigie", "simulate", ROOT / "deploy/scenarios/patrol.toml", "--plain", "--hub",
                        f"127.0.0.1:{self.hub_port}", "--speed", "300", "--until", "20m"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)

    def track(self, unit, fixes):
        """Publishes (time, lat, lon) now, whenever they were; until the hub has them."""
        rows = "".join(f"{time_of(at)},{lat},{lon}\n" for at, lat, lon in fixes)
        subprocess.run([BIN / "vigie", "track", "--plain", "--hub", f"127.0.0.1:{self.hub_port}", "--unit", unit,
                        "--csv", "-", "--clock", "satellite", "--no-spool"], input="time,lat,lon\n" + rows,
                       text=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)

    def ask(self, path, method="GET", body=None, headers=None):
        """(status, headers, bytes)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, method=method, data=data,
                                         headers={"Origin": self.base, **(headers or {})})
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def json(self, path, status=200, **more):
        got, _, body = self.ask(path, **more)
        assert got == status, (path, got, body[:400])
        return json.loads(body)

    def wait_for(self, what, holds):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if holds():
                    return
            except (OSError, AssertionError):
                pass
            select_nothing(0.1)
        sys.exit(f"not in a minute: {what}; logs in {self.folder}")


def time_of(moment):
    """As the API writes it, and takes it."""
    return moment.astimezone(datetime.timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def select_nothing(seconds):
    """Between two looks at what is not told: the server has no event for it."""
    import select
    select.select([], [], [], seconds)


def check_units(room):
    all_units = room.json("/api/v1/units")
    assert all_units["matched"] == len(all_units["units"]) > 5
    names, after = [], ""
    while True:
        page = room.json(f"/api/v1/units?limit=3{after}")
        names += [unit["unit"] for unit in page["units"]]
        if "next" not in page:
            break
        after = f"&next={page['next']}"
    assert names == [unit["unit"] for unit in all_units["units"]], names
    unit = room.json("/api/v1/units/alpha/v1")["unit"]
    assert unit["owner"] == "alpha" and unit["freshness"] in ("fresh", "overdue", "silent"), unit
    assert room.json("/api/v1/units/alpha/nobody", status=404)["code"] == "no_such_unit"
    at = all_units["time"]
    for clock in ("known", "true"):
        assert room.json(f"/api/v1/units?at={at}&clock={clock}")["live"] is False


def check_late_fix(room):
    """Of a fix that comes late, the past by known time has nothing before it came; by true time it is in its place."""
    def latitude(at, clock):
        """Of the unit at that time, None where it is not there; its own answer and the list of all say the same."""
        asked = f"at={at}&clock={clock}"
        listed = [one for one in room.json(f"/api/v1/units?{asked}")["units"] if one["unit"] == "delta/v1"]
        status, _, body = room.ask(f"/api/v1/units/delta/v1?{asked}")
        if status == 404:
            assert not listed and json.loads(body)["code"] == "no_such_unit", (at, clock, listed, body)
            return None
        unit = json.loads(body)["unit"]
        same = [[one[field] for field in ("lat", "lon", "time", "seq", "fixes")] for one in (unit, *listed)]
        assert status == 200 and len(same) == 2 and same[0] == same[1], (at, clock, body, listed)
        return unit["lat"]

    def is_shown(lat):
        room.wait_for(f"the unit at {lat}", lambda: room.json("/api/v1/units/delta/v1")["unit"]["lat"] == lat)

    now = datetime.datetime.now(datetime.timezone.utc)
    first, late = now - datetime.timedelta(minutes=3), now - datetime.timedelta(minutes=1)
    room.track("delta/v1", [(first, 15.25, 1)])
    is_shown(15.25)
    before = room.json("/api/v1/units")["time"]
    room.track("delta/v1", [(late, 15.5, 1)])
    is_shown(15.5)
    after = room.json("/api/v1/units")["time"]
    between = time_of(now - datetime.timedelta(minutes=2))
    got = {(name, clock): latitude(at, clock)
           for name, at in (("between", between), ("before", before), ("after", after))
           for clock in ("known", "true")}
    assert got == {("between", "known"): None, ("between", "true"): 15.25, ("before", "known"): 15.25,
                   ("before", "true"): 15.5, ("after", "known"): 15.5, ("after", "true"): 15.5}, got


def check_tracks(room):
    span = "from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z"
    geojson = room.json(f"/api/v1/tracks?{span}")
    fixes = sum(feature["properties"]["fixes"] for feature in geojson["features"])
    _, headers, body = room.ask(f"/api/v1/tracks?{span}&format=gpx")
    assert "attachment" in headers["Content-Disposition"]
    points = xml.etree.ElementTree.fromstring(body).iter(GPX + "trkpt")
    rows = list(csv.DictReader(io.StringIO(room.ask(f"/api/v1/tracks?{span}&format=csv")[2].decode(), newline="")))
    lines = room.ask(f"/api/v1/tracks?{span}&format=ndjson&clock=known")[2].splitlines()
    dots = room.json(f"/api/v1/tracks?{span}&points=true")["features"]
    told = sum(1 for line in lines if b'"class":"track"' in line)
    counts = [fixes, sum(1 for _ in points), len(rows), told, len(dots)]
    assert len(set(counts)) == 1 and fixes > 100, counts
    thin = room.json(f"/api/v1/units/alpha/v1/track?{span}&simplify_s=60")["features"][0]["properties"]["fixes"]
    assert 0 < thin < fixes
    empty = room.json("/api/v1/tracks?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z")
    assert empty["features"] == []


def check_events(room):
    key = {"Idempotency-Key": "one"}
    event = {"kind": "sos", "text": "=casualty", "severity": "severe", "unit": "alpha/hq",
             "position": {"lat": 15, "lon": 1}}
    first = room.json("/api/v1/events?wait=true", method="POST", body=event, headers=key)
    assert first["settled"] is True
    assert room.json("/api/v1/events?wait=true", method="POST", body=event, headers=key) == first
    other = room.json("/api/v1/events", status=422, method="POST", body={**event, "text": "x"}, headers=key)
    assert other["code"] == "idempotency_key_reused"
    severe = room.json("/api/v1/events?severity=severe&unit=alpha/hq")["events"]
    assert [one["text"] for one in severe] == ["=casualty"], severe
    assert b"'=casualty" in room.ask("/api/v1/events?severity=severe&format=csv")[2]
    for order in ("newest", "oldest"):
        seqs, after = [], ""
        while True:
            page = room.json(f"/api/v1/events?order={order}&limit=2{after}")
            seqs += [one["seq"] for one in page["events"]]
            if "next" not in page:
                break
            after = f"&next={page['next']}"
        assert seqs == sorted(seqs, reverse=order == "newest") and len(set(seqs)) == len(seqs) > 2, seqs
    bins = room.json("/api/v1/timeline?bins=10&from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z")
    assert bins["complete"] and bins["events"] == len(seqs), (bins, len(seqs))


def check_refusals(room):
    for path, code in [("/api/v1/units?limt=1", "bad_parameter"), ("/api/v1/units?limit=0", "bad_parameter"),
                       ("/api/v1/units?area=1,2,3", "bad_parameter"), ("/api/v1/tracks?from=tomorrow", "bad_parameter"),
                       ("/api/v1/events?severity=high", "bad_parameter"),
                       ("/ogc/collections/units/items?x=1", "bad_parameter"),
                       ("/api/v1/timeline?bins=0", "bad_parameter"), ("/api/v1/units?clock=true", "bad_parameter")]:
        assert room.json(path, status=400)["code"] == code, path
    for path in ("/api/v1/nothing", "/api/v2", "/ogc/collections/zones", "/ogc/collections/units/items/alpha:nobody"):
        assert room.ask(path)[0] == 404, path
    status, headers, _ = room.ask("/api/v1/events", method="DELETE")
    assert status == 405 and headers["Allow"] == "GET, HEAD, POST"
    assert room.ask("/api/v1/feed")[0] == 426
    assert room.ask("/api/v1/tracks", method="HEAD")[0] == 200
    assert room.json("/api/v1/events", status=400, method="POST", body={"kind": "SOS"})["code"] == "bad_body"


def check_ogc(room):
    for collection in room.json("/ogc/collections")["collections"]:
        items = room.json(f"/ogc/collections/{collection['id']}/items?limit=2")
        assert items["numberReturned"] == len(items["features"])
        for feature in items["features"]:
            assert room.json(f"/ogc/collections/{collection['id']}/items/{feature['id']}")["id"] == feature["id"]


def check_status(room):
    """Where nobody signs in, everybody is shown what the server does."""
    told = room.json("/api/v1/status")
    assert told["hub"]["link"] == "live" and told["browsers"]["open"] == 0, told
    assert set(told["server"]) == {"program", "time", "http", "exports", "readings", "sent_events"}, told


def check_outage(room):
    room.stop("hub")
    late = {"kind": "text", "text": "later", "unit": "alpha/hq"}
    assert room.json("/api/v1/events?wait=true", status=503, method="POST", body=late)["code"] == "not_settled"
    assert room.json("/api/v1/events", status=503)["code"] == "hub_away"
    room.stop("web")
    room.start_hub()
    room.start_web()
    room.wait_for("the event that waited in the spool", lambda: any(
        event.get("text") == "later" for event in room.json("/api/v1/events?kind=text")["events"]))


def main():
    with tempfile.TemporaryDirectory() as folder:
        room = Room(folder)
        try:
            room.start_hub()
            room.start_web()
            room.wait_for("the web server", lambda: room.json("/api/v1/me")["open"])
            room.play()
            room.wait_for("the picture", lambda: room.json("/api/v1/units")["matched"] > 5)
            for check in (check_units, check_late_fix, check_tracks, check_events, check_refusals, check_ogc,
                          check_status, check_outage):
                check(room)
                print(check.__name__, "holds", flush=True)
        finally:
            for name in list(room.running):
                room.stop(name)


if __name__ == "__main__":
    main()

import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HubClock } from '../src/feed/clock';
import { boundsOf, cameraFor, FlatCamera } from '../src/map/camera';
import { Hits, Occupied } from '../src/map/cells';
import { formatDegree, formatPlace } from '../src/map/coordinates';
import { legBetween, wayBetween } from '../src/map/geodesy';
import { Pace } from '../src/map/pace';
import { formatHash, formatMapPlace, formatMoment, parseHash, parseMapPlace, parseMoment } from '../src/model/address';
import { Replay } from '../src/model/replay';
import { latLon } from '../src/text/format';
import { setLanguage } from '../src/text/language';

const near = (a: number, b: number, within: number): void => assert.ok(Math.abs(a - b) <= within, `${a} is not ${b}`);

test('pixels and places are each other\'s way back', () => {
  const camera = new FlatCamera(1366, 768, { lat: 15.9, lon: 1.6 }, 11.3, false);
  const place = camera.placeAt(camera.x(1.7), camera.y(15.8));
  near(place.lon, 1.7, 1e-9);
  near(place.lat, 15.8, 1e-9);
  near(camera.x(1.6), 683, 1e-6);
  near(camera.y(15.9), 384, 1e-6);
});

test('over the date line a place stands on the nearest copy of the world', () => {
  const camera = new FlatCamera(1000, 500, { lat: 0, lon: 179 }, 4, false);
  assert.ok(camera.x(-179) > camera.x(179));
  near(camera.placeAt(camera.x(-179), 250).lon, -179, 1e-9);
  assert.deepEqual(boundsOf([{ lat: 1, lon: 179 }, { lat: 2, lon: -179 }]), [179, 1, 181, 2]);
});

test('a camera for a box shows all of it', () => {
  const { lat, lon, zoom } = cameraFor([1, 10, 3, 12], 1000, 600, 15);
  const camera = new FlatCamera(1000, 600, { lat, lon }, zoom, false);
  assert.ok(camera.x(1) > 0 && camera.x(3) < 1000 && camera.y(12) > 0 && camera.y(10) < 600);
});

test('positions are written as degrees, minutes and MGRS', () => {
  const place = { lat: 15.887, lon: -1.6384 };
  assert.equal(formatPlace(place, 'decimal'), '15.88700°\u00a0N  1.63840°\u00a0W');
  assert.equal(formatPlace(place, 'dms'), '15°53′13.2″N 001°38′18.2″W');
  assert.equal(formatPlace({ lat: 48.8583, lon: 2.2945 }, 'mgrs'), '31U DQ 48251 11943');
  assert.equal(formatPlace({ lat: 89, lon: 0 }, 'mgrs'), '89.00000°\u00a0N  0.00000°\u00a0E');
  assert.equal(formatPlace({ lat: 59.99999999, lon: 0 }, 'dms'), '60°00′00.0″N 000°00′00.0″E');
  setLanguage('fr');
  assert.equal(formatPlace(place, 'decimal'), '15,88700°\u00a0N  1,63840°\u00a0O');
  assert.equal(formatPlace(place, 'decimal'), latLon(place), 'as on the card');
  assert.equal(formatPlace(place, 'dms'), '15°53′13,2″N 001°38′18,2″O');
  setLanguage('en');
});

test('degrees of the graticule leave out what is nothing', () => {
  assert.equal(formatDegree(15.5, ['N', 'S']), '15°30′N');
  assert.equal(formatDegree(-20, ['E', 'W']), '20°W');
  assert.equal(formatDegree(0, ['N', 'S']), '0°');
});

test('distance and bearing are the ellipsoid\'s', () => {
  // Karney's example: JFK to LHR.
  const leg = legBetween({ lat: 40.6, lon: -73.8 }, { lat: 51.6, lon: -0.5 });
  near(leg.metres, 5_551_759.4, 0.1);
  near(leg.bearingDeg, 51.198883, 1e-6);
  const way = wayBetween({ lat: 0, lon: 179 }, { lat: 0, lon: -179 });
  near(way[way.length - 1]!.lon, -179, 1e-9);
});

test('boxes take their place once', () => {
  const occupied = new Occupied();
  occupied.reset(200, 100);
  assert.equal(occupied.take(10, 10, 50, 14), true);
  assert.equal(occupied.take(40, 12, 50, 14), false);
  assert.equal(occupied.take(100, 10, 50, 14), true);
  occupied.reset(200, 100);
  assert.equal(occupied.take(40, 12, 50, 14), true);
});

test('a hit finds the nearest of ten thousand', () => {
  const hits = new Hits();
  hits.reset(1000, 1000);
  for (let i = 0; i < 10_000; i++) hits.add((i % 100) * 10, Math.floor(i / 100) * 10, i);
  assert.equal(hits.nearest(503, 204, 16), 2050);
  hits.reset(1000, 1000);
  assert.equal(hits.nearest(503, 204, 16), -1);
});

test('drawing that takes long waits three times as long', () => {
  const pace = new Pace();
  for (let i = 0; i < 30; i++) {
    pace.drawn(i * 1000, i * 1000 + 10);
    pace.painted(i * 1000, i * 1000 + 100);
  }
  near(pace.waitMs(29_000), 400, 5);
});

test('a crowd is drawn ten times a second at most, and once in 0.8 s however slow the machine is', () => {
  const pace = new Pace();
  pace.crowd = true;
  pace.drawn(1000, 1002);
  near(pace.waitMs(1000), 100, 1);
  for (let i = 0; i < 30; i++) pace.painted(1000 + i, 9000 + i);
  assert.ok(pace.waitMs(1030) <= 800);
});

test('the address says what is shown, and is read back', () => {
  const pairs = parseHash('#map=15.9/1.6/11&unit=alpha/v1&bad=%E0%A4%A&x');
  assert.equal(pairs.get('unit'), 'alpha/v1');
  assert.equal(pairs.has('bad'), false);
  assert.equal(formatHash(new Map([['unit', 'a/b&c']])), 'unit=a/b%26c');
  assert.deepEqual(parseMapPlace(formatMapPlace({ lat: 15.9, lon: 1.6, zoom: 11 })), { lat: 15.9, lon: 1.6, zoom: 11 });
  for (const wrong of ['', '1/2', '91/0/3', '1/2/3/4', 'a/b/c', undefined]) assert.equal(parseMapPlace(wrong), null);
});

test('a moment in the address is a time, a clock and a speed', () => {
  const moment = { timeUs: 1_795_000_000_123_000, clock: 'known', speed: 10 } as const;
  const written = Object.entries(formatMoment(moment)).filter((pair): pair is [string, string] => pair[1] !== null);
  assert.deepEqual(parseMoment(new Map(written)), moment);
  assert.equal(parseMoment(new Map([['at', 'yesterday']])), null);
  assert.equal(parseMoment(new Map([['at', '2026-11-27T00:00:00Z'], ['speed', '99999']]))!.speed, 1);
});

test('the hub\'s clock comes from the quickest probe, and a set clock starts over', () => {
  const clock = new HubClock();
  clock.told(1000, 61_000);
  assert.equal(clock.hubMs(1000), 61_000);
  clock.probed(2000, 2400, 62_300, 2400);
  assert.equal(clock.hubMs(0), 60_100);
  clock.probed(3000, 3020, 63_010, 3020);
  assert.equal(clock.hubMs(0), 60_000);
  clock.probed(4000, 4600, 64_900, 4600);
  assert.equal(clock.hubMs(0), 60_000);
  clock.probed(90_000, 90_100, 66_000, 5600); // somebody set the device's clock
  assert.equal(clock.hubMs(90_050), 66_000);
});

function replayBench(): { replay: Replay; asked: Record<string, unknown>[]; at: { ms: number } } {
  const asked: Record<string, unknown>[] = [];
  const at = { ms: 0 };
  const replay = new Replay((message) => asked.push(message) > 0, () => at.ms, (run) => run());
  return { replay, asked, at };
}

test('a replay\'s clock runs with its speed between frames, and stands while it is paused or lost', () => {
  const { replay, asked, at } = replayBench();
  replay.show(1e12, 'true', [], 10);
  assert.deepEqual(asked[0], { type: 'past', request: 1, clock: 'true', time_us: 1e12, speed: 10, paused: false });
  replay.message({ type: 'past', request: 1, phase: 'playing', timeUs: 1e12, code: '', reason: '' });
  at.ms = 2000;
  assert.equal(replay.world.nowUs(), 1e12 + 20e6);
  replay.lost();
  at.ms = 9000;
  assert.equal(replay.world.nowUs(), 1e12 + 20e6);
  replay.reopened();
  assert.equal(asked[1]!.time_us, 1e12 + 20e6);
});

test('a replay that failed keeps why by its code, of an answer and of a refusal alike', () => {
  const { replay } = replayBench();
  replay.show(1e12, 'true', []);
  replay.message({ type: 'past', request: 1, phase: 'failed', timeUs: 0, code: 'bad_range', reason: 'before 2020' });
  assert.equal(replay.past.value!.phase, 'failed');
  assert.deepEqual(replay.past.value!.reason, { code: 'bad_range', detail: 'before 2020' });
  replay.show(1e12, 'true', []);
  assert.equal(replay.past.value!.reason.code, '', 'the next begins without it');
  replay.refused({ code: 'no_such_replay', detail: 'request is 1' });
  assert.deepEqual([replay.past.value!.phase, replay.past.value!.reason.code], ['failed', 'no_such_replay']);
});

test('what is missing in a replay is told as long as it lasts', () => {
  const { replay } = replayBench();
  const missing = { code: 'parts_missing', detail: 'before 06:00' };
  replay.show(1e12, 'true', []);
  replay.message({ type: 'past', request: 1, phase: 'playing', timeUs: 1e12, code: missing.code,
    reason: missing.detail });
  replay.message({ type: 'past', request: 1, phase: 'paused', timeUs: 1e12, code: '', reason: '' });
  assert.deepEqual([replay.past.value!.phase, replay.past.value!.reason], ['paused', missing]);
  replay.show(2e12, 'true', []);
  assert.equal(replay.past.value!.reason.code, '');
});

test('an answer to a replay that was replaced changes nothing', () => {
  const { replay } = replayBench();
  replay.show(1e12, 'true', []);
  replay.show(2e12, 'known', []);
  replay.message({ type: 'past', request: 1, phase: 'ended', timeUs: 1e12, code: '', reason: '' });
  assert.equal(replay.past.value!.phase, 'loading');
  replay.stop();
  assert.equal(replay.past.value, null);
});

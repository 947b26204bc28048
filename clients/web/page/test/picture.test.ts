import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameError, FrameKind, FrameReader } from '../src/feed/frames';
import { EVENTS_MAX, EventLog } from '../src/model/event_log';
import { Picture } from '../src/model/picture';
import { Trails, TRAIL_NUMBERS_MAX } from '../src/model/trails';
import type { RoomEvent } from '../src/model/types';
import { encodeFrame, type FixIn, type FrameIn } from './frames';

const SECOND = 1e6;

class Bench {
  nowUs = 1000 * SECOND;
  batches: (() => void)[] = [];
  known: number[] = [];
  readonly picture = new Picture(
    () => this.nowUs,
    (run) => this.batches.push(run),
    (ms) => this.known.push(ms),
  );
  private readonly reader = new FrameReader();
  private seq = 10;

  take(frame: FrameIn): void {
    this.reader.read(encodeFrame(frame), () => this.picture);
  }
  fix(unit: number, more: Partial<FixIn> = {}): FixIn {
    return { seq: ++this.seq, timeUs: this.nowUs, unit, lat: 10, lon: 20, ...more };
  }
  flush(): void {
    for (const run of this.batches.splice(0)) run();
  }
  at(name: string): { lat: number; lon: number } | undefined {
    const position = this.picture.byName.get(name)?.position;
    return position && { lat: position.lat, lon: position.lon };
  }
}

const named = [
  { index: 7, name: 'alpha/v1', group: 'patrol' },
  { index: 8, name: 'bravo/v2' },
];

test('a fix moves its unit, with every number as it was sent', () => {
  const bench = new Bench();
  bench.take({
    names: named,
    fixes: [
      bench.fix(7, {
        lat: -12.3456789,
        lon: 179.9999999,
        speedMS: 12.34,
        courseDeg: 359.99,
        accuracyM: 3.5,
        altitudeM: -20.5,
        batteryPercent: 99,
        delayMs: 1234,
        flags: 16,
      }),
    ],
  });
  const unit = bench.picture.byName.get('alpha/v1')!;
  assert.equal(unit.owner, 'alpha');
  assert.equal(unit.group, 'patrol');
  assert.equal(unit.gone, false);
  assert.deepEqual(
    { ...unit.position },
    {
      seq: 11,
      timeUs: bench.nowUs,
      delayMs: 1234,
      lat: -12.3456789,
      lon: 179.9999999,
      altitudeM: -20.5,
      speedMS: 12.34,
      courseDeg: 359.99,
      accuracyM: 3.5,
      batteryPercent: 99,
      satelliteTime: true,
      implausible: false,
    },
  );
});

test('what a fix does not know is undefined', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7)] });
  const position = bench.picture.byName.get('alpha/v1')!.position!;
  assert.equal(position.speedMS, undefined);
  assert.equal(position.altitudeM, undefined);
  assert.equal(position.batteryPercent, undefined);
});

test('a time before 1970 and a large seq are read exactly', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7, { timeUs: -5_000_001, seq: 2 ** 52 + 1 })] });
  const position = bench.picture.byName.get('alpha/v1')!.position!;
  assert.equal(position.timeUs, -5_000_001);
  assert.equal(position.seq, 2 ** 52 + 1);
});

test('a snapshot replaces: who is not in it is gone, with its trail', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7), bench.fix(8)] });
  bench.take({ kind: FrameKind.Snapshot, firstPage: true, fixes: [bench.fix(7, { flags: 8 })] });
  assert.equal(bench.picture.byName.get('bravo/v2')!.gone, false);
  bench.take({ kind: FrameKind.Snapshot, lastPage: true });
  const gone = bench.picture.byName.get('bravo/v2')!;
  assert.equal(gone.gone, true);
  assert.equal(bench.picture.trail(gone).length, 0);
  assert.equal(bench.picture.byName.get('alpha/v1')!.gone, false);
});

test('a unit that moved between the pages of a snapshot stays', () => {
  const bench = new Bench();
  bench.take({ names: named, kind: FrameKind.Snapshot, firstPage: true });
  bench.take({ fixes: [bench.fix(7)] });
  bench.take({ kind: FrameKind.Snapshot, lastPage: true });
  assert.equal(bench.picture.byName.get('alpha/v1')!.gone, false);
});

test('an older fix of a snapshot moves nothing back', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7, { seq: 100, lat: 1 })] });
  bench.take({
    kind: FrameKind.Snapshot,
    firstPage: true,
    lastPage: true,
    fixes: [bench.fix(7, { seq: 90, lat: 2, flags: 8 })],
  });
  assert.equal(bench.at('alpha/v1')!.lat, 1);
});

test('a leave hides a unit until a fix brings it back', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7)] });
  bench.take({ leaves: [7] });
  assert.equal(bench.picture.byName.get('alpha/v1')!.gone, true);
  bench.take({ fixes: [bench.fix(7)] });
  assert.equal(bench.picture.byName.get('alpha/v1')!.gone, false);
});

test('late and aside fixes move nobody; the late one is in the trail', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7, { lat: 1 })] });
  bench.take({
    fixes: [
      bench.fix(7, { lat: 5, flags: 1, timeUs: bench.nowUs - 60 * SECOND }),
      bench.fix(7, { lat: 9, flags: 4 }),
    ],
  });
  assert.equal(bench.at('alpha/v1')!.lat, 1);
  const trail = [...bench.picture.trail(bench.picture.byName.get('alpha/v1')!)];
  assert.deepEqual(
    trail.filter((_, i) => i % 3 === 2),
    [5, 1],
  );
});

test('a past world takes the numbers that Past frames give', () => {
  const bench = new Bench();
  const first = 2147483648;
  const room = { kind: FrameKind.Past, firstPage: true, lastPage: true, names: [{ index: first, name: 'alpha/v1' }] };
  bench.take({ ...room, fixes: [bench.fix(first, { lat: 1 })] });
  assert.deepEqual(bench.at('alpha/v1'), { lat: 1, lon: 20 });
  bench.take({ kind: FrameKind.Past, leaves: [first] });
  assert.equal(bench.at('alpha/v1'), undefined);
});

test('a replay by true time goes back where the seq says otherwise', () => {
  const bench = new Bench();
  bench.take({ kind: FrameKind.Past, names: named, fixes: [bench.fix(7, { seq: 100, lat: 1 })] });
  bench.take({ kind: FrameKind.Past, fixes: [bench.fix(7, { seq: 50, lat: 2 })] });
  assert.equal(bench.at('alpha/v1')!.lat, 2);
});

test('after another connection the old numbers mean nobody', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7, { lat: 1 })] });
  bench.picture.forgetIndexes();
  bench.take({ fixes: [bench.fix(7, { lat: 2 })] });
  assert.equal(bench.at('alpha/v1')!.lat, 1);
});

test('a card gives the call sign; its deletion takes it away', () => {
  const bench = new Bench();
  bench.take({
    names: named,
    fixes: [bench.fix(7)],
    cards: [{ seq: 1, unit: 'alpha/v1', callSign: 'ALPHA 1', symbol: 'SFGP' }],
  });
  const unit = bench.picture.byName.get('alpha/v1')!;
  assert.equal(unit.label, 'ALPHA 1');
  bench.take({ cards: [{ seq: 2, unit: 'alpha/v1', deleted: true }] });
  assert.equal(unit.label, 'v1');
  assert.equal(unit.gone, false);
  bench.take({ cards: [{ seq: 1, unit: 'alpha/v1', callSign: 'OLD' }] });
  assert.equal(unit.label, 'v1');
});

test('a past world calls a unit by the card of the live one, where its own came later', () => {
  const live = { callSign: 'ALPHA 1', unitKind: 'vehicle', symbol: 'SFGPEVA----D---', carriedBy: '' };
  const past = new Picture(() => 0, () => {}, () => {}, (name) => (name === 'alpha/v1' ? live : undefined));
  const fix = { seq: 1, timeUs: 0, unit: 7, lat: 10, lon: 20 };
  new FrameReader().read(encodeFrame({ kind: FrameKind.Past, names: named, fixes: [fix] }), () => past);
  assert.equal(past.byName.get('alpha/v1')?.label, 'ALPHA 1');
  assert.equal(past.byName.get('bravo/v2')?.label, 'v2');
  assert.equal(past.byName.get('bravo/v2')?.gone, true);
});

test('freshness follows the thresholds and the clock of this world', () => {
  const bench = new Bench();
  bench.picture.setThresholds({ overdueAfterMs: 60_000, silentAfterMs: 600_000 });
  bench.take({ names: named, fixes: [bench.fix(7)] });
  const unit = bench.picture.byName.get('alpha/v1')!;
  assert.equal(bench.picture.freshness(unit), 'fresh');
  bench.nowUs += 60 * SECOND;
  assert.equal(bench.picture.freshness(unit), 'overdue');
  bench.nowUs += 600 * SECOND;
  assert.equal(bench.picture.freshness(unit), 'silent');
  assert.equal(bench.picture.freshness(bench.picture.byName.get('bravo/v2')!), 'unknown');
});

test('however many frames come, the version rises once a batch', () => {
  const bench = new Bench();
  for (let i = 0; i < 5; i++) bench.take({ names: named, fixes: [bench.fix(7)], conflated: 2 });
  assert.equal(bench.batches.length, 1);
  bench.flush();
  assert.equal(bench.picture.version.value, 1);
  assert.equal(bench.picture.eventsVersion.value, 0);
  assert.equal(bench.picture.conflated.value, 10);
});

test('the newest known time of a frame is told, but not of a snapshot', () => {
  const bench = new Bench();
  bench.take({ names: named, fixes: [bench.fix(7, { delayMs: 40 })] });
  bench.take({ fixes: [bench.fix(7, { flags: 8, delayMs: 40 })] });
  assert.deepEqual(bench.known, [bench.nowUs / 1000 + 40, 0]);
});

test('bytes that are no frame are refused', () => {
  const reader = new FrameReader();
  const picture = new Bench().picture;
  assert.throws(() => reader.read(new ArrayBuffer(4), () => picture), FrameError);
  assert.throws(
    () => reader.read(new TextEncoder().encode('no frame at all').buffer as ArrayBuffer, () => picture),
    FrameError,
  );
});

test('frames cut short or altered neither hang nor crash the reader', () => {
  const bench = new Bench();
  const whole = new Uint8Array(
    encodeFrame({
      names: named,
      fixes: [bench.fix(7), bench.fix(8)],
      events: [{ seq: 1, unit: 'a/b', timeUs: 1, kind: 'sos' }],
    }),
  );
  const reader = new FrameReader();
  for (let i = 0; i < whole.length; i++) {
    for (const value of [0, 0x7f, 0xff]) {
      const bytes = whole.slice();
      bytes[i] = value;
      try {
        reader.read(bytes.buffer as ArrayBuffer, () => bench.picture);
        reader.read(bytes.slice(0, i).buffer as ArrayBuffer, () => bench.picture);
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }
  }
});

const event = (seq: number): RoomEvent => ({
  seq,
  unit: 'a/b',
  group: '',
  timeUs: seq,
  knownUs: seq,
  kind: 'text',
  severity: 0,
  text: '',
  name: String(seq),
  references: [],
  fields: [],
});

test('events stand in the order of the log, each once, and are bounded', () => {
  const log = new EventLog();
  for (const seq of [3, 1, 2, 3]) log.add(event(seq));
  assert.deepEqual(
    log.list.map((e) => e.seq),
    [1, 2, 3],
  );
  for (let seq = 4; seq < EVENTS_MAX * 2; seq++) log.add(event(seq));
  assert.ok(log.list.length <= EVENTS_MAX);
  assert.equal(log.list[log.list.length - 1]!.seq, EVENTS_MAX * 2 - 1);
});

test('a straight way costs a few points, a winding one keeps its turns, and both are bounded', () => {
  const trails = new Trails(4, 3600 * SECOND);
  const points = new Float64Array(TRAIL_NUMBERS_MAX);
  for (let i = 0; i < 100; i++) trails.add(0, i * SECOND, i * 1e-4, 0);
  assert.equal(trails.copy(0, points), 2);
  for (let i = 0; i < 500; i++) trails.add(1, i * SECOND, i * 1e-3, (i % 2) * 1e-3);
  assert.equal(trails.copy(1, points), 64);
  assert.equal(points[63 * 3], 499 * SECOND);
  assert.ok(points[0]! < points[3]!);
});

test('a trail forgets what is older than its span', () => {
  const trails = new Trails(1, 600 * SECOND);
  for (let i = 0; i < 40; i++) trails.add(0, i * 60 * SECOND, i * 1e-3, (i % 2) * 1e-3);
  const points = new Float64Array(TRAIL_NUMBERS_MAX);
  assert.equal(trails.copy(0, points), 11);
});

test('a late point takes its place in a full trail', () => {
  const trails = new Trails(1, 3600 * SECOND);
  for (let i = 0; i < 100; i++) trails.add(0, i * SECOND, i * 1e-3, (i % 2) * 1e-3);
  trails.add(0, 90.5 * SECOND, 5, 5);
  const points = new Float64Array(TRAIL_NUMBERS_MAX);
  const count = trails.copy(0, points);
  const times = Array.from({ length: count }, (_, i) => points[i * 3]! / SECOND);
  assert.equal(count, 64);
  assert.ok(times.includes(90.5));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
});

test('events whose seqs differ by less than a number holds are told apart by their names', () => {
  const log = new EventLog();
  const seq = Number('7258000000000004097');
  const called = (name: string): RoomEvent => ({ ...event(seq), name });
  assert.ok(log.add(called('a')));
  assert.ok(log.add(called('b')));
  assert.equal(log.add(called('a')), false);
  assert.deepEqual(log.list.map(({ name }) => name), ['a', 'b']);
});

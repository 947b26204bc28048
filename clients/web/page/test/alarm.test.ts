import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomEvent, Severity } from '../src/model/types';
import { Names } from '../src/alarm/memory';
import { EARLIER_US, isAlarm, kindOf, LATE_US, order, type Alarm } from '../src/alarm/rules';

const OPENED_US = 1_772_000_000e6;

function event(parts: Partial<RoomEvent> = {}): RoomEvent {
  return { seq: 1, unit: 'alpha/v1', group: '', timeUs: OPENED_US, knownUs: OPENED_US, kind: 'sos', severity: 3,
    text: '',
    name: 'SPOOL:1', references: [], fields: [], ...parts };
}

class Shelf {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null { return this.kept.get(key) ?? null; }
  setItem(key: string, value: string): void { this.kept.set(key, value); }
}

test('an SOS alarms whatever its severity, and so does everything severe', () => {
  assert.ok(isAlarm(event({ severity: 0 })));
  assert.ok(isAlarm(event({ kind: 'contact' })));
  for (const severity of [0, 1, 2] as Severity[]) assert.ok(!isAlarm(event({ kind: 'contact', severity })));
});

test('what comes while the page is open rings, also when the link was cut for long', () => {
  assert.equal(kindOf(event({ knownUs: OPENED_US + 3600e6, timeUs: OPENED_US + 3600e6 }), OPENED_US), 'new');
});

test('what a grant holds back counts from when it could be shown: an old one gives one tone', () => {
  const hour = 3600e6;
  const said = event({ knownUs: OPENED_US - hour / 2, timeUs: OPENED_US - hour / 2 });
  assert.equal(kindOf(said, OPENED_US, hour), 'late', 'it could not be shown before the page was opened');
  assert.equal(kindOf(said, OPENED_US), 'earlier');
  const quick = event({ knownUs: OPENED_US, timeUs: OPENED_US });
  assert.equal(kindOf(quick, OPENED_US, 60e6), 'new');
  const old = event({ knownUs: OPENED_US - 30 * hour, timeUs: OPENED_US - 30 * hour });
  assert.equal(kindOf(old, OPENED_US, 36 * hour), 'late');
});

test('what happened long before the hub heard of it is late', () => {
  assert.equal(kindOf(event({ timeUs: OPENED_US - 2 * LATE_US, knownUs: OPENED_US }), OPENED_US), 'late');
});

test('what the hub had before the page was opened is shown and rings not, and a day later it is history', () => {
  assert.equal(kindOf(event({ knownUs: OPENED_US - 600e6, timeUs: OPENED_US - 600e6 }), OPENED_US), 'earlier');
  assert.equal(kindOf(event({ knownUs: OPENED_US - EARLIER_US - 1, timeUs: 0 }), OPENED_US), null);
});

test('the gravest and the newest stand first', () => {
  const alarm = (seq: number, kind: Alarm['kind'], what = 'sos'): Alarm => ({ event: event({ seq, kind: what }),
    kind, acknowledgedBy: [], grant: '', mayAnswer: true });
  const sorted = [alarm(1, 'earlier'), alarm(2, 'new', 'contact'), alarm(3, 'late'), alarm(4, 'new'), alarm(5,
    'new')].sort(order);
  assert.deepEqual(sorted.map((one) => one.event.seq), [5, 4, 2, 3, 1]);
});

test('places of another log say nothing of what is newer', () => {
  const alarm = (seq: number, knownUs: number, grant: string): Alarm => ({ event: event({ seq, knownUs }), kind: 'new',
    acknowledgedBy: [], grant, mayAnswer: true });
  const sorted = [alarm(7e18, OPENED_US, 'alpha/aid'), alarm(5, OPENED_US + 1e6, '')].sort(order);
  assert.deepEqual(sorted.map((one) => one.grant), ['', 'alpha/aid']);
});

test('names are remembered over a reload, as many as are bounded', () => {
  const shelf = new Shelf();
  const storage = (): Storage => shelf as unknown as Storage;
  const names = new Names(storage, 'k');
  for (let i = 0; i < 600; i++) names.add(`S:${i}`);
  const again = new Names(storage, 'k');
  assert.ok(again.has('S:599') && again.has('S:100'));
  assert.ok(!again.has('S:99'));
});

test('a storage that is switched off, or holds foreign text, breaks nothing', () => {
  const off = new Names(() => { throw new Error('denied'); }, 'k');
  off.add('S:1');
  assert.ok(off.has('S:1'));
  const shelf = new Shelf();
  shelf.setItem('k', '{"x":1}');
  assert.ok(!new Names(() => shelf as unknown as Storage, 'k').has('x'));
});

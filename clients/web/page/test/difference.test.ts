// Where units stand by the other clock: what an answer of the API and the shown world make of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Unit, World } from '../src/model/types';
import { ghostsOf } from '../src/timeline/difference';

const SHOWN_US = Date.parse('2026-02-25T06:00:00Z') * 1000;

function worldOf(...units: Partial<Unit>[]): World {
  return { byName: new Map(units.map((unit) => [unit.name, unit])) } as unknown as World;
}

const shown = (name: string, lat: number, lon: number, more: Partial<Unit> = {}): Partial<Unit> =>
  ({ name, label: name.toUpperCase(), gone: false, position: { lat, lon, timeUs: SHOWN_US } as Unit['position'],
    ...more });
const other = (unit: string, lat: number, lon: number, time = '2026-02-25T06:00:00Z') =>
  ({ geometry: { coordinates: [lon, lat] }, properties: { unit, time } });
const ghosts = (features: Parameters<typeof ghostsOf>[0]['features'], ...units: Partial<Unit>[]) =>
  ghostsOf({ features }, worldOf(...units));

test('a unit that stands at the same place by both clocks is no ghost', () => {
  assert.deepEqual(ghosts([other('a/v1', 15.80005, 1.6)], shown('a/v1', 15.8, 1.6)), []);
});

test('one that stands elsewhere is a ghost there, with where it is shown and how much later it is', () => {
  assert.deepEqual(ghosts([other('a/v1', 15.9, 1.7, '2026-02-25T06:02:30Z')], shown('a/v1', 15.8, 1.6)),
    [{ name: 'a/v1', label: 'A/V1', lat: 15.9, lon: 1.7, laterUs: 150e6, shown: { lat: 15.8, lon: 1.6 } }]);
  assert.equal(ghosts([other('a/v1', 15.9, 1.7, '2026-02-25T05:59:00Z')], shown('a/v1', 15.8, 1.6))[0]!.laterUs,
    -60e6);
});

test('one that is seen by the other clock alone is a ghost without a place where it is shown', () => {
  const alone = [{ name: 'a/v1', label: 'a/v1', lat: 15.9, lon: 1.7, laterUs: 0 }];
  assert.deepEqual(ghosts([other('a/v1', 15.9, 1.7)]), alone);
  assert.deepEqual(ghosts([other('a/v1', 15.9, 1.7)], shown('a/v1', 15.9, 1.7, { gone: true, label: 'a/v1' })), alone);
  assert.deepEqual(ghosts([other('a/v1', 15.9, 1.7)], { name: 'a/v1', label: 'a/v1', gone: false }), alone);
});

test('one that is not seen by the other clock is no ghost', () => {
  assert.deepEqual(ghosts([], shown('a/v1', 15.8, 1.6)), []);
});

test('what has no place or no name is left out', () => {
  assert.deepEqual(ghosts([{ geometry: null, properties: { unit: 'a/v1' } },
    { geometry: { coordinates: [1.6] }, properties: { unit: 'a/v1' } },
    { geometry: { coordinates: [1.6, 15.8] }, properties: {} }]), []);
});

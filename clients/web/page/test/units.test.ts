import assert from 'node:assert/strict';
import { test } from 'node:test';
import './browser';
import type { Freshness, Unit, World } from '../src/model/types';
import { listUnits, NameRank, NO_FILTER } from '../src/panels/units/order';

const SECOND = 1e6;

function worldOf(units: { label: string; ageS: number; gone?: boolean }[]): World {
  const list = units.map(({ label, ageS, gone }, index): Unit => ({ index, name: `alpha/${index}`, owner: 'alpha',
    group: '', label, gone: gone ?? false, position: { seq: index, timeUs: (1000 - ageS) * SECOND, delayMs: 0, lat: 0,
      lon: 0, satelliteTime: true, implausible: false } }));
  const freshness = (unit: Unit, atUs = 0): Freshness =>
    atUs - unit.position!.timeUs > 100 * SECOND ? 'silent' : 'fresh';
  return { units: list, nowUs: () => 1000 * SECOND, freshness } as unknown as World;
}

const fleet = worldOf([
  { label: 'V10', ageS: 5 },
  { label: 'V2', ageS: 500 },
  { label: 'V1', ageS: 5 },
  { label: 'V3', ageS: 1, gone: true },
  { label: 'V4', ageS: 600 },
]);
const labels = (sort: 'name' | 'age' | 'state', filter = NO_FILTER): string[] =>
  listUnits(fleet, new NameRank(), filter, sort, null).units.map((unit) => unit.label);

test('units stand by name as people count, without those that are gone', () => {
  assert.deepEqual(labels('name'), ['V1', 'V2', 'V4', 'V10']);
});

test('the newest fix first, and by name where two are of one moment', () => {
  assert.deepEqual(labels('age'), ['V1', 'V10', 'V2', 'V4']);
});

test('what needs a look first, and by name among those', () => {
  assert.deepEqual(labels('state'), ['V2', 'V4', 'V1', 'V10']);
  assert.deepEqual(labels('state', { ...NO_FILTER, state: 'fresh' }), ['V1', 'V10']);
});

test('a unit that gets another call sign takes its new place', () => {
  const ranks = new NameRank();
  const list = (): string[] => listUnits(fleet, ranks, NO_FILTER, 'name', null).units.map((unit) => unit.label);
  list();
  (fleet.units[2] as Unit).label = 'V9';
  assert.deepEqual(list(), ['V2', 'V4', 'V9', 'V10']);
});

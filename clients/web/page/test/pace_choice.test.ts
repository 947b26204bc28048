import assert from 'node:assert/strict';
import { test } from 'node:test';
import './browser';
import { paced } from '../src/feed/pace_choice';

test('as they come: nothing is asked for beyond what the map shows', () => {
  assert.deepEqual(paced({}, 0, 60_000), {});
  const area = { area: [6, 45, 8, 47] as [number, number, number, number], outside_ms: 10_000 };
  assert.deepEqual(paced(area, 0, 60_000), area);
});

test('a pace holds everywhere: what is out of view does not come oftener than what is in it', () => {
  assert.deepEqual(paced({}, 20_000, 120_000), { pace_ms: 20_000 });
  const area = [6, 45, 8, 47] as [number, number, number, number];
  assert.deepEqual(paced({ area, outside_ms: 10_000 }, 20_000, 120_000),
    { area, outside_ms: 20_000, pace_ms: 20_000 });
  assert.deepEqual(paced({ area, outside_ms: 10_000 }, 5000, 120_000), { area, outside_ms: 10_000, pace_ms: 5000 });
});

test('no pace is so slow that a unit in time looks overdue', () => {
  assert.deepEqual(paced({}, 60_000, 30_000), { pace_ms: 10_000 });
  assert.deepEqual(paced({}, 60_000, Infinity), { pace_ms: 60_000 });
});

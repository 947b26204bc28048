import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Room } from '../src/model/types';
import { getUnit } from '../src/panels/api';

/** A room whose server answers with this. */
const answering = (body: unknown): Room => ({ getShown: () => Promise.resolve(body) }) as unknown as Room;

test('the unit stands within the answer, beside the time of the picture', async () => {
  const unit = await getUnit(answering({ live: true, time: '2026-03-12T06:14:05Z', unit: { unit: 'alpha/v1', fixes: 20,
    source: 'simulated', clock: 'device', clock_offset_s: -1.5, v_acc_m: 6.2, carries: ['alpha/section-1'] } }),
  'alpha/v1');
  assert.equal(unit.source, 'simulated');
  assert.equal(unit.clock, 'device');
  assert.equal(unit.clockOffsetS, -1.5);
  assert.equal(unit.verticalAccuracyM, 6.2);
  assert.equal(unit.fixes, 20);
  assert.deepEqual(unit.carries, ['alpha/section-1']);
});

test('what is missing in an answer is unknown', async () => {
  const unit = await getUnit(answering({}), 'alpha/v1');
  assert.equal(unit.source, '');
  assert.equal(unit.clockOffsetS, undefined);
});

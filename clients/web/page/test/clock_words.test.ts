// What the card says of a device's clock.
import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../src/model/types';
import type { UnitDetail } from '../src/panels/api';
import { clockWords } from '../src/panels/unit/position';
import { delay } from '../src/text/format';
import { setLanguage } from '../src/text/language';
import { unitWords } from '../src/text/units';

const DEVICE = { timeUs: 0, satelliteTime: false } as Position;
const detail = (more: Partial<UnitDetail>): UnitDetail =>
  ({ source: '', fixType: '', clock: 'device', carriedBy: '', carries: [], ...more });
const said = (clockOffsetS: number): string => clockWords(DEVICE, detail({ clockOffsetS }));

for (const language of ['en', 'fr'] as const) {
  test(`a clock is fast when the hub takes something off, and slow when it adds, in ${language}`, () => {
    setLanguage(language);
    const t = unitWords.value;
    assert.notEqual(t.clockFast('5'), t.clockSlow('5'));
    assert.equal(said(-90), t.clockFast(delay(90_000)));
    assert.equal(said(90), t.clockSlow(delay(90_000)));
    assert.equal(said(-1), t.clockFast(delay(1000)));
    assert.equal(said(1), t.clockSlow(delay(1000)));
  });

  test(`a clock is right to within a second, or not measured, or the satellites’, in ${language}`, () => {
    setLanguage(language);
    const t = unitWords.value;
    for (const offset of [0, 0.99, -0.99]) assert.equal(said(offset), t.clockRight);
    assert.equal(clockWords(DEVICE, detail({})), t.clockUnknown);
    assert.equal(clockWords(DEVICE, null), t.clockUnknown);
    assert.equal(clockWords({ ...DEVICE, satelliteTime: true }, null), t.clockSatellite);
    assert.equal(clockWords(DEVICE, detail({ clock: 'satellite', clockOffsetS: 90 })), t.clockSatellite);
  });
}

test('fast and slow are called what they are', () => {
  setLanguage('en');
  assert.match(said(-90), /fast/);
  assert.match(said(90), /slow/);
  setLanguage('fr');
  assert.match(said(-90), /avance/);
  assert.match(said(90), /retarde/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import './browser';
import { scaleBar } from '../src/map/scale';
import { setLanguage } from '../src/text/language';

const plain = (words: string): string => words.replace(/\s/g, ' ');

test('a scale bar is a round distance, and as long as it says', () => {
  setLanguage('en');
  for (const [metresPerPixel, words] of [[0.15, '10 m'], [5, '500 m'], [9.5, '1 km'], [50, '5 km'], [2000, '200 km'],
    [9500, '1,000 km'], [24_000, '2,000 km'], [50_000, '5,000 km']] as const) {
    const bar = scaleBar(1 / metresPerPixel);
    assert.equal(plain(bar.words), words);
    const metres = parseFloat(bar.words.replace(',', '')) * (bar.words.endsWith('km') ? 1000 : 1);
    assert.ok(Math.abs(bar.pixels * metresPerPixel - metres) <= metresPerPixel / 2, `${bar.pixels} pixels: ${words}`);
  }
});

test('a scale bar is written in the page\'s language', () => {
  setLanguage('fr');
  assert.equal(plain(scaleBar(1 / 24_000).words), '2 000 km');
  assert.equal(plain(scaleBar(1 / 9.5).words), '1 km');
});

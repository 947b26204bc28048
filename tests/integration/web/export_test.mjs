#!/usr/bin/env node
// Taking away what is shown: each format is downloaded by its button, and is what it says it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { checkCsv, checkGeoJson, checkGpx, checkNdjson, checkPng } from './harness/formats.mjs';
import { Picture } from './harness/pictures.mjs';
import { Place } from './harness/place.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const FIXES = 60;
const FRIEND = [128, 224, 255]; // the standard's blue of our own, within a symbol
const FOOT_INK = [0x5c, 0x6f, 0x7e];
let place;
let browser;
before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  const now = Date.now();
  const rows = ['alpha/v1', 'alpha/v2'].flatMap((unit, u) => Array.from({ length: FIXES }, (_, i) =>
    ({ unit, at: now - (FIXES - i) * 30_000, lat: 15.8 + i * 1e-3, lon: 1.5 + u * 0.01, speed: 5, course: 10 })));
  await place.track(rows, { callSigns: { 'alpha/v1': 'ALPHA 1', 'alpha/v2': 'ALPHA 2' } });
  await place.send('alpha/v1', 'halt', 'notice', 'a "quoted", text; with <marks>');
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const CHECKS = { geojson: checkGeoJson, gpx: checkGpx, csv: checkCsv, ndjson: checkNdjson };

describe('the check of a picture', () => {
  it('refuses one that is cut, and one on which nothing is to be seen', () => {
    const blank = Picture.plain(400, 300, [243, 240, 231]);
    assert.throws(() => checkPng(blank.write()), /colours/);
    blank.pixels.fill(0, 0, 400 * 4); // one dark line, as of a scale alone
    assert.throws(() => checkPng(blank.write()), /colours/);
    assert.throws(() => checkPng(blank.write().subarray(0, 200)), /cut/);
  });
});

for (const language of LANGUAGES) {
  describe(`export in ${language}`, () => {
    let visitor;
    let panel;
    before(async () => {
      visitor = await Visitor.come(browser, place, { language, theme: 'light' });
      await visitor.go();
      await visitor.live();
      panel = await visitor.panel('export');
    });
    after(() => visitor.leave());

    const download = async (press) => {
      const [file] = await Promise.all([visitor.page.waitForEvent('download'), press()]);
      assert.equal(await file.failure(), null);
      return { bytes: readFileSync(await file.path()), name: file.suggestedFilename() };
    };
    const choose = (what) => panel.getByRole('radio', { name: visitor.t.export.whats[what] }).check({ force: true });

    for (const format of Object.keys(CHECKS)) {
      it(`gives the tracks as ${format}`, async () => {
        await choose('tracks');
        await panel.getByRole('combobox', { name: visitor.t.export.format }).selectOption(format);
        const file = await download(() => panel.getByRole('link', { name: visitor.t.export.download }).click());
        assert.match(file.name, new RegExp(`\\.${format}$`));
        const found = CHECKS[format](file.bytes.toString('utf8'));
        assert.deepEqual([...found.units].sort(), ['alpha/v1', 'alpha/v2']);
        assert.equal(found.positions, 2 * FIXES);
      });
    }

    for (const format of ['geojson', 'csv', 'ndjson']) {
      it(`gives the events as ${format}`, async () => {
        await choose('events');
        await panel.getByRole('combobox', { name: visitor.t.export.format }).selectOption(format);
        const file = await download(() => panel.getByRole('button', { name: visitor.t.export.download }).click());
        assert.ok(file.bytes.toString('utf8').includes('halt'), file.bytes.toString('utf8').slice(0, 300));
      });
    }

    it('gives one unit alone when it is selected', async () => {
      const units = await visitor.panel('units');
      await units.getByText('ALPHA 2', { exact: true }).first().click();
      panel = await visitor.panel('export');
      await choose('tracks');
      await panel.getByRole('combobox', { name: visitor.t.export.units }).selectOption('selected');
      await panel.getByRole('combobox', { name: visitor.t.export.format }).selectOption('geojson');
      const file = await download(() => panel.getByRole('link', { name: visitor.t.export.download }).click());
      assert.deepEqual([...checkGeoJson(file.bytes.toString('utf8')).units], ['alpha/v2']);
    });

    it('saves the map as PNG', async () => {
      await choose('picture');
      const file = await download(() => panel.getByRole('button', { name: visitor.t.export.png }).click());
      const picture = checkPng(file.bytes);
      const { width, height } = await visitor.mapBox.boundingBox();
      assert.deepEqual([picture.width, picture.height], [Math.round(width), Math.round(height)]);
      assert.ok(picture.find(FRIEND).count > 300, 'the symbols of both units');
      const foot = { x: 10, y: picture.height - 30, width: picture.width - 20, height: 22 };
      assert.ok(picture.find(FOOT_INK, { box: foot }).count > 100, 'scale, time and attribution');
    });

    it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

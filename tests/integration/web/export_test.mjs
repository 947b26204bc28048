#!/usr/bin/env node
// Taking away what is shown: each format is downloaded by its button, and is what it says it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { checkCsv, checkGeoJson, checkGpx, checkNdjson, checkPng, parseCsv } from './harness/formats.mjs';
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

const CROWD = 25; // more than the server reads unit by unit by known time: clients/web/server/api/tracks.cpp
const MOST = 20;

/** The panel, in which that was chosen of what to take. */
async function exportOf(visitor, what) {
  const panel = await visitor.panel('export');
  await panel.getByRole('radio', { name: visitor.t.export.whats[what] }).check({ force: true });
  return panel;
}

const chooseFormat = (visitor, panel, format) => panel.getByRole('combobox', { name: visitor.t.export.format })
  .selectOption(format);

async function fileOf(visitor, press) {
  const [file] = await Promise.all([visitor.page.waitForEvent('download'), press()]);
  assert.equal(await file.failure(), null);
  return { text: readFileSync(await file.path(), 'utf8'), name: file.suggestedFilename() };
}

describe('an export of the past', () => {
  let crowded;
  let moment; // half of what the crowd sent is later
  before(async () => {
    crowded = await Place.make();
    const first = Date.now() - 20 * 60_000;
    moment = new Date(Math.floor(first / 1000) * 1000 + 10 * 60_000);
    const rows = Array.from({ length: CROWD }, (_, u) => Array.from({ length: 20 }, (_, i) =>
      ({ unit: `alpha/v${u}`, at: first + i * 60_000, lat: 15.8 + i * 1e-3, lon: 1.5 + u * 0.01 }))).flat();
    await crowded.track(rows);
  });
  after(() => crowded?.end());

  for (const language of LANGUAGES) {
    describe(`in ${language}`, () => {
      let visitor;
      before(async () => {
        visitor = await Visitor.come(browser, crowded, { language });
      });
      after(() => visitor.leave());

      const lookAt = async (clock) => {
        await visitor.go('about:blank');
        await visitor.go(`/#at=${moment.toISOString()}&clock=${clock}`);
        await visitor.live();
        await visitor.page.locator('.replay-frame').waitFor({ state: 'attached' });
        return exportOf(visitor, 'tracks');
      };
      const press = (panel) => panel.getByRole('link', { name: visitor.t.export.download }).click();

      it('has nothing that is newer than the moment shown', async () => {
        const panel = await lookAt('true');
        await chooseFormat(visitor, panel, 'csv');
        const { text } = await fileOf(visitor, () => press(panel));
        assert.equal(checkCsv(text).units.size, CROWD);
        const [head, ...rows] = parseCsv(text.replace(/^\ufeff/, ''));
        const newest = rows.map((row) => row[head.indexOf('true_time')]).sort().at(-1);
        assert.ok(Date.parse(newest) <= moment.getTime(), `${newest} is after ${moment.toISOString()}`);
        assert.ok(Date.parse(newest) > moment.getTime() - 120_000, `${newest} is long before ${moment.toISOString()}`);
      });

      it('of more units than a format holds says so and what to do, and downloads nothing', async () => {
        const panel = await lookAt('known');
        await chooseFormat(visitor, panel, 'geojson');
        const files = [];
        visitor.page.on('download', (file) => files.push(file.suggestedFilename()));
        await press(panel);
        const alert = panel.getByRole('alert');
        await alert.waitFor();
        const words = await alert.textContent();
        assert.ok(words.includes(visitor.t.reasons.too_many_units), words);
        assert.ok(words.includes(visitor.t.export.byUnitMost(MOST)), words);
        assert.deepEqual(files, []);
        await visitor.screenshot(`export-refused-${language}`);
      });

      it('does not say so any more of what was chosen next, and gives it', async () => {
        const panel = await exportOf(visitor, 'tracks');
        await chooseFormat(visitor, panel, 'ndjson');
        await panel.getByRole('alert').waitFor({ state: 'detached' });
        await chooseFormat(visitor, panel, 'csv');
        const { text } = await fileOf(visitor, () => press(panel));
        assert.ok(text.startsWith('unit,') || text.includes(',unit,'), text.slice(0, 200));
      });

      it('says that the server is gone', async () => {
        const panel = await lookAt('true');
        await visitor.page.route('**/api/v1/tracks?*', (route) => route.abort());
        await press(panel);
        await panel.getByRole('alert').getByText(visitor.t.export.failed(visitor.t.reasons.unreachable)).waitFor();
        await visitor.page.unroute('**/api/v1/tracks?*');
      });

      it('says that the server does too much already', async () => {
        const panel = await lookAt('true');
        await visitor.page.route('**/api/v1/tracks?*', (route) => route.fulfill({ status: 429,
          contentType: 'application/problem+json', body: JSON.stringify({ status: 429, code: 'too_many_at_once',
            detail: '2 exports run already' }) }));
        await press(panel);
        await panel.getByRole('alert')
          .getByText(visitor.t.export.failed(visitor.t.reasons.too_many_at_once), { exact: true }).waitFor();
        await visitor.page.unroute('**/api/v1/tracks?*');
      });

      it('is not offered of a time that there can be nothing of', async () => {
        const panel = await lookAt('true');
        await panel.getByRole('combobox', { name: visitor.t.export.span }).selectOption('custom');
        await panel.getByLabel(visitor.t.export.from).fill('1999-12-31T23:59:59');
        await panel.getByRole('alert').getByText(visitor.t.reasons.bad_time.slice(1)).waitFor();
        assert.equal(await panel.getByRole('link', { name: visitor.t.export.download }).count(), 0);
        await panel.getByLabel(visitor.t.export.from).fill('2000-01-01T00:00:01');
        await panel.getByRole('alert').waitFor({ state: 'detached' });
        await chooseFormat(visitor, panel, 'ndjson');
        assert.equal(checkNdjson((await fileOf(visitor, () => press(panel))).text).units.size, CROWD);
      });

      it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(/ 4(00|29) /, /ERR_FAILED/), []));
    });
  }
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

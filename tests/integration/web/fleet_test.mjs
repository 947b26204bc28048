#!/usr/bin/env node
// A real bus fleet's day, played at 60 times its speed in the page: counts, positions and tracks are those of the file.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { parseCsv } from './harness/formats.mjs';
import { Place, ROOT } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';

needBrowser();
const FOLDER = join(process.env.VIGIE_RECORDINGS || join(ROOT, '..', 'shared', 'data'), 'fleet-bus');
const FILE = join(FOLDER, '2016-05-30.csv.gz');
if (!existsSync(FILE)) {
  console.log('skipped: there are no recordings on this machine');
  process.exit(77);
}

const MINUTE = 60_000;
// As the page rounds: toFixed() rounds the binary number, 97.813835 down.
const fiveDigits = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 5, maximumFractionDigits: 5 });
const SHOWN_BUSES = 6; // whose cards are read
let place;
let browser;
let visitor;
let rows;
let startMs;

/** The file's rows, in order of time. */
function readRows() {
  const [head, ...lines] = parseCsv(gunzipSync(readFileSync(FILE)).toString('utf8'));
  const at = (name) => head.indexOf(name);
  return lines.map((line) => ({ bus: line[at('vehicle_id')], ms: Date.parse(line[at('timestamp')]),
    lat: Number(line[at('latitude')]), lon: Number(line[at('longitude')]) }))
    .filter((row) => Number.isFinite(row.ms) && row.lat !== 0).sort((a, b) => a.ms - b.ms);
}

/** Where each bus was at that moment, by the file. */
function fleetAt(ms) {
  const newest = new Map();
  for (const row of rows) if (row.ms <= ms) newest.set(row.bus, row);
  return newest;
}

before(async () => {
  rows = readRows();
  // Where most of them are under way.
  startMs = rows[Math.floor(rows.length / 2)].ms;
  place = await Place.make();
  await place.vigie('track', ['--owner', 'city', '--csv', FILE, '--no-spool']);
  browser = await openBrowser();
  visitor = await Visitor.come(browser, place);
  await visitor.go(`/#at=${new Date(startMs).toISOString()}&speed=60`);
  await visitor.page.locator('.replay-mark.is-paused').waitFor();
});
after(async () => {
  await visitor?.leave();
  await browser?.close();
  await place?.end();
});

const momentMs = async () => Date.parse(`${await visitor.page.evaluate(() =>
  new URLSearchParams(location.hash.slice(1)).get('at'))}`);

describe('a bus fleet at 60 times its speed', () => {
  it('shows as many buses as the file had by then', async () => {
    const units = await visitor.panel('units');
    const count = fleetAt(startMs).size;
    await units.getByText(visitor.t.units.shown(count, count)).first().waitFor();
  });

  it('plays ten minutes in ten seconds', async () => {
    const began = Date.now();
    await visitor.button(visitor.t.timeline.play).click();
    await eventually('ten minutes have been played', async () =>
      Number(await visitor.playhead.getAttribute('aria-valuenow')) * 1000 >= startMs + 10 * MINUTE);
    const seconds = (Date.now() - began) / 1000;
    assert.ok(seconds > 8 && seconds < 20, `it took ${seconds.toFixed(1)} s`);
    await visitor.button(visitor.t.timeline.pause).click();
    await visitor.page.locator('.replay-mark.is-paused').waitFor();
    await visitor.screenshot('bus-fleet');
  });

  it('shows each bus where the file has it at that moment', async () => {
    const before = await visitor.playhead.getAttribute('aria-valuenow');
    await eventually('the address has the moment', async () => Math.abs(await momentMs() / 1000 - Number(before)) <= 2);
    const at = await momentMs();
    // The address says the moment to the second or so: whoever reported within it could be here or there.
    const soon = fleetAt(at + 5000);
    const moving = [...fleetAt(at)].filter(([bus, row]) =>
      at - row.ms < 10 * MINUTE && at - row.ms > 5000 && soon.get(bus) === row)
      .slice(0, SHOWN_BUSES);
    assert.ok(moving.length > 0);
    const units = await visitor.panel('units');
    const card = visitor.page.getByRole('region', { name: visitor.t.panels.unit, exact: true });
    for (const [bus, row] of moving) {
      await units.getByRole('searchbox').fill(`city/${bus}`);
      await units.getByText(bus, { exact: true }).first().click();
      await card.getByText(bus).first().waitFor();
      for (const degrees of [row.lat, row.lon]) {
        await card.getByText(fiveDigits.format(Math.abs(degrees))).first().waitFor();
      }
    }
  });

  it('gives tracks that are the rows of the file, each once', async () => {
    const from = new Date(startMs - 60 * MINUTE).toISOString();
    const to = new Date(startMs).toISOString();
    const text = await visitor.page.evaluate(async (path) => (await fetch(path)).text(),
      `/api/v1/tracks?from=${from}&to=${to}&clock=true&format=csv&owner=city`);
    const [head, ...lines] = parseCsv(text);
    const key = (bus, ms, lat, lon) => `${bus} ${ms} ${lat.toFixed(5)} ${lon.toFixed(5)}`;
    const column = (name) => head.indexOf(name);
    const got = lines.map((line) => key(line[column('unit')].replace('city/', ''),
      Date.parse(line[head.findIndex((name) => /time/.test(name))]), Number(line[column('lat')]),
        Number(line[column('lon')])));
    const wanted = rows.filter((row) => row.ms >= startMs - 60 * MINUTE && row.ms < startMs)
      .map((row) => key(row.bus, row.ms, row.lat, row.lon));
    assert.deepEqual(got.sort(), wanted.sort());
  });

  it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
});

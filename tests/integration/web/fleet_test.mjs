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
const UNITS_MAX = 10_000; // that the API gives in one answer
/** A time of the API's queries, in milliseconds. */
const timeOf = (text) => (/^\d+$/.test(text) ? Number(text) / 1000 : Date.parse(text));
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

  it('has all buses where the file has them, at any moment', async () => {
    const key = (bus, ms, { lat, lon }) => `${bus} ${ms} ${lat.toFixed(5)} ${lon.toFixed(5)}`;
    for (const share of [0.1, 0.35, 0.6, 0.95]) {
      const at = rows[Math.floor(rows.length * share)].ms + 500; // between two reports of the file, to the second
      const { units, next } = await visitor.page.evaluate(async (path) => (await fetch(path)).json(),
        `/api/v1/units?at=${new Date(at).toISOString()}&clock=true&limit=${UNITS_MAX}`);
      assert.ok(!next, 'all of them are in one answer');
      const wanted = [...fleetAt(at)].map(([bus, row]) => key(bus, row.ms, row));
      assert.ok(wanted.length > 5, `${wanted.length} buses`);
      const got = units.map((one) => key(one.unit.replace('city/', ''), Date.parse(one.time), one));
      assert.deepEqual(got.sort(), wanted.sort(), new Date(at).toISOString());
    }
  });

  it('shows on its card as many points of a track as the file has, and they are those', async () => {
    const at = await momentMs();
    const [bus] = [...fleetAt(at)].map(([one]) => [one, rows.filter((row) => row.bus === one && row.ms <= at
      && row.ms > at - 14 * MINUTE).length]).sort((a, b) => b[1] - a[1])[0];
    const units = await visitor.panel('units');
    const card = visitor.page.getByRole('region', { name: visitor.t.panels.unit, exact: true });
    await units.getByRole('searchbox').fill(`city/${bus}`);
    await units.getByText(bus, { exact: true }).first().click();
    const answered = visitor.page.waitForResponse((answer) => {
      const { pathname, searchParams } = new URL(answer.url());
      return pathname.endsWith(`/${bus}/track`) && !Number(searchParams.get('simplify_s'));
    });
    await card.getByRole('combobox', { name: visitor.t.units.span }).selectOption('15m');
    const { searchParams } = new URL((await answered).url());
    const [from, to] = ['from', 'to'].map((name) => timeOf(searchParams.get(name)));
    assert.ok(Math.abs(to - at) < MINUTE && Math.abs(to - from - 15 * MINUTE) < 2000, String(searchParams));
    const key = (ms, lat, lon) => `${ms} ${lat.toFixed(5)} ${lon.toFixed(5)}`;
    const got = (await (await answered).text()).trim().split('\n').map((line) => JSON.parse(line))
      .filter((one) => one.lat !== undefined).map((one) => key(Date.parse(one.true_time), one.lat, one.lon));
    const wanted = rows.filter((row) => row.bus === bus && row.ms >= from && row.ms < to)
      .map((row) => key(row.ms, row.lat, row.lon));
    assert.ok(wanted.length > 3, `${wanted.length} positions of ${bus}`);
    assert.deepEqual(got.sort(), wanted.sort());
    await card.getByText(visitor.t.units.trackPoints(wanted.length), { exact: true }).waitFor();
    await card.getByRole('button', { name: visitor.t.units.trackOnMap }).click();
    await visitor.screenshot('bus-track');
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

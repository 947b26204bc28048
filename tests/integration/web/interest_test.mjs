#!/usr/bin/env node
// The area in view: two groups of units far apart, of which the page asks for one as it comes and for the other slowly.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';

needBrowser();

const EACH = 70; // two groups of so many: the page asks for an area from 100 units on
const OLD_MS = 20 * 60_000; // silent since
const HERE = { name: 'here', lat: 15.87, lon: 1.58 };
const THERE = { name: 'there', lat: 48.85, lon: 2.35 };
let place;
let browser;
let visitor;
const asked = []; // interests that the page told the server of, the newest last

/** One position of each unit of a group. */
async function publish(group, ageMs) {
  const at = new Date(Date.now() - ageMs).toISOString();
  const lines = Array.from({ length: EACH }, (_, i) =>
    [`${group.name}-${i}`, at, group.lat + i / 1e4, group.lon + i / 1e4].join(','));
  const file = place.keep(`${group.name}.csv`, ['vehicle_id,timestamp,latitude,longitude', ...lines, ''].join('\n'));
  await place.vigie('track', ['--owner', 'city', '--csv', file, '--no-spool']);
}

const holds = (area, { lat, lon }) => area[0] <= lon && lon <= area[2] && area[1] <= lat && lat <= area[3];
const look = (group) => visitor.page.evaluate((hash) => { location.hash = hash; },
  `map=${group.lat}/${group.lon}/11`);
const areaOf = (group, from = 0) => eventually(`the page asks for ${group.name}`, () =>
  asked.slice(from).find((one) => one.area && holds(one.area, group)));

/** Reads freshness and age of the rows of a group that the list shows. */
async function rowsOf(group) {
  const units = await visitor.panel('units');
  await units.getByRole('searchbox', { name: visitor.t.units.search }).fill(`${group.name}-`);
  return () => units.evaluate((region, name) => [...region.querySelectorAll('.row-main')]
    .filter((one) => one.textContent.includes(`${name}-`)).map((one) => {
      const state = one.parentElement.querySelector('.state');
      return { fresh: state.classList.contains('state-fresh'), silent: state.classList.contains('state-silent'),
        minutes: Number(/(\d+)\s*min/.exec(state.textContent)?.[1] ?? 0) };
    }), group.name);
}
const all = (rows, are) => rows.length > 3 && rows.every(are);

before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  await publish(HERE, OLD_MS);
  await publish(THERE, OLD_MS);
  visitor = await Visitor.come(browser, place);
  visitor.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
    const said = typeof payload === 'string' ? JSON.parse(payload) : {};
    if (said.type === 'interest' || said.type === 'open') asked.push(said);
  }));
  await visitor.go(`/#map=${HERE.lat}/${HERE.lon}/11`);
  await visitor.live();
});
after(async () => {
  await visitor?.leave();
  await browser?.close();
  await place?.end();
});

describe('an area in view', () => {
  it('is asked for, and a slow pace for what is elsewhere', async () => {
    const interest = await areaOf(HERE);
    assert.ok(!holds(interest.area, THERE), `the area is ${interest.area}`);
    assert.ok(interest.outside_ms >= 500 && interest.outside_ms <= 60_000, `outside: ${interest.outside_ms} ms`);
  });

  it('leaves units outside in the list, with how old they are', async () => {
    const units = await visitor.panel('units');
    await units.getByText(visitor.t.units.shown(2 * EACH, 2 * EACH)).first().waitFor();
    const rows = await rowsOf(THERE);
    await eventually('they are silent since long', async () =>
      all(await rows(), (row) => row.silent && row.minutes >= 20 && row.minutes < 30));
  });

  it('has new positions inside at once, and outside in its own time', async () => {
    const { outside_ms: outsideMs } = await areaOf(HERE);
    await publish(THERE, OLD_MS / 2);
    await publish(HERE, 0);
    const here = await rowsOf(HERE);
    await eventually('all inside are fresh', async () => all(await here(), (row) => row.fresh));
    const there = await rowsOf(THERE);
    await eventually('all outside are as old as their newest position', async () =>
      all(await there(), (row) => row.silent && row.minutes >= 10 && row.minutes < 20), outsideMs + 30_000);
    await visitor.screenshot('interest-outside');
  });

  it('cuts no event: one from elsewhere is shown', async () => {
    await place.send('city/there-1', 'text', 'info', 'heard from afar');
    await (await visitor.panel('events')).getByText('heard from afar').first().waitFor();
  });

  it('follows the map, and what is there comes at once with its newest position', async () => {
    const { outside_ms: outsideMs } = await areaOf(HERE);
    const before = asked.length;
    const there = await rowsOf(THERE);
    await publish(THERE, 0);
    const came = (await there()).filter((row) => row.fresh).length; // in their turn already
    await look(THERE);
    const interest = await areaOf(THERE, before);
    const began = Date.now();
    assert.equal(interest.type, 'interest', 'the link stayed');
    assert.ok(!holds(interest.area, HERE), `the area is ${interest.area}`);
    await eventually('all there are fresh', async () => all(await there(), (row) => row.fresh), outsideMs / 2);
    console.log(`${came} rows had come in turns, all there ${Date.now() - began} ms after the page asked`);
    await visitor.screenshot('interest-there');
  });

  it('comes at the pace chosen for a thin link, events at once, and keeps to it in the next visit', async () => {
    const status = await visitor.panel('status');
    const before = asked.length;
    await status.getByRole('combobox', { name: visitor.t.status.pace }).selectOption('5000');
    const interest = await eventually('the page asks for that pace', () =>
      asked.slice(before).find((one) => one.pace_ms === 5000));
    assert.equal(interest.type, 'interest', 'the link stayed');
    await status.locator('dd').getByText(visitor.t.status.ratePace('5')).waitFor();
    const left = () => status.evaluate((region, label) => Number(/\d+/.exec([...region.querySelectorAll('dt')]
      .find((one) => one.textContent === label)?.nextElementSibling.textContent ?? '')?.[0] ?? NaN),
    visitor.t.status.conflated);
    const atFirst = await left();
    await place.send('city/there-2', 'text', 'info', 'heard at once');
    await publish(THERE, 0);
    await publish(THERE, 0);
    await publish(THERE, 0);
    await eventually('fixes between are left out', async () => await left() > atFirst);
    await (await visitor.panel('events')).getByText('heard at once').first().waitFor();
    await visitor.panel('status');
    await visitor.screenshot('interest-paced');
    const again = asked.length;
    await visitor.page.reload();
    await visitor.live();
    await eventually('the next visit asks for it too', () => asked.slice(again).some((one) => one.pace_ms === 5000));
  });

  it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
});

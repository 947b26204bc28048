#!/usr/bin/env node
// The events on a unit's card: what was said before the page was opened, what comes, what was known at a past moment.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const MINUTE = 60_000;
const [OLD, LATER, OTHERS] = ['the bridge is gone', 'we go round by the ford', 'riders in the east'];
let place;
let browser;
let now;
const said = [LATER, OLD]; // newest first

before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  now = Date.now();
  const rows = [60, 30, 0].map((ago, i) =>
    ({ unit: 'alpha/v1', at: now - ago * MINUTE, lat: 15.8 + i * 0.01, lon: 1.5 }));
  await place.track(rows, { callSigns: { 'alpha/v1': 'ALPHA 1' } });
  await place.track([{ unit: 'alpha/v2', at: now, lat: 15.9, lon: 1.6 }], { callSigns: { 'alpha/v2': 'ALPHA 2' } });
  await place.send('alpha/v1', 'observation', 'warning', OLD, { more: ['--time', '-40m'] });
  await place.send('alpha/v1', 'text', 'info', LATER, { more: ['--time', '-10m'] });
  await place.send('alpha/v2', 'contact', 'notice', OTHERS, { more: ['--time', '-5m'] });
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const EVENTS = (url) => url.pathname === '/api/v1/events';
const OF_UNIT = (url) => EVENTS(url) && url.searchParams.has('unit');

for (const language of LANGUAGES) {
  describe(`the events on a card in ${language}`, () => {
    let visitor;
    let t;
    const come = async (path = '/') => {
      visitor = await Visitor.come(browser, place, { language });
      t = visitor.t.units;
      await visitor.go(path);
      await visitor.live();
    };
    const choose = async (label) => {
      const units = await visitor.panel('units');
      await units.getByText(label, { exact: true }).first().click();
      return visitor.panel('unit');
    };
    const listed = (card) => card.getByRole('list', { name: t.lastEvents }).getByRole('listitem');
    const lists = (card, ...texts) => eventually(`the card lists ${texts}`, async () => {
      const all = await listed(card).locator('.said').allTextContents();
      return JSON.stringify(all) === JSON.stringify(texts);
    });
    before(() => come());
    after(() => visitor.leave());

    it('are its own from before the page was opened, and what comes, newest first and each once', async () => {
      const card = await choose('ALPHA 1');
      await lists(card, ...said);
      said.unshift(`we are there (${language})`);
      await place.send('alpha/v1', 'arrival', 'notice', said[0]);
      await lists(card, ...said);
      await visitor.page.reload();
      await lists(await visitor.panel('unit'), ...said);
      assert.deepEqual(await visitor.barriers(), []);
      await visitor.screenshot(`card-events-${language}`);
    });

    it('of a past moment are those until then', async () => {
      const at = new Date(now - 30 * MINUTE).toISOString();
      await visitor.go(`/#unit=alpha/v1&at=${at}`);
      await lists(await visitor.panel('unit'), OLD);
      await visitor.go(`/#unit=alpha/v1&at=${at}&clock=known`); // none of it was known then
      const card = await visitor.panel('unit');
      await card.getByText(t.unknownUnit('alpha/v1')).waitFor();
      await visitor.go('/#unit=alpha/v1');
    });

    it('open in the log, though it does not reach back to them', async () => {
      const beforeIt = (url) => EVENTS(url) && !OF_UNIT(url) && !url.searchParams.has('kind')
        && !url.searchParams.has('severity');
      await visitor.page.route(beforeIt, (route) => route.fulfill({ json: { events: [] } }));
      await visitor.page.reload();
      await visitor.live();
      const card = await visitor.panel('unit');
      const row = listed(card).filter({ hasText: OLD });
      await row.getByRole('button').click();
      const events = await visitor.panel('events');
      const detail = events.locator('.event-detail');
      await detail.getByText(OLD, { exact: true }).waitFor();
      await detail.getByText(visitor.t.events.notAcknowledged.known).waitFor();
      assert.equal(await events.getByRole('listbox').getByText(OLD).count(), 0, 'the log is as it was');
      await visitor.screenshot(`card-event-open-${language}`);
      await visitor.page.unroute(beforeIt);
    });

    it('are none where there was none, and that is said', async () => {
      await place.track([{ unit: `alpha/q-${language}`, at: Date.now(), lat: 15.7, lon: 1.5 }],
        { callSigns: { [`alpha/q-${language}`]: `QUIET ${language}` } });
      const card = await choose(`QUIET ${language}`);
      await card.getByText(t.noEvents(7)).waitFor();
    });

    it('that can’t be had are said to be so, and come when they can', async () => {
      const busy = { status: 429, json: { code: 'too_many_at_once', title: 'Too many', status: 429 } };
      await visitor.page.route(OF_UNIT, (route) => route.fulfill(busy));
      const card = await choose('ALPHA 2');
      await card.getByText(t.eventsFailed(visitor.t.reasons.too_many_at_once)).waitFor();
      await visitor.screenshot(`card-events-failed-${language}`);
      await visitor.page.unroute(OF_UNIT);
      await lists(card, OTHERS);
      await card.getByText(t.eventsFailed('').trim()).waitFor({ state: 'detached' });
    });

    it('cause no trouble in the console', () => assert.deepEqual(visitor.troubles(/429/), []));
  });
}

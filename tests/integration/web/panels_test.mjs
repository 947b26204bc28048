#!/usr/bin/env node
// The panels as a person uses them: list and card of units, the log of events, saying something, and the status.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { join } from 'node:path';
import { needBrowser, openBrowser, ROOT, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually, run } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const MINUTE = 60_000;
let place;
let browser;

/** Twenty minutes of the patrol up to now: its units know their accuracy, source and height. */
function patrol() {
  const start = new Date(Date.now() - 20 * MINUTE).toISOString();
  return run('vigie', ['simulate', join(ROOT, 'deploy', 'scenarios', 'patrol.toml'), '--speed', 'max', '--start', start,
    '--until', '20m', '--hub', place.hubAddress, '--plain', '--spools', join(place.folder, 'spools')],
  { env: place.environment() });
}

/** Charlie: three in a row from west to east, the first after a way of 40 minutes, and one that is silent. */
async function charlie() {
  const now = Date.now();
  const way = Array.from({ length: 40 }, (_, i) =>
    ({ unit: 'charlie/c1', at: now - (40 - i) * MINUTE, lat: 16.3 + i * 0.005, lon: 2, speed: 9 + (i % 5) }));
  await place.track([...way, { unit: 'charlie/c2', at: now - 1000, lat: 16.5, lon: 2.1 },
    { unit: 'charlie/c3', at: now - 1000, lat: 16.5, lon: 2.4 }], { group: 'east', callSigns: {
    'charlie/c1': 'CHARLIE 1', 'charlie/c2': 'CHARLIE 2', 'charlie/c3': 'CHARLIE 3' } });
  await place.track([{ unit: 'charlie/lost', at: now - 50 * MINUTE, lat: 16.5, lon: 2.2 }],
    { callSigns: { 'charlie/lost': 'CHARLIE LOST' } });
}

before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  await patrol();
  await charlie();
  await place.send('charlie/c1', 'observation', 'warning', 'a bridge is gone');
  await place.send('charlie/c2', 'contact', 'notice', 'riders in the east');
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const rows = (region, name) => region.getByRole('listbox', { name, exact: true }).getByRole('option');

/** What is listed, in its order on the screen, is what the test awaits. */
async function lists(visitor, region, name, right, what) {
  return eventually(what, async () => {
    const listed = await rows(region, name).evaluateAll((all) => all
      .sort((a, b) => a.ariaPosInSet - b.ariaPosInSet).map((one) => one.textContent));
    return listed.length > 0 && right(listed) ? listed : null;
  });
}

const choose = (region, label, option) => region.getByLabel(label, { exact: true }).selectOption({ label: option });

/** The value that stands under a name in a list of facts. */
const fact = (region, name) => region.locator('dl.facts > div').filter({ has: region.page()
  .locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd').first().textContent();

/** The address tells that the middle of the map came there. */
const looksAt = (visitor, lat, lon) => eventually(`the map looks at ${lat} ${lon}`, async () => {
  const hash = await visitor.page.evaluate(() => decodeURIComponent(window.location.hash));
  const place = /map=([-\d.]+)\/([-\d.]+)\//.exec(hash);
  return place !== null && Math.abs(place[1] - lat) < 0.01 && Math.abs(place[2] - lon) < 0.01;
});

/** Pixels of the map's flat canvases that are drawn upon. */
const ink = (visitor) => visitor.page.evaluate(() => [...document.querySelectorAll('canvas.map-canvas')]
  .reduce((sum, canvas) => {
    const pen = getComputedStyle(canvas).display === 'none' ? null : canvas.getContext('2d');
    if (!pen || canvas.width === 0) return sum;
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) sum++;
    return sum;
  }, 0));

const settled = (visitor) => eventually('the map stands still', async () => {
  const first = await ink(visitor);
  await visitor.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return first > 0 && first === await ink(visitor) ? first : null;
});

for (const language of LANGUAGES) {
  describe(`the panels in ${language}`, () => {
    let visitor;
    before(async () => {
      visitor = await Visitor.come(browser, place, { language });
      await visitor.go();
      await visitor.live();
    });
    after(() => visitor.leave());

    it('the list of units is filtered by owner, group and state', async () => {
      const t = visitor.t.units;
      const units = await visitor.panel('units');
      const all = (right, what) => lists(visitor, units, t.list, right, what);
      await choose(units, t.owner, 'charlie');
      await all((listed) => listed.length === 4 && listed.every((one) => one.includes('CHARLIE')), 'charlie alone');
      await choose(units, t.group, 'east');
      await all((listed) => listed.length === 3 && !listed.some((one) => one.includes('LOST')), 'its group alone');
      await units.getByRole('button', { name: t.clear }).click();
      await units.getByRole('group', { name: t.state }).getByRole('button', { name: t.freshness.silent }).click();
      await all((listed) => listed.some((one) => one.includes('CHARLIE LOST'))
        && listed.every((one) => one.includes(t.freshness.silent)), 'the silent ones alone');
      await units.getByRole('button', { name: t.clear }).click();
      await all((listed) => listed.length > 4, 'all again');
    });

    it('the list of units is sorted by name, by age and by the distance from the chosen one', async () => {
      const t = visitor.t.units;
      const units = await visitor.panel('units');
      const inOrder = (order) => lists(visitor, units, t.list, (listed) => listed.length === order.length
        && order.every((sign, i) => listed[i].includes(`CHARLIE ${sign}`)), `the order is ${order}`);
      await choose(units, t.owner, 'charlie');
      await inOrder(['1', '2', '3', 'LOST']);
      await rows(units, t.list).filter({ hasText: 'CHARLIE 3' }).click();
      await choose(units, t.sort, t.sortsFrom('CHARLIE 3'));
      await inOrder(['3', 'LOST', '2', '1']);
      await choose(units, t.sort, t.sorts.age);
      await lists(visitor, units, t.list, (listed) => listed[3].includes('CHARLIE LOST'), 'the oldest is last');
      await choose(units, t.sort, t.sorts.name);
      await units.getByRole('button', { name: t.clear }).click();
    });

    it('the card tells accuracy, source and clock, plots speed and height, and lists the unit’s events', async () => {
      const t = visitor.t.units;
      const units = await visitor.panel('units');
      await units.getByRole('searchbox', { name: t.search }).fill('alpha/hq');
      await rows(units, t.list).filter({ hasText: 'ALPHA ZERO' }).click();
      const card = await visitor.panel('unit');
      await card.getByText(t.sourceNames.simulated).waitFor();
      assert.match(await fact(card, t.accuracy), /±\d/);
      assert.equal(await fact(card, t.clock), t.clockSatellite);
      const plot = card.getByRole('img', { name: t.plotDescription('ALPHA ZERO', t.spans['1h']) });
      await plot.locator('canvas').first().waitFor();
      await card.getByText(t.plotHeight, { exact: true }).waitFor();
      await place.send('alpha/hq', 'text', 'notice', `all is well, ${language}`);
      await card.getByText(`all is well, ${language}`).waitFor();
      await visitor.screenshot(`card-${language}`);
      await units.getByRole('searchbox', { name: t.search }).fill('');
    });

    it('the track of a chosen span is laid on the map, and taken away', async () => {
      const t = visitor.t.units;
      const units = await visitor.panel('units');
      await units.getByRole('searchbox', { name: t.search }).fill('charlie/c1');
      await rows(units, t.list).filter({ hasText: 'CHARLIE 1' }).click();
      const card = await visitor.panel('unit');
      const points = async () => Number(/\d+/.exec(await card.getByText(new RegExp(
        t.trackPoints(9).replace('9', '\\d+').replace('\u00a0', '\\s'))).textContent())[0]);
      await eventually('the track of an hour', async () => await points() === 40);
      await choose(card, t.span, t.spans['15m']);
      await eventually('a shorter one', async () => await points() < 20);
      await choose(card, t.span, t.spans['1h']);
      await eventually('the whole again', async () => await points() === 40);
      const bare = await settled(visitor);
      await card.getByRole('button', { name: t.trackOnMap }).click();
      await eventually('the track is on the map', async () => await ink(visitor) > bare + 100);
      await visitor.screenshot(`track-${language}`);
      await card.getByRole('button', { name: t.trackOnMap }).click();
      await eventually('it is off the map', async () => await ink(visitor) < bare + 100);
      await units.getByRole('searchbox', { name: t.search }).fill('');
    });

    it('the log is filtered by severity, kind and owner, and a click goes there', async () => {
      const t = visitor.t.events;
      const events = await visitor.panel('events');
      const all = (right, what) => lists(visitor, events, t.list, right, what);
      const clear = () => events.getByRole('button', { name: t.clear }).click();
      await choose(events, t.severityFilter, t.atLeast[2]);
      await all((listed) => listed.length === 1 && listed[0].includes('a bridge is gone'), 'warnings alone');
      await clear();
      await choose(events, t.kindFilter, t.kinds.contact);
      await all((listed) => listed.length === 1 && listed[0].includes('riders in the east'), 'one kind alone');
      await clear();
      await choose(events, t.ownerFilter, 'charlie');
      await all((listed) => listed.length === 2, 'one owner alone');
      await rows(events, t.list).filter({ hasText: 'a bridge is gone' }).click();
      await looksAt(visitor, 16.495, 2);
      await rows(events, t.list).filter({ hasText: 'riders in the east' }).click();
      await looksAt(visitor, 16.5, 2.1);
      await clear();
    });
  });
}

describe('what is said in one browser', () => {
  let one;
  let other;
  before(async () => {
    [one, other] = [await Visitor.come(browser, place, { language: 'fr' }), await Visitor.come(browser, place)];
    for (const visitor of [one, other]) {
      await visitor.go();
      await visitor.live();
    }
  });
  after(async () => {
    for (const visitor of [one, other]) await visitor?.leave();
  });

  /** Fills the box and presses its button. */
  async function say(visitor, { text, kind, severity, at }) {
    const t = visitor.t.events;
    const events = await visitor.panel('events');
    await events.getByRole('button', { name: t.compose }).click();
    const box = events.locator('form.compose');
    await box.getByLabel(t.text, { exact: true }).fill(text);
    if (kind) await choose(box, t.kind, t.kinds[kind]);
    if (severity) await choose(box, t.severityField, t.severity[severity]);
    if (at) await choose(box, t.place, t.places[at]);
    await box.getByRole('button', { name: t.send, exact: true }).click();
    await visitor.page.getByText(t.sent).first().waitFor();
    await box.waitFor({ state: 'hidden' });
  }
  const hears = async (visitor, ...words) => {
    const events = await visitor.panel('events');
    await lists(visitor, events, visitor.t.events.list, (listed) =>
      listed.some((row) => words.every((word) => row.includes(word))), `${words} is in the log`);
  };

  it('a text is in the log of the other', async () => {
    await say(one, { text: 'rendez-vous au puits' });
    await hears(other, 'rendez-vous au puits', other.t.events.kinds.text);
  });

  it('an event with its kind, severity and position is, too', async () => {
    await say(other, { text: 'water is short', kind: 'need', severity: 2, at: 'middle' });
    await hears(one, 'water is short', one.t.events.kinds.need, one.t.events.severity[2]);
    await rows(await one.panel('events'), one.t.events.list).filter({ hasText: 'water is short' }).click();
    await one.page.getByRole('button', { name: one.t.events.goThere }).waitFor();
  });

  it('nothing is said without a text', async () => {
    const t = one.t.events;
    const events = await one.panel('events');
    await events.getByRole('button', { name: t.compose }).click();
    await events.locator('form.compose').getByRole('button', { name: t.send, exact: true }).click();
    await events.getByText(t.needText).waitFor();
  });

  it('the status tells of the hub, each tracker, the sessions and this browser’s own delay', async () => {
    for (const visitor of [one, other]) {
      const t = visitor.t.status;
      const status = await visitor.panel('status');
      await place.track([{ unit: 'charlie/c2', at: Date.now(), lat: 16.5, lon: 2.1 }]);
      await eventually('how long from the hub to this page', async () => /^−?\d/.test(await fact(status, t.delayHere)));
      await eventually('the question to the hub', async () => /\d/.test(await fact(status, t.hubWait)));
      assert.equal(await fact(status, t.state), visitor.t.room.link.live);
      await eventually('two browsers', async () => Number(await fact(status, t.names['browsers.open'])) >= 2);
      await status.getByRole('button', { name: t.trackerAll(15) }).click(); // the worst go first, and this is the best
      const row = status.getByRole('row').filter({ hasText: 'CHARLIE 2' });
      const [delay, late, missing, clock] = await eventually('the tracker of charlie/c2', async () => {
        const cells = await row.getByRole('cell').allTextContents();
        return /^\d/.test(cells[1] ?? '') ? cells : null;
      });
      assert.match(delay, /\d/);
      for (const count of [late, missing]) assert.match(count, /^\d+$/);
      assert.ok(clock.startsWith(t.satellite), clock);
      await visitor.screenshot(`status-${visitor.language}`);
    }
  });

  it('a delay that was measured before the hub fell silent is told with its age', async () => {
    place.hub.child.kill('SIGSTOP');
    for (const visitor of [one, other]) {
      const status = await visitor.panel('status');
      await eventually('the measure is old', async () =>
        (await fact(status, visitor.t.status.delayHere)).includes(visitor.t.status.delayHint));
    }
    place.hub.child.kill('SIGCONT');
    await one.live();
    await other.live();
    for (const visitor of [one, other]) assert.deepEqual(visitor.troubles(), []);
  });
});

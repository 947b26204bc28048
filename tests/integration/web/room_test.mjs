#!/usr/bin/env node
// The room as it opens: units, finding and following one, language and theme, foreign texts, accessibility.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const SCRIPT = '<img src=x onerror=alert(1)>';
const SIGNS = { 'alpha/v1': 'ALPHA 1', 'alpha/v2': 'ALPHA 2', 'bravo/v1': 'BRAVO 1', 'bravo/evil': SCRIPT };
let place;
let browser;
let last = { lat: 15.87, lon: 1.582 }; // of alpha/v1
const track = (rows) => place.track(rows, { group: 'patrol', callSigns: SIGNS });

before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  const now = Date.now();
  await track([{ unit: 'alpha/v1', at: now - 2000, lat: 15.869, lon: 1.58, speed: 8, course: 74 },
    { unit: 'alpha/v1', at: now - 1000, ...last, speed: 8, course: 74 },
    { unit: 'alpha/v2', at: now - 1000, lat: 15.874, lon: 1.59 },
    { unit: 'bravo/v1', at: now - 1000, lat: 15.88, lon: 1.6 },
    { unit: 'bravo/evil', at: now - 1000, lat: 15.885, lon: 1.61 }]);
  await place.send('alpha/v1', 'text', 'info', `hello ${SCRIPT}`);
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const list = (visitor, region) => region.getByRole('listbox').or(region.getByRole('grid')).or(region.getByRole('list'))
  .or(region.getByRole('table')).first();

for (const language of LANGUAGES) {
  describe(`the room in ${language}`, () => {
    let visitor;
    before(async () => { visitor = await Visitor.come(browser, place, { language }); });
    after(() => visitor.leave());

    it('opens and shows the units', async () => {
      await visitor.go();
      await visitor.live();
      const units = await visitor.panel('units');
      for (const sign of ['ALPHA 1', 'ALPHA 2', 'BRAVO 1']) await units.getByText(sign,
        { exact: true }).first().waitFor();
      assert.equal(await visitor.page.evaluate(() => document.documentElement.lang), language);
      await visitor.screenshot(`room-${language}`);
    });

    it('says that nobody has to sign in', async () => {
      await visitor.page.locator(`[title="${visitor.t.room.demonstration}"]`).first().waitFor();
    });

    it('finds a unit by its call sign', async () => {
      const units = await visitor.panel('units');
      await units.getByRole('searchbox', { name: visitor.t.units.search }).fill('bravo 1');
      await eventually('only the one is listed', async () =>
        await units.getByText('ALPHA 1', { exact: true }).count() === 0 && await units.getByText('BRAVO 1',
          { exact: true }).count() > 0);
      await units.getByRole('searchbox').fill('');
    });

    it('shows the card of a unit, and follows it', async () => {
      const units = await visitor.panel('units');
      await units.getByText('ALPHA 1', { exact: true }).first().click();
      const card = visitor.page.getByRole('region', { name: visitor.t.panels.unit, exact: true });
      await card.waitFor();
      await card.getByText('ALPHA 1').first().waitFor();
      await card.getByRole('button', { name: visitor.t.units.follow }).click();
      await card.getByRole('button',
        { name: visitor.t.units.following }).or(card.locator('[aria-pressed=true]')).first().waitFor();
      await eventually('the address names it', () => new URL(visitor.page.url()).hash.includes('follow=alpha/v1'));
      await visitor.mapIsAt(last);
      await visitor.screenshot(`unit-card-${language}`);
      last = { lat: last.lat + 0.5, lon: last.lon + 0.8 };
      await track([{ unit: 'alpha/v1', at: Date.now(), ...last, speed: 8, course: 74 }]);
      await visitor.mapIsAt(last);
    });

    it('shows foreign texts as texts', async () => {
      const units = await visitor.panel('units');
      await units.getByText(SCRIPT).first().waitFor();
      const events = await visitor.panel('events');
      await events.getByText(SCRIPT).first().waitFor();
      assert.equal(await visitor.page.locator('img[src="x"]').count(), 0);
      assert.deepEqual(visitor.dialogs, []);
    });

    it('has nothing serious for axe-core to find', async () => {
      await visitor.panel('units');
      assert.deepEqual(await visitor.barriers(), []);
    });

    it('opens every panel, and axe-core finds nothing serious there', async () => {
      for (const id of ['events', 'status', 'export', 'help']) {
        await visitor.panel(id);
        assert.deepEqual(await visitor.barriers(), [], id);
        await visitor.screenshot(`panel-${id}-${language}`);
      }
    });

    it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

describe('language and theme', () => {
  let visitor;
  before(async () => {
    visitor = await Visitor.come(browser, place, { language: 'en', theme: 'light' });
    await visitor.go();
    await visitor.live();
  });
  after(() => visitor.leave());

  const choose = async (menu, item) => {
    await visitor.page.getByRole('banner').getByRole('button', { name: menu }).click();
    await visitor.page.getByRole('menuitemradio', { name: item }).or(visitor.page.getByRole('menuitem', { name: item }))
      .or(visitor.page.getByRole('option', { name: item })).first().click();
  };

  it('switches to French at once, and stays so after a reload', async () => {
    await choose(visitor.t.room.language, 'Français');
    await visitor.page.getByRole('main', { name: 'Carte' }).waitFor();
    await visitor.page.reload();
    await visitor.page.getByRole('main', { name: 'Carte' }).waitFor();
    assert.equal(await visitor.page.evaluate(() => document.documentElement.lang), 'fr');
    await choose('Langue', 'English');
    await visitor.page.getByRole('main', { name: 'Map' }).waitFor();
  });

  it('has a day and a night, and axe-core finds nothing serious in either', async () => {
    for (const theme of ['day', 'night']) {
      await choose(visitor.t.room.theme, visitor.t.room.themes[theme]);
      await eventually(`the theme is ${theme}`, () => visitor.page.evaluate((wanted) =>
        document.documentElement.dataset.theme === wanted, theme));
      assert.deepEqual(await visitor.barriers(), [], theme);
      await visitor.screenshot(`theme-${theme}`);
    }
  });
});

describe('a browser without WebGL', () => {
  it('says so in the map\'s place, and shows all the rest', async () => {
    const plain = await openBrowser({ webgl: false });
    const visitor = await Visitor.come(plain, place);
    await visitor.go();
    await visitor.page.getByRole('alert').getByText(visitor.t.room.noWebGl).waitFor();
    const units = await visitor.panel('units');
    await units.getByText('ALPHA 1', { exact: true }).first().waitFor();
    await visitor.leave();
    await plain.close();
  });
});

#!/usr/bin/env node
// Everything by keyboard: with each panel open the Tab key reaches whatever can be pressed, chosen or filled, and the
// arrows reach the rest of each group that is one stop of it. What has the focus is to be seen.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, SIZES, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';

needBrowser();

const PANELS = { units: 'u', unit: 'c', events: 'e', status: 's', export: 'x', account: 'a', help: '?' };
let place;
let browser;
let visitor;

before(async () => {
  place = await Place.make({ guarded: true });
  browser = await openBrowser();
  await place.enrol('alpha/gateway', 'gateway', 'alpha', ['--unit', 'alpha/*']);
  const at = Date.now() - 60_000;
  await place.track(['v1', 'v2'].flatMap((name, i) => [0, 30_000].map((later) => ({ unit: `alpha/${name}`,
    at: at + later, lat: 15.87 + i / 100 + later * 1e-8, lon: 1.58 }))),
  { who: 'alpha', callSigns: { 'alpha/v1': 'ALPHA 1', 'alpha/v2': 'ALPHA 2' } });
  await place.send('alpha/v1', 'halt', 'notice', 'water', { who: 'alpha', more: ['--at', '15.88,1.59'] });
  visitor = await Visitor.come(browser, place);
  await visitor.signUp(await place.addAccount('boss', 'alpha/boss', { role: 'administrator',
    options: ['--administrator'] }), 'correct horse battery staple');
});
after(async () => {
  await visitor?.leave();
  await browser?.close();
  await place?.end();
});

/** In the page: what a hand can use now, the groups of which the Tab key takes one, and a name for a message. */
function beThere() {
  const USABLE = 'button, select, input, textarea, summary, a[href], [tabindex="0"]';
  const groupOf = (one) => (one.matches('input[type=radio]') ? `radio ${one.name}`
    : one.closest('[role=tablist]') && one.matches('[role=tab]') ? one.closest('[role=tablist]') : null);
  const stops = new Set();
  globalThis.keyboard = {
    stops,
    usable: () => [...document.querySelectorAll(USABLE)].filter((one) => !one.disabled && !one.closest('[inert]')
      && !one.closest('[aria-hidden=true]') && one.getClientRects().length > 0
      && getComputedStyle(one).visibility === 'visible'),
    groupOf,
    nameOf: (one) => `${one.tagName.toLowerCase()}.${one.className} "${(one.getAttribute('aria-label')
      ?? one.labels?.[0]?.textContent ?? one.textContent ?? '').trim().slice(0, 40)}"`,
    /** The focus moved: "round" when it was there before, or is nowhere; else what is wrong with what is seen of it. */
    note: () => {
      const at = document.activeElement;
      if (!at || at === document.body || stops.has(at)) return 'round';
      stops.add(at);
      return globalThis.keyboard.hidden();
    },
    /** Whether a person sees where the focus is: in the window, and with a ring or the like around it. */
    hidden: () => {
      const at = document.activeElement;
      const seen = at.classList.contains('unseen') ? at.parentElement : at;
      const box = seen.getBoundingClientRect();
      const row = document.getElementById(at.getAttribute('aria-activedescendant') ?? '');
      const ringed = [at, seen, row].some((one) => {
        if (!one) return false;
        const { outlineStyle, boxShadow } = getComputedStyle(one);
        return outlineStyle !== 'none' || boxShadow !== 'none';
      });
      const inside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
      return inside && ringed ? null : `${globalThis.keyboard.nameOf(at)} ${inside ? 'no ring' : 'out of the window'}`;
    },
  };
}

/** Presses Tab once round the page; what it did not reach, and where the focus could not be seen. */
async function goRound() {
  const { page } = visitor;
  await page.evaluate(beThere);
  await page.locator('.skip').focus();
  const unseen = [];
  let presses = 0;
  for (; presses < 300; presses++) {
    const wrong = await page.evaluate(() => globalThis.keyboard.note());
    if (wrong === 'round') break;
    if (wrong !== null) unseen.push(wrong);
    await page.keyboard.press('Tab');
  }
  assert.ok(presses > 20 && presses < 300, `the round has ${presses} stops`);
  const missed = await page.evaluate(() => {
    const { usable, stops, groupOf, nameOf } = globalThis.keyboard;
    const groups = new Set([...stops].map(groupOf).filter((group) => group !== null));
    return usable().filter((one) => !stops.has(one) && !(groupOf(one) && groups.has(groupOf(one)))).map(nameOf);
  });
  return { missed, unseen };
}

/** Arrows in each group: all of its members have the focus in turn, and it comes round. */
async function goThroughGroups() {
  const { page } = visitor;
  const groups = await page.evaluate(() => {
    const { usable, groupOf } = globalThis.keyboard;
    const members = Map.groupBy ? Map.groupBy(usable().filter(groupOf), groupOf) : new Map();
    globalThis.groups = [...members.values()];
    return globalThis.groups.map((group) => group.length);
  });
  for (const [i, count] of groups.entries()) {
    await page.evaluate((n) => globalThis.groups[n].find((one) => one.checked || one.tabIndex === 0).focus(), i);
    const reached = new Set();
    for (let presses = 0; presses < count; presses++) {
      await page.keyboard.press('ArrowRight');
      reached.add(await page.evaluate((n) => globalThis.groups[n].indexOf(document.activeElement), i));
    }
    assert.equal(reached.size, count, `arrows reach ${[...reached]} of ${count}`);
    assert.ok(!reached.has(-1));
  }
  return groups.length;
}

const isWhole = async () => {
  let round = await goRound();
  // What came while it went round, as a card's events do, could not be met: what can't be reached is missed each time.
  for (let again = 0; again < 2 && round.missed.length > 0; again++) round = await goRound();
  assert.deepEqual(round, { missed: [], unseen: [] });
};

describe('everything by keyboard', () => {
  it('chooses a unit in the list', async () => {
    await visitor.page.keyboard.press('/');
    const units = visitor.page.getByRole('region', { name: visitor.t.panels.units, exact: true });
    await units.getByRole('searchbox').waitFor();
    await eventually('the search has the keys', () => units.getByRole('searchbox').evaluate((one) =>
      one === document.activeElement));
    await visitor.page.keyboard.type('ALPHA 1');
    await units.getByRole('option').filter({ hasText: 'ALPHA 2' }).waitFor({ state: 'detached' });
    await units.getByRole('listbox').focus();
    await visitor.page.keyboard.press('ArrowDown');
    await visitor.page.keyboard.press('Enter');
    await visitor.page.getByRole('region', { name: visitor.t.panels.unit, exact: true }).getByText('ALPHA 1').first()
      .waitFor();
  });

  for (const [id, key] of Object.entries(PANELS)) {
    it(`opens the panel "${id}" by its key, and reaches all that can be used then`, async () => {
      const panel = visitor.page.getByRole('region', { name: visitor.t.panels[id], exact: true });
      await visitor.page.locator('.skip').focus();
      if (!(await panel.isVisible())) await visitor.page.keyboard.press(key);
      await panel.waitFor();
      if (id === 'account') await panel.getByRole('button', { name: visitor.t.account.add, exact: true }).waitFor();
      await isWhole();
    });
  }

  it('reaches the fields of an event that is written', async () => {
    await visitor.panel('events');
    await visitor.button(visitor.t.events.compose).focus();
    await visitor.page.keyboard.press('Enter');
    await eventually('the form has the keys', () => visitor.page.evaluate(() =>
      document.activeElement.matches('textarea, input:not([type=search]), select')));
    await isWhole();
    await visitor.page.keyboard.press('Escape');
  });

  it('reaches the same in the past, and the way back', async () => {
    await visitor.playhead.focus();
    await visitor.page.keyboard.press('Shift+ArrowLeft');
    await visitor.page.locator('.replay-mark.is-paused').waitFor();
    await visitor.page.locator('#panel-units .rows').waitFor();
    await isWhole();
    await visitor.playhead.focus();
    await visitor.page.keyboard.press('l');
    await visitor.page.locator('.replay-frame').waitFor({ state: 'detached' });
  });

  it('moves within a group by arrows', async () => {
    await visitor.page.evaluate(beThere);
    assert.ok(await goThroughGroups() > 0);
  });

  it('gives the focus of a drawer back before the next key, unless somebody else has taken it', async () => {
    await visitor.page.setViewportSize(SIZES.tablet);
    const button = visitor.page.getByRole('navigation').getByRole('button', { name: visitor.t.panels.help,
      exact: true });
    /** Closes the drawer; where the focus is when the next key could come, and once the page has been drawn. */
    const closed = async (taken) => {
      await button.focus();
      await visitor.page.keyboard.press('Enter');
      await visitor.page.getByRole('region', { name: visitor.t.panels.help, exact: true }).waitFor();
      return visitor.page.evaluate(async (selector) => {
        const nameOf = () => document.activeElement.getAttribute('aria-label');
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
        if (selector) document.querySelector(selector).focus();
        await Promise.resolve();
        const next = nameOf();
        await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn))));
        return [next, nameOf(), document.querySelector('.drawer-ground') !== null];
      }, taken);
    };
    const asks = await button.getAttribute('aria-label');
    assert.deepEqual(await closed(null), [asks, asks, false]);
    const playhead = await visitor.playhead.getAttribute('aria-label');
    assert.deepEqual(await closed('[data-timeline]'), [playhead, playhead, false]);
  });

  it('gives the focus to a button of the rail when the drawer that it came from is gone, too', async () => {
    const { page, t } = visitor;
    await page.locator('.skip').focus();
    for (const id of ['status', 'units']) { // on the right, then on the left, in its place
      await page.keyboard.press(PANELS[id]);
      await page.getByRole('region', { name: t.panels[id], exact: true }).waitFor();
    }
    await page.getByRole('region', { name: t.panels.status, exact: true }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.locator('.drawer-ground').waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.closest('.rail')?.className), 'rail rail-left');
  });

  it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
});

#!/usr/bin/env node
// A desk's screen of 1366x768, a tablet and a display on the wall, live, in the past and under an alarm: nothing is cut
// off, nothing lies over another thing, nothing has to be scrolled sideways.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, SIZES, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const PANELS = ['units', 'unit', 'events', 'status', 'export', 'help'];
let place;
let browser;

before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  const now = Date.now();
  await place.track(Array.from({ length: 5 }, (_, i) => ({ unit: `alpha/v${i}`, at: now - 60_000, lat: 15.86 + i / 200,
    lon: 1.58 + (i % 3) / 100, speed: 8, course: 45 * i })), { group: 'patrol',
    callSigns: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`alpha/v${i}`, `ALPHA ${i}`])) });
  await place.send('alpha/v1', 'halt', 'notice', 'water at the well', { more: ['--at', '15.87,1.59'] });
});
after(async () => {
  await browser?.close();
  await place?.end();
});

/** In the page: sentences about what does not fit. */
function misfits() {
  const found = [];
  const nameOf = (one) => `${one.tagName.toLowerCase()}.${String(one.className).replaceAll(' ', '.')} "${(
    one.getAttribute('aria-label') ?? one.textContent ?? '').trim().slice(0, 30)}"`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.getClientRects().length > 0);
  const within = (one, place, what) => {
    const [a, b] = [one.getBoundingClientRect(), place];
    if (a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1) {
      found.push(`${nameOf(one)} is cut off by ${what}`);
    }
  };
  const page = document.documentElement;
  const room = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  if (page.scrollWidth > innerWidth) found.push(`the page is ${page.scrollWidth} wide`);
  if (page.scrollHeight > innerHeight) found.push(`the page is ${page.scrollHeight} high`);
  for (const one of all('.top-bar, .rail, .dock, .bottom, .timeline-controls, .alarm, .replay-mark, .map-place')) {
    within(one, room, 'the window');
  }
  for (const bar of all('.top-bar, .rail, .timeline-controls')) {
    for (const one of bar.querySelectorAll('button, select, .link-state, .clock, .viewer, .timeline-now')) {
      if (one.getClientRects().length > 0) within(one, bar.getBoundingClientRect(), nameOf(bar).split(' ')[0]);
    }
  }
  for (const one of all('.compose-closed, .panel-foot, .panel-head')) {
    within(one, one.closest('.dock').getBoundingClientRect(), 'its dock');
    within(one, one.closest('.panel').getBoundingClientRect(), 'its panel');
  }
  for (const body of all('.panel-body')) {
    if (body.scrollWidth > body.clientWidth + 1) found.push(`${nameOf(body)} has to be scrolled sideways`);
  }
  for (const one of all('.top-bar > *, .timeline button, .timeline-choice, .panel button, .alarm button')) {
    if (one.matches('.link-state, .row *') || getComputedStyle(one).textOverflow === 'ellipsis') continue;
    if (one.scrollWidth > one.clientWidth + 2 && !one.querySelector('.badge')) found.push(`${nameOf(one)} is cut`);
  }
  // Of a bar's own things none lies over another.
  for (const bar of all('.top-bar, .timeline-controls, .rail, .map-buttons')) {
    const parts = [...bar.children].filter((one) => one.getClientRects().length > 0
      && !one.matches('.unseen, .spacer'));
    parts.forEach((one, i) => parts.slice(i + 1).forEach((other) => {
      const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 1 && high > 1) found.push(`${nameOf(one)} lies over ${nameOf(other)}`);
    }));
  }
  const map = document.querySelector('.map-place').getBoundingClientRect();
  if (map.width < 400 || map.height < 250) found.push(`the map is ${map.width} x ${map.height}`);
  return found;
}

/** In the page, before it is there: which sizes of letters its map is written in, as they alone have a halo. */
function noteLetters() {
  globalThis.letters = new Set();
  const write = CanvasRenderingContext2D.prototype.strokeText;
  CanvasRenderingContext2D.prototype.strokeText = function note(...text) {
    globalThis.letters.add(Number(/([\d.]+)px/.exec(this.font)[1]));
    return write.apply(this, text);
  };
}

/** As people use a tablet, without a key or a mouse. `who()`: the visitor. */
function byFinger(who) {
  const region = (id) => who().page.getByRole('region', { name: who().t.panels[id], exact: true });
  const rail = (id) => who().page.getByRole('navigation')
    .getByRole('button', { name: new RegExp(`^${who().t.panels[id]}(,|$)`) });
  const isChosen = async (sign) => {
    await region('unit').getByText(sign, { exact: true }).first().waitFor();
    await region('unit').getByRole('button', { name: new RegExp(`^${who().t.room.closePanel}`) }).tap();
    await region('unit').waitFor({ state: 'detached' });
  };
  const lookAtThird = async () => {
    await who().page.evaluate(() => { window.location.hash = '#map=15.875/1.58/15'; }); // where ALPHA 3 is
    await who().mapIsAt({ lat: 15.875, lon: 1.58 });
    return who().mapBox.boundingBox();
  };
  /** Where the playhead stands in the bar, 0 to 1. */
  const headAt = async () => {
    const [from, to, now] = await Promise.all(['min', 'max', 'now'].map(async (what) =>
      Number(await who().playhead.getAttribute(`aria-value${what}`))));
    return (now - from) / (to - from);
  };
  const toLive = async () => {
    const mark = who().page.locator('.replay-mark');
    await mark.getByRole('button', { name: who().t.timeline.toLive, exact: true }).tap();
    await mark.waitFor({ state: 'detached' });
  };

  it('chooses a unit that a finger taps in the list', async () => {
    await rail('units').tap();
    await region('units').getByText('ALPHA 1', { exact: true }).first().tap();
    await isChosen('ALPHA 1');
  });

  it('chooses a unit that a finger taps on the map', async () => {
    const { width, height } = await lookAtThird();
    await who().mapBox.tap({ position: { x: width / 2, y: height / 2 } });
    await eventually('it is chosen', () => /[#&]unit=alpha\/v3\b/.test(who().page.url()));
    await rail('unit').tap(); // its card would lie over the map, and does not come by itself
    await isChosen('ALPHA 3');
  });

  it('moves the map with a finger', async () => {
    const { x, y, width, height } = await lookAtThird();
    await who().swipe([x + width / 3, y + height / 2], [x + width / 3, y + height / 2 + 120]);
    await eventually('it is further north', () => who().mapPlace().lat > 15.876);
    assert.ok(Math.abs(who().mapPlace().lon - 1.58) < 1e-3, 'and no further east or west');
  });

  it('goes into the past to where a finger draws the playhead, and back by a tap', async () => {
    const bar = await who().page.locator('.timeline-track').boundingBox();
    const head = await who().playhead.boundingBox();
    const y = bar.y + bar.height / 3;
    await who().swipe([head.x - 20, y], [bar.x + bar.width / 2, y]); // a finger meets it nearly
    await who().page.locator('.replay-mark').waitFor();
    await eventually('it stands where the finger left it', async () => Math.abs(await headAt() - 0.5) < 0.03);
    await toLive();
  });

  it('goes into the past where a finger taps the bar', async () => {
    const bar = await who().page.locator('.timeline-track').boundingBox();
    await who().page.locator('.timeline-track').tap({ position: { x: bar.width / 4, y: bar.height / 3 } });
    await who().page.locator('.replay-mark').waitFor();
    await eventually('it stands where the finger was', async () => Math.abs(await headAt() - 0.25) < 0.03);
    await toLive();
  });
}

for (const [size, path] of [['desk', '/'], ['tablet', '/'], ['wall', '/?wall']]) {
  for (const language of LANGUAGES) {
    describe(`${size}, ${SIZES[size].width}x${SIZES[size].height}, in ${language}`, () => {
      let visitor;
      const fits = async (what) => assert.deepEqual(await visitor.page.evaluate(misfits), [], what);
      before(async () => {
        visitor = await Visitor.come(browser, place, { language, size });
        await visitor.context.addInitScript(noteLetters);
        await visitor.go(path);
        await visitor.live();
        await visitor.page.locator('.map-box canvas').first().waitFor();
      });
      after(() => visitor.leave());

      it('has room for all of the live picture', async () => {
        await fits('live');
        assert.deepEqual(await visitor.barriers(), []);
        await visitor.screenshot(`size-${size}-${language}`);
        const type = await visitor.page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
        assert.ok(size === 'wall' ? type >= 18 : type <= 14, `type of ${type} px`);
      });

      it('writes on its map as large as beside it', async () => {
        const letters = await visitor.page.evaluate(() => [...globalThis.letters].sort((a, b) => a - b));
        assert.ok(letters.length > 1, 'call signs and degrees');
        const [least, most] = [letters[0], letters.at(-1)];
        assert.ok(size === 'wall' ? least >= 16 : least >= 11 && most <= 15, `letters of ${letters} px`);
      });

      it('has room for each panel', async () => {
        for (const id of PANELS) {
          if (id === 'unit') {
            await (await visitor.panel('units')).getByText('ALPHA 1', { exact: true }).first().click();
          }
          await visitor.panel(id);
          await fits(id);
          if (language === 'fr') await visitor.screenshot(`size-${size}-${id}`);
          if (size === 'tablet') {
            assert.deepEqual(await visitor.barriers(), [], id);
            await visitor.page.keyboard.press('Escape'); // the drawer, which lies over the map
          }
        }
      });

      it('has room for the past', async () => {
        await visitor.playhead.focus();
        await visitor.page.keyboard.press('Control+ArrowLeft');
        await visitor.page.locator('.replay-mark.is-paused').waitFor();
        await fits('the past');
        assert.deepEqual(await visitor.barriers(), []);
        await visitor.screenshot(`size-${size}-past-${language}`);
        await visitor.playhead.focus();
        await visitor.page.keyboard.press('l');
        await visitor.page.locator('.replay-frame').waitFor({ state: 'detached' });
      });

      it('has room for an alarm', async () => {
        const text = `stuck in the river bed, two wounded (${size}, ${language})`;
        await place.send('alpha/v2', 'sos', 'severe', text, { more: ['--at', '15.88,1.59'] });
        const row = visitor.alarm.getByRole('listitem').filter({ hasText: text });
        await row.waitFor();
        await fits('an alarm');
        assert.deepEqual(await visitor.barriers(), []);
        await visitor.screenshot(`size-${size}-alarm-${language}`);
        await row.getByRole('button', { name: visitor.t.alarm.seen, exact: true }).click();
        await row.waitFor({ state: 'detached' });
      });

      if (size === 'tablet') byFinger(() => visitor);

      it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
    });
  }
}

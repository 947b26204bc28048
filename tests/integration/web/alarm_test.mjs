#!/usr/bin/env node
// SOS and severe events can't be overlooked: whatever is open, live or in a replay, in both languages.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

let place;
let browser;
before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  const now = Date.now();
  const rows = Array.from({ length: 30 }, (_, i) => ({ unit: 'alpha/v1', at: now - (30 - i) * 60_000,
    lat: 15.86 + i * 1e-3, lon: 1.58 }));
  await place.track(rows, { callSigns: { 'alpha/v1': 'ALPHA 1' } });
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const titles = (visitor) => eventually('the title of the tab flashes',
  () => visitor.page.evaluate(() => /SOS/.test(document.title)));
const sos = (text, { at = '15.9,1.6', more = [] } = {}) => place.send('alpha/v1', 'sos', 'severe', text,
  { more: [...(at ? ['--at', at] : []), ...more] });
const MARK = [215, 38, 61];
/** An alarm's mark in that part of the map (of its width and height), where it is in pixels. */
const markSeen = (visitor, what, [left, top, right, bottom]) => eventually(what, async () => {
  const picture = await visitor.mapPicture();
  const { width, height } = picture;
  const { count, x, y } = picture.find(MARK, { box: { x: left * width, y: top * height,
    width: (right - left) * width - 1, height: (bottom - top) * height - 1 } });
  return count > 60 && { x, y };
});

/** Counts the tones that the page makes. */
const listen = (visitor) => visitor.context.addInitScript(() => {
  globalThis.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...at) {
    globalThis.tones++;
    return start.apply(this, at);
  };
});
const tones = (visitor) => visitor.page.evaluate(() => globalThis.tones);

for (const language of LANGUAGES) {
  describe(`an SOS in ${language}`, () => {
    let visitor;
    before(async () => {
      visitor = await Visitor.come(browser, place, { language });
      await listen(visitor);
      await visitor.go();
      await visitor.live();
    });
    after(() => visitor.leave());

    it('stands on top while another panel is open, is heard, and flashes in the title', async () => {
      await visitor.panel('status');
      await sos(`casualty at the well ${language}`);
      await visitor.alarm.waitFor();
      await visitor.alarm.getByText(`casualty at the well ${language}`).waitFor();
      await visitor.alarm.getByText('ALPHA 1').first().waitFor();
      await titles(visitor);
      const top = await visitor.alarm.evaluate((element) => {
        const box = element.getBoundingClientRect();
        return element.contains(document.elementFromPoint(box.left + box.width / 2, box.top + 12));
      });
      assert.ok(top, 'something lies over the banner');
      await eventually('a tone is made', async () => await tones(visitor) > 0);
      assert.deepEqual(await visitor.barriers(), []);
      await visitor.screenshot(`sos-${language}`);
    });

    it('is muted for a while, which is seen', async () => {
      await visitor.alarm.getByRole('button',
        { name: `${visitor.t.alarm.mute}: ${visitor.t.alarm.muteFor(5)}` }).click();
      await visitor.alarm.getByRole('button', { name: visitor.t.alarm.unmute }).click();
    });

    it('leads to the place', async () => {
      await visitor.alarm.getByRole('button', { name: visitor.t.alarm.goThere }).first().click();
      await visitor.mapIsAt({ lat: 15.9, lon: 1.6 });
      assert.ok(visitor.page.url().includes('unit=alpha/v1'), visitor.page.url());
    });

    it('does not ring again after a reload, and is still shown', async () => {
      await visitor.page.reload();
      await visitor.live();
      await visitor.alarm.getByText(`casualty at the well ${language}`).waitFor();
      await visitor.page.mouse.click(600, 400);
      assert.equal(await tones(visitor), 0);
    });

    it('goes away when it was seen, here alone', async () => {
      const all = visitor.alarm.getByRole('button', { name: visitor.t.alarm.seenAll });
      if (await all.isVisible()) await all.click();
      else await visitor.alarm.getByRole('button', { name: visitor.t.alarm.seen, exact: true }).click();
      await visitor.alarm.waitFor({ state: 'detached' });
      await visitor.page.reload();
      await visitor.live();
      assert.equal(await visitor.alarm.count(), 0);
    });

    it('far out of view has a sign at the edge of the map that points there, and leads there', async () => {
      const goThere = visitor.alarm.getByRole('button', { name: visitor.t.alarm.goThere });
      await visitor.mapIsAt({ lat: 15.9, lon: 1.6 });
      await sos(`far to the east ${language}`, { at: '15.9,9' });
      await visitor.alarm.getByText(`far to the east ${language}`).waitFor();
      await markSeen(visitor, 'a sign at the right edge', [0.8, 0.4, 1, 0.75]);
      await visitor.screenshot(`sos-out-of-view-${language}`);
      await goThere.click();
      await visitor.mapIsAt({ lat: 15.9, lon: 9 });
      await markSeen(visitor, 'the mark in the middle', [0.4, 0.35, 0.6, 0.6]);
      await visitor.alarm.getByRole('button', { name: visitor.t.alarm.seen, exact: true }).click();
      await visitor.alarm.waitFor({ state: 'detached' });
    });

    it('without a place of its own stands where its unit is, and its sign is to be clicked', async () => {
      await visitor.mapIsAt({ lat: 15.9, lon: 9 });
      await sos(`nobody knows where ${language}`, { at: null });
      await visitor.alarm.getByText(`nobody knows where ${language}`).waitFor();
      const sign = await markSeen(visitor, 'a sign at the left edge', [0, 0.2, 0.15, 0.8]);
      await visitor.mapBox.click({ position: sign });
      await visitor.mapIsAt({ lat: 15.889, lon: 1.58 });
      await visitor.alarm.getByRole('button', { name: visitor.t.alarm.seen, exact: true }).click();
      await visitor.alarm.waitFor({ state: 'detached' });
    });

    it('is called late, with the age, when it happened long before', async () => {
      await sos(`two hours ago ${language}`, { more: ['--time', '-2h'] });
      const row = visitor.alarm.getByRole('listitem').filter({ hasText: `two hours ago ${language}` });
      await row.waitFor();
      await row.getByText(visitor.t.alarm.late('2').split('2')[0].trim()).waitFor();
      await row.getByRole('button', { name: visitor.t.alarm.seen, exact: true }).click();
    });

    it('gets through while a replay is shown', async () => {
      await visitor.pressBar(0.5);
      await visitor.timeline.getByRole('button', { name: visitor.t.timeline.toLive }).first().waitFor();
      await sos(`in the replay ${language}`);
      await visitor.alarm.getByText(`in the replay ${language}`).waitFor();
      await visitor.alarm.getByText(visitor.t.alarm.whileReplay).waitFor();
      await visitor.screenshot(`sos-in-replay-${language}`);
      await visitor.alarm.getByRole('button', { name: visitor.t.alarm.goThere }).first().click();
      await eventually('the room is live again', async () => await visitor.page.locator('.replay-frame').count() === 0);
      const all = visitor.alarm.getByRole('button', { name: visitor.t.alarm.seenAll });
      if (await all.isVisible()) await all.click();
      else await visitor.alarm.getByRole('button', { name: visitor.t.alarm.seen, exact: true }).click();
    });

    it('can be acknowledged to all', async () => {
      await place.send('alpha/v1', 'contact', 'severe', `shots heard ${language}`);
      const row = visitor.alarm.getByRole('listitem').filter({ hasText: `shots heard ${language}` });
      await row.waitFor();
      const button = row.getByRole('button', { name: visitor.t.alarm.acknowledge });
      await button.click();
      await visitor.alarm.waitFor({ state: 'detached' });
    });

    it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

/** Asks of the page what browsers do not take for a click, as they do whatever Playwright asks. */
async function asker(visitor) {
  const session = await visitor.context.newCDPSession(visitor.page);
  return async (expression) => {
    const { result } = await session.send('Runtime.evaluate', { expression, returnByValue: true });
    return result.value;
  };
}

/** Where the button of that name is to be pressed; null: it is not there, or something lies over it. */
const spotOf = (name) => `(() => {
  const button = [...document.querySelectorAll('button')].find((one) => one.textContent === ${JSON.stringify(name)});
  if (!button) return null;
  const box = button.getBoundingClientRect();
  const spot = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  return button.contains(document.elementFromPoint(spot.x, spot.y)) ? spot : null;
})()`;

for (const language of LANGUAGES) {
  describe(`an SOS in a page that nobody has clicked yet, in ${language}`, () => {
    let visitor;
    let ask;
    let spot;
    before(async () => {
      visitor = await Visitor.come(browser, place, { language });
      await listen(visitor);
      await visitor.go();
      ask = await asker(visitor);
      await eventually('the room is live', () => ask("document.querySelector('.link-state.live') !== null"));
    });
    after(() => visitor.leave());

    it('says that the browser forbids its sound', async () => {
      await sos(`nobody hears this ${language}`);
      spot = await eventually('the button that says so', () => ask(spotOf(visitor.t.alarm.soundBlocked)));
      assert.equal(await ask('globalThis.tones'), 0);
    });

    it('is heard after a click on that', async () => {
      await visitor.page.mouse.click(spot.x, spot.y);
      await eventually('a tone is made', async () => await ask('globalThis.tones') > 0);
      await visitor.alarm.getByText(`nobody hears this ${language}`).waitFor();
      assert.equal(await visitor.button(visitor.t.alarm.soundBlocked).count(), 0);
    });

    it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

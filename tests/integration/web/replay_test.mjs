#!/usr/bin/env node
// The past under one's finger: seeking by both clocks, playing, the range, the difference, and back to live.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const MINUTE = 60_000;
const GHOST = [0x7a, 0x52, 0x00]; // by day
let place;
let browser;
let now;

before(async () => {
  place = await Place.make();
  browser = await openBrowser();
  now = Date.now();
  // An hour of a drive north, all of it handed in just now: by known time nobody saw it before.
  const rows = Array.from({ length: 121 }, (_, i) => ({ unit: 'alpha/v1', at: now - (120 - i) * MINUTE / 2,
    lat: 15.8 + i * 1e-3, lon: 1.58,
    speed: 4, course: 0 }));
  await place.track(rows, { callSigns: { 'alpha/v1': 'ALPHA 1' } });
  await place.send('alpha/v1', 'halt', 'notice', 'water', { more: ['--time', '-20m'] });
});
after(async () => {
  await browser?.close();
  await place?.end();
});

/** What the room shows of a unit: its place by the page's own words is of the card; here, of the slider, the moment. */
const moment = async (visitor) => Number(await visitor.playhead.getAttribute('aria-valuenow'));
const words = (visitor) => visitor.page.locator('.replay-words').textContent();
const isLive = (visitor) => eventually('the room is live again',
  async () => await visitor.page.locator('.replay-frame').count() === 0);
const paused = (visitor) => eventually('the replay stands', async () => {
  const said = await words(visitor);
  return said === visitor.t.timeline.replayPaused(said.match(/\d.*Z/)[0], said.split(', ').at(-1)) ? said : null;
});

for (const language of LANGUAGES) {
  describe(`the past in ${language}`, () => {
    let visitor;
    before(async () => {
      visitor = await Visitor.come(browser, place, { language, theme: 'light',
        permissions: ['clipboard-read', 'clipboard-write'] });
      await visitor.go();
      await visitor.live();
    });
    after(() => visitor.leave());

    it('is dragged to with the playhead, and is marked as a replay', async () => {
      await visitor.dragHead(0.5);
      await paused(visitor);
      const at = await moment(visitor);
      assert.ok(Math.abs(at - (now / 1000 - 30 * 60)) < 5 * 60,
        `half an hour ago, not ${new Date(at * 1000).toISOString()}`);
      assert.match(await words(visitor), new RegExp(visitor.t.timeline.byClock.true));
      await visitor.screenshot(`replay-${language}`);
    });

    it('shows where the unit was, by true time', async () => {
      const units = await visitor.panel('units');
      await units.getByText('ALPHA 1', { exact: true }).first().click();
      const card = visitor.page.getByRole('region', { name: visitor.t.panels.unit, exact: true });
      // At the minute that is shown it had come as far as its speed says.
      const minute = (await moment(visitor) - (now / 1000 - 3600)) / 30;
      const lat = (15.8 + Math.floor(minute) * 1e-3).toFixed(3).replace('.', language === 'fr' ? ',' : '.');
      await card.getByText(lat).first().waitFor();
    });

    it('shows by known time what the room could see, which was nothing', async () => {
      await visitor.page.getByRole('radio', { name: visitor.t.timeline.clocks.known }).check({ force: true });
      await eventually('the mark says so',
        async () => (await words(visitor)).includes(visitor.t.timeline.byClock.known));
      await eventually('no unit is shown', async () => {
        const units = await visitor.panel('units');
        return await units.getByText('ALPHA 1', { exact: true }).count() === 0;
      });
      await visitor.screenshot(`replay-known-${language}`);
    });

    it('makes the difference of the two clocks visible', async () => {
      await visitor.button(visitor.t.timeline.difference).click();
      await visitor.timeline.getByText(visitor.t.timeline.differenceCount(1)).waitFor();
      // Away from the mark of the replay, so that the place by the other clock is to be seen: it is drawn, dashed.
      const box = await visitor.mapBox.boundingBox();
      await visitor.page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.7);
      await visitor.page.mouse.down();
      await visitor.page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.55, { steps: 5 });
      await visitor.page.mouse.up();
      await eventually('the place by true time is drawn', async () =>
        (await visitor.mapPicture()).find(GHOST).count > 60);
      await visitor.screenshot(`replay-difference-${language}`);
      await visitor.button(visitor.t.timeline.difference).click();
      await visitor.page.getByRole('radio', { name: visitor.t.timeline.clocks.true }).check({ force: true });
      await eventually('true time again', async () => (await words(visitor)).includes(visitor.t.timeline.byClock.true));
    });

    it('steps with buttons and keys', async () => {
      await paused(visitor);
      const from = await moment(visitor);
      await visitor.button(visitor.t.timeline.forward.ten).click();
      await eventually('ten seconds on', async () => await moment(visitor) === from + 10);
      await visitor.playhead.focus();
      await visitor.page.keyboard.press('Control+ArrowLeft');
      await eventually('a minute back', async () => await moment(visitor) === from - 50);
      await visitor.page.keyboard.press('Shift+ArrowRight');
      await visitor.page.keyboard.press('ArrowRight');
      await eventually('eleven seconds on', async () => await moment(visitor) === from - 39);
    });

    it('goes to the next event', async () => {
      await visitor.button(visitor.t.timeline.forward.event).click();
      await eventually('the event twenty minutes ago',
        async () => Math.abs(await moment(visitor) - (now / 1000 - 20 * 60)) < 60);
    });

    it('plays at a speed, and pauses', async () => {
      await visitor.page.getByRole('combobox', { name: visitor.t.timeline.speed }).selectOption('60');
      const from = await moment(visitor);
      await visitor.button(visitor.t.timeline.play).click();
      await eventually('a minute has been played', async () => await moment(visitor) >= from + 60);
      assert.match(await words(visitor), /×60/);
      await visitor.button(visitor.t.timeline.pause).click();
      await paused(visitor);
    });

    it('plays at a thousand times the speed of life, and the room keeps up', async () => {
      await visitor.page.getByRole('combobox', { name: visitor.t.timeline.speed }).selectOption('60');
      await visitor.pressBar(0.05);
      await eventually('the moment is early', async () => await moment(visitor) < now / 1000 - 3000);
      await paused(visitor);
      await visitor.page.getByRole('combobox', { name: visitor.t.timeline.speed }).selectOption('1000');
      const from = await moment(visitor);
      const began = Date.now();
      await visitor.button(visitor.t.timeline.play).click();
      await eventually('half an hour has been played', async () => await moment(visitor) >= from + 1800);
      assert.ok(Date.now() - began > 1000, 'at 1000 times the speed it takes 1.8 s');
      await eventually('it ends, or comes to the present', async () => await visitor.page.locator(
        '.replay-mark.is-playing').count() === 0);
      await eventually('the unit is where it went', async () => {
        const units = await visitor.panel('units');
        return await units.getByText('ALPHA 1', { exact: true }).count() > 0;
      });
      await visitor.page.getByRole('combobox', { name: visitor.t.timeline.speed }).selectOption('60');
      await visitor.pressBar(0.5);
      await paused(visitor);
    });

    it('has a link to the moment and the view, which shows a colleague the same', async () => {
      const view = visitor.mapPlace();
      const unit = new URL(visitor.page.url()).hash.match(/unit=([^&]*)/)?.[1];
      assert.ok(view && unit === 'alpha/v1', visitor.page.url());
      await visitor.button(visitor.t.timeline.copyLink).click();
      const link = await visitor.page.evaluate(() => navigator.clipboard.readText());
      const at = await moment(visitor);
      const colleague = await Visitor.come(browser, place, { language });
      await colleague.go(link);
      await colleague.playhead.waitFor();
      await eventually('the colleague sees the moment', async () => Math.abs(await moment(colleague) - at) <= 2);
      assert.match(await words(colleague), new RegExp(colleague.t.timeline.byClock.true));
      await colleague.mapIsAt(view, 1e-4);
      assert.equal(colleague.mapPlace().zoom, view.zoom);
      assert.ok(colleague.page.url().includes(`unit=${unit}`), colleague.page.url());
      await colleague.page.getByRole('region', { name: colleague.t.panels.unit, exact: true })
        .getByText('ALPHA 1').first().waitFor();
      const speed = (one) => one.page.getByRole('combobox', { name: one.t.timeline.speed }).inputValue();
      assert.equal(await speed(colleague), '60');
      assert.equal(await speed(visitor), '60');
      assert.deepEqual(colleague.troubles(), []);
      await colleague.leave();
    });

    it('plays a range over and over', async () => {
      await visitor.button(visitor.t.timeline.loopFrom).click();
      const from = await moment(visitor);
      await visitor.page.keyboard.press('Escape');
      for (let i = 0; i < 3; i++) await visitor.button(visitor.t.timeline.forward.ten).click();
      await eventually('thirty seconds on', async () => await moment(visitor) === from + 30);
      await visitor.button(visitor.t.timeline.loopTo).click();
      await visitor.page.getByRole('combobox', { name: visitor.t.timeline.speed }).selectOption('10');
      await visitor.button(visitor.t.timeline.play).click();
      await eventually('it began again', async () => await moment(visitor) < from + 15);
      await eventually('it goes on', async () => await moment(visitor) > from + 15);
      await visitor.button(visitor.t.timeline.loopClear).click();
    });

    it('has nothing serious for axe-core to find', async () => assert.deepEqual(await visitor.barriers(), []));

    it('goes back to live by key and by button', async () => {
      await visitor.playhead.focus();
      await visitor.page.keyboard.press('l');
      await isLive(visitor);
      await visitor.pressBar(0.4);
      await visitor.timeline.getByRole('button', { name: visitor.t.timeline.toLive }).first().click();
      await isLive(visitor);
      await visitor.live();
    });

    it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

/**
 * How much is drawn on the bar at a share of its width, in its upper part (events) and below (fixes): pixels. Columns
 * of fixes let the ground through a little (0.6), marks of events not at all, and strokes of round times otherwise.
 */
const drawnAt = (visitor, share) => visitor.page.locator('.timeline-canvas').evaluate((canvas, at) => {
  const scale = canvas.width / canvas.clientWidth;
  const count = (fromPx, toPx, is) => {
    const { data } = canvas.getContext('2d').getImageData(Math.round(canvas.width * at) - 8 * scale, fromPx * scale,
      16 * scale, (toPx - fromPx) * scale);
    return data.filter((value, i) => i % 4 === 3 && is(value)).length;
  };
  return { events: count(3, 14, (alpha) => alpha > 240),
    fixes: count(18, canvas.clientHeight - 18, (alpha) => Math.abs(alpha - 0.6 * 255) <= 3) };
}, share);

describe('what the bar shows of the past', () => {
  const HOUR_S = 3600;
  let visitor;
  const ROOM = 0.02; // that the bar leaves at its right end
  const share = (secondsAgo) => 1 - ROOM - (secondsAgo + (Date.now() - now) / 1000) / (6 * HOUR_S);
  before(async () => {
    visitor = await Visitor.come(browser, place);
    await visitor.go();
    await visitor.live();
    await visitor.page.getByRole('combobox', { name: visitor.t.timeline.span }).selectOption('six');
  });
  after(() => visitor.leave());

  it('is how many positions there were: some in the last hour, none before', async () => {
    await eventually('the last hour has columns', async () => (await drawnAt(visitor, share(2 * 900))).fixes > 0);
    assert.ok((await drawnAt(visitor, share(900))).fixes > 0);
    for (const hours of [1.5, 2.5, 4.5]) {
      assert.equal((await drawnAt(visitor, share(hours * HOUR_S + 700))).fixes, 0, `${hours} hours ago`);
    }
  });

  it('is the events, each where it was, and nothing where there was none', async () => {
    await eventually('the halt has its mark', async () => (await drawnAt(visitor, share(20 * 60))).events > 0);
    for (const minutes of [40, 70, 200]) {
      assert.equal((await drawnAt(visitor, share(minutes * 60))).events, 0, `${minutes} minutes ago`);
    }
  });

  it('is a new event at once, and one that is severe by its shape too', async () => {
    assert.equal((await drawnAt(visitor, share(3 * HOUR_S + 700))).events, 0);
    const before = await drawnAt(visitor, share(20 * 60));
    // By the clock of `share`: on a slow machine the test's beginning is some minutes ago, and so many pixels.
    const time = new Date(now - (3 * HOUR_S + 720) * 1000).toISOString();
    await place.send('alpha/v1', 'sos', 'severe', 'three hours ago', { more: ['--time', time] });
    await eventually('it has its mark', async () => (await drawnAt(visitor, share(3 * HOUR_S + 720))).events
      > before.events);
    await visitor.screenshot('bar-events');
  });
});

describe('a drag through the whole hour', () => {
  it('ends where it was let go, and sends no flood of seeks', async () => {
    const visitor = await Visitor.come(browser, place);
    let sent = 0;
    visitor.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => {
      if (typeof payload === 'string' && payload.includes('"type":"past"')) sent++;
    }));
    await visitor.go();
    await visitor.live();
    const began = Date.now();
    await visitor.dragHead(0.1, 200);
    const seconds = (Date.now() - began) / 1000;
    await paused(visitor);
    const at = await moment(visitor);
    const share = (at * 1000 - (Date.now() - 3600_000)) / 3600_000;
    assert.ok(Math.abs(share - 0.1) < 0.05, `let go at a tenth, stands at ${share.toFixed(2)}`);
    assert.ok(sent <= 3 + seconds * 20, `${sent} seeks in ${seconds.toFixed(1)} s`);
    await visitor.leave();
  });
});

describe('more replays than a person may have', () => {
  it('are refused in the words of each language, and one may begin when another has ended', async () => {
    const at = `/#at=${new Date(now - 30 * MINUTE).toISOString()}`;
    const visitors = [];
    try {
      for (const language of ['en', 'en', ...LANGUAGES]) {
        const visitor = await Visitor.come(browser, place, { language });
        visitors.push(visitor);
        await visitor.go(at);
        const kind = visitors.length > 2 ? 'failed' : 'paused';
        await visitor.page.locator(`.replay-mark.is-${kind}`).waitFor();
      }
      for (const visitor of visitors.slice(2)) {
        assert.equal(await words(visitor), visitor.t.timeline.replayFailed(visitor.t.reasons.replays_account));
        assert.equal(await visitor.page.locator('.empty-room').count(), 0, 'nobody says that nothing was there');
        await visitor.screenshot(`replay-refused-${visitor.language}`);
      }
      await visitors[0].page.locator('.replay-live').click();
      await isLive(visitors[0]);
      // Its place is free when its session with the hub has ended.
      const late = visitors.at(-1);
      await eventually('the next one is let in', async () => {
        await late.page.locator('.replay-live').click();
        await isLive(late);
        // Before that, going there would be going to where it is.
        await eventually('the address forgets the moment', () => !late.page.url().includes('at='));
        await late.go(at);
        const mark = late.page.locator('.replay-mark.is-paused, .replay-mark.is-failed');
        await mark.waitFor();
        return await late.page.locator('.replay-mark.is-paused').count() === 1;
      });
    } finally {
      for (const visitor of visitors) await visitor.leave();
    }
  });
});

#!/usr/bin/env node
// A room in the past while hub, web server and link die and come back in turn: it stays marked as a replay, its clock
// stands while nothing comes, it says what is missing, and it goes on by itself from where it was.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { Relay } from './harness/relay.mjs';
import { Wire } from './harness/wire.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const CUT = /WebSocket|ERR_|Failed to load resource|net::/;
const SPEED = 10;
const EACH_S = 30; // a position
const STEP_DEG = 1e-3; // north, each
const HOURS = 6;
/** Of the replay's own time: how far its clock may go on when nothing comes any more. */
const AHEAD_S = 4 * SPEED;
let place;
let relay;
let browser;
let begin;

before(async () => {
  place = await Place.make();
  relay = await Relay.make(place.webPort);
  browser = await openBrowser();
  begin = Date.now() - HOURS * 3600_000;
  await place.track(Array.from({ length: HOURS * 3600 / EACH_S }, (_, i) => ({ unit: 'alpha/v1',
    at: begin + i * EACH_S * 1000, lat: 15 + i * STEP_DEG, lon: 1.58 })), { callSigns: { 'alpha/v1': 'ALPHA 1' } });
});
after(async () => {
  await browser?.close();
  relay?.end();
  await place?.end();
});

const moment = async (visitor) => Number(await visitor.playhead.getAttribute('aria-valuenow'));
const mark = (visitor) => visitor.page.locator('.replay-words').textContent();
const link = (visitor) => visitor.page.locator('.link-words').textContent();
const marked = (visitor, kind) => eventually(`the mark says ${kind}`, () =>
  visitor.page.locator(`.replay-mark.is-${kind}`).count().then((count) => count === 1));

async function staysMarked(visitor) {
  assert.equal(await visitor.page.locator('.replay-frame').count(), 1);
  assert.equal(await visitor.page.locator('.map-place.shows-past').count(), 1);
  assert.match(await mark(visitor), new RegExp(visitor.t.timeline.byClock.true));
}

/** Where the card says the unit is, degrees north. */
async function latOf(visitor) {
  const words = await visitor.page.getByRole('region', { name: visitor.t.panels.unit, exact: true }).textContent();
  return Number(/15[.,]\d{3,}/.exec(words)[0].replace(',', '.'));
}

/** At the moment that is shown it has come as far as its file says, give or take a position. */
const isTrue = (visitor) => eventually('the unit is where it was at that moment', async () => {
  const far = (await moment(visitor) * 1000 - begin) / 1000 / EACH_S;
  return Math.abs(await latOf(visitor) - (15 + Math.floor(far) * STEP_DEG)) <= 1.5 * STEP_DEG;
});

const plays = async (visitor) => {
  await marked(visitor, 'playing');
  const from = await moment(visitor);
  await eventually('the replay goes on', async () => await moment(visitor) >= from + 2 * SPEED);
};

/** Loses one of them under a replay that plays, and gives it back. */
async function outlives(visitor, name, lose, regain) {
  await plays(visitor);
  await visitor.page.evaluate(() => { globalThis.sameLife = true; });
  await lose();
  await eventually('the link says that it is lost', async () => await link(visitor) !== visitor.t.room.link.live);
  await marked(visitor, 'loading');
  const stands = await moment(visitor);
  const words = await link(visitor);
  await eventually('the age counts', async () => /\d/.test(words) && await link(visitor) !== words);
  await staysMarked(visitor);
  assert.ok(Math.abs(await moment(visitor) - stands) <= 1, 'its clock goes on though nothing comes');
  await visitor.screenshot(`replay-${name.replaceAll(' ', '-')}`);
  const { mark: since } = visitor.wire;
  await regain();
  await plays(visitor);
  await staysMarked(visitor);
  // The picture has a session of its own, which may take longer to come back.
  await eventually('the link is live', async () => await link(visitor) === visitor.t.room.link.live);
  for (const asked of visitor.wire.messages('past', since).filter((one) => one.speed !== undefined)) {
    assert.ok(Math.abs(asked.time_us / 1e6 - stands) <= AHEAD_S, `asked for ${asked.time_us / 1e6}, not ${stands}`);
    assert.deepEqual([asked.clock, asked.speed, asked.paused], ['true', SPEED, false]);
  }
  const now = await moment(visitor);
  assert.ok(now >= stands && now < stands + 60 * SPEED, `it stood at ${stands} and goes on at ${now}`);
  await isTrue(visitor);
  assert.ok(await visitor.page.evaluate(() => globalThis.sameLife));
}

for (const language of LANGUAGES) {
  describe(`a replay in ${language}`, () => {
    let visitor;
    before(async () => {
      visitor = await Visitor.come(browser, relay, { language });
      visitor.wire = new Wire(visitor.page);
      const at = new Date(begin + 3600_000).toISOString();
      await visitor.go(`/#at=${at}&speed=${SPEED}&unit=alpha/v1`);
      await marked(visitor, 'paused');
      await visitor.button(visitor.t.timeline.play).click();
    });
    after(() => visitor.leave());

    it('outlives the hub (kill -9)', () => outlives(visitor, `hub lost ${language}`, () => place.hub.kill(),
      () => place.startHub()));

    it('outlives the web server', () => outlives(visitor, `server lost ${language}`, () => place.web.kill(),
      () => place.startWeb()));

    it('outlives its link', () => outlives(visitor, `link cut ${language}`, () => relay.cut(), () => relay.heal()));

    it('that stands still goes on standing there', async () => {
      await visitor.button(visitor.t.timeline.pause).click();
      await marked(visitor, 'paused');
      const stands = await moment(visitor);
      const { mark: since } = visitor.wire;
      relay.cut();
      await eventually('the link says that it is lost', async () => await link(visitor) !== visitor.t.room.link.live);
      await staysMarked(visitor);
      await relay.heal();
      await eventually('the server shows that moment anew', () =>
        visitor.wire.messages('past', since).some((one) => one.phase === 'paused'));
      await marked(visitor, 'paused');
      assert.ok(Math.abs(await moment(visitor) - stands) <= 1);
      await isTrue(visitor);
    });

    it('says no more in the console than that connections ended', () => assert.deepEqual(visitor.troubles(CUT), []));
  });
}

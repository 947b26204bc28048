#!/usr/bin/env node
// Hub, web server and link are killed in turn: the page tells how old what it shows is, and comes back by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, putToSleep, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { Relay } from './harness/relay.mjs';
import { Wire } from './harness/wire.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

/** What Chromium says by itself when a connection ends. */
const CUT = /WebSocket|ERR_|Failed to load resource|net::/;
/** A probe each 5 s, and 2 s for its answer until the page doubts; the rest is for a machine that has much to do. */
const DOUBT_MS = 7_000 + 5_000;
/** A probe each 5 s, and 15 s for its answer. */
const DEAF_MS = 20_000 + 6_000;
/** It notes that it slept when it did so for 6 s. */
const SLEEP_MS = 7_000;
/** Then its link has 5 s to answer, and not 15; the rest is as above. */
const WOKEN_DEAF_MS = 6_000 + 6_000;
let place;
let relay;
let browser;
let moved = 0;

/** The unit drives on. */
const drive = (text) => {
  moved++;
  return place.track([{ unit: 'alpha/v1', at: Date.now(), lat: 15.86 + moved * 1e-3, lon: 1.58 }], {
    callSigns: { 'alpha/v1': `ALPHA ${text}` } });
};
const link = (visitor) => visitor.page.locator('.link-words').textContent();
const isOld = (visitor, ms) => eventually('the page says how old what it shows is', async () => {
  const words = await link(visitor);
  return words !== visitor.t.room.link.live && /\d/.test(words) ? words : null;
}, ms);
/** Its words while an answer is overdue and the connection stands: they count how long nothing was heard. */
const doubts = async (visitor) => {
  const began = Date.now();
  const words = visitor.t.room.link.noAnswer('T', 'A').split(/[TA]/);
  const said = await eventually('the page doubts its link', async () => {
    const now = await link(visitor);
    return words.every((part) => now.includes(part)) ? now : null;
  }, DOUBT_MS);
  console.log(`a link that swallows bytes was doubted after ${Date.now() - began} ms`);
  await saysWhy(visitor, 'no_answer');
  await eventually('how long counts', async () => {
    const now = await link(visitor);
    return words.every((part) => now.includes(part)) && now !== said;
  });
};
/** Its words when it has left the connection. */
const givesUp = (visitor, ms) => {
  const noLink = visitor.t.room.link.staleServer('', '').split(': ').at(-1);
  return eventually('the page gives its link up', async () => {
    const words = await link(visitor);
    return words.endsWith(noLink) ? words : null;
  }, ms);
};
/** Why there is no link, as the page says it: in its own language, whoever said it first. */
const reasons = (visitor, ...codes) => codes.map((code) => asSentence(visitor.t.reasons[code]));
const asSentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const saysWhy = (visitor, ...codes) => eventually('the page says why, in its language', async () => {
  const why = await visitor.page.locator('.link-state').getAttribute('title');
  return reasons(visitor, ...codes).includes(why) ? why : null;
});
const shows = async (visitor, sign) => {
  const units = await visitor.panel('units');
  await units.getByText(sign, { exact: true }).first().waitFor();
};

/** Said by the unit; until the page shows it where it is told of. */
const say = (text) => place.send('alpha/v1', 'text', 'notice', text);
const told = async (visitor, text) => {
  const events = await visitor.panel('events');
  await events.getByText(text, { exact: true }).first().waitFor();
};

before(async () => {
  place = await Place.make();
  relay = await Relay.make(place.webPort);
  browser = await openBrowser();
  await drive('1');
});
after(async () => {
  await browser?.close();
  relay?.end();
  await place?.end();
});

/** It sleeps while `lose` is done and a while longer; then what `knows` waits for, which is of before it slept. */
async function sleeps(lose, knows) {
  const { fellAsleep, wake } = await putToSleep(browser);
  try {
    await lose();
    await eventually('it has slept for long enough', () => Date.now() - fellAsleep > SLEEP_MS);
  } finally {
    wake();
  }
  const words = await knows(Date.now());
  const [, minutes, seconds] = /\d\d:(\d\d):(\d\d)/.exec(words).map(Number);
  const asleep = new Date(fellAsleep);
  const before = (asleep.getMinutes() * 60 + asleep.getSeconds() - minutes * 60 - seconds + 3600) % 3600;
  assert.ok(before < 600, `${words}: it slept from ${asleep.toTimeString()} on`);
  return words;
}

/** What the link loses is made good: the page opens anew where it was, and has all that came meanwhile, once. */
async function missesNothing(visitor, name, lose, knows) {
  const { wire } = visitor;
  const texts = ['before', 'during', 'and after'].map((when) => `${when} ${name}`);
  await say(texts[0]);
  await told(visitor, texts[0]);
  await visitor.page.evaluate(() => { globalThis.sameLife = true; });
  await lose();
  const first = await knows();
  assert.ok(first.endsWith(visitor.t.room.link.staleServer('', '').split(': ').at(-1)), first);
  await eventually('the age counts', async () => await link(visitor) !== first);
  await shows(visitor, `ALPHA ${moved}`); // what was known is still shown
  await say(texts[1]);
  await drive(`${moved + 1}`);
  await visitor.screenshot(name.replaceAll(' ', '-'));
  const { mark } = wire;
  await relay.heal();
  await visitor.live();
  await shows(visitor, `ALPHA ${moved}`);
  await say(texts[2]);
  await told(visitor, texts[2]);
  const [open] = wire.messages('open', mark);
  const [opened] = wire.messages('opened', mark);
  assert.ok(open.resume.event_seq > 0 && open.resume.fix_seq > 0, JSON.stringify(open));
  assert.equal(open.resume.log, opened.log);
  assert.equal(opened.resumed, true);
  assert.deepEqual(texts.map((text) => wire.frames(text, mark)), [0, 1, 1], 'how often each came over the wire');
  const events = await visitor.panel('events');
  for (const text of texts) assert.equal(await events.getByText(text, { exact: true }).count(), 1, text);
  assert.ok(await visitor.page.evaluate(() => globalThis.sameLife));
}

for (const language of LANGUAGES) {
  describe(`an outage in ${language}`, () => {
    let visitor;
    before(async () => {
      visitor = await Visitor.come(browser, relay, { language });
      visitor.wire = new Wire(visitor.page);
      await visitor.go();
      await visitor.live();
    });
    after(() => visitor.leave());

    it('of the hub (kill -9): the age counts, and what came meanwhile is there afterwards', async () => {
      await place.hub.kill();
      const first = await isOld(visitor);
      await eventually('the age counts', async () => await link(visitor) !== first);
      await shows(visitor, `ALPHA ${moved}`); // what was known is still shown
      await saysWhy(visitor, 'hub_cut', 'hub_silent');
      await visitor.screenshot(`hub-lost-${language}`);
      await place.startHub();
      await drive(`${moved + 1}`);
      await visitor.live();
      await shows(visitor, `ALPHA ${moved}`);
    });

    it('of the hub that hangs while its connection stands: the age counts, and it goes on by cursor', async () => {
      await visitor.page.evaluate(() => { globalThis.sameLife = true; });
      place.hub.child.kill('SIGSTOP');
      const first = await isOld(visitor);
      await eventually('the age counts', async () => await link(visitor) !== first);
      const status = await visitor.panel('status');
      await status.getByText(visitor.t.status.hubSilent, { exact: true }).waitFor();
      await saysWhy(visitor, 'hub_silent');
      await status.getByText(reasons(visitor, 'hub_silent')[0], { exact: true }).first().waitFor();
      await visitor.screenshot(`hub-hangs-${language}`);
      place.hub.child.kill('SIGCONT');
      await drive(`${moved + 1}`);
      await visitor.live();
      await shows(visitor, `ALPHA ${moved}`);
      await (await visitor.panel('status')).getByText(visitor.t.status.hubSilent, { exact: true })
        .waitFor({ state: 'hidden' });
      await visitor.panel('events'); // as it was
      assert.ok(await visitor.page.evaluate(() => globalThis.sameLife));
    });

    it('of the web server: the same, without a reload', async () => {
      await visitor.page.evaluate(() => { globalThis.sameLife = true; });
      await place.web.kill();
      await isOld(visitor);
      await saysWhy(visitor, 'lost');
      await drive(`${moved + 1}`);
      await place.startWeb();
      await visitor.live();
      await shows(visitor, `ALPHA ${moved}`);
      assert.ok(await visitor.page.evaluate(() => globalThis.sameLife));
    });

    it('of the network of this browser alone: the age counts, and it comes back by cursor', () =>
      missesNothing(visitor, `link cut ${language}`, () => relay.cut(), () => isOld(visitor)));

    it('of a link that swallows bytes: a probe finds it in time, and it comes back by cursor', () =>
      missesNothing(visitor, `link held ${language}`, () => relay.hold(), async () => {
        const began = Date.now();
        await doubts(visitor);
        await visitor.screenshot(`link-doubted-${language}`);
        const words = await givesUp(visitor, DEAF_MS);
        console.log(`a link that swallows bytes was given up after ${Date.now() - began} ms`);
        return words;
      }));

    it('while the page slept: it tells what it shows to be of before, and comes back by cursor', () =>
      missesNothing(visitor, `slept, cut ${language}`, () => null, () =>
        sleeps(async () => {
          await drive(`${moved + 1}`); // what came while it slept is no sign that the link is there
          relay.cut();
        }, () => givesUp(visitor, WOKEN_DEAF_MS))));

    it('while the page slept, of which its connection knows nothing: it finds that soon', () =>
      missesNothing(visitor, `slept, held ${language}`, () => null, () =>
        sleeps(() => relay.hold(), async (woke) => {
          const words = await givesUp(visitor, WOKEN_DEAF_MS);
          console.log(`after a sleep a link that swallows bytes was given up after ${Date.now() - woke} ms`);
          return words;
        })));

    it('of a link that only halts: it is doubted, and live again on the same connection', async () => {
      const { mark } = visitor.wire;
      const text = `halted ${language}`;
      relay.hold();
      await doubts(visitor);
      await say(text);
      await relay.heal();
      await visitor.live();
      await told(visitor, text);
      assert.equal(visitor.wire.messages('open', mark).length, 0, 'no new connection');
    });

    it('loses no event, and shows none twice', async () => {
      const text = `said in the dark ${language}`;
      await place.web.kill();
      await isOld(visitor);
      await place.send('alpha/v1', 'text', 'notice', text);
      await place.startWeb();
      await visitor.live();
      const events = await visitor.panel('events');
      await events.getByText(text).first().waitFor();
      assert.equal(await events.getByText(text, { exact: true }).count(), 1);
    });

    it('says no more in the console than that connections ended', () => assert.deepEqual(visitor.troubles(CUT), []));
  });
}

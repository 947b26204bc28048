#!/usr/bin/env node
// An aid organisation whose only sight of another owner is a grant with terms: it finds it, sees by it, is told what it
// sees, misses no alarm of its own meanwhile, and is told when it ends.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const PASSWORD = 'correct horse battery staple';
let GRANT; // one for each language
let place;
let browser;
let guest;
let t;
let said; // texts of this language's scenario

before(async () => {
  place = await Place.make({ guarded: true });
  browser = await openBrowser();
  for (const owner of ['alpha', 'relief']) await place.enrol(`${owner}/gateway`, 'gateway', owner, ['--unit',
    `${owner}/*`]);
  await place.enrol('alpha/boss', 'administrator', 'boss');
  await place.track([{ unit: 'alpha/v1', at: Date.now() - 1000, lat: 15.87123, lon: 1.58123 }],
    { who: 'alpha', callSigns: { 'alpha/v1': 'ALPHA 1' } });
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const menu = (text) => guest.button(`${t.title}: ${text}`);
const mark = () => guest.page.getByRole('region', { name: t.title, exact: true });
const marked = async (...words) => {
  await mark().waitFor();
  for (const one of words) await mark().getByText(one).first().waitFor();
};

for (const language of LANGUAGES) {
  describe(`a guest by a grant with terms, in ${language}`, () => {
    before(async () => {
      GRANT = `alpha/for-aid-${language}`;
      said = { text: `alpha is at the well (${language})`, sos: `alpha is stuck (${language})`,
        own: `our driver is hurt (${language})`, need: `alpha needs water (${language})`,
        last: `alpha waits (${language})` };
      guest = await Visitor.come(browser, place, { language });
      t = guest.t.sight;
      await guest.signUp(await place.addAccount(`aid-${language}`, `relief/room-${language}`), PASSWORD);
    });
    after(() => guest.leave());

    it('sees nothing of it by itself, and is offered nothing that there is not', async () => {
      const units = await guest.panel('units');
      assert.equal(await units.getByText('ALPHA 1').count(), 0);
      assert.equal(await menu(t.own).count(), 0, 'there is nothing to choose');
    });

    it('finds what was granted, in words, without a reload, and chooses it by the keyboard', async () => {
      await place.vigie('grant', [GRANT, '--to', 'relief', '--past', '--delay', '2s', '--round', '5000', '--every',
        '1s'], { who: 'boss' });
      await menu(t.own).waitFor();
      await guest.page.getByText(t.offered(1)).waitFor();
      await guest.screenshot(`sight-offered-${language}`);
      await menu(t.own).focus();
      const focused = (name) => guest.page.locator('[role=menuitemradio]:focus').filter({ hasText: name }).waitFor();
      await guest.page.keyboard.press('Enter');
      await focused(t.own);
      await guest.page.keyboard.press('ArrowDown');
      await focused(t.by(GRANT));
      await guest.page.keyboard.press('Enter');
      await menu(GRANT).waitFor();
    });

    it('is told by a mark whose view it is and what the terms hold back', async () => {
      await marked(t.mark(GRANT, 'alpha'), /2\s*s/, /5([.,]0)?\s*km/, t.alarms);
      const units = await guest.panel('units');
      await units.getByText('ALPHA 1', { exact: true }).first().waitFor();
      assert.deepEqual(await guest.barriers(), []);
      await guest.screenshot(`sight-by-grant-${language}`);
    });

    it('sees what was said, and what is older by the same sight', async () => {
      await place.send('alpha/v1', 'text', 'info', said.text, { who: 'alpha' });
      const events = await guest.panel('events');
      await events.getByText(said.text).first().waitFor();
    });

    it('never calls that live alone, and can take the past only as it became known', async () => {
      assert.notEqual(await guest.page.locator('.link-words').innerText(), guest.t.room.link.live);
      await guest.timeline.getByText(t.knownOnly).waitFor();
      assert.equal(await guest.timeline.getByRole('radio').count(), 0);
    });

    it('asks for nothing by another sight than the one that is shown', async () => {
      const paths = [];
      const note = (request) => paths.push(new URL(request.url()));
      guest.page.on('request', note);
      const units = await guest.panel('units');
      await units.getByText('ALPHA 1', { exact: true }).first().click();
      await eventually('the track is asked for', () => paths.some(({ pathname }) => pathname.endsWith('/track')));
      const events = (url) => url.pathname.endsWith('/events') && url.searchParams.has('unit');
      await eventually('its events are asked for', () => paths.some(events));
      guest.page.off('request', note);
      const shown = paths.filter((url) => /\/api\/v1\/(units|tracks|timeline)/.test(url.pathname) || events(url));
      assert.equal(paths.find(events).searchParams.get('clock'), 'known');
      const card = await guest.panel('unit');
      await card.getByRole('list', { name: guest.t.units.lastEvents }).getByText(said.text).waitFor();
      for (const url of shown) assert.equal(url.searchParams.get('grant'), GRANT, url.href);
    });

    it('hears an SOS that the grant shows, and is led to it where it is to be seen', async () => {
      await place.send('alpha/v1', 'sos', 'severe', said.sos, { who: 'alpha', more: ['--at', '15.88,1.59'] });
      const row = guest.alarm.getByRole('listitem').filter({ hasText: said.sos });
      await row.waitFor();
      await row.getByText('ALPHA 1').waitFor();
      assert.equal(await guest.page.locator('.alarm.is-ringing').count(), 1);
      await mark().getByRole('button', { name: t.back }).click();
      await row.getByText(guest.t.alarm.byGrant(GRANT)).waitFor();
      await row.getByRole('button', { name: guest.t.alarm.goThere }).click();
      await marked(t.mark(GRANT, 'alpha'));
      await guest.page.waitForURL((url) => url.hash.includes('unit=alpha/v1') && url.hash.includes(`grant=${GRANT}`));
    });

    it('is told of it again after a reload, until it was seen', async () => {
      await guest.page.reload();
      const row = guest.alarm.getByRole('listitem').filter({ hasText: said.sos });
      await row.waitFor();
      await row.getByRole('button', { name: guest.t.alarm.seen, exact: true }).click();
      await row.waitFor({ state: 'detached' });
    });

    it('answers an alarm of another owner without repeating what it said', async () => {
      await place.send('alpha/v1', 'sos', 'severe', said.need, { who: 'alpha' });
      const row = guest.alarm.getByRole('listitem').filter({ hasText: said.need });
      const sent = guest.page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/events'));
      await row.getByRole('button', { name: guest.t.alarm.acknowledge }).click();
      const answer = (await sent).postDataJSON();
      assert.equal(answer.references.length, 1);
      assert.doesNotMatch(JSON.stringify(answer), /water/);
      await row.waitFor({ state: 'detached' });
    });

    it('hears an SOS of its own all the same, and is led back to its own view', async () => {
      await place.send('relief/v1', 'sos', 'severe', said.own, { who: 'relief', more: ['--at', '15.9,1.6'] });
      const row = guest.alarm.getByRole('listitem').filter({ hasText: said.own });
      await row.waitFor();
      await row.getByText(guest.t.alarm.whileGrant).waitFor();
      await guest.screenshot(`sight-alarm-${language}`);
      await row.getByRole('button', { name: guest.t.alarm.goThere }).click();
      await menu(t.own).waitFor();
      assert.equal(await mark().count(), 0);
      await row.getByRole('button', { name: guest.t.alarm.seen, exact: true }).click();
    });

    it('shows the same again from its address', async () => {
      await guest.page.goto(`${place.address}/#grant=${GRANT}`);
      await guest.page.reload();
      await marked(t.mark(GRANT, 'alpha'));
      const units = await guest.panel('units');
      await units.getByText('ALPHA 1', { exact: true }).first().waitFor();
      const events = await guest.panel('events');
      await events.getByText(said.text).first().waitFor();
    });

    it('is told when the grant ends, shows nothing of it any more, and goes back', async () => {
      await place.send('alpha/v1', 'sos', 'severe', said.last, { who: 'alpha' });
      const alarm = guest.alarm.getByRole('listitem').filter({ hasText: said.last });
      await alarm.waitFor();
      await place.vigie('grant', [GRANT, '--end'], { who: 'boss' });
      const began = Date.now();
      await mark().getByText(t.ended('').trim()).waitFor();
      console.log(`the end was told after ${Date.now() - began} ms`);
      const events = await guest.panel('events');
      await eventually('no event is shown', async () => await events.getByText(said.text).count() === 0);
      const units = await guest.panel('units');
      await eventually('nothing is shown', async () => await units.getByText('ALPHA 1', { exact: true }).count() === 0);
      await alarm.waitFor({ state: 'detached' });
      await guest.screenshot(`sight-ended-${language}`);
      await mark().getByRole('button', { name: t.back }).click();
      assert.equal(await mark().count(), 0);
      await eventually('there is nothing to choose', async () => await menu(t.own).count() === 0);
    });
  });
}

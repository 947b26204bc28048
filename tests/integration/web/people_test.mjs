#!/usr/bin/env node
// People: the first sign-in by a link, two browsers with different entitlements side by side, signing out, revocation.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const PASSWORD = 'correct horse battery staple';
let place;
let browser;

before(async () => {
  place = await Place.make({ guarded: true });
  browser = await openBrowser();
  for (const owner of ['alpha', 'bravo']) {
    await place.enrol(`${owner}/gateway`, 'gateway', owner, ['--unit', `${owner}/*`]);
    await place.enrol(`${owner}/boss`, 'administrator', `${owner}-boss`);
    await place.track([{ unit: `${owner}/v1`, at: Date.now() - 1000, lat: 15.87, lon: 1.58 }],
      { who: owner, callSigns: { [`${owner}/v1`]: `${owner.toUpperCase()} 1` } });
  }
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const signIn = async (visitor, account) => {
  await visitor.go();
  await visitor.page.locator('input[autocomplete=username]').fill(account);
  await visitor.page.locator('input[type=password]').fill(PASSWORD);
  await visitor.page.locator('form button[type=submit]').click();
};

const sees = async (visitor, sign, not) => {
  const units = await visitor.panel('units');
  await units.getByText(sign, { exact: true }).first().waitFor();
  assert.equal(await units.getByText(not, { exact: true }).count(), 0, `${not} is shown`);
};

describe('two rooms side by side', () => {
  const rooms = {};
  after(async () => { for (const one of Object.values(rooms)) await one.leave(); });

  for (const [i, owner] of ['alpha', 'bravo'].entries()) {
    it(`${owner} signs in for the first time by a link that opens once, in ${LANGUAGES[i]}`, async () => {
      rooms[owner] = await Visitor.come(browser, place, { language: LANGUAGES[i] });
      const link = await place.addAccount(`${owner}-officer`, `${owner}/room`);
      await rooms[owner].signUp(link, PASSWORD);
      const again = await Visitor.come(browser, place);
      await again.page.goto(link);
      await again.page.getByRole('alert').or(again.page.locator('input[autocomplete=username]')).first().waitFor();
      assert.equal(await again.page.getByRole('main', { name: again.t.room.map }).count(), 0, 'the link opens twice');
      await again.leave();
    });
  }

  it('each sees its own units alone, on the page and in the API', async () => {
    await sees(rooms.alpha, 'ALPHA 1', 'BRAVO 1');
    await sees(rooms.bravo, 'BRAVO 1', 'ALPHA 1');
    for (const owner of ['alpha', 'bravo']) {
      const text = await rooms[owner].page.evaluate(async () => (await fetch('/api/v1/units')).text());
      assert.match(text, new RegExp(`${owner}/v1`));
      assert.doesNotMatch(text, new RegExp(owner === 'alpha' ? 'bravo/v1' : 'alpha/v1'));
    }
    await rooms.alpha.screenshot('people-alpha');
    await rooms.bravo.screenshot('people-bravo');
  });

  it('what is granted comes live, and what is withdrawn goes within two seconds', async () => {
    await place.vigie('grant', ['bravo/for-alpha', '--to', 'alpha'], { who: 'bravo-boss' });
    const units = await rooms.alpha.panel('units');
    await units.getByText('BRAVO 1', { exact: true }).first().waitFor();
    await rooms.alpha.screenshot('people-granted');
    await place.vigie('grant', ['bravo/for-alpha', '--end'], { who: 'bravo-boss' });
    await eventually('it is gone', async () => await units.getByText('BRAVO 1', { exact: true }).count() === 0, 4000);
  });

  it('nothing is shown to whoever did not sign in', async () => {
    const stranger = await Visitor.come(browser, place);
    await stranger.go();
    await stranger.page.locator('input[autocomplete=username]').waitFor();
    const status = await stranger.page.evaluate(async () => (await fetch('/api/v1/units')).status);
    assert.equal(status, 401);
    assert.deepEqual(await stranger.barriers(), []);
    await stranger.screenshot('sign-in');
    await stranger.leave();
  });

  it('a wrong password is refused in words, and the right one lets in', async () => {
    const officer = await Visitor.come(browser, place);
    await officer.go();
    await officer.page.locator('input[autocomplete=username]').fill('alpha-officer');
    await officer.page.locator('input[type=password]').fill('wrong');
    await officer.page.locator('form button[type=submit]').click();
    await officer.page.getByRole('alert').first().waitFor();
    await signIn(officer, 'alpha-officer');
    // After a wrong one the server holds off for a second: whoever is too quick is told so, and presses again.
    const room = officer.page.getByRole('main', { name: officer.t.room.map });
    await eventually('the right one lets in', async () => {
      if (await room.count() > 0) return true;
      await officer.page.locator('form button[type=submit]').click({ timeout: 1000 });
      return false;
    });
    await officer.live();
    await officer.leave();
  });

  it('a revoked identity is out within two seconds', async () => {
    await place.vigie('revoke', ['bravo/room'], { who: 'bravo-boss' });
    const began = Date.now();
    await eventually('the room is closed',
      async () => await rooms.bravo.page.locator('input[autocomplete=username]').count() > 0
      || !(await rooms.bravo.page.locator('.link-state.live').count()), 10_000);
    console.log(`revoked and out after ${Date.now() - began} ms`);
    await eventually('the API refuses', async () => [401, 403].includes(
      await rooms.bravo.page.evaluate(async () => (await fetch('/api/v1/units')).status)));
    console.log(`refused by the API after ${Date.now() - began} ms`);
    await rooms.bravo.screenshot('people-revoked');
  });
});

#!/usr/bin/env node
// The account panel: grants given, seen and ended by an administrator; another password, with and without tokens.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const PASSWORDS = ['correct horse battery staple', 'another horse on the moon', 'a third one under water'];
let place;
let browser;
let boss;
let officer;

before(async () => {
  place = await Place.make({ guarded: true });
  browser = await openBrowser();
  await place.enrol('alpha/gateway', 'gateway', 'alpha', ['--unit', 'alpha/*']);
  const at = Date.now() - 1000;
  await place.track([{ unit: 'alpha/v1', at, lat: 15.87, lon: 1.58 }, { unit: 'alpha/v2', at, lat: 45, lon: 5 }],
    { who: 'alpha', callSigns: { 'alpha/v1': 'ALPHA 1', 'alpha/v2': 'ALPHA 2' } });
  boss = await Visitor.come(browser, place);
  officer = await Visitor.come(browser, place, { language: 'fr' });
  await boss.signUp(await place.addAccount('boss', 'alpha/boss', { role: 'administrator' }), PASSWORDS[0]);
  await officer.signUp(await place.addAccount('officer', 'bravo/officer'), PASSWORDS[0]);
});
after(async () => {
  for (const one of [boss, officer]) await one?.leave();
  await browser?.close();
  await place?.end();
});

/** What the API tells in that browser. */
const told = (visitor, path) => visitor.page.evaluate(async (asked) =>
  (await fetch(`/api/v1${asked}`)).json(), path);

const standing = async (visitor) =>
  Object.fromEntries((await told(visitor, '/grants')).grants.filter((one) => one.stands).map((one) => [one.name, one]));

const unitsOf = async (visitor) => (await told(visitor, '/units')).units.map((one) => one.unit);

/** The form of a new grant, open. */
async function giveForm(visitor) {
  const panel = await visitor.panel('account');
  await panel.getByRole('button', { name: visitor.t.grants.add, exact: true }).click();
  return panel.locator('form', { has: visitor.button(visitor.t.grants.give) });
}

const fieldOf = (form, label) => form.getByLabel(label, { exact: true });

/** What a screen reader reads out with the field. */
const toldAt = (form, label) => fieldOf(form, label).evaluate((field) =>
  document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent ?? '');

async function endGrant(name) {
  const t = boss.t.grants;
  const row = (await boss.panel('account')).locator('.people-list li', { hasText: name });
  await row.getByTitle(t.endOf(name)).click();
  await row.locator('form button[type=submit]').click();
  await row.getByText(t.over, { exact: true }).waitFor();
}

/** Chooses the language in the top bar. */
async function speak(visitor, language) {
  const item = language === 'fr' ? 'Français' : 'English';
  await visitor.page.getByRole('banner').getByRole('button', { name: visitor.t.room.language }).click();
  await visitor.page.getByRole('menuitemradio', { name: item }).click();
  visitor.speak(language);
}

for (const language of LANGUAGES) {
  const later = `later-${language}`;
  const south = `south-${language}`;
  describe(`what one shows to others, in ${language}`, () => {
    before(() => speak(boss, language));

    it('is given on terms, stands in the list in words, and the receiver hears of it', async () => {
      const t = boss.t.grants;
      const form = await giveForm(boss);
      await fieldOf(form, t.name).fill(later);
      await fieldOf(form, t.receiver).fill('bravo');
      await form.getByLabel(t.classes.event, { exact: true }).uncheck();
      await form.getByLabel(t.classes.state, { exact: true }).uncheck();
      await fieldOf(form, t.days).fill('2');
      await fieldOf(form, t.delay).fill('5');
      await fieldOf(form, t.round).fill('1000');
      await boss.screenshot(`account-grant-form-${language}`);
      await form.getByRole('button', { name: t.give, exact: true }).click();
      const row = (await boss.panel('account')).locator('.people-list li', { hasText: `alpha/${later}` });
      for (const words of [t.to('bravo'), t.classes.track, t.late('5'), t.rounded(1000)]) {
        await row.getByText(words).first().waitFor();
      }
      await boss.screenshot(`account-grants-${language}`);
      const heard = await eventually('the receiver hears of it', async () =>
        (await standing(officer))[`alpha/${later}`]);
      assert.deepEqual([heard.given, heard.classes, heard.delay_s, heard.round_m, heard.by_itself],
        [false, ['track'], 300, 1000, true]);
      const days = (Date.parse(heard.ends) - Date.now()) / 86_400_000;
      assert.ok(days > 1.99 && days <= 2.01, `ends in ${days} days`);
      assert.deepEqual(await unitsOf(officer), [], 'what has terms is in no live picture');
      assert.deepEqual(await boss.barriers(), []);
    });

    it('is given of an area, and shows its units there alone', async () => {
      const t = boss.t.grants;
      const form = await giveForm(boss);
      await fieldOf(form, t.name).fill(south);
      await fieldOf(form, t.receiver).fill('bravo');
      await fieldOf(form, t.area).fill('0, 10, 10, 20');
      await form.getByRole('button', { name: t.give, exact: true }).click();
      await (await boss.panel('account')).locator('.people-list li', { hasText: `alpha/${south}` })
        .getByText(t.inArea).waitFor();
      const at = Date.now();
      await place.track([{ unit: 'alpha/v1', at, lat: 15.88, lon: 1.58 }, { unit: 'alpha/v2', at, lat: 45.1, lon: 5 }],
        { who: 'alpha' });
      await eventually('the unit in the area is seen', async () => (await unitsOf(officer)).includes('alpha/v1'));
      assert.deepEqual(await unitsOf(officer), ['alpha/v1']);
    });

    it('is ended, and nothing of it is seen any more', async () => {
      await endGrant(`alpha/${south}`);
      await eventually('the units are gone', async () => (await unitsOf(officer)).length === 0);
      await endGrant(`alpha/${later}`);
      await eventually('nothing stands', async () => Object.keys(await standing(officer)).length === 0);
      assert.deepEqual(await standing(boss), {});
    });

    it('is not sent with a wrong value, and the field says why', async () => {
      const t = boss.t.grants;
      const form = await giveForm(boss);
      await fieldOf(form, t.name).fill('wrong');
      await fieldOf(form, t.receiver).fill('bravo');
      const give = form.getByRole('button', { name: t.give, exact: true });
      assert.ok(await give.isEnabled());
      for (const [label, value, words] of [[t.days, '0', t.daysWrong], [t.days, 'two', t.daysWrong],
        [t.area, '1, 2, 3', t.areaWrong], [t.from, 'tomorrow', t.momentWrong], [t.delay, '-5', t.numberWrong]]) {
        await fieldOf(form, label).fill(value);
        assert.equal(await toldAt(form, label), words);
        assert.equal(await fieldOf(form, label).getAttribute('aria-invalid'), 'true');
        assert.ok(await give.isDisabled(), `${label}: ${value}`);
        if (value === '0') await boss.screenshot(`account-grant-wrong-${language}`);
        await fieldOf(form, label).fill('');
        assert.ok(await give.isEnabled(), `${label}: empty`);
      }
      await form.getByRole('button', { name: boss.t.account.cancel, exact: true }).click();
      assert.equal((await standing(boss))['alpha/wrong'], undefined);
    });

    it('what the server refuses is told in the form', async () => {
      const t = boss.t.grants;
      const form = await giveForm(boss);
      await fieldOf(form, t.name).fill('no name/of it');
      await fieldOf(form, t.receiver).fill('bravo');
      await form.getByRole('button', { name: t.give, exact: true }).click();
      await form.getByRole('alert').getByText(/name/).waitFor();
      await form.getByRole('button', { name: boss.t.account.cancel, exact: true }).click();
    });
  });
}

describe('another password', () => {
  let token;

  const statusOfToken = async () => (await fetch(`${place.address}/api/v1/me`,
    { headers: { Authorization: `Bearer ${token}` } })).status;

  const change = async (from, to, keep) => {
    const t = officer.t.account;
    const panel = await officer.panel('account');
    await panel.getByRole('button', { name: t.changePassword, exact: true }).click();
    const form = panel.locator('form', { has: officer.page.getByLabel(t.newPassword, { exact: true }) });
    await fieldOf(form, t.currentPassword).fill(from);
    await fieldOf(form, t.newPassword).fill(to);
    await fieldOf(form, t.repeat).fill(to);
    if (keep) await form.getByLabel(t.keepTokens, { exact: true }).check();
    await form.getByRole('button', { name: t.changePassword, exact: true }).click();
    return form;
  };

  /** What the server answers to the next change that it makes. */
  const changed = async () => (await officer.page.waitForResponse((answer) =>
    answer.url().endsWith('/api/v1/account/password') && answer.ok())).json();

  it('a token is made and opens the API', async () => {
    const t = officer.t.account;
    const panel = await officer.panel('account');
    await panel.getByRole('button', { name: t.makeToken, exact: true }).click();
    await panel.getByLabel(t.tokenLabel, { exact: true }).fill('a map program');
    await panel.locator('form', { has: officer.page.getByLabel(t.tokenLabel, { exact: true }) })
      .locator('button[type=submit]').click();
    token = (await panel.locator('.people-told code').textContent()).trim();
    assert.equal(await statusOfToken(), 200);
  });

  it('is refused without the current one, and nothing ends', async () => {
    const form = await change('not the password', PASSWORDS[1], false);
    await form.getByRole('alert').getByText(officer.t.account.problems.wrongPassword).waitFor();
    await form.getByRole('button', { name: officer.t.account.cancel, exact: true }).click();
    assert.equal(await statusOfToken(), 200);
  });

  it('with the box, tokens stay', async () => {
    // After a wrong one the server holds off for a second: the form tells so, and is sent again.
    let ended = null;
    const answered = changed().then((told) => { ended = told; });
    const form = await change(PASSWORDS[0], PASSWORDS[1], true);
    await eventually('it is changed', async () => {
      if (ended === null) await form.locator('button[type=submit]').click({ timeout: 1000 });
      return ended !== null;
    });
    await answered;
    assert.deepEqual([ended.browsers, ended.tokens], [0, 0]);
    assert.equal(await statusOfToken(), 200);
    await (await officer.panel('account')).getByText('a map program', { exact: true }).waitFor();
  });

  it('without it they end, and this browser stays signed in', async () => {
    const answered = changed();
    await change(PASSWORDS[1], PASSWORDS[2], false);
    const ended = await answered;
    assert.deepEqual([ended.browsers, ended.tokens], [0, 1]);
    await eventually('the token is refused', async () => await statusOfToken() === 401, 2000);
    await (await officer.panel('account')).getByText(officer.t.account.noTokens, { exact: true }).waitFor();
    assert.equal((await told(officer, '/me')).account, 'officer');
    await officer.live();
  });

  it('the new one lets in', async () => {
    const again = await Visitor.come(browser, place);
    await again.go();
    await again.page.locator('input[autocomplete=username]').fill('officer');
    await again.page.locator('input[type=password]').fill(PASSWORDS[2]);
    await again.page.locator('form button[type=submit]').click();
    await again.live();
    await again.leave();
  });
});

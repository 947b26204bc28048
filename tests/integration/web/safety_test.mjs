#!/usr/bin/env node
// Accounts made in the page, codes at sign-in, signing out everywhere; and what of it axe-core has to say.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

const PASSWORD = 'correct horse battery staple';
const STEP_S = 30;
/** What a refused request leaves in the console: "sign in", "a code too", a wrong code, too early. */
const REFUSED = /status of 4(00|01|03|29)/;
let place;
let browser;

before(async () => {
  place = await Place.make({ guarded: true });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const stepNow = () => Math.floor(Date.now() / 1000 / STEP_S);

/** RFC 6238, as an authenticator app does it. */
function codeOf(secret, step) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter.toUpperCase()).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const field = (visitor, label) => visitor.page.getByLabel(label, { exact: true });
const submit = (visitor) => visitor.page.locator('form button[type=submit]').click();
const atTheDoor = (visitor) => visitor.page.locator('input[autocomplete=username]:not(.unseen)');

async function giveNameAndPassword(visitor, account) {
  await visitor.go();
  await field(visitor, visitor.t.account.name).fill(account);
  await field(visitor, visitor.t.account.password).fill(PASSWORD);
  await submit(visitor);
}

for (const language of LANGUAGES) {
  describe(`accounts and codes in ${language}`, () => {
    const account = `officer-${language}`;
    const there = [];
    let t;
    let boss;
    let officer;
    let link;
    let secret;
    const triedSteps = [];
    const come = async () => {
      const one = await Visitor.come(browser, place, { language });
      there.push(one);
      return one;
    };

    before(async () => {
      boss = await come();
      t = boss.t.account;
      await boss.signUp(await place.addAccount(`boss-${language}`, `alpha/boss-${language}`,
        { role: 'administrator', options: ['--administrator'] }), PASSWORD);
    });
    after(async () => { for (const one of there) await one.leave(); });

    it('an administrator adds an account in the page, and is shown a link', async () => {
      const code = (await place.vigie('invite', [`alpha/${account}`, '--role', 'console'],
        { who: 'chief' })).match(/VIGIE-\S+/)[0];
      const panel = await boss.panel('account');
      await panel.getByRole('button', { name: t.add, exact: true }).click();
      const form = panel.locator('form', { has: boss.page.getByLabel(t.accountName, { exact: true }) });
      await form.getByLabel(t.accountName, { exact: true }).fill(account);
      await form.getByLabel(t.displayName, { exact: true }).last().fill('Anna');
      await form.getByLabel(t.invitation, { exact: true }).fill(code);
      assert.deepEqual(await boss.barriers(), [], 'the form of a new account');
      await form.locator('button[type=submit]').click();
      await panel.getByText(t.added(account), { exact: true }).waitFor();
      link = (await panel.locator('.people-told code').textContent()).trim();
      assert.ok(link.startsWith(place.address), link);
      await panel.locator('.people-list li', { hasText: account }).getByText(t.state.waiting).waitFor();
      assert.deepEqual(await boss.barriers(), [], 'the list of accounts');
      await boss.screenshot(`accounts-${language}`);
    });

    it('the link opens once, in another browser, and lets in', async () => {
      officer = await come();
      await officer.page.goto(link);
      await officer.page.getByRole('heading', { name: t.joinTitle('Anna') }).waitFor();
      assert.deepEqual(await officer.barriers(), [], 'the page of a one-time link');
      await officer.screenshot(`join-${language}`);
      await officer.signUp(link, PASSWORD);
      const again = await Visitor.come(browser, place, { language });
      await again.page.goto(link);
      await again.page.getByRole('alert').getByText(t.problems.linkOver).waitFor();
      await again.leave();
    });

    it('codes are set up with an authenticator app, and a wrong one is refused', async () => {
      const panel = await officer.panel('account');
      await panel.getByRole('button', { name: t.totpBegin, exact: true }).click();
      await field(officer, t.currentPassword).fill(PASSWORD);
      await panel.getByRole('button', { name: t.continue, exact: true }).click();
      await panel.getByRole('img', { name: t.totpQr }).waitFor();
      secret = (await panel.locator('.copyable code').first().textContent()).trim();
      assert.deepEqual(await officer.barriers(), [], 'the form of codes');
      await officer.screenshot(`codes-${language}`);
      const confirm = panel.getByRole('button', { name: t.totpConfirm, exact: true });
      await field(officer, t.code).fill(codeOf(secret, stepNow() - 1000));
      await confirm.click();
      await panel.getByRole('alert').getByText(t.problems.totpWrong).waitFor();
      await eventually('it is confirmed', async () => {
        if (await panel.getByText(t.totpOn, { exact: true }).count() > 0) return true;
        triedSteps.push(stepNow());
        await field(officer, t.code).fill(codeOf(secret, triedSteps.at(-1)), { timeout: 1000 });
        await confirm.click({ timeout: 1000 });
        return false;
      });
    });

    it('signing in asks for a code, takes none twice, and takes the next', async () => {
      const second = await come();
      await giveNameAndPassword(second, account);
      await field(second, t.code).waitFor();
      assert.deepEqual(await second.barriers(), [], 'the form that asks for a code');
      await second.screenshot(`sign-in-code-${language}`);
      await field(second, t.code).fill(codeOf(secret, triedSteps[0])); // it, or one after it, was taken
      await submit(second);
      await second.page.getByRole('alert').getByText(t.problems.totpWrong).waitFor();
      // After a wrong one the server holds off for a second: the form tells so, and is sent again.
      const room = second.page.getByRole('main', { name: second.t.room.map });
      await eventually('the next code lets in', async () => {
        if (await room.count() > 0) return true;
        await field(second, t.code).fill(codeOf(secret, Math.max(stepNow(), triedSteps.at(-1) + 1)), { timeout: 1000 });
        await second.page.locator('form button[type=submit]').click({ timeout: 1000 });
        return false;
      }, 2 * STEP_S * 1000);
      await second.live();
    });

    it('signing out everywhere ends the other browser within two seconds', async () => {
      const other = there.at(-1);
      const panel = await officer.panel('account');
      await panel.getByRole('button', { name: t.signOutAll, exact: true }).click();
      await panel.getByText(t.signOutAllAsk, { exact: true }).waitFor();
      const answered = officer.page.waitForResponse((answer) => answer.url().endsWith('/session/all'));
      await panel.locator('form', { has: officer.page.getByText(t.signOutAllAsk) }).locator('button[type=submit]')
        .click();
      assert.ok((await answered).ok());
      await eventually('the other browser is out', async () => await atTheDoor(other).count() > 0
        || await other.page.locator('.link-state.live').count() === 0, 2000);
      await eventually('its API is closed', async () => await other.page.evaluate(async () =>
        (await fetch('/api/v1/units')).status) === 401);
      await atTheDoor(officer).waitFor();
      await boss.live(); // somebody else
    });

    it('the form of an event and a measuring map have nothing serious for axe-core to find', async () => {
      await boss.panel('events');
      await boss.button(boss.t.events.compose).click();
      await boss.page.locator('form.compose').waitFor();
      assert.deepEqual(await boss.barriers(), [], 'the form of an event');
      await boss.screenshot(`compose-${language}`);
      await boss.button(boss.t.map.measure).click();
      await boss.page.getByRole('status').filter({ hasText: boss.t.map.measureHelp }).waitFor();
      assert.deepEqual(await boss.barriers(), [], 'while measuring');
      await boss.screenshot(`measuring-${language}`);
    });

    it('had no trouble in their consoles', () => {
      for (const one of there) assert.deepEqual(one.troubles(REFUSED), []);
    });
  });
}

#!/usr/bin/env node
// An empty room offers the demonstration patrol: what it offers is typed as it stands, and units appear.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, ROOT, Visitor } from './harness/browser.mjs';
import { Place } from './harness/place.mjs';
import { eventually, Program } from './harness/process.mjs';
import { LANGUAGES } from './harness/words.mjs';

needBrowser();

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser?.close());

/** The commands that the page offers, in their order. */
async function offered(visitor) {
  const box = visitor.page.getByRole('region', { name: visitor.t.room.empty.title });
  await box.waitFor();
  return box.locator('code').allTextContents();
}

/** Types it in the folder of the sources, with what stands in capitals there replaced. */
function type(place, command, capitals) {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2]);
  assert.equal(words.shift(), 'build/bin/vigie');
  const filled = words.map((word) => Object.entries(capitals).reduce((all, [name, value]) =>
    all.replace(name, value), word));
  assert.ok(filled.every((word) => !/^[A-Z:]{3,}$/.test(word)), `nothing stands open: ${filled}`);
  const program = new Program('vigie', filled, { cwd: ROOT, env: place.environment() });
  place.programs.push(program);
  return program;
}

async function ended(program) {
  assert.equal(await program.ended, 0, program.output);
  return program.output;
}

/** Units of the patrol are in the list; the room explains itself no more. */
async function fills(visitor, sign) {
  const units = await visitor.panel('units');
  await units.getByText(sign, { exact: true }).first().waitFor();
  await visitor.page.getByRole('region', { name: visitor.t.room.empty.title }).waitFor({ state: 'hidden' });
}

for (const language of LANGUAGES) {
  describe(`first use in ${language}`, () => {
    let place;
    let visitor;
    before(async () => {
      place = await Place.make();
      visitor = await Visitor.come(browser, place, { language });
      await visitor.go();
      await visitor.live();
    });
    after(async () => {
      await visitor?.leave();
      await place?.end();
    });

    it('the command that an empty room offers fills it', async () => {
      const [patrol, quickstart, ...others] = await offered(visitor);
      assert.deepEqual(others, []);
      assert.match(quickstart, /^\.\/deploy\/quickstart\.sh --port \d+$/);
      await visitor.screenshot(`first-use-${language}`);
      const program = type(place, patrol, { 'HOST:PORT': place.hubAddress });
      await fills(visitor, 'ALPHA ZERO');
      await fills(visitor, 'BRAVO 1');
      assert.equal(program.code, undefined, program.output);
    });

    it('says nothing in the console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

describe('first use where the hub asks who is there', () => {
  let place;
  let visitor;
  before(async () => {
    place = await Place.make({ guarded: true });
    visitor = await Visitor.come(browser, place);
    await visitor.signUp(await place.addAccount('officer', 'alpha/officer'), 'correct horse battery staple');
  });
  after(async () => {
    await visitor?.leave();
    await place?.end();
  });

  it('the commands in their order fill it with what the viewer may see', async () => {
    const [invite, join, patrol] = await offered(visitor);
    await visitor.screenshot('first-use-guarded');
    const files = { 'alpha.toml': `${place.folder}/alpha.toml`, 'bravo.toml': `${place.folder}/bravo.toml` };
    const capitals = { 'HOST:PORT': place.hubAddress, DATA: place.log, ...files };
    for (const owner of ['alpha', 'bravo']) {
      const as = (command) => command.split('alpha').join(owner);
      const code = (await ended(type(place, as(invite), capitals))).match(/VIGIE-\S+/)[0];
      await ended(type(place, as(join), { ...capitals, CODE: code }));
    }
    const program = type(place, patrol, capitals);
    await fills(visitor, 'ALPHA ZERO');
    assert.equal(program.code, undefined, program.output);
    const shown = await eventually('the list is filled', async () => (await (await visitor.panel('units'))
      .getByText(/^BRAVO/).count()));
    assert.equal(shown, 0, 'of bravo nothing was granted');
  });
});

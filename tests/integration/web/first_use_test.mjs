#!/usr/bin/env node
// An empty room offers the demonstration patrol: what it offers is typed as it stands, and units appear.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, ROOT, Visitor } from './harness/browser.mjs';
import { apart } from './harness/pictures.mjs';
import { Place } from './harness/place.mjs';
import { eventually, Program } from './harness/process.mjs';
import { fromPage, LANGUAGES } from './harness/words.mjs';

needBrowser();

const wgs84 = fromPage('geographiclib-geodesic').Geodesic.WGS84;
const WORLD = { lat: 25, lon: 10, pixels: 512 * 2 ** 1.4 }; // as the map opens where nobody is
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

/** The place at that many pixels from the middle of the map, by Mercator. */
function placeAt(dx, dy) {
  const north = Math.log(Math.tan(Math.PI / 4 + (WORLD.lat * Math.PI) / 360)) / (2 * Math.PI) - dy / WORLD.pixels;
  const lat = (Math.atan(Math.sinh(2 * Math.PI * north)) * 180) / Math.PI;
  return { lon: WORLD.lon + (dx / WORLD.pixels) * 360, lat };
}

/** Measures, and is told how far it is, to within a percent. */
async function tells(visitor, [from, to]) {
  const { s12: metres, azi1 } = wgs84.Inverse(from.lat, from.lon, to.lat, to.lon);
  const bearing = (azi1 + 360) % 360;
  await eventually(`${(metres / 1000).toFixed(0)} km at ${bearing.toFixed(1)}° are told`, async () => {
    const words = await visitor.page.locator('.map-note').textContent();
    const [, km, degrees] = /^([\d.,\s]+)\skm.*?(\d{3})°/.exec(words) ?? [];
    const told = Number(km?.replace(/[.,\s]/g, '')) * 1000; // of so many kilometres there are no decimals
    return Math.abs(told - metres) < metres / 100 && Math.abs(Number(degrees) - bearing) <= 1;
  });
}

/** Pixels of the measure's line, by day. */
const lines = async (visitor) => {
  const picture = await visitor.mapPicture();
  let count = 0;
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) if (apart(picture.at(x, y), [0, 0x61, 0x4a]) < 12) count++;
  }
  return count;
};

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
      visitor = await Visitor.come(browser, place, { language, theme: 'light' });
      await visitor.go();
      await visitor.live();
    });
    after(async () => {
      await visitor?.leave();
      await place?.end();
    });

    const box = () => visitor.page.getByRole('region', { name: visitor.t.room.empty.title });
    const note = () => visitor.page.locator('.map-note');
    const helps = () => note().getByText(visitor.t.map.measureHelp).waitFor();
    const ends = async () => {
      await visitor.page.keyboard.press('Escape');
      await note().waitFor({ state: 'detached' });
      await box().waitFor();
    };

    it('an empty room measures under the pointer, where it explained itself, too', async () => {
      await box().waitFor();
      await visitor.button(visitor.t.map.measure).click();
      await helps();
      await box().waitFor({ state: 'detached' });
      await visitor.screenshot(`first-use-measure-help-${language}`);
      const { width, height } = await visitor.mapBox.boundingBox();
      const points = [[0, 0], [150, -60], [-120, 80]];
      const click = ([dx, dy]) => visitor.mapBox.click({ position: { x: width / 2 + dx, y: height / 2 + dy } });
      await click(points[0]);
      await click(points[1]);
      await tells(visitor, points.slice(0, 2).map(([dx, dy]) => placeAt(dx, dy)));
      await eventually('the line is on the map', async () => await lines(visitor) > 100);
      await visitor.screenshot(`first-use-measure-${language}`);
      await click(points[2]);
      await eventually('two legs', async () => (await note().textContent()).match(/km/g)?.length === 2);
      await visitor.page.keyboard.press('Backspace');
      await tells(visitor, points.slice(0, 2).map(([dx, dy]) => placeAt(dx, dy)));
      await visitor.page.keyboard.press('Backspace');
      await helps();
      await ends();
      await eventually('the line is gone', async () => await lines(visitor) === 0);
    });

    it('an empty room measures by the keys alone, from the middle of the map', async () => {
      await visitor.page.mouse.move(2, 2); // off the map
      const units = await visitor.panel('units');
      await units.getByRole('searchbox').focus();
      await visitor.page.keyboard.press('Tab'); // off the field: letters are keys again
      await visitor.page.keyboard.press('m');
      await helps();
      await visitor.page.locator('.map-middle').waitFor();
      await visitor.page.keyboard.press('Enter');
      const readOut = visitor.page.locator('.map-read-out');
      const from = await readOut.textContent();
      await visitor.page.keyboard.press('ArrowRight');
      await eventually('the map has moved by 120 pixels', async () =>
        Math.abs(Number(/map=[^/]+\/([-\d.]+)/.exec(visitor.page.url())?.[1]) - placeAt(120, 0).lon) < 0.01);
      await visitor.page.keyboard.press('Enter');
      await tells(visitor, [placeAt(0, 0), placeAt(120, 0)]);
      assert.notEqual(await readOut.textContent(), from);
      await visitor.screenshot(`first-use-measure-keys-${language}`);
      await ends();
    });

    it('the command that an empty room offers fills it, and moves no map from under who measures', async () => {
      await visitor.go(); // nobody chose what is looked at
      await visitor.live();
      const [patrol, quickstart, ...others] = await offered(visitor);
      assert.deepEqual(others, []);
      assert.match(quickstart, /^\.\/deploy\/quickstart\.sh --port \d+$/);
      await visitor.screenshot(`first-use-${language}`);
      await visitor.page.mouse.move(2, 2);
      await visitor.button(visitor.t.map.measure).click();
      await visitor.mapBox.press('Enter');
      const middle = () => visitor.page.locator('.map-read-out').textContent();
      await visitor.page.mouse.move(2, 2);
      await visitor.page.locator('.map-middle').waitFor();
      const before = await middle();
      const program = type(place, patrol, { 'HOST:PORT': place.hubAddress });
      await fills(visitor, 'ALPHA ZERO');
      await fills(visitor, 'BRAVO 1');
      assert.equal(await middle(), before);
      await visitor.page.keyboard.press('Escape');
      await fills(visitor, 'BRAVO 1');
      await eventually('then it shows who came', async () => await middle() !== before);
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

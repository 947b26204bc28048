#!/usr/bin/env node
// The map as a person uses it: measuring, reading positions, scale and graticule, crowds, trails, maps of one's own.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { needBrowser, openBrowser, Visitor } from './harness/browser.mjs';
import { apart } from './harness/pictures.mjs';
import { Place } from './harness/place.mjs';
import { eventually } from './harness/process.mjs';
import { pmtiles, rasterFolder, rasterTile, vectorTile } from './harness/tiles.mjs';
import { fromPage, LANGUAGES, words } from './harness/words.mjs';

needBrowser();

const wgs84 = fromPage('geographiclib-geodesic').Geodesic.WGS84;
const MINUTE = 60_000;
const TILE = 512; // pixels of the world at zoom 0
const EQUATOR_M = 40_075_016.686;
const GREEN = [20, 160, 60];
const BROWN = [150, 90, 30];
const WATER = { day: [0xb5, 0xd0, 0xe0], night: [0x12, 0x28, 0x3a] };
const CROWD = 900;
let place;
let browser;

before(async () => {
  place = await Place.make({ maps: {
    ...rasterFolder('tiles', GREEN, 3),
    'picture.pmtiles': pmtiles('raster', rasterTile(BROWN)),
    'lakes.pmtiles': pmtiles('vector', vectorTile('water'), { vector_layers: [{ id: 'water', fields: {} }] }),
    'broken.pmtiles': Buffer.alloc(300, 'x'),
  } });
  browser = await openBrowser();
  // Somebody, elsewhere: an empty room would explain itself over the map.
  await place.track([{ unit: 'bravo/v1', at: Date.now(), lat: 40, lon: 40 }]);
});
after(async () => {
  await browser?.close();
  await place?.end();
});

const northOf = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);

/** The place at that many pixels from the middle of the map, by Mercator. */
function placeAt({ lat, lon, zoom }, dx, dy) {
  const world = TILE * 2 ** zoom;
  const north = northOf(lat) + dy / world;
  return { lon: lon + (dx / world) * 360, lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * north))) * 180) / Math.PI };
}

/** How far down from the middle of the map a latitude lies. */
const downTo = (view, lat) => (northOf(lat) - northOf(view.lat)) * TILE * 2 ** view.zoom;

async function look(visitor, { lat, lon, zoom }) {
  await visitor.page.evaluate((map) => { window.location.hash = `#map=${map}`; }, `${lat}/${lon}/${zoom}`);
  await visitor.mapIsAt({ lat, lon });
  await visitor.page.mouse.move(2, 2); // off the map
}

/** In the page, before it is there: what its map has in letters, as they alone have a halo. */
function noteWords() {
  globalThis.written = new Set();
  const write = CanvasRenderingContext2D.prototype.strokeText;
  CanvasRenderingContext2D.prototype.strokeText = function note(...text) {
    globalThis.written.add(text[0]);
    return write.apply(this, text);
  };
}

async function visit(language, options = {}) {
  const visitor = await Visitor.come(browser, place, { language, theme: 'light', ...options });
  await visitor.context.addInitScript(noteWords);
  await visitor.go('/#map=15.9/1.6/11');
  await visitor.live();
  await visitor.page.locator('.map-foot').waitFor();
  return visitor;
}

const middleOf = async (visitor) => {
  const box = await visitor.mapBox.boundingBox();
  return { ...box, midX: box.width / 2, midY: box.height / 2 };
};

/** "1,234.5 km", or "1 234,5 km" in French, as metres. */
function metresOf(words, language) {
  const [, value, unit] = /([\d.,\s]+)\s(km|m)\b/.exec(words); // \s: blanks that do not break, too
  const digits = value.replace(/\s/g, '');
  return Number(language === 'fr' ? digits.replace(',', '.') : digits.replace(/,/g, '')) * (unit === 'km' ? 1000 : 1);
}

for (const language of LANGUAGES) {
  describe(`the map in ${language}`, () => {
    let visitor;
    before(async () => { visitor = await visit(language); });
    after(() => visitor.leave());

    it('measures distance and bearing on the ellipsoid between two clicks', async () => {
      const view = { lat: 15.9, lon: 1.6, zoom: 11 };
      const { midX, midY } = await middleOf(visitor);
      await visitor.button(visitor.t.map.measure).click();
      const note = visitor.page.getByRole('status').filter({ hasText: visitor.t.map.measureHelp });
      await note.waitFor();
      const points = [[-200, 120], [150, -60]];
      for (const [dx, dy] of points) await visitor.mapBox.click({ position: { x: midX + dx, y: midY + dy } });
      const [from, to] = points.map(([dx, dy]) => placeAt(view, dx, dy));
      const line = wgs84.Inverse(from.lat, from.lon, to.lat, to.lon);
      const words = await eventually('the sum is told', async () => {
        const all = await visitor.page.locator('.map-note').allTextContents();
        return all.find((one) => /\d\s?k?m/.test(one.replace(/\u00a0/g, ' ')) && /°/.test(one));
      });
      const metres = metresOf(words, language);
      assert.ok(Math.abs(metres - line.s12) < 200, `${words}: ${line.s12.toFixed(0)} m by geographiclib`);
      const bearing = Number(/(\d{3})°/.exec(words)[1]);
      assert.ok(Math.abs(bearing - ((line.azi1 + 360) % 360)) <= 1,
        `${words}: ${line.azi1.toFixed(1)}° by geographiclib`);
      assert.ok(words.includes(visitor.t.map.measured('|', '|').split('|')[1]), words);
      await visitor.screenshot(`map-measure-${language}`);
      await visitor.mapBox.press('Escape');
      await eventually('the measure is away', async () => await visitor.page.locator('.map-note').count() === 0);
    });

    it('names countries in its language, and in the other one when that is chosen', async () => {
      const names = { en: 'ALGERIA', fr: 'ALGÉRIE' };
      const writes = (name) => eventually(`${name} is on the map`, () =>
        visitor.page.evaluate((word) => globalThis.written.has(word), name));
      const other = language === 'fr' ? 'en' : 'fr';
      const choose = async (one) => {
        const banner = visitor.page.getByRole('banner');
        await banner.getByRole('button', { name: words(one === 'fr' ? 'en' : 'fr').room.language }).click();
        await visitor.page.getByRole('menuitemradio', { name: one === 'fr' ? 'Français' : 'English' }).click();
      };
      await look(visitor, { lat: 25, lon: 2, zoom: 4 });
      await writes(names[language]);
      assert.equal(await visitor.page.evaluate((word) => globalThis.written.has(word), names[other]), false);
      await visitor.screenshot(`map-names-${language}`);
      await choose(other);
      await writes(names[other]);
      await choose(language);
      await look(visitor, { lat: 15.9, lon: 1.6, zoom: 11 });
    });

    it('reads the position in degrees, in minutes and seconds, and as MGRS', async () => {
      const readOut = visitor.page.locator('.map-read-out');
      const read = async () => (await readOut.textContent()).replace(/\s+/g, ' ');
      const written = (words) => (language === 'fr' ? words.replace(/(\d)\.(\d)/g, '$1,$2') : words);
      const says = (words) => eventually(`the read-out says ${written(words)}`,
        async () => (await read()).endsWith(written(words)));
      const west = language === 'fr' ? 'O' : 'W';
      await look(visitor, { lat: 15.9, lon: -1.6, zoom: 11 });
      await says(`${visitor.t.map.centre} 15.90000° N 1.60000° ${west}`);
      await readOut.click();
      await says(`15°54′00.0″N 001°36′00.0″${west}`);
      await readOut.click();
      await look(visitor, { lat: 48.8583, lon: 2.2945, zoom: 16 }); // the Eiffel tower
      await says('31U DQ 48251 11943');
      assert.equal(await readOut.getAttribute('title'), visitor.t.map.format(visitor.t.map.formats.mgrs));
      await visitor.page.reload();
      await visitor.live();
      await says('31U DQ 48251 11943'); // it is remembered
      await readOut.click();
      await look(visitor, { lat: 15.9, lon: 1.6, zoom: 11 });
      const { x, y, midX, midY } = await middleOf(visitor);
      await visitor.page.mouse.move(x + midX + 100, y + midY + 50);
      const at = placeAt({ lat: 15.9, lon: 1.6, zoom: 11 }, 100, 50);
      await eventually('the pointer\'s place is read out', async () => {
        const words = await read();
        const numbers = /([\d.,]+)° N ([\d.,]+)° E$/.exec(words).slice(1);
        const [lat, lon] = numbers.map((one) => Number(one.replace(',', '.')));
        return words.startsWith(visitor.t.map.pointer)
          && Math.abs(lat - at.lat) < 5e-4 && Math.abs(lon - at.lon) < 5e-4;
      });
    });

    it('has a scale that is as long as it says', async () => {
      const scale = visitor.page.locator('.map-scale');
      for (const view of [{ lat: 15.9, lon: 1.6, zoom: 16 }, { lat: 15.9, lon: 1.6, zoom: 11 },
        { lat: 60, lon: 20, zoom: 6 }, { lat: 20, lon: 10, zoom: 1.6 }]) {
        await look(visitor, view);
        const perPixel = (EQUATOR_M * Math.cos((view.lat * Math.PI) / 180)) / (TILE * 2 ** view.zoom);
        await eventually(`the scale fits zoom ${view.zoom}`, async () => {
          const pixels = (await scale.boundingBox()).width;
          const metres = metresOf(await scale.textContent(), language);
          return Math.abs(pixels * perPixel - metres) < metres * 0.02;
        });
      }
    });

    it('has a graticule with its degrees at the edges', async () => {
      const view = { lat: 15.9, lon: 1.6, zoom: 11 };
      await look(visitor, view);
      const { height } = await middleOf(visitor);
      const dark = (picture, y) => { // pixels of letters left in that row of the map's edge
        let count = 0;
        for (let row = y - 14; row < y - 1; row++) {
          for (let x = 4; x < 60; x++) if (Math.max(...picture.at(x, row)) < 170) count++;
        }
        return count;
      };
      await eventually('latitudes at each fifth minute, and none between', async () => {
        const picture = await visitor.mapPicture();
        const at = (minutes) => Math.round(height / 2 + downTo(view, 15 + minutes / 60));
        const lines = [50, 55].map(at).filter((y) => y > 20 && y < height - 60);
        const line = (y) => apart(picture.at(300, y), picture.at(300, y + 6));
        return lines.length > 0 && lines.every((y) => dark(picture, y) > 25
          && Math.max(line(y - 1), line(y), line(y + 1)) > 10) && dark(picture, at(52.5)) === 0;
      });
    });

    it('shows a folder of raster tiles and PMTiles files of one\'s own, and the base map again', async () => {
      await look(visitor, { lat: 20, lon: 10, zoom: 1.6 });
      const choice = visitor.page.getByRole('combobox', { name: visitor.t.map.maps, exact: true });
      const ground = async () => {
        const picture = await visitor.mapPicture();
        return picture.at(picture.width / 2 + 45, picture.height / 2 + 30);
      };
      const before = await ground();
      for (const [name, colour] of [['tiles', GREEN], ['picture', BROWN], ['lakes', WATER.day]]) {
        await choice.selectOption(name);
        await eventually(`${name} is shown`, async () => apart(await ground(), colour) < 8);
        await visitor.screenshot(`map-own-${name}-${language}`);
      }
      await choice.selectOption('broken');
      await visitor.page.getByText(visitor.t.map.mapBroken('|').split('|')[0]).first().waitFor();
      await eventually('the base map is back', async () => apart(await ground(), before) < 8);
      assert.equal(await choice.inputValue(), '');
    });

    it('had no trouble in its console', () => assert.deepEqual(visitor.troubles(), []));
  });
}

describe('the ground', () => {
  const GROUND = { land: [0xf3, 0xf0, 0xe7], sea: [0xc3, 0xd7, 0xe3] };
  const BERRE = { lat: 43.47, lon: 5.12, zoom: 9 }; // a lagoon behind Marseille: too small for the rough land

  it('is rough where its tiles can\'t be had, and fine as soon as they can, of what is in view alone', async () => {
    const visitor = await Visitor.come(browser, place, { theme: 'light' });
    const asked = new Set();
    let refused = 0;
    await visitor.page.route('**/ground-*.zip', (route) => {
      asked.add(/ground-(.+)-[A-Z0-9]+\.zip$/.exec(route.request().url())[1]);
      refused++;
      return route.abort();
    });
    // What the page draws itself until MapLibre has begun would hide what MapLibre shows without its tiles.
    const middle = async () => {
      await visitor.page.evaluate(() => { document.querySelector('.map-canvas').style.visibility = 'hidden'; });
      const picture = await visitor.mapPicture();
      return picture.at(picture.width / 2, picture.height / 2);
    };
    await visitor.go(`/#map=${BERRE.lat}/${BERRE.lon}/${BERRE.zoom}`);
    await visitor.live();
    await visitor.page.locator('.map-foot').waitFor();
    await eventually('the lagoon is land', async () => refused > 0 && apart(await middle(), GROUND.land) < 8);
    await visitor.screenshot('map-ground-rough');
    await visitor.page.unroute('**/ground-*.zip');
    await eventually('the lagoon is water', async () => apart(await middle(), GROUND.sea) < 8);
    assert.deepEqual([...asked], ['4-8-5']);
    await visitor.screenshot('map-ground-fine');
    await visitor.leave();
  });
});

describe('a vector map of one\'s own', () => {
  it('takes the colours of the night, and of the day again', async () => {
    const visitor = await visit('en');
    await look(visitor, { lat: 20, lon: 10, zoom: 1.6 });
    await visitor.page.getByRole('combobox', { name: visitor.t.map.maps, exact: true }).selectOption('lakes');
    for (const theme of ['day', 'night', 'day']) {
      await visitor.page.getByRole('banner').getByRole('button', { name: visitor.t.room.theme }).click();
      await visitor.page.getByRole('menuitemradio', { name: visitor.t.room.themes[theme] }).click();
      await eventually(`it is ${theme}`, async () => {
        const picture = await visitor.mapPicture();
        return apart(picture.at(picture.width / 2 + 45, picture.height / 2 + 30), WATER[theme]) < 8;
      });
    }
    assert.deepEqual(visitor.troubles(), []);
    await visitor.leave();
  });
});

describe('a trail', () => {
  it('follows the way of its unit, the paler the older', async () => {
    const view = { lat: 15.86, lon: 1.6, zoom: 11.5 };
    const visitor = await visit('en');
    await look(visitor, view);
    const now = Date.now();
    const way = Array.from({ length: 51 }, (_, i) => ({ unit: 'alpha/v1', at: now - (50 - i) * MINUTE,
      lat: 15.8 + i * 2e-3, lon: 1.59 })); // on no line of the graticule
    await place.track(way, { callSigns: { 'alpha/v1': 'ALPHA 1' } });
    const { midX, midY } = await middleOf(visitor);
    const x = midX + ((1.59 - view.lon) / 360) * TILE * 2 ** view.zoom;
    /** How much the trail differs from the ground beside it, so many minutes ago. */
    const strength = (picture, minutes) => {
      const y = midY + downTo(view, 15.8 + (50 - minutes) * 2e-3);
      return Math.max(...[-2, -1, 0, 1, 2].map((dx) => apart(picture.at(x + dx, y), picture.at(x + 14, y))));
    };
    const seen = await eventually('a trail of three ages: up to ten minutes, to thirty, and older', async () => {
      const picture = await visitor.mapPicture();
      const all = [4, 18, 40].map((minutes) => strength(picture, minutes));
      return all.every((one) => one > 8) ? all : null;
    });
    assert.ok(seen[0] > seen[1] + 10 && seen[1] > seen[2] + 10, `by age: ${seen}`);
    await visitor.screenshot('map-trail');
    assert.deepEqual(visitor.troubles(), []);
    await visitor.leave();
  });
});

describe('a crowd', () => {
  it('is thinned to what there is room for, and its number is told', async () => {
    const side = Math.ceil(Math.sqrt(CROWD));
    const at = new Date().toISOString();
    const rows = Array.from({ length: CROWD }, (_, i) =>
      `u${i},${at},${10.8 + Math.floor(i / side) * 2e-3},${1.5 + (i % side) * 2e-3}`);
    const file = place.keep('crowd.csv', ['unit,time,lat,lon', ...rows, ''].join('\n'));
    await place.vigie('track', ['--owner', 'crowd', '--csv', file, '--no-spool']);
    const visitor = await visit('en');
    await look(visitor, { lat: 10.83, lon: 1.53, zoom: 11 });
    const number = visitor.page.locator('.map-crowd');
    await eventually('the number in view is told',
      async () => await number.textContent() === visitor.t.map.inView(CROWD));
    await visitor.screenshot('map-crowd');
    await look(visitor, { lat: 10.83, lon: 1.53, zoom: 16 });
    await eventually('few are in view', async () => await visitor.page.locator('.map-crowd').count() === 0);
    assert.deepEqual(visitor.troubles(), []);
    await visitor.leave();
  });
});

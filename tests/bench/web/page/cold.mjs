// The first useful map, from a cold cache: every round is a browser that was never here.
import { Visitor } from '../../../integration/web/harness/browser.mjs';
import { Place } from '../../../integration/web/harness/place.mjs';
import { eventually } from '../../../integration/web/harness/process.mjs';
import { countDrawings, median, option, tell } from './figures.mjs';

// Reading a canvas back costs a drawn frame: only once all the rest is there, and not with each frame of the screen.
const LOOK_MS = 25;

/** Units are drawn, graticule or names too, over land that may still be rough. */
const mapIsUseful = () => {
  const drawn = (canvas) => {
    if (!canvas || canvas.width === 0) return false;
    const copy = document.createElement('canvas');
    copy.width = 64;
    copy.height = 64;
    const pen = copy.getContext('2d', { willReadFrequently: true });
    pen.drawImage(canvas, 0, 0, 64, 64);
    return pen.getImageData(0, 0, 64, 64).data.some((value, i) => i % 4 === 3 && value > 0);
  };
  const ground = document.querySelector('.maplibregl-canvas');
  return ground !== null && ground.width > 0 && globalThis.drawings.units > 0
    && document.querySelector('.link-state.live') !== null && [...document.querySelectorAll('.map-canvas')].some(drawn);
};

/** Milliseconds from the page's beginning until the last tiles of its ground came; null: none did yet. */
const groundCame = () => {
  const came = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/ground-'));
  return came.length === 0 ? null : Math.max(...came.map(({ responseEnd }) => responseEnd));
};

export async function measureCold(browser) {
  const rounds = option('--rounds', 5);
  const place = await Place.make();
  const patrol = place.simulate({ speed: 60 });
  await eventually('the patrol is there', async () =>
    (await (await fetch(`${place.address}/api/v1/units`)).json()).units.length >= 10);
  const taken = [];
  const ground = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const visitor = await Visitor.come(browser, place);
    await countDrawings(visitor.context);
    const session = await visitor.context.newCDPSession(visitor.page);
    await session.send('Network.enable');
    bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    const began = Date.now();
    await visitor.page.goto(place.address, { waitUntil: 'commit' });
    await visitor.page.waitForFunction(mapIsUseful, undefined, { polling: LOOK_MS });
    taken.push(Date.now() - began);
    ground.push(await eventually('the ground is there', () => visitor.page.evaluate(groundCame)));
    await visitor.leave();
  }
  tell('cold', { first_useful_map_ms: median(taken), worst_ms: Math.max(...taken),
    fine_ground_ms: Math.round(median(ground)), bytes_over_the_wire: bytes, rounds });
  await patrol.stop();
  await place.end();
}

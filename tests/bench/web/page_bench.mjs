#!/usr/bin/env node
// What the page costs a browser: first useful map from a cold cache, the main thread with 10,000 units at 1 Hz, the
// heap
// over time, and a seek in a two-day recording of 200 units. Prints a line of JSON each.
//
//   VIGIE_BIN=build/bin tests/bench/web/page_bench.mjs [cold] [busy] [seek] [--seconds 30] [--heap-minutes 30]
// [--rounds 5]
//
// Headless Chromium draws WebGL with the processor here (SwiftShader): on the main thread's own threads' cost a real
// graphics card is faster, so the figures are an upper bound.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openBrowser, Visitor } from '../../integration/web/harness/browser.mjs';
import { Place } from '../../integration/web/harness/place.mjs';
import { BIN, eventually, Program } from '../../integration/web/harness/process.mjs';

const words = process.argv.slice(2);
const option = (name, otherwise) => (words.includes(name) ? Number(words[words.indexOf(name) + 1]) : otherwise);
const wanted = (name) => !words.some((word) => ['cold', 'busy', 'seek', 'heap'].includes(word)) || words.includes(name);
const SECONDS = option('--seconds', 30);
const HEAP_MINUTES = option('--heap-minutes', 0);
const ROUNDS = option('--rounds', 5);
const UNITS = option('--units', 10_000);

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const tell = (measure, figures) => console.log(JSON.stringify({ measure, ...figures }));
const once = (ms) => new Promise((done) => setTimeout(done, ms));

/** Something is drawn on the canvases over the map, and the ground under it has its colours. */
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
  const over = [...document.querySelectorAll('.map-canvas')];
  const ground = document.querySelector('.maplibregl-canvas');
  return ground !== null && ground.width > 0 && over.length > 0 && over.some(drawn)
    && document.querySelector('.link-state.live') !== null;
};

async function measureCold(browser) {
  const place = await Place.make();
  const patrol = place.simulate({ speed: 60 });
  await eventually('the patrol is there', async () =>
    (await (await fetch(`${place.address}/api/v1/units`)).json()).units.length >= 10);
  const taken = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const visitor = await Visitor.come(browser, place);
    const session = await visitor.context.newCDPSession(visitor.page);
    await session.send('Network.enable');
    bytes = 0;
    session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    const began = Date.now();
    await visitor.page.goto(place.address, { waitUntil: 'commit' });
    await visitor.page.waitForFunction(mapIsUseful, undefined, { polling: 'raf' });
    taken.push(Date.now() - began);
    await visitor.leave();
  }
  tell('cold', { first_useful_map_ms: median(taken), worst_ms: Math.max(...taken), bytes_over_the_wire: bytes,
    rounds: ROUNDS });
  await patrol.stop();
  await place.end();
}

/** Share of the time in which the main thread worked, and the heap, between two looks. */
async function look(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

async function measureBusy(browser) {
  const place = await Place.make();
  const seconds = Math.max(SECONDS, HEAP_MINUTES * 60) + 30;
  const source = new Program('vigie-bench-web', ['publish', '--port', place.hubPort, '--rate', UNITS, '--units', UNITS,
    '--seconds', seconds, '--events-rate', 0.2]);
  const visitor = await Visitor.come(browser, place);
  await visitor.go();
  await visitor.live();
  const shown = () => visitor.page.evaluate(() => document.querySelector('#panel-units')?.textContent ?? '');
  await visitor.panel('units');
  await eventually('all units are listed', async () => (await shown()).replace(/[^\d]/g,
    ' ').split(/\s+/).some((n) => Number(n) >= UNITS)
    || /10[\s,\u00a0\u202f.]?000/.test(await shown()), 60_000);
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('Performance.enable');
  await once(3000); // what the first frames cost is another measure
  const before = await look(session);
  await once(SECONDS * 1000);
  const after = await look(session);
  const passed = after.Timestamp - before.Timestamp;
  tell('busy', { units: UNITS, busy: Number(((after.TaskDuration - before.TaskDuration) / passed).toFixed(3)),
    script: Number(((after.ScriptDuration - before.ScriptDuration) / passed).toFixed(3)),
    heap_mb: Math.round(after.JSHeapUsedSize / 1e6), seconds: Math.round(passed) });
  if (HEAP_MINUTES > 0) await measureHeap(session);
  await visitor.screenshot('ten-thousand-units');
  await source.stop();
  await visitor.leave();
  await place.end();
}

/** After a collection each time: what is left is held. */
async function measureHeap(session) {
  const heaps = [];
  for (let minute = 0; minute < HEAP_MINUTES; minute++) {
    await once(60_000);
    await session.send('HeapProfiler.collectGarbage');
    heaps.push(Math.round((await look(session)).JSHeapUsedSize / 1e6));
  }
  tell('heap', { minutes: HEAP_MINUTES, first_mb: heaps[0], last_mb: heaps.at(-1), each_mb: heaps });
}

const SEEK_UNITS = 200;
const SEEK_EVERY_S = 30;

/** 200 units that drive circles for two days, a fix each 30 seconds. */
function twoDays(place) {
  const end = Math.floor(Date.now() / 1000) - 60;
  const lines = ['unit,time,lat,lon,speed,course'];
  for (let at = end - 2 * 86_400; at <= end; at += SEEK_EVERY_S) {
    const time = new Date(at * 1000).toISOString();
    for (let unit = 0; unit < SEEK_UNITS; unit++) {
      const angle = at / 3000 + unit;
      lines.push(`v${unit},${time},${(15.8 + unit * 0.002 + 0.05 * Math.sin(angle)).toFixed(6)},`
        + `${(1.5 + 0.05 * Math.cos(angle)).toFixed(6)},8,${Math.round((angle * 57.3) % 360)}`);
    }
  }
  const file = join(place.folder, 'days.csv.gz');
  writeFileSync(file, gzipSync(lines.join('\n') + '\n', { level: 1 }));
  return { file, fixes: lines.length - 1 };
}

async function measureSeek(browser) {
  const place = await Place.make();
  const { file, fixes } = twoDays(place);
  await place.vigie('track', ['--owner', 'fleet', '--csv', file, '--columns', 'unit=unit,time=time', '--clock',
    'satellite',
    '--no-spool']);
  const visitor = await Visitor.come(browser, place);
  await visitor.go();
  await visitor.live();
  await visitor.page.getByRole('combobox', { name: visitor.t.timeline.span, exact: true }).selectOption('two');
  const box = await visitor.page.locator('.timeline-track').boundingBox();
  const taken = [];
  for (let i = 0; i < 20; i++) {
    const share = 0.05 + 0.9 * ((i * 7) % 20) / 20;
    await visitor.page.evaluate(() => {
      globalThis.seekTook = new Promise((done) => {
        document.querySelector('.timeline-track').addEventListener('pointerup', () => {
          const began = performance.now();
          let loading = false;
          const wait = () => {
            const mark = document.querySelector('.replay-mark');
            loading ||= mark?.classList.contains('is-loading') ?? false;
            if (loading && mark && !mark.classList.contains('is-loading')) {
              requestAnimationFrame(() => done(performance.now() - began)); // drawn
            } else requestAnimationFrame(wait);
          };
          requestAnimationFrame(wait);
        }, { once: true });
      });
    });
    await visitor.page.mouse.click(box.x + box.width * share, box.y + 10);
    taken.push(await visitor.page.evaluate(() => globalThis.seekTook));
  }
  await visitor.screenshot('two-days-200-units');
  tell('seek', { fixes, seeks: taken.length, median_ms: Math.round(median(taken)),
    worst_ms: Math.round(Math.max(...taken)) });
  await visitor.leave();
  await place.end();
}

console.log(JSON.stringify({ measure: 'machine', bin: BIN.split('/').slice(-2).join('/'),
  processor: readFileSync('/proc/cpuinfo', 'utf8').match(/model name\s*:\s*(.*)/)?.[1], node: process.version }));
const browser = await openBrowser();
try {
  if (wanted('cold')) await measureCold(browser);
  if (wanted('busy') || wanted('heap')) await measureBusy(browser);
  if (wanted('seek')) await measureSeek(browser);
} finally {
  await browser.close();
}

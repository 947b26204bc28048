// A seek as a person sees it: from the pointer's release on the bar to the frame in which the map shows that moment.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Visitor } from '../../../integration/web/harness/browser.mjs';
import { Place } from '../../../integration/web/harness/place.mjs';
import { eventually } from '../../../integration/web/harness/process.mjs';
import { twoDays, UNITS } from './days.mjs';
import { countDrawings, familyRan, median, once, option, quantile, round, tell } from './figures.mjs';

const SEEKS = option('--seeks', 24); // by each clock
const SPAN_US = 2 * 86_400e6;

/**
 * Notes, by performance.now(): when the request went out, when the last frame of the answer had come, when the units
 * were drawn after it, and when the frame after that began, which is when they had been painted.
 */
const watchSeeks = () => {
  const seek = { begin: 0, asked: 0, frame: 0, answered: 0, drawn: 0, done: null };
  globalThis.seek = seek;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function sent(data) {
    if (seek.begin > 0 && seek.asked === 0 && String(data).includes('"type":"past"')) seek.asked = performance.now();
    return send.call(this, data);
  };
  const handler = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', { ...handler, set(take) {
    handler.set.call(this, (event) => {
      take.call(this, event);
      if (seek.asked === 0 || seek.answered > 0) return;
      if (typeof event.data !== 'string') seek.frame = performance.now();
      else if (event.data.includes('"past"') && event.data.includes('"paused"')) seek.answered = performance.now();
    });
  } });
  const draw = WebGL2RenderingContext.prototype.drawArraysInstanced;
  WebGL2RenderingContext.prototype.drawArraysInstanced = function drawn(...all) {
    if (seek.frame > 0) seek.drawn = performance.now();
    if (seek.answered > 0 || seek.frame > 0) requestAnimationFrame(() => globalThis.seekDrawn?.());
    return draw.apply(this, all);
  };
};

/** In the page, before the press: resolves with the times of the seek that it begins. */
const armSeek = () => {
  const { seek } = globalThis;
  Object.assign(seek, { begin: 0, asked: 0, frame: 0, answered: 0, drawn: 0 });
  document.querySelector('.timeline-track').addEventListener('pointerup', () => { seek.begin = performance.now(); },
    { once: true, capture: true });
  globalThis.seekTook = new Promise((done) => {
    let first = 0; // the first drawing behind the last frame of the answer, and the frame of the screen after it
    let painted = 0;
    let of = 0;
    globalThis.seekDrawn = () => {
      if (first === 0 || of !== seek.frame) {
        first = seek.drawn;
        of = seek.frame;
        painted = performance.now();
      }
      if (seek.answered === 0 || seek.drawn < seek.frame) return;
      globalThis.seekDrawn = undefined;
      done({ took: painted - seek.begin, asked: seek.asked - seek.begin, answered: seek.frame - seek.asked,
        drawn: first - seek.frame, painted: painted - first });
    };
  });
};

/** Numbers in [0, 1) that are the same in every run. */
function chances() {
  let state = 12345;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

async function seekTo(visitor, box, share) {
  const place = { x: box.x + box.width * share, y: box.y + box.height / 2 };
  // The hand comes to its place, and looks what time that is, before it presses.
  await visitor.page.mouse.move(place.x, place.y);
  await visitor.page.locator('.timeline-hover').waitFor();
  await once(500);
  await visitor.page.evaluate(armSeek);
  const ranBefore = familyRan();
  await visitor.page.mouse.down();
  await visitor.page.mouse.up();
  const took = await visitor.page.evaluate(() => Promise.race([globalThis.seekTook, new Promise((_, fail) => {
    const late = () => fail(new Error(`nothing in 20 s: ${JSON.stringify(globalThis.seek)}`));
    setTimeout(late, 20_000);
  })]));
  const cores = familyRan() - ranBefore;
  const { units, past } = await visitor.page.evaluate(() => ({
    units: document.querySelector('#panel-units')?.textContent ?? '',
    past: document.querySelector('.replay-mark')?.className ?? '' }));
  if (!past.includes('is-paused') || !units.includes(String(UNITS))) throw new Error(`not ${UNITS} units: ${past}`);
  return { ...took, cores };
}

/** That clock, and what is shown of the past by then is by that one. */
async function choose(visitor, clock) {
  const { clocks, byClock } = visitor.t.timeline;
  await visitor.page.getByText(clocks[clock], { exact: true }).click();
  await eventually(`the replay is ${byClock[clock]}`, () => visitor.page.evaluate((words) => {
    const mark = document.querySelector('.replay-mark');
    return !mark || (mark.classList.contains('is-paused') && mark.textContent.includes(words));
  }, byClock[clock]));
}

function figures(all) {
  const of = (name, share) => round(quantile(all.map((one) => one[name]), share));
  const worst = all.reduce((one, other) => (other.took > one.took ? other : one));
  return { seeks: all.length, median_ms: of('took', 0.5), p95_ms: of('took', 0.95), worst_ms: of('took', 1),
    all_cores_ms: { median: of('cores', 0.5), worst: of('cores', 1) },
    of_which_medians: Object.fromEntries(['asked', 'answered', 'drawn', 'painted'].map((name) => [name,
      round(median(all.map((one) => one[name])))])),
    worst: Object.fromEntries([['number', all.indexOf(worst) + 1], ...Object.entries(worst).map(([name, ms]) =>
      [name, round(ms)])]) };
}

export async function measureSeek(browser) {
  const kept = option('--data', undefined);
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'vigie-days-'));
  const days = await twoDays(folder);
  const place = await Place.make({ log: join(folder, 'log') });
  const visitor = await Visitor.come(browser, place);
  await countDrawings(visitor.context);
  await visitor.context.addInitScript(watchSeeks);
  await visitor.go();
  await visitor.live();
  await visitor.panel('units');
  const { timeline } = visitor.t;
  await visitor.page.getByRole('combobox', { name: timeline.span, exact: true }).selectOption('two');
  const box = await visitor.page.locator('.timeline-track').boundingBox();
  // The bar ends a little behind now; a recording that is kept has moved to the left since.
  const barToUs = Date.now() * 1000 + SPAN_US * 0.02;
  const shareOf = (us) => 1 - (barToUs - us) / SPAN_US;
  // Some pixels before now: beyond it is no past. A pixel is two minutes.
  const untilUs = Math.min(days.untilUs, Date.now() * 1000 - 900e6);
  const [from, to] = [Math.max(0.01, shareOf(days.fromUs + 600e6)), shareOf(untilUs)];
  if (to - from < 0.25) throw new Error(`too little of the recording in ${folder} is of the last two days`);
  const chance = chances();
  const all = [];
  for (const clock of ['true', 'known']) {
    await choose(visitor, clock);
    const taken = [];
    for (let i = 0; i < SEEKS; i++) taken.push(await seekTo(visitor, box, from + (to - from) * chance()));
    tell('seek', { clock, ...figures(taken) });
    all.push(...taken);
  }
  await visitor.screenshot('two-days-200-units');
  tell('seek', { clock: 'both', fixes: days.fixes, made_in_s: days.seconds, ...figures(all) });
  await visitor.leave();
  await place.end();
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}

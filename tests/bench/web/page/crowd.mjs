// A page with ten thousand units that move once a second, each: how busy its main thread is, and what it keeps.
import { loadavg } from 'node:os';
import { Visitor } from '../../../integration/web/harness/browser.mjs';
import { Place } from '../../../integration/web/harness/place.mjs';
import { eventually, Program } from '../../../integration/web/harness/process.mjs';
import { counters, countDrawings, machineTime, mainThread, median, note, once, option, round, slope,
  tell } from './figures.mjs';

const UNITS = option('--units', 10_000);
const SECONDS = option('--seconds', 30);
const WARM_SECONDS = option('--warm', 20); // what the first frames cost is another measure
const MINUTE_MS = 60_000;

/** Runs `use(session, visitor)` once the list has all units, with the panel open. */
async function withCrowd(browser, seconds, use) {
  const place = await Place.make();
  const source = new Program('vigie-bench-web', ['publish', '--port', place.hubPort, '--rate', UNITS, '--units', UNITS,
    '--seconds', seconds, '--events-rate', 0.2]);
  const visitor = await Visitor.come(browser, place);
  await countDrawings(visitor.context);
  await visitor.go();
  await visitor.live();
  await visitor.panel('units');
  await eventually('all units are listed', async () => {
    const text = await visitor.page.evaluate(() => document.querySelector('#panel-units')?.textContent ?? '');
    return (text.match(/\d[\d\s,.\u00a0\u202f]*/g) ?? []).some((found) => Number(found.replace(/\D/g, '')) === UNITS);
  }, 90_000);
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('Performance.enable');
  await once(WARM_SECONDS * 1000);
  try {
    await use(session, visitor);
  } finally {
    await source.stop();
    await visitor.leave();
    await place.end();
  }
}

async function looked(session, visitor, thread) {
  const counted = await counters(session);
  const drawings = await visitor.page.evaluate(() => {
    const now = { ...globalThis.drawings };
    globalThis.drawings.longestMs = 0;
    return now;
  });
  return { counted, drawings, machine: machineTime(), thread: thread() };
}

function busyBetween(before, after) {
  const passed = after.counted.Timestamp - before.counted.Timestamp;
  const share = (name) => round((after.counted[name] - before.counted[name]) / passed, 3);
  const rate = (name) => round((after.drawings[name] - before.drawings[name]) / passed, 1);
  const machine = (after.machine.worked - before.machine.worked) / (after.machine.all - before.machine.all);
  const thread = (name) => round((after.thread[name] - before.thread[name]) / 1000 / passed, 3);
  return { busy: share('TaskDuration'), busy_cpu: thread('ran'), waited_for_a_core: thread('waited'),
    process_cpu: share('ProcessTime'), script: share('ScriptDuration'), layout: share('LayoutDuration'),
    style: share('RecalcStyleDuration'),
    drawings_s: rate('units'), frames_s: rate('frames'), longest_without_drawing_ms: round(after.drawings.longestMs),
    heap_mb: round(after.counted.JSHeapUsedSize / 1e6), seconds: round(passed), machine: round(machine, 2),
    load: round(loadavg()[0], 1) };
}

/** By turns with each of the pages `--pages DIR,DIR` (else the built one), so that all have the same neighbours. */
export async function measureBusy(browser) {
  const rounds = option('--rounds', 3);
  const pages = option('--pages', undefined)?.split(',') ?? [undefined];
  const taken = pages.map(() => []);
  for (let turn = 0; turn < rounds; turn++) {
    for (const [i, page] of pages.entries()) {
      if (page !== undefined) process.env.VIGIE_PAGE = page;
      await withCrowd(browser, SECONDS + WARM_SECONDS + 120, async (session, visitor) => {
        const thread = mainThread();
        const before = await looked(session, visitor, thread);
        await once(SECONDS * 1000);
        const figures = busyBetween(before, await looked(session, visitor, thread));
        taken[i].push(figures);
        tell('busy', { units: UNITS, page, round: turn + 1, ...figures });
        await visitor.screenshot('ten-thousand-units');
      });
    }
  }
  for (const [i, all] of taken.entries()) {
    const middle = Object.fromEntries(Object.keys(all[0]).map((key) => [key, median(all.map((one) => one[key]))]));
    tell('busy_medians', { units: UNITS, page: pages[i], rounds, ...middle });
  }
}

/** After a collection each minute: what is left is held. */
export async function measureHeap(browser) {
  const minutes = option('--heap-minutes', 30);
  await withCrowd(browser, minutes * 60 + WARM_SECONDS + 300, async (session, visitor) => {
    await session.send('HeapProfiler.enable');
    const looks = [];
    for (let minute = 0; minute <= minutes; minute++) {
      if (minute > 0) await once(MINUTE_MS);
      await session.send('HeapProfiler.collectGarbage');
      const { JSHeapUsedSize, Nodes, JSEventListeners, Documents } = await counters(session);
      const live = await visitor.page.evaluate(() => document.querySelector('.link-state.live') !== null);
      if (!live) throw new Error(`the page is not live in minute ${minute}`);
      looks.push({ mb: JSHeapUsedSize / 1e6, nodes: Nodes, listeners: JSEventListeners, documents: Documents });
      note(`minute ${minute}: ${round(JSHeapUsedSize / 1e6, 2)} MB, ${Nodes} nodes, ${JSEventListeners} listeners`);
    }
    const heaps = looks.map((look) => look.mb);
    const late = heaps.slice(Math.floor(heaps.length / 3));
    tell('heap', { units: UNITS, minutes, first_mb: round(heaps[0], 2), last_mb: round(heaps.at(-1), 2),
      slope_kb_minute: round(slope(heaps) * 1000, 1), late_slope_kb_minute: round(slope(late) * 1000, 1),
      nodes: [looks[0].nodes, looks.at(-1).nodes], listeners: [looks[0].listeners, looks.at(-1).listeners],
      each_mb: heaps.map((mb) => round(mb, 1)) });
  });
}

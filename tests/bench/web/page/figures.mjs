// What all measures of the page share: the command line, figures, and what a browser counts about itself.
import { readdirSync, readFileSync } from 'node:fs';

const words = process.argv.slice(2);

/** The number (or, where `otherwise` is none, the text) behind `--name`. */
export function option(name, otherwise) {
  const at = words.indexOf(name);
  if (at < 0) return otherwise;
  return typeof otherwise === 'number' ? Number(words[at + 1]) : words[at + 1];
}

const MEASURES = ['cold', 'busy', 'heap', 'seek'];

/** Named on the command line; without any name all but the heap's, which takes its time. */
export function wanted(name) {
  const named = words.filter((word) => MEASURES.includes(word));
  return named.length > 0 ? named.includes(name) : name !== 'heap';
}

export const tell = (measure, figures) => console.log(JSON.stringify({ measure, ...figures }));
export const note = (text) => console.error(text);
export const once = (ms) => new Promise((done) => setTimeout(done, ms));
export const round = (value, digits = 0) => Number(value.toFixed(digits));

/** The value below which that share of the values lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
export const median = (values) => quantile(values, 0.5);

/** Of the straight line through (0, values[0]), (1, values[1]), ...: how much a step brings. */
export function slope(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const up = values.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  const across = values.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
  return across > 0 ? up / across : 0;
}

/** What the browser counts of this page: seconds, bytes, numbers, by their names in the DevTools protocol. */
export async function counters(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** Seconds that all cores together have worked, and have had, since the machine started. */
export function machineTime() {
  const [, ...times] = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).map(Number);
  const all = times.slice(0, 8).reduce((sum, time) => sum + time, 0);
  return { all, worked: all - times[3] - times[4] };
}

const read = (file) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // it has ended
  }
};

/** Processes that this one has started, and those that they have. */
function family() {
  const parents = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
    const stat = read(`/proc/${pid}/stat`);
    if (stat !== '') parents.set(pid, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = new Set([process.pid]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(process.pid);
  return found;
}

/** Milliseconds that a thread has run, and has waited for a core though it could have run. */
function threadTime(pid, thread) {
  const [ran, waited] = read(`/proc/${pid}/task/${thread}/schedstat`).split(' ').map(Number);
  return { ran: (ran || 0) / 1e6, waited: (waited || 0) / 1e6 };
}

/** Milliseconds that browser, servers and sources together have run. */
export function familyRan() {
  let sum = 0;
  for (const pid of family()) {
    for (const thread of read(`/proc/${pid}/stat`) === '' ? [] : readdirSync(`/proc/${pid}/task`)) {
      sum += threadTime(pid, thread).ran;
    }
  }
  return sum;
}

/** The main thread of the page's process, which is the one that ran most. */
export function mainThread() {
  const renderers = [...family()].filter((pid) => read(`/proc/${pid}/cmdline`).includes('--renderer-client-id'));
  const all = renderers.map((pid) => ({ pid, ...threadTime(pid, pid) })).sort((a, b) => b.ran - a.ran);
  return () => threadTime(all[0].pid, all[0].pid);
}

/**
 * Counts the drawings of units, and the frames of the screen, from before the page's own scripts run: the units are
 * the page's only instanced drawing. The counts are in globalThis.drawings.
 */
export function countDrawings(context) {
  return context.addInitScript(() => {
    const counts = { units: 0, frames: 0, newest: 0, longestMs: 0 };
    globalThis.drawings = counts;
    const draw = WebGL2RenderingContext.prototype.drawArraysInstanced;
    WebGL2RenderingContext.prototype.drawArraysInstanced = function drawn(...all) {
      const now = performance.now();
      counts.units++;
      if (counts.newest > 0) counts.longestMs = Math.max(counts.longestMs, now - counts.newest);
      counts.newest = now;
      return draw.apply(this, all);
    };
    const frame = () => {
      counts.frames++;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

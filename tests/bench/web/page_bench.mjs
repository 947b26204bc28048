#!/usr/bin/env node
// What the page costs a browser: first useful map from a cold cache, the main thread with 10,000 units at 1 Hz, the
// heap over time, and a seek in a two-day recording of 200 units. Prints a line of JSON each; page/ has the measures.
//
//   VIGIE_BIN=build/bin tests/bench/web/page_bench.mjs [cold] [busy] [seek] [heap]
//     cold: [--rounds 5]
//     busy: [--seconds 30] [--warm 20] [--rounds 3] [--units 10000] [--pages DIR,DIR: by turns]
//     seek: [--seeks 24: by each clock] [--data DIR: keeps the recording, and takes it again]
//     heap: [--heap-minutes 30]; only where it is named
//     [--card yes|no]: whether the page is put together on the emulated graphics card; busy and heap: yes, else no
import { readFileSync } from 'node:fs';
import { openBrowser, WHOLE_CHROMIUM } from '../../integration/web/harness/browser.mjs';
import { BIN } from '../../integration/web/harness/process.mjs';
import { measureCold } from './page/cold.mjs';
import { measureBusy, measureHeap } from './page/crowd.mjs';
import { option, tell, wanted } from './page/figures.mjs';
import { measureSeek } from './page/seek.mjs';

tell('machine', { bin: BIN.split('/').slice(-2).join('/'), node: process.version,
  processor: readFileSync('/proc/cpuinfo', 'utf8').match(/model name\s*:\s*(.*)/)?.[1] });

async function measured(name, measure, usualCard) {
  if (!wanted(name)) return;
  const card = option('--card', usualCard ? 'yes' : 'no') === 'yes';
  const browser = await openBrowser({ card, path: WHOLE_CHROMIUM });
  tell('browser', { of: name, card, version: `${WHOLE_CHROMIUM.split('/').at(-1)} ${browser.version()}` });
  try {
    await measure(browser);
  } finally {
    await browser.close();
  }
}

await measured('cold', measureCold, false);
await measured('busy', measureBusy, true);
await measured('seek', measureSeek, false);
await measured('heap', measureHeap, true);

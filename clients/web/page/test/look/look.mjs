// Looks at the map alone, in Debian's Chromium: screenshots of several pictures, and how busy the main thread is with
// 10,000 units that move once a second.
//   node test/look/look.mjs OUT_DIR [part of a picture's name...]
import { createServer } from 'node:http';
import { mkdirSync, readFileSync, existsSync } from 'node:fs';

import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { PAGE, bundling, generate } from '../../build.mjs';

const [to, ...wanted] = process.argv.slice(2);
if (!to && process.argv[1] === fileURLToPath(import.meta.url)) {
  console.error('usage: node test/look/look.mjs OUT_DIR [part of a name...]');
  process.exit(2);
}
const site = join(PAGE, 'build', 'look');
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.geojson': 'application/geo+json',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
  "worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'";
const INDEX =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>look</title>' +
  '<link rel="stylesheet" href="/assets/page.css"></head><body><div id="page"></div>' +
  '<script type="module" src="/assets/page.js"></script></body></html>';

export async function serve() {
  generate();
  await build({
    ...bundling(),
    entryPoints: { page: 'test/look/page.tsx' },
    outdir: join(site, 'assets'),
    splitting: true,
    minify: true,
    publicPath: '/assets/',
    assetNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    legalComments: 'none',
  });
  const server = createServer((request, answer) => {
    const path = new URL(request.url, 'http://x').pathname;
    const file = join(site, path);
    const headers = { 'content-security-policy': POLICY };
    if (path === '/favicon.ico') return answer.writeHead(204, headers).end();
    if (path === '/') return answer.writeHead(200, { ...headers, 'content-type': 'text/html' }).end(INDEX);
    if (!existsSync(file)) return answer.writeHead(404, headers).end();
    return answer
      .writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
      .end(readFileSync(file));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { server, address: `http://127.0.0.1:${server.address().port}/` };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.VIGIE_CHROMIUM
      ?? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync),
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--enable-precise-memory-info'],
  });
}

export async function openMap(browser, address, options = {}) {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1366, height: 768 },
    colorScheme: options.night ? 'dark' : 'light',
    deviceScaleFactor: options.scale ?? 1,
    locale: options.locale ?? 'en-GB',
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() !== 'log') console.log(`  ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => console.log(`  error: ${error.stack}`));
  await page.goto(address);
  await page.waitForFunction(() => document.querySelectorAll('.map-canvas').length === 5, null, { timeout: 30_000 });
  return page;
}

/** Seconds of the main thread's work in a second, by the browser's own count. */
export async function busyShare(page, seconds) {
  const session = await page.context().newCDPSession(page);
  // In the thread's own time: what other programs take of a shared machine is not counted.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const start = performance.now();
  const before = await read();
  await page.waitForTimeout(seconds * 1000);
  const after = await read();
  const span = (performance.now() - start) / 1000;
  return {
    task: (after.TaskDuration - before.TaskDuration) / span,
    script: (after.ScriptDuration - before.ScriptDuration) / span,
    heapMB: after.JSHeapUsedSize / 1e6,
  };
}

const PICTURES = [
  { name: 'patrol-day', query: '?units=11&area=patrol&stale' },
  { name: 'patrol-night', query: '?units=11&area=patrol&stale', night: true },
  { name: 'patrol-selected', query: '?units=11&area=patrol&stale#unit=alpha/v6', choose: 'alpha/v6' },
  { name: 'sahel-200', query: '?units=200&area=sahel&stale' },
  { name: 'world-300', query: '?units=300&area=world', night: true },
  { name: 'crowd-10000', query: '?units=10000&area=sahel', busy: true },
  { name: 'crowd-10000-close', query: '?units=10000&area=sahel&stale#map=15.5/2/7.5', busy: true },
  { name: 'retina-fr', query: '?units=60&area=patrol&stale', scale: 2, locale: 'fr-FR', night: true },
];

async function main() {
  mkdirSync(to, { recursive: true });
  const { server, address } = await serve();
  const browser = await launch();
  for (const picture of PICTURES.filter(
    ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
  )) {
    console.log(picture.name);
    const page = await openMap(browser, address + picture.query, picture);
    if (picture.choose)
      await page.evaluate((name) => {
        window.look.room.selected.value = name;
      }, picture.choose);
    await page.waitForTimeout(picture.busy ? 4000 : 2500);
    if (picture.busy) {
      const { task, script, heapMB } = await busyShare(page, 8);
      const percent = (share) => `${(share * 100).toFixed(0)} %`;
      console.log(`  main thread busy ${percent(task)}, scripts ${percent(script)}, heap ${heapMB.toFixed(0)} MB`);
    }
    await page.screenshot({ path: join(resolve(to), `${picture.name}.png`) });
    await page.context().close();
  }
  await browser.close();
  server.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

// A browser that is used as a person would: by roles and names, in either language. It waits for what is to be seen and
// never for a time. What the page's console calls an error fails the scenario, unless the scenario expects it.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromPage, words } from './words.mjs';
import { BIN, eventually, WAIT_MS } from './process.mjs';
import { Picture } from './pictures.mjs';
import { ROOT } from './place.mjs';

// The shell is the same engine without windows: a browser test costs a fifth less of the processor.
const PATHS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const CHROMIUM = process.env.VIGIE_CHROMIUM ?? PATHS.find(existsSync) ?? PATHS[0];
/** What people use, where it is installed. */
export const WHOLE_CHROMIUM = process.env.VIGIE_CHROMIUM ?? [...PATHS].reverse().find(existsSync) ?? PATHS[0];
export const SIZES = {
  desk: { width: 1366, height: 768 },
  wall: { width: 1920, height: 1080 },
  tablet: { width: 1024, height: 768, hasTouch: true },
};

/** Ends the test program with 77, which ctest calls skipped, when the machine has no browser. */
export function needBrowser() {
  const missing = !existsSync(CHROMIUM) ? `${CHROMIUM} (Debian's chromium-headless-shell)`
    : !existsSync(join(BIN, 'vigie-web')) ? 'vigie-web' : !existsSync(join(BIN, 'vigie-hub')) ? 'vigie-hub' : null;
  if (missing === null) return;
  console.log(`skipped: ${missing} is not there`);
  process.exit(77);
}

/**
 * `webgl` false: one that offers none, as where a graphics driver is barred. `card` true: one that takes the emulation
 * for a graphics card, and puts the page together on it. `more`: further arguments. Sound is forbidden until somebody
 * clicks in the page, as on a desk; what Playwright asks of a page counts as that.
 */
export async function openBrowser({ webgl = true, card = false, path = CHROMIUM, more = [] } = {}) {
  const { chromium } = fromPage('playwright-core');
  // As Chromium does by itself where there is no graphics card: the processor draws what WebGL asks for, and puts the
  // page together without it, which costs half.
  const graphics = webgl
    ? ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader',
      ...(card ? [] : ['--disable-gpu-compositing'])]
    : ['--disable-gpu', '--disable-3d-apis'];
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', ...graphics,
    '--autoplay-policy=document-user-activation-required', '--disable-dev-shm-usage', ...more] });
}

/**
 * Stops the pages of a browser, as when it freezes them or their machine sleeps: no script and no timer runs, and what
 * comes lies unread. Chromium's shell takes Page.setWebLifecycleState and does nothing, so their processes are stopped.
 * `wake()` lets them go on; `fellAsleep` is Date.now() of when none ran any more.
 */
export async function putToSleep(browser) {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const pages = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  for (const id of pages) process.kill(id, 'SIGSTOP');
  await eventually('the pages stand still', () => pages.every((id) =>
    / T /.test(readFileSync(`/proc/${id}/stat`, 'latin1').replace(/^.*\)/s, ''))));
  return { fellAsleep: Date.now(), wake: () => { for (const id of pages) process.kill(id, 'SIGCONT'); } };
}

export class Visitor {
  /** A person with a browser of their own: cookies, storage and language are nobody else's. */
  static async come(browser, place, { language = 'en', size = 'desk', permissions = [], theme } = {}) {
    const { hasTouch = false, ...viewport } = SIZES[size];
    const context = await browser.newContext({ viewport, hasTouch, baseURL: place.address, acceptDownloads: true,
      locale: language === 'fr' ? 'fr-FR' : 'en-GB', permissions, ...(theme ? { colorScheme: theme } : {}) });
    context.setDefaultTimeout(WAIT_MS);
    const visitor = new Visitor();
    visitor.context = context;
    visitor.place = place;
    visitor.speak(language);
    await visitor.openTab();
    return visitor;
  }

  /** What the page is read in from now on. */
  speak(language) {
    this.t = words(language);
    this.language = language;
  }

  async openTab() {
    const page = await this.context.newPage();
    this.page = page;
    this.errors ??= [];
    this.dialogs ??= [];
    page.on('console', (message) => { if (message.type() === 'error') this.errors.push(message.text()); });
    page.on('pageerror', (error) => this.errors.push(`uncaught: ${error.message}`));
    page.on('dialog', (dialog) => { // of ours there is none: a script got in
      this.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    return page;
  }

  /** As somebody who follows a one-time link: chooses a password, and is in the room. */
  async signUp(link, password) {
    await this.page.goto(link);
    const fields = this.page.locator('input[type=password]');
    await fields.first().waitFor();
    for (const field of await fields.all()) await field.fill(password);
    await this.page.locator('form button[type=submit]').click();
    await this.live();
  }

  go(path = '/') {
    return this.page.goto(path, { waitUntil: 'domcontentloaded' });
  }

  /** The room is there and its link is live. */
  async live() {
    await this.page.getByRole('main', { name: this.t.room.map }).waitFor();
    await eventually('the page says that it is live', () => this.page.evaluate(() =>
      document.querySelector('.link-state')?.classList.contains('live')));
  }

  button(name, options = {}) {
    return this.page.getByRole('button', { name, exact: true, ...options });
  }

  /** Opens a panel by its button on the rail, which may bear a mark ("Events, 3 unread"); one that is open stays. */
  async panel(id) {
    const name = this.t.panels[id];
    const region = this.page.getByRole('region', { name, exact: true });
    const button = this.page.getByRole('navigation').getByRole('button', { name: new RegExp(`^${name}(,|$)`) });
    if (await button.getAttribute('aria-expanded') !== 'true') await button.click();
    await region.waitFor();
    return region;
  }

  get playhead() {
    return this.page.getByRole('slider', { name: this.t.timeline.playhead });
  }

  get timeline() {
    return this.page.getByRole('region', { name: this.t.timeline.title, exact: true });
  }

  get alarm() {
    return this.page.getByRole('region', { name: this.t.alarm.title, exact: true });
  }

  /** Presses in the bar at a share of its width (0: left, 1: right). */
  async pressBar(share) {
    const bar = this.page.locator('.timeline-track');
    await (await bar.elementHandle()).waitForElementState('stable'); // what went away above it gave it more room
    const box = await bar.boundingBox();
    await this.page.mouse.click(box.x + box.width * share, box.y + box.height / 3);
  }

  async dragHead(share, steps = 12) {
    const box = await this.page.locator('.timeline-track').boundingBox();
    const head = await this.playhead.boundingBox();
    await this.page.mouse.move(head.x + head.width / 2, box.y + box.height / 3);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width * share, box.y + box.height / 3, { steps });
    await this.page.mouse.up();
  }

  /**
   * A finger from one place of the page to another, [x, y] each, where it rests before it lifts: after one that lifts
   * in full swing Chromium swallows the next tap, as one that stops what slides on.
   */
  async swipe([x, y], [toX, toY], steps = 12) {
    const devtools = await this.context.newCDPSession(this.page);
    const began = Date.now() / 1000 - 1; // it was a second ago: the times alone say how fast it was
    const touch = (type, seconds, ...points) => devtools.send('Input.dispatchTouchEvent', { type,
      timestamp: began + seconds, touchPoints: points.map(([px, py]) => ({ x: px, y: py })) });
    await touch('touchStart', 0, [x, y]);
    for (let i = 1; i <= steps; i++) {
      await touch('touchMove', i * 0.4 / steps, [x + (toX - x) * i / steps, y + (toY - y) * i / steps]);
    }
    await touch('touchMove', 0.7, [toX, toY]);
    await touch('touchEnd', 0.9);
    await devtools.detach();
  }

  /** Where the map stands, as the address says: {lat, lon, zoom}; null: it says nothing. */
  mapPlace() {
    const place = /[#&]map=([^&]*)/.exec(this.page.url())?.[1].split('/').map(Number);
    return place ? { lat: place[0], lon: place[1], zoom: place[2] } : null;
  }

  /** The map was moved to there, as its address tells. */
  mapIsAt({ lat, lon }, degrees = 0.002) {
    return eventually(`the map stands at ${lat}, ${lon}; the address: ${new URL(this.page.url()).hash}`, () => {
      const at = this.mapPlace();
      return at !== null && Math.abs(at.lat - lat) < degrees && Math.abs(at.lon - lon) < degrees;
    });
  }

  get mapBox() {
    return this.page.locator('.map-box');
  }

  /** The map and what lies over it, in CSS pixels from the map's corner. */
  async mapPicture() {
    return Picture.read(await this.page.screenshot({ clip: await this.mapBox.boundingBox(), scale: 'css' }));
  }

  /** Into the build's folder, for people to look at. */
  async screenshot(name) {
    const folder = process.env.VIGIE_SCREENSHOTS ?? join(BIN, '..', 'screenshots');
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  /** What axe-core finds that is serious or critical, in sentences. */
  async barriers() {
    await this.page.evaluate(this.axe()); // as a script of the page it would be refused, as it should
    const found = await this.page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
      return violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
        .map((one) =>
          `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 5).join(' | ')}`);
    });
    return found;
  }

  axe() {
    return fromPage('axe-core').source;
  }

  /** Errors of the page's console; those that match `expected` (a lost link, a refused sign-in) do not count. */
  troubles(...expected) {
    return [...this.dialogs.map((words) => `a dialog: ${words}`),
      ...this.errors.filter((words) => !expected.some((pattern) => pattern.test(words)))];
  }

  leave() {
    return this.context.close();
  }
}

export { ROOT };

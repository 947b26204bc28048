// The page's own texts, in both languages, so that scenarios name buttons as a person reads them and a changed word
// breaks nothing. They come from clients/web/page/src by the page's own bundler.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './place.mjs';

const PAGE = join(ROOT, 'clients', 'web', 'page');
export const fromPage = createRequire(join(PAGE, 'package.json'));
const ALL = { room: 'text/room', timeline: 'text/timeline', alarm: 'text/alarm', export: 'text/export',
  units: 'text/units', events: 'text/events', panels: 'text/panels', status: 'text/status', sight: 'text/sight',
  reasons: 'text/reasons', account: 'account/words', map: 'map/words', grants: 'account/grants_words' };
const NAMES = { units: 'unitWords', events: 'eventWords', panels: 'panelNames', reasons: 'reasonWords',
  grants: 'grantWords' };
const FILES = Object.fromEntries(Object.entries(ALL).filter(([, file]) => existsSync(join(PAGE, 'src', `${file}.ts`))));

/** What the texts touch of a browser. */
function beBrowser() {
  globalThis.document ??= { documentElement: {} };
  globalThis.localStorage ??= { getItem: () => null, setItem: () => undefined };
  if (!globalThis.navigator?.languages) {
    Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en'] }, configurable: true });
  }
}

async function load() {
  beBrowser();
  const { buildSync } = fromPage('esbuild');
  const folder = mkdtempSync(join(tmpdir(), 'vigie-words-'));
  const out = join(folder, 'words.mjs');
  const lines = Object.entries(FILES).map(([id, file]) =>
    `export { ${NAMES[id] ?? `${id}Words`} as ${id} } from './src/${file}';`);
  try {
    buildSync({ stdin: { contents: [...lines, "export { setLanguage } from './src/text/language';"].join('\n'),
      resolveDir: PAGE, loader: 'ts' }, bundle: true, format: 'esm', platform: 'neutral', mainFields: ['module',
        'main'],
    outfile: out, logLevel: 'error' });
    return await import(pathToFileURL(out).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const loaded = await load();

/** words('fr').timeline.play */
export function words(language) {
  loaded.setLanguage(language);
  return Object.fromEntries(Object.keys(FILES).map((file) => [file, loaded[file].value]));
}

export const LANGUAGES = ['en', 'fr'];

// Builds the page: node build.mjs --out DIR [--check].
//
// flatc makes the protocol's accessors, tsc checks the types, esbuild bundles src/main.tsx into DIR/assets under
// names that hold their content's hash, and every file gets a .br and a .gz beside it. Ends with 1 when the first
// view weighs more than FIRST_VIEW_MAX. Needs `npm ci` before it, and nothing from the network.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { makeBaseMap } from './basemap.mjs';

export const PAGE = dirname(fileURLToPath(import.meta.url));
const SCHEMA = join(PAGE, '..', 'protocol', 'web.fbs');
const GENERATED = join(PAGE, 'build', 'generated');
const FIRST_VIEW_MAX = 1.5e6; // bytes, compressed
// Of the ground as many packs as a screen may look at are in its first view, and the heaviest are counted.
const PACK = /^assets\/ground-\d/;
const PACKS_IN_VIEW = 6;
// Parts that a first view does not load. Everything else counts.
const LATER = [/^assets\/uPlot/i, /^assets\/plot/, /^assets\/pmtiles/, /^assets\/later/];
// Formats that are compressed already.
const COMPRESSED = /\.(png|webp|woff2|jpg|ogg|mp3|br|gz)$/;

/** The accessors of web.fbs and the base map's data: made anew only where the inputs are newer. */
export function generate() {
  mkdirSync(GENERATED, { recursive: true });
  const flatc = process.env.FLATC || 'flatc';
  try {
    execFileSync(flatc, ['--ts', '-o', GENERATED, SCHEMA], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Error(
      `${flatc} could not read ${relative(PAGE, SCHEMA)}: ${error.stderr?.toString() || error.message}\n` +
        'It is in the Debian package flatbuffers-compiler; or set FLATC to its path.',
    );
  }
  makeBaseMap(PAGE, join(GENERATED, 'basemap'));
}

/** `import url from 'x?url'`: the file as it stands, under a hashed name, and its address. */
function urlImports() {
  return {
    name: 'url-imports',
    setup(builder) {
      builder.onResolve({ filter: /\?url$/ }, async (args) => {
        const found = await builder.resolve(args.path.slice(0, -'?url'.length), {
          resolveDir: args.resolveDir,
          kind: args.kind,
          importer: args.importer,
        });
        return found.errors.length ? { errors: found.errors } : { path: found.path, namespace: 'url' };
      });
      builder.onLoad({ filter: /.*/, namespace: 'url' }, (args) => ({
        contents: readFileSync(args.path),
        loader: 'file',
      }));
    },
  };
}

/** `maplibre-gl` is its build for strict content-security policies, whose worker is a file of its own. */
function mapLibre() {
  return {
    name: 'maplibre',
    setup(builder) {
      builder.onResolve({ filter: /^maplibre-gl$/ }, (args) =>
        builder.resolve('maplibre-gl/dist/maplibre-gl-csp.js', {
          resolveDir: args.resolveDir,
          kind: args.kind,
          importer: args.importer,
        }),
      );
    },
  };
}

/** What page and tests share of esbuild's settings. */
export function bundling() {
  return {
    absWorkingDir: PAGE,
    bundle: true,
    format: 'esm',
    target: 'es2020',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: join(PAGE, 'tsconfig.json'),
    loader: { '.geojson': 'file', '.zip': 'file', '.svg': 'file', '.png': 'file', '.woff2': 'file' },
    plugins: [urlImports(), mapLibre()],
    legalComments: 'linked',
    logLevel: 'warning',
  };
}

function checkTypes() {
  const tsc = join(PAGE, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '--noEmit', '-p', PAGE], { stdio: 'inherit' });
}

/** What every visit loads, though in parts of their own: the page begins before they are there. */
const SOON = ['src/map/live_map.ts', 'src/map/pointer.ts', 'src/map/maplibre.ts'];

/** Those files and all that they import at once, by esbuild's metafile. */
function atOnce(outputs, entries) {
  const names = new Set(entries);
  for (const name of names) {
    for (const part of outputs[name].imports) {
      if (part.kind === 'import-statement' && !part.external) names.add(part.path);
    }
  }
  return [...names];
}

/** src/index.html with the bundle's files in it, before </head>. */
function writeIndex(out, outputs) {
  const outputOf = (source) => {
    const found = Object.keys(outputs).find((name) => outputs[name].entryPoint === source);
    if (!found) throw new Error(`${source} is no part of its own`);
    return found;
  };
  const entry = outputOf('src/main.tsx');
  const address = (name) => '/' + relative(out, join(PAGE, name));
  const lines = [];
  if (outputs[entry].cssBundle) lines.push(`<link rel="stylesheet" href="${address(outputs[entry].cssBundle)}">`);
  const first = atOnce(outputs, [entry]);
  for (const name of first.slice(1)) lines.push(`<link rel="modulepreload" href="${address(name)}">`);
  for (const name of atOnce(outputs, SOON.map(outputOf))) {
    if (!first.includes(name)) lines.push(`<link rel="modulepreload" href="${address(name)}" fetchpriority="low">`);
  }
  lines.push(`<script type="module" src="${address(entry)}"></script>`);
  const source = readFileSync(join(PAGE, 'src', 'index.html'), 'utf8');
  if (!source.includes('</head>')) throw new Error('src/index.html has no </head> to put the bundle before');
  writeFileSync(join(out, 'index.html'), source.replace('</head>', `${lines.join('\n')}\n</head>`));
}

/** src/static (icons, manifest) stands at the root as it is. */
function copyStatic(out) {
  const from = join(PAGE, 'src', 'static');
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    if (statSync(join(from, name)).isFile()) writeFileSync(join(out, name), readFileSync(join(from, name)));
  }
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function compress(bytes) {
  // The best quality takes a second for each 300 KB: what is loaded later gets the next one.
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: bytes.length > 2e6 ? 9 : 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return { br: brotliCompressSync(bytes, { params }), gz: gzipSync(bytes, { level: 9 }) };
}

/** Writes .br and .gz beside each file. Returns rows of {name, size, br, gz}. */
function compressAll(out) {
  return filesBelow(out)
    .filter((path) => !/\.(br|gz)$/.test(path))
    .map((path) => {
      const bytes = readFileSync(path);
      const row = { name: relative(out, path), size: bytes.length, br: bytes.length, gz: bytes.length };
      if (COMPRESSED.test(path)) return row;
      const { br, gz } = compress(bytes);
      writeFileSync(`${path}.br`, br);
      writeFileSync(`${path}.gz`, gz);
      return { ...row, br: br.length, gz: gz.length };
    });
}

/** Prints what each file weighs. Returns whether the first view is light enough, by either compression. */
function report(rows) {
  const counted = rows.filter((row) => !/\.(txt|map)$/.test(row.name)).sort((a, b) => b.br - a.br);
  const total = { br: 0, gz: 0 };
  let packs = 0;
  for (const row of counted) {
    const unseen = PACK.test(row.name) && ++packs > PACKS_IN_VIEW;
    const later = unseen || LATER.some((pattern) => pattern.test(row.name));
    if (!later) {
      total.br += row.br;
      total.gz += row.gz;
    }
    if (unseen) continue;
    const columns = [row.size, row.br, row.gz].map((n) => n.toLocaleString('en').padStart(11)).join('');
    console.log(`${columns}  ${row.name}${later ? '  (later)' : ''}`);
  }
  console.log(`and ${Math.max(0, packs - PACKS_IN_VIEW)} lighter packs of the ground (later)`);
  console.log(
    `first view: ${total.br.toLocaleString('en')} bytes as brotli, ${total.gz.toLocaleString('en')} as gzip`,
  );
  if (Math.max(total.br, total.gz) <= FIRST_VIEW_MAX) return true;
  console.error(`the first view may weigh ${FIRST_VIEW_MAX.toLocaleString('en')} bytes compressed`);
  return false;
}

async function buildPage(out) {
  mkdirSync(out, { recursive: true });
  rmSync(join(out, 'assets'), { recursive: true, force: true });
  const done = await build({
    ...bundling(),
    entryPoints: { main: 'src/main.tsx' },
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    publicPath: '/assets/',
    splitting: true,
    minify: true,
    metafile: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  copyStatic(out);
  writeIndex(out, done.metafile.outputs);
  return report(compressAll(out));
}

async function main(args) {
  const usage = 'usage: node build.mjs --out DIR | --check';
  const at = args.indexOf('--out');
  if (at < 0 && !args.includes('--check')) throw new Error(usage);
  if (at >= 0 && !args[at + 1]) throw new Error(usage);
  generate();
  checkTypes();
  return at < 0 ? true : buildPage(resolve(args[at + 1]));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).then(
    (fine) => process.exit(fine ? 0 : 1),
    (error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
}

// Runs the unit tests: bundles each test/*.test.ts with what it imports, and hands them to node's own test runner.
//   node test/run.mjs [part of a name...]
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { PAGE, bundling, generate } from '../build.mjs';

const wanted = process.argv.slice(2);
const tests = readdirSync(join(PAGE, 'test')).filter((name) => name.endsWith('.test.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (tests.length === 0) {
  console.error(`no test is called ${wanted.join(' ') || '*.test.ts'}`);
  process.exit(1);
}
const out = join(PAGE, 'build', 'tests');
rmSync(out, { recursive: true, force: true });
generate();
await build({
  ...bundling(),
  entryPoints: tests.map((name) => join('test', name)),
  outdir: out,
  outExtension: { '.js': '.mjs' },
  platform: 'node',
  sourcemap: 'inline',
  legalComments: 'none',
});
const files = tests.map((name) => join(out, name.replace(/\.ts$/, '.mjs')));
const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);

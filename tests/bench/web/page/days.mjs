// A recording of two days of 200 units, a fix of each every ten seconds, made in less than a minute: the hub's time of
// day is moved along with the fixes, so that true and known times are as in life.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, eventually, freePorts, Program, run } from '../../../integration/web/harness/process.mjs';

const HOST = '127.0.0.1';
export const UNITS = 200;
const HOURS = 48;
const HOUR_US = 3_600e6;

function clockFile(folder, timeUs) {
  const file = join(folder, 'clock');
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(timeUs));
  writeFileSync(file, bytes);
  return file;
}

async function make(folder) {
  rmSync(join(folder, 'log'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const untilUs = Math.floor(Date.now() / 1000 - 60) * 1e6;
  const clock = clockFile(folder, untilUs - HOURS * HOUR_US);
  const port = await freePorts(3);
  const hub = new Program('vigie-hub', ['--plain', '--data', join(folder, 'log'), '--host', HOST, '--port', port,
    '--sync', 'never'], { env: { ...process.env, VIGIE_BENCH_CLOCK: clock,
    LD_PRELOAD: join(BIN, 'vigie-bench-clock.so') } });
  await eventually('the hub is ready', async () => (await fetch(`http://${HOST}:${port + 2}/readyz`)).ok);
  const made = JSON.parse(await run('vigie-bench-web', ['days', '--port', port, '--clock', clock, '--until-us', untilUs,
    '--units', UNITS, '--hours', HOURS]));
  if (await hub.stop() !== 0) throw new Error(`the hub did not end well:\n${hub.output}`);
  return { fromUs: untilUs - HOURS * HOUR_US, untilUs, ...made };
}

/** The recording in `folder`, whose `log` is a hub's; it is made where there is none yet. */
export async function twoDays(folder) {
  const file = join(folder, 'days.json');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await make(folder)));
  return JSON.parse(readFileSync(file, 'utf8'));
}

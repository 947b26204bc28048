// Programs under test as child processes: started in folders of their own, ended by their own pid on every way out.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const BIN = resolve(process.env.VIGIE_BIN ?? 'build/bin');
export const WAIT_MS = Number(process.env.VIGIE_WAIT_MS ?? 30_000);

const running = new Set();

/** Nothing outlives this script, however it ends. */
process.on('exit', () => { for (const one of running) one.child.kill('SIGKILL'); });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** One program. `output` is all that it has written. */
export class Program {
  constructor(name, args, options = {}) {
    this.name = name;
    this.output = '';
    this.listeners = new Set();
    this.child = spawn(join(BIN, name), args.map(String), { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    running.add(this);
    this.ended = new Promise((done) => {
      this.child.on('error', (error) => this.end(done, `${name}: ${error.message}`, -1));
      this.child.on('close', (code, signal) => this.end(done, '', code ?? signal));
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        this.output += text;
        for (const look of this.listeners) look();
      });
    }
  }

  end(done, words, code) {
    running.delete(this);
    this.output += words;
    this.code = code;
    for (const look of this.listeners) look();
    done(code);
  }

  /** Waits until the output matches; the match. */
  says(pattern, what = String(pattern)) {
    return new Promise((done, fail) => {
      const stop = () => {
        clearTimeout(timer);
        this.listeners.delete(look);
      };
      const look = () => {
        const match = pattern.exec(this.output);
        if (!match && this.code === undefined) return;
        stop();
        if (match) done(match);
        else fail(new Error(`${this.name} ended (${this.code}) before it said ${what}:\n${this.output}`));
      };
      const timer = setTimeout(() => {
        stop();
        fail(new Error(`${this.name} did not say ${what} in ${WAIT_MS} ms:\n${this.output}`));
      }, WAIT_MS);
      this.listeners.add(look);
      look();
    });
  }

  kill(signal = 'SIGKILL') {
    this.child.kill(signal);
    return this.ended;
  }

  /** SIGTERM, and SIGKILL when it does not end. */
  async stop() {
    if (this.code !== undefined) return this.code;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }
}

/** Runs it to its end; its output. Fails on another exit code than 0. */
export async function run(name, args, options = {}) {
  const { input, ...rest } = options;
  const program = new Program(name, args, input === undefined ? rest : { ...rest, stdio: ['pipe', 'pipe', 'pipe'] });
  if (input !== undefined) program.child.stdin.end(input);
  const code = await program.ended;
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}:\n${program.output}`);
  return program.output;
}

function isFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)));
  });
}

/** So many free ports in a row, below those that the kernel gives to outgoing connections. */
export async function freePorts(count) {
  for (let tries = 0; tries < 200; tries++) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    const all = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (all.every(Boolean)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-web-'));
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Asks again and again until the answer is true (or anything but false, null and undefined); that answer. */
export async function eventually(what, ask, ms = WAIT_MS) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== false && answer !== null && answer !== undefined) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not in ${ms} ms: ${what}${last ? `: ${last.message}` : ''}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// The units' canvas with a browser that is played: its context comes and goes, and its atlas is small.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Bitmap } from '../src/map/atlas';
import { Labels, shortened } from '../src/map/labels';
import { Stamps } from '../src/map/stamps';

const TEXTURE = 64;
let calls = new Map<string, number>();
let timers = new Map<number, () => void>();
const answers: Record<string, unknown> = { getParameter: TEXTURE, getProgramParameter: true };

/** Every constant and function that is asked for is there; functions are counted. */
const gl: unknown = new Proxy({}, {
  get: (_, name: string) => (): unknown => {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return name in answers ? answers[name] : {};
  },
});

class FakeCanvas extends EventTarget {
  width = 0;
  height = 0;
  setAttribute(): void {}
  getContext(kind: string): unknown { return kind === 'webgl2' ? gl : null; }
}

let nextTimer = 0;
Object.assign(globalThis, {
  document: { createElement: () => new FakeCanvas() },
  window: {
    setTimeout: (run: () => void): number => {
      timers.set(++nextTimer, run);
      return nextTimer;
    },
    clearTimeout: (timer: number): boolean => timers.delete(timer),
  },
});

function bench(): { stamps: Stamps; told: string[]; say(type: string): void } {
  const told: string[] = [];
  const box = { appendChild: () => {} } as unknown as HTMLElement;
  const stamps = new Stamps(box, 'x', { lost: () => told.push('lost'), back: () => told.push('back') });
  return { stamps, told, say: (type) => void stamps.element.dispatchEvent(new Event(type, { cancelable: true })) };
}

function runTimers(): void {
  const due = [...timers.values()];
  timers.clear();
  due.forEach((run) => run());
}

const bitmap = (width: number, height: number): Bitmap =>
  ({ image: { width, height } as HTMLCanvasElement, width, height });

beforeEach(() => {
  calls = new Map();
  timers = new Map();
});

test('a context that comes back soon is not told as lost', () => {
  const { told, say } = bench();
  say('webglcontextlost');
  say('webglcontextrestored');
  runTimers();
  assert.deepEqual(told, ['back']);
});

test('a context that stays away is told as lost, and taken back when it comes', () => {
  const { told, say } = bench();
  say('webglcontextlost');
  runTimers();
  assert.deepEqual(told, ['lost']);
  say('webglcontextrestored');
  assert.deepEqual(told, ['lost', 'back']);
});

test('a map that was closed tells nothing any more', () => {
  const { stamps, told, say } = bench();
  say('webglcontextlost');
  stamps.close();
  runTimers();
  say('webglcontextlost');
  runTimers();
  assert.deepEqual(told, []);
});

test('the atlas is emptied when it is full, but not for what is larger than it', () => {
  const { stamps } = bench();
  const emptied = (): number => calls.get('createTexture') ?? 0;
  stamps.stamp(bitmap(40, 40), 0, 0);
  assert.equal(emptied(), 1);
  for (const large of [bitmap(TEXTURE - 1, 8), bitmap(8, TEXTURE - 1)]) stamps.stamp(large, 0, 0);
  assert.equal(emptied(), 1);
  stamps.stamp(bitmap(TEXTURE - 2, TEXTURE - 2), 0, 0);
  assert.equal(emptied(), 2);
});

test('a label is cut to its width, between letters', () => {
  const widthOf = (text: string): number => 10 * Array.from(text).length;
  assert.equal(shortened('alpha', 50, widthOf), 'alpha');
  assert.equal(shortened('alpha', 40, widthOf), 'alp…');
  assert.equal(shortened('🚁🚁🚁', 20, widthOf), '🚁…');
  assert.equal(shortened('alpha', 5, widthOf), '…');
});

test('labels of another resolution are made anew', () => {
  const labels = new Labels();
  const ink = { pixels: 12, height: 12, colour: 'x', halo: 'x' };
  const first = labels.get('alpha', ink);
  labels.setScale(1, 1);
  assert.equal(labels.get('alpha', ink), first);
  labels.setScale(2, 1);
  const second = labels.get('alpha', ink);
  assert.notEqual(second, first);
  labels.setScale(2, 1);
  assert.equal(labels.get('alpha', ink), second);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { packOf, Tiles, type Ways } from '../src/map/tiles';

const SAHEL = zipSync({ '4/8/7': Uint8Array.of(1, 2, 3), '3/4/3': Uint8Array.of(4) }, { level: 0 });
const forever = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Ways that count, and fail so often. */
function ways(failures = 0) {
  const seen = { loads: [] as string[], pauses: [] as number[], ended: 0 };
  const made: Ways = {
    load: async (url, signal) => {
      seen.loads.push(url);
      signal.addEventListener('abort', () => seen.ended++);
      await turn();
      if (seen.loads.length <= failures) throw new TypeError('Failed to fetch');
      return SAHEL;
    },
    pause: async (ms, signal) => {
      seen.pauses.push(ms);
      await turn();
      signal.throwIfAborted();
    },
  };
  return { seen, made };
}

test('a tile lies in the pack of the tile above it, two zooms in each, and the first zooms are one pack', () => {
  assert.equal(packOf(0, 0, 0), 'ground-world');
  assert.equal(packOf(2, 3, 1), 'ground-world');
  assert.equal(packOf(3, 4, 3), 'ground-2-2-1');
  assert.equal(packOf(4, 8, 7), 'ground-2-2-1');
  assert.equal(packOf(6, 33, 29), 'ground-4-8-7');
});

test('a pack is brought once, however many of its tiles are wanted', async () => {
  const { seen, made } = ways();
  const tiles = new Tiles(made);
  const [one, other] = await Promise.all(['4/8/7', '3/4/3'].map((name) => tiles.get(`ground://${name}`, forever)));
  assert.deepEqual([...new Uint8Array(one!)], [1, 2, 3]);
  assert.deepEqual([...new Uint8Array(other!)], [4]);
  await tiles.get('ground://4/8/7', forever);
  assert.equal(seen.loads.length, 1);
});

test('what is given away is a copy: the next who asks gets the whole tile again', async () => {
  const tiles = new Tiles(ways().made);
  structuredClone(null, { transfer: [await tiles.get('ground://4/8/7', forever)] });
  assert.equal((await tiles.get('ground://4/8/7', forever)).byteLength, 3);
});

test('a pack that could not be had is asked for again, ever more seldom', async (t) => {
  t.mock.method(console, 'warn', () => {});
  const { seen, made } = ways(7);
  assert.equal((await new Tiles(made).get('ground://4/8/7', forever)).byteLength, 3);
  assert.deepEqual(seen.pauses, [2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('one tile that goes out of view takes its pack from no other', async (t) => {
  t.mock.method(console, 'warn', () => {});
  const { seen, made } = ways(2);
  const tiles = new Tiles(made);
  const view = new AbortController();
  const gone = tiles.get('ground://4/8/7', view.signal);
  const other = tiles.get('ground://3/4/3', forever);
  view.abort();
  await assert.rejects(gone, { name: 'AbortError' });
  assert.equal((await other).byteLength, 1);
  assert.equal(seen.loads.length, 3);
  assert.equal(seen.ended, 0);
});

test('a pack that nobody waits for any more is not brought, and is brought anew for who comes later', async (t) => {
  t.mock.method(console, 'warn', () => {});
  const { seen, made } = ways(1);
  const tiles = new Tiles(made);
  const view = new AbortController();
  const gone = tiles.get('ground://4/8/7', view.signal);
  view.abort();
  await assert.rejects(gone, { name: 'AbortError' });
  assert.equal(seen.ended, 1);
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(seen.loads.length, 1);
  assert.equal((await tiles.get('ground://4/8/7', forever)).byteLength, 3);
});

test('what is no tile is refused, and nothing is brought for it', async () => {
  const { seen, made } = ways();
  const tiles = new Tiles(made);
  for (const url of ['ground://3/9/0', 'ground://7/0/0', 'ground://-1/0/0', 'ground://1/0', 'other://1/0/0']) {
    await assert.rejects(tiles.get(url, forever), /is no tile of the ground/, url);
  }
  assert.deepEqual(seen.loads, []);
  await assert.rejects(tiles.get('ground://4/8/6', forever), /is in no pack/);
});

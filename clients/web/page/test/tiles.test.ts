import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { packOf, Tiles } from '../src/map/tiles';

const packed = (files: Record<string, Uint8Array>): ArrayBuffer => zipSync(files, { level: 0 }).slice().buffer;
const SAHEL = packed({ '4/8/7': Uint8Array.of(1, 2, 3), '6/33/29': Uint8Array.of(4) });
const forever = new AbortController().signal;

test('a tile lies in the pack of the tile above it, and those of the first zooms are one pack', () => {
  assert.equal(packOf(0, 0, 0), 'ground-world');
  assert.equal(packOf(2, 3, 1), 'ground-world');
  assert.equal(packOf(3, 4, 3), 'ground-3-4-3');
  assert.equal(packOf(6, 33, 29), 'ground-3-4-3');
});

test('a pack is brought once, however many of its tiles are wanted', async () => {
  let loads = 0;
  const tiles = new Tiles(async () => {
    loads++;
    return SAHEL;
  });
  const [one, other] = await Promise.all(['4/8/7', '6/33/29'].map((name) => tiles.get(`ground://${name}`, forever)));
  assert.ok(one && other);
  assert.deepEqual([...new Uint8Array(one)], [1, 2, 3]);
  assert.deepEqual([...new Uint8Array(other)], [4]);
  await tiles.get('ground://4/8/7', forever);
  assert.equal(loads, 1);
});

test('what is given away is a copy: the next who asks gets the whole tile again', async () => {
  const tiles = new Tiles(async () => SAHEL);
  structuredClone(null, { transfer: [await tiles.get('ground://4/8/7', forever)] });
  assert.equal((await tiles.get('ground://4/8/7', forever)).byteLength, 3);
});

test('a pack that could not be had is asked for again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(console, 'warn', () => {});
  let loads = 0;
  const tiles = new Tiles(async () => {
    loads++;
    if (loads < 3) throw new TypeError('Failed to fetch');
    return SAHEL;
  });
  const tile = tiles.get('ground://4/8/7', forever);
  while (loads < 3) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(2000);
  }
  assert.equal((await tile).byteLength, 3);
});

test('nobody waits for a tile that went out of view', async (t) => {
  t.mock.method(console, 'warn', () => {});
  const view = new AbortController();
  const tiles = new Tiles(async () => {
    throw new TypeError('Failed to fetch');
  });
  const tile = tiles.get('ground://4/8/7', view.signal);
  setImmediate(() => view.abort());
  await assert.rejects(tile, { name: 'AbortError' });
});

test('what is no tile is refused, and nothing is brought for it', async () => {
  const tiles = new Tiles(async () => assert.fail('brought'));
  for (const url of ['ground://3/9/0', 'ground://-1/0/0', 'ground://1/0', 'other://1/0/0', 'ground://a/b/c']) {
    await assert.rejects(tiles.get(url, forever), /is no tile of the ground/, url);
  }
  await assert.rejects(new Tiles(async () => SAHEL).get('ground://4/8/6', forever), /is in no pack/);
});

// How a crowd is thinned: the layer with pictures that only tell what was stamped.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import './browser';
import type { Position, Unit, World } from '../src/model/types';
import { FlatCamera } from '../src/map/camera';
import type { Labels } from '../src/map/labels';
import type { Sprites } from '../src/map/sprites';
import type { Stamps } from '../src/map/stamps';
import { UnitsLayer, type Chosen } from '../src/map/units_layer';

const SIZE = 26;
const NOBODY: Chosen = { selected: null, followed: null };

interface Stamped { what: string; left: number; top: number; width: number; height: number }

const picture = (what: string, width: number, height: number) =>
  ({ what, width, height, x: width / 2, y: height / 2, radius: width / 2 });

interface Line { from: [number, number]; to: [number, number]; head?: { x: number; y: number; dx: number; dy: number } }

/** What is drawn of so many units in a square of that many pixels, all of which move so. */
function drawn(count: number, pixels: number, chosen = NOBODY, freshness = 'fresh',
  motion: Partial<Position> = {}): { stamped: Stamped[]; lines: Line[]; layer: UnitsLayer } {
  const camera = new FlatCamera(1000, 700, { lat: 0, lon: 0 }, 10, false);
  const side = Math.ceil(Math.sqrt(count));
  const units = Array.from({ length: count }, (_, index) => {
    const place = camera.placeAt(500 + ((index % side) / side - 0.5) * pixels,
      350 + (Math.floor(index / side) / side - 0.5) * pixels);
    return { index, name: `a/u${index}`, label: `U${index}`, owner: 'a', group: '', gone: false,
      position: { ...place, ...motion, timeUs: 0 } } as Unit;
  });
  const world = { units, byName: new Map(units.map((unit) => [unit.name, unit])), nowUs: () => 0,
    freshness: () => freshness } as unknown as World;
  const sprites = { symbol: (unit: Unit) => picture(`symbol ${unit.name}`, SIZE, SIZE),
    dot: (unit: Unit) => picture(`dot ${unit.name}`, 6, 6), stroke: () => picture('stroke', 4, 4),
    head: () => picture('head', 8, 8), ring: () => picture('ring', 40, 40) } as unknown as Sprites;
  const labels = { type: 1,
    get: (text: string) => picture(`label ${text}`, 10 + 7 * text.length, 15) } as unknown as Labels;
  const stamped: Stamped[] = [];
  const lines: Line[] = [];
  const stamps = {
    line: (_: unknown, x0: number, y0: number, x1: number, y1: number) =>
      lines.push({ from: [x0, y0], to: [x1, y1] }),
    turned: (_: unknown, x: number, y: number, dx: number, dy: number) =>
      (lines.at(-1)!.head = { x, y, dx, dy }),
    stamp: ({ what, width, height }: ReturnType<typeof picture>, left: number, top: number) =>
      stamped.push({ what, left, top, width, height }) } as unknown as Stamps;
  const layer = new UnitsLayer(sprites, labels);
  layer.draw(stamps, camera, world, chosen, SIZE);
  return { stamped, lines, layer };
}

const of = (stamped: readonly Stamped[], kind: string): Stamped[] =>
  stamped.filter(({ what }) => what.startsWith(kind));

test('with room for all, each unit has its symbol and its call sign', () => {
  const { stamped } = drawn(16, 600);
  assert.equal(of(stamped, 'symbol').length, 16);
  assert.equal(of(stamped, 'label').length, 16);
  assert.equal(of(stamped, 'dot').length, 0);
});

test('a crowd has one symbol where there is room for one, the others are dots', () => {
  const { stamped, layer } = drawn(3000, 300);
  assert.equal(layer.inView, 3000);
  const symbols = of(stamped, 'symbol');
  assert.ok(symbols.length > 20 && symbols.length <= (300 / SIZE + 1) ** 2, `${symbols.length} symbols`);
  const dots = of(stamped, 'dot');
  assert.ok(dots.length > 500 && dots.length + symbols.length <= 3000, `${dots.length} dots`);
  const numbers = of(stamped, 'label +').length;
  assert.ok(numbers > 0, 'that there are others is told by their number');
});

test('call signs of a crowd are few, and none lies over another', () => {
  const { stamped } = drawn(3000, 600);
  const labels = of(stamped, 'label U');
  assert.ok(labels.length > 10 && labels.length <= 220, `${labels.length} call signs`);
  for (const [i, a] of labels.entries()) {
    for (const b of labels.slice(i + 1)) {
      const apart = a.left + a.width <= b.left || b.left + b.width <= a.left
        || a.top + a.height <= b.top || b.top + b.height <= a.top;
      assert.ok(apart, `${a.what} lies over ${b.what}`);
    }
  }
});

test('who is chosen has a symbol and a call sign in any crowd', () => {
  for (const index of [0, 777, 2999]) {
    const { stamped } = drawn(3000, 300, { selected: `a/u${index}`, followed: null });
    assert.equal(of(stamped, `symbol a/u${index}`).filter(({ what }) => what === `symbol a/u${index}`).length, 1);
    assert.ok(of(stamped, 'label').some(({ what }) => what.split(' ')[1] === `U${index}`));
  }
});

test('no call sign is cut by the edge of the map', () => {
  const { stamped } = drawn(100, 1200);
  const labels = of(stamped, 'label');
  assert.ok(labels.length > 30, `${labels.length} labels`);
  for (const { what, left, top, width, height } of labels) {
    const whole = left >= 0 && top >= 0 && left + width <= 1000 && top + height <= 700;
    assert.ok(whole, `${what} at ${left}, ${top}`);
  }
});

test('no call sign lies under the buttons at the upper right', () => {
  const { stamped } = drawn(225, 1200);
  const near = of(stamped, 'label').filter(({ left, top, width }) => left + width > 800 && top < 250);
  assert.ok(near.length > 3, `${near.length} near them`);
  for (const { what, left, top, width } of near) {
    assert.ok(left + width <= 1000 - 46 || top >= 134, `${what} at ${left}, ${top}`);
  }
});

test('the call sign of who is chosen is whole at the edge of the map, whatever lies beside', () => {
  // A crowd that fills the window: to the left of the chosen one all room is taken, to the right the map ends.
  const { stamped } = drawn(900, 1000, { selected: 'a/u479', followed: null });
  const label = of(stamped, 'label U479')[0]!;
  const symbol = of(stamped, 'symbol a/u479')[0]!;
  assert.ok(symbol.left + SIZE + label.width > 1000, 'beside it is no room');
  assert.ok(label.left >= 0 && label.left + label.width <= 1000, `from ${label.left}`);
});

test('the age of who is chosen lies over no part of its call sign, at any edge', () => {
  for (const index of [0, 14, 29, 435, 464, 870, 884, 899]) {
    for (const pixels of [700, 1000, 1380]) {
      const { stamped } = drawn(900, pixels, { selected: `a/u${index}`, followed: null }, 'silent');
      const name = stamped.find(({ what }) => what.startsWith(`label U${index} `) || what === `label U${index}`);
      if (!name) continue; // it is out of the window
      const age = stamped[stamped.indexOf(name) + 1]!;
      assert.match(age.what, /^label .*s$/);
      const apart = age.left >= name.left + name.width || name.left >= age.left + age.width
        || age.top >= name.top + name.height || name.top >= age.top + age.height;
      assert.ok(apart, `${index} of ${pixels}: ${JSON.stringify([name, age])}`);
    }
  }
});

test('who is drawn as a dot is still found under the pointer', () => {
  const { layer } = drawn(3000, 300);
  const found = new Set<number>();
  for (let x = 360; x < 640; x += 5) for (let y = 210; y < 490; y += 5) found.add(layer.hits.nearest(x, y, 8));
  found.delete(-1);
  assert.ok(found.size > 1500, `${found.size} units are found`);
});

const moving = (motion: Partial<Position>, freshness = 'fresh'): Line[] =>
  drawn(1, 0, NOBODY, freshness, motion).lines;
const near = (a: number, b: number, what: string): void => assert.ok(Math.abs(a - b) < 1e-3, `${what}: ${a}, not ${b}`);

test('the line of who moves points where its course goes: north is up, east to the right', () => {
  for (const [courseDeg, dx, dy] of [[0, 0, -1], [90, 1, 0], [180, 0, 1], [270, -1, 0],
    [30, 0.5, -Math.sqrt(3) / 2], [225, -Math.SQRT1_2, Math.SQRT1_2]] as const) {
    const [line, ...more] = moving({ courseDeg, speedMS: 10 });
    assert.ok(line && more.length === 0, `${courseDeg}°`);
    const [x, y] = [line.to[0] - line.from[0], line.to[1] - line.from[1]];
    const length = Math.hypot(x, y);
    assert.ok(length > SIZE / 2, 'it is longer than its symbol');
    near(line.from[0], 500, 'from the unit');
    near(line.from[1], 350, 'from the unit');
    near(x / length, dx, `${courseDeg}° to the right`);
    near(y / length, dy, `${courseDeg}° down`);
    assert.deepEqual([line.head!.x, line.head!.y], line.to);
    near(line.head!.dx, dx, 'the head of the arrow');
    near(line.head!.dy, dy, 'the head of the arrow');
  }
});

test('who stands, is silent, or tells no course or speed has no line', () => {
  assert.equal(moving({ courseDeg: 90, speedMS: 0.5 }).length, 1);
  assert.equal(moving({ courseDeg: 90, speedMS: 0.49 }).length, 0);
  assert.equal(moving({ courseDeg: 90, speedMS: 10 }, 'overdue').length, 1);
  assert.equal(moving({ courseDeg: 90, speedMS: 10 }, 'silent').length, 0);
  assert.equal(moving({ speedMS: 10 }).length, 0);
  assert.equal(moving({ courseDeg: 90 }).length, 0);
});

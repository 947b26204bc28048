import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ViewArea, outsideMs, type Box, type Seen } from '../src/feed/view_area';

/** A hundred units in one valley, and nine hundred all over the country. */
function country(): { lat: number; lon: number }[] {
  const places = [];
  for (let i = 0; i < 100; i++) places.push({ lat: 46 + i / 1000, lon: 7 + i / 1000 });
  for (let i = 0; i < 900; i++) places.push({ lat: 40 + (i % 30) / 2, lon: -10 + i / 30 });
  return places;
}
const VALLEY: Box = [6.95, 45.95, 7.15, 46.15];

function seen(view: Box | null, more: Partial<Seen> = {}): Seen {
  const places = country();
  return { view, places: () => places, always: [], overdueAfterMs: 60_000, ...more };
}

test('a valley is asked for with a margin, and the rest at a slower pace', () => {
  assert.deepEqual(new ViewArea().interest(seen(VALLEY)), { area: [6.85, 45.85, 7.25, 46.25], outside_ms: 10_000 });
});

test('the world is asked for while there is no map, few units, or most of them in view', () => {
  assert.deepEqual(new ViewArea().interest(seen(null)), {});
  assert.deepEqual(new ViewArea().interest(seen([-10, 40, 20, 55])), {});
  assert.deepEqual(new ViewArea().interest(seen([-300, -80, 300, 80])), {});
  const few = country().slice(0, 90);
  assert.deepEqual(new ViewArea().interest(seen([0, 0, 1, 1], { places: () => few })), {});
});

test('a small move asks for nothing else, a longer one does', () => {
  const area = new ViewArea();
  const first = area.interest(seen(VALLEY));
  assert.deepEqual(area.interest(seen([6.98, 45.95, 7.18, 46.15])), first);
  assert.notDeepEqual(area.interest(seen([7.1, 45.95, 7.3, 46.15])), first);
});

test('a closer look draws the area tighter, a wider one makes it larger', () => {
  const area = new ViewArea();
  area.interest(seen(VALLEY));
  assert.deepEqual(area.interest(seen([7, 46, 7.04, 46.04])).area, [6.98, 45.98, 7.06, 46.06]);
  assert.deepEqual(area.interest(seen([6, 45, 8, 47])).area, [5, 44, 9, 48]);
});

test('whoever is chosen or followed is named, in whatever order', () => {
  const area = new ViewArea();
  assert.deepEqual(area.interest(seen(VALLEY, { always: ['n/b', 'n/a', 'n/b'] })).always, ['n/a', 'n/b']);
});

test('a view over the date line has its west beyond its east', () => {
  assert.deepEqual(new ViewArea().interest(seen([178, 10, 182, 12])).area, [176, 9, -176, 13]);
  assert.deepEqual(new ViewArea().interest(seen([538, 10, 542, 12])).area, [176, 9, -176, 13]);
});

test('a number of units that wavers about the limit does not make the interest waver', () => {
  const places = country().slice(0, 100);
  const with_ = (inside: number): Seen =>
    seen([6.9, 45.9, 7.2, 46.2], { places: () => places.map((place, i) => (i < inside ? place : { lat: 0, lon: 0 })) });
  const area = new ViewArea();
  assert.notEqual(area.interest(with_(45)).area, undefined);
  assert.notEqual(area.interest(with_(65)).area, undefined);
  assert.equal(area.interest(with_(75)).area, undefined);
  assert.equal(area.interest(with_(60)).area, undefined);
  assert.notEqual(area.interest(with_(45)).area, undefined);
});

test('what is outside is never old enough to make a unit look overdue for long', () => {
  assert.equal(outsideMs(60_000), 10_000);
  assert.equal(outsideMs(12_000), 2000);
  assert.equal(outsideMs(1000), 1000);
  assert.equal(outsideMs(Infinity), 10_000);
});

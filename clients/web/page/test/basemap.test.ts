import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

type Ring = [number, number][];
interface Land {
  properties: { is: string };
  geometry: { coordinates: Ring[] };
}

const SCALES = ['world', 'fine-world'];

function landOf(scale: string): Ring[][] {
  // The tests lie in build/tests, the files beside them.
  const path = new URL(`../generated/basemap/${scale}.geojson`, import.meta.url);
  const { features } = JSON.parse(readFileSync(path, 'utf8')) as { features: Land[] };
  return features.filter((one) => one.properties.is === 'land').map((one) => one.geometry.coordinates);
}

function holds(ring: Ring, lon: number, lat: number): boolean {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [x0, y0] = ring[i - 1]!, [x1, y1] = ring[i]!;
    if (y0 > lat !== y1 > lat && lon < x0 + ((x1 - x0) * (lat - y0)) / (y1 - y0)) inside = !inside;
  }
  return inside;
}

test('every country has its name in both languages, and none is abbreviated away', () => {
  const path = new URL('../generated/basemap/names.geojson', import.meta.url);
  const { features } = JSON.parse(readFileSync(path, 'utf8')) as { features: { properties: Record<string, string> }[] };
  const french = new Map(features.map(({ properties }) => [properties.name, properties.fr]));
  for (const [name, fr] of [['Algeria', 'Algérie'], ['Niger', 'Niger'], ['United Kingdom', 'Royaume-Uni'],
    ['United States of America', 'États-Unis'], ['Central African Rep.', 'République centrafricaine'],
    ['N. Cyprus', 'Chypre du Nord'], ['Australia', 'Australie'], ['Hong Kong', 'Hong Kong']] as const) {
    assert.equal(french.get(name), fr);
  }
  assert.ok(features.every(({ properties }) => (properties.fr ?? '') !== ''));
});

for (const scale of SCALES) {
  test(`${scale}: no shore leaps over the map, for whoever fills it would fill what lies between`, () => {
    for (const ring of landOf(scale).flat()) {
      for (let i = 1; i < ring.length; i++) {
        const [a, b] = [ring[i - 1]!, ring[i]!];
        const alongPole = a[1] === -90 && b[1] === -90;
        assert.ok(alongPole || Math.abs(a[0] - b[0]) < 20, `${a} to ${b}`);
        assert.ok(Math.abs(b[0]) <= 180 && Math.abs(b[1]) <= 90, `${b}`);
      }
      assert.deepEqual(ring[0], ring[ring.length - 1], 'a ring is closed');
    }
  });

  test(`${scale}: land is land and sea is sea, on both sides of the date line and around the pole`, () => {
    const land = landOf(scale);
    const isLand = (lon: number, lat: number): boolean =>
      land.some((rings) => holds(rings[0]!, lon, lat) && !rings.slice(1).some((hole) => holds(hole, lon, lat)));
    for (const [lon, lat] of [[-3.7, 40.4], [1.6, 15.9], [-172, 66.3], [176, 67.5], [20, -80], [-170, -85]] as const) {
      assert.ok(isLand(lon, lat), `${lon}, ${lat}`);
    }
    for (const [lon, lat] of [[-5, 45], [-30, 50], [-175, 60], [175, 60], [50, 42], [0, -60]] as const) {
      assert.ok(!isLand(lon, lat), `${lon}, ${lat}`);
    }
  });
}

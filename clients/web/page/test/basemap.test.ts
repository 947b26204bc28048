import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile';
import { unzipSync } from 'fflate';
import Pbf from 'pbf';
import { packOf, TILES_ZOOM_MAX } from '../src/map/tiles';

type Ring = (readonly [number, number])[];

// The tests lie in build/tests, the files beside them.
const made = (name: string): Uint8Array => readFileSync(new URL(`../generated/basemap/${name}`, import.meta.url));
const text = (name: string): string => new TextDecoder().decode(made(name));

function tileOf(z: number, x: number, y: number): VectorTile {
  return new VectorTile(new Pbf(unzipSync(made(`${packOf(z, x, y)}.zip`))[`${z}/${x}/${y}`]));
}

function allTiles(zoom: number): [x: number, y: number, tile: VectorTile][] {
  const side = [...Array(2 ** zoom).keys()];
  return side.flatMap((x) => side.map((y): [number, number, VectorTile] => [x, y, tileOf(zoom, x, y)]));
}

function featuresOf(tile: VectorTile, name: string): VectorTileFeature[] {
  const layer = tile.layers[name];
  return layer ? [...Array(layer.length).keys()].map((i) => layer.feature(i)) : [];
}

/** By the count of crossings, over all rings at once: a hole's take away what its shore's add. */
function holds(rings: Ring[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [x0, y0] = ring[i - 1]!, [x1, y1] = ring[i]!;
      if (y0 > y !== y1 > y && x < x0 + ((x1 - x0) * (y - y0)) / (y1 - y0)) inside = !inside;
    }
  }
  return inside;
}

/** Whether that zoom's tile shows land there. */
function isLand(zoom: number, lon: number, lat: number): boolean {
  const sine = Math.sin((lat * Math.PI) / 180);
  const across = ((lon + 180) / 360) * 2 ** zoom;
  const down = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 2 ** zoom;
  const [x, y] = [Math.floor(across), Math.floor(down)];
  const land = tileOf(zoom, x, y).layers['land'];
  if (!land) return false;
  const [atX, atY] = [(across - x) * land.extent, (down - y) * land.extent];
  return [...Array(land.length).keys()].some((i) =>
    holds(land.feature(i).loadGeometry().map((ring) => ring.map((point) => [point.x, point.y] as const)), atX, atY));
}

const ASHORE = [[-3.7, 40.4], [1.6, 15.9], [-172, 66.3], [176, 67.5], [20, -80], [-170, -85]] as const;
const AT_SEA = [[-5, 45], [-30, 50], [-175, 60], [175, 60], [0, -60]] as const;
const ON_A_LAKE = [50, 42] as const; // the Caspian Sea, which the rough land does without

test('every country has its name in both languages, and none is abbreviated away', () => {
  const { features } = JSON.parse(text('names.geojson')) as { features: { properties: Record<string, string> }[] };
  const french = new Map(features.map(({ properties }) => [properties.name, properties.fr]));
  for (const [name, fr] of [['Algeria', 'Algérie'], ['Niger', 'Niger'], ['United Kingdom', 'Royaume-Uni'],
    ['United States of America', 'États-Unis'], ['Central African Rep.', 'République centrafricaine'],
    ['N. Cyprus', 'Chypre du Nord'], ['Australia', 'Australie'], ['Hong Kong', 'Hong Kong']] as const) {
    assert.equal(french.get(name), fr);
  }
  assert.ok(features.every(({ properties }) => (properties.fr ?? '') !== ''));
});

test('a name stands in its country, also where that goes on over the date line or around the pole', () => {
  const { features } = JSON.parse(text('names.geojson')) as {
    features: { properties: { name: string }; geometry: { coordinates: [number, number] } }[];
  };
  const placeOf = new Map(features.map(({ properties, geometry }) => [properties.name, geometry.coordinates]));
  for (const [name, west, south, east, north] of [['Russia', 60, 55, 120, 70], ['Antarctica', -180, -85, 180, -75],
    ['United States of America', -110, 35, -90, 45], ['Fiji', 177, -19, 179, -16], ['Mali', -6, 14, 2, 20]] as const) {
    const [lon, lat] = placeOf.get(name)!;
    assert.ok(lon >= west && lon <= east && lat >= south && lat <= north, `${name}: ${lon}, ${lat}`);
  }
});

test('rough land: no shore leaps over the map, for whoever fills it would fill what lies between', () => {
  for (const ring of (JSON.parse(text('rough.json')) as Ring[][]).flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [a, b] = [ring[i - 1]!, ring[i]!];
      const alongPole = a[1] === -90 && b[1] === -90;
      assert.ok(alongPole || Math.abs(a[0] - b[0]) < 25, `${a} to ${b}`);
      assert.ok(Math.abs(b[0]) <= 180 && Math.abs(b[1]) <= 90, `${b}`);
    }
    assert.deepEqual(ring[0], ring[ring.length - 1], 'a ring is closed');
  }
});

test('rough land: land is land and sea is sea, on both sides of the date line and around the pole', () => {
  const polygons = JSON.parse(text('rough.json')) as Ring[][];
  const isRoughLand = (lon: number, lat: number): boolean => polygons.some((rings) => holds(rings, lon, lat));
  for (const [lon, lat] of ASHORE) assert.ok(isRoughLand(lon, lat), `${lon}, ${lat}`);
  for (const [lon, lat] of AT_SEA) assert.ok(!isRoughLand(lon, lat), `${lon}, ${lat}`);
});

for (let zoom = 0; zoom <= TILES_ZOOM_MAX; zoom++) {
  test(`tiles of zoom ${zoom}: land is land and sea is sea, on both sides of the date line and around the pole`, () => {
    for (const [lon, lat] of ASHORE) if (lat > -85) assert.ok(isLand(zoom, lon, lat), `${lon}, ${lat}`);
    for (const [lon, lat] of [...AT_SEA, ON_A_LAKE]) assert.ok(!isLand(zoom, lon, lat), `${lon}, ${lat}`);
  });
}

for (const zoom of [0, 3, TILES_ZOOM_MAX]) {
  test(`tiles of zoom ${zoom}: none is missing, each is covered with sea, nothing lies outside it`, () => {
    for (const [x, y, tile] of allTiles(zoom)) {
      assert.equal(featuresOf(tile, 'sea').length, 1, `${zoom}/${x}/${y}`);
      for (const [name, layer] of Object.entries(tile.layers)) {
        const least = -layer.extent / 64, most = layer.extent - least;
        for (const part of featuresOf(tile, name)) {
          const [west, north, east, south] = part.bbox();
          const within = west! >= least && north! >= least && east! <= most && south! <= most;
          assert.ok(within, `${zoom}/${x}/${y}: ${name} ${part.bbox()}`);
        }
      }
    }
  });
}

test('rivers, lakes and borders are in the tiles, and rivers say how wide they are', () => {
  const tiles = allTiles(4).map(([, , tile]) => tile);
  const count = (name: string): number => tiles.reduce((sum, tile) => sum + featuresOf(tile, name).length, 0);
  assert.ok(count('border') > 40, `${count('border')} borders`);
  assert.ok(count('lake') > 100, `${count('lake')} lakes`);
  const rivers = tiles.flatMap((tile) => featuresOf(tile, 'river'));
  assert.ok(rivers.length > 300, `${rivers.length} rivers`);
  assert.ok(rivers.every(({ properties }) => Number(properties['width']) > 0));
});

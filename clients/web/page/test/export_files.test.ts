import './browser';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { root } from './repository';
import { BY_UNIT_MAX, fileName, join, tracksPath, tracksQuestion, type Order } from '../src/panels/export_files';

const ORDER: Order = { units: [], fromUs: Date.UTC(2026, 2, 12, 6) * 1000, toUs: Date.UTC(2026, 2, 12, 7) * 1000,
  clock: 'true',
  format: 'gpx' };

test('an address names units only when some were chosen', () => {
  assert.ok(!tracksPath(ORDER).includes('units'));
  const query = new URL(tracksPath({ ...ORDER, units: ['alpha/v1', 'a b/c&d'] }), 'http://x').searchParams;
  assert.equal(query.get('units'), 'alpha/v1,a b/c&d');
  assert.equal(query.get('format'), 'gpx');
  assert.equal(query.get('clock'), 'true');
});

test('a file is named by what and when', () => {
  assert.equal(fileName('tracks', ORDER), 'vigie_tracks_20260312T060000Z_20260312T070000Z.gpx');
});

test('pages become one file of their format', () => {
  assert.equal(join(['{"a":1}\n', '{"a":2}\n'], 'ndjson'), '{"a":1}\n{"a":2}\n');
  assert.equal(join(['h,i\n1,2\n', 'h,i\n3,4\n'], 'csv'), 'h,i\n1,2\n3,4\n');
  const all = JSON.parse(join(['{"features":[1]}', '{"features":[2,3]}'], 'geojson')) as { features: number[] };
  assert.deepEqual(all.features, [1, 2, 3]);
});

test('the server is asked whether it would give that very file', () => {
  const order: Order = { ...ORDER, toUs: ORDER.toUs + 0.4, units: ['alpha/v1'], grant: 'bravo/to-alpha' };
  const query = (path: string) => Object.fromEntries(new URL(path, 'http://x').searchParams);
  assert.deepEqual(query(tracksQuestion(order)), { ...query(tracksPath(order)), ask: 'true' });
});

test('the page tells of as many units by unit as the server takes', () => {
  const source = readFileSync(`${root()}/clients/web/server/api/tracks.cpp`, 'utf8');
  const most = (name: string) => Number(new RegExp(`\\b${name} = (\\d+);`).exec(source)![1]);
  assert.deepEqual(BY_UNIT_MAX, { true: most('kUnitsByTrueMax'), known: most('kUnitsByKnownMax') });
});

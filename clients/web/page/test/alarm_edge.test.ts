import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signAt } from '../src/alarm/edge';
import { FlatCamera } from '../src/map/camera';

const camera = new FlatCamera(1000, 600, { lat: 0, lon: 0 }, 10, false);

test('an alarm in view has no sign at the edge', () => {
  assert.equal(signAt(camera, 0, { lat: 0.1, lon: -0.1 }), null);
});

test('a sign stands at the edge towards its place, and points there', () => {
  const east = signAt(camera, 0, { lat: 0, lon: 40 })!;
  assert.ok(east.x > 900 && east.x < 1000 && Math.abs(east.y - 300) < 40 && Math.abs(east.angle) < 0.01);
  const north = signAt(camera, 0, { lat: 40, lon: 0 })!;
  assert.ok(north.y < 60 && Math.abs(north.angle + Math.PI / 2) < 0.01);
  const southWest = signAt(camera, 0, { lat: -40, lon: -40 })!;
  assert.ok(southWest.x < 400 && southWest.y > 500 && southWest.y < 600);
});

test('a place under the banner is out of view, and its sign stands below the banner', () => {
  const hidden = { lat: 0.17, lon: 0 }; // about 50 pixels from the top
  assert.equal(signAt(camera, 0, hidden), null);
  const sign = signAt(camera, 120, hidden)!;
  assert.ok(sign.y > 120 && Math.abs(sign.angle + Math.PI / 2) < 0.2);
});

test('over the date line a sign points the short way round', () => {
  const pacific = new FlatCamera(1000, 600, { lat: 0, lon: 179 }, 10, false);
  assert.ok(signAt(pacific, 0, { lat: 0, lon: -175 })!.x > 900);
});

test('a map too small for its signs still has them on it', () => {
  const tiny = new FlatCamera(60, 50, { lat: 0, lon: 0 }, 10, false);
  const sign = signAt(tiny, 40, { lat: 0, lon: 40 })!;
  assert.ok(Number.isFinite(sign.x) && Number.isFinite(sign.y));
});

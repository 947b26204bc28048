// What is written and drawn on the map where all type is larger, as on a wall.
import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../src/map/labels';
import { Sprites, STATES } from '../src/map/sprites';
import type { Unit } from '../src/model/types';

/** Letters are as wide as their font says. */
class FakePen {
  font = '';
  measureText(text: string): { width: number } {
    return { width: text.length * Number(/(\d+)px/.exec(this.font)![1]) };
  }
}
class FakeCanvas {
  width = 0;
  height = 0;
  getContext(): FakePen {
    return new Proxy(new FakePen(), { get: (pen, name) => Reflect.get(pen, name) ?? (() => {}) });
  }
}
Object.assign(globalThis.document, { createElement: () => new FakeCanvas() });

const ink = { pixels: 12, height: 16, colour: 'x', halo: 'x' };

test('a label is as much larger as type is, its resolution apart', () => {
  const labels = new Labels();
  const usual = labels.get('alpha', ink);
  assert.deepEqual([usual.width, usual.height, usual.image.height], [5 * 12 + 6, 16, 16]);
  labels.setScale(2, 1.5);
  const larger = labels.get('alpha', ink);
  assert.deepEqual([larger.width, larger.height, larger.image.height], [5 * 18 + 10, 24, 48]);
  assert.equal(labels.type, 1.5);
});

test('symbols, dots and rings are as much larger, and as sharp', () => {
  const unit = { name: 'a/b', owner: 'a', label: 'b' } as Unit;
  const look = { size: 26, night: false, scale: 1 };
  const drawn = (type: number) => {
    const sprites = new Sprites();
    sprites.setLook({ ...look, type });
    const symbol = sprites.symbol(unit, STATES.indexOf('overdue'));
    return { symbol, dot: sprites.dot(unit, 0), ring: sprites.ring(symbol.radius, true) };
  };
  const [usual, larger] = [drawn(1), drawn(2)];
  for (const part of ['symbol', 'dot', 'ring'] as const) {
    assert.ok(Math.abs(larger[part].width - 2 * usual[part].width) < 1e-6, part);
    assert.ok(Math.abs(larger[part].image.width - larger[part].width) <= 1, `${part}: a pixel of its own for each`);
  }
  assert.ok(Math.abs(larger.symbol.x - 2 * usual.symbol.x) < 1e-6);
  assert.ok(Math.abs(larger.symbol.radius - 2 * usual.symbol.radius) < 1e-6);
});

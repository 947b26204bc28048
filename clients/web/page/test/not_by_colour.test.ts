// Colour is never the only sign: were all colours alike, marks in lists and pictures on the map would still tell states
// apart.
import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentChildren, VNode } from 'preact';
import { Sprites, STATES } from '../src/map/sprites';
import type { Freshness, Severity, Unit } from '../src/model/types';
import { FreshnessMark, SeverityMark } from '../src/ui/marks';

const COLOURS = /^(class|style|fill|stroke|color|children)$/;

/** The shapes of a mark, its classes and colours apart. */
function shapesOf(node: ComponentChildren): string[] {
  if (Array.isArray(node)) return node.flatMap(shapesOf);
  if (typeof node !== 'object' || node === null) return [];
  const { type, props } = node as VNode<Record<string, unknown>>;
  const shape = Object.entries(props).flatMap(([name, value]) => (COLOURS.test(name) ? [] : `${name}=${value}`));
  return [`${String(type)} ${shape.sort().join(' ')}`, ...shapesOf(props.children as ComponentChildren)];
}

function allDiffer(signs: Record<string, unknown>): void {
  const seen = new Map<string, string>();
  for (const [name, sign] of Object.entries(signs)) {
    const text = JSON.stringify(sign);
    assert.equal(seen.get(text), undefined, `${name} looks as ${seen.get(text)} but for its colour`);
    seen.set(text, name);
  }
}

test('each freshness has a shape of its own in lists', () => {
  const states: Freshness[] = ['fresh', 'overdue', 'silent', 'unknown'];
  allDiffer(Object.fromEntries(states.map((state) => [state, shapesOf(FreshnessMark({ state }))])));
});

test('each severity has a shape of its own in lists', () => {
  const severities: Severity[] = [0, 1, 2, 3];
  allDiffer(Object.fromEntries(severities.map((severity) => [severity, shapesOf(SeverityMark({ severity }))])));
});

/** What is painted, in its order: how, how opaque, along which path, with which dashes. */
type Drawn = unknown[];

/** How opaque a colour is: that is seen without colours, too. */
function opacityOf(style: unknown): number {
  return Number(/^rgba\(.*,\s*([\d.]+)\)$/.exec(String(style))?.[1] ?? 1);
}

/** Remembers shapes, with opacities in the place of colours, and neither widths of lines nor where it all stands. */
class FakeCanvas {
  width = 0;
  height = 0;
  readonly drawn: Drawn = [];
  private path: unknown[] = [];
  private dashes: unknown = [];
  private readonly pen = this.makePen();

  getContext(): object {
    return this.pen;
  }

  private makePen(): object {
    const styles: Record<string, unknown> = { globalAlpha: 1 };
    return new Proxy(styles, { get: (_, name: string) => {
      if (name in styles) return styles[name];
      return (...args: unknown[]) => this.take(name, args, styles);
    } });
  }

  private take(name: string, args: unknown[], styles: Record<string, unknown>): unknown {
    if (name === 'measureText') return { width: 10 };
    if (name === 'getLineDash') return this.dashes;
    if (name === 'setLineDash') this.dashes = args[0];
    if (name === 'drawImage') this.drawn.push(...(args[0] as FakeCanvas).drawn);
    if (name === 'beginPath') this.path = [];
    if (/^(move|line|arc|bezierCurve)(To)?$|^closePath$/.test(name)) this.path.push([name, ...args]);
    const paint = /^(fill|stroke)(Rect|Text)?$/.exec(name)?.[1];
    if (!paint) return undefined;
    const opacity = opacityOf(styles[`${paint}Style`]) * Number(styles.globalAlpha);
    const along = args.length === 0 ? [...this.path] : args.map((one) => (one instanceof FakePath ? one.path : one));
    if (opacity > 0) this.drawn.push([name, opacity, along, paint === 'stroke' ? this.dashes : []]);
    return undefined;
  }
}

class FakePath {
  constructor(readonly path: unknown) {}
}
Object.assign(globalThis, { Path2D: FakePath });
Object.assign(globalThis.document, { createElement: () => new FakeCanvas() });

const PLAIN = { name: 'a/plain', owner: 'a', label: 'p' } as Unit;
const SYMBOL = { ...PLAIN, name: 'a/symbol', card: { symbol: 'SFGPEVA----D---' } } as Unit;

for (const night of [false, true]) {
  const theme = night ? 'night' : 'day';
  const sprites = new Sprites();
  sprites.setLook({ size: 26, night, scale: 1, type: 1 });
  const seen = (draw: (state: number) => { image: unknown }) => (state: Freshness): Drawn =>
    (draw(STATES.indexOf(state)).image as FakeCanvas).drawn;
  const looks = {
    'a symbol': seen((state) => sprites.symbol(SYMBOL, state)),
    'a disc': seen((state) => sprites.symbol(PLAIN, state)),
    'a dot': seen((state) => sprites.dot(SYMBOL, state)),
    'a dot of an owner': seen((state) => sprites.dot(PLAIN, state)),
  };

  for (const [what, look] of Object.entries(looks)) {
    test(`${what} on the map by ${theme} tells how fresh it is without its colour`, () => {
      const states: Freshness[] = ['fresh', 'overdue', 'silent'];
      const all = Object.fromEntries(states.map((state) => [state, look(state)]));
      for (const [state, drawn] of Object.entries(all)) assert.ok(drawn.length > 0, `${state} is drawn`);
      allDiffer(all);
    });
  }

  test(`what is silent is hollow on the map by ${theme}`, () => {
    const solid = (drawn: Drawn): number => drawn.filter((one) => (one as unknown[])[0] === 'fill'
      && (one as unknown[])[1] === 1).length;
    for (const [what, look] of Object.entries(looks)) {
      const covers = what.startsWith('a dot') ? 0 : 1; // the ground of the ring with the cross
      assert.ok(solid(look('silent')) - covers < solid(look('fresh')), what);
    }
  });
}

test('a symbol is drawn by its code', () => {
  const sprites = new Sprites();
  sprites.setLook({ size: 26, night: false, scale: 1, type: 1 });
  const drawn = (unit: Unit) => JSON.stringify((sprites.symbol(unit, 0).image as unknown as FakeCanvas).drawn);
  assert.notEqual(drawn(SYMBOL), drawn(PLAIN));
});

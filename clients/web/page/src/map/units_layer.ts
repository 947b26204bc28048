// Draws the units: symbols where there is room, dots where there is not, call signs that don't run into one
// another, the course, the age of those that are not fresh, rings around the selected and the followed.
import type { Unit, World } from '../model/types';
import { age } from '../text/format';
import { FlatCamera, mercatorY } from './camera';
import { Hits, Occupied } from './cells';
import { Labels, type Ink, type Label } from './labels';
import { OVERDUE, SILENT, Sprites, STATES, type Sprite } from './sprites';
import type { Stamps } from './stamps';

const MARGIN = 40; // pixels beyond the edge that are still drawn
const LABELS_MAX = 220;
const TOOLS = { width: 48, height: 136 }; // pixels that the buttons at the upper right take, as large as type
const LETTERS_MAX = 80; // of a call sign: the longest that a screen has room for
const CROWD = 2000; // units in view from which on fewer of them get a symbol
const VECTORS_MAX = 2500;
const STANDING_M_S = 0.5; // slower than this has no course
const VECTOR_S = 60; // where the unit is in a minute, as far as it is seen
const FRESH = STATES.indexOf('fresh');
const OVERDUE_STATE = STATES.indexOf('overdue');
const SILENT_STATE = STATES.indexOf('silent');

export interface Chosen {
  selected: string | null;
  followed: string | null;
}

export class UnitsLayer {
  readonly hits = new Hits();
  /** Units in view at the last drawing. */
  inView = 0;
  /** Indexes of those, in their order. */
  visible = new Int32Array(1024);
  private xs = new Float32Array(1024);
  private ys = new Float32Array(1024);
  private states = new Uint8Array(1024); // places in STATES
  private winners = new Int32Array(0); // by cell: place in `visible`, -1 none
  private counts = new Uint16Array(0);
  private shown = new Int32Array(1024); // places in `visible` that get a symbol
  private shownCount = 0;
  private cellSize = 32;
  private columns = 0;
  private cellsLeft = 0;
  private cellsTop = 0;
  private readonly occupied = new Occupied();
  private readonly norths = new Norths();

  constructor(
    private readonly sprites: Sprites,
    private readonly labels: Labels,
  ) {}

  draw(stamps: Stamps, camera: FlatCamera, world: World, chosen: Chosen, size: number): void {
    this.collect(camera, world);
    this.thin(camera, world, chosen, size);
    this.hits.reset(camera.width, camera.height);
    this.occupied.reset(camera.width, camera.height);
    const { type } = this.labels;
    this.occupied.block(camera.width - TOOLS.width * type, 0, TOOLS.width * type, TOOLS.height * type);
    this.drawDots(stamps, world, size);
    this.drawCourses(stamps, camera, world);
    this.drawSymbols(stamps, world);
    this.drawRings(stamps, world, chosen);
    this.drawLabels(stamps, world, chosen, camera.night);
  }

  /** Who is on the screen, and where, and how fresh. */
  private collect(camera: FlatCamera, world: World): void {
    const nowUs = world.nowUs();
    let n = 0;
    for (const unit of world.units) {
      const position = unit.position;
      if (!position || unit.gone) continue;
      const y = camera.yOf(this.norths.of(unit.index, position.lat));
      if (y < -MARGIN || y > camera.height + MARGIN) continue;
      const x = camera.x(position.lon);
      if (x < -MARGIN || x > camera.width + MARGIN) continue;
      if (n === this.visible.length) this.grow();
      this.visible[n] = unit.index;
      this.xs[n] = x;
      this.ys[n] = y;
      this.states[n] = STATES.indexOf(world.freshness(unit, nowUs));
      n++;
    }
    this.inView = n;
  }

  /** One symbol for each cell of the ground, so that moving the map changes nobody's. The chosen go first. */
  private thin(camera: FlatCamera, world: World, chosen: Chosen, size: number): void {
    const cell = (this.cellSize = size * (this.inView > CROWD ? 1.5 : this.inView > CROWD / 4 ? 1.1 : 0.8));
    this.cellsLeft = (((camera.originX % cell) + cell) % cell) - cell - MARGIN - cell;
    this.cellsTop = (((camera.originY % cell) + cell) % cell) - cell - MARGIN - cell;
    this.columns = Math.ceil((camera.width + 2 * MARGIN) / cell) + 5;
    const cells = this.columns * (Math.ceil((camera.height + 2 * MARGIN) / cell) + 5);
    if (this.winners.length < cells) {
      this.winners = new Int32Array(cells);
      this.counts = new Uint16Array(cells);
    }
    this.winners.fill(-1, 0, cells);
    this.counts.fill(0, 0, cells);
    const first = [chosen.selected, chosen.followed].map((name) =>
      name === null ? -1 : (world.byName.get(name)?.index ?? -1),
    );
    for (let i = 0; i < this.inView; i++) {
      const at = this.cellOf(i);
      this.counts[at]!++;
      if (this.winners[at]! < 0 || this.visible[i] === first[0] || this.visible[i] === first[1]) this.winners[at] = i;
    }
    this.shownCount = 0;
    for (let i = 0; i < this.inView; i++) if (this.winners[this.cellOf(i)] === i) this.shown[this.shownCount++] = i;
  }

  private cellOf(i: number): number {
    const column = Math.floor((this.xs[i]! - this.cellsLeft) / this.cellSize);
    const row = Math.floor((this.ys[i]! - this.cellsTop) / this.cellSize);
    return row * this.columns + column;
  }

  private drawDots(stamps: Stamps, world: World, size: number): void {
    const covered = (size * 0.35) ** 2;
    for (let i = 0; i < this.inView; i++) {
      const x = this.xs[i]!,
        y = this.ys[i]!;
      this.hits.add(x, y, this.visible[i]!);
      const winner = this.winners[this.cellOf(i)]!;
      if (winner === i || (this.xs[winner]! - x) ** 2 + (this.ys[winner]! - y) ** 2 < covered) continue;
      const dot = this.sprites.dot(world.units[this.visible[i]!]!, this.states[i]!);
      stamps.stamp(dot, x - dot.x, y - dot.y);
    }
  }

  /** A line to where the unit will be in a minute, at least as long as can be seen. */
  private drawCourses(stamps: Stamps, camera: FlatCamera, world: World): void {
    const count = Math.min(this.shownCount, VECTORS_MAX);
    const stroke = this.sprites.stroke(),
      head = this.sprites.head();
    for (let k = 0; k < count; k++) {
      const i = this.shown[k]!;
      const unit = world.units[this.visible[i]!]!;
      const { courseDeg, speedMS } = unit.position!;
      if (courseDeg === undefined || speedMS === undefined || speedMS < STANDING_M_S) continue;
      if (this.states[i] === SILENT_STATE) continue;
      const { radius } = this.sprites.symbol(unit, FRESH);
      const length = radius + Math.max(8, Math.min(70, speedMS * VECTOR_S * camera.pixelsPerMetre));
      const dx = Math.sin((courseDeg * Math.PI) / 180),
        dy = -Math.cos((courseDeg * Math.PI) / 180);
      const x = this.xs[i]! + dx * length,
        y = this.ys[i]! + dy * length;
      stamps.line(stroke, this.xs[i]!, this.ys[i]!, x, y);
      stamps.turned(head, x, y, dx, dy);
    }
  }

  private drawSymbols(stamps: Stamps, world: World): void {
    for (let k = 0; k < this.shownCount; k++) {
      const i = this.shown[k]!;
      const sprite = this.spriteOf(i, world);
      const x = this.xs[i]! - sprite.x,
        y = this.ys[i]! - sprite.y;
      stamps.stamp(sprite, x, y);
      // A little less than it is: its cells must leave room for its own call sign beside it.
      this.occupied.block(x + 4, y + 4, sprite.width - 12, sprite.height - 8);
    }
  }

  private spriteOf(i: number, world: World): Sprite {
    return this.sprites.symbol(world.units[this.visible[i]!]!, this.states[i]!);
  }

  private drawRings(stamps: Stamps, world: World, chosen: Chosen): void {
    for (let k = 0; k < this.shownCount; k++) {
      const i = this.shown[k]!;
      const { name } = world.units[this.visible[i]!]!;
      if (name !== chosen.selected && name !== chosen.followed) continue;
      const { radius } = this.spriteOf(i, world);
      if (name === chosen.selected) this.ring(stamps, i, radius + 5, false);
      if (name === chosen.followed) this.ring(stamps, i, radius + 9, true);
    }
  }

  private ring(stamps: Stamps, i: number, radius: number, sight: boolean): void {
    const ring = this.sprites.ring(radius, sight);
    stamps.stamp(ring, this.xs[i]! - ring.width / 2, this.ys[i]! - ring.height / 2);
  }

  private drawLabels(stamps: Stamps, world: World, chosen: Chosen, night: boolean): void {
    const inks = inksOf(night);
    const nowUs = world.nowUs();
    let left = LABELS_MAX;
    const label = (i: number, always: boolean): void => {
      const unit = world.units[this.visible[i]!]!;
      const state = this.states[i]!;
      const others = this.counts[this.cellOf(i)]! - 1;
      const name = this.callSign(unit, others, always ? inks.chosen : inks.name);
      const stands = this.place(stamps, name, i, world, always);
      if (stands) left--;
      if (state !== OVERDUE_STATE && state !== SILENT_STATE) return;
      const old = this.labels.get(
        age((nowUs - unit.position!.timeUs) / 1000),
        state === SILENT_STATE ? inks.silent : inks.overdue,
      );
      this.placeAge(stamps, [old], i, world, always ? stands : null);
    };
    const isChosen = (i: number): boolean => {
      const { name } = world.units[this.visible[i]!]!;
      return name === chosen.selected || name === chosen.followed;
    };
    for (let k = 0; k < this.shownCount; k++) if (isChosen(this.shown[k]!)) label(this.shown[k]!, true);
    for (let k = 0; k < this.shownCount && left > 0; k++) if (!isChosen(this.shown[k]!)) label(this.shown[k]!, false);
  }

  /** Without a plate the number of `others` in its cell is a label of its own: it changes, and few serve all. */
  private callSign(unit: Unit, others: number, ink: Ink): Label[] {
    const name = unit.label.length > LETTERS_MAX ? `${unit.label.slice(0, LETTERS_MAX)}…` : unit.label;
    if (others === 0) return [this.labels.get(name, ink)];
    if (ink.ground) return [this.labels.get(`${name} +${others}`, ink)];
    return [this.labels.get(name, ink), this.labels.get(`+${others}`, ink)];
  }

  /** Beside the symbol, under or over it; who is chosen `always` has one, over others if there is no room. */
  private place(stamps: Stamps, parts: Label[], i: number, world: World, always: boolean): Box | null {
    const sprite = this.spriteOf(i, world);
    const { width, height } = this.sizeOf(parts);
    const middle = this.xs[i]! - width / 2;
    const spots = [
      ...this.besides(i, sprite, width, this.ys[i]! - height + 1),
      [middle, this.ys[i]! - sprite.y + sprite.height - 2],
      [middle, this.ys[i]! - sprite.y - height + 2],
    ] as const;
    for (const [x, y] of spots) {
      if (this.occupied.take(x, y, width, height)) return this.stampAt(stamps, parts, x, y);
    }
    if (!always) return null;
    const [x, y] = spots.find(([left, top]) => this.occupied.holds(left, top, width, height)) ?? spots[0];
    this.occupied.block(x, y, width, height);
    return this.stampAt(stamps, parts, x, y);
  }

  /** Beside the symbol, in the lower half; of who is chosen else at its call sign, which `stands` there. */
  private placeAge(stamps: Stamps, parts: Label[], i: number, world: World, stands: Box | null): void {
    const { width, height } = this.sizeOf(parts);
    for (const [x, y] of this.besides(i, this.spriteOf(i, world), width, this.ys[i]!)) {
      if (this.occupied.take(x, y, width, height)) return void this.stampAt(stamps, parts, x, y);
    }
    if (!stands) return;
    const under = stands.y + stands.height;
    const fits = this.occupied.holds(stands.x, under, width, height);
    const y = fits ? under : stands.y - height;
    this.occupied.block(stands.x, y, width, height);
    this.stampAt(stamps, parts, stands.x, y);
  }

  /** To the right and to the left of a symbol. */
  private besides(i: number, sprite: Sprite, width: number, y: number): [number, number][] {
    const left = this.xs[i]! - sprite.x;
    return [[left + sprite.width + 1, y], [left - width - 1, y]];
  }

  private sizeOf(parts: readonly Label[]): { width: number; height: number } {
    return { width: widthOf(parts, this.overlap()), height: parts[0]!.height };
  }

  private overlap(): number {
    return Math.round(OVERLAP * this.labels.type);
  }

  private stampAt(stamps: Stamps, parts: Label[], x: number, y: number): Box {
    stampParts(stamps, parts, x, y, this.overlap());
    return { x, y, ...this.sizeOf(parts) };
  }

  private grow(): void {
    const size = this.visible.length * 2;
    const { visible, xs, ys, states } = this;
    this.visible = new Int32Array(size);
    this.xs = new Float32Array(size);
    this.ys = new Float32Array(size);
    this.states = new Uint8Array(size);
    this.shown = new Int32Array(size);
    this.visible.set(visible);
    this.xs.set(xs);
    this.ys.set(ys);
    this.states.set(states);
  }
}

/** How far north units are, by Mercator: a logarithm for each of those alone that have moved. */
class Norths {
  private lats = new Float64Array(1024).fill(NaN);
  private ys = new Float64Array(1024);

  of(index: number, lat: number): number {
    if (index >= this.lats.length) this.grow(index + 1);
    if (this.lats[index] !== lat) {
      this.lats[index] = lat;
      this.ys[index] = mercatorY(lat);
    }
    return this.ys[index]!;
  }

  private grow(least: number): void {
    const size = Math.max(least, this.lats.length * 2);
    const { lats, ys } = this;
    this.lats = new Float64Array(size).fill(NaN);
    this.ys = new Float64Array(size);
    this.lats.set(lats);
    this.ys.set(ys);
  }
}

interface Box { x: number; y: number; width: number; height: number }

const OVERLAP = 3; // pixels by which parts of a label lie over one another: the room for their halos, less a space

function widthOf(parts: readonly Label[], overlap: number): number {
  let width = -overlap * (parts.length - 1);
  for (const part of parts) width += part.width;
  return width;
}

function stampParts(stamps: Stamps, parts: readonly Label[], left: number, top: number, overlap: number): void {
  let x = Math.round(left);
  for (const part of parts) {
    stamps.stamp(part, x, Math.round(top));
    x += part.width - overlap;
  }
}

function inksOf(night: boolean): { name: Ink; chosen: Ink; overdue: Ink; silent: Ink } {
  const halo = night ? 'rgba(6, 12, 18, .85)' : 'rgba(255, 255, 255, .85)';
  const small = { pixels: 11, height: 14, halo };
  return {
    name: { weight: 600, pixels: 12, height: 15, halo, colour: night ? '#e6edf2' : '#16222c' },
    chosen: {
      weight: 700,
      pixels: 12,
      height: 16,
      halo,
      colour: night ? '#0a1118' : '#ffffff',
      ground: night ? '#ffffff' : '#0b3d91',
    },
    overdue: { ...small, colour: night ? OVERDUE.night : OVERDUE.day },
    silent: { ...small, colour: night ? SILENT.night : SILENT.day },
  };
}

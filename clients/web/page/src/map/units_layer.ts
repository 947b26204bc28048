// Draws the units: symbols where there is room, dots where there is not, call signs that don't run into one
// another, the course, the age of those that are not fresh, rings around the selected and the followed.
import type { Freshness, Unit, World } from '../model/types';
import { age } from '../text/format';
import { FlatCamera } from './camera';
import { Hits, Occupied } from './cells';
import { Labels, type Ink, type Label } from './labels';
import { OVERDUE, SILENT, Sprites, type Sprite } from './sprites';

const MARGIN = 40; // pixels beyond the edge that are still drawn
const LABELS_MAX = 220;
const CROWD = 2000; // units in view from which on fewer of them get a symbol
const VECTORS_MAX = 2500;
const STANDING_M_S = 0.5; // slower than this has no course
const VECTOR_S = 60; // where the unit is in a minute, as far as it is seen

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
  private winners = new Int32Array(0); // by cell: place in `visible`, -1 none
  private counts = new Uint16Array(0);
  private shown = new Int32Array(1024); // places in `visible` that get a symbol
  private shownCount = 0;
  private cellSize = 32;
  private columns = 0;
  private cellsLeft = 0;
  private cellsTop = 0;
  private readonly occupied = new Occupied();

  constructor(
    private readonly sprites: Sprites,
    private readonly labels: Labels,
  ) {}

  draw(pen: CanvasRenderingContext2D, camera: FlatCamera, world: World, chosen: Chosen, size: number): void {
    this.collect(camera, world);
    this.thin(camera, world, chosen, size);
    this.hits.reset(camera.width, camera.height);
    this.occupied.reset(camera.width, camera.height);
    this.drawCircles(pen, camera, world, chosen);
    this.drawDots(pen, world, size);
    this.drawCourses(pen, camera, world);
    this.drawSymbols(pen, world);
    this.drawRings(pen, world, chosen, camera.night);
    this.drawLabels(pen, world, chosen, camera.night);
  }

  /** Who is on the screen, and where. */
  private collect(camera: FlatCamera, world: World): void {
    let n = 0;
    for (const unit of world.units) {
      const position = unit.position;
      if (!position || unit.gone) continue;
      const y = camera.y(position.lat);
      if (y < -MARGIN || y > camera.height + MARGIN) continue;
      const x = camera.x(position.lon);
      if (x < -MARGIN || x > camera.width + MARGIN) continue;
      if (n === this.visible.length) this.grow();
      this.visible[n] = unit.index;
      this.xs[n] = x;
      this.ys[n] = y;
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

  private drawDots(pen: CanvasRenderingContext2D, world: World, size: number): void {
    const covered = (size * 0.35) ** 2;
    for (let i = 0; i < this.inView; i++) {
      const x = this.xs[i]!,
        y = this.ys[i]!;
      this.hits.add(x, y, this.visible[i]!);
      const winner = this.winners[this.cellOf(i)]!;
      if (winner === i || (this.xs[winner]! - x) ** 2 + (this.ys[winner]! - y) ** 2 < covered) continue;
      const unit = world.units[this.visible[i]!]!;
      const dot = this.sprites.dot(unit, world.freshness(unit));
      pen.drawImage(dot.image, x - dot.x, y - dot.y, dot.width, dot.height);
    }
  }

  /** A line to where the unit will be in a minute, at least as long as can be seen. */
  private drawCourses(pen: CanvasRenderingContext2D, camera: FlatCamera, world: World): void {
    const count = Math.min(this.shownCount, VECTORS_MAX);
    pen.beginPath();
    for (let k = 0; k < count; k++) {
      const i = this.shown[k]!;
      const unit = world.units[this.visible[i]!]!;
      const { courseDeg, speedMS } = unit.position!;
      if (courseDeg === undefined || speedMS === undefined || speedMS < STANDING_M_S) continue;
      if (world.freshness(unit) === 'silent') continue;
      const radius = this.sprites.symbol(unit, 'fresh').radius;
      const length = radius + Math.max(8, Math.min(70, speedMS * VECTOR_S * camera.pixelsPerMetre));
      const dx = Math.sin((courseDeg * Math.PI) / 180),
        dy = -Math.cos((courseDeg * Math.PI) / 180);
      const x = this.xs[i]! + dx * length,
        y = this.ys[i]! + dy * length;
      pen.moveTo(this.xs[i]!, this.ys[i]!);
      pen.lineTo(x, y);
      pen.moveTo(x - dx * 5 - dy * 3, y - dy * 5 + dx * 3);
      pen.lineTo(x, y);
      pen.lineTo(x - dx * 5 + dy * 3, y - dy * 5 - dx * 3);
    }
    pen.lineWidth = 1.6;
    pen.strokeStyle = camera.night ? '#c9d6df' : '#24323d';
    pen.stroke();
  }

  private drawSymbols(pen: CanvasRenderingContext2D, world: World): void {
    for (let k = 0; k < this.shownCount; k++) {
      const i = this.shown[k]!;
      const unit = world.units[this.visible[i]!]!;
      const sprite = this.sprites.symbol(unit, world.freshness(unit));
      const x = this.xs[i]! - sprite.x,
        y = this.ys[i]! - sprite.y;
      pen.drawImage(sprite.image, x, y, sprite.width, sprite.height);
      // A little less than it is: its cells must leave room for its own call sign beside it.
      this.occupied.block(x + 4, y + 4, sprite.width - 12, sprite.height - 8);
    }
  }

  /** How exact the selected one's position is. */
  private drawCircles(pen: CanvasRenderingContext2D, camera: FlatCamera, world: World, chosen: Chosen): void {
    const unit = chosen.selected === null ? undefined : world.byName.get(chosen.selected);
    const position = unit && !unit.gone ? unit.position : undefined;
    if (!position?.accuracyM) return;
    const radius =
      (position.accuracyM * camera.pixelsPerMetre * Math.cos((camera.middle.lat * Math.PI) / 180)) /
      Math.cos((position.lat * Math.PI) / 180);
    if (radius < 6 || radius > 4000) return;
    pen.beginPath();
    pen.arc(camera.x(position.lon), camera.y(position.lat), radius, 0, 2 * Math.PI);
    pen.fillStyle = camera.night ? 'rgba(120, 190, 240, .14)' : 'rgba(20, 110, 180, .12)';
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = camera.night ? 'rgba(140, 200, 250, .6)' : 'rgba(20, 90, 160, .55)';
    pen.stroke();
  }

  private drawRings(pen: CanvasRenderingContext2D, world: World, chosen: Chosen, night: boolean): void {
    for (let k = 0; k < this.shownCount; k++) {
      const i = this.shown[k]!;
      const unit = world.units[this.visible[i]!]!;
      if (unit.name === chosen.selected) this.ring(pen, i, this.radiusOf(unit, world) + 5, night, false);
      if (unit.name === chosen.followed) this.ring(pen, i, this.radiusOf(unit, world) + 9, night, true);
    }
  }

  private radiusOf(unit: Unit, world: World): number {
    return this.sprites.symbol(unit, world.freshness(unit)).radius;
  }

  /** The followed one's has four marks like a sight. */
  private ring(pen: CanvasRenderingContext2D, i: number, radius: number, night: boolean, sight: boolean): void {
    const x = this.xs[i]!,
      y = this.ys[i]!;
    const path = (): void => {
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      if (sight) {
        for (const [dx, dy] of [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ] as const) {
          pen.moveTo(x + dx * (radius - 3), y + dy * (radius - 3));
          pen.lineTo(x + dx * (radius + 7), y + dy * (radius + 7));
        }
      }
      pen.stroke();
    };
    pen.lineWidth = 5;
    pen.strokeStyle = night ? 'rgba(6, 12, 18, .8)' : 'rgba(255, 255, 255, .85)';
    path();
    pen.lineWidth = 2.4;
    pen.strokeStyle = night ? '#ffffff' : '#0b3d91';
    path();
  }

  private drawLabels(pen: CanvasRenderingContext2D, world: World, chosen: Chosen, night: boolean): void {
    const inks = inksOf(night);
    let left = LABELS_MAX;
    const label = (i: number, always: boolean): void => {
      const unit = world.units[this.visible[i]!]!;
      const state = world.freshness(unit);
      const sprite = this.sprites.symbol(unit, state);
      const others = this.counts[this.cellOf(i)]! - 1;
      const text = others > 0 ? `${unit.label} +${others}` : unit.label;
      if (this.place(pen, text, always ? inks.chosen : inks.name, i, sprite, always, -1)) left--;
      const old = ageOf(unit, state, world);
      if (old !== '') this.place(pen, old, state === 'silent' ? inks.silent : inks.overdue, i, sprite, always, 1);
    };
    const isChosen = (i: number): boolean => {
      const { name } = world.units[this.visible[i]!]!;
      return name === chosen.selected || name === chosen.followed;
    };
    for (let k = 0; k < this.shownCount; k++) if (isChosen(this.shown[k]!)) label(this.shown[k]!, true);
    for (let k = 0; k < this.shownCount && left > 0; k++) if (!isChosen(this.shown[k]!)) label(this.shown[k]!, false);
  }

  /** Beside the symbol: `row` -1 the upper half, 1 the lower. False: there is no room. */
  private place(
    pen: CanvasRenderingContext2D,
    text: string,
    ink: Ink,
    i: number,
    sprite: Sprite,
    always: boolean,
    row: number,
  ): boolean {
    const made = this.labels.get(text, ink);
    const y = this.ys[i]! + (row < 0 ? -made.height + 1 : 0);
    const right = this.xs[i]! - sprite.x + sprite.width + 1;
    const left = this.xs[i]! - sprite.x - made.width - 1;
    const middle = this.xs[i]! - made.width / 2;
    const under = this.ys[i]! - sprite.y + sprite.height - 2;
    const over = this.ys[i]! - sprite.y - made.height + 2;
    return (
      this.placeAt(pen, made, right, y) ||
      this.placeAt(pen, made, left, y) ||
      (row < 0 && (this.placeAt(pen, made, middle, under) || this.placeAt(pen, made, middle, over))) ||
      (always && this.force(pen, made, right, y))
    );
  }

  private placeAt(pen: CanvasRenderingContext2D, made: Label, x: number, y: number): boolean {
    if (!this.occupied.take(x, y, made.width, made.height)) return false;
    pen.drawImage(made.image, Math.round(x), Math.round(y), made.width, made.height);
    return true;
  }

  private force(pen: CanvasRenderingContext2D, made: Label, right: number, y: number): boolean {
    pen.drawImage(made.image, Math.round(right), Math.round(y), made.width, made.height);
    this.occupied.block(right, y, made.width, made.height);
    return true;
  }

  private grow(): void {
    const size = this.visible.length * 2;
    const [visible, xs, ys] = [this.visible, this.xs, this.ys];
    this.visible = new Int32Array(size);
    this.xs = new Float32Array(size);
    this.ys = new Float32Array(size);
    this.shown = new Int32Array(size);
    this.visible.set(visible);
    this.xs.set(xs);
    this.ys.set(ys);
  }
}

function ageOf(unit: Unit, state: Freshness, world: World): string {
  if (state !== 'overdue' && state !== 'silent') return '';
  return age((world.nowUs() - unit.position!.timeUs) / 1000);
}

const FACE = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

function inksOf(night: boolean): { name: Ink; chosen: Ink; overdue: Ink; silent: Ink } {
  const halo = night ? 'rgba(6, 12, 18, .85)' : 'rgba(255, 255, 255, .85)';
  const small = { font: `11px ${FACE}`, height: 14, halo };
  return {
    name: { font: `600 12px ${FACE}`, height: 15, halo, colour: night ? '#e6edf2' : '#16222c' },
    chosen: {
      font: `700 12px ${FACE}`,
      height: 16,
      halo,
      colour: night ? '#0a1118' : '#ffffff',
      ground: night ? '#ffffff' : '#0b3d91',
    },
    overdue: { ...small, colour: night ? OVERDUE.night : OVERDUE.day },
    silent: { ...small, colour: night ? SILENT.night : SILENT.day },
  };
}

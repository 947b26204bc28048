// Two grids over the screen: one that says whether a place is taken (thinning and labels), one that finds what was
// drawn near a pixel. Both keep their arrays between drawings.

/** Boxes that must not overlap, in cells of CELL pixels. */
const CELL = 8;

export class Occupied {
  private width = 0;
  private height = 0;
  private columns = 0;
  private rows = 0;
  private taken = new Uint8Array(0);

  reset(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.columns = Math.ceil(width / CELL) + 2;
    this.rows = Math.ceil(height / CELL) + 2;
    const size = this.columns * this.rows;
    if (this.taken.length < size) this.taken = new Uint8Array(size);
    else this.taken.fill(0, 0, size);
  }

  /** Whether all of the box is inside. */
  holds(x: number, y: number, width: number, height: number): boolean {
    return x >= 0 && y >= 0 && x + width <= this.width && y + height <= this.height;
  }

  /** Takes the box unless any of it is taken already, or lies outside. */
  take(x: number, y: number, width: number, height: number): boolean {
    if (!this.holds(x, y, width, height)) return false;
    const left = Math.floor(x / CELL) + 1,
      right = Math.floor((x + width) / CELL) + 1;
    const top = Math.floor(y / CELL) + 1,
      bottom = Math.floor((y + height) / CELL) + 1;
    for (let row = top; row <= bottom; row++) {
      for (let at = row * this.columns + left; at <= row * this.columns + right; at++)
        if (this.taken[at]) return false;
    }
    this.fill(left, right, top, bottom);
    return true;
  }

  /** Marks the box, whatever was there. */
  block(x: number, y: number, width: number, height: number): void {
    const left = Math.max(0, Math.floor(x / CELL) + 1),
      right = Math.min(this.columns - 1, Math.floor((x + width) / CELL) + 1);
    const top = Math.max(0, Math.floor(y / CELL) + 1),
      bottom = Math.min(this.rows - 1, Math.floor((y + height) / CELL) + 1);
    this.fill(left, right, top, bottom);
  }

  private fill(left: number, right: number, top: number, bottom: number): void {
    for (let row = top; row <= bottom; row++) {
      this.taken.fill(1, row * this.columns + left, row * this.columns + right + 1);
    }
  }
}

const BUCKET = 32;

/** Points by buckets of the screen, each bucket a chain. */
export class Hits {
  private columns = 0;
  private rows = 0;
  private heads = new Int32Array(0);
  private next = new Int32Array(256);
  private xs = new Float32Array(256);
  private ys = new Float32Array(256);
  private ids = new Int32Array(256);
  private count = 0;

  reset(width: number, height: number): void {
    this.columns = Math.ceil(width / BUCKET) + 1;
    this.rows = Math.ceil(height / BUCKET) + 1;
    const size = this.columns * this.rows;
    if (this.heads.length < size) this.heads = new Int32Array(size);
    this.heads.fill(-1, 0, size);
    this.count = 0;
  }

  add(x: number, y: number, id: number): void {
    const column = Math.floor(x / BUCKET),
      row = Math.floor(y / BUCKET);
    if (column < 0 || row < 0 || column >= this.columns || row >= this.rows) return;
    if (this.count === this.ids.length) this.grow();
    const i = this.count++;
    const bucket = row * this.columns + column;
    this.xs[i] = x;
    this.ys[i] = y;
    this.ids[i] = id;
    this.next[i] = this.heads[bucket]!;
    this.heads[bucket] = i;
  }

  /** The id of the nearest point within that many pixels; -1: none. */
  nearest(x: number, y: number, within: number): number {
    let best = -1;
    let bestSquare = within * within;
    const from = (v: number): number => Math.max(0, Math.floor((v - within) / BUCKET));
    const right = Math.min(this.columns - 1, Math.floor((x + within) / BUCKET));
    const bottom = Math.min(this.rows - 1, Math.floor((y + within) / BUCKET));
    for (let row = from(y); row <= bottom; row++) {
      for (let column = from(x); column <= right; column++) {
        for (let i = this.heads[row * this.columns + column]!; i >= 0; i = this.next[i]!) {
          const square = (this.xs[i]! - x) ** 2 + (this.ys[i]! - y) ** 2;
          if (square > bestSquare) continue;
          bestSquare = square;
          best = this.ids[i]!;
        }
      }
    }
    return best;
  }

  private grow(): void {
    const size = this.ids.length * 2;
    const longer = <T extends Int32Array | Float32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.next = longer(new Int32Array(size), this.next);
    this.xs = longer(new Float32Array(size), this.xs);
    this.ys = longer(new Float32Array(size), this.ys);
    this.ids = longer(new Int32Array(size), this.ids);
  }
}

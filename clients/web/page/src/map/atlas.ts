// Bitmaps side by side in one texture, so that thousands of stamps of hundreds of bitmaps are one drawing. Rows of one
// height each; when it is full it begins anew.

/** A small picture that is stamped many times; its size in CSS pixels. */
export interface Bitmap {
  image: HTMLCanvasElement;
  width: number;
  height: number;
  /** Its ends may be drawn out: what lies between is the same all along. */
  stretches?: boolean;
  slot?: Slot; // the atlas's
}

/** To draw a bitmap with: in memory, as a graphics card would take a round trip for each. */
export function smallPen(image: HTMLCanvasElement): CanvasRenderingContext2D | null {
  return image.getContext('2d', { willReadFrequently: true });
}

/** Where it lies in the texture, in parts of it. */
interface Slot {
  age: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 1; // pixels of nothing around each, as smoothing looks beyond the edge
const STEP = 4; // heights of rows are multiples of this

export class Atlas {
  private age = 0;
  private texture: WebGLTexture | null = null;
  private rows = new Map<number, { x: number; y: number }>();
  private free = 0; // the first line below all rows

  constructor(
    private readonly gl: WebGL2RenderingContext,
    private readonly size: number,
  ) {
    this.reset();
  }

  /** Nothing that lay in it is there any more. */
  reset(): void {
    const { gl, size } = this;
    if (this.texture) gl.deleteTexture(this.texture);
    this.texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, size, size);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    this.rows.clear();
    this.free = 0;
    this.age = ++Atlas.ages;
  }

  /** False: it is larger than the whole atlas. */
  takes({ image }: Bitmap): boolean {
    return image.width + 2 * GAP <= this.size && rowOf(image.height + 2 * GAP) <= this.size;
  }

  /** Null: there is no room left. */
  slotOf(bitmap: Bitmap): Slot | null {
    const known = bitmap.slot;
    if (known && known.age === this.age) return known;
    const { width, height } = bitmap.image;
    const place = this.placeFor(width + 2 * GAP, height + 2 * GAP);
    if (!place) return null;
    const { gl, size } = this;
    const x = place.x + GAP,
      y = place.y + GAP;
    gl.texSubImage2D(gl.TEXTURE_2D, 0, x, y, gl.RGBA, gl.UNSIGNED_BYTE, bitmap.image);
    const inset = bitmap.stretches ? 0.5 : 0;
    return (bitmap.slot = {
      age: this.age,
      left: (x + inset) / size,
      top: y / size,
      right: (x + width - inset) / size,
      bottom: (y + height) / size,
    });
  }

  private placeFor(width: number, height: number): { x: number; y: number } | null {
    const high = rowOf(height);
    if (width > this.size) return null;
    let row = this.rows.get(high);
    if (!row || row.x + width > this.size) {
      if (this.free + high > this.size) return null;
      row = { x: 0, y: this.free };
      this.rows.set(high, row);
      this.free += high;
    }
    const place = { x: row.x, y: row.y };
    row.x += width;
    return place;
  }

  private static ages = 0; // of all atlases: a slot tells which it is of
}

/** The height of the row that takes this height. */
function rowOf(height: number): number {
  return Math.ceil(height / STEP) * STEP;
}

// Text as bitmaps: a label is written once and copied then, as writing text with a halo is the dearest thing a
// canvas does.
import { smallPen, type Bitmap } from './atlas';

const KEPT_MAX = 3000;
const WIDTH_MAX = 800; // CSS pixels, however wide the letters are: less than the units' atlas takes
const FACE = 'system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export type Label = Bitmap;

/** Its pixels are CSS pixels where type is of the usual size. */
export interface Ink {
  weight?: number;
  pixels: number; // of the letters
  height: number; // of the whole
  colour: string;
  halo: string;
  ground?: string; // a plate behind the text instead of a halo
}

export class Labels {
  private readonly kept = new Map<string, Label>();
  private scale = 1;
  private larger = 1;

  /** How much larger than usual the letters are. */
  get type(): number {
    return this.larger;
  }

  /** Bitmaps of another resolution or size, or of other colours, are of no use. */
  reset(scale: number, type: number): void {
    this.scale = scale;
    this.larger = type;
    this.kept.clear();
  }

  setScale(scale: number, type: number): void {
    if (scale !== this.scale || type !== this.larger) this.reset(scale, type);
  }

  get(text: string, ink: Ink): Label {
    const key = `${ink.colour} ${ink.weight ?? ''} ${ink.pixels} ${ink.ground ?? ''} ${text}`;
    const known = this.kept.get(key);
    if (known) return known;
    if (this.kept.size >= KEPT_MAX) this.kept.clear();
    const made = this.make(text, ink);
    this.kept.set(key, made);
    return made;
  }

  private make(whole: string, ink: Ink): Label {
    const image = document.createElement('canvas');
    const context = smallPen(image);
    if (!context) return { image, width: 0, height: 0 };
    const font = `${ink.weight ?? 400} ${Math.round(ink.pixels * this.larger)}px ${FACE}`;
    const height = Math.round(ink.height * this.larger);
    context.font = font;
    const pad = Math.round((ink.ground ? 5 : 3) * this.larger);
    const widthOf = (part: string): number => Math.ceil(context.measureText(part).width) + 2 * pad;
    const text = shortened(whole, WIDTH_MAX, widthOf);
    const width = Math.min(WIDTH_MAX, widthOf(text));
    image.width = Math.max(1, Math.ceil(width * this.scale));
    image.height = Math.ceil(height * this.scale);
    context.scale(this.scale, this.scale);
    context.font = font;
    context.textBaseline = 'middle';
    if (ink.ground) {
      context.fillStyle = ink.ground;
      context.beginPath();
      roundedBox(context, 0, 0, width, height, 4);
      context.fill();
    } else {
      context.strokeStyle = ink.halo;
      context.lineWidth = 3 * this.larger;
      context.lineJoin = 'round';
      context.strokeText(text, pad, height / 2 + 0.5);
    }
    context.fillStyle = ink.colour;
    context.fillText(text, pad, height / 2 + 0.5);
    return { image, width, height };
  }
}

/** As much of the text as is no wider, with an ellipsis where some is left out. */
export function shortened(text: string, widthMax: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= widthMax) return text;
  const letters = Array.from(text);
  const first = (count: number): string => `${letters.slice(0, count).join('')}…`;
  let fits = 0,
    over = letters.length;
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (widthOf(first(middle)) <= widthMax) fits = middle;
    else over = middle;
  }
  return first(fits);
}

/** CanvasRenderingContext2D.roundRect is younger than some browsers of the field. */
export function roundedBox(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  w: number,
  h: number,
  r: number,
): void {
  pen.moveTo(x + r, y);
  pen.arcTo(x + w, y, x + w, y + h, r);
  pen.arcTo(x + w, y + h, x, y + h, r);
  pen.arcTo(x, y + h, x, y, r);
  pen.arcTo(x, y, x + w, y, r);
  pen.closePath();
}

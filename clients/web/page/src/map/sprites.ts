// Symbols of units as bitmaps, one for each code, freshness, size and theme. Freshness shows by shape: a fresh
// symbol is solid, an overdue one stands in a dashed frame, a silent one is hollow and has a crossed ring at its
// corner.
import ms from '../ui/milsymbol';
import type { Freshness, Unit } from '../model/types';
import { OWNER_COLOURS, ownerColour } from '../ui/marks';
import { smallPen, type Bitmap } from './atlas';
import { roundedBox } from './labels';

const LINE = 1.6; // pixels, of a course
const CODES_MAX = 2000; // codes come from peers: what is kept of them is bounded

export interface Sprite extends Bitmap {
  x: number; // from the left of the image to the place it marks
  y: number;
  radius: number; // of a ring around the symbol
}

export interface Look {
  size: number; // about the height of a unit's frame, in CSS pixels where type is of the usual size
  night: boolean;
  scale: number; // device pixels to a CSS pixel
  type: number; // how much larger than usual everything is
}

/** Freshness as a number, for whoever keeps it of thousands. */
export const STATES: readonly Freshness[] = ['fresh', 'overdue', 'silent', 'unknown'];
const AFFILIATIONS = {
  friend: ['#5cb8e6', '#3f9fd0'],
  hostile: ['#f07070', '#e05555'],
  neutral: ['#77c977', '#4fae5a'],
  unknown: ['#e8cf55', '#d8bd3c'],
} as const;
const OWNERS = {
  day: ['#2b6cb0', '#b0532b', '#3f7d3a', '#8a4fae', '#96720b', '#b03a78', '#15807f', '#5d6472'],
  night: ['#6aaef0', '#ec9a6c', '#82c97b', '#c193e8', '#dcc05a', '#ee8fc0', '#5fc9c6', '#aab4c4'],
} as const; // as in styles/tokens.css
export const OVERDUE = { day: '#b35c00', night: '#ffb454' } as const;
export const SILENT = { day: '#5a5f66', night: '#aab4bd' } as const;

/** As the standard's colours, less glaring in the dark. To be copied: milsymbol writes into what it is given. */
const NIGHT_MODE = {
  Civilian: '#b48ad0',
  Friend: '#4fa9dc',
  Hostile: '#ea6a66',
  Neutral: '#62c07a',
  Unknown: '#dcc759',
  Suspect: '#ec9a6c',
};

type Affiliation = keyof typeof AFFILIATIONS;

/** Of a code of letters (2525C) or of numbers (2525D, APP-6D); null for none. */
export function affiliationOf(code: string): Affiliation | null {
  if (code === '') return null;
  if (/^\d/.test(code)) {
    return (
      ({ 2: 'friend', 3: 'friend', 4: 'neutral', 5: 'hostile', 6: 'hostile' } as Record<string, Affiliation>)[
        code[3] ?? ''
      ] ?? 'unknown'
    );
  }
  const letter = (code[1] ?? '').toUpperCase();
  if ('FADMJK'.includes(letter)) return 'JK'.includes(letter) ? 'hostile' : 'friend';
  return letter === 'H' || letter === 'S' ? 'hostile' : letter === 'N' || letter === 'L' ? 'neutral' : 'unknown';
}

/** The colour of a unit's trail and dot: of its affiliation, else of its owner. */
export function colourOf(unit: Unit, night: boolean): string {
  const side = affiliationOf(unit.card?.symbol ?? '');
  return side
    ? AFFILIATIONS[side][night ? 0 : 1]
    : OWNERS[night ? 'night' : 'day'][ownerColour(unit.owner) % OWNER_COLOURS]!;
}

type States = (Sprite | undefined)[]; // by their place in STATES

export class Sprites {
  private symbols = new Map<string, States>(); // by code
  private discs = new Map<string, States>(); // of units without a code, by owner
  private dots = new Map<string, States>(); // by code
  private ownerDots = new Map<string, States>();
  private marks = new Map<string, Bitmap>();
  private look: Look = { size: 0, night: false, scale: 1, type: 1 };

  /** What was handed out before may be of another look. */
  setLook(look: Look): void {
    const old = this.look;
    const same = old.size === look.size && old.night === look.night && old.scale === look.scale;
    if (same && old.type === look.type) return;
    this.look = look;
    for (const kept of [this.symbols, this.discs, this.dots, this.ownerDots, this.marks]) kept.clear();
  }

  /** `state` is a place in STATES. */
  symbol(unit: Unit, state: number): Sprite {
    const code = unit.card?.symbol ?? '';
    const states = code === '' ? kept(this.discs, unit.owner) : kept(this.symbols, code);
    return (states[state] ??= enlarged(this.make(code, unit, STATES[state]!), this.look.type));
  }

  /** What stands for a unit where there is no room for its symbol. */
  dot(unit: Unit, state: number): Sprite {
    const code = unit.card?.symbol ?? '';
    const states = code === '' ? kept(this.ownerDots, unit.owner) : kept(this.dots, code);
    return (states[state] ??= this.sameDot(colourOf(unit, this.look.night), STATES[state]!));
  }

  /** A line's cross section, to be drawn out along it. */
  stroke(): Bitmap {
    return this.mark('stroke', () => ({
      ...this.bare(4, LINE + 2, (pen, w) => {
        pen.fillStyle = this.lineColour();
        pen.fillRect(0, 1, w, LINE);
      }),
      stretches: true,
    }));
  }

  /** An arrow's head that points to the right, its tip in the middle. */
  head(): Bitmap {
    return this.mark('head', () =>
      this.bare(16, 12, (pen, w, h) => {
        pen.beginPath();
        pen.moveTo(w / 2 - 5, h / 2 - 3);
        pen.lineTo(w / 2, h / 2);
        pen.lineTo(w / 2 - 5, h / 2 + 3);
        pen.lineWidth = LINE;
        pen.strokeStyle = this.lineColour();
        pen.stroke();
      }),
    );
  }

  /** Around the selected one; the followed one's has four marks like a `sight`. */
  ring(around: number, sight: boolean): Bitmap {
    const { night, type } = this.look;
    const radius = around / type;
    const wide = 2 * (radius + 11);
    return this.mark(`ring ${radius} ${sight}`, () =>
      this.bare(wide, wide, (pen) => {
        for (const [width, colour] of [
          [5, night ? 'rgba(6, 12, 18, .8)' : 'rgba(255, 255, 255, .85)'],
          [2.4, night ? '#ffffff' : '#0b3d91'],
        ] as const) {
          pen.lineWidth = width;
          pen.strokeStyle = colour;
          ringPath(pen, wide / 2, radius, sight);
          pen.stroke();
        }
      }),
    );
  }

  private lineColour(): string {
    return this.look.night ? '#c9d6df' : '#24323d';
  }

  private mark(key: string, make: () => Bitmap): Bitmap {
    let mark = this.marks.get(key);
    if (!mark) {
      mark = enlarged(make(), this.look.type);
      this.marks.set(key, mark);
    }
    return mark;
  }

  /** One bitmap for all units of a colour. */
  private sameDot(colour: string, state: Freshness): Sprite {
    return this.mark(`dot ${colour} ${state}`, () => this.makeDot(colour, state)) as Sprite;
  }

  private make(code: string, unit: Unit, state: Freshness): Sprite {
    const symbol = code === '' ? null : this.milsymbol(code, state);
    const plain = symbol ?? this.plain(colourOf(unit, this.look.night), state);
    if (state === 'overdue') return this.framed(plain);
    return state === 'silent' ? this.crossed(plain) : plain;
  }

  private milsymbol(code: string, state: Freshness): Sprite | null {
    const { size, night } = this.look;
    const density = this.density();
    try {
      const hollow =
        state === 'silent'
          ? { fill: false, monoColor: night ? SILENT.night : SILENT.day, outlineWidth: 0, strokeWidth: 6 }
          : {};
      const symbol = new ms.Symbol(code, {
        size: size * density * 0.75,
        infoFields: false,
        colorMode: night ? { ...NIGHT_MODE } : 'Light',
        outlineColor: night ? 'rgba(214, 226, 234, .8)' : 'rgba(255, 255, 255, .9)',
        outlineWidth: night ? 4 : 6,
        strokeWidth: 4.5,
        ...hollow,
      });
      if (!symbol.isValid()) return null;
      const image = symbol.asCanvas();
      if (image.width < 1 || image.height < 1) return null;
      const anchor = symbol.getAnchor();
      const { width, height } = symbol.getSize();
      return {
        image,
        width: width / density,
        height: height / density,
        x: anchor.x / density,
        y: anchor.y / density,
        radius: size * 0.78,
      };
    } catch {
      return null; // the code is a peer's: what can't be drawn is shown as a plain mark
    }
  }

  /** A disc, for a unit without a symbol. */
  private plain(colour: string, state: Freshness): Sprite {
    const { size, night } = this.look;
    const radius = size * 0.34;
    return this.canvas(
      radius * 2 + 4,
      radius * 2 + 4,
      (pen, w, h) => {
        pen.beginPath();
        pen.arc(w / 2, h / 2, radius, 0, 2 * Math.PI);
        pen.fillStyle = state === 'silent' ? 'rgba(128, 128, 128, .15)' : colour;
        pen.fill();
        pen.lineWidth = 2;
        pen.strokeStyle = state === 'silent' ? (night ? SILENT.night : SILENT.day) : night ? '#0a1118' : '#ffffff';
        pen.stroke();
      },
      radius + 6,
    );
  }

  private framed(inner: Sprite): Sprite {
    const pad = 4;
    return this.around(inner, pad, (pen, w, h) => {
      pen.lineWidth = 2;
      pen.strokeStyle = this.look.night ? OVERDUE.night : OVERDUE.day;
      pen.setLineDash([5, 3]);
      pen.beginPath();
      roundedBox(pen, 1, 1, w - 2, h - 2, 4);
      pen.stroke();
    });
  }

  /** A ring with a cross at the lower right, as in the lists: a cross through the symbol would read as infantry. */
  private crossed(inner: Sprite): Sprite {
    const ink = this.look.night ? SILENT.night : SILENT.day;
    return this.around(inner, 3, (pen, w, h) => {
      const x = w - 6,
        y = h - 6;
      pen.lineCap = 'round';
      pen.beginPath();
      pen.arc(x, y, 5, 0, 2 * Math.PI);
      pen.fillStyle = this.look.night ? '#0a1118' : '#ffffff';
      pen.fill();
      pen.moveTo(x - 2, y - 2);
      pen.lineTo(x + 2, y + 2);
      pen.moveTo(x + 2, y - 2);
      pen.lineTo(x - 2, y + 2);
      pen.lineWidth = 1.7;
      pen.strokeStyle = ink;
      pen.stroke();
    });
  }

  private around(
    inner: Sprite,
    pad: number,
    draw: (pen: CanvasRenderingContext2D, w: number, h: number) => void,
  ): Sprite {
    const made = this.canvas(
      inner.width + 2 * pad,
      inner.height + 2 * pad,
      (pen, w, h) => {
        pen.drawImage(inner.image, pad, pad, inner.width, inner.height);
        draw(pen, w, h);
      },
      inner.radius + pad / 2,
    );
    return { ...made, x: inner.x + pad, y: inner.y + pad };
  }

  private makeDot(colour: string, state: Freshness): Sprite {
    const { night } = this.look;
    return this.canvas(
      10,
      10,
      (pen) => {
        pen.lineWidth = 1.4;
        pen.strokeStyle = state === 'silent' ? (night ? SILENT.night : SILENT.day) : night ? '#0a1118' : '#ffffff';
        pen.fillStyle = colour;
        pen.beginPath();
        pen.arc(5, 5, 3.6, 0, 2 * Math.PI);
        if (state !== 'silent') pen.fill();
        pen.stroke();
        if (state !== 'overdue') return;
        pen.fillStyle = night ? '#0a1118' : '#ffffff';
        pen.beginPath();
        pen.arc(5, 5, 3, -Math.PI / 2, Math.PI / 2);
        pen.fill();
      },
      7,
    );
  }

  private canvas(
    w: number,
    h: number,
    draw: (pen: CanvasRenderingContext2D, w: number, h: number) => void,
    radius: number,
  ): Sprite {
    return { ...this.bare(w, h, draw), x: w / 2, y: h / 2, radius };
  }

  private bare(w: number, h: number, draw: (pen: CanvasRenderingContext2D, w: number, h: number) => void): Bitmap {
    const density = this.density();
    const image = document.createElement('canvas');
    image.width = Math.max(1, Math.ceil(w * density));
    image.height = Math.max(1, Math.ceil(h * density));
    const pen = smallPen(image);
    if (pen) {
      pen.scale(density, density);
      draw(pen, w, h);
    }
    return { image, width: w, height: h };
  }

  /** Device pixels to a pixel in which things are made, before they are enlarged. */
  private density(): number {
    return this.look.scale * this.look.type;
  }
}

/** Larger on the screen; its image is that fine already. */
function enlarged<T extends Bitmap | Sprite>(made: T, by: number): T {
  const larger = { ...made, width: made.width * by, height: made.height * by };
  if ('radius' in larger) {
    larger.x *= by;
    larger.y *= by;
    larger.radius *= by;
  }
  return larger;
}

function kept(of: Map<string, States>, key: string): States {
  let states = of.get(key);
  if (!states) {
    if (of.size >= CODES_MAX) of.clear();
    states = [];
    of.set(key, states);
  }
  return states;
}

function ringPath(pen: CanvasRenderingContext2D, middle: number, radius: number, sight: boolean): void {
  pen.beginPath();
  pen.arc(middle, middle, radius, 0, 2 * Math.PI);
  if (!sight) return;
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    pen.moveTo(middle + dx * (radius - 3), middle + dy * (radius - 3));
    pen.lineTo(middle + dx * (radius + 7), middle + dy * (radius + 7));
  }
}

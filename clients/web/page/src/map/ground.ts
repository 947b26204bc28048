// What lies still on the ground: the graticule with its degrees at the edges, and the names of countries.
import rough from '../../build/generated/basemap/rough.json';
import { formatDegree } from './coordinates';
import { paletteOf } from './base';
import type { Language } from '../text/language';
import type { FlatCamera } from './camera';
import { Occupied } from './cells';
import type { Labels } from './labels';

/** Steps of the graticule, in degrees, that are whole degrees, minutes or seconds. */
const STEPS = [
  30,
  20,
  10,
  5,
  2,
  1,
  1 / 2,
  1 / 3,
  1 / 6,
  1 / 12,
  1 / 30,
  1 / 60,
  1 / 120,
  1 / 360,
  1 / 720,
  1 / 1800,
  1 / 3600,
];
const APART = 110; // pixels between two lines, at least, where type is of the usual size
const NAMES_MAX_ZOOM = 7.5;
const FOOT = 34; // pixels that the scale takes at the bottom,
const TOOLS = 76; // and the buttons at the right,
const CORNER = 60; // and the latitudes at the left: all as large as type

export interface CountryName {
  name: Record<Language, string>;
  lat: number;
  lon: number;
  size: number; // the root of its area, in degrees
}

export function graticuleStep(pixelsPerDegree: number): number {
  return [...STEPS].reverse().find((step) => step * pixelsPerDegree >= APART) ?? STEPS[0]!;
}

export class Ground {
  names: readonly CountryName[] = [];
  /** MapLibre has nothing to show yet: the land is drawn here, roughly. */
  starting = true;
  private readonly occupied = new Occupied();

  constructor(private readonly labels: Labels) {}

  draw(pen: CanvasRenderingContext2D, camera: FlatCamera, language: Language): void {
    if (this.starting) drawLand(pen, camera);
    this.occupied.reset(camera.width, camera.height);
    this.drawGraticule(pen, camera, language);
    if (camera.zoom < NAMES_MAX_ZOOM) this.drawNames(pen, camera, language);
  }

  private drawGraticule(pen: CanvasRenderingContext2D, camera: FlatCamera, language: Language): void {
    const eastWest = ['E', language === 'fr' ? 'O' : 'W'] as const;
    const { type } = this.labels;
    const step = graticuleStep(camera.world / 360 / type);
    const [west, south, east, north] = camera.bounds();
    const colours = paletteOf(camera.night);
    const ink = { pixels: 11, height: 14, colour: colours.gridText, halo: colours.halo };
    const wanted: { text: string; x: number; y: number; end: 'bottom' | 'left' }[] = [];
    pen.beginPath();
    for (let i = Math.ceil(west / step); i * step <= east; i++) {
      const lon = i * step;
      const x = Math.round(((lon - west) / (east - west)) * camera.width) + 0.5;
      pen.moveTo(x, 0);
      pen.lineTo(x, camera.height);
      const within = ((((lon + 180) % 360) + 360) % 360) - 180;
      wanted.push({ text: formatDegree(within, eastWest), x, y: 0, end: 'bottom' });
    }
    for (let i = Math.ceil(Math.max(-85, south) / step); i * step <= Math.min(85, north); i++) {
      const y = Math.round(camera.y(i * step)) + 0.5;
      pen.moveTo(0, y);
      pen.lineTo(camera.width, y);
      wanted.push({ text: formatDegree(i * step, ['N', 'S']), x: 0, y, end: 'left' });
    }
    pen.lineWidth = 1;
    pen.strokeStyle = colours.grid;
    pen.stroke();
    for (const { text, x, y, end } of wanted) {
      const made = this.labels.get(text, ink);
      if (end === 'left' ? y > camera.height - FOOT * type : x > camera.width - TOOLS * type) continue;
      const left = end === 'left' ? 3 : x + 2;
      const top = end === 'left' ? y - made.height - 1 : 2;
      if (end === 'bottom' && left < CORNER * type) continue;
      pen.drawImage(made.image, left, top, made.width, made.height);
      this.occupied.block(left, top, made.width, made.height);
    }
  }

  /** The largest first; a name stands where its country is large enough for it. */
  private drawNames(pen: CanvasRenderingContext2D, camera: FlatCamera, language: Language): void {
    const colours = paletteOf(camera.night);
    const perDegree = camera.world / 360;
    for (const { name: names, lat, lon, size } of this.names) {
      const name = names[language];
      const pixels = size * perDegree;
      if (pixels < 26) break;
      const x = camera.x(lon),
        y = camera.y(lat);
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
      const letters = pixels > 300 ? 15 : pixels > 90 ? 13 : 11;
      const spaced = pixels > 90 ? name.toUpperCase() : name;
      const made = this.labels.get(spaced, {
        pixels: letters,
        height: letters + 5,
        colour: colours.name,
        halo: colours.halo,
      });
      if (made.width > pixels * 2.2) continue;
      if (!this.occupied.take(x - made.width / 2 - 4, y - made.height / 2, made.width + 8, made.height)) continue;
      pen.drawImage(
        made.image,
        Math.round(x - made.width / 2),
        Math.round(y - made.height / 2),
        made.width,
        made.height,
      );
    }
  }
}

function drawLand(pen: CanvasRenderingContext2D, camera: FlatCamera): void {
  const colours = paletteOf(camera.night);
  pen.fillStyle = colours.water;
  pen.fillRect(0, 0, camera.width, camera.height);
  pen.beginPath();
  for (const ring of rough.flat()) {
    const first = ring[0]![0]!;
    const nearest = camera.x(first) - (first / 360) * camera.world;
    // A ring goes round in one piece, and may be seen on more than one copy of the world.
    for (const shift of [nearest - camera.world, nearest, nearest + camera.world]) {
      ring.forEach(([lon, lat], i) =>
        pen[i === 0 ? 'moveTo' : 'lineTo']((lon! / 360) * camera.world + shift, camera.y(lat!)),
      );
      pen.closePath();
    }
  }
  pen.fillStyle = colours.land;
  pen.fill('evenodd');
}

// Places to pixels and back. The map is north up and flat, so this is plain Web Mercator, without asking MapLibre for
// each of ten thousand units.
import type { Bounds, Camera, Place } from './tools';

const TILE = 512; // pixels of the world at zoom 0, as MapLibre has it
const LAT_MAX = 85.051129;
const EARTH_M = 40_075_016.686;

export function mercatorX(lon: number): number {
  return (lon + 180) / 360;
}

export function mercatorY(lat: number): number {
  const held = Math.max(-LAT_MAX, Math.min(LAT_MAX, lat));
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + held * Math.PI / 360)) / (2 * Math.PI);
}

export function latOfY(y: number): number {
  return Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;
}

export class FlatCamera implements Camera {
  readonly pixelsPerMetre: number;
  /** Pixels of the whole world's width. */
  readonly world: number;
  private readonly left: number;
  private readonly top: number;
  private readonly middleX: number;

  constructor(readonly width: number, readonly height: number, readonly middle: Place, readonly zoom: number,
    readonly night: boolean) {
    this.world = TILE * 2 ** zoom;
    this.middleX = mercatorX(middle.lon);
    this.left = width / 2 - this.middleX * this.world;
    this.top = height / 2 - mercatorY(middle.lat) * this.world;
    this.pixelsPerMetre = this.world / (EARTH_M * Math.cos(middle.lat * Math.PI / 180));
  }

  x(lon: number): number {
    let at = mercatorX(lon);
    at -= Math.round(at - this.middleX);
    return at * this.world + this.left;
  }

  y(lat: number): number {
    return this.yOf(mercatorY(lat));
  }

  /** Of a place whose mercatorY() is known. */
  yOf(north: number): number {
    return north * this.world + this.top;
  }

  /** Within -180..180. */
  placeAt(x: number, y: number): Place {
    const lon = (x - this.left) / this.world * 360 - 180;
    return { lat: latOfY((y - this.top) / this.world), lon: ((lon + 180) % 360 + 360) % 360 - 180 };
  }

  bounds(): Bounds {
    const west = (0 - this.left) / this.world * 360 - 180;
    const east = (this.width - this.left) / this.world * 360 - 180;
    return [west, latOfY((this.height - this.top) / this.world), east, latOfY(-this.top / this.world)];
  }

  /** Where the grid of cells starts that stays with the ground while the map is moved. */
  get originX(): number {
    return this.left;
  }

  get originY(): number {
    return this.top;
  }

  same(other: FlatCamera | null): boolean {
    return other !== null && other.width === this.width && other.height === this.height && other.zoom === this.zoom
      && other.left === this.left && other.top === this.top && other.night === this.night;
  }
}

/** The box around all places, the short way around the world; null for none. */
export function boundsOf(places: readonly Place[]): Bounds | null {
  const first = places[0];
  if (!first) return null;
  const box: Bounds = [first.lon, first.lat, first.lon, first.lat];
  for (const { lat, lon } of places) {
    const near = lon - 360 * Math.round((lon - (box[0] + box[2]) / 2) / 360);
    box[0] = Math.min(box[0], near);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], near);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** The camera that shows the box with room at its sides. */
export function cameraFor(box: Bounds, width: number, height: number, zoomMax: number): Place & { zoom: number } {
  const pad = Math.min(80, width / 6, height / 6);
  const spanX = Math.max(1e-9, (box[2] - box[0]) / 360);
  const [top, bottom] = [mercatorY(box[3]), mercatorY(box[1])];
  const spanY = Math.max(1e-9, bottom - top);
  const world = Math.min((width - 2 * pad) / spanX, (height - 2 * pad) / spanY);
  return { lat: latOfY((top + bottom) / 2), lon: (box[0] + box[2]) / 2,
    zoom: Math.max(0, Math.min(zoomMax, Math.log2(world / TILE))) };
}

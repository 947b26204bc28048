// The area in view as this browser's interest: what the map shows comes at full rate, units elsewhere at a slower pace,
// so that a room of ten thousand units costs a screen that shows a valley a part of it. Pure: is told what changed, and
// answers whether the server is to be.
import type { Interest } from './machine';

export type Box = [number, number, number, number]; // west, south, east, north; east may be beyond 180

const MARGIN = 0.5; // of the view, on each side: panning a little shows units at once
const SPARE = 0.15; // with less than this left on a side, the area goes along
const LOOSE = 4; // an area of so many times what would be asked for is drawn tighter
const UNITS_MIN = 100; // fewer cost nothing
const MOST = 0.7; // of the units in the area: everything is asked for, which the server shares among browsers
const FEW = 0.5; // and back again at so many
const OUTSIDE_MS_MIN = 1000;
const OUTSIDE_MS_MAX = 10_000;

export interface Seen {
  /** What the map shows; null: no map. */
  view: Box | null;
  /** Positions of all units. */
  places: () => Iterable<{ lat: number; lon: number }>;
  /** Names of units that are looked at wherever they are. */
  always: readonly string[];
  /** From when on a unit is overdue. Positions outside are never so old that a unit in time looks overdue for long. */
  overdueAfterMs: number;
}

export class ViewArea {
  private area: Box | null = null; // as it was asked for; null: the whole world

  /** What is to be asked of the server. */
  interest(seen: Seen): Interest {
    this.area = this.areaFor(seen);
    if (!this.area) return {};
    const always = seen.always.length > 0 ? { always: [...new Set(seen.always)].sort() } : {};
    return { area: wrapped(this.area), outside_ms: outsideMs(seen.overdueAfterMs), ...always };
  }

  private areaFor({ view, places }: Seen): Box | null {
    if (!view || view[2] <= view[0] || view[3] <= view[1]) return null;
    const wanted = grown(view, MARGIN);
    if (wanted[2] - wanted[0] >= 300) return null;
    const now = this.area;
    const stays = now !== null && holds(now, grown(view, SPARE)) && sizeOf(now) <= LOOSE * sizeOf(wanted);
    const area = stays ? now : wanted;
    let all = 0;
    let inside = 0;
    for (const place of places()) {
      all++;
      if (has(area, place)) inside++;
    }
    if (all < UNITS_MIN) return null;
    return inside > all * (now ? MOST : FEW) ? null : area;
  }
}

export function outsideMs(overdueAfterMs: number): number {
  const sixth = Number.isFinite(overdueAfterMs) ? overdueAfterMs / 6 : OUTSIDE_MS_MAX;
  return Math.round(Math.min(OUTSIDE_MS_MAX, Math.max(OUTSIDE_MS_MIN, sixth)));
}

function grown([west, south, east, north]: Box, by: number): Box {
  const [wide, high] = [(east - west) * by, (north - south) * by];
  return [west - wide, Math.max(-90, south - high), east + wide, Math.min(90, north + high)];
}

function sizeOf([west, south, east, north]: Box): number {
  return (east - west) * (north - south);
}

/** Longitudes may differ by whole turns of the world. */
function holds(area: Box, box: Box): boolean {
  const turn = 360 * Math.round((area[0] + area[2] - box[0] - box[2]) / 720);
  return box[0] + turn >= area[0] && box[2] + turn <= area[2] && box[1] >= area[1] && box[3] <= area[3];
}

function has(area: Box, { lat, lon }: { lat: number; lon: number }): boolean {
  if (lat < area[1] || lat > area[3]) return false;
  const off = (((lon - area[0]) % 360) + 360) % 360;
  return off <= area[2] - area[0];
}

/** As the protocol has it: longitudes of -180..180, west beyond east over the date line; to a metre. */
function wrapped([west, south, east, north]: Box): [number, number, number, number] {
  const lon = (value: number): number => round(((((value + 180) % 360) + 360) % 360) - 180);
  return [lon(west), round(south), lon(east), round(north)];
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

// Where each unit stands by the other clock than the one that is shown. A socket has one replay, so the other picture
// is asked by the API, for the moment of the playhead; while time runs, once in a while, the newest request only.
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Past, Room, World } from '../model/types';
import { pageTimers, type Timers } from './seeker';

export interface Ghost {
  name: string;
  label: string;
  lat: number;
  lon: number;
  /** Where the unit is shown; absent where it is not. */
  shown?: { lat: number; lon: number };
  /** How much later its position is by the other clock than the shown one; negative: earlier. */
  laterUs: number;
}

export interface Difference {
  clock: Past['clock']; // the other one
  timeUs: number;
  ghosts: Ghost[];
}

/** What GET /api/v1/units answers as GeoJSON, as far as it is read here. */
export interface Answer {
  features: {
    geometry: { coordinates: number[] } | null;
    properties: { unit?: string; time?: string };
  }[];
}

/** Nearer than this is the same place: about ten metres. */
const SAME_DEG = 1e-4;
const EVERY_MS = 1000;
const UNITS_MAX = 10_000; // of one answer

export class DifferenceLoader {
  private readonly value: Signal<Difference | null> = signal(null);
  private readonly problem: Signal<string> = signal('');
  private asked = 0;
  private busy = false;
  private wish: { timeUs: number; clock: Past['clock'] } | null = null;
  private timer: number | null = null;

  constructor(private readonly room: Room, private readonly timers: Timers = pageTimers) {}

  get difference(): ReadonlySignal<Difference | null> {
    return this.value;
  }

  get reason(): ReadonlySignal<string> {
    return this.problem;
  }

  /** Of the room as it is shown by `clock` at that time. */
  want(timeUs: number, clock: Past['clock']): void {
    this.wish = { timeUs, clock: clock === 'true' ? 'known' : 'true' };
    if (!this.busy && this.timer === null) void this.load();
  }

  /** There is nothing to compare any more. */
  clear(): void {
    this.asked++;
    this.wish = null;
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = null;
    this.busy = false;
    this.value.value = null;
    this.problem.value = '';
  }

  private async load(): Promise<void> {
    const wish = this.wish;
    if (!wish || this.room.grant.peek()) return;
    this.wish = null;
    this.busy = true;
    const mine = ++this.asked;
    try {
      const path = `/units?at=${Math.round(wish.timeUs)}&clock=${wish.clock}&format=geojson&limit=${UNITS_MAX}`;
      const answer = await this.room.get<Answer>(path);
      if (mine !== this.asked) return;
      this.value.value = { ...wish, ghosts: ghostsOf(answer, this.room.shown.peek()) };
      this.problem.value = '';
    } catch (error) {
      if (mine === this.asked) this.problem.value = error instanceof Error ? error.message : String(error);
    }
    if (mine !== this.asked) return;
    this.busy = false;
    this.timer = this.timers.set(() => {
      this.timer = null;
      void this.load();
    }, EVERY_MS);
  }
}

function timeOf(properties: Answer['features'][number]['properties']): number {
  const ms = properties.time ? Date.parse(properties.time) : NaN;
  return Number.isFinite(ms) ? ms * 1000 : 0;
}

/** The units that stand elsewhere by the other clock, or are seen by it alone. */
export function ghostsOf(answer: Answer, world: World): Ghost[] {
  const ghosts: Ghost[] = [];
  for (const { geometry, properties } of answer.features) {
    const [lon, lat] = geometry?.coordinates ?? [];
    const name = properties.unit;
    if (lon === undefined || lat === undefined || name === undefined) continue;
    const unit = world.byName.get(name);
    const shown = unit && !unit.gone ? unit.position : undefined;
    if (shown && Math.abs(shown.lat - lat) < SAME_DEG && Math.abs(shown.lon - lon) < SAME_DEG) continue;
    const ghost: Ghost = { name, label: unit?.label ?? name, lat, lon,
      laterUs: shown ? timeOf(properties) - shown.timeUs : 0 };
    if (shown) ghost.shown = { lat: shown.lat, lon: shown.lon };
    ghosts.push(ghost);
  }
  return ghosts;
}

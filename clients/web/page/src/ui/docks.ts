// Which panels are open at the sides, kept in localStorage, and what the size of the window makes of it: on a narrow
// one a panel lies over the map (one at a time), on a high one the pinned panel stands under the other.
import { computed, signal, type ReadonlySignal } from '@preact/signals';

export type Side = 'left' | 'right';
export type Docks = Record<Side, string | null>;

const KEY = 'vigie.docks';
const NARROW = '(max-width: 1100px)';
const HIGH = '(min-height: 980px) and (min-width: 1101px)';

function watched(query: string): ReadonlySignal<boolean> {
  const list = window.matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener('change', (change) => (matches.value = change.matches));
  return matches;
}

export const narrow = watched(NARROW);
export const high = watched(HIGH);

function stored(): Docks {
  const usual: Docks = { left: 'units', right: 'events' };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return usual;
    const { left, right } = kept as Record<string, unknown>;
    const id = (v: unknown): string | null => (typeof v === 'string' ? v : null);
    return { left: id(left), right: id(right) };
  } catch {
    return usual; // no storage, or what it holds is not ours
  }
}

const wide = signal<Docks>(stored());
const drawer = signal<Docks>({ left: null, right: null });
export const docks = computed<Docks>(() => (narrow.value ? drawer.value : wide.value));

/** Set by the room from its registry: where each panel stands. */
const sides = signal<ReadonlyMap<string, Side>>(new Map());
export function setSides(to: ReadonlyMap<string, Side>): void {
  sides.value = to;
}

function set(side: Side, id: string | null): void {
  if (narrow.value) {
    drawer.value = { left: null, right: null, [side]: id };
    return;
  }
  wide.value = { ...wide.value, [side]: id };
  try {
    localStorage.setItem(KEY, JSON.stringify(wide.value));
  } catch {
    // no storage: it lasts as long as the page
  }
}

/** Opens a panel; on a narrow window only when somebody asked for it. */
export function openPanel(id: string, asked = true): void {
  const side = sides.value.get(id);
  if (!side || (narrow.value && !asked)) return;
  if (docks.value[side] !== id) set(side, id);
}

export function togglePanel(id: string): void {
  const side = sides.value.get(id);
  if (side) set(side, docks.value[side] === id ? null : id);
}

export function closePanel(side: Side): void {
  set(side, null);
}

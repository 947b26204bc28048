// Which units the list shows, and in what order. Quick with 10,000: names are compared only when one changed; every
// other order is by numbers.
import { locale } from '../../text/language';
import { folded } from '../../text/events';
import type { Freshness, Unit, World } from '../../model/types';

export type Sort = 'name' | 'age' | 'distance' | 'state';

export interface Filter {
  text: string;
  owner: string; // '': all
  group: string; // '': all, NO_GROUP: none
  state: Freshness | '';
}

export const NO_GROUP = '\u0000';
export const NO_FILTER: Filter = { text: '', owner: '', group: '', state: '' };

export function isFiltered(filter: Filter): boolean {
  return filter.text !== '' || filter.owner !== '' || filter.group !== '' || filter.state !== '';
}

/** The units in the order of their labels, by the rules of the language, kept until a label or the language changes. */
export class NameRank {
  private world: World | null = null;
  private labels: string[] = [];
  private language = '';
  private collator = new Intl.Collator();
  /** Indexes of the units, by their names. */
  private byName: readonly number[] = [];
  private searched: string[] = [];

  renew(world: World): void {
    const units = world.units;
    let same = world === this.world && units.length === this.labels.length && this.language === locale.value;
    for (let i = 0; same && i < units.length; i++) same = units[i]?.label === this.labels[i];
    if (same) return;
    if (this.language !== locale.value) {
      this.language = locale.value;
      this.collator = new Intl.Collator(this.language, { numeric: true, sensitivity: 'base' });
    }
    this.world = world;
    this.labels = units.map((u) => u.label);
    this.searched = units.map((u) => folded(`${u.label} ${u.name}`));
    const order = units.map((_, i) => i);
    order.sort((a, b) => this.collator.compare(this.labels[a] ?? '', this.labels[b] ?? '') || a - b);
    this.byName = order;
  }

  /** Indexes of the units in their order. */
  get order(): readonly number[] {
    return this.byName;
  }

  /** What the search looks in, folded. */
  text(unit: Unit): string {
    return this.searched[unit.index] ?? '';
  }
}

/** Metres, by a flat earth around the place: good enough to sort by. */
export function roughDistance(from: { lat: number; lon: number }, to: { lat: number; lon: number }): number {
  const east =
    (((((to.lon - from.lon) % 360) + 540) % 360) - 180) * Math.cos(((from.lat + to.lat) / 2) * (Math.PI / 180));
  return Math.hypot(to.lat - from.lat, east) * 111_195;
}

const STATES: readonly Freshness[] = ['silent', 'overdue', 'unknown', 'fresh']; // what needs a look first

function keyOf(
  sort: Sort,
  world: World,
  unit: Unit,
  from: { lat: number; lon: number } | null,
  nowUs: number,
): number {
  switch (sort) {
    case 'name':
      return 0;
    case 'age':
      return -(unit.position?.timeUs ?? 0);
    case 'state':
      return STATES.indexOf(world.freshness(unit, nowUs));
    case 'distance':
      return from && unit.position ? roughDistance(from, unit.position) : Infinity;
  }
}

export interface Listed {
  units: Unit[];
  total: number;
  counts: Record<Freshness, number>; // of all that are in the view, whatever the filters
  owners: string[];
  groups: string[];
}

/** Reads the whole world once. */
export function listUnits(
  world: World,
  ranks: NameRank,
  filter: Filter,
  sort: Sort,
  from: { lat: number; lon: number } | null,
): Listed {
  ranks.renew(world);
  const words = folded(filter.text)
    .split(/\s+/)
    .filter((w) => w !== '');
  const counts: Record<Freshness, number> = { fresh: 0, overdue: 0, silent: 0, unknown: 0 };
  const owners = new Set<string>();
  const groups = new Set<string>();
  const found: Unit[] = []; // by name
  const nowUs = world.nowUs();
  let total = 0;
  for (const index of ranks.order) {
    const unit = world.units[index]!;
    if (unit.gone) continue;
    total += 1;
    const state = world.freshness(unit, nowUs);
    counts[state] += 1;
    owners.add(unit.owner);
    groups.add(unit.group);
    if (filter.owner !== '' && unit.owner !== filter.owner) continue;
    if (filter.group !== '' && unit.group !== (filter.group === NO_GROUP ? '' : filter.group)) continue;
    if (filter.state !== '' && state !== filter.state) continue;
    if (words.length > 0 && !matches(words, ranks.text(unit), unit.group)) continue;
    found.push(unit);
  }
  const units = sort === 'name' ? found : sorted(found, (unit) => keyOf(sort, world, unit, from, nowUs));
  return { units, total, counts, owners: inOrder(owners), groups: inOrder(groups) };
}

/** By those numbers, and by name where they are the same: `units` are in that order already. */
function sorted(units: readonly Unit[], keyOf: (unit: Unit) => number): Unit[] {
  const keys = Float64Array.from(units, keyOf);
  const places = units.map((_, i) => i);
  places.sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a]! - keys[b]!));
  return places.map((i) => units[i]!);
}

function inOrder(names: Set<string>): string[] {
  if (names.size < 2) return [...names];
  return [...names].sort(new Intl.Collator(locale.value, { numeric: true }).compare);
}

function matches(words: readonly string[], text: string, group: string): boolean {
  return words.every((w) => text.includes(w) || folded(group).includes(w));
}

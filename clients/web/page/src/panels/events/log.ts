// The log that the panel shows: what the world has, with older events from the server before it; filtered, newest
// first; and who acknowledged what.
import { signal, type Signal } from '@preact/signals';
import { timeBy } from '../../model/event_log';
import { reasonOf } from '../../model/failure';
import { NO_REASON, type Reason } from '../../model/reason';
import type { Past, Room, RoomEvent, Severity, World } from '../../model/types';
import { folded, kindName } from '../../text/events';
import { getEvents } from '../api';

export interface EventFilter {
  severity: Severity; // this and above
  kind: string; // '': all
  owner: string;
  text: string;
}

export const NO_EVENT_FILTER: EventFilter = { severity: 0, kind: '', owner: '', text: '' };

export function isEventFiltered(f: EventFilter): boolean {
  return f.severity !== 0 || f.kind !== '' || f.owner !== '' || f.text !== '';
}

export const ownerOf = (unit: string): string => unit.split('/')[0] ?? '';

const PAGE = 100;
const OLDER_MAX = 5000; // kept in this page beside the world's own
const FROM_US = Date.UTC(2000, 0, 2) * 1000; // before any log

export interface Older {
  events: Signal<readonly RoomEvent[]>; // in no order
  state: Signal<'idle' | 'loading' | 'end' | 'full'>;
  problem: Signal<Reason>;
  query: URLSearchParams | null; // of the page that comes next
}

export function newOlder(): Older {
  return { events: signal([]), state: signal('idle'), problem: signal(NO_REASON), query: null };
}

/** What became known before the oldest that is here; in a replay what was before its moment, by its clock. */
function firstQuery(room: Room, world: World): URLSearchParams {
  const past = room.past.peek();
  const clock = past?.clock ?? 'known';
  const query = new URLSearchParams({ limit: String(PAGE), from: String(FROM_US), clock, order: 'newest' });
  const known = world.events.map((e) => e.knownUs);
  // Others of the same microsecond come again, and are recognised by their names.
  if (past) query.set('to', String(Math.floor(world.nowUs()) + 1));
  else if (known.length > 0) query.set('to', String(known.reduce((a, b) => Math.min(a, b)) + 1));
  return query;
}

/** Asks the server for the events before the oldest that is here. */
export async function loadOlder(room: Room, world: World, older: Older): Promise<void> {
  if (older.state.peek() !== 'idle') return;
  older.state.value = 'loading';
  older.problem.value = NO_REASON;
  const query = older.query ?? firstQuery(room, world);
  try {
    const { events, next } = await getEvents(room, query);
    older.events.value = [...events, ...older.events.peek()];
    if (next !== null) query.set('next', next);
    older.query = query;
    older.state.value = next === null ? 'end' : older.events.peek().length >= OLDER_MAX ? 'full' : 'idle';
  } catch (error) {
    older.state.value = 'idle';
    older.problem.value = reasonOf(error);
  }
}

export interface Log {
  all: RoomEvent[]; // newest first, each once
  byName: Map<string, RoomEvent>;
  acknowledgedBy: Map<string, RoomEvent>; // by the name of what was acknowledged: the first that did
}

/** What of it there was by the moment that is shown: somebody may have gone back behind it. */
export function thereBy(events: readonly RoomEvent[], past: Past | null, nowUs: number): readonly RoomEvent[] {
  return past ? events.filter((e) => timeBy(e, past.clock) <= nowUs) : events;
}

/** `apart`: known by name, and not listed, as what lies between is not here. */
export function logOf(world: World, older: readonly RoomEvent[], apart: readonly RoomEvent[] = []): Log {
  const byName = new Map<string, RoomEvent>();
  for (const event of older) byName.set(event.name, event);
  for (const event of world.events) byName.set(event.name, event);
  const all = [...byName.values()].sort((a, b) => b.seq - a.seq);
  const beside = apart.filter((event) => !byName.has(event.name));
  for (const event of beside) byName.set(event.name, event);
  const acknowledgedBy = new Map<string, RoomEvent>();
  for (const event of [...all, ...beside].sort((a, b) => b.seq - a.seq)) {
    if (event.kind === 'acknowledgement') event.references.forEach((name) => acknowledgedBy.set(name, event));
  }
  return { all, byName, acknowledgedBy };
}

export function filterLog(log: Log, filter: EventFilter, labelOf: (unit: string) => string): RoomEvent[] {
  if (!isEventFiltered(filter)) return log.all;
  const words = folded(filter.text)
    .split(/\s+/)
    .filter((w) => w !== '');
  return log.all.filter((e) => {
    if (e.severity < filter.severity || (filter.kind !== '' && e.kind !== filter.kind)) return false;
    if (filter.owner !== '' && ownerOf(e.unit) !== filter.owner) return false;
    if (words.length === 0) return true;
    const text = folded(`${labelOf(e.unit)} ${e.unit} ${e.kind} ${kindName(e.kind)} ${e.text}`);
    return words.every((w) => text.includes(w));
  });
}

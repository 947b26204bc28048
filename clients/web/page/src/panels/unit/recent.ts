// A unit's newest events, of the server and of the feed.
import { timeBy } from '../../model/event_log';
import type { Past, Room, RoomEvent, World } from '../../model/types';
import { getEvents } from '../api';
import { clockOf } from '../clock';

export const EVENTS_MAX = 8;
/** So far back the card looks. The hub finds events by true time at once; by known time it reads all of its log. */
export const SPAN_DAYS: Record<Past['clock'], number> = { true: 7, known: 1 };
const DAY_US = 86_400e6;

/** Throws an ApiError with the server's reason. */
export async function askUnitEvents(room: Room, world: World,
  unit: string): Promise<{ events: RoomEvent[]; whole: boolean }> {
  const clock = clockOf(room);
  const nowUs = Math.floor(world.nowUs());
  const query = new URLSearchParams({ unit, clock, from: String(nowUs - SPAN_DAYS[clock] * DAY_US), order: 'newest',
    limit: String(EVENTS_MAX) });
  if (room.past.peek()) query.set('to', String(nowUs + 1));
  const { events, next } = await getEvents(room, query);
  return { events, whole: next === null || events.length >= EVENTS_MAX };
}

/** Newest first by that clock, each once. */
export function newestOf(live: readonly RoomEvent[], earlier: readonly RoomEvent[], unit: string,
  clock: Past['clock']): RoomEvent[] {
  const byName = new Map<string, RoomEvent>();
  for (const event of [...earlier, ...live]) if (event.unit === unit) byName.set(event.name, event);
  return [...byName.values()].sort((a, b) => timeBy(b, clock) - timeBy(a, clock) || b.seq - a.seq).slice(0, EVENTS_MAX);
}

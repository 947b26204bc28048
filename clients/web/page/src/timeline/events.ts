// The event before or after a moment: of those that the page has, where that is certain, else asked of the server.
import { timeBy } from '../model/event_log';
import type { Past, Room, RoomEvent } from '../model/types';
import { DAY_US, SECOND_US } from './span';

/** A step to the event before leaves the one that is shown, though the replay stands a little after it. */
const SAME_US = SECOND_US;
/** No further back than this. */
const BACK_US = 400 * DAY_US;

interface Page {
  events: { true_time: string; known_time: string; clock?: string; clock_offset_s?: number }[];
}

function nearest(events: readonly RoomEvent[], hereUs: number, direction: -1 | 1, clock: Past['clock']): number | null {
  let best: number | null = null;
  for (const event of events) {
    const time = timeBy(event, clock);
    const ahead = (time - hereUs) * direction;
    if (ahead > (direction < 0 ? SAME_US : 0) && (best === null || ahead < (best - hereUs) * direction)) best = time;
  }
  return best;
}

/** Its time by that clock; null: there is none. Throws when the server can't be asked. */
export async function eventBeside(room: Room, hereUs: number, direction: -1 | 1,
  clock: Past['clock']): Promise<number | null> {
  const from = direction > 0 ? hereUs + 1 : Math.max(0, hereUs - BACK_US);
  const to = direction > 0 ? room.live.nowUs() : hereUs - SAME_US;
  const own = nearest(room.present.peek().events, hereUs, direction, clock);
  // What the page has came without a hole, from its oldest event on.
  const oldest = room.present.peek().events.reduce((least, event) => Math.min(least, timeBy(event, clock)), Infinity);
  if (own !== null && clock === 'known' && own > oldest && hereUs > oldest) return own;
  if (to <= from) return own;
  const order = direction > 0 ? 'oldest' : 'newest';
  const page = await room.getShown<Page>(
    `/events?from=${Math.round(from)}&to=${Math.round(to)}&clock=${clock}&order=${order}&limit=1`);
  const found = page.events[0];
  if (!found) return own;
  if (clock === 'known') return usOf(found.known_time);
  const time = usOf(found.true_time);
  // a satellite's time needs no correction
  const offUs = found.clock === 'device' ? (found.clock_offset_s ?? 0) * 1e6 : 0;
  return time === null ? null : time + Math.round(offUs);
}

/** RFC 3339 with six decimals, of which Date knows three. */
function usOf(time: string): number | null {
  const ms = Date.parse(time);
  if (!Number.isFinite(ms)) return null;
  const rest = /\.\d{3}(\d{3})Z$/.exec(time);
  return ms * 1000 + Number(rest?.[1] ?? 0);
}

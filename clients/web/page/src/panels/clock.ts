// By which time the log is asked for what is shown.
import type { Past, Room } from '../model/types';

/** That of the replay; of the present true time, by which the hub finds events at once, and by a grant known time. */
export function clockOf(room: Room): Past['clock'] {
  return room.past.peek()?.clock ?? (room.grant.peek() ? 'known' : 'true');
}

// The newest events of a world, in order of their place in the hub's log, each once.
import type { Past, RoomEvent } from './types';

/** When it was, by that clock: Unix microseconds. */
export function timeBy(event: RoomEvent, clock: Past['clock']): number {
  return clock === 'known' ? event.knownUs : event.timeUs;
}

export const EVENTS_MAX = 5000;
const DROPPED_AT_ONCE = 250; // so that not every event moves the whole list

export class EventLog {
  readonly list: RoomEvent[] = [];

  /** False: it was known, or is older than all that is kept. */
  add(event: RoomEvent): boolean {
    const place = this.placeOf(event.seq);
    // Large seqs, of a grant's own numbers, lose their last digits here: several events may seem to have the same.
    for (let at = place - 1; this.list[at]?.seq === event.seq; at--) {
      if (Number.isSafeInteger(event.seq) || this.list[at]?.name === event.name) return false;
    }
    if (place === 0 && this.list.length >= EVENTS_MAX - DROPPED_AT_ONCE) return false;
    this.list.splice(place, 0, event);
    if (this.list.length > EVENTS_MAX) this.list.splice(0, DROPPED_AT_ONCE);
    return true;
  }

  clear(): void {
    this.list.length = 0;
  }

  /** Behind all of the same or a lesser seq. */
  private placeOf(seq: number): number {
    let low = 0, high = this.list.length;
    if (high === 0 || this.list[high - 1]!.seq <= seq) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle]!.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

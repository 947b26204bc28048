// Which events alarm the room, and how loudly. Pure: events in, entries out; clocks and storage come from outside.
import type { RoomEvent } from '../model/types';

/**
 * `new`: it rings until it is seen. `late`: it happened long before the hub heard of it: it is shown, with one tone.
 * `earlier`: the hub had it before this page was opened: it is shown, silently.
 */
export type AlarmKind = 'new' | 'late' | 'earlier';

export interface Alarm {
  event: RoomEvent;
  kind: AlarmKind;
  acknowledgedBy: string[]; // units
  grant: string; // by whose view it came; empty: without terms
  mayAnswer: boolean; // what is said of it means something to whoever gets it
}

/** Later than this at the hub is late. */
export const LATE_US = 10 * 60e6;
/** What the hub had longer than this before the page was opened is history, not an alarm. */
export const EARLIER_US = 24 * 3600e6;
/** The page and the hub's clock are compared with this much kindness. */
const SLACK_US = 60e6;
export const ALARMS_MAX = 200;

export function isAlarm(event: RoomEvent): boolean {
  return event.kind === 'sos' || event.severity === 3;
}

/**
 * `openedUs`: the hub's time when this tab was first opened. `heldBackUs`: so much later than the hub knew of it could
 * it be shown. Null: it is too old to be one.
 */
export function kindOf(event: RoomEvent, openedUs: number, heldBackUs = 0): AlarmKind | null {
  const shownUs = event.knownUs + heldBackUs;
  if (shownUs < openedUs - EARLIER_US) return null;
  if (shownUs < openedUs - SLACK_US) return 'earlier';
  return shownUs - event.timeUs > LATE_US ? 'late' : 'new';
}

/** What names it for ever; the place in the log where an old hub sent no name. */
export function nameOf(event: RoomEvent): string {
  return event.name === '' ? `seq:${event.seq}` : event.name;
}

/** The gravest and newest first: SOS before severe, new before late before earlier. */
export function order(a: Alarm, b: Alarm): number {
  const kinds: AlarmKind[] = ['new', 'late', 'earlier'];
  const byKind = kinds.indexOf(a.kind) - kinds.indexOf(b.kind);
  if (byKind !== 0) return byKind;
  const bySos = Number(b.event.kind === 'sos') - Number(a.event.kind === 'sos');
  if (bySos !== 0) return bySos;
  // Seqs of different views are of different logs.
  return b.event.knownUs !== a.event.knownUs ? b.event.knownUs - a.event.knownUs : b.event.seq - a.event.seq;
}

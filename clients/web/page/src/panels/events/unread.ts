// Which events nobody at this page has looked at: those that came live after the page stood, and were not in sight.
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Room, RoomEvent } from '../../model/types';

const seenSeq = signal(-1); // read up to here; -1: the page has just been opened
let logsSeen = 0; // World.logs when `seenSeq` was told: of another log it says nothing
const seenBeyond = signal<ReadonlySet<number>>(new Set()); // read one by one
const SETTLE_MS = 3000; // what comes with opening the page is no news

let settled: { room: Room; atMs: number } | null = null;

function newest(room: Room): number {
  const events = room.live.events;
  return events.reduce((most, e) => Math.max(most, e.seq), 0);
}

/** Seqs count from the beginning again: nobody has read anything of this log. */
function begunAnew(logs: number): void {
  logsSeen = logs;
  seenSeq.value = seenSeq.peek() < 0 ? -1 : 0;
  if (seenBeyond.peek().size > 0) seenBeyond.value = new Set();
}

/** Once for the room: takes what is there at the beginning for read. Returns what stops it. */
export function watchUnread(room: Room): () => void {
  settled = { room, atMs: 0 };
  logsSeen = room.live.logs?.peek() ?? 0;
  return effect(() => {
    const logs = room.live.logs?.value ?? 0;
    if (logs !== logsSeen) begunAnew(logs);
    void room.live.eventsVersion.value;
    const live = room.link.value.state === 'live';
    if (!settled || (settled.atMs !== 0 && Date.now() > settled.atMs)) return;
    if (live && settled.atMs === 0) settled.atMs = Date.now() + SETTLE_MS;
    seenSeq.value = newest(room);
  });
}

export function isUnread(event: RoomEvent): boolean {
  return seenSeq.value >= 0 && event.seq > seenSeq.value && !seenBeyond.value.has(event.seq);
}

export function markRead(event: RoomEvent): void {
  if (isUnread(event)) seenBeyond.value = new Set([...seenBeyond.peek(), event.seq]);
}

export function markAllRead(room: Room): void {
  seenSeq.value = newest(room);
  if (seenBeyond.peek().size > 0) seenBeyond.value = new Set();
}

/** How many are unread, and how bad the worst is. */
export function unreadOf(room: Room): ReadonlySignal<{ count: number; severity: number }> {
  return computed(() => {
    void room.live.eventsVersion.value;
    let count = 0;
    let severity = 0;
    for (let i = room.live.events.length - 1; i >= 0; i--) {
      const event = room.live.events[i];
      if (!event || event.seq <= seenSeq.value) break;
      if (!isUnread(event)) continue;
      count += 1;
      severity = Math.max(severity, event.severity);
    }
    return { count, severity };
  });
}

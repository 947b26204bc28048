// How seldom this browser is content with fixes: on a link that is thin or paid for by the byte a newest position of
// each unit in so long will do. Kept in localStorage: the link is this machine's. Events come at once, whatever it is.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Interest } from './machine';

const KEY = 'vigie.pace';
/** To choose from, in milliseconds; 0: as they come. */
export const PACES_MS: readonly number[] = [0, 5000, 20_000, 60_000];

function stored(): number {
  try {
    const kept = Number(localStorage.getItem(KEY));
    return PACES_MS.includes(kept) ? kept : 0;
  } catch {
    return 0; // no storage
  }
}

const chosen = signal(stored());
export const chosenPace: ReadonlySignal<number> = chosen;

export function choosePace(ms: number): void {
  chosen.value = ms;
  try {
    localStorage.setItem(KEY, String(ms));
  } catch {
    // for this visit then
  }
}

/** `interest` at that pace; never so slow that a unit in time would look overdue. */
export function paced(interest: Interest, paceMs: number, overdueAfterMs: number): Interest {
  const pace = Math.round(Math.min(paceMs, overdueAfterMs / 3));
  if (!(pace > 0)) return interest;
  const outside = interest.outside_ms === undefined ? {} : { outside_ms: Math.max(interest.outside_ms, pace) };
  return { ...interest, ...outside, pace_ms: pace };
}

// Alarms that the hub had before this page was opened: the feed does not bring them, so they are asked for, with what
// acknowledged them. Asked again whenever the link comes back, as the server may have lost its place meanwhile.
import { computed, effect } from '@preact/signals';
import type { RoomEvent } from '../model/types';
import { eventOf, isObject } from '../panels/api';
import { EARLIER_US } from './rules';

const AGAIN_MS = 5000; // after an answer that failed
const LIMIT = 500;

/** A view that has a past. */
export interface Asked {
  /** What is asked, by a name that is another for another view; null: it can't be asked at present. */
  readonly of: () => string | null;
  /** Microseconds since 1970: what is shown now was not known before. */
  readonly nowUs: () => number;
  readonly get: (path: string) => Promise<unknown>;
}

async function ask(asked: Asked, filter: string): Promise<RoomEvent[]> {
  const from = Math.floor(asked.nowUs() - EARLIER_US);
  const got = await asked.get(`/events?from=${from}&clock=known&order=newest&limit=${LIMIT}&${filter}`);
  const events = isObject(got) && Array.isArray(got.events) ? got.events : [];
  return events.flatMap((event) => eventOf(event) ?? []);
}

/** Hands them over, the oldest first, each once in an answer. Returns how to end it. */
export function askEarlier(view: Asked, take: (events: readonly RoomEvent[]) => void): () => void {
  let timer: number | null = null;
  let asked = 0; // the answer to another request than the newest is of no use
  const load = async (): Promise<void> => {
    const mine = ++asked;
    timer = null;
    try {
      const [said, severe] = await Promise.all([ask(view, 'kind=sos,acknowledgement'), ask(view, 'severity=severe')]);
      if (mine !== asked) return;
      const all = new Map([...said, ...severe].map((event) => [event.name, event]));
      take([...all.values()].sort((a, b) => a.seq - b.seq));
    } catch {
      // The link's state tells what is wrong; the alarms are to be had all the same.
      if (mine === asked) timer = window.setTimeout(() => void load(), AGAIN_MS);
    }
  };
  const of = computed(() => view.of());
  const stop = effect(() => {
    const live = of.value !== null;
    if (timer !== null) window.clearTimeout(timer);
    timer = null;
    asked++;
    if (live) timer = window.setTimeout(() => void load(), 0);
  });
  return () => {
    stop();
    asked++;
    if (timer !== null) window.clearTimeout(timer);
  };
}

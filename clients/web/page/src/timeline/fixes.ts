// How many fixes there are of the past, by stretches of the bar. The server counts them in the background, a part at a
// time: what it has is shown, and it is asked again until it has all. Nobody waits for it.
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Past } from '../model/types';
import { lengthOf, MINUTE_US, type Span } from './span';
import { pageTimers, type Timers } from './seeker';

/** Buckets of equal width from `fromUs` on; null: not counted yet, or not begun. */
export interface FixDensity extends Span {
  counts: (number | null)[];
  /** Some of them are estimates. */
  sampled: boolean;
}

/** What GET /api/v1/density answers. */
interface Answer {
  from: string;
  bucket_s: number;
  complete: boolean;
  sampled: boolean;
  fixes: (number | null)[];
}

const BUCKETS = 240;
const SETTLE_MS = 400;
const MORE_MS = 1500;
const FAILED_MS = 10_000;
const RENEW_MS = 30_000; // what is going on is counted anew

export class FixLoader {
  private readonly value: Signal<FixDensity | null> = signal(null);
  private asked = 0; // the number of the newest request; the answer to another is thrown away
  private timer: number | null = null;
  private wish: { span: Span; clock: Past['clock']; key: string } | null = null;

  constructor(private readonly get: (path: string) => Promise<Answer>, private readonly timers: Timers = pageTimers) {}

  get density(): ReadonlySignal<FixDensity | null> {
    return this.value;
  }

  /** Of this span, by that clock. A span that follows the present asks no more often than it is worth. */
  show(span: Span, clock: Past['clock']): void {
    const step = Math.max(MINUTE_US / 2, lengthOf(span) / BUCKETS);
    const key = [clock, Math.round(lengthOf(span)), Math.floor(span.fromUs / step)].join();
    const other = this.wish === null || this.wish.clock !== clock;
    if (other) this.value.value = null; // by the other clock: nothing of it is so
    if (this.wish?.key === key) {
      this.wish.span = span;
      return;
    }
    this.wish = { span, clock, key };
    this.later(SETTLE_MS);
  }

  /** Nothing is shown. */
  clear(): void {
    this.stop();
    this.value.value = null;
  }

  stop(): void {
    this.asked++;
    this.wish = null;
    this.later(null);
  }

  private later(ms: number | null): void {
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = ms === null ? null : this.timers.set(() => {
      this.timer = null;
      void this.load();
    }, ms);
  }

  private async load(): Promise<void> {
    if (!this.wish) return;
    const { span, clock } = this.wish;
    const mine = ++this.asked;
    let again = FAILED_MS;
    try {
      const [from, to] = [Math.floor(span.fromUs), Math.ceil(span.toUs)];
      const answer = await this.get(`/density?from=${from}&to=${to}&buckets=${BUCKETS}&clock=${clock}`);
      if (mine !== this.asked) return;
      this.value.value = fixesOf(answer);
      again = answer.complete ? RENEW_MS : MORE_MS;
    } catch {
      // The bar has its events without it: the link's state says already that the server or the hub is away.
      if (mine !== this.asked) return;
    }
    if (this.timer === null) this.later(again);
  }
}

function fixesOf(answer: Answer): FixDensity {
  const fromUs = Date.parse(answer.from) * 1000;
  return { fromUs, toUs: fromUs + answer.fixes.length * answer.bucket_s * 1e6, counts: answer.fixes,
    sampled: answer.sampled };
}

/** How many there are where that time is; null: not known. */
export function fixesAt(density: FixDensity | null, timeUs: number): number | null {
  if (!density || density.counts.length === 0) return null;
  const each = lengthOf(density) / density.counts.length;
  return density.counts[Math.floor((timeUs - density.fromUs) / each)] ?? null;
}

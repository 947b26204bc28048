// How many events there are of the past, by stretches of the bar: asked of the server for the span that is shown, the
// newest request only, and kept while the span moves a little.
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Past } from '../model/types';
import { HOUR_US, lengthOf, MINUTE_US, type Span } from './span';
import { pageTimers, type Timers } from './seeker';

/** One stretch of time. */
export interface Bin {
  events: [number, number, number, number]; // by severity: info, notice, warning, severe
}

export interface Density extends Span {
  bins: Bin[];
}

/** What GET /api/v1/timeline answers: so many events of each severity in each stretch of `bin_s` seconds. */
interface Answer {
  from: string;
  to: string;
  bin_s: number;
  info: number[];
  notice: number[];
  warning: number[];
  severe: number[];
}

export const BINS = 240;
const SETTLE_MS = 150;
export const RENEW_APART_MS = 2000; // where events come all the time

export class DensityLoader {
  private readonly value: Signal<Density | null> = signal(null);
  private readonly problem: Signal<string> = signal('');
  private asked = 0; // the number of the newest request; the answer to another is thrown away
  private timer: number | null = null;
  private resting: number | null = null; // a renewal waits for its end
  private owed: { span: Span; clock: Past['clock'] } | null = null;

  constructor(private readonly get: (path: string) => Promise<Answer>, private readonly timers: Timers = pageTimers) {}

  get density(): ReadonlySignal<Density | null> {
    return this.value;
  }

  /** Why the newest request failed; empty when it did not. */
  get reason(): ReadonlySignal<string> {
    return this.problem;
  }

  /** Asks for the span, counted by that clock, once it has stood still for a moment. */
  show(span: Span, clock: Past['clock']): void {
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = this.timers.set(() => {
      this.timer = null;
      void this.load(span, clock);
    }, SETTLE_MS);
  }

  /** The span has another event: asks soon, and no more often than is of use. */
  renew(span: Span, clock: Past['clock']): void {
    if (this.timer !== null) return; // it is asked for anyway
    if (this.resting === null) return this.show(span, clock);
    this.owed = { span, clock };
  }

  /** Nothing is shown. */
  clear(): void {
    this.stop();
    this.value.value = null;
    this.problem.value = '';
  }

  stop(): void {
    this.asked++;
    if (this.timer !== null) this.timers.clear(this.timer);
    if (this.resting !== null) this.timers.clear(this.resting);
    this.timer = this.resting = this.owed = null;
  }

  private rest(): void {
    if (this.resting !== null) this.timers.clear(this.resting);
    this.owed = null;
    this.resting = this.timers.set(() => {
      this.resting = null;
      if (this.owed) this.show(this.owed.span, this.owed.clock);
    }, RENEW_APART_MS);
  }

  private async load(span: Span, clock: Past['clock']): Promise<void> {
    const mine = ++this.asked;
    this.rest();
    const from = Math.floor(span.fromUs);
    const to = Math.ceil(span.toUs);
    try {
      const answer = await this.get(`/timeline?from=${from}&to=${to}&bins=${BINS}&clock=${clock}`);
      if (mine !== this.asked) return;
      this.value.value = densityOf(answer);
      this.problem.value = '';
    } catch (error) {
      if (mine === this.asked) this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }
}

function densityOf(answer: Answer): Density {
  const fromUs = Date.parse(answer.from) * 1000;
  const bins = answer.info.map((info, i): Bin => (
    { events: [info, answer.notice[i] ?? 0, answer.warning[i] ?? 0, answer.severe[i] ?? 0] }));
  return { fromUs, toUs: fromUs + bins.length * answer.bin_s * 1e6, bins };
}

/** How often the span's density is worth asking for again while it follows the present. */
export function renewEveryMs(span: Span): number {
  if (lengthOf(span) <= 2 * MINUTE_US) return 2000;
  return lengthOf(span) <= HOUR_US ? 10_000 : 60_000;
}

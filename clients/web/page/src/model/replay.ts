// The replay of this page: asks the server for moments, follows the replay's clock between frames, and asks again
// after the connection was lost.
import { signal, type ReadonlySignal } from '@preact/signals';
import { FrameKind, type FrameHead, type FrameSink } from '../feed/frames';
import type { PastMessage } from '../feed/machine';
import { timeBy } from './event_log';
import { Picture } from './picture';
import { NO_REASON, reason, type Reason } from './reason';
import type { Batch } from './screen';
import type { Card, Past, RoomEvent } from './types';

const TOLD_EVERY_MS = 100; // the replay's clock, in the signal
/** While it plays the hub says every 2 s at least how far it is: without that the clock goes on no longer than this, */
const RUNS_ON_MS = 3000;
/** and after this it is not called playing. */
const SILENT_MS = 5000;

/** Sends a request of the page; false: there is no connection. */
export type Ask = (message: { type: string } & Record<string, unknown>) => boolean;

export class Replay {
  readonly past: ReadonlySignal<Past | null>;
  readonly world: Picture;
  private readonly now = signal<Past | null>(null);
  private request = 0;
  private frameUs = 0; // the replay's clock at
  private frameAtMs = 0; // this moment of the steady clock
  private shownAtMs = 0;
  private wantPaused = false;
  private stalled = false; // it would play, but nothing comes: the next frame ends that

  /** `steadyMs` never jumps. `cardNow`: of the live world. */
  constructor(
    private readonly ask: Ask,
    private readonly steadyMs: () => number,
    batch: Batch,
    cardNow: (name: string) => Card | undefined = () => undefined,
  ) {
    this.past = this.now;
    this.world = new Picture(
      () => this.clockUs(),
      batch,
      (_, head) => this.taken(head),
      cardNow,
    );
  }

  /** `events`: what is known already, of which the moment's past is shown. */
  show(timeUs: number, clock: Past['clock'], events: readonly RoomEvent[], speed?: number, paused?: boolean): void {
    const before = this.now.peek();
    this.wantPaused = paused ?? (before ? this.wantPaused : false);
    this.stalled = false;
    this.frameUs = timeUs;
    this.frameAtMs = this.steadyMs();
    this.now.value = { clock, timeUs, phase: 'loading', speed: speed ?? before?.speed ?? 1, reason: NO_REASON };
    this.world.begins(events.filter((e) => timeBy(e, clock) <= timeUs));
    this.open();
  }

  pause(paused: boolean): void {
    this.wantPaused = paused;
    this.control(paused ? { do: 'pause' } : { do: 'resume' });
  }

  setSpeed(speed: number): void {
    const past = this.now.peek();
    if (!past || !(speed >= 1 && speed <= 1000)) return;
    this.rebase();
    this.now.value = { ...past, timeUs: this.frameUs, speed: Math.round(speed) };
    this.control({ do: 'speed', speed: Math.round(speed) });
  }

  stop(): void {
    if (!this.now.peek()) return;
    this.control({ do: 'stop' });
    this.request++; // what is still on its way belongs to nobody
    this.now.value = null;
  }

  /** The connection is open again: from where the replay was. */
  reopened(): void {
    const past = this.now.peek();
    if (!past || past.phase === 'ended' || past.phase === 'failed') return;
    this.rebase();
    this.now.value = { ...past, timeUs: this.frameUs, phase: 'loading', reason: NO_REASON };
    this.stalled = false;
    this.open();
  }

  /** The connection is gone: the replay's clock stands still until it is back. */
  lost(): void {
    const past = this.now.peek();
    if (!past || past.phase !== 'playing') return;
    this.rebase();
    this.now.value = { ...past, timeUs: this.frameUs, phase: 'loading' };
  }

  /** Once a second: tells that nothing comes, as while the hub is away. The server goes on by itself after that. */
  watch(): void {
    const past = this.now.peek();
    if (past?.phase !== 'playing' || this.steadyMs() - this.frameAtMs < SILENT_MS) return;
    this.stalled = true; // as of the last frame: more is not known
    this.now.value = { ...past, timeUs: this.frameUs, phase: 'loading' };
  }

  message(message: PastMessage): void {
    const past = this.now.peek();
    if (!past || message.request !== this.request) return;
    this.stalled = false;
    this.rebase();
    if (message.timeUs > 0) this.frameUs = message.timeUs;
    // That parts are missing holds for the whole replay.
    const why = message.code === '' ? past.reason : reason(message.code, message.reason);
    this.now.value = { ...past, phase: message.phase, timeUs: this.frameUs, reason: why };
  }

  refused(why: Reason): void {
    const past = this.now.peek();
    if (past) this.now.value = { ...past, phase: 'failed', reason: why };
  }

  sinkOf(head: FrameHead): FrameSink | null {
    return head.kind === FrameKind.Past && head.request === this.request && this.now.peek() ? this.world : null;
  }

  private open(): void {
    const past = this.now.peek();
    if (!past) return;
    this.request++;
    this.ask({
      type: 'past',
      request: this.request,
      clock: past.clock,
      time_us: Math.round(past.timeUs),
      speed: past.speed,
      paused: this.wantPaused,
    });
  }

  private control(what: Record<string, unknown>): void {
    if (this.now.peek()) this.ask({ type: 'control', request: this.request, ...what });
  }

  private taken(head: FrameHead): void {
    const past = this.now.peek();
    if (!past || head.hubTimeUs === 0) return;
    this.frameUs = head.hubTimeUs;
    this.frameAtMs = this.steadyMs();
    if (this.frameAtMs - this.shownAtMs < TOLD_EVERY_MS && !head.lastPage && !this.stalled) return;
    this.shownAtMs = this.frameAtMs;
    this.now.value = { ...past, timeUs: this.frameUs, phase: this.stalled ? 'playing' : past.phase };
    this.stalled = false;
  }

  /** The clock of the replay runs on from here. */
  private rebase(): void {
    this.frameUs = this.clockUs();
    this.frameAtMs = this.steadyMs();
  }

  private clockUs(): number {
    const past = this.now.peek();
    if (!past || past.phase !== 'playing') return this.frameUs;
    return this.frameUs + Math.min(RUNS_ON_MS, this.steadyMs() - this.frameAtMs) * 1000 * past.speed;
  }
}

// What the timeline does: where the playhead is, what is played, at what speed, by which clock, over and over or not.
// It owns no picture: it asks the room for a moment and reads from it what is shown. One for a room.
import { computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import { timeBy } from '../model/event_log';
import type { Past, Room, RoomEvent } from '../model/types';
import { DensityLoader } from './density';
import { eventBeside } from './events';
import { FixLoader } from './fixes';
import { pageTimers, Seeker, type Timers } from './seeker';
import { brought, holds, HOUR_US, lastOf, lengthOf, LENGTHS, panned, type LengthName, SECOND_US, type Span,
  zoomed } from './span';

export type Clock = Past['clock'];

export const SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1000] as const;
export const SPEED_MAX = 1000;
/** Turns to a beat while nothing is played. */
const STILL_TURNS = 5;
/** Nearer to the present than this is the present. */
const LIVE_WITHIN_US = 2 * SECOND_US;

export class Player {
  readonly span: Signal<Span>;
  /** The length that follows the present; null: the span stands still. */
  readonly following: Signal<number | null> = signal(HOUR_US);
  /** Where the playhead is dragged to; null: it is not. */
  readonly dragged: Signal<number | null> = signal(null);
  readonly loop: Signal<Span | null> = signal(null);
  readonly looping: Signal<boolean> = signal(false);
  readonly difference: Signal<boolean> = signal(false);
  readonly density: DensityLoader;
  readonly fixes: FixLoader;
  readonly clock: ReadonlySignal<Clock>;
  readonly speed: ReadonlySignal<number>;
  readonly playing: ReadonlySignal<boolean>;
  /** The grant that was looked by is no more: nothing of it is shown, and nothing asked. */
  readonly ended: ReadonlySignal<boolean>;
  /** Rises while time runs on the screen, for whoever draws the playhead. */
  readonly beat: ReadonlySignal<number>;

  private readonly wishedClock: Signal<Clock> = signal('true');
  private readonly wishedSpeed: Signal<number> = signal(1);
  private readonly beats = signal(0);
  private stillTurns = 0;
  private newest: RoomEvent | null = null; // that the bar was renewed for
  private readonly seeker: Seeker;
  private resumeAfterDrag = false;
  private eventAsked = 0;
  private pausedWanted = true; // of the next request
  private target: number | null = null; // what was asked for and is not shown yet: the next step goes on from there
  private readonly ends: (() => void)[] = [];

  constructor(readonly room: Room, timers: Timers = pageTimers) {
    this.span = signal(lastOf(HOUR_US, room.live.nowUs()));
    this.density = new DensityLoader((path) => room.getShown(path), timers);
    this.fixes = new FixLoader((path) => room.get(path), timers);
    this.seeker = new Seeker((timeUs) => room.showPast(timeUs, this.wishedClock.peek(),
      { speed: this.wishedSpeed.peek(), paused: this.pausedWanted }), timers);
    // By a grant the past is read by known time alone.
    this.clock = computed(() => (room.grant.value ? 'known' : room.past.value?.clock ?? this.wishedClock.value));
    this.speed = computed(() => room.past.value?.speed ?? this.wishedSpeed.value);
    this.playing = computed(() => {
      const past = room.past.value;
      return past === null || past.phase === 'playing' || (past.phase === 'loading' && !this.pausedWanted);
    });
    this.beat = this.beats;
    this.ends.push(effect(() => {
      const past = room.past.value;
      if (past && past.phase !== 'loading') this.arrived(past);
      // A moment that the address or another panel asks for comes into the bar.
      if (past?.phase === 'loading' && this.target === null) this.bring(past.timeUs);
      if (!past) this.target = null;
    }));
    const byGrant = computed(() => room.grant.value !== null);
    this.ended = computed(() => (room.grant.value?.ended ?? '') !== '');
    this.ends.push(effect(() => {
      if (byGrant.value) this.difference.value = false;
    }));
    const grant = computed(() => room.grant.value?.name ?? '');
    this.ends.push(effect(() => {
      // Counts of another view are of nothing that is shown.
      void grant.value;
      this.density.clear();
    }));
    this.ends.push(effect(() => {
      void grant.value;
      if (this.ended.value) this.density.clear();
      else this.density.show(this.span.value, this.clock.value);
      // What a grant withholds is not counted.
      if (byGrant.value) this.fixes.clear();
      else this.fixes.show(this.span.value, this.clock.value);
    }));
    this.ends.push(effect(() => {
      const { events, eventsVersion } = room.present.value;
      void eventsVersion.value;
      untracked(() => this.renewFor(events));
    }));
  }

  /** Ends what it started; it is not to be used any more. */
  end(): void {
    for (const end of this.ends.splice(0)) end();
    this.seeker.drop();
    this.density.stop();
    this.fixes.stop();
  }

  /** What has just happened is on the bar now, not when the bar's time for renewing comes. */
  private renewFor(events: readonly RoomEvent[]): void {
    const newest = events[events.length - 1];
    if (!newest || newest === this.newest) return;
    const span = this.span.peek();
    const clock = this.clock.peek();
    let within = false;
    for (let at = events.length - 1; at >= 0 && events[at] !== this.newest && !within; at--) {
      const time = timeBy(events[at]!, clock);
      within = time >= span.fromUs && time < span.toUs;
    }
    this.newest = newest;
    if (within && !this.ended.peek()) this.density.renew(span, clock);
  }

  /** Where the playhead is. */
  headUs(): number {
    return this.dragged.peek() ?? this.target ?? this.shownUs();
  }

  shownUs(): number {
    const past = this.room.past.peek();
    if (!past) return this.room.live.nowUs();
    const now = this.room.shown.peek().nowUs();
    return past.phase === 'playing' && now > 0 ? Math.max(past.timeUs, now) : past.timeUs;
  }

  /** Several times a second: the span follows the present, and a range begins again at its end. */
  turn(): void {
    const following = this.following.peek();
    if (following !== null && this.dragged.peek() === null) this.follow(following);
    const range = this.loop.peek();
    const past = this.room.past.peek();
    const over = past && (past.phase === 'playing' || past.phase === 'ended') && this.dragged.peek() === null;
    if (range && this.looping.peek() && over && (this.shownUs() >= range.toUs || past.phase === 'ended')) {
      this.seek(range.fromUs, false);
    }
    // While nothing is played only seconds go by: what hangs on the beat is drawn anew each time.
    const runs = past?.phase === 'playing' || this.dragged.peek() !== null;
    if (!runs && ++this.stillTurns < STILL_TURNS) return;
    this.stillTurns = 0;
    this.beats.value++;
  }

  private follow(lengthUs: number): void {
    const next = lastOf(lengthUs, this.room.live.nowUs());
    // A pixel's worth at a time is enough: what hangs on the span is drawn anew.
    if (Math.abs(next.toUs - this.span.peek().toUs) >= lengthUs / 1000) this.span.value = next;
  }

  // The span.

  showLast(name: LengthName): void {
    this.following.value = LENGTHS[name];
    this.span.value = lastOf(LENGTHS[name], this.room.live.nowUs());
  }

  showSpan(span: Span): void {
    this.following.value = null;
    this.span.value = span;
  }

  zoom(factor: number, aboutUs: number): void {
    this.showSpan(zoomed(this.span.peek(), factor, aboutUs));
  }

  pan(byUs: number): void {
    this.showSpan(panned(this.span.peek(), byUs));
  }

  private bring(timeUs: number): void {
    if (!holds(this.span.peek(), timeUs)) this.showSpan(brought(this.span.peek(), timeUs));
  }

  // The playhead.

  dragBegin(timeUs: number): void {
    this.resumeAfterDrag = this.room.past.peek() !== null && this.playing.peek();
    this.dragTo(timeUs);
  }

  dragTo(timeUs: number): void {
    const time = Math.min(timeUs, this.room.live.nowUs());
    this.dragged.value = time;
    this.pausedWanted = true;
    this.want(time);
  }

  dragEnd(): void {
    const time = this.dragged.peek();
    this.dragged.value = null;
    if (time === null) return;
    this.seek(time, !this.resumeAfterDrag);
  }

  /** The room as of that time; the present, if it is that. `paused` as it was, unless told. */
  seek(timeUs: number, paused = !(this.room.past.peek() !== null && this.playing.peek())): void {
    if (timeUs >= this.room.live.nowUs() - LIVE_WITHIN_US) return this.toLive();
    this.pausedWanted = paused;
    this.want(timeUs);
    if (this.following.peek() === null) this.span.value = brought(this.span.peek(), timeUs);
    else if (timeUs < this.span.peek().fromUs) this.showSpan(brought(this.span.peek(), timeUs));
  }

  step(byUs: number): void {
    this.seek(this.headUs() + byUs, true);
  }

  /** To the event before or after, by the clock that is shown; false: there is none. The newest press only counts. */
  async stepEvent(direction: -1 | 1): Promise<boolean> {
    const mine = ++this.eventAsked;
    const here = this.headUs();
    const time = await eventBeside(this.room, here, direction, this.clock.peek());
    if (mine !== this.eventAsked) return true;
    if (time !== null) this.seek(time, true);
    return time !== null;
  }

  playPause(): void {
    const past = this.room.past.peek();
    if (!past) this.seekPaused(this.room.live.nowUs());
    else if (past.phase === 'ended' || past.phase === 'failed') this.seek(this.loop.peek()?.fromUs ?? past.timeUs,
      false);
    else this.setPaused(this.playing.peek());
  }

  private setPaused(paused: boolean): void {
    this.pausedWanted = paused;
    this.room.pausePast(paused);
  }

  /** Holds the present still. */
  private seekPaused(timeUs: number): void {
    this.pausedWanted = true;
    this.want(timeUs);
  }

  setSpeed(speed: number): void {
    const within = Math.min(SPEED_MAX, Math.max(1, speed));
    this.wishedSpeed.value = within;
    if (this.room.past.peek()) this.room.setPastSpeed(within);
  }

  /** One notch faster or slower. */
  faster(direction: -1 | 1): void {
    const now = this.speed.peek();
    const next = direction > 0 ? SPEEDS.find((one) => one > now) : [...SPEEDS].reverse().find((one) => one < now);
    if (next !== undefined) this.setSpeed(next);
  }

  /** The same moment by the other clock. */
  setClock(clock: Clock): void {
    this.wishedClock.value = clock;
    const past = this.room.past.peek();
    if (!past || past.clock === clock) return;
    this.pausedWanted = !this.playing.peek();
    this.want(this.shownUs());
  }

  toLive(): void {
    this.seeker.drop();
    this.target = null;
    this.dragged.value = null;
    this.looping.value = false;
    if (this.room.past.peek()) this.room.showLive();
    if (this.following.peek() === null && this.span.peek().toUs < this.room.live.nowUs()) {
      this.following.value = lengthOf(this.span.peek());
      this.follow(this.following.peek() ?? HOUR_US);
    }
  }

  setLoop(range: Span | null): void {
    this.loop.value = range;
    this.looping.value = range !== null;
  }

  private want(timeUs: number): void {
    this.target = timeUs;
    this.seeker.want(timeUs);
  }

  /** What the address or another panel asked for is the wish from then on. */
  private arrived(past: Past): void {
    const last = !this.seeker.waiting;
    this.seeker.answered();
    if (!last) return;
    this.target = null;
    if (!this.room.grant.peek() && this.wishedClock.peek() !== past.clock) this.wishedClock.value = past.clock;
    if (this.wishedSpeed.peek() !== past.speed) this.wishedSpeed.value = past.speed;
  }
}

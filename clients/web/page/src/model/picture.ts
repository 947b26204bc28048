// A world that frames move: the live one, or a past one that is replayed. Follows the hub's picture: a snapshot
// replaces, a late fix belongs to the trail alone, a leave hides a unit until it is heard of again.
import { signal, type ReadonlySignal } from '@preact/signals';
import { FixFlag, FrameKind, type CardNews, type FixView, type FrameHead, type FrameSink } from '../feed/frames';
import { EventLog } from './event_log';
import type { Batch } from './screen';
import { Trails, TRAIL_NUMBERS_MAX } from './trails';
import type { Card, Freshness, Position, RoomEvent, Unit, World } from './types';

const TRAIL_UNITS_MAX = 20_000; // beyond, units have no trail
const TRAIL_SPAN_US = 60 * 60e6;
const INDEXES_MAX = 4_000_000; // a number for a unit beyond this is refused: it would only cost memory
const NUMBER_BITS = 0x7fffffff; // numbers in Past frames begin at 2147483648: a past world counts from there

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry extends Mutable<Unit> {
  ownCard: Card | undefined; // of this world
  cardSeq: number;
  listed: number; // the snapshot that named it
  cardListed: number;
}

export interface Thresholds {
  overdueAfterMs: number;
  silentAfterMs: number;
}

export class Picture implements World, FrameSink {
  readonly conflated: ReadonlySignal<number>;
  readonly version: ReadonlySignal<number>;
  readonly eventsVersion: ReadonlySignal<number>;
  readonly logs: ReadonlySignal<number>;
  /** Fixes and events this world can't show any more, as the hub said: ranges of seqs. */
  lost: { first: number; last: number }[] = [];

  private readonly entries: Entry[] = [];
  private readonly names = new Map<string, Entry>();
  private readonly log = new EventLog();
  private readonly trails = new Trails(TRAIL_UNITS_MAX, TRAIL_SPAN_US);
  private byIndex: (Entry | undefined)[] = []; // of this connection
  private readonly versionNow = signal(0);
  private readonly eventsNow = signal(0);
  private readonly logsNow = signal(0);
  private readonly conflatedNow = signal(0);
  private conflatedSum = 0;
  private snapshot = 0; // counts them
  private limits: Thresholds = { overdueAfterMs: Infinity, silentAfterMs: Infinity };
  private moved = false;
  private heard = false;
  private asked = false; // the batch is on its way, with:
  private moveVersion = false;
  private eventVersion = false;
  private bySeq = true; // a replay by true time has its fixes in another order
  private knownMs = 0;

  /**
   * `nowUs` is this world's clock. `taken` is told after each frame, with the newest time at which the hub had taken in
   * something that is news (milliseconds; 0: nothing was). `lend` has the card of a unit that this world has none of:
   * a unit is called by its call sign also where its card became known later.
   */
  constructor(
    readonly nowUs: () => number,
    private readonly batch: Batch,
    private readonly taken: (knownMs: number, head: FrameHead) => void = () => {},
    private readonly lend: (name: string) => Card | undefined = () => undefined,
  ) {
    this.version = this.versionNow;
    this.eventsVersion = this.eventsNow;
    this.logs = this.logsNow;
    this.conflated = this.conflatedNow;
  }

  get units(): readonly Unit[] {
    return this.entries;
  }

  get byName(): ReadonlyMap<string, Unit> {
    return this.names;
  }

  get events(): readonly RoomEvent[] {
    return this.log.list;
  }

  setThresholds(limits: Thresholds): void {
    this.limits = limits;
    this.change(true, false);
  }

  /** A new connection numbers its units anew. */
  forgetIndexes(): void {
    this.byIndex = [];
  }

  /** Another moment is shown: only these events stand, and what comes next is a snapshot. */
  begins(events: readonly RoomEvent[]): void {
    this.log.clear();
    for (const event of events) this.log.add(event);
    this.trails.clearAll();
    for (const unit of this.entries) if (unit.position) unit.position.seq = 0;
    this.change(true, true);
  }

  /** All of it is of another log, or of another moment: nothing stays. Units keep their places, hidden. */
  clear(): void {
    for (const unit of this.entries) this.hide(unit, true);
    this.log.clear();
    this.trails.clearAll();
    this.lost = [];
    this.conflatedSum = 0;
    this.logsNow.value++;
    this.change(true, true);
  }

  trail(unit: Unit): Float64Array {
    const points = new Float64Array(TRAIL_NUMBERS_MAX);
    return points.slice(0, this.trails.copy(unit.index, points) * 3);
  }

  trailInto(unit: Unit, into: Float64Array): number {
    return this.trails.copy(unit.index, into);
  }

  freshness(unit: Unit, atUs = this.nowUs()): Freshness {
    if (!unit.position) return 'unknown';
    const ageMs = (atUs - unit.position.timeUs) / 1000;
    if (ageMs >= this.limits.silentAfterMs) return 'silent';
    return ageMs >= this.limits.overdueAfterMs ? 'overdue' : 'fresh';
  }

  begin(head: FrameHead): void {
    this.knownMs = 0;
    this.bySeq = head.kind !== FrameKind.Past;
    if (head.firstPage) this.snapshot++;
    if (head.conflated > 0) this.conflatedSum += head.conflated;
    if (head.lostFirst > 0 && this.lost.length < 100) this.lost.push({ first: head.lostFirst, last: head.lostLast });
  }

  unitName(index: number, name: string, group: string): void {
    const at = index & NUMBER_BITS;
    if (at > INDEXES_MAX || name === '') return;
    const unit = this.unit(name);
    unit.group = group;
    this.byIndex[at] = unit;
    this.moved = true;
  }

  event(event: RoomEvent): void {
    if (!this.log.add(event)) return;
    this.heard = true;
    this.knownMs = Math.max(this.knownMs, event.knownUs / 1000);
  }

  card(card: CardNews): void {
    const unit = this.unit(card.unit);
    unit.cardListed = this.snapshot;
    this.moved = true;
    if (card.seq < unit.cardSeq) return;
    unit.cardSeq = card.seq;
    if (card.group !== '' && !unit.position) unit.group = card.group;
    unit.ownCard = card.deleted
      ? undefined
      : { callSign: card.callSign, unitKind: card.unitKind, symbol: card.symbol, carriedBy: card.carriedBy };
    this.dress(unit);
    unit.gone = !unit.position && !unit.ownCard;
  }

  fix(fix: FixView): void {
    const unit = this.byIndex[fix.unit & NUMBER_BITS];
    if (!unit) return;
    unit.listed = this.snapshot;
    if (!(fix.flags & FixFlag.snapshot) && !fix.delayCapped) {
      this.knownMs = Math.max(this.knownMs, fix.timeUs / 1000 + fix.delayMs);
    }
    if (fix.flags & FixFlag.aside) return;
    this.moved = true;
    if (fix.flags & FixFlag.late) return this.trails.add(unit.index, fix.timeUs, fix.lon, fix.lat);
    unit.gone = false;
    if (!unit.card) this.dress(unit);
    if (this.bySeq && unit.position && fix.seq < unit.position.seq) return;
    this.move(unit, fix);
  }

  leave(index: number): void {
    const unit = this.byIndex[index & NUMBER_BITS];
    if (!unit) return;
    this.hide(unit, false);
    this.moved = true;
  }

  end(head: FrameHead): void {
    if (head.lastPage) this.dropUnlisted();
    this.change(this.moved || head.lastPage || head.conflated > 0, this.heard);
    this.moved = this.heard = false;
    this.taken(this.knownMs, head);
  }

  private unit(name: string): Entry {
    const known = this.names.get(name);
    if (known) return known;
    const unit: Entry = {
      index: this.entries.length,
      name,
      owner: name.slice(0, Math.max(0, name.indexOf('/'))),
      group: '',
      label: plainName(name),
      card: undefined,
      ownCard: undefined,
      position: undefined,
      gone: true,
      cardSeq: 0,
      listed: 0,
      cardListed: 0,
    };
    this.entries.push(unit);
    this.names.set(name, unit);
    return unit;
  }

  /** The position's object stays the same and changes: ten thousand new ones a second would have to be collected. */
  private move(unit: Entry, fix: FixView): void {
    const position: Position = (unit.position ??= {
      seq: 0,
      timeUs: 0,
      delayMs: 0,
      lat: 0,
      lon: 0,
      altitudeM: undefined,
      speedMS: undefined,
      courseDeg: undefined,
      accuracyM: undefined,
      batteryPercent: undefined,
      satelliteTime: false,
      implausible: false,
    });
    position.seq = fix.seq;
    position.timeUs = fix.timeUs;
    position.delayMs = fix.delayMs;
    position.lat = fix.lat;
    position.lon = fix.lon;
    position.altitudeM = known(fix.altitudeM);
    position.speedMS = known(fix.speedMS);
    position.courseDeg = known(fix.courseDeg);
    position.accuracyM = known(fix.accuracyM);
    position.batteryPercent = known(fix.batteryPercent);
    position.satelliteTime = (fix.flags & FixFlag.satellite) !== 0;
    position.implausible = (fix.flags & FixFlag.implausible) !== 0;
    this.trails.add(unit.index, fix.timeUs, fix.lon, fix.lat);
  }

  /** A snapshot is whole: who was not in it is not in the view. */
  private dropUnlisted(): void {
    for (const unit of this.entries) {
      if (unit.cardListed !== this.snapshot && unit.ownCard) this.undress(unit);
      if (unit.listed !== this.snapshot) this.hide(unit, false);
    }
  }

  private hide(unit: Entry, withCard: boolean): void {
    unit.position = undefined;
    this.trails.clear(unit.index);
    if (withCard) this.undress(unit);
    unit.gone = !unit.ownCard;
  }

  private dress(unit: Entry): void {
    unit.card = unit.ownCard ?? this.lend(unit.name);
    unit.label = unit.card?.callSign || plainName(unit.name);
  }

  private undress(unit: Entry): void {
    unit.ownCard = undefined;
    unit.cardSeq = 0;
    this.dress(unit);
  }

  private change(moved: boolean, heard: boolean): void {
    this.moveVersion ||= moved;
    this.eventVersion ||= heard;
    if (this.asked || (!moved && !heard)) return;
    this.asked = true;
    this.batch(() => this.tell());
  }

  private tell(): void {
    this.asked = false;
    const [moved, heard] = [this.moveVersion, this.eventVersion];
    this.moveVersion = this.eventVersion = false;
    if (this.conflatedNow.peek() !== this.conflatedSum) this.conflatedNow.value = this.conflatedSum;
    if (moved) this.versionNow.value++;
    if (heard) this.eventsNow.value++;
  }
}

function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function plainName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

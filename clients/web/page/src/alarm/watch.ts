// Watches the live worlds for alarms, whatever is shown: which wait to be seen, and what is to be heard and flashed.
// One for a room; it reads room.live, and room.present while that is a grant’s view, so that a replay hides nothing.
import { effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Grant, Link, Room, RoomEvent, ShownGrant, World } from '../model/types';
import { askEarlier } from './earlier';
import { Names, remembered } from './memory';
import { ALARMS_MAX, isAlarm, kindOf, nameOf, order, type Alarm } from './rules';
import { Sound } from './sound';
import { TitleFlash } from './title';

const SEEN_KEY = 'vigie.alarm.seen';
const RUNG_KEY = 'vigie.alarm.rung';
const OPENED_KEY = 'vigie.alarm.opened';
const MUTED_KEY = 'vigie.alarm.muted';

export class AlarmWatch {
  readonly sound = new Sound();
  private readonly waiting: Signal<readonly Alarm[]> = signal([]);
  private readonly muted: Signal<number>; // Date.now() until which; 0: not
  private readonly seen = new Names(() => localStorage, SEEN_KEY);
  private readonly rung = new Names(() => sessionStorage, RUNG_KEY);
  private readonly title = new TitleFlash();
  private openedUs = 0;
  private readonly lastSeqs = new WeakMap<World, number>(); // each has a log of its own
  private readonly ends: (() => void)[] = [];

  constructor(private readonly room: Room) {
    this.muted = signal(mutedUntil());
    this.sound.mute(this.muted.peek());
    this.ends.push(effect(() => {
      void room.live.eventsVersion.value;
      this.take(room.live, '');
    }));
    this.ends.push(effect(() => {
      const world = room.present.value;
      if (world === room.live) return;
      void world.eventsVersion.value;
      this.take(world, room.grant.peek()?.name ?? '');
    }));
    this.ends.push(askEarlier({
      of: () => (isThere(room.link.value) ? '' : null),
      nowUs: () => room.live.nowUs(),
      get: (path) => room.get(path),
    }, (events) => this.takeEarlier(events, '')));
    this.ends.push(askEarlier({
      of: () => grantShown(room),
      nowUs: () => room.live.nowUs() - this.heldBackUs(),
      get: (path) => room.getShown(path),
    }, (events) => this.takeEarlier(events, room.grant.peek()?.name ?? '')));
    this.ends.push(effect(() => this.leaveWhatEnded(room.grant.value, room.grants.value)));
    this.ends.push(effect(() => {
      void room.tick.value;
      if (this.muted.peek() !== 0 && Date.now() >= this.muted.peek()) this.mute(0);
    }));
    const otherTab = (event: StorageEvent): void => {
      if (event.key === SEEN_KEY) this.forgetSeen();
    };
    const touched = (): void => {
      if (this.sound.blocked.peek()) this.sound.unlock();
    };
    window.addEventListener('storage', otherTab);
    window.addEventListener('pointerdown', touched);
    window.addEventListener('keydown', touched);
    this.ends.push(() => {
      window.removeEventListener('storage', otherTab);
      window.removeEventListener('pointerdown', touched);
      window.removeEventListener('keydown', touched);
    });
  }

  /** Not seen yet, the gravest first. */
  get alarms(): ReadonlySignal<readonly Alarm[]> {
    return this.waiting;
  }

  /** Date.now() until which the sound is off; 0: it is on. */
  get mutedUntilMs(): ReadonlySignal<number> {
    return this.muted;
  }

  end(): void {
    for (const end of this.ends.splice(0)) end();
    this.sound.end();
    this.title.clear();
  }

  see(alarms: readonly Alarm[]): void {
    for (const { event } of alarms) this.seen.add(nameOf(event));
    this.set(this.waiting.peek().filter(({ event }) => !this.seen.has(nameOf(event))));
  }

  /** For so many minutes; 0: it is heard again. */
  mute(minutes: number): void {
    const until = minutes > 0 ? Date.now() + minutes * 60_000 : 0;
    this.muted.value = until;
    this.sound.mute(until);
    try {
      sessionStorage.setItem(MUTED_KEY, String(until));
    } catch {
      // no storage: a reload rings again
    }
  }

  /** What flashes in the tab's name; the words are the page's language. */
  flash(words: string | null): void {
    if (words === null) this.title.clear();
    else this.title.show(words);
  }

  private take(world: World, grant: string): void {
    const { events } = world;
    const newest = events[events.length - 1];
    if (!newest) return;
    this.noteOpened();
    let last = this.lastSeqs.get(world) ?? -1;
    if (newest.seq < last) last = -1; // another log: what has a name that is known rings no more
    let first = events.length;
    // Great places of a grant's own numbers are rounded, so that two may look like one.
    const isNew = (seq: number): boolean => seq > last || (seq === last && !Number.isSafeInteger(last));
    while (first > 0 && isNew(events[first - 1]?.seq ?? -1)) first--;
    this.lastSeqs.set(world, newest.seq);
    const fresh = events.slice(first);
    if (fresh.length === 0) return;
    const raised = this.raise(fresh, grant);
    this.set(withAcknowledgements([...this.waiting.peek(), ...raised], raised.length > 0 ? events : fresh));
  }

  /** What the feed does not bring. Whatever was acknowledged before the page was opened is history. */
  private takeEarlier(events: readonly RoomEvent[], grant: string): void {
    this.noteOpened();
    const raised = withAcknowledgements(this.raise(events, grant), events)
      .filter(({ kind, acknowledgedBy }) => kind !== 'earlier' || acknowledgedBy.length === 0);
    this.set(withAcknowledgements([...this.waiting.peek(), ...raised], events));
  }

  /** Nothing stays of what a grant showed once it has ended. */
  private leaveWhatEnded(shown: ShownGrant | null, grants: readonly Grant[]): void {
    const stands = ({ grant }: Alarm): boolean => grant === '' || (shown?.name === grant && shown.ended === '')
      || grants.some(({ name }) => name === grant && name !== shown?.name);
    const waiting = this.waiting.peek();
    if (!waiting.every(stands)) this.set(waiting.filter(stands));
  }

  /** So much later than without terms comes what is shown by the grant that is looked by. */
  private heldBackUs(): number {
    const terms = this.room.grant.peek()?.terms;
    return terms ? (terms.delayS + terms.everyS) * 1e6 : 0;
  }

  private noteOpened(): void {
    if (this.openedUs === 0) this.openedUs = remembered(OPENED_KEY, this.room.live.nowUs());
  }

  /** Those that are alarms, and were neither seen nor raised before. */
  private raise(events: readonly RoomEvent[], grant: string): Alarm[] {
    const known = new Set(this.waiting.peek().map(({ event }) => nameOf(event)));
    return events.flatMap((event) => (known.has(nameOf(event)) ? [] : this.alarmOf(event, grant)));
  }

  private alarmOf(event: RoomEvent, grant: string): Alarm[] {
    if (!isAlarm(event) || this.seen.has(nameOf(event))) return [];
    const kind = kindOf(event, this.openedUs, grant === '' ? 0 : this.heldBackUs());
    if (kind === null) return [];
    if (kind === 'late' && !this.rung.has(nameOf(event))) {
      this.rung.add(nameOf(event));
      this.sound.once();
    }
    // Messages have other names by a grant's own numbers than the hub knows them by: nothing can refer to them.
    const mayAnswer = event.name !== '' && (grant === '' || this.room.grant.peek()?.terms?.ownNumbers === false);
    return [{ event, kind, acknowledgedBy: [], grant, mayAnswer }];
  }

  private forgetSeen(): void {
    this.seen.renew();
    this.see([]);
  }

  private set(alarms: readonly Alarm[]): void {
    const sorted = [...alarms].sort(order).slice(0, ALARMS_MAX);
    this.waiting.value = sorted;
    const ringing = sorted.filter(({ kind }) => kind === 'new');
    // After a reload the siren does not begin again for what it has rung for; the banner and the title stand.
    if (ringing.some(({ event }) => !this.rung.has(nameOf(event)))) this.sound.start();
    if (ringing.length === 0) this.sound.stop();
    for (const { event } of ringing) this.rung.add(nameOf(event));
  }
}

function withAcknowledgements(alarms: readonly Alarm[], events: readonly RoomEvent[]): Alarm[] {
  const said = events.filter((event) => event.kind === 'acknowledgement' && event.references.length > 0);
  if (said.length === 0) return [...alarms];
  return alarms.map((alarm) => {
    const name = nameOf(alarm.event);
    const by = said.filter((event) => event.references.includes(name)).map((event) => event.unit);
    return by.length === 0 ? alarm : { ...alarm, acknowledgedBy: [...new Set([...alarm.acknowledgedBy, ...by])] };
  });
}

/** The grant that is looked by, while its view is live. */
function grantShown(room: Room): string | null {
  const grant = room.grant.value;
  return grant && grant.ended === '' && isThere(grant.link) ? grant.name : null;
}

/** A link that is doubted is not lost: what was asked is not asked again for that. */
function isThere(link: Link): boolean {
  return link.state === 'live' || link.lost === 'answer';
}

function mutedUntil(): number {
  try {
    const until = Number(sessionStorage.getItem(MUTED_KEY));
    return Number.isFinite(until) && until > Date.now() ? until : 0;
  } catch {
    return 0;
  }
}

// The room: what is seen, by which sight, what is chosen, and the address that says it.
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Interest } from '../feed/machine';
import { tools } from '../map/tools';
import { inWords } from '../text/reasons';
import { Address, formatMoment, parseMoment, type Pairs } from './address';
import { Api, ApiError, type Session } from './api';
import { reasonOf } from './failure';
import { Sight } from './sight';
import type { Past, Room, Severity, ShownGrant, Viewer, World } from './types';

export { ApiError } from './api';

const SEVERITIES = ['info', 'notice', 'warning', 'severe'];
/** Who speaks where the hub asks nobody who they are. */
const ROOM_UNIT = 'room/web';
const NOBODY: Viewer = { account: '', name: '', maySend: false, administrator: false, open: false };

export interface OpenRoom extends Room {
  /** Ends the connection, for a page that signs out. */
  close(): void;
  /** Begins anew after a sign-in. */
  reopen(): void;
  /** What the server is to send of the live picture, and at which pace. */
  setInterest(interest: Interest): void;
  readonly overdueAfterMs: number; // as the hub said; Infinity: not yet
}

class PageRoom implements OpenRoom {
  readonly viewer = signal<Viewer>(NOBODY);
  readonly selected = signal<string | null>(null);
  readonly followed = signal<string | null>(null);
  readonly tick = signal(0);
  readonly address = new Address();
  readonly present: ReadonlySignal<World>;
  readonly shown: ReadonlySignal<World>;
  readonly past: ReadonlySignal<Past | null>;
  readonly grant: ReadonlySignal<ShownGrant | null>;
  private readonly api = new Api();
  private readonly own: Sight; // never ends while somebody is signed in: alarms come by it
  private readonly by = signal<{ name: string; sight: Sight } | null>(null);

  constructor(session?: Session) {
    if (session) this.viewer.value = session.viewer;
    this.own = new Sight({ grant: '', askSession: () => this.stillSignedIn(),
      hello: (viewer) => (this.viewer.value = viewer) });
    this.present = computed(() => this.lookedAt().live);
    this.shown = computed(() => this.lookedAt().shown.value);
    this.past = computed(() => this.lookedAt().past.value);
    this.grant = computed(() => this.shownGrant());
    window.setInterval(() => {
      this.tick.value++;
      this.sight().replay.watch();
    }, 1000);
    this.takeAddress(this.address.all());
    this.address.onChange((pairs) => this.takeAddress(pairs));
    effect(() => this.writeAddress());
    this.own.feed.start();
  }

  get live() {
    return this.own.live;
  }

  get link() {
    return this.own.link;
  }

  get grants() {
    return this.own.grants;
  }

  get overdueAfterMs(): number {
    return this.own.overdueAfterMs;
  }

  close(): void {
    this.showGrant(null);
    this.own.feed.stop();
  }

  reopen(): void {
    this.own.feed.start();
  }

  setInterest(interest: Interest): void {
    this.own.feed.setInterest(interest);
  }

  goTo(place: { lat: number; lon: number }, zoom?: number): void {
    this.followed.value = null;
    tools.goTo(place, zoom);
  }

  showPast(timeUs: number, clock: Past['clock'], options: { speed?: number; paused?: boolean } = {}): void {
    this.sight().showPast(timeUs, clock, options.speed, options.paused);
  }

  pausePast(paused: boolean): void {
    this.sight().replay.pause(paused);
  }

  setPastSpeed(speed: number): void {
    this.sight().replay.setSpeed(speed);
  }

  showLive(): void {
    this.sight().replay.stop();
  }

  showGrant(name: string | null): void {
    const before = this.by.peek();
    if ((before?.name ?? null) === name) return;
    this.sight().replay.stop();
    before?.sight.feed.stop();
    this.followed.value = null;
    if (name === null) {
      this.by.value = null;
      return;
    }
    const sight = new Sight({ grant: name, askSession: () => this.stillSignedIn() });
    this.by.value = { name, sight };
    sight.feed.start();
  }

  async send(event: Parameters<Room['send']>[0]): ReturnType<Room['send']> {
    const { kind, text, severity, place, references, group } = event;
    try {
      const unit = this.viewer.peek().name === '' ? ROOM_UNIT : undefined;
      await this.api.post('/events', { kind, text, severity: SEVERITIES[severity as Severity], references, unit,
        group: group || undefined, position: place ? { lat: place.lat, lon: place.lon } : undefined });
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: inWords(reasonOf(error)) };
    }
  }

  get<T>(path: string): Promise<T> {
    return this.api.get<T>(path);
  }

  getShown<T>(path: string): Promise<T> {
    const by = this.by.peek();
    if (!by) return this.get(path);
    return this.get(`${path}${path.includes('?') ? '&' : '?'}grant=${encodeURIComponent(by.name)}`);
  }

  private async stillSignedIn(): Promise<boolean> {
    try {
      await this.api.session();
      return true;
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return false;
      throw error;
    }
  }

  private sight(): Sight {
    return this.by.peek()?.sight ?? this.own;
  }

  private lookedAt(): Sight {
    return this.by.value?.sight ?? this.own;
  }

  private shownGrant(): ShownGrant | null {
    const by = this.by.value;
    if (!by) return null;
    const { sight, name } = by;
    const told = sight.grant.value ?? this.own.grants.value.find((grant) => grant.name === name);
    return { name, terms: told?.terms ?? null, link: sight.link.value, ended: sight.ended.value };
  }

  private takeAddress(pairs: Pairs): void {
    // Another view follows nobody: what the address names is of the view that it names.
    this.showGrant(pairs.get('grant') ?? null);
    this.selected.value = pairs.get('unit') ?? null;
    this.followed.value = pairs.get('follow') ?? null;
    const moment = parseMoment(pairs);
    if (moment) this.showPast(moment.timeUs, moment.clock, { speed: moment.speed, paused: true });
    else this.showLive();
  }

  private writeAddress(): void {
    const past = this.past.value;
    this.address.set({ unit: this.selected.value, follow: this.followed.value,
      grant: this.by.value?.name ?? null, ...formatMoment(past) });
  }
}

/** Opens the room and begins to connect. `session`: who is known to be signed in already. */
export function createRoom(session?: Session): OpenRoom {
  return new PageRoom(session);
}

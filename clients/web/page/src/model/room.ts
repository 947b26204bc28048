// The room: both worlds, the feed that moves them, what is chosen, and the address that says it.
import { computed, effect, signal } from '@preact/signals';
import { Feed } from '../feed/feed';
import { FrameKind, type FrameHead, type FrameSink } from '../feed/frames';
import type { ErrorMessage, Interest, OpenedMessage } from '../feed/machine';
import { tools } from '../map/tools';
import { Address, formatMoment, parseMoment, type Pairs } from './address';
import { Api, ApiError, type Session } from './api';
import { Picture } from './picture';
import { Replay } from './replay';
import { onScreenAtMostEvery } from './screen';
import type { Link, Room, Severity, Viewer, World } from './types';

export { ApiError } from './api';

const SEVERITIES = ['info', 'notice', 'warning', 'severe'];
/** Of so many units some move all the time, and each frame of the screen would be put together for nothing. */
const CROWD = 1500;
const CROWD_TOLD_MS = 100;
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

function feedUrl(): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/api/v1/feed`;
}

function toldEveryMs(world: World): number {
  return world.units.length > CROWD ? CROWD_TOLD_MS : 0;
}

/** The words of a failed call for a person. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class PageRoom implements OpenRoom {
  readonly viewer = signal<Viewer>(NOBODY);
  readonly link = signal<Link>({ state: 'connecting', sinceMs: Date.now(), reason: '', hubAgeMs: -1, tripMs: -1,
    hubWaitMs: -1, delayMs: -1 });
  readonly selected = signal<string | null>(null);
  readonly followed = signal<string | null>(null);
  readonly tick = signal(0);
  readonly address = new Address();
  readonly live: Picture;
  overdueAfterMs = Infinity;
  private readonly api = new Api();
  private readonly feed: Feed;
  private readonly replay: Replay;
  private readonly shownWorld = computed<World>(() => (this.replay.past.value ? this.replay.world : this.live));

  constructor(session?: Session) {
    if (session) this.viewer.value = session.viewer;
    this.feed = new Feed({
      url: feedUrl(),
      askSession: () => this.stillSignedIn(),
      sink: (head) => this.sinkOf(head),
      link: (link) => this.linkChanged(link),
      hello: (viewer) => this.greeted(viewer),
      opened: (message, sameLog) => this.opened(message, sameLog),
      past: (message) => this.replay.message(message),
      refused: (message) => this.refused(message),
    });
    const liveBatch = onScreenAtMostEvery(() => toldEveryMs(this.live));
    this.live = new Picture(() => this.feed.hubNowUs(), liveBatch, (knownMs) => {
      if (knownMs > 0) this.feed.noteKnown(knownMs);
    });
    this.replay = new Replay((message) => this.feed.request(message), () => performance.now(),
      onScreenAtMostEvery(() => toldEveryMs(this.replay.world)), (name) => this.live.byName.get(name)?.card);
    window.setInterval(() => this.tick.value++, 1000);
    this.takeAddress(this.address.all());
    this.address.onChange((pairs) => this.takeAddress(pairs));
    effect(() => this.writeAddress());
    this.feed.start();
  }

  get shown() {
    return this.shownWorld;
  }

  get past() {
    return this.replay.past;
  }

  close(): void {
    this.feed.stop();
  }

  reopen(): void {
    this.feed.start();
  }

  setInterest(interest: Interest): void {
    this.feed.setInterest(interest);
  }

  goTo(place: { lat: number; lon: number }, zoom?: number): void {
    this.followed.value = null;
    tools.goTo(place, zoom);
  }

  showPast(timeUs: number, clock: 'true' | 'known', options: { speed?: number; paused?: boolean } = {}): void {
    this.replay.show(timeUs, clock, this.live.events, options.speed, options.paused);
  }

  pausePast(paused: boolean): void {
    this.replay.pause(paused);
  }

  setPastSpeed(speed: number): void {
    this.replay.setSpeed(speed);
  }

  showLive(): void {
    this.replay.stop();
  }

  async send(event: Parameters<Room['send']>[0]): ReturnType<Room['send']> {
    const { kind, text, severity, place, references, group } = event;
    try {
      const unit = this.viewer.peek().name === '' ? ROOM_UNIT : undefined;
      await this.api.post('/events', { kind, text, severity: SEVERITIES[severity as Severity], references, unit,
        group: group || undefined, position: place ? { lat: place.lat, lon: place.lon } : undefined });
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: reasonOf(error) };
    }
  }

  get<T>(path: string): Promise<T> {
    return this.api.get<T>(path);
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

  private sinkOf(head: FrameHead): FrameSink | null {
    return head.kind === FrameKind.Past ? this.replay.sinkOf(head) : this.live;
  }

  /** A new connection, which numbers the units anew. */
  private greeted(viewer: Viewer): void {
    this.viewer.value = viewer;
    this.live.forgetIndexes();
    this.replay.world.forgetIndexes();
  }

  private opened(message: OpenedMessage, sameLog: boolean): void {
    if (!sameLog) this.live.clear();
    this.overdueAfterMs = message.overdueAfterMs;
    const limits = { overdueAfterMs: message.overdueAfterMs, silentAfterMs: message.silentAfterMs };
    this.live.setThresholds(limits);
    this.replay.world.setThresholds(limits);
    this.replay.reopened();
  }

  private linkChanged(link: Link): void {
    if (link.lost === 'server') this.replay.lost();
    this.link.value = link;
  }

  private refused(message: ErrorMessage): void {
    if (message.about === 'past' || message.about === 'control') this.replay.refused(message.reason);
    else console.warn(`the server refused ${message.about}: ${message.code} ${message.reason}`);
  }

  private takeAddress(pairs: Pairs): void {
    this.selected.value = pairs.get('unit') ?? null;
    this.followed.value = pairs.get('follow') ?? null;
    const moment = parseMoment(pairs);
    if (moment) this.showPast(moment.timeUs, moment.clock, { speed: moment.speed, paused: true });
    else this.showLive();
  }

  private writeAddress(): void {
    const past = this.past.value;
    this.address.set({ unit: this.selected.value, follow: this.followed.value, ...formatMoment(past) });
  }
}

/** Opens the room and begins to connect. `session`: who is known to be signed in already. */
export function createRoom(session?: Session): OpenRoom {
  return new PageRoom(session);
}

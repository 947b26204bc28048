// What this page sees through one connection: the live world, the past one that is replayed, and the link. The page's
// own sight shows all that its viewer may see without terms; another one shows what one grant shows by its terms.
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { Feed } from '../feed/feed';
import { FrameKind, type FrameHead, type FrameSink } from '../feed/frames';
import type { ErrorMessage, OpenedMessage } from '../feed/machine';
import { Picture } from './picture';
import { NO_REASON, reason } from './reason';
import { Replay } from './replay';
import { onScreenAtMostEvery } from './screen';
import type { Grant, Link, Past, Viewer, World } from './types';

/** Of so many units some move all the time, and each frame of the screen would be put together for nothing. */
const CROWD = 1500;
const CROWD_TOLD_MS = 100;

export interface SightOptions {
  /** OWNER/NAME of a grant that has terms; empty: without. */
  grant: string;
  askSession: () => Promise<boolean>;
  hello?: (viewer: Viewer) => void;
}

function feedUrl(): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/api/v1/feed`;
}

function toldEveryMs(world: World): number {
  return world.units.length > CROWD ? CROWD_TOLD_MS : 0;
}

export class Sight {
  readonly live: Picture;
  readonly replay: Replay;
  readonly feed: Feed;
  readonly link = signal<Link>({ state: 'connecting', sinceMs: Date.now(), reason: NO_REASON, hubAgeMs: -1, tripMs: -1,
    hubWaitMs: -1, delayMs: -1, delayAtMs: 0 });
  readonly shown: ReadonlySignal<World>;
  /** That could be opened, as the server says to whoever looks without one. */
  readonly grants = signal<readonly Grant[]>([]);
  /** By which is looked, as the server says; null: by none, or it did not say yet. */
  readonly grant = signal<Grant | null>(null);
  /** The code of why nothing is shown by the grant any more; empty: it is. */
  readonly ended = signal('');
  overdueAfterMs = Infinity;

  constructor(private readonly options: SightOptions) {
    this.feed = new Feed({
      url: feedUrl(),
      grant: options.grant,
      askSession: options.askSession,
      sink: (head) => this.sinkOf(head),
      link: (link) => this.linkChanged(link),
      hello: (viewer) => this.greeted(viewer),
      opened: (message, sameLog) => this.opened(message, sameLog),
      grants: (grants) => (this.grants.value = grants),
      past: (message) => this.replay.message(message),
      refused: (message) => this.refused(message),
      barred: () => this.end(),
    });
    const liveBatch = onScreenAtMostEvery(() => toldEveryMs(this.live));
    this.live = new Picture(() => this.feed.hubNowUs(), liveBatch, (knownMs) => {
      // What terms hold back tells nothing of the way that it came.
      if (knownMs > 0 && options.grant === '') this.feed.noteKnown(knownMs);
    });
    this.replay = new Replay((message) => this.feed.request(message), () => performance.now(),
      onScreenAtMostEvery(() => toldEveryMs(this.replay.world)), (name) => this.live.byName.get(name)?.card);
    this.shown = computed<World>(() => (this.replay.past.value ? this.replay.world : this.live));
  }

  get past(): ReadonlySignal<Past | null> {
    return this.replay.past;
  }

  /** By a grant the past is read by known time alone. */
  showPast(timeUs: number, clock: Past['clock'], speed?: number, paused?: boolean): void {
    const read = this.options.grant === '' ? clock : 'known';
    this.replay.show(timeUs, read, this.live.events, speed, paused);
  }

  private sinkOf(head: FrameHead): FrameSink | null {
    return head.kind === FrameKind.Past ? this.replay.sinkOf(head) : this.live;
  }

  /** A new connection, which numbers the units anew. */
  private greeted(viewer: Viewer): void {
    this.options.hello?.(viewer);
    this.live.forgetIndexes();
    this.replay.world.forgetIndexes();
  }

  private opened(message: OpenedMessage, sameLog: boolean): void {
    if (!sameLog) this.live.clear();
    this.overdueAfterMs = message.overdueAfterMs;
    this.grants.value = message.grants;
    this.grant.value = message.grant;
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
    if (message.about === 'past' || message.about === 'control') {
      this.replay.refused(reason(message.code, message.reason));
    } else if (message.code === 'no_such_grant') this.end();
    else console.warn(`the server refused ${message.about}: ${message.code} ${message.reason}`);
  }

  /** The grant is no more: nothing of it stays on the screen, and it is not asked for again. */
  private end(): void {
    if (this.options.grant === '') return;
    this.replay.stop();
    this.replay.world.clear();
    this.live.clear();
    this.ended.value = 'grant_over';
    this.feed.stop();
  }
}

// The socket, the timers and the browser's events around the feed's machine.
import type { Grant, Link, Viewer } from '../model/types';
import { HubClock } from './clock';
import { FrameError, FrameKind, FrameReader, type FrameHead, type FrameSink } from './frames';
import {
  FeedMachine, type ErrorMessage, type Interest, type OpenedMessage, type PastMessage, type ProbeMessage,
} from './machine';
import { MessageError, parseMessage } from './messages';

const TICK_MS = 1000;
const DELAY_TOLD_EVERY_MS = 500; // the link's delay changes with every frame; nobody reads it faster

export interface FeedOptions {
  /** Address of the WebSocket, ws:// or wss://. */
  url: string;
  /** OWNER/NAME of a grant that has terms, of which it is to be; empty: without. */
  grant?: string;
  /** Whether this browser is still signed in; rejects where the server does not answer. */
  askSession: () => Promise<boolean>;
  /** Who takes a frame; null: nobody wants it. */
  sink: (head: FrameHead) => FrameSink | null;
  link: (link: Link) => void;
  hello: (viewer: Viewer) => void;
  opened: (message: OpenedMessage, sameLog: boolean) => void;
  grants: (grants: readonly Grant[]) => void;
  past: (message: PastMessage) => void;
  refused: (message: ErrorMessage) => void;
  /** The hub shows nothing by this grant any more. */
  barred?: (reason: string) => void;
}

export class Feed {
  readonly clock = new HubClock();
  private readonly machine: FeedMachine;
  private readonly reader = new FrameReader();
  private socket: WebSocket | null = null;
  private timer = 0;
  private delayToldAt = 0;
  private readonly nudge = (): void => {
    if (document.visibilityState === 'visible') this.machine.nudge(performance.now());
  };

  constructor(private readonly options: FeedOptions) {
    this.machine = new FeedMachine(
      {
        connect: () => this.connect(),
        send: (text) => this.send(text),
        close: (code) => this.drop(code),
        askSession: () => void this.askSession(),
      },
      {
        link: options.link,
        hello: options.hello,
        opened: (message, sameLog) => {
          this.clock.told(Date.now(), message.hubTimeUs / 1000);
          options.opened(message, sameLog);
        },
        probed: (message, sent) => this.probed(message, sent),
        grants: options.grants,
        past: options.past,
        refused: options.refused,
        barred: options.barred,
      },
      Math.random,
      Date.now,
      options.grant,
    );
  }

  start(): void {
    this.machine.start(performance.now());
    if (this.timer) return;
    this.timer = window.setInterval(() => this.machine.tick(performance.now()), TICK_MS);
    window.addEventListener('online', this.nudge);
    document.addEventListener('visibilitychange', this.nudge);
  }

  stop(): void {
    this.machine.stop(performance.now());
    window.clearInterval(this.timer);
    this.timer = 0;
    window.removeEventListener('online', this.nudge);
    document.removeEventListener('visibilitychange', this.nudge);
  }

  setInterest(interest: Interest): void {
    this.machine.setInterest(interest);
  }

  /** False: there is no connection, and nothing was sent. */
  request(message: { type: string } & Record<string, unknown>): boolean {
    return this.machine.request(message);
  }

  /** The hub's "now", microseconds since 1970. */
  hubNowUs(): number {
    return this.clock.hubMs(Date.now()) * 1000;
  }

  /** A sink saw that the newest of a frame had been taken in by the hub at `knownMs`. */
  noteKnown(knownMs: number): void {
    const now = performance.now();
    if (!this.clock.measured || now - this.delayToldAt < DELAY_TOLD_EVERY_MS) return;
    this.delayToldAt = now;
    this.machine.delayMeasured(Math.max(0, Math.round(this.clock.hubMs(Date.now()) - knownMs)));
  }

  private connect(): void {
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.options.url, 'vigie.1');
    } catch (error) {
      // A policy of the browser's refuses the address. As if it had closed, so that it is tried again and told.
      queueMicrotask(() => this.machine.socketClosed(1006, String(error), performance.now()));
      return;
    }
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    const mine = (run: () => void) => (): void => {
      if (this.socket === socket) run();
    };
    socket.onopen = mine(() => this.machine.socketOpened(performance.now()));
    socket.onclose = (closed) => mine(() => {
      this.socket = null;
      this.machine.socketClosed(closed.code, closed.reason, performance.now());
    })();
    socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => mine(() => this.take(event.data))();
  }

  /** One that the server is closing takes nothing more: its close is told in a moment. */
  private send(text: string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(text);
    return true;
  }

  private drop(code: number): void {
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close(code);
  }

  private take(data: ArrayBuffer | string): void {
    this.machine.heard(performance.now());
    try {
      if (typeof data !== 'string') {
        const head = this.reader.read(data, this.options.sink);
        if (head.kind !== FrameKind.Past) this.machine.frameTaken(head);
        return;
      }
      const message = parseMessage(data);
      if (message) this.machine.message(message, performance.now());
    } catch (error) {
      if (!(error instanceof FrameError) && !(error instanceof MessageError)) console.error(error);
      this.machine.broken(error instanceof Error ? error.message : String(error), performance.now());
    }
  }

  private probed(message: ProbeMessage, sentMs: number): void {
    const steady = performance.now();
    const back = Date.now();
    const waited = Math.max(0, message.waitedMs); // the hub's time is of the answer's sending
    this.clock.probed(back - (steady - sentMs) + waited, back, message.hubTimeUs / 1000, steady);
  }

  private async askSession(): Promise<void> {
    try {
      this.machine.sessionAnswered(await this.options.askSession(), performance.now());
    } catch {
      // The server does not answer at all: the back-off goes on, and the link says so already.
    }
  }
}

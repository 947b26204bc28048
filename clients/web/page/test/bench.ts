// A feed's machine without a socket: what it sends and tells is kept, and time passes when it is told to.
import type { Link } from '../src/model/types';
import type { FrameHead } from '../src/feed/frames';
import { FeedMachine, type Listener, type Port } from '../src/feed/machine';
import { parseMessage } from '../src/feed/messages';

interface Said { type: string; id?: number; resume?: unknown; [field: string]: unknown }

export class Bench implements Port, Listener {
  sent: Said[] = [];
  connects = 0;
  closes: number[] = [];
  asked = 0;
  links: Link[] = [];
  openings: boolean[] = [];
  errors: string[] = [];
  now = 1000;
  waited = 0; // as the server says it waited for the hub
  barredBy: string[] = [];
  readonly machine: FeedMachine;

  constructor(grant = '') {
    this.machine = new FeedMachine(this, this, () => 0.5, () => this.now, grant);
  }

  connect(): void { this.connects++; }
  send(text: string): void { this.sent.push(JSON.parse(text) as Said); }
  close(code: number): void { this.closes.push(code); }
  askSession(): void { this.asked++; }
  link(link: Link): void { this.links.push(link); }
  hello(): void {}
  opened(_: unknown, sameLog: boolean): void { this.openings.push(sameLog); }
  probed(): void {}
  past(): void {}
  barred(reason: string): void { this.barredBy.push(reason); }
  refused(message: { code: string }): void { this.errors.push(message.code); }

  get reason(): string { return this.links[this.links.length - 1]!.reason.code; }
  get state(): string { return this.links[this.links.length - 1]!.state; }
  hear(message: object): void {
    const parsed = parseMessage(JSON.stringify(message));
    this.machine.heard(this.now);
    if (parsed) this.machine.message(parsed, this.now);
  }
  hello1(): void { this.hear({ type: 'hello', protocol: 1, viewer: { name: 'a/b', account: 'x', may_send: true } }); }
  opened1(log = 'L', resumed = false): void {
    this.hear({ type: 'opened', log, overdue_after_ms: 1, silent_after_ms: 2, resumed, hub_time_us: 5 });
  }
  open(log = 'L', resumed = false): void {
    this.machine.socketOpened(this.now);
    this.hello1();
    this.opened1(log, resumed);
  }
  pass(ms: number, answers = true): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 1000;
      this.machine.tick(this.now);
      const last = this.sent[this.sent.length - 1];
      if (answers && last?.type === 'probe') {
        this.hear({ type: 'probe', id: last.id, waited_ms: this.waited, hub_age_ms: 7, hub_time_us: 9 });
      }
    }
  }
  frame(eventSeq: number, fixSeq: number, more: Partial<FrameHead> = {}): void {
    this.machine.heard(this.now);
    this.machine.frameTaken({ kind: 0, request: 0, firstPage: false, lastPage: false, conflated: 0, eventSeq, fixSeq,
      hubTimeUs: 0, lostFirst: 0, lostLast: 0, ...more });
  }
}

export function opened(grant = ''): Bench {
  const bench = new Bench(grant);
  bench.machine.start(bench.now);
  bench.open();
  return bench;
}

export const last = (bench: Bench): Link => bench.links[bench.links.length - 1]!;

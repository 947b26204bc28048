// What the feed does when: connects, opens with its resume token, probes, tells a deaf connection, backs off. It
// has no socket and no clock: the port does what it says, and every call brings the time (milliseconds, never
// jumping back).
import { NO_REASON, reason, type Reason } from '../model/reason';
import type { Grant, Link, LinkState, Viewer } from '../model/types';
import type { FrameHead } from './frames';
import type { ServerMessage } from './messages';

export const PROBE_EVERY_MS = 5_000;
export const DEAF_AFTER_MS = 15_000;
/** Nothing at all heard for so long after a probe, beside what the last took: two ticks where answers come at once. */
export const OVERDUE_MS = 1_800;
const TICK_SLACK_MS = 200; // a timer's second may be a little less
const LATE_TICK_MS = 2_000; // the page was busy: what was heard meanwhile may not have been read yet
const NUDGED_DEAF_AFTER_MS = 5_000; // woken or back online: it should answer at once
const CONNECT_TIMEOUT_MS = 15_000;
const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 30_000;
const FULL_BACK_OFF_MS = 5_000;
const STEADY_AFTER_MS = 10_000; // open for so long: the next trouble starts from the first wait again
const HUB_HEARD_MS = 4_000; // a probe waits for the hub so long: heard since, the hub is there
const SLEPT_MS = 6_000; // between two ticks: the page was not running

export const Close = {
  policy: 1008,
  tooBig: 1009,
  restarting: 1012,
  full: 1013,
  protocol: 4000,
  deaf: 4001,
} as const;

/** What the server cuts the view by; what is absent does not limit. */
export interface Interest {
  area?: [number, number, number, number] | null;
  outside_ms?: number; // with an area: newest fixes of units outside it, at most once in this time
  always?: string[] | null; // units that are as if in the area
  units?: string[] | null;
  channels?: string[] | null;
  classes?: string[];
  pace_ms?: number;
}

export interface Token {
  log: string;
  eventSeq: number | string; // its digits, where a number of this language would lose some
  fixSeq: number | string;
}

export type OpenedMessage = Extract<ServerMessage, { type: 'opened' }>;
export type LinkMessage = Extract<ServerMessage, { type: 'link' }>;
export type PastMessage = Extract<ServerMessage, { type: 'past' }>;
export type ErrorMessage = Extract<ServerMessage, { type: 'error' }>;
export type ProbeMessage = Extract<ServerMessage, { type: 'probe' }>;

/** What the machine has done for it. Nothing of a socket that was closed may come back to it. */
export interface Port {
  connect(): void;
  /** False: the connection takes nothing any more. */
  send(text: string): boolean;
  close(code: number): void;
  /** Ask the server whether this browser is still signed in; the answer comes as sessionAnswered(). */
  askSession(): void;
}

export interface Listener {
  link(link: Link): void;
  hello(viewer: Viewer): void;
  /** `sameLog`: what is shown is of this log, and stays until a snapshot replaces it. */
  opened(message: OpenedMessage, sameLog: boolean): void;
  probed(message: ProbeMessage, sentMs: number): void;
  grants?(grants: readonly Grant[]): void;
  past(message: PastMessage): void;
  refused(message: ErrorMessage): void;
  /** What is shown by a grant alone, and the hub shows it no more. */
  barred?(reason: string): void;
}

type Phase = 'off' | 'connecting' | 'greeting' | 'opening' | 'open' | 'waiting' | 'ended';

export class FeedMachine {
  private phase: Phase = 'off';
  private phaseSince = 0;
  private tries = 0;
  private wakeAt = 0;
  private token: Token | null = null;
  private log: string | null = null;
  private inSnapshot = false;
  private interest: Interest = {};
  private interestWaits = false; // it changed since `open` was sent
  private takesOthers = false; // than at the opening: how far the fixes were had is of no use any more
  private probeId = 0;
  private probesOut = new Map<number, number>(); // id → when it was sent
  private lastAnswered = 0; // when the newest probe that was answered had been sent
  private deafAt = Infinity;
  private lastTick = 0;
  private hub: { state: LinkState; reason: Reason } = { state: 'connecting', reason: NO_REASON };
  private heardMs = 0; // Date.now() when the server was last heard
  private heardAt = 0; // the same by the steady clock
  private unreadUntil: number | null = null; // it slept: what is read may be of then, but for answers to later probes
  private isDoubtful = false; // an answer is overdue, and nothing else comes either
  private hubHeardMs = 0; // and the hub, as the server said
  private hubIsSilent = false; // by the last probe, whatever the link says
  private reason = NO_REASON; // why there is no connection
  private link: Link;

  /** `chance` gives numbers in [0, 1); `wallMs` is Date.now(), for what people read; `grant`: by which is looked. */
  constructor(
    private readonly port: Port,
    private readonly listener: Listener,
    private readonly chance: () => number,
    private readonly wallMs: () => number,
    private readonly grant = '',
  ) {
    this.link = { state: 'connecting', sinceMs: wallMs(), reason: NO_REASON, hubAgeMs: -1, tripMs: -1, hubWaitMs: -1,
      delayMs: -1, delayAtMs: 0 };
  }

  get isOpen(): boolean {
    return this.phase === 'open';
  }

  get resumeToken(): Token | null {
    return this.token;
  }

  start(now: number): void {
    if (this.phase !== 'off' && this.phase !== 'ended') return;
    this.tries = 0;
    this.lastTick = now;
    this.connect(now);
  }

  /** Ends for good, until start(). */
  stop(now: number): void {
    if (this.hasSocket()) this.port.close(1000);
    this.enter('off', now);
  }

  socketOpened(now: number): void {
    if (this.phase === 'connecting') this.enter('greeting', now);
  }

  socketClosed(code: number, why: string, now: number): void {
    if (!this.hasSocket()) return;
    const greeted = this.phase === 'opening' || this.phase === 'open';
    const because = reasonOf(code, why);
    if (code === Close.policy && !PASSES.has(because.code)) return this.end(because, now);
    if (code === Close.protocol || code === Close.tooBig) this.token = null;
    if (code === Close.restarting) this.tries = 0;
    if (!greeted) this.port.askSession();
    this.wait(code === Close.full || code === Close.policy ? FULL_BACK_OFF_MS : 0, because, now);
  }

  /** The answer to askSession(): a handshake that is refused tells a page nothing else. */
  sessionAnswered(signedIn: boolean, now: number): void {
    if (!signedIn && this.phase !== 'open') this.end(NO_REASON, now);
  }

  message(message: ServerMessage, now: number): void {
    if (!this.hasSocket()) return;
    switch (message.type) {
      case 'hello':
        return this.greeted(message.viewer, message.protocol, now);
      case 'opened':
        return this.opened(message, now);
      case 'link':
        this.hub = { state: message.state, reason: reason(message.code, message.reason) };
        // Read on waking, it tells of a time before the sleep: this.heardMs stands still then.
        if (message.hubAgeMs >= 0) this.hubHeardMs = this.heardMs - message.hubAgeMs;
        this.hubIsSilent &&= !this.hubIsBack(message); // a `live` of the timer's tells nothing new
        this.tellLink();
        if (this.grant !== '' && message.state === 'refused' && message.code === 'not_entitled') {
          this.listener.barred?.(message.reason);
        }
        return;
      case 'grants':
        return this.listener.grants?.(message.grants);
      case 'probe':
        return this.answered(message, now);
      case 'past':
        return this.listener.past(message);
      case 'error':
        return this.listener.refused(message);
    }
  }

  /** Something came, whatever it is: before it is taken in. */
  heard(now: number): void {
    if (now - this.lastTick > SLEPT_MS) this.unreadUntil ??= Infinity; // read before the tick that tells when it woke
    if (this.unreadUntil === null) this.heardMs = this.wallMs();
    this.heardAt = now;
    this.doubt(false);
  }

  /** A live or snapshot frame was taken in; what it says is had may be left out after the next opening. */
  frameTaken(head: FrameHead): void {
    if (head.firstPage) this.inSnapshot = true;
    if (head.lastPage) this.inSnapshot = false;
    if (this.inSnapshot || this.log === null || head.eventSeq === 0) return;
    this.token = { log: this.log, eventSeq: head.eventDigits ?? head.eventSeq,
      fixSeq: this.takesOthers ? 0 : (head.fixDigits ?? head.fixSeq) };
  }

  /** A frame or text that makes no sense: begin anew, with a snapshot. */
  broken(why: string, now: number, code = 'protocol'): void {
    if (!this.hasSocket()) return;
    this.port.close(Close.protocol);
    this.token = null;
    this.wait(0, reason(code, why), now);
  }

  delayMeasured(delayMs: number): void {
    this.link = { ...this.link, delayMs, delayAtMs: this.wallMs() };
    this.tellLink();
  }

  setInterest(interest: Interest): void {
    if (!takeTheSame(this.interest, interest)) {
      this.takesOthers = true;
      if (this.token) this.token = { ...this.token, fixSeq: 0 };
    }
    this.interest = interest;
    // While opening it waits for `opened`: said before, the server would resume it by the place of the old one's fixes.
    if (this.phase === 'opening') this.interestWaits = true;
    if (this.phase === 'open') this.say({ type: 'interest', ...interest });
  }

  /** Sends a request of the page; false: there is no open connection. */
  request(message: { type: string } & Record<string, unknown>): boolean {
    return this.phase === 'open' && this.say(message);
  }

  /** The network is back, or the page is looked at again. */
  nudge(now: number): void {
    if (this.phase === 'waiting') this.connect(now);
    else if (this.phase === 'open') {
      this.probe(now);
      this.deafAt = Math.min(this.deafAt, now + NUDGED_DEAF_AFTER_MS);
    }
  }

  /** Once a second, or as near to it as the browser lets a page. */
  tick(now: number): void {
    const since = now - this.lastTick;
    this.lastTick = now;
    if (this.phase === 'waiting' && now >= this.wakeAt) return this.connect(now);
    if (this.phase === 'connecting' || this.phase === 'greeting' || this.phase === 'opening') {
      if (now - this.phaseSince > CONNECT_TIMEOUT_MS) this.dropped('server_silent', now);
      return;
    }
    if (this.phase !== 'open') return;
    this.watch(since > SLEPT_MS, now);
    if (this.phase === 'open' && since < LATE_TICK_MS) this.doubt(this.isOverdue(now));
  }

  /** Whether the connection still answers. After a sleep the answers may only not have been read yet. */
  private watch(slept: boolean, now: number): void {
    if (slept) {
      this.unreadUntil = now;
      this.probe(now);
      this.deafAt = now + NUDGED_DEAF_AFTER_MS;
      return;
    }
    if (now >= this.deafAt) return this.dropped('deaf', now);
    if (this.tries > 0 && now - this.phaseSince > STEADY_AFTER_MS) this.tries = 0;
    const newest = Math.max(...this.probesOut.values(), this.lastAnswered);
    if (now - newest >= PROBE_EVERY_MS - TICK_SLACK_MS) this.probe(now);
  }

  /**
   * An answer may come behind frames that come slowly, and waits for the hub as the one before did: what the last one
   * took is allowed again.
   */
  private isOverdue(now: number): boolean {
    const [oldest] = this.probesOut.values();
    if (oldest === undefined) return false;
    const waits = this.link.hubWaitMs < 0 ? HUB_HEARD_MS : Math.min(this.link.hubWaitMs, HUB_HEARD_MS);
    return now - Math.max(oldest, this.heardAt) >= OVERDUE_MS + waits + Math.max(0, this.link.tripMs);
  }

  private doubt(isDoubtful: boolean): void {
    if (isDoubtful === this.isDoubtful) return;
    this.isDoubtful = isDoubtful;
    this.tellLink();
  }

  private probe(now: number): void {
    const id = ++this.probeId;
    if (this.probesOut.size === 0) this.deafAt = now + DEAF_AFTER_MS;
    this.probesOut.set(id, now);
    this.say({ type: 'probe', id });
  }

  /** The link says what is wrong itself, or that the hub was heard after the probe that it did not answer. */
  private hubIsBack({ state, hubAgeMs }: LinkMessage): boolean {
    return state !== 'live' || (hubAgeMs >= 0 && hubAgeMs < HUB_HEARD_MS);
  }

  /** The server answers when the hub said it back, on the session behind this page; or that it did not. */
  private answered(message: ProbeMessage, now: number): void {
    const sent = this.probesOut.get(message.id);
    if (sent === undefined) return;
    this.lastAnswered = sent;
    if (this.unreadUntil !== null && sent >= this.unreadUntil) {
      this.unreadUntil = null;
      this.heardMs = this.wallMs();
    }
    for (const [id, at] of this.probesOut) if (at <= sent) this.probesOut.delete(id);
    const [oldest] = this.probesOut.values();
    this.deafAt = oldest === undefined ? Infinity : oldest + DEAF_AFTER_MS;
    this.hubIsSilent = message.waitedMs < 0;
    if (message.hubAgeMs >= 0) this.hubHeardMs = this.wallMs() - message.hubAgeMs;
    this.link = { ...this.link, hubAgeMs: message.hubAgeMs, hubWaitMs: message.waitedMs };
    if (!this.hubIsSilent) this.link.tripMs = Math.max(0, Math.round(now - sent - message.waitedMs));
    this.listener.probed(message, sent);
    this.tellLink();
  }

  private connect(now: number): void {
    this.probesOut.clear();
    this.deafAt = Infinity;
    this.inSnapshot = false;
    this.hubIsSilent = false;
    this.isDoubtful = false;
    this.unreadUntil = null;
    this.enter('connecting', now);
    this.port.connect();
  }

  private greeted(viewer: Viewer, protocol: number, now: number): void {
    if (this.phase !== 'greeting' && this.phase !== 'connecting') return;
    if (protocol !== 1) return this.broken(String(protocol), now, 'other_protocol');
    this.listener.hello(viewer);
    this.enter('opening', now);
    this.takesOthers = false;
    this.interestWaits = false;
    const resume = this.token && { log: this.token.log, event_seq: this.token.eventSeq, fix_seq: this.token.fixSeq };
    const by = this.grant === '' ? {} : { grant: this.grant };
    this.say({ type: 'open', format: 'flatbuffers', ...by, ...(resume ? { resume } : {}), ...this.interest });
  }

  /** Also while open: the hub's log became another one. */
  private opened(message: OpenedMessage, now: number): void {
    if (this.phase !== 'opening' && this.phase !== 'open') return;
    const sameLog = this.log === null || this.log === message.log;
    if (!message.resumed || !sameLog) this.token = null;
    this.log = message.log;
    if (this.phase === 'opening') {
      if (this.hub.state === 'connecting') this.hub = { state: 'live', reason: NO_REASON };
      this.enter('open', now);
      if (this.interestWaits) this.say({ type: 'interest', ...this.interest });
      this.interestWaits = false;
      this.lastAnswered = now - PROBE_EVERY_MS;
      if (this.unreadUntil !== null) this.unreadUntil = now; // it slept while it opened
      this.probe(now);
    }
    this.listener.opened(message, sameLog);
  }

  private dropped(code: string, now: number): void {
    this.port.close(Close.deaf);
    this.wait(0, reason(code), now);
  }

  private wait(leastMs: number, why: Reason, now: number): void {
    const most = Math.min(BACK_OFF_MAX_MS, BACK_OFF_FIRST_MS * 2 ** this.tries);
    this.tries++;
    this.wakeAt = now + leastMs + most * (0.5 + this.chance() / 2);
    this.hub = { state: 'connecting', reason: NO_REASON };
    this.reason = why;
    this.enter('waiting', now);
  }

  private end(why: Reason, now: number): void {
    if (this.hasSocket()) this.port.close(1000);
    this.reason = why;
    this.enter('ended', now);
  }

  private say(message: Record<string, unknown>): boolean {
    return this.port.send(JSON.stringify(message));
  }

  private hasSocket(): boolean {
    return (
      this.phase === 'connecting' || this.phase === 'greeting' || this.phase === 'opening' || this.phase === 'open'
    );
  }

  private enter(phase: Phase, now: number): void {
    this.phase = phase;
    this.phaseSince = now;
    if (phase === 'open') this.reason = NO_REASON;
    this.tellLink();
  }

  /** The worst of page, server and hub. */
  private tellLink(): void {
    const next = this.linkNow();
    const changed = next.state !== this.link.state || next.lost !== this.link.lost;
    this.link = { ...this.link, ...next, sinceMs: changed ? this.sinceMs(next) : this.link.sinceMs };
    this.listener.link(this.link);
  }

  /** What is shown is as of then: where the hub is missing, of when it was last heard, not of when that was seen. */
  private sinceMs({ lost }: Pick<Link, 'lost'>): number {
    if (lost === 'hub') return this.hubHeardMs || this.wallMs();
    if (lost === undefined || this.link.state === 'signed_out') return this.wallMs();
    if (this.link.state !== 'live') return this.link.sinceMs;
    return this.heardMs || this.wallMs();
  }

  private linkNow(): Pick<Link, 'state' | 'reason' | 'lost'> {
    if (this.phase === 'ended') return { state: 'signed_out', reason: this.reason, lost: 'server' };
    if (this.phase !== 'open') return { state: 'connecting', reason: this.reason, lost: 'server' };
    if (this.hub.state === 'live' && this.hubIsSilent) {
      return { state: 'stale', reason: reason('hub_silent'), lost: 'hub' };
    }
    if (this.hub.state === 'live' && this.isDoubtful) {
      return { state: 'stale', reason: reason('no_answer'), lost: 'answer' };
    }
    return { ...this.hub, lost: this.hub.state === 'live' ? undefined : 'hub' };
  }
}

/** Both show the same units, whatever the pace: an area with a pace outside takes none away. */
function takeTheSame(a: Interest, b: Interest): boolean {
  const whole = ({ area, outside_ms }: Interest): boolean => !area || (outside_ms ?? 0) > 0;
  const rest = ({ channels, classes, units }: Interest): string => JSON.stringify([channels, classes, units]);
  return rest(a) === rest(b) && ((whole(a) && whole(b)) || JSON.stringify(a.area) === JSON.stringify(b.area));
}

/** Closings by policy that are no sign-out: another connection may be taken later. */
const PASSES: ReadonlySet<string> = new Set(['account_full', 'flooding']);
/** "CODE: sentence" of a close frame. */
const SAID = /^([a-z0-9_]+): (.*)$/s;

/** Why the server closed, by the code that it says; by the number where something between the two closed. */
function reasonOf(number: number, why: string): Reason {
  const said = SAID.exec(why);
  if (said) return reason(said[1]!, said[2]);
  if (number === Close.policy) return reason('closed_policy', why);
  if (number === Close.restarting) return reason('restarting', why);
  if (number === Close.full) return reason('server_full', why);
  if (number === Close.protocol || number === Close.tooBig) return reason('protocol', why);
  return reason('lost', why);
}

// What the page knows, as every panel sees it. Panels read signals (preact/signals) and call `Room`'s actions; they
// never talk to the server themselves. Times are microseconds since 1970 UTC unless a name says otherwise; positions
// are degrees, WGS 84.
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Reason } from './reason';

export type Freshness = 'fresh' | 'overdue' | 'silent' | 'unknown';
export type Severity = 0 | 1 | 2 | 3; // info, notice, warning, severe

export interface Card {
  callSign: string;
  unitKind: string;
  symbol: string; // SIDC, empty: unknown
  carriedBy: string;
}

/** The newest fix of a unit. Undefined fields are unknown. */
export interface Position {
  seq: number;
  timeUs: number; // since when it holds
  delayMs: number; // known time - timeUs
  lat: number;
  lon: number;
  altitudeM?: number;
  speedMS?: number;
  courseDeg?: number;
  accuracyM?: number;
  batteryPercent?: number;
  satelliteTime: boolean;
  implausible: boolean;
}

export interface Unit {
  readonly index: number; // in World.units; stable for the world's life
  readonly name: string; // OWNER/NAME
  readonly owner: string;
  group: string; // '' none
  label: string; // the card's call sign, else NAME
  card?: Card;
  position?: Position;
  gone: boolean; // left the view: not to be shown
}

export interface RoomEvent {
  seq: number;
  unit: string;
  group: string;
  timeUs: number; // true time, corrected
  knownUs: number;
  kind: string;
  severity: Severity;
  text: string;
  place?: { lat: number; lon: number };
  name: string; // SPOOL:NUMBER
  references: string[];
  fields: { key: string; value: string }[];
}

/** A picture of the world that changes: the live one, or the past one that is replayed. */
export interface World {
  readonly units: readonly Unit[]; // append only; `gone` ones stay in their place
  readonly byName: ReadonlyMap<string, Unit>;
  /** Rises whenever units moved, came or went; at most once a frame of the screen. */
  readonly version: ReadonlySignal<number>;
  /** Newest last; bounded (the oldest beyond 5,000 are forgotten; the server has them). */
  readonly events: readonly RoomEvent[];
  readonly eventsVersion: ReadonlySignal<number>;
  /** Rises when the hub's log became another one: seqs begin anew. Absent: it never does. */
  readonly logs?: ReadonlySignal<number>;
  /** Positions of the last while, oldest first, for trails: [timeUs, lon, lat] flattened. */
  trail(unit: Unit): Float64Array;
  /** The same into an array of the caller's, for whoever draws all of them; returns the number of points. */
  trailInto?(unit: Unit, into: Float64Array): number;
  /** "Now" in this world: the hub's clock live, the replay's clock in the past. */
  nowUs(): number;
  /** `atUs` is nowUs(), for whoever asks of thousands. */
  freshness(unit: Unit, atUs?: number): Freshness;
  /** Fixes that were left out because this browser was behind. */
  readonly conflated: ReadonlySignal<number>;
}

export type LinkState = 'connecting' | 'live' | 'stale' | 'refused' | 'signed_out';

export interface Link {
  state: LinkState; // of page, server and hub together: the worst of them
  sinceMs: number; // Date.now() when it became so
  reason: Reason;
  hubAgeMs: number; // since the hub was last heard, when the last probe came back; -1: never
  tripMs: number; // of the last probe to the server and back, without its wait for the hub; -1: none
  hubWaitMs: number; // of the server's question to the hub and back; -1: no answer came, or no probe yet
  delayMs: number; // newest measure from the hub's taking in to this page; -1: none
  delayAtMs: number; // Date.now() of that measure
  /** What is missing while it is not live; `answer`: of the server, which may still come. */
  lost?: 'server' | 'hub' | 'answer';
}

export interface Viewer {
  account: string;
  name: string; // OWNER/NAME; '' where the hub asks nobody
  maySend: boolean;
  administrator: boolean;
  open: boolean; // no sign-in: a demonstration
}

export interface Past {
  clock: 'true' | 'known';
  timeUs: number; // of the replay's clock, at the last frame
  phase: 'loading' | 'playing' | 'paused' | 'ended' | 'failed';
  speed: number;
  reason: Reason; // why it failed, or what is missing in it
}

/** What a grant's owner holds back from whoever looks by it. */
export interface GrantTerms {
  delayS: number; // nothing before it has been known for so long
  roundM: number; // positions are of cells about so wide; 0: exact
  everyS: number; // of each unit at most one position in so long; 0: all
  ownNumbers: boolean; // its places and names of messages are its own
  endsUs: number | null; // null: without end
  classes: string[]; // track, event, state
}

/** One that this viewer may look by. */
export interface Grant {
  name: string; // OWNER/NAME
  terms: GrantTerms | null; // null: the server has not told them yet
}

/** By which is looked. */
export interface ShownGrant extends Grant {
  link: Link; // of what is shown, while the room's own link goes on
  ended: string; // the code of why nothing is shown any more; empty: it is
}

/** What is open and chosen. The whole of it stands in the address (#...), so that a link shows the same. */
export interface Room {
  readonly viewer: ReadonlySignal<Viewer>;
  /** All that the viewer may see without terms, whatever is looked at: its alarms are always heard. */
  readonly live: World;
  /** Grants that have terms: each shows more, by itself. */
  readonly grants: ReadonlySignal<readonly Grant[]>;
  /** By which is looked at present; null: by none, `live` is what is shown. */
  readonly grant: ReadonlySignal<ShownGrant | null>;
  /** The live world of what is looked at: `live`, or that of the grant. */
  readonly present: ReadonlySignal<World>;
  /** What the map and lists show: `present`, or the past world. */
  readonly shown: ReadonlySignal<World>;
  readonly past: ReadonlySignal<Past | null>; // null: live
  readonly link: ReadonlySignal<Link>;
  readonly selected: Signal<string | null>; // a unit's name
  readonly followed: Signal<string | null>;
  /** Values in the address behind #, by key; a new one replaces the address without a step in the history. */
  readonly address?: {
    get(key: string): string | null;
    set(values: Record<string, string | null>): void;
    /** When somebody edits it by hand or follows a link within the page. */
    onChange(listener: () => void): void;
  };
  /** Ticks once a second, for ages. */
  readonly tick: ReadonlySignal<number>;

  // Actions.
  goTo(place: { lat: number; lon: number }, zoom?: number): void;
  showPast(timeUs: number, clock: 'true' | 'known', options?: { speed?: number; paused?: boolean }): void;
  pausePast(paused: boolean): void;
  setPastSpeed(speed: number): void;
  showLive(): void;
  /** What that grant shows, and nothing else; null: what is shown without terms. */
  showGrant(name: string | null): void;
  send(event: { kind: string; text: string; severity: Severity; place?: { lat: number; lon: number };
    references?: string[]; group?: string }): Promise<{ ok: true } | { ok: false; reason: string }>;
  /** GET below /api/v1, as JSON; throws an ApiError with the problem's code and detail. */
  get<T>(path: string): Promise<T>;
  /** The same of what is looked at: by the grant, where there is one. Then it has to be asked by known time. */
  getShown<T>(path: string): Promise<T>;
}

/** A panel of the room: a side panel, a bar, or a layer over the map. Add yours to panels/registry.ts. */
export interface Panel {
  id: string; // also its place in the address and its key in the texts: `panel.ID`
  icon: string; // SVG path data, 24x24
  key: string; // keyboard shortcut, a single letter
  place: 'left' | 'right' | 'bottom';
  order: number;
  view: (props: { room: Room }) => preact.JSX.Element;
}

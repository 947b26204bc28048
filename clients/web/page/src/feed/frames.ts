// Takes binary frames (web.fbs) apart. The fixes are read through one DataView and handed over in one object that
// is used again for each, so that ten thousand fixes a second leave nothing to collect.
import * as flatbuffers from 'flatbuffers';
import { Card, Event, Frame, FrameKind, PageFix, UnitName } from 'wire';
import type { RoomEvent, Severity } from '../model/types';

export { FrameKind };

const FIX_BYTES = 48;
const DELAY_MAX = 0xffffffff;
const NO_ALTITUDE = -2147483648;
const NO_SHORT = 65535;

export const FixFlag = { late: 1, implausible: 2, aside: 4, snapshot: 8, satellite: 16 } as const;

/** What stands around the fixes of a frame. */
export interface FrameHead {
  kind: FrameKind;
  request: number;
  firstPage: boolean;
  lastPage: boolean;
  conflated: number;
  eventSeq: number;
  fixSeq: number;
  hubTimeUs: number; // 0: not said
  lostFirst: number; // 0: nothing lost
  lostLast: number;
  eventDigits?: string; // where the number above has not all of them
  fixDigits?: string;
}

/** One fix, as it stands in the frame being read: valid during the call alone. Unknown numbers are NaN. */
export interface FixView {
  seq: number;
  timeUs: number;
  unit: number;
  lat: number;
  lon: number;
  count: number;
  delayMs: number;
  delayCapped: boolean; // it is that or more
  altitudeM: number;
  speedMS: number;
  courseDeg: number;
  accuracyM: number;
  batteryPercent: number;
  flags: number;
}

export interface CardNews {
  seq: number;
  unit: string;
  group: string;
  deleted: boolean;
  callSign: string;
  unitKind: string;
  symbol: string;
  carriedBy: string;
}

/** Who is told what a frame holds, in this order: begin, names, events, cards, fixes, leaves, end. */
export interface FrameSink {
  begin(head: FrameHead): void;
  unitName(index: number, name: string, group: string): void;
  event(event: RoomEvent): void;
  card(card: CardNews): void;
  fix(fix: FixView): void;
  leave(index: number): void;
  end(head: FrameHead): void;
}

export class FrameError extends Error {}

/** A seq as it is told to the server again. By numbers of a grant's own they are larger than a number holds. */
function digitsOf(seq: bigint): string | undefined {
  return seq > BigInt(Number.MAX_SAFE_INTEGER) ? seq.toString() : undefined;
}

function headOf(frame: Frame): FrameHead {
  return {
    eventDigits: digitsOf(frame.eventSeq()),
    fixDigits: digitsOf(frame.fixSeq()),
    kind: frame.kind(),
    request: frame.request(),
    firstPage: frame.firstPage(),
    lastPage: frame.lastPage(),
    conflated: Number(frame.conflated()),
    eventSeq: Number(frame.eventSeq()),
    fixSeq: Number(frame.fixSeq()),
    hubTimeUs: Number(frame.hubTimeUs()),
    lostFirst: Number(frame.lostFirst()),
    lostLast: Number(frame.lostLast()),
  };
}

function eventOf(event: Event): RoomEvent {
  const fields: { key: string; value: string }[] = [];
  for (let i = 0; i < event.fieldsLength(); i++) {
    const field = event.fields(i);
    if (field) fields.push({ key: field.key() ?? '', value: field.value() ?? '' });
  }
  const references: string[] = [];
  for (let i = 0; i < event.referencesLength(); i++) references.push(event.references(i) ?? '');
  const place = event.position();
  return {
    seq: Number(event.seq()),
    unit: event.unit() ?? '',
    group: event.group() ?? '',
    timeUs: Number(event.timeUs()),
    knownUs: Number(event.knownUs()),
    kind: event.kind() ?? '',
    severity: Math.min(event.severity(), 3) as Severity,
    text: event.text() ?? '',
    place: place ? { lat: place.latE7() / 1e7, lon: place.lonE7() / 1e7 } : undefined,
    name: event.name() ?? '',
    references,
    fields,
  };
}

function cardOf(card: Card): CardNews {
  return {
    seq: Number(card.seq()),
    unit: card.unit() ?? '',
    group: card.group() ?? '',
    deleted: card.deleted(),
    callSign: card.callSign() ?? '',
    unitKind: card.unitKind() ?? '',
    symbol: card.symbol() ?? '',
    carriedBy: card.carriedBy() ?? '',
  };
}

/** Reads frames into sinks. Keeps its scratch objects between frames. */
export class FrameReader {
  private readonly frame = new Frame();
  private readonly first = new PageFix();
  private readonly unitName = new UnitName();
  private readonly fix: FixView = {
    seq: 0,
    timeUs: 0,
    unit: 0,
    lat: 0,
    lon: 0,
    count: 0,
    delayMs: 0,
    delayCapped: false,
    altitudeM: NaN,
    speedMS: NaN,
    courseDeg: NaN,
    accuracyM: NaN,
    batteryPercent: NaN,
    flags: 0,
  };

  /**
   * Hands all of the frame to the sink that `choose` names by its head; null: it is passed over. Returns the head.
   * Throws FrameError where the bytes are no frame; a sink may have had a part of it then.
   */
  read(bytes: ArrayBuffer, choose: (head: FrameHead) => FrameSink | null): FrameHead {
    const buffer = new flatbuffers.ByteBuffer(new Uint8Array(bytes));
    if (bytes.byteLength < 12 || !Frame.bufferHasIdentifier(buffer)) throw new FrameError('not a frame');
    const frame = Frame.getRootAsFrame(buffer, this.frame);
    const head = headOf(frame);
    const sink = choose(head);
    if (!sink) return head;
    this.checkLengths(frame, bytes.byteLength);
    sink.begin(head);
    for (let i = 0; i < frame.namesLength(); i++) {
      const name = frame.names(i, this.unitName);
      if (name) sink.unitName(name.index(), name.name() ?? '', name.group() ?? '');
    }
    for (let i = 0; i < frame.eventsLength(); i++) {
      const event = frame.events(i);
      if (event) sink.event(eventOf(event));
    }
    for (let i = 0; i < frame.cardsLength(); i++) {
      const card = frame.cards(i);
      if (card) sink.card(cardOf(card));
    }
    this.readFixes(frame, bytes, sink);
    for (let i = 0; i < frame.leavesLength(); i++) sink.leave(frame.leaves(i) ?? 0);
    sink.end(head);
    return head;
  }

  /** A vector that says it is longer than the frame would keep the page busy for nothing. */
  private checkLengths(frame: Frame, bytes: number): void {
    const least =
      frame.namesLength() * 4 +
      frame.eventsLength() * 4 +
      frame.cardsLength() * 4 +
      frame.fixesLength() * FIX_BYTES +
      frame.leavesLength() * 4;
    if (!(least <= bytes)) throw new FrameError(`vectors of ${least} bytes in a frame of ${bytes}`);
  }

  private readFixes(frame: Frame, bytes: ArrayBuffer, sink: FrameSink): void {
    const length = frame.fixesLength();
    if (length === 0) return;
    const start = frame.fixes(0, this.first)?.bb_pos ?? 0;
    if (start + length * FIX_BYTES > bytes.byteLength) throw new FrameError('fixes beyond the end of the frame');
    const view = new DataView(bytes);
    for (let i = 0; i < length; i++) {
      this.readFix(view, start + i * FIX_BYTES);
      sink.fix(this.fix);
    }
  }

  private readFix(view: DataView, at: number): void {
    const fix = this.fix;
    fix.seq = view.getUint32(at + 4, true) * 4294967296 + view.getUint32(at, true);
    fix.timeUs = view.getInt32(at + 12, true) * 4294967296 + view.getUint32(at + 8, true);
    fix.unit = view.getUint32(at + 16, true);
    fix.lat = view.getInt32(at + 20, true) / 1e7;
    fix.lon = view.getInt32(at + 24, true) / 1e7;
    fix.count = view.getUint32(at + 28, true);
    fix.delayMs = view.getUint32(at + 32, true);
    fix.delayCapped = fix.delayMs === DELAY_MAX;
    const altitude = view.getInt32(at + 36, true);
    fix.altitudeM = altitude === NO_ALTITUDE ? NaN : altitude / 10;
    const speed = view.getUint16(at + 40, true);
    fix.speedMS = speed === NO_SHORT ? NaN : speed / 100;
    const course = view.getUint16(at + 42, true);
    fix.courseDeg = course === NO_SHORT ? NaN : course / 100;
    const accuracy = view.getUint16(at + 44, true);
    fix.accuracyM = accuracy === NO_SHORT ? NaN : accuracy / 10;
    fix.flags = view.getUint8(at + 46);
    const battery = view.getUint8(at + 47);
    fix.batteryPercent = battery === 255 ? NaN : battery;
  }
}

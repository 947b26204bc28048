// Encodes frames as the server does, by the accessors that flatc generates.
import * as flatbuffers from 'flatbuffers';
import { Card, Event, Frame, FrameKind, PageFix, Place, UnitName } from 'wire';

export interface FixIn {
  seq: number;
  timeUs: number;
  unit: number;
  lat: number;
  lon: number;
  speedMS?: number;
  courseDeg?: number;
  accuracyM?: number;
  altitudeM?: number;
  batteryPercent?: number;
  delayMs?: number;
  flags?: number;
  count?: number;
}
export interface CardIn {
  seq: number;
  unit: string;
  callSign?: string;
  symbol?: string;
  deleted?: boolean;
  group?: string;
}
export interface EventIn {
  seq: number;
  unit: string;
  timeUs: number;
  knownUs?: number;
  kind: string;
  severity?: number;
  text?: string;
  place?: { lat: number; lon: number };
}
export interface FrameIn {
  kind?: FrameKind;
  request?: number;
  names?: { index: number; name: string; group?: string }[];
  events?: EventIn[];
  cards?: CardIn[];
  fixes?: FixIn[];
  leaves?: number[];
  firstPage?: boolean;
  lastPage?: boolean;
  conflated?: number;
  eventSeq?: number;
  fixSeq?: number;
  hubTimeUs?: number;
}

const big = (value: number): bigint => BigInt(Math.round(value));
const scaled = (value: number | undefined, factor: number, unknown: number): number =>
  value === undefined ? unknown : Math.round(value * factor);

function writeFix(b: flatbuffers.Builder, fix: FixIn): void {
  PageFix.createPageFix(
    b,
    big(fix.seq),
    big(fix.timeUs),
    fix.unit,
    Math.round(fix.lat * 1e7),
    Math.round(fix.lon * 1e7),
    fix.count ?? 0,
    fix.delayMs ?? 0,
    scaled(fix.altitudeM, 10, -2147483648),
    scaled(fix.speedMS, 100, 65535),
    scaled(fix.courseDeg, 100, 65535),
    scaled(fix.accuracyM, 10, 65535),
    fix.flags ?? 0,
    fix.batteryPercent ?? 255,
  );
}

function writeCard(b: flatbuffers.Builder, card: CardIn): number {
  const [unit, sign, symbol] = [card.unit, card.callSign ?? '', card.symbol ?? ''].map((text) =>
    b.createString(text),
  );
  Card.startCard(b);
  Card.addSeq(b, big(card.seq));
  Card.addUnit(b, unit!);
  Card.addCallSign(b, sign!);
  Card.addSymbol(b, symbol!);
  Card.addDeleted(b, card.deleted ?? false);
  return Card.endCard(b);
}

function writeEvent(b: flatbuffers.Builder, event: EventIn): number {
  const [unit, kind, text, name] = [event.unit, event.kind, event.text ?? '', `spool:${event.seq}`].map((word) =>
    b.createString(word),
  );
  Event.startEvent(b);
  Event.addSeq(b, big(event.seq));
  Event.addUnit(b, unit!);
  Event.addKind(b, kind!);
  Event.addText(b, text!);
  Event.addName(b, name!);
  Event.addSeverity(b, event.severity ?? 0);
  Event.addTimeUs(b, big(event.timeUs));
  Event.addKnownUs(b, big(event.knownUs ?? event.timeUs));
  if (event.place) {
    Event.addPosition(b, Place.createPlace(b, Math.round(event.place.lat * 1e7), Math.round(event.place.lon * 1e7)));
  }
  return Event.endEvent(b);
}

function writeName(
  b: flatbuffers.Builder,
  { index, name, group }: { index: number; name: string; group?: string },
): number {
  const [text, of] = [b.createString(name), b.createString(group ?? '')];
  UnitName.startUnitName(b);
  UnitName.addIndex(b, index);
  UnitName.addName(b, text);
  UnitName.addGroup(b, of);
  return UnitName.endUnitName(b);
}

export function encodeFrame(frame: FrameIn): ArrayBuffer {
  const b = new flatbuffers.Builder(1024);
  const names = Frame.createNamesVector(
    b,
    (frame.names ?? []).map((name) => writeName(b, name)),
  );
  const events = Frame.createEventsVector(
    b,
    (frame.events ?? []).map((event) => writeEvent(b, event)),
  );
  const cards = Frame.createCardsVector(
    b,
    (frame.cards ?? []).map((card) => writeCard(b, card)),
  );
  const fixes = frame.fixes ?? [];
  Frame.startFixesVector(b, fixes.length);
  for (let i = fixes.length - 1; i >= 0; i--) writeFix(b, fixes[i]!);
  const fixesAt = b.endVector();
  const leaves = Frame.createLeavesVector(b, frame.leaves ?? []);
  Frame.startFrame(b);
  Frame.addKind(b, frame.kind ?? FrameKind.Live);
  Frame.addRequest(b, frame.request ?? 0);
  Frame.addNames(b, names);
  Frame.addEvents(b, events);
  Frame.addCards(b, cards);
  Frame.addFixes(b, fixesAt);
  Frame.addLeaves(b, leaves);
  Frame.addFirstPage(b, frame.firstPage ?? false);
  Frame.addLastPage(b, frame.lastPage ?? false);
  Frame.addConflated(b, big(frame.conflated ?? 0));
  Frame.addEventSeq(b, big(frame.eventSeq ?? 0));
  Frame.addFixSeq(b, big(frame.fixSeq ?? 0));
  Frame.addHubTimeUs(b, big(frame.hubTimeUs ?? 0));
  Frame.finishFrameBuffer(b, Frame.endFrame(b));
  return b.asUint8Array().slice().buffer as ArrayBuffer;
}

// What panels ask of /api/v1 beyond the live feed, read carefully: a field that is missing or of another kind counts
// as unknown.
import { bodyOf, errorOf } from '../model/api';
import type { Room, RoomEvent, Severity } from '../model/types';

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** RFC 3339 with up to nine digits of a second, or microseconds, as microseconds. Undefined: neither. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const parts = /^(.*:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value);
  const whole = parts ? Date.parse(`${parts[1]}${parts[3]}`) : NaN;
  return Number.isNaN(whole) ? undefined : whole * 1000 + Number((parts?.[2] ?? '0').padEnd(6, '0').slice(0, 6));
}

/** OWNER/NAME in a path. */
export function unitPath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

export interface UnitDetail {
  source: string; // satellite, cellular, ...; '' unknown
  fixType: string;
  satellites?: number;
  clock: string; // satellite or device
  clockOffsetS?: number; // what the hub adds to the device's time
  verticalAccuracyM?: number;
  trueTimeUs?: number;
  knownTimeUs?: number;
  fixes?: number;
  carriedBy: string;
  carries: string[];
}

export async function getUnit(room: Room, name: string): Promise<UnitDetail> {
  const got = await room.getShown<unknown>(`/units/${unitPath(name)}`);
  const unit = isObject(got) && isObject(got.unit) ? got.unit : {};
  const carries = Array.isArray(unit.carries) ? unit.carries.map(textOf).filter((n) => n !== '') : [];
  return {
    source: textOf(unit.source),
    fixType: textOf(unit.fix_type),
    satellites: numberOf(unit.satellites),
    clock: textOf(unit.clock),
    clockOffsetS: numberOf(unit.clock_offset_s),
    verticalAccuracyM: numberOf(unit.v_acc_m),
    trueTimeUs: timeOf(unit.true_time),
    knownTimeUs: timeOf(unit.known_time),
    fixes: numberOf(unit.fixes),
    carriedBy: textOf(unit.carried_by),
    carries,
  };
}

/** One fix of a track. */
export interface TrackFix {
  timeUs: number;
  lat: number;
  lon: number;
  speedMS?: number;
  altitudeM?: number;
}

function trackFix(line: string): TrackFix | null {
  const fix: unknown = JSON.parse(line);
  if (!isObject(fix)) return null;
  const lat = numberOf(fix.lat);
  const lon = numberOf(fix.lon);
  const time = timeOf(fix.true_time);
  if (lat === undefined || lon === undefined || time === undefined || fix.aside === true) return null;
  // A device's clock is corrected as the hub corrected it.
  const corrected = fix.clock === 'device' ? time + (numberOf(fix.clock_offset_s) ?? 0) * 1e6 : time;
  return { timeUs: corrected, lat, lon, speedMS: numberOf(fix.speed_m_s), altitudeM: numberOf(fix.alt_m) };
}

/**
 * The track of a unit in a span, oldest first, at most one fix in `simplifyS` seconds (0: all), by `grant` (null:
 * without). Throws an ApiError with the server's reason.
 */
export async function getTrack(
  name: string,
  fromUs: number,
  toUs: number,
  simplifyS: number,
  grant: string | null,
  signal: AbortSignal,
): Promise<TrackFix[]> {
  const query = new URLSearchParams({
    from: String(Math.floor(fromUs)),
    to: String(Math.ceil(toUs)),
    format: 'ndjson',
  });
  if (grant !== null) {
    query.set('grant', grant);
    query.set('clock', 'known');
  }
  if (simplifyS > 0) query.set('simplify_s', String(simplifyS));
  const answer = await fetch(`/api/v1/units/${unitPath(name)}/track?${query}`, {
    signal,
    credentials: 'same-origin',
    headers: { accept: 'application/x-ndjson' },
  });
  if (!answer.ok) throw errorOf(answer, await bodyOf(answer));
  const fixes = (await answer.text()).split('\n').flatMap((line) => {
    const fix = line === '' ? null : trackFix(line);
    return fix ? [fix] : [];
  });
  return fixes.sort((a, b) => a.timeUs - b.timeUs);
}

const SEVERITIES = ['info', 'notice', 'warning', 'severe'];

/** An event as the API writes it; null: it is none. */
export function eventOf(value: unknown): RoomEvent | null {
  if (!isObject(value)) return null;
  const seq = numberOf(value.seq);
  const trueTime = timeOf(value.true_time);
  const known = timeOf(value.known_time);
  if (seq === undefined || trueTime === undefined || known === undefined) return null;
  const offset = value.clock === 'device' ? (numberOf(value.clock_offset_s) ?? 0) * 1e6 : 0;
  const lat = numberOf(value.lat);
  const lon = numberOf(value.lon);
  const fields = isObject(value.fields) ? Object.entries(value.fields) : [];
  const references = Array.isArray(value.references) ? value.references.map(textOf) : [];
  return {
    seq,
    unit: textOf(value.unit),
    group: textOf(value.channel).split('/').slice(2).join('/'),
    timeUs: trueTime + offset,
    knownUs: known,
    kind: textOf(value.kind),
    severity: Math.max(0, SEVERITIES.indexOf(textOf(value.severity))) as Severity,
    text: textOf(value.text),
    place: lat === undefined || lon === undefined ? undefined : { lat, lon },
    name: `${textOf(value.spool)}:${String(value.number)}`,
    references,
    fields: fields.map(([key, field]) => ({ key, value: textOf(field) })),
  };
}

export interface EventPage {
  events: RoomEvent[];
  next: string | null; // where the next page begins; null: that was all of the span
}

/** A page of the log of what is looked at. Throws an ApiError with the server's reason. */
export async function getEvents(room: Room, query: URLSearchParams): Promise<EventPage> {
  const got = await room.getShown<unknown>(`/events?${query}`);
  const answer = isObject(got) ? got : {};
  const events = (Array.isArray(answer.events) ? answer.events : []).flatMap((e) => eventOf(e) ?? []);
  return { events, next: typeof answer.next === 'string' ? answer.next : null };
}

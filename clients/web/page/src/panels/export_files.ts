// The files of the export: tracks, which the browser itself streams from the API to the disk once the page has asked
// whether the server gives them, and events, which the API gives in pages and the page joins to one file.
import { ApiError, bodyOf, errorOf } from '../model/api';
import type { Past } from '../model/types';
import { inputOf } from '../timeline/span';

export type Format = 'geojson' | 'gpx' | 'csv' | 'ndjson';
export type EventFormat = Exclude<Format, 'gpx'>;
export const TRACK_FORMATS: readonly Format[] = ['geojson', 'gpx', 'csv', 'ndjson'];
export const EVENT_FORMATS: readonly EventFormat[] = ['geojson', 'csv', 'ndjson'];

/** Units that one request may name. */
export const UNITS_MAX = 100;
/** Units of one file of GeoJSON or GPX, which the server reads unit by unit. */
export const BY_UNIT_MAX: Record<Past['clock'], number> = { true: 500, known: 20 };
/** Events of one file: it is made in the page's memory. */
export const EVENTS_MAX = 100_000;
const PAGE = 1000;

export interface Order {
  units: readonly string[]; // none: all
  fromUs: number;
  toUs: number;
  clock: Past['clock'];
  format: Format;
  grant?: string; // by which is looked; then by known time
}

function query(order: Order, unitsName: string, more: Record<string, string> = {}): string {
  const words = new URLSearchParams({ from: String(Math.floor(order.fromUs)), to: String(Math.ceil(order.toUs)),
    clock: order.clock, format: order.format, ...more });
  if (order.grant !== undefined) {
    words.set('grant', order.grant);
    words.set('clock', 'known');
  }
  if (order.units.length > 0) words.set(unitsName, order.units.join(','));
  return words.toString();
}

export function tracksPath(order: Order): string {
  return `/api/v1/tracks?${query(order, 'units')}`;
}

/** Whether that file would be given: refused as the file itself would be, and nothing is read for it. */
export function tracksQuestion(order: Order): string {
  return `${tracksPath(order)}&ask=true`;
}

/** Whether the server would give that file: a download that it refuses ends without a word. Throws an ApiError. */
export async function askForTracks(order: Order): Promise<void> {
  await (await given(tracksQuestion(order))).arrayBuffer();
}

/** Throws an ApiError. There is no limit of time: many units are read one after the other. */
async function given(path: string): Promise<Response> {
  const answer = await fetch(path, { credentials: 'same-origin' }).catch((error: unknown) => {
    throw new ApiError(0, 'unreachable', String(error));
  });
  if (!answer.ok) throw errorOf(answer, await bodyOf(answer));
  return answer;
}

/** vigie_tracks_20260312T061405Z_20260312T071405Z.gpx */
export function fileName(what: string, order: Order): string {
  const time = (us: number): string => `${inputOf(us).replace(/[-:]/g, '')}Z`;
  return `vigie_${what}_${time(order.fromUs)}_${time(order.toUs)}.${order.format}`;
}

interface Joined {
  blob: Blob;
  complete: boolean;
}

const TYPES: Record<EventFormat, string> = {
  geojson: 'application/geo+json', csv: 'text/csv', ndjson: 'application/x-ndjson' };

/** All events of the order, oldest first. Throws an ApiError. */
export async function eventsFile(order: Order & { format: EventFormat }): Promise<Joined> {
  const pages: string[] = [];
  const base = `/api/v1/events?${query(order, 'unit', { order: 'oldest', limit: String(PAGE) })}`;
  let next: string | null = base;
  while (next !== null && pages.length < EVENTS_MAX / PAGE) {
    const answer: Response = await given(next);
    pages.push(await answer.text());
    next = nextOf(answer, next);
  }
  return { blob: new Blob([join(pages, order.format)], { type: TYPES[order.format] }), complete: next === null };
}

/** `Link: <?...>; rel="next"`, relative to what was asked. */
function nextOf(answer: Response, asked: string): string | null {
  const match = /<([^>]*)>\s*;\s*rel="?next"?/.exec(answer.headers.get('Link') ?? '');
  if (!match) return null;
  const url = new URL(match[1] ?? '', new URL(asked, window.location.origin));
  return url.origin === window.location.origin ? url.pathname + url.search : null;
}

export function join(pages: readonly string[], format: EventFormat): string {
  if (format === 'ndjson') return pages.join('');
  if (format === 'csv') return pages.map((page, i) => (i === 0 ? page : page.slice(page.indexOf('\n') + 1))).join('');
  const features = pages.flatMap((page) => (JSON.parse(page) as { features: unknown[] }).features);
  return `${JSON.stringify({ type: 'FeatureCollection', features })}\n`;
}

/** As if a link had been pressed. */
export function download(address: string, name: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

export function downloadAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  download(address, name);
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser has begun to read it by then
}

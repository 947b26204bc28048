// What is shown, in the address behind #, as key=value pairs: a link that is pasted to a colleague shows the same.
//   map=LAT/LON/ZOOM   unit=OWNER/NAME   follow=OWNER/NAME   grant=OWNER/NAME   at=TIME (RFC 3339)   clock=known
//   speed=N
import type { Past } from './types';

const WRITE_AFTER_MS = 300; // browsers refuse an address that changes too often

export interface MapPlace {
  lat: number;
  lon: number;
  zoom: number;
}

export type Pairs = ReadonlyMap<string, string>;

export function parseHash(hash: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of hash.replace(/^#/, '').split('&')) {
    const equals = part.indexOf('=');
    if (equals <= 0) continue;
    try {
      pairs.set(decodeURIComponent(part.slice(0, equals)), decodeURIComponent(part.slice(equals + 1)));
    } catch {
      // A broken escape: this pair says nothing.
    }
  }
  return pairs;
}

/** Slashes and colons stay readable. */
export function formatHash(pairs: Pairs): string {
  const word = (text: string): string => encodeURIComponent(text).replace(/%2F/g, '/').replace(/%3A/g, ':');
  return [...pairs].map(([key, value]) => `${word(key)}=${word(value)}`).join('&');
}

export function parseMapPlace(text: string | undefined): MapPlace | null {
  const [lat, lon, zoom, more] = (text ?? '').split('/').map(Number);
  if (lat === undefined || lon === undefined || zoom === undefined || more !== undefined) return null;
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 360 && zoom >= 0 && zoom <= 24)) return null;
  return { lat, lon, zoom };
}

/** As many digits as a pixel of that zoom needs. */
export function formatMapPlace({ lat, lon, zoom }: MapPlace): string {
  const digits = Math.max(2, Math.min(6, Math.ceil(zoom / 3.3) + 1));
  return `${lat.toFixed(digits)}/${lon.toFixed(digits)}/${zoom.toFixed(2)}`;
}

export interface Moment {
  timeUs: number;
  clock: Past['clock'];
  speed: number;
}

export function parseMoment(pairs: Pairs): Moment | null {
  const timeMs = Date.parse(pairs.get('at') ?? '');
  if (Number.isNaN(timeMs)) return null;
  const speed = Math.round(Number(pairs.get('speed') ?? 1));
  return { timeUs: timeMs * 1000, clock: pairs.get('clock') === 'known' ? 'known' : 'true',
    speed: speed >= 1 && speed <= 1000 ? speed : 1 };
}

export function formatMoment(moment: Moment | null): Record<string, string | null> {
  if (!moment) return { at: null, clock: null, speed: null };
  return { at: new Date(moment.timeUs / 1000).toISOString(), clock: moment.clock === 'known' ? 'known' : null,
    speed: moment.speed === 1 ? null : String(moment.speed) };
}

export class Address {
  private pairs = parseHash(window.location.hash);
  private known = window.location.hash; // as it was last read or written here
  private timer = 0;
  private readonly listeners = new Set<(pairs: Pairs) => void>();

  constructor() {
    window.addEventListener('hashchange', () => {
      window.clearTimeout(this.timer);
      this.timer = 0;
      this.known = window.location.hash;
      this.pairs = parseHash(this.known);
      for (const listener of this.listeners) listener(this.pairs);
    });
  }

  get(key: string): string | null {
    return this.pairs.get(key) ?? null;
  }

  all(): Pairs {
    return this.pairs;
  }

  /** Null takes a key away. */
  set(values: Record<string, string | null>): void {
    const before = formatHash(this.pairs);
    for (const [key, value] of Object.entries(values)) {
      if (value === null || value === '') this.pairs.delete(key);
      else this.pairs.set(key, value);
    }
    if (formatHash(this.pairs) === before || this.timer) return;
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      if (window.location.hash !== this.known) return; // changed by hand, which is told in a moment
      window.history.replaceState(null, '', `#${formatHash(this.pairs)}`);
      this.known = window.location.hash;
    }, WRITE_AFTER_MS);
  }

  /** When somebody changed the address by hand, or followed a link within the page. */
  onChange(listener: (pairs: Pairs) => void): void {
    this.listeners.add(listener);
  }
}

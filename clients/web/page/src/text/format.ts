// Numbers, times, ages and positions in the page's language. Everything here reads the language signal, so whoever
// calls it in a component or a computed follows the switch.
import { language, locale } from './language';

const NBSP = '\u00a0';
const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

export function number(value: number, digits = 0): string {
  const key = `${locale.value}${digits}`;
  let format = numbers.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numbers.set(key, format);
  }
  return format.format(value);
}

export type Zone = 'utc' | 'local';

function dateFormat(name: string, zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value}${name}${zone}`;
  let format = dates.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(locale.value, zone === 'utc' ? { ...options, timeZone: 'UTC' } : options);
    dates.set(key, format);
  }
  return format;
}

/** "12:04:31", in 24 hours. */
export function timeOfDay(us: number, zone: Zone): string {
  const options: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  };
  return dateFormat('t', zone, options).format(us / 1000);
}

/** "27 Nov 2026". */
export function date(us: number, zone: Zone): string {
  return dateFormat('d', zone, { day: 'numeric', month: 'short', year: 'numeric' }).format(us / 1000);
}

/** "Fri 27 Nov". */
export function day(us: number, zone: Zone): string {
  return dateFormat('w', zone, { weekday: 'short', day: 'numeric', month: 'short' }).format(us / 1000);
}

/** "27 Nov 2026, 12:04:31 UTC". */
export function dateTime(us: number, zone: Zone): string {
  const words = `${date(us, zone)}, ${timeOfDay(us, zone)}`;
  return zone === 'utc' ? `${words}${NBSP}UTC` : words;
}

/** The time alone when it is of the same UTC day as `nowUs`, else with its day: for logs. */
export function logTime(us: number, nowUs: number): string {
  const same = Math.floor(us / 86_400e6) === Math.floor(nowUs / 86_400e6);
  return same ? timeOfDay(us, 'utc') : `${day(us, 'utc')} ${timeOfDay(us, 'utc')}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

/** "3 s", "2 min", "1 h 05", "3 d 04 h": the coarser the older. Less than nothing is 0 s. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}${NBSP}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${NBSP}min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}${NBSP}h${NBSP}${two(minutes % 60)}`;
  return `${Math.floor(hours / 24)}${NBSP}${language.value === 'fr' ? 'j' : 'd'}${NBSP}${two(hours % 24)}${NBSP}h`;
}

/** A delay or offset, finely: "38 ms", "1.4 s", then as an age. */
export function delay(ms: number): string {
  const size = Math.abs(ms);
  const sign = ms < 0 ? '−' : '';
  if (size < 1000) return `${sign}${number(Math.round(size))}${NBSP}ms`;
  if (size < 60_000) return `${sign}${number(size / 1000, 1)}${NBSP}s`;
  return `${sign}${age(size)}`;
}

/** With its sign, as an offset: "+1.4 s". */
export function offset(ms: number): string {
  return ms > 0 ? `+${delay(ms)}` : delay(ms);
}

/** Metres, and kilometres from one on: "850 m", "12.4 km". */
export function distance(metres: number): string {
  if (metres < 999.5) return `${number(Math.round(metres))}${NBSP}m`;
  return `${number(metres / 1000, metres < 99_950 ? 1 : 0)}${NBSP}km`;
}

export function accuracy(metres: number): string {
  return metres < 10 ? `±${number(metres, 1)}${NBSP}m` : `±${distance(metres)}`;
}

export function speed(metresPerSecond: number): string {
  return `${number(metresPerSecond * 3.6)}${NBSP}km/h`;
}

/** True course, three figures: "058°". */
export function course(degrees: number): string {
  return `${String(Math.round(degrees) % 360).padStart(3, '0')}°`;
}

export function percent(value: number, digits = 0): string {
  return `${number(value, digits)}${language.value === 'fr' ? NBSP : ''}%`;
}

export function bytes(count: number): string {
  const units = language.value === 'fr' ? ['o', 'Ko', 'Mo', 'Go', 'To'] : ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = count;
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${number(value, step === 0 || value >= 100 ? 0 : 1)}${NBSP}${units[step]}`;
}

export function westLetter(): string {
  return language.value === 'fr' ? 'O' : 'W';
}

/** "15.88420° N  1.63840° E": about a metre. */
export function latLon(place: { lat: number; lon: number }): string {
  const lat = `${number(Math.abs(place.lat), 5)}°${NBSP}${place.lat < 0 ? 'S' : 'N'}`;
  const lon = `${number(Math.abs(place.lon), 5)}°${NBSP}${place.lon < 0 ? westLetter() : 'E'}`;
  return `${lat}  ${lon}`;
}

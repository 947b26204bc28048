// The part of time that the bar shows, and how it is moved, stretched and labelled. Pure: no page, no clock.
// Times are microseconds since 1970 UTC; places along the bar are pixels from its left end.

export interface Span {
  fromUs: number;
  toUs: number;
}

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

/** The lengths that stand on buttons. */
export const LENGTHS = { hour: HOUR_US, six: 6 * HOUR_US, day: DAY_US, two: 2 * DAY_US } as const;
export type LengthName = keyof typeof LENGTHS;

export const SPAN_US_MIN = 10 * SECOND_US;
export const SPAN_US_MAX = 400 * DAY_US;

export function lengthOf(span: Span): number {
  return span.toUs - span.fromUs;
}

/** The last `lengthUs` up to now, with a little room at the right so that "now" is seen to be the end. */
export function lastOf(lengthUs: number, nowUs: number): Span {
  const toUs = nowUs + lengthUs * 0.02;
  return { fromUs: toUs - lengthUs, toUs };
}

export function timeAt(span: Span, x: number, width: number): number {
  return span.fromUs + (width > 0 ? x / width : 0) * lengthOf(span);
}

export function placeOf(span: Span, timeUs: number, width: number): number {
  return ((timeUs - span.fromUs) / lengthOf(span)) * width;
}

export function holds(span: Span, timeUs: number): boolean {
  return timeUs >= span.fromUs && timeUs <= span.toUs;
}

/** Stretches (factor over 1) or narrows the span, so that `aboutUs` stays where it is on the bar. */
export function zoomed(span: Span, factor: number, aboutUs: number): Span {
  const wanted = lengthOf(span) * factor;
  const length = Math.min(SPAN_US_MAX, Math.max(SPAN_US_MIN, wanted));
  const part = (aboutUs - span.fromUs) / lengthOf(span);
  const fromUs = aboutUs - part * length;
  return { fromUs, toUs: fromUs + length };
}

export function panned(span: Span, byUs: number): Span {
  return { fromUs: span.fromUs + byUs, toUs: span.toUs + byUs };
}

/** Moved as little as need be so that the time is in it, a twentieth away from the ends. */
export function brought(span: Span, timeUs: number): Span {
  const margin = lengthOf(span) / 20;
  if (timeUs < span.fromUs) return panned(span, timeUs - margin - span.fromUs);
  if (timeUs > span.toUs) return panned(span, timeUs + margin - span.toUs);
  return span;
}

const STEPS_US = [
  SECOND_US, 2 * SECOND_US, 5 * SECOND_US, 10 * SECOND_US, 15 * SECOND_US, 30 * SECOND_US,
  MINUTE_US, 2 * MINUTE_US, 5 * MINUTE_US, 10 * MINUTE_US, 15 * MINUTE_US, 30 * MINUTE_US,
  HOUR_US, 2 * HOUR_US, 3 * HOUR_US, 6 * HOUR_US, 12 * HOUR_US,
  DAY_US, 2 * DAY_US, 7 * DAY_US, 14 * DAY_US, 28 * DAY_US, 91 * DAY_US,
];

export interface Tick {
  timeUs: number;
  label: string;
  strong: boolean; // a new day, or a full minute where seconds are shown
}

/** Round times, so many that their labels don't touch (`apart` pixels at least). */
export function ticksOf(span: Span, width: number, apart = 84): Tick[] {
  const most = Math.max(1, Math.floor(width / apart));
  const step = STEPS_US.find((one) => lengthOf(span) / one <= most) ?? 182 * DAY_US;
  const ticks: Tick[] = [];
  for (let time = Math.ceil(span.fromUs / step) * step; time <= span.toUs; time += step) {
    const newDay = time % DAY_US === 0;
    ticks.push({ timeUs: time, label: newDay ? dayOf(time) : clockOf(time, step < MINUTE_US),
      strong: newDay || (step < MINUTE_US && time % MINUTE_US === 0) });
  }
  return ticks;
}

function iso(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : '----------T--:--:--';
}

/** 06:14 or 06:14:05, UTC. */
export function clockOf(timeUs: number, seconds = true): string {
  return iso(timeUs).slice(11, seconds ? 19 : 16);
}

/** 03-12 of 2026-03-12: month and day, UTC. */
export function dayOf(timeUs: number): string {
  return iso(timeUs).slice(5, 10);
}

/** 12 Mar 06:14:05Z, the month in the language. */
export function momentOf(timeUs: number, locale: string): string {
  const ms = Math.floor(timeUs / 1000);
  if (!Number.isFinite(ms) || Math.abs(ms) >= 8.64e15) return '';
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })
    .format(new Date(ms));
  return `${day} ${clockOf(timeUs)}Z`;
}

/** For an <input type="datetime-local"> that means UTC: 2026-03-12T06:14:05. */
export function inputOf(timeUs: number): string {
  return iso(timeUs).slice(0, 19);
}

/** What such an input says; null when it is no time. */
export function timeOfInput(text: string): number | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d{1,3})?$/.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}${match[2] ?? ':00'}Z`);
  return Number.isFinite(ms) ? ms * 1000 : null;
}

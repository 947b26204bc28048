// How a position is written: decimal degrees, degrees with minutes and seconds, or MGRS.
import { forward } from 'mgrs';
import { latLon, number, westLetter } from '../text/format';
import type { Place } from './tools';

export const FORMATS = ['decimal', 'dms', 'mgrs'] as const;
export type CoordinateFormat = (typeof FORMATS)[number];

/** 15° 53′ 13.6″ N. Carries over, so that no 60″ are written. */
function sexagesimal(degrees: number, hemispheres: readonly [string, string], width: number): string {
  const tenths = Math.round(Math.abs(degrees) * 36_000);
  const whole = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const seconds = (tenths % 600) / 10;
  const fine = `${String(minutes).padStart(2, '0')}′${number(seconds, 1).padStart(4, '0')}″`;
  return `${String(whole).padStart(width, '0')}°${fine}${hemispheres[degrees < 0 ? 1 : 0]}`;
}

/** 31UDQ4825111932 with blanks between its parts. Beyond 84° N and 80° S there is no MGRS of this kind. */
function mgrsOf({ lat, lon }: Place): string {
  if (lat > 84 || lat < -80) return '';
  const whole = forward([lon, lat], 5);
  const digits = /^(\d{1,2}[A-Z])([A-Z]{2})(\d{5})(\d{5})$/.exec(whole);
  return digits ? digits.slice(1).join(' ') : whole;
}

/** In the page's language, as everywhere on the page. */
export function formatPlace(place: Place, format: CoordinateFormat): string {
  const { lat, lon } = place;
  if (format === 'dms') return `${sexagesimal(lat, ['N', 'S'], 2)} ${sexagesimal(lon, ['E', westLetter()], 3)}`;
  if (format === 'mgrs') return mgrsOf(place) || latLon(place);
  return latLon(place);
}

/** A degree on the graticule: 15°, 15°30′, 15°30′20″. */
export function formatDegree(value: number, hemispheres: readonly [string, string]): string {
  const seconds = Math.round(Math.abs(value) * 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = seconds % 60;
  const text =
    `${Math.floor(seconds / 3600)}°` +
    (minutes || rest ? `${String(minutes).padStart(2, '0')}′` : '') +
    (rest ? `${String(rest).padStart(2, '0')}″` : '');
  return seconds === 0 ? text : text + hemispheres[value < 0 ? 1 : 0];
}

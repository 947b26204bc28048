// A position in the military grid (MGRS), to the metre, in groups; empty near the poles, where that grid ends.
import { forward } from 'mgrs';

export function mgrsOf(place: { lat: number; lon: number }): string {
  if (place.lat < -80 || place.lat > 84) return '';
  try {
    const text = forward([place.lon, place.lat], 5);
    const parts = /^(\d{1,2}[A-Z])([A-Z]{2})(\d{5})(\d{5})$/.exec(text);
    return parts ? parts.slice(1).join('\u00a0') : text;
  } catch {
    return ''; // a longitude out of range
  }
}

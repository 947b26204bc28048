// Distances and bearings on the WGS 84 ellipsoid.
import geodesic from 'geographiclib-geodesic';
import type { Place } from './tools';

const wgs84 = geodesic.Geodesic.WGS84;

export interface Leg {
  metres: number;
  bearingDeg: number; // at the start, true, 0..360
}

export function legBetween(from: Place, to: Place): Leg {
  const line = wgs84.Inverse(from.lat, from.lon, to.lat, to.lon);
  const bearing = line.azi1 ?? 0;
  return { metres: line.s12 ?? 0, bearingDeg: (bearing + 360) % 360 };
}

/** The shortest way as a line of places, both ends among them. */
export function wayBetween(from: Place, to: Place): Place[] {
  const line = wgs84.InverseLine(from.lat, from.lon, to.lat, to.lon);
  const length = line.s13;
  const steps = Math.max(1, Math.min(64, Math.ceil(length / 100_000)));
  const places: Place[] = [];
  for (let i = 0; i <= steps; i++) {
    const at = line.Position(length * i / steps);
    places.push({ lat: at.lat2 ?? from.lat, lon: at.lon2 ?? from.lon });
  }
  return places;
}

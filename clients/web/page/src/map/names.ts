// The names of countries, as the base map has them.
import namesUrl from '../../build/generated/basemap/names.geojson';
import type { CountryName } from './ground';

interface Named {
  geometry: { coordinates: [number, number] };
  properties: { name: string; fr: string; size: number };
}

/** The largest country first. Rejects where they can't be had. */
export async function loadNames(): Promise<CountryName[]> {
  const answer = await fetch(namesUrl);
  const { features } = (await answer.json()) as { features: Named[] };
  return features.map(({ geometry, properties }) => ({
    name: { en: properties.name, fr: properties.fr },
    size: properties.size,
    lon: geometry.coordinates[0],
    lat: geometry.coordinates[1],
  }));
}

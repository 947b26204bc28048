// Where the map looks.
import { mapTools } from '../map';

/** The middle of what is seen; null while there is no map. Not followed: read it when it is needed. */
export function middleOfMap(): { lat: number; lon: number } | null {
  const bounds = mapTools.bounds.peek();
  if (!bounds) return null;
  const lon = (bounds[0] + bounds[2]) / 2;
  return { lat: (bounds[1] + bounds[3]) / 2, lon: lon > 180 ? lon - 360 : lon };
}

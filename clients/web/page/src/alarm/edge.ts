// Where at the map's edge a sign stands for a place that is out of view. Pure.
import type { Camera, Place } from '../map/tools';

export interface Sign {
  x: number;
  y: number;
  angle: number; // towards the place: radians from the right, clockwise
}

/** Pixels at each side that a sign keeps clear of: its own size, the map's buttons at the right, its foot. */
const CLEAR = { left: 40, top: 40, right: 84, bottom: 70 };

/** `covered`: pixels of the map, from its top, that lie under something else. Null: the place is in view. */
export function signAt(camera: Camera, covered: number, place: Place): Sign | null {
  const x = camera.x(place.lon);
  const y = camera.y(place.lat);
  if (x >= 0 && x <= camera.width && y >= covered && y <= camera.height) return null;
  const halfWidth = Math.max(1, (camera.width - CLEAR.left - CLEAR.right) / 2);
  const halfHeight = Math.max(1, (camera.height - covered - CLEAR.top - CLEAR.bottom) / 2);
  const middleX = CLEAR.left + halfWidth;
  const middleY = covered + CLEAR.top + halfHeight;
  const dx = x - middleX;
  const dy = y - middleY;
  // On the way there from the middle, as far as there is room.
  const part = Math.min(1, 1 / Math.max(Math.abs(dx) / halfWidth, Math.abs(dy) / halfHeight));
  return { x: middleX + dx * part, y: middleY + dy * part, angle: Math.atan2(dy, dx) };
}

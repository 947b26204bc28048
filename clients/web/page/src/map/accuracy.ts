// How exact the selected unit's position is: a circle that holds 68 of 100.
import type { World } from '../model/types';
import type { FlatCamera } from './camera';
import type { Chosen } from './units_layer';

const LEAST = 6; // pixels: smaller is under the symbol,
const MOST = 4000; // and larger is everywhere

export interface AccuracyCircle {
  x: number;
  y: number;
  radius: number;
}

/** Null: there is none to draw. */
export function accuracyCircle(camera: FlatCamera, world: World, chosen: Chosen): AccuracyCircle | null {
  const unit = chosen.selected === null ? undefined : world.byName.get(chosen.selected);
  const position = unit && !unit.gone ? unit.position : undefined;
  if (!position?.accuracyM) return null;
  const radius =
    (position.accuracyM * camera.pixelsPerMetre * Math.cos((camera.middle.lat * Math.PI) / 180)) /
    Math.cos((position.lat * Math.PI) / 180);
  if (radius < LEAST || radius > MOST) return null;
  return { x: camera.x(position.lon), y: camera.y(position.lat), radius };
}

export function drawAccuracy(pen: CanvasRenderingContext2D, circle: AccuracyCircle, night: boolean): void {
  pen.beginPath();
  pen.arc(circle.x, circle.y, circle.radius, 0, 2 * Math.PI);
  pen.fillStyle = night ? 'rgba(120, 190, 240, .14)' : 'rgba(20, 110, 180, .12)';
  pen.fill();
  pen.lineWidth = 1;
  pen.strokeStyle = night ? 'rgba(140, 200, 250, .6)' : 'rgba(20, 90, 160, .55)';
  pen.stroke();
}

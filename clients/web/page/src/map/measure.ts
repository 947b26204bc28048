// The measure: points that are set one after another, each leg with its length and bearing on the ellipsoid, and
// the sum.
import { course, distance } from '../text/format';
import type { FlatCamera } from './camera';
import { legBetween, wayBetween, type Leg } from './geodesy';
import type { Labels } from './labels';
import type { Place } from './tools';

const POINTS_MAX = 200;

export class Measure {
  private points: Place[] = [];
  private legs: Leg[] = [];
  private ways: Place[][] = [];
  /** Where the pointer is: the next point, not yet set. */
  private next: Place | null = null;

  constructor(private readonly labels: Labels) {}

  get empty(): boolean {
    return this.points.length === 0;
  }

  add(place: Place): void {
    if (this.points.length >= POINTS_MAX) return;
    const last = this.points[this.points.length - 1];
    if (last) {
      if (last.lat === place.lat && last.lon === place.lon) return;
      this.legs.push(legBetween(last, place));
      this.ways.push(wayBetween(last, place));
    }
    this.points.push(place);
  }

  /** Takes the last point away. */
  undo(): void {
    this.points.pop();
    this.legs.pop();
    this.ways.pop();
  }

  clear(): void {
    this.points = [];
    this.legs = [];
    this.ways = [];
    this.next = null;
  }

  hover(place: Place | null): void {
    this.next = place;
  }

  /** In words, for those who can't see the line: the sum, and the last leg. */
  summary(): { metres: number; last: Leg | null; points: number } {
    return {
      metres: this.legs.reduce((sum, leg) => sum + leg.metres, 0),
      last: this.legs[this.legs.length - 1] ?? null,
      points: this.points.length,
    };
  }

  draw(pen: CanvasRenderingContext2D, camera: FlatCamera): void {
    if (this.points.length === 0) return;
    const colour = camera.night ? '#7fe3c4' : '#00614a';
    const last = this.points[this.points.length - 1]!;
    pen.save();
    this.ways.forEach((way) => line(pen, camera, way, colour, []));
    if (this.next) line(pen, camera, wayBetween(last, this.next), colour, [6, 4]);
    pen.fillStyle = camera.night ? '#0a1118' : '#ffffff';
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    for (const point of this.points) {
      pen.beginPath();
      pen.arc(camera.x(point.lon), camera.y(point.lat), 4, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
    }
    let sum = 0;
    this.legs.forEach((leg, i) => {
      sum += leg.metres;
      this.write(pen, camera, this.points[i + 1]!, leg, sum, i > 0);
    });
    if (this.next) {
      const leg = legBetween(last, this.next);
      this.write(pen, camera, this.next, leg, sum + leg.metres, this.legs.length > 0);
    }
    pen.restore();
  }

  private write(
    pen: CanvasRenderingContext2D,
    camera: FlatCamera,
    at: Place,
    leg: Leg,
    sum: number,
    chained: boolean,
  ): void {
    if (leg.metres === 0) return;
    const words = `${distance(leg.metres)}  ${course(leg.bearingDeg)}` + (chained ? `  Σ ${distance(sum)}` : '');
    const made = this.labels.get(words, {
      weight: 600,
      pixels: 12,
      height: 19,
      colour: camera.night ? '#0a1118' : '#ffffff',
      halo: '',
      ground: camera.night ? '#7fe3c4' : '#00614a',
    });
    pen.drawImage(
      made.image,
      Math.round(camera.x(at.lon) + 9),
      Math.round(camera.y(at.lat) - made.height / 2),
      made.width,
      made.height,
    );
  }
}

function line(
  pen: CanvasRenderingContext2D,
  camera: FlatCamera,
  way: readonly Place[],
  colour: string,
  dash: number[],
): void {
  pen.beginPath();
  let before = NaN;
  for (const place of way) {
    let x = camera.x(place.lon);
    // The copy of the world that goes on from the place before.
    if (!Number.isNaN(before)) x -= Math.round((x - before) / camera.world) * camera.world;
    if (Number.isNaN(before)) pen.moveTo(x, camera.y(place.lat));
    else pen.lineTo(x, camera.y(place.lat));
    before = x;
  }
  pen.setLineDash(dash);
  pen.lineWidth = 4.5;
  pen.strokeStyle = camera.night ? 'rgba(6, 12, 18, .8)' : 'rgba(255, 255, 255, .85)';
  pen.stroke();
  pen.lineWidth = 2.2;
  pen.strokeStyle = colour;
  pen.stroke();
  pen.setLineDash([]);
}

// Trails of the units in view, the paler the older, and the tracks that other parts of the page ask for. Bounded
// in what it draws: in a crowd only the chosen ones have trails.
import { TRAIL_NUMBERS_MAX } from '../model/trails';
import type { Unit, World } from '../model/types';
import type { FlatCamera } from './camera';
import { colourOf } from './sprites';
import type { Chosen } from './units_layer';
import type { TrackLine } from './tools';

const SEGMENTS_MAX = 12_000;
const CROWD = 500; // units in view from which on trails would only be a tangle
const AGES_S = [120, 600, 1800, Infinity];
const ALPHAS = [0.85, 0.55, 0.32, 0.16];

export class TrailsLayer {
  private readonly points = new Float64Array(TRAIL_NUMBERS_MAX);
  private readonly paths = new Map<string, Path2D[]>();
  private segments = 0;

  /** Whether draw() may draw anything. */
  static wanted(chosen: Chosen, inView: number, tracks: ReadonlyMap<string, TrackLine>): boolean {
    const crowd = inView > CROWD;
    return tracks.size > 0 || chosen.selected !== null || chosen.followed !== null || (inView > 0 && !crowd);
  }

  /** `visible` holds the indexes of the `inView` units that are on the screen. False: there was nothing to draw. */
  draw(
    pen: CanvasRenderingContext2D,
    camera: FlatCamera,
    world: World,
    chosen: Chosen,
    visible: Int32Array,
    inView: number,
    tracks: ReadonlyMap<string, TrackLine>,
  ): boolean {
    this.paths.clear();
    this.segments = 0;
    for (const track of tracks.values()) drawTrack(pen, camera, track);
    if (inView <= CROWD) {
      for (let i = 0; i < inView && this.segments < SEGMENTS_MAX; i++)
        this.gather(camera, world, world.units[visible[i]!]!);
      this.stroke(pen, 2);
    }
    for (const name of new Set([chosen.selected, chosen.followed])) {
      const unit = name === null ? undefined : world.byName.get(name);
      if (unit && !unit.gone) this.gather(camera, world, unit);
    }
    this.stroke(pen, 3.5);
    return this.segments > 0 || tracks.size > 0;
  }

  private gather(camera: FlatCamera, world: World, unit: Unit): void {
    const count = world.trailInto ? world.trailInto(unit, this.points) : copy(world.trail(unit), this.points);
    if (count < 2) return;
    const ages = this.pathsOf(colourOf(unit, camera.night));
    const nowUs = world.nowUs();
    let x = camera.x(this.points[1]!),
      y = camera.y(this.points[2]!);
    let open = -1; // the path that ends at x, y
    for (let i = 1; i < count; i++) {
      const nextX = camera.x(this.points[i * 3 + 1]!),
        nextY = camera.y(this.points[i * 3 + 2]!);
      const last = i === count - 1;
      // Nearer than two pixels says nothing new.
      if (!last && Math.abs(nextX - x) + Math.abs(nextY - y) < 2) continue;
      const ageS = (nowUs - this.points[i * 3]!) / 1e6;
      const bucket = ageS < AGES_S[0]! ? 0 : ageS < AGES_S[1]! ? 1 : ageS < AGES_S[2]! ? 2 : 3;
      const path = ages[bucket]!;
      if (bucket !== open) path.moveTo(x, y);
      path.lineTo(nextX, nextY);
      open = bucket;
      x = nextX;
      y = nextY;
      this.segments++;
    }
  }

  private pathsOf(colour: string): Path2D[] {
    let paths = this.paths.get(colour);
    if (!paths) {
      paths = AGES_S.map(() => new Path2D());
      this.paths.set(colour, paths);
    }
    return paths;
  }

  private stroke(pen: CanvasRenderingContext2D, width: number): void {
    pen.save();
    pen.lineWidth = width;
    pen.lineJoin = 'round';
    for (const [colour, paths] of this.paths) {
      pen.strokeStyle = colour;
      for (let bucket = AGES_S.length - 1; bucket >= 0; bucket--) {
        pen.globalAlpha = ALPHAS[bucket]!;
        pen.stroke(paths[bucket]!);
      }
    }
    pen.restore();
    this.paths.clear();
  }
}

function copy(from: Float64Array, to: Float64Array): number {
  const numbers = Math.min(from.length, to.length);
  to.set(numbers < from.length ? from.subarray(from.length - numbers) : from);
  return Math.floor(numbers / 3);
}

/** A track of a chosen span: a line with a seam, a ring at its start and a square at its end. */
function drawTrack(pen: CanvasRenderingContext2D, camera: FlatCamera, track: TrackLine): void {
  const { points } = track;
  const first = points[0],
    last = points[points.length - 1];
  if (!first || !last) return;
  const path = new Path2D();
  let x = NaN,
    y = NaN;
  for (const point of points) {
    const nextX = camera.x(point.lon),
      nextY = camera.y(point.lat);
    if (Math.abs(nextX - x) + Math.abs(nextY - y) < 1.5 && point !== last) continue;
    // Round the other side of the world is no way.
    if (Number.isNaN(x) || Math.abs(nextX - x) > camera.world / 2) path.moveTo(nextX, nextY);
    else path.lineTo(nextX, nextY);
    x = nextX;
    y = nextY;
  }
  const colour = track.colour ?? (camera.night ? '#ffd166' : '#a3290b');
  pen.save();
  pen.lineJoin = 'round';
  pen.lineWidth = 5;
  pen.strokeStyle = camera.night ? 'rgba(6, 12, 18, .8)' : 'rgba(255, 255, 255, .85)';
  pen.stroke(path);
  pen.lineWidth = 2.5;
  pen.strokeStyle = colour;
  pen.stroke(path);
  pen.fillStyle = camera.night ? '#0a1118' : '#ffffff';
  pen.beginPath();
  pen.arc(camera.x(first.lon), camera.y(first.lat), 5, 0, 2 * Math.PI);
  pen.rect(camera.x(last.lon) - 4.5, camera.y(last.lat) - 4.5, 9, 9);
  pen.fill();
  pen.stroke();
  pen.restore();
}

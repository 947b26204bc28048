// Where alarms are, over the map: a ring and a triangle that no zoom hides, and for what lies out of view a sign at the
// map's edge that points there. A ringing one beats.
import { effect, type ReadonlySignal } from '@preact/signals';
import { mapTools, type Camera, type Place } from '../map/tools';
import { signAt, type Sign } from './edge';
import type { Alarm } from './rules';

const BEAT_MS = 500;
const RINGS = [20, 28]; // pixels, in turn
const SIGNS = [17, 20];
const SIGN_HIT = 24; // pixels from a sign's middle that are still the sign
const RED = '#d7263d';

export interface AlarmPlaces {
  placeOf(alarm: Alarm): Place | undefined;
  goTo(alarm: Alarm): void;
  /** What may cover the map's upper part. */
  banner: HTMLElement | null;
}

/** Until what it returns is called. */
export function showAlarmMarks(alarms: ReadonlySignal<readonly Alarm[]>, places: AlarmPlaces): () => void {
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  const cover = watchCover(places.banner);
  let beat = 0;
  let timer: number | null = null;
  const remove = mapTools.addLayer({
    over: true,
    empty: () => alarms.peek().length === 0,
    draw: (pen, camera) => {
      // The gravest come first, and lie uppermost.
      for (const alarm of [...alarms.peek()].reverse()) {
        const place = places.placeOf(alarm);
        if (place) drawAlarm(pen, camera, cover.pixels(), alarm, place, alarm.kind === 'new' ? beat : 0);
      }
    },
    hit: (x, y, camera) => {
      const at = alarms.peek().find((alarm) => {
        const place = places.placeOf(alarm);
        const sign = place && signAt(camera, cover.pixels(), place);
        return sign && Math.hypot(sign.x - x, sign.y - y) <= SIGN_HIT;
      });
      return at && (() => places.goTo(at));
    },
  });
  const end = effect(() => {
    const rings = alarms.value.some(({ kind }) => kind === 'new') && !calm.matches;
    if (rings && timer === null) {
      timer = window.setInterval(() => {
        beat = 1 - beat;
        if (!document.hidden) mapTools.redraw();
      }, BEAT_MS);
    } else if (!rings && timer !== null) {
      window.clearInterval(timer);
      timer = null;
    }
    mapTools.redraw();
  });
  return () => {
    end();
    cover.end();
    if (timer !== null) window.clearInterval(timer);
    remove();
  };
}

/** How much of the map lies under the banner, from its top; measured when the banner's size is another. */
function watchCover(banner: HTMLElement | null): { pixels(): number; end(): void } {
  let pixels = 0;
  const watch = new ResizeObserver(() => {
    const map = document.querySelector('.map')?.getBoundingClientRect();
    const covered = map && banner ? Math.max(0, banner.getBoundingClientRect().bottom - map.top) : 0;
    if (covered === pixels) return;
    pixels = covered;
    mapTools.redraw();
  });
  if (banner) watch.observe(banner);
  return { pixels: () => pixels, end: () => watch.disconnect() };
}

function drawAlarm(pen: CanvasRenderingContext2D, camera: Camera, covered: number, alarm: Alarm, place: Place,
  beat: number): void {
  const sign = signAt(camera, covered, place);
  if (sign) drawSign(pen, sign, SIGNS[beat] ?? 17, alarm.event.kind === 'sos' ? 'SOS' : '!');
  else drawMark(pen, camera.x(place.lon), camera.y(place.lat), RINGS[beat] ?? 20);
}

function drawMark(pen: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = 'rgba(215, 38, 61, 0.18)';
  pen.fill();
  outlined(pen, 4);
  pen.beginPath();
  pen.moveTo(x, y - radius - 22);
  pen.lineTo(x + 11, y - radius - 3);
  pen.lineTo(x - 11, y - radius - 3);
  pen.closePath();
  outlined(pen, 2);
  pen.fillStyle = RED;
  pen.fill();
}

/** A drop whose tip points there, with what it is in its middle. */
function drawSign(pen: CanvasRenderingContext2D, { x, y, angle }: Sign, radius: number, words: string): void {
  const side = 0.75; // where the tip leaves the circle, in radians to either side
  pen.beginPath();
  pen.arc(x, y, radius, angle + side, angle - side + 2 * Math.PI);
  pen.lineTo(x + Math.cos(angle) * radius * 1.7, y + Math.sin(angle) * radius * 1.7);
  pen.closePath();
  outlined(pen, 2);
  pen.fillStyle = RED;
  pen.fill();
  pen.font = '800 12px system-ui, sans-serif';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  pen.fillStyle = '#ffffff';
  pen.fillText(words, x, y + 0.5);
}

/** Red between white: seen on sand and on a night map alike. */
function outlined(pen: CanvasRenderingContext2D, width: number): void {
  pen.lineWidth = width + 3;
  pen.strokeStyle = 'rgba(255, 255, 255, 0.9)';
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = RED;
  pen.stroke();
}

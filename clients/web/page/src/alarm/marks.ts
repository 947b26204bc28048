// Where alarms are, over the map: a ring and a triangle that no zoom hides. A ringing one beats.
import { effect, type ReadonlySignal } from '@preact/signals';
import { mapTools, type Camera } from '../map/tools';
import type { Alarm } from './rules';

const BEAT_MS = 500;
const RINGS = [20, 28]; // pixels, in turn

/** Until what it returns is called. */
export function showAlarmMarks(alarms: ReadonlySignal<readonly Alarm[]>): () => void {
  const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  let beat = 0;
  let timer: number | null = null;
  const remove = mapTools.addLayer({
    draw: (pen, camera) => {
      for (const alarm of alarms.peek()) drawMark(pen, camera, alarm, beat);
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
    if (timer !== null) window.clearInterval(timer);
    remove();
  };
}

function drawMark(pen: CanvasRenderingContext2D, camera: Camera, alarm: Alarm, beat: number): void {
  const place = alarm.event.place;
  if (!place) return;
  const x = camera.x(place.lon);
  const y = camera.y(place.lat);
  const radius = RINGS[alarm.kind === 'new' ? beat : 0] ?? 20;
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
  pen.fillStyle = '#d7263d';
  pen.fill();
}

/** Red between white: seen on sand and on a night map alike. */
function outlined(pen: CanvasRenderingContext2D, width: number): void {
  pen.lineWidth = width + 3;
  pen.strokeStyle = 'rgba(255, 255, 255, 0.9)';
  pen.stroke();
  pen.lineWidth = width;
  pen.strokeStyle = '#d7263d';
  pen.stroke();
}

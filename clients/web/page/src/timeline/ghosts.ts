// Draws the difference of the clocks over the map: a hollow, dashed place for each unit that stands elsewhere by the
// other clock, and a dashed line to where it is shown.
import { effect, type ReadonlySignal } from '@preact/signals';
import { mapTools, type Camera } from '../map/tools';
import { delay } from '../text/format';
import { typeScale } from '../ui/rem';
import type { Difference, Ghost } from './difference';

const RADIUS = 9;

/** Until what it returns is called. */
export function showGhosts(difference: ReadonlySignal<Difference | null>): () => void {
  const remove = mapTools.addLayer({
    empty: () => (difference.peek()?.ghosts.length ?? 0) === 0,
    draw: (pen, camera) => {
      const now = difference.peek();
      if (now) for (const ghost of now.ghosts) drawGhost(pen, camera, ghost);
    },
  });
  const end = effect(() => {
    void difference.value;
    mapTools.redraw();
  });
  return () => {
    end();
    remove();
  };
}

function drawGhost(pen: CanvasRenderingContext2D, camera: Camera, ghost: Ghost): void {
  const x = camera.x(ghost.lon);
  const y = camera.y(ghost.lat);
  const from = ghost.shown ? { x: camera.x(ghost.shown.lon), y: camera.y(ghost.shown.lat) } : null;
  const far = (px: number,
    py: number): boolean => px < -50 || py < -50 || px > camera.width + 50 || py > camera.height + 50;
  if (far(x, y) && (!from || far(from.x, from.y))) return;
  pen.strokeStyle = camera.night ? '#f3d27a' : '#7a5200';
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = 2;
  pen.setLineDash([5, 4]);
  pen.beginPath();
  if (from) {
    pen.moveTo(from.x, from.y);
    pen.lineTo(x, y);
  }
  pen.moveTo(x + RADIUS, y);
  pen.arc(x, y, RADIUS, 0, 2 * Math.PI);
  pen.stroke();
  pen.setLineDash([]);
  drawWords(pen, camera, x + RADIUS + 4, y, wordsOf(ghost));
}

function wordsOf(ghost: Ghost): string {
  if (!ghost.shown || ghost.laterUs === 0) return ghost.label;
  return `${ghost.label}  ${ghost.laterUs > 0 ? '+' : ''}${delay(ghost.laterUs / 1000)}`;
}

function drawWords(pen: CanvasRenderingContext2D, camera: Camera, x: number, y: number, words: string): void {
  pen.font = `italic ${Math.round(12 * typeScale())}px system-ui, sans-serif`;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const ink = pen.fillStyle;
  pen.lineWidth = 3;
  pen.strokeStyle = camera.night ? '#10161c' : '#ffffff';
  pen.strokeText(words, x, y);
  pen.fillStyle = ink;
  pen.fillText(words, x, y);
}

// Draws the bar's ground: how many fixes there were, the events (severe ones with a shape of their own), round times,
// and the range that is played over and over. Colours are the theme's; a shape says what a colour says.
import { remPixels } from '../ui/rem';
import type { Density } from './density';
import type { FixDensity } from './fixes';
import { lengthOf, placeOf, ticksOf, type Span } from './span';

export interface Colours {
  fixes: string;
  event: string;
  notice: string;
  warning: string;
  severe: string;
  tick: string;
  text: string;
  range: string;
  future: string;
}

export interface Scene {
  span: Span;
  density: Density | null;
  fixes: FixDensity | null;
  loop: Span | null;
  nowUs: number;
}

export const TICK_HEIGHT = 16;
export const EVENT_HEIGHT = 16;
const TICK_TEXT_REM = 0.72; // larger on a wall, as all type

/** The theme's colours, as the element that is drawn on has them. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise;
  return {
    fixes: of('--timeline-fixes', '#5b8db8'),
    event: of('--timeline-event', '#7a8794'),
    notice: of('--timeline-notice', '#3c8dde'),
    warning: of('--timeline-warning', '#d98a00'),
    severe: of('--timeline-severe', '#d7263d'),
    tick: of('--timeline-tick', '#8b98a5'),
    text: of('--timeline-text', '#c8d2dc'),
    range: of('--timeline-range', 'rgba(60,141,222,.25)'),
    future: of('--timeline-future', 'rgba(128,128,128,.2)'),
  };
}

/** Fits the canvas to its place and the screen's pixels; gives its size in CSS pixels. */
export function fit(canvas: HTMLCanvasElement): { width: number; height: number } {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const scale = window.devicePixelRatio || 1;
  const wide = Math.round(width * scale);
  const high = Math.round(height * scale);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  canvas.getContext('2d')?.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height };
}

export function draw(canvas: HTMLCanvasElement, scene: Scene, colours: Colours): void {
  const { width, height } = fit(canvas);
  const pen = canvas.getContext('2d');
  if (!pen || width === 0) return;
  pen.clearRect(0, 0, width, height);
  drawFuture(pen, scene, width, height, colours);
  if (scene.loop) drawRange(pen, scene.span, scene.loop, width, height, colours);
  drawTicks(pen, scene.span, width, height, colours);
  if (scene.fixes) drawFixes(pen, scene.span, scene.fixes, width, height, colours);
  if (scene.density) drawEvents(pen, scene.span, scene.density, width, colours);
}

function drawFuture(pen: CanvasRenderingContext2D, scene: Scene, width: number, height: number,
  colours: Colours): void {
  const x = placeOf(scene.span, scene.nowUs, width);
  if (x >= width) return;
  pen.fillStyle = colours.future;
  pen.fillRect(Math.max(0, x), 0, width - Math.max(0, x), height);
}

function drawRange(pen: CanvasRenderingContext2D, span: Span, loop: Span, width: number, height: number,
  colours: Colours): void {
  const left = placeOf(span, loop.fromUs, width);
  const right = placeOf(span, loop.toUs, width);
  pen.fillStyle = colours.range;
  pen.fillRect(left, 0, right - left, height - TICK_HEIGHT);
  pen.fillStyle = colours.notice;
  pen.fillRect(left - 1, 0, 2, height - TICK_HEIGHT);
  pen.fillRect(right - 1, 0, 2, height - TICK_HEIGHT);
}

function drawTicks(pen: CanvasRenderingContext2D, span: Span, width: number, height: number, colours: Colours): void {
  pen.font = `${Math.max(11, TICK_TEXT_REM * remPixels())}px system-ui, sans-serif`;
  pen.textBaseline = 'bottom';
  pen.textAlign = 'center';
  for (const tick of ticksOf(span, width)) {
    const x = Math.round(placeOf(span, tick.timeUs, width)) + 0.5;
    pen.strokeStyle = colours.tick;
    pen.globalAlpha = tick.strong ? 0.8 : 0.35;
    pen.beginPath();
    pen.moveTo(x, tick.strong ? 0 : height - TICK_HEIGHT - 5);
    pen.lineTo(x, height - TICK_HEIGHT);
    pen.stroke();
    pen.globalAlpha = 1;
    pen.fillStyle = colours.text;
    const half = pen.measureText(tick.label).width / 2;
    if (x - half > 0 && x + half < width) pen.fillText(tick.label, x, height - 1);
  }
}

/** What is not counted yet has no column. */
function drawFixes(pen: CanvasRenderingContext2D, span: Span, density: FixDensity, width: number, height: number,
  colours: Colours): void {
  const most = density.counts.reduce<number>((high, fixes) => Math.max(high, fixes ?? 0), 0);
  if (most === 0) return;
  const room = height - TICK_HEIGHT - EVENT_HEIGHT;
  const each = lengthOf(density) / density.counts.length;
  pen.fillStyle = colours.fixes;
  pen.globalAlpha = 0.6; // the ground under the events
  density.counts.forEach((fixes, index) => {
    if (fixes === null || fixes === 0) return;
    const left = placeOf(span, density.fromUs + index * each, width);
    const right = placeOf(span, density.fromUs + (index + 1) * each, width);
    const high = Math.max(1.5, Math.sqrt(fixes / most) * room); // by the root: a quiet hour is seen beside a busy one
    pen.fillRect(left, height - TICK_HEIGHT - high, Math.max(1, right - left - 0.5), high);
  });
  pen.globalAlpha = 1;
}

/** The gravest of a stretch is drawn: a stroke, a diamond, or for a severe one a triangle. */
function drawEvents(pen: CanvasRenderingContext2D, span: Span, density: Density, width: number,
  colours: Colours): void {
  const each = lengthOf(density) / density.bins.length;
  for (const severity of [0, 1, 2, 3] as const) { // the gravest on top
    density.bins.forEach((bin, index) => {
      if (bin.events[severity] === 0 || bin.events.slice(severity + 1).some((n) => n > 0)) return;
      const x = placeOf(span, density.fromUs + (index + 0.5) * each, width);
      if (x < -8 || x > width + 8) return;
      drawMark(pen, x, severity, colours);
    });
  }
}

function drawMark(pen: CanvasRenderingContext2D, x: number, severity: 0 | 1 | 2 | 3, colours: Colours): void {
  const middle = EVENT_HEIGHT / 2;
  pen.fillStyle = [colours.event, colours.notice, colours.warning, colours.severe][severity] ?? colours.event;
  pen.beginPath();
  if (severity === 3) {
    pen.moveTo(x, 0);
    pen.lineTo(x + 8, 14);
    pen.lineTo(x - 8, 14);
  } else if (severity === 2) {
    pen.moveTo(x, middle - 6);
    pen.lineTo(x + 5, middle);
    pen.lineTo(x, middle + 6);
    pen.lineTo(x - 5, middle);
  } else {
    pen.rect(x - 1, middle - (severity === 1 ? 5 : 3), 2, severity === 1 ? 10 : 6);
  }
  pen.closePath();
  pen.fill();
}

// Marks where something happened lately. Each severity has a shape of its own, the same as in the lists: dot,
// square, triangle, octagon; an SOS is an octagon with its word, and pulses (an element of the page's, so that
// nothing is redrawn).
import type { RoomEvent, World } from '../model/types';
import type { FlatCamera } from './camera';
import { Hits } from './cells';
import type { Labels } from './labels';

const SHOWN_US = 3600e6;
const SEVERE_SHOWN_US = 6 * 3600e6;
const PULSE_US = 900e6;
const MARKS_MAX = 300;
export const PULSES_MAX = 12;

const COLOURS = {
  day: ['#3c6e9e', '#22649c', '#b35c00', '#c1121f'],
  night: ['#8db7dd', '#7cc0ff', '#ffb454', '#ff5a5f'],
} as const;

export interface EventMark {
  event: RoomEvent;
  x: number;
  y: number;
  pulses: boolean;
}

export function isAlarm(event: RoomEvent): boolean {
  return event.severity === 3 || event.kind === 'sos';
}

/** Where it happened: its own place, else where its unit is. */
export function placeOf(event: RoomEvent, world: World): { lat: number; lon: number } | undefined {
  if (event.place) return event.place;
  if (!isAlarm(event)) return undefined;
  const unit = world.byName.get(event.unit);
  return unit && !unit.gone ? unit.position : undefined;
}

export class EventsLayer {
  readonly hits = new Hits();
  marks: EventMark[] = [];

  constructor(private readonly labels: Labels) {}

  /** Finds what is in view. */
  find(camera: FlatCamera, world: World): void {
    this.collect(camera, world);
    this.hits.reset(camera.width, camera.height);
    this.marks.sort((a, b) => a.event.severity - b.event.severity || a.event.seq - b.event.seq);
    this.marks.forEach((mark, i) => this.hits.add(mark.x, mark.y, i));
  }

  get hasAlarms(): boolean {
    return this.marks.some((mark) => isAlarm(mark.event));
  }

  get hasQuiet(): boolean {
    return this.marks.some((mark) => !isAlarm(mark.event));
  }

  /** What lies under the units. */
  drawQuiet(pen: CanvasRenderingContext2D, camera: FlatCamera): void {
    for (const mark of this.marks) if (!isAlarm(mark.event)) this.drawMark(pen, mark, camera.night);
  }

  /** What lies over everything. */
  drawAlarms(pen: CanvasRenderingContext2D, camera: FlatCamera): void {
    for (const mark of this.marks) if (isAlarm(mark.event)) this.drawMark(pen, mark, camera.night);
  }

  private collect(camera: FlatCamera, world: World): void {
    this.marks = [];
    const nowUs = world.nowUs();
    for (let i = world.events.length - 1; i >= 0 && this.marks.length < MARKS_MAX; i--) {
      const event = world.events[i]!;
      const age = nowUs - event.timeUs;
      if (age > (isAlarm(event) ? SEVERE_SHOWN_US : SHOWN_US) || age < -60e6) continue;
      const place = placeOf(event, world);
      if (!place) continue;
      const x = camera.x(place.lon),
        y = camera.y(place.lat);
      if (x < -20 || y < -20 || x > camera.width + 20 || y > camera.height + 20) continue;
      this.marks.push({ event, x, y, pulses: isAlarm(event) && age < PULSE_US });
    }
  }

  private drawMark(pen: CanvasRenderingContext2D, { event, x, y }: EventMark, night: boolean): void {
    const severity = event.kind === 'sos' ? 3 : event.severity;
    const { type } = this.labels;
    pen.save();
    pen.translate(x, y);
    pen.scale(type, type); // the word stands within
    pen.beginPath();
    shape(pen, severity);
    pen.fillStyle = COLOURS[night ? 'night' : 'day'][severity];
    pen.fill();
    pen.lineWidth = severity === 3 ? 2 : 1.4;
    pen.strokeStyle = night ? '#0a1118' : '#ffffff';
    pen.stroke();
    pen.restore();
    if (severity < 2) return;
    const words = event.kind === 'sos' ? 'SOS' : '!';
    const made = this.labels.get(words, {
      weight: 800,
      pixels: severity === 3 ? 11 : 10,
      height: 14,
      colour: night ? '#0a1118' : '#ffffff',
      halo: 'rgba(0, 0, 0, 0)',
    });
    pen.drawImage(
      made.image,
      x - made.width / 2,
      y - made.height / 2 + (severity === 2 ? 2 * type : 0),
      made.width,
      made.height,
    );
  }
}

/** Around the pen's origin. */
function shape(pen: CanvasRenderingContext2D, severity: number): void {
  if (severity === 0) pen.arc(0, 0, 4, 0, 2 * Math.PI);
  else if (severity === 1) pen.rect(-5, -5, 10, 10);
  else if (severity === 2) polygon(pen, 2, 10, 3, -Math.PI / 2);
  else polygon(pen, 0, 17, 8, Math.PI / 8);
}

function polygon(pen: CanvasRenderingContext2D, y: number, radius: number, corners: number, turn: number): void {
  for (let i = 0; i < corners; i++) {
    const angle = turn + (i * 2 * Math.PI) / corners;
    if (i === 0) pen.moveTo(radius * Math.cos(angle), y + radius * Math.sin(angle));
    else pen.lineTo(radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  pen.closePath();
}

// What hand and keys do on the map: hover names, a click chooses, a double click follows, arrows move, M measures.
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Room } from '../model/types';
import { kindName } from '../text/events';
import { age, speed } from '../text/format';
import { isTyping } from '../ui/keys';
import { typeScale } from '../ui/rem';
import { isAlarm, type EventMark } from './events_layer';
import type { LiveMap } from './live_map';
import { tools, type Place } from './tools';

const PAN_PIXELS = 120;
const NEAR = 16; // pixels from a unit that are still the unit, where type is of the usual size

export interface Tip {
  x: number;
  y: number;
  lines: string[];
}

export class Pointer {
  readonly place: ReadonlySignal<Place | null>;
  readonly tip: ReadonlySignal<Tip | null>;
  private readonly placeNow = signal<Place | null>(null);
  private readonly tipNow = signal<Tip | null>(null);
  private at: { x: number; y: number } | null = null;
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly live: LiveMap,
    private readonly room: Room,
    private readonly box: HTMLElement,
  ) {
    this.place = this.placeNow;
    this.tip = this.tipNow;
    const { map } = live;
    map.on('mousemove', (event) => this.moved(event.point.x, event.point.y));
    map.on('mouseout', () => this.left());
    map.on('click', (event) => this.clicked(event.point.x, event.point.y));
    map.on('dblclick', (event) => this.doubled(event.point.x, event.point.y, event.originalEvent.shiftKey));
    this.on(box, 'keydown', (event) => this.key(event));
    const stop = live.drawn.subscribe(() => this.refresh());
    this.ends.push(stop);
  }

  close(): void {
    for (const end of this.ends) end();
  }

  private on(target: HTMLElement, type: 'keydown', run: (event: KeyboardEvent) => void): void {
    target.addEventListener(type, run);
    this.ends.push(() => target.removeEventListener(type, run));
  }

  private moved(x: number, y: number): void {
    this.at = { x, y };
    const place = this.live.camera.peek().placeAt(x, y);
    this.placeNow.value = place;
    if (tools.measuring.peek()) {
      this.live.measure.hover(place);
      this.live.redraw();
    }
    this.refresh();
  }

  private left(): void {
    this.at = null;
    this.placeNow.value = null;
    this.tipNow.value = null;
    if (tools.measuring.peek()) {
      this.live.measure.hover(null);
      this.live.redraw();
    }
  }

  /** What the pointer is over, also when it is the unit that moves. */
  private refresh(): void {
    const { at } = this;
    const lines = at && !tools.measuring.peek() ? this.linesAt(at.x, at.y) : null;
    this.live.map.getCanvas().style.cursor = tools.measuring.peek() ? 'crosshair' : lines ? 'pointer' : '';
    const old = this.tipNow.peek();
    if (!at || !lines) {
      if (old) this.tipNow.value = null;
      return;
    }
    const same = old && old.x === at.x && old.y === at.y && old.lines.join() === lines.join();
    if (!same) this.tipNow.value = { ...at, lines };
  }

  /** Alarms lie over the units, other events under them. */
  private markAt(x: number, y: number): EventMark | undefined {
    const { events } = this.live;
    const mark = events.marks[events.hits.nearest(x, y, NEAR * typeScale())];
    return mark && (isAlarm(mark.event) || !this.live.unitAt(x, y, NEAR / 2)) ? mark : undefined;
  }

  private linesAt(x: number, y: number): string[] | null {
    const world = this.room.shown.peek();
    const mark = this.markAt(x, y);
    const unit = this.live.unitAt(x, y, NEAR);
    if (mark) {
      const { event } = mark;
      const who = world.byName.get(event.unit)?.label ?? event.unit;
      return [
        `${kindName(event.kind)} · ${who} · ${age((world.nowUs() - event.timeUs) / 1000)}`,
        ...(event.text ? [event.text] : []),
      ];
    }
    if (!unit?.position) return null;
    const { timeUs, speedMS } = unit.position;
    const moving = speedMS !== undefined && speedMS > 0.5 ? ` · ${speed(speedMS)}` : '';
    return [
      unit.label === unit.name ? unit.name : `${unit.label} · ${unit.name}`,
      `${age((world.nowUs() - timeUs) / 1000)}${moving}`,
    ];
  }

  private clicked(x: number, y: number): void {
    const camera = this.live.camera.peek();
    if (tools.measuring.peek()) {
      this.live.measure.add(camera.placeAt(x, y));
      this.live.redraw();
      this.live.focus();
      return;
    }
    const mark = this.markAt(x, y);
    const unit = this.live.unitAt(x, y, NEAR);
    if (mark) this.room.selected.value = mark.event.unit;
    else if (unit) this.room.selected.value = unit.name;
    else if (!this.clickedLayer(x, y)) this.room.selected.value = null;
    this.live.focus();
  }

  private clickedLayer(x: number, y: number): boolean {
    for (const layer of tools.layers) {
      const run = layer.hit?.(x, y, this.live.camera.peek());
      if (!run) continue;
      run();
      return true;
    }
    return false;
  }

  private doubled(x: number, y: number, out: boolean): void {
    if (tools.measuring.peek()) return;
    const unit = this.live.unitAt(x, y, NEAR);
    if (unit) {
      this.room.selected.value = unit.name;
      this.room.followed.value = unit.name;
      return;
    }
    const place = this.live.camera.peek().placeAt(x, y);
    this.live.map.easeTo({
      around: [place.lon, place.lat],
      zoom: this.live.map.getZoom() + (out ? -1 : 1),
      duration: 250,
    });
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || event.defaultPrevented) return;
    if (!this.runKey(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  private runKey(key: string): boolean {
    const { map } = this.live;
    const pan = (x: number, y: number): boolean => {
      this.room.followed.value = null;
      this.live.panBy(x, y);
      return true;
    };
    switch (key) {
      case 'ArrowLeft':
        return pan(-PAN_PIXELS, 0);
      case 'ArrowRight':
        return pan(PAN_PIXELS, 0);
      case 'ArrowUp':
        return pan(0, -PAN_PIXELS);
      case 'ArrowDown':
        return pan(0, PAN_PIXELS);
      case '+':
      case '=':
        map.zoomIn({ duration: 150 });
        return true;
      case '-':
      case '_':
        map.zoomOut({ duration: 150 });
        return true;
      case 'Backspace':
        return this.undo();
      case 'Enter':
        return this.measureHere();
      default:
        return false;
    }
  }

  private undo(): boolean {
    if (!tools.measuring.peek()) return false;
    this.live.measure.undo();
    this.live.redraw();
    return true;
  }

  /** With keys alone: a point in the middle of the map. */
  private measureHere(): boolean {
    if (!tools.measuring.peek()) return false;
    this.live.measure.add(this.live.camera.peek().middle);
    this.live.redraw();
    return true;
  }
}

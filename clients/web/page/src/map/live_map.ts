// MapLibre for the ground, our overlay over it. Draws only when something changed: the ground when the camera moves,
// the units as they move but never for more than a part of the time, the trails once a second. Units and a rough land
// are there before MapLibre, which takes its time to start.
import { computed, effect, signal } from '@preact/signals';
import type { Map as MapLibre } from 'maplibre-gl';
import { formatMapPlace, parseMapPlace, type MapPlace } from '../model/address';
import type { Room, Unit, World } from '../model/types';
import { language } from '../text/language';
import { typeScale } from '../ui/rem';
import { theme } from '../ui/theme';
import { ATTRIBUTION, paletteOf, recolour } from './base';
import { recolourUserMap, showUserMap, type UserMap } from './base_layers';
import { boundsOf, cameraFor, FlatCamera } from './camera';
import type { EventsLayer } from './events_layer';
import { makeGroundMap, onceDrawn } from './ground_map';
import type { Measure } from './measure';
import { loadNames } from './names';
import { Overlay } from './overlay';
import { Pace } from './pace';
import { writePng } from './png';
import { tools, type Bounds, type MapBehind, type Place } from './tools';
import type { Chosen } from './units_layer';

const FIT_ZOOM_MAX = 15;
const LOOK_MS = 2000; // how often it is looked whether everybody is in view
const GO_TO_ZOOM = 12;
const TRAILS_EVERY_MS = 1000;
const SLOW_TRAILS_MS = 10; // dearer ones are left out while the map moves
const FOLLOW_MS = 300;
const PAN_MS = 120;
const CROWD = 2000; // units in view

export class LiveMap implements MapBehind {
  readonly camera = signal<FlatCamera>(new FlatCamera(1, 1, { lat: 0, lon: 0 }, 1, false));
  /** Rises with each drawing of units, for what is placed by them. */
  readonly drawn = signal(0);
  readonly userMap = signal<UserMap | null>(null);
  private readonly overlay: Overlay;
  private readonly mapBox: HTMLElement;
  private readonly pace = new Pace();
  private frame = 0;
  private timer = 0;
  private unitsDirty = true;
  private urgent = true;
  private trailsAt = -Infinity;
  private trailsCost = 0;
  private mapNow: MapLibre | null = null;
  private styled = false; // MapLibre takes other colours
  private first: MapPlace; // where the camera stands until MapLibre has it
  private closed = false;
  private view: 'none' | 'all' | 'chosen'; // all: everybody, until somebody chooses another
  private readonly look = { ours: false, againMs: 0 }; // ours: the map is moved by showAll
  private readonly ends: (() => void)[] = [];

  /** `unitsLost`: the browser lets no unit be drawn, or lets them be drawn again. */
  constructor(
    private readonly box: HTMLElement,
    private readonly room: Room,
    unitsLost: (lost: boolean) => void,
  ) {
    const start = parseMapPlace(room.address?.get('map') ?? undefined);
    this.view = start ? 'chosen' : 'none';
    this.first = start ?? { lat: 25, lon: 10, zoom: 1.4 };
    this.mapBox = box.appendChild(document.createElement('div'));
    this.mapBox.className = 'map-ground';
    this.overlay = new Overlay(box, {
      lost: () => unitsLost(true),
      back: () => {
        unitsLost(false);
        this.ask(true);
      },
    });
    this.listen();
    void this.loadNames();
  }

  get measure(): Measure {
    return this.overlay.measure;
  }

  get events(): EventsLayer {
    return this.overlay.events;
  }

  /** Units on the screen. */
  get inView(): number {
    return this.overlay.units.inView;
  }

  /** MapLibre, once start() is done. */
  get map(): MapLibre {
    if (!this.mapNow) throw new Error('the map has not started');
    return this.mapNow;
  }

  /** Starts MapLibre, after what is there already was painted. False: it was closed meanwhile. */
  async start(): Promise<boolean> {
    await painted();
    const night = (): boolean => theme.peek() === 'night';
    const map = await makeGroundMap(this.mapBox, () => this.first, night, () => this.closed);
    if (!map) return false;
    this.mapNow = map;
    this.listenToMap(map);
    this.moved();
    this.ends.push(tools.attach(this));
    return true;
  }

  close(): void {
    this.closed = true;
    for (const end of this.ends.reverse()) end();
    window.cancelAnimationFrame(this.frame);
    window.clearTimeout(this.timer);
    this.mapNow?.remove();
    this.overlay.close();
    this.box.replaceChildren();
  }

  goTo(place: Place, zoom?: number): void {
    this.view = 'chosen';
    this.map.easeTo({
      center: [place.lon, place.lat],
      zoom: zoom ?? Math.max(GO_TO_ZOOM, this.map.getZoom()),
      ...this.quick(),
    });
  }

  fit(places: readonly Place[] | Bounds): void {
    const box = typeof places[0] === 'number' ? (places as Bounds) : boundsOf(places as readonly Place[]);
    if (!box) return;
    this.view = 'chosen';
    const { width, height } = this.camera.peek();
    const { lat, lon, zoom } = cameraFor(box, width, height, FIT_ZOOM_MAX);
    this.map.easeTo({ center: [lon, lat], zoom, ...this.quick() });
  }

  fitAll(): void {
    this.room.followed.value = null;
    this.fit(shownUnits(this.room.shown.peek()).map((unit) => unit.position!));
  }

  panBy(x: number, y: number): void {
    this.view = 'chosen';
    this.map.panBy([x, y], { duration: PAN_MS });
  }

  /** For its keys. */
  focus(): void {
    this.box.focus({ preventScroll: true });
  }

  png(): Promise<Blob> {
    const user = this.userMap.peek()?.attribution;
    const draw = (): HTMLCanvasElement[] => {
      this.drawAll();
      return this.overlay.layers();
    };
    return writePng(
      this.map,
      draw,
      this.camera.peek(),
      user ? `${user} · ${ATTRIBUTION}` : ATTRIBUTION,
      this.room.shown.peek().nowUs(),
    );
  }

  redraw(): void {
    this.trailsAt = -Infinity;
    this.ask(true);
  }

  /** Rejects with what is wrong with that map. */
  async show(user: UserMap | null): Promise<void> {
    this.userMap.value = user;
    await showUserMap(this.map, user, theme.peek() === 'night');
    recolourUserMap(this.map, theme.peek() === 'night'); // another theme was chosen while the file was asked for
  }

  /** The unit that is drawn near this pixel; `within` is as large as type. */
  unitAt(x: number, y: number, within: number): Unit | undefined {
    const index = this.overlay.units.hits.nearest(x, y, within * typeScale());
    return index < 0 ? undefined : this.room.shown.peek().units[index];
  }

  private listen(): void {
    const { room, ends } = this;
    const resize = new ResizeObserver(() => {
      this.mapNow?.resize();
      this.moved();
    });
    resize.observe(this.box);
    ends.push(() => resize.disconnect());
    const pastPhase = computed(() => room.past.value?.phase);
    ends.push(
      effect(() => this.themed(theme.value === 'night')),
      effect(() => {
        void language.value;
        this.overlay.forgetLabels();
        this.drawAll();
      }),
      effect(() => {
        void room.shown.value.version.value;
        this.worldMoved();
      }),
      effect(() => {
        void [room.selected.value, room.followed.value, room.shown.value.eventsVersion.value, tools.measuring.value];
        this.redraw();
      }),
      effect(() => {
        // Another moment is there: whoever went to it waits for it.
        if (pastPhase.value !== 'loading') this.redraw();
      }),
      effect(() => {
        void room.tick.value;
        if (this.view === 'all') this.showAll(); // in a replay that is paused nobody moves any more
        this.follow(false); // a fix that came while the map was moving may have been the last
        this.ask(false);
      }),
      effect(() => {
        if (room.followed.value !== null) this.follow(true);
      }),
    );
    room.address?.onChange(() => {
      const place = parseMapPlace(room.address?.get('map') ?? undefined);
      if (place && !this.closed) this.jumpTo(place);
    });
  }

  private listenToMap(map: MapLibre): void {
    map.on('move', () => this.moved());
    map.on('moveend', () => this.settled());
    map.on('dragstart', () => {
      this.view = 'chosen';
      this.room.followed.value = null;
    });
    map.on('zoomstart', () => {
      if (!this.look.ours) this.view = 'chosen';
    });
    map.once('style.load', () => {
      this.styled = true;
      recolour(map, paletteOf(theme.peek() === 'night'));
    });
    onceDrawn(map, () => this.started());
  }

  private jumpTo(place: MapPlace): void {
    this.first = place;
    this.mapNow?.jumpTo({ center: [place.lon, place.lat], zoom: place.zoom });
    this.moved();
  }

  /** MapLibre shows the land: ours gives way. */
  private started(): void {
    this.overlay.ground.starting = false;
    this.drawAll();
    this.settled();
  }

  private async loadNames(): Promise<void> {
    try {
      this.overlay.ground.names = await loadNames();
      this.drawAll();
    } catch (error) {
      console.warn('no names of countries:', error);
    }
  }

  private themed(night: boolean): void {
    if (this.mapNow && this.styled) {
      recolour(this.mapNow, paletteOf(night));
      recolourUserMap(this.mapNow, night);
    }
    this.overlay.forgetLabels();
    this.moved();
  }

  /** The camera is another one: everything over the map goes with it, in the same frame. */
  private moved(): void {
    const centre = this.mapNow?.getCenter();
    const middle = centre ? { lat: centre.lat, lon: centre.lng } : this.first;
    const camera = new FlatCamera(
      this.box.clientWidth,
      this.box.clientHeight,
      middle,
      this.mapNow?.getZoom() ?? this.first.zoom,
      theme.peek() === 'night',
    );
    if (camera.same(this.camera.peek())) return;
    this.camera.value = camera;
    this.drawAll();
  }

  private settled(): void {
    const camera = this.camera.peek();
    tools.bounds.value = camera.bounds();
    const place = formatMapPlace({ ...camera.middle, zoom: camera.zoom });
    if (this.view === 'chosen') this.room.address?.set({ map: place });
    this.redraw();
  }

  private worldMoved(): void {
    if (this.view !== 'chosen') this.showAll();
    this.follow(false);
    this.ask(false);
  }

  /** Everybody; who drives out of the view is brought back into it. Not under somebody's hands who measures. */
  private showAll(): void {
    if (tools.measuring.peek()) return;
    const nowMs = performance.now();
    if (this.view === 'all' && nowMs < this.look.againMs) return;
    this.look.againMs = nowMs + LOOK_MS;
    const places = shownUnits(this.room.shown.peek()).map((unit) => unit.position!);
    const box = boundsOf(places);
    const camera = this.camera.peek();
    if (!box || camera.width < 2 || (this.view === 'all' && places.every((place) => isInside(camera, place)))) return;
    this.view = 'all';
    this.look.ours = true;
    this.jumpTo(cameraFor(box, camera.width, camera.height, FIT_ZOOM_MAX - 1));
    this.look.ours = false;
  }

  private follow(atOnce: boolean): void {
    const name = this.room.followed.peek();
    const position = name === null ? undefined : this.room.shown.peek().byName.get(name)?.position;
    if (!position || !this.mapNow) return;
    const camera = this.camera.peek();
    const off = Math.hypot(camera.x(position.lon) - camera.width / 2, camera.y(position.lat) - camera.height / 2);
    if (off < 2) return;
    this.view = 'chosen';
    if (!atOnce && this.map.isMoving()) return;
    this.map.easeTo({ center: [position.lon, position.lat], ...this.quick() });
  }

  private quick(): { duration: number } {
    return { duration: window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : FOLLOW_MS };
  }

  /** Draws soon: with the next frame if somebody waits for it, else when it is within the pace. */
  private ask(urgent: boolean): void {
    this.unitsDirty = true;
    this.urgent ||= urgent;
    if (this.frame || (this.timer && !urgent)) return;
    window.clearTimeout(this.timer);
    this.timer = 0;
    const wait = this.urgent ? 0 : this.pace.waitMs(performance.now());
    const draw = (): void => {
      this.timer = 0;
      this.frame = window.requestAnimationFrame(() => {
        this.frame = 0;
        this.drawUnits();
        this.drawTrails(false);
      });
    };
    if (wait > 0) this.timer = window.setTimeout(draw, wait);
    else draw();
  }

  /** At once, within the frame of the map's own. */
  private drawAll(): void {
    const camera = this.camera.peek();
    if (camera.width < 2) return;
    this.overlay.drawGround(camera, language.peek());
    this.unitsDirty = true;
    this.drawUnits();
    this.drawTrails(true);
  }

  private drawUnits(): void {
    const camera = this.camera.peek();
    if (!this.unitsDirty || camera.width < 2) return;
    const start = performance.now();
    this.unitsDirty = this.urgent = false;
    this.overlay.drawUnits(camera, this.room.shown.peek(), this.chosen());
    // What was drawn is painted after this frame's scripts: a task behind it sees the whole cost.
    const end = performance.now();
    this.pace.crowd = this.inView > CROWD;
    this.pace.drawn(start, end);
    window.setTimeout(() => this.pace.painted(start, performance.now()), 0);
    this.drawn.value = this.drawn.peek() + 1;
  }

  private chosen(): Chosen {
    return { selected: this.room.selected.peek(), followed: this.room.followed.peek() };
  }

  /** While the map moves they go along, unless that is too dear; then they are away until it rests. */
  private drawTrails(moving: boolean): void {
    const camera = this.camera.peek();
    const start = performance.now();
    if (!moving && start - this.trailsAt < TRAILS_EVERY_MS) return;
    const leaveOut = moving && this.mapNow?.isMoving() === true && this.trailsCost > SLOW_TRAILS_MS;
    this.overlay.drawTrails(camera, this.room.shown.peek(), this.chosen(), leaveOut);
    this.trailsAt = leaveOut ? -Infinity : start;
    if (!leaveOut) this.trailsCost = performance.now() - start;
  }
}

/** Two frames from now, or soon where the page is not looked at. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    window.requestAnimationFrame(() => window.requestAnimationFrame(() => resolve()));
    window.setTimeout(resolve, 250);
  });
}

function isInside(camera: FlatCamera, place: Place): boolean {
  const [x, y] = [camera.x(place.lon), camera.y(place.lat)];
  return x >= 0 && y >= 0 && x <= camera.width && y <= camera.height;
}

function shownUnits(world: World): Unit[] {
  return world.units.filter((unit) => unit.position && !unit.gone);
}

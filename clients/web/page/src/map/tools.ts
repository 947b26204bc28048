// What other parts of the page may ask of the map. It stands from the start: what is asked before the map is up is
// kept, the newest of each kind, and done then.
import { signal, type ReadonlySignal } from '@preact/signals';
import { Failure } from '../model/failure';

export interface Place {
  lat: number;
  lon: number;
}

/** West, south, east, north, in degrees; east may be beyond 180 where it crosses the date line. */
export type Bounds = [number, number, number, number];

/** The camera of the moment, in CSS pixels of the map. */
export interface Camera {
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
  readonly night: boolean;
  readonly pixelsPerMetre: number; // at the middle of the map
  /** Pixels from the left and the top of a place, on the copy of the world that is nearest to the middle. */
  x(lon: number): number;
  y(lat: number): number;
}

/** Something that another part draws over the map. */
export interface MapLayer {
  /** Over the units; else under them. */
  readonly over?: boolean;
  /** True while there is nothing to draw: what is not drawn on is hidden. */
  empty?(): boolean;
  /** The context is scaled to CSS pixels, and restored after the call. */
  draw(context: CanvasRenderingContext2D, camera: Camera): void;
  /** Whoever stands at this pixel, for a click; undefined: nobody. */
  hit?(x: number, y: number, camera: Camera): (() => void) | undefined;
}

/** A track that is to be seen on the map: points in order of time. */
export interface TrackLine {
  points: { lat: number; lon: number; timeUs: number }[];
  /** Of the theme, as CSS; absent: the map's own. */
  colour?: string;
  label?: string;
}

export interface MapTools {
  goTo(place: Place, zoom?: number): void;
  /** Shows all of the places, no closer than zoom 15. */
  fit(places: readonly Place[] | Bounds): void;
  /** The map as it is shown, with units, scale and attribution; rejects while there is no map. */
  png(): Promise<Blob>;
  /** Returns what takes it away again. */
  addLayer(layer: MapLayer): () => void;
  /** Draws the layers anew, with the next frame of the screen. */
  redraw(): void;
  /** Shows a track under this name; null takes it away. */
  showTrack(name: string, track: TrackLine | null): void;
  startMeasuring(on: boolean): void;
  readonly measuring: ReadonlySignal<boolean>;
  /** What is seen, for an export or an interest; null while there is no map. */
  readonly bounds: ReadonlySignal<Bounds | null>;
}

/** The map behind the tools; `attach` gives it to them. */
export interface MapBehind {
  goTo(place: Place, zoom?: number): void;
  fit(places: readonly Place[] | Bounds): void;
  png(): Promise<Blob>;
  redraw(): void;
}

export class Tools implements MapTools {
  readonly layers = new Set<MapLayer>();
  readonly tracks = new Map<string, TrackLine>();
  readonly measuring = signal(false);
  readonly bounds = signal<Bounds | null>(null);
  private map: MapBehind | null = null;
  private waiting: ((map: MapBehind) => void) | null = null;

  attach(map: MapBehind): () => void {
    this.map = map;
    this.waiting?.(map);
    this.waiting = null;
    return () => {
      if (this.map === map) this.map = null;
    };
  }

  goTo(place: Place, zoom?: number): void {
    this.whenUp((map) => map.goTo(place, zoom));
  }

  fit(places: readonly Place[] | Bounds): void {
    this.whenUp((map) => map.fit(places));
  }

  png(): Promise<Blob> {
    return this.map ? this.map.png() : Promise.reject(new Failure('no_map'));
  }

  addLayer(layer: MapLayer): () => void {
    this.layers.add(layer);
    this.redraw();
    return () => {
      this.layers.delete(layer);
      this.redraw();
    };
  }

  redraw(): void {
    this.map?.redraw();
  }

  showTrack(name: string, track: TrackLine | null): void {
    if (track) this.tracks.set(name, track);
    else this.tracks.delete(name);
    this.redraw();
  }

  startMeasuring(on: boolean): void {
    this.measuring.value = on;
  }

  private whenUp(run: (map: MapBehind) => void): void {
    if (this.map) run(this.map);
    else this.waiting = run;
  }
}

export const tools = new Tools();
export const mapTools: MapTools = tools;

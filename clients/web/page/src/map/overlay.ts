// Everything over MapLibre's ground, on five canvases: graticule and names; trails; what lies under the units; the
// units, stamped by WebGL; what lies over them. Draws when it is told to, with the camera that it is told.
import type { World } from '../model/types';
import type { Language } from '../text/language';
import { typeScale } from '../ui/rem';
import { accuracyCircle, drawAccuracy } from './accuracy';
import type { FlatCamera } from './camera';
import { Canvas } from './canvas';
import { EventsLayer } from './events_layer';
import { Ground } from './ground';
import { Labels } from './labels';
import { Measure } from './measure';
import { Sprites } from './sprites';
import { Stamps, type StampsListener } from './stamps';
import { tools, type MapLayer } from './tools';
import { TrailsLayer } from './trails_layer';
import { UnitsLayer, type Chosen } from './units_layer';

const SCALE_MAX = 2; // device pixels that are worth drawing

export class Overlay {
  readonly measure: Measure;
  readonly units: UnitsLayer;
  readonly events: EventsLayer;
  readonly ground: Ground;
  private readonly trails = new TrailsLayer();
  private readonly labels = new Labels();
  private readonly sprites = new Sprites();
  private readonly groundCanvas: Canvas;
  private readonly trailsCanvas: Canvas;
  private readonly underCanvas: Canvas;
  private readonly stamps: Stamps;
  private readonly overCanvas: Canvas;

  /** `units`: told when the browser took the units' picture away, and when they can be drawn again. */
  constructor(box: HTMLElement, units: StampsListener) {
    this.groundCanvas = new Canvas(box, 'map-canvas');
    this.trailsCanvas = new Canvas(box, 'map-canvas');
    this.underCanvas = new Canvas(box, 'map-canvas');
    this.stamps = new Stamps(box, 'map-canvas', units);
    this.overCanvas = new Canvas(box, 'map-canvas');
    this.ground = new Ground(this.labels);
    this.units = new UnitsLayer(this.sprites, this.labels);
    this.events = new EventsLayer(this.labels);
    this.measure = new Measure(this.labels);
  }

  close(): void {
    this.stamps.close();
  }

  /** Texts are of another language, theme or resolution. */
  forgetLabels(): void {
    this.labels.reset(this.scale(), typeScale());
  }

  drawGround(camera: FlatCamera, language: Language): void {
    const scale = this.scale();
    this.labels.setScale(scale, typeScale());
    this.groundCanvas.begin(camera, scale, (pen) => this.ground.draw(pen, camera, language));
  }

  drawUnits(camera: FlatCamera, world: World, chosen: Chosen): void {
    const size = symbolSize(camera.zoom);
    const scale = this.scale();
    const type = typeScale();
    this.sprites.setLook({ size, night: camera.night, scale, type });
    this.labels.setScale(scale, type);
    this.events.find(camera, world);
    this.drawUnder(camera, world, chosen);
    this.stamps.begin(camera, scale);
    this.units.draw(this.stamps, camera, world, chosen, size * type);
    this.stamps.end();
    this.drawOver(camera);
  }

  /** `leaveOut`: they are too dear now. */
  drawTrails(camera: FlatCamera, world: World, chosen: Chosen, leaveOut: boolean): void {
    const { visible, inView } = this.units;
    if (leaveOut || !TrailsLayer.wanted(chosen, inView, tools.tracks)) return this.trailsCanvas.hide();
    let drawn = false;
    this.trailsCanvas.begin(camera, this.scale(), (pen) => {
      drawn = this.trails.draw(pen, camera, world, chosen, visible, inView, tools.tracks);
    });
    if (!drawn) this.trailsCanvas.hide();
  }

  /** What is to be seen, the undermost first. The units' is to be read within the task that drew them. */
  layers(): HTMLCanvasElement[] {
    const { groundCanvas, trailsCanvas, underCanvas, overCanvas } = this;
    const seen = (canvas: Canvas): HTMLCanvasElement[] => (canvas.hidden ? [] : [canvas.element]);
    return [
      groundCanvas.element,
      ...seen(trailsCanvas),
      ...seen(underCanvas),
      this.stamps.element,
      ...seen(overCanvas),
    ];
  }

  private drawUnder(camera: FlatCamera, world: World, chosen: Chosen): void {
    const circle = accuracyCircle(camera, world, chosen);
    const layers = layersToDraw(false);
    if (layers.length === 0 && !circle && !this.events.hasQuiet) return this.underCanvas.hide();
    this.underCanvas.begin(camera, this.scale(), (pen) => {
      drawLayers(pen, camera, layers);
      this.events.drawQuiet(pen, camera);
      if (circle) drawAccuracy(pen, circle, camera.night);
    });
  }

  private drawOver(camera: FlatCamera): void {
    const layers = layersToDraw(true);
    if (layers.length === 0 && !this.events.hasAlarms && this.measure.empty) return this.overCanvas.hide();
    this.overCanvas.begin(camera, this.scale(), (pen) => {
      drawLayers(pen, camera, layers);
      this.events.drawAlarms(pen, camera);
      this.measure.draw(pen, camera);
    });
  }

  private scale(): number {
    return Math.min(SCALE_MAX, window.devicePixelRatio || 1);
  }
}

function layersToDraw(over: boolean): MapLayer[] {
  return [...tools.layers].filter((layer) => (layer.over ?? false) === over && !layer.empty?.());
}

function drawLayers(pen: CanvasRenderingContext2D, camera: FlatCamera, layers: readonly MapLayer[]): void {
  for (const layer of layers) {
    pen.save();
    layer.draw(pen, camera);
    pen.restore();
  }
}

/** Symbols are smaller where much is seen. */
function symbolSize(zoom: number): number {
  return zoom < 4 ? 20 : zoom < 8 ? 23 : zoom < 12 ? 26 : 30;
}

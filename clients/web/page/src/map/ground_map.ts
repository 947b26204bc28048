// MapLibre, which draws the ground and knows where the camera is. North up, no pitch; its keys and its double click are
// ours.
import type { Map as MapLibre } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-csp-worker.js?url';
import type { MapPlace } from '../model/address';
import { baseStyle, paletteOf } from './base';
import { Tiles } from './tiles';

const ZOOM_MAX = 19;
const ZOOM_MIN = 0.5;

/** Loads MapLibre and makes its map in `box`; null: `closed` meanwhile. */
export async function makeGroundMap(
  box: HTMLElement,
  place: () => MapPlace,
  night: () => boolean,
  closed: () => boolean,
): Promise<MapLibre | null> {
  const { Map: MapLibreMap, addProtocol, setWorkerUrl } = await import('./maplibre');
  if (closed()) return null;
  const tiles = new Tiles();
  addProtocol('ground', async ({ url }, { signal }) => ({ data: await tiles.get(url, signal) }));
  setWorkerUrl(new URL(workerUrl, window.location.href).href);
  const { lat, lon, zoom } = place();
  const map = new MapLibreMap({
    container: box,
    style: baseStyle(paletteOf(night())),
    attributionControl: false,
    center: [lon, lat],
    zoom,
    maxZoom: ZOOM_MAX,
    minZoom: ZOOM_MIN,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    keyboard: false,
    doubleClickZoom: false,
    fadeDuration: 0,
    refreshExpiredTiles: false,
    trackResize: false,
  });
  map.touchZoomRotate.disableRotation();
  return map;
}

/** Calls back once, when the rough land is drawn: tiles that are not there yet are waited for by nobody. */
export function onceDrawn(map: MapLibre, drawn: () => void): void {
  const look = (): void => {
    if (!map.getSource('rough') || !map.isSourceLoaded('rough')) return;
    map.off('render', look);
    drawn();
  };
  map.on('render', look);
}

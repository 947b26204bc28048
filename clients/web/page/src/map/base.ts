// The base map that needs no network: Natural Earth by day and by night, as a MapLibre style without glyphs and
// sprites (names are drawn on our own canvas).
import type {
  GeoJSONSourceSpecification,
  LayerSpecification,
  Map as MapLibre,
  StyleSpecification,
} from 'maplibre-gl';
import fineWaterUrl from '../../build/generated/basemap/fine-water.geojson';
import fineWorldUrl from '../../build/generated/basemap/fine-world.geojson';
import worldUrl from '../../build/generated/basemap/world.geojson';

export const FINE_FROM_ZOOM = 5; // from here the finer data is loaded
const FINE_SHOWN_FROM = 5.5; // and from here shown
export const ATTRIBUTION = 'Natural Earth';

export interface Palette {
  water: string;
  land: string;
  border: string;
  river: string;
  shore: string;
  grid: string;
  gridText: string;
  name: string;
  halo: string;
}

export const DAY: Palette = {
  water: '#c3d7e3',
  land: '#f3f0e7',
  border: '#a89c8c',
  river: '#9fc3d8',
  shore: '#a9bfca',
  grid: 'rgba(70, 90, 110, .22)',
  gridText: '#5c6f7e',
  name: '#77705f',
  halo: 'rgba(246, 244, 236, .85)',
};
export const NIGHT: Palette = {
  water: '#0d1a26',
  land: '#22303b',
  border: '#4d5c68',
  river: '#1f4155',
  shore: '#2c404f',
  grid: 'rgba(150, 180, 200, .16)',
  gridText: '#7b909f',
  name: '#8496a1',
  halo: 'rgba(15, 22, 28, .85)',
};

export function paletteOf(night: boolean): Palette {
  return night ? NIGHT : DAY;
}

/** MapLibre's worker loads the data, and resolves addresses from its own. */
function source(url: string, maxzoom: number): GeoJSONSourceSpecification {
  return { type: 'geojson', data: new URL(url, window.location.href).href, maxzoom, tolerance: 0.3, buffer: 32 };
}

const is = (what: string): ['==', ['get', string], string] => ['==', ['get', 'is'], what];

function worldLayers(from: string, colours: Palette, prefix: string): LayerSpecification[] {
  return [
    {
      id: `${prefix}land`,
      type: 'fill',
      source: from,
      filter: is('land'),
      paint: { 'fill-color': colours.land, 'fill-outline-color': colours.shore },
    },
    {
      id: `${prefix}border`,
      type: 'line',
      source: from,
      filter: is('border'),
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': colours.border,
        'line-dasharray': [4, 2],
        'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.6, 8, 1.6],
      },
    },
  ];
}

function waterLayers(colours: Palette): LayerSpecification[] {
  return [
    {
      id: 'lake',
      type: 'fill',
      source: 'fine-water',
      filter: is('lake'),
      minzoom: 3,
      paint: { 'fill-color': colours.water, 'fill-outline-color': colours.shore },
    },
    {
      id: 'river',
      type: 'line',
      source: 'fine-water',
      filter: is('river'),
      minzoom: 4,
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: {
        'line-color': colours.river,
        'line-width': [
          'interpolate',
          ['linear'],
          ['zoom'],
          4,
          ['*', 1, ['get', 'width']],
          10,
          ['*', 4, ['get', 'width']],
        ],
      },
    },
  ];
}

export function baseStyle(colours: Palette): StyleSpecification {
  return {
    version: 8,
    sources: { world: source(worldUrl, 6) },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': colours.water } },
      ...worldLayers('world', colours, ''),
    ],
  };
}

/** Loads the finer land, borders, rivers and lakes, once; until they are there the coarse ones stay. */
export function addFineData(map: MapLibre, colours: Palette): void {
  if (map.getSource('fine-water')) return;
  map.addSource('fine-water', source(fineWaterUrl, 10));
  map.addSource('fine-world', source(fineWorldUrl, 10));
  const above = map.getStyle().layers.find((layer) => layer.id.startsWith('user-'))?.id;
  for (const layer of worldLayers('fine-world', colours, 'fine-')) {
    map.addLayer({ ...layer, minzoom: FINE_SHOWN_FROM }, above);
  }
  for (const layer of waterLayers(colours)) map.addLayer(layer, above);
  const shown = (event: { sourceId?: string; isSourceLoaded?: boolean }): void => {
    if (event.sourceId !== 'fine-world' || !event.isSourceLoaded) return;
    map.off('sourcedata', shown);
    map.setLayerZoomRange('land', 0, FINE_SHOWN_FROM);
    map.setLayerZoomRange('border', 0, FINE_SHOWN_FROM);
  };
  map.on('sourcedata', shown);
}

export function recolour(map: MapLibre, colours: Palette): void {
  const paint = (layer: string, property: string, colour: string): void => {
    if (map.getLayer(layer)) map.setPaintProperty(layer, property, colour);
  };
  paint('water', 'background-color', colours.water);
  for (const prefix of ['', 'fine-']) {
    paint(`${prefix}land`, 'fill-color', colours.land);
    paint(`${prefix}land`, 'fill-outline-color', colours.shore);
    paint(`${prefix}border`, 'line-color', colours.border);
  }
  paint('lake', 'fill-color', colours.water);
  paint('lake', 'fill-outline-color', colours.shore);
  paint('river', 'line-color', colours.river);
}

// The base map that needs no network: Natural Earth by day and by night, as a MapLibre style without glyphs and
// sprites (names are drawn on our own canvas).
import type { LayerSpecification, Map as MapLibre, StyleSpecification } from 'maplibre-gl';
import rough from '../../build/generated/basemap/rough.json';
import { TILES, TILES_ZOOM_MAX } from './tiles';

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

/** Land, sea, borders, lakes and rivers: what is first lies lowest. The rough land shows where no tile is yet. */
function layers(colours: Palette): LayerSpecification[] {
  const tiles = (layer: string) => ({ source: 'ground', 'source-layer': layer });
  return [
    { id: 'water', type: 'background', paint: { 'background-color': colours.water } },
    { id: 'rough', type: 'fill', source: 'rough', paint: { 'fill-color': colours.land } },
    { id: 'sea', type: 'fill', ...tiles('sea'), paint: { 'fill-color': colours.water, 'fill-antialias': false } },
    {
      id: 'land',
      type: 'fill',
      ...tiles('land'),
      paint: { 'fill-color': colours.land, 'fill-outline-color': colours.shore },
    },
    {
      id: 'border',
      type: 'line',
      ...tiles('border'),
      layout: { 'line-join': 'round' },
      paint: {
        'line-color': colours.border,
        'line-dasharray': [4, 2],
        'line-width': ['interpolate', ['linear'], ['zoom'], 1, 0.6, 8, 1.6],
      },
    },
    {
      id: 'lake',
      type: 'fill',
      ...tiles('lake'),
      paint: { 'fill-color': colours.water, 'fill-outline-color': colours.shore },
    },
    {
      id: 'river',
      type: 'line',
      ...tiles('river'),
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
    sources: {
      rough: { type: 'geojson', data: { type: 'MultiPolygon', coordinates: rough } },
      ground: { type: 'vector', tiles: [TILES], maxzoom: TILES_ZOOM_MAX },
    },
    layers: layers(colours),
  };
}

export function recolour(map: MapLibre, colours: Palette): void {
  const paint = (layer: string, property: string, colour: string): void => {
    if (map.getLayer(layer)) map.setPaintProperty(layer, property, colour);
  };
  paint('water', 'background-color', colours.water);
  paint('rough', 'fill-color', colours.land);
  paint('sea', 'fill-color', colours.water);
  paint('land', 'fill-color', colours.land);
  paint('land', 'fill-outline-color', colours.shore);
  paint('border', 'line-color', colours.border);
  paint('lake', 'fill-color', colours.water);
  paint('lake', 'fill-outline-color', colours.shore);
  paint('river', 'line-color', colours.river);
}

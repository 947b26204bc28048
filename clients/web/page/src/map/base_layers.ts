// The user's own maps, that the server lists at GET /maps and serves below it: PMTiles files and folders of
// raster tiles. They lie over the base map, one at a time.
import type { LayerSpecification, Map as MapLibre, SourceSpecification } from 'maplibre-gl';

export interface UserMap {
  name: string;
  kind: 'pmtiles' | 'raster';
  /** Of the file, or of tiles with {z}, {x}, {y}. */
  url: string;
  attribution: string;
  minzoom: number;
  maxzoom: number;
}

type Fields = Record<string, unknown>;

function userMapOf(value: unknown): UserMap[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Fields;
  const text = (name: string): string => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  const zoom = (name: string, otherwise: number): number => {
    const given = fields[name];
    return typeof given === 'number' && given >= 0 && given <= 24 ? given : otherwise;
  };
  const url = text('path');
  // Nothing is loaded from elsewhere: an address of another host is no map of ours.
  if (!url.startsWith('/') || url.startsWith('//')) return [];
  const kind = text('kind') || text('format') || (url.includes('{z}') ? 'raster' : 'pmtiles');
  if (kind !== 'pmtiles' && !url.includes('{z}')) return [];
  return [
    {
      name: text('title') || text('name') || url,
      kind: kind === 'pmtiles' ? 'pmtiles' : 'raster',
      url,
      attribution: text('attribution'),
      minzoom: zoom('minzoom', 0),
      maxzoom: zoom('maxzoom', 19),
    },
  ];
}

/** What the server has; none where it has none, or does not know the question. */
export async function listUserMaps(): Promise<UserMap[]> {
  try {
    const answer = await fetch('/maps', { credentials: 'same-origin', headers: { accept: 'application/json' } });
    const list = answer.ok ? ((await answer.json()) as Fields | null)?.maps : [];
    return Array.isArray(list) ? list.flatMap(userMapOf).slice(0, 50) : [];
  } catch {
    return []; // no answer: the base map does
  }
}

let protocolAdded = false; // MapLibre keeps its protocols for the whole page

/** Which vector layers a PMTiles file has, as its metadata says. */
function vectorLayersOf(metadata: unknown): string[] {
  const layers = typeof metadata === 'object' && metadata !== null ? (metadata as Fields).vector_layers : undefined;
  if (!Array.isArray(layers)) return [];
  return layers.flatMap((layer) => {
    const id = typeof layer === 'object' && layer !== null ? (layer as Fields).id : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

function isWet(layer: string): boolean {
  return /water|ocean|lake|river/i.test(layer);
}

function colourOf(layer: string, night: boolean): string {
  if (isWet(layer)) return night ? '#12283a' : '#b5d0e0';
  return night ? '#8fa3b3' : '#6b6b63';
}

/** Plain lines and faint surfaces of any schema: what a vector file holds is seen, without a style of its own. */
function vectorStyle(layers: readonly string[], night: boolean): LayerSpecification[] {
  return layers.flatMap((id): LayerSpecification[] => {
    const wet = isWet(id);
    const colour = colourOf(id, night);
    const road = /road|transport|highway|street/i.test(id);
    return [
      {
        id: `user-${id}-area`,
        type: 'fill',
        source: 'user',
        'source-layer': id,
        filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': colour, 'fill-opacity': wet ? 1 : /build/i.test(id) ? 0.3 : 0.05 },
      },
      {
        id: `user-${id}-line`,
        type: 'line',
        source: 'user',
        'source-layer': id,
        filter: ['==', ['geometry-type'], 'LineString'],
        paint: { 'line-color': colour, 'line-width': road ? 1.2 : 0.8 },
      },
    ];
  });
}

/** The user's vector map in the colours of another theme; a raster has its own. */
export function recolourUserMap(map: MapLibre, night: boolean): void {
  for (const layer of map.getStyle().layers) {
    if (!('source' in layer) || layer.source !== 'user' || !layer['source-layer']) continue;
    const colour = colourOf(layer['source-layer'], night);
    map.setPaintProperty(layer.id, layer.type === 'fill' ? 'fill-color' : 'line-color', colour);
  }
}

function clearUserMap(map: MapLibre): void {
  for (const layer of map.getStyle().layers) if (layer.id.startsWith('user-')) map.removeLayer(layer.id);
  if (map.getSource('user')) map.removeSource('user');
}

async function addPmtiles(map: MapLibre, user: UserMap, night: boolean): Promise<void> {
  const [{ PMTiles, Protocol, TileType }, { addProtocol }] = await Promise.all([
    import('pmtiles'),
    import('./maplibre'),
  ]);
  if (!protocolAdded) addProtocol('pmtiles', new Protocol().tile);
  protocolAdded = true;
  const address = new URL(user.url, window.location.href).href;
  const file = new PMTiles(address);
  const header = await file.getHeader();
  const vector = header.tileType === TileType.Mvt;
  const layers = vector ? vectorLayersOf(await file.getMetadata()) : [];
  clearUserMap(map);
  map.addSource('user', {
    type: vector ? 'vector' : 'raster',
    url: `pmtiles://${address}`,
    ...(vector ? {} : { tileSize: 256 }),
  } as SourceSpecification);
  if (!vector) map.addLayer({ id: 'user-raster', type: 'raster', source: 'user' });
  for (const layer of vectorStyle(layers, night)) map.addLayer(layer);
}

/** Shows that map; null: the base alone. Rejects with what is wrong with it; the one before is gone then. */
export async function showUserMap(map: MapLibre, user: UserMap | null, night: boolean): Promise<void> {
  clearUserMap(map);
  if (!user) return;
  if (user.kind === 'pmtiles') return addPmtiles(map, user, night);
  const tiles = [new URL(user.url, window.location.href).href.replace(/%7B/g, '{').replace(/%7D/g, '}')];
  map.addSource('user', { type: 'raster', tiles, tileSize: 256, minzoom: user.minzoom, maxzoom: user.maxzoom });
  map.addLayer({ id: 'user-raster', type: 'raster', source: 'user' });
}

// Cuts the ground into vector tiles (Mapbox Vector Tile 2.1) and packs them, so that a browser gets what lies in its
// view and cuts nothing: some 20 KB of the Sahel, where the whole world's GeoJSON weighs 1.5 MB and 4 s of a processor.
//
// Tiles of the first zooms are one pack, `ground-world`; the others lie in `ground-Z-X-Y`, by the tile above them that
// PACK_OF_ZOOM names. A pack is a zip of files `z/x/y`, stored plain: it is compressed as a whole (build.mjs).
// No tile is missing, and each begins with the sea, which hides whatever rough shore lies under it.
import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';
import { zipSync } from 'fflate';

/**
 * By zoom: that of the tile whose pack it is in; -1: of the world's. Two zooms a pack: whoever looks from afar does not
 * load what is seen closer. In the last one a step is 150 m, what the data hold at best.
 */
export const PACK_OF_ZOOM = [-1, -1, -1, 2, 2, 4, 4];
const ZOOM_MAX = PACK_OF_ZOOM.length - 1;
const EXTENT = 4096; // steps of a tile's side
const BUFFER = 64; // steps that a tile goes on beyond its sides
const TOLERANCE = 3; // steps that a line may be off, but in the last zoom
const FROM_ZOOM = { lake: 3, river: 4 }; // before, they would be too many
const MADE = new Date(1980, 0, 1); // the earliest that a zip can say: the same inputs make the same bytes

/** A surface over all of a tile. */
function sea() {
  const [from, to] = [-BUFFER, EXTENT + BUFFER];
  const corners = [
    [from, from],
    [to, from],
    [to, to],
    [from, to],
    [from, from],
  ];
  return { features: [{ type: 3, geometry: [corners], tags: null }] };
}

/** All tiles of all zooms as {z, x, y, bytes}; `layers` has each layer's features of GeoJSON by its name. */
export function* cutTiles(layers) {
  const cutters = Object.entries(layers).map(([name, features]) => {
    const options = { maxZoom: ZOOM_MAX, indexMaxZoom: ZOOM_MAX, indexMaxPoints: 0 };
    const data = { type: 'FeatureCollection', features };
    return {
      name,
      cut: new GeoJSONVT(data, { ...options, extent: EXTENT, buffer: BUFFER, tolerance: TOLERANCE }),
    };
  });
  for (let z = 0; z <= ZOOM_MAX; z++) {
    for (let x = 0; x < 2 ** z; x++) {
      for (let y = 0; y < 2 ** z; y++) {
        const tile = { sea: sea() };
        for (const { name, cut } of cutters) {
          const part = z < (FROM_ZOOM[name] ?? 0) ? null : cut.getTile(z, x, y);
          if (part?.features.length) tile[name] = part;
        }
        yield { z, x, y, bytes: fromGeojsonVt(tile, { version: 2, extent: EXTENT }) };
      }
    }
  }
}

/** The bytes of each pack by its name. */
export function packs(tiles) {
  const files = new Map();
  for (const { z, x, y, bytes } of tiles) {
    const root = PACK_OF_ZOOM[z];
    const name = root < 0 ? 'ground-world' : `ground-${root}-${x >> (z - root)}-${y >> (z - root)}`;
    if (!files.has(name)) files.set(name, {});
    files.get(name)[`${z}/${x}/${y}`] = [bytes, { level: 0, mtime: MADE }];
  }
  return new Map([...files].map(([name, entries]) => [name, zipSync(entries)]));
}

// Small maps of a user's own, made here: tiles of one colour, as a folder or as a PMTiles file (version 3).
import { Picture } from './pictures.mjs';

const HEAD_BYTES = 127;
const KINDS = { vector: 1, raster: 2 };
const NOT_COMPRESSED = 1;

export function rasterTile(colour) {
  return Picture.plain(256, 256, colour).write();
}

/** {path: bytes} of a folder DIR/Z/X/Y.png, from zoom 0 on. */
export function rasterFolder(name, colour, zoomMax) {
  const tile = rasterTile(colour);
  const files = {};
  for (let z = 0; z <= zoomMax; z++) {
    for (let x = 0; x < 2 ** z; x++) for (let y = 0; y < 2 ** z; y++) files[`${name}/${z}/${x}/${y}.png`] = tile;
  }
  return files;
}

function varint(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

/** A field of a protocol buffer: a number, or bytes with their length. */
function field(number, value) {
  return typeof value === 'number' ? Buffer.concat([varint(number * 8), varint(value)])
    : Buffer.concat([varint(number * 8 + 2), varint(value.length), value]);
}

const bytesOf = (values) => Buffer.concat(values.map(varint));

/** A Mapbox Vector Tile whose layer `name` is one square over all of the tile. */
export function vectorTile(name) {
  const extent = 4096;
  const zigzag = (value) => (value < 0 ? -2 * value - 1 : 2 * value);
  const geometry = [9, zigzag(0), zigzag(0), // move to a corner
    26, zigzag(extent), zigzag(0), zigzag(0), zigzag(extent), zigzag(-extent), zigzag(0), // three lines
    15]; // and back
  const feature = Buffer.concat([field(3, 3), field(4, bytesOf(geometry))]);
  const layer = Buffer.concat([field(15, 2), field(1, Buffer.from(name)), field(2, feature), field(5, extent)]);
  return field(3, layer);
}

/** A file of the one tile 0/0/0. */
export function pmtiles(kind, tile, metadata = {}) {
  const about = Buffer.from(JSON.stringify(metadata));
  const directory = bytesOf([1, 0, 1, tile.length, 1]); // one entry: tile 0, a run of 1, its length, offset 0 + 1
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('PMTiles', 0, 'latin1');
  head.writeUInt8(3, 7);
  const parts = [directory, about, Buffer.alloc(0), tile]; // root, metadata, leaves, tiles
  let offset = HEAD_BYTES;
  parts.forEach((part, i) => {
    head.writeBigUInt64LE(BigInt(offset), 8 + i * 16);
    head.writeBigUInt64LE(BigInt(part.length), 16 + i * 16);
    offset += part.length;
  });
  for (const at of [72, 80, 88]) head.writeBigUInt64LE(1n, at); // tiles by address, entries, contents
  head.set([1, NOT_COMPRESSED, NOT_COMPRESSED, KINDS[kind], 0, 0], 96); // clustered, ..., zoom 0 to 0
  [-1_800_000_000, -850_000_000, 1_800_000_000, 850_000_000].forEach((e7, i) => head.writeInt32LE(e7, 102 + i * 4));
  return Buffer.concat([head, ...parts]);
}

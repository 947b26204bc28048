// Makes the base map's files from npm packages of Natural Earth data:
//
//   ground-*.zip    land, borders, lakes and rivers at 1:10 million, as vector tiles (tiles.mjs),
//   packs.ts        and where each of those is
//   rough.json      land at 1:110 million, each polygon as rings of [lon, lat]: in the page's own code, for what is
//       seen until the tiles are there
//   names.geojson   each country's name, in English and French, at a point inside it
//
// Coordinates are rounded to what each scale holds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { feature, mesh } from 'topojson-client';
import { cutTiles, PACK_OF_ZOOM, packs } from './tiles.mjs';

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits;

/** Rounds a line and leaves out points that fall on the one before. */
function roundLine(line, digits, least) {
  const points = [];
  for (const [lon, lat] of line) {
    const point = [round(lon, digits), round(lat, digits)];
    const last = points[points.length - 1];
    if (!last || last[0] !== point[0] || last[1] !== point[1]) points.push(point);
  }
  return points.length >= least ? points : null;
}

/** Douglas and Peucker: leaves out points that lie nearer than `least` degrees to the line without them. */
function simplifyLine(line, least) {
  const keep = new Uint8Array(line.length);
  keep[0] = keep[line.length - 1] = 1;
  const spans = [[0, line.length - 1]];
  while (spans.length) {
    const [from, to] = spans.pop();
    const [x0, y0] = line[from],
      [dx, dy] = [line[to][0] - x0, line[to][1] - y0];
    const length = Math.hypot(dx, dy);
    let worst = least,
      at = -1;
    for (let i = from + 1; i < to; i++) {
      const [x, y] = [line[i][0] - x0, line[i][1] - y0];
      const off = length === 0 ? Math.hypot(x, y) : Math.abs(x * dy - y * dx) / length;
      if (off > worst) [worst, at] = [off, i];
    }
    if (at < 0) continue;
    keep[at] = 1;
    spans.push([from, at], [at, to]);
  }
  return line.filter((_, i) => keep[i]);
}

/** `geometry` with all its lines simplified; rings that become less than a triangle stay as they are. */
function simplify(geometry, least) {
  const walk = (part) => {
    if (typeof part[0][0] !== 'number') return part.map(walk);
    const less = simplifyLine(part, least);
    return less.length >= 4 ? less : part;
  };
  if (geometry.type === 'GeometryCollection') {
    return { ...geometry, geometries: geometry.geometries.map((part) => simplify(part, least)) };
  }
  return { ...geometry, coordinates: walk(geometry.coordinates) };
}

const roundPolygon = (rings, digits) => rings.map((ring) => roundLine(ring, digits, 4)).filter(Boolean);

function roundGeometry(geometry, digits) {
  const { type, coordinates } = geometry;
  if (type === 'GeometryCollection') return geometry.geometries.flatMap((part) => roundGeometry(part, digits));
  if (type === 'Polygon') return [{ type, coordinates: roundPolygon(coordinates, digits) }];
  if (type === 'MultiPolygon') {
    return coordinates.map((rings) => ({ type: 'Polygon', coordinates: roundPolygon(rings, digits) }));
  }
  const lines = type === 'LineString' ? [coordinates] : coordinates;
  const kept = lines.map((line) => roundLine(line, digits, 2)).filter(Boolean);
  return kept.length ? [{ type: 'MultiLineString', coordinates: kept }] : [];
}

const asFeatures = (geometry, digits, properties = {}) =>
  roundGeometry(geometry, digits)
    .filter((part) => part.coordinates.length > 0)
    .map((part) => ({ type: 'Feature', properties, geometry: part }));

/** Twice the area of a ring, in square degrees, and its middle. */
function middle(ring) {
  let area = 0,
    x = 0,
    y = 0;
  for (let i = 1; i < ring.length; i++) {
    const cross = ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
    area += cross;
    x += (ring[i - 1][0] + ring[i][0]) * cross;
    y += (ring[i - 1][1] + ring[i][1]) * cross;
  }
  return { area: Math.abs(area), at: [round(x / (3 * area), 2), round(y / (3 * area), 2)] };
}

/** Without a code of ISO 3166 of their own. */
const OTHER_FRENCH = {
  'Ashmore and Cartier Is.': 'Îles Ashmore-et-Cartier',
  'Indian Ocean Ter.': 'Terr. de l’océan Indien',
  Kosovo: 'Kosovo',
  'N. Cyprus': 'Chypre du Nord',
  'Siachen Glacier': 'Glacier de Siachen',
  Somaliland: 'Somaliland',
};

/** The atlas has English names, and numbers of ISO 3166-1: the French ones are those of Unicode's CLDR, in node. */
function frenchNames() {
  const of = (style) => new Intl.DisplayNames('fr', { type: 'region', style, fallback: 'none' });
  const [short, long] = [of('short'), of('long')];
  if (long.of('DE') !== 'Allemagne') throw new Error('this node was built without the whole of ICU: no French names');
  return (number, english) => {
    if (OTHER_FRENCH[english]) return OTHER_FRENCH[english];
    const code = number && /^und-([A-Z]{2})$/.exec(Intl.getCanonicalLocales(`und-${number}`)[0])?.[1];
    if (!code) return english;
    const name = short.of(code);
    return (name?.includes('.') ? long.of(code) : name) ?? english; // no abbreviations
  };
}

/** Each country's name in the middle of its largest part, the largest first; `size` is its square root in degrees. */
function names(world) {
  const french = frenchNames();
  return feature(world, world.objects.countries)
    .features.flatMap(({ id, geometry, properties }) => {
      const whole = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
      const polygons = whole.flatMap(cutAtDateLine); // or the middle of Russia were in Alaska
      const [best] = polygons.map((rings) => middle(rings[0])).sort((a, b) => b.area - a.area);
      const size = round(Math.sqrt(best.area / 2), 1);
      return [
        {
          type: 'Feature',
          properties: { name: properties.name, fr: french(id, properties.name), size },
          geometry: { type: 'Point', coordinates: best.at },
        },
      ];
    })
    .sort((a, b) => b.properties.size - a.properties.size);
}

/** Longitudes of a ring that run on beyond 180 where it crosses the date line, instead of leaping to the other side. */
function runOn(ring) {
  let turns = 0;
  return ring.map(([lon, lat], i) => {
    const step = i === 0 ? 0 : lon - ring[i - 1][0];
    if (Math.abs(step) > 180) turns -= Math.sign(step);
    return [lon + 360 * turns, lat];
  });
}

/** A ring around the south pole, whose ends are a whole turn apart, is closed along the map's lower edge. */
function closeAtPole(ring) {
  const [first, last] = [ring[0], ring[ring.length - 1]];
  if (Math.abs(last[0] - first[0]) < 180) return ring;
  return [...ring, [last[0], -90], [first[0], -90], first];
}

/** What of a closed ring lies on one side of a meridian (Sutherland and Hodgman); empty: nothing. */
function cutRing(ring, lon, east) {
  const inside = (point) => (east ? point[0] >= lon : point[0] <= lon);
  const cut = [];
  for (let i = 1; i < ring.length; i++) {
    const [a, b] = [ring[i - 1], ring[i]];
    if (inside(a) !== inside(b)) cut.push([lon, a[1] + ((b[1] - a[1]) * (lon - a[0])) / (b[0] - a[0])]);
    if (inside(b)) cut.push(b);
  }
  return cut.length < 3 ? [] : [...cut, cut[0]];
}

/** The data are of the sphere, and a ring goes on over the date line: for a plane map it is cut there in two. */
function cutAtDateLine(polygon) {
  const rings = polygon.map((ring) => closeAtPole(runOn(ring)));
  return [-360, 0, 360].flatMap((turn) => {
    const cut = rings
      .map((ring) => cutRing(cutRing(ring, turn - 180, true), turn + 180, false))
      .map((ring) => ring.map(([lon, lat]) => [lon - turn, lat]));
    return cut[0].length ? [cut.filter((ring) => ring.length)] : [];
  });
}

const landOf = (world) => feature(world, world.objects.land).features[0].geometry.coordinates;

/** `least`: how far, in degrees, a line may be off. */
function worldOf(world, digits, least) {
  const borders = mesh(world, world.objects.countries, (a, b) => a !== b);
  // Not cut at the date line: whoever cuts the tiles brings what runs on to the other side, and no shore lies there.
  const land = landOf(world).map((polygon) => polygon.map((ring) => closeAtPole(runOn(ring))));
  return {
    land: asFeatures(simplify({ type: 'MultiPolygon', coordinates: land }, least), digits),
    border: asFeatures(simplify(borders, least), digits),
  };
}

/** Rivers and lakes stand inline in the style of the package's one file, a zip. */
function waterOf(path) {
  const style = JSON.parse(strFromU8(unzipSync(readFileSync(path))['style.json']));
  const { rivers, lakes } = style.sources;
  if (!rivers?.data?.features || !lakes?.data?.features) throw new Error(`${path} holds no rivers and lakes`);
  const surfaces = lakes.data.features.filter((lake) => lake.geometry.type.endsWith('Polygon'));
  return {
    lake: surfaces.flatMap((lake) => asFeatures(lake.geometry, 3)),
    river: rivers.data.features.flatMap((river) =>
      asFeatures(river.geometry, 3, { width: round(river.properties.strokeweig ?? 0.2, 2) }),
    ),
  };
}

/** Imports of all packs, so that the bundler gives each an address that holds its content's hash. */
function packsModule(names) {
  const imports = names.map((name, i) => `import p${i} from './${name}.zip';`);
  const rows = names.map((name, i) => `  '${name}': p${i},`);
  return [
    ...imports,
    `export const PACK_OF_ZOOM: readonly number[] = ${JSON.stringify(PACK_OF_ZOOM)};`,
    'export const packs: Readonly<Record<string, string>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

/** Writes the files below `folder`, unless they were made of the same inputs. */
export function makeBaseMap(page, folder) {
  const atlas = (name) => join(page, 'node_modules', 'world-atlas', name);
  const smp = join(page, 'node_modules', '@comapeo', 'fallback-smp', 'dist', 'comapeo-fallback-map.smp');
  const inputs = [
    atlas('countries-50m.json'),
    atlas('countries-10m.json'),
    atlas('land-110m.json'),
    smp,
    join(page, 'basemap.mjs'),
    join(page, 'tiles.mjs'),
    join(page, 'package-lock.json'), // what cuts
  ];
  const hash = createHash('sha256');
  for (const path of inputs) hash.update(readFileSync(path));
  const stamp = join(folder, 'made-of');
  const made = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return;
  mkdirSync(folder, { recursive: true });
  const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
  const written = new Set();
  const write = (name, content) => {
    writeFileSync(join(folder, name), content);
    written.add(name);
  };
  write('names.geojson', JSON.stringify({ type: 'FeatureCollection', features: names(read(inputs[0])) }));
  const rough = landOf(read(inputs[2])).flatMap(cutAtDateLine).map((rings) => roundPolygon(rings, 1));
  write('rough.json', JSON.stringify(rough.filter((rings) => rings.length > 0)));
  const ground = packs(cutTiles({ ...worldOf(read(inputs[1]), 3, 0.005), ...waterOf(smp) }));
  for (const [name, bytes] of ground) write(`${name}.zip`, bytes);
  write('packs.ts', packsModule([...ground.keys()]));
  // What an earlier build left goes last: another one may be reading.
  for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(join(folder, name), { recursive: true });
  write('made-of', made);
}

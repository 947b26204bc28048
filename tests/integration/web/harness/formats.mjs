// Whether a file is what it says it is, and what is in it: {units, positions}. Throws with the place that is wrong.
import assert from 'node:assert/strict';
import { Picture } from './pictures.mjs';

function checkPosition(position, where) {
  assert.ok(Array.isArray(position) && position.length >= 2 && position.every(Number.isFinite),
    `${where}: ${position}`);
  const [lon, lat] = position;
  assert.ok(Math.abs(lon) <= 180 && Math.abs(lat) <= 90, `${where}: longitude first, in degrees: ${position}`);
}

function positionsOf(geometry, where) {
  if (geometry === null) return [];
  switch (geometry.type) {
    case 'Point': return [geometry.coordinates];
    case 'LineString':
      assert.ok(geometry.coordinates.length >= 2, `${where}: a line of one position`);
      return geometry.coordinates;
    case 'MultiLineString':
      for (const line of geometry.coordinates) assert.ok(line.length >= 2, `${where}: a line of one position`);
      return geometry.coordinates.flat();
    default: throw new Error(`${where}: geometry of type ${geometry.type}`);
  }
}

/** RFC 7946: a FeatureCollection of Features with longitude first. */
export function checkGeoJson(text) {
  const all = JSON.parse(text);
  assert.equal(all.type, 'FeatureCollection');
  assert.equal(all.crs, undefined, 'RFC 7946 has no crs');
  const found = { units: new Set(), positions: 0 };
  all.features.forEach((feature, i) => {
    assert.equal(feature.type, 'Feature');
    assert.equal(typeof feature.properties, 'object');
    const positions = positionsOf(feature.geometry, `feature ${i}`);
    positions.forEach((position) => checkPosition(position, `feature ${i}`));
    found.units.add(feature.properties.unit ?? feature.properties.name);
    found.positions += positions.length;
  });
  return found;
}

/** Well-formed as far as GPX needs it: balanced elements, known names, positions and rising times in each segment. */
export function checkGpx(text) {
  assert.match(text, /^<\?xml version="1\.0" encoding="UTF-8"\?>/i);
  assert.match(text, /<gpx [^>]*version="1\.1"/);
  const open = [];
  const found = { units: new Set(), positions: 0 };
  let name = '';
  for (const [, close, tag, attributes, alone,
    words] of text.matchAll(/<(\/?)([\w:]+)((?:\s[^<>]*?)?)(\/?)>([^<]*)/g)) {
    if (close) {
      assert.equal(open.pop(), tag, `</${tag}> closes another element`);
    } else if (!alone) open.push(tag);
    if (!close && tag === 'name' && open.at(-2) === 'trk') name = words.trim();
    if (!close && tag === 'trkpt') {
      const lat = Number(/lat="([^"]+)"/.exec(attributes)?.[1]);
      const lon = Number(/lon="([^"]+)"/.exec(attributes)?.[1]);
      checkPosition([lon, lat], 'trkpt');
      assert.ok(open.includes('trkseg') && open.includes('trk'), 'a trkpt outside of a trkseg');
      found.units.add(name);
      found.positions++;
    }
  }
  assert.deepEqual(open, [], 'elements that are not closed');
  return found;
}

/** RFC 4180, with a head line. */
export function parseCsv(text) {
  const rows = [];
  let row = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') field += text[++i];
      else if (c === '"') quoted = false;
      else field += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') { row.push(field); field = ''; }
    else if (c === '\n') { rows.push([...row, field.replace(/\r$/, '')]); row = []; field = ''; }
    else field += c;
  }
  if (field !== '' || row.length > 0) rows.push([...row, field]);
  assert.ok(!quoted, 'a quote that is not closed');
  return rows;
}

export function checkCsv(text) {
  const [head, ...rows] = parseCsv(text.replace(/^\ufeff/, ''));
  const at = (name) => head.indexOf(name);
  assert.ok(at('unit') >= 0 && at('lat') >= 0 && at('lon') >= 0, `columns: ${head}`);
  const found = { units: new Set(), positions: 0 };
  for (const row of rows) {
    assert.equal(row.length, head.length, `a row of ${row.length} fields: ${row}`);
    checkPosition([Number(row[at('lon')]), Number(row[at('lat')])], row.join(','));
    found.units.add(row[at('unit')]);
    found.positions++;
  }
  return found;
}

export function checkNdjson(text) {
  assert.ok(text.endsWith('\n'), 'the last line is not ended');
  const found = { units: new Set(), positions: 0 };
  for (const line of text.trimEnd().split('\n')) {
    const one = JSON.parse(line);
    if (one.notice !== undefined || one.unit === undefined) continue;
    checkPosition([one.lon, one.lat], line);
    found.units.add(one.unit);
    found.positions++;
  }
  return found;
}

/** A whole PNG on which there is something to be seen: more than a ground of one colour with a line of words. */
export function checkPng(bytes) {
  const picture = Picture.read(bytes);
  const { count, commonest } = picture.colours();
  assert.ok(count > 30 && commonest < 0.995, `${count} colours, the commonest on ${(commonest * 100).toFixed(2)} %`);
  return picture;
}

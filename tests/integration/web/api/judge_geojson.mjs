#!/usr/bin/env node
// judge_geojson.mjs FILE...: whether each is GeoJSON as RFC 7946 says. The form is judged by check-geojson; here stands
// what it leaves out: WGS 84 in degrees, longitude first, no crs, rings by the right hand, nothing over the
// antimeridian. Prints what is wrong, a line each, and ends with 1 then.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGE = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'clients', 'web', 'page');
const { getIssues } = createRequire(join(PAGE, 'package.json'))('@placemarkio/check-geojson');

function* positionsIn(coordinates) {
  if (typeof coordinates[0] === 'number') yield coordinates;
  else for (const one of coordinates) yield* positionsIn(one);
}

/** Lines and rings of a geometry. */
function* linesIn({ type, coordinates }) {
  if (type === 'LineString') yield coordinates;
  if (type === 'MultiLineString' || type === 'Polygon') yield* coordinates;
  if (type === 'MultiPolygon') for (const polygon of coordinates) yield* polygon;
}

/** Twice the area on the plane; positive: against the clock. */
const turn = (ring) => ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0);

function* slipsOfGeometry(geometry) {
  if (geometry.type === 'GeometryCollection') {
    for (const one of geometry.geometries) yield* slipsOfGeometry(one);
    return;
  }
  for (const [lon, lat, , more] of positionsIn(geometry.coordinates)) {
    if (Math.abs(lon) > 180 || Math.abs(lat) > 90) yield `[${lon},${lat}] is no longitude and latitude in degrees`;
    if (more !== undefined) yield 'a position of more than three numbers';
  }
  for (const line of linesIn(geometry)) {
    for (let i = 1; i < line.length; i++) {
      if (Math.abs(line[i][0] - line[i - 1][0]) > 180) yield `${line[i - 1]} to ${line[i]} crosses the antimeridian`;
    }
  }
  const polygons = { Polygon: [geometry.coordinates], MultiPolygon: geometry.coordinates }[geometry.type] ?? [];
  for (const rings of polygons) {
    for (const [i, ring] of rings.entries()) if (turn(ring) > 0 !== (i === 0)) yield `ring ${i} turns the wrong way`;
  }
}

function slipsOf(text) {
  const slips = getIssues(text).map((one) => `${one.severity}: ${one.message} (${one.from}-${one.to})`);
  if (slips.length > 0) return slips;
  const all = JSON.parse(text);
  if (all.crs !== undefined) slips.push('it has a crs');
  const ids = new Set();
  for (const [i, feature] of (all.features ?? [all]).entries()) {
    const { id } = feature;
    if (id !== undefined && ids.has(id)) slips.push(`feature ${i}: the id ${id} is there twice`);
    ids.add(id);
    if (feature.geometry === null) continue;
    for (const slip of slipsOfGeometry(feature.geometry)) slips.push(`feature ${i}: ${slip}`);
  }
  return slips;
}

let wrong = 0;
for (const file of process.argv.slice(2)) {
  for (const slip of slipsOf(readFileSync(file, 'utf8'))) {
    console.log(`${file}: ${slip}`);
    wrong++;
  }
}
process.exit(wrong === 0 ? 0 : 1);

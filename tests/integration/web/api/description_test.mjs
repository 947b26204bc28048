#!/usr/bin/env node
// The API's two OpenAPI documents are valid, and every operation answers as they say: real programs, the demonstration
// patrol, people with accounts.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Place } from '../harness/place.mjs';
import { BIN, eventually } from '../harness/process.mjs';
import { Description, faultsOf, slipsOf } from './description.mjs';

for (const name of ['vigie-hub', 'vigie-web', 'vigie']) {
  if (existsSync(join(BIN, name))) continue;
  console.log(`skipped: ${name} is not there`);
  process.exit(77);
}

const PASSWORD = 'correct horse battery staple';
const SPAN = { from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' };
const UNIT = { owner: 'alpha', name: 'v1' };
let place;
let api;
let ogc;
let anna; // an administrator of accounts, by cookie
let program; // her API token
const secretOf = (link) => link.split('#')[1];

const served = async (path, headers = {}) => (await fetch(place.address + path, { headers })).json();

/** Who answers of session endpoints are, as the next request shows it. */
const whoIs = ({ headers, json }) => ({ cookie: headers.get('set-cookie').split(';')[0], csrf: json.csrf });

/** What an authenticator app shows, so many steps of 30 s from now. */
function codeOf(secret, steps = 0) {
  let bits = '';
  for (const c of secret) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

before(async () => {
  place = await Place.make({ guarded: true });
  for (const owner of ['alpha', 'bravo']) {
    await place.enrol(`${owner}/gateway`, 'gateway', owner, ['--unit', `${owner}/*`]);
  }
  api = new Description(await served('/api/v1/openapi.json'), place.address);
  const link = secretOf(await place.addAccount('anna', 'alpha/room', { options: ['--administrator'] }));
  const look = await api.ask('lookAtLink', { body: { link } });
  assert.equal(look.json.first, true);
  anna = whoIs(await api.ask('joinByLink', { body: { link, password: PASSWORD } }));
  ogc = new Description(await served('/ogc/api', { cookie: anna.cookie }), `${place.address}/ogc`);
  const patrol = place.simulate({ speed: 300, who: ['alpha', 'bravo'], more: ['--until', '20m'] });
  assert.equal(await patrol.ended, 0, patrol.output);
  await eventually('the patrol is in the picture', async () =>
    (await api.ask('getUnits', { who: anna })).json.matched > 5);
});
after(() => place?.end());

describe('the documents', () => {
  it('are valid by the schema of their version of OpenAPI', async () => {
    assert.deepEqual(await faultsOf(api.document), { version: '3.1', faults: [] });
    assert.deepEqual(await faultsOf(ogc.document), { version: '3.0', faults: [] });
  });

  it('have no name twice, no place in a path that is not described, and nothing that is not used', () => {
    assert.deepEqual(slipsOf(api.document), []);
    assert.deepEqual(slipsOf(ogc.document), []);
  });

  it('say where they are', () => {
    assert.deepEqual(ogc.document.servers, [{ url: `${place.address}/ogc` }]);
    assert.deepEqual(api.document.servers, [{ url: '/' }]);
  });
});

describe('the picture and the past', () => {
  it('the server and who asks', async () => {
    assert.ok('browsers' in (await api.ask('getStatus', { who: anna })).json);
    const me = await api.ask('getMe', { who: anna });
    assert.equal(me.json.name, 'alpha/room');
    await api.ask('getMe', { status: 401 });
    await api.ask('getOpenApi');
    await api.ask('openFeed', { who: anna, status: 426 });
  });

  it('units, now and as of a time, in both forms', async () => {
    const at = new Date().toISOString();
    for (const format of ['json', 'geojson']) {
      await api.ask('getUnits', { who: anna, query: { format, limit: 3 } });
      await api.ask('getUnits', { who: anna, query: { format, at, clock: 'known', owner: 'alpha' } });
    }
    const { json } = await api.ask('getUnits', { who: anna, query: { limit: 2 } });
    await api.ask('getUnits', { who: anna, query: { limit: 2, next: json.next } });
    await api.ask('getUnit', { who: anna, path: UNIT });
    await api.ask('getUnit', { who: anna, path: UNIT, query: { at, clock: 'true' } });
    await api.ask('getUnit', { who: anna, path: { owner: 'alpha', name: 'nobody' }, status: 404 });
    await api.ask('getUnits', { who: anna, query: { limit: 0 }, status: 400 });
    await api.ask('getUnits', { status: 401 });
  });

  it('tracks in every form', async () => {
    for (const format of ['geojson', 'gpx', 'csv', 'ndjson']) {
      for (const [id, path] of [['getUnitTrack', UNIT], ['getTracks', {}]]) {
        const { text } = await api.ask(id, { who: anna, path, query: { ...SPAN, format, clock: 'true' } });
        assert.match(text, /alpha\/v1/);
      }
    }
    const { json } = await api.ask('getTracks', { who: anna, query: { ...SPAN, points: true, simplify_s: 60 } });
    assert.ok(json.features.length > 3);
    await api.ask('getTracks', { who: anna, query: { ...SPAN, ask: true }, status: 204 });
    await api.ask('getTracks', { who: anna, query: { from: 'tomorrow' }, status: 400 });
  });

  it('how trackers do, and how many fixes there were', async () => {
    const { json } = await api.ask('getTrackers', { who: anna, query: { limit: 3 } });
    await api.ask('getTrackers', { who: anna, query: { limit: 3, next: json.next } });
    await api.ask('getTrackers', { who: anna, query: { order: 'name', limit: 3, next: json.next } });
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const hour = { from, to: new Date().toISOString() };
    await api.ask('getDensity', { who: anna, query: { ...hour, buckets: 10, clock: 'known' } });
    await api.ask('getDensity', { who: anna, query: { ...hour, buckets: 1 }, status: 400 });
  });

  it('events, sent and read in every form', async () => {
    const event = { kind: 'sos', text: 'need help', severity: 'severe', position: { lat: 15, lon: 1 },
      fields: { people: '3' } };
    const first = await api.ask('postEvent', { who: anna, body: event, query: { wait: true } });
    const more = { ...event, kind: 'text', references: [first.json.name] };
    await api.ask('postEvent', { who: anna, body: more, status: 202, headers: { 'idempotency-key': 'one' } });
    await api.ask('postEvent', { who: anna, body: event, status: 422, headers: { 'idempotency-key': 'one' } });
    await api.ask('postEvent', { who: anna, body: { kind: 'SOS' }, status: 400 });
    await api.ask('postEvent', { who: anna, body: event, status: 415, headers: { 'content-type': 'text/plain' } });
    for (const format of ['json', 'geojson', 'csv', 'ndjson']) {
      await api.ask('getEvents', { who: anna, query: { ...SPAN, format, limit: 1000 } });
    }
    const { json } = await api.ask('getEvents', { who: anna, query: { limit: 2, order: 'newest' } });
    await api.ask('getEvents', { who: anna, query: { limit: 2, order: 'newest', next: json.next } });
    await api.ask('getTimeline', { who: anna, query: { ...SPAN, bins: 10, clock: 'known' } });
  });
});

describe('OGC API - Features', () => {
  it('describes itself', async () => {
    for (const id of ['getLandingPage', 'getConformance', 'getApi', 'getCollections']) await ogc.ask(id, { who: anna });
    await ogc.ask('getLandingPage', { status: 401 });
    for (const collection of ['units', 'events', 'tracks']) {
      await ogc.ask('getCollection', { who: anna, path: { collection } });
    }
    await ogc.ask('getCollection', { who: anna, path: { collection: 'zones' }, status: 404 });
  });

  for (const collection of ['units', 'events', 'tracks']) {
    it(`${collection}, by pages and one by one`, async () => {
      const find = (end) => Object.values(ogc.document.paths[`/collections/${collection}/items${end}`])[0].operationId;
      const query = { datetime: `${SPAN.from}/..`, limit: 3 };
      const { json } = await ogc.ask(find(''), { who: anna, query });
      assert.ok(json.features.length > 0);
      const { id } = json.features[0];
      const one = await ogc.ask(find('/{id}'), { who: anna, path: { id },
        query: collection === 'tracks' ? { datetime: query.datetime } : {} });
      assert.equal(one.json.id, id);
      await ogc.ask(find('/{id}'), { who: anna, path: { id: 'alpha:nobody' }, status: 404 });
      await ogc.ask(find(''), { who: anna, query: { bbox: '1,2' }, status: 400 });
    });
  }
});

describe('grants', () => {
  let boss;
  before(async () => {
    const said = await place.vigie('invite', ['alpha/boss', '--role', 'administrator'], { who: 'chief' });
    const [code] = said.match(/VIGIE-\S+/);
    const made = await api.ask('addAccount', { who: anna, status: 201, body: { account: 'boss', code } });
    boss = whoIs(await api.ask('joinByLink', { body: { link: secretOf(made.json.link), password: PASSWORD } }));
  });

  it('are given, listed and ended, by an administrator of the owner alone', async () => {
    const body = { name: 'joint', to: 'bravo', classes: ['track', 'event'], groups: ['-', 'patrol-1'],
      units: ['alpha/v1'], area: [1, 15, 2, 16.5], from: '2026-03-01T06:00:00Z', until: '2099-01-01T00:00:00Z',
      valid_s: 86_400, past: true, delay_s: 600, round_m: 500, every_s: 60, own_numbers: true };
    await api.ask('giveGrant', { who: anna, body, status: 403 });
    await api.ask('giveGrant', { who: boss, body: { ...body, to: 'a/b/c' }, status: 400 });
    await api.ask('giveGrant', { who: boss, body, status: 415, headers: { 'content-type': 'text/plain' } });
    await api.ask('giveGrant', { body, status: 401 });
    const made = await api.ask('giveGrant', { who: boss, body, status: 201 });
    assert.deepEqual(made.json, { name: 'alpha/joint', by_itself: true });
    await api.ask('giveGrant', { who: boss, body, status: 409 });
    const { json } = await api.ask('getGrants', { who: boss });
    const { made: when, ends, from, until, ...grant } = json.grants.find((one) => one.name === 'alpha/joint');
    assert.ok(when && ends && from && until);
    const { name, from: f, until: u, valid_s: v, ...rest } = body;
    assert.deepEqual(grant, { name: 'alpha/joint', given: true, stands: true, by_itself: true, ...rest });
    await api.ask('endGrant', { who: anna, path: { name: 'joint' }, status: 404 });
    await api.ask('endGrant', { who: boss, path: { name: 'joint' }, status: 204 });
    await api.ask('endGrant', { who: boss, path: { name: 'joint' }, status: 404 });
    const after = await api.ask('getGrants', { who: boss });
    assert.deepEqual(after.json.grants.map((one) => one.stands), [false]);
  });

  it('are nothing for a program', async () => {
    const { json } = await api.ask('makeToken', { who: boss, body: { label: 'x', may_send: true }, status: 201 });
    await api.ask('getGrants', { who: { token: json.token } });
    const body = { name: 'more', to: 'bravo' };
    const refused = await api.ask('giveGrant', { who: { token: json.token }, body, status: 403 });
    assert.equal(refused.json.code, 'token');
  });
});

describe('accounts', () => {
  it('sessions, and who is not let in', async () => {
    await api.ask('getSession', { who: anna });
    await api.ask('getSession', { status: 401 });
    await api.ask('signIn', { body: { name: 'anna', password: 'not this one' }, status: 401 });
    await eventually('a guesser is held off', () => api.ask('signIn',
      { body: { name: 'nobody', password: 'not this one' }, status: 429 }));
    await api.ask('signIn', { body: { nam: 'anna' }, status: 400 });
    await api.ask('lookAtLink', { body: { link: 'used' }, status: 410 });
    const again = await eventually('she may try again', () => api.ask('signIn',
      { body: { name: 'Anna', password: PASSWORD } }));
    const { json } = await api.ask('getSessions', { who: anna });
    assert.equal(json.sessions.length, 2);
    const other = json.sessions.find((one) => !one.current);
    await api.ask('endSession', { who: { ...anna, csrf: 'x' }, path: { id: other.id }, status: 403 });
    await api.ask('endSession', { who: anna, path: { id: other.id }, status: 204 });
    await api.ask('endSession', { who: anna, path: { id: other.id }, status: 404 });
    await api.ask('getSessions', { who: whoIs(again), status: 401 });
    const third = whoIs(await api.ask('signIn', { body: { name: 'anna', password: PASSWORD } }));
    await api.ask('signOut', { who: third, status: 204 });
  });

  it('tokens, and what they do not open', async () => {
    const made = await api.ask('makeToken', { who: anna, body: { label: 'QGIS', days: 1, may_send: true },
      status: 201 });
    program = { token: made.json.token };
    await api.ask('getSession', { who: program });
    assert.ok(!('browsers' in (await api.ask('getStatus', { who: program })).json), 'no administrator by a token');
    await api.ask('getUnits', { who: program });
    await api.ask('getAccounts', { who: program, status: 403 });
    const { json } = await api.ask('getTokens', { who: anna });
    await api.ask('endToken', { who: anna, path: { id: json.tokens[0].id }, status: 204 });
    await api.ask('getUnits', { who: program, status: 401 });
    await api.ask('makeToken', { who: anna, body: { label: 'x', days: 0 }, status: 400 });
  });

  it('settings, codes and the password', async () => {
    await api.ask('changeOwnAccount', { who: anna, body: { display_name: 'Anna', language: 'fr' }, status: 204 });
    await api.ask('changeOwnAccount', { who: anna, body: { language: 'de' }, status: 400 });
    await api.ask('getAccount', { who: anna });
    await api.ask('confirmTotp', { who: anna, body: { code: '000000' }, status: 409 });
    await api.ask('beginTotp', { who: anna, body: { password: 'not this one' }, status: 403 });
    const { json } = await eventually('she may try again', () => api.ask('beginTotp', { who: anna,
      body: { password: PASSWORD } }));
    await api.ask('confirmTotp', { who: anna, body: { code: codeOf(json.secret) }, status: 204 });
    await api.ask('beginTotp', { who: anna, body: { password: PASSWORD }, status: 409 });
    const body = { name: 'anna', password: PASSWORD };
    const refused = await api.ask('signIn', { body, status: 401 });
    assert.equal(refused.json.code, 'totp_needed');
    await api.ask('signIn', { body: { ...body, totp: codeOf(json.secret, 1) } });
    await api.ask('endTotp', { who: anna, body: { password: PASSWORD }, status: 204 });
    const change = { current: PASSWORD, password: `${PASSWORD} again` };
    await api.ask('changePassword', { who: anna, body: { ...change, password: 'short' }, status: 400 });
    const changed = await api.ask('changePassword', { who: anna, body: change });
    assert.deepEqual(changed.json, { browsers: 1, tokens: 0 });
  });

  it('what administrators do', async () => {
    const said = await place.vigie('invite', ['alpha/ben', '--role', 'console'], { who: 'chief' });
    const [code] = said.match(/VIGIE-\S+/);
    const made = await api.ask('addAccount', { who: anna, status: 201,
      body: { account: 'ben', display_name: 'Ben', read_only: true, code } });
    await api.ask('addAccount', { who: anna, body: { account: 'ben', code }, status: 409 });
    await api.ask('addAccount', { who: anna, body: { account: 'Ben!', plain: true }, status: 400 });
    const ben = whoIs(await api.ask('joinByLink',
      { body: { link: secretOf(made.json.link), password: PASSWORD } }));
    await api.ask('getAccounts', { who: ben, status: 403 });
    await api.ask('postEvent', { who: ben, body: { kind: 'text', text: 'hello' }, status: 403 });
    await api.ask('getAccounts', { who: anna });
    const path = { account: 'ben' };
    await api.ask('changeAccount', { who: anna, path, body: { disabled: true }, status: 204 });
    await api.ask('changeAccount', { who: anna, path, body: { disabled: false }, status: 204 });
    await api.ask('changeAccount', { who: anna, path: { account: 'anna' }, body: { disabled: true }, status: 409 });
    await api.ask('makeLink', { who: anna, path, body: {}, status: 201 });
    await api.ask('makeLink', { who: anna, path: { account: 'nobody' }, body: {}, status: 404 });
    await api.ask('signOutAccount', { who: anna, path, body: { tokens: true } });
    await api.ask('getAccount', { who: ben, status: 401 });
    await api.ask('removeAccount', { who: anna, path, status: 204 });
    await api.ask('removeAccount', { who: anna, path, status: 404 });
    await api.ask('signOutEverywhere', { who: anna, status: 204 });
    await api.ask('getAccount', { who: anna, status: 401 });
  });
});

it('every operation was asked, and every form of its answer was seen', () => {
  assert.deepEqual(api.unseen(), []);
  assert.deepEqual(ogc.unseen(), []);
});

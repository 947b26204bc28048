import './browser';
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Failure, reasonOf } from '../src/model/failure';
import { reason } from '../src/model/reason';
import { flatten } from '../src/panels/status/server';
import { setLanguage } from '../src/text/language';
import { inWords, reasonWords } from '../src/text/reasons';
import { root } from './repository';

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    if (one.isDirectory()) return sources(path);
    return /\.(cpp|h)$/.test(one.name) ? [readFileSync(path, 'utf8')] : [];
  });
}

/** What a link or a replay tells. */
const TOLD = /\bReason\{\s*"([a-z_0-9]+)"/g;

/** What the server answers with: problem(404, "CODE", refuse(call, 404, "CODE", Reason{"CODE" and the like. */
const ANSWERED = [
  /\b(?:problem|retry)\(\s*\d{3},\s*"([a-z_0-9]+)"/g,
  /\brefuse\([\w*.>-]+,\s*\d{3},\s*"([a-z_0-9]+)"/g,
  /\brefuse\([\w*.>-]+,\s*\w+ \? \d{3} : \d{3},\s*\w+ \? "([a-z_]+)" : "[a-z_]+"/g,
  /\brefuse_entry\([\w*.>-]+,\s*"([a-z_0-9]+)"/g,
  /\brefusal\(Offence::\w+,\s*\d{3},\s*"([a-z_0-9]+)"/g,
  /\.code = "([a-z_0-9]+)"/g,
  /\brefuse\("(\w+)",\s*(?:"|no_such_grant\()[^;]*, "(?:open|probe|control)"\)/g,
  /\? "(given_up)"/g,
  TOLD,
];

/** Why a socket is closed: number and code of each kind. */
function closings(): string[] {
  const list = readFileSync(join(root(), 'clients', 'web', 'server', 'http', 'close_kinds.h'), 'utf8');
  return [...list.matchAll(/\bCloseKind k\w+\{(\d+), "([a-z0-9_]+)"\}/g)].map((m) => `${m[1]} ${m[2]}`);
}

function codesOfTheServer(): Set<string> {
  const texts = sources(join(root(), 'clients', 'web', 'server'));
  return new Set(texts.flatMap((text) => ANSWERED.flatMap((form) => [...text.matchAll(form)].map((m) => m[1]!))));
}

/** As refusal_name() writes them. */
function codesOfTheHub(): string[] {
  const schema = readFileSync(join(root(), 'schemas', 'messages', 'common.fbs'), 'utf8');
  const body = /enum Refusal[^{]*\{([^}]*)\}/.exec(schema)![1]!;
  return [...body.matchAll(/^\s*(\w+) = (\d+)/gm)].filter((m) => m[2] !== '0')
    .map((m) => m[1]!.replace(/(?!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase());
}

test('every code that the server or the hub can answer has words in both languages', () => {
  const closed = closings().map((one) => one.split(' ')[1]!);
  const asked = [...codesOfTheServer(), ...codesOfTheHub(), ...closed];
  assert.ok(codesOfTheServer().size > 60 && codesOfTheHub().length > 20, 'the codes were found in the sources');
  for (const code of ['hub_cut', 'replays_account', 'stopped', 'page_slow']) assert.ok(asked.includes(code), code);
  for (const language of ['en', 'fr'] as const) {
    setLanguage(language);
    const missing = asked.filter((code) => !(code in reasonWords.value));
    assert.deepEqual(missing, [], language);
  }
});

test('the protocol lists every kind of closing, and no other', () => {
  const protocol = readFileSync(join(root(), 'clients', 'web', 'protocol', 'PROTOCOL.md'), 'utf8');
  const listed = [...protocol.matchAll(/^\| (\d{4}) \| `([a-z0-9_]+)` \|/gm)].map((m) => `${m[1]} ${m[2]}`);
  assert.ok(closings().length > 8);
  assert.deepEqual([...listed].sort(), closings().sort());
});

test('the protocol names every code that a link or a replay may tell beside those of the hub', () => {
  const protocol = readFileSync(join(root(), 'clients', 'web', 'protocol', 'PROTOCOL.md'), 'utf8');
  const live = sources(join(root(), 'clients', 'web', 'server', 'live')).join('\n');
  const told = [...live.matchAll(TOLD)].map((m) => m[1]!);
  assert.ok(told.length > 8 && told.includes('hub_anew'));
  const why = protocol.slice(protocol.indexOf('## Why'), protocol.indexOf('## Closing'));
  for (const code of told) assert.ok(why.includes(`\`${code}\``), code);
});

test('every reason has its own words in each language', () => {
  setLanguage('en');
  const english = { ...reasonWords.value };
  setLanguage('fr');
  const french = { ...reasonWords.value };
  assert.deepEqual(Object.keys(english), Object.keys(french));
  for (const [code, words] of Object.entries(french)) {
    assert.notEqual(words, '', code);
    assert.notEqual(words, (english as Record<string, string>)[code], code);
  }
});

test('a sentence stands behind the words where it tells more, and alone where its code is not known', () => {
  setLanguage('fr');
  assert.equal(inWords(reason('hub_away', 'the hub did not answer')), 'le hub est injoignable');
  assert.equal(inWords(reason('bad_body', 'text: is missing')), 'un champ est incorrect (text: is missing)');
  assert.equal(inWords(reason('of_a_later_server', 'no more of this')), 'no more of this');
  assert.equal(inWords(reason('of_a_later_server')), 'of_a_later_server');
  assert.equal(inWords(reason('constructor', 'a name of every object')), 'a name of every object');
});

test('a failure tells itself in the language of the moment it is read', () => {
  const failure = new Failure('no_map');
  setLanguage('en');
  assert.equal(failure.message, 'there is no map');
  setLanguage('fr');
  assert.equal(failure.message, 'il n’y a pas de carte');
  assert.deepEqual(reasonOf(failure), { code: 'no_map', detail: '' });
  assert.deepEqual(reasonOf(new Error('x is undefined')), { code: 'page', detail: 'x is undefined' });
});

test('the status of the server tells a code and its sentence as one reason', () => {
  const hub = { link: 'stale', code: 'hub_cut', reason: 'the connection is cut', seq: 7 };
  assert.deepEqual(flatten({ hub }), [{ key: 'hub', facts: [{ key: 'link', value: 'stale' },
    { key: 'reason', value: { code: 'hub_cut', detail: 'the connection is cut' } }, { key: 'seq', value: 7 }] }]);
  const [group] = flatten({ other: { reason: 'told alone' } });
  assert.deepEqual(group!.facts, [{ key: 'reason', value: 'told alone' }]);
});

import './browser';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Failure, reasonOf } from '../src/model/failure';
import { heard, hubReason, reason } from '../src/model/reason';
import { setLanguage } from '../src/text/language';
import { heardInWords, inWords, reasonWords } from '../src/text/reasons';

/** The repository, from wherever the bundle runs. */
function root(): string {
  let at = process.cwd();
  while (!existsSync(join(at, 'clients', 'web', 'server'))) {
    assert.notEqual(at, dirname(at), 'run from within the repository');
    at = dirname(at);
  }
  return at;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    if (one.isDirectory()) return sources(path);
    return /\.(cpp|h)$/.test(one.name) ? [readFileSync(path, 'utf8')] : [];
  });
}

/** What the server answers with: problem(404, "CODE", refuse(call, 404, "CODE" and the like. */
const ANSWERED = [
  /\b(?:problem|retry)\(\s*\d{3},\s*"([a-z_0-9]+)"/g,
  /\brefuse\([\w*.>-]+,\s*\d{3},\s*"([a-z_0-9]+)"/g,
  /\brefuse\([\w*.>-]+,\s*\w+ \? \d{3} : \d{3},\s*\w+ \? "([a-z_]+)" : "[a-z_]+"/g,
  /\brefuse_entry\([\w*.>-]+,\s*"([a-z_0-9]+)"/g,
  /\brefusal\(Offence::\w+,\s*\d{3},\s*"([a-z_0-9]+)"/g,
  /\.code = "([a-z_0-9]+)"/g,
  /\brefuse\("(\w+)",\s*(?:"|no_such_grant\(|refused,)[^;]*, "(?:open|probe|control)"\)/g,
  /\? "(given_up)"/g,
];

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
  const asked = [...codesOfTheServer(), ...codesOfTheHub()];
  assert.ok(codesOfTheServer().size > 60 && codesOfTheHub().length > 20, 'the codes were found in the sources');
  for (const language of ['en', 'fr'] as const) {
    setLanguage(language);
    const missing = asked.filter((code) => !(code in reasonWords.value));
    assert.deepEqual(missing, [], language);
  }
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

test('sentences of the hub and the server that come without a code are known by themselves', () => {
  setLanguage('fr');
  assert.equal(heardInWords('the hub is silent'), 'le hub ne répond pas');
  assert.match(heardInWords('this account has 3 replays open already'), /^ce compte a autant de rejeux/);
  assert.equal(heardInWords('something new'), 'something new');
  assert.equal(heard('something new', 'lost').code, 'lost');
  assert.equal(hubReason('stale', '', '').code, 'hub_away');
  assert.equal(hubReason('live', '', '').code, '');
});

test('the sentences that are known are those of the sources', () => {
  const all = [...sources(join(root(), 'clients')), ...sources(join(root(), 'hub', 'sessions'))].join('\n');
  for (const said of ['the hub is silent', 'the connection is cut', 'a hole was not filled', 'nothing was heard',
    'a hole in a snapshot', 'replays already', 'replays open already', 'the server has no thread left to play it',
    'the hub ended the replay', 'this session is over: sign in again', 'the server has as many browsers as it may',
    'this account has as many connections as it may', 'took nothing for too long']) {
    assert.ok(all.includes(said), said);
  }
});

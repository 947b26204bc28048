// A grant as it is typed, and what the server is told of it.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { areaOf, bodyOf, emptyDraft, isReady, listOfText, momentOf, wrongFields } from '../src/account/grant_draft';

const draft = { ...emptyDraft(), name: ' joint ', to: 'bravo' };

test('what was left empty is left out: it shows everything', () => {
  deepEqual(bodyOf(draft), { name: 'joint', to: 'bravo' });
});

test('each term is told in the unit that the server takes', () => {
  const classes = { track: true, event: false, state: true };
  deepEqual(bodyOf({ ...draft, classes, groups: 'north, -', units: 'alpha/v1', area: '1.5, -2,3,4',
    from: '2026-03-01 06:00', until: '2026-03-02T06:00:30Z', days: '2', past: true,
    delayMinutes: '10', roundM: '500', everyS: '60', ownNumbers: true }),
  { name: 'joint', to: 'bravo', classes: ['track', 'state'], groups: ['north', '-'], units: ['alpha/v1'],
    area: [1.5, -2, 3, 4], from: '2026-03-01T06:00:00Z', until: '2026-03-02T06:00:30Z', valid_s: 172_800, past: true,
    delay_s: 600, round_m: 500, every_s: 60, own_numbers: true });
});

test('what cannot be sent is found by its field', () => {
  const wrong = { ...draft, area: '1,2,3', from: 'tomorrow', days: '1.5', roundM: '-1' };
  deepEqual([...wrongFields(wrong)].sort(), ['area', 'days', 'from', 'roundM']);
  equal(isReady(wrong), false);
  equal(isReady(draft), true);
  equal(isReady({ ...draft, to: ' ' }), false);
  equal(isReady({ ...draft, classes: { track: false, event: false, state: false } }), false);
});

test('a grant of no days is refused: the server would take it as one without end', () => {
  for (const days of ['0', ' 000 ']) deepEqual([...wrongFields({ ...draft, days })], ['days']);
  equal(isReady({ ...draft, days: '0' }), false);
  equal(isReady({ ...draft, days: '1', delayMinutes: '0', roundM: '0' }), true);
});

test('moments, areas and lists are read as people type them', () => {
  equal(momentOf('2026-02-31 25:00'), null);
  equal(momentOf(' 2026-03-01 06:00Z '), '2026-03-01T06:00:00Z');
  equal(areaOf('1,2,,4'), null);
  deepEqual(listOfText(' a,b; c  d '), ['a', 'b', 'c', 'd']);
});

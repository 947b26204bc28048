import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Close } from '../src/feed/machine';
import { parseMessage } from '../src/feed/messages';
import { Bench, last, opened } from './bench';

test('the first opening has no token, and the link is live', () => {
  const bench = opened();
  assert.equal(bench.sent[0]!.type, 'open');
  assert.equal(bench.sent[0]!.resume, undefined);
  assert.equal(bench.state, 'live');
});

test('after a lost connection it resumes from the last frame', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.machine.socketClosed(1006, '', bench.now);
  assert.equal(bench.state, 'connecting');
  bench.pass(1000);
  assert.equal(bench.connects, 2);
  bench.open('L', true);
  const opening = bench.sent.filter((m) => m.type === 'open')[1]!;
  assert.deepEqual(opening.resume, { log: 'L', event_seq: 10, fix_seq: 12 });
  assert.equal(bench.state, 'live');
});

test('a snapshot that was cut off leaves the token before it', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.frame(20, 22, { kind: 1, firstPage: true });
  bench.frame(20, 22, { kind: 1 });
  assert.equal(bench.machine.resumeToken?.eventSeq, 10);
  bench.frame(20, 22, { kind: 1, lastPage: true });
  assert.equal(bench.machine.resumeToken?.eventSeq, 20);
});

test('another log drops the token and says so', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.opened1('M');
  assert.equal(bench.machine.resumeToken, null);
  assert.deepEqual(bench.openings, [true, false]);
});

test('a connection that answers probes stays', () => {
  const bench = opened();
  bench.pass(60_000);
  assert.equal(bench.connects, 1);
  assert.ok(bench.sent.filter((m) => m.type === 'probe').length >= 11);
  assert.equal(bench.links[bench.links.length - 1]!.hubAgeMs, 7);
});

test('a deaf connection is closed within 16 seconds and opened anew', () => {
  const bench = opened();
  bench.pass(16_000, false);
  assert.deepEqual(bench.closes, [Close.deaf]);
  assert.equal(bench.state, 'connecting');
  bench.pass(2000, false);
  assert.equal(bench.connects, 2);
});

test('a page that slept is not deaf before it could listen', () => {
  const bench = opened();
  bench.now += 3_600_000;
  bench.machine.tick(bench.now);
  assert.deepEqual(bench.closes, []);
  bench.pass(10_000);
  assert.deepEqual(bench.closes, []);
});

test('a page that slept over its connection finds out within 6 seconds', () => {
  const bench = opened();
  bench.pass(2000);
  bench.now += 3_600_000;
  bench.machine.tick(bench.now);
  bench.pass(6000, false);
  assert.deepEqual(bench.closes, [Close.deaf]);
});

for (const first of ['tick', 'frame']) {
  test(`what a page that slept reads on waking (${first} first) is of before: it shows nothing newer`, () => {
    const bench = opened();
    bench.pass(2000);
    const slept = bench.now;
    bench.now += 3_600_000;
    if (first === 'tick') bench.machine.tick(bench.now);
    bench.frame(10, 12);
    if (first === 'frame') bench.machine.tick(bench.now);
    bench.frame(11, 13);
    bench.machine.socketClosed(1006, '', bench.now);
    assert.equal(last(bench).sinceMs, slept);
  });
}

test('a page that slept shows the present again when a probe of after is answered, or it opened anew', () => {
  for (const anew of [false, true]) {
    const bench = opened();
    bench.now += 3_600_000;
    bench.machine.tick(bench.now);
    if (anew) {
      bench.machine.socketClosed(1006, '', bench.now);
      bench.pass(1000);
      bench.open('L', true);
      bench.frame(10, 12);
    } else bench.pass(1000);
    const heard = bench.now;
    bench.machine.socketClosed(1006, '', bench.now);
    assert.ok(heard - last(bench).sinceMs <= 1000, `${heard - last(bench).sinceMs} ms before`);
  }
});

test('each try waits longer, up to half a minute, and a steady connection starts over', () => {
  const bench = new Bench();
  bench.machine.start(bench.now);
  const waits: number[] = [];
  for (let i = 0; i < 10; i++) {
    bench.machine.socketClosed(1006, '', bench.now);
    const from = bench.now;
    for (const connects = bench.connects; bench.connects === connects;) bench.pass(1000);
    waits.push(bench.now - from);
  }
  assert.ok(waits[0]! <= 1000 && waits[9]! >= 22_000 && waits[9]! <= 31_000, waits.join());
  bench.open();
  bench.pass(20_000);
  bench.machine.socketClosed(1006, '', bench.now);
  const connects = bench.connects;
  bench.pass(1000);
  assert.equal(bench.connects, connects + 1);
});

test('the network coming back ends the wait at once', () => {
  const bench = opened();
  bench.machine.socketClosed(Close.full, '', bench.now);
  bench.machine.nudge(bench.now + 1);
  assert.equal(bench.connects, 2);
});

test('1008 signs out and stays so until it is started again', () => {
  const bench = opened();
  bench.machine.socketClosed(Close.policy, 'revoked', bench.now);
  assert.equal(bench.state, 'signed_out');
  bench.pass(60_000);
  bench.machine.nudge(bench.now);
  assert.equal(bench.connects, 1);
  bench.machine.start(bench.now);
  assert.equal(bench.connects, 2);
});

test('a closing by policy that is no sign-out is told, and tried again later', () => {
  for (const code of ['account_full', 'flooding']) {
    const bench = opened();
    bench.machine.socketClosed(Close.policy, `${code}: so it is`, bench.now);
    assert.deepEqual([bench.state, bench.reason], ['connecting', code]);
    bench.pass(4000);
    assert.equal(bench.connects, 1, 'not at once');
    bench.pass(56_000);
    assert.ok(bench.connects > 1);
  }
});

test('a handshake that is refused asks whether anyone is signed in', () => {
  const bench = new Bench();
  bench.machine.start(bench.now);
  bench.machine.socketClosed(1006, '', bench.now);
  assert.equal(bench.asked, 1);
  bench.machine.sessionAnswered(false, bench.now);
  assert.equal(bench.state, 'signed_out');
});

test('a server that forgot its manners is left, with no token', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.machine.broken('not a frame', bench.now);
  assert.deepEqual(bench.closes, [Close.protocol]);
  assert.equal(bench.machine.resumeToken, null);
  bench.pass(1000);
  assert.equal(bench.connects, 2);
});

test('the hub behind the server is the worse of both links', () => {
  const bench = opened();
  bench.hear({ type: 'link', state: 'stale', since_us: 1, reason: 'hub gone', code: 'hub_cut' });
  assert.equal(bench.state, 'stale');
  assert.equal(bench.links[bench.links.length - 1]!.lost, 'hub');
  bench.hear({ type: 'link', state: 'live', since_us: 1, reason: '', code: '' });
  assert.equal(bench.state, 'live');
});

test('a hub that is not heard after a probe is told within nine seconds, though the link says live', () => {
  const bench = opened();
  bench.pass(2000);
  bench.waited = -1;
  bench.pass(9000);
  assert.equal(bench.state, 'stale');
  assert.equal(bench.reason, 'hub_silent');
  assert.deepEqual(bench.closes, [], 'the server answers: it is not left');
  bench.waited = 300;
  bench.pass(6000);
  assert.equal(bench.state, 'live');
  assert.equal(bench.links[bench.links.length - 1]!.hubWaitMs, 300);
});

test('a link that says live takes a probe\'s word back only where the hub was heard since', () => {
  const bench = opened();
  const silent = (): void => {
    bench.waited = -1;
    bench.pass(9000);
    assert.equal(bench.state, 'stale');
  };
  const link = (state: string, age: number): void =>
    bench.hear({ type: 'link', state, since_us: 1, hub_age_ms: age, reason: '', code: '' });
  silent();
  link('live', 12_000);
  assert.equal(bench.state, 'stale', 'the hub was not heard since');
  link('live', -1);
  assert.equal(bench.state, 'stale');
  link('live', 500);
  assert.equal(bench.state, 'live');
  silent();
  link('connecting', 15_000);
  assert.equal(bench.state, 'connecting', 'the link\'s own word');
  link('live', 10_000);
  assert.equal(bench.state, 'live', 'a session that stands anew');
});

test('what is shown is as of when the hub was last heard, not of when that was seen', () => {
  const bench = opened();
  bench.pass(60_000);
  bench.hear({ type: 'link', state: 'stale', since_us: 1, hub_age_ms: 5000, reason: 'silent', code: '' });
  const since = bench.now - 5000;
  assert.equal(bench.links[bench.links.length - 1]!.sinceMs, since);
  bench.now += 2000;
  bench.machine.socketClosed(1006, '', bench.now);
  assert.equal(bench.links[bench.links.length - 1]!.sinceMs, since, 'the server lost too: it is as old as it was');
});

test('that the hub is missing, read after a sleep, is as old as what was read before it', () => {
  const bench = opened();
  bench.pass(5000);
  const heard = bench.now;
  bench.now += 3_600_000;
  bench.hear({ type: 'link', state: 'stale', since_us: 1, hub_age_ms: 2000, reason: 'silent', code: '' });
  const since = bench.links[bench.links.length - 1]!.sinceMs;
  assert.ok(since <= heard && since > heard - 10_000, `${since - heard} ms after`);
});

test('a connection that turns out to be deaf is as old as the last word on it', () => {
  const bench = opened();
  bench.pass(5000);
  const heard = bench.now;
  bench.pass(22_000, false);
  assert.equal(bench.state, 'connecting');
  assert.ok(Math.abs(bench.links[bench.links.length - 1]!.sinceMs - heard) <= 1000);
});

test('the way to the server is measured without its wait for the hub', () => {
  const bench = opened();
  const probe = bench.sent[bench.sent.length - 1]!;
  bench.now += 1234;
  bench.hear({ type: 'probe', id: probe.id, waited_ms: 1200, hub_age_ms: 3, hub_time_us: 9 });
  assert.equal(bench.links[bench.links.length - 1]!.tripMs, 34);
});

test('a connection that never greets is given up', () => {
  const bench = new Bench();
  bench.machine.start(bench.now);
  bench.machine.socketOpened(bench.now);
  bench.pass(17_000);
  assert.deepEqual(bench.closes, [Close.deaf]);
});

test('an interest goes out at once, and again with every opening', () => {
  const bench = opened();
  bench.machine.setInterest({ area: [1, 2, 3, 4], pace_ms: 1000 });
  assert.deepEqual(bench.sent[bench.sent.length - 1], { type: 'interest', area: [1, 2, 3, 4], pace_ms: 1000 });
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(1000);
  bench.open();
  assert.deepEqual(bench.sent.filter((m) => m.type === 'open')[1]!.area, [1, 2, 3, 4]);
});

test('an interest that changes while it opens is said when it is open, and gives the place of the fixes up', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(1000);
  bench.machine.socketOpened(bench.now);
  bench.hello1();
  bench.machine.setInterest({ area: [1, 2, 3, 4] });
  assert.equal(bench.sent[bench.sent.length - 1]!.type, 'open', 'not before the server resumed the old one');
  bench.opened1('L', true);
  const said = bench.sent.filter((m) => m.type === 'interest');
  assert.deepEqual(said, [{ type: 'interest', area: [1, 2, 3, 4] }]);
  bench.frame(14, 15);
  assert.equal(bench.machine.resumeToken?.fixSeq, 0);
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(1000);
  bench.open('L', true);
  assert.equal(bench.sent.filter((m) => m.type === 'interest').length, 1, 'the next opening has it');
});

test('an area with a pace outside may be taken up by the place of the fixes', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.machine.setInterest({ area: [1, 2, 3, 4], outside_ms: 10_000 });
  bench.machine.setInterest({ area: [2, 2, 4, 4], outside_ms: 10_000, always: ['a/b'] });
  bench.frame(14, 15);
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(1000);
  bench.open();
  const opening = bench.sent.filter((m) => m.type === 'open')[1]!;
  assert.deepEqual(opening.resume, { log: 'L', event_seq: 14, fix_seq: 15 });
  assert.equal(opening.outside_ms, 10_000);
});

test('an interest in other units gives the place of the fixes up, until the next connection', () => {
  const bench = opened();
  bench.frame(10, 12);
  bench.machine.setInterest({ channels: ['track/a'] });
  bench.frame(14, 15);
  assert.deepEqual(bench.machine.resumeToken, { log: 'L', eventSeq: 14, fixSeq: 0 });
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(1000);
  bench.open('L', true);
  bench.frame(16, 17);
  assert.equal(bench.machine.resumeToken?.fixSeq, 17);
});

test('a text that is wrong is refused by its field', () => {
  assert.throws(() => parseMessage('{"type":"link","state":"odd"}'), /state/);
  assert.throws(() => parseMessage('nonsense'), /JSON/);
  assert.equal(parseMessage('{"type":"later"}'), null);
});

test('a grant is named in each opening, and in none without one', () => {
  const bench = opened('alpha/aid');
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(2000);
  bench.open();
  assert.deepEqual(bench.sent.filter(({ type }) => type === 'open').map(({ grant }) => grant),
    ['alpha/aid', 'alpha/aid']);
  assert.equal('grant' in opened().sent[0]!, false);
});

test('a grant that the hub shows no more is told; a refusal of the own view is not that', () => {
  const refused = { type: 'link', state: 'refused', since_us: 1, hub_age_ms: 0, reason: 'ended', code: 'not_entitled' };
  const bench = opened('alpha/aid');
  bench.hear({ ...refused, code: 'too_many_sessions' });
  assert.deepEqual(bench.barredBy, []);
  bench.hear(refused);
  assert.deepEqual(bench.barredBy, ['ended']);
  const own = opened();
  own.hear(refused);
  assert.deepEqual(own.barredBy, []);
});

test('why there is no link is a code: of the page, of the closing, of the hub', () => {
  const bench = opened();
  const hub = (state: string, code: string, reason: string): string => {
    bench.hear({ type: 'link', state, since_us: 1, hub_age_ms: 1, reason, code });
    return bench.reason;
  };
  assert.equal(hub('stale', 'hub_silent', 'nothing comes'), 'hub_silent');
  assert.equal(hub('stale', 'of_a_later_server', 'what no page knows yet'), 'of_a_later_server');
  assert.equal(bench.links[bench.links.length - 1]!.reason.detail, 'what no page knows yet');
  assert.equal(hub('refused', 'revoked', 'the key is revoked'), 'revoked');
  assert.equal(hub('live', '', ''), '');
  for (const [close, said, code, detail] of [
    [Close.restarting, 'restarting: it stops', 'restarting', 'it stops'],
    [Close.full, 'page_slow: took nothing', 'page_slow', 'took nothing'],
    [Close.full, 'of_a_later_server: no: more', 'of_a_later_server', 'no: more'],
    [Close.policy, 'signed_out: sign in again', 'signed_out', 'sign in again'],
    [Close.protocol, 'protocol: type is missing', 'protocol', 'type is missing'],
    [1011, 'internal: the log says why', 'internal', 'the log says why'],
  ] as const) {
    const other = opened();
    other.machine.socketClosed(close, said, other.now);
    assert.deepEqual(last(other).reason, { code, detail });
  }
  bench.pass(40_000, false);
  assert.equal(bench.reason, 'server_silent');
});

test('a closing that says no code, as of a proxy between, goes by its number', () => {
  for (const [close, said, code] of [[1006, '', 'lost'], [1001, 'going away', 'lost'],
    [Close.restarting, '', 'restarting'], [Close.full, 'full', 'server_full'],
    [Close.policy, 'Not here: policy', 'closed_policy'], [Close.protocol, '', 'protocol'],
    [Close.tooBig, '', 'protocol'],
  ] as const) {
    const other = opened();
    other.machine.socketClosed(close, said, other.now);
    assert.deepEqual(last(other).reason, { code, detail: said });
  }
});

test('a place larger than a number holds is told again to its last digit', () => {
  const bench = opened('alpha/aid');
  bench.frame(Number('7258000000000004097'), 12, { eventDigits: '7258000000000004097' });
  bench.machine.socketClosed(1006, '', bench.now);
  bench.pass(2000);
  bench.machine.socketOpened(bench.now);
  bench.hello1();
  assert.deepEqual(bench.sent[bench.sent.length - 1]!.resume,
    { log: 'L', event_seq: '7258000000000004097', fix_seq: 12 });
});

test('the terms of grants are read, and those that are not known are said to be so', () => {
  const parsed = parseMessage(JSON.stringify({ type: 'grants', grants: [{ name: 'a/b', terms: null }, { name: 'a/c',
    terms: { delay_s: 600, round_m: 500, every_s: 60, own_numbers: true, ends_us: 7, classes: ['track'] } }] }));
  assert.deepEqual(parsed, { type: 'grants', grants: [{ name: 'a/b', terms: null }, { name: 'a/c',
    terms: { delayS: 600, roundM: 500, everyS: 60, ownNumbers: true, endsUs: 7, classes: ['track'] } }] });
});

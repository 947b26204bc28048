import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Close } from '../src/feed/machine';
import { last, opened, type Bench } from './bench';

/** A link that was live and answered, and has swallowed everything from a moment on. */
function swallowed(waited = 0): Bench {
  const bench = opened();
  bench.waited = waited;
  bench.pass(20_000);
  while (!bench.machine.isOpen || bench.now % 5000 !== 1000) bench.pass(1000);
  return bench;
}

test('a link that swallows bytes is doubtful within 7 s of the last one, and is given until it is deaf', () => {
  const bench = swallowed();
  const heard = bench.now;
  for (let i = 0; i < 7; i++) {
    assert.equal(bench.state, 'live', `${bench.now - heard} ms after the last byte`);
    bench.pass(1000, false);
  }
  assert.equal(bench.state, 'stale');
  assert.equal(bench.reason, 'no_answer');
  assert.equal(last(bench).lost, 'answer');
  assert.equal(last(bench).sinceMs, heard, 'what is shown is as of the last byte');
  assert.deepEqual(bench.closes, []);
  bench.pass(12_000, false);
  assert.deepEqual(bench.closes, []);
  bench.pass(1000, false);
  assert.deepEqual(bench.closes, [Close.deaf]);
  assert.equal(last(bench).sinceMs, heard);
});

test('a late answer makes a doubtful link live again, on the same connection', () => {
  const bench = swallowed();
  bench.pass(9000, false);
  assert.equal(bench.state, 'stale');
  const probe = bench.sent[bench.sent.length - 1]!;
  bench.hear({ type: 'probe', id: probe.id, waited_ms: 10, hub_age_ms: 7, hub_time_us: 9 });
  assert.equal(bench.state, 'live');
  bench.pass(60_000);
  assert.equal(bench.connects, 1);
});

test('an answer that is late because frames before it still come in is not silence', () => {
  const bench = swallowed();
  const before = bench.links.length;
  for (let i = 0; i < 10; i++) {
    bench.pass(1000, false);
    bench.frame(10 + i, 20 + i);
  }
  assert.ok(bench.links.slice(before).every(({ state }) => state === 'live'));
  assert.equal(bench.state, 'live');
});

test('a hub that answers slowly, or not, is no silence of the server', () => {
  const bench = swallowed(3500);
  const heard = bench.now;
  bench.pass(9000, false);
  assert.equal(bench.state, 'live', 'as slow as the answer before it');
  bench.pass(3000, false);
  assert.equal(bench.state, 'stale');
  assert.ok(bench.now - heard <= 12_000);
});

test('a page that was busy reads what came before it doubts', () => {
  const bench = swallowed();
  bench.pass(5000, false); // a probe is on its way
  bench.now += 4000;
  bench.machine.tick(bench.now);
  assert.equal(bench.state, 'live');
  bench.pass(1000, false);
  assert.equal(bench.state, 'stale');
});

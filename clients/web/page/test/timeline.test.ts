import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { NO_REASON } from '../src/model/reason';
import type { Past, Room, RoomEvent } from '../src/model/types';
import { RENEW_APART_MS } from '../src/timeline/density';
import { FixLoader, fixesAt } from '../src/timeline/fixes';
import { Player } from '../src/timeline/player';
import { APART_MS, PATIENCE_MS, Seeker, type Timers } from '../src/timeline/seeker';
import { brought, HOUR_US, inputOf, lastOf, lengthOf, MINUTE_US, SECOND_US, SPAN_US_MAX, SPAN_US_MIN, ticksOf,
  timeOfInput,
  zoomed } from '../src/timeline/span';

/** Time that goes on when it is told to. */
class Hand implements Timers {
  now = 0;
  private next = 1;
  private readonly waiting = new Map<number, { at: number; work: () => void }>();

  set(work: () => void, ms: number): number {
    this.waiting.set(this.next, { at: this.now + ms, work });
    return this.next++;
  }
  clear(id: number): void { this.waiting.delete(id); }
  pass(ms: number): void {
    this.now += ms;
    for (const [id, one] of [...this.waiting]) {
      if (one.at > this.now) continue;
      this.waiting.delete(id);
      one.work();
    }
  }
}

const NOW_US = 1_772_000_000 * SECOND_US;

/** A room that remembers what it was asked, and answers when it is told to. */
function roomOf(events: Partial<RoomEvent>[] = [], grant: { name: string } | null = null) {
  const past = signal<Past | null>(null);
  const asked: { timeUs: number; clock: string; speed?: number; paused?: boolean }[] = [];
  const gets: string[] = [];
  const eventsVersion = signal(0);
  const world = { events, eventsVersion, nowUs: () => NOW_US };
  const room = {
    live: world, present: signal(world), shown: signal({ nowUs: () => 0 }), past, tick: signal(0), grant: signal(grant),
    showPast(timeUs: number, clock: Past['clock'], options: { speed?: number; paused?: boolean } = {}) {
      asked.push({ timeUs, clock, ...options });
      past.value = { clock, timeUs, phase: 'loading', speed: options.speed ?? 1, reason: NO_REASON };
    },
    pausePast(paused: boolean) { if (past.value) past.value = { ...past.value,
      phase: paused ? 'paused' : 'playing' }; },
    setPastSpeed(speed: number) { if (past.value) past.value = { ...past.value, speed }; },
    showLive() { past.value = null; },
    get(path: string) { gets.push(path); return Promise.resolve({ events: [] }); },
    getShown(path: string) { gets.push(path); return Promise.resolve({ events: [] }); },
  };
  const arrive = (phase: Past['phase']): void => { if (past.value) past.value = { ...past.value, phase }; };
  const happen = (event: Partial<RoomEvent>): void => {
    events.push(event);
    eventsVersion.value++;
  };
  return { room: room as unknown as Room, past, asked, gets, arrive, happen };
}

test('one seek is on its way at a time, and the last wish is always sent', () => {
  const sent: number[] = [];
  const hand = new Hand();
  const seeker = new Seeker((time) => sent.push(time), hand);
  for (const time of [1, 2, 3, 4]) seeker.want(time);
  assert.deepEqual(sent, [1]);
  seeker.answered();
  hand.pass(APART_MS);
  assert.deepEqual(sent, [1, 4]);
  seeker.answered();
  hand.pass(APART_MS);
  assert.deepEqual(sent, [1, 4]);
});

test('an answer that does not come holds the next seek no longer than its patience', () => {
  const sent: number[] = [];
  const hand = new Hand();
  const seeker = new Seeker((time) => sent.push(time), hand);
  seeker.want(1);
  seeker.want(2);
  hand.pass(PATIENCE_MS - 1);
  assert.deepEqual(sent, [1]);
  hand.pass(1);
  assert.deepEqual(sent, [1, 2]);
});

test('what was dropped is not sent', () => {
  const sent: number[] = [];
  const hand = new Hand();
  const seeker = new Seeker((time) => sent.push(time), hand);
  seeker.want(1);
  seeker.want(2);
  seeker.drop();
  hand.pass(PATIENCE_MS);
  assert.deepEqual(sent, [1]);
});

test('zooming keeps the time under the pointer, within the least and the most', () => {
  const span = { fromUs: 0, toUs: HOUR_US };
  const closer = zoomed(span, 0.5, HOUR_US / 4);
  assert.equal(lengthOf(closer), HOUR_US / 2);
  assert.equal((HOUR_US / 4 - closer.fromUs) / lengthOf(closer), 1 / 4);
  assert.equal(lengthOf(zoomed(span, 1e-9, 0)), SPAN_US_MIN);
  assert.equal(lengthOf(zoomed(span, 1e9, 0)), SPAN_US_MAX);
});

test('a time outside is brought in by as little as need be', () => {
  const span = { fromUs: 0, toUs: HOUR_US };
  assert.equal(brought(span, HOUR_US / 2), span);
  assert.equal(brought(span, 2 * HOUR_US).toUs, 2 * HOUR_US + HOUR_US / 20);
  assert.equal(brought(span, -HOUR_US).fromUs, -HOUR_US - HOUR_US / 20);
});

test('labels stand at round times and never too close', () => {
  for (const length of [SPAN_US_MIN, MINUTE_US, HOUR_US, 48 * HOUR_US, SPAN_US_MAX]) {
    const ticks = ticksOf(lastOf(length, NOW_US), 1000);
    assert.ok(ticks.length >= 1 && ticks.length <= 13, `${ticks.length} labels in ${length}`);
    for (const tick of ticks) assert.equal(tick.timeUs % SECOND_US, 0);
  }
});

test('a time in a field is UTC, there and back', () => {
  assert.equal(inputOf(timeOfInput('2026-03-12T06:14:05') ?? 0), '2026-03-12T06:14:05');
  assert.equal(timeOfInput('2026-03-12T06:14'), Date.UTC(2026, 2, 12, 6, 14) * 1000);
  assert.equal(timeOfInput('yesterday'), null);
  assert.equal(timeOfInput('2026-03-12 06:14'), null);
});

test('a drag shows the moment paused, and goes on playing when it did before', () => {
  const { room, asked, arrive } = roomOf();
  const hand = new Hand();
  const player = new Player(room, hand);
  player.seek(NOW_US - HOUR_US, false);
  arrive('playing');
  hand.pass(APART_MS);
  player.dragBegin(NOW_US - 2 * HOUR_US);
  assert.equal(asked[1]?.paused, true);
  player.dragTo(NOW_US - 3 * HOUR_US);
  player.dragEnd();
  arrive('paused');
  hand.pass(APART_MS);
  assert.deepEqual(asked[2], { timeUs: NOW_US - 3 * HOUR_US, clock: 'true', speed: 1, paused: false });
  player.end();
});

test('a drag to the present is live again', () => {
  const { room, past } = roomOf();
  const player = new Player(room, new Hand());
  player.seek(NOW_US - HOUR_US);
  player.dragBegin(NOW_US - HOUR_US);
  player.dragTo(NOW_US + HOUR_US);
  player.dragEnd();
  assert.equal(past.value, null);
  player.end();
});

test('quick steps add up, though the answers come later', () => {
  const { room, asked, arrive } = roomOf();
  const hand = new Hand();
  const player = new Player(room, hand);
  player.seek(NOW_US - HOUR_US, true);
  for (let i = 0; i < 5; i++) player.step(-10 * SECOND_US);
  arrive('paused');
  hand.pass(APART_MS);
  assert.equal(asked[asked.length - 1]?.timeUs, NOW_US - HOUR_US - 50 * SECOND_US);
  player.end();
});

test('the other clock shows the same moment', () => {
  const { room, asked, arrive } = roomOf();
  const hand = new Hand();
  const player = new Player(room, hand);
  player.seek(NOW_US - HOUR_US, true);
  arrive('paused');
  hand.pass(APART_MS);
  player.setClock('known');
  assert.deepEqual(asked[1], { timeUs: NOW_US - HOUR_US, clock: 'known', speed: 1, paused: true });
  player.end();
});

test('a range begins again at its end, and at the end of the log', () => {
  const { room, asked, past, arrive } = roomOf();
  const hand = new Hand();
  const player = new Player(room, hand);
  player.seek(NOW_US - HOUR_US, false);
  arrive('playing');
  hand.pass(APART_MS);
  player.setLoop({ fromUs: NOW_US - 2 * HOUR_US, toUs: NOW_US - HOUR_US / 2 });
  player.turn();
  assert.equal(asked.length, 1);
  past.value = { ...(past.value as Past), timeUs: NOW_US - HOUR_US / 2 };
  player.turn();
  assert.equal(asked[1]?.timeUs, NOW_US - 2 * HOUR_US);
  arrive('playing');
  hand.pass(APART_MS);
  arrive('ended');
  player.turn();
  assert.equal(asked[2]?.timeUs, NOW_US - 2 * HOUR_US);
  player.end();
});

test('speed stays within 1 and 1000, and goes by notches', () => {
  const { room } = roomOf();
  const player = new Player(room, new Hand());
  player.setSpeed(5000);
  assert.equal(player.speed.value, 1000);
  player.faster(-1);
  assert.equal(player.speed.value, 600);
  player.setSpeed(0);
  assert.equal(player.speed.value, 1);
  player.end();
});

test('an event within the span is asked for at once, many no more often than of use, others not at all', async () => {
  const { room, gets, happen } = roomOf();
  const hand = new Hand();
  const player = new Player(room, hand);
  const passed = async (ms: number): Promise<number> => {
    for (let gone = 0; gone < ms; gone += 50) {
      hand.pass(50);
      await new Promise((done) => setImmediate(done));
    }
    return gets.filter((path) => path.startsWith('/timeline')).length;
  };
  assert.equal(await passed(10_000), 1); // the span itself
  happen({ timeUs: NOW_US - MINUTE_US });
  assert.equal(await passed(200), 2);
  for (let i = 0; i < 10; i++) happen({ timeUs: NOW_US - MINUTE_US });
  assert.equal(await passed(RENEW_APART_MS - 500), 2);
  assert.equal(await passed(1000), 3); // all of them, though they came too soon to be asked for one by one
  assert.equal(await passed(10_000), 3);
  happen({ timeUs: NOW_US - 2 * HOUR_US });
  assert.equal(await passed(10_000), 3);
  player.end();
});

test('the event before or after is asked of the server by the clock that is shown', async () => {
  const { room, gets } = roomOf();
  const player = new Player(room, new Hand());
  player.seek(NOW_US - HOUR_US, true);
  assert.equal(await player.stepEvent(1), false);
  const path = gets.find((one) => one.startsWith('/events'));
  assert.ok(path?.includes('order=oldest') && path.includes('clock=true') && path.includes('limit=1'), path);
  player.end();
});

test('the fixes are asked for again until all are counted, and what is known is shown meanwhile', async () => {
  const hand = new Hand();
  const asked: string[] = [];
  const answers = [
    { from: '2026-02-25T06:00:00Z', bucket_s: 60, complete: false, sampled: false, fixes: [null, 5] },
    { from: '2026-02-25T06:00:00Z', bucket_s: 60, complete: true, sampled: false, fixes: [3, 5] },
  ];
  const loader = new FixLoader((path) => {
    asked.push(path);
    return Promise.resolve(answers[Math.min(asked.length, 2) - 1]!);
  }, hand);
  const fromUs = Date.parse('2026-02-25T06:00:00Z') * 1000;
  const span = { fromUs, toUs: fromUs + 2 * MINUTE_US };
  const settle = async (ms: number): Promise<void> => {
    hand.pass(ms);
    await new Promise((done) => setImmediate(done));
  };
  loader.show(span, 'true');
  await settle(400);
  assert.deepEqual(loader.density.value?.counts, [null, 5]);
  assert.equal(fixesAt(loader.density.value, fromUs + SECOND_US), null);
  loader.show(span, 'true'); // the same: nothing begins anew
  await settle(1500);
  assert.deepEqual(loader.density.value?.counts, [3, 5]);
  assert.equal(fixesAt(loader.density.value, fromUs + SECOND_US), 3);
  assert.equal(fixesAt(loader.density.value, fromUs - SECOND_US), null);
  await settle(2000);
  assert.equal(asked.length, 2);
  assert.match(asked[0]!, /^\/density\?from=\d+&to=\d+&buckets=240&clock=true$/);
  loader.show(span, 'known');
  assert.equal(loader.density.value, null, 'by the other clock nothing of it is so');
  loader.stop();
});

test('fixes that can not be had now are asked for later, without a word', async () => {
  const hand = new Hand();
  let asked = 0;
  const loader = new FixLoader(() => {
    asked++;
    return Promise.reject(new Error('away'));
  }, hand);
  loader.show({ fromUs: 0, toUs: HOUR_US }, 'true');
  hand.pass(400);
  await new Promise((done) => setImmediate(done));
  hand.pass(10_000);
  await new Promise((done) => setImmediate(done));
  assert.equal(asked, 2);
  loader.stop();
});

test('by a grant the bar asks by known time alone, and for no count of fixes', () => {
  const { room, asked, gets } = roomOf([], { name: 'alpha/aid' });
  const hand = new Hand();
  const player = new Player(room, hand);
  player.setClock('true');
  assert.equal(player.clock.value, 'known');
  player.difference.value = true;
  hand.pass(1000);
  assert.ok(gets.some((path) => path.startsWith('/timeline') && path.includes('clock=known')), gets.join());
  assert.ok(!gets.some((path) => path.startsWith('/density')), gets.join());
  assert.equal(asked.length, 0);
  player.end();
});

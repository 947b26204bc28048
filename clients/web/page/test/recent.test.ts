import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_REASON } from '../src/model/reason';
import type { Past, Room, RoomEvent, World } from '../src/model/types';
import { apart, askAgain, showEvent } from '../src/panels/events/chosen';
import { logOf, thereBy } from '../src/panels/events/log';
import { askUnitEvents, EVENTS_MAX, newestOf } from '../src/panels/unit/recent';

const NOW_US = Date.UTC(2026, 2, 12) * 1000;
const event = (name: string, seq: number, timeUs: number, more: Partial<RoomEvent> = {}): RoomEvent =>
  ({ name, seq, timeUs, knownUs: seq, unit: 'alpha/v1', references: [], kind: 'text', ...more }) as RoomEvent;
const names = (events: readonly RoomEvent[]): string[] => events.map(({ name }) => name);

/** What was asked of a server that answers with so many events. */
async function asked(count: number, more: { past?: object; grant?: object; next?: string } = {}) {
  const paths: URL[] = [];
  const events = Array.from({ length: count }, (_, i) => ({ seq: i + 1, unit: 'alpha/v1', spool: 's', number: i,
    true_time: '2026-03-11T06:14:05Z', known_time: '2026-03-11T06:14:05Z' }));
  const room = { past: { peek: () => more.past ?? null }, grant: { peek: () => more.grant ?? null },
    getShown: (path: string) => {
      paths.push(new URL(path, 'http://here'));
      return Promise.resolve({ events, ...(more.next ? { next: more.next } : {}) });
    } } as unknown as Room;
  const got = await askUnitEvents(room, { nowUs: () => NOW_US } as World, 'alpha/v1');
  return { ...got, query: Object.fromEntries(paths[0]!.searchParams) };
}

test('a unit\'s events of feed and server are each there once, newest first, and of no other unit', () => {
  const earlier = [event('a', 1, 10), event('b', 2, 20)];
  const live = [event('b', 2, 20), event('c', 3, 15), event('d', 4, 40, { unit: 'alpha/v2' }), event('e', 5, 50)];
  assert.deepEqual(names(newestOf(live, earlier, 'alpha/v1', 'true')), ['e', 'b', 'c', 'a']);
  assert.deepEqual(names(newestOf(live, earlier, 'alpha/v1', 'known')), ['e', 'c', 'b', 'a']);
});

test('no more are listed than fit', () => {
  const many = Array.from({ length: 20 }, (_, i) => event(String(i), i, i));
  assert.deepEqual(names(newestOf(many, [], 'alpha/v1', 'true')),
    Array.from({ length: EVENTS_MAX }, (_, i) => String(19 - i)));
});

test('the present is asked for by true time without an end, the past until its moment by its own clock', async () => {
  const day = 86_400e6;
  assert.deepEqual((await asked(0)).query, { unit: 'alpha/v1', clock: 'true', from: String(NOW_US - 7 * day),
    order: 'newest', limit: String(EVENTS_MAX) });
  const past = (await asked(0, { past: { clock: 'known' } })).query;
  assert.equal(past.clock, 'known');
  assert.equal(past.from, String(NOW_US - day));
  assert.equal(past.to, String(NOW_US + 1));
  assert.equal((await asked(0, { grant: { name: 'alpha/aid' } })).query.clock, 'known');
});

test('an answer that could not be read to its end is not the whole, unless the card is full', async () => {
  assert.equal((await asked(2)).whole, true);
  assert.equal((await asked(2, { next: '1-1' })).whole, false);
  assert.equal((await asked(EVENTS_MAX, { next: '1-1' })).whole, true);
});

test('an event that lies apart from the log is known and not listed, with what acknowledged it', () => {
  const world = { events: [event('new', 9, 90)] as readonly RoomEvent[] } as World;
  const answer = event('ack', 5, 50, { kind: 'acknowledgement', references: ['old'] });
  const log = logOf(world, [], [event('old', 1, 10), answer]);
  assert.deepEqual(names(log.all), ['new']);
  assert.equal(log.byName.get('old')?.seq, 1);
  assert.equal(log.acknowledgedBy.get('old')?.name, 'ack');
});

test('what happened, or became known, after the moment that is shown is not there', () => {
  const events = [event('a', 5, 10), event('b', 2, 40)];
  const past = (clock: Past['clock']): Past => ({ clock, timeUs: 0, phase: 'paused', speed: 1, reason: NO_REASON });
  assert.deepEqual(names(thereBy(events, past('true'), 20)), ['a']);
  assert.deepEqual(names(thereBy(events, past('known'), 3)), ['b']);
  assert.deepEqual(names(thereBy(events, null, 0)), ['a', 'b']);
});

test('at a later moment it is asked again what acknowledged an event that lies apart', async () => {
  let nowUs = 100;
  const asked: string[] = [];
  const room = { past: { peek: () => ({ clock: 'true' }) }, grant: { peek: () => null },
    getShown: (path: string) => {
      asked.push(new URL(path, 'http://here').searchParams.get('to')!);
      return Promise.resolve({ events: [] });
    } } as unknown as Room;
  const world = { events: [] as readonly RoomEvent[], nowUs: () => nowUs } as World;
  const answered = () => new Promise((done) => setImmediate(done));
  showEvent(room, world, event('old', 1, 10));
  await answered();
  assert.equal(apart.peek()?.answers, 'known');
  nowUs = 500;
  askAgain(room, apart.peek()!, 500);
  assert.equal(apart.peek()?.answers, 'loading');
  await answered();
  assert.equal(apart.peek()?.answers, 'known');
  assert.deepEqual(asked, ['101', '501']);
});

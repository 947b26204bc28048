import './browser';
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { signal } from '@preact/signals';
import type { Room, RoomEvent } from '../src/model/types';
import { isUnread, markAllRead, markRead, unreadOf, watchUnread } from '../src/panels/events/unread';

const now = Date.now;
afterEach(() => { Date.now = now; });

/** A page that has been open for long, with events of these seqs at its beginning. */
function openPage(...seqs: number[]) {
  let events: RoomEvent[] = [];
  const eventsVersion = signal(0);
  const logs = signal(0);
  const link = signal({ state: 'live' });
  const live = { get events() { return events; }, eventsVersion, logs };
  const room = { live, link } as unknown as Room;
  const come = (...more: number[]): RoomEvent[] => {
    const fresh = more.map((seq) => ({ seq, severity: 2 }) as RoomEvent);
    events = [...events, ...fresh];
    eventsVersion.value++;
    return fresh;
  };
  come(...seqs);
  const stop = watchUnread(room);
  const opened = now();
  Date.now = () => opened + 10_000;
  return { room, come, stop, unread: () => unreadOf(room).value.count,
    otherLog: () => { events = []; logs.value++; } };
}

test('what was there at the beginning is read, what comes is not, until it is', () => {
  const page = openPage(5, 7);
  assert.equal(page.unread(), 0);
  const [first] = page.come(8, 9);
  assert.equal(page.unread(), 2);
  markRead(first!);
  assert.equal(page.unread(), 1);
  markAllRead(page.room);
  assert.equal(page.unread(), 0);
  page.stop();
});

test('of another log, whose seqs are lower, everything is unread', () => {
  const page = openPage(5000);
  page.come(5001);
  page.otherLog();
  assert.equal(page.unread(), 0);
  const [first] = page.come(1, 2, 3);
  assert.equal(page.unread(), 3);
  assert.ok(isUnread(first!));
  markAllRead(page.room);
  page.come(4);
  assert.equal(page.unread(), 1);
  page.stop();
});

test('what was read one by one of the log before is not read of the new one', () => {
  const page = openPage(10);
  const [read] = page.come(11);
  markRead(read!);
  assert.equal(page.unread(), 0);
  page.otherLog();
  page.come(11);
  assert.equal(page.unread(), 1);
  page.stop();
});

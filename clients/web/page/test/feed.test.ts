import './browser';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Feed } from '../src/feed/feed';

/** A socket that the test opens and closes. */
class Socket {
  static readonly OPEN = 1;
  static made: Socket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  constructor() { Socket.made.push(this); }
  send(text: string): void {
    if (this.readyState > 1) throw new Error('is already in CLOSING or CLOSED state');
    this.sent.push(text);
  }
  close(): void { this.readyState = 3; }
}

test('nothing is sent over a socket that is being closed', () => {
  Object.assign(globalThis, { WebSocket: Socket });
  const none = (): undefined => undefined;
  const feed = new Feed({ url: 'ws://here/', askSession: () => Promise.resolve(true), sink: () => null, link: none,
    hello: none, opened: none, grants: none, past: none, refused: none });
  Object.assign(globalThis.window, { setInterval: () => 1, clearInterval: none, addEventListener: none,
    removeEventListener: none });
  Object.assign(globalThis.document, { addEventListener: none, removeEventListener: none });
  feed.start();
  const socket = Socket.made[0]!;
  const hear = (message: object): void => socket.onmessage({ data: JSON.stringify(message) });
  socket.readyState = Socket.OPEN;
  socket.onopen();
  hear({ type: 'hello', protocol: 1, server: '', server_time_us: 1, viewer: { name: 'Ann', account: 'ann',
    may_send: true, administrator: false, open: false } });
  hear({ type: 'opened', log: '0a', overdue_after_ms: 1, silent_after_ms: 2, resumed: false, hub_time_us: 1,
    grant: null, grants: [] });
  const stop = { type: 'control', request: 1, do: 'stop' };
  assert.ok(feed.request(stop));
  assert.deepEqual(JSON.parse(socket.sent.at(-1)!), stop);
  const sent = socket.sent.length;
  socket.readyState = 2;
  assert.equal(feed.request(stop), false, 'and that is told');
  assert.equal(socket.sent.length, sent);
  feed.stop();
});

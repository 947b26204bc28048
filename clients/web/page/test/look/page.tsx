// The map alone, moved by frames made here: ?units=N&hz=H&area=sahel|world&stale. test/look/look.mjs looks at it.
import { signal } from '@preact/signals';
import { render } from 'preact';
import '../../src/styles/tokens.css';
import '../../src/styles/base.css';
import '../../src/styles/controls.css';
import '../../src/styles/room.css';
import { FrameKind, FrameReader } from '../../src/feed/frames';
import { MapView, mapTools } from '../../src/map';
import { Address } from '../../src/model/address';
import { Picture } from '../../src/model/picture';
import { NO_REASON } from '../../src/model/reason';
import { onScreen } from '../../src/model/screen';
import type { Link, Past, Room, Viewer, World } from '../../src/model/types';
import { encodeFrame, type FixIn } from '../frames';
import { Walkers } from './walkers';

const asked = new URLSearchParams(window.location.search);
const count = Number(asked.get('units') ?? 11);
const hz = Number(asked.get('hz') ?? 1);
const FRAMES_A_SECOND = Math.min(count, 20);

const live = new Picture(() => Date.now() * 1000, onScreen);
live.setThresholds({ overdueAfterMs: 60_000, silentAfterMs: 600_000 });
const tick = signal(0);
window.setInterval(() => tick.value++, 1000);
const place = signal<string | null>(null);

const room: Room = {
  viewer: signal<Viewer>({ account: 'look', name: '', maySend: true, administrator: false, open: true }),
  live,
  shown: signal<World>(live),
  past: signal<Past | null>(null),
  link: signal<Link>({ state: 'live', sinceMs: Date.now(), reason: NO_REASON, hubAgeMs: 0, tripMs: 4, hubWaitMs: 300,
    delayMs: 10, delayAtMs: Date.now() }),
  selected: place,
  followed: signal<string | null>(null),
  address: new Address(),
  tick,
  goTo: (at, zoom) => mapTools.goTo(at, zoom),
  showPast: () => {},
  pausePast: () => {},
  setPastSpeed: () => {},
  showLive: () => {},
  send: () => Promise.resolve({ ok: true }),
  get: () => Promise.reject(new Error('no server')),
};

const reader = new FrameReader();
const walkers = new Walkers(count, asked.get('area') ?? 'sahel', asked.has('stale'));
const take = (bytes: ArrayBuffer): void => void reader.read(bytes, () => live);

function snapshot(): void {
  for (const frame of walkers.history()) take(encodeFrame({ fixes: frame }));
  take(encodeFrame({ kind: FrameKind.Snapshot, firstPage: true, lastPage: true, names: walkers.names(), cards: walkers.cards(),
    fixes: walkers.fixes(0, count), events: walkers.events() }));
}

/** The frames of one second, encoded before they are needed, so that what is measured is the page's work alone. */
let ready: ArrayBuffer[] = [];
let next = 0;
function prepare(): void {
  ready = [];
  for (let second = 0; second < 20; second++) {
    for (let i = 0; i < FRAMES_A_SECOND; i++) {
      const from = Math.floor(i * count / FRAMES_A_SECOND), to = Math.floor((i + 1) * count / FRAMES_A_SECOND);
      ready.push(encodeFrame({ fixes: walkers.step(from, to, second) as FixIn[] }));
    }
  }
}

take(encodeFrame({ names: walkers.names() }));
snapshot();
prepare();
window.setInterval(() => {
  if (next < ready.length) take(ready[next++]!);
}, 1000 / FRAMES_A_SECOND / hz);

Object.assign(window, { look: { room, mapTools, live } });
render(<main class="map-place" style={{ position: 'fixed', inset: '0' }}><MapView room={room} /></main>, document.getElementById('page')!);

// Tells the server what this browser looks at: when the map rests elsewhere, another unit or pace is chosen, or many
// units came, a little later, and only when the answer is another one than before.
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Room } from '../model/types';
import { tools } from '../map/tools';
import type { Interest } from './machine';
import { chosenPace, paced } from './pace_choice';
import { ViewArea } from './view_area';

const SETTLE_MS = 300;
const LOOK_EVERY_MS = 5000; // units come, go and drive in and out of the area

const asked = signal<Interest>({});

/** What was asked for last, for the status. */
export const interestNow: ReadonlySignal<Interest> = asked;

export interface Watched extends Pick<Room, 'live' | 'selected' | 'followed'> {
  readonly overdueAfterMs: number;
  setInterest(interest: Interest): void;
}

/** Returns what ends it. */
export function followView(room: Watched): () => void {
  const area = new ViewArea();
  let timer: number | null = null;
  let told = '{}';
  const look = (): void => {
    timer = null;
    const inView = area.interest({
      view: tools.bounds.peek(),
      places: () => placesOf(room),
      always: [room.selected.peek(), room.followed.peek()].filter(
        (name): name is string => name !== null && room.live.byName.has(name), // an address may name anything
      ),
      overdueAfterMs: room.overdueAfterMs,
    });
    const interest = paced(inView, chosenPace.peek(), room.overdueAfterMs);
    const text = JSON.stringify(interest);
    if (text === told) return;
    told = text;
    asked.value = interest;
    room.setInterest(interest);
  };
  const stop = effect(() => {
    void [tools.bounds.value, room.selected.value, room.followed.value, chosenPace.value];
    if (timer !== null) window.clearTimeout(timer);
    timer = window.setTimeout(look, SETTLE_MS);
  });
  const again = window.setInterval(look, LOOK_EVERY_MS);
  return () => {
    stop();
    window.clearInterval(again);
    if (timer !== null) window.clearTimeout(timer);
  };
}

function* placesOf(room: Watched): Iterable<{ lat: number; lon: number }> {
  for (const unit of room.live.units) if (!unit.gone && unit.position) yield unit.position;
}

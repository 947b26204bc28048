// When a list of units is worth drawing anew: at most every `QUICK_MS` while the world moves (every `CALM_MS` where it
// is large), and once a second for the ages. At once when another world is shown.
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Room } from '../model/types';

const QUICK_MS = 250;
const CALM_MS = 1000;
const LARGE = 1500; // units

export function useBeat(room: Room): ReadonlySignal<number> {
  const beat = useMemo(() => signal(0), [room]);
  useEffect(() => {
    let timer: number | null = null;
    let last = 0;
    const strike = (): void => {
      if (timer !== null) window.clearTimeout(timer);
      timer = null;
      last = performance.now();
      beat.value = beat.peek() + 1;
    };
    let world = room.shown.peek();
    const stop = effect(() => {
      void room.tick.value;
      const shown = room.shown.value;
      void shown.version.value;
      const other = shown !== world;
      world = shown;
      const wait = last + (shown.units.length > LARGE ? CALM_MS : QUICK_MS) - performance.now();
      if (other || wait <= 0) strike();
      else if (timer === null) timer = window.setTimeout(strike, wait);
    });
    return () => {
      stop();
      if (timer !== null) window.clearTimeout(timer);
    };
  }, [room]);
  return beat;
}

import type { LiveMap } from './live_map';
import { tools } from './tools';

/** Begins to measure, by the pointer or by the keys of the map, or ends it and takes the lines away. */
export function toggleMeasuring(live: LiveMap): void {
  const on = !tools.measuring.peek();
  tools.startMeasuring(on);
  if (on) live.focus();
  else live.measure.clear();
  live.redraw();
}

import type { LiveMap } from './live_map';
import { tools } from './tools';

/** Begins to measure, or ends it and takes the lines away. */
export function toggleMeasuring(live: LiveMap): void {
  const on = !tools.measuring.peek();
  tools.startMeasuring(on);
  if (!on) live.measure.clear();
  live.redraw();
}

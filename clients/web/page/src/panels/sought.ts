// Where the replay was sought to, for what a panel asks of the server about that moment.
import { useRef } from 'preact/hooks';
import type { Room } from '../model/types';

export const SETTLE_MS = 300; // a replay that is dragged asks for nothing

/** The moment that the replay was last sought to; 0: the present is shown. */
export function useSought(room: Room): number {
  const sought = useRef(0);
  const past = room.past.value;
  if (!past) sought.current = 0;
  else if (past.phase === 'loading' || sought.current === 0) sought.current = past.timeUs;
  return sought.current;
}

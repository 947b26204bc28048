// What is asked of the server again and again while one looks.
import { useEffect } from 'preact/hooks';
import type { Room } from '../../model/types';

const RENEW_MS = 5000;

/** Asks for `path` at once and every five seconds until the part is gone; then neither is told any more. */
export function usePolled<T>(
  room: Room,
  path: string,
  told: (answer: T) => void,
  failed: (error: unknown) => void,
): void {
  useEffect(() => {
    let over = false;
    const load = async (): Promise<void> => {
      try {
        const answer = await room.get<T>(path);
        if (!over) told(answer);
      } catch (error) {
        if (!over) failed(error);
      }
    };
    void load();
    const again = window.setInterval(() => void load(), RENEW_MS);
    return () => {
      over = true;
      window.clearInterval(again);
    };
  }, [room, path]);
}

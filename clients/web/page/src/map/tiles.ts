// The ground's tiles. They come in packs (tiles.mjs at the page's root), each brought once, when the first of its tiles
// is wanted. A pack that can't be had is asked for again until nobody waits for it: meanwhile the rough land shows.
import { unzipSync } from 'fflate';
import { PACKED_FROM, packs, ZOOM_MAX } from '../../build/generated/basemap/packs';

export const TILES = 'ground://{z}/{x}/{y}';
export const TILES_ZOOM_MAX = ZOOM_MAX;
const AGAIN_MS = 2000;
const AGAIN_MAX_MS = 30_000;

type Files = Record<string, Uint8Array>;
type Load = (url: string) => Promise<ArrayBuffer>;

/** The name of the pack that has this tile. */
export function packOf(z: number, x: number, y: number): string {
  const up = z - PACKED_FROM;
  return up < 0 ? 'ground-world' : `ground-${PACKED_FROM}-${x >> up}-${y >> up}`;
}

async function fetchBytes(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.arrayBuffer();
}

/** Resolves after that time, or rejects as soon as nobody waits any more. */
function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const end = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

export class Tiles {
  private readonly asked = new Map<string, Promise<Files>>();

  constructor(private readonly load: Load = fetchBytes) {}

  /** A copy of a tile's bytes: MapLibre takes them away to its worker. Rejects where `url` is no tile of the ground. */
  async get(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
    const [, z, x, y] = /^ground:\/\/(\d+)\/(\d+)\/(\d+)$/.exec(url) ?? [];
    const pack = y === undefined ? undefined : packs[packOf(Number(z), Number(x), Number(y))];
    if (pack === undefined) throw new Error(`${url} is no tile of the ground`);
    const tile = (await this.pack(pack, signal))[`${z}/${x}/${y}`];
    if (!tile) throw new Error(`${url} is in no pack`);
    return tile.slice().buffer;
  }

  private async pack(url: string, signal: AbortSignal): Promise<Files> {
    for (let wait = AGAIN_MS; ; wait = Math.min(2 * wait, AGAIN_MAX_MS)) {
      try {
        return await this.ask(url);
      } catch {
        await waited(wait, signal);
      }
    }
  }

  /** Whoever asks while it is on its way waits with the first. */
  private ask(url: string): Promise<Files> {
    const before = this.asked.get(url);
    if (before) return before;
    const now = this.load(url).then((bytes) => unzipSync(new Uint8Array(bytes)));
    this.asked.set(url, now);
    now.catch((error: unknown) => {
      this.asked.delete(url);
      console.warn('no ground:', error);
    });
    return now;
  }
}

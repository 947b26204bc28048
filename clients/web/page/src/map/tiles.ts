// The ground's tiles. They come in packs (tiles.mjs at the page's root), each brought once, when the first of its tiles
// is wanted, and kept. A pack that can't be had is asked for again until none of its tiles is wanted any more;
// meanwhile the rough land shows.
import { unzipSync } from 'fflate';
import { fetchBytes } from './fetch_bytes';
import { PACK_OF_ZOOM, packs } from '../../build/generated/basemap/packs';

export const TILES = 'ground://{z}/{x}/{y}';
export const TILES_ZOOM_MAX = PACK_OF_ZOOM.length - 1;
const AGAIN_MS = 2000;
const AGAIN_MAX_MS = 30_000;

type Files = Record<string, Uint8Array>;

/** How packs are brought, and how long is waited before the next try. Both reject when `signal` is aborted. */
export interface Ways {
  load(url: string, signal: AbortSignal): Promise<Uint8Array>;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

interface Coming {
  files: Promise<Files>;
  wanted: number; // by so many tiles
  end: AbortController;
}

/** The name of the pack that has this tile; of a zoom that has none, nothing. */
export function packOf(z: number, x: number, y: number): string {
  const root = PACK_OF_ZOOM[z];
  if (root === undefined) return '';
  return root < 0 ? 'ground-world' : `ground-${root}-${x >> (z - root)}-${y >> (z - root)}`;
}

/** As `promise`, unless the signal is aborted before. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return orAborted(new Promise((resolve) => setTimeout(resolve, ms)), signal);
}

export class Tiles {
  private readonly here = new Map<string, Files>();
  private readonly coming = new Map<string, Coming>();

  constructor(private readonly ways: Ways = { load: fetchBytes, pause }) {}

  /** A copy of a tile's bytes: MapLibre takes them away to its worker. Rejects where `url` is no tile of the ground. */
  async get(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
    const [, z, x, y] = /^ground:\/\/(\d+)\/(\d+)\/(\d+)$/.exec(url) ?? [];
    const pack = y === undefined ? undefined : packs[packOf(Number(z), Number(x), Number(y))];
    if (pack === undefined) throw new Error(`${url} is no tile of the ground`);
    const tile = (this.here.get(pack) ?? (await this.wait(pack, signal)))[`${z}/${x}/${y}`];
    if (!tile) throw new Error(`${url} is in no pack`);
    return tile.slice().buffer;
  }

  private async wait(pack: string, signal: AbortSignal): Promise<Files> {
    const coming = this.coming.get(pack) ?? this.begin(pack);
    coming.wanted++;
    try {
      return await orAborted(coming.files, signal);
    } finally {
      coming.wanted--;
      if (coming.wanted === 0 && this.coming.get(pack) === coming) {
        this.coming.delete(pack);
        coming.end.abort();
      }
    }
  }

  private begin(pack: string): Coming {
    const end = new AbortController();
    const coming = { files: this.bring(pack, end.signal), wanted: 0, end };
    this.coming.set(pack, coming);
    return coming;
  }

  private async bring(pack: string, signal: AbortSignal): Promise<Files> {
    for (let wait = AGAIN_MS; ; wait = Math.min(2 * wait, AGAIN_MAX_MS)) {
      try {
        const files = unzipSync(await this.ways.load(pack, signal));
        this.here.set(pack, files);
        this.coming.delete(pack);
        return files;
      } catch (error) {
        signal.throwIfAborted();
        console.warn('no ground:', error);
      }
      await this.ways.pause(wait, signal);
    }
  }
}

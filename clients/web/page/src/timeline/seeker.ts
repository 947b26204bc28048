// Keeps a drag from flooding the server with seeks: one request is on its way at a time, the newest wish waits, and
// the last wish of all is always sent. Pure: the page's timers come from outside.

export interface Timers {
  set(work: () => void, ms: number): number;
  clear(id: number): void;
}

export const pageTimers: Timers = {
  set: (work, ms) => window.setTimeout(work, ms),
  clear: (id) => window.clearTimeout(id),
};

/** An answer that does not come holds the next wish no longer than this. */
export const PATIENCE_MS = 1500;
/** Two requests are this far apart at least. */
export const APART_MS = 60;

export class Seeker {
  private wish: number | null = null;
  private busy = false;
  private timer: number | null = null;

  constructor(private readonly send: (timeUs: number) => void, private readonly timers: Timers = pageTimers) {}

  /** The newest wish. It replaces one that waits. */
  want(timeUs: number): void {
    this.wish = timeUs;
    if (!this.busy) this.go();
  }

  /** The answer to what was sent is there. */
  answered(): void {
    if (!this.busy) return;
    this.arm(APART_MS);
  }

  /** Forgets what waits: somebody went back to live. */
  drop(): void {
    this.wish = null;
    this.busy = false;
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = null;
  }

  get waiting(): boolean {
    return this.wish !== null;
  }

  private go(): void {
    this.busy = false;
    const time = this.wish;
    if (time === null) return;
    this.wish = null;
    this.busy = true;
    this.arm(PATIENCE_MS);
    this.send(time);
  }

  private arm(ms: number): void {
    if (this.timer !== null) this.timers.clear(this.timer);
    this.timer = this.timers.set(() => {
      this.timer = null;
      this.go();
    }, ms);
  }
}

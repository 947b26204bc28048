// Keeps drawing to a part of the time: after a drawing that took long, the next one waits. What the user does goes
// at once.
const SHARE = 0.25; // of the main thread, for what moves by itself
const LEAST_MS = 33;
const CROWD_LEAST_MS = 100; // each of thousands moves once a second or so: what the eye follows is where they are
const MOST_MS = 800; // however slow the machine is, what is shown is no older: with the way here, a second

export class Pace {
  /** Thousands are in view. */
  crowd = false;
  private readyAt = 0;
  private costMs = 0; // smoothed, of scripts and painting

  waitMs(nowMs: number): number {
    return Math.max(0, this.readyAt - nowMs);
  }

  /** The scripts have drawn. */
  drawn(startMs: number, endMs: number): void {
    this.readyAt = startMs + this.spanFor(Math.max(this.costMs, endMs - startMs));
  }

  /** And the browser has painted it. */
  painted(startMs: number, endMs: number): void {
    this.costMs += (endMs - startMs - this.costMs) * 0.3;
    this.readyAt = Math.max(this.readyAt, startMs + this.spanFor(this.costMs));
  }

  private spanFor(costMs: number): number {
    return Math.min(MOST_MS, Math.max(this.crowd ? CROWD_LEAST_MS : LEAST_MS, costMs / SHARE));
  }
}

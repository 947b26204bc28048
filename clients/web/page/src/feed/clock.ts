// The hub's clock as this page can tell it: the device's clock and an offset, taken from the quickest of the last
// probes.
const SAMPLES = 12;
const JUMP_MS = 1000;

interface Sample {
  tripMs: number;
  offsetMs: number; // hub - device
}

/** Times are milliseconds since 1970; `steadyMs` never jumps, from any start. */
export class HubClock {
  private samples: Sample[] = [];
  private offsetMs = 0;
  private lead = NaN; // device's clock minus the steady one

  /** The hub said `hubMs` in an answer to what was sent at `sentMs` and came back at `backMs`. */
  probed(sentMs: number, backMs: number, hubMs: number, steadyMs: number): void {
    if (!(hubMs > 0) || backMs < sentMs) return;
    this.noteJump(backMs, steadyMs);
    this.samples.push({ tripMs: backMs - sentMs, offsetMs: hubMs - (sentMs + backMs) / 2 });
    if (this.samples.length > SAMPLES) this.samples.shift();
    this.offsetMs = this.samples.reduce((best, one) => (one.tripMs <= best.tripMs ? one : best)).offsetMs;
  }

  /** The hub said its time unasked: taken while nothing better is known. */
  told(backMs: number, hubMs: number): void {
    if (this.samples.length === 0 && hubMs > 0) this.offsetMs = hubMs - backMs;
  }

  hubMs(deviceMs: number): number {
    return deviceMs + this.offsetMs;
  }

  /** Whether a probe has come back: before that the offset holds the whole way's time. */
  get measured(): boolean {
    return this.samples.length > 0;
  }

  /** Someone set the device's clock: what was measured before tells nothing any more. */
  private noteJump(deviceMs: number, steadyMs: number): void {
    const lead = deviceMs - steadyMs;
    if (Math.abs(lead - this.lead) > JUMP_MS) this.samples = [];
    this.lead = lead;
  }
}

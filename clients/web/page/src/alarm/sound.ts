// The alarm's tone, made by the browser itself. A browser forbids sound until somebody has clicked or pressed a key in
// the page: `blocked` says so, and the first click anywhere ends it.
import { signal, type ReadonlySignal } from '@preact/signals';

/** Two falling pairs of tones, in hertz and seconds; a single soft one for what is late. */
const SIREN: readonly [number, number][] = [[960, 0.22], [720, 0.22], [960, 0.22], [720, 0.32]];
const CHIME: readonly [number, number][] = [[620, 0.35]];
const SIREN_EVERY_MS = 3000;

export class Sound {
  private readonly stopped = signal(false);
  private context: AudioContext | null = null;
  private timer: number | null = null;
  private mutedUntilMs = 0;

  /** True when a tone was wanted and the browser did not let it out. */
  get blocked(): ReadonlySignal<boolean> {
    return this.stopped;
  }

  /** From a click or a key: browsers let sound out from then on. */
  unlock(): void {
    const context = this.open();
    if (!context) return;
    void context.resume().then(() => (this.stopped.value = context.state !== 'running'), () => undefined);
  }

  /** Until stop(): the siren again and again. */
  start(): void {
    if (this.timer !== null) return;
    this.play(SIREN, 0.5);
    this.timer = window.setInterval(() => this.play(SIREN, 0.5), SIREN_EVERY_MS);
  }

  stop(): void {
    if (this.timer !== null) window.clearInterval(this.timer);
    this.timer = null;
  }

  once(): void {
    this.play(CHIME, 0.25);
  }

  /** Date.now() until which nothing is heard; 0: it is. */
  mute(untilMs: number): void {
    this.mutedUntilMs = untilMs;
  }

  end(): void {
    this.stop();
    void this.context?.close().catch(() => undefined);
    this.context = null;
  }

  private open(): AudioContext | null {
    if (this.context) return this.context;
    if (typeof AudioContext === 'undefined') return null;
    this.context = new AudioContext();
    return this.context;
  }

  private play(tones: readonly [number, number][], volume: number): void {
    if (Date.now() < this.mutedUntilMs) return;
    const context = this.open();
    if (!context) return;
    if (context.state !== 'running') {
      this.stopped.value = true;
      this.unlock(); // it may be allowed without a click: some browsers remember a page that was used
      return;
    }
    this.stopped.value = false;
    let at = context.currentTime + 0.02;
    for (const [hertz, seconds] of tones) {
      sing(context, hertz, at, seconds, volume);
      at += seconds;
    }
  }
}

function sing(context: AudioContext, hertz: number, at: number, seconds: number, volume: number): void {
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.type = 'square';
  tone.frequency.setValueAtTime(hertz, at);
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(volume, at + 0.02); // no click at the edges
  gain.gain.setValueAtTime(volume, at + seconds - 0.03);
  gain.gain.linearRampToValueAtTime(0, at + seconds);
  tone.connect(gain).connect(context.destination);
  tone.start(at);
  tone.stop(at + seconds + 0.01);
}

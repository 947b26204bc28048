// Gathers changes: however much comes in between, what hangs on it is told once a frame of the screen, or a few times a
// second while the page is not looked at (a browser gives it no frames then, and an SOS must still be heard).
const HIDDEN_MS = 250;

export type Batch = (run: () => void) => void;

/** Runs `run` soon. Whoever calls again before that calls twice: keep a flag. */
export function onScreen(run: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    document.removeEventListener('visibilitychange', hidden);
    run();
  };
  const hidden = (): void => {
    if (document.visibilityState === 'hidden') window.setTimeout(once, HIDDEN_MS);
  };
  document.addEventListener('visibilitychange', hidden);
  window.requestAnimationFrame(once);
  hidden();
}

/** onScreen(), but no sooner than `leastMs()` after it ran last. */
export function onScreenAtMostEvery(leastMs: () => number): Batch {
  let lastMs = -Infinity;
  return (run) => {
    const once = (): void => {
      lastMs = performance.now();
      run();
    };
    const waitMs = lastMs + leastMs() - performance.now();
    if (waitMs > 0) window.setTimeout(() => onScreen(once), waitMs);
    else onScreen(once);
  };
}

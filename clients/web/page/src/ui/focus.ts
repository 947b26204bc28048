// The focus of what lies over the page: it goes in, stays in, and comes back to where it was.
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

const FOCUSABLE =
  'a[href],button:not([disabled]),input:not([disabled]),select:not([disabled]),' +
  'textarea:not([disabled]),[tabindex]:not([tabindex="-1"])';

export function focusables(within: HTMLElement): HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((e) => e.getClientRects().length > 0);
}

/** Keeps Tab within `box`: from the last to the first and back. */
export function keepTabIn(box: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== 'Tab') return;
  const all = focusables(box);
  const first = all[0];
  const last = all[all.length - 1];
  if (!first || !last) {
    event.preventDefault();
    return;
  }
  const at = document.activeElement;
  const leaves = event.shiftKey ? at === first || at === box : at === last;
  if (!leaves) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/**
 * While `open`, the focus is in the box. When it closes the focus comes back to where it was, or, where that is gone,
 * to `otherwise()`; not if it is elsewhere by then. Both before the page is drawn: a key that is pressed next goes to
 * where the focus is seen.
 */
export function useBorrowedFocus(box: RefObject<HTMLElement>, open: boolean,
  otherwise: () => HTMLElement | null): void {
  useLayoutEffect(() => {
    const inside = box.current;
    if (!open || !inside) return;
    const before = document.activeElement;
    if (!inside.contains(before)) inside.focus();
    return () => {
      const at = document.activeElement;
      if (at !== null && at !== document.body && !inside.contains(at)) return;
      const stands = before instanceof HTMLElement && before !== document.body && before.isConnected;
      (stands ? before : otherwise())?.focus();
    };
  }, [open]);
}

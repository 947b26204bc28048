// Keyboard shortcuts: single keys, while nobody is typing. Whoever offers one registers it, and the help lists it.
import { signal, type ReadonlySignal } from '@preact/signals';

export interface Shortcut {
  key: string; // of KeyboardEvent.key: 'u', '?', '/', 'Escape'
  /** What it does, in the page's language; empty: it is not listed. */
  says: () => string;
  run: (event: KeyboardEvent) => void;
}

const list = signal<readonly Shortcut[]>([]);
export const shortcuts: ReadonlySignal<readonly Shortcut[]> = list;

/** Returns what takes it away again. A later one of the same key goes first. */
export function addShortcut(shortcut: Shortcut): () => void {
  list.value = [...list.value, shortcut];
  return () => {
    list.value = list.value.filter((s) => s !== shortcut);
  };
}

/** Whether what has the focus takes letters itself. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type))
  );
}

/** Listens on the whole page. Returns what stops it. */
export function listenForShortcuts(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const hit = [...list.value].reverse().find((s) => s.key.toLowerCase() === event.key.toLowerCase());
    if (!hit) return;
    event.preventDefault();
    hit.run(event);
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

// What somebody is about to say: the compose box shows it, and other panels begin it ("message to", "answer").
import { signal } from '@preact/signals';
import type { RoomEvent, Severity } from '../model/types';

export type DraftPlace = 'none' | 'middle' | 'unit';

export interface Draft {
  open: boolean;
  text: string;
  kind: string;
  severity: Severity;
  place: DraftPlace;
  about: RoomEvent | null; // referred to
  to: string | null; // a unit's name: the message begins with its call sign
}

export const EMPTY_DRAFT: Draft = {
  open: false,
  text: '',
  kind: 'text',
  severity: 0,
  place: 'none',
  about: null,
  to: null,
};

export const draft = signal<Draft>(EMPTY_DRAFT);

export function changeDraft(to: Partial<Draft>): void {
  draft.value = { ...draft.value, ...to };
}

/** Begins another message; what was typed stays, behind the beginning that is given. */
export function beginDraft(to: Partial<Draft>): void {
  const typed = draft.peek().text;
  const start = to.text ?? '';
  draft.value = { ...EMPTY_DRAFT, ...to, text: typed.startsWith(start) ? typed : start + typed, open: true };
}

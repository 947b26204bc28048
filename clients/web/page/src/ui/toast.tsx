// Short notes at the edge of the page that go by themselves: what worked, what did not. Errors stay until dismissed.
import { signal } from '@preact/signals';
import { roomWords } from '../text/room';
import { IconButton } from './button';
import { Icon } from './icon';

interface Note {
  id: number;
  text: string;
  bad: boolean;
}

const GOOD_MS = 4000;
const NOTES_MAX = 4;
const notes = signal<Note[]>([]);
let last = 0;

function remove(id: number): void {
  notes.value = notes.value.filter((n) => n.id !== id);
}

export function toast(text: string, bad = false): void {
  last += 1;
  const id = last;
  notes.value = [...notes.value.slice(1 - NOTES_MAX), { id, text, bad }];
  if (!bad) window.setTimeout(() => remove(id), GOOD_MS);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {notes.value.map((note) => (
        <div key={note.id} class={`toast ${note.bad ? 'bad' : ''}`}>
          <Icon name={note.bad ? 'alert' : 'check'} />
          <span>{note.text}</span>
          <IconButton icon="close" label={roomWords.value.dismiss} onClick={() => remove(note.id)} />
        </div>
      ))}
    </div>
  );
}

// Which event's details are open, by the name of its message; other panels set it to show one.
import { signal } from '@preact/signals';

export const chosenEvent = signal<string | null>(null);

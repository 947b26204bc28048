// Day and night: what was chosen, and what is shown. public/theme.js has set it before the first paint.
import { computed, effect, signal } from '@preact/signals';

export type ThemeChoice = 'auto' | 'day' | 'night';
const KEY = 'vigie.theme';

function stored(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'day' || kept === 'night' ? kept : 'auto';
  } catch {
    return 'auto'; // storage is switched off: the choice lasts as long as the page
  }
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(dark.matches);
dark.addEventListener('change', (change) => (systemIsDark.value = change.matches));

const chosen = signal<ThemeChoice>(stored());
export const themeChoice = computed(() => chosen.value);

/** What is shown; the map and the plots draw themselves anew when it changes. */
export const theme = computed<'day' | 'night'>(() =>
  chosen.value === 'auto' ? (systemIsDark.value ? 'night' : 'day') : chosen.value,
);

export function chooseTheme(to: ThemeChoice): void {
  chosen.value = to;
  try {
    if (to === 'auto') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, to);
  } catch {
    // as in stored()
  }
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

/** A custom property of the theme that is shown, for canvases. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Large type for a display on the wall: `?wall` in the address. */
export const wall = new URLSearchParams(window.location.search).has('wall');

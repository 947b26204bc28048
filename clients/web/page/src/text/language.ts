// The page's language: a signal that every text hangs on, so that a switch needs no reload. Kept in localStorage, and
// named in the document's `lang`.
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals';

export type Language = 'en' | 'fr';
export const LANGUAGES: readonly { id: Language; name: string }[] = [
  { id: 'en', name: 'English' },
  { id: 'fr', name: 'Français' },
];

const KEY = 'vigie.language';

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is switched off: the language lasts as long as the page
  }
}

function first(): Language {
  const kept = stored();
  const wanted = kept === null ? navigator.languages : [kept];
  return wanted.map((l) => l.slice(0, 2).toLowerCase()).find((l) => l === 'en' || l === 'fr') === 'fr' ? 'fr' : 'en';
}

const chosen = signal<Language>(first());
export const language: ReadonlySignal<Language> = chosen;

/** Tag for Intl: day before month and a 24-hour clock in both. */
export const locale = computed(() => (chosen.value === 'fr' ? 'fr-FR' : 'en-GB'));

export function setLanguage(to: Language): void {
  chosen.value = to;
  try {
    localStorage.setItem(KEY, to);
  } catch {
    // as in stored(): it lasts as long as the page
  }
}

effect(() => {
  document.documentElement.lang = chosen.value;
});

/** The same keys with the same parameters; what they say is free. */
export type Same<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...parameters: infer P) => string
      ? (...parameters: P) => string
      : Same<T[K]>;
};

/**
 * A folder's texts in both languages: a key that French lacks does not compile. Read `.value` in a component, and it
 * follows the switch: `const t = words.value; t.title; t.count(3)`.
 */
export function texts<T extends object>(en: T, fr: Same<T>): ReadonlySignal<Same<T>> {
  const english = en as unknown as Same<T>;
  return computed(() => (chosen.value === 'fr' ? fr : english));
}

const counts = { en: new Intl.NumberFormat('en-GB'), fr: new Intl.NumberFormat('fr-FR') };
const rules = { en: new Intl.PluralRules('en'), fr: new Intl.PluralRules('fr') };

/** "1 unit", "3 units" by the rules of the language (in French 0 is singular). `one`, `other`: without the number. */
export function plural(n: number, one: string, other: string, of: Language): string {
  const form = rules[of].select(n) === 'one' ? one : other;
  return `${counts[of].format(n)}\u00a0${form}`;
}

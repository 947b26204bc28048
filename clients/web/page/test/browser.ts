// What the page's language touches of a browser as soon as it is loaded: to be imported before that.
Object.assign(globalThis, { document: { documentElement: {} },
  window: { matchMedia: () => ({ matches: false, addEventListener: () => undefined }) } });
if (!globalThis.navigator?.languages) {
  Object.defineProperty(globalThis, 'navigator', { value: { languages: ['en'] }, configurable: true });
}

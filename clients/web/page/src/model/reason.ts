// Why something is not, or failed: a code that text/reasons.ts has words for in both languages, and what the hub, the
// server or the browser said of it in its own words.
export interface Reason {
  readonly code: string; // empty: nothing is wrong
  readonly detail: string;
}

export const NO_REASON: Reason = { code: '', detail: '' };

export function reason(code: string, detail = ''): Reason {
  return { code, detail };
}

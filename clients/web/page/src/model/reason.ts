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

/** What comes as a sentence alone, known by the sentence. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^the hub is silent$/, 'hub_silent'],
  [/^the connection is cut$/, 'hub_cut'],
  [/^(open again|there is no session|the end|nothing was heard|the hub has another key)$/, 'hub_anew'],
  [/^(a hole was not filled|a hole in a snapshot|a damaged frame: .*)$/, 'hub_anew'],
  [/^the server plays \d+ replays already$/, 'replays_full'],
  [/^this account has \d+ replays open already$/, 'replays_account'],
  [/^the server has no thread left to play it$/, 'replays_full'],
  [/^the hub ended the (replay|session)$/, 'replay_ended'],
  [/^this session is over: sign in again$/, 'signed_out'],
  [/^the server has as many browsers as it may$/, 'server_full'],
  [/^the server (watches for as many identities|looks by as many grants) as it may$/, 'server_full'],
  [/^this account has as many connections as it may$/, 'account_full'],
  [/^took nothing for too long$/, 'page_slow'],
];

/** The code of a sentence that is known; otherwise `otherwise`, with the sentence as its detail. */
export function heard(sentence: string, otherwise: string): Reason {
  const known = KNOWN.find(([pattern]) => pattern.test(sentence));
  return { code: known ? known[1] : otherwise, detail: sentence };
}

/** Of the server's session with the hub: its code where the hub gave one. */
export function hubReason(state: string, code: string, sentence: string): Reason {
  if (code !== '') return { code, detail: sentence };
  if (sentence === '') return state === 'stale' ? reason('hub_away') : NO_REASON;
  return heard(sentence, state === 'stale' ? 'hub_away' : 'hub_refuses');
}

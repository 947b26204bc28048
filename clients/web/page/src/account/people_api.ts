// The endpoints about people (server/accounts): what they answer, checked into plain types, and their refusals as
// ApiError. What changes something carries the session's CSRF token, asked for once and again when it is refused.
import { ApiError } from '../model/api';
import { reasonOf } from '../model/failure';
import { setLanguage } from '../text/language';
import { asSentence, inWords } from '../text/reasons';
import { chooseTheme } from '../ui/theme';
import { accountWords } from './words';

const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;
const CODE_TIMEOUT_MS = 60_000; // the server asks the hub meanwhile

type Fields = Record<string, unknown>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : {};
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
export const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

let csrf = '';

async function fetched(method: Method, path: string, body: object | undefined): Promise<unknown> {
  const abort = new AbortController();
  const patience = path === '/accounts' && method === 'POST' ? CODE_TIMEOUT_MS : TIMEOUT_MS;
  const timer = window.setTimeout(() => abort.abort(), patience);
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (body) headers['content-type'] = 'application/json';
  if (csrf !== '' && method !== 'GET') headers['x-vigie-csrf'] = csrf;
  try {
    const answer = await fetch(BASE + path, { method, headers, credentials: 'same-origin', signal: abort.signal,
      body: body ? JSON.stringify(body) : undefined });
    const text = await answer.text();
    let got: unknown = null;
    try {
      got = text === '' ? null : JSON.parse(text);
    } catch {
      got = null; // a proxy's page, say: the status tells enough
    }
    if (answer.ok) return got;
    const problem = fieldsOf(got);
    throw new ApiError(answer.status, textOf(problem.code) || String(answer.status),
      textOf(problem.detail) || answer.statusText || `HTTP ${answer.status}`);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, 'unreachable', String(error));
  } finally {
    window.clearTimeout(timer);
  }
}

async function renew(): Promise<void> {
  csrf = textOf(fieldsOf(await fetched('GET', '/session', undefined)).csrf);
}

/** As somebody signed in. Throws ApiError. */
export async function ask(method: Method, path: string, body?: object): Promise<unknown> {
  if (method === 'GET') return fetched(method, path, undefined);
  if (csrf === '') await renew();
  try {
    return await fetched(method, path, body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'csrf') throw error;
    await renew(); // signed in anew in another tab
    return fetched(method, path, body);
  }
}

/** As nobody yet: signing in, and links. */
export async function knock(path: string, body: object): Promise<unknown> {
  csrf = '';
  return fetched('POST', path, body);
}

/** What the account prefers goes before what this browser had. */
export function prefer(session: unknown): void {
  const { language, theme } = fieldsOf(session);
  if (language === 'en' || language === 'fr') setLanguage(language);
  if (theme === 'day' || theme === 'night') chooseTheme(theme);
}

/** What a refusal says to a person. */
export function sentenceOf(error: unknown): string {
  const t = accountWords.value.problems;
  if (!(error instanceof ApiError)) return asSentence(inWords(reasonOf(error)));
  switch (error.code) {
    case 'wrong': return t.wrong;
    case 'wrong_password': return t.wrongPassword;
    case 'totp_wrong': return t.totpWrong;
    case 'too_many_attempts': return t.wait(Number(/(\d+) s/.exec(error.detail)?.[1] ?? '1'));
    case 'identity_refused': return t.identityRefused;
    case 'link_over': return t.linkOver;
    case 'insecure': return t.insecure;
    case 'busy': return t.busy;
    case 'unreachable': return t.unreachable;
    case 'sign_in': return t.signedOut;
    case 'yourself': return t.yourself;
    case 'taken': return t.taken;
    default: return asSentence(inWords(error));
  }
}

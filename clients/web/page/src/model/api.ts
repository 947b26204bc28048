// REST below /api/v1: JSON in and out, problems as errors with their code, the CSRF header for what changes
// something.
import { Failure } from './failure';
import type { Viewer } from './types';

const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;

/** What the server answered instead; status 0: it did not answer. */
export class ApiError extends Failure {
  constructor(
    readonly status: number,
    code: string,
    detail: string,
  ) {
    super(code, detail);
    this.name = 'ApiError';
  }
}

type Fields = Record<string, unknown>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** As JSON where it is that; else as text. */
export async function bodyOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of an answer that is no success, with what its body says. */
export function errorOf(answer: Response, body: unknown): ApiError {
  const fields: Fields = typeof body === 'object' && body !== null ? (body as Fields) : {};
  const detail = textOf(fields.detail) || textOf(fields.title) || textOf(fields.reason);
  const status = `HTTP ${answer.status} ${answer.statusText}`.trim();
  return new ApiError(answer.status, textOf(fields.code) || String(answer.status), detail || status);
}

export interface Session {
  viewer: Viewer;
  csrf: string;
}

function sessionOf(body: unknown): Session {
  const fields: Fields = typeof body === 'object' && body !== null ? (body as Fields) : {};
  const inner = fields.viewer;
  const viewer: Fields = typeof inner === 'object' && inner !== null ? (inner as Fields) : fields;
  return {
    viewer: {
      account: textOf(viewer.account),
      name: textOf(viewer.name),
      maySend: viewer.may_send === true,
      administrator: viewer.administrator === true,
      open: viewer.open === true,
    },
    csrf: textOf(fields.csrf),
  };
}

export class Api {
  private csrf: string | null = null;

  /** GET below /api/v1. Throws ApiError. */
  async get<T>(path: string): Promise<T> {
    return (await this.ask('GET', path)) as T;
  }

  /** Throws ApiError. A session that was changed meanwhile (signed in anew in another tab) is asked for again, once. */
  async post(path: string, body: object): Promise<unknown> {
    const old = this.csrf;
    const csrf = old ?? (await this.session()).csrf;
    try {
      return await this.ask('POST', path, body, csrf);
    } catch (error) {
      if (old === null || !(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) throw error;
      return this.ask('POST', path, body, (await this.session()).csrf);
    }
  }

  async session(): Promise<Session> {
    const session = sessionOf(await this.ask('GET', '/session'));
    this.csrf = session.csrf;
    return session;
  }

  private async ask(method: string, path: string, body?: object, csrf = ''): Promise<unknown> {
    const abort = new AbortController();
    const timer = window.setTimeout(() => abort.abort(), TIMEOUT_MS);
    const headers: Record<string, string> = {
      accept: 'application/json, application/geo+json, application/problem+json',
    };
    if (body) headers['content-type'] = 'application/json';
    if (csrf !== '') headers['x-vigie-csrf'] = csrf;
    try {
      const answer = await fetch(BASE + path, {
        method,
        headers,
        credentials: 'same-origin',
        signal: abort.signal,
        body: body ? JSON.stringify(body) : undefined,
      });
      const got = await bodyOf(answer);
      if (!answer.ok) throw errorOf(answer, got);
      return got;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new ApiError(0, abort.signal.aborted ? 'too_long' : 'unreachable', String(error));
    } finally {
      window.clearTimeout(timer);
    }
  }
}

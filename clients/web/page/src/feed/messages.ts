// The JSON texts of the server (PROTOCOL.md), checked: what is not as it should be is refused with the field's name.
import type { Grant, LinkState, Viewer } from '../model/types';

export type PastPhase = 'playing' | 'paused' | 'ended' | 'failed';

export type ServerMessage =
  | { type: 'hello'; protocol: number; viewer: Viewer; serverTimeUs: number }
  | {
      type: 'opened';
      log: string;
      overdueAfterMs: number;
      silentAfterMs: number;
      resumed: boolean;
      hubTimeUs: number;
      grant: Grant | null;
      grants: Grant[];
    }
  | { type: 'grants'; grants: Grant[] }
  | { type: 'link'; state: LinkState; sinceUs: number; hubAgeMs: number; reason: string; code: string }
  | { type: 'probe'; id: number; waitedMs: number; hubAgeMs: number; hubTimeUs: number }
  | { type: 'past'; request: number; phase: PastPhase; timeUs: number; code: string; reason: string }
  | { type: 'error'; code: string; reason: string; about: string };

export class MessageError extends Error {}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MessageError(`${name} is no object`);
  return value as Fields;
}

function number(fields: Fields, name: string, otherwise?: number): number {
  const value = fields[name] ?? otherwise;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new MessageError(`${name} is no number`);
  return value;
}

function text(fields: Fields, name: string): string {
  const value = fields[name] ?? '';
  if (typeof value !== 'string') throw new MessageError(`${name} is no text`);
  return value;
}

function flag(fields: Fields, name: string): boolean {
  return fields[name] === true;
}

function oneOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const value = fields[name];
  const word = words.find((w) => w === value);
  if (word === undefined)
    throw new MessageError(`${name} is ${JSON.stringify(value)}, not one of ${words.join(', ')}`);
  return word;
}

function viewerOf(fields: Fields): Viewer {
  return {
    account: text(fields, 'account'),
    name: text(fields, 'name'),
    maySend: flag(fields, 'may_send'),
    administrator: flag(fields, 'administrator'),
    open: flag(fields, 'open'),
  };
}

function grantOf(value: unknown): Grant {
  const fields = fieldsOf(value, 'grant');
  const name = text(fields, 'name');
  if (!fields.terms) return { name, terms: null };
  const terms = fieldsOf(fields.terms, 'terms');
  const classes = Array.isArray(terms.classes) ? terms.classes.filter((c): c is string => typeof c === 'string') : [];
  return { name, terms: { delayS: number(terms, 'delay_s', 0), roundM: number(terms, 'round_m', 0),
    everyS: number(terms, 'every_s', 0), ownNumbers: flag(terms, 'own_numbers'), classes,
    endsUs: terms.ends_us ? number(terms, 'ends_us') : null } };
}

function grantsOf(fields: Fields): Grant[] {
  return Array.isArray(fields.grants) ? fields.grants.map(grantOf) : [];
}

/** The log's id stands as text or as a number that is only compared. */
function logOf(fields: Fields): string {
  const log = fields.log;
  return typeof log === 'string' ? log : String(number(fields, 'log'));
}

/** One text of the server; null for a type that this page does not know, which a newer server may send. */
export function parseMessage(json: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new MessageError('a text that is no JSON');
  }
  const fields = fieldsOf(value, 'the message');
  switch (fields.type) {
    case 'hello':
      return {
        type: 'hello',
        protocol: number(fields, 'protocol'),
        viewer: viewerOf(fieldsOf(fields.viewer, 'viewer')),
        serverTimeUs: number(fields, 'server_time_us', 0),
      };
    case 'opened':
      return {
        type: 'opened',
        log: logOf(fields),
        overdueAfterMs: number(fields, 'overdue_after_ms'),
        silentAfterMs: number(fields, 'silent_after_ms'),
        resumed: flag(fields, 'resumed'),
        hubTimeUs: number(fields, 'hub_time_us', 0),
        grant: fields.grant ? grantOf(fields.grant) : null,
        grants: grantsOf(fields),
      };
    case 'grants':
      return { type: 'grants', grants: grantsOf(fields) };
    case 'link':
      return {
        type: 'link',
        state: oneOf(fields, 'state', ['connecting', 'live', 'stale', 'refused']),
        sinceUs: number(fields, 'since_us', 0),
        hubAgeMs: number(fields, 'hub_age_ms', -1),
        reason: text(fields, 'reason'),
        code: codeOf(fields),
      };
    case 'probe':
      return {
        type: 'probe',
        id: number(fields, 'id'),
        waitedMs: number(fields, 'waited_ms'),
        hubAgeMs: number(fields, 'hub_age_ms', -1),
        hubTimeUs: number(fields, 'hub_time_us', 0),
      };
    case 'past':
      return {
        type: 'past',
        request: number(fields, 'request'),
        phase: oneOf(fields, 'phase', ['playing', 'paused', 'ended', 'failed']),
        timeUs: number(fields, 'time_us', 0),
        code: codeOf(fields),
        reason: text(fields, 'reason'),
      };
    case 'error':
      return { type: 'error', code: codeOf(fields), reason: text(fields, 'reason'), about: text(fields, 'about') };
    default:
      return null;
  }
}

function codeOf(fields: Fields): string {
  return typeof fields.code === 'number' ? String(fields.code) : text(fields, 'code');
}

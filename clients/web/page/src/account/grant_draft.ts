// A grant as it is typed, and as the server is told of it. Pure.

export const CLASSES = ['track', 'event', 'state'] as const;
export type GrantClass = typeof CLASSES[number];

export interface GrantDraft {
  name: string;
  to: string;
  classes: Record<GrantClass, boolean>;
  groups: string;
  units: string;
  area: string;
  from: string;
  until: string;
  days: string;
  past: boolean;
  delayMinutes: string;
  roundM: string;
  everyS: string;
  ownNumbers: boolean;
}

export const emptyDraft = (): GrantDraft => ({ name: '', to: '', classes: { track: true, event: true, state: true },
  groups: '', units: '', area: '', from: '', until: '', days: '', past: false, delayMinutes: '', roundM: '', everyS: '',
  ownNumbers: false });

/** "a, b" as [a, b]. */
export const listOfText = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '');

/** A day and a time in UTC as RFC 3339; null: it is none. */
export function momentOf(text: string): string | null {
  const found = /^\s*(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?\s*Z?\s*$/.exec(text);
  if (!found) return null;
  const moment = `${found[1]}T${found[2]}${found[3] ?? ':00'}Z`;
  return Number.isNaN(Date.parse(moment)) ? null : moment;
}

/** West, south, east, north; null: it is none. */
export function areaOf(text: string): number[] | null {
  const edges = text.split(',').map((one) => (one.trim() === '' ? Number.NaN : Number(one)));
  return edges.length === 4 && edges.every(Number.isFinite) ? edges : null;
}

export const isWhole = (text: string): boolean => /^\d{1,9}$/.test(text.trim());

export type DraftField = 'area' | 'from' | 'until' | 'days' | 'delayMinutes' | 'roundM' | 'everyS';

/** Fields that hold what can't be sent. */
export function wrongFields(draft: GrantDraft): Set<DraftField> {
  const wrong = new Set<DraftField>();
  if (draft.area.trim() !== '' && areaOf(draft.area) === null) wrong.add('area');
  for (const field of ['from', 'until'] as const) {
    if (draft[field].trim() !== '' && momentOf(draft[field]) === null) wrong.add(field);
  }
  for (const field of ['days', 'delayMinutes', 'roundM', 'everyS'] as const) {
    if (draft[field].trim() !== '' && !isWhole(draft[field])) wrong.add(field);
  }
  if (draft.days.trim() !== '' && Number(draft.days) === 0) wrong.add('days'); // the server takes 0 as: without end
  return wrong;
}

export function isReady(draft: GrantDraft): boolean {
  return draft.name.trim() !== '' && draft.to.trim() !== '' && CLASSES.some((one) => draft.classes[one])
    && wrongFields(draft).size === 0;
}

/** The body of POST /grants: what was left empty is left out. */
export function bodyOf(draft: GrantDraft): Record<string, unknown> {
  const body: Record<string, unknown> = { name: draft.name.trim(), to: draft.to.trim() };
  if (!CLASSES.every((one) => draft.classes[one])) body.classes = CLASSES.filter((one) => draft.classes[one]);
  const groups = listOfText(draft.groups);
  const units = listOfText(draft.units);
  if (groups.length > 0) body.groups = groups;
  if (units.length > 0) body.units = units;
  if (draft.area.trim() !== '') body.area = areaOf(draft.area);
  if (draft.from.trim() !== '') body.from = momentOf(draft.from);
  if (draft.until.trim() !== '') body.until = momentOf(draft.until);
  if (draft.days.trim() !== '') body.valid_s = Number(draft.days) * 86_400;
  if (draft.past) body.past = true;
  if (draft.delayMinutes.trim() !== '') body.delay_s = Number(draft.delayMinutes) * 60;
  if (draft.roundM.trim() !== '') body.round_m = Number(draft.roundM);
  if (draft.everyS.trim() !== '') body.every_s = Number(draft.everyS);
  if (draft.ownNumbers) body.own_numbers = true;
  return body;
}

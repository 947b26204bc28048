// Small marks that say by shape what they say by colour too: freshness, severity, owner.
import type { Freshness, Severity } from '../model/types';

const FRESHNESS: Record<Freshness, string> = {
  fresh: 'M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z', // a full disc
  overdue: 'M8 2a6 6 0 0 0 0 12z', // half of one
  silent: 'M4 4l8 8M12 4l-8 8', // a cross in a ring
  unknown: '',
};

export function FreshnessMark({ state }: { state: Freshness }) {
  return (
    <svg class={`mark fresh-${state}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="6" />
      {FRESHNESS[state] && <path d={FRESHNESS[state]} class={state === 'silent' ? 'line' : 'fill'} />}
    </svg>
  );
}

const SEVERITY: Record<Severity, string> = {
  0: 'M8 5a3 3 0 1 0 0 6A3 3 0 1 0 8 5z', // a dot
  1: 'M3 3h10v10H3z', // a square
  2: 'M8 2l6.500 12h-13z', // a triangle
  3: 'M5 1h6l4 4v6l-4 4H5l-4-4V5z', // an octagon
};

export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <svg class={`mark severity-${severity}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SEVERITY[severity]} class="fill" />
      {severity >= 2 && <path d={severity === 3 ? 'M8 4v5M8 11.500v.01' : 'M8 6.500v4M8 12v.01'} class="cut" />}
    </svg>
  );
}

export const OWNER_COLOURS = 8;

const OWNERS_MAX = 1000;
const given = new Map<string, number>();

/**
 * An owner's colour, the same everywhere on the page: by a hash of its name (FNV-1a), or the next one that is free, so
 * that few owners never share one.
 */
export function ownerColour(owner: string): number {
  const known = given.get(owner);
  if (known !== undefined) return known;
  let hash = 0x811c9dc5;
  for (let i = 0; i < owner.length; i++) hash = Math.imul(hash ^ owner.charCodeAt(i), 0x01000193) >>> 0;
  const taken = new Set(given.values());
  let colour = hash % OWNER_COLOURS;
  for (let i = 0; i < OWNER_COLOURS && taken.has(colour); i++) colour = (colour + 1) % OWNER_COLOURS;
  if (given.size < OWNERS_MAX) given.set(owner, colour);
  return colour;
}

export function OwnerMark({ owner }: { owner: string }) {
  return <span class={`owner owner-${ownerColour(owner)}`}>{owner}</span>;
}

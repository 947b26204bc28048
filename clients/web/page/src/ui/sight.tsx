// Whose view is shown: the choice beside the name of who looks, and, while a grant's view is shown, a mark that can't be
// overlooked. Its words say whose it is and what its terms hold back.
import { useComputed } from '@preact/signals';
import { reason } from '../model/reason';
import type { Grant, Room, ShownGrant } from '../model/types';
import { age, dateTime, distance } from '../text/format';
import { inWords } from '../text/reasons';
import { roomWords } from '../text/room';
import { sightWords } from '../text/sight';
import { Icon } from './icon';
import { Menu } from './menu';

const ownerOf = (grant: string): string => grant.split('/')[0] ?? '';

/** What the terms hold back, each in words. */
export function termsOf({ terms }: Grant): string[] {
  const t = sightWords.value;
  if (!terms) return [t.noTerms];
  const words: string[] = [];
  if (terms.delayS > 0) words.push(t.late(age(terms.delayS * 1000)));
  if (terms.roundM > 0) words.push(t.rounded(distance(terms.roundM)));
  if (terms.everyS > 0) words.push(t.seldom(age(terms.everyS * 1000)));
  if (terms.ownNumbers) words.push(t.ownNumbers);
  for (const one of ['track', 'event', 'state'] as const) {
    if (!terms.classes.includes(one)) words.push(t.without[one]);
  }
  if (terms.endsUs !== null) words.push(t.ends(dateTime(terms.endsUs, 'utc')));
  return words;
}

/** How the link of a grant's view stands, where it is well: never "live" alone. */
export function liveWords({ terms }: ShownGrant): string {
  const t = sightWords.value.link;
  return terms && terms.delayS > 0 ? t.live(age(terms.delayS * 1000)) : t.rough;
}

/** Only where there is something to choose. */
export function SightMenu({ room }: { room: Room }) {
  const t = sightWords.value;
  const grants = room.grants.value;
  const shown = room.grant.value;
  if (grants.length === 0 && !shown) return null;
  const names = grants.map((grant) => grant.name);
  if (shown && !names.includes(shown.name)) names.push(shown.name);
  return (
    <Menu
      label={t.title}
      icon="track"
      text={shown ? shown.name : t.own}
      chosen={shown?.name ?? ''}
      onChoose={(name) => room.showGrant(name === '' ? null : name)}
      items={[{ id: '', label: t.own }, ...names.map((name) => ({ id: name, label: t.by(name) }))]}
    />
  );
}

function stateOf(shown: ShownGrant): string {
  const t = sightWords.value;
  if (shown.ended !== '') return t.ended(inWords(reason(shown.ended)));
  if (shown.link.state === 'live') return '';
  if (shown.link.hubAgeMs < 0 && shown.link.state === 'connecting') return t.opening;
  return t.lost(inWords(shown.link.reason) || roomWords.value.link.connecting);
}

export function SightMark({ room }: { room: Room }) {
  const own = useComputed(() => room.link.value.state === 'live');
  const shown = room.grant.value;
  if (!shown) return null;
  const t = sightWords.value;
  const state = stateOf(shown);
  return (
    <section class={`sight-mark${shown.ended === '' ? '' : ' is-ended'}`} aria-label={t.title}>
      <Icon name="track" />
      <div class="sight-words">
        <strong role="status">{t.mark(shown.name, ownerOf(shown.name))}</strong>
        <span title={t.ageHelp}>{termsOf(shown).join(', ')}</span>
        {state !== '' && <strong class="sight-state" role="alert">{state}</strong>}
        <span class={own.value ? 'sight-own' : 'sight-own is-lost'} role="status">
          {own.value ? t.alarms : t.noAlarms}
        </span>
      </div>
      <button type="button" class="button" onClick={() => room.showGrant(null)}>
        {t.back}
      </button>
    </section>
  );
}

/** In a room that shows nothing by itself. */
export function OfferedSights({ room }: { room: Room }) {
  const t = sightWords.value;
  const grants = room.grants.value;
  if (grants.length === 0) return null;
  return (
    <div class="offered-sights">
      <p>{t.offered(grants.length)}</p>
      <ul>
        {grants.map((grant) => (
          <li key={grant.name}>
            <button type="button" class="button primary" onClick={() => room.showGrant(grant.name)}>
              {t.by(grant.name)}
            </button>
            <span>{termsOf(grant).join(', ')}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

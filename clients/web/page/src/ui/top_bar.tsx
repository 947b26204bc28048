// The bar on top: whose page this is, whether what is shown is live, the room's clock, theme and language.
import { useComputed } from '@preact/signals';
import type { Link, Room } from '../model/types';
import { age, date, delay, timeOfDay } from '../text/format';
import { language, LANGUAGES, setLanguage } from '../text/language';
import { asSentence, inWords } from '../text/reasons';
import { roomWords } from '../text/room';
import { sightWords } from '../text/sight';
import { ClockTime } from './ages';
import { Icon } from './icon';
import { Menu } from './menu';
import { liveWords, SightMenu } from './sight';
import { chooseTheme, theme, themeChoice } from './theme';

function lost(t: typeof roomWords.value.link, link: Link, time: string, old: string): string {
  if (link.lost === 'answer') return t.noAnswer(time, old);
  return link.lost === 'server' ? t.staleServer(time, old) : t.stale(time, old);
}

/** Of what is shown. */
function linkOf(room: Room): Link {
  return room.grant.value?.link ?? room.link.value;
}

/** What is shown, in words: "live", or as of when. */
export function linkText(room: Room): string {
  void room.tick.value;
  const t = roomWords.value.link;
  const grant = room.grant.value;
  const link = linkOf(room);
  if (grant && grant.ended !== '') return sightWords.value.link.ended;
  const time = timeOfDay(link.sinceMs * 1000, 'utc');
  const old = age(Date.now() - link.sinceMs);
  switch (link.state) {
    case 'live':
      return grant ? liveWords(grant) : t.live;
    case 'connecting':
      return room.present.value.units.length > 0 ? lost(t, link, time, old) : t.connecting;
    case 'stale':
      return lost(t, link, time, old);
    case 'refused':
      return link.reason.code === '' ? t.refusedNoReason : t.refused(inWords(link.reason));
    case 'signed_out':
      return t.signedOut;
  }
}

function LinkState({ room }: { room: Room }) {
  const words = useComputed(() => linkText(room));
  const link = linkOf(room);
  const mark = link.state === 'live' ? 'live' : link.state === 'connecting' ? 'connecting' : 'lost';
  // The words count seconds: what is announced is the change of state alone.
  return (
    <div class={`link-state ${mark}`} title={asSentence(inWords(link.reason)) || roomWords.value.linkTitle}>
      <span class="link-mark" aria-hidden="true" />
      <span class="link-words">{words}</span>
      {link.state === 'live' && link.delayMs >= 0 && <span class="link-delay">{delay(link.delayMs)}</span>}
      <span class="unseen" role="status">
        {words.peek()}
      </span>
    </div>
  );
}

/** Beside the link's state, which goes on being told: the timeline has the way back. */
function ReplayChip({ room }: { room: Room }) {
  if (!room.past.value) return null;
  return (
    <div class="replay-chip">
      <Icon name="replay" />
      <strong>{roomWords.value.replay}</strong>
    </div>
  );
}

function Clock({ room }: { room: Room }) {
  const t = roomWords.value;
  const day = useComputed(() => {
    void room.tick.value;
    return date(room.live.nowUs(), 'utc');
  });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div class="clock">
      <span class="clock-date">{day}</span>
      <span class="clock-utc">
        <ClockTime room={room} zone="utc" /> <small>{t.utc}</small>
      </span>
      {zone !== 'UTC' && (
        <span class="clock-local" title={t.localZone(zone)}>
          <ClockTime room={room} zone="local" /> <small>{t.local}</small>
        </span>
      )}
    </div>
  );
}

export function ThemeMenu() {
  const t = roomWords.value;
  return (
    <Menu
      label={t.theme}
      icon={theme.value === 'night' ? 'night' : 'day'}
      chosen={themeChoice.value}
      onChoose={chooseTheme}
      items={[
        { id: 'auto', label: t.themes.auto, icon: 'auto' },
        { id: 'day', label: t.themes.day, icon: 'day' },
        { id: 'night', label: t.themes.night, icon: 'night' },
      ]}
    />
  );
}

export function LanguageMenu() {
  return (
    <Menu
      label={roomWords.value.language}
      icon="language"
      text={language.value.toUpperCase()}
      chosen={language.value}
      onChoose={setLanguage}
      items={LANGUAGES.map((l) => ({ id: l.id, label: l.name }))}
    />
  );
}

export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <path d="M5 17.500C8 11.500 12 9 16 9s8 2.500 11 8.500" />
        <circle cx="16" cy="17.500" r="4.200" />
        <path d="M9 23.500h14" />
      </svg>
      {roomWords.value.product}
    </span>
  );
}

export function TopBar({ room }: { room: Room }) {
  const t = roomWords.value;
  const viewer = room.viewer.value;
  return (
    <header class="top-bar">
      <h1>
        <Brand />
      </h1>
      <LinkState room={room} />
      <ReplayChip room={room} />
      <span class="spacer" />
      {viewer.open ? (
        <span class="viewer open" title={t.demonstration}>
          {t.demonstrationShort}
        </span>
      ) : (
        <span class="viewer" title={viewer.name}>
          {viewer.account}
        </span>
      )}
      <SightMenu room={room} />
      <Clock room={room} />
      <ThemeMenu />
      <LanguageMenu />
    </header>
  );
}

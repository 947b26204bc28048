// How the link, this browser, the server and the trackers are.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { interestNow } from '../../feed/follow_view';
import { choosePace, chosenPace, PACES_MS } from '../../feed/pace_choice';
import { reasonOf } from '../../model/failure';
import { NO_REASON } from '../../model/reason';
import type { Link, Room } from '../../model/types';
import { age, delay, number, timeOfDay } from '../../text/format';
import { asSentence, inWords } from '../../text/reasons';
import { statusWords } from '../../text/status';
import { Select } from '../../ui/fields';
import { linkText } from '../../ui/top_bar';
import { usePolled } from './polled';
import { Facts, flatten } from './server';
import { Trackers } from './trackers';

const MEASURE_OLD_MS = 10_000;

function Part({ title, hint, children }: { title: string; hint?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="card-part">
      <header>
        <h3>{title}</h3>
        {hint !== undefined && <span class="hint">{hint}</span>}
      </header>
      {children}
    </section>
  );
}

/** The newest measure, with its age where it is not of now: it stands while nothing new comes. */
function delayWords(link: Link): string {
  const t = statusWords.value;
  if (link.delayMs < 0) return t.unknown;
  const ageMs = Date.now() - link.delayAtMs;
  if (link.state === 'live' && ageMs < MEASURE_OLD_MS) return delay(link.delayMs);
  return `${delay(link.delayMs)} (${t.delayHint} ${t.ago(age(ageMs))})`;
}

function LinkPart({ room }: { room: Room }) {
  void room.tick.value;
  const t = statusWords.value;
  const link = room.link.value;
  return (
    <Part title={t.link}>
      <dl class="facts">
        <div class="wide">
          <dt>{t.state}</dt>
          <dd>{linkText(room)}</dd>
        </div>
        <div>
          <dt>{t.since}</dt>
          <dd>{timeOfDay(link.sinceMs * 1000, 'utc')}</dd>
        </div>
        <div>
          <dt>{t.hubHeard}</dt>
          <dd>{link.hubAgeMs < 0 ? t.never : t.ago(delay(link.hubAgeMs))}</dd>
        </div>
        <div title={t.delayHint}>
          <dt>{t.delayHere}</dt>
          <dd>{delayWords(link)}</dd>
        </div>
        <div>
          <dt>{t.trip}</dt>
          <dd>{link.tripMs < 0 ? t.unknown : delay(link.tripMs)}</dd>
        </div>
        <div title={t.hubWaitHint}>
          <dt>{t.hubWait}</dt>
          <dd>{link.hubWaitMs < 0 ? t.hubSilent : delay(link.hubWaitMs)}</dd>
        </div>
        {link.reason.code !== '' && (
          <div class="wide">
            <dt>{t.reason}</dt>
            <dd>{asSentence(inWords(link.reason))}</dd>
          </div>
        )}
      </dl>
    </Part>
  );
}

function BrowserPart({ room }: { room: Room }) {
  void room.tick.value;
  const t = statusWords.value;
  const interest = interestNow.value;
  const units = room.live.units.reduce((n, u) => (u.gone ? n : n + 1), 0);
  return (
    <Part title={t.browser}>
      <dl class="facts">
        <div>
          <dt>{t.shown}</dt>
          <dd>{number(units)}</dd>
        </div>
        <div>
          <dt>{t.eventsHeld}</dt>
          <dd>{number(room.live.events.length)}</dd>
        </div>
        <div class="wide">
          <dt>{t.rate}</dt>
          <dd>
            {interest.area ? t.rateArea(delay(interest.outside_ms ?? 0)) : t.rateAll}
            {interest.pace_ms ? `, ${t.ratePace(age(interest.pace_ms))}` : ''}
          </dd>
        </div>
        <div class="wide">
          <dt>{t.conflated}</dt>
          <dd>{t.conflatedFixes(room.live.conflated.value)}</dd>
        </div>
      </dl>
      <Select
        label={t.pace}
        value={String(chosenPace.value)}
        options={PACES_MS.map((ms) => ({ value: String(ms), label: ms === 0 ? t.paceAll : t.ratePace(age(ms)) }))}
        onChange={(ms) => choosePace(Number(ms))}
      />
      <p class="hint">{t.paceHint}</p>
    </Part>
  );
}

function ServerPart({ room }: { room: Room }) {
  const t = statusWords.value;
  const status = useSignal<{ facts: ReturnType<typeof flatten>; atMs: number } | null>(null);
  const problem = useSignal(NO_REASON);
  usePolled<unknown>(
    room,
    '/status',
    (got) => {
      status.value = { facts: flatten(got), atMs: Date.now() };
      problem.value = NO_REASON;
    },
    (error) => (problem.value = reasonOf(error)),
  );
  void room.tick.value;
  const now = status.value;
  return (
    <Part title={t.server} hint={now ? t.asked(age(Date.now() - now.atMs)) : undefined}>
      {problem.value.code !== '' && (
        <p class="failed" role="status">
          {t.serverFailed(inWords(problem.value))}
        </p>
      )}
      {now && <Facts facts={now.facts} />}
    </Part>
  );
}

export function StatusPanel({ room }: { room: Room }) {
  return (
    <div class="card">
      <LinkPart room={room} />
      <BrowserPart room={room} />
      <Trackers room={room} />
      <ServerPart room={room} />
    </div>
  );
}

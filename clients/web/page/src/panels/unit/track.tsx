// The track of the chosen unit over a span up to now (of the world that is shown): as a curve, and on the map.
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { mapTools } from '../../map';
import { reasonOf } from '../../model/failure';
import type { Reason } from '../../model/reason';
import type { Room, Unit, World } from '../../model/types';
import { inWords } from '../../text/reasons';
import { unitWords } from '../../text/units';
import { Select } from '../../ui/fields';
import { Toggle } from '../../ui/button';
import { getTrack, type TrackFix } from '../api';
import { Curve } from './plot';

const SPANS = { '15m': 15, '1h': 60, '6h': 360, '24h': 1440, '48h': 2880 } as const; // minutes
type Span = keyof typeof SPANS;
const MINUTE_US = 60e6;
const RENEW_MS = 30_000; // while live
const SEEK_MS = 400; // a seek in the past settles before the track is asked for

type State =
  | { phase: 'loading' }
  | { phase: 'failed'; reason: Reason }
  | { phase: 'here'; fixes: TrackFix[]; fromUs: number; toUs: number };

/** At most one fix in so many seconds: some 700 points, as many as the curve has pixels. */
const simplifyS = (span: Span): number => (SPANS[span] <= 15 ? 0 : Math.ceil((SPANS[span] * 60) / 700));

/** Where the past stands, in steps of the size that makes another track worth asking for; 0: live. */
function stepOf(room: Room, span: Span): number {
  const past = room.past.value;
  return past ? Math.ceil(past.timeUs / ((SPANS[span] * MINUTE_US) / 60)) : 0;
}

function useTrack(room: Room, world: World, unit: string, span: Span) {
  const state = useSignal<State>({ phase: 'loading' });
  const step = stepOf(room, span);
  useEffect(() => {
    state.value = { phase: 'loading' };
  }, [unit, span]);
  useEffect(() => {
    const abort = new AbortController();
    const load = async (): Promise<void> => {
      const toUs = world.nowUs();
      const fromUs = toUs - SPANS[span] * MINUTE_US;
      try {
        const fixes = await getTrack(unit, fromUs, toUs, simplifyS(span), room.grant.peek()?.name ?? null,
          abort.signal);
        if (!abort.signal.aborted) state.value = { phase: 'here', fixes, fromUs, toUs };
      } catch (error) {
        if (!abort.signal.aborted) state.value = { phase: 'failed', reason: reasonOf(error) };
      }
    };
    const first = window.setTimeout(() => void load(), step === 0 ? 0 : SEEK_MS);
    const again = step === 0 ? window.setInterval(() => void load(), RENEW_MS) : null;
    return () => {
      abort.abort();
      window.clearTimeout(first);
      if (again !== null) window.clearInterval(again);
    };
  }, [world, unit, span, step]);
  return state;
}

/** Whose tracks are on the map. */
const onMap = signal<ReadonlySet<string>>(new Set());

/** Puts the track on the map, or takes it away; other units' stay. */
function showOnMap(unit: Unit, fixes: readonly TrackFix[] | null): void {
  const shown = new Set(onMap.peek());
  if (fixes && fixes.length > 0) shown.add(unit.name);
  else if (!shown.delete(unit.name)) return;
  const points = (fixes ?? []).map(({ timeUs, lat, lon }) => ({ timeUs, lat, lon }));
  mapTools.showTrack(unit.name, points.length > 0 ? { points, label: unit.label } : null);
  onMap.value = shown;
}

/** Another sight begins, or this one ended: what the map has of it goes. */
export function forgetTracks(): void {
  for (const name of onMap.peek()) mapTools.showTrack(name, null);
  onMap.value = new Set();
}

export function TrackPart({ room, world, unit }: { room: Room; world: World; unit: Unit }) {
  const t = unitWords.value;
  const span = useSignal<Span>('1h');
  const state = useTrack(room, world, unit.name, span.value).value;
  const isOnMap = onMap.value.has(unit.name);
  const fixes = state.phase === 'here' ? state.fixes : null;
  // What is on the map follows the span and the present.
  useEffect(() => {
    if (isOnMap && fixes) showOnMap(unit, fixes);
  }, [fixes]);
  const spans = (Object.keys(SPANS) as Span[]).map((s) => ({ value: s, label: t.spans[s] }));
  return (
    <section class="card-part">
      <header>
        <h3>{t.plot}</h3>
        <Select label={t.span} hideLabel value={span.value} options={spans} onChange={(s) => (span.value = s)} />
      </header>
      {state.phase === 'loading' && <p class="quiet">{t.loading}</p>}
      {state.phase === 'failed' && (
        <p class="failed" role="alert">
          {t.plotFailed(inWords(state.reason))}
        </p>
      )}
      {state.phase === 'here' && state.fixes.length === 0 && <p class="quiet">{t.plotEmpty}</p>}
      {state.phase === 'here' && state.fixes.length > 0 && (
        <Curve
          fixes={state.fixes}
          fromUs={state.fromUs}
          toUs={state.toUs}
          label={t.plotDescription(unit.label, t.spans[span.value])}
          onPick={(us) => room.showPast(us, 'true', { paused: true })}
        />
      )}
      <div class="actions">
        <Toggle icon="track" on={isOnMap} label={t.trackOnMap} onChange={(on) => showOnMap(unit, on ? fixes : null)} />
        {fixes && <span class="hint">{t.trackPoints(fixes.length)}</span>}
      </div>
    </section>
  );
}

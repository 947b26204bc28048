// The newest events of the chosen unit: those that the server has up to the moment that is shown, and what came since.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { reasonOf } from '../../model/failure';
import { NO_REASON, type Reason } from '../../model/reason';
import type { Room, RoomEvent, Unit, World } from '../../model/types';
import { eventWords, kindName } from '../../text/events';
import { logTime } from '../../text/format';
import { inWords } from '../../text/reasons';
import { unitWords } from '../../text/units';
import { SeverityMark } from '../../ui/marks';
import { clockOf } from '../clock';
import { showEvent } from '../events/chosen';
import { SETTLE_MS, useSought } from '../sought';
import { askUnitEvents, EVENTS_MAX, newestOf, SPAN_DAYS } from './recent';

const AGAIN_MS = 10_000; // after an answer that failed

interface Earlier {
  phase: 'loading' | 'failed' | 'here';
  reason: Reason;
  events: readonly RoomEvent[];
  whole: boolean; // that is all of the span, or more than the card shows
}

const LOADING: Earlier = { phase: 'loading', reason: NO_REASON, events: [], whole: true };

/** What the server has of it, asked anew for each moment sought, and until it answers. */
function useEarlier(room: Room, world: World, unit: string): Earlier {
  const earlier = useSignal(LOADING);
  const sought = useSought(room);
  const logs = world.logs?.value ?? 0;
  const stands = room.past.value?.phase !== 'loading';
  const ended = (room.grant.value?.ended ?? '') !== '';
  useEffect(() => {
    earlier.value = LOADING;
  }, [world, unit, sought, logs, ended]);
  useEffect(() => {
    if (!stands || ended) return;
    let over = false;
    const load = async (): Promise<void> => {
      try {
        const got = await askUnitEvents(room, world, unit);
        if (!over) earlier.value = { phase: 'here', reason: NO_REASON, ...got };
      } catch (error) {
        if (over) return;
        earlier.value = { ...earlier.peek(), phase: 'failed', reason: reasonOf(error) };
        timer = window.setTimeout(() => void load(), AGAIN_MS);
      }
    };
    // Who goes through the list asks for the last one alone.
    let timer = window.setTimeout(() => void load(), SETTLE_MS);
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [world, unit, sought, logs, stands, ended]);
  return earlier.value;
}

/** How complete the list is, in words; nothing where it is. */
function Standing({ room, earlier, count }: { room: Room; earlier: Earlier; count: number }) {
  const t = unitWords.value;
  if (earlier.phase === 'loading') return <p class="quiet">{t.eventsLoading}</p>;
  if (earlier.phase === 'failed') {
    return (
      <p class="failed" role="status">
        {t.eventsFailed(inWords(earlier.reason))}
      </p>
    );
  }
  if (!earlier.whole && count < EVENTS_MAX) return <p class="quiet">{t.eventsCut}</p>;
  return count === 0 ? <p class="quiet">{t.noEvents(SPAN_DAYS[clockOf(room)])}</p> : null;
}

export function UnitEvents({ room, world, unit }: { room: Room; world: World; unit: Unit }) {
  void world.eventsVersion.value;
  const t = unitWords.value;
  const earlier = useEarlier(room, world, unit.name);
  const events = newestOf(world.events, earlier.events, unit.name, clockOf(room));
  return (
    <section class="card-part">
      <header>
        <h3>{t.lastEvents}</h3>
      </header>
      {events.length > 0 && (
        <ul class="small-log" aria-label={t.lastEvents}>
          {events.map((event) => (
            <li key={event.name}>
              <button type="button" onClick={() => showEvent(room, world, event)}>
                <time>{logTime(event.timeUs, world.nowUs())}</time>
                <SeverityMark severity={event.severity} />
                <span class="unseen">{eventWords.value.severity[event.severity]}</span>
                <span class="kind">{kindName(event.kind)}</span>
                <span class="said">{event.text}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Standing room={room} earlier={earlier} count={events.length} />
    </section>
  );
}

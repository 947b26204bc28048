// The log of events, live: filters, unread marks, older ones from the server, the details of one, and the box to say
// something.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Room, RoomEvent, Severity, World } from '../../model/types';
import { eventWords, kindName } from '../../text/events';
import { inWords } from '../../text/reasons';
import { Button } from '../../ui/button';
import { Search, Select } from '../../ui/fields';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual_list';
import { draft } from '../draft';
import type { PanelMark } from '../mark';
import { SETTLE_MS, useSought } from '../sought';
import { apart, askAgain, chosenEvent, type Apart } from './chosen';
import { Compose } from './compose';
import { EventDetail } from './detail';
import {
  filterLog,
  isEventFiltered,
  loadOlder,
  logOf,
  newOlder,
  NO_EVENT_FILTER,
  ownerOf,
  thereBy,
  type EventFilter,
  type Log,
  type Older,
} from './log';
import { EventRow } from './row';
import { isUnread, markAllRead, markRead, unreadOf } from './unread';

const FEW = 30; // with fewer at the beginning, older ones are asked for at once

function Filters({ log, filter, onFilter }: { log: Log; filter: EventFilter; onFilter: (f: EventFilter) => void }) {
  const t = eventWords.value;
  const sorted = (names: Iterable<string>): string[] => [...new Set(names)].filter((n) => n !== '').sort();
  const all = { value: '', label: t.all };
  const kinds = sorted(log.all.map((e) => e.kind)).map((k) => ({ value: k, label: kindName(k) }));
  const owners = sorted(log.all.map((e) => ownerOf(e.unit))).map((o) => ({ value: o, label: o }));
  const severities = ([0, 1, 2, 3] as const).map((s) => ({ value: String(s), label: t.atLeast[s] }));
  return (
    <div class="panel-tools">
      <Search label={t.textFilter} value={filter.text} onInput={(text) => onFilter({ ...filter, text })} />
      <div class="filters">
        <Select
          label={t.severityFilter}
          value={String(filter.severity)}
          options={severities}
          onChange={(s) => onFilter({ ...filter, severity: Number(s) as Severity })}
        />
        <Select
          label={t.kindFilter}
          value={filter.kind}
          options={[all, ...kinds]}
          onChange={(kind) => onFilter({ ...filter, kind })}
        />
        <Select
          label={t.ownerFilter}
          value={filter.owner}
          options={[all, ...owners]}
          onChange={(owner) => onFilter({ ...filter, owner })}
        />
      </div>
    </div>
  );
}

function OlderPart({ room, world, older }: { room: Room; world: World; older: Older }) {
  const t = eventWords.value;
  const state = older.state.value;
  if (state === 'end') return <p class="quiet centred">{t.noOlder}</p>;
  if (state === 'full') return null;
  return (
    <div class="older">
      {older.problem.value.code !== '' && (
        <p class="failed" role="alert">
          {t.olderFailed(inWords(older.problem.value))}
        </p>
      )}
      <Button quiet disabled={state === 'loading'} onClick={() => void loadOlder(room, world, older)}>
        {state === 'loading' ? t.loadingOlder : t.older}
      </Button>
    </div>
  );
}

/** While the list is scrolled down it stands still: what is newer than `frozen` waits above. */
function useFrozen(log: Log, shown: RoomEvent[], view: string) {
  const frozen = useSignal<number | null>(null);
  // Another view has other numbers.
  useEffect(() => {
    frozen.value = null;
  }, [view]);
  const limit = frozen.value;
  const kept = limit === null ? shown : shown.filter((e) => e.seq <= limit);
  return {
    kept,
    waiting: shown.length - kept.length,
    onTop: (top: boolean): void => {
      if (top) frozen.value = null;
      else if (frozen.peek() === null) frozen.value = log.all[0]?.seq ?? null;
    },
    thaw: (): void => {
      frozen.value = null;
    },
  };
}

function Foot({
  room,
  count,
  filtered,
  onClear,
}: {
  room: Room;
  count: number;
  filtered: boolean;
  onClear: () => void;
}) {
  const t = eventWords.value;
  const unread = useMemo(() => unreadOf(room), [room]).value;
  return (
    <div class="panel-foot">
      <span>{t.count(count)}</span>
      {filtered && (
        <Button quiet onClick={onClear}>
          {t.clear}
        </Button>
      )}
      <span class="spacer" />
      {unread.count > 0 && (
        <Button
          quiet
          icon="check"
          onClick={() => markAllRead(room)}
        >{`${t.unread(unread.count)} · ${t.markRead}`}</Button>
      )}
    </div>
  );
}

/** The log of the world that is shown, with the older ones that were asked for; its own for each moment sought. */
function useLog(room: Room): { world: World; older: Older; log: Log; beside: Apart | null } {
  const world = room.shown.value;
  const sought = useSought(room);
  const ended = (room.grant.value?.ended ?? '') !== '';
  const older = useMemo(newOlder, [world, sought, ended]);
  const version = world.eventsVersion.value;
  const before = older.events.value;
  const kept = apart.value?.world === world && !ended ? apart.value : null;
  const isLater = kept !== null && sought > kept.untilUs;
  const beside = useMemo((): Apart | null => (kept && isLater ? { ...kept, answers: 'loading' } : kept),
    [kept, isLater]);
  const log = useMemo(() => {
    const known = beside ? [beside.event, ...beside.acknowledgements] : [];
    return logOf(world, before, thereBy(known, room.past.peek(), world.nowUs()));
  }, [world, version, before, beside, sought]);
  const live = room.link.value.state === 'live' && !ended;
  const stands = room.past.value?.phase !== 'loading';
  useEffect(() => {
    if (kept && isLater && stands) askAgain(room, kept, sought);
  }, [kept, isLater, stands]);
  useEffect(() => {
    if (!live || !stands || world.events.length >= FEW || older.events.peek().length > 0) return;
    const timer = window.setTimeout(() => void loadOlder(room, world, older), sought === 0 ? 0 : SETTLE_MS);
    return () => window.clearTimeout(timer);
  }, [live, stands, older]);
  return { world, older, log, beside };
}

export function EventsPanel({ room }: { room: Room }) {
  const t = eventWords.value;
  const { world, older, log, beside } = useLog(room);
  const filter = useSignal<EventFilter>(NO_EVENT_FILTER);
  const list = useRef<VirtualListHandle>(null);
  const labelOf = (unit: string): string => world.byName.get(unit)?.label ?? unit;
  const shown = filterLog(log, filter.value, labelOf);
  const { kept, waiting, onTop, thaw } = useFrozen(log, shown, room.grant.value?.name ?? '');
  const chosen = chosenEvent.value === null ? undefined : log.byName.get(chosenEvent.value);
  const choose = (event: RoomEvent): void => {
    chosenEvent.value = event.name;
    markRead(event);
    const place = event.place ?? world.byName.get(event.unit)?.position;
    if (place) room.goTo(place);
  };
  const toTop = (): void => {
    thaw();
    list.current?.scrollTo(0);
  };
  const filtered = isEventFiltered(filter.value);
  return (
    <div class="events">
      <Filters log={log} filter={filter.value} onFilter={(f) => (filter.value = f)} />
      {waiting > 0 && (
        <button type="button" class="newer" onClick={toTop}>
          {t.newer(waiting)}
        </button>
      )}
      <VirtualList
        items={kept}
        keyOf={(e) => e.name}
        rowRem={3.25}
        label={t.list}
        selected={chosen?.name ?? null}
        onSelect={choose}
        onActivate={(e) => (room.selected.value = e.unit)}
        handle={list}
        onScrolledToTop={onTop}
        rowClass={(e) => `event severity-${e.severity} ${log.acknowledgedBy.has(e.name) ? 'is-acknowledged' : ''}`}
        row={(e) => (
          <EventRow
            event={e}
            world={world}
            label={labelOf(e.unit)}
            acknowledged={log.acknowledgedBy.has(e.name)}
            unread={world === room.live && isUnread(e)}
          />
        )}
        empty={<p class="empty">{filtered ? t.noneMatches : t.none}</p>}
        after={<OlderPart room={room} world={world} older={older} />}
      />
      {chosen && !(draft.value.open && draft.value.about === chosen) && (
        <EventDetail
          room={room}
          world={world}
          log={log}
          event={chosen}
          answers={beside?.event.name === chosen.name ? beside.answers : 'known'}
          labelOf={labelOf}
        />
      )}
      <Foot room={room} count={kept.length} filtered={filtered} onClear={() => (filter.value = NO_EVENT_FILTER)} />
      <Compose room={room} />
    </div>
  );
}

/** On the button that opens the panel: how many are unread, and how bad the worst is. */
export function useUnreadMark(room: Room): PanelMark | null {
  const unread = useMemo(() => unreadOf(room), [room]).value;
  if (unread.count === 0) return null;
  return { text: String(unread.count), says: eventWords.value.unread(unread.count), severity: unread.severity };
}

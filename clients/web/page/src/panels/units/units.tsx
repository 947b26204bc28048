// The list of units: search, filters, order; the keys choose and follow.
import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Freshness, Room, Unit, World } from '../../model/types';
import { number } from '../../text/format';
import { unitWords } from '../../text/units';
import { Button } from '../../ui/button';
import { useBeat } from '../../ui/beat';
import { Search, Select } from '../../ui/fields';
import { FreshnessMark } from '../../ui/marks';
import { openPanel } from '../../ui/docks';
import { VirtualList, type VirtualListHandle } from '../../ui/virtual_list';
import { middleOfMap } from '../middle';
import { isFiltered, listUnits, NameRank, NO_FILTER, NO_GROUP, type Filter, type Listed, type Sort } from './order';
import { UnitRow } from './row';

const STATES: readonly Freshness[] = ['fresh', 'overdue', 'silent', 'unknown'];

/** How many are fresh, overdue, silent: each a switch that shows those alone. */
function StateChips({ listed, filter, onFilter }: { listed: Listed; filter: Filter; onFilter: (f: Filter) => void }) {
  const t = unitWords.value;
  return (
    <div class="chips" role="group" aria-label={t.state}>
      {STATES.filter((s) => s !== 'unknown' || listed.counts.unknown > 0 || filter.state === s).map((state) => (
        <button
          type="button"
          key={state}
          class="chip"
          aria-pressed={filter.state === state}
          onClick={() => onFilter({ ...filter, state: filter.state === state ? '' : state })}
        >
          <FreshnessMark state={state} />
          <strong>{number(listed.counts[state])}</strong>
          <span>{t.freshness[state]}</span>
        </button>
      ))}
    </div>
  );
}

function Filters(props: {
  listed: Listed;
  filter: Filter;
  onFilter: (f: Filter) => void;
  sort: Sort;
  onSort: (s: Sort) => void;
  from: Unit | null;
}) {
  const t = unitWords.value;
  const { listed, filter, onFilter } = props;
  const all = { value: '', label: t.all };
  const groups = listed.groups.map((g) => ({ value: g === '' ? NO_GROUP : g, label: g === '' ? t.noGroup : g }));
  const sorts: Sort[] = ['name', 'state', 'age', 'distance'];
  return (
    <div class="filters">
      <Select
        label={t.owner}
        value={filter.owner}
        options={[all, ...listed.owners.map((o) => ({ value: o, label: o }))]}
        onChange={(owner) => onFilter({ ...filter, owner })}
      />
      <Select
        label={t.group}
        value={filter.group}
        options={[all, ...groups]}
        onChange={(group) => onFilter({ ...filter, group })}
      />
      <Select
        label={t.sort}
        value={props.sort}
        onChange={props.onSort}
        options={sorts.map((s) => ({
          value: s,
          label: s === 'distance' && props.from ? t.sortsFrom(props.from.label) : t.sorts[s],
        }))}
      />
    </div>
  );
}

export function UnitsPanel({ room }: { room: Room }) {
  const t = unitWords.value;
  const filter = useSignal<Filter>(NO_FILTER);
  const sort = useSignal<Sort>('name');
  const ranks = useMemo(() => new NameRank(), []);
  const list = useRef<VirtualListHandle>(null);
  const beat = useBeat(room).value;
  const world: World = room.shown.value;
  const selected = room.selected.value;
  const from = selected === null ? null : (world.byName.get(selected) ?? null);
  const listed = listUnits(world, ranks, filter.value, sort.value, from?.position ?? middleOfMap());
  const choose = (unit: Unit): void => {
    room.selected.value = unit.name;
    openPanel('unit');
  };
  const follow = (unit: Unit): void => {
    room.selected.value = unit.name;
    if (unit.position) room.goTo(unit.position); // which ends the following of another
    room.followed.value = unit.name;
  };
  const onSearchKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') list.current?.focus();
    else if (event.key === 'Escape' && filter.value.text !== '') filter.value = { ...filter.value, text: '' };
    else if (event.key === 'Enter' && listed.units[0]) choose(listed.units[0]);
    else return;
    event.preventDefault();
  };
  return (
    <div class="units">
      <div class="panel-tools">
        <Search
          label={t.search}
          hint={t.searchHint}
          value={filter.value.text}
          onKeyDown={onSearchKey}
          onInput={(text) => (filter.value = { ...filter.value, text })}
        />
        <StateChips listed={listed} filter={filter.value} onFilter={(f) => (filter.value = f)} />
        <Filters
          listed={listed}
          filter={filter.value}
          onFilter={(f) => (filter.value = f)}
          sort={sort.value}
          onSort={(s) => (sort.value = s)}
          from={from}
        />
      </div>
      <VirtualList
        items={listed.units}
        keyOf={(u) => u.name}
        rowRem={3.25}
        label={t.list}
        selected={selected}
        onSelect={choose}
        onActivate={follow}
        handle={list}
        row={(unit) => <UnitRow room={room} world={world} unit={unit} beat={beat} />}
        empty={listed.total > 0 ? <p class="empty">{t.none}</p> : null}
      />
      <div class="panel-foot">
        <span role="status">{t.shown(listed.units.length, listed.total)}</span>
        {isFiltered(filter.value) ? (
          <Button quiet onClick={() => (filter.value = NO_FILTER)}>
            {t.clear}
          </Button>
        ) : (
          <span class="hint">{t.hint}</span>
        )}
      </div>
    </div>
  );
}

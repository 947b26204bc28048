// The card of the chosen unit: who it is, where it is and how well that is known, its past and its events.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { reasonOf } from '../../model/failure';
import { NO_REASON } from '../../model/reason';
import type { Room, Unit, World } from '../../model/types';
import { eventWords, named } from '../../text/events';
import { inWords } from '../../text/reasons';
import { unitWords } from '../../text/units';
import { Age } from '../../ui/ages';
import { useBeat } from '../../ui/beat';
import { Button, Toggle } from '../../ui/button';
import { openPanel } from '../../ui/docks';
import { FreshnessMark, OwnerMark } from '../../ui/marks';
import { UnitSymbol } from '../../ui/symbol';
import { getUnit, type UnitDetail } from '../api';
import { beginDraft } from '../draft';
import { UnitEvents } from './events';
import { PositionPart } from './position';
import { TrackPart } from './track';

/** A unit stays the same object and changes: what draws its parts anew is the beat. */
interface PartProps {
  room: Room;
  world: World;
  unit: Unit;
  beat: number;
}

const RENEW_MS = 10_000;

function Head({ room, world, unit }: PartProps) {
  const t = unitWords.value;
  const state = world.freshness(unit);
  return (
    <div class="card-head">
      <UnitSymbol code={unit.card?.symbol ?? ''} size={3} />
      <div>
        <h3 class="card-title">{unit.label}</h3>
        <p class="row-sub">
          <OwnerMark owner={unit.owner} />
          <span>{unit.name}</span>
          {unit.group !== '' && <span class="group">{unit.group}</span>}
          {unit.card && unit.card.unitKind !== '' && <span>{named(t.kinds, unit.card.unitKind)}</span>}
        </p>
        <p class={`state state-${state}`}>
          <FreshnessMark state={state} />
          {unit.position && state !== 'unknown' ? (
            <Age
              key={`${state}${t.card}`}
              room={room}
              world={world}
              timeUs={unit.position.timeUs}
              say={t.freshnessSince[state]}
            />
          ) : (
            t.freshnessSince.unknown
          )}
        </p>
      </div>
    </div>
  );
}

function Actions({ room, unit }: PartProps) {
  const t = unitWords.value;
  const follows = room.followed.value === unit.name;
  const follow = (on: boolean): void => {
    if (on && unit.position) room.goTo(unit.position); // which ends the following of another
    room.followed.value = on ? unit.name : null;
  };
  const write = (): void => {
    beginDraft({ to: unit.name, text: `${unit.label}: ` });
    openPanel('events');
  };
  return (
    <div class="actions card-actions">
      <Toggle icon="follow" on={follows} onChange={follow} label={follows ? t.following : t.follow} />
      <Button icon="centre" disabled={!unit.position} onClick={() => unit.position && room.goTo(unit.position)}>
        {t.centre}
      </Button>
      <Button
        icon="message"
        disabled={!room.viewer.value.maySend}
        onClick={write}
        title={room.viewer.value.maySend ? undefined : eventWords.value.mayNotSend}
      >
        {t.message}
      </Button>
    </div>
  );
}

function CarriedBy({ room, world, name }: { room: Room; world: World; name: string; beat: number }) {
  const carrier = world.byName.get(name);
  return (
    <button type="button" class="link" onClick={() => (room.selected.value = name)}>
      {carrier?.label ?? name}
    </button>
  );
}

function Carriage({ room, world, unit, detail, beat }: PartProps & { detail: UnitDetail | null }) {
  const t = unitWords.value;
  const by = unit.card?.carriedBy ?? '';
  const carries = detail?.carries ?? [];
  if (by === '' && carries.length === 0) return null;
  return (
    <section class="card-part carriage">
      {by !== '' && (
        <p>
          {t.carriedBy} <CarriedBy room={room} world={world} name={by} beat={beat} />
        </p>
      )}
      {carries.length > 0 && (
        <p>
          {t.carries}{' '}
          {carries.map((name) => (
            <CarriedBy key={name} room={room} world={world} name={name} beat={beat} />
          ))}
        </p>
      )}
    </section>
  );
}

/** More about the unit than the feed tells, asked again now and then while the present is shown. */
function useDetail(room: Room, name: string) {
  const detail = useSignal<UnitDetail | null>(null);
  const reason = useSignal(NO_REASON);
  const live = room.past.value === null;
  useEffect(() => {
    let over = false;
    detail.value = null;
    reason.value = NO_REASON;
    if (!live) return;
    const load = async (): Promise<void> => {
      try {
        const got = await getUnit(room, name);
        if (over) return;
        detail.value = got;
        reason.value = NO_REASON;
      } catch (error) {
        if (!over) reason.value = reasonOf(error);
      }
    };
    void load();
    const again = window.setInterval(() => void load(), RENEW_MS);
    return () => {
      over = true;
      window.clearInterval(again);
    };
  }, [room, name, live]);
  return { detail: detail.value, reason: reason.value };
}

function Card({ room, world, unit, beat }: PartProps) {
  const { detail, reason } = useDetail(room, unit.name);
  return (
    <div class="card">
      <Head room={room} world={world} unit={unit} beat={beat} />
      <Actions room={room} world={world} unit={unit} beat={beat} />
      <PositionPart unit={unit} detail={detail} beat={beat} />
      {reason.code !== '' && (
        <p class="failed card-part" role="status">
          {unitWords.value.detailFailed(inWords(reason))}
        </p>
      )}
      <Carriage room={room} world={world} unit={unit} detail={detail} beat={beat} />
      <TrackPart key={unit.name} room={room} world={world} unit={unit} />
      <UnitEvents room={room} world={world} unit={unit} />
    </div>
  );
}

export function UnitPanel({ room }: { room: Room }) {
  const beat = useBeat(room).value;
  const world = room.shown.value;
  const name = room.selected.value;
  if (name === null) return <p class="empty">{unitWords.value.choose}</p>;
  const unit = world.byName.get(name);
  if (!unit || unit.gone) return <p class="empty">{unitWords.value.unknownUnit(name)}</p>;
  return <Card key={name} room={room} world={world} unit={unit} beat={beat} />;
}

// One row of the list: symbol, call sign, owner and group, speed, freshness in words with its age.
import type { Room, Unit, World } from '../../model/types';
import { speed } from '../../text/format';
import { unitWords } from '../../text/units';
import { Age } from '../../ui/ages';
import { Icon } from '../../ui/icon';
import { FreshnessMark, OwnerMark } from '../../ui/marks';
import { UnitSymbol } from '../../ui/symbol';

interface UnitRowProps {
  room: Room;
  world: World;
  unit: Unit; // stays the same object and changes: what draws it anew is
  beat: number;
}

export function UnitRow({ room, world, unit }: UnitRowProps) {
  const t = unitWords.value;
  const state = world.freshness(unit);
  const position = unit.position;
  return (
    <>
      <UnitSymbol code={unit.card?.symbol ?? ''} size={1.75} />
      <span class="row-main">
        <span class="row-title">
          <span class="cut">{unit.label}</span>
          {room.followed.value === unit.name && (
            <span class="followed" title={t.following}>
              <Icon name="follow" size={1.1} />
              <span class="unseen">{t.following}</span>
            </span>
          )}
        </span>
        <span class="row-sub">
          <OwnerMark owner={unit.owner} />
          {unit.group !== '' && <span class="group">{unit.group}</span>}
        </span>
      </span>
      <span class="row-end">
        <span class={`state state-${state}`}>
          <FreshnessMark state={state} />
          <span>{t.freshness[state]}</span>
          {position && (
            <span class="age">
              <Age room={room} world={world} timeUs={position.timeUs} />
            </span>
          )}
        </span>
        <span class="row-sub">{position?.speedMS !== undefined ? speed(position.speedMS) : ''}</span>
      </span>
    </>
  );
}

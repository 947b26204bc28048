// The trackers' newest delays, the slowest first, and whose clock their times are from.
import { useSignal } from '@preact/signals';
import type { Room, Unit } from '../../model/types';
import { delay } from '../../text/format';
import { statusWords } from '../../text/status';
import { unitWords } from '../../text/units';
import { Button } from '../../ui/button';
import { FreshnessMark } from '../../ui/marks';

const FEW = 12;
const ALL_MAX = 500;

export function Trackers({ room }: { room: Room }) {
  void room.tick.value;
  const t = statusWords.value;
  const all = useSignal(false);
  const world = room.live;
  const units = world.units.filter((u) => !u.gone && u.position);
  units.sort((a, b) => (b.position?.delayMs ?? 0) - (a.position?.delayMs ?? 0) || a.index - b.index);
  const shown = units.slice(0, all.value ? ALL_MAX : FEW);
  const row = (unit: Unit) => (
    <tr key={unit.name}>
      <th scope="row">
        <FreshnessMark state={world.freshness(unit)} />
        <span class="unseen">{unitWords.value.freshness[world.freshness(unit)]}</span>
        <button type="button" class="link" onClick={() => (room.selected.value = unit.name)}>
          {unit.label}
        </button>
      </th>
      <td>{delay(unit.position?.delayMs ?? 0)}</td>
      <td>{unit.position?.satelliteTime ? t.satellite : t.device}</td>
    </tr>
  );
  return (
    <section class="card-part">
      <header>
        <h3>{t.trackers}</h3>
        {units.length > FEW && (
          <Button quiet onClick={() => (all.value = !all.value)}>
            {all.value ? t.trackerFew : t.trackerAll(Math.min(units.length, ALL_MAX))}
          </Button>
        )}
      </header>
      {shown.length === 0 ? (
        <p class="quiet">{t.trackersNone}</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t.tracker}</th>
              <th scope="col">{t.trackerDelay}</th>
              <th scope="col">{t.trackerClock}</th>
            </tr>
          </thead>
          <tbody>{shown.map(row)}</tbody>
        </table>
      )}
    </section>
  );
}

// The trackers: how late their newest positions are, by whose clock, what came out of order and which of their numbers
// did not come. Delays are the live picture's own; the rest is asked of the server while one looks.
import { useSignal } from '@preact/signals';
import type { Room, Unit } from '../../model/types';
import { delay, number, offset } from '../../text/format';
import { statusWords } from '../../text/status';
import { unitWords } from '../../text/units';
import { Button } from '../../ui/button';
import { FreshnessMark } from '../../ui/marks';
import { usePolled } from './polled';

const FEW = 12;
const ALL_MAX = 500;

/** What GET /api/v1/trackers tells of each, as far as it is read here. */
interface Tracker {
  unit: string;
  clock_offset_s: number;
  late: number;
  missing: number;
}

function useTrackers(room: Room): ReadonlyMap<string, Tracker> {
  const trackers = useSignal<ReadonlyMap<string, Tracker>>(new Map());
  usePolled<{ trackers: Tracker[] }>(
    room,
    `/trackers?limit=${ALL_MAX}`,
    (got) => (trackers.value = new Map(got.trackers.map((one) => [one.unit, one]))),
    () => (trackers.value = new Map()), // the part of the server says why
  );
  return trackers.value;
}

/** Those of whom most did not come go first, then the slowest. */
function sorted(units: Unit[], trackers: ReadonlyMap<string, Tracker>): Unit[] {
  const missing = (unit: Unit): number => trackers.get(unit.name)?.missing ?? 0;
  return units.sort((a, b) =>
    missing(b) - missing(a) || (b.position?.delayMs ?? 0) - (a.position?.delayMs ?? 0) || a.index - b.index);
}

function Row({ room, unit, tracker }: { room: Room; unit: Unit; tracker: Tracker | undefined }) {
  const t = statusWords.value;
  const state = room.live.freshness(unit);
  const clock = unit.position?.satelliteTime ? t.satellite : t.device;
  const off = tracker && Math.abs(tracker.clock_offset_s) >= 0.1 ? ` ${offset(tracker.clock_offset_s * 1000)}` : '';
  return (
    <tr>
      <th scope="row">
        <FreshnessMark state={state} />
        <span class="unseen">{unitWords.value.freshness[state]}</span>
        <button type="button" class="link" onClick={() => (room.selected.value = unit.name)}>
          {unit.label}
        </button>
      </th>
      <td>{delay(unit.position?.delayMs ?? 0)}</td>
      <td>{tracker ? number(tracker.late) : t.unknown}</td>
      <td>{tracker ? number(tracker.missing) : t.unknown}</td>
      <td>{clock + off}</td>
    </tr>
  );
}

export function Trackers({ room }: { room: Room }) {
  void room.tick.value;
  const t = statusWords.value;
  const all = useSignal(false);
  const trackers = useTrackers(room);
  const units = sorted(room.live.units.filter((u) => !u.gone && u.position), trackers);
  const shown = units.slice(0, all.value ? ALL_MAX : FEW);
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
        <>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t.tracker}</th>
                <th scope="col">{t.trackerDelay}</th>
                <th scope="col">{t.trackerLate}</th>
                <th scope="col">{t.trackerMissing}</th>
                <th scope="col">{t.trackerClock}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((unit) => (
                <Row key={unit.name} room={room} unit={unit} tracker={trackers.get(unit.name)} />
              ))}
            </tbody>
          </table>
          <p class="quiet">{t.trackerMissingHelp}</p>
        </>
      )}
    </section>
  );
}

// Taking away what is shown: tracks and events of a span as files, and the map as a picture.
import './export.css';
import { useEffect, useState } from 'preact/hooks';
import { mapTools } from '../map/tools';
import { reasonOf } from '../model/failure';
import { reason, type Reason } from '../model/reason';
import type { Past, Room } from '../model/types';
import { exportWords } from '../text/export';
import { locale } from '../text/language';
import { asSentence, inWords } from '../text/reasons';
import { inputOf, LENGTHS, momentOf, timeOfInput, type LengthName } from '../timeline/span';
import { Button } from '../ui/button';
import { Search, Select } from '../ui/fields';
import { toast } from '../ui/toast';
import { askForTracks, BY_UNIT_MAX, download, downloadAs, EVENT_FORMATS, EVENTS_MAX, eventsFile, fileName,
  TRACK_FORMATS, tracksPath, UNITS_MAX, type EventFormat, type Format, type Order } from './export_files';

/** Times that the server takes. */
const EARLIEST_US = Date.UTC(2000, 0, 1) * 1000;
const LATEST_US = Date.UTC(2100, 0, 1) * 1000;

type What = 'tracks' | 'events' | 'picture';
type UnitChoice = 'all' | 'selected' | 'chosen';
type SpanChoice = LengthName | 'custom';

interface Choice {
  what: What;
  units: UnitChoice;
  chosen: readonly string[];
  span: SpanChoice;
  from: string; // of a datetime-local, UTC
  to: string;
  clock: Past['clock'];
  format: Format;
}

export function ExportPanel({ room }: { room: Room }) {
  const [choice, setChoice] = useState<Choice>(() => firstChoice(room));
  const change = (part: Partial<Choice>): void => setChoice((before) => ({ ...before, ...part }));
  const t = exportWords.value;
  return (
    <form class="export" onSubmit={(event) => event.preventDefault()}>
      <fieldset class="export-what">
        <legend>{t.what}</legend>
        {(['tracks', 'events', 'picture'] as What[]).map((what) => (
          <label key={what}>
            <input type="radio" name="export-what" checked={choice.what === what} onChange={() => change({ what })} />
            <span>{t.whats[what]}</span>
          </label>
        ))}
      </fieldset>
      {choice.what === 'picture' ? <Picture room={room} /> : <Data room={room} choice={choice} change={change} />}
      <p class="export-note">{t.note}</p>
    </form>
  );
}

function firstChoice(room: Room): Choice {
  const endUs = room.past.peek()?.timeUs ?? room.live.nowUs();
  return { what: 'tracks', units: 'all', chosen: [], span: 'day', from: inputOf(endUs - LENGTHS.day),
    to: inputOf(endUs),
    clock: room.past.peek()?.clock ?? 'true', format: 'geojson' };
}

interface PartProps {
  room: Room;
  choice: Choice;
  change: (part: Partial<Choice>) => void;
}

function Data({ room, choice, change }: PartProps) {
  const t = exportWords.value;
  const formats: readonly Format[] = choice.what === 'tracks' ? TRACK_FORMATS : EVENT_FORMATS;
  const format = formats.includes(choice.format) ? choice.format : 'geojson';
  const selected = room.selected.value;
  const past = room.past.value;
  const grant = room.grant.value?.name;
  const units = choice.units === 'all' ? [] : choice.units === 'chosen' ? choice.chosen : selected === null
    ? [] : [selected];
  const none = choice.units !== 'all' && units.length === 0;
  const names = Object.keys(LENGTHS) as LengthName[];
  return (
    <>
      <Select label={t.units} value={choice.units} onChange={(to) => change({ units: to })}
        options={(['all', 'selected', 'chosen'] as UnitChoice[]).map((value) => ({ value,
          label: t.unitChoices[value] }))} />
      {choice.units === 'selected' && <p class="export-say">{selected === null ? t.noneSelected : labelOf(room,
        selected)}</p>}
      {choice.units === 'chosen'
        && <Chooser room={room} chosen={choice.chosen} onChange={(chosen) => change({ chosen })} />}
      <Select label={t.span} value={choice.span} onChange={(span) => change({ span })}
        options={[...names, 'custom' as const].map((value) => ({ value, label: t.spans[value] }))} />
      {choice.span === 'custom' && (
        <div class="export-span">
          <label>{t.from}<input type="datetime-local" step="1" value={choice.from}
            onInput={(event) => change({ from: event.currentTarget.value })} /></label>
          <label>{t.to}<input type="datetime-local" step="1" value={choice.to}
            onInput={(event) => change({ to: event.currentTarget.value })} /></label>
        </div>
      )}
      {choice.span !== 'custom' && past && <p class="export-say">{t.shownAt(momentOf(past.timeUs, locale.value))}</p>}
      <Select label={t.clock} value={grant === undefined ? choice.clock : 'known'}
        onChange={(clock) => change({ clock })}
        options={(grant === undefined ? (['true', 'known'] as const) : (['known'] as const)).map((value) => ({ value, label: t.clocks[value] }))} />
      <Select label={t.format} value={format} onChange={(to) => change({ format: to })}
        options={formats.map((value) => ({ value, label: t.formats[value] }))} />
      <Take room={room} choice={choice} order={{ units, clock: choice.clock, format, grant, ...spanOf(room,
        choice) }} none={none} />
    </>
  );
}

function labelOf(room: Room, name: string): string {
  return room.present.peek().byName.get(name)?.label ?? name;
}

/** A span that ends now, or in the moment that is shown, is worked out when it is taken. */
function spanOf(room: Room, choice: Choice): { fromUs: number | null; toUs: number | null } {
  if (choice.span === 'custom') return { fromUs: timeOfInput(choice.from), toUs: timeOfInput(choice.to) };
  void room.tick.value;
  const toUs = room.past.value?.timeUs ?? room.live.nowUs();
  return { fromUs: toUs - LENGTHS[choice.span], toUs };
}

interface TakeProps {
  room: Room;
  choice: Choice;
  order: Omit<Order, 'fromUs' | 'toUs'> & { fromUs: number | null; toUs: number | null };
  none: boolean;
}

function Take({ choice, order, none }: TakeProps) {
  const t = exportWords.value;
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Reason | null>(null);
  useEffect(() => setRefused(null), [choice, order.units.join()]); // of what was chosen before
  const { fromUs, toUs } = order;
  if (fromUs === null || toUs === null || fromUs >= toUs) return <Wrong words={t.spanWrong} />;
  if (fromUs < EARLIEST_US || toUs > LATEST_US) return <Wrong words={asSentence(inWords(reason('bad_time')))} />;
  if (none) return <p class="export-wrong">{choice.units === 'selected' ? t.noneSelected : t.chosenCount(0)}</p>;
  const whole: Order = { ...order, fromUs, toUs };
  const take = async (get: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setRefused(null);
    try {
      await get();
    } catch (error) {
      setRefused(reasonOf(error));
    }
    setBusy(false);
  };
  return (
    <>
      {choice.what === 'tracks' ? <TakeTracks order={whole} busy={busy} take={take} />
        : <TakeEvents order={whole} busy={busy} take={take} />}
      {refused && <Wrong words={refusedWords(refused, whole)} />}
    </>
  );
}

function Wrong({ words }: { words: string }) {
  return <p role="alert" class="export-wrong">{words}</p>;
}

function refusedWords(refused: Reason, order: Order): string {
  const t = exportWords.value;
  const failed = t.failed(inWords(refused));
  const clock = order.grant === undefined ? order.clock : 'known';
  return refused.code === 'too_many_units' ? `${failed}. ${t.byUnitMost(BY_UNIT_MAX[clock])}` : failed;
}

interface TakeOneProps {
  order: Order;
  busy: boolean;
  take: (get: () => Promise<void>) => Promise<void>;
}

/** A link, so that the browser itself writes to the disk what may be larger than its memory. */
function TakeTracks({ order, busy, take }: TakeOneProps) {
  const t = exportWords.value;
  const [path, name] = [tracksPath(order), fileName('tracks', order)];
  const press = (event: Event): void => {
    event.preventDefault();
    void take(async () => {
      await askForTracks(order);
      download(path, name);
    });
  };
  return (
    <a class="button primary export-take" href={path} download={name} aria-disabled={busy} onClick={press}>{busy
      ? t.asking : t.download}</a>
  );
}

function TakeEvents({ order, busy, take }: TakeOneProps) {
  const t = exportWords.value;
  const gather = async (): Promise<void> => {
    const file = await eventsFile({ ...order, format: order.format as EventFormat });
    downloadAs(file.blob, fileName('events', order));
    if (!file.complete) toast(t.eventsCut(EVENTS_MAX), true);
  };
  return (
    <Button primary class="export-take" disabled={busy} onClick={() => void take(gather)}>{busy
      ? t.gathering : t.download}</Button>
  );
}

/** Units by their names, as many as one request may name. */
function Chooser({ room, chosen,
  onChange }: { room: Room; chosen: readonly string[]; onChange: (to: string[]) => void }) {
  const t = exportWords.value;
  const [text, setText] = useState('');
  void room.tick.value;
  const wanted = text.trim().toLowerCase();
  const all = room.shown.value.units.filter((unit) => !unit.gone
    && (wanted === '' || unit.name.toLowerCase().includes(wanted) || unit.label.toLowerCase().includes(wanted)));
  const toggle = (name: string): void => {
    if (chosen.includes(name)) onChange(chosen.filter((one) => one !== name));
    else if (chosen.length < UNITS_MAX) onChange([...chosen, name]);
    else toast(t.tooMany(UNITS_MAX), true);
  };
  return (
    <fieldset class="export-chooser">
      <legend>{t.chosenCount(chosen.length)}</legend>
      <Search label={t.find} value={text} onInput={setText} />
      <ul>
        {all.slice(0, 200).map((unit) => (
          <li key={unit.name}>
            <label>
              <input type="checkbox" checked={chosen.includes(unit.name)} onChange={() => toggle(unit.name)} />
              <span>{unit.label}</span> <small>{unit.name}</small>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}

function Picture({ room }: { room: Room }) {
  const t = exportWords.value;
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const toUs = room.past.peek()?.timeUs ?? room.live.nowUs();
      downloadAs(await mapTools.png(), `vigie_map_${inputOf(toUs).replace(/[-:]/g, '')}Z.png`);
    } catch (error) {
      toast(t.pngFailed(inWords(reasonOf(error))), true);
    }
    setBusy(false);
  };
  return <Button primary class="export-take" disabled={busy} onClick={() => void save()}>{t.png}</Button>;
}

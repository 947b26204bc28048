// Around the map: buttons, scale, read-out of the position, who is followed, what the pointer is over, pulses of an SOS.
import { useComputed, useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Room } from '../model/types';
import { course, distance, number } from '../text/format';
import { useBeat } from '../ui/beat';
import { IconButton } from '../ui/button';
import { toast } from '../ui/toast';
import { ATTRIBUTION } from './base';
import { listUserMaps, type UserMap } from './base_layers';
import { FORMATS, formatPlace, type CoordinateFormat } from './coordinates';
import { PULSES_MAX } from './events_layer';
import type { LiveMap } from './live_map';
import { toggleMeasuring } from './measuring';
import type { Pointer } from './pointer';
import { scaleBar } from './scale';
import { tools } from './tools';
import { mapWords } from './words';

export interface Opened {
  live: LiveMap;
  pointer: Pointer;
}

const FORMAT_KEY = 'vigie.coordinates';
const CROWD = 500;
const ICONS = {
  in: 'M12 5v14M5 12h14',
  out: 'M5 12h14',
  all: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  measure: 'M3.500 15.500 15.500 3.500l5 5-12 12zM7 12l2 2M10 9l2.500 2.500M13 6l2 2',
} as const;

function storedFormat(): CoordinateFormat {
  try {
    const kept = localStorage.getItem(FORMAT_KEY);
    return FORMATS.find((format) => format === kept) ?? 'decimal';
  } catch {
    return 'decimal'; // storage is switched off
  }
}

/** Position of the pointer, or of the middle where there is none (a finger, the keyboard). */
function ReadOut({ opened }: { opened: Opened }) {
  const format = useSignal<CoordinateFormat>(storedFormat());
  const words = useComputed(() => {
    const place = opened.pointer.place.value ?? opened.live.camera.value.middle;
    return formatPlace(place, format.value);
  });
  const next = (): void => {
    format.value = FORMATS[(FORMATS.indexOf(format.peek()) + 1) % FORMATS.length]!;
    try {
      localStorage.setItem(FORMAT_KEY, format.peek());
    } catch {
      // it lasts as long as the page
    }
  };
  const t = mapWords.value;
  return (
    <button type="button" class="map-read-out" title={t.format(t.formats[format.value])} onClick={next}>
      <span class="unseen">{opened.pointer.place.value ? t.pointer : t.centre} </span>
      <span>{words}</span>
    </button>
  );
}

function Scale({ live }: { live: LiveMap }) {
  const bar = useComputed(() => {
    void mapWords.value; // the number's form follows the language
    return scaleBar(live.camera.value.pixelsPerMetre);
  });
  return (
    <div class="map-scale" style={{ width: `${bar.value.pixels}px` }}>{bar.value.words}</div>
  );
}

function MapChoice({ live, maps }: { live: LiveMap; maps: readonly UserMap[] }) {
  const t = mapWords.value;
  const show = (name: string): void => {
    void live.show(maps.find((map) => map.name === name) ?? null).catch((error: unknown) => {
      toast(mapWords.peek().mapBroken(error instanceof Error ? error.message : String(error)), true);
      void live.show(null);
    });
  };
  return (
    <select class="map-choice" aria-label={t.maps} value={live.userMap.value?.name ?? ''}
      onChange={(event) => show(event.currentTarget.value)}>
      <option value="">{t.baseOnly}</option>
      {maps.map((map) => <option key={map.name} value={map.name}>{map.name}</option>)}
    </select>
  );
}

function Buttons({ room, live }: { room: Room; live: LiveMap }) {
  const t = mapWords.value;
  const maps = useSignal<readonly UserMap[]>([]);
  useEffect(() => {
    void listUserMaps().then((found) => (maps.value = found));
  }, [room]);
  return (
    <div class="map-buttons" role="toolbar" aria-label={t.tools} aria-orientation="vertical">
      {maps.value.length > 0 && <MapChoice live={live} maps={maps.value} />}
      <IconButton path={ICONS.in} label={t.zoomIn} shortcut="+" onClick={() => live.map.zoomIn()} />
      <IconButton path={ICONS.out} label={t.zoomOut} shortcut="-" onClick={() => live.map.zoomOut()} />
      <IconButton path={ICONS.all} label={t.fitAll} onClick={() => live.fitAll()} />
      <IconButton path={ICONS.measure} label={t.measure} shortcut="m" pressed={tools.measuring.value}
        onClick={() => toggleMeasuring(live)} />
    </div>
  );
}

function MeasureHelp({ live }: { live: LiveMap }) {
  if (!tools.measuring.value) return null;
  void live.drawn.value;
  const { metres, last } = live.measure.summary();
  const t = mapWords.value;
  return (
    <div class="map-note" role="status">
      {last ? t.measured(distance(metres), `${distance(last.metres)} ${course(last.bearingDeg)}`) : t.measureHelp}
    </div>
  );
}

/** Where Enter sets a point, while there is no pointer. */
function Middle({ pointer }: { pointer: Pointer }) {
  return tools.measuring.value && pointer.place.value === null ? <div class="map-middle" aria-hidden="true" /> : null;
}

function Following({ room }: { room: Room }) {
  void useBeat(room).value; // its call sign may come later
  const name = room.followed.value;
  if (name === null) return null;
  const label = room.shown.value.byName.get(name)?.label ?? name;
  return (
    <button type="button" class="map-note following" title={mapWords.value.stopFollowing}
      onClick={() => (room.followed.value = null)}>{mapWords.value.following(label)} ×</button>
  );
}

function Tip({ pointer, width }: { pointer: Pointer; width: ReadonlySignal<number> }) {
  const tip = pointer.tip.value;
  if (!tip) return null;
  const left = tip.x > width.value - 240;
  const place = left ? { right: `${width.value - tip.x + 14}px`, top: `${tip.y + 12}px` }
    : { left: `${tip.x + 14}px`, top: `${tip.y + 12}px` };
  return (
    <div class="map-tip" role="tooltip" style={place}>
      {tip.lines.map((line, i) => (i === 0 ? <strong key={i}>{line}</strong> : <span key={i}>{line}</span>))}
    </div>
  );
}

/** Elements that pulse by themselves: nothing is drawn anew for them. */
function Pulses({ live }: { live: LiveMap }) {
  void live.drawn.value;
  const marks = live.events.marks.filter((mark) => mark.pulses).slice(-PULSES_MAX);
  return (
    <div class="map-pulses" aria-hidden="true">
      {marks.map(({ event, x, y }) => <i key={event.seq} style={{ transform: `translate(${x}px, ${y}px)` }} />)}
    </div>
  );
}

export function MapTools({ room, opened }: { room: Room; opened: Opened }) {
  const { live, pointer } = opened;
  const width = useComputed(() => live.camera.value.width);
  const crowd = useComputed(() => {
    void live.drawn.value;
    return live.inView > CROWD ? mapWords.value.inView(number(live.inView)) : '';
  });
  const user = live.userMap.value?.attribution;
  return (
    <>
      <Pulses live={live} />
      <Middle pointer={pointer} />
      <Buttons room={room} live={live} />
      <div class="map-notes">
        <Following room={room} />
        <MeasureHelp live={live} />
      </div>
      <div class="map-foot">
        <Scale live={live} />
        <ReadOut opened={opened} />
        {crowd.value !== '' && <span class="map-crowd">{crowd}</span>}
        <span class="map-attribution">{user ? `${user} · ${ATTRIBUTION}` : ATTRIBUTION}</span>
      </div>
      <Tip pointer={pointer} width={width} />
    </>
  );
}

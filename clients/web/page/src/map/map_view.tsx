// The map as the room has it: loads the map itself as a part of its own, and puts the tools around it.
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Room } from '../model/types';
import { addShortcut } from '../ui/keys';
import { roomWords } from '../text/room';
import type { LiveMap } from './live_map';
import './map.css';
import { MapTools, type Opened } from './map_tools';
import { toggleMeasuring } from './measuring';
import { tools } from './tools';
import { mapWords } from './words';

/** Asked when something went wrong: to make a first context takes a third of a second where there is no graphics card. */
function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

/** Esc first ends the measuring, then the following, then the choice. */
function escape(room: Room, live: LiveMap): void {
  if (tools.measuring.peek()) toggleMeasuring(live);
  else if (room.followed.peek() !== null) room.followed.value = null;
  else room.selected.value = null;
}

function useMapKeys(room: Room, opened: Opened | null): void {
  useEffect(() => {
    if (!opened) return;
    const ends = [
      addShortcut({ key: 'f', says: () => mapWords.value.followKey, run: () => {
        room.followed.value = room.followed.peek() === null ? room.selected.peek() : null;
      } }),
      addShortcut({ key: 'm', says: () => mapWords.value.measure, run: () => toggleMeasuring(opened.live) }),
      addShortcut({ key: '+', says: () => mapWords.value.zoomIn, run: () => opened.live.map.zoomIn() }),
      addShortcut({ key: '-', says: () => mapWords.value.zoomOut, run: () => opened.live.map.zoomOut() }),
      addShortcut({ key: 'Escape', says: () => '', run: () => escape(room, opened.live) }),
    ];
    return () => ends.forEach((end) => end());
  }, [room, opened]);
}

export function MapView({ room }: { room: Room }) {
  const box = useRef<HTMLDivElement>(null);
  const opened = useSignal<Opened | null>(null);
  const trouble = useSignal('');
  const unitsLost = useSignal(false);
  useEffect(() => {
    let closed = false;
    let end = (): void => {};
    const open = async (): Promise<void> => {
      const [{ LiveMap }, { Pointer }] = await Promise.all([import('./live_map'), import('./pointer')]);
      if (closed || !box.current) return;
      const live = new LiveMap(box.current, room, (lost) => (unitsLost.value = lost));
      end = () => live.close();
      if (!await live.start() || !box.current) return;
      const pointer = new Pointer(live, room, box.current);
      opened.value = { live, pointer };
      end = () => {
        pointer.close();
        live.close();
      };
    };
    void open().catch((error: unknown) => {
      console.error(error);
      trouble.value = hasWebGl() ? mapWords.peek().noMap : roomWords.peek().noWebGl;
    });
    return () => {
      closed = true;
      opened.value = null;
      unitsLost.value = false;
      end();
    };
  }, [room]);
  useMapKeys(room, opened.value);
  useSignalEffect(() => {
    box.current?.classList.toggle('measures', tools.measuring.value);
  });
  const help = useComputed(() => mapWords.value.keys);
  const problem = trouble.value || (unitsLost.value ? mapWords.value.noMap : '');
  return (
    <div class="map">
      <div class="map-box" ref={box} tabIndex={0} role="application" aria-label={help} />
      {opened.value && <MapTools room={room} opened={opened.value} />}
      {problem !== '' && <p class="map-trouble" role="alert">{problem}</p>}
    </div>
  );
}

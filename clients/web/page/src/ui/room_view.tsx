// The room's frame: top bar, alarm, map in the middle, docks at its sides, timeline under it. What stands in the docks
// comes from panels/registry.ts.
import { untracked, useComputed, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { AlarmBanner } from '../alarm';
import { MapView } from '../map';
import type { Room } from '../model/types';
import { panels, type RoomPanel } from '../panels/registry';
import { EmptyRoom } from '../panels/empty';
import { forgetTracks } from '../panels/unit/track';
import { panelNames } from '../text/panels';
import { roomWords } from '../text/room';
import { unitWords } from '../text/units';
import { IconButton } from './button';
import { closePanel, docks, high, narrow, openPanel, setSides, togglePanel, type Side } from './docks';
import { keepTabIn, useBorrowedFocus } from './focus';
import { addShortcut, listenForShortcuts } from './keys';
import { Guard } from './trouble';
import { Toasts } from './toast';
import { SightMark } from './sight';
import { TopBar } from './top_bar';

const at = (side: Side): RoomPanel[] => panels.filter((p) => p.place === side).sort((a, b) => a.order - b.order);
const bottom = panels.filter((p) => p.place === 'bottom').sort((a, b) => a.order - b.order);
setSides(new Map(panels.flatMap((p) => (p.place === 'bottom' ? [] : [[p.id, p.place] as const]))));

/** What stands in a dock: one panel, or, where the window is high, another over the pinned one. */
function shownIn(side: Side): RoomPanel[] {
  const all = at(side);
  const chosen = all.find((p) => p.id === docks.value[side]);
  if (!chosen) return [];
  const pinned = high.value ? all.find((p) => p.pinned) : undefined;
  if (!pinned) return [chosen];
  const upper = chosen === pinned ? all[0] : chosen;
  return upper && upper !== pinned ? [upper, pinned] : [pinned];
}

function PanelFrame({ room, panel, side, closes }: { room: Room; panel: RoomPanel; side: Side; closes: boolean }) {
  const View = panel.view;
  const name = panelNames.value[panel.id];
  return (
    <section class={`panel panel-${panel.id}`} aria-label={name} id={`panel-${panel.id}`}>
      <header class="panel-head">
        <h2>{name}</h2>
        {closes && (
          <IconButton icon="close" label={`${roomWords.value.closePanel}: ${name}`} onClick={() => closePanel(side)} />
        )}
      </header>
      <div class="panel-body">
        <Guard key={panel.id}>
          <View room={room} />
        </Guard>
      </div>
    </section>
  );
}

function Dock({ room, side }: { room: Room; side: Side }) {
  const box = useRef<HTMLDivElement>(null);
  const shown = shownIn(side);
  const over = narrow.value;
  const open = shown.length > 0;
  useBorrowedFocus(box, over && open, () => document.querySelector<HTMLElement>(`.rail-${side} button`));
  if (!open) return null;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!over || !box.current) return;
    if (event.key === 'Escape' && !event.defaultPrevented) closePanel(side);
    else keepTabIn(box.current, event);
  };
  return (
    <>
      {over && <div class="drawer-ground" onClick={() => closePanel(side)} />}
      <div class={`dock dock-${side} ${shown.length > 1 ? 'two' : ''}`} ref={box} tabIndex={-1} onKeyDown={onKeyDown}>
        {shown.map((panel, i) => (
          <PanelFrame key={panel.id} room={room} panel={panel} side={side} closes={i === 0} />
        ))}
      </div>
    </>
  );
}

const noMark = (): null => null;

function RailButton({ room, panel, open }: { room: Room; panel: RoomPanel; open: boolean }) {
  const mark = (panel.useMark ?? noMark)(room);
  const name = panelNames.value[panel.id];
  return (
    <IconButton
      path={panel.icon}
      label={mark ? `${name}, ${mark.says}` : name}
      shortcut={panel.key}
      expanded={open}
      controls={open ? `panel-${panel.id}` : undefined}
      onClick={() => togglePanel(panel.id)}
    >
      {mark && <span class={`badge severity-${mark.severity}`}>{mark.text}</span>}
    </IconButton>
  );
}

function Rail({ room, side }: { room: Room; side: Side }) {
  const shown = shownIn(side);
  return (
    <nav class={`rail rail-${side}`} aria-label={roomWords.value.panels[side]}>
      {at(side).map((panel) => (
        <RailButton key={panel.id} room={room} panel={panel} open={shown.includes(panel)} />
      ))}
    </nav>
  );
}

/** Opens the list of units and puts the keys into its search, once it stands. */
function findUnit(): void {
  openPanel('units');
  window.requestAnimationFrame(() =>
    document.querySelector<HTMLInputElement>('#panel-units input[type=search]')?.focus(),
  );
}

function useRoomKeys(room: Room): void {
  useEffect(() => {
    const find = addShortcut({ key: '/', says: () => unitWords.value.search, run: findUnit });
    const stop = [
      listenForShortcuts(),
      find,
      ...panels
        .filter((p) => p.place !== 'bottom' && p.key !== '')
        .map((p) => addShortcut({ key: p.key, says: () => panelNames.value[p.id], run: () => togglePanel(p.id) })),
    ];
    return () => stop.forEach((s) => s());
  }, [room]);
}

function MapPlace({ room, children }: { room: Room; children: ComponentChildren }) {
  const mode = useComputed(() => {
    const link = room.grant.value?.link ?? room.link.value;
    return room.past.value ? 'past' : link.state === 'live' ? 'live' : 'old';
  });
  return (
    <main class={`map-place shows-${mode.value}`} aria-label={roomWords.value.map} tabIndex={-1} id="map-place">
      {children}
    </main>
  );
}

export function RoomView({ room }: { room: Room }) {
  useRoomKeys(room);
  // Choosing a unit shows its card, where there is a place beside the map for it.
  useSignalEffect(() => {
    if (room.selected.value !== null) untracked(() => openPanel('unit', false));
  });
  const sight = useComputed(() => `${room.grant.value?.name ?? ''} ${room.grant.value?.ended ?? ''}`);
  useSignalEffect(() => {
    void sight.value;
    untracked(forgetTracks);
  });
  const toMap = (): void => document.getElementById('map-place')?.focus();
  return (
    <div class={`room ${room.past.value ? 'in-past' : ''} ${room.grant.value ? 'by-grant' : ''}`}>
      <button type="button" class="skip" onClick={toMap}>
        {roomWords.value.skipToMap}
      </button>
      <TopBar room={room} />
      <Guard>
        <AlarmBanner room={room} />
      </Guard>
      <SightMark room={room} />
      <div class="middle">
        <Rail room={room} side="left" />
        <Dock room={room} side="left" />
        <MapPlace room={room}>
          <Guard>
            <MapView room={room} />
          </Guard>
          <EmptyRoom room={room} />
        </MapPlace>
        <Dock room={room} side="right" />
        <Rail room={room} side="right" />
      </div>
      <footer class="bottom" aria-label={panelNames.value.timeline}>
        {bottom.map((panel) => {
          const View = panel.view;
          return (
            <Guard key={panel.id}>
              <View room={room} />
            </Guard>
          );
        })}
      </footer>
      <Toasts />
    </div>
  );
}

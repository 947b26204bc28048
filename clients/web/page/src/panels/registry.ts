// The room's panels. A new one is a line here and its name in text/panels.ts.
import { AccountPanel } from '../account';
import type { Panel, Room } from '../model/types';
import type { PanelId } from '../text/panels';
import { TimelineBar } from '../timeline';
import { icons } from '../ui/icons';
import { EventsPanel, useUnreadMark } from './events/events';
import { ExportPanel } from './export';
import { HelpPanel } from './help';
import type { PanelMark } from './mark';
import { StatusPanel } from './status/status';
import { UnitPanel } from './unit/unit';
import { UnitsPanel } from './units/units';

export interface RoomPanel extends Panel {
  id: PanelId;
  /** Stands always, under the other one, where the window is high. */
  pinned?: boolean;
  /** A mark on its button, as a hook; null: none at the moment. */
  useMark?: (room: Room) => PanelMark | null;
}

export const panels: readonly RoomPanel[] = [
  { id: 'units', icon: icons.units, key: 'u', place: 'left', order: 1, view: UnitsPanel },
  { id: 'unit', icon: icons.unit, key: 'c', place: 'right', order: 1, view: UnitPanel },
  {
    id: 'events',
    icon: icons.events,
    key: 'e',
    place: 'right',
    order: 2,
    view: EventsPanel,
    pinned: true,
    useMark: useUnreadMark,
  },
  { id: 'status', icon: icons.status, key: 's', place: 'right', order: 3, view: StatusPanel },
  { id: 'export', icon: icons.export, key: 'x', place: 'right', order: 4, view: ExportPanel },
  { id: 'account', icon: icons.account, key: 'a', place: 'right', order: 5, view: AccountPanel },
  { id: 'help', icon: icons.help, key: '?', place: 'right', order: 6, view: HelpPanel },
  { id: 'timeline', icon: icons.clock, key: '', place: 'bottom', order: 1, view: TimelineBar },
];

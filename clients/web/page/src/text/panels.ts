// The panels' names. A panel in panels/registry.ts needs one here, in both languages, or it does not compile.
import { texts } from './language';

const en = {
  units: 'Units',
  unit: 'Unit',
  events: 'Events',
  status: 'Status',
  export: 'Export',
  account: 'Account',
  help: 'Help',
  timeline: 'Timeline',
};

export type PanelId = keyof typeof en;

export const panelNames = texts(en, {
  units: 'Unités',
  unit: 'Fiche d’unité',
  events: 'Main courante',
  status: 'État du système',
  export: 'Exporter',
  account: 'Compte',
  help: 'Aide',
  timeline: 'Frise chronologique',
});

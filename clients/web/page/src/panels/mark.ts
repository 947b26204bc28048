// A small number on the button of a panel.
export interface PanelMark {
  text: string; // what is seen
  says: string; // what is read out: it contains the text
  severity: number; // 0..3, its colour
}

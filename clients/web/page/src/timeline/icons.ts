// The player's signs: SVG path data on the grid of ui/icons.ts, strokes of the text's colour.
export const signs = {
  play: 'M8 5l11 7-11 7z',
  pause: 'M8 5v14M16 5v14',
  backEvent: 'M6 5v14M18 5l-9 7 9 7z',
  forwardEvent: 'M18 5v14M6 5l9 7-9 7z',
  backSecond: 'M14 6l-6 6 6 6',
  forwardSecond: 'M10 6l6 6-6 6',
  backTen: 'M12 6l-6 6 6 6M18 6l-6 6 6 6',
  forwardTen: 'M6 6l6 6-6 6M12 6l6 6-6 6',
  backMinute: 'M9 6l-6 6 6 6M15 6l-6 6 6 6M21 6l-6 6 6 6',
  forwardMinute: 'M3 6l6 6-6 6M9 6l6 6-6 6M15 6l6 6-6 6',
  loop: 'M17 3l3 3-3 3M4 12V9a3 3 0 0 1 3-3h13M7 21l-3-3 3-3M20 12v3a3 3 0 0 1-3 3H4',
  ghost: 'M6 20V10a6 6 0 0 1 12 0v10l-3-2-3 2-3-2zM10 10v.01M14 10v.01',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
} as const;

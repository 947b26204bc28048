// The scale bar: a round distance that is about a hundred pixels long.
import { distance, number } from '../text/format';

const ABOUT_PIXELS = 110;

export function roundMetres(pixelsPerMetre: number): number {
  const most = ABOUT_PIXELS / pixelsPerMetre;
  const power = 10 ** Math.floor(Math.log10(most));
  const part = most / power;
  return (part >= 5 ? 5 : part >= 2 ? 2 : 1) * power;
}

export function scaleBar(pixelsPerMetre: number): { pixels: number; words: string } {
  const metres = roundMetres(pixelsPerMetre);
  return {
    pixels: Math.round(metres * pixelsPerMetre),
    words: metres >= 1000 ? `${number(metres / 1000)}\u00a0km` : distance(metres), // whole kilometres: no decimals
  };
}

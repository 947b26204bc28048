// A unit's APP-6 / MIL-STD-2525 symbol in a list: drawn by milsymbol once for each code and size, then copied.
import ms from './milsymbol';
import { useEffect, useRef } from 'preact/hooks';
import { theme } from './theme';

const CACHE_MAX = 512;
const made = new Map<string, HTMLCanvasElement | null>();

/** The symbol on a canvas of its own, with a light rim on dark ground; null where milsymbol can't draw that code. */
function drawn(code: string, pixels: number, night: boolean): HTMLCanvasElement | null {
  const key = `${code} ${pixels} ${night}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  if (made.size >= CACHE_MAX) made.clear();
  let canvas: HTMLCanvasElement | null = null;
  try {
    const symbol = new ms.Symbol(code, {
      size: pixels,
      infoFields: false,
      colorMode: night ? 'Medium' : 'Light',
      outlineColor: '#e4eaed',
      outlineWidth: night ? 6 : 0,
    });
    canvas = symbol.isValid() ? symbol.asCanvas() : null;
  } catch {
    canvas = null; // the code is a peer's: what it can't be drawn from gets no symbol
  }
  made.set(key, canvas);
  return canvas;
}

/** `size` in rem: the height of the place; the symbol is fitted into 1.5 times that width. */
export function UnitSymbol({ code, size }: { code: string; size: number }) {
  const place = useRef<HTMLCanvasElement>(null);
  const night = theme.value === 'night';
  useEffect(() => {
    const canvas = place.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    const symbol = code === '' ? null : drawn(code, Math.max(8, Math.round(canvas.height * 0.7)), night);
    if (!symbol || symbol.width === 0 || symbol.height === 0) return;
    const fit = Math.min(canvas.width / symbol.width, canvas.height / symbol.height);
    const wide = symbol.width * fit;
    const high = symbol.height * fit;
    context.drawImage(symbol, (canvas.width - wide) / 2, (canvas.height - high) / 2, wide, high);
  }, [code, size, night]);
  return (
    <canvas class="symbol" ref={place} aria-hidden="true" style={{ width: `${size * 1.5}rem`, height: `${size}rem` }} />
  );
}

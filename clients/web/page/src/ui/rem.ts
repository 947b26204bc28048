// How large type is, for what is not laid out by the style sheets.

/** 1rem where a browser's type is of the usual size; see styles/base.css. */
const USUAL_PIXELS = 13;

export function remPixels(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) || USUAL_PIXELS;
}

/** How much larger than usual all type is: on a wall, or as somebody set the browser. */
export function typeScale(): number {
  return remPixels() / USUAL_PIXELS;
}

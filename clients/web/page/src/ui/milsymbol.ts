// milsymbol, told what it would find out by reading a canvas back at the first symbol: that takes a tenth of a second
// where there is no graphics card, and every browser that runs this page draws a Path2D.
import ms from 'milsymbol';

(ms as unknown as { setBrokenPath2D(broken: boolean): void }).setBrokenPath2D(false);

export default ms;

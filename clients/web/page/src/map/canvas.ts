// A canvas over the map that takes no pointer, in device pixels, drawn in CSS pixels.
export class Canvas {
  readonly element: HTMLCanvasElement;
  private readonly pen: CanvasRenderingContext2D | null;
  /** Nothing is to be seen on it. */
  hidden = false;

  constructor(box: HTMLElement, name: string) {
    this.element = document.createElement('canvas');
    this.element.className = name;
    this.element.setAttribute('aria-hidden', 'true');
    box.appendChild(this.element);
    this.pen = this.element.getContext('2d');
  }

  /** Clears it, fits it to its size, and lets `draw` draw. */
  begin(size: { width: number; height: number }, scale: number, draw: (pen: CanvasRenderingContext2D) => void): void {
    const { element, pen } = this;
    const width = Math.round(size.width * scale), height = Math.round(size.height * scale);
    if (!pen) return;
    if (this.hidden) {
      this.hidden = false;
      element.style.visibility = '';
    }
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    }
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    draw(pen);
  }
  /** What is hidden costs no time when the screen is put together. */
  hide(): void {
    if (this.hidden) return;
    this.hidden = true;
    this.element.style.visibility = 'hidden';
  }
}

// The tab's name while an alarm waits: it changes once a second, so that it is seen in another tab or window, too.

const EVERY_MS = 1000;

export class TitleFlash {
  private timer: number | null = null;
  private before = '';
  private shown = '';

  show(words: string): void {
    this.shown = words;
    if (this.timer !== null) return;
    this.before = document.title;
    document.title = words;
    this.timer = window.setInterval(() => this.turn(), EVERY_MS);
  }

  clear(): void {
    if (this.timer === null) return;
    window.clearInterval(this.timer);
    this.timer = null;
    document.title = this.before;
  }

  private turn(): void {
    // the page renamed itself
    if (document.title !== this.shown && !document.title.startsWith('▲')) this.before = document.title;
    document.title = document.title === this.shown ? `▲ ${this.before}` : this.shown;
  }
}

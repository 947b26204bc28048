// What goes over a page's feed, either way: its JSON messages, and the binary frames as they are.

export class Wire {
  constructor(page) {
    this.log = [];
    page.on('websocket', (socket) => {
      const note = (from) => ({ payload }) => this.log.push(typeof payload === 'string'
        ? { from, message: JSON.parse(payload) } : { from, bytes: payload });
      socket.on('framesent', note('page'));
      socket.on('framereceived', note('server'));
    });
  }

  /** What comes from now on is after this. */
  get mark() {
    return this.log.length;
  }

  /** Messages of a type, as they came. */
  messages(type, mark = 0) {
    return this.log.slice(mark).map((one) => one.message).filter((message) => message?.type === type);
  }

  /** How many frames had that text: a FlatBuffer holds texts as they are. */
  frames(text, mark = 0) {
    return this.log.slice(mark).filter(({ bytes }) => bytes?.includes(text)).length;
  }
}

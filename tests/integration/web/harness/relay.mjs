// A link between a browser and a web server that can be cut, held and healed, as a cable or a mobile network can.
import { connect, createServer } from 'node:net';
import { freePorts } from './process.mjs';

const HOST = '127.0.0.1';

export class Relay {
  /** To the server at `port` of this machine; `address` is where the browser goes instead. */
  static async make(port) {
    const relay = new Relay();
    relay.to = port;
    relay.port = await freePorts(1);
    relay.address = `http://${HOST}:${relay.port}`;
    relay.pairs = new Set();
    relay.held = false;
    await relay.listen();
    return relay;
  }

  listen() {
    this.server = createServer((near) => this.join(near));
    return new Promise((done, fail) => {
      this.server.once('error', fail);
      this.server.listen(this.port, HOST, done);
    });
  }

  join(near) {
    const pair = { near, far: connect(this.to, HOST) };
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      near.destroy();
      pair.far.destroy();
    };
    for (const socket of [near, pair.far]) socket.on('error', end).on('close', end);
    if (this.held) hold(pair);
    else pass(pair);
  }

  /** Every connection ends, and none is taken any more. */
  cut() {
    this.server.close();
    this.server = null;
    for (const { near, far } of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Connections stand, and new ones are taken, but no byte comes through, either way. */
  hold() {
    this.held = true;
    this.pairs.forEach(hold);
  }

  /** As before; what was held on its way goes on. */
  async heal() {
    this.held = false;
    this.pairs.forEach(pass);
    if (!this.server) await this.listen();
  }

  end() {
    if (this.server) this.cut();
  }
}

function pass({ near, far }) {
  near.pipe(far);
  far.pipe(near);
}

function hold({ near, far }) {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
}

// PNG pictures as pixels, read and written: what is to be seen can be asked for. 8 bits a channel, as browsers write.
import assert from 'node:assert/strict';
import { deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 }; // by colour type: grey, RGB, grey with alpha, RGBA

function chunksOf(bytes) {
  assert.ok(bytes.subarray(0, 8).equals(SIGNATURE), 'no PNG');
  const chunks = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    assert.ok(at + 12 + length <= bytes.length, 'a PNG that is cut');
    chunks.push({ type: bytes.toString('latin1', at + 4, at + 8), data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  assert.equal(chunks.at(-1)?.type, 'IEND', 'a PNG without its end');
  return chunks;
}

/** What the filter of a line foretells from the pixels to the left, above, and above to the left. */
function foretold(filter, left, up, corner) {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

export class Picture {
  /** `pixels`: RGBA. */
  constructor(width, height, pixels) {
    Object.assign(this, { width, height, pixels });
  }

  static read(bytes) {
    const chunks = chunksOf(bytes);
    const head = chunks[0].data;
    const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
    const channels = CHANNELS[head[9]];
    assert.ok(head[8] === 8 && channels && head[12] === 0, 'a PNG that no browser writes');
    const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
    const row = width * channels;
    assert.equal(raw.length, (row + 1) * height, 'a PNG with too few pixels');
    const lines = Buffer.alloc(row * height);
    for (let y = 0; y < height; y++) {
      const filter = raw[y * (row + 1)];
      for (let i = 0; i < row; i++) {
        const left = i < channels ? 0 : lines[y * row + i - channels];
        const up = y === 0 ? 0 : lines[(y - 1) * row + i];
        const corner = i < channels || y === 0 ? 0 : lines[(y - 1) * row + i - channels];
        lines[y * row + i] = raw[y * (row + 1) + 1 + i] + foretold(filter, left, up, corner);
      }
    }
    const pixels = Buffer.alloc(width * height * 4, 255);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) pixels[i * 4 + c] = lines[i * channels + (channels < 3 ? 0 : c)];
      if (channels % 2 === 0) pixels[i * 4 + 3] = lines[i * channels + channels - 1];
    }
    return new Picture(width, height, pixels);
  }

  /** One colour, [red, green, blue]. */
  static plain(width, height, colour) {
    const pixels = Buffer.alloc(width * height * 4);
    for (let i = 0; i < width * height; i++) pixels.set([...colour, 255], i * 4);
    return new Picture(width, height, pixels);
  }

  write() {
    const head = Buffer.alloc(13);
    head.writeUInt32BE(this.width, 0);
    head.writeUInt32BE(this.height, 4);
    head.set([8, 6, 0, 0, 0], 8);
    const row = this.width * 4;
    const raw = Buffer.alloc((row + 1) * this.height);
    for (let y = 0; y < this.height; y++) this.pixels.copy(raw, y * (row + 1) + 1, y * row, (y + 1) * row);
    return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND',
      Buffer.alloc(0))]);
  }

  /** [red, green, blue] */
  at(x, y) {
    const i = (Math.round(y) * this.width + Math.round(x)) * 4;
    return [this.pixels[i], this.pixels[i + 1], this.pixels[i + 2]];
  }

  /** How many pixels of the box are of about that colour, and their middle. */
  find(colour, { within = 12, box = { x: 0, y: 0, width: this.width, height: this.height } } = {}) {
    let count = 0, x = 0, y = 0;
    for (let row = Math.floor(box.y); row < box.y + box.height; row++) {
      for (let column = Math.floor(box.x); column < box.x + box.width; column++) {
        if (apart(this.at(column, row), colour) > within) continue;
        count++;
        x += column;
        y += row;
      }
    }
    return { count, x: x / count, y: y / count };
  }

  /** How many colours it has, and the share of the commonest. */
  colours() {
    const counts = new Map();
    for (let i = 0; i < this.pixels.length; i += 4) {
      const colour = this.pixels.readUInt32BE(i);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return { count: counts.size, commonest: Math.max(...counts.values()) / (this.width * this.height) };
  }
}

/** The largest difference of a channel. */
export function apart(a, b) {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i])));
}

function crcOf(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crcOf(body), body.length + 4);
  return out;
}

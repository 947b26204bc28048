// A canvas over the map on which bitmaps are stamped, by WebGL: ten thousand stamps are one buffer and one drawing, and
// cost the main thread next to nothing. They lie over one another in the order in which they were added.
import { Atlas, type Bitmap } from './atlas';

const LOST_MS = 2000; // a context that is not back by then is missed
const ATLAS_SIZE = 2048;
const NUMBERS = 9; // of a stamp: middle, half of it along, half its height, its part of the atlas
const BYTES = NUMBERS * 4;

const VERTEX = `#version 300 es
layout(location = 0) in vec2 middle;
layout(location = 1) in vec3 shape;
layout(location = 2) in vec4 part;
uniform vec2 screen;
out vec2 place;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  vec2 side = corner * 2.0 - 1.0;
  vec2 down = normalize(vec2(-shape.y, shape.x)) * shape.z;
  vec2 at = (middle + shape.xy * side.x + down * side.y) / screen;
  gl_Position = vec4(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0);
  place = mix(part.xy, part.zw, corner);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
uniform highp sampler2D atlas;
in highp vec2 place;
out vec4 colour;
void main() { colour = texture(atlas, place); }`;

export interface StampsListener {
  /** Nothing can be drawn, and that for a while already. */
  lost(): void;
  /** What was drawn is gone, and can be drawn again. */
  back(): void;
}

interface Drawing {
  gl: WebGL2RenderingContext;
  atlas: Atlas;
  screen: WebGLUniformLocation | null;
}

export class Stamps {
  readonly element: HTMLCanvasElement;
  private drawing: Drawing | null = null;
  private numbers = new Float32Array(1024 * NUMBERS);
  private count = 0;
  private lostTimer = 0;
  private readonly ends: (() => void)[] = [];

  /** Throws where there is no WebGL. */
  constructor(box: HTMLElement, name: string, listener: StampsListener) {
    this.element = document.createElement('canvas');
    this.element.className = name;
    this.element.setAttribute('aria-hidden', 'true');
    box.appendChild(this.element);
    this.start();
    this.on('webglcontextlost', (event) => {
      event.preventDefault(); // else it would not come back
      this.drawing = null;
      window.clearTimeout(this.lostTimer);
      this.lostTimer = window.setTimeout(() => listener.lost(), LOST_MS);
    });
    this.on('webglcontextrestored', () => {
      this.start();
      window.clearTimeout(this.lostTimer);
      listener.back();
    });
  }

  close(): void {
    for (const end of this.ends) end();
    window.clearTimeout(this.lostTimer);
    this.drawing?.gl.getExtension('WEBGL_lose_context')?.loseContext();
    this.drawing = null;
  }

  /** Clears it and fits it to its size, which is of CSS pixels. */
  begin(size: { width: number; height: number }, scale: number): void {
    this.count = 0;
    if (!this.drawing) return;
    const { element } = this;
    const { gl, screen } = this.drawing;
    const width = Math.round(size.width * scale),
      height = Math.round(size.height * scale);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    }
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(screen, width / scale, height / scale);
  }

  /** Upright, its upper left corner there. */
  stamp(bitmap: Bitmap, left: number, top: number): void {
    const across = bitmap.width / 2,
      down = bitmap.height / 2;
    this.add(bitmap, left + across, top + down, across, 0, down);
  }

  /** Its middle there, turned so that what was its right end points along (dx, dy), which is of length 1. */
  turned(bitmap: Bitmap, x: number, y: number, dx: number, dy: number): void {
    this.add(bitmap, x, y, (dx * bitmap.width) / 2, (dy * bitmap.width) / 2, bitmap.height / 2);
  }

  /** Drawn out from one point to another. */
  line(bitmap: Bitmap, x0: number, y0: number, x1: number, y1: number): void {
    if (x0 === x1 && y0 === y1) return;
    this.add(bitmap, (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2, bitmap.height / 2);
  }

  /** Draws what was added. What is on the canvas can be read until the task ends. */
  end(): void {
    if (!this.drawing || this.count === 0) return;
    const { gl } = this.drawing;
    gl.bufferData(gl.ARRAY_BUFFER, this.numbers.subarray(0, this.count * NUMBERS), gl.STREAM_DRAW);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
    this.count = 0;
  }

  private add(bitmap: Bitmap, x: number, y: number, alongX: number, alongY: number, down: number): void {
    const atlas = this.drawing?.atlas;
    if (!atlas) return;
    let slot = atlas.slotOf(bitmap);
    if (!slot) {
      if (!atlas.takes(bitmap)) return; // emptying it would not help
      this.end(); // what is waiting lies in the atlas as it is
      atlas.reset();
      slot = atlas.slotOf(bitmap);
      if (!slot) return;
    }
    if ((this.count + 1) * NUMBERS > this.numbers.length) this.grow();
    const { numbers } = this;
    let at = this.count++ * NUMBERS;
    numbers[at++] = x;
    numbers[at++] = y;
    numbers[at++] = alongX;
    numbers[at++] = alongY;
    numbers[at++] = down;
    numbers[at++] = slot.left;
    numbers[at++] = slot.top;
    numbers[at++] = slot.right;
    numbers[at] = slot.bottom;
  }

  private grow(): void {
    const more = new Float32Array(this.numbers.length * 2);
    more.set(this.numbers);
    this.numbers = more;
  }

  private on(type: 'webglcontextlost' | 'webglcontextrestored', run: (event: Event) => void): void {
    this.element.addEventListener(type, run);
    this.ends.push(() => this.element.removeEventListener(type, run));
  }

  private start(): void {
    const gl = this.element.getContext('webgl2', { antialias: false, depth: false, powerPreference: 'low-power' });
    if (!gl) throw new Error('the browser gives no WebGL for the units');
    const program = programOf(gl);
    gl.useProgram(program);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.clearColor(0, 0, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    let offset = 0;
    [2, 3, 4].forEach((size, index) => {
      gl.enableVertexAttribArray(index);
      gl.vertexAttribPointer(index, size, gl.FLOAT, false, BYTES, offset);
      gl.vertexAttribDivisor(index, 1);
      offset += size * 4;
    });
    const largest = Number(gl.getParameter(gl.MAX_TEXTURE_SIZE));
    this.drawing = {
      gl,
      atlas: new Atlas(gl, Math.min(ATLAS_SIZE, largest)),
      screen: gl.getUniformLocation(program, 'screen'),
    };
  }
}

/** A lost context makes nothing, and says nothing: it is drawn anew when it is back. */
function programOf(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) continue;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the units' program does not link: ${gl.getProgramInfoLog(program) ?? ''}`);
  }
  return program;
}

// The map as a picture: ground, units, scale, time and attribution, as it stands on the screen.
import type { Map as MapLibre } from 'maplibre-gl';
import { Failure } from '../model/failure';
import { dateTime } from '../text/format';
import { paletteOf } from './base';
import type { FlatCamera } from './camera';
import { typeScale } from '../ui/rem';
import { scaleBar } from './scale';

/** MapLibre's pixels are there only while it draws. */
function whenDrawn(map: MapLibre, use: (canvas: HTMLCanvasElement) => void): Promise<void> {
  return new Promise((resolve) => {
    map.once('render', () => {
      use(map.getCanvas());
      resolve();
    });
    map.triggerRepaint();
  });
}

/** `draw` draws everything over the ground; what it returns lies over it in that order. */
export async function writePng(map: MapLibre, draw: () => readonly HTMLCanvasElement[], camera: FlatCamera,
  attribution: string, nowUs: number): Promise<Blob> {
  const image = document.createElement('canvas');
  const pen = image.getContext('2d');
  if (!pen) throw new Failure('picture_memory');
  await whenDrawn(map, (ground) => {
    const layers = draw();
    image.width = layers[0]!.width;
    image.height = layers[0]!.height;
    pen.drawImage(ground, 0, 0, image.width, image.height);
    for (const layer of layers) pen.drawImage(layer, 0, 0, image.width, image.height);
  });
  const scale = image.width / camera.width;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  drawFoot(pen, camera, `${dateTime(nowUs, 'utc')}   Vigie   ${attribution}`);
  return new Promise((resolve, reject) => image.toBlob((blob) => {
    if (blob) resolve(blob);
    else reject(new Failure('picture_failed'));
  }, 'image/png'));
}

function drawFoot(pen: CanvasRenderingContext2D, camera: FlatCamera, words: string): void {
  const { halo, gridText } = paletteOf(camera.night);
  const bar = scaleBar(camera.pixelsPerMetre);
  const bottom = camera.height - 10;
  pen.font = `${Math.round(12 * typeScale())}px system-ui, sans-serif`;
  pen.textBaseline = 'bottom';
  pen.lineWidth = 3;
  pen.strokeStyle = halo;
  pen.fillStyle = gridText;
  const right = camera.width - 10 - pen.measureText(words).width;
  pen.strokeText(words, right, bottom);
  pen.fillText(words, right, bottom);
  pen.strokeText(bar.words, 14, bottom - 4);
  pen.fillText(bar.words, 14, bottom - 4);
  pen.lineWidth = 2;
  pen.strokeStyle = gridText;
  pen.beginPath();
  pen.moveTo(10, bottom - 6);
  pen.lineTo(10, bottom);
  pen.lineTo(10 + bar.pixels, bottom);
  pen.lineTo(10 + bar.pixels, bottom - 6);
  pen.stroke();
}

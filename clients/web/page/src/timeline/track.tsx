// The bar itself: the canvas with the past on it, the playhead on top, and what a hand does with them: drag the
// playhead, press anywhere to go there, drag the ground to pan, the wheel to stretch, Shift and drag for a range.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSignalEffect } from '@preact/signals';
import { locale } from '../text/language';
import { timelineWords } from '../text/timeline';
import { goToEvent } from './controls';
import { coloursOf, draw, type Colours } from './draw';
import { fixesAt } from './fixes';
import { press, wheelFactor } from './keys';
import type { Player } from './player';
import { clockOf, lengthOf, momentOf, placeOf, timeAt } from './span';

const HANDLE_PX = 14; // to each side of the playhead
const FINGER_PX = 24; // the same for a finger, which hides what it aims at
const MOVED_PX = 4;   // less is a press, not a drag

type Gesture = { kind: 'head' } | { kind: 'ground' | 'range'; x: number; timeUs: number; moved: boolean };

export function Track({ player }: { player: Player }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useRef<Colours | null>(null);
  const gesture = useRef<Gesture | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const t = timelineWords.value;

  const paint = (): void => {
    if (!canvas.current) return;
    colours.current ??= coloursOf(canvas.current);
    draw(canvas.current, { span: player.span.peek(), density: player.density.density.peek(),
      fixes: player.fixes.density.peek(), loop: player.loop.peek(), nowUs: player.room.live.nowUs() }, colours.current);
  };
  useSignalEffect(() => {
    void player.span.value;
    void player.density.density.value;
    void player.fixes.density.value;
    void player.loop.value;
    paint();
  });
  useEffect(() => watchLooks(canvas.current, () => {
    colours.current = null;
    paint();
  }), []);

  const timeOf = (event: MouseEvent): number => {
    const place = box.current?.getBoundingClientRect();
    return place ? timeAt(player.span.peek(), event.clientX - place.left, place.width) : 0;
  };
  const pixelsOf = (timeUs: number): number => placeOf(player.span.peek(), timeUs, box.current?.clientWidth ?? 0);

  useEffect(() => {
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const width = box.current?.clientWidth || 1;
      if (sideways) player.pan((event.deltaX / width) * lengthOf(player.span.peek()));
      else player.zoom(wheelFactor(event), timeOf(event));
    };
    const element = box.current;
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, []);

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    box.current?.setPointerCapture(event.pointerId);
    const timeUs = timeOf(event);
    const place = box.current?.getBoundingClientRect();
    const reach = event.pointerType === 'touch' ? FINGER_PX : HANDLE_PX;
    const near = place && Math.abs(event.clientX - place.left - pixelsOf(player.headUs())) <= reach;
    if (event.shiftKey) gesture.current = { kind: 'range', x: event.clientX, timeUs, moved: false };
    else if (near) {
      gesture.current = { kind: 'head' };
      player.dragBegin(timeUs);
    } else gesture.current = { kind: 'ground', x: event.clientX, timeUs, moved: false };
  };
  const move = (event: PointerEvent): void => {
    setHover(timeOf(event));
    const now = gesture.current;
    if (!now) return;
    if (now.kind === 'head') return player.dragTo(timeOf(event));
    now.moved ||= Math.abs(event.clientX - now.x) > MOVED_PX;
    if (!now.moved) return;
    const timeUs = timeOf(event);
    if (now.kind === 'range') {
      player.setLoop({ fromUs: Math.min(now.timeUs, timeUs), toUs: Math.max(now.timeUs, timeUs) });
    } else player.pan(now.timeUs - timeUs);
  };
  const up = (event: PointerEvent): void => {
    const now = gesture.current;
    gesture.current = null;
    if (!now) return;
    if (now.kind === 'head') player.dragEnd();
    else if (now.kind === 'ground' && !now.moved) player.seek(timeOf(event));
  };

  return (
    <div class="timeline-track" ref={box} onPointerDown={down} onPointerMove={move} onPointerUp={up}
      onPointerCancel={() => { if (gesture.current?.kind === 'head') player.dragEnd(); gesture.current = null; }}
      onPointerLeave={() => setHover(null)}>
      <canvas ref={canvas} class="timeline-canvas" aria-hidden="true" />
      <Head player={player} />
      {hover !== null && !gesture.current && <Hover player={player} timeUs={hover} />}
      <p class="unseen" id="timeline-keys">{t.keys}</p>
    </div>
  );
}

function watchLooks(canvas: HTMLCanvasElement | null, changed: () => void): () => void {
  if (!canvas) return () => undefined;
  const sizes = new ResizeObserver(changed);
  sizes.observe(canvas);
  const themes = new MutationObserver(changed); // the theme is an attribute or a class of the document
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'data-theme', 'lang'] });
  return () => {
    sizes.disconnect();
    themes.disconnect();
  };
}

/** Moves by itself on each beat; nothing else of the bar is drawn anew for it. */
function Head({ player }: { player: Player }) {
  void player.beat.value;
  void player.room.past.value;
  const span = player.span.value;
  const t = timelineWords.value;
  const time = player.dragged.value ?? player.headUs();
  const place = placeOf(span, time, 100);
  const past = player.room.past.value;
  const out = place < 0 || place > 100;
  const moment = momentOf(time, locale.value);
  return (
    <div class={`timeline-head${past ? ' is-past' : ''}${out ? ' is-out' : ''}`} role="slider" tabIndex={0}
      data-timeline=""
      aria-label={t.playhead} aria-describedby="timeline-keys" aria-orientation="horizontal"
      aria-valuemin={Math.round(span.fromUs / 1e6)} aria-valuemax={Math.round(span.toUs / 1e6)}
      aria-valuenow={Math.round(Math.min(span.toUs, Math.max(span.fromUs, time)) / 1e6)}
      aria-valuetext={past ? `${moment}, ${t.byClock[past.clock]}` : t.liveNow(moment)}
      style={{ left: `${Math.min(100, Math.max(0, place))}%` }}
      onKeyDown={(event) => press(player, event, true, (direction) => goToEvent(player, direction))}>
      <span class="timeline-grip" aria-hidden="true" />
    </div>
  );
}

/** The time under the pointer and what there is. */
function Hover({ player, timeUs }: { player: Player; timeUs: number }) {
  const t = timelineWords.value;
  const density = player.density.density.value;
  const place = placeOf(player.span.value, timeUs, 100);
  const width = density ? lengthOf(density) / Math.max(1, density.bins.length) : 0;
  const bin = density && width > 0 ? density.bins[Math.floor((timeUs - density.fromUs) / width)] : undefined;
  const events = bin ? bin.events.reduce((sum, n) => sum + n, 0) : 0;
  const words = [`${momentOf(timeUs, locale.value) || clockOf(timeUs)}`];
  const counted = player.fixes.density.value;
  const fixes = fixesAt(counted, timeUs);
  if (fixes !== null && counted) words.push(counted.sampled ? t.binAbout(fixes) : t.binFixes(fixes));
  if (bin) words.push(t.binEvents(events));
  if (bin && bin.events[3] > 0) words.push(`▲ ${t.binSevere(bin.events[3])}`);
  return (
    <div class={`timeline-hover${place > 75 ? ' is-left' : ''}`} style={{ left: `${place}%` }} aria-hidden="true">
      {words.join(' · ')}
    </div>
  );
}

// The timeline's keys, wherever one is in the page, unless somebody types or stands on something that wants the key.
import { MINUTE_US, SECOND_US } from './span';
import type { Player } from './player';

const STEPS_US = { plain: SECOND_US, shift: 10 * SECOND_US, ctrl: MINUTE_US };

/** Elements that do something of their own with keys. */
const TYPING = 'input:not([type="radio"]), select, textarea, [contenteditable=""], [contenteditable="true"], dialog, ' +
  '[role="dialog"]';
const ARROWS = '.maplibregl-map, [role="listbox"], [role="grid"], [role="tree"], [role="menu"], [role="tablist"], ' +
  '[role="radiogroup"], [role="radio"], [role="slider"]:not([data-timeline])';
const PRESSABLE = 'button, a[href], summary, [role="button"], [role="option"], [role="row"], [role="tab"]';

type ToEvent = (direction: -1 | 1) => void;

function inside(target: EventTarget | null, selector: string): boolean {
  return target instanceof Element && target.closest(selector) !== null;
}

/** Handles the key, or leaves it; true: it was the timeline's. `onBar`: the playhead itself has the focus. */
export function press(player: Player, event: KeyboardEvent, onBar: boolean, toEvent: ToEvent): boolean {
  if (event.defaultPrevented || event.metaKey || event.altKey || inside(event.target, TYPING)) return false;
  const handled = onBar ? pressOnBar(player, event, toEvent) || pressAnywhere(player, event) : pressAnywhere(player,
    event);
  if (handled) event.preventDefault();
  return handled;
}

function pressAnywhere(player: Player, event: KeyboardEvent): boolean {
  const replays = player.room.past.peek() !== null;
  if (event.key === ' ' && !event.ctrlKey && !inside(event.target, PRESSABLE)) {
    player.playPause();
    return true;
  }
  // Live, arrows away from the bar stay with what is under them.
  return replays && !inside(event.target, ARROWS) && pressArrow(player, event);
}

function pressArrow(player: Player, event: KeyboardEvent): boolean {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return false;
  const size = event.ctrlKey ? STEPS_US.ctrl : event.shiftKey ? STEPS_US.shift : STEPS_US.plain;
  player.step(event.key === 'ArrowLeft' ? -size : size);
  return true;
}

function pressOnBar(player: Player, event: KeyboardEvent, toEvent: ToEvent): boolean {
  if (pressArrow(player, event)) return true;
  switch (event.key) {
    case 'PageUp': toEvent(-1); return true;
    case 'PageDown': toEvent(1); return true;
    case 'Home': player.seek(player.span.peek().fromUs, true); return true;
    case 'End': player.toLive(); return true;
    case 'ArrowUp': player.faster(1); return true;
    case 'ArrowDown': player.faster(-1); return true;
    case '+': player.zoom(0.5, player.headUs()); return true;
    case '-': player.zoom(2, player.headUs()); return true;
    default: return false;
  }
}

/** How far the wheel stretches the span: the same for a mouse's notches and a touchpad's many small steps. */
export function wheelFactor(event: WheelEvent): number {
  const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaMode === 2 ? event.deltaY * 400 : event.deltaY;
  return Math.exp(Math.max(-300, Math.min(300, pixels)) / 400);
}


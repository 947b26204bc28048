// Which event's details are open, by the name of its message; other panels set it to show one.
import { signal } from '@preact/signals';
import type { Room, RoomEvent, World } from '../../model/types';
import { openPanel } from '../../ui/docks';
import { getEvents } from '../api';
import { clockOf } from '../clock';

export const chosenEvent = signal<string | null>(null);

/** An event that the log here may not reach back to, with what acknowledged it. */
export interface Apart {
  readonly world: World; // that it is of
  readonly event: RoomEvent;
  readonly acknowledgements: readonly RoomEvent[];
  readonly answers: 'loading' | 'known' | 'unknown'; // whether it was acknowledged
  readonly untilUs: number; // that it was asked for; of the past its moment
}

export const apart = signal<Apart | null>(null);

const ANSWERS_MAX = 1000;
const CLOCKS_US = 3600e6; // an answer's clock may be so much behind that of what it answers

/** Whether somebody acknowledged it: what the log between has of that kind. */
async function askAnswers(room: Room, found: Apart): Promise<void> {
  const { event, world } = found;
  const clock = clockOf(room);
  const from = clock === 'known' ? event.knownUs : event.timeUs - CLOCKS_US;
  const query = new URLSearchParams({ kind: 'acknowledgement', clock, from: String(Math.floor(from)), order: 'oldest',
    limit: String(ANSWERS_MAX) });
  if (room.past.peek()) query.set('to', String(Math.floor(found.untilUs) + 1));
  let told: Apart = { ...found, answers: 'unknown' };
  try {
    const { events, next } = await getEvents(room, query);
    const acknowledgements = events.filter((one) => one.references.includes(event.name));
    told = { ...found, acknowledgements, answers: acknowledgements.length > 0 || next === null ? 'known' : 'unknown' };
  } catch {
    // The details say that it is not known.
  }
  if (apart.peek() === found) apart.value = told;
}

/** The replay was taken to a later moment: what acknowledged it since is not known yet. */
export function askAgain(room: Room, before: Apart, momentUs: number): void {
  const untilUs = Math.max(momentUs, before.world.nowUs());
  const found: Apart = { ...before, answers: 'loading', untilUs };
  apart.value = found;
  void askAnswers(room, found);
}

/** Opens the details of an event, though the log here may not reach back to it. */
export function showEvent(room: Room, world: World, event: RoomEvent): void {
  const isHere = world.events.some((one) => one.name === event.name);
  const found: Apart | null = isHere ? null
    : { world, event, acknowledgements: [], answers: 'loading', untilUs: world.nowUs() };
  apart.value = found;
  chosenEvent.value = event.name;
  openPanel('events');
  if (found) void askAnswers(room, found);
}

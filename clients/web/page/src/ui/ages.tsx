// Ages and clocks that count by the room's tick. The text alone changes: what stands around it is not drawn anew.
import { useComputed } from '@preact/signals';
import type { Room, World } from '../model/types';
import { age, timeOfDay, type Zone } from '../text/format';

/** How long before "now" of the world that moment was, counting. `say` puts it in words. */
export function Age(props: { room: Room; world: World; timeUs: number; say?: (age: string) => string }) {
  const { room, world, timeUs, say } = props;
  return <AgeText key={timeUs} room={room} world={world} timeUs={timeUs} say={say} />;
}

function AgeText({
  room,
  world,
  timeUs,
  say,
}: {
  room: Room;
  world: World;
  timeUs: number;
  say?: (age: string) => string;
}) {
  const text = useComputed(() => {
    void room.tick.value;
    if (world !== room.live) void world.version.value; // in a replay the clock runs with the frames
    const words = age((world.nowUs() - timeUs) / 1000);
    return say ? say(words) : words;
  });
  return <>{text}</>;
}

/** The present, by the hub's clock: also in a replay, whose own time stands on its mark. */
export function ClockTime({ room, zone }: { room: Room; zone: Zone }) {
  const text = useComputed(() => {
    void room.tick.value;
    return timeOfDay(room.live.nowUs(), zone);
  });
  return <>{text}</>;
}

// What an empty room says of itself: that it works, and how to see something in it.
import { useBeat } from '../ui/beat';
import { roomWords } from '../text/room';
import { OfferedSights } from '../ui/sight';
import type { Room } from '../model/types';
import { Copyable } from '../ui/copy';

export function EmptyRoom({ room }: { room: Room }) {
  void useBeat(room).value;
  const t = roomWords.value;
  const world = room.shown.value;
  if (world.units.some((u) => !u.gone)) return null;
  if (room.grant.value && !room.past.value) return null; // its mark says what is shown
  if (world !== room.live) {
    return room.past.value?.phase === 'loading' ? null : (
      <div class="empty-room small">
        <p>{t.replayEmpty}</p>
      </div>
    );
  }
  if (room.link.value.state !== 'live') return null; // then the link is what is to be told
  return (
    <section class="empty-room" aria-labelledby="empty-title">
      <h2 id="empty-title">{t.empty.title}</h2>
      <p>{t.empty.text}</p>
      <OfferedSights room={room} />
      <p>{t.empty.demo}</p>
      <Copyable code text="./deploy/quickstart.sh" label={t.empty.demo} />
      <p>{t.empty.demoRunning}</p>
      <Copyable
        code
        text="build/bin/vigie simulate deploy/scenarios/patrol.toml --speed 60"
        label={t.empty.demoRunning}
      />
      <p class="quiet">{t.empty.own}</p>
    </section>
  );
}

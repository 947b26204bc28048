// What an empty room says of itself: that it works, and how to see something in it.
import { tools } from '../map/tools';
import { useBeat } from '../ui/beat';
import { roomWords } from '../text/room';
import { OfferedSights } from '../ui/sight';
import type { Room } from '../model/types';
import { Copyable } from '../ui/copy';
import { GUARDED_INVITE, GUARDED_JOIN, GUARDED_PATROL, PLAIN_PATROL, QUICKSTART } from './first_use';

function PlainOffer() {
  const t = roomWords.value.empty;
  return (
    <>
      <p>{t.demo}</p>
      <Copyable code text={PLAIN_PATROL} label={t.demo} />
      <p class="quiet">{t.hubAddress}</p>
    </>
  );
}

/** Where the hub asks who is there, somebody has to speak for the patrol's units. */
function GuardedOffer() {
  const t = roomWords.value.empty;
  return (
    <>
      <p>{t.invite}</p>
      <Copyable code text={GUARDED_INVITE} label={t.invite} />
      <p>{t.join}</p>
      <Copyable code text={GUARDED_JOIN} label={t.join} />
      <p>{t.demoGuarded}</p>
      <Copyable code text={GUARDED_PATROL} label={t.demoGuarded} />
      <p class="quiet">{`${t.hubAddress} ${t.administrator} ${t.seen}`}</p>
    </>
  );
}

export function EmptyRoom({ room }: { room: Room }) {
  void useBeat(room).value;
  const t = roomWords.value;
  const world = room.shown.value;
  if (world.units.some((u) => !u.gone) || tools.measuring.value) return null; // one measures on what lies under it
  if (room.grant.value && !room.past.value) return null; // its mark says what is shown
  if (world !== room.live) {
    const phase = room.past.value?.phase;
    return phase === 'loading' || phase === 'failed' ? null : ( // then nobody knows
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
      {room.viewer.value.name === '' ? <PlainOffer /> : <GuardedOffer />}
      <p>{t.empty.quickstart}</p>
      <Copyable code text={QUICKSTART} label={t.empty.quickstart} />
      <p class="quiet">{t.empty.own}</p>
    </section>
  );
}

// The timeline at the bottom of the room: controls, the bar, the mark of a replay, and the difference of the clocks.
import './timeline.css';
import { useEffect, useMemo } from 'preact/hooks';
import { useSignalEffect } from '@preact/signals';
import type { Room } from '../model/types';
import { timelineWords } from '../text/timeline';
import { addShortcut } from '../ui/keys';
import { Clocks, Ends, goToEvent, Loop, Spans, Speed, Transport } from './controls';
import { renewEveryMs } from './density';
import { DifferenceLoader } from './difference';
import { showGhosts } from './ghosts';
import { press } from './keys';
import { ReplayMark } from './mark';
import { Player } from './player';
import { Track } from './track';

const BEAT_MS = 200;

export function TimelineBar({ room }: { room: Room }) {
  const player = useMemo(() => new Player(room), [room]);
  const t = timelineWords.value;

  useEffect(() => {
    const beats = window.setInterval(() => { if (!document.hidden) player.turn(); }, BEAT_MS);
    const onKey = (event: KeyboardEvent): void => { press(player, event, false, (direction) => goToEvent(player,
      direction)); };
    window.addEventListener('keydown', onKey);
    const shortcuts = [
      addShortcut({ key: 'l', says: () => timelineWords.value.toLive, run: () => player.toLive() }),
      // Listed alone: space is pressed on buttons, too, and is taken by press().
      addShortcut({ key: 'Space', says: () => timelineWords.value.playPause, run: () => undefined }),
    ];
    return () => {
      for (const remove of shortcuts) remove();
      window.clearInterval(beats);
      window.removeEventListener('keydown', onKey);
      player.end();
    };
  }, [player]);
  useRenewedDensity(player);

  return (
    <section class={`timeline${room.past.value ? ' is-past' : ''}`} aria-label={t.title}>
      <div class="timeline-controls">
        <Transport player={player} />
        <Speed player={player} />
        <Clocks player={player} />
        <Loop player={player} />
        <Spans player={player} />
        <Ends player={player} />
      </div>
      <Track player={player} />
      <DensityProblem player={player} />
      <DifferenceLine player={player} />
      <ReplayMark player={player} />
    </section>
  );
}

/** While the span holds the present, what has come since is asked for once in a while. */
function useRenewedDensity(player: Player): void {
  const span = player.span.value;
  const every = renewEveryMs(span);
  useEffect(() => {
    const timer = window.setInterval(() => {
      const now = player.span.peek();
      if (document.hidden || player.ended.peek() || now.toUs < player.room.live.nowUs()) return;
      player.density.show(now, player.clock.peek());
    }, every);
    return () => window.clearInterval(timer);
  }, [player, every]);
}

function DensityProblem({ player }: { player: Player }) {
  const reason = player.density.reason.value;
  return reason === ''
    ? null : <p class="timeline-problem" role="status">{timelineWords.value.densityFailed(reason)}</p>;
}

/** Asks for the other clock's picture while the difference is to be shown, and says how much there is of it. */
function DifferenceLine({ player }: { player: Player }) {
  const loader = useMemo(() => new DifferenceLoader(player.room), [player]);
  const t = timelineWords.value;
  const on = player.difference.value;
  const past = player.room.past.value;
  useSignalEffect(() => {
    const shown = player.room.past.value;
    const wanted = player.difference.value;
    void player.room.shown.value.version.value;
    if (!wanted || !shown || shown.phase === 'failed') loader.clear();
    else if (shown.phase !== 'loading') loader.want(player.shownUs(), shown.clock);
  });
  useEffect(() => showGhosts(loader.difference), [loader]);
  useEffect(() => () => loader.clear(), [loader]);
  if (!on) return null;
  if (!past) return <p class="timeline-difference" role="status">{t.differenceLive}</p>;
  const reason = loader.reason.value;
  const difference = loader.difference.value;
  const words = reason !== '' ? t.differenceFailed(reason) : !difference ? t.differenceHelp
    : difference.ghosts.length === 0 ? t.differenceNone : t.differenceCount(difference.ghosts.length);
  return <p class="timeline-difference" role="status">{words}</p>;
}

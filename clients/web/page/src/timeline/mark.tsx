// The mark of a replay: a striped frame around the whole page and a sentence that can't be overlooked, so that nobody
// takes the past for the present.
import { locale } from '../text/language';
import { inWords } from '../text/reasons';
import { timelineWords } from '../text/timeline';
import type { Past } from '../model/types';
import type { Player } from './player';
import { momentOf } from './span';

/** "REPLAY 12 Mar 06:14:05Z, x60, by true time", and what the hub does not have of it. */
export function sentenceOf(past: Past, timeUs: number): string {
  const missing = past.phase !== 'failed' && past.reason.code === 'parts_missing';
  const mark = phaseOf(past, timeUs);
  return missing ? timelineWords.value.replayLacks(mark, inWords(past.reason)) : mark;
}

function phaseOf(past: Past, timeUs: number): string {
  const t = timelineWords.value;
  const time = momentOf(timeUs, locale.value);
  const clock = t.byClock[past.clock];
  switch (past.phase) {
    case 'playing': return t.replayMark(time, past.speed, clock);
    case 'paused': return t.replayPaused(time, clock);
    case 'loading': return t.replayLoading(time, clock);
    case 'ended': return t.replayEnded(time, clock);
    case 'failed': return t.replayFailed(inWords(past.reason));
  }
}

export function ReplayMark({ player }: { player: Player }) {
  void player.beat.value;
  const past = player.room.past.value;
  const t = timelineWords.value;
  if (!past) return null;
  const sentence = sentenceOf(past, player.dragged.value ?? player.headUs());
  return (
    <>
      <div class="replay-frame" aria-hidden="true"><i /><i /><i /><i /></div>
      <div class={`replay-mark is-${past.phase}`} role="group" aria-label={t.byClock[past.clock]}>
        <strong class="replay-words">{sentence}</strong>
        <button type="button" class="replay-live" onClick={() => player.toLive()}>{t.toLive}</button>
      </div>
      {/* The sentence above changes each moment; only a change of its kind is read out. */}
      <p class="unseen" role="status">{`${t.byClock[past.clock]}: ${t.clockHelp[past.clock]}`}</p>
    </>
  );
}

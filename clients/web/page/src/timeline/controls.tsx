// The buttons beside the bar: play and step, speed, clock, difference, range, span, link.
import { useState } from 'preact/hooks';
import { IconButton } from '../ui/button';
import { Select } from '../ui/fields';
import { formatHash, formatMoment, parseHash } from '../model/address';
import { toast } from '../ui/toast';
import { locale } from '../text/language';
import { sightWords } from '../text/sight';
import { timelineWords } from '../text/timeline';
import { signs } from './icons';
import { SPEEDS, type Clock, type Player } from './player';
import { inputOf, LENGTHS, lengthOf, MINUTE_US, momentOf, SECOND_US, SPAN_US_MAX, timeOfInput,
  type LengthName } from './span';

interface Part { player: Player }

/** By a button or a key; says so when there is none. */
export function goToEvent(player: Player, direction: -1 | 1): void {
  const t = timelineWords.value;
  player.stepEvent(direction).then((found) => { if (!found) toast(t.noEvent); },
    (error: unknown) => toast(t.eventFailed(error instanceof Error ? error.message : String(error)), true));
}

export function Transport({ player }: Part) {
  const t = timelineWords.value;
  const past = player.room.past.value;
  const playing = player.playing.value;
  const label = past ? (playing ? t.pause : t.play) : t.hold;
  return (
    <div class="timeline-group" role="group" aria-label={t.playhead}>
      <IconButton path={signs.backEvent} label={t.back.event} onClick={() => goToEvent(player, -1)} />
      <IconButton path={signs.backMinute} label={t.back.minute} onClick={() =>
        player.step(-MINUTE_US)} class="is-wide" />
      <IconButton path={signs.backTen} label={t.back.ten} onClick={() => player.step(-10 * SECOND_US)} />
      <IconButton path={signs.backSecond} label={t.back.second} onClick={() =>
        player.step(-SECOND_US)} class="is-wide" />
      <IconButton path={playing ? signs.pause : signs.play} label={label} onClick={() => player.playPause()}
        class="timeline-play" />
      <IconButton path={signs.forwardSecond} label={t.forward.second} onClick={() => player.step(SECOND_US)}
        class="is-wide" />
      <IconButton path={signs.forwardTen} label={t.forward.ten} onClick={() => player.step(10 * SECOND_US)} />
      <IconButton path={signs.forwardMinute} label={t.forward.minute} onClick={() => player.step(MINUTE_US)}
        class="is-wide" />
      <IconButton path={signs.forwardEvent} label={t.forward.event} onClick={() => goToEvent(player, 1)} />
    </div>
  );
}

export function Speed({ player }: Part) {
  const t = timelineWords.value;
  const speed = player.speed.value;
  const all = SPEEDS.includes(speed as (typeof SPEEDS)[number]) ? [...SPEEDS] : [...SPEEDS, speed].sort((a,
    b) => a - b);
  return (
    <Select label={t.speed} hideLabel value={String(speed)} onChange={(value) => player.setSpeed(Number(value))}
      options={all.map((one) => ({ value: String(one), label: t.speedOf(one) }))} />
  );
}

/** The two clocks in words of what they show, and the difference of the two. */
export function Clocks({ player }: Part) {
  const t = timelineWords.value;
  const now = player.clock.value;
  const past = player.room.past.value !== null;
  if (player.room.grant.value) return <span class="timeline-now">{sightWords.value.knownOnly}</span>;
  return (
    <div class="timeline-group" role="radiogroup" aria-label={t.clock}>
      {(['true', 'known'] as Clock[]).map((clock) => (
        <label key={clock} class={`timeline-choice${now === clock ? ' is-on' : ''}`} title={t.clockHelp[clock]}>
          <input type="radio" name="timeline-clock" class="unseen" checked={now === clock}
            onChange={() => player.setClock(clock)} />
          <span>{t.clocks[clock]}</span>
        </label>
      ))}
      <IconButton path={signs.ghost} label={t.difference} pressed={player.difference.value}
        onClick={() => (player.difference.value = !player.difference.peek())} class={past ? '' : 'is-idle'} />
    </div>
  );
}

export function Loop({ player }: Part) {
  const t = timelineWords.value;
  const range = player.loop.value;
  const here = (edge: 'fromUs' | 'toUs'): void => {
    const time = player.headUs();
    const far = Math.max(MINUTE_US, lengthOf(player.span.peek()) / 10);
    const other = range ?? { fromUs: time - far, toUs: time + far };
    const next = { ...other, [edge]: time };
    if (next.toUs <= next.fromUs) next[edge === 'fromUs' ? 'toUs' : 'fromUs'] = edge === 'fromUs'
      ? time + far : time - far;
    player.setLoop(next);
  };
  return (
    <div class="timeline-group" role="group" aria-label={t.loop}>
      <button type="button" class="button quiet timeline-edge" title={t.loopFrom} aria-label={t.loopFrom}
        onClick={() => here('fromUs')}>[</button>
      <IconButton path={signs.loop} label={player.looping.value ? t.loopOff : t.loop} pressed={player.looping.value}
        onClick={() => (range ? (player.looping.value = !player.looping.peek()) : here('fromUs'))} />
      <button type="button" class="button quiet timeline-edge" title={t.loopTo} aria-label={t.loopTo}
        onClick={() => here('toUs')}>]</button>
      {range && <button type="button" class="button quiet timeline-edge" title={t.loopClear} aria-label={t.loopClear}
        onClick={() => player.setLoop(null)}>×</button>}
    </div>
  );
}

type SpanChoice = LengthName | 'custom';

export function Spans({ player }: Part) {
  const t = timelineWords.value;
  const [open, setOpen] = useState(false);
  const following = player.following.value;
  const names = Object.keys(LENGTHS) as LengthName[];
  const now: SpanChoice = names.find((name) => LENGTHS[name] === following) ?? 'custom';
  const choose = (choice: SpanChoice): void => {
    setOpen(choice === 'custom');
    if (choice !== 'custom') player.showLast(choice);
  };
  const middle = (): number => (player.span.peek().fromUs + player.span.peek().toUs) / 2;
  return (
    <div class="timeline-group" role="group" aria-label={t.span}>
      <IconButton path={signs.minus} label={t.zoomOut} onClick={() => player.zoom(2, middle())} />
      <Select label={t.span} hideLabel value={now} onChange={choose}
        options={[...names, 'custom' as const].map((name) => ({ value: name, label: t.spanNames[name] }))} />
      <IconButton path={signs.plus} label={t.zoomIn} onClick={() => player.zoom(0.5, middle())} />
      {(open || now === 'custom') && <CustomSpan player={player} open={open} done={() => setOpen(false)} />}
    </div>
  );
}

function CustomSpan({ player, open, done }: Part & { open: boolean; done: () => void }) {
  const t = timelineWords.value;
  const [shown, setShown] = useState(open);
  const [wrong, setWrong] = useState(false);
  if (!shown && !open) {
    return <button type="button" class="button quiet" onClick={() => setShown(true)}>{t.spans.custom}</button>;
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const fromUs = timeOfInput(String(data.get('from') ?? ''));
    const toUs = timeOfInput(String(data.get('to') ?? ''));
    const good = fromUs !== null && toUs !== null && fromUs < toUs && toUs - fromUs <= SPAN_US_MAX;
    setWrong(!good);
    if (!good) return;
    player.showSpan({ fromUs, toUs });
    setShown(false);
    done();
  };
  const span = player.span.peek();
  return (
    <form class="timeline-custom" onSubmit={submit}>
      <label>{t.from}<input type="datetime-local" step="1" name="from" value={inputOf(span.fromUs)} required /></label>
      <label>{t.to}<input type="datetime-local" step="1" name="to" value={inputOf(span.toUs)} required /></label>
      <button type="submit" class="button primary">{t.show}</button>
      {wrong && <p role="alert" class="timeline-wrong">{t.spanWrong}</p>}
    </form>
  );
}

/** The address of what is shown at this moment: the page's own is written a little later. */
function linkOf(player: Player): string {
  const pairs = parseHash(window.location.hash);
  const past = player.room.past.peek();
  const moment = formatMoment(past ? { ...past, timeUs: player.headUs() } : null);
  for (const [key, value] of Object.entries({ ...moment, unit: player.room.selected.peek(),
    follow: player.room.followed.peek() })) {
    if (value === null) pairs.delete(key);
    else pairs.set(key, value);
  }
  return `${window.location.origin}${window.location.pathname}${window.location.search}#${formatHash(pairs)}`;
}

/** Live or not, and back; the link to what is shown. */
export function Ends({ player }: Part) {
  void player.room.tick.value;
  const t = timelineWords.value;
  const past = player.room.past.value;
  const link = player.room.grant.value?.link ?? player.room.link.value;
  // What terms hold back is not live, whatever the link.
  const says = link.state !== 'live' ? t.notLive : player.room.grant.value ? sightWords.value.now : t.liveNow;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(linkOf(player));
      toast(t.copied);
    } catch {
      toast(t.copyFailed, true);
    }
  };
  return (
    <div class="timeline-group">
      <IconButton path={signs.link} label={t.copyLink} onClick={() => void copy()} />
      {past
        ? <button type="button" class="button primary timeline-live" aria-keyshortcuts="l" title={`${t.toLive} (L)`}
            onClick={() => player.toLive()}>{t.toLive}</button>
        : <span class="timeline-now">{says(momentOf(player.room.live.nowUs(), locale.value))}</span>}
    </div>
  );
}


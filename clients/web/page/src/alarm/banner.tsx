// The banner over everything while an alarm was not seen. It takes no focus away from what somebody is doing: it is an
// alert that is read out, and stands above panels and dialogs.
import './alarm.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Place } from '../map/tools';
import type { Room, World } from '../model/types';
import { alarmWords } from '../text/alarm';
import { kindName } from '../text/events';
import { age } from '../text/format';
import { toast } from '../ui/toast';
import { showAlarmMarks } from './marks';
import { nameOf, type Alarm } from './rules';
import { AlarmWatch } from './watch';

const ROWS = 3;
const MUTES = [5, 15, 60];

export function AlarmBanner({ room }: { room: Room }) {
  const watch = useMemo(() => new AlarmWatch(room), [room]);
  useEffect(() => () => watch.end(), [watch]);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => showAlarmMarks(watch.alarms, {
    placeOf: (alarm) => placeOf(room, alarm),
    goTo: (alarm) => goTo(room, alarm),
    banner: box.current,
  }), [room, watch]);
  const alarms = watch.alarms.value;
  const t = alarmWords.value;
  const ringing = alarms.filter(({ kind }) => kind === 'new');
  const first = ringing[0];
  const words = first ? t.tab(ringing.length, labelOf(room, first)) : null;
  useEffect(() => watch.flash(words), [watch, words]);
  return (
    <div class="alarm-place" role="alert" ref={box}>
      {alarms.length > 0 && <Banner room={room} watch={watch} alarms={alarms} />}
    </div>
  );
}

/** Where it came, if that is looked at; else what is seen without terms. */
function worldOf(room: Room, alarm: Alarm): World {
  return alarm.grant !== '' && room.grant.value?.name === alarm.grant ? room.present.value : room.live;
}

function labelOf(room: Room, alarm: Alarm): string {
  return worldOf(room, alarm).byName.get(alarm.event.unit)?.label ?? alarm.event.unit;
}

/** Where it happened; else where its unit was last seen. */
function placeOf(room: Room, alarm: Alarm): Place | undefined {
  return alarm.event.place ?? worldOf(room, alarm).byName.get(alarm.event.unit)?.position;
}

/** It came by another view than the one that is looked at. */
function isElsewhere(room: Room, alarm: Alarm): boolean {
  return alarm.grant !== (room.grant.value?.name ?? '');
}

function goTo(room: Room, alarm: Alarm): void {
  const known = worldOf(room, alarm).byName.has(alarm.event.unit) || isElsewhere(room, alarm);
  const place = placeOf(room, alarm);
  room.showGrant(alarm.grant === '' ? null : alarm.grant); // the view that it came by
  if (room.past.peek()) room.showLive(); // the alarm is live: so is what is shown there
  if (known) room.selected.value = alarm.event.unit;
  if (place) room.goTo({ lat: place.lat, lon: place.lon }, 14);
}

function Banner({ room, watch, alarms }: { room: Room; watch: AlarmWatch; alarms: readonly Alarm[] }) {
  const [all, setAll] = useState(false);
  const t = alarmWords.value;
  const shown = all ? alarms : alarms.slice(0, ROWS);
  const rings = alarms.some(({ kind }) => kind === 'new');
  return (
    <section class={`alarm${rings ? ' is-ringing' : ''}`} aria-label={t.title}>
      <header class="alarm-head">
        <span class="alarm-sign" aria-hidden="true">▲</span>
        <strong>{t.heading(alarms.length)}</strong>
        {room.past.value && <span class="alarm-while">{t.whileReplay}</span>}
        <Mute watch={watch} />
        {alarms.length > 1 && (
          <button type="button" class="alarm-button" title={t.seenHelp} onClick={() =>
            watch.see(alarms)}>{t.seenAll}</button>
        )}
      </header>
      {watch.sound.blocked.value && rings && (
        <button type="button" class="alarm-blocked" onClick={() => watch.sound.unlock()}>{t.soundBlocked}</button>
      )}
      <ul class="alarm-list" aria-label={t.list}>
        {shown.map((alarm) => <Row key={nameOf(alarm.event)} room={room} watch={watch} alarm={alarm} />)}
      </ul>
      {alarms.length > ROWS && (
        <button type="button" class="alarm-button" onClick={() => setAll(!all)}>
          {all ? t.fewer : t.more(alarms.length - ROWS)}
        </button>
      )}
    </section>
  );
}

function Row({ room, watch, alarm }: { room: Room; watch: AlarmWatch; alarm: Alarm }) {
  const [sending, setSending] = useState(false);
  const t = alarmWords.value;
  const { event } = alarm;
  const unit = worldOf(room, alarm).byName.get(event.unit);
  const place = placeOf(room, alarm);
  const acknowledge = async (): Promise<void> => {
    setSending(true);
    // What a grant shows is its owner's to tell: it is not repeated to all who hear this viewer.
    const what = alarm.grant !== '' ? { text: t.acknowledgeOther }
      : { text: t.acknowledgeText(event.text === '' ? event.kind : event.text).slice(0, 500), group: event.group };
    const answer = await room.send({ kind: 'acknowledgement', severity: 0, references: [event.name], ...what });
    setSending(false);
    if (answer.ok) watch.see([alarm]);
    else toast(t.acknowledgeFailed(answer.reason), true);
  };
  return (
    <li class={`alarm-row is-${alarm.kind}`}>
      <strong class="alarm-kind">{event.kind === 'sos' ? t.sos : `${t.severe}: ${kindName(event.kind)}`}</strong>
      <span class="alarm-who">{labelOf(room, alarm)}</span>
      <span class="alarm-text">{event.text}</span>
      <Age room={room} alarm={alarm} />
      {isElsewhere(room, alarm) && <span class="alarm-while">{alarm.grant === '' ? t.whileGrant : t.byGrant(alarm.grant)}</span>}
      {alarm.acknowledgedBy.length > 0 && (
        <span class="alarm-by">{t.acknowledged(alarm.acknowledgedBy.join(', '))}</span>
      )}
      <span class="alarm-actions">
        <button type="button" class="alarm-button" disabled={!place && !unit && !isElsewhere(room, alarm)}
          title={place ? undefined : t.noPlace} onClick={() => goTo(room, alarm)}>{t.goThere}</button>
        {room.viewer.value.maySend && alarm.mayAnswer && (
          <button type="button" class="alarm-button" disabled={sending} onClick={() => void acknowledge()}>
            {sending ? t.acknowledging : t.acknowledge}
          </button>
        )}
        <button type="button" class="alarm-button" title={t.seenHelp} onClick={() =>
          watch.see([alarm])}>{t.seen}</button>
      </span>
    </li>
  );
}

/** Counts by itself; not read out anew each second. */
function Age({ room, alarm }: { room: Room; alarm: Alarm }) {
  void room.tick.value;
  const t = alarmWords.value;
  const since = age((room.live.nowUs() - alarm.event.timeUs) / 1000);
  const words = alarm.kind === 'late' ? t.late(since) : t.ago(since);
  return <span class="alarm-age" aria-live="off">{alarm.kind === 'earlier' ? `${words}, ${t.earlier}` : words}</span>;
}

function Mute({ watch }: { watch: AlarmWatch }) {
  const t = alarmWords.value;
  const until = watch.mutedUntilMs.value;
  if (until > 0) return <Muted watch={watch} until={until} />;
  return (
    <span class="alarm-mute" role="group" aria-label={t.mute}>
      <span aria-hidden="true">{t.mute}</span>
      {MUTES.map((minutes) => (
        <button key={minutes} type="button" class="alarm-button" aria-label={`${t.mute}: ${t.muteFor(minutes)}`}
          onClick={() => watch.mute(minutes)}>{t.muteFor(minutes)}</button>
      ))}
    </span>
  );
}

function Muted({ watch, until }: { watch: AlarmWatch; until: number }) {
  const t = alarmWords.value;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return (
    <span class="alarm-mute" aria-live="off">
      <span class="alarm-muted">{t.muted(age(until - now))}</span>
      <button type="button" class="alarm-button" onClick={() => watch.mute(0)}>{t.unmute}</button>
    </span>
  );
}

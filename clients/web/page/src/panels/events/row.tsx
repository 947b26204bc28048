// One event in the log: time, severity by shape and word, kind, who, what.
import type { RoomEvent, World } from '../../model/types';
import { logTime } from '../../text/format';
import { eventWords, kindName } from '../../text/events';
import { Icon } from '../../ui/icon';
import { SeverityMark } from '../../ui/marks';

interface EventRowProps {
  event: RoomEvent;
  world: World;
  label: string;
  acknowledged: boolean;
  unread: boolean;
}

export function EventRow({ event, world, label, acknowledged, unread }: EventRowProps) {
  const t = eventWords.value;
  return (
    <>
      <span class="event-line">
        <time>{logTime(event.timeUs, world.nowUs())}</time>
        <SeverityMark severity={event.severity} />
        {event.severity >= 2 ? (
          <span class={`severity-word severity-${event.severity}`}>{t.severity[event.severity]}</span>
        ) : (
          <span class="unseen">{t.severity[event.severity]}</span>
        )}
        <span class="kind">{kindName(event.kind)}</span>
        <span class="who">{label}</span>
        {acknowledged && (
          <span class="tag">
            <Icon name="check" size={1} />
            {t.acknowledged}
          </span>
        )}
        {unread && <span class="unread">{t.unreadOne}</span>}
      </span>
      <span class="event-said">{event.text || '\u00a0'}</span>
    </>
  );
}

// The whole of one event, under the log: everything that is known of it, and what can be done about it.
import type { Room, RoomEvent, World } from '../../model/types';
import { age, dateTime, latLon } from '../../text/format';
import { eventWords, kindName } from '../../text/events';
import { Button, IconButton } from '../../ui/button';
import { Copyable } from '../../ui/copy';
import { SeverityMark } from '../../ui/marks';
import { mgrsOf } from '../../ui/mgrs';
import { toast } from '../../ui/toast';
import { beginDraft } from '../draft';
import { chosenEvent, type Apart } from './chosen';
import type { Log } from './log';

const LATE_US = 60e6; // later than this it is worth saying

interface DetailProps {
  room: Room;
  world: World;
  log: Log;
  event: RoomEvent;
  answers: Apart['answers']; // whether the log here has what acknowledged it
  labelOf: (unit: string) => string;
}

/** By a grant's own numbers messages have other names than the hub knows them by: nothing can refer to them. */
function mayAnswer(room: Room): boolean {
  const grant = room.grant.value;
  return room.viewer.value.maySend && (!grant || grant.terms?.ownNumbers === false);
}

function Acknowledgement({ room, log, event, answers, labelOf }: DetailProps) {
  const t = eventWords.value;
  const by = log.acknowledgedBy.get(event.name);
  if (by) return <p class="acknowledged">{t.acknowledgedBy(labelOf(by.unit), dateTime(by.timeUs, 'utc'))}</p>;
  if (event.severity < 2 && event.kind !== 'order') return null;
  const acknowledge = async (): Promise<void> => {
    const sent = await room.send({ kind: 'acknowledgement', text: t.ackText, severity: 0, references: [event.name] });
    toast(sent.ok ? t.sent : t.refused(sent.reason), !sent.ok);
  };
  return (
    <p class="acknowledged">
      <span>{t.notAcknowledged[answers]}</span>
      {mayAnswer(room) && (
        <Button icon="check" onClick={() => void acknowledge()}>
          {t.acknowledge}
        </Button>
      )}
    </p>
  );
}

function References({ log, event, labelOf }: DetailProps) {
  const t = eventWords.value;
  if (event.references.length === 0) return null;
  return (
    <div class="wide">
      <dt>{t.refersTo}</dt>
      <dd>
        {event.references.map((name) => {
          const other = log.byName.get(name);
          return other ? (
            <button type="button" key={name} class="link" onClick={() => (chosenEvent.value = name)}>
              {`${kindName(other.kind)}, ${labelOf(other.unit)}`}
            </button>
          ) : (
            <span key={name}>{t.refersToUnknown}</span>
          );
        })}
      </dd>
    </div>
  );
}

function Facts(props: DetailProps) {
  const t = eventWords.value;
  const { event } = props;
  const late = event.knownUs - event.timeUs;
  return (
    <dl class="facts">
      <div>
        <dt>{t.happened}</dt>
        <dd>{dateTime(event.timeUs, 'utc')}</dd>
      </div>
      <div>
        <dt>{t.known}</dt>
        <dd>{late > LATE_US ? t.late(age(late / 1000)) : dateTime(event.knownUs, 'utc')}</dd>
      </div>
      {event.place && (
        <div class="wide">
          <dt>{t.place}</dt>
          <dd>
            <Copyable text={mgrsOf(event.place) || latLon(event.place)} label={t.place} />
          </dd>
        </div>
      )}
      {event.fields.map((field, i) => (
        <div key={`${i}${field.key}`}>
          <dt>{field.key.split('_').join(' ')}</dt>
          <dd>{field.value}</dd>
        </div>
      ))}
      <References {...props} />
    </dl>
  );
}

export function EventDetail(props: DetailProps) {
  const { room, world, event, labelOf } = props;
  const t = eventWords.value;
  const place = event.place ?? world.byName.get(event.unit)?.position;
  return (
    <section class={`event-detail severity-${event.severity}`} aria-label={kindName(event.kind)}>
      <header>
        <SeverityMark severity={event.severity} />
        <span class={`severity-word severity-${event.severity}`}>{t.severity[event.severity]}</span>
        <strong>{kindName(event.kind)}</strong>
        <button type="button" class="link" onClick={() => (room.selected.value = event.unit)}>
          {labelOf(event.unit)}
        </button>
        <span class="spacer" />
        <IconButton icon="close" label={t.closeDetail} onClick={() => (chosenEvent.value = null)} />
      </header>
      {event.text !== '' && <p class="event-text">{event.text}</p>}
      <Facts {...props} />
      <Acknowledgement {...props} />
      <div class="actions">
        {place && (
          <Button icon="centre" onClick={() => room.goTo(place)}>
            {t.goThere}
          </Button>
        )}
        <Button icon="replay" onClick={() => room.showPast(event.timeUs, 'true', { paused: true })}>
          {t.showMoment}
        </Button>
        {mayAnswer(room) && (
          <Button icon="answer" onClick={() => beginDraft({ about: event, kind: 'text' })}>
            {t.answer}
          </Button>
        )}
      </div>
    </section>
  );
}

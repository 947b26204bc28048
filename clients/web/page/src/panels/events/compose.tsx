// Says something to everybody who may see it: a text or an event, with its severity, position and what it refers to.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Room, Severity } from '../../model/types';
import { eventWords, kindName } from '../../text/events';
import { Button, IconButton } from '../../ui/button';
import { Labelled, Select } from '../../ui/fields';
import { toast } from '../../ui/toast';
import { changeDraft, draft, EMPTY_DRAFT, type Draft, type DraftPlace } from '../draft';
import { middleOfMap } from '../middle';

const KINDS = [
  'text',
  'order',
  'observation',
  'contact',
  'medical_aid',
  'need',
  'check_in',
  'halt',
  'resupply',
  'departure',
  'arrival',
  'sos',
];
const TEXT_MAX = 4000;

const labelOf = (room: Room, unit: string): string => room.live.byName.get(unit)?.label ?? unit;

/** The position that was asked for; a sentence where there is none. */
function placeOf(room: Room, wanted: Draft): { lat: number; lon: number } | string | undefined {
  if (wanted.place === 'none') return undefined;
  if (wanted.place === 'middle') return middleOfMap() ?? eventWords.value.noMap;
  const name = wanted.to ?? room.selected.peek();
  const position = name === null ? undefined : room.live.byName.get(name)?.position;
  return position ? { lat: position.lat, lon: position.lon } : eventWords.value.noPlaceYet;
}

/** Sends the draft. Returns what went wrong, in words; empty: the hub has it. */
async function sendDraft(room: Room): Promise<string> {
  const t = eventWords.value;
  const wanted = draft.peek();
  const text = wanted.text.trim();
  if (text === '') return t.needText;
  const place = placeOf(room, wanted);
  if (typeof place === 'string') return place;
  const sent = await room.send({
    kind: wanted.kind,
    text,
    severity: wanted.severity,
    place,
    references: wanted.about ? [wanted.about.name] : undefined,
  });
  if (!sent.ok) return t.refused(sent.reason);
  draft.value = EMPTY_DRAFT;
  toast(t.sent);
  return '';
}

function Choices({ room }: { room: Room }) {
  const t = eventWords.value;
  const now = draft.value;
  const chosen = now.to ?? room.selected.value;
  const label = chosen === null ? null : labelOf(room, chosen);
  const kinds = KINDS.includes(now.kind) ? KINDS : [now.kind, ...KINDS];
  const places: { value: DraftPlace; label: string }[] = [
    { value: 'none', label: t.places.none },
    { value: 'middle', label: t.places.middle },
    ...(label === null ? [] : [{ value: 'unit' as const, label: t.placeOf(label) }]),
  ];
  const severities = ([0, 1, 2, 3] as const).map((s) => ({ value: String(s), label: t.severity[s] }));
  const onKind = (kind: string): void => changeDraft(kind === 'sos' ? { kind, severity: 3 } : { kind });
  return (
    <div class="filters">
      <Select
        label={t.kind}
        value={now.kind}
        options={kinds.map((k) => ({ value: k, label: kindName(k) }))}
        onChange={onKind}
      />
      <Select
        label={t.severityField}
        value={String(now.severity)}
        options={severities}
        onChange={(s) => changeDraft({ severity: Number(s) as Severity })}
      />
      <Select
        label={t.place}
        value={label === null && now.place === 'unit' ? 'none' : now.place}
        options={places}
        onChange={(place) => changeDraft({ place })}
      />
    </div>
  );
}

function Form({ room, onDone }: { room: Room; onDone: () => void }) {
  const t = eventWords.value;
  const now = draft.value;
  const sending = useSignal(false);
  const problem = useSignal('');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), [now.about, now.to]);
  const send = async (): Promise<void> => {
    if (sending.peek()) return;
    sending.value = true;
    problem.value = await sendDraft(room);
    sending.value = false;
    if (problem.peek() === '') onDone();
    else field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <form
      class="compose"
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
      onKeyDown={onKeyDown}
    >
      {now.about && (
        <p class="about">
          <span class="cut">
            {t.reference}: <strong>{kindName(now.about.kind)}</strong>, {labelOf(room, now.about.unit)}
            <br />
            {now.about.text}
          </span>
          <IconButton icon="close" label={t.dropReference} onClick={() => changeDraft({ about: null })} />
        </p>
      )}
      <Labelled label={now.to === null ? t.text : t.composeTo(labelOf(room, now.to))}>
        {(id) => (
          <textarea
            id={id}
            ref={field}
            rows={3}
            maxLength={TEXT_MAX}
            placeholder={t.textHint}
            value={now.text}
            onInput={(e) => changeDraft({ text: e.currentTarget.value })}
          />
        )}
      </Labelled>
      <Choices room={room} />
      {now.severity === 3 && <p class="warned">{t.severeHint}</p>}
      {room.past.value && <p class="warned">{t.notWhilePast}</p>}
      {problem.value !== '' && (
        <p class="failed" role="alert">
          {problem.value}
        </p>
      )}
      <div class="actions">
        <Button primary type="submit" icon="send" disabled={sending.value} onClick={() => undefined}>
          {sending.value ? t.sending : t.send}
        </Button>
        <Button onClick={onDone}>{t.cancel}</Button>
        <span class="hint">{t.sendShortcut}</span>
      </div>
    </form>
  );
}

export function Compose({ room }: { room: Room }) {
  const t = eventWords.value;
  if (!room.viewer.value.maySend) return <p class="hint compose-off">{t.mayNotSend}</p>;
  if (draft.value.open) return <Form room={room} onDone={() => changeDraft({ open: false })} />;
  return (
    <div class="compose-closed">
      <Button icon="message" onClick={() => changeDraft({ open: true })}>
        {t.compose}
      </Button>
    </div>
  );
}

// What the owner shows to others, for its administrator: the grants that stand, a form to give one, and to end one.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { bodyOf, CLASSES, emptyDraft, isReady, wrongFields } from './grant_draft';
import type { DraftField, GrantDraft } from './grant_draft';
import { grantWords } from './grants_words';
import { Check, Field, Form } from './parts';
import { ask, fieldsOf, listOf, numberOf, sentenceOf, textOf } from './people_api';

interface Grant {
  name: string;
  to: string;
  given: boolean;
  stands: boolean;
  summary: string;
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(textOf) : []);

/** What it shows, and on which terms, in a line. */
function summaryOf(fields: Record<string, unknown>): string {
  const t = grantWords.value;
  const classes = textsOf(fields.classes);
  const groups = textsOf(fields.groups);
  const parts = [classes.length === CLASSES.length ? t.all
    : CLASSES.filter((one) => classes.includes(one)).map((one) => t.classes[one]).join(', ')];
  if (groups.length > 0) parts.push(t.groupsOf(groups.join(', ')));
  parts.push(...textsOf(fields.units));
  if (Array.isArray(fields.area)) parts.push(t.inArea);
  if (fields.past === true) parts.push(t.withPast);
  if (numberOf(fields.delay_s) > 0) parts.push(t.late(String(Math.round(numberOf(fields.delay_s) / 6) / 10)));
  if (numberOf(fields.round_m) > 0) parts.push(t.rounded(numberOf(fields.round_m)));
  if (numberOf(fields.every_s) > 0) parts.push(t.spaced(numberOf(fields.every_s)));
  if (textOf(fields.ends) !== '') parts.push(t.untilTime(textOf(fields.ends).slice(0, 16).replace('T', ' ')));
  return parts.join(' · ');
}

const grantsOf = (answer: unknown): Grant[] => listOf(fieldsOf(answer).grants).map((one) => ({ name: textOf(one.name),
  to: textOf(one.to), given: one.given === true, stands: one.stands === true, summary: summaryOf(one) }));

function Row({ grant, onEnd }: { grant: Grant; onEnd: (grant: Grant) => Promise<void> }) {
  const t = grantWords.value;
  const asks = useSignal(false);
  return (
    <li class={grant.stands ? '' : 'off'}>
      <span class="grow">
        <span>{grant.name} <small>{t.to(grant.to)}</small></span>
        <small class="quiet">{grant.stands ? grant.summary : t.over}</small>
      </span>
      {grant.given && grant.stands && !asks.value && (
        <Button title={t.endOf(grant.name)} onClick={() => (asks.value = true)}>{t.end}</Button>
      )}
      {asks.value && (
        <Form label={t.end} danger onSend={() => onEnd(grant)} onCancel={() => (asks.value = false)}>
          <p>{t.endAsk(grant.name, grant.to)}</p>
        </Form>
      )}
    </li>
  );
}

function Give({ onGiven }: { onGiven: (name: string) => Promise<void> }) {
  const t = grantWords.value;
  const open = useSignal(false);
  const draft = useSignal<GrantDraft>(emptyDraft());
  const set = (change: Partial<GrantDraft>): void => { draft.value = { ...draft.value, ...change }; };
  const close = (): void => {
    open.value = false;
    draft.value = emptyDraft();
  };
  const send = async (): Promise<void> => {
    const answer = fieldsOf(await ask('POST', '/grants', bodyOf(draft.value)));
    close();
    await onGiven(textOf(answer.name));
  };
  if (!open.value) return <Button onClick={() => (open.value = true)}>{t.add}</Button>;
  const now = draft.value;
  const wrong = wrongFields(now);
  const checked = (field: DraftField, label: string, words: string, hint = '') => (
    <Field label={label} value={now[field]} onInput={(v) => set({ [field]: v })} hint={hint}
      wrong={wrong.has(field) ? words : ''} />
  );
  return (
    <Form label={t.give} onSend={send} onCancel={close} disabled={!isReady(now)}>
      <Field label={t.name} value={now.name} onInput={(v) => set({ name: v })} hint={t.nameHint} max={64} autofocus
        required />
      <Field label={t.receiver} value={now.to} onInput={(v) => set({ to: v })} hint={t.receiverHint} required />
      <fieldset>
        <legend>{t.what}</legend>
        {CLASSES.map((one) => (
          <Check key={one} label={t.classes[one]} checked={now.classes[one]}
            onChange={(on) => set({ classes: { ...now.classes, [one]: on } })} />
        ))}
        <Field label={t.groups} value={now.groups} onInput={(v) => set({ groups: v })} hint={t.groupsHint} max={2000} />
        <Field label={t.units} value={now.units} onInput={(v) => set({ units: v })} hint={t.unitsHint} max={2000} />
        {checked('area', t.area, t.areaWrong, t.areaHint)}
        {checked('from', t.from, t.momentWrong, t.momentHint)}
        {checked('until', t.until, t.momentWrong, t.momentHint)}
        {checked('days', t.days, t.daysWrong, t.daysHint)}
        <Check label={t.past} checked={now.past} onChange={(on) => set({ past: on })} />
      </fieldset>
      <fieldset>
        <legend>{t.terms}</legend>
        <p class="quiet">{t.termsText}</p>
        {checked('delayMinutes', t.delay, t.numberWrong)}
        {checked('roundM', t.round, t.numberWrong)}
        {checked('everyS', t.every, t.numberWrong)}
        <Check label={t.ownNumbers} checked={now.ownNumbers} onChange={(on) => set({ ownNumbers: on })} />
      </fieldset>
    </Form>
  );
}

export function Grants() {
  const t = grantWords.value;
  const grants = useSignal<Grant[]>([]);
  const problem = useSignal('');
  const load = async (): Promise<void> => {
    try {
      grants.value = grantsOf(await ask('GET', '/grants'));
      problem.value = '';
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => void load(), [t]);
  const end = async (grant: Grant): Promise<void> => {
    await ask('DELETE', `/grants/${encodeURIComponent(grant.name.split('/')[1] ?? '')}`);
    toast(t.ended(grant.name));
    await load();
  };
  const own = grants.value.filter((one) => one.given);
  const others = grants.value.filter((one) => !one.given && one.stands);
  return (
    <section>
      <h3>{t.title}</h3>
      <p class="quiet">{t.text}</p>
      {problem.value !== '' && <p class="failed" role="alert">{problem.value}</p>}
      {problem.value === '' && own.length === 0 && <p class="quiet">{t.none}</p>}
      <ul class="people-list">{own.map((one) => <Row key={`${one.name} ${one.stands}`} grant={one} onEnd={end} />)}</ul>
      <Give onGiven={async (name) => {
        toast(t.given(name));
        await load();
      }} />
      {others.length > 0 && <h3>{t.received}</h3>}
      <ul class="people-list">{others.map((one) => <Row key={one.name} grant={one} onEnd={end} />)}</ul>
    </section>
  );
}

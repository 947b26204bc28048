// Where one is signed in, and one's API tokens.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { age, day } from '../text/format';
import { Button } from '../ui/button';
import { Copyable } from '../ui/copy';
import { toast } from '../ui/toast';
import { Check, Field, Form } from './parts';
import { ask, fieldsOf, listOf, numberOf, sentenceOf, textOf } from './people_api';
import { accountWords } from './words';

interface Entry {
  id: string;
  label: string;
  remote: string;
  seenUs: number;
  endsUs: number;
  current: boolean;
  maySend: boolean;
}

function entriesOf(list: unknown): Entry[] {
  return listOf(list).map((e) => ({ id: textOf(e.id), label: textOf(e.label), remote: textOf(e.remote),
    seenUs: numberOf(e.seen_us), endsUs: numberOf(e.ends_us), current: e.current === true, maySend: e.may_send === true }));
}

/** A list of the server's, loaded anew after each change. */
function useEntries(path: string, field: string) {
  const entries = useSignal<Entry[] | null>(null);
  const problem = useSignal('');
  const load = async (): Promise<void> => {
    try {
      entries.value = entriesOf(fieldsOf(await ask('GET', path))[field]);
      problem.value = '';
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => void load(), [path]);
  const end = async (id: string): Promise<void> => {
    try {
      await ask('DELETE', `${path}/${encodeURIComponent(id)}`);
    } catch (error) {
      toast(sentenceOf(error), true);
    }
    await load();
  };
  return { entries, problem, load, end };
}

/** "Firefox", "Chrome 120 · Windows": what a person recognises of a user agent. */
function browserName(agent: string): string {
  const found = /(Edg|OPR|Firefox|Chrome|Version)\/(\d+)/.exec(agent);
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera', Version: 'Safari' };
  const edge = /(Edg|OPR)\/(\d+)/.exec(agent) ?? found;
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  if (!edge || !edge[1]) return agent;
  return [`${names[edge[1]] ?? edge[1]} ${edge[2] ?? ''}`, system].filter(Boolean).join(' · ');
}

export function Sessions() {
  const t = accountWords.value;
  const { entries, problem, end } = useEntries('/account/sessions', 'sessions');
  return (
    <section>
      <h3>{t.sessions}</h3>
      {problem.value !== '' && <p class="failed" role="alert">{problem.value}</p>}
      <ul class="people-list">
        {(entries.value ?? []).map((e) => (
          <li key={e.id}>
            <span class="grow">
              <span title={e.label}>{browserName(e.label)}</span>
              <small class="quiet">
                {e.remote} · {e.current ? t.sessionHere : t.sessionSeen(age(Math.max(0, Date.now() - e.seenUs / 1000)))}
              </small>
            </span>
            {!e.current && (
              <Button title={t.endSession(browserName(e.label))} onClick={() => void end(e.id)}>{t.end}</Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Tokens({ maySend }: { maySend: boolean }) {
  const t = accountWords.value;
  const { entries, problem, load, end } = useEntries('/tokens', 'tokens');
  const open = useSignal(false);
  const label = useSignal('');
  const days = useSignal('90');
  const sends = useSignal(false);
  const made = useSignal('');
  const send = async (): Promise<void> => {
    const answer = fieldsOf(await ask('POST', '/tokens',
      { label: label.value.trim(), days: Number(days.value), may_send: sends.value }));
    made.value = textOf(answer.token);
    open.value = false;
    label.value = '';
    await load();
  };
  const wholeDays = /^\d{1,4}$/.test(days.value) && Number(days.value) >= 1 && Number(days.value) <= 3660;
  return (
    <section>
      <h3>{t.tokens}</h3>
      <p class="quiet">{t.tokensText}</p>
      {problem.value !== '' && <p class="failed" role="alert">{problem.value}</p>}
      {entries.value?.length === 0 && <p class="quiet">{t.noTokens}</p>}
      <ul class="people-list">
        {(entries.value ?? []).map((e) => (
          <li key={e.id}>
            <span class="grow">
              <span>{e.label}</span>
              <small class="quiet">
                {e.maySend ? t.tokenSend : t.tokenReads} · {t.tokenUntil(day(e.endsUs, 'local'))}
              </small>
            </span>
            <Button title={t.endToken(e.label)} onClick={() => void end(e.id)}>{t.end}</Button>
          </li>
        ))}
      </ul>
      {made.value !== '' && (
        <div class="people-told" role="status">
          <p>{t.tokenMade}</p>
          <Copyable text={made.value} label={t.tokens} code />
        </div>
      )}
      {!open.value ? <Button onClick={() => (open.value = true)}>{t.makeToken}</Button> : (
        <Form label={t.makeToken} onSend={send} onCancel={() => (open.value = false)}
          disabled={label.value.trim() === '' || !wholeDays}>
          <Field label={t.tokenLabel} value={label.value} onInput={(v) => (label.value = v)} max={64} autofocus required />
          <Field label={t.tokenDays} value={days.value} onInput={(v) => (days.value = v)} numeric max={4} required />
          {maySend && <Check label={t.tokenSend} checked={sends.value} onChange={(on) => (sends.value = on)} />}
        </Form>
      )}
    </section>
  );
}

// Everybody's accounts, for administrators.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { age } from '../text/format';
import { Button } from '../ui/button';
import { Copyable } from '../ui/copy';
import { toast } from '../ui/toast';
import { Check, Field, Form } from './parts';
import { ask, fieldsOf, listOf, numberOf, sentenceOf, textOf } from './people_api';
import { accountWords } from './words';

interface Person {
  account: string;
  displayName: string;
  name: string;
  administrator: boolean;
  state: 'disabled' | 'refused' | 'waiting' | 'joined';
  totp: boolean;
  sessions: number;
  signedInUs: number;
}

function personOf(fields: Record<string, unknown>): Person {
  const state = fields.disabled === true ? 'disabled' : fields.refused === true ? 'refused'
    : fields.joined === true ? 'joined' : 'waiting';
  return { account: textOf(fields.account), displayName: textOf(fields.display_name), name: textOf(fields.name),
    administrator: fields.administrator === true, state, totp: fields.totp === true,
    sessions: numberOf(fields.sessions), signedInUs: numberOf(fields.signed_in_us) };
}

interface Made { text: string; link: string }

export function People({ self }: { self: string }) {
  const t = accountWords.value;
  const people = useSignal<Person[]>([]);
  const problem = useSignal('');
  const made = useSignal<Made | null>(null);
  const chosen = useSignal('');
  const load = async (): Promise<void> => {
    try {
      people.value = listOf(fieldsOf(await ask('GET', '/accounts')).accounts).map(personOf);
      problem.value = '';
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => void load(), []);
  const show = async (told: Made): Promise<void> => {
    made.value = told;
    await load();
  };
  return (
    <section>
      <h3>{t.people} <small class="quiet">{t.count(people.value.length)}</small></h3>
      {problem.value !== '' && <p class="failed" role="alert">{problem.value}</p>}
      {made.value && (
        <div class="people-told" role="status">
          <p>{made.value.text}</p>
          <Copyable text={made.value.link} label={t.link} code />
        </div>
      )}
      <ul class="people-list">
        {people.value.map((p) => (
          <li key={p.account} class={p.state === 'disabled' ? 'off' : undefined}>
            <span class="grow">
              <span>{p.displayName === '' ? p.account : `${p.displayName} (${p.account})`}
                {p.administrator && <span class="tag">{t.administrator}</span>}
              </span>
              <small class="quiet">{aboutOf(p)}</small>
            </span>
            <Button title={t.actionsOf(p.account)} quiet
              onClick={() => (chosen.value = chosen.value === p.account ? '' : p.account)}>…</Button>
            {chosen.value === p.account && <Actions person={p} self={self} onLink={show} onDone={load} />}
          </li>
        ))}
      </ul>
      <Add onAdded={show} />
    </section>
  );
}

function aboutOf(person: Person): string {
  const t = accountWords.value;
  const seen = person.signedInUs > 0 ? t.lastSeen(age(Math.max(0, Date.now() - person.signedInUs / 1000))) : '';
  const sessions = person.sessions > 0 ? t.browsers(person.sessions) : '';
  return [person.name, t.state[person.state], seen, sessions].filter((s) => s !== '').join(' · ');
}

interface ActionsProps {
  person: Person;
  self: string;
  onLink: (made: Made) => Promise<void>;
  onDone: () => Promise<void>;
}

function Actions({ person, self, onLink, onDone }: ActionsProps) {
  const t = accountWords.value;
  const path = `/accounts/${encodeURIComponent(person.account)}`;
  const asks = useSignal<'' | 'link' | 'remove'>('');
  const resets = useSignal(false);
  const quick = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      toast(sentenceOf(error), true);
    }
    await onDone();
  };
  const link = async (): Promise<void> => {
    const answer = fieldsOf(await ask('POST', `${path}/link`, { reset_totp: resets.value }));
    asks.value = '';
    await onLink({ text: t.linkMade(person.account), link: textOf(answer.link) });
  };
  const remove = async (): Promise<void> => {
    await ask('DELETE', path);
    await onDone();
  };
  const off = person.state === 'disabled';
  if (asks.value === 'link') {
    return (
      <Form label={t.makeLink} onSend={link} onCancel={() => (asks.value = '')}>
        <p class="quiet">{t.linkEnds}</p>
        {person.totp && <Check label={t.resetTotp} checked={resets.value} onChange={(on) => (resets.value = on)} />}
      </Form>
    );
  }
  if (asks.value === 'remove') {
    return (
      <Form label={t.remove} danger onSend={remove} onCancel={() => (asks.value = '')}>
        <p>{t.removeAsk(person.account)}</p>
      </Form>
    );
  }
  return (
    <div class="actions whole">
      <Button onClick={() => (asks.value = 'link')}>{t.makeLink}</Button>
      <Button disabled={person.sessions === 0} onClick={() => void quick(() => ask('POST', `${path}/sign-out`, {}))}>
        {t.signOutOther}
      </Button>
      {person.account !== self && (
        <>
          <Button onClick={() => void quick(() => ask('PATCH', path, { disabled: !off }))}>
            {off ? t.enable : t.disable}
          </Button>
          <Button danger onClick={() => (asks.value = 'remove')}>{t.remove}</Button>
        </>
      )}
    </div>
  );
}

function Add({ onAdded }: { onAdded: (made: Made) => Promise<void> }) {
  const t = accountWords.value;
  const open = useSignal(false);
  const name = useSignal('');
  const displayName = useSignal('');
  const code = useSignal('');
  const plain = useSignal(false);
  const administrator = useSignal(false);
  const close = (): void => {
    open.value = false;
    for (const field of [name, displayName, code]) field.value = '';
    plain.value = false;
    administrator.value = false;
  };
  const send = async (): Promise<void> => {
    const account = name.value.trim();
    const answer = fieldsOf(await ask('POST', '/accounts', { account, display_name: displayName.value.trim(),
      administrator: administrator.value, ...(plain.value ? { plain: true } : { code: code.value.trim() }) }));
    close();
    await onAdded({ text: t.added(account), link: textOf(answer.link) });
  };
  if (!open.value) return <Button onClick={() => (open.value = true)}>{t.add}</Button>;
  return (
    <Form label={t.add} onSend={send} onCancel={close}
      disabled={name.value.trim() === '' || (!plain.value && code.value.trim() === '')}>
      <Field label={t.accountName} value={name.value} onInput={(v) => (name.value = v)} hint={t.accountNameHint} max={32}
        autofocus required />
      <Field label={t.displayName} value={displayName.value} onInput={(v) => (displayName.value = v)} max={64} />
      {!plain.value && (
        <Field label={t.invitation} value={code.value} onInput={(v) => (code.value = v)} hint={t.invitationHint}
          max={1024} required />
      )}
      <Check label={t.plain} checked={plain.value} onChange={(on) => (plain.value = on)} />
      <Check label={t.administrator} checked={administrator.value} onChange={(on) => (administrator.value = on)} />
    </Form>
  );
}

// The panel of one's own account; below it, for administrators, everybody's.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Room } from '../model/types';
import { LANGUAGES } from '../text/language';
import { Button } from '../ui/button';
import { Select } from '../ui/fields';
import { toast } from '../ui/toast';
import { Field, Form } from './parts';
import { Grants } from './grants';
import { People } from './people';
import { ask, fieldsOf, prefer, sentenceOf, textOf } from './people_api';
import { ChangePassword, Codes } from './safety';
import { Sessions, Tokens } from './sessions';
import { accountWords } from './words';

interface Own {
  account: string;
  displayName: string;
  language: string;
  theme: string;
  totp: boolean;
  role: string; // of the identity at the hub
}

export function AccountPanel({ room }: { room: Room }) {
  const t = accountWords.value;
  const viewer = room.viewer.value;
  const own = useSignal<Own | null>(null);
  const problem = useSignal('');
  const ended = useSignal(0); // sign-ins and tokens, by another password: the lists are read anew
  const load = async (): Promise<void> => {
    try {
      const fields = fieldsOf(await ask('GET', '/account'));
      own.value = { account: textOf(fields.account), displayName: textOf(fields.display_name),
        language: textOf(fields.language), theme: textOf(fields.theme), totp: fields.totp === true,
        role: textOf(fields.role) };
      problem.value = '';
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => {
    if (!viewer.open) void load();
  }, [viewer.account, viewer.open]);
  if (viewer.open) return <div class="people"><p class="warned">{t.openText}</p></div>;
  const now = own.value;
  return (
    <div class="people">
      <section>
        <h3>{t.you}</h3>
        <dl class="facts">
          <div><dt>{t.name}</dt><dd>{viewer.account}</dd></div>
          <div><dt>{t.identity}</dt><dd>{viewer.name === '' ? t.noIdentity : viewer.name}</dd></div>
        </dl>
        <p class="quiet">{viewer.maySend ? t.sends : t.looks}</p>
        {viewer.administrator && <p class="quiet">{t.administrator}</p>}
        <SignOut />
      </section>
      {problem.value !== '' && <p class="failed" role="alert">{problem.value}</p>}
      {now === null ? problem.value === '' && <p class="quiet" role="status">{t.loading}</p> : (
        <>
          <Settings own={now} onDone={load} />
          <ChangePassword account={now.account} onDone={() => ended.value++} />
          <Codes on={now.totp} onDone={load} />
          <Sessions key={`sessions ${ended.value}`} />
          <Tokens key={`tokens ${ended.value}`} maySend={viewer.maySend} />
          {now.role === 'administrator' && <Grants />}
          {viewer.administrator && <People self={now.account} />}
        </>
      )}
    </div>
  );
}

/** After it the page begins anew, at the door, with nothing kept of what was shown. */
function SignOut() {
  const t = accountWords.value;
  const asks = useSignal(false);
  const out = async (path: string): Promise<void> => {
    await ask('DELETE', path);
    window.location.reload();
  };
  const quick = async (): Promise<void> => {
    try {
      await out('/session');
    } catch (error) {
      toast(sentenceOf(error), true);
    }
  };
  if (asks.value) {
    return (
      <Form label={t.signOutAll} danger onSend={() => out('/session/all')} onCancel={() => (asks.value = false)}>
        <p>{t.signOutAllAsk}</p>
      </Form>
    );
  }
  return (
    <div class="actions">
      <Button onClick={() => void quick()}>{t.signOut}</Button>
      <Button quiet onClick={() => (asks.value = true)}>{t.signOutAll}</Button>
    </div>
  );
}

function Settings({ own, onDone }: { own: Own; onDone: () => Promise<void> }) {
  const t = accountWords.value;
  const name = useSignal(own.displayName);
  const speech = useSignal(own.language);
  const theme = useSignal(own.theme);
  const save = async (): Promise<void> => {
    const chosen = { language: speech.value, theme: theme.value };
    await ask('PATCH', '/account', { display_name: name.value.trim(), ...chosen });
    prefer(chosen);
    await onDone();
    toast(accountWords.peek().saved);
  };
  const same = name.value.trim() === own.displayName && speech.value === own.language && theme.value === own.theme;
  return (
    <section>
      <h3>{t.settings}</h3>
      <Form label={t.save} onSend={save} disabled={same}>
        <Field label={t.displayName} value={name.value} onInput={(v) => (name.value = v)} autocomplete="name" max={64} />
        <Select label={t.language} value={speech.value} onChange={(v) => (speech.value = v)}
          options={[{ value: '', label: t.asBrowser }, ...LANGUAGES.map((l) => ({ value: l.id as string, label: l.name }))]} />
        <Select label={t.theme} value={theme.value} onChange={(v) => (theme.value = v)}
          options={[{ value: '', label: t.asBrowser }, { value: 'day', label: t.day }, { value: 'night', label: t.night }]} />
      </Form>
    </section>
  );
}

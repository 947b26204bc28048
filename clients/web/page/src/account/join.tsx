// The first sign-in, and a new password, by a one-time link.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/button';
import { Field, Form, NewPassword, passwordProblem } from './parts';
import { fieldsOf, knock, prefer, sentenceOf, textOf } from './people_api';
import { accountWords } from './words';

interface Invited {
  account: string;
  displayName: string;
  name: string;
  first: boolean;
  totp: boolean;
}

export function Join({ token, onDone }: { token: string; onDone: () => void }) {
  const t = accountWords.value;
  const invited = useSignal<Invited | null>(null);
  const problem = useSignal('');
  const password = useSignal('');
  const repeated = useSignal('');
  const totp = useSignal('');
  const look = async (): Promise<void> => {
    problem.value = '';
    try {
      const fields = fieldsOf(await knock('/session/link', { link: token }));
      invited.value = { account: textOf(fields.account), displayName: textOf(fields.display_name),
        name: textOf(fields.name), first: fields.first === true, totp: fields.totp === true };
    } catch (error) {
      problem.value = sentenceOf(error);
    }
  };
  useEffect(() => void look(), [token]);
  const who = invited.value;
  if (!who) {
    return (
      <section class="people-door">
        {problem.value === '' ? <p class="quiet" role="status">{t.looking}</p> : (
          <>
            <p class="failed" role="alert">{problem.value}</p>
            <div class="actions">
              <Button primary onClick={onDone}>{t.toSignIn}</Button>
              <Button onClick={() => void look()}>{t.tryAgain}</Button>
            </div>
          </>
        )}
      </section>
    );
  }
  const send = async (): Promise<void> => {
    prefer(await knock('/session/join',
      { link: token, password: password.value, ...(who.totp ? { totp: totp.value } : {}) }));
    password.value = '';
    repeated.value = '';
    onDone();
  };
  const ready = password.value !== '' && password.value === repeated.value
    && passwordProblem(password.value, repeated.value) === '';
  return (
    <section class="people-door" aria-labelledby="join-title">
      <h1 id="join-title">{who.first ? t.joinTitle(who.displayName) : t.renewTitle(who.displayName)}</h1>
      {who.name !== '' && <p class="quiet">{t.as(who.name)}</p>}
      <p>{t.joinText}</p>
      <Form label={t.join} busyLabel={t.signingIn} onSend={send} disabled={!ready}>
        <input class="unseen" type="text" tabIndex={-1} aria-hidden="true" autocomplete="username" readOnly
          value={who.account} />
        <NewPassword password={password.value} repeated={repeated.value} autofocus
          onPassword={(v) => (password.value = v)} onRepeated={(v) => (repeated.value = v)} />
        {who.totp && (
          <Field label={t.code} value={totp.value} onInput={(v) => (totp.value = v)} autocomplete="one-time-code"
            numeric required max={9} hint={t.codeHint} />
        )}
      </Form>
    </section>
  );
}

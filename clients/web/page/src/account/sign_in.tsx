// The form before the room: name and password, and the code where the account has one.
import { useSignal } from '@preact/signals';
import { ApiError } from '../model/api';
import { Field, Form } from './parts';
import { knock, prefer } from './people_api';
import { accountWords } from './words';

export function SignIn({ onDone }: { onDone: () => void }) {
  const t = accountWords.value;
  const name = useSignal('');
  const password = useSignal('');
  const totp = useSignal('');
  const asksCode = useSignal(false);
  const send = async (): Promise<void> => {
    const body = { name: name.value.trim(), password: password.value };
    try {
      prefer(await knock('/session', asksCode.value ? { ...body, totp: totp.value } : body));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'totp_needed') throw error;
      asksCode.value = true;
      return;
    }
    password.value = '';
    onDone();
  };
  return (
    <section class="people-door" aria-labelledby="sign-in-title">
      <h1 id="sign-in-title">{t.signIn}</h1>
      <Form label={t.signIn} busyLabel={t.signingIn} onSend={send}>
        <Field label={t.name} value={name.value} onInput={(v) => (name.value = v)} autocomplete="username" autofocus
          required max={32} />
        <Field label={t.password} type="password" value={password.value} onInput={(v) => (password.value = v)} required
          autocomplete="current-password" />
        {asksCode.value && (
          <Field label={t.code} value={totp.value} onInput={(v) => (totp.value = v)} autocomplete="one-time-code"
            numeric autofocus required max={9} hint={t.codeHint} />
        )}
      </Form>
      <p class="hint">{t.noAccount}</p>
    </section>
  );
}

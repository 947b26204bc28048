// One's own password and codes.
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button';
import { Copyable } from '../ui/copy';
import { toast } from '../ui/toast';
import { Check, Field, Form, NewPassword, passwordProblem } from './parts';
import { ask, fieldsOf, numberOf, textOf } from './people_api';
import { accountWords } from './words';

export function ChangePassword({ account, onDone }: { account: string; onDone: () => void }) {
  const t = accountWords.value;
  const open = useSignal(false);
  const current = useSignal('');
  const password = useSignal('');
  const repeated = useSignal('');
  const keepTokens = useSignal(false);
  const close = (): void => {
    open.value = false;
    current.value = '';
    password.value = '';
    repeated.value = '';
    keepTokens.value = false;
  };
  const send = async (): Promise<void> => {
    const ended = fieldsOf(await ask('PUT', '/account/password',
      { current: current.value, password: password.value, keep_tokens: keepTokens.value }));
    close();
    toast(t.passwordChanged(numberOf(ended.browsers), numberOf(ended.tokens)));
    onDone();
  };
  const ready = current.value !== '' && password.value !== '' && password.value === repeated.value
    && passwordProblem(password.value, repeated.value) === '';
  if (!open.value) {
    return <section><Button onClick={() => (open.value = true)}>{t.changePassword}</Button></section>;
  }
  return (
    <section>
      <h3>{t.changePassword}</h3>
      <Form label={t.changePassword} onSend={send} onCancel={close} disabled={!ready}>
        <input class="unseen" type="text" tabIndex={-1} aria-hidden="true" autocomplete="username" readOnly
          value={account} />
        <Field label={t.currentPassword} type="password" value={current.value} onInput={(v) => (current.value = v)}
          autocomplete="current-password" autofocus required />
        <NewPassword password={password.value} repeated={repeated.value} onPassword={(v) => (password.value = v)}
          onRepeated={(v) => (repeated.value = v)} />
        <p class="quiet">{t.passwordEnds}</p>
        <Check label={t.keepTokens} checked={keepTokens.value} onChange={(on) => (keepTokens.value = on)} />
      </Form>
    </section>
  );
}

interface Offer {
  secret: string;
  side: number;
  path: string;
}

/** The path comes from our server and holds numbers alone; it is set as an attribute, never as markup. */
function Qr({ offer, label }: { offer: Offer; label: string }) {
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${offer.side} ${offer.side}`}
      shape-rendering="crispEdges">
      <rect width={offer.side} height={offer.side} fill="#fff" />
      <path d={offer.path} fill="#000" />
    </svg>
  );
}

type Step = 'idle' | 'password' | 'confirm';

export function Codes({ on, onDone }: { on: boolean; onDone: () => Promise<void> }) {
  const t = accountWords.value;
  const step = useSignal<Step>('idle');
  const password = useSignal('');
  const code = useSignal('');
  const offer = useSignal<Offer | null>(null);
  const close = (): void => {
    step.value = 'idle';
    password.value = '';
    code.value = '';
    offer.value = null;
  };
  const begin = async (): Promise<void> => {
    if (on) {
      await ask('POST', '/account/totp/off', { password: password.value });
      close();
      toast(t.totpEnded);
      return onDone();
    }
    const fields = fieldsOf(await ask('POST', '/account/totp', { password: password.value }));
    const qr = fieldsOf(fields.qr);
    offer.value = { secret: textOf(fields.secret), side: numberOf(qr.side), path: textOf(qr.path) };
    password.value = '';
    step.value = 'confirm';
  };
  const confirm = async (): Promise<void> => {
    await ask('PUT', '/account/totp', { code: code.value });
    close();
    toast(t.totpDone);
    await onDone();
  };
  return (
    <section>
      <h3>{t.totp}</h3>
      <p class="quiet">{on ? t.totpOn : t.totpOff}</p>
      {step.value === 'idle' && (
        <Button onClick={() => (step.value = 'password')}>{on ? t.totpEnd : t.totpBegin}</Button>
      )}
      {step.value === 'password' && (
        <Form label={on ? t.totpEnd : t.continue} danger={on} onSend={begin} onCancel={close}>
          <Field label={t.currentPassword} type="password" value={password.value} required autofocus
            onInput={(v) => (password.value = v)} autocomplete="current-password" />
        </Form>
      )}
      {step.value === 'confirm' && offer.value && (
        <Form label={t.totpConfirm} onSend={confirm} onCancel={close}>
          <p>{t.totpScan}</p>
          <Qr offer={offer.value} label={t.totpQr} />
          <Copyable text={offer.value.secret} label={t.totpSecret} code />
          <Field label={t.code} value={code.value} onInput={(v) => (code.value = v)} autocomplete="one-time-code" numeric
            required autofocus max={9} hint={t.codeHint} />
        </Form>
      )}
    </section>
  );
}

// What the forms about people share: a field, a check box, a form that shows what went wrong and can't be sent twice.
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Button } from '../ui/button';
import { sentenceOf } from './people_api';
import { accountWords } from './words';

interface FieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'password' | 'number';
  hint?: string;
  wrong?: string;
  autocomplete?: JSX.InputHTMLAttributes<HTMLInputElement>['autocomplete'];
  numeric?: boolean;
  autofocus?: boolean;
  required?: boolean;
  max?: number; // of characters
}

export function Field(props: FieldProps) {
  const id = useId();
  const told = props.wrong || props.hint;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <input id={id} type={props.type ?? 'text'} value={props.value} required={props.required}
        maxLength={props.max ?? 128} autocomplete={props.autocomplete ?? 'off'} autofocus={props.autofocus}
        autocapitalize="none" spellcheck={false} inputMode={props.numeric ? 'numeric' : undefined}
        aria-invalid={props.wrong ? true : undefined} aria-describedby={told ? `${id}-told` : undefined}
        onInput={(e) => props.onInput(e.currentTarget.value)} />
      {told && <small id={`${id}-told`} class={props.wrong ? 'failed' : 'hint'}>{told}</small>}
    </div>
  );
}

export function Check(props: { label: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={props.checked} onChange={(e) => props.onChange(e.currentTarget.checked)} />
      <span>{props.label}</span>
    </label>
  );
}

interface FormProps {
  label: string; // of its button
  busyLabel?: string;
  danger?: boolean;
  disabled?: boolean;
  onSend: () => Promise<void>; // what it throws is shown
  onCancel?: () => void;
  children?: ComponentChildren;
}

export function Form(props: FormProps) {
  const busy = useSignal(false);
  const problem = useSignal('');
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value || props.disabled) return;
    busy.value = true;
    problem.value = '';
    try {
      await props.onSend();
    } catch (error) {
      problem.value = sentenceOf(error);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="people-form" onSubmit={(e) => void send(e)}>
      {props.children}
      <p class="failed" role="alert">{problem.value}</p>
      <div class="actions">
        <Button type="submit" primary={!props.danger} danger={props.danger} disabled={busy.value || props.disabled}
          onClick={() => undefined}>
          {busy.value ? props.busyLabel ?? props.label : props.label}
        </Button>
        {props.onCancel && <Button quiet onClick={props.onCancel}>{accountWords.value.cancel}</Button>}
      </div>
    </form>
  );
}

/** The two fields of a new password, and what is wrong with them; empty: nothing. */
export function passwordProblem(password: string, repeated: string): string {
  const t = accountWords.value;
  if (password !== '' && [...password].length < 10) return t.tooShort;
  return repeated !== '' && password !== repeated ? t.differ : '';
}

interface NewPasswordProps {
  password: string;
  repeated: string;
  onPassword: (value: string) => void;
  onRepeated: (value: string) => void;
  autofocus?: boolean;
}

export function NewPassword(props: NewPasswordProps) {
  const t = accountWords.value;
  const problem = passwordProblem(props.password, props.repeated);
  return (
    <>
      <Field label={t.newPassword} type="password" value={props.password} onInput={props.onPassword} required
        autocomplete="new-password" autofocus={props.autofocus} hint={t.passwordRule}
        wrong={problem === t.tooShort ? problem : ''} />
      <Field label={t.repeat} type="password" value={props.repeated} onInput={props.onRepeated} required
        autocomplete="new-password" wrong={problem === t.differ ? problem : ''} />
    </>
  );
}

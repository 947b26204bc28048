// Fields with their labels: choice, line and area of text.
import type { ComponentChildren, JSX, Ref } from 'preact';
import { useId } from 'preact/hooks';
import { Icon } from './icon';

export interface Option<T extends string> {
  value: T;
  label: string;
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  hideLabel?: boolean; // for eyes alone
  disabled?: boolean;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label for={id} class={props.hideLabel ? 'unseen' : undefined}>
        {props.label}
      </label>
      <div class="select">
        <select
          id={id}
          value={props.value}
          disabled={props.disabled}
          onChange={(e) => props.onChange(e.currentTarget.value as T)}
        >
          {props.options.map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </select>
        <Icon name="chevron" size={1} />
      </div>
    </div>
  );
}

interface SearchProps {
  label: string;
  hint?: string;
  value: string;
  onInput: (value: string) => void;
  onKeyDown?: (event: JSX.TargetedKeyboardEvent<HTMLInputElement>) => void;
  inputRef?: Ref<HTMLInputElement>;
  controls?: string;
}

export function Search(props: SearchProps) {
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={props.label}
        placeholder={props.hint ?? props.label}
        value={props.value}
        ref={props.inputRef}
        aria-controls={props.controls}
        autocomplete="off"
        spellcheck={false}
        onInput={(e) => props.onInput(e.currentTarget.value)}
        onKeyDown={props.onKeyDown}
      />
    </div>
  );
}

/** A label over anything that has the id it is given. */
export function Labelled(props: { label: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
    </div>
  );
}

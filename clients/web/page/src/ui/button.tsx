// Buttons. One with an icon alone has its name as aria-label and as tooltip.
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from './icon';
import type { IconName } from './icons';

interface ButtonProps {
  onClick: (event: JSX.TargetedMouseEvent<HTMLButtonElement>) => void;
  icon?: IconName;
  primary?: boolean;
  danger?: boolean;
  quiet?: boolean; // no border until it is pointed at
  disabled?: boolean;
  type?: 'button' | 'submit';
  title?: string;
  class?: string;
  children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const look = [props.primary && 'primary', props.danger && 'danger', props.quiet && 'quiet', props.class];
  return (
    <button
      type={props.type ?? 'button'}
      class={['button', ...look].filter(Boolean).join(' ')}
      title={props.title}
      disabled={props.disabled}
      onClick={props.onClick}
    >
      {props.icon && <Icon name={props.icon} />}
      {props.children !== undefined && <span>{props.children}</span>}
    </button>
  );
}

interface IconButtonProps {
  icon?: IconName;
  path?: string; // of an icon that is not one of ours
  label: string;
  onClick: (event: JSX.TargetedMouseEvent<HTMLButtonElement>) => void;
  pressed?: boolean;
  expanded?: boolean;
  controls?: string;
  shortcut?: string;
  class?: string;
  children?: ComponentChildren; // a mark on the button
}

export function IconButton(props: IconButtonProps) {
  const tip = props.shortcut ? `${props.label} (${props.shortcut.toUpperCase()})` : props.label;
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ''}`}
      aria-label={props.label}
      title={tip}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-controls={props.controls}
      aria-keyshortcuts={props.shortcut}
      onClick={props.onClick}
    >
      <Icon name={props.icon} path={props.path} />
      {props.children}
    </button>
  );
}

/** A button that stays down. */
export function Toggle(props: { on: boolean; onChange: (on: boolean) => void; icon?: IconName; label: string }) {
  return (
    <button type="button" class="button toggle" aria-pressed={props.on} onClick={() => props.onChange(!props.on)}>
      {props.icon && <Icon name={props.icon} />}
      <span>{props.label}</span>
    </button>
  );
}

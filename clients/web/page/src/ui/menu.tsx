// A button that opens a menu of choices, one of which may be the present one. Arrows move, Enter takes, Escape closes.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from './icon';
import type { IconName } from './icons';

export interface MenuItem<T extends string> {
  id: T;
  label: string;
  icon?: IconName;
}

interface MenuProps<T extends string> {
  label: string;
  icon: IconName;
  text?: string; // beside the icon
  items: readonly MenuItem<T>[];
  chosen: T;
  onChoose: (id: T) => void;
}

export function Menu<T extends string>(props: MenuProps<T>) {
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const entries = (): HTMLElement[] => [
    ...(whole.current?.querySelectorAll<HTMLElement>('[role=menuitemradio]') ?? []),
  ];
  useEffect(() => {
    if (!open) return;
    (entries().find((e) => e.getAttribute('aria-checked') === 'true') ?? entries()[0])?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !whole.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return;
    const all = entries();
    const at = all.findIndex((e) => e === document.activeElement);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      all[(at + step + all.length) % all.length]?.focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else if (event.key === 'Tab') {
      setOpen(false);
    }
  };
  const choose = (to: T): void => {
    props.onChoose(to);
    close();
  };
  return (
    <div class="menu" ref={whole} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="icon-button"
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={props.text ? `${props.label}: ${props.text}` : props.label}
        title={props.label}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name={props.icon} />
        {props.text && <span>{props.text}</span>}
      </button>
      {open && (
        <div class="menu-list" id={id} role="menu" aria-label={props.label}>
          {props.items.map((item) => (
            <button
              type="button"
              key={item.id}
              role="menuitemradio"
              tabIndex={-1}
              aria-checked={item.id === props.chosen}
              onClick={() => choose(item.id)}
            >
              {item.icon && <Icon name={item.icon} />}
              <span>{item.label}</span>
              {item.id === props.chosen && <Icon name="check" />}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

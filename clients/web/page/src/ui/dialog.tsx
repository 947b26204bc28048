// A dialog over the page: the focus goes in, stays in, and comes back to where it was. Escape closes it.
import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { roomWords } from '../text/room';
import { IconButton } from './button';
import { focusables, keepTabIn, useBorrowedFocus } from './focus';

interface DialogProps {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, wide, children }: DialogProps) {
  const box = useRef<HTMLDivElement>(null);
  const titleId = useId();
  useBorrowedFocus(box, true, (inside) => inside.querySelector<HTMLElement>('[autofocus]') ?? focusables(inside)[1] ??
    inside);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    } else if (box.current) {
      keepTabIn(box.current, event);
    }
  };
  return (
    <div class="dialog-ground" onMouseDown={(e) => e.target === e.currentTarget && onClose()}>
      <div
        class={`dialog ${wide ? 'wide' : ''}`}
        role="dialog"
        aria-modal="true"
        aria-labelledby={titleId}
        tabIndex={-1}
        ref={box}
        onKeyDown={onKeyDown}
      >
        <header>
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label={roomWords.value.close} onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
      </div>
    </div>
  );
}

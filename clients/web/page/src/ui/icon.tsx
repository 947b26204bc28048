// An icon beside or instead of a text. It says nothing to a screen reader: who uses it gives the name.
import { icons, type IconName } from './icons';

export function Icon({ name, path, size = 1.25 }: { name?: IconName; path?: string; size?: number }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      style={{ width: `${size}em`, height: `${size}em` }}
    >
      <path d={path ?? (name ? icons[name] : '')} />
    </svg>
  );
}

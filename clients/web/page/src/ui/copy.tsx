// A text with a button that copies it: coordinates, names, commands.
import { useSignal } from '@preact/signals';
import { reason } from '../model/reason';
import { asSentence, inWords } from '../text/reasons';
import { roomWords } from '../text/room';
import { toast } from './toast';
import { Icon } from './icon';

export function Copyable({ text, label, code }: { text: string; label: string; code?: boolean }) {
  const done = useSignal(false);
  const t = roomWords.value.empty;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text.replace(/\u00a0/g, ' '));
      done.value = true;
      window.setTimeout(() => (done.value = false), 1500);
    } catch {
      toast(asSentence(inWords(reason('no_copy'))), true); // no permission, or no secure connection
    }
  };
  return (
    <span class="copyable">
      {code ? <code>{text}</code> : <span>{text}</span>}
      <button
        type="button"
        class="copy"
        aria-label={`${t.copy}: ${label}`}
        title={done.value ? t.copied : t.copy}
        onClick={() => void copy()}
      >
        <Icon name={done.value ? 'check' : 'copy'} size={1} />
      </button>
    </span>
  );
}

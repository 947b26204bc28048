// Something that failed, by a code. Its message is in the page's language whenever it is read.
import { inWords } from '../text/reasons';
import type { Reason } from './reason';

export class Failure extends Error implements Reason {
  constructor(
    readonly code: string,
    readonly detail = '',
  ) {
    super();
    this.name = 'Failure';
  }

  override get message(): string {
    return inWords(this);
  }
}

/** Of whatever was thrown. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof Failure) return { code: error.code, detail: error.detail };
  return { code: 'page', detail: error instanceof Error ? error.message : String(error) };
}

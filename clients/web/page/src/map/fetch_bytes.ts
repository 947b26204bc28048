// What lies at an address, over a link that may be slow, or be cut without a word.
const SILENT_MS = 30_000;

/** Rejects when `signal` is aborted, when the answer is none, or when nothing comes for half a minute. */
export async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array> {
  const silence = new AbortController();
  const end = (): void => silence.abort(signal.aborted ? signal.reason : new Error(`${url}: nothing comes`));
  let timer = setTimeout(end, SILENT_MS);
  signal.addEventListener('abort', end);
  try {
    const answer = await fetch(url, { signal: silence.signal });
    if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
      parts.push(value);
      clearTimeout(timer);
      timer = setTimeout(end, SILENT_MS);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

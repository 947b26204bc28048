// What this browser remembers of alarms: which were seen (for all its tabs), and which rang in this tab, so that a
// resume, a snapshot or a reload rings none twice. Where storage is switched off, it lasts as long as the page.

const NAMES_MAX = 500;

export class Names {
  private readonly names: Set<string>;

  constructor(private readonly storage: () => Storage, private readonly key: string) {
    this.names = new Set(this.read());
  }

  has(name: string): boolean {
    return this.names.has(name);
  }

  add(name: string): void {
    if (this.names.has(name)) return;
    this.names.add(name);
    while (this.names.size > NAMES_MAX) {
      const oldest = this.names.values().next().value;
      if (oldest === undefined) break;
      this.names.delete(oldest);
    }
    this.write();
  }

  /** Takes in what another tab has written. */
  renew(): void {
    for (const name of this.read()) this.names.add(name);
  }

  private read(): string[] {
    try {
      const kept: unknown = JSON.parse(this.storage().getItem(this.key) ?? '[]');
      return Array.isArray(kept)
        ? kept.filter((name): name is string => typeof name === 'string').slice(-NAMES_MAX) : [];
    } catch {
      return []; // no storage, or somebody else's text in it
    }
  }

  private write(): void {
    try {
      this.storage().setItem(this.key, JSON.stringify([...this.names]));
    } catch {
      // no storage, or it is full: the names are known until the page is closed
    }
  }
}

/** A number of this tab that lives through a reload. */
export function remembered(key: string, fresh: number): number {
  try {
    const kept = Number(sessionStorage.getItem(key));
    if (Number.isFinite(kept) && kept > 0) return kept;
    sessionStorage.setItem(key, String(fresh));
  } catch {
    // as in Names
  }
  return fresh;
}

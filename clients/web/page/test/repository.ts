// Where the sources of the other programs lie, which some texts and numbers of the page are held against.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository, from wherever the bundle runs. */
export function root(): string {
  let at = process.cwd();
  while (!existsSync(join(at, 'clients', 'web', 'server'))) {
    assert.notEqual(at, dirname(at), 'run from within the repository');
    at = dirname(at);
  }
  return at;
}

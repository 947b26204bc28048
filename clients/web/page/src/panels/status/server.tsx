// The server's status as it tells it: each number and word under its name, in groups. What a later server adds is
// shown under its own key.
import { reason, type Reason } from '../../model/reason';
import { age, bytes, dateTime, delay, number } from '../../text/format';
import { named } from '../../text/events';
import { inWords } from '../../text/reasons';
import { statusWords } from '../../text/status';
import { isObject, timeOf } from '../api';

type Plain = string | number | boolean;
export interface Fact {
  key: string;
  value: Plain | Reason;
}
export interface FactGroup {
  key: string;
  facts: Fact[];
}

const GROUPS_MAX = 12;
const FACTS_MAX = 60;

/** The code and the sentence of an object that tells why are one fact. */
function factOf({ code, reason: said }: Record<string, unknown>, key: string, value: Plain): Fact | null {
  if (typeof code !== 'string' || code === '' || (key !== 'code' && key !== 'reason')) return { key, value };
  return key === 'code' ? { key: 'reason', value: reason(code, typeof said === 'string' ? said : '') } : null;
}

/** The plain values of each object in it, by object. Bounded, whatever comes. */
export function flatten(status: unknown): FactGroup[] {
  const groups: FactGroup[] = [];
  const visit = (key: string, value: unknown, depth: number): void => {
    if (!isObject(value) || depth > 3 || groups.length >= GROUPS_MAX) return;
    const group: FactGroup = { key, facts: [] };
    groups.push(group);
    for (const [name, inner] of Object.entries(value)) {
      const plain = typeof inner === 'string' || typeof inner === 'number' || typeof inner === 'boolean';
      if (!plain || inner === '' || group.facts.length >= FACTS_MAX) {
        visit(name, inner, depth + 1);
        continue;
      }
      const fact = factOf(value, name, inner);
      if (fact) group.facts.push(fact);
    }
  };
  visit('', status, 0);
  return groups.filter((g) => g.facts.length > 0);
}

const TIME = /^\d{4}-\d\d-\d\dT/;

/** By the unit that its key ends with; a moment in words. */
function valueText({ key, value }: Fact): string {
  const t = statusWords.value;
  if (typeof value === 'object') return inWords(value);
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'string') {
    const time = TIME.test(value) ? timeOf(value) : undefined;
    if (time !== undefined) return dateTime(time, 'utc');
    return key === 'link' ? named(t.links, value) : value;
  }
  if (/_after_ms$/.test(key)) return age(value);
  if (/_ms$/.test(key)) return value < 0 ? t.never : delay(value);
  if (/_s$/.test(key)) return delay(value * 1000);
  if (/bytes/.test(key)) return bytes(value);
  return number(value, Number.isInteger(value) ? 0 : 2);
}

/** "behind" means another thing of a browser than of the hub: a name by group goes first. */
function nameOf(group: string, key: string): string {
  const names = statusWords.value.names;
  const own = `${group}.${key}`;
  return own in names ? named(names, own) : named(names, key);
}

export function Facts({ facts }: { facts: FactGroup[] }) {
  return (
    <>
      {facts.map((group) => (
        <div key={group.key}>
          {group.key !== '' && <h4>{named(statusWords.value.names, group.key)}</h4>}
          <dl class="facts numbers">
            {group.facts.map((fact) => (
              <div key={fact.key}>
                <dt>{nameOf(group.key, fact.key)}</dt>
                <dd>{valueText(fact)}</dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </>
  );
}

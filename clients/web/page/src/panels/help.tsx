// Keys, marks and words.
import type { Room } from '../model/types';
import { eventWords } from '../text/events';
import { statusWords } from '../text/status';
import { unitWords } from '../text/units';
import { shortcuts } from '../ui/keys';
import { FreshnessMark, SeverityMark } from '../ui/marks';

function Keys({ title, rows }: { title: string; rows: readonly (readonly string[])[] }) {
  return (
    <section class="card-part">
      <header>
        <h3>{title}</h3>
      </header>
      <dl class="keys">
        {rows.map(([key, says]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function HelpPanel(_: { room: Room }) {
  const t = statusWords.value;
  const own = shortcuts.value.filter((s) => s.says() !== '').map((s) => [s.key.toUpperCase(), s.says()]);
  return (
    <div class="card help" tabIndex={0}>
      <Keys title={t.helpKeys} rows={own} />
      <Keys title={t.helpTimeline} rows={t.keysTimeline} />
      <Keys title={t.helpKeysMore} rows={t.keysLists} />
      <section class="card-part">
        <header>
          <h3>{t.helpMarks}</h3>
        </header>
        <ul class="marks">
          {(['fresh', 'overdue', 'silent'] as const).map((state) => (
            <li key={state} class={`state-${state}`}>
              <FreshnessMark state={state} />
              <span>
                <strong>{unitWords.value.freshness[state]}</strong> {t.freshnessHelp[state]}
              </span>
            </li>
          ))}
          <li class="severities">
            <span>{t.severityHelp}</span>
            {([0, 1, 2, 3] as const).map((s) => (
              <span key={s} class={`severity-word severity-${s}`}>
                <SeverityMark severity={s} /> {eventWords.value.severity[s]}
              </span>
            ))}
          </li>
          <li>{t.ownerHelp}</li>
        </ul>
      </section>
      <section class="card-part">
        <header>
          <h3>{t.helpWords}</h3>
        </header>
        <p>{t.wordTrue}</p>
        <p>{t.wordKnown}</p>
        <p>{t.wordConflated}</p>
        <p>{t.wall}</p>
      </section>
    </div>
  );
}

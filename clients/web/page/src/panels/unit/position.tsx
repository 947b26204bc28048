// Where the unit is, and how well that is known.
import type { ComponentChildren } from 'preact';
import type { Position, Unit } from '../../model/types';
import { accuracy, course, dateTime, delay, distance, latLon, number, percent } from '../../text/format';
import { named } from '../../text/events';
import { unitWords } from '../../text/units';
import { Copyable } from '../../ui/copy';
import { Icon } from '../../ui/icon';
import { mgrsOf } from '../../ui/mgrs';
import type { UnitDetail } from '../api';

const CLOCK_RIGHT_S = 1;

function Row({ name, children, wide }: { name: string; children: ComponentChildren; wide?: boolean }) {
  return (
    <div class={wide ? 'wide' : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How the device's clock stands to the hub's, in words. */
export function clockWords(position: Position, detail: UnitDetail | null): string {
  const t = unitWords.value;
  if (detail?.clock === 'satellite' || (!detail && position.satelliteTime)) return t.clockSatellite;
  const offset = detail?.clockOffsetS;
  if (offset === undefined) return t.clockUnknown;
  if (Math.abs(offset) < CLOCK_RIGHT_S) return t.clockRight;
  // The hub adds the offset: a clock that is fast has a negative one.
  return offset < 0 ? t.clockFast(delay(-offset * 1000)) : t.clockSlow(delay(offset * 1000));
}

function sourceWords(detail: UnitDetail): string {
  const t = unitWords.value;
  const satellites = detail.satellites === undefined ? '' : t.satellites(detail.satellites);
  const parts = [
    named(t.sourceNames, detail.source),
    detail.fixType === '' ? '' : named(t.fixTypes, detail.fixType),
    satellites,
  ];
  return parts.filter((p) => p !== '').join(', ');
}

/** `beat`: the position stays the same object and changes. */
function Motion({ position }: { position: Position; beat: number }) {
  const t = unitWords.value;
  return (
    <div class="figures">
      <div>
        <span class="figure">{position.speedMS === undefined ? '–' : number(position.speedMS * 3.6)}</span>
        <span class="unit-of">km/h</span>
        <span class="name">{t.speed}</span>
      </div>
      <div>
        <span class="figure">
          {position.courseDeg !== undefined && (
            <span class="needle" aria-hidden="true" style={{ transform: `rotate(${position.courseDeg}deg)` }}>
              <svg viewBox="0 0 16 16" class="icon">
                <path d="M8 2v12M4 6l4-4 4 4" />
              </svg>
            </span>
          )}
          {position.courseDeg === undefined ? '–' : course(position.courseDeg)}
        </span>
        <span class="name">{t.course}</span>
      </div>
      <div>
        <span class="figure">{position.altitudeM === undefined ? '–' : number(position.altitudeM)}</span>
        <span class="unit-of">m</span>
        <span class="name">{t.height}</span>
      </div>
    </div>
  );
}

export function PositionPart({ unit, detail, beat }: { unit: Unit; detail: UnitDetail | null; beat: number }) {
  const t = unitWords.value;
  const position = unit.position;
  if (!position) return null;
  const grid = mgrsOf(position);
  return (
    <section class="card-part">
      <Motion position={position} beat={beat} />
      <dl class="facts">
        {grid !== '' && (
          <Row name={t.mgrs} wide>
            <Copyable text={grid} label={t.mgrs} />
          </Row>
        )}
        <Row name={t.position} wide>
          <Copyable text={latLon(position)} label={t.position} />
        </Row>
        <Row name={t.accuracy}>
          {position.accuracyM === undefined ? t.unknown : accuracy(position.accuracyM)}
          {detail?.verticalAccuracyM !== undefined &&
            `, ${t.height.toLowerCase()} ±${distance(detail.verticalAccuracyM)}`}
        </Row>
        {position.batteryPercent !== undefined && <Row name={t.battery}>{percent(position.batteryPercent)}</Row>}
        <Row name={t.since}>{dateTime(position.timeUs, 'utc')}</Row>
        <Row name={t.delay}>{delay(position.delayMs)}</Row>
        {detail && detail.source !== '' && <Row name={t.source}>{sourceWords(detail)}</Row>}
        <Row name={t.clock}>{clockWords(position, detail)}</Row>
        {detail?.fixes !== undefined && <Row name={t.fixes}>{number(detail.fixes)}</Row>}
      </dl>
      {position.implausible && (
        <p class="warned">
          <Icon name="alert" />
          {t.implausible}
        </p>
      )}
    </section>
  );
}

// Speed and height of a unit over the chosen span.
import { useEffect, useRef, useState } from 'preact/hooks';
import { distance, number, speed, timeOfDay } from '../../text/format';
import { language } from '../../text/language';
import { unitWords } from '../../text/units';
import { loadPlot, type Plot, type PlotData, type PlotOptions } from '../../ui/plot';
import { theme, themeColour } from '../../ui/theme';
import type { TrackFix } from '../api';

const HEIGHT_REM = 9;

/** Columns for uPlot: seconds, km/h, metres; a gap of more than ten minutes is left open. */
export function columns(fixes: readonly TrackFix[]): [number[], (number | null)[], (number | null)[]] {
  const times: number[] = [];
  const speeds: (number | null)[] = [];
  const heights: (number | null)[] = [];
  const add = (time: number, v: number | null, h: number | null): void => {
    times.push(time);
    speeds.push(v);
    heights.push(h);
  };
  let last = -Infinity;
  for (const fix of fixes) {
    const time = fix.timeUs / 1e6;
    if (time <= last) continue; // two trackers at one moment: the first counts
    if (time - last > 600 && times.length > 0) add(last + 1, null, null);
    add(time, fix.speedMS === undefined ? null : fix.speedMS * 3.6, fix.altitudeM ?? null);
    last = time;
  }
  return [times, speeds, heights];
}

function options(width: number, height: number, spans: { fromS: number; toS: number }, heights: boolean): PlotOptions {
  const text = themeColour('--dim');
  const grid = { stroke: themeColour('--line'), width: 1 };
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const long = spans.toS - spans.fromS > 20 * 3600;
  const hour = (s: number): string => timeOfDay(s * 1e6, 'utc').slice(0, 5);
  const axis = { stroke: text, grid, ticks: { show: false }, font };
  const t = unitWords.value;
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 5 } },
    padding: [8, heights ? 0 : 8, 0, 0],
    scales: {
      x: { time: true, range: () => [spans.fromS, spans.toS] },
      v: { range: (_, __, max) => [0, Math.max(10, (max ?? 0) * 1.1)] },
      h: { range: (_, min, max) => [(min ?? 0) - 10, (max ?? 0) + 10] },
    },
    axes: [
      { ...axis, space: long ? 56 : 48, values: (_, ticks) => ticks.map(hour) },
      { ...axis, scale: 'v', size: 34, values: (_, ticks) => ticks.map((v) => number(v)) },
      {
        ...axis,
        scale: 'h',
        side: 1,
        size: 40,
        show: heights,
        grid: { show: false },
        values: (_, ticks) => ticks.map((v) => number(v)),
      },
    ],
    series: [
      {},
      { label: t.plotSpeed, scale: 'v', stroke: themeColour('--plot-1'), width: 1.5, points: { show: false } },
      {
        label: t.plotHeight,
        scale: 'h',
        stroke: themeColour('--plot-2'),
        width: 1.25,
        dash: [5, 3],
        show: heights,
        points: { show: false },
      },
    ],
  };
}

/** What the curve says, in a sentence: for those who can't see it, and at a glance. */
export function summary(fixes: readonly TrackFix[]): string {
  const t = unitWords.value;
  const speeds = fixes.flatMap((f) => (f.speedMS === undefined ? [] : [f.speedMS]));
  const heights = fixes.flatMap((f) => (f.altitudeM === undefined ? [] : [f.altitudeM]));
  const most = (all: number[]): number => all.reduce((a, b) => Math.max(a, b), -Infinity);
  const least = (all: number[]): number => all.reduce((a, b) => Math.min(a, b), Infinity);
  const fastest = speeds.length > 0 ? speed(most(speeds)) : '–';
  return heights.length > 0
    ? t.plotSummary(fastest, distance(least(heights)), distance(most(heights)))
    : t.plotSpeedOnly(fastest);
}

/** The values under the pointer, in words. */
function readOut(plot: Plot, data: PlotData): string {
  const at = plot.cursor.idx;
  if (at === null || at === undefined) return '';
  const time = data[0][at];
  const v = data[1]?.[at];
  const h = data[2]?.[at];
  if (time === undefined) return '';
  return [
    timeOfDay(time * 1e6, 'utc'),
    typeof v === 'number' ? speed(v / 3.6) : '',
    typeof h === 'number' ? distance(h) : '',
  ]
    .filter((s) => s !== '')
    .join('  ');
}

interface CurveProps {
  fixes: readonly TrackFix[];
  fromUs: number;
  toUs: number;
  label: string;
  onPick: (timeUs: number) => void;
}

export function Curve({ fixes, fromUs, toUs, label, onPick }: CurveProps) {
  const place = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState('');
  const pick = useRef(onPick);
  pick.current = onPick;
  const look = `${theme.value} ${language.value}`;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let plot: Plot | null = null;
    let over = false;
    const data = columns(fixes);
    const high = (): number => HEIGHT_REM * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
    const watch = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: high() }));
    void loadPlot().then((Made) => {
      if (over) return;
      const heights = data[2].some((h) => h !== null);
      const made = options(element.clientWidth, high(), { fromS: fromUs / 1e6, toS: toUs / 1e6 }, heights);
      plot = new Made({ ...made, hooks: { setCursor: [(p) => setPointed(readOut(p, data))] } }, data, element);
      watch.observe(element);
    });
    const onClick = (): void => {
      const at = plot?.cursor.idx;
      const time = at === null || at === undefined ? undefined : data[0][at];
      if (time !== undefined) pick.current(time * 1e6);
    };
    element.addEventListener('dblclick', onClick);
    return () => {
      over = true;
      watch.disconnect();
      element.removeEventListener('dblclick', onClick);
      plot?.destroy();
    };
  }, [fixes, fromUs, toUs, look]);
  const t = unitWords.value;
  return (
    <figure class="curve">
      <div class="curve-legend" aria-hidden="true">
        <span class="line-1">{t.plotSpeed}</span>
        <span class="line-2">{t.plotHeight}</span>
        <span class="spacer" />
        <span>{pointed}</span>
      </div>
      <div class="curve-place" ref={place} role="img" aria-label={label} style={{ height: `${HEIGHT_REM}rem` }} />
      <figcaption>{summary(fixes)}</figcaption>
    </figure>
  );
}

// Units that wander about, by a generator that always gives the same.
import type { CardIn, EventIn, FixIn } from '../frames';

const AREAS: Record<string, [number, number, number, number]> = {
  patrol: [1.56, 15.84, 1.68, 15.92],
  sahel: [-6, 11, 10, 20],
  world: [-170, -55, 175, 70],
};
const SYMBOLS = [
  'SFGPUCI----D---',
  'SFGPUCR----D---',
  'SFGPUSM----D---',
  'SFGPUH-----F---',
  'SNGPU----------',
  'SFGPEVC--------',
  '',
  'SUGPU----------',
  'SHGPUCA----E---',
  '10031000001211000000',
];

export class Walkers {
  private seed = 42;
  private seq = 1000;
  private readonly lat: number[] = [];
  private readonly lon: number[] = [];
  private readonly course: number[] = [];
  private readonly speed: number[] = [];

  constructor(
    private readonly count: number,
    area: string,
    private readonly stale: boolean,
  ) {
    const [west, south, east, north] = AREAS[area] ?? AREAS.sahel!;
    for (let i = 0; i < count; i++) {
      this.lon.push(west + (east - west) * this.chance());
      this.lat.push(south + (north - south) * this.chance());
      this.course.push(this.chance() * 360);
      this.speed.push(i % 7 === 0 ? 0 : 5 + this.chance() * 15);
    }
  }

  name(i: number): string {
    return `${['alpha', 'bravo', 'city'][i % 3]}/v${i}`;
  }

  names(): { index: number; name: string; group: string }[] {
    return this.lat.map((_, i) => ({ index: i, name: this.name(i), group: 'patrol' }));
  }

  cards(): CardIn[] {
    return this.lat.map((_, i) => ({
      seq: 1 + i,
      unit: this.name(i),
      callSign: `${['ALPHA', 'BRAVO', 'LIGNE'][i % 3]} ${i}`,
      symbol: SYMBOLS[i % SYMBOLS.length],
    }));
  }

  events(): EventIn[] {
    const now = Date.now() * 1000;
    const at = (i: number): { lat: number; lon: number } => ({
      lat: this.lat[i % this.count]! + 0.004,
      lon: this.lon[i % this.count]!,
    });
    return [
      { seq: 1, unit: this.name(0), timeUs: now - 900e6, kind: 'halt', text: 'Well', place: at(0) },
      {
        seq: 2,
        unit: this.name(1),
        timeUs: now - 500e6,
        kind: 'order',
        severity: 1,
        text: 'Wood, water',
        place: at(1),
      },
      {
        seq: 3,
        unit: this.name(2),
        timeUs: now - 300e6,
        kind: 'contact',
        severity: 2,
        text: 'Two pick-ups',
        place: at(2),
      },
      { seq: 4, unit: this.name(3), timeUs: now - 60e6, kind: 'sos', severity: 3, text: 'Casualty', place: at(3) },
    ];
  }

  /** The last ten minutes, a fix of each unit every 20 s; of a few units only, as there are many. */
  *history(): Generator<FixIn[]> {
    const some = Math.min(this.count, 400);
    for (let second = -600; second < 0; second += 20) {
      yield Array.from({ length: some }, (_, i) => this.walk(i, 20, second));
    }
  }

  fixes(from: number, to: number): FixIn[] {
    return Array.from({ length: to - from }, (_, k) => ({
      ...this.walk(from + k, 0, -this.ageOf(from + k)),
      flags: 8,
    }));
  }

  step(from: number, to: number, second: number): FixIn[] {
    const moving = Array.from({ length: to - from }, (_, k) => from + k).filter((i) => this.ageOf(i) === 0);
    return moving.map((i) => this.walk(i, 1, second));
  }

  private ageOf(i: number): number {
    return this.stale ? (i % 5 === 3 ? 180 : i % 5 === 4 ? 4000 : 0) : 0;
  }

  private walk(i: number, seconds: number, atSecond: number): FixIn {
    this.course[i] = (this.course[i]! + (this.chance() - 0.5) * 30 + 360) % 360;
    const way = (this.speed[i]! * seconds) / 111_320;
    const angle = (this.course[i]! * Math.PI) / 180;
    this.lat[i]! += way * Math.cos(angle);
    this.lon[i]! += (way * Math.sin(angle)) / Math.cos((this.lat[i]! * Math.PI) / 180);
    return {
      seq: this.seq++,
      timeUs: (Date.now() + atSecond * 1000) * 1000,
      unit: i,
      lat: this.lat[i]!,
      lon: this.lon[i]!,
      speedMS: this.speed[i],
      courseDeg: this.course[i],
      accuracyM: 5 + (i % 9) * 10,
      delayMs: 40,
    };
  }

  private chance(): number {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) >>> 0;
    return this.seed / 4294967296;
  }
}

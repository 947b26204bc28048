// Where units were in the last while, for drawing: at most POINTS for each, in large blocks that are made when needed.
// A point that lies on the straight way between its neighbours is dropped, so that the few hold a long way.
const POINTS = 64;
const NUMBERS = 3; // timeUs, lon, lat
const UNITS_PER_BLOCK = 512;
const METRES_PER_DEGREE = 111_320;
const OFF_THE_WAY_M = 8;
const LONGEST_STEP_US = 120e6; // a straight stretch keeps a point at least this often, so that it fades evenly

export const TRAIL_NUMBERS_MAX = POINTS * NUMBERS;

export class Trails {
  private readonly blocks: (Float64Array | undefined)[] = [];
  private readonly starts: Uint8Array;
  private readonly counts: Uint8Array;

  /** Of units 0..unitsMax-1, no further back than `spanUs` before their newest point. */
  constructor(private readonly unitsMax: number, private readonly spanUs: number) {
    this.starts = new Uint8Array(unitsMax);
    this.counts = new Uint8Array(unitsMax);
  }

  add(unit: number, timeUs: number, lon: number, lat: number): void {
    if (unit >= this.unitsMax) return;
    const count = this.counts[unit]!;
    if (count > 0 && timeUs <= this.number(unit, count - 1, 0)) return this.insert(unit, timeUs, lon, lat);
    if (count >= 2 && this.onTheWay(unit, count, timeUs, lon, lat)) return this.put(unit, count - 1, timeUs, lon, lat);
    this.push(unit, timeUs, lon, lat);
    const oldest = timeUs - this.spanUs;
    while (this.counts[unit]! > 1 && this.number(unit, 0, 0) < oldest) this.dropOldest(unit);
  }

  clear(unit: number): void {
    if (unit < this.unitsMax) this.counts[unit] = 0;
  }

  clearAll(): void {
    this.counts.fill(0);
  }

  /** Oldest first, [timeUs, lon, lat] each. Returns how many points; `into` holds TRAIL_NUMBERS_MAX numbers. */
  copy(unit: number, into: Float64Array): number {
    const count = unit < this.unitsMax ? this.counts[unit]! : 0;
    for (let i = 0; i < count; i++) {
      const at = this.at(unit, i);
      const block = this.blockOf(unit);
      into[i * NUMBERS] = block[at]!;
      into[i * NUMBERS + 1] = block[at + 1]!;
      into[i * NUMBERS + 2] = block[at + 2]!;
    }
    return count;
  }

  /** Whether the last point may give way to the new one. */
  private onTheWay(unit: number, count: number, timeUs: number, lon: number, lat: number): boolean {
    const beforeUs = this.number(unit, count - 2, 0);
    if (timeUs - beforeUs > LONGEST_STEP_US) return false;
    const lon0 = this.number(unit, count - 2, 1), lat0 = this.number(unit, count - 2, 2);
    const lon1 = this.number(unit, count - 1, 1), lat1 = this.number(unit, count - 1, 2);
    const part = (this.number(unit, count - 1, 0) - beforeUs) / (timeUs - beforeUs);
    const eastM = (lon1 - (lon0 + (lon - lon0) * part)) * METRES_PER_DEGREE * Math.cos(lat1 * Math.PI / 180);
    const northM = (lat1 - (lat0 + (lat - lat0) * part)) * METRES_PER_DEGREE;
    return eastM * eastM + northM * northM < OFF_THE_WAY_M * OFF_THE_WAY_M;
  }

  /** A late one takes its place in order of time; one older than all is left out when there is no room. */
  private insert(unit: number, timeUs: number, lon: number, lat: number): void {
    const count = this.counts[unit]!;
    let place = count;
    while (place > 0 && this.number(unit, place - 1, 0) > timeUs) place--;
    if (place > 0 && this.number(unit, place - 1, 0) === timeUs) return;
    if (this.number(unit, count - 1, 0) - timeUs > this.spanUs) return;
    if (count === POINTS && place === 0) return;
    if (count === POINTS) place--;
    const last = this.counts[unit]! - 1;
    const [t, x, y] = [this.number(unit, last, 0), this.number(unit, last, 1), this.number(unit, last, 2)];
    this.push(unit, t, x, y);
    for (let i = this.counts[unit]! - 2; i > place; i--) {
      this.put(unit, i, this.number(unit, i - 1, 0), this.number(unit, i - 1, 1), this.number(unit, i - 1, 2));
    }
    this.put(unit, place, timeUs, lon, lat);
  }

  private push(unit: number, timeUs: number, lon: number, lat: number): void {
    if (this.counts[unit] === POINTS) this.dropOldest(unit);
    this.counts[unit]!++;
    this.put(unit, this.counts[unit]! - 1, timeUs, lon, lat);
  }

  private dropOldest(unit: number): void {
    this.starts[unit] = (this.starts[unit]! + 1) % POINTS;
    this.counts[unit]!--;
  }

  private put(unit: number, i: number, timeUs: number, lon: number, lat: number): void {
    const at = this.at(unit, i);
    const block = this.blockOf(unit);
    block[at] = timeUs;
    block[at + 1] = lon;
    block[at + 2] = lat;
  }

  private number(unit: number, i: number, which: number): number {
    return this.blockOf(unit)[this.at(unit, i) + which]!;
  }

  private at(unit: number, i: number): number {
    return ((unit % UNITS_PER_BLOCK) * POINTS + (this.starts[unit]! + i) % POINTS) * NUMBERS;
  }

  private blockOf(unit: number): Float64Array {
    const index = Math.floor(unit / UNITS_PER_BLOCK);
    return (this.blocks[index] ??= new Float64Array(UNITS_PER_BLOCK * POINTS * NUMBERS));
  }
}

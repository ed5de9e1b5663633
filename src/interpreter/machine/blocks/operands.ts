/**
 * The operand stack of a block being translated: where each value is while no instruction has needed it in its slot.
 *
 * Invariant: below the current height every entry is canonical (the value is in its own slot), an alias of a local
 * that has not changed since, or a constant.
 */
export const places = { canonical: 0, local: 1, constant: 2, constant64: 3 } as const;

export class Operands {
  /** Slots in use, locals included. */
  height = 0;
  private readonly place = new Uint8Array(65_536);
  private readonly low = new Int32Array(65_536);
  private readonly high = new Int32Array(65_536);
  /** Heights of entries that are not canonical, ascending. */
  private readonly loose: number[] = [];

  /** Begins a block: everything is in its slot. */
  reset(height: number): void {
    for (const slot of this.loose) this.place[slot] = places.canonical;
    this.loose.length = 0;
    this.height = height;
  }

  placeOf(slot: number): number {
    return this.place[slot];
  }

  /** The local of an alias, or the low word of a constant. */
  lowOf(slot: number): number {
    return this.low[slot];
  }

  highOf(slot: number): number {
    return this.high[slot];
  }

  /** Slot to read the value from; only for canonical entries and aliases. */
  source(slot: number): number {
    return this.place[slot] === places.local ? this.low[slot] : slot;
  }

  pushCanonical(): number {
    return this.height++;
  }

  push(place: number, low: number, high: number): void {
    const slot = this.height++;
    this.place[slot] = place;
    this.low[slot] = low;
    this.high[slot] = high;
    this.loose.push(slot);
  }

  /** Drops the topmost entry. */
  pop(): void {
    this.height--;
    if (this.loose[this.loose.length - 1] !== this.height) return;
    this.loose.pop();
    this.place[this.height] = places.canonical;
  }

  /** Says that the entry is in its slot now. */
  settle(slot: number): void {
    this.place[slot] = places.canonical;
    this.loose.splice(this.loose.indexOf(slot), 1);
  }

  /** Slots of entries that are not canonical; of those that alias `local`, if one is given. */
  looseSlots(local?: number): number[] {
    if (local === undefined) return [...this.loose];
    return this.loose.filter(
      (slot) => this.place[slot] === places.local && this.low[slot] === local,
    );
  }
}

/**
 * The operand stack of a block being translated: where each value is while no instruction has needed it in its slot.
 *
 * Invariant: below the current height every entry is canonical (the value is in its own slot), an alias of a local
 * that has not changed since, or a constant. Entries that are not canonical are *loose*; they are linked, lowest first,
 * so that settling one takes the same time whatever lies around it, and so are those that alias one local.
 */
export const places = { canonical: 0, local: 1, constant: 2, constant64: 3 } as const;

const noSlots: readonly number[] = [];

export class Operands {
  /** Slots in use, locals included. */
  height = 0;
  private readonly place = new Uint8Array(65_536);
  private readonly low = new Int32Array(65_536);
  private readonly high = new Int32Array(65_536);
  /** Loose entries: slot + 1 of the next one below and above; 0 for none. */
  private readonly below = new Uint32Array(65_537);
  private readonly above = new Uint32Array(65_537);
  private topLoose = 0;
  /** The same for the entries that alias one local, and the topmost of each local. */
  private readonly aliasBelow = new Uint32Array(65_537);
  private readonly aliasAbove = new Uint32Array(65_537);
  private readonly topAlias = new Uint32Array(65_536);

  /** Begins a block: everything is in its slot. */
  reset(height: number): void {
    for (let link = this.topLoose; link !== 0; link = this.below[link]) {
      const slot = link - 1;
      if (this.place[slot] === places.local) this.topAlias[this.low[slot]] = 0;
      this.place[slot] = places.canonical;
    }
    this.topLoose = 0;
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
    this.below[slot + 1] = this.topLoose;
    this.above[slot + 1] = 0;
    this.above[this.topLoose] = slot + 1;
    this.topLoose = slot + 1;
    if (place !== places.local) return;
    const other = this.topAlias[low];
    this.aliasBelow[slot + 1] = other;
    this.aliasAbove[slot + 1] = 0;
    if (other !== 0) this.aliasAbove[other] = slot + 1;
    this.topAlias[low] = slot + 1;
  }

  /** Drops the topmost entry. */
  pop(): void {
    this.height--;
    if (this.topLoose === this.height + 1) this.settle(this.height);
  }

  /** Says that the entry is in its slot now. */
  settle(slot: number): void {
    if (this.place[slot] === places.local) this.forgetAlias(this.low[slot], slot);
    this.place[slot] = places.canonical;
    const below = this.below[slot + 1];
    const above = this.above[slot + 1];
    this.above[below] = above;
    if (above === 0) this.topLoose = below;
    else this.below[above] = below;
  }

  private forgetAlias(local: number, slot: number): void {
    const below = this.aliasBelow[slot + 1];
    const above = this.aliasAbove[slot + 1];
    if (above === 0) this.topAlias[local] = below;
    else this.aliasBelow[above] = below;
    if (below !== 0) this.aliasAbove[below] = above;
  }

  /** Slots of entries that are not canonical, the topmost first. */
  looseSlots(): readonly number[] {
    if (this.topLoose === 0) return noSlots;
    const slots: number[] = [];
    for (let link = this.topLoose; link !== 0; link = this.below[link]) slots.push(link - 1);
    return slots;
  }

  /** Slots of entries that alias a local, the topmost first. */
  aliasesOf(local: number): readonly number[] {
    if (this.topAlias[local] === 0) return noSlots;
    const slots: number[] = [];
    for (let link = this.topAlias[local]; link !== 0; link = this.aliasBelow[link]) {
      slots.push(link - 1);
    }
    return slots;
  }
}

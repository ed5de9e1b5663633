/**
 * What is known of addresses while a function is emitted: which i32 values differ by a constant, so that one guard
 * serves several stores. A group is a run of stores to one base with no branch, call or check between them: they all
 * happen or none does. A first pass over the function collects the stores, the second asks for their groups.
 *
 * Invariant: a group spans at most a chunk, so that its first and its last byte lie in all the chunks that it touches.
 */
import { chunkBytes } from "../program/program.ts";

/** A value as another value plus a constant. */
export interface Origin {
  readonly base: number;
  readonly delta: number;
}

interface Store {
  readonly pc: number;
  readonly key: string;
  readonly low: number;
  readonly high: number;
}

/** Stores that one write barrier serves; bounds relative to the base. */
export interface StoreGroup {
  readonly leader: number;
  low: number;
  high: number;
  count: number;
}

export class AddressTracker {
  private readonly locals = new Map<number, Origin>();
  private readonly ready = new Map<string, { readonly low: number; readonly high: number }>();
  private readonly stores: Store[] = [];
  private bases = 0;
  private segment = 0;

  /** A value of which nothing is known. */
  fresh(): Origin {
    return { base: this.bases++, delta: 0 };
  }

  ofLocal(local: number): Origin {
    const known = this.locals.get(local) ?? this.fresh();
    this.locals.set(local, known);
    return known;
  }

  setLocal(local: number, origin: Origin | undefined): void {
    this.locals.set(local, origin ?? this.fresh());
  }

  /** What follows may not happen although what was before has. */
  cut(): void {
    this.segment++;
  }

  /** What follows can be reached from elsewhere. */
  forget(): void {
    this.cut();
    this.locals.clear();
    this.ready.clear();
  }

  note(pc: number, memory: number, { base, delta }: Origin, offset: number, width: number): void {
    const low = delta + offset;
    const key = `${this.segment} ${memory} ${base}`;
    this.stores.push({ pc, key, low, high: low + width });
  }

  /** Remembers that a range has passed the barrier; chunks stay ready while emitted code runs. */
  markReady(memory: number, base: number, low: number, high: number): void {
    this.ready.set(`${memory} ${base}`, { low, high });
  }

  isReady(memory: number, base: number, low: number, high: number): boolean {
    const range = this.ready.get(`${memory} ${base}`);
    return range !== undefined && range.low <= low && high <= range.high;
  }

  /** Groups of the stores that were noted, by pc. */
  groups(): ReadonlyMap<number, StoreGroup> {
    const open = new Map<string, StoreGroup>();
    const byPc = new Map<number, StoreGroup>();
    for (const { pc, key, low, high } of this.stores) {
      let group = open.get(key);
      const span = group && Math.max(group.high, high) - Math.min(group.low, low);
      if (group === undefined || span === undefined || span > chunkBytes) {
        group = { leader: pc, low, high, count: 0 };
        open.set(key, group);
      }
      group.low = Math.min(group.low, low);
      group.high = Math.max(group.high, high);
      group.count++;
      byPc.set(pc, group);
    }
    return byPc;
  }
}

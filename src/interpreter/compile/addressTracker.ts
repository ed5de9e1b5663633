/**
 * What is known of addresses while a function is emitted: which i32 values differ by a constant, so that one guard
 * serves several stores. A group is a run of stores to one base with no branch, call or check between them: they all
 * happen or none does. What a group spans is known when the run ends; then the guards that it needs are put in before
 * its stores (writeBarriers.ts).
 *
 * Invariant: a group spans at most a chunk, so that its first and its last byte lie in all the chunks that it touches.
 */
import { chunkBytes } from "../program/program.ts";
import type { HostType } from "./hostTypes.ts";

/** A value as another value plus a constant. */
export interface Origin {
  readonly base: number;
  readonly delta: number;
}

/** The first store of a group, and where its guard will stand. */
export interface Leader {
  /** Offset in the code. */
  readonly at: number;
  /** Static offset, and what the address is above its base. */
  readonly offset: number;
  readonly delta: number;
  readonly width: number;
  /** Type of what is stored. */
  readonly type: HostType;
  /** Whether address and value lie in their scratch locals at that place. */
  readonly isAside: boolean;
}

/** Stores that one write barrier serves; bounds relative to the base. */
export interface StoreGroup {
  readonly memory: number;
  readonly base: number;
  readonly leader: Leader;
  low: number;
  high: number;
  count: number;
}

export class AddressTracker {
  /** By the places of locals; undefined where nothing was asked since all was forgotten. */
  private readonly locals: (Origin | undefined)[];
  /** Places of locals of which something is known. */
  private readonly known: number[] = [];
  private readonly ready = new Map<number, { readonly low: number; readonly high: number }>();
  /** Groups of the run at hand, in the order of their leaders. */
  private groups: StoreGroup[] = [];
  /** Those that may still grow, by memory and base. */
  private readonly open = new Map<number, StoreGroup>();
  private bases = 0;
  private readonly memories: number;
  private readonly writeGuards: (groups: readonly StoreGroup[]) => void;

  /**
   * @param memories of the program
   * @param locals of the function
   * @param writeGuards puts in the guards of groups whose run has ended
   */
  constructor(
    memories: number,
    locals: number,
    writeGuards: (groups: readonly StoreGroup[]) => void,
  ) {
    this.memories = memories;
    this.locals = new Array(locals).fill(undefined);
    this.writeGuards = writeGuards;
  }

  /** A value of which nothing is known. */
  fresh(): Origin {
    return { base: this.bases++, delta: 0 };
  }

  ofLocal(place: number): Origin {
    const known = this.locals[place];
    if (known !== undefined) return known;
    const origin = this.fresh();
    this.setLocal(place, origin);
    return origin;
  }

  setLocal(place: number, origin: Origin): void {
    if (this.locals[place] === undefined) this.known.push(place);
    this.locals[place] = origin;
  }

  /** What follows may not happen although what was before has. */
  cut(): void {
    const { groups } = this;
    if (groups.length === 0) return;
    this.groups = [];
    this.open.clear();
    const guarded = groups.filter((group) => this.needsGuard(group));
    if (guarded.length > 0) this.writeGuards(guarded);
  }

  /** What follows can be reached from elsewhere. */
  forget(): void {
    this.cut();
    for (let place = this.known.pop(); place !== undefined; place = this.known.pop()) {
      this.locals[place] = undefined;
    }
    if (this.ready.size > 0) this.ready.clear();
  }

  /** Takes a store into a group that is there; false if it is the first of another. */
  join(memory: number, { base, delta }: Origin, offset: number, width: number): boolean {
    const group = this.open.get(this.keyOf(memory, base));
    if (group === undefined) return false;
    const low = Math.min(group.low, delta + offset);
    const high = Math.max(group.high, delta + offset + width);
    const span = high - low;
    if (span > chunkBytes) return false;
    group.low = low;
    group.high = high;
    group.count++;
    return true;
  }

  /** Begins a group with its first store. */
  lead(memory: number, base: number, leader: Leader): void {
    const low = leader.delta + leader.offset;
    const group = { memory, base, leader, low, high: low + leader.width, count: 1 };
    this.groups.push(group);
    this.open.set(this.keyOf(memory, base), group);
  }

  /** Whether a group has to pass the barrier: chunks stay ready while emitted code runs. */
  private needsGuard({ memory, base, low, high }: StoreGroup): boolean {
    const key = this.keyOf(memory, base);
    const ready = this.ready.get(key);
    if (ready !== undefined && ready.low <= low && high <= ready.high) return false;
    this.ready.set(key, { low, high });
    return true;
  }

  private keyOf(memory: number, base: number): number {
    return base * this.memories + memory;
  }
}

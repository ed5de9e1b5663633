/**
 * The states of one trace that a party keeps, within a budget of bytes (docs/game.md §7): shared by all disputes about
 * the call, ranked by what running to them again would cost those disputes.
 *
 * Invariant: `bytes` counts every part of the kept states once, however many of them share it; the state at the call's
 * beginning and one more are kept in any case.
 */
import { chunkBytes } from "../../interpreter/program/program.ts";
import { type KeptState, partsOf } from "./keptState.ts";

/** A segment of the trace that a dispute searches; `count` disputes do. */
interface Interest {
  readonly from: number;
  readonly to: number;
  count: number;
}

/** Segments remembered; more disputes than that about one call share the ranking of the newest. */
const mostInterests = 64;
/** Steps by which the ends of a segment, told by the points between them, may be off. */
const slack = 2;
/** What a dispute that is not opened yet counts, against one that is. */
const futureWeight = 0.25;

export class KeptStates {
  readonly budgetBytes: number;
  /** Bytes of all that is kept beside the first state. */
  bytes = 0;
  /** Ascending; the first is the state at the call's beginning. */
  #states: KeptState[];
  /** Oldest first. */
  #interests: Interest[] = [];

  constructor(first: KeptState, budgetBytes: number) {
    this.#states = [first];
    this.budgetBytes = budgetBytes;
    this.#count(first, 1);
    this.bytes = 0;
  }

  get first(): KeptState {
    return this.#states[0];
  }

  get count(): number {
    return this.#states.length;
  }

  /** The last kept state at or before a step; undefined before the call's beginning. */
  nearest(step: number): KeptState | undefined {
    return this.#states[this.#indexAfter(step) - 1];
  }

  /** The last kept state that has a property which, once lost, stays lost. */
  lastWith(property: (state: KeptState) => boolean): KeptState {
    return this.#states.findLast(property) ?? this.first;
  }

  /** Whether a state of exactly this step is kept. */
  has(step: number): boolean {
    return this.nearest(step)?.step === step;
  }

  /** Keeps a state; others go if there is no room for all. */
  add(state: KeptState): void {
    const index = this.#indexAfter(state.step);
    if (this.#states[index - 1]?.step === state.step) return;
    this.#states.splice(index, 0, state);
    this.#count(state, 1);
    while (this.bytes > this.budgetBytes && this.#states.length > 2)
      this.#drop(this.#leastUseful());
  }

  /** A dispute searches [from, to] now. It is taken for the one that searched the smallest segment around it. */
  searching(from: number, to: number): void {
    const same = this.#interests.find((one) => one.from === from && one.to === to);
    const around = this.#interests
      .filter((one) => one !== same && one.from - slack <= from && to <= one.to + slack)
      .sort((a, b) => a.to - a.from - (b.to - b.from))[0];
    if (around !== undefined) around.count--;
    const others = this.#interests.filter((one) => one !== same && one.count > 0);
    this.#interests = [...others, { from, to, count: (same?.count ?? 0) + 1 }].slice(
      -mostInterests,
    );
  }

  /** Keeps every other one of the states behind the first. */
  thin(): void {
    for (let i = this.#states.length - 2; i > 0; i -= 2) this.#drop(i);
  }

  /** Forgets everything but the call's beginning. */
  clear(): void {
    while (this.#states.length > 1) this.#drop(this.#states.length - 1);
    this.#interests = [];
  }

  /** Index of the first state after a step. */
  #indexAfter(step: number): number {
    let [low, high] = [0, this.#states.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#states[middle].step <= step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of the state whose loss costs least: steps that the disputes would expect to run again for want of it. */
  #leastUseful(): number {
    const last = this.#states.at(-1)?.step ?? 0;
    const whole = { from: this.first.step, to: last + 1, count: futureWeight };
    const interests = [...this.#interests, whole];
    let [least, index] = [Number.POSITIVE_INFINITY, 1];
    for (let i = 1; i < this.#states.length; i++) {
      const { step } = this.#states[i];
      const next = this.#states[i + 1]?.step ?? Number.POSITIVE_INFINITY;
      let served = 0;
      for (const { from, to, count } of interests) {
        const part = Math.min(next, to) - Math.max(step, from);
        if (part > 0) served += (count * part) / (to - from);
      }
      const cost = served * (step - this.#states[i - 1].step);
      if (cost < least) [least, index] = [cost, i];
    }
    return index;
  }

  #drop(index: number): void {
    const [state] = this.#states.splice(index, 1);
    this.#count(state, -1);
  }

  #count(state: KeptState, by: 1 | -1): void {
    const count = (part: { uses: number }, bytes: number) => {
      const before = part.uses;
      part.uses += by;
      const isChange = (before === 0) !== (part.uses === 0);
      if (isChange) this.bytes += by * bytes;
      return isChange;
    };
    for (const [part, bytes, group] of partsOf(state)) {
      if (!count(part, bytes) || group === undefined) continue;
      for (const chunk of group.chunks) if (chunk !== undefined) count(chunk, chunkBytes);
    }
  }
}

/**
 * What is at each pc for one executor: a function that is not compiled, a place where emitted code can be entered, or
 * code between such places. The block executor leaves wherever there is anything (blocks/runBlockwise.ts).
 *
 * Invariant: an entry is one of the compiled program's, less loops that the host refuses.
 */
import type { CompiledProgram } from "./compiledProgram.ts";

export const places = { none: 0, functionEntry: 1, loopHeader: 2, inside: 3 } as const;

export class EntryPlaces {
  /** One byte a pc. */
  readonly bytes: Uint8Array;
  /** One byte a pc: not 0 for function entries alone. */
  readonly functionEntries: Uint8Array;
  /** Modules whose functions have been marked. */
  private marked = 0;
  /** Times that a loop's header was met, by its pc. */
  private readonly met = new Map<number, number>();

  constructor(instructions: number) {
    this.bytes = new Uint8Array(instructions);
    this.functionEntries = new Uint8Array(instructions);
  }

  at(pc: number): number {
    return this.bytes[pc];
  }

  clear(): void {
    // The arrays of a long program take time to write over.
    if (this.marked === 0) return;
    this.bytes.fill(places.none);
    this.functionEntries.fill(0);
    this.marked = 0;
    this.met.clear();
  }

  /** Whether the loop with its header at `pc` has been met so many times before; counts this one. */
  isMet(pc: number, times: number): boolean {
    const met = this.met.get(pc) ?? 0;
    if (met >= times) return true;
    this.met.set(pc, met + 1);
    return false;
  }

  /** Marks the functions of modules that were not looked at before; whether there were any. */
  mark({ batches, refused, plan }: CompiledProgram): boolean {
    const isNew = this.marked < batches.length;
    for (; this.marked < batches.length; this.marked++) {
      const { functions, entries } = batches[this.marked];
      for (const index of functions) {
        if (refused.has(index)) continue;
        const { entry, endPc } = plan.plans.at(index);
        this.bytes.fill(places.inside, entry.entryPc, endPc);
      }
      for (const { kind, pc } of entries.values()) {
        this.bytes[pc] = kind === "loop" ? places.loopHeader : places.functionEntry;
        this.functionEntries[pc] = kind === "loop" ? 0 : 1;
      }
    }
    return isNew;
  }

  /** The host has refused to resume the loop with its header at `pc`. */
  closeLoop(pc: number): void {
    this.bytes[pc] = places.inside;
  }
}

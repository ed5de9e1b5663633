/**
 * The growing array of translated code of one program, and from pc to position in it.
 *
 * Invariant: derived from the committed program bytes alone; functions are translated when control first reaches
 * them, and a position once given stays.
 */
import type { InstructionRow } from "../isa/table.ts";
import { executedRow } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import { lastAtMost } from "../program/lastAtMost.ts";
import type { Program } from "../program/program.ts";
import { constantBytes, instructionBytes } from "../program/program.ts";
import { onDemand, type ProgramOnDemand } from "../program/programOnDemand.ts";
import { readBytes } from "../state/memoryBytes.ts";

/** Words of declared locals up to which a loop sets them to zero faster than the host does. */
export const fewWords = 64;

/** Where blocks end besides, so that a run can stop there (src/debug/find/watchedRun.ts). */
export interface WatchedBlocks {
  /** By pc: 1 for instructions that are left to the reference. */
  readonly stops: Uint8Array;
  /** Whether a block ends behind every store. */
  readonly splitsStores: boolean;
}

export class BlockCode {
  readonly program: ProgramOnDemand;
  readonly watched: WatchedBlocks | undefined;
  code = new Int32Array(4096);
  /** pc of the instruction at each position: of an operation, or of the block where a header stands. */
  pcs = new Int32Array(4096);
  length = 0;
  /**
   * Position of the block that begins at a pc; 0 if none does (yet), so that nothing is written for functions that are not
   * reached. No block lies at 0: the word before a function's first one counts its calls.
   */
  readonly entries: Int32Array;
  /** Gates of a run that goes on everywhere. */
  readonly noGates: Uint8Array;
  private callGates: Uint8Array | undefined;
  /** Entry pcs of all functions and of the boot function, ascending. */
  private readonly starts: Int32Array;

  /** @param watched where blocks end for somebody who watches the run. */
  constructor(program: Program, watched?: WatchedBlocks) {
    this.program = onDemand(program);
    this.watched = watched;
    this.entries = new Int32Array(this.program.heights.length);
    this.noGates = new Uint8Array(this.entries.length);
    const starts = program.functions.map((entry) => entry.entryPc);
    if (program.boot !== undefined) starts.push(program.boot.entryPc);
    this.starts = Int32Array.from(new Set(starts)).sort();
  }

  /** Where a call that is run by itself returns to: a function's entry, which no call returns to. */
  get returnGate(): number {
    return this.starts[0];
  }

  /** Gates of a call that is run by itself: its return alone (runCall.ts). */
  get gatesOfCall(): Uint8Array {
    if (this.callGates === undefined) {
      this.callGates = new Uint8Array(this.entries.length);
      this.callGates[this.returnGate] = 1;
    }
    return this.callGates;
  }

  /** First and past-the-last pc of the function that holds `pc`. */
  functionRange(pc: number): { start: number; end: number } {
    const { starts } = this;
    const place = lastAtMost(starts.length, (index) => starts[index], pc);
    const end = place + 1 < starts.length ? starts[place + 1] : this.entries.length;
    return { start: starts[place], end };
  }

  /** A word of an entry of the program's constants, by the byte at which it begins. */
  constantWord(entry: number, byte: number): number {
    const { constants } = this.program;
    return readBytes(constants, entry * constantBytes + byte, 4);
  }

  /** How often the function that begins at `pc` was called since it was translated; 0 if it was not. */
  callsOf(pc: number): number {
    const position = this.entries[pc];
    return position === 0 ? 0 : this.code[position - 1];
  }

  /** Counts a call of the function that begins at `pc`, if it is translated. */
  countCall(pc: number): void {
    const position = this.entries[pc];
    if (position !== 0) this.code[position - 1]++;
  }

  /** Appends one word; `pc` is what `pcs` says of its position. */
  push(word: number, pc: number): number {
    if (this.length === this.code.length) {
      this.code = doubled(this.code);
      this.pcs = doubled(this.pcs);
    }
    this.code[this.length] = word;
    this.pcs[this.length] = pc;
    return this.length++;
  }

  row(pc: number): InstructionRow {
    return executedRow(readU16(this.program.code, pc * instructionBytes)) as InstructionRow;
  }

  cost(pc: number): number {
    return readU16(this.program.code, pc * instructionBytes + 2);
  }

  /** Field a, b or c (0, 1, 2) of the instruction at `pc`. */
  field(pc: number, which: 0 | 1 | 2): number {
    return readU32(this.program.code, pc * instructionBytes + 4 + which * 4);
  }

  /** Steps and fuel of the instructions after `pc` up to the end of its block. */
  restOfBlock(pc: number): { steps: number; fuel: number } {
    let fuel = 0;
    let next = pc + 1;
    const { end } = this.functionRange(pc);
    for (; next < end && this.entries[next] === 0; next++) fuel += this.cost(next);
    return { steps: next - pc - 1, fuel };
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

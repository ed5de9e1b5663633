/**
 * Growing arrays of instructions and branch-table entries, as the bytes that are committed
 * (docs/machine.md §3). Words are written in their committed order, so nothing is converted at the end; typed arrays
 * are taken to be little-endian, as WebAssembly's memories are.
 *
 * Invariant: append-only but for targets and calls that are filled in and for gaps, so a pc once given stays, and bytes
 * that were handed out are never changed by what is appended later.
 */
import { LinkError } from "../errors.ts";
import { programCeilings } from "./linkOptions.ts";
import type { ProgramLimits } from "./program.ts";
import { branchBytes, instructionBytes } from "./program.ts";

/** Words of an instruction: op << 16 | cost, a, b, c. */
export const instructionWords = 4;
/** Words of a branch-table entry: target, height << 16 | arity. */
const branchWords = 2;

/** A word as the int32 that lies in memory with its bytes in big-endian order; its own inverse. */
export function swapped(word: number): number {
  return (word << 24) | ((word & 0xff_00) << 8) | ((word >>> 8) & 0xff_00) | (word >>> 24);
}

export class CodeBuffer {
  /** Words of the instructions, swapped. */
  words: Int32Array<ArrayBuffer> = new Int32Array(64 * instructionWords);
  /** Height before each instruction, in slots relative to fp. */
  heightOf: Uint16Array<ArrayBuffer> = new Uint16Array(64);
  /** Byte offset in the module of each instruction, −1 for synthesized code; undefined where nobody asks. */
  offsetOf: Int32Array | undefined = undefined;
  /** Instructions so far: the pc of the next one. */
  instructions = 0;
  branchEntries = 0;
  private branchWordsOf: Int32Array<ArrayBuffer> = new Int32Array(64 * branchWords);

  /** Makes room for so many instructions more, all at once. */
  reserve(instructions: number): void {
    const needed = Math.min(this.instructions + instructions, programCeilings.instructions);
    const room = this.heightOf.length;
    if (needed <= room) return;
    const length = this.instructions === 0 ? needed : Math.max(needed, room + (room >>> 1));
    this.words = enlarged(
      this.words,
      length * instructionWords,
      this.instructions * instructionWords,
    );
    const heights = new Uint16Array(length);
    heights.set(this.heightOf.subarray(0, this.instructions));
    this.heightOf = heights;
    if (this.offsetOf === undefined) return;
    this.offsetOf = enlarged(this.offsetOf, length, this.instructions);
  }

  /** Makes room for so many branch-table entries more. */
  reserveBranches(entries: number): void {
    const needed = (this.branchEntries + entries) * branchWords;
    const words = this.branchWordsOf;
    if (needed <= words.length) return;
    this.branchWordsOf = enlarged(words, Math.max(needed, words.length * 2), words.length);
  }

  /** Leaves a gap of so many instructions and branch-table entries; false where a program may hold no more. */
  leave(instructions: number, entries: number): boolean {
    if (this.instructions + instructions > programCeilings.instructions) return false;
    if (this.branchEntries + entries > programCeilings.branchEntries) return false;
    this.reserve(instructions);
    this.reserveBranches(entries);
    this.instructions += instructions;
    this.branchEntries += entries;
    return true;
  }

  /** Goes on in a gap. */
  goTo(pc: number, entry: number): void {
    this.instructions = pc;
    this.branchEntries = entry;
  }

  /** Appends an instruction and returns its pc. `offset` is its byte offset in the module, −1 for synthesized code. */
  emit(op: number, cost: number, height: number, offset: number, a = 0, b = 0, c = 0): number {
    const pc = this.instructions;
    if (pc === this.heightOf.length) this.grow();
    const at = pc * instructionWords;
    const { words } = this;
    words[at] = swapped((op << 16) | cost);
    words[at + 1] = swapped(a);
    words[at + 2] = swapped(b);
    words[at + 3] = swapped(c);
    this.heightOf[pc] = height;
    if (this.offsetOf !== undefined) this.offsetOf[pc] = offset;
    this.instructions = pc + 1;
    return pc;
  }

  /** Room for at least one instruction more; throws where a program may hold no more. */
  grow(): void {
    if (this.instructions >= programCeilings.instructions) {
      failAtCeiling("instructions", programCeilings.instructions);
    }
    this.reserve(Math.max(64, this.instructions));
  }

  /** Appends a branch-table entry whose target is set later, and returns its index. */
  emitBranch(height: number, arity: number): number {
    const entry = this.branchEntries;
    if (entry >= programCeilings.branchEntries) {
      failAtCeiling("branch-table entries", programCeilings.branchEntries);
    }
    this.reserveBranches(1);
    this.branchWordsOf[entry * branchWords + 1] = swapped((height << 16) | arity);
    this.branchEntries = entry + 1;
    return entry;
  }

  /** Changes the cost of the instruction at `pc`. */
  changeCost(pc: number, change: (cost: number) => number): void {
    const at = pc * instructionWords;
    const word = swapped(this.words[at]);
    this.words[at] = swapped((word & 0xffff0000) | change(word & 0xffff));
  }

  /** Field a (a target or entry pc) of the instruction at `pc`. */
  target(pc: number): number {
    return swapped(this.words[pc * instructionWords + 1]);
  }

  setTarget(pc: number, target: number): void {
    this.words[pc * instructionWords + 1] = swapped(target);
  }

  /** Sets the operand fields of the instruction at `pc`. */
  setFields(pc: number, a: number, b: number, c: number): void {
    const at = pc * instructionWords;
    this.words[at + 1] = swapped(a);
    this.words[at + 2] = swapped(b);
    this.words[at + 3] = swapped(c);
  }

  branchTarget(entry: number): number {
    return swapped(this.branchWordsOf[entry * branchWords]);
  }

  setBranchTarget(entry: number, target: number): void {
    this.branchWordsOf[entry * branchWords] = swapped(target);
  }

  /** The instructions so far; not a copy. */
  codeBytes(): Uint8Array {
    return new Uint8Array(this.words.buffer, 0, this.instructions * instructionBytes);
  }

  branchTableBytes(): Uint8Array {
    return new Uint8Array(this.branchWordsOf.buffer, 0, this.branchEntries * branchBytes);
  }

  /** Heights of the instructions so far; not a copy. */
  heights(): Uint16Array {
    return this.heightOf.subarray(0, this.instructions);
  }
}

function enlarged(array: Int32Array, length: number, used: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array.subarray(0, used));
  return larger;
}

/** `option` is the limit of the program's configuration that could be raised, where it is one. */
export function failAtCeiling(what: string, ceiling: number, option?: keyof ProgramLimits): never {
  const text = `expected at most ${ceiling} ${what}`;
  const advice = option === undefined ? "make the program smaller" : `raise limits.${option}`;
  throw new LinkError("limit-exceeded", -1, text, { advice, option });
}

/** Throws `limit-exceeded` where a frame would have more slots than one may. */
export function checkFrame(slots: number): void {
  const { frameSlots } = programCeilings;
  if (slots > frameSlots) failAtCeiling("slots a frame", frameSlots);
}

/** The same for what a branch, return or tail call carries. */
export function checkCarried(slots: number): void {
  const { carriedSlots } = programCeilings;
  if (slots > carriedSlots) {
    failAtCeiling("slots carried by a branch, return or tail call", carriedSlots);
  }
}

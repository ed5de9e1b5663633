/**
 * Growing arrays of instructions and branch-table entries, and their committed bytes
 * (docs/machine.md §3).
 *
 * Invariant: append-only but for the patching of targets, so a pc once given stays.
 */
import { LinkError } from "../errors.ts";
import { programCeilings } from "./linkOptions.ts";
import type { ProgramLimits } from "./program.ts";
import { branchBytes, instructionBytes } from "./program.ts";

/** Words of an instruction: op << 16 | cost, a, b, c. */
const instructionWords = 4;
/** Words of a branch-table entry: target, height << 16 | arity. */
const branchWords = 2;

export class CodeBuffer {
  private words = new Uint32Array(1024 * instructionWords);
  private heightOf = new Uint16Array(1024);
  private offsetOf = new Int32Array(1024);
  private branchWordsOf = new Uint32Array(64 * branchWords);
  /** Instructions so far: the pc of the next one. */
  instructions = 0;
  branchEntries = 0;

  /** Appends an instruction and returns its pc. `offset` is its byte offset in the module, −1 for synthesized code. */
  emit(code: number, cost: number, height: number, offset: number, a = 0, b = 0, c = 0): number {
    const pc = this.instructions;
    if (pc >= programCeilings.instructions)
      failAtCeiling("instructions", programCeilings.instructions);
    if (pc === this.heightOf.length) this.grow();
    const at = pc * instructionWords;
    this.words[at] = ((code << 16) | cost) >>> 0;
    this.words[at + 1] = a;
    this.words[at + 2] = b;
    this.words[at + 3] = c;
    this.heightOf[pc] = height;
    this.offsetOf[pc] = offset;
    this.instructions = pc + 1;
    return pc;
  }

  /** Appends a branch-table entry whose target is set later, and returns its index. */
  emitBranch(height: number, arity: number): number {
    const entry = this.branchEntries;
    if (entry >= programCeilings.branchEntries) {
      failAtCeiling("branch-table entries", programCeilings.branchEntries);
    }
    if ((entry + 1) * branchWords > this.branchWordsOf.length) {
      this.branchWordsOf = enlarged(this.branchWordsOf, Uint32Array);
    }
    this.branchWordsOf[entry * branchWords + 1] = ((height << 16) | arity) >>> 0;
    this.branchEntries = entry + 1;
    return entry;
  }

  /** Changes the cost of the instruction at `pc`. */
  changeCost(pc: number, change: (cost: number) => number): void {
    const at = pc * instructionWords;
    const word = this.words[at];
    this.words[at] = ((word & 0xffff0000) | change(word & 0xffff)) >>> 0;
  }

  /** Sets field a (a target or entry pc) of the instruction at `pc`. */
  setTarget(pc: number, target: number): void {
    this.words[pc * instructionWords + 1] = target;
  }

  /** Sets the operand fields of the instruction at `pc`. */
  setFields(pc: number, a: number, b: number, c: number): void {
    this.words.set([a, b, c], pc * instructionWords + 1);
  }

  setBranchTarget(entry: number, target: number): void {
    this.branchWordsOf[entry * branchWords] = target;
  }

  codeBytes(): Uint8Array {
    return bigEndian(this.words, (this.instructions * instructionBytes) / 4);
  }

  branchTableBytes(): Uint8Array {
    return bigEndian(this.branchWordsOf, (this.branchEntries * branchBytes) / 4);
  }

  heights(): Uint16Array {
    return this.heightOf.slice(0, this.instructions);
  }

  offsets(): Int32Array {
    return this.offsetOf.slice(0, this.instructions);
  }

  private grow(): void {
    this.words = enlarged(this.words, Uint32Array);
    this.heightOf = enlarged(this.heightOf, Uint16Array);
    this.offsetOf = enlarged(this.offsetOf, Int32Array);
  }
}

function enlarged<T extends Uint32Array | Uint16Array | Int32Array>(
  array: T,
  kind: new (length: number) => T,
): T {
  const larger = new kind(array.length * 2);
  larger.set(array);
  return larger;
}

/** The first `count` words as big-endian bytes. */
export function bigEndian(words: ArrayLike<number>, count: number): Uint8Array {
  const bytes = new Uint8Array(count * 4);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < count; index++) view.setUint32(index * 4, words[index]);
  return bytes;
}

/** `option` is the limit of the program's configuration that could be raised, where it is one. */
export function failAtCeiling(what: string, ceiling: number, option?: keyof ProgramLimits): never {
  const text = `expected at most ${ceiling} ${what}`;
  const advice = option === undefined ? "make the program smaller" : `raise limits.${option}`;
  throw new LinkError("limit-exceeded", -1, text, { advice, option });
}

/**
 * The access of recording and replay: a step's reads and writes go to multiproofs, which it asks for as docs/proof-format.md
 * §4 orders them. Which leaves, and where in them, is `OpenedArrays`; here are registers, fuel, stack and program.
 *
 * Invariant: every array is opened at most once; what is popped becomes zero, as the commitment counts it.
 */

import { type TrapName, trapCodes, trapName } from "../../interpreter/isa/trapCodes.ts";
import {
  branchBytes,
  constantBytes,
  functionBytes,
  haltedPc,
} from "../../interpreter/program/program.ts";
import type { Access } from "../../interpreter/reference/access.ts";
import { pieceInLeaf } from "../../interpreter/reference/pieces.ts";
import { type StatusCode, statusCodes } from "../../interpreter/state/machineState.ts";
import type { Registers } from "../commitment/registers.ts";
import { type ArrayName, leafSet, leafSlots } from "../tree/arrays.ts";
import type { Multiproof } from "../tree/multiproof.ts";
import { WitnessError } from "../witnessError.ts";
import type { MultiproofSource } from "./multiproofSource.ts";
import { OpenedArrays } from "./openedArrays.ts";

/** What a step did: its registers afterwards, and its multiproofs, whose leaves hold the new contents. */
export interface StepOutcome {
  readonly registers: Registers;
  readonly opened: ReadonlyMap<ArrayName, Multiproof>;
  readonly trap: TrapName;
}

/** Whether the machine has stopped before its gateway returned: then it has no frames left. */
export function stops({ status }: Registers): boolean {
  return status >= statusCodes.trapped;
}

/** Most slots that a branch, a return or a tail call carries (docs/machine.md §3). */
const maxCarried = 128;
const slotBytes = 8;
const frameBytes = 8;

export class OpenedAccess extends OpenedArrays implements Access {
  readonly op: number;
  readonly cost: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly pc: number;
  nextPc: number;
  sp: number;
  fp: number;
  depth: number;
  status: StatusCode = 0;
  readonly inputLength: number;
  outputLength: number;
  readonly stackLimit: number;
  readonly frameLimit: number;
  readonly #source: MultiproofSource;
  #dirtyFuel = 0n;

  constructor(source: MultiproofSource) {
    super(source);
    const { registers, instruction } = source;
    this.#source = source;
    this.op = instruction.op;
    this.cost = instruction.cost;
    this.a = instruction.a;
    this.b = instruction.b;
    this.c = instruction.c;
    this.pc = registers.pc;
    this.nextPc = registers.pc + 1;
    this.sp = registers.sp;
    this.fp = registers.fp;
    this.depth = registers.depth;
    this.inputLength = registers.inputLength;
    this.outputLength = registers.outputLength;
    this.stackLimit = registers.stackLimit;
    this.frameLimit = registers.frameLimit;
  }

  /** Registers and multiproofs after the step; `trap` is what the instruction ended in. */
  outcome(trap: number): StepOutcome {
    const { registers } = this.#source;
    const after = { ...registers, stepCounter: registers.stepCounter + 1n };
    if (trap !== trapCodes.outOfFuel) after.fuelCounter += BigInt(this.cost);
    if (trap === trapCodes.none) {
      const { nextPc: pc, sp, fp, depth, status, outputLength } = this;
      Object.assign(after, { pc, sp, fp, depth, status, outputLength });
      after.fuelCounter += this.#dirtyFuel;
    } else {
      // The machine stops with an empty stack and no frames.
      Object.assign(after, {
        status: statusCodes.trapped,
        trap,
        pc: haltedPc,
        sp: 0,
        fp: 0,
        depth: 0,
      });
    }
    return { registers: after, opened: this.opened, trap: trapName(trap) };
  }

  copyOutput(from: number, source: number, length: number): void {
    this.openMemory(from, source, length);
    this.appendBytes(this.outputLength, from, source, length);
    this.outputLength += length;
  }

  // Fuel and pieces

  piece(first: number, count: number, unit: number, isForward: boolean): number {
    return pieceInLeaf(first, count, unit, isForward);
  }

  affords(chunks: number): boolean {
    const { fuelCounter, fuelLimit, chunkFuel } = this.#source.registers;
    return fuelCounter + BigInt(this.cost) + BigInt(chunks) * BigInt(chunkFuel) <= fuelLimit;
  }

  charge(chunks: number): void {
    this.#dirtyFuel += BigInt(chunks) * BigInt(this.#source.registers.chunkFuel);
  }

  get era(): number {
    return this.#source.registers.era;
  }

  fuelIn(unit: number): number {
    return Number(this.#source.registers.fuelCounter / BigInt(unit));
  }

  // Stack and frames

  openStack(x: number, y: number): void {
    this.open("stack", leavesOfSlots([x, y]));
  }

  openStackPairs(x: number, y: number): void {
    this.open("stack", leavesOfSlots([x, x + 1, y, y + 1]));
  }

  openMove(pops: number, count: number, destination: number): void {
    if (count > maxCarried) throw new WitnessError("malformed-instruction", `${count} values`);
    const top = this.sp - pops;
    const target = destination + count;
    const slots = range(top, this.sp);
    if (target < top) {
      slots.push(...range(top - count, top), ...range(destination, target));
      if (target > 0) slots.push(target - 1);
    }
    this.open("stack", leavesOfSlots(slots));
  }

  low(slot: number): number {
    return this.stack.word(slot * slotBytes) | 0;
  }

  high(slot: number): number {
    return this.stack.word(slot * slotBytes + 4) | 0;
  }

  setSlot(slot: number, low: number, high: number): void {
    this.stack.setWord(slot * slotBytes, low);
    this.stack.setWord(slot * slotBytes + 4, high);
  }

  copySlot(from: number, to: number): void {
    this.setSlot(to, this.low(from), this.high(from));
  }

  pop(count: number): void {
    for (let left = count; left > 0; left--) this.setSlot(--this.sp, 0, 0);
  }

  move(pops: number, count: number, destination: number): void {
    const top = this.sp - pops;
    const target = destination + count;
    if (target >= top) {
      this.pop(pops);
      return;
    }
    for (let index = 0; index < count; index++)
      this.copySlot(top - count + index, destination + index);
    this.stack.truncate(target * slotBytes);
    this.sp = target;
  }

  /** Slots above sp are zero already. */
  zeroSlots(_from: number, _to: number): void {}

  openFrame(): void {
    this.openBytes("frames", this.depth * frameBytes, frameBytes);
  }

  frameWord(word: number): number {
    return this.of("frames").word(this.depth * frameBytes + word * 4);
  }

  setFrame(returnPc: number, callerFp: number): void {
    this.of("frames").setWord(this.depth * frameBytes, returnPc);
    this.of("frames").setWord(this.depth * frameBytes + 4, callerFp);
  }

  // Program

  openFunction(index: number): void {
    this.openBytes("functions", index * functionBytes, functionBytes);
  }

  functionWord(index: number, word: number): number {
    return this.of("functions").wordBigEndian(index * functionBytes + word * 4);
  }

  openConstant(entry: number): void {
    this.openBytes("constants", entry * constantBytes, constantBytes);
  }

  constantWord(entry: number, word: number): number {
    return this.of("constants").word(entry * constantBytes + word * 4) | 0;
  }

  openBranch(index: number): void {
    this.openBytes("branches", index * branchBytes, branchBytes);
  }

  branchWord(index: number, word: number): number {
    return this.of("branches").wordBigEndian(index * branchBytes + word * 4);
  }

  claimLabel(labels: number): number {
    return this.#source.claimLabel(this.sp - 1, labels);
  }

  requireLabel(claimed: number, selected: number): void {
    if (claimed !== selected) throw new WitnessError("label-claim");
  }

  private get stack(): Multiproof {
    return this.of("stack");
  }
}

function leavesOfSlots(slots: readonly number[]): number[] {
  return leafSet(slots.map((slot) => Math.floor(slot / leafSlots)));
}

/** The numbers from `start` up to but not including `end`. */
function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(end - start, 0) }, (_, i) => start + i);
}

/**
 * One step at work (docs/machine.md §5): the registers that it changes, the openings that it has asked for, and the
 * operations that instructions share.
 *
 * Invariant: every array is opened at most once, in the order of docs/proof-format.md §4; a trap is recorded
 * here and never thrown.
 */
import { type TrapName, trapCodes } from "../../interpreter/trap.ts";
import { type ArrayName, leafSet, leafSlots } from "../arrays.ts";
import type { Opening } from "../opening.ts";
import type { Registers } from "../registers.ts";
import type { Access, InstructionRecord } from "./access.ts";

export class MachineStep {
  readonly registers: Registers;
  readonly record: InstructionRecord;
  readonly access: Access;
  /** Openings of this step, by array. */
  readonly opened = new Map<ArrayName, Opening>();
  /** Where the next step executes unless the machine stops. */
  nextPc: number;
  /** Fuel for chunks made dirty, on top of the record's cost. */
  dirtyFuel = 0n;
  trap: TrapName = "none";

  constructor(access: Access) {
    this.access = access;
    this.registers = { ...access.registers };
    this.record = access.record;
    this.nextPc = access.registers.pc + 1;
  }

  /** Ends the instruction in a trap. The name of the first one stands. */
  trapWith(name: Exclude<TrapName, "none">): void {
    this.trap = name;
  }

  get trapCode(): number {
    return trapCodes[this.trap];
  }

  open(array: ArrayName, leaves: readonly number[]): Opening {
    if (this.opened.has(array)) throw new RangeError(`expected ${array} to be opened once`);
    const opening = this.access.open(array, leaves);
    this.opened.set(array, opening);
    return opening;
  }

  /** Opens the leaves of these stack slots. */
  openStack(...slots: readonly number[]): Opening {
    return this.open("stack", leavesOfSlots(slots));
  }

  /** Writes a result where the top operand was: the usual end of an instruction that pops `popped` slots. */
  replaceOperands(stack: Opening, popped: number, result: bigint): void {
    const { registers } = this;
    for (let i = 1; i < popped; i++) stack.setSlot(registers.sp - i, 0n);
    registers.sp -= popped;
    stack.setSlot(registers.sp, result);
    registers.sp += 1;
  }

  /** Pops slots, which become zero. */
  popOperands(stack: Opening, popped: number): void {
    for (let i = 1; i <= popped; i++) stack.setSlot(this.registers.sp - i, 0n);
    this.registers.sp -= popped;
  }

  /** Opens the slot above the stack and pushes a value there. */
  push(value: bigint): void {
    const { registers } = this;
    this.openStack(registers.sp).setSlot(registers.sp, value);
    registers.sp += 1;
  }
}

export function leavesOfSlots(slots: Iterable<number>): number[] {
  return leafSet([...slots].map((slot) => Math.floor(slot / leafSlots)));
}

/** The numbers from `start` up to but not including `end`. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(end - start, 0) }, (_, i) => start + i);
}

export const low32 = (slot: bigint): number => Number(slot & 0xffffffffn);

/**
 * The shape of an instruction's handler, and access to operand slots.
 *
 * Invariant: a handler checks everything before it changes anything; it leaves eic, tf and pc to `step`, except the
 * fuel of dirty chunks. Operands are popped in the order of docs/machine.md §7.
 */
import type { TrapName } from "../../trap.ts";
import { trapCodes } from "../../trap.ts";
import type { MachineState } from "../state.ts";

/** A record as `step` hands it to a handler. */
export interface Fields {
  pc: number;
  cost: number;
  a: number;
  b: number;
  c: number;
}

/** Executes one record on the state; returns the next pc, or a trap as `trapping` gives it. */
export type Handler = (state: MachineState, fields: Fields) => number;

/** A trap in the place of a next pc: its code, negative. */
export function trapping(name: TrapName): number {
  return -trapCodes[name];
}

/** i32 on top of the stack, `below` slots under the topmost. */
export function peekI32(state: MachineState, below = 0): number {
  return state.stack[(state.sp - 1 - below) * 2];
}

/** The same as an unsigned number. */
export function peekU32(state: MachineState, below = 0): number {
  return state.stack[(state.sp - 1 - below) * 2] >>> 0;
}

export function setI32(state: MachineState, slot: number, value: number): void {
  state.stack[slot * 2] = value;
  state.stack[slot * 2 + 1] = 0;
}

export function pushI32(state: MachineState, value: number): void {
  setI32(state, state.sp, value);
  state.sp++;
}

export function copySlot(state: MachineState, from: number, to: number): void {
  state.stack[to * 2] = state.stack[from * 2];
  state.stack[to * 2 + 1] = state.stack[from * 2 + 1];
}

/** Moves the top `count` slots down to `target`; sp ends above them. */
export function moveDown(state: MachineState, target: number, count: number): void {
  const from = state.sp - count;
  if (from !== target) state.stack.copyWithin(target * 2, from * 2, state.sp * 2);
  state.sp = target + count;
}

/**
 * What is known of a machine's last trap beside its code, and of the last `memory.grow` that gave −1: where it was and
 * who had called. Nothing of it is part of the state (docs/machine.md §4); people need it, the machine does not.
 *
 * Invariant: every executor leaves the same record, since all of them trap through `enterTrap` and refuse growth
 * through `noteRefusedGrow`; a state that was restored has no record until it traps or fails to grow itself.
 */
import { haltedPc } from "../program/program.ts";
import type { MachineState } from "./machineState.ts";
import { statusCodes } from "./machineState.ts";

/** A `memory.grow` that gave −1. */
export interface RefusedGrow {
  /** Step counter before it. */
  readonly step: number;
  readonly pc: number;
  /** Program-wide index of the memory. */
  readonly memory: number;
  /** Pages that it had, and that were asked for on top. */
  readonly pages: number;
  readonly requested: number;
}

/** Where a machine trapped. */
export interface TrapRecord {
  /** Step counter before the instruction that trapped. */
  readonly step: number;
  /** pc of that instruction, then of the calls that had not returned, innermost first. */
  readonly pcs: readonly number[];
}

/** Callers that a record keeps; an endless recursion has thousands. */
const mostCallers = 64;

const traps = new WeakMap<MachineState, TrapRecord>();
const refusals = new WeakMap<
  MachineState,
  { -readonly [K in keyof RefusedGrow]: RefusedGrow[K] }
>();

/** The last trap of the call at hand or of the last one; undefined if it did not trap, or not in this state's time. */
export function trapRecord(state: MachineState): TrapRecord | undefined {
  return traps.get(state);
}

/** The last growth that was refused, in whichever call of this era. */
export function refusedGrow(state: MachineState): RefusedGrow | undefined {
  const known = refusals.get(state);
  return known && { ...known };
}

/** A new era, in which its step would be another one. */
export function forgetRefusedGrow(state: MachineState): void {
  refusals.delete(state);
}

/** What was run since `known` was the last one has been taken back. */
export function takeBackRefusedGrow(state: MachineState, known: RefusedGrow | undefined): void {
  if (known === undefined) forgetRefusedGrow(state);
  else refusals.set(state, { ...known });
}

/**
 * Puts the machine into the trapped state; stack and frames become empty. pc and frames are those of the instruction
 * that traps, which `stepCounter` counts already.
 */
export function enterTrap(state: MachineState, trap: number): void {
  noteTrap(state);
  state.status = statusCodes.trapped;
  state.trap = trap;
  state.pc = haltedPc;
  state.sp = 0;
  state.fp = 0;
  state.depth = 0;
}

function noteTrap(state: MachineState): void {
  const { pc, frames, depth, stepCounter } = state;
  const callers = Math.min(depth, mostCallers);
  const pcs = [pc];
  // A frame holds the pc after its call.
  for (let i = 1; i <= callers; i++) pcs.push(frames[2 * (depth - i)] - 1);
  traps.set(state, { step: stepCounter - 1, pcs });
}

/** Notes a growth that gives −1, at a value of the step counter. A program may try a million times: nothing is allocated. */
export function noteRefusedGrow(
  state: MachineState,
  step: number,
  pc: number,
  memory: number,
  requested: number,
): void {
  const { pages } = state.memories[memory];
  const known = refusals.get(state);
  if (known === undefined) refusals.set(state, { step, pc, memory, pages, requested });
  else {
    known.step = step;
    known.pc = pc;
    known.memory = memory;
    known.pages = pages;
    known.requested = requested;
  }
}

/** A new call has not trapped. */
export function forgetTrap(state: MachineState): void {
  traps.delete(state);
}

/**
 * Wrong machines, for demonstrations and tests: a trace that is the machine's own up to a step and goes on wrongly
 * from there, in a consistent way, as a broken or dishonest node's would.
 */

import {
  MachineExecution,
  type MachineExecutionOptions,
} from "../../game/trace/machineExecution.ts";
import type { Machine, MachineState } from "../../interpreter/index.ts";
import { chunkBytes, haltedPc, type Program } from "../../interpreter/program/program.ts";
import { markStale } from "../../interpreter/state/memories.ts";
import type { Snapshot } from "../../interpreter/state/snapshot.ts";

/** A change to the state after a step, or another end of the trace. */
export interface Fault {
  /** Step (stepCounter) after which the state is changed; Infinity: at the end. */
  readonly step: number;
  readonly alter: (state: MachineState) => void;
}

/** One bit of memory, at the address or at the first byte of a chunk that the call has written. */
export function flipMemory(state: MachineState, address?: number): void {
  const memory = state.memories[0];
  if (memory === undefined || memory.bytes.length === 0) {
    flipStack(state);
    return;
  }
  const at = address ?? (memory.dirtyChunks[0] ?? 0) * chunkBytes;
  memory.bytes[at] ^= 1;
  markStale(memory, at, 1);
}

/**
 * Adds one to the first word of a chunk that the call has written. A fault for call after call: where each begins from the
 * wrong state before, a bit that flips back would be right again, and a sum never is.
 */
export function incrementMemory(state: MachineState): void {
  const memory = state.memories[0];
  const chunk = memory?.dirtyChunks[0];
  if (memory === undefined || chunk === undefined) {
    // Registers are the call's own; a chunk that it has not written would stay wrong if it is taken back.
    flipStack(state);
    return;
  }
  const at = chunk * chunkBytes;
  const view = new DataView(memory.bytes.buffer, memory.bytes.byteOffset + at);
  view.setUint32(0, view.getUint32(0, true) + 1, true);
  markStale(memory, at, 4);
}

/** One bit of the topmost slot; of a register of the fuel counter's word if the stack is empty. */
export function flipStack(state: MachineState): void {
  if (state.sp > 0) state.stack[2 * (state.sp - 1)] ^= 1;
  else state.fuelCounter += 1;
}

/** Declares the machine halted, at the wrong time. */
export function haltEarly(state: MachineState): void {
  state.status = 1;
  state.pc = haltedPc;
  state.fp = 0;
  state.depth = 0;
}

/** Takes the end for the beginning: the call runs once more. */
export function goOn(state: MachineState): void {
  const { gateway } = state.program.config;
  if (gateway === undefined) return;
  state.status = 0;
  state.trap = 0;
  state.pc = gateway.entryPc;
  state.sp = gateway.locals;
  state.stack.fill(0, 0, 2 * gateway.locals);
}

export class FaultyExecution extends MachineExecution {
  readonly fault: Fault;

  constructor(
    program: Program,
    previous: Snapshot,
    input: Uint8Array,
    fault: Fault,
    options?: MachineExecutionOptions,
  ) {
    super(program, previous, input, options);
    this.fault = fault;
  }

  protected override advance(machine: Machine, step: number): void {
    const passes = machine.state.stepCounter < this.fault.step && step >= this.fault.step;
    super.advance(machine, passes ? this.fault.step : step);
    if (passes && machine.state.stepCounter === this.fault.step) this.fault.alter(machine.state);
  }
}

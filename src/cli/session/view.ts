/**
 * A machine state as people look at it: where it is, what lies on its stack, who called whom.
 *
 * Invariant: read from the state alone; nothing here moves the machine.
 */

import type { SourcePlace } from "../../debug/index.ts";
import { haltedPc, type Program } from "../../interpreter/program/program.ts";
import { results, slotAt } from "../../interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../interpreter/state/machineState.ts";
import { bitsText } from "../terminal/output.ts";
import { instructionAt } from "./programFunctions.ts";
import type { Sources } from "./sources.ts";

export interface FrameView {
  readonly function: string;
  /** pc of the running instruction, or of the call that has not returned. */
  readonly pc: number;
  /** First slot of the frame. */
  readonly fp: number;
  readonly source: SourcePlace | null;
}

/** The running frame first, then its callers. */
export function framesOf(state: MachineState, sources?: Sources): FrameView[] {
  if (state.status !== statusCodes.running) return [];
  const { program, frames, depth } = state;
  const views = [frameView(program, sources, state.pc, state.fp)];
  for (let i = depth - 1; i >= 0; i--) {
    views.push(frameView(program, sources, frames[2 * i] - 1, frames[2 * i + 1]));
  }
  return views;
}

function frameView(
  program: Program,
  sources: Sources | undefined,
  pc: number,
  fp: number,
): FrameView {
  return { function: program.locate(pc).functionName, pc, fp, source: sources?.at(pc) ?? null };
}

/** Locals of the running frame, and the operands above them, deepest first; bits as hex. */
export function stackOf(state: MachineState): {
  readonly locals: readonly string[];
  readonly operands: readonly string[];
} {
  if (state.status !== statusCodes.running) return { locals: [], operands: [] };
  const { fp, sp, program, pc } = state;
  const entry = program.functions[program.locate(pc).function];
  const firstOperand = Math.min(sp, fp + (entry?.locals ?? 0));
  const slots = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => bitsText(slotAt(state.stack, from + i)));
  return { locals: slots(fp, firstOperand), operands: slots(firstOperand, sp) };
}

export interface StateView {
  /** How often the counters of steps and fuel have started again. */
  readonly era: number;
  readonly step: number;
  readonly status: string;
  readonly trap: number;
  readonly pc: number | null;
  readonly function: string | null;
  readonly module: string | null;
  /** Byte offset of the instruction in its module. */
  readonly offset: number | null;
  readonly instruction: string | null;
  /** Where it comes from, if the module has debugging data. */
  readonly source: SourcePlace | null;
  readonly locals: readonly string[];
  readonly operands: readonly string[];
  readonly frames: readonly FrameView[];
  readonly results: readonly string[];
  readonly fuel: number;
  readonly fuelLimit: number;
  readonly memoryPages: readonly number[];
  readonly dirtyChunks: readonly number[];
}

export function viewOf(state: MachineState, sources?: Sources): StateView {
  const instruction = state.pc === haltedPc ? undefined : instructionAt(state.program, state.pc);
  const status = Object.entries(statusCodes).find(([, code]) => code === state.status);
  return {
    era: state.era,
    step: state.stepCounter,
    status: status?.[0] ?? String(state.status),
    trap: state.trap,
    pc: instruction?.pc ?? null,
    function: instruction?.function ?? null,
    module: instruction?.module ?? null,
    offset: instruction?.offset ?? null,
    instruction: instruction?.text ?? null,
    source: (instruction && sources?.at(instruction.pc)) ?? null,
    ...stackOf(state),
    frames: framesOf(state, sources),
    results: results(state).map(bitsText),
    fuel: state.fuelCounter,
    fuelLimit: state.fuelLimit,
    memoryPages: state.memories.map((memory) => memory.pages),
    dirtyChunks: state.memories.map((memory) => memory.dirtyChunks.length),
  };
}

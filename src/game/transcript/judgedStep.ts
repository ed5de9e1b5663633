/**
 * The step that a dispute was judged by, as the machine executes it: where it stands, who had called, what it takes and
 * leaves, what it changes.
 *
 * Invariant: everything is read from the execution's states before and after the step; of the transcript only which step
 * it was, and what the sides claimed.
 */

import { valueTypes } from "../../interpreter/binary/module.ts";
import { instructionText } from "../../interpreter/inspect/disassemble.ts";
import { localTypes, type SlotType, slotTypes } from "../../interpreter/inspect/slotTypes.ts";
import { type CodePlace, placeOf } from "../../interpreter/inspect/trapReport.ts";
import { type ShownValue, shownValue } from "../../interpreter/inspect/valueText.ts";
import { operandCount } from "../../interpreter/isa/operandCount.ts";
import { executedRow } from "../../interpreter/isa/table.ts";
import { instructionBytes } from "../../interpreter/program/program.ts";
import { slotAt } from "../../interpreter/state/invocation.ts";
import type { MachineState } from "../../interpreter/state/machineState.ts";
import { statusCodes } from "../../interpreter/state/machineState.ts";
import { slotCount, valuesOfSlots } from "../../interpreter/state/valueSlots.ts";
import type { Hash } from "../claim/claim.ts";
import type { MachineExecution } from "../trace/machineExecution.ts";
import type { Transcript } from "./disputeTranscript.ts";
import { type Difference, slotText, stateDifference } from "./stateDifference.ts";

/** An instruction of the listing around the judged one. */
export interface ListedInstruction {
  readonly pc: number;
  readonly text: string;
  readonly isJudged: boolean;
}

/** The judged step, as the machine executes it. */
export interface JudgedStep {
  readonly step: number;
  readonly pc: number;
  readonly function: string;
  readonly module: string;
  /** Byte offset in the module; −1 for synthesized code. */
  readonly offset: number;
  readonly text: string;
  /** Topmost slots before the step that the instruction takes, deepest first, as 0x and 16 digits. */
  readonly operands: readonly string[];
  /** The same with their types, as far as they are declared. */
  readonly operandValues: readonly ShownValue[];
  /** What the instruction leaves in their place, where it leaves values. */
  readonly resultValues: readonly ShownValue[];
  /** Stack slots that hold floats before or after the step, as far as that is known: for texts of `effect`. */
  readonly floatSlots: Readonly<Record<number, "f32" | "f64">>;
  /** Parameters and locals of the function, at most 64 of them. */
  readonly localValues: readonly ShownValue[];
  /** Calls that have not returned, innermost first, at most 64; `depth` is how many there are. */
  readonly calledBy: readonly CodePlace[];
  readonly depth: number;
  readonly listing: readonly ListedInstruction[];
  readonly preState: Hash;
  readonly postState: Hash;
  /** The post state that each side claimed; null where the step was judged for its fuel, of which no side has one. */
  readonly claimed: readonly [Hash, Hash] | null;
  /** The fuel counter after the step. */
  readonly fuel: number;
  /** What the step changes. */
  readonly effect: readonly Difference[];
}

/** The judged step of a transcript; null if none was, or none of the call. */
export async function judgedStep(
  transcript: Transcript,
  execution: MachineExecution,
  end: number,
): Promise<JudgedStep | null> {
  const { judged } = transcript;
  const step = Number(judged?.step ?? end);
  if (step < execution.startStep || step >= end) return null;
  const { state } = await execution.stateAt(step);
  const [preState, postState] = await execution.stateHashes([step, step + 1]);
  const after = await execution.stateAt(step + 1);
  const { phase, endStates } = transcript.moves.at(-1)?.after ?? transcript.opened.state;
  const { pc } = state;
  const location = state.program.locate(pc);
  return {
    step,
    pc,
    function: location.functionName,
    module: state.program.modules[location.module]?.name ?? "",
    offset: location.offset,
    text: textAt(state, pc),
    operands: operandsOf(state),
    ...valuesOf(state, after.state),
    calledBy: callersOf(state),
    depth: state.depth,
    listing: listingAround(state, pc),
    preState,
    postState,
    claimed: phase === "fuelStep" ? null : endStates,
    fuel: after.state.fuelCounter,
    effect: stateDifference(state, after.state),
  };
}

/** Text of the record at a pc. */
function textAt({ program }: MachineState, pc: number): string {
  const { module, offset } = program.locate(pc);
  const owner = program.modules[module];
  if (owner !== undefined && offset >= 0) return instructionText(owner.module, offset);
  return rowAt(program.code, pc)?.mnemonic ?? "?";
}

function rowAt(code: Uint8Array, pc: number) {
  return executedRow((code[pc * instructionBytes] << 8) | code[pc * instructionBytes + 1]);
}

function operandsOf(state: MachineState): string[] {
  if (state.status !== statusCodes.running) return [];
  const taken = Math.min(operandCount(state.program, state.pc), state.sp);
  return Array.from({ length: taken }, (_, i) => slotText(state.stack, state.sp - taken + i));
}

const mostShown = 64;

/** What is known of the slots around the instruction, with types. */
function valuesOf(before: MachineState, after: MachineState) {
  if (before.status !== statusCodes.running) {
    return { operandValues: [], resultValues: [], localValues: [], floatSlots: {} };
  }
  const { program, pc, sp, fp } = before;
  const types = slotTypes(program, pc);
  const base = sp - slotCount(types.operands);
  const resultsBase = types.atFrame ? fp : base;
  const values = (state: MachineState, from: number, of: readonly SlotType[]) => {
    const slots = Array.from({ length: slotCount(of) }, (_, i) => slotAt(state.stack, from + i));
    return valuesOfSlots(of, slots).map((value, i) => shownValue(of[i], value));
  };
  // A long instruction may go on, and one that traps leaves nothing.
  const isDone =
    after.status === statusCodes.running && after.sp === resultsBase + slotCount(types.results);
  const locals = localTypes(program, program.functions[program.locate(pc).function]);
  return {
    operandValues: values(before, base, types.operands),
    resultValues: isDone ? values(after, resultsBase, types.results) : [],
    localValues: values(before, fp, locals.slice(0, mostShown)),
    floatSlots: {
      ...floatsOf(fp, locals),
      ...floatsOf(base, types.operands),
      ...(isDone ? floatsOf(resultsBase, types.results) : {}),
    },
  };
}

function floatsOf(from: number, types: readonly SlotType[]): JudgedStep["floatSlots"] {
  const floats: Record<number, "f32" | "f64"> = {};
  let slot = from;
  for (const type of types) {
    if (type === valueTypes.f32) floats[slot] = "f32";
    if (type === valueTypes.f64) floats[slot] = "f64";
    slot += slotCount([type]);
  }
  return floats;
}

/** A frame holds the pc after its call. */
function callersOf({ program, frames, depth, status }: MachineState): CodePlace[] {
  if (status !== statusCodes.running) return [];
  return Array.from({ length: Math.min(depth, mostShown) }, (_, i) =>
    placeOf(program, frames[2 * (depth - 1 - i)] - 1),
  );
}

function listingAround(state: MachineState, pc: number): ListedInstruction[] {
  const reach = 6;
  const { program } = state;
  const records = program.code.length / instructionBytes;
  const home = program.locate(pc).function;
  const lines: ListedInstruction[] = [];
  for (let at = Math.max(0, pc - reach); at <= Math.min(records - 1, pc + reach); at++) {
    if (program.locate(at).function !== home) continue;
    lines.push({ pc: at, text: textAt(state, at), isJudged: at === pc });
  }
  return lines;
}

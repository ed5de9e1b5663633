/**
 * One executed step as people read it: instruction, operands, effects, fuel.
 *
 * Invariant: operands and effects are read from the state before and after the step, and from what the step's own access
 * saw it write; nothing is executed twice.
 */

import type { SourcePlace } from "../../debug/index.ts";
import { WatchedAccess, type WrittenRange } from "../../debug/watchedAccess.ts";
import { valueTypeName } from "../../interpreter/binary/valueType.ts";
import { type SlotType, type SlotTypes, slotTypes } from "../../interpreter/inspect/slotTypes.ts";
import { refusedGrowReport, refusedGrowText } from "../../interpreter/inspect/trapReport.ts";
import { operandCount } from "../../interpreter/isa/operandCount.ts";
import { executedRow, type InstructionRow, type Mnemonic } from "../../interpreter/isa/table.ts";
import { trapCodes, trapName } from "../../interpreter/isa/trapCodes.ts";
import type { Machine } from "../../interpreter/machine.ts";
import { readU16, readU32 } from "../../interpreter/program/bigEndian.ts";
import { instructionBytes } from "../../interpreter/program/program.ts";
import { stepOver } from "../../interpreter/reference/step.ts";
import { exitCode } from "../../interpreter/state/callOutput.ts";
import { slotAt } from "../../interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../interpreter/state/machineState.ts";
import { slotCount, valuesOfSlots } from "../../interpreter/state/valueSlots.ts";
import { bitsText, counted } from "../terminal/output.ts";
import { flagNames } from "./calls.ts";
import { type IndirectCall, indirectCall } from "./indirectCall.ts";
import { instructionAt } from "./programFunctions.ts";
import type { Sources } from "./sources.ts";

export interface TracedStep {
  /** Step counter before the step. */
  readonly step: number;
  readonly pc: number;
  readonly function: string;
  readonly instruction: string;
  /** Where it comes from, if the module has debugging data. */
  readonly source: SourcePlace | null;
  /** Popped values, deepest first. */
  readonly operands: readonly string[];
  /** Their types, and those of what the step leaves, as far as they are declared; `unknown` elsewhere. */
  readonly operandTypes: readonly string[];
  readonly resultTypes: readonly string[];
  /** What changed: pushed values, locals, globals, memory, jumps, traps. */
  readonly effects: readonly string[];
  /** Fuel that the step took, dirty chunks included. */
  readonly fuel: number;
  readonly depth: number;
}

const shownBytes = 16;

/** One for all: a step is not re-entrant. */
const access = new WatchedAccess();

/** Executes one step of a running machine and tells what it did. */
export function traceStep(machine: Machine, sources: Sources): TracedStep {
  const { state } = machine;
  const { stepCounter, pc, sp, fuelCounter, depth } = state;
  const instruction = instructionAt(state.program, pc);
  const types = slotTypes(state.program, pc);
  const popped = Math.min(operandCount(state.program, pc), sp);
  const operands = valuesOf(types.operands, slotsOf(state, sp - popped, sp));
  const called = indirectCall(state);
  stepOver(access, state);
  const effects =
    state.status === statusCodes.trapped
      ? [`trap ${trapName(state.trap)}`, ...mismatch(state, called), ...refusedGrowEffects(state)]
      : effectsOf(state, { pc, row: rowAt(state, pc), operands, types, base: sp - popped, depth });
  return {
    step: stepCounter,
    pc,
    function: instruction.function,
    instruction: instruction.text,
    source: sources.at(pc),
    operands: operands.map(bitsText),
    operandTypes: types.operands.map(slotTypeName),
    resultTypes: types.results.map(slotTypeName),
    effects,
    fuel: state.fuelCounter - fuelCounter,
    depth,
  };
}

function slotTypeName(type: SlotType): string {
  return type === undefined ? "unknown" : valueTypeName(type);
}

interface Before {
  readonly pc: number;
  readonly row: InstructionRow;
  readonly operands: readonly bigint[];
  readonly types: SlotTypes;
  /** Stack height under the operands. */
  readonly base: number;
  readonly depth: number;
}

/** Instructions that put their operand somewhere else than onto the stack. */
const assignments: Readonly<Partial<Record<Mnemonic, string>>> = {
  "local.set": "local",
  "local.tee": "local",
  "global.set": "global",
  "local.set.v128": "local",
  "local.tee.v128": "local",
  "global.set.v128": "global",
};
const memoryGrow: Mnemonic = "memory.grow";
const tailCalls: readonly string[] = [
  "return_call",
  "return_call_indirect",
] satisfies readonly Mnemonic[];

function effectsOf(state: MachineState, before: Before): string[] {
  const { row } = before;
  const assigned = assignments[row.mnemonic as Mnemonic];
  if (assigned !== undefined) {
    return [`${assigned}[${fieldA(state, before.pc)}] = ${bitsText(before.operands[0])}`];
  }
  if (state.status === statusCodes.exited) return [`exits with ${exitCode(state)}`];
  if (state.status === statusCodes.returned) {
    return [`returns ${slotsOf(state, 0, state.sp).map(bitsText).join(" ") || "nothing"}`];
  }
  const entered = state.depth > before.depth || tailCalls.includes(row.mnemonic);
  if (entered) return [`enters ${instructionAt(state.program, state.pc).function}`];
  if (state.depth < before.depth)
    return [`back in ${instructionAt(state.program, state.pc).function}`];
  const effects = row.mnemonic === memoryGrow ? refusedGrowEffects(state) : [];
  const { written } = access;
  if (written !== undefined) effects.push(writtenText(state, row, written));
  const slots = slotsOf(state, before.base, state.sp);
  const left = valuesOf(before.types.results, slots).map(bitsText).join(" ");
  if (state.pc === before.pc && row.family !== "control") {
    effects.push(`goes on with the next piece (${left})`);
    return effects;
  }
  if (row.family !== "control" && left !== "") effects.push(`pushes ${left}`);
  if (state.pc !== before.pc + 1) effects.push(`jumps to pc ${state.pc}`);
  return effects;
}

/** What an indirect call wanted, and what stood in the table. */
function mismatch({ trap }: MachineState, called: IndirectCall | undefined): string[] {
  if (trap !== trapCodes.indirectCallTypeMismatch || called === undefined) return [];
  return [`expected ${called.expected}, found ${called.found}: ${called.function}`];
}

/** Why memory has run out: at the very `memory.grow`, or before a trap. */
function refusedGrowEffects(state: MachineState): string[] {
  const grow = refusedGrowReport(state);
  const isOther = state.status === statusCodes.running && grow?.step !== state.stepCounter - 1;
  return grow === undefined || isOther ? [] : [refusedGrowText(grow, flagNames)];
}

function rowAt({ program: { code } }: MachineState, pc: number): InstructionRow {
  return executedRow(readU16(code, pc * instructionBytes)) as InstructionRow;
}

/** What a step wrote: a store its value, a long instruction a piece (docs/machine.md §7). */
function writtenText(state: MachineState, row: InstructionRow, range: WrittenRange): string {
  const { memory, address, length } = range;
  const isPiece = row.access === undefined;
  const size = isPiece ? Math.min(length, shownBytes) : length;
  const bytes = byteText(state.memories[memory].bytes.subarray(address, address + size));
  const where = `memory ${memory} at 0x${address.toString(16)}`;
  if (!isPiece) return `${where}: ${bytes}`;
  return `${where}, ${counted(length, "byte")}: ${bytes}${length > shownBytes ? " …" : ""}`;
}

/** Bytes as they lie in memory, as `diff` and the report show them. */
function byteText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function fieldA({ program: { code } }: MachineState, pc: number): number {
  return readU32(code, pc * instructionBytes + 4);
}

/** Slots as the values that types say; as they are where types and slots do not fit. */
function valuesOf(types: readonly SlotType[], slots: readonly bigint[]): readonly bigint[] {
  return slotCount(types) === slots.length ? valuesOfSlots(types, slots) : slots;
}

function slotsOf(state: MachineState, from: number, to: number): bigint[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, i) => slotAt(state.stack, from + i));
}

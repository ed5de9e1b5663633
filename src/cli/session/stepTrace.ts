/**
 * One executed step as people read it: instruction, operands, effects, fuel.
 *
 * Invariant: operands and effects are read from the state before and after the step; nothing is executed twice.
 */

import { operandCount } from "../../interpreter/isa/operands.ts";
import { type InstructionRow, instructions } from "../../interpreter/isa/table.ts";
import { slotAt } from "../../interpreter/machine/call.ts";
import type { Machine } from "../../interpreter/machine/machine.ts";
import { type MachineState, statusCodes } from "../../interpreter/machine/state.ts";
import { leafBytes, recordBytes } from "../../interpreter/program.ts";
import { trapName } from "../../interpreter/trap.ts";
import { refusedGrowReport, refusedGrowText } from "../../interpreter/trapReport.ts";
import { bitsText, counted } from "../terminal/output.ts";
import { flagNames } from "./calls.ts";
import { recordAt } from "./functions.ts";

export interface TracedStep {
  /** Step counter before the step. */
  readonly step: number;
  readonly pc: number;
  readonly function: string;
  readonly instruction: string;
  /** Popped slots, deepest first. */
  readonly operands: readonly string[];
  /** What changed: pushed values, locals, globals, memory, jumps, traps. */
  readonly effects: readonly string[];
  /** Fuel that the step took, dirty chunks included. */
  readonly fuel: number;
  readonly depth: number;
}

const shownBytes = 16;

const rows = new Map<string, InstructionRow>(instructions.map((row) => [row.mnemonic, row]));

/** Executes one step of a running machine and tells what it did. */
export function traceStep(machine: Machine): TracedStep {
  const { state } = machine;
  const { eic, pc, sp, fp, tf, depth } = state;
  const record = recordAt(state.program, pc);
  const popped = Math.min(operandCount(state.program, pc), sp);
  const operands = slotsOf(state, sp - popped, sp);
  machine.step();
  const effects =
    state.status === statusCodes.trapped
      ? [`trap ${trapName(state.trap)}`, ...refusedGrowEffects(state)]
      : effectsOf(state, { ...record, operands, base: sp - popped, fp, depth });
  return {
    step: eic,
    pc,
    function: record.function,
    instruction: record.text,
    operands: operands.map(bitsText),
    effects,
    fuel: state.tf - tf,
    depth,
  };
}

interface Before {
  readonly pc: number;
  readonly mnemonic: string;
  readonly operands: readonly bigint[];
  /** Stack height under the operands. */
  readonly base: number;
  readonly fp: number;
  readonly depth: number;
}

function effectsOf(state: MachineState, before: Before): string[] {
  const { mnemonic } = before;
  if (mnemonic.startsWith("local.") && mnemonic !== "local.get") {
    return [`local[${field(state, before.pc, "a")}] = ${bitsText(before.operands[0])}`];
  }
  if (mnemonic === "global.set") {
    return [`global[${field(state, before.pc, "a")}] = ${bitsText(before.operands[0])}`];
  }
  if (state.status === statusCodes.returned) {
    return [`returns ${slotsOf(state, 0, state.sp).map(bitsText).join(" ") || "nothing"}`];
  }
  const entered = state.depth > before.depth || mnemonic.startsWith("return_call");
  if (entered) return [`enters ${recordAt(state.program, state.pc).function}`];
  if (state.depth < before.depth) return [`back in ${recordAt(state.program, state.pc).function}`];
  const effects: string[] = mnemonic === "memory.grow" ? refusedGrowEffects(state) : [];
  const piece = pieceOf(state, before);
  if (piece !== undefined) effects.push(piece);
  const row = rows.get(mnemonic);
  const left = slotsOf(state, before.base, state.sp).map(bitsText).join(" ");
  if (state.pc === before.pc && row?.family !== "control") {
    effects.push(`goes on with the next piece (${left})`);
    return effects;
  }
  if (row?.width !== undefined && before.operands.length === 2) {
    effects.push(stored(state, before, row.width));
  } else if (row?.family !== "control" && left !== "") {
    effects.push(`pushes ${left}`);
  }
  if (state.pc !== before.pc + 1) effects.push(`jumps to pc ${state.pc}`);
  return effects;
}

/** Why memory has run out: at the very `memory.grow`, or before a trap. */
function refusedGrowEffects(state: MachineState): string[] {
  const grow = refusedGrowReport(state);
  const isOther = state.status === statusCodes.running && grow?.step !== state.eic - 1;
  return grow === undefined || isOther ? [] : [refusedGrowText(grow, flagNames)];
}

function stored(state: MachineState, before: Before, width: number): string {
  const address = Number(before.operands[0]) + field(state, before.pc, "a");
  const memory = field(state, before.pc, "b");
  const bytes = state.memories[memory].bytes.subarray(address, address + width);
  return `memory ${memory} at 0x${address.toString(16)}: ${byteText(bytes)}`;
}

const memoryWriters = ["memory.fill", "memory.copy", "memory.init", "host.input_read"];

/** The bytes that this step of a long instruction wrote (docs/machine.md §7). */
function pieceOf(state: MachineState, { mnemonic, operands, pc }: Before): string | undefined {
  if (!memoryWriters.includes(mnemonic) || operands.length !== 3) return undefined;
  const [to, from, length] = operands.map((slot) => Number(slot & 0xffffffffn));
  if (length === 0) return undefined;
  const a = field(state, pc, "a");
  const memory = mnemonic === "memory.init" ? a >>> 24 : a;
  const backward = mnemonic === "memory.copy" && to > from && field(state, pc, "b") === memory;
  const last = to + length - 1;
  const size = Math.min(length, backward ? (last % leafBytes) + 1 : leafBytes - (to % leafBytes));
  const start = backward ? to + length - size : to;
  const bytes = state.memories[memory].bytes.subarray(start, start + Math.min(size, shownBytes));
  const shown = `${byteText(bytes)}${size > shownBytes ? " …" : ""}`;
  return `memory ${memory} at 0x${start.toString(16)}, ${counted(size, "byte")}: ${shown}`;
}

/** Bytes as they lie in memory, as `diff` and the report show them. */
function byteText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function field(state: MachineState, pc: number, name: "a" | "b"): number {
  const { code } = state.program;
  const at = pc * recordBytes + (name === "a" ? 4 : 8);
  return new DataView(code.buffer, code.byteOffset).getUint32(at);
}

function slotsOf(state: MachineState, from: number, to: number): bigint[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, i) => slotAt(state.stack, from + i));
}

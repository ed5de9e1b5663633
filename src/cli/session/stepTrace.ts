/**
 * One executed step as people read it: instruction, operands, effects, fuel.
 *
 * Invariant: operands and effects are read from the state before and after the step; nothing is executed twice.
 */

import { type InstructionRow, instructions } from "../../interpreter/isa/table.ts";
import { slotAt } from "../../interpreter/machine/call.ts";
import type { Machine } from "../../interpreter/machine/machine.ts";
import { type MachineState, statusCodes } from "../../interpreter/machine/state.ts";
import { leafBytes } from "../../interpreter/program.ts";
import { trapName } from "../../interpreter/trap.ts";
import { bitsText, hex } from "../terminal/output.ts";
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

/** Operands of instructions whose table row has no signature. */
const operandCounts: Readonly<Record<string, number>> = {
  "local.set": 1,
  "local.tee": 1,
  "global.set": 1,
  drop: 1,
  select: 3,
  br_if: 1,
  br_table: 1,
  if: 1,
  call_indirect: 1,
  return_call_indirect: 1,
  "ref.is_null": 1,
  "table.get": 1,
  "table.set": 2,
  "table.grow": 2,
  "table.fill": 3,
};

function operandCount(mnemonic: string): number {
  const signature = rows.get(mnemonic)?.signature;
  return signature?.split(":")[0].length ?? operandCounts[mnemonic] ?? 0;
}

/** Executes one step of a running machine and tells what it did. */
export function traceStep(machine: Machine): TracedStep {
  const { state } = machine;
  const { eic, pc, sp, fp, tf, depth } = state;
  const record = recordAt(state.program, pc);
  const popped = Math.min(operandCount(record.mnemonic), sp);
  const operands = slotsOf(state, sp - popped, sp);
  machine.step();
  const effects =
    state.status === statusCodes.trapped
      ? [`trap ${trapName(state.trap)}`]
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
    return [`local[${fieldA(state, before.pc)}] = ${bitsText(before.operands[0])}`];
  }
  if (mnemonic === "global.set") {
    return [`global[${fieldA(state, before.pc)}] = ${bitsText(before.operands[0])}`];
  }
  if (state.status === statusCodes.returned) {
    return [`returns ${slotsOf(state, 0, state.sp).map(bitsText).join(" ") || "nothing"}`];
  }
  if (state.depth > before.depth) return [`enters ${recordAt(state.program, state.pc).function}`];
  if (state.depth < before.depth) return [`back in ${recordAt(state.program, state.pc).function}`];
  const effects: string[] = [];
  const piece = pieceOf(state, before);
  if (piece !== undefined) effects.push(piece);
  const width = rows.get(mnemonic)?.width;
  if (width !== undefined && before.operands.length === 2) {
    effects.push(stored(state, before, width));
  } else if (state.fp === before.fp && rows.get(mnemonic)?.family !== "control") {
    const pushed = slotsOf(state, before.base, state.sp);
    if (pushed.length > 0) effects.push(`pushes ${pushed.map(bitsText).join(" ")}`);
  }
  if (state.pc === before.pc) effects.push("goes on with the next piece");
  else if (state.pc !== before.pc + 1) effects.push(`jumps to pc ${state.pc}`);
  return effects;
}

function stored(state: MachineState, before: Before, width: number): string {
  const view = new DataView(state.program.code.buffer, state.program.code.byteOffset);
  const at = before.pc * 16;
  const address = Number(before.operands[0]) + view.getUint32(at + 4);
  const memory = view.getUint32(at + 8);
  const bytes = state.memories[memory].bytes.subarray(address, address + width);
  return `memory[0x${address.toString(16)}] = ${hex(bytes)}`;
}

const memoryWriters = ["memory.fill", "memory.copy", "memory.init", "host.input_read"];

/** The bytes that this step of a long instruction wrote (docs/machine.md §7). */
function pieceOf(state: MachineState, { mnemonic, operands, pc }: Before): string | undefined {
  if (!memoryWriters.includes(mnemonic) || operands.length !== 3) return undefined;
  const [to, from, length] = operands.map((slot) => Number(slot & 0xffffffffn));
  if (length === 0) return undefined;
  const backward = mnemonic === "memory.copy" && to > from;
  const last = to + length - 1;
  const size = Math.min(length, backward ? (last % leafBytes) + 1 : leafBytes - (to % leafBytes));
  const start = backward ? to + length - size : to;
  const memory = mnemonic === "memory.init" ? fieldA(state, pc) >>> 24 : fieldA(state, pc);
  const bytes = state.memories[memory].bytes.subarray(start, start + Math.min(size, shownBytes));
  const shown = `${hex(bytes)}${size > shownBytes ? "…" : ""}`;
  return `memory[0x${start.toString(16)}, ${size} bytes] = ${shown}`;
}

function fieldA(state: MachineState, pc: number): number {
  const { code } = state.program;
  return new DataView(code.buffer, code.byteOffset).getUint32(pc * 16 + 4);
}

function slotsOf(state: MachineState, from: number, to: number): bigint[] {
  return Array.from({ length: Math.max(to - from, 0) }, (_, i) => slotAt(state.stack, from + i));
}

/**
 * One step of the machine: the definition (docs/machine.md §5).
 * Fetch, fuel, dispatch, and what every instruction does alike; semantics are in instructions/, one file a family.
 *
 * Invariant: every mnemonic that a record can hold has a handler, or this file does not compile.
 */
import type { Mnemonic } from "../isa/table.ts";
import { codeOf } from "../isa/table.ts";
import { haltedPc, recordBytes } from "../program.ts";
import { trapCodes } from "../trap.ts";
import { bulkHandlers } from "./instructions/bulk.ts";
import { controlHandlers } from "./instructions/control.ts";
import type { Fields, Handler } from "./instructions/handler.ts";
import { hostHandlers } from "./instructions/host.ts";
import { memoryHandlers } from "./instructions/memory.ts";
import { numericHandlers } from "./instructions/numeric.ts";
import { parametricHandlers } from "./instructions/parametric.ts";
import { tableHandlers } from "./instructions/table.ts";
import { readU16, readU32 } from "./recordBytes.ts";
import type { MachineState } from "./state.ts";
import { statusCodes } from "./state.ts";
import { noteTrap } from "./trapRecord.ts";

const handlers: Record<Mnemonic, Handler> = {
  ...controlHandlers,
  ...parametricHandlers,
  ...numericHandlers,
  ...memoryHandlers,
  ...bulkHandlers,
  ...tableHandlers,
  ...hostHandlers,
};

/** By the code's position: one-byte codes as they are, the two prefixed pages behind them. */
const byCode: Handler[] = [];
for (const [name, handler] of Object.entries(handlers)) {
  byCode[position(codeOf(name as Mnemonic))] = handler;
}

function position(code: number): number {
  return code < 0x100 ? code : (code & 0x3ff) + 0x100;
}

/** The record at hand; `step` is not re-entrant. */
const fields: Fields = { pc: 0, cost: 0, a: 0, b: 0, c: 0 };

/** Executes one instruction. A halted state stays as it is. */
export function step(state: MachineState): void {
  if (state.status !== statusCodes.running) return;
  const { code } = state.program;
  const at = state.pc * recordBytes;
  fields.pc = state.pc;
  fields.cost = readU16(code, at + 2);
  fields.a = readU32(code, at + 4);
  fields.b = readU32(code, at + 8);
  fields.c = readU32(code, at + 12);
  if (state.tf + fields.cost > state.fuelLimit) {
    state.eic++;
    enterTrap(state, trapCodes.outOfFuel);
    return;
  }
  const handler = byCode[position(readU16(code, at))];
  if (handler === undefined) throw new RangeError(`expected an instruction at pc ${state.pc}`);
  const next = handler(state, fields);
  // Only now: where the host refuses memory the handler throws, and then nothing has happened.
  state.eic++;
  if (next >= 0) {
    state.tf += fields.cost;
    state.pc = next;
  } else {
    if (-next !== trapCodes.outOfFuel) state.tf += fields.cost;
    enterTrap(state, -next);
  }
}

/**
 * Puts the machine into the trapped state; stack and frames become empty. pc and frames are those of the instruction
 * that traps, which `eic` counts already.
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

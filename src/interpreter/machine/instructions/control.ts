/**
 * Handlers of control instructions: branches, calls, returns (docs/machine.md §7).
 *
 * Invariant: values move down only; frames[0, depth) are those below the running one.
 */
import { branchBytes, functionBytes, haltedPc } from "../../program.ts";
import type { TrapName } from "../../trap.ts";
import { readU16, readU32 } from "../recordBytes.ts";
import type { MachineState } from "../state.ts";
import { statusCodes } from "../state.ts";
import type { Fields, Handler } from "./handler.ts";
import { moveDown, peekI32, peekU32, trapping } from "./handler.ts";

export type ControlMnemonic =
  | "unreachable"
  | "nop"
  | "if"
  | "else"
  | "br"
  | "br_if"
  | "br_table"
  | "return"
  | "call"
  | "call_indirect"
  | "return_call"
  | "return_call_indirect";

/** What a call needs of its callee. */
interface Callee {
  readonly entryPc: number;
  readonly params: number;
  readonly locals: number;
  readonly frame: number;
}

/** Declared locals start as zero. */
function enterFrame(state: MachineState, { params, locals, entryPc }: Callee): number {
  state.stack.fill(0, (state.fp + params) * 2, (state.fp + locals) * 2);
  state.sp = state.fp + locals;
  return entryPc;
}

function call(state: MachineState, pc: number, callee: Callee): number {
  const { stackSlots, frames } = state.program.config.limits;
  const newFp = state.sp - callee.params;
  if (state.depth === frames || newFp + callee.frame > stackSlots) {
    return trapping("callStackExhausted");
  }
  state.frames[state.depth * 2] = pc + 1;
  state.frames[state.depth * 2 + 1] = state.fp;
  state.depth++;
  state.fp = newFp;
  return enterFrame(state, callee);
}

function tailCall(state: MachineState, callee: Callee): number {
  const { stackSlots } = state.program.config.limits;
  if (state.fp + callee.frame > stackSlots) return trapping("callStackExhausted");
  moveDown(state, state.fp, callee.params);
  return enterFrame(state, callee);
}

function directCallee({ a, b, c }: Fields): Callee {
  return { entryPc: a, params: b >>> 16, locals: b & 0xffff, frame: c };
}

/** The callee of an indirect call, whose index is on top of the stack, or the name of its trap. */
function indirectCallee(state: MachineState, { a, b }: Fields): Callee | TrapName {
  const table = state.tables[a];
  const index = peekU32(state);
  if (index >= table.size) return "undefinedElement";
  const reference = table.entries[index];
  if (reference === 0) return "uninitializedElement";
  const { functionRecords } = state.program;
  const at = (reference - 1) * functionBytes;
  if (readU32(functionRecords, at) !== b) return "indirectCallTypeMismatch";
  return {
    entryPc: readU32(functionRecords, at + 4),
    params: readU16(functionRecords, at + 8),
    locals: readU16(functionRecords, at + 10),
    frame: readU32(functionRecords, at + 12),
  };
}

function branch(state: MachineState, target: number, height: number, arity: number): number {
  moveDown(state, state.fp + height, arity);
  return target;
}

function branchTable(state: MachineState, { a, b }: Fields): number {
  const label = Math.min(peekU32(state), b);
  state.sp--;
  const { branches } = state.program;
  const at = (a + label) * branchBytes;
  return branch(state, readU32(branches, at), readU16(branches, at + 4), readU16(branches, at + 6));
}

function returnFrom(state: MachineState, arity: number): number {
  moveDown(state, state.fp, arity);
  if (state.depth === 0) {
    state.status = statusCodes.returned;
    state.fp = 0;
    return haltedPc;
  }
  state.depth--;
  const next = state.frames[state.depth * 2];
  state.fp = state.frames[state.depth * 2 + 1];
  return next;
}

export const controlHandlers: Record<ControlMnemonic, Handler> = {
  unreachable: () => trapping("unreachable"),
  nop: (_state, { pc }) => pc + 1,
  if: (state, { pc, a }) => {
    const condition = peekI32(state);
    state.sp--;
    return condition === 0 ? a : pc + 1;
  },
  else: (_state, { a }) => a,
  br: (state, { a, b, c }) => branch(state, a, b, c),
  br_if: (state, { pc, a, b, c }) => {
    const condition = peekI32(state);
    state.sp--;
    return condition === 0 ? pc + 1 : branch(state, a, b, c);
  },
  br_table: branchTable,
  return: (state, { a }) => returnFrom(state, a),
  call: (state, fields) => call(state, fields.pc, directCallee(fields)),
  return_call: (state, fields) => tailCall(state, directCallee(fields)),
  call_indirect: (state, fields) => {
    const callee = indirectCallee(state, fields);
    if (typeof callee === "string") return trapping(callee);
    state.sp--;
    return call(state, fields.pc, callee);
  },
  return_call_indirect: (state, fields) => {
    const callee = indirectCallee(state, fields);
    if (typeof callee === "string") return trapping(callee);
    state.sp--;
    return tailCall(state, callee);
  },
};

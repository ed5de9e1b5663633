/**
 * What a `call_indirect` calls, and what it wants: types and names for the trap that tells them apart.
 *
 * Invariant: asked before the step, while the index is on the stack.
 */
import { typeText } from "../../interpreter/inspect/disassemble.ts";
import type { Mnemonic } from "../../interpreter/isa/table.ts";
import { readU32 } from "../../interpreter/program/bigEndian.ts";
import { instructionBytes } from "../../interpreter/program/program.ts";
import { functionType, slotAt } from "../../interpreter/state/invocation.ts";
import type { MachineState } from "../../interpreter/state/machineState.ts";
import { instructionAt, shownName } from "./programFunctions.ts";

/** The two sides of an indirect call. */
export interface IndirectCall {
  /** Type that the instruction names. */
  readonly expected: string;
  /** Type and name of what stands in the table at the index. */
  readonly found: string;
  readonly function: string;
}

const indirect: readonly string[] = [
  "call_indirect",
  "return_call_indirect",
] satisfies readonly Mnemonic[];

/** Undefined unless the next instruction is an indirect call whose entry is a function. */
export function indirectCall(state: MachineState): IndirectCall | undefined {
  const { program, pc, sp } = state;
  if (!indirect.includes(instructionAt(program, pc).mnemonic) || sp === 0) return undefined;
  const at = pc * instructionBytes + 4;
  const [table, typeId] = [readU32(program.code, at), readU32(program.code, at + 4)];
  const index = Number(BigInt.asUintN(32, slotAt(state.stack, sp - 1)));
  const { entries, size } = state.tables[table];
  const reference = index < size ? entries[index] : 0;
  const entry = program.functions[reference - 1];
  if (entry === undefined) return undefined;
  return {
    expected: shown(typeText(functionType(program, typeId))),
    found: shown(typeText(functionType(program, entry.typeId))),
    function: shownName(program, reference - 1),
  };
}

function shown(type: string): string {
  return type === "" ? "(no parameters and results)" : type;
}

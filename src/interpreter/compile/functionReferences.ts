/**
 * What a function's instructions name of the rest of the program: the functions that it calls, the globals that it reads and
 * writes. A module that resumes one of its loops imports these and no others.
 *
 * Invariant: read off the instructions, which is what the emitter follows.
 */
import { opOf } from "../isa/table.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import type { Program } from "../program/program.ts";
import { instructionBytes } from "../program/program.ts";
import type { FunctionPlan } from "./functionPlan.ts";

/** What an instruction names, by its number: a function, or so many slots of globals. */
const isCall = 3;
const named = new Uint8Array(2 ** 16);
for (const call of ["call", "return_call"] as const) named[opOf(call)] = isCall;
for (const access of ["global.get", "global.set"] as const) {
  named[opOf(access)] = 1;
  named[opOf(`${access}.v128`)] = 2;
}

/** Program-wide indices, in order of first appearance. */
export interface References {
  readonly functions: ReadonlySet<number>;
  readonly globals: ReadonlySet<number>;
}

const functionsByEntry = new WeakMap<Program, ReadonlyMap<number, number>>();

export function referencesOf(program: Program, { entry, endPc }: FunctionPlan): References {
  const functions = new Set<number>();
  const globals = new Set<number>();
  const byEntry = entriesOf(program);
  const { code } = program;
  for (let pc = entry.entryPc; pc < endPc; pc++) {
    const what = named[readU16(code, pc * instructionBytes)];
    if (what === 0) continue;
    const a = readU32(code, pc * instructionBytes + 4);
    if (what === isCall) functions.add(byEntry.get(a) as number);
    else for (let slot = 0; slot < what; slot++) globals.add(a + slot);
  }
  return { functions, globals };
}

/** Function index by entry pc; no two functions have one. */
function entriesOf(program: Program): ReadonlyMap<number, number> {
  let entries = functionsByEntry.get(program);
  if (entries === undefined) {
    entries = new Map(program.functions.map(({ entryPc }, index) => [entryPc, index]));
    functionsByEntry.set(program, entries);
  }
  return entries;
}

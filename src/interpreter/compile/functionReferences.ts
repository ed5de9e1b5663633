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

const calls: ReadonlySet<number> = new Set([opOf("call"), opOf("return_call")]);
/** Accesses of globals, by how many slots they take. */
const accesses: ReadonlyMap<number, number> = new Map([
  [opOf("global.get"), 1],
  [opOf("global.set"), 1],
  [opOf("global.get.v128"), 2],
  [opOf("global.set.v128"), 2],
]);

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
  for (let pc = entry.entryPc; pc < endPc; pc++) {
    const op = readU16(program.code, pc * instructionBytes);
    const a = readU32(program.code, pc * instructionBytes + 4);
    for (let slot = 0; slot < (accesses.get(op) ?? 0); slot++) globals.add(a + slot);
    if (calls.has(op)) functions.add(byEntry.get(a) as number);
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

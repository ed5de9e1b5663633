/**
 * What host modules import from the executor and from each other (hostLayout.ts has the names).
 *
 * Invariant: imports come in one order in all kinds of modules: program memories, machine memory, input, program tables,
 * the executor's functions, and beside a main module the table of all functions, functions, globals.
 */
import type { Program } from "../program/program.ts";
import { runtimeCallSignature } from "./emitRuntimeCalls.ts";
import { bitsType } from "./glueFunctions.ts";
import { hiddenPages, hostPages, names } from "./hostLayout.ts";
import type { ModuleSections } from "./hostSections.ts";
import { externalKinds, funcref, mutable } from "./hostSections.ts";
import type { HostType } from "./hostTypes.ts";
import { i32 } from "./hostTypes.ts";

/** What every module imports; `machinePages` is the size of the machine memory. */
export function importShared(
  sections: ModuleSections,
  program: Program,
  machinePages: number,
): void {
  program.memories.forEach(({ maxPages }, index) => {
    const hidden = hiddenPages(maxPages);
    const most = Math.min(hostPages, hidden + maxPages);
    const out = sections.addImport(names.memory(index), externalKinds.memory);
    out.u8(1).unsigned(hidden).unsigned(most);
  });
  const machine = sections.addImport(names.memory(program.memories.length), externalKinds.memory);
  machine.u8(1).unsigned(machinePages).unsigned(machinePages);
  sections.addImport(names.input, externalKinds.memory).u8(0).unsigned(0);
  for (const index of program.tables.keys()) {
    sections.addImport(names.table(index), externalKinds.table).u8(funcref).u8(0).unsigned(0);
  }
  sections.importFunction(names.barrier, { params: [i32, i32, i32, i32], results: [] });
  sections.importFunction(names.runtimeCall, runtimeCallSignature);
  sections.importFunction(names.time, { params: [], results: [] });
  sections.importFunction(names.nestedCall, { params: [i32, i32], results: [i32] });
  sections.importFunction(names.refill, { params: [i32], results: [] });
  sections.importFunction(names.move, { params: [], results: [] });
}

/** The main module's table of all functions, with so many entries. */
export function importFunctionTable(sections: ModuleSections, entries: number): void {
  const out = sections.addImport(names.functions, externalKinds.table);
  out.u8(funcref).u8(0).unsigned(entries);
}

/** Globals that functions name, each once; returns their indices in the module by those in the program. */
export function importGlobals(
  sections: ModuleSections,
  named: readonly number[],
  types: readonly HostType[],
): Map<number, number> {
  const globals = new Map<number, number>();
  for (const index of named) {
    if (globals.has(index)) continue;
    const out = sections.addImport(names.global(index), externalKinds.global);
    out.u8(bitsType(types[index])).u8(mutable);
    globals.set(index, globals.size);
  }
  return globals;
}

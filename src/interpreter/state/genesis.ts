/**
 * The genesis state of a program (docs/machine.md §10).
 *
 * Invariant: a pure function of the program; its writes dirty nothing and cost nothing.
 */
import type { ActiveSegment, Program } from "../program/program.ts";
import { haltedPc } from "../program/program.ts";
import { newGlobalChanges, touchGlobal } from "./globals.ts";
import type { MachineState, MemoryAllocator } from "./machineState.ts";
import { statusCodes } from "./machineState.ts";
import { newAllocator, newMemory, setAllocator } from "./memories.ts";
import { newTable, touchTable } from "./tables.ts";

/** A fresh state of `program`: halted, or running at the boot function if a module has a start function. */
export function genesis(
  program: Program,
  allocator: MemoryAllocator = newAllocator(program),
): MachineState {
  const { boot, config } = program;
  const state: MachineState = {
    ...emptyState(program),
    status: boot === undefined ? statusCodes.returned : statusCodes.running,
    pc: boot === undefined ? haltedPc : boot.entryPc,
    fuelLimit: boot === undefined ? 0 : config.limits.callFuel,
    memories: program.memories.map(({ pages, maxPages }, index) =>
      newMemory(allocator.allocate(index, pages, maxPages), pages),
    ),
  };
  setAllocator(state, allocator);
  state.dropped.set(program.genesis.dropped);
  initialise(state, 0, 0);
  for (const segment of program.genesis.segments) applySegment(state, segment);
  return state;
}

/** A halted state of `program` with everything zero and no memories. */
export function emptyState(program: Program): MachineState {
  const { limits } = program.config;
  return {
    program,
    status: statusCodes.returned,
    trap: 0,
    pc: haltedPc,
    sp: 0,
    fp: 0,
    depth: 0,
    era: 0,
    stepCounter: 0,
    fuelCounter: 0,
    fuelLimit: 0,
    stack: new Int32Array(limits.stackSlots * 2),
    frames: new Uint32Array(limits.frames * 2),
    globals: new Int32Array(program.globals * 2),
    globalChanges: newGlobalChanges(program.globals),
    memories: [],
    tables: program.tables.map(({ size }) => newTable(new Uint32Array(size))),
    dropped: new Uint8Array(program.segments),
    input: new Uint8Array(0),
    output: new Uint8Array(0),
    outputLength: 0,
  };
}

/** Sets the first values of globals from number `firstGlobal` on and of tables from `firstTable` on. */
export function initialise(state: MachineState, firstGlobal: number, firstTable: number): void {
  const { globals, tableValues } = state.program.genesis;
  for (let index = firstGlobal; index < globals.length; index++) {
    touchGlobal(state.globalChanges, index);
    state.globals[index * 2] = Number(BigInt.asIntN(32, globals[index]));
    state.globals[index * 2 + 1] = Number(BigInt.asIntN(32, globals[index] >> 32n));
  }
  for (let index = firstTable; index < tableValues.length; index++) {
    const table = state.tables[index];
    touchTable(table, 0, table.size);
    table.entries.fill(tableValues[index]);
  }
}

/** Whether an active segment fits into its memory or table as they are now. */
export function segmentFits(state: MachineState, segment: ActiveSegment): boolean {
  if (segment.kind === "data") {
    const size = state.memories[segment.memory].bytes.length;
    return segment.offset + segment.length <= size;
  }
  return segment.offset + segment.references.length <= state.tables[segment.table].size;
}

/** Writes an active segment that fits. */
export function applySegment(state: MachineState, segment: ActiveSegment): void {
  if (segment.kind === "data") {
    state.memories[segment.memory].bytes.set(segment.bytes, segment.offset);
  } else {
    const table = state.tables[segment.table];
    touchTable(table, segment.offset, segment.references.length);
    table.entries.set(segment.references, segment.offset);
  }
}

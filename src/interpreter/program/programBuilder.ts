/**
 * Builds a program module by module: index spaces, stubs, segments, code (docs/machine.md §3).
 *
 * Invariant: append-only. A pc, function, type, memory, table, global or segment number once given stays, so that
 * an incremental store (interpreter/store.ts) can append to a program that a machine is running.
 */
import {
  type Export,
  type FunctionBody,
  type FunctionType,
  type GlobalType,
  importedFunctions,
  type MemoryType,
  type Module,
  type TableType,
  type ValueType,
} from "../binary/module.ts";
import { slotsOf, typeSlots } from "../binary/valueType.ts";
import { CodeBuffer, checkFrame, failAtCeiling } from "./codeBuffer.ts";
import type { FunctionStart } from "./codeLocations.ts";
import { makeLocate } from "./codeLocations.ts";
import { ConstantPool } from "./constantPool.ts";
import { DeferredBodies, type DeferredBody } from "./deferredBodies.ts";
import type { External } from "./externals.ts";
import { typeKey } from "./externals.ts";
import type { ResolvedOptions } from "./linkOptions.ts";
import { limitCeilings, programCeilings } from "./linkOptions.ts";
import type {
  ActiveSegment,
  FunctionEntry,
  LinkedModule,
  MemoryDeclaration,
  Program,
  TableDeclaration,
} from "./program.ts";
import { instructionBytes } from "./program.ts";
import { concatenated, elementBytes, functionEntryBytes } from "./programBytes.ts";
import { deferring } from "./programOnDemand.ts";

export type MutableFunctionEntry = { -readonly [K in keyof FunctionEntry]: FunctionEntry[K] };

/** A declared memory or table type beside its size: what import matching compares. */
export interface TableEntry extends TableDeclaration {
  readonly element: ValueType;
  readonly declaredMax: number | undefined;
  /** Reference that fills the table at first. */
  readonly value: number;
}

export interface MemoryEntry extends MemoryDeclaration {
  readonly declaredMax: number | undefined;
  readonly isShared: boolean;
}

export interface GlobalEntry {
  readonly type: GlobalType;
  readonly value: bigint;
}

/** Sizes of the machine that runs the program so far; import matching looks at them (spec §4.5.4). */
export interface CurrentSizes {
  pages(memory: number): number;
  entries(table: number): number;
}

export class ProgramBuilder {
  readonly options: ResolvedOptions;
  readonly code = new CodeBuffer();
  readonly constants = new ConstantPool();
  readonly functions: MutableFunctionEntry[] = [];
  readonly functionTypes: FunctionType[] = [];
  readonly starts: FunctionStart[] = [];
  /** Bodies that will be lowered when they are asked for, by entry pc. */
  readonly deferred: DeferredBody[] = [];
  /** Whether bodies may be: what has been linked must be whole where a later module may come. */
  readonly defers: boolean;
  readonly memories: MemoryEntry[] = [];
  readonly tables: TableEntry[] = [];
  readonly globals: GlobalEntry[] = [];
  readonly modules: LinkedModule[] = [];
  readonly activeSegments: ActiveSegment[] = [];
  /** One entry a segment: 1 if genesis drops it. */
  readonly dropped: number[] = [];
  readonly data: Uint8Array[] = [];
  dataLength = 0;
  /** Pages of all memories and entries of all tables at genesis. */
  private genesisPages = 0;
  private genesisEntries = 0;
  readonly elements: number[] = [];
  /** Calls of functions that a later module defines: an adapter's. */
  private readonly forwardCalls: number[] = [];
  private readonly typeIds = new Map<string, number>();
  /** Type ids of types met before: writing out a type for each function that has it would take its arity each time. */
  private readonly knownTypes = new Map<FunctionType, number>();
  /** Exports of each module by name; made when something is first imported from it. */
  private readonly exportsByName: ReadonlyMap<string, Export>[] = [];

  constructor(options: ResolvedOptions, defers = false) {
    this.options = options;
    this.defers = defers;
  }

  /** Makes room for the code of modules, all at once. */
  reserveCode(modules: readonly Module[]): void {
    let [instructions, entries] = [modules.length + 1, 0];
    for (const { bodies, imports, types } of modules) {
      for (const body of bodies) {
        instructions += body.lowered;
        entries += body.branchEntries;
      }
      // Stubs of host functions; not all that is imported has one.
      for (const item of imports) {
        if (item.kind === "function") instructions += types[item.typeIndex].params.length + 2;
      }
    }
    this.code.reserve(instructions);
    this.code.reserveBranches(entries);
  }

  typeId(type: FunctionType): number {
    let id = this.knownTypes.get(type);
    if (id === undefined) {
      const key = typeKey(type);
      id = this.typeIds.get(key) ?? this.typeIds.size;
      this.typeIds.set(key, id);
      this.knownTypes.set(type, id);
    }
    return id;
  }

  addFunction(type: FunctionType, locals: number, module: number, index: number): number {
    if (this.functions.length >= programCeilings.functions) {
      failAtCeiling("functions", programCeilings.functions);
    }
    this.functionTypes.push(type);
    return (
      this.functions.push({
        typeId: this.typeId(type),
        entryPc: 0,
        params: typeSlots(type).params,
        locals,
        frame: 0,
        results: typeSlots(type).results,
        module,
        index,
      }) - 1
    );
  }

  /** Indices for all functions that a module will define, given before it is appended. */
  reserveFunctions(module: Module, position: number): void {
    const imported = importedFunctions(module);
    module.functions.forEach((typeIndex, own) => {
      const type = module.types[typeIndex];
      const locals = localsOf(type, module.bodies[own]);
      this.addFunction(type, locals, position, imported + own);
    });
  }

  /** Gives call instructions what they hold of their callees; later modules' functions have it only at the end. */
  resolveCalls(calls: readonly number[], self: number): void {
    const { code, functions } = this;
    for (const pc of calls) {
      const { entryPc, params, locals, frame, module } = functions[code.target(pc)];
      if (module > self) this.forwardCalls.push(pc);
      else code.setFields(pc, entryPc, (params << 16) | locals, frame);
    }
  }

  resolveForwardCalls(): void {
    const calls = this.forwardCalls.splice(0);
    this.resolveCalls(calls, this.modules.length);
  }

  /** docs/machine.md §9. */
  addMemory({ min, max: declaredMax, addressType, isShared }: MemoryType): number {
    if (this.memories.length >= programCeilings.memories) {
      failAtCeiling("memories", programCeilings.memories);
    }
    const { growth, limits } = this.options;
    const pages = growth === "fixed" ? (declaredMax ?? min) : min;
    if (pages > limitCeilings.memoryPages) {
      failAtCeiling("pages of one memory", limitCeilings.memoryPages);
    }
    const limit = declaredMax ?? Math.max(min, limits.memoryPages);
    const maxPages = growth === "fixed" ? pages : Math.min(limit, limitCeilings.memoryPages);
    this.genesisPages += pages;
    if (this.genesisPages > programCeilings.pages) {
      failAtCeiling("pages of all memories together at genesis", programCeilings.pages);
    }
    return this.memories.push({ pages, maxPages, addressType, declaredMax, isShared }) - 1;
  }

  addTable({ element, limits, addressType }: TableType, value: number): number {
    if (this.tables.length >= programCeilings.tables) {
      failAtCeiling("tables", programCeilings.tables);
    }
    const { tableEntries } = this.options.limits;
    // No limit can be raised beyond the ceiling.
    if (limits.min > limitCeilings.tableEntries) {
      failAtCeiling("entries a table", limitCeilings.tableEntries);
    }
    if (limits.min > tableEntries) failAtCeiling("entries a table", tableEntries, "tableEntries");
    this.genesisEntries += limits.min;
    if (this.genesisEntries > programCeilings.tableEntries) {
      failAtCeiling("entries of all tables together at genesis", programCeilings.tableEntries);
    }
    const maxSize = Math.min(limits.max ?? tableEntries, tableEntries);
    const size = limits.min;
    const declaredMax = limits.max;
    return this.tables.push({ size, maxSize, addressType, element, declaredMax, value }) - 1;
  }

  /** Gives a global its slots, the low half of a vector first; returns the number of the first. */
  addGlobal(type: GlobalType, value: bigint): number {
    const first = this.globals.length;
    if (first + slotsOf(type.type) > programCeilings.globals) {
      failAtCeiling("globals", programCeilings.globals);
    }
    for (let slot = 0; slot < slotsOf(type.type); slot++) {
      this.globals.push({ type, value: BigInt.asUintN(64, value >> BigInt(64 * slot)) });
    }
    return first;
  }

  /** Initial value of the global whose first slot that is. */
  globalValue(first: number): bigint {
    const { type, value } = this.globals[first];
    return slotsOf(type.type) === 1 ? value : value | (this.globals[first + 1].value << 64n);
  }

  /** Gives the next segment its number. */
  addSegment(isDropped: boolean): number {
    if (this.dropped.length >= programCeilings.segments) {
      failAtCeiling("segments", programCeilings.segments);
    }
    return this.dropped.push(isDropped ? 1 : 0) - 1;
  }

  /** Field b of `memory.grow`: 0xffffffff says that the memory never grows. */
  memoryMaximum(memory: number): number {
    return this.options.growth === "fixed" ? 0xffffffff : this.memories[memory].maxPages;
  }

  /** The definition behind an export, as import matching sees it. */
  exported(module: number, name: string, sizes: CurrentSizes = this.sizes): External | undefined {
    const linked = this.modules[module];
    this.exportsByName[module] ??= new Map(linked.module.exports.map((item) => [item.name, item]));
    const found = this.exportsByName[module].get(name);
    if (found === undefined) return undefined;
    switch (found.kind) {
      case "function": {
        const index = linked.functions[found.index];
        return { kind: "function", index, type: this.functionTypes[index] };
      }
      case "memory": {
        const index = linked.memories[found.index];
        const { declaredMax, addressType, isShared } = this.memories[index];
        const type = { min: sizes.pages(index), max: declaredMax, addressType, isShared };
        return { kind: "memory", index, type };
      }
      case "table": {
        const index = linked.tables[found.index];
        const { element, declaredMax, addressType } = this.tables[index];
        const limits = { min: sizes.entries(index), max: declaredMax };
        return { kind: "table", index, type: { element, limits, addressType } };
      }
      case "global": {
        const index = linked.globals[found.index];
        return { kind: "global", index, type: this.globals[index].type };
      }
    }
  }

  private readonly sizes: CurrentSizes = {
    pages: (memory) => this.memories[memory].pages,
    entries: (table) => this.tables[table].size,
  };

  /** The program so far. */
  finish(gateway: FunctionEntry | undefined, boot: FunctionEntry | undefined): Program {
    const { growth, limits, chunkFuel } = this.options;
    const code = this.code.codeBytes();
    const program: Program = {
      code,
      branches: this.code.branchTableBytes(),
      functionEntries: functionEntryBytes(this.functions),
      data: concatenated(this.data, this.dataLength),
      elements: elementBytes(this.elements),
      constants: this.constants.committed(),
      config: { growth, gateway, limits, chunkFuel },
      modules: [...this.modules],
      functions: this.functions.map((entry) => ({ ...entry })),
      memories: this.memories.map(({ pages, maxPages, addressType }) => ({
        ...{ pages, maxPages, addressType },
      })),
      tables: this.tables.map(({ size, maxSize, addressType }) => ({
        ...{ size, maxSize, addressType },
      })),
      segments: this.dropped.length,
      globals: this.globals.length,
      heights: this.code.heights(),
      boot,
      genesis: {
        globals: BigUint64Array.from(this.globals, (global) => global.value),
        tableValues: this.tables.map((table) => table.value),
        segments: [...this.activeSegments],
        dropped: Uint8Array.from(this.dropped),
      },
      locate: makeLocate([...this.starts], code.length / instructionBytes),
    };
    return this.defers ? deferring(program, new DeferredBodies(this.deferred)) : program;
  }
}

/** Parameters and declared locals of a function, in slots. */
export function localsOf(type: FunctionType, body: FunctionBody): number {
  let locals = typeSlots(type).params;
  for (const run of body.locals) locals += run.count * slotsOf(run.type);
  checkFrame(locals);
  return locals;
}

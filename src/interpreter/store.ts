/**
 * An incremental linker for test scripts and explorers: modules are appended to a machine that has already run
 * (spec 2.0 §4.5.4 instantiation; the official test scripts' `module`, `register`, `invoke`, `get`).
 *
 * Invariant: append-only: pcs, function, memory, table, global and segment numbers given earlier stay. Effects of an
 * instantiation that traps persist where the module's features say so (2.0 and later), as does what it appended.
 */
import type { Module } from "./binary/module.ts";
import { slotsOf } from "./binary/valueType.ts";
import { run } from "./blocks/runSteps.ts";
import { LinkError } from "./errors.ts";
import { trapCodes } from "./isa/trapCodes.ts";
import { appendModule } from "./program/appendModule.ts";
import type { External } from "./program/externals.ts";
import { resolveImports } from "./program/externals.ts";
import type { LinkOptions } from "./program/linkOptions.ts";
import { resolveOptions } from "./program/linkOptions.ts";
import type { ActiveSegment, LinkedModule, Program } from "./program/program.ts";
import type { CurrentSizes } from "./program/programBuilder.ts";
import { ProgramBuilder } from "./program/programBuilder.ts";
import { applySegment, emptyState, initialise, segmentFits } from "./state/genesis.ts";
import { type Argument, beginInvocation, results, slotAt } from "./state/invocation.ts";
import type { MachineState, MemoryAllocator } from "./state/machineState.ts";
import {
  allocatorOf,
  defaultAllocator,
  markStale,
  newMemory,
  setAllocator,
} from "./state/memories.ts";
import { valuesOfSlots } from "./state/valueSlots.ts";

/** An instantiated module: its position in `store.program.modules`. */
export interface StoreInstance {
  readonly index: number;
}

/**
 * What an instantiation gives: the instance, and whether a segment or the start function trapped.
 */
export interface Instantiation {
  readonly instance: StoreInstance;
  /** Trap code of the segment or start function that trapped; 0 if none did. */
  readonly trap: number;
}

/** How a call by hand ended. */
export interface Invocation {
  /** Trap code; 0 if the function returned. */
  readonly trap: number;
  /** Bits of the results, one a value; empty after a trap. */
  readonly results: readonly bigint[];
}

/** Options of a store: those of linking, without a gateway, and who executes. */
export interface StoreOptions extends Partial<Omit<LinkOptions, "gateway">> {
  /** Runs a state until it halts; the reference unless given. */
  readonly execute?: (state: MachineState) => void;
  /** Where memories get their bytes; plain arrays unless given. */
  readonly allocator?: MemoryAllocator;
}

/**
 * A store in the sense of the specification (spec §4.2.3): instances that are added one by one and share memories,
 * tables and globals, and functions called by hand. For test scripts and explorers; what is deployed is linked at
 * once, by `link`.
 */
export class Store {
  /** The machine; a new object after every instantiation, so do not keep it. */
  state: MachineState;
  private readonly builder: ProgramBuilder;
  private readonly names = new Map<string, number>();
  private readonly execute: (state: MachineState) => void;
  private readonly sizes: CurrentSizes = {
    pages: (memory) => this.state.memories[memory].pages,
    entries: (table) => this.state.tables[table].size,
  };

  constructor(options: StoreOptions = {}) {
    const { execute = run, allocator = defaultAllocator, ...linkOptions } = options;
    this.execute = execute;
    this.builder = new ProgramBuilder(resolveOptions(linkOptions, "Store"));
    this.state = emptyState(this.builder.finish(undefined, undefined));
    setAllocator(this.state, allocator);
  }

  /** The program as linked so far; a new object after every instantiation. */
  get program(): Program {
    return this.state.program;
  }

  /**
   * Links a module against the registered instances and instantiates it. Throws LinkError where imports are missing
   * or do not fit, and, by the rule of 1.0, for a segment out of bounds.
   */
  instantiate(module: Module, name = ""): Instantiation {
    const { builder } = this;
    const lookup = (from: string, item: string): External | undefined => {
      const index = this.names.get(from);
      return index === undefined ? undefined : builder.exported(index, item, this.sizes);
    };
    const imports = resolveImports(module, lookup, builder.options.unknownImports);
    const firstSegment = builder.activeSegments.length;
    const index = appendModule(builder, name, module, imports);
    this.state = extendedState(this.state, builder.finish(undefined, undefined));
    const segments = builder.activeSegments.slice(firstSegment);
    const instance = { index };
    if (!module.features.bulkMemory) checkAll(this.state, segments);
    const trap = applyInOrder(this.state, segments);
    if (trap !== trapCodes.none || module.start === undefined) return { instance, trap };
    const start = this.program.modules[index].functions[module.start];
    return { instance, trap: this.call(start, []).trap };
  }

  /** Makes an instance's exports importable under `name`. */
  register(name: string, instance: StoreInstance): void {
    this.names.set(name, instance.index);
  }

  /** Calls an exported function; `args` are bits, one a value. Throws RangeError for a name that is no exported function. */
  invoke(instance: StoreInstance, name: string, args: readonly Argument[]): Invocation {
    return this.call(this.exportedIndex(instance, name, "function"), args);
  }

  /** Bits of an exported global. Throws RangeError for a name that is no exported global. */
  get(instance: StoreInstance, name: string): bigint {
    const first = this.exportedIndex(instance, name, "global");
    const { type } = this.builder.globals[first].type;
    const slots = Array.from({ length: slotsOf(type) }, (_, half) =>
      slotAt(this.state.globals, first + half),
    );
    return valuesOfSlots([type], slots)[0];
  }

  /** The index spaces of an instance, mapped to those of the program. */
  linked(instance: StoreInstance): LinkedModule {
    return this.program.modules[instance.index];
  }

  private exportedIndex(
    instance: StoreInstance,
    name: string,
    kind: "function" | "global",
  ): number {
    const found = this.builder.exported(instance.index, name, this.sizes);
    if (found === undefined || found.kind !== kind) {
      throw new RangeError(`expected an exported ${kind} named "${name}"`);
    }
    return found.index;
  }

  private call(index: number, args: readonly Argument[]): Invocation {
    beginInvocation(this.state, index, args);
    this.execute(this.state);
    const types = this.builder.functionTypes[index].results;
    return { trap: this.state.trap, results: valuesOfSlots(types, results(this.state)) };
  }
}

/** The same machine, with room for what the longer program has more. */
function extendedState(old: MachineState, program: Program): MachineState {
  const fresh = emptyState(program);
  const allocator = allocatorOf(old);
  const firstMemory = old.memories.length;
  const state: MachineState = {
    ...old,
    program,
    globals: fresh.globals,
    globalChanges: fresh.globalChanges,
    memories: [
      ...old.memories,
      ...program.memories.slice(firstMemory).map(({ pages, maxPages }, index) => {
        const bytes = allocator.allocate(firstMemory + index, pages, maxPages);
        return newMemory(bytes, pages);
      }),
    ],
    tables: [...old.tables, ...fresh.tables.slice(old.tables.length)],
    dropped: fresh.dropped,
  };
  setAllocator(state, allocator);
  state.globals.set(old.globals);
  state.dropped.set(program.genesis.dropped);
  state.dropped.set(old.dropped);
  initialise(state, old.globals.length / 2, old.tables.length);
  return state;
}

/** The rule of 1.0: every segment is checked before anything is written. */
function checkAll(state: MachineState, segments: readonly ActiveSegment[]): void {
  for (const segment of segments) {
    if (segmentFits(state, segment)) continue;
    const isData = segment.kind === "data";
    throw new LinkError(
      isData ? "data-out-of-bounds" : "elements-out-of-bounds",
      -1,
      `${isData ? "data" : "elements"} segment does not fit: out of bounds at offset ${segment.offset}`,
    );
  }
}

/** The rule of 2.0: segments are applied one by one; returns the trap code of the first that does not fit. */
function applyInOrder(state: MachineState, segments: readonly ActiveSegment[]): number {
  for (const segment of segments) {
    const isData = segment.kind === "data";
    if (!segmentFits(state, segment)) {
      return isData ? trapCodes.outOfBoundsMemory : trapCodes.outOfBoundsTable;
    }
    applySegment(state, segment);
    if (isData && segment.length > 0) {
      markStale(state.memories[segment.memory], segment.offset, segment.length);
    }
  }
  return trapCodes.none;
}

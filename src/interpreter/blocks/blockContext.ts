/**
 * What the block loop works on: the translated code of a program and the arrays of one machine, in one object of one
 * shape, so that V8 compiles the loop once for all machines.
 *
 * Invariant: between two runs of the loop the state is the truth; `enter` reads it, `leave` writes it back.
 */

import { type AccessShape, accessShape } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { instructionOf } from "../isa/table.ts";
import { FlatAccess } from "../reference/flatAccess.ts";
import { type Callee, resolve } from "../reference/instructions/controlInstructions.ts";
import { markDirty } from "../reference/instructions/handler.ts";
import { loadFrom, storeTo } from "../reference/instructions/memoryInstructions.ts";
import type { GlobalChanges } from "../state/globals.ts";
import type { MachineState } from "../state/machineState.ts";
import type { BlockCode } from "./blockCode.ts";
import { vectorOperations } from "./vectorOperations.ts";

/** Why the loop came back. */
export const exits = {
  /** The next block may pass the step or the fuel budget. */
  budget: 0,
  /** The instruction at hand is the reference's. */
  exact: 1,
  /** Control is at a pc that has no translation yet, or that is a gate. */
  untranslated: 2,
  /** The outermost function returned. */
  returned: 3,
  /** The instruction at hand traps. */
  trapped: 4,
} as const;

/** Budgets fit an int32 with room for one block on either side. */
export const budgetCeiling = 2 ** 30;
/** Memory 0 is addressed by int32 in the loop; a larger one is left to the reference. */
export const addressCeiling = 2 ** 31 - 65536;

const noBytes = new Uint8Array(0);

/** Keeps what stores overwrite, for a run that may be taken back. */
export interface StoreLog {
  /** Flags of memory 0 that count here: both bits for a chunk that is dirty, stale and saved, else none. */
  readonly ready: Uint8Array;
  /** Saves a chunk before its first store, if it is not saved. */
  save(memory: number, chunk: number): void;
}

/** The reference's access; a block has the fuel of all chunks that it may write to set aside. */
class BlockAccess extends FlatAccess {
  /** Chunks that have become dirty since they were last asked for. */
  chunks = 0;
  private readonly log: StoreLog | undefined;

  constructor(log: StoreLog | undefined) {
    super();
    this.log = log;
  }

  override setDirty(memory: number, chunk: number): void {
    this.log?.save(memory, chunk);
    super.setDirty(memory, chunk);
  }

  override affords(_chunks: number): boolean {
    return true;
  }

  override charge(chunks: number): void {
    this.chunks += chunks;
  }
}

export class BlockContext {
  readonly state: MachineState;
  readonly stack: Int32Array;
  readonly floats: Float64Array;
  readonly singles: Float32Array;
  readonly frames: Uint32Array;
  readonly globals: Int32Array;
  readonly globalChanges: GlobalChanges;
  /** Words. */
  readonly stackLimit: number;
  readonly frameLimit: number;
  readonly blocks: BlockCode;
  /** What `resolve` has found. */
  readonly callee: Callee = { entry: 0, params: 0, locals: 0, frame: 0 };
  private readonly access: BlockAccess;
  private readonly log: StoreLog | undefined;

  code: Int32Array;
  entries: Int32Array;
  /** One byte a pc: not 0 where a call or a return leaves the loop, because others go on from there. */
  gates: Uint8Array;
  memory: DataView;
  bytes: Uint8Array = noBytes;
  flags: Uint8Array = noBytes;

  /** Position in `code` at entry and, where `pc` does not say better, at exit. */
  position = 0;
  /** Exit `untranslated`: where control is. */
  pc = 0;
  /** Words. */
  base = 0;
  depth = 0;
  steps = 0;
  fuel = 0;
  /** Fuel that a write barrier has taken only to end the loop; given back behind it. */
  borrowed = 0;
  /** Exit `trapped`: the code. */
  trap = 0;
  /** Exit `returned`: the number of results. */
  results = 0;

  /** @param log told of every chunk before it is written; undefined where nothing is taken back */
  constructor(state: MachineState, blocks: BlockCode, log?: StoreLog) {
    const { stack } = state;
    this.state = state;
    this.log = log;
    this.access = new BlockAccess(log);
    this.access.attach(state);
    this.blocks = blocks;
    this.stack = stack;
    this.floats = new Float64Array(stack.buffer, stack.byteOffset, stack.length / 2);
    this.singles = new Float32Array(stack.buffer, stack.byteOffset, stack.length);
    this.frames = state.frames;
    this.globals = state.globals;
    this.globalChanges = state.globalChanges;
    this.stackLimit = stack.length;
    this.frameLimit = state.frames.length / 2;
    this.code = blocks.code;
    this.entries = blocks.entries;
    this.gates = blocks.noGates;
    this.memory = new DataView(noBytes.buffer);
  }

  /** Reads what may have changed since the last run: code, memory, registers. */
  enter(position: number, steps: number, fuel: number): void {
    const { state, blocks } = this;
    this.code = blocks.code;
    const memory = state.memories[0];
    if (memory !== undefined && memory.bytes !== this.bytes) {
      const { buffer, byteOffset, length } = memory.bytes;
      this.bytes = memory.bytes;
      this.memory = new DataView(buffer, byteOffset, length);
    }
    this.flags = this.log?.ready ?? memory?.flags ?? noBytes;
    this.position = position;
    this.base = state.fp * 2;
    this.depth = state.depth;
    this.steps = steps;
    this.fuel = fuel;
  }

  /** The callee of an indirect call; returns a trap code, 0 if `callee` is one. */
  resolve(table: number, type: number, index: number): number {
    return resolve(this.access, table, type, index, this.callee);
  }

  /** The write barrier of a store to memory 0: marks its chunks; returns the fuel of those that were clean. */
  writeBarrier(address: number, width: number): number {
    markDirty(this.access, 0, address, width);
    return this.chargeOfChunks();
  }

  /** A vector instruction on the operands from word `at` of the stack on; a, b, c are its fields. */
  vector(number: number, at: number, a: number, b: number, c: number): void {
    vectorOperations[number](this.stack, at, a, b, c);
  }

  /** A load from another memory than number 0 into word `to` of the stack; returns a trap code, 0 if none. */
  loadOther(code: number, memory: number, address: number, to: number): number {
    const shape = accessShape(instructionOf(code) as InstructionRow) as AccessShape;
    return loadFrom(this.access, shape, memory, address, to / 2);
  }

  /** A store to another memory from word `from` of the stack; returns a trap code, 0 if none. */
  storeOther(width: number, memory: number, address: number, from: number): number {
    return storeTo(this.access, width, memory, address, from / 2);
  }

  /** Fuel of the chunks that stores have made dirty since the last time. */
  chargeOfChunks(): number {
    const { chunks } = this.access;
    this.access.chunks = 0;
    return chunks * this.state.program.config.chunkFuel;
  }
}

/**
 * What the block loop works on: the translated code of a program and the arrays of one machine, in one object of one
 * shape, so that V8 compiles the loop once for all machines.
 *
 * Invariant: between two runs of the loop the state is the truth; `enter` reads it, `leave` writes it back.
 */

import { type AccessShape, accessShape } from "../isa/columns.ts";
import type { InstructionRow } from "../isa/table.ts";
import { instructionOf } from "../isa/table.ts";
import { trapCodes } from "../isa/trapCodes.ts";
import { highWord, lowWord } from "../reference/instructions/memoryInstructions.ts";
import type { GlobalChanges } from "../state/globals.ts";
import type { MachineState, TableState } from "../state/machineState.ts";
import { cleanChunks, markDirty } from "../state/memories.ts";
import { readBytes, writeBytes } from "../state/memoryBytes.ts";
import type { BlockCode } from "./blockCode.ts";

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

export class BlockContext {
  readonly state: MachineState;
  readonly stack: Int32Array;
  readonly floats: Float64Array;
  readonly singles: Float32Array;
  readonly frames: Uint32Array;
  readonly globals: Int32Array;
  readonly globalChanges: GlobalChanges;
  readonly tables: readonly TableState[];
  /** Words. */
  readonly stackLimit: number;
  readonly frameLimit: number;
  readonly blocks: BlockCode;

  code: Int32Array;
  entries: Int32Array;
  functions: Int32Array;
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

  constructor(state: MachineState, blocks: BlockCode) {
    const { stack } = state;
    this.state = state;
    this.blocks = blocks;
    this.stack = stack;
    this.floats = new Float64Array(stack.buffer, stack.byteOffset, stack.length / 2);
    this.singles = new Float32Array(stack.buffer, stack.byteOffset, stack.length);
    this.frames = state.frames;
    this.globals = state.globals;
    this.globalChanges = state.globalChanges;
    this.tables = state.tables;
    this.stackLimit = stack.length;
    this.frameLimit = state.frames.length / 2;
    this.code = blocks.code;
    this.entries = blocks.entries;
    this.functions = blocks.functions;
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
    this.flags = memory?.flags ?? noBytes;
    this.position = position;
    this.base = state.fp * 2;
    this.depth = state.depth;
    this.steps = steps;
    this.fuel = fuel;
  }

  /** The write barrier of a store to memory 0: marks its chunks; returns the fuel of those that were clean. */
  writeBarrier(address: number, width: number): number {
    const memory = this.state.memories[0];
    const clean = cleanChunks(memory, address, width);
    markDirty(memory, address, width);
    return clean * this.state.program.config.chunkFuel;
  }

  /** A load from another memory than number 0 into word `to` of the stack; returns a trap code, 0 if none. */
  loadOther(code: number, memory: number, address: number, to: number): number {
    const { bytes } = this.state.memories[memory];
    const shape = accessShape(instructionOf(code) as InstructionRow) as AccessShape;
    const { width } = shape;
    if (address + width > bytes.length) return trapCodes.outOfBoundsMemory;
    const low = lowWord(shape, readBytes(bytes, address, Math.min(width, 4)));
    this.stack[to] = low;
    this.stack[to + 1] = width === 8 ? readBytes(bytes, address + 4, 4) : highWord(shape, low);
    return 0;
  }

  /** A store to another memory from word `from` of the stack; returns the fuel of its clean chunks, −1 for a trap. */
  storeOther(width: number, memory: number, address: number, from: number): number {
    const target = this.state.memories[memory];
    if (address + width > target.bytes.length) return -1;
    const clean = cleanChunks(target, address, width);
    markDirty(target, address, width);
    writeBytes(target.bytes, address, Math.min(width, 4), this.stack[from]);
    if (width === 8) writeBytes(target.bytes, address + 4, 4, this.stack[from + 1]);
    return clean * this.state.program.config.chunkFuel;
  }
}

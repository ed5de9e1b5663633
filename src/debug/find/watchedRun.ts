/**
 * A run that stops where somebody watches: before chosen instructions, and behind every step that writes to chosen bytes. It is the
 * block executor with blocks that end there (docs/debugging.md, "How find runs").
 *
 * Invariant: the states at which it stops, and the one at the end, are those of as many single steps; watched chunks never
 * have both flags of `chunkFlags`, so that every store to them passes the write barrier.
 */
import { BlockCode } from "../../interpreter/blocks/blockCode.ts";
import { BlockContext } from "../../interpreter/blocks/blockContext.ts";
import { canRunBlocks, runWholeBlocks } from "../../interpreter/blocks/runBlockwise.ts";
import { chunkBytes, instructionBytes, type Program } from "../../interpreter/program/program.ts";
import { stepOver } from "../../interpreter/reference/step.ts";
import {
  chunkFlags,
  type MachineState,
  type MemoryState,
  statusCodes,
} from "../../interpreter/state/machineState.ts";
import { WatchedAccess, type WrittenRange } from "../watchedAccess.ts";

/** What is watched. */
export interface Watch {
  /** Instructions, by pc. */
  readonly stops: readonly number[];
  /** Bytes of memories. */
  readonly ranges: readonly WrittenRange[];
}

/** Why a run stopped: before a watched instruction, behind a watched write, or at the end that was asked for. */
export type WatchEvent = "stop" | "write" | "end";

/** A step that wrote watched bytes. */
export interface WatchedWrite extends WrittenRange {
  readonly pc: number;
}

/** Fuel that ends the block loop, and fits its int32 with a block's fuel on either side. */
const penalty = 2 ** 30;
/** With a dearer first write a block's reserve might not fit; then every step is the reference's. */
const dearestChunk = 2 ** 20;

/** Translated code of one program and one set of stops; states share it. */
export class WatchedCode {
  readonly watch: Watch;
  readonly stops: Uint8Array;
  readonly blocks: BlockCode;

  constructor(program: Program, watch: Watch) {
    this.watch = watch;
    this.stops = new Uint8Array(program.code.length / instructionBytes);
    for (const pc of watch.stops) this.stops[pc] = 1;
    const splitsStores = watch.ranges.length > 0;
    this.blocks = new BlockCode(program, { stops: this.stops, splitsStores });
  }
}

export class WatchedRun {
  readonly state: MachineState;
  /** The last write that was told. */
  write: WatchedWrite | undefined;
  readonly #code: WatchedCode;
  readonly #context: WatchedContext;
  readonly #access = new WatchedAccess();
  /** Step at which the stop before the next instruction was told. */
  #toldAt = -1;

  constructor(state: MachineState, code: WatchedCode) {
    this.state = state;
    this.#code = code;
    this.#context = new WatchedContext(state, code);
    this.#context.arm();
  }

  /** Runs on to the next event, at most to step `end`. */
  next(end: number): WatchEvent {
    const { state } = this;
    const { stops } = this.#code;
    while (state.status === statusCodes.running && state.stepCounter < end) {
      if (stops[state.pc] === 1) {
        if (this.#toldAt !== state.stepCounter) {
          this.#toldAt = state.stepCounter;
          return "stop";
        }
      } else if (this.#runBlocks(end)) {
        if (this.#context.hit !== undefined) return this.#writtenBlock(this.#context.hit);
        continue;
      }
      if (this.#step()) return "write";
    }
    return "end";
  }

  /** Leaves the state's marks as any other run would. */
  end(): void {
    this.#context.disarm();
  }

  /** Whether blocks got anywhere. */
  #runBlocks(end: number): boolean {
    const { state } = this;
    if (state.program.config.chunkFuel > dearestChunk || !canRunBlocks(state)) return false;
    const before = state.stepCounter;
    this.#context.hit = undefined;
    runWholeBlocks(this.#context, end - before);
    return state.stepCounter !== before;
  }

  /** A block ends behind every store, so the instruction before this one was the store. */
  #writtenBlock(hit: WrittenRange): WatchEvent {
    this.#context.hit = undefined;
    this.write = { ...hit, pc: this.state.pc - 1 };
    return "write";
  }

  /** One step of the reference; whether it wrote watched bytes. */
  #step(): boolean {
    const { state } = this;
    const { pc } = state;
    stepOver(this.#access, state);
    const { written } = this.#access;
    if (written === undefined) return false;
    this.#context.arm();
    if (!this.#context.isWatched(written)) return false;
    this.write = { ...written, pc };
    return true;
  }
}

/** A context whose write barrier looks at where a store goes. */
class WatchedContext extends BlockContext {
  hit: WrittenRange | undefined;
  /** Fuel to be taken for the store at hand so that the loop ends behind it. */
  #penalty = 0;
  readonly #ranges: readonly WrittenRange[];
  /** Watched chunks of each memory. */
  readonly #chunks: readonly ReadonlySet<number>[];

  constructor(state: MachineState, { blocks, watch }: WatchedCode) {
    super(state, blocks);
    this.#ranges = watch.ranges;
    this.#chunks = state.memories.map((_, memory) => chunksOf(watch.ranges, memory));
  }

  isWatched({ memory, address, length }: WrittenRange): boolean {
    return this.#ranges.some(
      (range) =>
        range.memory === memory &&
        address < range.address + range.length &&
        range.address < address + length,
    );
  }

  /** Takes the second flag of the watched chunks away. */
  arm(): void {
    this.state.memories.forEach((memory, index) => {
      for (const chunk of this.#chunks[index]) clearStale(memory, chunk);
    });
  }

  /** Marks the watched chunks as changed: they may be. */
  disarm(): void {
    this.state.memories.forEach((memory, index) => {
      for (const chunk of this.#chunks[index]) {
        if (chunk >= memory.flags.length || (memory.flags[chunk] & chunkFlags.stale) !== 0)
          continue;
        memory.flags[chunk] |= chunkFlags.stale;
        memory.staleChunks.push(chunk);
      }
    });
  }

  override writeBarrier(address: number, width: number): number {
    const charge = super.writeBarrier(address, width);
    return charge + this.#look({ memory: 0, address, length: width });
  }

  override storeOther(width: number, memory: number, address: number, from: number): number {
    const trap = super.storeOther(width, memory, address, from);
    if (trap === 0) this.#penalty += this.#look({ memory, address, length: width });
    return trap;
  }

  override chargeOfChunks(): number {
    const charge = super.chargeOfChunks() + this.#penalty;
    this.#penalty = 0;
    return charge;
  }

  /** Fuel that makes the loop end behind this store, if it is one of those. */
  #look(written: WrittenRange): number {
    const memory = this.state.memories[written.memory];
    const watched = this.#chunks[written.memory];
    const last = Math.floor((written.address + written.length - 1) / chunkBytes);
    for (let chunk = Math.floor(written.address / chunkBytes); chunk <= last; chunk++) {
      if (watched.has(chunk)) clearStale(memory, chunk);
    }
    if (!this.isWatched(written)) return 0;
    this.hit = written;
    this.borrowed = penalty;
    return penalty;
  }
}

function chunksOf(ranges: readonly WrittenRange[], memory: number): Set<number> {
  const chunks = new Set<number>();
  for (const range of ranges) {
    if (range.memory !== memory) continue;
    const last = Math.floor((range.address + range.length - 1) / chunkBytes);
    for (let chunk = Math.floor(range.address / chunkBytes); chunk <= last; chunk++)
      chunks.add(chunk);
  }
  return chunks;
}

/** Chunks that were just marked stand at the end of the list. */
function clearStale(memory: MemoryState, chunk: number): void {
  if (chunk >= memory.flags.length || (memory.flags[chunk] & chunkFlags.stale) === 0) return;
  memory.flags[chunk] &= ~chunkFlags.stale;
  const { staleChunks } = memory;
  const at = staleChunks.lastIndexOf(chunk);
  if (at >= 0) staleChunks.splice(at, 1);
}

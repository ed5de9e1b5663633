/**
 * The commitment of a machine's state, kept up to date while the machine runs (docs/proof-format.md §2): state
 * hashes, register proofs, multiproofs and witnesses.
 *
 * Invariant: the hash is a function of the state alone, whoever looked at it before. Memory is rehashed by its stale
 * chunks, tables and globals by those that were written, everything else by comparison with what was committed last; d changed
 * chunks cost O(d) hashes.
 */

import {
  chunkBytes,
  type Program,
  pageBytes,
  referenceBytes,
} from "../../interpreter/program/program.ts";
import { outputOf } from "../../interpreter/state/callOutput.ts";
import { closeVersion, globalsChangedSince } from "../../interpreter/state/globals.ts";
import {
  chunkFlags,
  type MachineState,
  statusCodes,
  type TableState,
} from "../../interpreter/state/machineState.ts";
import { changedChunks, tableChunkEntries } from "../../interpreter/state/tables.ts";
import {
  arrayDepths,
  type ColdName,
  coldShape,
  dirtyStride,
  firstTableSize,
  memoryChunks,
  memoryStride,
  type Shape,
  type StateArray,
  tableStride,
} from "../tree/arrays.ts";
import { tags } from "../tree/keccak/kernel.ts";
import { MerkleArray } from "../tree/merkleArray.ts";
import type { Multiproof } from "../tree/multiproof.ts";
import { hashShape, PartialTree } from "../tree/partialTree.ts";
import { ShadowedArray } from "../tree/shadowedArray.ts";
import { recordStep } from "../witness/recordStep.ts";
import { recordBegin } from "../witness/replayBegin.ts";
import { ProgramTree } from "./programTree.ts";
import { encodeRegisterProof, registersOf, stateHashOf, stateNode } from "./registers.ts";

type ShadowedName = Exclude<StateArray, "memory">;

/** The stale bits of a state's memories tell one tree what changed; any other tree looks at everything. */
const reader = new WeakMap<MachineState, StateTree>();

const chunksPerPage = pageBytes / chunkBytes;
/** 96 MiB at most, for programs that write 64 MiB again and again. */
const activeMemoryChunks = 2 ** 14;
/** All of the longest table. */
const activeTableChunks = 2 ** 15;
const sizeWords = 512;

/**
 * The commitment of one machine state (docs/proof-format.md §2). Make one tree for a state and keep it: each
 * question costs hashes only for what has changed since the last one. State hashes and roots are 32 bytes.
 */
export class StateTree {
  /** The state that is committed; it may run on between questions. */
  readonly state: MachineState;
  readonly #memory: MerkleArray;
  readonly #shadowed: Readonly<Record<ShadowedName, ShadowedArray>>;
  readonly #dirtyBits: DirtyBits[] = [];
  readonly #tableBytes: ReferenceBytes[] = [];
  /** As last synced: a call that is taken back makes a memory smaller. */
  readonly #memoryBytes: number[] = [];
  readonly #tableVersions: number[] = [];
  #globalVersion: number | undefined;
  readonly #sizes = new Uint32Array(sizeWords);
  #input: Uint8Array | undefined;

  constructor(state: MachineState) {
    this.state = state;
    this.#memory = new MerkleArray(
      arrayDepths.memory,
      (offset, target) => {
        const memory = state.memories[Math.floor(offset / memoryStride)];
        const start = offset % memoryStride;
        const part = memory?.bytes.subarray(start, start + target.length);
        target.set(part ?? []);
        target.fill(0, part?.length ?? 0);
      },
      activeMemoryChunks,
    );
    const shadowed = (
      name: ShadowedName,
      stride = 2 ** arrayDepths[name] * 128,
      activeChunks?: number,
    ) => new ShadowedArray(arrayDepths[name], stride, activeChunks);
    this.#shadowed = {
      stack: shadowed("stack"),
      frames: shadowed("frames"),
      globals: shadowed("globals"),
      sizes: shadowed("sizes"),
      dirty: shadowed("dirty", dirtyStride),
      tables: shadowed("tables", tableStride, activeTableChunks),
      dropped: shadowed("dropped"),
      input: shadowed("input"),
      heap: shadowed("heap"),
      heap2: shadowed("heap2"),
      heapWords: shadowed("heapWords"),
      output: shadowed("output"),
    };
  }

  /** The program of the state. */
  get program(): Program {
    return this.state.program;
  }

  /** H_VM of the state as it is now. */
  stateHash(): Uint8Array {
    this.sync();
    return stateHashOf(registersOf(this.state), this.programAndStack(), this.cold());
  }

  /** 128 bytes that prove every register against the state hash. */
  registerProof(): Uint8Array {
    this.sync();
    return encodeRegisterProof(registersOf(this.state), this.programAndStack(), this.cold());
  }

  /** The canonical witness of the next step: what `replayStep` needs, and a judge. */
  witness(): Uint8Array {
    if (this.state.status !== statusCodes.running) return this.registerProof();
    this.sync();
    return recordStep(this);
  }

  /** What beginning a call from this state takes: see `replayBegin`. */
  beginWitness(): Uint8Array {
    this.sync();
    return recordBegin(this);
  }

  /** Brings the arrays up to the state as it is now; the methods below show what was synced last. */
  sync(): void {
    const { state } = this;
    const { stack, frames, sizes, dropped } = this.#shadowed;
    this.#syncMemories();
    stack.sync(bytesOf(state.stack, state.sp * 8));
    frames.sync(bytesOf(state.frames, state.depth * 8));
    this.#syncGlobals();
    sizes.sync(this.#sizeBytes());
    dropped.sync(state.dropped.subarray(0, state.program.segments));
    state.tables.forEach((table, i) => {
      const seen = this.#tableVersions[i];
      const chunks = seen === undefined ? undefined : changedChunks(table, seen);
      this.#tableBytes[i] ??= new ReferenceBytes();
      const bytes = this.#tableBytes[i].of(table, chunks);
      this.#shadowed.tables.sync(bytes, i, chunks);
      this.#tableVersions[i] = table.version;
    });
    this.#shadowed.output.sync(outputOf(state));
    if (this.#input !== state.input) {
      this.#shadowed.input.sync(state.input);
      this.#input = state.input;
    }
  }

  /** Root of one of the state's arrays as last synced: 32 bytes, zero for an empty one. */
  root(name: StateArray): Uint8Array {
    return this.#array(name).root();
  }

  /**
   * Proof of leaves of an array as last synced, given in ascending order (docs/proof-format.md §3).
   */
  open(name: StateArray, leaves: readonly number[]): Multiproof {
    return this.#array(name).open(leaves);
  }

  /** s(Ψ, stack) */
  programAndStack(): Uint8Array {
    return stateNode(ProgramTree.of(this.program).root(), this.root("stack"));
  }

  /** Hash of everything but registers, program and stack, as last synced. */
  cold(): Uint8Array {
    return this.coldNode(coldShape);
  }

  /** Hash of a subtree of cold. */
  coldNode(part: Shape<ColdName>): Uint8Array {
    return hashShape(part, (name) => this.root(name), tags.state);
  }

  /** Everything below cold, with the roots that `named` holds in the clear. */
  partialCold(named: ReadonlySet<string>): PartialTree<ColdName> {
    return new PartialTree(coldShape, named, tags.state, (part) => this.coldNode(part));
  }

  #array(name: StateArray): MerkleArray {
    return name === "memory" ? this.#memory : this.#shadowed[name].array;
  }

  #syncGlobals(): void {
    const { globals, globalChanges, program } = this.state;
    const seen = this.#globalVersion;
    const chunks = seen === undefined ? undefined : globalsChangedSince(globalChanges, seen);
    if (chunks?.length === 0) return;
    this.#shadowed.globals.sync(bytesOf(globals, program.globals * 8), 0, chunks);
    this.#globalVersion = closeVersion(globalChanges);
  }

  #syncMemories(): void {
    const { state } = this;
    const isReader = reader.get(state) === this;
    reader.set(state, this);
    state.memories.forEach((memory, m) => {
      if (!isReader) {
        const start = m * memoryStride;
        const length = Math.max(memory.bytes.length, this.#memoryBytes[m] ?? 0);
        this.#memory.invalidateRange(start, start + length);
      }
      this.#memoryBytes[m] = memory.bytes.length;
      for (const chunk of memory.staleChunks) {
        if (isReader) this.#memory.invalidate(m * memoryChunks + chunk);
        memory.flags[chunk] &= ~chunkFlags.stale;
      }
      memory.staleChunks.length = 0;
      this.#dirtyBits[m] ??= new DirtyBits();
      this.#shadowed.dirty.sync(
        this.#dirtyBits[m].of(memory.dirtyChunks, memory.pages * chunksPerPage),
        m,
      );
    });
  }

  #sizeBytes(): Uint8Array {
    this.state.memories.forEach((memory, m) => {
      this.#sizes[m] = memory.pages;
    });
    this.state.tables.forEach((table, t) => {
      this.#sizes[firstTableSize + t] = table.size;
    });
    return bytesOf(this.#sizes, this.#sizes.byteLength);
  }
}

/** The dirty map of one memory as bytes, from the list of its dirty chunks, which only grows within a call. */
class DirtyBits {
  #bits = new Uint8Array(0);
  #seen: number[] = [];

  of(chunks: readonly number[], chunkCount: number): Uint8Array {
    const length = Math.ceil(chunkCount / 32) * 4;
    const sameCall = this.#seen.every((chunk, i) => chunk === chunks[i]);
    if (!sameCall || length !== this.#bits.length) {
      this.#bits = new Uint8Array(length);
      this.#seen = [];
    }
    for (let i = this.#seen.length; i < chunks.length; i++) {
      this.#bits[chunks[i] >> 3] |= 1 << (chunks[i] & 7);
      this.#seen.push(chunks[i]);
    }
    return this.#bits;
  }
}

/** The references of one table as committed bytes: two words each, of which tables keep the low one. */
class ReferenceBytes {
  #words = new Uint32Array(0);
  #size = 0;

  /** `chunks` may have changed since the last time; undefined: all. */
  of({ entries, size }: TableState, chunks: readonly number[] | undefined): Uint8Array {
    if (this.#words.length < 2 * size) {
      const larger = new Uint32Array(4 * size);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words.fill(0, 2 * size, 2 * Math.max(size, this.#size));
    this.#size = size;
    const all = Math.ceil(size / tableChunkEntries);
    for (const chunk of chunks ?? Array(all).keys()) {
      const end = Math.min((chunk + 1) * tableChunkEntries, size);
      for (let i = chunk * tableChunkEntries; i < end; i++) this.#words[2 * i] = entries[i];
    }
    return bytesOf(this.#words, size * referenceBytes);
  }
}

/** Words of a machine's array as committed bytes: little-endian, as the hosts of WebAssembly are. */
function bytesOf(words: Int32Array | Uint32Array, length: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, length);
}

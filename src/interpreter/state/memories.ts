/**
 * Memories of a machine state: allocation, growth, and the dirty-chunk flags with their fuel (docs/machine.md §5).
 *
 * Invariant: a chunk's `dirty` bit is set exactly if the chunk is in `dirtyChunks`, `stale` likewise; every byte
 * that an executor writes lies in chunks that `markChunk` has marked before.
 */
import type { Program } from "../program/program.ts";
import { chunkBytes, pageBytes } from "../program/program.ts";
import type { MachineState, MemoryAllocator, MemoryState } from "./machineState.ts";
import { chunkFlags } from "./machineState.ts";

const chunksPerPage = pageBytes / chunkBytes;
const marked = chunkFlags.dirty | chunkFlags.stale;

/** Memories in ordinary array buffers until they grow past them: then they move into a host memory, which grows without a copy. */
export const defaultAllocator: MemoryAllocator = {
  allocate: (_memory, pages) => new Uint8Array(pages * pageBytes),
  grow: (_memory, bytes, pages, maxPages) => {
    const length = pages * pageBytes;
    const { buffer, byteOffset } = bytes;
    if (byteOffset + length <= buffer.byteLength) return new Uint8Array(buffer, byteOffset, length);
    return grownInPlace(bytes, pages) ?? moved(bytes, pages, maxPages) ?? copied(bytes, length);
  },
};

const allocators = new WeakMap<MachineState, MemoryAllocator>();
const makers = new WeakMap<Program, () => MemoryAllocator>();

/** Remembers where a state's memories come from, for `memory.grow`. */
export function setAllocator(state: MachineState, allocator: MemoryAllocator): void {
  allocators.set(state, allocator);
}

export function allocatorOf(state: MachineState): MemoryAllocator {
  return allocators.get(state) ?? defaultAllocator;
}

/** New states of a program are to have allocators of this kind: whoever runs them would move their memories there. */
export function preferAllocator(program: Program, make: () => MemoryAllocator): void {
  makers.set(program, make);
}

/** An allocator for a new state of a program. */
export function newAllocator(program: Program): MemoryAllocator {
  return makers.get(program)?.() ?? defaultAllocator;
}

/** Host memories that memories of states have moved into, by their buffers. */
const growing = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

function grownInPlace({ buffer }: Uint8Array, pages: number): Uint8Array | undefined {
  const memory = growing.get(buffer);
  return (
    memory &&
    unlessRefused(() => {
      memory.grow(pages - buffer.byteLength / pageBytes);
      return bytesOf(memory);
    })
  );
}

function moved(bytes: Uint8Array, pages: number, maxPages: number): Uint8Array | undefined {
  return unlessRefused(() => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: Math.max(pages, maxPages) });
    const grown = bytesOf(memory);
    copyFilled(bytes, grown);
    return grown;
  });
}

function bytesOf(memory: WebAssembly.Memory): Uint8Array {
  growing.set(memory.buffer, memory);
  return new Uint8Array(memory.buffer);
}

/** Undefined where the host has no room for such a memory; an ordinary buffer may still find some. */
function unlessRefused(make: () => Uint8Array): Uint8Array | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** In a buffer that leaves room for more, so that growing page by page stays linear. */
function copied(bytes: Uint8Array, length: number): Uint8Array {
  const buffer = new ArrayBuffer(Math.max(length, Math.min(bytes.length * 2, roomCeiling)));
  const grown = new Uint8Array(buffer, 0, length);
  grown.set(bytes);
  return grown;
}

/** Bytes up to which room is doubled. What lies beyond a memory's pages in its buffer is zero. */
const roomCeiling = 2 ** 30;

/**
 * Copies what is not zero into memory that is: a host gives pages when they are first written, and a module may declare
 * gigabytes that it never writes.
 */
export function copyFilled(from: Uint8Array, to: Uint8Array): void {
  const words = new Int32Array(from.buffer, from.byteOffset, from.length / 4);
  const chunkWords = chunkBytes / 4;
  for (let start = 0; start < words.length; start += chunkWords) {
    if (isZero(words, start, start + chunkWords)) continue;
    to.set(from.subarray(start * 4, start * 4 + chunkBytes), start * 4);
  }
}

/** Whether all words of a range are zero, whose length is a multiple of eight. */
export function isZero(words: Int32Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 8) {
    const low = words[at] | words[at + 1] | words[at + 2] | words[at + 3];
    const high = words[at + 4] | words[at + 5] | words[at + 6] | words[at + 7];
    if ((low | high) !== 0) return false;
  }
  return true;
}

export function newMemory(bytes: Uint8Array, pages: number): MemoryState {
  const flags = new Uint8Array(pages * chunksPerPage);
  return { bytes, pages, flags, dirtyChunks: [], staleChunks: [] };
}

/** Grows a memory to `pages`; its `bytes` and `flags` are replaced. Changes nothing if the host refuses (RangeError). */
export function growMemory(state: MachineState, index: number, pages: number): void {
  const memory = state.memories[index];
  if (pages === memory.pages) return;
  const { maxPages } = state.program.memories[index];
  const flags = longerFlags(memory.flags, pages * chunksPerPage);
  memory.bytes = allocatorOf(state).grow(index, memory.bytes, pages, maxPages);
  memory.flags = flags;
  memory.pages = pages;
}

/** The same flags and clean ones; like the bytes they leave room. */
function longerFlags(flags: Uint8Array, length: number): Uint8Array {
  if (length <= flags.buffer.byteLength) return new Uint8Array(flags.buffer, 0, length);
  const longer = new Uint8Array(Math.max(length, Math.min(flags.length * 2, roomCeiling)));
  longer.set(flags);
  return longer.subarray(0, length);
}

/** Takes a memory back to fewer pages in time proportional to what was written above them; its bytes stay where they are. */
export function shrinkMemory(state: MachineState, memory: MemoryState, pages: number): void {
  const chunks = pages * chunksPerPage;
  for (const chunk of new Set([...memory.dirtyChunks, ...memory.staleChunks])) {
    if (chunk < chunks) continue;
    memory.bytes.fill(0, chunk * chunkBytes, (chunk + 1) * chunkBytes);
    if ((memory.flags[chunk] & chunkFlags.stale) === 0) memory.staleChunks.push(chunk);
    memory.flags[chunk] = 0;
  }
  memory.bytes = memory.bytes.subarray(0, pages * pageBytes);
  memory.flags = memory.flags.subarray(0, chunks);
  memory.pages = pages;
  setAllocator(state, defaultAllocator);
}

/** Marks one chunk as charged and as changed. */
export function markChunk(memory: MemoryState, chunk: number): void {
  const flags = memory.flags[chunk];
  if (flags === marked) return;
  if ((flags & chunkFlags.dirty) === 0) {
    memory.onFirstWrite?.(chunk);
    memory.dirtyChunks.push(chunk);
  }
  if ((flags & chunkFlags.stale) === 0) memory.staleChunks.push(chunk);
  memory.flags[chunk] = marked;
}

/** Marks a write that dirties nothing in the sense of fuel (segments applied outside of any call). */
export function markStale(memory: MemoryState, address: number, length: number): void {
  const last = Math.floor((address + length - 1) / chunkBytes);
  for (let chunk = Math.floor(address / chunkBytes); chunk <= last; chunk++) {
    if ((memory.flags[chunk] & chunkFlags.stale) !== 0) continue;
    memory.flags[chunk] |= chunkFlags.stale;
    memory.staleChunks.push(chunk);
  }
}

/** Makes every chunk clean, as the beginning of a call does. */
export function clearDirty(state: MachineState): void {
  for (const memory of state.memories) {
    for (const chunk of memory.dirtyChunks) memory.flags[chunk] &= ~chunkFlags.dirty;
    memory.dirtyChunks.length = 0;
  }
}

/**
 * Takes a call back: what the state was before it, kept in proportion to what the call writes.
 * Every chunk is saved when the call makes it dirty, which happens before its first byte changes.
 *
 * Invariant: after `rollBack` the state equals a snapshot taken where the journal was opened, restored: registers,
 * memories with their dirty chunks, tables, globals, everything that the commitment sees.
 */
import { chunkBytes, pageBytes } from "../program/program.ts";
import { closeVersion, globalChunkSize, touchGlobal } from "./globals.ts";
import type { MachineState, MemoryState, TableState } from "./machineState.ts";
import { chunkFlags, registersIn } from "./machineState.ts";
import { markStale, shrinkMemory } from "./memories.ts";
import { shrinkTable, tableChunkEntries, touchTable } from "./tables.ts";

interface SavedMemory {
  readonly pages: number;
  readonly dirtyChunks: readonly number[];
  readonly chunks: Map<number, Uint8Array>;
}

interface SavedTable {
  readonly size: number;
  readonly chunks: Map<number, Uint32Array>;
}

const chunksPerPage = pageBytes / chunkBytes;

/** What a state was before a call that may be taken back (the head of this file). */
export class CallJournal {
  private readonly state: MachineState;
  private readonly registers: Partial<MachineState>;
  private readonly stack: Int32Array;
  private readonly frames: Uint32Array;
  private readonly globals = new Map<number, Int32Array>();
  private readonly dropped: Uint8Array;
  private readonly tables: readonly SavedTable[];
  private readonly memories: readonly SavedMemory[];

  /** Opens a journal; the call has to begin after it. One journal at a time. */
  constructor(state: MachineState) {
    const { sp, depth, input, output, outputLength } = state;
    this.state = state;
    this.registers = { ...registersIn(state), input, output, outputLength };
    this.stack = state.stack.slice(0, sp * 2);
    this.frames = state.frames.slice(0, depth * 2);
    this.watchGlobals();
    this.dropped = state.dropped.slice();
    this.tables = state.tables.map(watchTable);
    this.memories = state.memories.map((memory) => this.watch(memory));
  }

  private watchGlobals(): void {
    const { globals, globalChanges } = this.state;
    closeVersion(globalChanges);
    globalChanges.onWrite = (chunk) => {
      if (this.globals.has(chunk)) return;
      const first = chunk * globalChunkSize;
      this.globals.set(chunk, globals.slice(first * 2, (first + globalChunkSize) * 2));
    };
  }

  private watch(memory: MemoryState): SavedMemory {
    const { pages, dirtyChunks } = memory;
    const saved: SavedMemory = { pages, dirtyChunks: [...dirtyChunks], chunks: new Map() };
    memory.onFirstWrite = (chunk) => {
      if (saved.chunks.has(chunk) || chunk >= pages * chunksPerPage) return;
      const from = chunk * chunkBytes;
      saved.chunks.set(chunk, memory.bytes.slice(from, from + chunkBytes));
    };
    return saved;
  }

  /** Ends the journal: the call stays. */
  close(): void {
    for (const memory of this.state.memories) delete memory.onFirstWrite;
    for (const table of this.state.tables) delete table.onWrite;
    delete this.state.globalChanges.onWrite;
  }

  /** Ends the journal: the call was never made. */
  rollBack(): void {
    this.close();
    const { state } = this;
    Object.assign(state, this.registers);
    state.stack.set(this.stack);
    state.frames.set(this.frames);
    for (const [chunk, content] of this.globals) {
      touchGlobal(state.globalChanges, chunk * globalChunkSize);
      state.globals.set(content, chunk * globalChunkSize * 2);
    }
    state.dropped.set(this.dropped);
    this.tables.forEach((saved, index) => {
      restoreTable(state.tables[index], saved);
    });
    this.memories.forEach((saved, index) => {
      restoreMemory(state, state.memories[index], saved);
    });
  }
}

function watchTable(table: TableState): SavedTable {
  const saved: SavedTable = { size: table.size, chunks: new Map() };
  table.onWrite = (chunk) => {
    const first = chunk * tableChunkEntries;
    if (saved.chunks.has(chunk) || first >= saved.size) return;
    const end = Math.min(first + tableChunkEntries, saved.size);
    saved.chunks.set(chunk, table.entries.slice(first, end));
  };
  return saved;
}

function restoreTable(table: TableState, saved: SavedTable): void {
  for (const [chunk, content] of saved.chunks) {
    const first = chunk * tableChunkEntries;
    touchTable(table, first, content.length);
    table.entries.set(content, first);
  }
  shrinkTable(table, saved.size);
}

function restoreMemory(state: MachineState, memory: MemoryState, saved: SavedMemory): void {
  if (memory.pages > saved.pages) shrinkMemory(state, memory, saved.pages);
  for (const [chunk, content] of saved.chunks) {
    memory.bytes.set(content, chunk * chunkBytes);
    markStale(memory, chunk * chunkBytes, chunkBytes);
  }
  for (const chunk of memory.dirtyChunks) memory.flags[chunk] &= ~chunkFlags.dirty;
  memory.dirtyChunks.length = 0;
  for (const chunk of saved.dirtyChunks) {
    memory.flags[chunk] |= chunkFlags.dirty;
    memory.dirtyChunks.push(chunk);
  }
}

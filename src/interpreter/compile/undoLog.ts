/**
 * The undo log since the last checkpoint: old content of every chunk that emitted code has written, what the charging
 * of its first store has changed, and what its table instructions have overwritten (tableUndo.ts).
 *
 * Invariant: card 0 ⇔ the chunk is in the log.
 */

import { chunkBytes } from "../program/program.ts";
import type { MachineState } from "../state/machineState.ts";
import { chunkFlags } from "../state/machineState.ts";
import { growMemory, shrinkMemory } from "../state/memories.ts";
import type { HostMemories } from "./hostMemories.ts";
import { SavedContents } from "./savedContents.ts";
import { TableUndo } from "./tableUndo.ts";

export class UndoLog {
  private readonly state: MachineState;
  private readonly host: HostMemories;
  readonly tables: TableUndo;
  private readonly cardTables: Uint8Array[] = [];
  private readonly contents = new SavedContents();
  private memories: number[] = [];
  private chunks: number[] = [];
  /** Where `contents` keeps them. */
  private places: number[] = [];
  /** By chunk of memory 0: both flags of one that is dirty, stale and saved (blocks/blockContext.ts). */
  ready = new Uint8Array(0);
  private readonly marks: { dirty: number; stale: number }[] = [];
  /** Pages at the checkpoint of memories that have grown since. */
  private readonly sizes = new Map<number, number>();
  /** Bytes of output at the checkpoint. */
  private outputLength = 0;

  constructor(state: MachineState, host: HostMemories) {
    this.state = state;
    this.host = host;
    this.tables = new TableUndo(state);
  }

  /** Forgets what was saved: from here on stores are saved anew. */
  checkpoint(): void {
    const { memories } = this.state;
    for (let index = 0; index < memories.length; index++) {
      this.cardTables[index] = this.host.cardTable(index);
    }
    this.arm();
    this.fitReady();
    this.tables.checkpoint();
    this.outputLength = this.state.outputLength;
    this.sizes.clear();
    for (let index = 0; index < memories.length; index++) {
      const { dirtyChunks, staleChunks } = memories[index];
      this.marks[index] ??= { dirty: 0, stale: 0 };
      this.marks[index].dirty = dirtyChunks.length;
      this.marks[index].stale = staleChunks.length;
    }
  }

  /** Grows a memory while emitted code runs; false, and nothing done, if the host refuses. */
  grow(memory: number, pages: number): boolean {
    const before = this.state.memories[memory].pages;
    if (!this.host.makeRoom(memory, pages)) return false;
    if (!this.sizes.has(memory)) this.sizes.set(memory, before);
    growMemory(this.state, memory, pages);
    this.cardTables[memory] = this.host.cardTable(memory);
    this.fitReady();
    return true;
  }

  private fitReady(): void {
    const chunks = this.state.memories[0]?.flags.length ?? 0;
    if (this.ready.length >= chunks) return;
    const longer = new Uint8Array(Math.max(chunks, 2 * this.ready.length));
    longer.set(this.ready);
    this.ready = longer;
  }

  private arm(): void {
    for (let entry = 0; entry < this.chunks.length; entry++) {
      const chunk = this.chunks[entry];
      const memory = this.memories[entry];
      this.cardTables[memory][chunk] = 1;
      if (memory === 0) this.ready[chunk] = 0;
    }
    this.chunks.length = 0;
    this.memories.length = 0;
    this.places.length = 0;
    this.contents.clear();
  }

  /** Chunks saved since the checkpoint. */
  get savedChunks(): number {
    return this.chunks.length;
  }

  /** Whether a write of 1 to 4096 bytes in bounds needs nothing else. */
  isReady(memory: number, at: number, length: number): boolean {
    const cards = this.cardTables[memory];
    const last = at + length - 1;
    return length <= chunkBytes && cards[at >>> 12] === 0 && cards[last >>> 12] === 0;
  }

  /** Saves a chunk before its first store. */
  save(memory: number, chunk: number): void {
    if (this.cardTables[memory][chunk] === 0) return;
    this.places.push(this.contents.keep(this.state.memories[memory].bytes, chunk));
    this.memories.push(memory);
    this.chunks.push(chunk);
    this.cardTables[memory][chunk] = 0;
    if (memory === 0) this.ready[chunk] = chunkFlags.dirty | chunkFlags.stale;
  }

  /**
   * Puts memories, dirty chunks, stale chunks, tables, dropped flags and the output's length back to the checkpoint. A
   * memory that has grown lies in a host memory that is too long afterwards, so that emitted code cannot go on.
   */
  rollBack(): void {
    this.tables.rollBack();
    this.state.outputLength = this.outputLength;
    this.chunks.forEach((chunk, entry) => {
      const { bytes } = this.state.memories[this.memories[entry]];
      this.contents.putBack(bytes, chunk, this.places[entry]);
    });
    this.arm();
    this.state.memories.forEach(({ flags, dirtyChunks, staleChunks }, index) => {
      const { dirty, stale } = this.marks[index];
      for (const chunk of dirtyChunks.splice(dirty)) flags[chunk] &= ~chunkFlags.dirty;
      for (const chunk of staleChunks.splice(stale)) flags[chunk] &= ~chunkFlags.stale;
    });
    for (const [memory, pages] of this.sizes) {
      shrinkMemory(this.state, this.state.memories[memory], pages);
    }
    this.sizes.clear();
  }
}

/**
 * Host globals that mirror the state's, one set for each instance: at an entry what the state has changed since goes in,
 * behind it what emitted code has written comes out, by chunks of 512.
 *
 * Invariant: between entries a chunk that is neither changed in the state since the last look nor marked by emitted
 * code is the same on both sides; so what an entry that is taken back has written goes in again at the next one.
 */
import {
  closeVersion,
  globalChunkSize,
  globalsChangedSince,
  touchGlobal,
} from "../state/globals.ts";
import type { MachineState } from "../state/machineState.ts";
import { machineLayout, machineMemoryLayout, marksGlobals, names } from "./hostLayout.ts";

const wordsOfChunk = globalChunkSize * 2;
const firstWord = machineLayout.globals / 4;

export class HostGlobals {
  /** Globals copied so far, in both directions. */
  copied = 0;
  private readonly state: MachineState;
  private readonly memory: Int32Array;
  /** One byte a chunk, written by emitted code. */
  private readonly marks: Uint8Array;
  private readonly hasMarks: boolean;
  private readonly exports: Readonly<Record<string, WebAssembly.ExportValue>>;
  /** Version of the state's globals that is the first not looked at. */
  private since = 0;

  constructor(
    state: MachineState,
    memory: Int32Array,
    exports: Readonly<Record<string, WebAssembly.ExportValue>>,
  ) {
    const { globalMarks } = machineMemoryLayout(state.program);
    const chunks = state.globalChanges.chunkVersions.length;
    this.state = state;
    this.memory = memory;
    this.marks = new Uint8Array(memory.buffer, globalMarks, chunks);
    this.hasMarks = marksGlobals(state.program);
    this.exports = exports;
  }

  load(): void {
    const { globals, globalChanges } = this.state;
    const chunks = new Set(globalsChangedSince(globalChanges, this.since));
    for (const chunk of this.markedChunks()) chunks.add(chunk);
    for (const chunk of chunks) {
      const first = chunk * wordsOfChunk;
      this.memory.set(globals.subarray(first, first + wordsOfChunk), firstWord + first);
      this.call(names.loadGlobals(chunk), chunk);
    }
    this.marks.fill(0);
    this.since = closeVersion(globalChanges);
  }

  store(): void {
    const { globals, globalChanges } = this.state;
    for (const chunk of this.markedChunks()) {
      const first = chunk * wordsOfChunk;
      this.call(names.storeGlobals(chunk), chunk);
      const end = Math.min(first + wordsOfChunk, globals.length);
      if (this.isSame(first, end)) continue;
      touchGlobal(globalChanges, chunk * globalChunkSize);
      globals.set(this.memory.subarray(firstWord + first, firstWord + end), first);
    }
    this.marks.fill(0);
    this.since = closeVersion(globalChanges);
  }

  /** Chunks that emitted code may have written. */
  private markedChunks(): number[] {
    if (!this.hasMarks) return [...this.marks.keys()];
    const chunks: number[] = [];
    for (let chunk = 0; chunk < this.marks.length; chunk++) {
      if (this.marks[chunk] !== 0) chunks.push(chunk);
    }
    return chunks;
  }

  private isSame(first: number, end: number): boolean {
    const { globals } = this.state;
    for (let word = first; word < end; word++) {
      if (globals[word] !== this.memory[firstWord + word]) return false;
    }
    return true;
  }

  private call(name: string, chunk: number): void {
    const first = chunk * globalChunkSize;
    this.copied += Math.min(globalChunkSize, this.state.program.globals - first);
    (this.exports[name] as () => void)();
  }
}

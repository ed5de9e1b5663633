/**
 * Host globals that mirror the state's, one set for each instance: at an entry what the state has changed since goes in,
 * behind it what emitted code has written comes out, by chunks of 512.
 *
 * Invariant: between entries a chunk that is neither changed in the state since the last look nor marked by emitted
 * code is the same on both sides; so what an entry that is taken back has written goes in again at the next one.
 */
import { closeVersion, globalChunkSize, touchGlobal } from "../state/globals.ts";
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
  /** Without marks: whether emitted code may have run since the last `store`. */
  private isOpen = false;
  private readonly loads: (() => void)[] = [];
  private readonly stores: (() => void)[] = [];

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
    const { chunkVersions } = this.state.globalChanges;
    for (let chunk = 0; chunk < this.marks.length; chunk++) {
      if (chunkVersions[chunk] >= this.since || this.isMarked(chunk)) this.loadChunk(chunk);
    }
    this.close(true);
  }

  private loadChunk(chunk: number): void {
    const first = chunk * wordsOfChunk;
    const { globals } = this.state;
    this.memory.set(globals.subarray(first, first + wordsOfChunk), firstWord + first);
    this.count(chunk);
    this.loads[chunk] ??= this.exports[names.loadGlobals(chunk)] as () => void;
    this.loads[chunk]();
  }

  store(): void {
    for (let chunk = 0; chunk < this.marks.length; chunk++) {
      if (this.isMarked(chunk)) this.storeChunk(chunk);
    }
    this.close(false);
  }

  private storeChunk(chunk: number): void {
    const { globals, globalChanges } = this.state;
    const first = chunk * wordsOfChunk;
    this.count(chunk);
    this.stores[chunk] ??= this.exports[names.storeGlobals(chunk)] as () => void;
    this.stores[chunk]();
    const end = Math.min(first + wordsOfChunk, globals.length);
    if (this.isSame(first, end)) return;
    touchGlobal(globalChanges, chunk * globalChunkSize);
    globals.set(this.memory.subarray(firstWord + first, firstWord + end), first);
  }

  /** Whether emitted code may have written to a chunk since both sides were the same. */
  private isMarked(chunk: number): boolean {
    return this.hasMarks ? this.marks[chunk] !== 0 : this.isOpen;
  }

  private close(isOpen: boolean): void {
    if (this.hasMarks) this.marks.fill(0);
    this.isOpen = isOpen;
    this.since = closeVersion(this.state.globalChanges);
  }

  private isSame(first: number, end: number): boolean {
    const { globals } = this.state;
    for (let word = first; word < end; word++) {
      if (globals[word] !== this.memory[firstWord + word]) return false;
    }
    return true;
  }

  private count(chunk: number): void {
    const first = chunk * globalChunkSize;
    this.copied += Math.min(globalChunkSize, this.state.program.globals - first);
  }
}

/**
 * The access of the reference: reads and writes the live arrays of a machine (docs/machine.md §4).
 *
 * Invariant: `end` leaves the state after the step; until then the registers of the state are untouched, so a handler
 * that throws where the host refuses memory has done nothing. `open…` methods are empty: everything is at hand.
 */

import { trapCodes } from "../isa/trapCodes.ts";
import { readU16, readU32 } from "../program/bigEndian.ts";
import {
  branchBytes,
  constantBytes,
  functionBytes,
  instructionBytes,
  referenceBytes,
} from "../program/program.ts";
import { onDemand, type ProgramOnDemand } from "../program/programOnDemand.ts";
import { appendOutput } from "../state/callOutput.ts";
import { touchGlobal } from "../state/globals.ts";
import type { MachineState, StatusCode, TableState } from "../state/machineState.ts";
import { chunkFlags, statusCodes } from "../state/machineState.ts";
import { growMemory, markChunk } from "../state/memories.ts";
import { readBytes, writeBytes } from "../state/memoryBytes.ts";
import { growTable, touchTable } from "../state/tables.ts";
import { enterTrap, noteRefusedGrow } from "../state/trapRecord.ts";
import type { Access } from "./access.ts";
import { pieceInLeaf } from "./pieces.ts";

/** What stands in a gap of the program's code. */
const noOp = 0;
/** Bytes up to which `copyFew` is. */
const fewBytes = 64;

export class FlatAccess implements Access {
  op = 0;
  cost = 0;
  a = 0;
  b = 0;
  c = 0;
  pc = 0;
  nextPc = 0;
  sp = 0;
  fp = 0;
  depth = 0;
  status: StatusCode = statusCodes.running;
  inputLength = 0;
  stackLimit = 0;
  frameLimit = 0;
  /** Fuel of this era, with the chunks that this step has made dirty. */
  private fuelCounter = 0;
  protected state: MachineState = undefined as unknown as MachineState;
  protected stack: Int32Array = new Int32Array(0);
  protected program: ProgramOnDemand = undefined as unknown as ProgramOnDemand;

  /** Takes up the next instruction of a running machine. */
  begin(state: MachineState): void {
    const { limits } = state.program.config;
    this.attach(state);
    this.fetch(state.pc);
    this.sp = state.sp;
    this.fp = state.fp;
    this.depth = state.depth;
    this.status = statusCodes.running;
    this.fuelCounter = state.fuelCounter;
    this.inputLength = state.input.length;
    this.stackLimit = limits.stackSlots;
    this.frameLimit = limits.frames;
  }

  /** Works on this machine's arrays from now on. */
  attach(state: MachineState): void {
    if (this.state?.program !== state.program) this.program = onDemand(state.program);
    this.state = state;
    this.stack = state.stack;
  }

  /** Takes up the instruction at `pc`. */
  protected fetch(pc: number): void {
    const { code } = this.program;
    const at = pc * instructionBytes;
    this.op = readU16(code, at);
    if (this.op === noOp) {
      this.program.lowerAt(pc);
      this.op = readU16(code, at);
    }
    this.cost = readU16(code, at + 2);
    this.a = readU32(code, at + 4);
    this.b = readU32(code, at + 8);
    this.c = readU32(code, at + 12);
    this.pc = pc;
    this.nextPc = pc + 1;
  }

  /** Writes back registers and counters; `trap` is what the instruction ended in. */
  end(trap: number): void {
    const { state } = this;
    state.stepCounter++;
    state.fuelCounter =
      trap === trapCodes.outOfFuel ? this.fuelCounter : this.fuelCounter + this.cost;
    if (trap !== trapCodes.none) {
      enterTrap(state, trap);
      return;
    }
    state.pc = this.nextPc;
    state.sp = this.sp;
    state.fp = this.fp;
    state.depth = this.depth;
    state.status = this.status;
  }

  // Fuel

  affords(chunks: number): boolean {
    const { program, fuelLimit } = this.state;
    return this.fuelCounter + this.cost + chunks * program.config.chunkFuel <= fuelLimit;
  }

  charge(chunks: number): void {
    this.fuelCounter += chunks * this.state.program.config.chunkFuel;
  }

  get era(): number {
    return this.state.era;
  }

  fuelIn(unit: number): number {
    return Math.floor(this.fuelCounter / unit);
  }

  // Pieces

  piece(first: number, count: number, unit: number, isForward: boolean): number {
    return pieceInLeaf(first, count, unit, isForward);
  }

  // Stack and frames

  openStack(_x: number, _y: number): void {}

  openStackPairs(_x: number, _y: number): void {}

  openMove(_pops: number, _count: number, _destination: number): void {}

  low(slot: number): number {
    return this.stack[slot * 2];
  }

  high(slot: number): number {
    return this.stack[slot * 2 + 1];
  }

  setSlot(slot: number, low: number, high: number): void {
    this.stack[slot * 2] = low;
    this.stack[slot * 2 + 1] = high;
  }

  copySlot(from: number, to: number): void {
    this.stack[to * 2] = this.stack[from * 2];
    this.stack[to * 2 + 1] = this.stack[from * 2 + 1];
  }

  pop(count: number): void {
    this.sp -= count;
  }

  move(pops: number, count: number, destination: number): void {
    const source = this.sp - pops - count;
    if (source !== destination) {
      this.stack.copyWithin(destination * 2, source * 2, (source + count) * 2);
    }
    this.sp = destination + count;
  }

  zeroSlots(from: number, to: number): void {
    this.stack.fill(0, from * 2, to * 2);
  }

  openFrame(): void {}

  frameWord(word: number): number {
    return this.state.frames[this.depth * 2 + word];
  }

  setFrame(returnPc: number, callerFp: number): void {
    this.state.frames[this.depth * 2] = returnPc;
    this.state.frames[this.depth * 2 + 1] = callerFp;
  }

  // Globals

  openGlobal(_index: number): void {}

  openGlobalPair(_index: number): void {}

  globalLow(index: number): number {
    return this.state.globals[index * 2];
  }

  globalHigh(index: number): number {
    return this.state.globals[index * 2 + 1];
  }

  setGlobal(index: number, low: number, high: number): void {
    touchGlobal(this.state.globalChanges, index);
    this.state.globals[index * 2] = low;
    this.state.globals[index * 2 + 1] = high;
  }

  // Memories

  openMemorySizes(_x: number, _y: number): void {}

  memoryPages(memory: number): number {
    return this.state.memories[memory].pages;
  }

  setMemoryPages(memory: number, pages: number): void {
    growMemory(this.state, memory, pages);
  }

  noteRefusedGrowth(memory: number, requested: number): void {
    const { state, pc } = this;
    noteRefusedGrow(state, state.stepCounter, pc, memory, requested);
  }

  openMemory(_memory: number, _address: number, _length: number): void {}

  memoryWord(memory: number, address: number, width: number): number {
    return readBytes(this.state.memories[memory].bytes, address, width);
  }

  setMemoryWord(memory: number, address: number, width: number, value: number): void {
    writeBytes(this.state.memories[memory].bytes, address, width, value);
  }

  fillMemory(memory: number, address: number, length: number, value: number): void {
    this.state.memories[memory].bytes.fill(value, address, address + length);
  }

  copyMemory(to: number, target: number, from: number, source: number, length: number): void {
    this.write(to, target, this.state.memories[from].bytes, source, length);
  }

  copyInto(
    to: number,
    target: number,
    from: "data" | "input",
    source: number,
    length: number,
  ): void {
    const { program, input } = this.state;
    this.write(to, target, from === "data" ? program.data : input, source, length);
  }

  get outputLength(): number {
    return this.state.outputLength;
  }

  copyOutput(from: number, source: number, length: number): void {
    const { bytes } = this.state.memories[from];
    appendOutput(this.state, bytes.subarray(source, source + length));
  }

  protected write(
    to: number,
    target: number,
    from: Uint8Array,
    source: number,
    length: number,
  ): void {
    const { bytes } = this.state.memories[to];
    if (length <= fewBytes && from !== bytes) copyFew(from, source, bytes, target, length);
    else bytes.set(from.subarray(source, source + length), target);
  }

  openDirty(_memory: number, _first: number, _last: number): void {}

  isDirty(memory: number, chunk: number): boolean {
    return (this.state.memories[memory].flags[chunk] & chunkFlags.dirty) !== 0;
  }

  setDirty(memory: number, chunk: number): void {
    markChunk(this.state.memories[memory], chunk);
  }

  // Tables

  openTableSizes(_x: number, _y: number): void {}

  tableSize(table: number): number {
    return this.state.tables[table].size;
  }

  setTableSize(table: number, size: number): void {
    growTable(this.state.tables[table], size);
  }

  openEntry(_table: number, _index: number): void {}

  entryLow(table: number, index: number): number {
    return this.state.tables[table].entries[index];
  }

  /** Tables keep low words alone: no kind of reference of this version has another high word than 0. */
  entryHigh(_table: number, _index: number): number {
    return 0;
  }

  setEntry(table: number, index: number, low: number, _high: number): void {
    this.touched(table, index, 1).entries[index] = low;
  }

  fillTable(table: number, index: number, length: number, low: number, _high: number): void {
    this.touched(table, index, length).entries.fill(low, index, index + length);
  }

  copyTable(to: number, target: number, from: number, source: number, length: number): void {
    const { entries } = this.state.tables[from];
    this.touched(to, target, length).entries.set(entries.subarray(source, source + length), target);
  }

  copyElements(to: number, target: number, source: number, length: number): void {
    const { program } = this.state;
    const { entries } = this.touched(to, target, length);
    for (let index = 0; index < length; index++) {
      const at = (source + index) * referenceBytes;
      entries[target + index] = readBytes(program.elements, at, 4);
    }
  }

  /** A table whose entries [index, index + length) are about to change. */
  protected touched(table: number, index: number, length: number): TableState {
    const touched = this.state.tables[table];
    touchTable(touched, index, length);
    return touched;
  }

  // Program

  openDropped(_segment: number): void {}

  isDropped(segment: number): boolean {
    return this.state.dropped[segment] === 1;
  }

  setDropped(segment: number): void {
    this.state.dropped[segment] = 1;
  }

  openFunction(_index: number): void {}

  functionWord(index: number, word: number): number {
    return readU32(this.state.program.functionEntries, index * functionBytes + word * 4);
  }

  openConstant(_entry: number): void {}

  constantWord(entry: number, word: number): number {
    return readBytes(this.state.program.constants, entry * constantBytes + word * 4, 4);
  }

  openBranch(_index: number): void {}

  branchWord(index: number, word: number): number {
    return readU32(this.program.branches, index * branchBytes + word * 4);
  }

  claimLabel(labels: number): number {
    return Math.min(this.low(this.sp - 1) >>> 0, labels);
  }

  requireLabel(_claimed: number, _selected: number): void {}
}

/** For a few bytes of another buffer a loop is faster than a view. */
function copyFew(from: Uint8Array, s: number, to: Uint8Array, d: number, count: number): void {
  for (let index = 0; index < count; index++) to[d + index] = from[s + index];
}

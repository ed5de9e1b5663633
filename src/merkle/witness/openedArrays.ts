/**
 * Globals, memories, tables and segments of a step over multiproofs: where each lies in its Merkle array
 * (docs/proof-format.md §1).
 *
 * Invariant: a multiproof is asked for before what it holds is touched, each array once; touching a leaf that is not open
 * is a mistake of the handler (RangeError), not of the witness.
 */
import { leafBytes, referenceBytes } from "../../interpreter/program/program.ts";
import {
  type ArrayName,
  firstTableSize,
  leafSet,
  leavesOfBytes,
  memoryChunks,
  memoryStride,
  tableEntries,
} from "../tree/arrays.ts";
import type { Multiproof } from "../tree/multiproof.ts";
import type { MultiproofSource } from "./multiproofSource.ts";

const slotBytes = 8;
const sizeBytes = 4;
const tableSizeAt = (table: number): number => (firstTableSize + table) * sizeBytes;
const entryAt = (table: number, index: number): number =>
  (table * tableEntries + index) * referenceBytes;
const byteAt = (memory: number, address: number): number => memory * memoryStride + address;
const bitAt = (memory: number, chunk: number): number => memory * memoryChunks + chunk;

export class OpenedArrays {
  /** Multiproofs of this step, by array. */
  readonly opened = new Map<ArrayName, Multiproof>();
  readonly #multiproofs: MultiproofSource;

  constructor(source: MultiproofSource) {
    this.#multiproofs = source;
  }

  protected open(array: ArrayName, leaves: readonly number[]): void {
    if (this.opened.has(array)) throw new RangeError(`expected ${array} to be opened once`);
    this.opened.set(array, this.#multiproofs.open(array, leaves));
  }

  /** Opens the leaves of ranges of bytes, given as start and length, which is at least 1. */
  protected openBytes(array: ArrayName, ...ranges: readonly number[]): void {
    const leaves: number[] = [];
    for (let index = 0; index < ranges.length; index += 2) {
      leaves.push(...leavesOfBytes(ranges[index], ranges[index + 1]));
    }
    this.open(array, leafSet(leaves));
  }

  protected of(array: ArrayName): Multiproof {
    const multiproof = this.opened.get(array);
    if (multiproof === undefined) throw new RangeError(`expected ${array} to be open`);
    return multiproof;
  }

  // Globals

  openGlobal(index: number): void {
    this.openBytes("globals", index * slotBytes, slotBytes);
  }

  openGlobalPair(index: number): void {
    this.openBytes("globals", index * slotBytes, 2 * slotBytes);
  }

  globalLow(index: number): number {
    return this.of("globals").word(index * slotBytes);
  }

  globalHigh(index: number): number {
    return this.of("globals").word(index * slotBytes + 4);
  }

  setGlobal(index: number, low: number, high: number): void {
    this.of("globals").setWord(index * slotBytes, low);
    this.of("globals").setWord(index * slotBytes + 4, high);
  }

  // Memories

  openMemorySizes(x: number, y: number): void {
    this.openBytes("sizes", x * sizeBytes, sizeBytes, y * sizeBytes, sizeBytes);
  }

  memoryPages(memory: number): number {
    return this.of("sizes").word(memory * sizeBytes);
  }

  setMemoryPages(memory: number, pages: number): void {
    this.of("sizes").setWord(memory * sizeBytes, pages);
  }

  /** Nothing of it is in the commitment. */
  noteRefusedGrowth(_memory: number, _requested: number): void {}

  openMemory(memory: number, address: number, length: number): void {
    this.openBytes("memory", byteAt(memory, address), length);
  }

  memoryWord(memory: number, address: number, width: number): number {
    const bytes = this.of("memory");
    const start = byteAt(memory, address);
    let value = 0;
    for (let index = 0; index < width; index++) value |= bytes.byte(start + index) << (8 * index);
    return value;
  }

  setMemoryWord(memory: number, address: number, width: number, value: number): void {
    const bytes = this.of("memory");
    const start = byteAt(memory, address);
    for (let index = 0; index < width; index++) bytes.setByte(start + index, value >>> (8 * index));
  }

  fillMemory(memory: number, address: number, length: number, value: number): void {
    const bytes = this.of("memory");
    const start = byteAt(memory, address);
    for (let index = 0; index < length; index++) bytes.setByte(start + index, value);
  }

  copyMemory(to: number, target: number, from: number, source: number, length: number): void {
    const [start, end] = [byteAt(from, source), byteAt(to, target)];
    this.openBytes("memory", start, length, end, length);
    this.#copyBytes("memory", start, end, length);
  }

  copyInto(
    to: number,
    target: number,
    from: "data" | "input",
    source: number,
    length: number,
  ): void {
    this.openBytes(from, source, length);
    this.openMemory(to, target, length);
    this.#copyBytes(from, source, byteAt(to, target), length);
  }

  /** From an open range of memory to the output's bytes from `position` on. */
  protected appendBytes(position: number, from: number, source: number, length: number): void {
    this.openBytes("output", position, length);
    this.#copyBytes("memory", byteAt(from, source), position, length, "output");
  }

  /** A piece is read whole before it is written. */
  #copyBytes(
    from: ArrayName,
    source: number,
    target: number,
    length: number,
    to: ArrayName = "memory",
  ): void {
    const read = this.of(from);
    const written = this.of(to);
    const bytes = Array.from({ length }, (_, i) => read.byte(source + i));
    bytes.forEach((byte, i) => {
      written.setByte(target + i, byte);
    });
  }

  openDirty(memory: number, first: number, last: number): void {
    const leafBits = leafBytes * 8;
    const bits = [bitAt(memory, first), bitAt(memory, last)];
    this.open("dirty", leafSet(bits.map((bit) => Math.floor(bit / leafBits))));
  }

  isDirty(memory: number, chunk: number): boolean {
    const bit = bitAt(memory, chunk);
    return ((this.of("dirty").byte(Math.floor(bit / 8)) >> (bit % 8)) & 1) === 1;
  }

  setDirty(memory: number, chunk: number): void {
    const bit = bitAt(memory, chunk);
    const byte = Math.floor(bit / 8);
    const dirty = this.of("dirty");
    dirty.setByte(byte, dirty.byte(byte) | (1 << (bit % 8)));
  }

  // Tables

  openTableSizes(x: number, y: number): void {
    this.openBytes("sizes", tableSizeAt(x), sizeBytes, tableSizeAt(y), sizeBytes);
  }

  tableSize(table: number): number {
    return this.of("sizes").word(tableSizeAt(table));
  }

  setTableSize(table: number, size: number): void {
    this.of("sizes").setWord(tableSizeAt(table), size);
  }

  openEntry(table: number, index: number): void {
    this.openBytes("tables", entryAt(table, index), referenceBytes);
  }

  entryLow(table: number, index: number): number {
    return this.of("tables").word(entryAt(table, index));
  }

  entryHigh(table: number, index: number): number {
    return this.of("tables").word(entryAt(table, index) + 4);
  }

  setEntry(table: number, index: number, low: number, high: number): void {
    this.of("tables").setWord(entryAt(table, index), low);
    this.of("tables").setWord(entryAt(table, index) + 4, high);
  }

  fillTable(table: number, index: number, length: number, low: number, high: number): void {
    this.openBytes("tables", entryAt(table, index), length * referenceBytes);
    for (let i = 0; i < length; i++) this.setEntry(table, index + i, low, high);
  }

  copyTable(to: number, target: number, from: number, source: number, length: number): void {
    const bytes = length * referenceBytes;
    this.openBytes("tables", entryAt(from, source), bytes, entryAt(to, target), bytes);
    this.#copyBytes("tables", entryAt(from, source), entryAt(to, target), bytes, "tables");
  }

  copyElements(to: number, target: number, source: number, length: number): void {
    const bytes = length * referenceBytes;
    const from = source * referenceBytes;
    this.openBytes("elements", from, bytes);
    this.openBytes("tables", entryAt(to, target), bytes);
    this.#copyBytes("elements", from, entryAt(to, target), bytes, "tables");
  }

  // Segments

  openDropped(segment: number): void {
    this.openBytes("dropped", segment, 1);
  }

  isDropped(segment: number): boolean {
    return this.of("dropped").byte(segment) !== 0;
  }

  setDropped(segment: number): void {
    this.of("dropped").setByte(segment, 1);
  }
}

/**
 * A state as bytes that can be kept and given away (docs/proof-format.md §9): it names the program root and the state
 * hash, and loading recomputes both, so a file is either the state that it says or an error.
 *
 * Invariant: loadState(program, saveState(tree)) has the same state hash; no byte of a file is ignored.
 */

import { checkBytes } from "../../interpreter/optionNames.ts";
import { chunkBytes, type Program, pageBytes } from "../../interpreter/program/program.ts";
import { outputOf } from "../../interpreter/state/callOutput.ts";
import type { MachineState, StatusCode } from "../../interpreter/state/machineState.ts";
import { statusCodes } from "../../interpreter/state/machineState.ts";
import type { Snapshot } from "../../interpreter/state/snapshot.ts";
import { restore } from "../../interpreter/state/snapshot.ts";
import { sameBytes } from "../tree/arrays.ts";
import { ByteReader, concatenate } from "../tree/byteReader.ts";
import { WitnessError } from "../witnessError.ts";
import { programRoot } from "./programTree.ts";
import { controlWord, countersWord, readRegisters, registersOf } from "./registers.ts";
import { StateTree } from "./stateTree.ts";

/** What can be wrong with a saved state, each with a stable code (docs/errors.md). */
export const snapshotErrorCodes = {
  "snapshot-format": "these bytes are no saved state",
  "snapshot-version": "this version cannot be read",
  "snapshot-truncated": "the bytes end too early",
  "snapshot-trailing": "bytes are left over",
  "snapshot-program": "the state belongs to another program",
  "snapshot-corrupt": "the content is not the state that the file names",
} as const;

/** Stable code of what is wrong with a saved state (docs/errors.md). */
export type SnapshotErrorCode = keyof typeof snapshotErrorCodes;

/**
 * Thrown by `loadState`: the bytes are no saved state, or not the one of this program that they say they are.
 */
export class SnapshotError extends Error {
  /** Stable; the message is for people. */
  readonly code: SnapshotErrorCode;

  constructor(code: SnapshotErrorCode) {
    super(snapshotErrorCodes[code]);
    this.name = "SnapshotError";
    this.code = code;
  }
}

const magic = new TextEncoder().encode("wasm-arbiter state\n");
const formatVersion = 2;
const chunksPerPage = pageBytes / chunkBytes;

const u32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

const bytesOf = (words: Int32Array | Uint32Array, count = words.length): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, count * 4);

/** Bit i of byte ⌊i / 8⌋ (value 2^(i mod 8)) for every number in `set`. */
function bitmap(length: number, set: Iterable<number>): Uint8Array {
  const bits = new Uint8Array(length / 8);
  for (const i of set) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

/** Numbers of the bits that are set. */
function bitsOf(bits: Uint8Array): number[] {
  const set: number[] = [];
  for (let i = 0; i < bits.length * 8; i++) if ((bits[i >> 3] >> (i & 7)) & 1) set.push(i);
  return set;
}

/** The state of a tree as bytes. Memory chunks that are zero are left out. */
export function saveState(tree: StateTree): Uint8Array {
  const { state } = tree;
  const registers = registersOf(state);
  const parts = [magic, u32(formatVersion), programRoot(state.program), tree.stateHash()];
  parts.push(controlWord(registers), countersWord(registers));
  parts.push(bytesOf(state.stack, state.sp * 2), bytesOf(state.frames, state.depth * 2));
  parts.push(bytesOf(state.globals));
  for (const { bytes, pages, dirtyChunks } of state.memories) {
    const chunks = Array.from({ length: pages * chunksPerPage }, (_, i) =>
      bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
    );
    const filled = chunks.map(isFilled);
    const numbers = [...chunks.keys()].filter((i) => filled[i]);
    parts.push(u32(pages), bitmap(chunks.length, dirtyChunks), bitmap(chunks.length, numbers));
    for (const i of numbers) parts.push(chunks[i]);
  }
  for (const { entries, size } of state.tables)
    parts.push(u32(size), bytesOf(widened(entries, size)));
  parts.push(state.dropped, state.input, outputOf(state));
  return concatenate(parts);
}

function isFilled(chunk: Uint8Array): boolean {
  const words = new BigUint64Array(chunk.buffer, chunk.byteOffset, chunk.length / 8);
  return words.some((word) => word !== 0n);
}

/**
 * The state of `program` that the bytes hold, verified against the hash that they name, and against `stateHash` if the
 * caller expects one. Throws SnapshotError; TypeError for what is no bytes.
 */
export function loadState(
  program: Program,
  bytes: Uint8Array,
  stateHash?: Uint8Array,
): MachineState {
  checkBytes("the saved state", bytes);
  if (stateHash !== undefined) checkBytes("the state hash", stateHash);
  const { named, content } = parse(program, bytes);
  const state = restore(program, content);
  const hash = new StateTree(state).stateHash();
  if (!sameBytes(hash, named) || (stateHash !== undefined && !sameBytes(hash, stateHash))) {
    throw new SnapshotError("snapshot-corrupt");
  }
  return state;
}

function parse(program: Program, bytes: Uint8Array): { named: Uint8Array; content: Snapshot } {
  const reader = new ByteReader(bytes);
  try {
    if (!sameBytes(reader.take(magic.length), magic)) throw new SnapshotError("snapshot-format");
    if (reader.u32() !== formatVersion) throw new SnapshotError("snapshot-version");
    if (!sameBytes(reader.hash(), programRoot(program))) {
      throw new SnapshotError("snapshot-program");
    }
    const named = reader.hash();
    const content = readContent(program, reader);
    reader.end();
    return { named, content };
  } catch (error) {
    throw error instanceof WitnessError ? new SnapshotError(codeOf(error)) : error;
  }
}

function codeOf({ code }: WitnessError): SnapshotErrorCode {
  if (code === "witness-truncated") return "snapshot-truncated";
  return code === "witness-trailing" ? "snapshot-trailing" : "snapshot-corrupt";
}

const require = (holds: boolean): void => {
  if (!holds) throw new SnapshotError("snapshot-corrupt");
};

/** Everything after the hashes. Sizes are checked before anything of that size is allocated. */
function readContent(program: Program, reader: ByteReader): Snapshot {
  const { limits } = program.config;
  const { stepCounter, fuelCounter, fuelLimit, ...registers } = readRegisters(reader);
  const counters = [stepCounter, fuelCounter, fuelLimit].map(Number);
  require(registers.status <= statusCodes.exited && counters.every(Number.isSafeInteger));
  require(registers.sp <= limits.stackSlots && registers.depth <= limits.frames);
  require(
    registers.inputLength <= limits.inputBytes && registers.outputLength <= limits.outputBytes,
  );
  // The program says these; a file that says otherwise must not load either.
  require(registers.stackLimit === limits.stackSlots && registers.frameLimit === limits.frames);
  require(registers.chunkFuel === program.config.chunkFuel);
  const words = (count: number) => {
    const copy = reader.take(count * 4).slice();
    return new Int32Array(copy.buffer, 0, count);
  };
  const unsignedWords = (count: number) => new Uint32Array(words(count).buffer, 0, count);
  return {
    status: registers.status as StatusCode,
    trap: registers.trap,
    pc: registers.pc,
    sp: registers.sp,
    fp: registers.fp,
    depth: registers.depth,
    era: registers.era,
    stepCounter: counters[0],
    fuelCounter: counters[1],
    fuelLimit: counters[2],
    stack: words(registers.sp * 2),
    frames: unsignedWords(registers.depth * 2),
    globals: words(program.globals * 2),
    memories: program.memories.map(({ maxPages }) => readMemory(reader, maxPages)),
    tables: program.tables.map(() => narrowed(unsignedWords(2 * reader.u32()))),
    dropped: reader.take(program.segments).slice(),
    input: reader.take(registers.inputLength).slice(),
    output: reader.take(registers.outputLength).slice(),
  };
}

/** References with both words, of which tables keep the low one. */
function widened(entries: Uint32Array, size: number): Uint32Array {
  const words = new Uint32Array(2 * size);
  for (let i = 0; i < size; i++) words[2 * i] = entries[i];
  return words;
}

function narrowed(words: Uint32Array): Uint32Array {
  require(words.every((word, i) => i % 2 === 0 || word === 0));
  return words.filter((_, i) => i % 2 === 0);
}

function readMemory(reader: ByteReader, maxPages: number): Snapshot["memories"][number] {
  const pages = reader.u32();
  require(pages <= maxPages);
  const chunks = pages * chunksPerPage;
  const dirtyChunks = bitsOf(reader.take(chunks / 8));
  const filled = bitsOf(reader.take(chunks / 8));
  const content = filled.map((chunk) => ({ chunk, bytes: reader.take(chunkBytes) }));
  const bytes = new Uint8Array(pages * pageBytes);
  for (const { chunk, bytes: from } of content) {
    require(isFilled(from.slice()));
    bytes.set(from, chunk * chunkBytes);
  }
  return { pages, bytes, dirtyChunks };
}

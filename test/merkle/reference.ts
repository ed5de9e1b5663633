/**
 * A straightforward implementation of docs/proof-format.md §1, §2 and §5 on @noble/hashes: no cache, no batch, no
 * code of src/merkle. The oracle for everything incremental.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import type { Program } from "../../src/interpreter/program/program.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import type { MachineState } from "../../src/interpreter/state/machineState.ts";

interface Part {
  readonly start: number;
  readonly bytes: Uint8Array;
}

const zero = new Uint8Array(32);
const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

function tagged(tag: number, ...parts: Uint8Array[]): Uint8Array {
  return keccak_256(Uint8Array.from([...parts.flatMap((part) => [...part]), tag]));
}

function leafAt(start: number, parts: readonly Part[]): Uint8Array {
  const leaf = new Uint8Array(128);
  for (const part of parts) {
    for (let i = 0; i < 128; i++) {
      const byte = part.bytes[start + i - part.start];
      if (byte !== undefined) leaf[i] = byte;
    }
  }
  return leaf;
}

function node(level: number, index: number, parts: readonly Part[]): Uint8Array {
  const size = 2 ** level * 128;
  const start = index * size;
  const inside = parts.filter(
    (part) => part.start < start + size && part.start + part.bytes.length > start,
  );
  if (inside.length === 0) return zero;
  if (level === 0) {
    const leaf = leafAt(start, inside);
    return isZero(leaf) ? zero : tagged(0, leaf);
  }
  const left = node(level - 1, 2 * index, inside);
  const right = node(level - 1, 2 * index + 1, inside);
  return isZero(left) && isZero(right) ? zero : tagged(1, left, right);
}

/** Root of the Merkle array of this depth with these bytes at these places. */
export function referenceRoot(depth: number, ...parts: readonly Part[]): Uint8Array {
  return node(depth, 0, parts);
}

const whole = (bytes: Uint8Array): Part => ({ start: 0, bytes });
const s = (l: Uint8Array, r: Uint8Array) => tagged(2, l, r);
const p = (l: Uint8Array, r: Uint8Array) => tagged(3, l, r);

function bigEndian(fields: readonly (readonly [width: number, value: number])[], size: number) {
  const digits = fields.map(([width, value]) =>
    BigInt(value)
      .toString(16)
      .padStart(width * 2, "0"),
  );
  return new Uint8Array(Buffer.from(digits.join("").padEnd(size * 2, "0"), "hex"));
}

function littleEndian(words: Iterable<number>): Uint8Array {
  return Uint8Array.from(
    [...words].flatMap((w) => [w & 255, (w >>> 8) & 255, (w >>> 16) & 255, (w >>> 24) & 255]),
  );
}

const programRoots = new WeakMap<Program, Uint8Array>();

export function referenceProgramRoot(program: Program): Uint8Array {
  const root = programRoots.get(program) ?? computeProgramRoot(program);
  programRoots.set(program, root);
  return root;
}

function computeProgramRoot(program: Program): Uint8Array {
  const { config } = program;
  const { limits, gateway } = config;
  const c = bigEndian(
    [
      ...([
        [2, 2],
        [1, config.growth === "fixed" ? 0 : 1],
        [1, 0],
      ] as const),
      ...([
        [4, gateway?.entryPc ?? 0xffffffff],
        [4, gateway?.locals ?? 0],
      ] as const),
      ...([
        [4, gateway?.frame ?? 0],
        [8, limits.callFuel],
      ] as const),
      ...([
        [4, limits.stackSlots],
        [4, limits.frames],
        [4, config.chunkFuel],
      ] as const),
      ...([
        [4, limits.inputBytes],
        [4, limits.memoryPages],
        [4, limits.tableEntries],
      ] as const),
      ...([
        [4, program.code.length / 16],
        [4, program.functionEntries.length / 16],
      ] as const),
      ...([
        [4, program.memories.length],
        [4, program.tables.length],
      ] as const),
      ...([
        [4, program.segments],
        [4, program.globals],
      ] as const),
      ...([
        [4, program.boot?.entryPc ?? 0xffffffff],
        [4, program.boot?.locals ?? 0],
        [4, limits.outputBytes],
      ] as const),
    ],
    128,
  );
  c.set(referenceCold(genesis(program)), 96);
  const functions = referenceRoot(17, whole(program.functionEntries));
  const branches = referenceRoot(20, whole(program.branches));
  const data = referenceRoot(25, whole(program.data));
  const elements = referenceRoot(20, whole(program.elements));
  const unused = p(p(zero, zero), p(p(zero, zero), p(zero, zero)));
  const arrays = p(p(functions, branches), p(p(data, elements), unused));
  return p(referenceRoot(23, whole(program.code)), p(arrays, tagged(4, c)));
}

function sizesOf(state: MachineState): Uint8Array {
  const words = new Array<number>(512).fill(0);
  state.memories.forEach((memory, m) => {
    words[m] = memory.pages;
  });
  state.tables.forEach((table, t) => {
    words[256 + t] = table.size;
  });
  return littleEndian(words);
}

function dirtyParts(state: MachineState): Part[] {
  return state.memories.map((memory, m) => {
    const bytes = new Uint8Array(memory.pages * 2);
    memory.flags.forEach((flags, chunk) => {
      bytes[chunk >> 3] |= (flags & 1) << (chunk & 7);
    });
    return { start: m * 2 ** 17, bytes };
  });
}

/** H_VM, from nothing but the state. */
export function referenceStateHash(state: MachineState): Uint8Array {
  const { program } = state;
  const [control, counters] = registerWords(state);
  const stack = referenceRoot(16, whole(littleEndian(state.stack.subarray(0, 2 * state.sp))));
  const top = s(s(control, counters), s(referenceProgramRoot(program), stack));
  return s(top, referenceCold(state));
}

function registerWords(state: MachineState): readonly [Uint8Array, Uint8Array] {
  const { limits, chunkFuel } = state.program.config;
  const control = bigEndian(
    [
      ...([
        [1, state.status],
        [1, state.trap],
        [4, state.pc],
        [4, state.sp],
      ] as const),
      ...([
        [4, state.fp],
        [4, state.depth],
        [4, limits.stackSlots],
        [4, limits.frames],
        [4, state.outputLength],
        [2, state.era],
      ] as const),
    ],
    32,
  );
  const counters = bigEndian(
    [
      ...([
        [8, state.stepCounter],
        [8, state.fuelCounter],
        [8, state.fuelLimit],
      ] as const),
      ...([
        [4, state.input.length],
        [4, chunkFuel],
      ] as const),
    ],
    32,
  );
  return [control, counters];
}

/** The right half of the state tree. */
function referenceCold(state: MachineState): Uint8Array {
  const frames = referenceRoot(16, whole(littleEndian(state.frames.subarray(0, 2 * state.depth))));
  const globals = referenceRoot(16, whole(littleEndian(state.globals)));
  const memories = state.memories.map((m, i) => ({ start: i * 2 ** 32, bytes: m.bytes }));
  const memory = referenceRoot(33, ...memories);
  const sizes = referenceRoot(4, whole(sizesOf(state)));
  const dirty = referenceRoot(18, ...dirtyParts(state));
  const tableParts = state.tables.map((table, t) => ({
    start: t * 2 ** 27,
    bytes: littleEndian([...table.entries.subarray(0, table.size)].flatMap((low) => [low, 0])),
  }));
  const tables = referenceRoot(28, ...tableParts);
  const dropped = referenceRoot(13, whole(state.dropped));
  const input = referenceRoot(25, whole(state.input));
  const unused = s(s(zero, zero), s(zero, zero));
  const called = s(s(frames, tables), s(s(input, dropped), unused));
  return s(s(s(memory, sizes), s(dirty, globals)), called);
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

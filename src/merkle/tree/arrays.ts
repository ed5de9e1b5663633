/**
 * The Merkle arrays of a state and of a program: their names and depths (docs/proof-format.md §1), and how
 * their roots hang together (§2 and §5).
 *
 * Invariant: a shape's leaves, read left to right, are the order in which witnesses give roots.
 */
import { leafBytes } from "../../interpreter/program/program.ts";

/** Depth of each array: it holds 2^depth leaves of 128 bytes. */
export const arrayDepths = {
  code: 23,
  branches: 20,
  functions: 17,
  data: 25,
  elements: 20,
  constants: 19,
  types: 21,
  tryOf: 21,
  tries: 17,
  clauses: 18,
  stackMaps: 21,
  stack: 16,
  frames: 16,
  globals: 16,
  memory: 33,
  sizes: 4,
  dirty: 18,
  tables: 28,
  dropped: 13,
  input: 25,
  heap: 28,
  heap2: 28,
  heapWords: 0,
  output: 25,
} as const;

/** Name of a Merkle array of a program or of a state. */
export type ArrayName = keyof typeof arrayDepths;
/** Arrays that the program root commits to. */
export type ProgramArray =
  | "code"
  | "branches"
  | "functions"
  | "data"
  | "elements"
  | "constants"
  | "types"
  | "tryOf"
  | "tries"
  | "clauses"
  | "stackMaps";
/** Arrays that the state hash commits to. */
export type StateArray = Exclude<ArrayName, ProgramArray>;

/** A binary tree of names. */
export type Shape<Name extends string> = Name | readonly [Shape<Name>, Shape<Name>];

/** What lies beside the code in the program tree. */
export type RestName = Exclude<ProgramArray, "code"> | "config";
export const arraysShape: Shape<Exclude<RestName, "config">> = [
  ["functions", "branches"],
  [
    ["data", "elements"],
    [
      ["constants", "types"],
      [
        ["tryOf", "tries"],
        ["clauses", "stackMaps"],
      ],
    ],
  ],
];
export const restShape: Shape<RestName> = [arraysShape, "config"];

/** What lies below cold, the right half of the state tree. */
export type ColdName = Exclude<StateArray, "stack">;
/** Beside memories and sizes, and beside all that. */
export const writtenShape: Shape<ColdName> = ["dirty", "globals"];
export const coldRestShape: Shape<ColdName> = [
  ["frames", "tables"],
  [
    ["input", "dropped"],
    [
      ["heap", "heap2"],
      ["heapWords", "output"],
    ],
  ],
];
export const coldShape: Shape<ColdName> = [[["memory", "sizes"], writtenShape], coldRestShape];

/** Names of a shape's leaves, left to right. */
export function leavesOf<Name extends string>(shape: Shape<Name>): Name[] {
  return typeof shape === "string" ? [shape] : [...leavesOf(shape[0]), ...leavesOf(shape[1])];
}

const programArrays: ReadonlySet<string> = new Set<ProgramArray>([
  "code",
  ...leavesOf(arraysShape),
]);

export function isProgramArray(name: ArrayName): name is ProgramArray {
  return programArrays.has(name);
}

const coldArrays: ReadonlySet<string> = new Set(leavesOf(coldShape));

export function isColdArray(name: string): name is ColdName {
  return coldArrays.has(name);
}

/** Slots of 8 bytes in a leaf. */
export const leafSlots = leafBytes / 8;
/** Bytes between two memories in `memory`, between two memories in `dirty`, between two tables in `tables`. */
export const memoryStride = 2 ** 32;
export const dirtyStride = 2 ** 17;
export const tableStride = 2 ** 27;
/** Chunks of one memory, and entries of one table, in their index spaces. */
export const memoryChunks = 2 ** 20;
export const tableEntries = 2 ** 24;
/** Tables come after 256 memories in `sizes`. */
export const firstTableSize = 256;

export const zeroHash: Uint8Array = new Uint8Array(32);

export function isZeroHash(hash: Uint8Array): boolean {
  for (let i = 0; i < hash.length; i++) if (hash[i] !== 0) return false;
  return true;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Ascending, each once: the form in which a multiproof takes its leaves. */
export function leafSet(indices: Iterable<number>): number[] {
  return [...new Set(indices)].sort((a, b) => a - b);
}

/** Leaves of an array that hold the bytes [start, start + length), length > 0. */
export function leavesOfBytes(start: number, length: number): number[] {
  const first = Math.floor(start / leafBytes);
  const last = Math.floor((start + length - 1) / leafBytes);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, i) => first + i);
}

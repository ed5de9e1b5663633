/**
 * The parts of a program that take long to derive, as one byte string to be kept: its lowered code and the hashes of the
 * chunks of its long arrays. Little-endian words in front say how long the parts are; each begins at a multiple of 8.
 *
 * Invariant: `readKept` undoes `writeKept`; of other bytes it gives undefined or what is of no use to `link`, so whoever
 * keeps them has to give back what was put (src/programCache.ts).
 */
import type { LoweredCode } from "../../interpreter/program/loweredCode.ts";
import { loweredCode } from "../../interpreter/program/loweredCode.ts";
import type { Program } from "../../interpreter/program/program.ts";
import { branchBytes, functionBytes, instructionBytes } from "../../interpreter/program/program.ts";
import { type ChunkHashes, ProgramTree } from "./programTree.ts";

/** Counts changes of what is kept and of how it is written. */
export const keptFormat = 2;

const magic = 0x504b4157;
const alignment = 8;
/** Parts before the facts of the modules' bodies. */
const fixedParts = 7;

export interface KeptProgram {
  readonly lowered: LoweredCode;
  readonly hashes: ChunkHashes;
}

/** What to keep of a program: pieces of one byte string. Builds its program tree, if that has not been done. */
export function writeKept(program: Program): Uint8Array[] {
  const { code, branches, functionEntries, constants, heights, bodies } = loweredCode(program);
  const hashes = ProgramTree.of(program).chunkHashes();
  const parts = [
    ...[code, branches, functionEntries, constants, bytesOf(heights)],
    ...[hashes.code, hashes.branches],
    ...bodies.map(bytesOf),
  ];
  const header = Uint32Array.of(
    magic,
    keptFormat,
    parts.length,
    ...parts.map((part) => part.length),
  );
  return [bytesOf(header), ...parts].flatMap((part) => [part, paddingOf(part.length)]);
}

/** What was kept; undefined if the bytes are of another format or do not fit together. */
export function readKept(bytes: Uint8Array): KeptProgram | undefined {
  if (bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (index: number): number => view.getUint32(4 * index, true);
  if (word(0) !== magic || word(1) !== keptFormat) return undefined;
  const count = word(2);
  const headerBytes = 4 * (3 + count);
  if (count < fixedParts || headerBytes > bytes.length) return undefined;
  const parts: Uint8Array[] = [];
  let at = padded(headerBytes);
  for (let part = 0; part < count; part++) {
    const length = word(3 + part);
    parts.push(bytes.subarray(at, at + length));
    at = padded(at + length);
  }
  return at === bytes.length ? keptOf(parts) : undefined;
}

function keptOf(parts: readonly Uint8Array[]): KeptProgram | undefined {
  const [code, branches, functionEntries, constants, heights, codeHashes, branchHashes] = parts;
  const isWhole =
    code.length % instructionBytes === 0 &&
    branches.length % branchBytes === 0 &&
    functionEntries.length % functionBytes === 0 &&
    heights.length * (instructionBytes / 2) === code.length;
  if (!isWhole) return undefined;
  const bodies = parts.slice(fixedParts).map((part) => new Uint32Array(...viewOf(part, 4)));
  const lowered = {
    ...{ code, branches, functionEntries, constants, bodies },
    heights: new Uint16Array(...viewOf(heights, 2)),
  };
  return { lowered, hashes: { code: codeHashes, branches: branchHashes } };
}

function bytesOf(array: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Arguments of a typed array over the bytes, or over a copy where they do not lie for it. */
function viewOf(bytes: Uint8Array, elementBytes: number): [ArrayBufferLike, number, number] {
  const { buffer, byteOffset, length } =
    bytes.byteOffset % elementBytes === 0 ? bytes : bytes.slice();
  return [buffer, byteOffset, length / elementBytes];
}

function padded(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function paddingOf(length: number): Uint8Array {
  return new Uint8Array(padded(length) - length);
}

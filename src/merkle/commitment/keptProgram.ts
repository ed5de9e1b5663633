/**
 * What takes long to derive from a program's modules, as one byte string to be kept: what validation has found in their bodies,
 * and the program's root with the hashes of the chunks of its long arrays once they are known. Little-endian words in front say how long
 * the parts are; each begins at a multiple of 8.
 *
 * Invariant: `readKept` undoes `writeKept`; of other bytes it gives undefined or what is of no use to `decodeModule`, so
 * whoever keeps them has to give back what was put (src/programCache.ts).
 */
import { factsOf } from "../../interpreter/binary/bodyFacts.ts";
import type { Program } from "../../interpreter/program/program.ts";
import { hashBytes } from "../tree/keccak/kernel.ts";
import type { KeptHashes } from "./programTree.ts";

/** Counts changes of what is kept and of how it is written. */
export const keptFormat = 4;

const magic = 0x504b4157;
const alignment = 8;
/** Parts before the facts of the modules' bodies. */
const fixedParts = 3;

export interface KeptProgram {
  /** Facts of the bodies of each module, in link order: with them decoding need not walk bodies again. */
  readonly bodies: readonly Uint32Array[];
  /** Undefined where nobody had asked for the program's root. */
  readonly hashes: KeptHashes | undefined;
}

/** What to keep of a program: pieces of one byte string. */
export function writeKept(program: Program, hashes?: KeptHashes): Uint8Array[] {
  const none = new Uint8Array(0);
  const bodies = program.modules.map(({ module }) => factsOf(module.bodies));
  const { root, code, branches } = hashes ?? { root: none, code: none, branches: none };
  const parts = [root, code, branches, ...bodies.map(bytesOf)];
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

function keptOf([root, code, branches, ...bodies]: readonly Uint8Array[]): KeptProgram | undefined {
  const isWhole =
    [root, code, branches].every(({ length }) => length % hashBytes === 0) &&
    bodies.every(({ length }) => length % Uint32Array.BYTES_PER_ELEMENT === 0);
  if (!isWhole) return undefined;
  return {
    bodies: bodies.map(wordsOf),
    // A copy: callers get the root itself, and the rest of the bytes may be of any kind.
    hashes: root.length === 0 ? undefined : { root: new Uint8Array(root), code, branches },
  };
}

function bytesOf(array: Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Words over the bytes, or over a copy where they do not lie for it. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const size = Uint32Array.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Uint32Array(buffer, byteOffset, length / size);
}

function padded(length: number): number {
  return Math.ceil(length / alignment) * alignment;
}

function paddingOf(length: number): Uint8Array {
  return new Uint8Array(padded(length) - length);
}

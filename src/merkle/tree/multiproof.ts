/**
 * Multiproofs: the proof of a set of leaves of a Merkle array, with which their new contents can be committed too
 * (docs/proof-format.md §3).
 *
 * Invariant: for given depth and leaf set there is one byte string that proves given contents; zero siblings are
 * never sent, others always.
 */
import { leafBytes } from "../../interpreter/program/program.ts";
import { WitnessError } from "../witnessError.ts";
import { isZeroHash, zeroHash } from "./arrays.ts";
import { type ByteReader, concatenate } from "./byteReader.ts";
import { hashBytes, hashNode, kernel } from "./keccak/kernel.ts";

/** A node that a multiproof needs beside the path: height above the leaves and index among the nodes there. */
export interface NodePosition {
  readonly level: number;
  readonly index: number;
}

/** Siblings that one segment's bits can tell of: more levels than any array has. */
const bitsBytes = 8;

const siblingOf = (index: number): number => (index % 2 === 0 ? index + 1 : index - 1);

/** A path without a fork: the node `index` at height `level` climbs by its siblings up to height `top`. */
interface Segment {
  readonly level: number;
  readonly index: number;
  readonly top: number;
}

/** Hashes of the leaves in order, combined as a set of leaves forks. */
interface Folding<Node> {
  leaf(place: number): Node;
  parent(left: Node, right: Node): Node;
  climb(node: Node, segment: Segment): Node;
}

/** Height of the fork of two leaves: above it they have the same ancestors. */
function forkLevel(a: number, b: number): number {
  let level = 0;
  while (Math.floor(a / 2 ** (level + 1)) !== Math.floor(b / 2 ** (level + 1))) level++;
  return level;
}

/** Folds leaves [from, to) of a set up to height `top`, left half before right half; an empty segment is none. */
function fold<Node>(
  leaves: readonly number[],
  folding: Folding<Node>,
  top: number,
  from = 0,
  to = leaves.length,
): Node {
  const first = leaves[from];
  let level = 0;
  let node: Node;
  if (to - from === 1) {
    node = folding.leaf(from);
  } else {
    const fork = forkLevel(first, leaves[to - 1]);
    const half = Math.floor(first / 2 ** fork);
    let split = from + 1;
    while (Math.floor(leaves[split] / 2 ** fork) === half) split++;
    const left = fold(leaves, folding, fork, from, split);
    node = folding.parent(left, fold(leaves, folding, fork, split, to));
    level = fork + 1;
  }
  if (level === top) return node;
  return folding.climb(node, { level, index: Math.floor(first / 2 ** level), top });
}

/** The segments of a multiproof, in the order in which its bytes hold them. */
function segmentsOf(depth: number, leaves: readonly number[]): Segment[] {
  const segments: Segment[] = [];
  if (leaves.length === 0) return segments;
  const climb = (_: undefined, segment: Segment) => void segments.push(segment);
  fold(leaves, { leaf: () => undefined, parent: () => undefined, climb }, depth);
  return segments;
}

/** Positions of a segment's siblings, bottom up. */
const positionsOf = ({ level, index, top }: Segment): NodePosition[] =>
  Array.from({ length: top - level }, (_, i) => ({
    level: level + i,
    index: siblingOf(Math.floor(index / 2 ** i)),
  }));

/** Positions of the siblings, in the order in which a multiproof numbers them. */
export function siblingPositions(depth: number, leaves: readonly number[]): NodePosition[] {
  return segmentsOf(depth, leaves).flatMap(positionsOf);
}

/**
 * Opened leaves of one Merkle array and the siblings that lead from them to its root. Offsets are bytes from the
 * start of the array; one in a leaf that is not opened throws WitnessError.
 */
export class Multiproof {
  /** Levels above the leaves. */
  readonly depth: number;
  /** Leaf indices, ascending. */
  readonly indices: readonly number[];
  /** Contents of the leaves, one after another; a step writes here. */
  readonly leaves: Uint8Array;
  readonly #view: DataView;
  readonly #segments: readonly Segment[];
  readonly #siblings: Uint8Array[];
  #keep: number | undefined;

  constructor(
    depth: number,
    indices: readonly number[],
    leaves: Uint8Array,
    sibling: (position: NodePosition) => Uint8Array,
  ) {
    this.depth = depth;
    this.indices = indices;
    this.leaves = leaves;
    this.#view = new DataView(leaves.buffer, leaves.byteOffset, leaves.length);
    this.#segments = segmentsOf(depth, indices);
    this.#siblings = this.#segments.flatMap((segment) => positionsOf(segment).map(sibling));
  }

  /** Reads a multiproof whose leaf set the reader knows. Proves nothing yet: compare `root()`. */
  static read(reader: ByteReader, depth: number, indices: readonly number[]): Multiproof {
    const [first, last] = [indices[0] ?? 0, indices[indices.length - 1] ?? 0];
    if (first < 0 || last >= 2 ** depth) {
      throw new WitnessError("leaf-out-of-range", `leaves ${first} to ${last}`);
    }
    const leaves = reader.take(indices.length * leafBytes).slice();
    const siblings = segmentsOf(depth, indices).flatMap(({ level, top }) =>
      readSegment(reader, top - level),
    );
    let next = 0;
    return new Multiproof(depth, indices, leaves, () => siblings[next++]);
  }

  /** The multiproof's bytes, with the leaves as they are now. */
  encode(): Uint8Array {
    const parts: Uint8Array[] = [this.leaves.slice()];
    let start = 0;
    for (const { level, top } of this.#segments) {
      const siblings = this.#siblings.slice(start, start + top - level);
      const bits = new Uint8Array(bitsBytes);
      siblings.forEach((hash, i) => {
        if (!isZeroHash(hash)) bits[bitsBytes - 1 - (i >> 3)] |= 1 << (i & 7);
      });
      parts.push(bits, ...siblings.filter((hash) => !isZeroHash(hash)));
      start += top - level;
    }
    return concatenate(parts);
  }

  /** From now on `root` sees zeros from byte `keep` of the array on. The leaf of byte keep − 1 is opened, or keep is 0. */
  truncate(keep: number): void {
    this.#keep = keep;
    this.indices.forEach((index, i) => {
      const from = Math.min(Math.max(keep - index * leafBytes, 0), leafBytes);
      this.leaves.fill(0, i * leafBytes + from, (i + 1) * leafBytes);
    });
  }

  /** Root of the array with the leaves as they are now. A multiproof of no leaf knows it only when truncated to nothing. */
  root(): Uint8Array {
    if (this.#keep === 0) return zeroHash;
    if (this.indices.length === 0)
      throw new RangeError("expected a multiproof of at least one leaf");
    kernel.input.set(this.leaves);
    kernel.reduce(this.indices.length, 0);
    const hashes = kernel.output.slice(0, this.indices.length * hashBytes);
    const leaf = (i: number) => hashes.subarray(i * hashBytes, (i + 1) * hashBytes);
    let next = 0;
    const climb = (from: Uint8Array, segment: Segment) => {
      let node = from;
      for (const position of positionsOf(segment)) {
        const sibling = this.#sibling(next++, position);
        node = position.index % 2 === 1 ? hashNode(node, sibling) : hashNode(sibling, node);
      }
      return node;
    };
    return fold(this.indices, { leaf, parent: hashNode, climb }, this.depth).slice();
  }

  /** Like `root`, but a multiproof of no leaf that was not truncated leaves the root as it was. */
  rootOr(before: Uint8Array): Uint8Array {
    return this.indices.length === 0 && this.#keep === undefined ? before : this.root();
  }

  /** A sibling, which truncation may have emptied. */
  #sibling(number: number, { level, index }: NodePosition): Uint8Array {
    const start = index * 2 ** level * leafBytes;
    return this.#keep !== undefined && start >= this.#keep ? zeroHash : this.#siblings[number];
  }

  /**
   * Where a byte of the array lies in `leaves`. A step asks for the leaves that its instruction needs, so only an instruction that
   * contradicts the rest of its program can lack one.
   */
  #place(offset: number): number {
    const leaf = Math.floor(offset / leafBytes);
    const place = this.indices.indexOf(leaf);
    if (place < 0) throw new WitnessError("malformed-instruction", `leaf ${leaf} is not open`);
    return place * leafBytes + (offset % leafBytes);
  }

  /** The byte at an offset. */
  byte(offset: number): number {
    return this.leaves[this.#place(offset)];
  }

  /** Writes the byte at an offset. */
  setByte(offset: number, value: number): void {
    this.leaves[this.#place(offset)] = value;
  }

  /** 8-byte slot, little-endian: stack, globals. */
  slot(index: number): bigint {
    return this.#view.getBigUint64(this.#place(index * 8), true);
  }

  /** Writes an 8-byte slot. */
  setSlot(index: number, value: bigint): void {
    this.#view.setBigUint64(this.#place(index * 8), value, true);
  }

  /** u32, little-endian, at a byte offset that is a multiple of 4: frames, sizes, tables. */
  word(offset: number): number {
    return this.#view.getUint32(this.#place(offset), true);
  }

  /** Writes a u32, little-endian. */
  setWord(offset: number, value: number): void {
    this.#view.setUint32(this.#place(offset), value, true);
  }

  /** u32, big-endian: program arrays. */
  wordBigEndian(offset: number): number {
    return this.#view.getUint32(this.#place(offset));
  }
}

/** The siblings of a segment of `levels` levels, bottom up. */
function readSegment(reader: ByteReader, levels: number): Uint8Array[] {
  const bits = reader.u64();
  if (bits >> BigInt(levels) !== 0n) throw new WitnessError("sibling-bits");
  return Array.from({ length: levels }, (_, i) => {
    if (((bits >> BigInt(i)) & 1n) === 0n) return zeroHash;
    const hash = reader.hash();
    if (isZeroHash(hash)) throw new WitnessError("zero-sibling");
    return hash;
  });
}

/**
 * Openings: the proof of a set of leaves of a Merkle array, with which their new contents can be committed too
 * (docs/proof-format.md §3).
 *
 * Invariant: for given depth and leaf set there is one byte string that proves given contents; zero siblings are
 * never sent, others always.
 */
import { leafBytes } from "../interpreter/program.ts";
import { isZeroHash, sameBytes, zeroHash } from "./arrays.ts";
import { type ByteReader, concatenate } from "./byteReader.ts";
import { hashBytes, kernel } from "./keccak/kernel.ts";
import { WitnessError } from "./witnessError.ts";

/** A node that an opening needs beside the path: height above the leaves and index among the nodes there. */
export interface NodePosition {
  readonly level: number;
  readonly index: number;
}

const groupSiblings = 64;
const groupBytes = 8;

const siblingOf = (index: number): number => (index % 2 === 0 ? index + 1 : index - 1);
const parentOf = (index: number): number => Math.floor(index / 2);

/** Positions of the siblings, in the order in which an opening numbers them. */
export function siblingPositions(depth: number, leaves: readonly number[]): NodePosition[] {
  const positions: NodePosition[] = [];
  let known = leaves;
  for (let level = 0; level < depth && known.length > 0; level++) {
    const parents: number[] = [];
    for (let i = 0; i < known.length; i++) {
      const sibling = siblingOf(known[i]);
      if (known[i + 1] === sibling) i++;
      else positions.push({ level, index: sibling });
      parents.push(parentOf(sibling));
    }
    known = parents;
  }
  return positions;
}

/**
 * Opened leaves of one Merkle array and the siblings that lead from them to its root. Offsets are bytes from the
 * start of the array; one in a leaf that is not opened throws RangeError.
 */
export class Opening {
  /** Levels above the leaves. */
  readonly depth: number;
  /** Leaf indices, ascending. */
  readonly indices: readonly number[];
  /** Contents of the leaves, one after another; a step writes here. */
  readonly leaves: Uint8Array;
  readonly #view: DataView;
  readonly #positions: readonly NodePosition[];
  readonly #siblings: Uint8Array[];
  #keep: number | undefined;

  constructor(
    depth: number,
    indices: readonly number[],
    leaves: Uint8Array,
    sibling: (position: NodePosition) => Uint8Array,
    positions: readonly NodePosition[] = siblingPositions(depth, indices),
  ) {
    this.depth = depth;
    this.indices = indices;
    this.leaves = leaves;
    this.#view = new DataView(leaves.buffer, leaves.byteOffset, leaves.length);
    this.#positions = positions;
    this.#siblings = positions.map(sibling);
  }

  /** Reads an opening whose leaf set the reader knows. Proves nothing yet: compare `root()`. */
  static read(reader: ByteReader, depth: number, indices: readonly number[]): Opening {
    const [first, last] = [indices[0] ?? 0, indices[indices.length - 1] ?? 0];
    if (first < 0 || last >= 2 ** depth) {
      throw new WitnessError("leaf-out-of-range", `leaves ${first} to ${last}`);
    }
    const leaves = reader.take(indices.length * leafBytes).slice();
    const positions = siblingPositions(depth, indices);
    let bits = 0n;
    const siblings = positions.map((_, i) => {
      if (i % groupSiblings === 0) bits = takeGroup(reader, positions.length - i);
      const sent = ((bits >> BigInt(i % groupSiblings)) & 1n) === 1n;
      if (!sent) return zeroHash;
      const hash = reader.hash();
      if (isZeroHash(hash)) throw new WitnessError("zero-sibling");
      return hash;
    });
    let next = 0;
    return new Opening(depth, indices, leaves, () => siblings[next++], positions);
  }

  /** The opening's bytes, with the leaves as they are now. */
  encode(): Uint8Array {
    const parts: Uint8Array[] = [this.leaves.slice()];
    for (let start = 0; start < this.#siblings.length; start += groupSiblings) {
      const group = this.#siblings.slice(start, start + groupSiblings);
      const bits = new Uint8Array(groupBytes);
      group.forEach((hash, i) => {
        if (!isZeroHash(hash)) bits[groupBytes - 1 - (i >> 3)] |= 1 << (i & 7);
      });
      parts.push(bits, ...group.filter((hash) => !isZeroHash(hash)));
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

  /** Root of the array with the leaves as they are now. An opening of no leaf knows it only when truncated to nothing. */
  root(): Uint8Array {
    if (this.#keep === 0) return zeroHash;
    if (this.indices.length === 0) throw new RangeError("expected an opening of at least one leaf");
    kernel.input.set(this.leaves);
    kernel.reduce(this.indices.length, 0);
    const hashes = kernel.output;
    let known = this.indices;
    let sibling = 0;
    for (let level = 0; level < this.depth; level++) {
      const parents: number[] = [];
      for (let i = 0; i < known.length; i++) {
        const pair = parents.length * 2 * hashBytes;
        const own = hashes.subarray(i * hashBytes, (i + 1) * hashBytes);
        kernel.input.set(own, pair + (known[i] % 2) * hashBytes);
        const partner = siblingOf(known[i]);
        if (known[i + 1] === partner) {
          i++;
          kernel.input.set(hashes.subarray(i * hashBytes, (i + 1) * hashBytes), pair + hashBytes);
        } else {
          kernel.input.set(this.#sibling(sibling++), pair + (partner % 2) * hashBytes);
        }
        parents.push(parentOf(partner));
      }
      kernel.nodes(parents.length);
      known = parents;
    }
    return hashes.slice(0, hashBytes);
  }

  /** Like `root`, but an opening of no leaf that was not truncated leaves the root as it was. */
  rootOr(before: Uint8Array): Uint8Array {
    return this.indices.length === 0 && this.#keep === undefined ? before : this.root();
  }

  /** Throws unless the leaves, as they are now, lead to this root. */
  check(root: Uint8Array): void {
    if (this.indices.length > 0 && !sameBytes(this.root(), root)) {
      throw new WitnessError("root-mismatch");
    }
  }

  /** A sibling, which truncation may have emptied. */
  #sibling(number: number): Uint8Array {
    const { level, index } = this.#positions[number];
    const start = index * 2 ** level * leafBytes;
    return this.#keep !== undefined && start >= this.#keep ? zeroHash : this.#siblings[number];
  }

  /** Where a byte of the array lies in `leaves`. The step asked for its leaf, so its absence is our mistake. */
  #place(offset: number): number {
    const leaf = Math.floor(offset / leafBytes);
    const place = this.indices.indexOf(leaf);
    if (place < 0) throw new RangeError(`expected an opened leaf, got ${leaf}`);
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

function takeGroup(reader: ByteReader, siblingsLeft: number): bigint {
  const bits = reader.u64();
  if (siblingsLeft < groupSiblings && bits >> BigInt(siblingsLeft) !== 0n) {
    throw new WitnessError("sibling-bits");
  }
  return bits;
}

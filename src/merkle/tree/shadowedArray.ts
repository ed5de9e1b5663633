/**
 * A Merkle array over content that changes without notice (stack, frames, globals, tables, …): a shadow copy finds
 * the chunks that differ since the last look.
 *
 * Invariant: after `sync` the array commits to exactly the content given, zero-extended; its cost is a copy
 * of the chunks that may have changed, or one comparison of the whole content if it is not told which, and the rehash of what did. Multiproofs read the shadow, so they show the synced state.
 */
import { chunkBytes } from "../../interpreter/program/program.ts";
import { type ByteSource, MerkleArray } from "./merkleArray.ts";

interface Extent {
  /** Bytes from `length` on are 0. */
  shadow: Uint8Array;
  length: number;
}

const minimumCapacity = chunkBytes;

export class ShadowedArray {
  readonly array: MerkleArray;
  /** Bytes from the start of one extent (a memory's, a table's) to the next one's. */
  readonly #stride: number;
  readonly #extents: Extent[] = [];

  /** `activeChunks`: as a Merkle array takes it. */
  constructor(depth: number, stride: number, activeChunks?: number) {
    this.#stride = stride;
    const source: ByteSource = (offset, target) => this.#read(offset, target);
    this.array = new MerkleArray(depth, source, activeChunks);
  }

  /** Takes over the content of a extent as it is now; `chunks` names those that may have changed, if that is known. */
  sync(content: Uint8Array, extent = 0, chunks?: Iterable<number>): void {
    const aligned = content.byteOffset % 4 === 0 ? content : content.slice();
    const known = this.#extent(extent);
    reserve(known, aligned.length);
    const before = known.length;
    const end = Math.max(before, aligned.length);
    known.length = aligned.length;
    const first = extent * this.#stride;
    for (const chunk of chunks ?? Array(Math.ceil(end / chunkBytes)).keys()) {
      const start = chunk * chunkBytes;
      if (start >= end) continue;
      const part = aligned.subarray(start, start + chunkBytes);
      const old = known.shadow.subarray(start, Math.min(start + chunkBytes, end));
      // Of a chunk that may have changed the Merkle array compares every leaf anyway.
      if (chunks === undefined && sameWords(part, old) && isZero(old.subarray(part.length)))
        continue;
      old.set(part);
      old.fill(0, part.length);
      // What is new, as a whole table is at first, may never change again.
      if (start >= before) this.array.invalidateRange(first + start, first + start + chunkBytes);
      else this.array.invalidate((first + start) / chunkBytes);
    }
  }

  #extent(number: number): Extent {
    while (this.#extents.length <= number) {
      this.#extents.push({ shadow: new Uint8Array(minimumCapacity), length: 0 });
    }
    return this.#extents[number];
  }

  #read(offset: number, target: Uint8Array): void {
    const extent = this.#extents[Math.floor(offset / this.#stride)];
    const start = offset % this.#stride;
    const part = extent?.shadow.subarray(start, start + target.length);
    target.set(part ?? []);
    target.fill(0, part?.length ?? 0);
  }
}

function reserve(extent: Extent, length: number): void {
  if (extent.shadow.length >= length) return;
  const grown = new Uint8Array(Math.max(2 * extent.shadow.length, length));
  grown.set(extent.shadow);
  extent.shadow = grown;
}

const words = (bytes: Uint8Array): Int32Array =>
  new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);

/** Whether `b` begins with `a`; both begin at a multiple of 4 in their buffers. */
function sameWords(a: Uint8Array, b: Uint8Array): boolean {
  // An empty view of content that ends before this chunk may begin anywhere.
  if (a.length === 0) return true;
  const [left, right] = [words(a), words(b)];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  for (let i = left.length * 4; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

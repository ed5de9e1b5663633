/**
 * Memos of chunks: the content of a chunk when it was hashed last, then all hashes inside it as a heap (the chunk's
 * own hash at 1, the children of node i at 2i and 2i + 1, the leaves last). A memo is brought up to date by hashing
 * the leaves that differ and the nodes above them, of a whole batch of chunks at a time.
 *
 * Invariant: a memo's hashes belong to its content. A memo of zeros is the chunk of zeros, whose hashes are all 0
 * (docs/proof-format.md §1), so there is one way to begin and to go on.
 */
import { batchLeaves, hashBytes, kernelMemory, leafStride } from "./kernelLayout.ts";

/** The chunk's own hash in the heap. */
const heapRoot = 1;

/** What a kernel does in its memory; a list entry is the address of a preimage and that of its hash. */
export interface MemoOperations {
  readonly list: Int32Array;
  /** Copies leaves that differ from `fresh` to `kept`; returns which. */
  take(fresh: number, kept: number, leaves: number): number;
  hashLeaves(count: number): void;
  hashNodes(count: number): void;
}

/** Bytes of the memo of a chunk of so many leaves. */
export function memoBytesOf(leaves: number): number {
  return leaves * (leafStride + 2 * hashBytes);
}

/** Where in a memo the hash of node `index` of the heap begins. */
export function hashPlace(leaves: number, index: number = heapRoot): number {
  return leaves * leafStride + index * hashBytes;
}

/** See `Kernel.update`. */
export function memoUpdate(kernel: MemoOperations): (count: number, leaves: number) => Int32Array {
  const { list } = kernel;
  const changed = new Int32Array(batchLeaves);
  const parents = new Int32Array(batchLeaves);
  return (count, leaves) => {
    const size = memoBytesOf(leaves);
    let listed = 0;
    for (let i = 0; i < count; i++) {
      const memo = kernelMemory.memos + i * size;
      const differing = kernel.take(kernelMemory.input + i * leaves * leafStride, memo, leaves);
      changed[i] = differing;
      for (let left = differing; left !== 0; left &= left - 1) {
        const leaf = lowestBit(left);
        list[2 * listed] = memo + leaf * leafStride;
        list[2 * listed + 1] = memo + hashPlace(leaves, leaves + leaf);
        listed++;
      }
    }
    if (listed > 0) kernel.hashLeaves(listed);
    parents.set(changed.subarray(0, count));
    for (let width = leaves >> 1; width >= 1; width >>= 1) {
      const nodes = listParents(list, parents, count, leaves, width);
      if (nodes > 0) kernel.hashNodes(nodes);
    }
    return changed;
  };
}

/** Lists the nodes of a level of `width` whose children have changed; `nodes` goes from the children to these. */
function listParents(
  list: Int32Array,
  nodes: Int32Array,
  count: number,
  leaves: number,
  width: number,
): number {
  const size = memoBytesOf(leaves);
  let listed = 0;
  for (let i = 0; i < count; i++) {
    const memo = kernelMemory.memos + i * size;
    let marks = 0;
    for (let left = nodes[i]; left !== 0; ) {
      const node = lowestBit(left) >> 1;
      left &= ~(3 << (2 * node));
      marks |= 1 << node;
      list[2 * listed] = memo + hashPlace(leaves, 2 * (width + node));
      list[2 * listed + 1] = memo + hashPlace(leaves, width + node);
      listed++;
    }
    nodes[i] = marks;
  }
  return listed;
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

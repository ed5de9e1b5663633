/**
 * Records of chunks: the content of a chunk when it was hashed last, then all hashes inside it as a heap (the chunk's
 * own hash at 1, the children of node i at 2i and 2i + 1, the leaves last). A record is brought up to date by hashing
 * the leaves that differ and the nodes above them, of a whole batch of chunks at a time.
 *
 * Invariant: a record's hashes belong to its content. A record of zeros is the chunk of zeros, whose hashes are all 0
 * (docs/proof-format.md §1), so there is one way to begin and to go on.
 */
import { kernelMemory } from "./build.ts";

const leafBytes = 128;
const hashBytes = 32;
/** The chunk's own hash in the heap. */
const heapRoot = 1;
const mostChunks = 2048;

/** What a kernel does in its memory; a list entry is the address of a preimage and that of its hash. */
export interface RecordOperations {
  readonly list: Int32Array;
  /** Copies leaves that differ from `fresh` to `kept`; returns which. */
  take(fresh: number, kept: number, leaves: number): number;
  hashLeaves(count: number): void;
  hashNodes(count: number): void;
}

/** Bytes of the record of a chunk of so many leaves. */
export function recordBytesOf(leaves: number): number {
  return leaves * (leafBytes + 2 * hashBytes);
}

/** Where in a record the hash of node `index` of the heap begins. */
export function hashPlace(leaves: number, index: number = heapRoot): number {
  return leaves * leafBytes + index * hashBytes;
}

/** See `Kernel.update`. */
export function recordUpdate(
  kernel: RecordOperations,
): (count: number, leaves: number) => Int32Array {
  const { list } = kernel;
  const changed = new Int32Array(mostChunks);
  const parents = new Int32Array(mostChunks);
  return (count, leaves) => {
    const size = recordBytesOf(leaves);
    let listed = 0;
    for (let i = 0; i < count; i++) {
      const record = kernelMemory.kept + i * size;
      const differing = kernel.take(kernelMemory.input + i * leaves * leafBytes, record, leaves);
      changed[i] = differing;
      for (let left = differing; left !== 0; left &= left - 1) {
        const leaf = lowestBit(left);
        list[2 * listed] = record + leaf * leafBytes;
        list[2 * listed + 1] = record + hashPlace(leaves, leaves + leaf);
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
  const size = recordBytesOf(leaves);
  let listed = 0;
  for (let i = 0; i < count; i++) {
    const record = kernelMemory.kept + i * size;
    let marks = 0;
    for (let left = nodes[i]; left !== 0; ) {
      const node = lowestBit(left) >> 1;
      left &= ~(3 << (2 * node));
      marks |= 1 << node;
      list[2 * listed] = record + hashPlace(leaves, 2 * (width + node));
      list[2 * listed + 1] = record + hashPlace(leaves, width + node);
      listed++;
    }
    nodes[i] = marks;
  }
  return listed;
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

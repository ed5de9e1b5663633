/**
 * The cached inner nodes of a Merkle array: sparse pages of hashes, one map a level.
 *
 * Invariant: a node that no page holds is 0, which is also the hash of a zero subtree (docs/proof-format.md §1).
 */
import { zeroHash } from "./arrays.ts";
import { hashBytes } from "./keccak/kernel.ts";

/** Nodes in a page: even, so that two siblings share one. */
const pageNodes = 64;

export class NodeStore {
  readonly #levels: Map<number, Uint8Array>[];

  constructor(levels: number) {
    this.#levels = Array.from({ length: levels }, () => new Map());
  }

  /** `count` neighbouring nodes from `index` on, all of one page, as a view. */
  get(level: number, index: number, count = 1): Uint8Array | undefined {
    const page = this.#levels[level].get(Math.floor(index / pageNodes));
    const start = (index % pageNodes) * hashBytes;
    return page?.subarray(start, start + count * hashBytes);
  }

  /** A node as its own copy. */
  node(level: number, index: number): Uint8Array {
    return this.get(level, index)?.slice() ?? zeroHash;
  }

  set(level: number, index: number, hash: Uint8Array): void {
    const number = Math.floor(index / pageNodes);
    let page = this.#levels[level].get(number);
    if (page === undefined) {
      page = new Uint8Array(pageNodes * hashBytes);
      this.#levels[level].set(number, page);
    }
    page.set(hash, (index % pageNodes) * hashBytes);
  }
}

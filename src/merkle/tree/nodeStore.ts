/**
 * The cached inner nodes of a Merkle array: sparse pages of hashes, one map a level.
 *
 * Invariant: a node that no page holds is 0, which is also the hash of a zero subtree (docs/proof-format.md §1).
 */
import { zeroHash } from "./arrays.ts";
import { flushPairs, gatherPair, hashWords } from "./keccak/gather.ts";
import { hashBytes } from "./keccak/kernel.ts";

/** Nodes in a page: even, so that two siblings share one. */
const pageNodes = 64;
const noNodes = new Int32Array(pageNodes * hashWords);

export class NodeStore {
  readonly #levels: Map<number, Int32Array<ArrayBuffer>>[];

  constructor(levels: number) {
    this.#levels = Array.from({ length: levels }, () => new Map());
  }

  /** A node as its own copy. */
  node(level: number, index: number): Uint8Array {
    const page = this.#levels[level].get(Math.floor(index / pageNodes));
    if (page === undefined) return zeroHash;
    return new Uint8Array(page.buffer, (index % pageNodes) * hashBytes, hashBytes).slice();
  }

  set(level: number, index: number, hash: Uint8Array): void {
    const page = this.#page(level, Math.floor(index / pageNodes));
    new Uint8Array(page.buffer).set(hash, (index % pageNodes) * hashBytes);
  }

  /** The first nodes of level 0, one after another. */
  setAll(hashes: Uint8Array): void {
    const pageBytes = pageNodes * hashBytes;
    for (let at = 0; at < hashes.length; at += pageBytes) {
      const page = this.#page(0, at / pageBytes);
      new Uint8Array(page.buffer).set(hashes.subarray(at, at + pageBytes));
    }
  }

  /** Rehashes the parents, at `level`, of `nodes` of the level below, both ascending; returns the parents. */
  rehashParents(level: number, nodes: readonly number[]): number[] {
    const parents: number[] = [];
    let number = -1;
    let page: Int32Array = noNodes;
    let below: Int32Array = noNodes;
    for (const node of nodes) {
      const parent = Math.floor(node / 2);
      if (parents[parents.length - 1] === parent) continue;
      parents.push(parent);
      const childPage = Math.floor(node / pageNodes);
      if (childPage !== number) {
        number = childPage;
        below = this.#levels[level - 1].get(childPage) ?? noNodes;
        page = this.#page(level, Math.floor(parent / pageNodes));
      }
      const pair = ((2 * parent) % pageNodes) * hashWords;
      gatherPair(below, pair, page, (parent % pageNodes) * hashWords);
    }
    flushPairs();
    return parents;
  }

  #page(level: number, number: number): Int32Array<ArrayBuffer> {
    const known = this.#levels[level].get(number);
    if (known !== undefined) return known;
    const page = new Int32Array(pageNodes * hashWords);
    this.#levels[level].set(number, page);
    return page;
  }
}

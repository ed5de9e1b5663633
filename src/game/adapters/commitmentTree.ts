/**
 * Hashes over a trace whose end repeats itself: the nodes of a binary tree of Keccak-256 over leaves of which all from some
 * index on are equal, as histories and commitments of other people's games are.
 *
 * Invariant: what is kept is linear in the leaves that differ, however long the trace is padded.
 */
import { concat, keccak256 } from "ethers";
import type { Hash } from "../claim/claim.ts";

/** keccak256(left ‖ right). */
export const parentOf = (left: Hash, right: Hash): Hash => keccak256(concat([left, right]));

/** Complete subtrees over leaves that go on for ever with the last of those given. */
export class CommitmentTree {
  /** Nodes by level, leaves first, as far as they are not `#tail`. */
  readonly #levels: Hash[][];
  readonly #tail: Hash[];

  /** @param leaves At least one; the last stands for all that follow. */
  constructor(leaves: readonly Hash[]) {
    this.#levels = [leaves.slice(0, -1)];
    this.#tail = [leaves[leaves.length - 1]];
  }

  /** The node over the leaves [index · 2^level, (index + 1) · 2^level). */
  node(level: number, index: number): Hash {
    while (this.#levels.length <= level) this.#raise();
    return this.#levels[level][index] ?? this.#tail[level];
  }

  #raise(): void {
    const top = this.#levels.length - 1;
    const below = this.#levels[top];
    const tail = this.#tail[top];
    const nodes: Hash[] = [];
    for (let i = 0; i < below.length; i += 2) nodes.push(parentOf(below[i], below[i + 1] ?? tail));
    this.#levels.push(nodes);
    this.#tail.push(parentOf(tail, tail));
  }
}

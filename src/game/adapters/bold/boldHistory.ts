/**
 * History commitments of Arbitrum BoLD: Merkle trees over prefixes of a list of states, with proofs that a state stands in
 * a history and that one history is a prefix of another.
 *
 * Invariant: a history of `size` states is the tree of these leaves, hashed once more, and of zeros up to the next power of
 * two; a subtree without states is zero.
 */
import { AbiCoder, keccak256 } from "ethers";
import type { Hash } from "../../claim/claim.ts";
import { CommitmentTree, parentOf } from "../commitmentTree.ts";

const zero: Hash = `0x${"00".repeat(32)}`;
const levelsOf = (size: number) => Math.ceil(Math.log2(size));

/** Histories over one list of states, which repeats its last one for ever. */
export class History {
  readonly #tree: CommitmentTree;

  /** @param states At least one. */
  constructor(states: readonly Hash[]) {
    this.#tree = new CommitmentTree(states.map((state) => keccak256(state)));
  }

  /** Root of the history of the first `size` states. */
  root(size: number): Hash {
    return this.#node(levelsOf(size), 0, size);
  }

  /** Siblings from the state at `index` to the root of the first `size` states. */
  inclusion(index: number, size: number): Hash[] {
    return Array.from({ length: levelsOf(size) }, (_, level) =>
      this.#node(level, Math.floor(index / 2 ** level) ^ 1, size),
    );
  }

  /** Proof that the first `short` states are a prefix of the first `long`, as the contract decodes it. */
  prefix(short: number, long: number): string {
    const steps: Hash[] = [];
    // Whole subtrees, as large as fit, from the short history's end to the long one's.
    for (let size = short; size < long; ) {
      const level = largestStep(size, long);
      steps.push(this.#tree.node(level, Math.floor(size / 2 ** level)));
      size += 2 ** level;
    }
    return AbiCoder.defaultAbiCoder().encode(
      ["bytes32[]", "bytes32[]"],
      [this.#peaks(short), steps],
    );
  }

  /** Complete subtrees that make up a history, by level; zero where there is none. */
  #peaks(size: number): Hash[] {
    const peaks: Hash[] = Array(Math.floor(Math.log2(size)) + 1).fill(zero);
    let before = 0;
    for (let level = peaks.length - 1; level >= 0; level--) {
      if (Math.floor(size / 2 ** level) % 2 === 0) continue;
      peaks[level] = this.#tree.node(level, before / 2 ** level);
      before += 2 ** level;
    }
    return peaks;
  }

  #node(level: number, index: number, size: number): Hash {
    if (index * 2 ** level >= size) return zero;
    if ((index + 1) * 2 ** level <= size) return this.#tree.node(level, index);
    return parentOf(
      this.#node(level - 1, 2 * index, size),
      this.#node(level - 1, 2 * index + 1, size),
    );
  }
}

/** log2 of the largest subtree that begins at `size` and does not reach beyond `end`. */
function largestStep(size: number, end: number): number {
  let level = 0;
  while (size % 2 ** (level + 1) === 0 && size + 2 ** (level + 1) <= end) level++;
  return level;
}

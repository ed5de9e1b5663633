/**
 * Headers of a fragment that are wrong by their bytes, whatever their blocks hold (docs/validation.md §6): rules of votes
 * (docs/network.md §6, (d)), and the checkpoint that the fragment begins with.
 *
 * Invariant: what is found here `ValidationArbiter.refuteHeader` refutes a confirmation by, and nothing else is: a validator
 * that confirms only where nothing is found cannot be refuted by a header.
 */
import { hexlify } from "ethers";
import type { Hash } from "../../game/index.ts";
import {
  type ApplicationState,
  brokenVoteRule,
  type ClusterGeneration,
  type Fragment,
  type Header,
  type VoteRule,
  validatorsHash,
} from "../../history/index.ts";

/** What a fragment's headers must fit. */
export interface FragmentRules {
  readonly generation: ClusterGeneration;
  /** The checkpoint before; undefined where the fragment begins with its generation. */
  readonly start: Hash | undefined;
  /** States before and behind the fragment, where they were shown on chain. */
  readonly states: readonly ApplicationState[];
}

/** A header that is wrong by its bytes. */
export interface BrokenHeader {
  /** `start`: the fragment's first header is not the checkpoint before. */
  readonly rule: VoteRule | "start";
  /** The header, and its parent where the rule is about both; none of `start`, of which the name in its child is enough. */
  readonly headers: readonly Header[];
  /** Height of the block that is said to be right. */
  readonly height: bigint;
  /** How far before the checkpoint the header is. */
  readonly distance: number;
}

/**
 * What is wrong with the lowest of a fragment's headers that are known so far, with the one above it behind it, or with the
 * one below it by its name.
 *
 * @param headers From that one to the checkpoint.
 */
export function brokenHeader(
  headers: readonly Header[],
  { startHeight, height }: Pick<Fragment, "startHeight" | "height">,
  { generation, start }: FragmentRules,
): BrokenHeader | undefined {
  const [header, child] = headers;
  const distance = headers.length - 1;
  const workers = validatorsHash(generation.validators);
  const alone = brokenVoteRule(header, undefined, generation, workers);
  if (alone !== undefined) {
    return { rule: alone, headers: [header], height: header.height, distance };
  }
  const behind = child && brokenVoteRule(child, header, generation, workers);
  if (behind !== undefined) {
    const pair = [child, header];
    return { rule: behind, headers: pair, height: header.height, distance: distance - 1 };
  }
  const isSecond = BigInt(distance) + 1n === height - startHeight;
  if (isSecond && start !== undefined && hexlify(header.lastBlockId.hash) !== start) {
    return { rule: "start", headers: [], height: startHeight, distance: distance + 1 };
  }
  return undefined;
}

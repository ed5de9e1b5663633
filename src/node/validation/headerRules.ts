/**
 * Headers of a fragment that are wrong by their bytes, whatever their blocks hold (docs/validation.md §6): rules of votes
 * (docs/network.md §6, (d)), and the checkpoint that the fragment begins with.
 *
 * Invariant: what is found here `ValidationArbiter.refuteHeader` refutes a confirmation by, and nothing else is: a validator
 * that confirms only where nothing is found cannot be refuted by a header.
 */
import type { Hash } from "../../game/index.ts";
import {
  type ApplicationState,
  brokenVoteRule,
  type ClusterGeneration,
  type Fragment,
  type Header,
  headerName,
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
  /** `start`: it is the first one, and not the checkpoint before. */
  readonly rule: VoteRule | "start";
  readonly header: Header;
  /** Where the rule is about both. */
  readonly parent?: Header;
  /** How far before the checkpoint the header is. */
  readonly distance: number;
}

/**
 * What is wrong with the lowest of a fragment's headers that are known so far, or with the one above it behind it.
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
  const alone = brokenVoteRule(
    header,
    undefined,
    generation,
    validatorsHash(generation.validators),
  );
  if (alone !== undefined) return { rule: alone, header, distance };
  const behind =
    child && brokenVoteRule(child, header, generation, validatorsHash(generation.validators));
  if (behind !== undefined) {
    return { rule: behind, header: child, parent: header, distance: distance - 1 };
  }
  const isFirst = BigInt(distance) === height - startHeight;
  if (isFirst && start !== undefined && headerName(header) !== start) {
    return { rule: "start", header, distance };
  }
  return undefined;
}

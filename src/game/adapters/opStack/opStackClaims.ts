/**
 * The claims of a fault dispute game of the OP Stack as they stand on chain, and the two outputs between which a claim
 * of the execution trace lies.
 *
 * Invariant: claims are only ever added, and what a claim says never changes, so what was read once is kept as soon as no
 * reorganisation can put another claim in its place; whether it was countered is asked anew.
 */
import { AbiCoder, type Contract } from "ethers";
import type { Hash } from "../../claim/claim.ts";
import { depthOf, traceAncestor } from "./position.ts";

/** A claim: a hash at a position, made against another claim. */
export interface OpStackClaim {
  readonly index: number;
  /** Claim that this one was made against; undefined for the root. */
  readonly parent: OpStackClaim | undefined;
  readonly position: bigint;
  readonly depth: number;
  readonly claim: Hash;
  readonly claimant: string;
}

/** The outputs between which an execution trace lies. A start at position 0 is the one that the game starts from. */
export interface OutputContext {
  readonly start: Hash;
  readonly startPosition: bigint;
  readonly disputed: Hash;
  readonly disputedPosition: bigint;
}

/** What a game was created with. */
export interface OpStackGameParameters {
  readonly splitDepth: number;
  readonly maxDepth: number;
  /** Output that the game starts from, and the calls before it. */
  readonly anchor: Hash;
  readonly anchorCalls: number;
  /** Calls before the output that the root claim is about. */
  readonly proposedCalls: number;
  /** Seconds since 1970. */
  readonly createdAt: bigint;
}

/** Reads what a game was created with. */
export async function readParameters(game: Contract): Promise<OpStackGameParameters> {
  const numbers = ["splitDepth", "maxGameDepth", "startingBlockNumber", "l2BlockNumber"];
  const [splitDepth, maxDepth, anchorCalls, proposedCalls] = await Promise.all(
    numbers.map(async (name) => Number(await game.getFunction(name)())),
  );
  const anchor: Hash = await game.getFunction("startingRootHash")();
  const createdAt: bigint = await game.getFunction("createdAt")();
  return { splitDepth, maxDepth, anchor, anchorCalls, proposedCalls, createdAt };
}

/**
 * Reads the claims that came since the last look, and appends them.
 *
 * @param from Claims from here on are read again: others that stand in their places now take them, with all behind them.
 */
export async function readClaims(
  game: Contract,
  known: OpStackClaim[],
  from = known.length,
): Promise<void> {
  const count = Number(await game.getFunction("claimDataLen")());
  if (count < known.length) known.length = Math.max(count, from);
  for (let index = from; index < count; index++) {
    const data = await game.getFunction("claimData")(index);
    const position: bigint = data.position;
    const claim = {
      index,
      parent: known[Number(data.parentIndex)],
      position,
      depth: depthOf(position),
      claim: data.claim,
      claimant: data.claimant,
    };
    if (index < known.length && isSameClaim(known[index], claim)) continue;
    known.length = index;
    known.push(claim);
  }
}

function isSameClaim(one: OpStackClaim, other: OpStackClaim): boolean {
  const names = ["parent", "position", "claim", "claimant"] as const;
  return names.every((name) => one[name] === other[name]);
}

/** The claim on the way up from `claim` that commits to the leaf of `position`. */
function ancestorAt(claim: OpStackClaim | undefined, position: bigint): OpStackClaim {
  for (let at = claim; at !== undefined; at = at.parent) if (at.position === position) return at;
  throw new RangeError(`expected a claim at position ${position} on the way to the root`);
}

/**
 * The outputs between which a trace lies whose root is a move against `output`.
 *
 * @param output Claim at the split depth.
 */
export function contextOf(
  output: OpStackClaim,
  isAttack: boolean,
  { anchor, splitDepth }: OpStackGameParameters,
): OutputContext {
  if (!isAttack) {
    const next = ancestorAt(output.parent, traceAncestor(output.position + 1n));
    return pair(output, next);
  }
  const isFirst = output.position === 1n << BigInt(splitDepth);
  if (isFirst) {
    const disputed = { disputed: output.claim, disputedPosition: output.position };
    return { start: anchor, startPosition: 0n, ...disputed };
  }
  return pair(ancestorAt(output.parent, traceAncestor(output.position - 1n)), output);
}

function pair(start: OpStackClaim, disputed: OpStackClaim): OutputContext {
  return {
    start: start.claim,
    startPosition: start.position,
    disputed: disputed.claim,
    disputedPosition: disputed.position,
  };
}

/** The outputs around a claim of an execution trace. */
export function contextOfClaim(
  claim: OpStackClaim,
  parameters: OpStackGameParameters,
): OutputContext {
  let root = claim;
  while (root.depth > parameters.splitDepth + 1) root = root.parent as OpStackClaim;
  const output = root.parent as OpStackClaim;
  return contextOf(output, root.position >> 1n === output.position, parameters);
}

/** The context as the adapter's proofs carry it, 128 bytes. */
export function contextWords(context: OutputContext): string {
  const isAnchored = context.startPosition === 0n;
  return AbiCoder.defaultAbiCoder().encode(
    ["bytes32", "uint128", "bytes32", "uint128"],
    [
      isAnchored ? `0x${"00".repeat(32)}` : context.start,
      context.startPosition,
      context.disputed,
      context.disputedPosition,
    ],
  );
}

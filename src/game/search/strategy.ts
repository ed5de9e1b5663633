/**
 * What an honest party does next (docs/game.md §4, §7): a pure function of the dispute's state, the other's last
 * vector and the party's own execution. It remembers nothing, so a player may be killed and restarted anywhere.
 *
 * Invariant: against this strategy every agreed state of a dispute is true.
 */
import type { Hash } from "../claim/claim.ts";
import type { Execution } from "../trace/execution.ts";
import { type Dispute, isOnTurn, phases, type Side } from "./disputeState.ts";
import { firstDenied, points, showPart } from "./search.ts";

/** A call of the Arbiter: method name and the arguments after the dispute. */
export interface Move {
  /** Function of the contract. */
  readonly method:
    | "proveClaim"
    | "proveResult"
    | "postState"
    | "postVector"
    | "choosePart"
    | "judgeStep"
    | "judgeFuel";
  /** Arguments as ethers takes them. */
  readonly args: readonly unknown[];
}

/** A dispute's present state with what the other side posted last. */
export interface Situation {
  readonly dispute: Dispute;
  /** Hashes of the newest `Moved` event: the first mover's vector, where one is pending. */
  readonly posted: readonly Hash[];
}

/** Turns a situation into a move; undefined: nothing to do for this side now. */
export type Strategy = (
  situation: Situation,
  side: Side,
  execution: Execution,
  k: number,
) => Promise<Move | undefined>;

/**
 * The strategy of an honest party: proves, posts and has judged what its own execution shows, whenever the dispute
 * waits for its side; otherwise undefined. Rejects where the execution does.
 */
export const honestMove: Strategy = async (situation, side, execution, k) => {
  const { dispute } = situation;
  if (!isOnTurn(dispute, side)) return undefined;
  switch (dispute.phase) {
    case phases.claims: {
      const step = Number(dispute.claims[side].steps);
      return { method: "proveClaim", args: [await execution.registerProof(step)] };
    }
    case phases.length: {
      const end = Number(dispute.claims[1 - side].steps);
      return { method: "postState", args: await execution.stateHashes([end]) };
    }
    case phases.fuelPoint: {
      const step = Number(dispute.fuelStep) - 1;
      return { method: "postState", args: await execution.stateHashes([step]) };
    }
    case phases.search:
      return searchMove(situation, side, await ownVector(dispute, execution, k));
    case phases.step:
      return { method: "judgeStep", args: [await execution.witness(Number(dispute.startStep))] };
    case phases.fuelStep: {
      const step = Number(dispute.startStep);
      const proof = await execution.registerProof(step + 1);
      return { method: "judgeFuel", args: [await execution.witness(step), proof] };
    }
    default:
      return undefined;
  }
};

function ownVector(dispute: Dispute, execution: Execution, k: number): Promise<Hash[]> {
  return execution.stateHashes(points(dispute.startStep, dispute.endStep, k).map(Number));
}

/** The move of a side in the search whose hashes of the round are `vector`, as first or as second mover. */
export function searchMove(
  { dispute, posted }: Situation,
  side: Side,
  vector: readonly Hash[],
): Move {
  if (BigInt(dispute.pending) === 0n) return { method: "postVector", args: [vector] };
  const { startState, endStates } = dispute;
  const own = [startState, ...vector, endStates[side]];
  const other = [startState, ...posted, endStates[1 - side]];
  const index = firstDenied(own, other);
  const { part, path } = showPart(other, index);
  return { method: "choosePart", args: [index, part, path, own[index + 1]] };
}

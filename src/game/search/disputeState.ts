/**
 * A dispute's state as it travels with every move (docs/game.md §4); twin of contracts/src/game/types/Dispute.sol
 * and of libraries/Clock.sol.
 *
 * Invariant: `disputeDigest` of the state of the newest event equals the contract's `stateOf(opposedKey)`.
 */
import { AbiCoder, keccak256, type ParamType, type Result, toBeHex } from "ethers";
import type { Address, Claim, Hash } from "../claim/claim.ts";

/** Which question of a dispute is open (docs/game.md §4); the numbers are the contract's. */
export const phases = {
  none: 0,
  /** A party on turn proves the counters of its claim. */
  claims: 1,
  /** The party of the longer trace posts its state where the shorter one ends. */
  length: 2,
  /** Both post the state before the step that is said to pass the declared fuel. */
  fuelPoint: 3,
  /** The search for the first step on which they part. */
  search: 4,
  /** One step is left: anyone has it judged. */
  step: 5,
  /** The challenger has the step judged that is said to pass the declared fuel. */
  fuelStep: 6,
} as const;
/** Number of a phase. */
export type Phase = (typeof phases)[keyof typeof phases];

export const phaseNames = Object.keys(phases) as (keyof typeof phases)[];

export const standings = { unproven: 0, running: 1, halted: 2 } as const;

/** 0 the accused, 1 the challenger. */
export type Side = 0 | 1;
export const sideNames = ["accused", "challenger"] as const;

/**
 * The whole state of a dispute (docs/game.md §4), as every move brings it along; the contract stores only its
 * hash. Index 0 is the accused, 1 the challenger; step numbers are values of the step counter.
 */
export interface Dispute {
  readonly id: bigint;
  readonly parties: readonly [Address, Address];
  /** What each party has at stake: the key of its backing (keys.ts). */
  readonly backings: readonly [Hash, Hash];
  /**
   * What each party says that the call ends in; `standing` tells what a register proof has shown of it.
   */
  readonly claims: readonly [Claim & { standing: number }, Claim & { standing: number }];
  /**
   * Fuel dispute: the step after which the fuel counter is said to pass the declared total; otherwise 0.
   */
  readonly fuelStep: bigint;
  readonly phase: Phase;
  /** Mask of the sides whose clock runs. */
  readonly turn: number;
  /** Rounds of the search so far. */
  readonly round: number;
  /** Block of the last move. */
  readonly since: number;
  /** Blocks that each party has left beyond the grace of its moves. */
  readonly bankBlocks: readonly [number, number];
  /** The searched segment: its first state is agreed, its last one is not. */
  readonly startState: Hash;
  readonly startStep: bigint;
  readonly endStep: bigint;
  readonly endStates: readonly [Hash, Hash];
  /**
   * What the first mover of the present exchange has posted: a state, or the commitment of a vector.
   */
  readonly pending: Hash;
}

/** Plain values from what ethers decodes. */
export function decodeDispute(value: Result): Dispute {
  const claim = (c: Result) => ({
    state: c.state as Hash,
    steps: c.steps as bigint,
    fuel: c.fuel as bigint,
    standing: Number(c.standing),
  });
  return {
    id: value.id,
    parties: [value.parties[0], value.parties[1]],
    backings: [value.backings[0], value.backings[1]],
    claims: [claim(value.claims[0]), claim(value.claims[1])],
    fuelStep: value.fuelStep,
    phase: Number(value.phase) as Phase,
    turn: Number(value.turn),
    round: Number(value.round),
    since: Number(value.since),
    bankBlocks: [Number(value.bankBlocks[0]), Number(value.bankBlocks[1])],
    startState: value.startState,
    startStep: value.startStep,
    endStep: value.endStep,
    endStates: [value.endStates[0], value.endStates[1]],
    pending: value.pending,
  };
}

/**
 * What `stateOf` knows a dispute by: exclusive or of its two statements. They are in dispute once, because every verdict
 * refutes one of them.
 */
export function opposedKey({ backings: [one, other] }: Dispute): Hash {
  return toBeHex(BigInt(one) ^ BigInt(other), 32);
}

/** What `stateOf` holds for this state; `type` is the ABI's parameter of any move. */
export function disputeDigest(dispute: Dispute, type: ParamType): Hash {
  return keccak256(AbiCoder.defaultAbiCoder().encode([type], [dispute]));
}

/**
 * The side that a party (address with checksum) has in a dispute; undefined for one that is not in it.
 */
export function sideOf(dispute: Dispute, party: Address): Side | undefined {
  if (dispute.parties[0] === party) return 0;
  return dispute.parties[1] === party ? 1 : undefined;
}

export function isOnTurn(dispute: Dispute, side: Side): boolean {
  return (dispute.turn & (1 << side)) !== 0;
}

/** Last block in which the sides on turn may move; a timeout can be claimed from the next one on. */
export function deadlineBlock(dispute: Dispute, graceBlocks: number): number {
  const banks = dispute.bankBlocks.filter((_, side) => isOnTurn(dispute, side as Side));
  return dispute.since + graceBlocks + Math.max(...banks);
}

/**
 * A dispute's state as it travels with every move (docs/game.md §4); twin of contracts/src/game/types/Dispute.sol
 * and of libraries/Clock.sol.
 *
 * Invariant: `disputeDigest` of the state of the newest event equals the contract's `stateOf(id)`.
 */
import { AbiCoder, keccak256, type ParamType, type Result } from "ethers";
import type { Address, Claim, Hash } from "./claim.ts";

export const phases = {
  none: 0,
  claims: 1,
  length: 2,
  fuelPoint: 3,
  search: 4,
  step: 5,
  fuelStep: 6,
} as const;
export type Phase = (typeof phases)[keyof typeof phases];

export const phaseNames = Object.keys(phases) as (keyof typeof phases)[];

export const standings = { unproven: 0, running: 1, halted: 2 } as const;

/** 0 the accused, 1 the challenger. */
export type Side = 0 | 1;
export const sideNames = ["accused", "challenger"] as const;

export interface Dispute {
  readonly id: bigint;
  readonly parties: readonly [Address, Address];
  readonly evidence: readonly [Hash, Hash];
  readonly claims: readonly [Claim & { standing: number }, Claim & { standing: number }];
  readonly fuelStep: bigint;
  readonly phase: Phase;
  /** Mask of the sides whose clock runs. */
  readonly turn: number;
  readonly round: number;
  readonly since: number;
  readonly bankBlocks: readonly [number, number];
  readonly startState: Hash;
  readonly startStep: bigint;
  readonly endStep: bigint;
  readonly endStates: readonly [Hash, Hash];
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
    evidence: [value.evidence[0], value.evidence[1]],
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

/** What `stateOf` holds for this state; `type` is the ABI's parameter of any move. */
export function disputeDigest(dispute: Dispute, type: ParamType): Hash {
  return keccak256(AbiCoder.defaultAbiCoder().encode([type], [dispute]));
}

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

/**
 * The full record of a dispute as plain JSON, taken from the chain's events alone (docs/game.md §8).
 *
 * Invariant: `readTranscript(JSON.parse(JSON.stringify(t)))` equals t; integers beyond 2^53 are decimal strings.
 */
import type { EventLog } from "ethers";
import type { FeatureLevel } from "../../interpreter/isa/features.ts";
import type { ImportPolicy } from "../../interpreter/program/linkOptions.ts";
import type { GrowthPolicy, ProgramLimits } from "../../interpreter/program/program.ts";
import type { ArbiterClient, MovedEvent, MoveKind, OpenedEvent } from "../chain/arbiterClient.ts";
import { arbiterInterface } from "../chain/contracts.ts";
import type { Address, Hash } from "../claim/claim.ts";
import type { Dispute, Side } from "../search/disputeState.ts";
import { phaseNames } from "../search/disputeState.ts";
import { checkTranscript, reasonNames, transcriptFormat } from "./transcriptFormat.ts";

/** A dispute's state after a move, with everything that people and the offline replay ask for. */
export interface RecordedState {
  readonly phase: string;
  readonly round: number;
  /** Mask: 1 accused, 2 challenger. */
  readonly turn: number;
  /** Block of the last move. */
  readonly since: number;
  /** Blocks that each party has left beyond the grace of its moves. */
  readonly bankBlocks: readonly [number, number];
  /** The searched segment: its first state is agreed, its last one is not. */
  readonly startStep: string;
  readonly endStep: string;
  readonly startState: Hash;
  readonly endStates: readonly [Hash, Hash];
}

/**
 * One move: where the chain has it, what it cost, what it posted, and the dispute before and after it.
 */
export interface RecordedMove {
  readonly block: number;
  readonly transaction: Hash;
  readonly gas: number;
  readonly side: Side;
  readonly move: MoveKind;
  readonly hashes: readonly Hash[];
  /** Register proof that the move brought along, where its transaction calls the Arbiter itself. */
  readonly registerProof?: string;
  readonly before: RecordedState;
  readonly after: RecordedState;
}

/** A claimed result; counters of the state, as decimal strings. */
export interface RecordedClaim {
  readonly state: Hash;
  readonly steps: string;
  readonly fuel: string;
}

/**
 * The program as the recorder linked it, so that others can link the same: what decides is `call.program`, the root.
 */
export interface RecordedProgram {
  /** In link order; names as later modules import from them, Keccak-256 of each binary, whether it is an import adapter. */
  readonly modules: readonly {
    readonly name: string;
    readonly hash: Hash;
    readonly adapter?: boolean;
  }[];
  readonly options: {
    readonly level: FeatureLevel;
    readonly gateway: string;
    readonly growth: GrowthPolicy;
    readonly unknownImports: ImportPolicy;
    readonly chunkFuel: number;
    readonly limits: ProgramLimits;
  };
}

/** How a dispute ended, and who sent the transaction. */
export interface RecordedSettlement {
  readonly block: number;
  readonly transaction: Hash;
  readonly gas: number;
  readonly from: Address;
  /** Mask: 1 accused, 2 challenger. */
  readonly losers: number;
  readonly reason: (typeof reasonNames)[number];
  readonly reward: string;
}

/**
 * The record of one dispute (docs/game.md §8), in order of side: 0 the accused, 1 the challenger. Integers that
 * may pass 2^53 are decimal strings, hashes and addresses hex, steps values of the step counter, amounts wei.
 */
export interface Transcript {
  readonly format: typeof transcriptFormat;
  readonly chainId: string;
  readonly arbiter: Address;
  readonly dispute: string;
  readonly parameters: {
    readonly k: number;
    readonly graceBlocks: number;
    readonly bankBlocks: number;
    readonly stake: string;
    readonly rewardBps: number;
  };
  readonly parties: readonly [Address, Address];
  readonly call: {
    readonly program: Hash;
    readonly previousState: Hash;
    readonly inputRoot: Hash;
    readonly inputLength: number;
  };
  /** Where whoever wrote the transcript had the program at hand; the chain knows its root alone. */
  readonly program?: RecordedProgram;
  /** The challenger's is zero in a fuel dispute. */
  readonly claims: readonly [RecordedClaim, RecordedClaim];
  /** Zero unless it is a fuel dispute. */
  readonly fuelStep: string;
  readonly opened: { readonly block: number; readonly transaction: Hash; readonly gas: number } & {
    readonly state: RecordedState;
  };
  readonly moves: readonly RecordedMove[];
  readonly judged: {
    readonly step: string;
    readonly preState: Hash;
    readonly postState: Hash;
  } | null;
  readonly settled: RecordedSettlement | null;
  /** Gas by the account that paid it. */
  readonly gas: Readonly<Record<Address, number>>;
}

/**
 * Reads a dispute's record from the chain; it may still be open.
 *
 * @param program the program that was disputed, to be recorded with it; not compared with the chain.
 */
export async function exportTranscript(
  client: ArbiterClient,
  id: bigint,
  program?: RecordedProgram,
): Promise<Transcript> {
  const opened = await client.opened(id);
  const [moves, judged, settled, parameters, network] = await Promise.all([
    client.moves(opened),
    client.judged(opened),
    client.settled(opened),
    client.parameters(),
    client.provider.getNetwork(),
  ]);
  const gas: Record<Address, number> = {};
  const receiptOf = async (hash: Hash) => {
    const receipt = await client.provider.getTransactionReceipt(hash);
    if (receipt === null) throw new Error(`transaction ${hash}: no receipt`);
    const used = Number(receipt.gasUsed);
    gas[receipt.from] = (gas[receipt.from] ?? 0) + used;
    return { gas: used, from: receipt.from };
  };
  const opening = await receiptOf(opened.transactionHash);
  const { dispute } = opened;
  return {
    format: transcriptFormat,
    chainId: String(network.chainId),
    arbiter: client.address,
    dispute: String(id),
    parameters: {
      k: parameters.k,
      graceBlocks: parameters.graceBlocks,
      bankBlocks: parameters.bankBlocks,
      stake: String(parameters.stake),
      rewardBps: parameters.rewardBps,
    },
    parties: [...dispute.parties],
    call: {
      program: opened.transition.program,
      previousState: opened.transition.previousState,
      inputRoot: opened.transition.inputRoot,
      inputLength: opened.transition.inputLength,
    },
    ...(program === undefined ? {} : { program }),
    claims: [recordClaim(dispute, 0), recordClaim(dispute, 1)],
    fuelStep: String(dispute.fuelStep),
    opened: {
      block: opened.blockNumber,
      transaction: opened.transactionHash,
      gas: opening.gas,
      state: recordState(dispute),
    },
    moves: await recordMoves(client, opened, moves, receiptOf),
    judged: judged ? recordJudgement(judged) : null,
    settled: settled ? await recordSettlement(settled, receiptOf) : null,
    gas,
  };
}

/** Checks that a parsed JSON value is a transcript; TypeError with the field that is wrong otherwise. */
export function readTranscript(value: unknown): Transcript {
  checkTranscript(value);
  return value;
}

async function recordMoves(
  client: ArbiterClient,
  opened: OpenedEvent,
  moves: readonly MovedEvent[],
  receiptOf: (hash: Hash) => Promise<{ gas: number }>,
): Promise<RecordedMove[]> {
  const recorded: RecordedMove[] = [];
  let before = opened.dispute;
  for (const move of moves) {
    const proof = move.move === "proof" ? await proofOf(client, move.transactionHash) : undefined;
    recorded.push({
      block: move.blockNumber,
      transaction: move.transactionHash,
      gas: (await receiptOf(move.transactionHash)).gas,
      side: move.side,
      move: move.move,
      hashes: move.hashes,
      ...(proof === undefined ? {} : { registerProof: proof }),
      before: recordState(before),
      after: recordState(move.dispute),
    });
    before = move.dispute;
  }
  return recorded;
}

/** The register proof in a transaction's calldata, if it calls `proveClaim` directly. */
async function proofOf(client: ArbiterClient, hash: Hash): Promise<string | undefined> {
  const transaction = await client.provider.getTransaction(hash);
  if (transaction === null || transaction.to !== client.address) return undefined;
  const call = arbiterInterface.parseTransaction(transaction);
  return call?.name === "proveClaim" ? call.args.registerProof : undefined;
}

function recordClaim(dispute: Dispute, side: Side): RecordedClaim {
  const { state, steps, fuel } = dispute.claims[side];
  return { state, steps: String(steps), fuel: String(fuel) };
}

function recordState(dispute: Dispute): RecordedState {
  return {
    phase: phaseNames[dispute.phase],
    round: dispute.round,
    turn: dispute.turn,
    since: dispute.since,
    bankBlocks: [...dispute.bankBlocks],
    startStep: String(dispute.startStep),
    endStep: String(dispute.endStep),
    startState: dispute.startState,
    endStates: [...dispute.endStates],
  };
}

function recordJudgement({ args }: EventLog) {
  return { step: String(args.step), preState: args.preState, postState: args.postState };
}

async function recordSettlement(
  log: EventLog,
  receiptOf: (hash: Hash) => Promise<{ gas: number; from: Address }>,
) {
  const receipt = await receiptOf(log.transactionHash);
  return {
    block: log.blockNumber,
    transaction: log.transactionHash,
    ...receipt,
    losers: Number(log.args.losers),
    reason: reasonNames[Number(log.args.reason)],
    reward: String(log.args.reward),
  };
}

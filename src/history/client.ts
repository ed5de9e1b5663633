/**
 * What a client checks of a cluster's response, by the paper's thirteen steps (§5.4), each with what it rests on.
 *
 * Invariant: nothing is called verified that rests on somebody's word. Steps 1, 5, 6, 8 and 10–12 are mathematics over
 * the response's bytes and the generation's keys; so is 13 where the deposits are proven against an EVM block hash that
 * the client trusts, else it is as good as the node that tells them; 3, 4, 7 and 9 are as good as the storage and
 * metadata nodes that answered; 2 rests on the workers' deposits, for which batch validation and disputes are there.
 * That there is no newer block cannot be proven at all.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import type { TypedDataDomain } from "ethers";
import type { Address, Hash } from "../game/index.ts";
import { type MemoryRange, verifyMemory, WitnessError } from "../merkle/index.ts";
import { sameBytes } from "../merkle/tree/arrays.ts";
import { type ApplicationState, applicationHash } from "./applicationHash.ts";
import { type Header, headerHash, transactionHash } from "./block.ts";
import { type BlockRecord, verifyBlockRecord } from "./blockRecord.ts";
import { brokenRule, type Generation } from "./chainRules.ts";
import { type Commit, type VerifiedCommit, verifyCommit } from "./commit.ts";
import { HistoryError } from "./historyError.ts";
import type { Manifest, RecordProof } from "./manifest.ts";
import { provenStakes, type TrustedContract } from "./network/stakeProof.ts";
import type { StorageProof } from "./network/stateProof.ts";
import { isReceiptSigned, type Receipt } from "./receipt.ts";
import { type Aunt, rootOfPath } from "./sha256Tree.ts";

/** What a gateway answers for a transaction: two blocks with their votes, and bytes of the state after the first. */
export interface ClientResponse {
  readonly transaction: Uint8Array;
  /** From the transaction to block i's data hash. */
  readonly transactionPath: readonly Aunt[];
  /** Record of block i. */
  readonly record: RecordProof;
  /** Block i, which holds the transaction. */
  readonly header: Header;
  readonly commit: Commit;
  /** Block i + 1, which carries the application hash of the state after block i. */
  readonly nextHeader: Header;
  readonly nextCommit: Commit;
  /** Preimage of that hash. */
  readonly application: ApplicationState;
  /** Bytes of memory that the client asked for, and their proof against the state that the next call begins from. */
  readonly range: MemoryRange;
  readonly proof: Uint8Array;
}

/** What others say, each where the client has it; a step without it is `unchecked`. */
export interface ClientAnswers {
  /** Answers of metadata nodes: of each the manifests M_i and M_{i+1}. */
  readonly metadata?: readonly (readonly [Manifest, Manifest])[];
  /** Receipts for block i's transactions, and by whom they count. */
  readonly receipts?: {
    readonly cluster: Hash;
    readonly domain: TypedDataDomain;
    readonly storageNodes: readonly Address[];
    readonly signed: readonly Receipt[];
  };
  /** Deposits of the generation's workers, and where they are known from. */
  readonly deposits?: DepositAnswer;
}

/** What is known of the workers' deposits: a node's word for each in their order, or a proof. Amounts in wei. */
export type DepositAnswer = {
  /** What each worker that voted must have. */
  readonly least: bigint;
} & (
  | { readonly basis: "rpc"; readonly ofWorkers: readonly bigint[] }
  | {
      readonly basis: "storage-proof";
      readonly proof: StorageProof;
      readonly trusted: TrustedContract;
    }
);

/** How sure a step is. */
export type StepStatus = "verified" | "answered" | "unchecked" | "refused";

/** One of the thirteen steps. */
export interface ClientStep {
  readonly number: number;
  readonly name: string;
  readonly status: StepStatus;
  /** What it rests on, in words. */
  readonly basis: string;
  /** What was wrong, if refused. */
  readonly reason?: string;
}

/** All steps, and what they show. */
export interface ClientReport {
  readonly steps: readonly ClientStep[];
  /** Whether no step was refused. */
  readonly isAccepted: boolean;
  /** The bytes of the range; `undefined` unless steps 5, 6, 11 and 12 hold. */
  readonly bytes: Uint8Array | undefined;
  /** Whether the block's call trapped, so that the state is the one before it; `undefined` likewise. */
  readonly isRolledBack: boolean | undefined;
}

/** Names and bases of the steps, in the paper's order. */
export const clientSteps = [
  ["transaction sent", "it stands in block i (step 10)"],
  ["block executed", "the workers' deposits: a wrong result can be disputed"],
  ["transactions stored", "the storage nodes that signed"],
  ["manifest uploaded", "the metadata nodes that answered"],
  ["application hash", "mathematics: the state is in the hash of the next header"],
  ["next block made", "mathematics: block i + 1 names block i as its parent"],
  ["manifests accepted", "the metadata nodes that answered"],
  ["chunk received", "mathematics: the response holds the range's proof"],
  ["manifests confirmed", "the metadata nodes that answered"],
  ["transaction included", "mathematics: a path to the data hash"],
  ["chunk in the state", "mathematics: openings to the state hash"],
  ["blocks voted for", "mathematics: signatures of the generation's workers"],
  ["deposits", "a node of the chain"],
] as const;

type Finding = { readonly status: StepStatus; readonly reason?: string };
const verified: Finding = { status: "verified" };
const unchecked: Finding = { status: "unchecked" };

/** Runs a check; what is wrong with the bytes is a refusal, anything else an exception. */
function attempt(check: () => StepStatus): Finding {
  try {
    return { status: check() };
  } catch (error) {
    const isKnown = error instanceof HistoryError || error instanceof WitnessError;
    if (isKnown || error instanceof RangeError) return { status: "refused", reason: error.message };
    throw error;
  }
}

function checkInclusion({ transaction, transactionPath, header }: ClientResponse): StepStatus {
  const root = rootOfPath(transactionHash(transaction), transactionPath);
  if (!sameBytes(root, header.dataHash)) throw new HistoryError("transaction-not-proven");
  return "verified";
}

function checkApplication({ application, nextHeader }: ClientResponse): StepStatus {
  const hash = hexToBytes(applicationHash(application).slice(2));
  if (!sameBytes(hash, nextHeader.appHash)) throw new HistoryError("application-mismatch");
  return "verified";
}

function checkParent({ header, nextHeader }: ClientResponse): StepStatus {
  const isNext =
    nextHeader.height === header.height + 1n &&
    sameBytes(nextHeader.lastBlockId.hash, headerHash(header));
  if (!isNext) throw new HistoryError("parent-mismatch");
  return "verified";
}

/** The commits of both blocks by the generation's own workers; a header may not name others. */
function checkVotes(response: ClientResponse, generation: Generation): VerifiedCommit[] {
  const { header, commit, nextHeader, nextCommit } = response;
  for (const { chainId } of [header, nextHeader]) {
    if (chainId !== generation.chainId) throw new HistoryError("commit-mismatch", "another chain");
  }
  return [
    verifyCommit(header, commit, generation.validators),
    verifyCommit(nextHeader, nextCommit, generation.validators),
  ];
}

/** The record of block i; throws a HistoryError where it is not proven. */
const recordOf = ({ header, record }: ClientResponse): BlockRecord =>
  verifyBlockRecord(header.dataHash, record.transaction, record.siblings);

function checkReceipts(response: ClientResponse, answers: ClientAnswers): StepStatus {
  if (answers.receipts === undefined) return "unchecked";
  const { cluster, domain, storageNodes, signed } = answers.receipts;
  const { inputRoot, inputLength } = recordOf(response);
  if (signed.length === 0) throw new HistoryError("receipt-mismatch", "there is none");
  for (const receipt of signed) {
    const isOfBlock =
      receipt.height === response.header.height &&
      receipt.root === inputRoot &&
      receipt.length === inputLength;
    if (!isOfBlock) throw new HistoryError("receipt-mismatch", "it is for another content");
    const isKnown = storageNodes.includes(receipt.storageNode);
    if (!isKnown || !isReceiptSigned(cluster, receipt, domain)) {
      throw new HistoryError("receipt-mismatch", `not signed by ${receipt.storageNode}`);
    }
  }
  return "answered";
}

function checkManifests(
  { header, nextHeader }: ClientResponse,
  answers: ClientAnswers,
  generation: Generation,
): StepStatus {
  if (answers.metadata === undefined) return "unchecked";
  if (answers.metadata.length === 0) throw new HistoryError("manifest-mismatch", "nobody answered");
  for (const [index, [manifest, next]] of answers.metadata.entries()) {
    const isSame =
      sameBytes(headerHash(manifest.header), headerHash(header)) &&
      sameBytes(headerHash(next.header), headerHash(nextHeader));
    if (!isSame) throw new HistoryError("manifest-mismatch", `node ${index} has another block`);
    const rule = brokenRule(next, manifest, generation);
    if (rule !== undefined) throw new HistoryError("manifest-mismatch", `node ${index}: ${rule}`);
  }
  return "answered";
}

function checkDeposits(
  { deposits }: ClientAnswers,
  commits: readonly VerifiedCommit[],
  generation: Generation,
): StepStatus {
  if (deposits === undefined) return "unchecked";
  const { least, basis } = deposits;
  const ofWorkers =
    basis === "rpc"
      ? deposits.ofWorkers
      : provenStakes(deposits.proof, deposits.trusted, generation);
  for (const { index } of commits.flatMap(({ votes }) => votes)) {
    const deposit = ofWorkers[index] ?? 0n;
    if (deposit < least) {
      throw new HistoryError("deposit-too-small", `worker ${index} has ${deposit} of ${least} wei`);
    }
  }
  return basis === "rpc" ? "answered" : "verified";
}

/** What a step rests on; deposits say where they come from. */
function basisOf(index: number, answers: ClientAnswers): string {
  if (index !== 12 || answers.deposits === undefined) return clientSteps[index][1];
  return answers.deposits.basis === "rpc"
    ? "what a node of the chain says"
    : "mathematics: the contract's storage under a block hash that the client trusts";
}

/**
 * Checks a response against a generation's workers. Nothing throws for bad bytes: each step says what it found, in the
 * paper's order, and the bytes are given only where all that is mathematics holds.
 */
export function verifyResponse(
  response: ClientResponse,
  generation: Generation,
  answers: ClientAnswers = {},
): ClientReport {
  let bytes: Uint8Array | undefined;
  let commits: VerifiedCommit[] = [];
  const inclusion = attempt(() => checkInclusion(response));
  const application = attempt(() => checkApplication(response));
  const parent = attempt(() => checkParent(response));
  const chunk = attempt(() => {
    const base = hexToBytes(response.application.base.slice(2));
    bytes = verifyMemory(base, response.range, response.proof);
    return "verified";
  });
  const votes = attempt(() => {
    commits = checkVotes(response, generation);
    return "verified";
  });
  const stored = attempt(() => checkReceipts(response, answers));
  const manifests = attempt(() => checkManifests(response, answers, generation));
  const deposits =
    votes.status === "refused"
      ? unchecked
      : attempt(() => checkDeposits(answers, commits, generation));
  const isHeld = [application, parent, chunk, votes].every(({ status }) => status === "verified");
  const outcomes: readonly Finding[] = [
    inclusion.status === "refused" ? unchecked : verified,
    unchecked,
    stored,
    manifests,
    application,
    parent,
    manifests,
    chunk.status === "refused" ? unchecked : verified,
    manifests,
    inclusion,
    chunk,
    votes,
    deposits,
  ];
  const steps = outcomes.map((outcome, index) => ({
    number: index + 1,
    name: clientSteps[index][0],
    basis: basisOf(index, answers),
    ...outcome,
  }));
  const { result, base } = response.application;
  // Hex has two cases, and one hash is one state.
  const isRolledBack = result.toLowerCase() !== base.toLowerCase();
  return {
    steps,
    isAccepted: steps.every(({ status }) => status !== "refused"),
    bytes: isHeld ? bytes : undefined,
    isRolledBack: isHeld ? isRolledBack : undefined,
  };
}

/** One line a step, for people. */
export function describeReport({ steps }: ClientReport): string[] {
  return steps.map(({ number, name, status, basis, reason }) =>
    reason === undefined
      ? `${number}. ${name}: ${status}; rests on ${basis}`
      : `${number}. ${name}: refused; ${reason}`,
  );
}

/**
 * A worker as an ABCI 2.0 application (CometBFT 0.38, spec/abci): CometBFT's requests in the worker's own words.
 *
 * Invariant: nothing is decided here. A transaction's result is a code and nothing else, so the hash of results in the
 * next header says nothing that does not follow from the application hash.
 */
import {
  CheckTxType,
  ResponseApplySnapshotChunk_Result as ChunkResult,
  ResponseOfferSnapshot_Result as OfferResult,
  ResponseProcessProposal_ProposalStatus as ProposalStatus,
  type ValidatorUpdate,
} from "cosmjs-types/tendermint/abci/types";
import { getBytes } from "ethers";
import { applicationHash, type Validator } from "../../history/index.ts";
import type { AbciApplication } from "../abci/server.ts";
import { orderedValidators } from "../engine/proposers.ts";
import { NodeError } from "../nodeError.ts";
import type { VoteGuard } from "../signer/voteGuard.ts";
import type { Worker } from "./blockWorker.ts";
import { WorkerQueries } from "./queries.ts";
import { answerText, readQuery } from "./queryText.ts";
import type { StateSync, SyncAnswer } from "./stateSync.ts";

/** In every header's `version.app`. */
export const applicationVersion = 1n;

const workerName = "wasm-arbiter worker";
const offerResults: Readonly<Record<SyncAnswer, OfferResult>> = {
  accept: OfferResult.ACCEPT,
  reject: OfferResult.REJECT,
  "reject-format": OfferResult.REJECT_FORMAT,
};

/** The path of ABCI's Query. */
export const queryPath = "/worker";

/** Whom the application tells what it did, for metrics. */
export interface AbciWorkerOptions {
  readonly stateSync: StateSync;
  /** Told of accepted proposals: the worker's key signs votes for no others. */
  readonly guard?: VoteGuard;
  /** Milliseconds that a request took. */
  readonly onRequest?: (kind: string, milliseconds: number) => void;
}

/** The application that CometBFT talks to. */
export function abciWorker(
  worker: Worker,
  { stateSync, guard, onRequest = () => {} }: AbciWorkerOptions,
): AbciApplication {
  const queries = new WorkerQueries(worker);
  const timed = <T>(kind: string, work: () => T): T => {
    const start = performance.now();
    const result = work();
    onRequest(kind, performance.now() - start);
    return result;
  };
  return {
    info: () => ({
      data: workerName,
      version: "1",
      appVersion: applicationVersion,
      lastBlockHeight: worker.chainHeight,
      lastBlockAppHash:
        worker.chainHeight === 0n
          ? new Uint8Array()
          : getBytes(applicationHash(worker.application)),
    }),
    initChain: ({ chainId, initialHeight, appStateBytes, validators }) => ({
      validators: [],
      appHash: getBytes(
        worker.initChain(chainId, initialHeight, appStateBytes, validatorsIn(validators)),
      ),
    }),
    checkTx: ({ tx, type }) =>
      timed(type === CheckTxType.NEW ? "checkTx" : "recheckTx", () => {
        const { code, reason } = worker.check(tx, type !== CheckTxType.NEW);
        return { code, log: reason, gasWanted: 1n };
      }),
    prepareProposal: ({ height, txs, maxTxBytes }) =>
      timed("prepareProposal", () => ({ txs: worker.propose(height, txs, Number(maxTxBytes)) })),
    processProposal: ({ height, txs, hash }) =>
      timed("processProposal", () => {
        if (!worker.isValid(height, txs)) return { status: ProposalStatus.REJECT };
        guard?.accept(height, hash);
        return { status: ProposalStatus.ACCEPT };
      }),
    finalizeBlock: ({ height, txs }) =>
      timed("finalizeBlock", () => {
        const appHash = getBytes(worker.finalize(height, txs));
        const txResults = worker.codes.map((code) => ({ ...emptyResult, code }));
        const validatorUpdates = worker.validatorUpdates.map(({ publicKey, power }) => ({
          pubKey: { secp256k1: publicKey },
          power,
        }));
        return { appHash, txResults, events: [], validatorUpdates };
      }),
    commit: () =>
      timed("commit", () => {
        worker.commit();
        return { retainHeight: 0n };
      }),
    query: (request) => answered(worker, queries, request),
    ...snapshotRequests(stateSync),
  };
}

/** The genesis's validators, in CometBFT's order. */
function validatorsIn(updates: readonly ValidatorUpdate[]): readonly Validator[] {
  const validators = updates.map(({ pubKey, power }) => ({
    publicKey: pubKey.secp256k1 ?? new Uint8Array(),
    power,
  }));
  return orderedValidators(validators);
}

/** What CometBFT asks about snapshots. */
function snapshotRequests(stateSync: StateSync): AbciApplication {
  return {
    listSnapshots: () => ({
      snapshots: stateSync.list().map((kept) => ({ ...kept, metadata: new Uint8Array() })),
    }),
    loadSnapshotChunk: ({ height, format, chunk }) => ({
      chunk: stateSync.chunk(height, format, chunk),
    }),
    offerSnapshot: ({ snapshot, appHash }) => ({
      result:
        snapshot === undefined
          ? OfferResult.REJECT
          : offerResults[stateSync.offer(snapshot, appHash)],
    }),
    applySnapshotChunk: ({ index, chunk }) => ({
      result:
        stateSync.apply(index, chunk) === "accept"
          ? ChunkResult.ACCEPT
          : ChunkResult.REJECT_SNAPSHOT,
      refetchChunks: [],
      rejectSenders: [],
    }),
  };
}

const emptyResult = {
  code: 0,
  data: new Uint8Array(),
  log: "",
  info: "",
  gasWanted: 0n,
  gasUsed: 0n,
  events: [],
  codespace: "",
};

const unknownPath = 1;
const badQuestion = 2;
const gone = 3;
const failed = 4;

/** Answers a question; what is wrong with it is a code, never the connection's end. */
async function answered(
  worker: Worker,
  queries: WorkerQueries,
  { path, data }: { readonly path: string; readonly data: Uint8Array },
) {
  if (path !== queryPath) return { code: unknownPath, log: `the only path is ${queryPath}` };
  try {
    const answer = await queries.answer(readQuery(new TextDecoder().decode(data)));
    return { code: 0, height: answer.height, value: new TextEncoder().encode(answerText(answer)) };
  } catch (error) {
    if (error instanceof RangeError) return { code: badQuestion, log: error.message };
    if (error instanceof NodeError && error.code === "state-gone") {
      return { code: gone, log: error.message, height: worker.height };
    }
    // A question ends no connection: CometBFT would end with it.
    return { code: failed, log: (error as Error).message };
  }
}

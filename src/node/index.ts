/**
 * The processes of a cluster: a worker over the machine, the engines that order its blocks, and what serves clients
 * (docs/cluster.md). For Node only.
 *
 * Invariant: what is not exported here is internal.
 */
export { type AbciApplication, type AbciServerOptions, serveAbci } from "./abci/server.ts";
export { CometNode } from "./cometbft/cometbftNode.ts";
export {
  type ChainGenesis,
  type HomeOptions,
  initHome,
  writeConfig,
  writeGenesis,
} from "./cometbft/home.ts";
export {
  CometNetwork,
  type MemberPlaces,
  type NetworkMember,
  type NetworkOptions,
  type WorkerCommand,
} from "./cometbft/network.ts";
export { KeptProcess, type ProcessOptions } from "./cometbft/process.ts";
export type {
  ConsensusNode,
  ConsensusStatus,
  StrayPrecommit,
  Submitted,
} from "./consensus.ts";
export {
  type DecidedBlock,
  EmbeddedEngine,
  type EngineOptions,
} from "./engine/embeddedEngine.ts";
export { EmbeddedNode } from "./engine/embeddedNode.ts";
export type { EngineMember } from "./engine/seat.ts";
export { hashOnThreads } from "./hashing/threadedHasher.ts";
export { NodeError, type NodeErrorCode, nodeErrorCodes } from "./nodeError.ts";
export { cacheKey, defaultCacheFolder, defaultKeyFile } from "./programCache/cachePlaces.ts";
export { type FolderCacheOptions, FolderProgramCache } from "./programCache/folderProgramCache.ts";
export { type AbciWorkerOptions, abciWorker } from "./worker/abciWorker.ts";
export type { BlockMachine, Try } from "./worker/blockMachine.ts";
export { Worker, type WorkerOptions } from "./worker/blockWorker.ts";
export { startWorker, type WorkerProcess, type WorkerSettings } from "./worker/daemon.ts";
export { BlockJournal, type KeptBlock } from "./worker/journal.ts";
export { type WorkerAnswer, WorkerQueries, type WorkerQuery } from "./worker/queries.ts";
export type { ReceiptBook } from "./worker/receiptBook.ts";
export { SnapshotFolder, type WorkerSnapshot } from "./worker/snapshots.ts";
export { type OfferedSnapshot, StateSync, type SyncAnswer } from "./worker/stateSync.ts";
export { Succession } from "./worker/succession.ts";
export {
  type Checked,
  type TransactionRules,
  transactionRefusals,
} from "./worker/transactionRules.ts";
export {
  type ClusterGenesis,
  defaultTransactionBytes,
  encodeGenesis,
  type ReceiptTerms,
  readGenesis,
} from "./worker/workerGenesis.ts";

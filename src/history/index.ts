/**
 * A cluster's history: blocks and votes of CometBFT rebuilt from their bytes, verified without trusting who sent them
 * (paper §5.1, §5.4). Runs in browsers as well as in Node.
 */
export { type Accusation, type ShownResult, verifyAccusation } from "./accusation.ts";
export {
  type ApplicationState,
  applicationHash,
  applicationStateAfter,
  type CallOutcome,
  initialApplicationState,
} from "./applicationHash.ts";
export {
  appHashLeaf,
  type BlockId,
  dataHash,
  type Header,
  headerHash,
  headerLeaves,
  type PartSetHeader,
  type Timestamp,
  transactionHash,
} from "./block.ts";
export {
  type BlockRecord,
  blockRecordOf,
  encodeBlockRecord,
  looksLikeBlockRecord,
  readBlockRecord,
  recordPath,
  verifyBlockRecord,
} from "./blockRecord.ts";
export {
  type Breach,
  brokenRule,
  type ChainRule,
  chainRules,
  firstBreach,
  type Generation,
  recordOf,
  workersRules,
} from "./chainRules.ts";
export {
  type ClientAnswers,
  type ClientReport,
  type ClientResponse,
  type ClientStep,
  clientSteps,
  type DepositAnswer,
  describeReport,
  type StepStatus,
  verifyResponse,
} from "./client.ts";
export {
  type Commit,
  type CommitSignature,
  commitHash,
  type VerifiedCommit,
  type VerifiedVote,
  verifyCommit,
  verifyVotes,
} from "./commit.ts";
export {
  type Conflict,
  conflictOf,
  type PrecommitOf,
  precommitFor,
  type SignedVote,
  type StateField,
  stateFields,
  type VotePair,
} from "./evidence.ts";
export { FragmentRun, type OverFuel } from "./fragment.ts";
export {
  type CallPlace,
  type CarriedBlock,
  type DeclaredBlock,
  FragmentReplay,
  type ReplayProgress,
  type WrongBlock,
} from "./fragmentReplay.ts";
export {
  type BlockHead,
  chainHash,
  type FramedBlock,
  frameTransactions,
  readFraming,
} from "./framing.ts";
export { FuelBound } from "./fuelBound.ts";
export {
  encodeHandover,
  type Handover,
  type HandoverVote,
  handoverDigest,
  isHandoverSigned,
  looksLikeHandover,
  readHandover,
  signHandover,
  verifyHandover,
} from "./handover.ts";
export { HistoryError, type HistoryErrorCode, historyErrorCodes } from "./historyError.ts";
export {
  type Content,
  contentOf,
  encodeManifest,
  type Manifest,
  noContent,
  type RecordProof,
  readManifest,
} from "./manifest.ts";
export {
  type AccusedEvent,
  BlockArbiterClient,
  BlockPlayer,
  type BlockPlayerOptions,
  statementKey,
  type VotedResult,
} from "./network/accuse.ts";
export {
  applicationCalldata,
  blockIdCalldata,
  commitCalldata,
  headerCalldata,
  precommitCalldata,
  voteCalldata,
} from "./network/calldata.ts";
export { clusterChainId, clusterId } from "./network/chainId.ts";
export { type Checkpoint, CheckpointReader } from "./network/checkpointReader.ts";
export { type ClusterEvent, ClusterEvents } from "./network/clusterEvents.ts";
export {
  type Cluster,
  type ClusterGeneration,
  ClusterReader,
  type ClusterWorker,
  clusterStatus,
  type Order,
  workerStatus,
} from "./network/clusterReader.ts";
export {
  type ClusterParameters,
  defaultNetworkParameters,
  deployNetwork,
  type Network,
  type NetworkParameters,
  type RewardParameters,
  type StorageParameters,
} from "./network/deployNetwork.ts";
export { ConfirmationPlayer, type DisputedSample } from "./network/disputeConfirmation.ts";
export {
  confirmationKey,
  type FragmentBlock,
  fragmentBlockCalldata,
  headerName,
  parentLinks,
  sampleHashes,
  shownHeaders,
} from "./network/fragmentEvidence.ts";
export { joinArguments, membershipDigest, membershipDomain } from "./network/membership.ts";
export {
  brokenVoteRule,
  type MisbehaviourReport,
  reportOfFork,
  reportOfHeader,
  reportOfVotes,
  type VoteRule,
  voteRules,
} from "./network/misbehaviour.ts";
export {
  ancestorsInterface,
  blockArbiterInterface,
  checkpointsInterface,
  clustersInterface,
  misbehaviourInterface,
  mismatchedTransactionsInterface,
  programMemoryInterface,
  rewardsInterface,
  storageInterface,
  validationArbiterInterface,
  validationInterface,
} from "./network/networkInterfaces.ts";
export { declaredBytes, programMemoryArguments } from "./network/programMemory.ts";
export { type RpcSender, seedHeader } from "./network/seedHeader.ts";
export { shownVotes } from "./network/shownVotes.ts";
export { provenStakes, proveStakes, type TrustedContract } from "./network/stakeProof.ts";
export {
  provenStorage,
  readStorageProof,
  type StorageProof,
  type TriePath,
} from "./network/stateProof.ts";
export {
  challengeArguments,
  type OpenChallenge,
  StorageChallenges,
} from "./network/storageChallenges.ts";
export { chunkProof, storedChunkBytes } from "./network/storedChunk.ts";
export {
  bringList,
  findingOf,
  type ListBatches,
  type ListFinding,
  type RecordedBlock,
  recordArguments,
  refusalArguments,
  voterArguments,
} from "./network/transactionList.ts";
export {
  type Confirmation,
  type Fragment,
  fragmentStatus,
  type KnownValidator,
  type ValidationParameters,
  ValidationReader,
  validatorStatus,
} from "./network/validationReader.ts";
export {
  arithmeticFlaw,
  type ProofFlaw,
  periodFor,
  proofFlaw,
  proofOfExecution,
  type Sample,
  type SampleTerms,
  SampleWalk,
  samplesFrom,
} from "./poie.ts";
export {
  encodeReceipts,
  isReceiptSigned,
  noReceipts,
  type Receipt,
  receiptDigest,
  receiptDomain,
  receiptsHashAfter,
  type StoredContent,
  signReceipt,
} from "./receipt.ts";
export {
  applicationFields,
  type JsonFields,
  readApplication,
  readReceipt,
  readResponse,
  receiptFields,
  responseFields,
} from "./responseText.ts";
export { type Block, readBlock, readSignedHeader, readValidators } from "./rpc.ts";
export { signedHeaderAnswer } from "./rpcWriter.ts";
export { type Aunt, leafHash, rootOfPath, sidesOf, treePath, treeRoot } from "./sha256Tree.ts";
export {
  areResultsSigned,
  type CallResults,
  type ResultsSigner,
  resultsDigest,
  type SignedResults,
  signResults,
} from "./signedResults.ts";
export {
  isQuorum,
  totalPower,
  type Validator,
  validatorAddress,
  validatorsHash,
} from "./validatorSet.ts";
export {
  accountOf,
  type RecoverableSignature,
  signerAmong,
  type VoteContent,
  voteBytes,
  voteDigest,
  voteTypes,
} from "./vote.ts";

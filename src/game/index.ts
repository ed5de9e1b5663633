/**
 * The game: disputes between parties that ran the same call and got different results (docs/game.md).
 * Runs in browsers as well as in Node; chains are reached through ethers v6.
 */
export {
  assertionHash,
  type BoldAssertion,
  type BoldConfig,
} from "./adapters/bold/boldAssertion.ts";
export { BoldPlayer, type BoldPlayerOptions } from "./adapters/bold/boldPlayer.ts";
export { type CallChain, callChain } from "./adapters/callChain.ts";
export { DavePlayer, type DavePlayerOptions } from "./adapters/dave/davePlayer.ts";
export { type DaveCall, DaveTrace } from "./adapters/dave/daveTrace.ts";
export { DemandWatch, type DemandWatchOptions } from "./adapters/demands.ts";
export { OpStackPlayer, type OpStackPlayerOptions } from "./adapters/opStack/opStackPlayer.ts";
export { absolutePrestate } from "./adapters/opStack/opStackTrace.ts";
export {
  ArbiterClient,
  backingStatus,
  type MovedEvent,
  type MoveKind,
  type OpenedEvent,
  type Parameters,
  StaleViewError,
} from "./chain/arbiterClient.ts";
export { arbiterInterface, type ContractArtifact, contractArtifact } from "./chain/contracts.ts";
export {
  checkArbiter,
  checkJudge,
  type Deployment,
  defaultParameters,
  deployArbiter,
  deployContract,
  deployJudge,
  NotAnArbiterError,
  UnfitChainError,
} from "./chain/deploy.ts";
export { NotMinedError, RefusedError, Sender, type SenderOptions } from "./chain/sender.ts";
export {
  type Address,
  type Call,
  type Claim,
  claimOf,
  type Hash,
  type SignedTransition,
  sameCall,
  sameClaim,
  type Transition,
  transitionOf,
} from "./claim/claim.ts";
export { callKey, inputKey, resultKey, standingKey } from "./claim/keys.ts";
export { isRegistered, registerProgram } from "./claim/registerProgram.ts";
export {
  contradict,
  evidenceDigest,
  evidenceDomain,
  signerOf,
  signTransition,
} from "./claim/signedTransition.ts";
export type { TypedDataSigner } from "./claim/typedDataSigner.ts";
export {
  ClaimWatcher,
  claimStatus,
  isFinal,
  type PostedClaim,
  publishedInput,
  type Watched,
} from "./player/claimWatcher.ts";
export { Player, type PlayerEvent, type PlayerOptions } from "./player/player.ts";
export { type Disclosure, type Presentation, renderReport } from "./report/renderReport.ts";
export type { ReportedSource } from "./report/sourceLines.ts";
export {
  type Dispute,
  deadlineBlock,
  type Phase,
  phases,
  type Side,
  sideOf,
} from "./search/disputeState.ts";
export { honestMove, type Move, type Situation, type Strategy } from "./search/strategy.ts";
export type { Execution } from "./trace/execution.ts";
export { MachineExecution, type MachineExecutionOptions } from "./trace/machineExecution.ts";
export {
  exportTranscript,
  type RecordedClaim,
  type RecordedMove,
  type RecordedProgram,
  type RecordedSettlement,
  type RecordedState,
  readTranscript,
  type Transcript,
} from "./transcript/disputeTranscript.ts";
export type { JudgedStep, ListedInstruction } from "./transcript/judgedStep.ts";
export {
  type MarkedHash,
  type MarkedMove,
  type Replay,
  replayTranscript,
  type Verdict,
} from "./transcript/replayTranscript.ts";
export { type Difference, stateDifference } from "./transcript/stateDifference.ts";

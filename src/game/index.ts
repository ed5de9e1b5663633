/**
 * The game: disputes between parties that ran the same call and got different results (docs/game.md).
 * Runs in browsers as well as in Node; chains are reached through ethers v6.
 */
export {
  assertionHash,
  type BoldAssertion,
  type BoldConfig,
  BoldPlayer,
  type BoldPlayerOptions,
} from "./adapters/bold/player.ts";
export { type CallChain, callChain } from "./adapters/callChain.ts";
export { DavePlayer, type DavePlayerOptions } from "./adapters/dave/player.ts";
export { type DaveCall, DaveTrace } from "./adapters/dave/trace.ts";
export { DemandWatch, type DemandWatchOptions } from "./adapters/demands.ts";
export { OpStackPlayer, type OpStackPlayerOptions } from "./adapters/opStack/player.ts";
export { absolutePrestate } from "./adapters/opStack/trace.ts";
export {
  ArbiterClient,
  backingStatus,
  type MovedEvent,
  type MoveKind,
  type OpenedEvent,
  type Parameters,
  StaleViewError,
} from "./arbiter.ts";
export { callKey, inputKey, resultKey, standingKey } from "./backing.ts";
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
} from "./claim.ts";
export { arbiterInterface, type ContractArtifact, contractArtifact } from "./contracts.ts";
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
} from "./deploy.ts";
export { type Dispute, deadlineBlock, type Phase, phases, type Side, sideOf } from "./dispute.ts";
export {
  contradict,
  evidenceDigest,
  evidenceDomain,
  signerOf,
  signTransition,
  type TransitionSigner,
} from "./evidence.ts";
export type { Execution } from "./execution.ts";
export type { JudgedStep, ListedInstruction } from "./judgedStep.ts";
export { MachineExecution, type MachineExecutionOptions } from "./machineExecution.ts";
export { Player, type PlayerEvent, type PlayerOptions } from "./player.ts";
export { isRegistered, registerProgram } from "./register.ts";
export { type Disclosure, type Presentation, renderReport } from "./report/report.ts";
export { NotMinedError, RefusedError, Sender, type SenderOptions } from "./sender.ts";
export {
  ClaimWatcher,
  claimStatus,
  isFinal,
  type PostedClaim,
  publishedInput,
  type Watched,
} from "./standing.ts";
export { type Difference, stateDifference } from "./stateDifference.ts";
export { honestMove, type Move, type Situation, type Strategy } from "./strategy.ts";
export {
  exportTranscript,
  type RecordedClaim,
  type RecordedMove,
  type RecordedProgram,
  type RecordedSettlement,
  type RecordedState,
  readTranscript,
  type Transcript,
} from "./transcript.ts";
export {
  type MarkedHash,
  type MarkedMove,
  type Replay,
  replayTranscript,
  type Verdict,
} from "./truth.ts";

/**
 * The commitment: everything that turns a machine's state into 32 bytes and back into evidence
 * (docs/proof-format.md). Runs in browsers as well as in Node; `verify…` and `replay…` need no machine.
 */

export { inputRoot } from "./commitment/inputRoot.ts";
export { programRoot } from "./commitment/programTree.ts";
export {
  type MemoryRange,
  maxProvenBytes,
  type ProvenInstruction,
  proveInstruction,
  proveMemory,
  verifyInstruction,
  verifyMemory,
} from "./commitment/proofs.ts";
export { type Registers, verifyRegisterProof } from "./commitment/registers.ts";
export {
  loadState,
  SnapshotError,
  type SnapshotErrorCode,
  saveState,
  snapshotErrorCodes,
} from "./commitment/snapshotFile.ts";
export { StateTree } from "./commitment/stateTree.ts";
export type { ArrayName, ColdName, ProgramArray, Shape, StateArray } from "./tree/arrays.ts";
export { arrayDepths } from "./tree/arrays.ts";
export type { Kernel } from "./tree/keccak/areas.ts";
export { kernel } from "./tree/keccak/kernel.ts";
export type { Multiproof } from "./tree/multiproof.ts";
export type { PartialTree } from "./tree/partialTree.ts";
export { type Genesis, genesisWitness, replayGenesis } from "./witness/genesisWitness.ts";
export type { Instruction } from "./witness/multiproofSource.ts";
export { type BegunCall, replayBegin } from "./witness/replayBegin.ts";
export { replayStep } from "./witness/replayStep.ts";
export { type WitnessOverview, witnessOverview } from "./witness/witnessOverview.ts";
export { WitnessError, type WitnessErrorCode, witnessErrorCodes } from "./witnessError.ts";

/**
 * The commitment: everything that turns a machine's state into 32 bytes and back into evidence
 * (docs/proof-format.md). Runs in browsers as well as in Node; `verify…` and `replay…` need no machine.
 */

export type { ArrayName, ColdName, ProgramArray, Shape, StateArray } from "./arrays.ts";
export { arrayDepths } from "./arrays.ts";
export { inputRoot } from "./inputRoot.ts";
export type { Kernel } from "./keccak/areas.ts";
export { kernel } from "./keccak/kernel.ts";
export type { Opening } from "./opening.ts";
export type { PartialTree } from "./partialTree.ts";
export { programRoot } from "./programTree.ts";
export {
  type MemoryRange,
  maxProvenBytes,
  type ProvenInstruction,
  proveInstruction,
  proveMemory,
  verifyInstruction,
  verifyMemory,
} from "./proofs.ts";
export { type Registers, verifyRegisterProof } from "./registers.ts";
export { type BegunCall, replayBegin } from "./replay/begin.ts";
export { type Genesis, genesisWitness, replayGenesis } from "./replay/genesis.ts";
export { type WitnessOverview, witnessOverview } from "./replay/overview.ts";
export type { InstructionRecord } from "./replay/source.ts";
export { replayStep } from "./replay/step.ts";
export {
  loadState,
  SnapshotError,
  type SnapshotErrorCode,
  saveState,
  snapshotErrorCodes,
} from "./snapshotFile.ts";
export { StateTree } from "./stateTree.ts";
export { WitnessError, type WitnessErrorCode, witnessErrorCodes } from "./witnessError.ts";

/**
 * The package root: the verbs, and the types and errors that they speak of.
 *
 * Invariant: re-exports only; everything else is exported by `wasm-arbiter/interpreter`, `/merkle` and `/game`.
 */
export { connect, play } from "./disputeVerbs.ts";
export type { ArbiterClient } from "./game/chain/arbiterClient.ts";
export type { Player, PlayerEvent, PlayerOptions } from "./game/player/player.ts";
export type {
  CodePlace,
  FaultyFunction,
  FeatureLevel,
  GrowthPolicy,
  LinkDetails,
  LinkOptions,
  MissingImport,
  PackedFile,
  PackedModule,
  PackOptions,
  Program,
  ProgramLimits,
  RefusedGrowReport,
  Snapshot,
  TrapName,
  TrapReport,
} from "./interpreter/index.ts";
export {
  InvalidError,
  LinkError,
  Machine,
  MalformedError,
  PackError,
  pack,
  trapText,
} from "./interpreter/index.ts";
export type { StateTree } from "./merkle/index.ts";
export { inputRoot, programRoot, SnapshotError, WitnessError } from "./merkle/index.ts";
export type { ProgramCache } from "./programCache.ts";
export type { LoadOptions, NamedBinary, Outcome } from "./verbs.ts";
export {
  call,
  instantiate,
  load,
  prove,
  stateHash,
  stateTree,
  verify,
} from "./verbs.ts";

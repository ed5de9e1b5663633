/**
 * What a host module under construction offers to the code of its functions: indices, layouts, and the log.
 *
 * Invariant: an index that it gives means the same in all functions of the module.
 */
import type { Program } from "../program/program.ts";
import type { EmissionLog } from "./emissionLog.ts";
import type { FunctionPlans } from "./functionPlan.ts";
import type { HostSignature, HostType } from "./hostTypes.ts";
import type { Emission } from "./safepoints.ts";

/** What the module under construction offers to the functions in it. */
export interface ModuleScope {
  readonly program: Program;
  readonly plans: FunctionPlans;
  /** Of the program's types, by program-wide id. */
  readonly signatures: ReadonlyMap<number, HostSignature>;
  readonly frames: ReadonlyMap<number, number>;
  readonly emission: Emission;
  /** Index of the machine memory. */
  readonly machineMemory: number;
  /** Bytes of the hidden pages of each memory of the program. */
  readonly hiddenBytes: readonly number[];
  /** The host memory of the input (hostInput.ts). */
  readonly inputMemory: number;
  readonly slotsAddress: number;
  /** Where writes of globals are marked, by chunks; undefined if they are not. */
  readonly globalMarks: number | undefined;
  /** Host types of the program's globals. */
  readonly globalTypes: readonly HostType[];
  readonly log: EmissionLog;
  typeIndex(signature: HostSignature): number;
  /** Whether the module holds or imports the function, so that `functionIndex` knows it. */
  isHere(programFunction: number): boolean;
  functionIndex(programFunction: number): number;
  /** Index of the host table of all functions, by program-wide index. */
  readonly functionTable: number;
  /** Whether entries of program tables may lead to functions that no module holds. */
  readonly hasStubs: boolean;
  globalIndex(programGlobal: number): number;
  /** Index of the function that writes a spill record with values of these types. */
  spillIndex(types: readonly HostType[]): number;
  /** Index of the function that lets a store into a chunk begin. */
  barrierIndex(memory: number): number;
  /** Index of the function behind the runtime call at a pc (emitRuntimeCalls.ts). */
  runtimeStubIndex(pc: number): number;
  /** Indices of the executor's functions for long instructions and for the time. */
  readonly runtimeCallIndex: number;
  readonly timeIndex: number;
  /** Index of the executor's function for calls of functions that are not compiled. */
  readonly nestedCallIndex: number;
  /** Indices of the executor's functions for light code, and of the function that leads to the first. */
  readonly refillCallIndex: number;
  readonly moveIndex: number;
  refillIndex(): number;
}

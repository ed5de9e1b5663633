/**
 * The interpreter's public face: decode, link, run, look inside.
 *
 * Invariant: what is not exported here is internal; nothing here needs Node.
 */
export { decodeModule } from "./binary/decode.ts";
export type {
  ConstantExpression,
  CustomSection,
  DataSegment,
  ElementSegment,
  Export,
  ExternalKind,
  FunctionBody,
  FunctionType,
  GlobalDefinition,
  GlobalType,
  Import,
  Limits,
  Module,
  ModuleNames,
  TableType,
  ValueType,
} from "./binary/module.ts";
export { valueTypes } from "./binary/module.ts";
export type { ListingLine } from "./disassemble.ts";
export { disassembleFunction, functionName, instructionText, listFunction } from "./disassemble.ts";
export type { FaultyFunction, LinkDetails } from "./errors.ts";
export { InvalidError, LinkError, MalformedError } from "./errors.ts";
export type { ExecutorKind } from "./fast/run.ts";
export { fastPathRefusal } from "./fast/run.ts";
export type { FeatureLevel, Features } from "./features.ts";
export { featureLevels } from "./features.ts";
export type { FuelSchedule, OtherPrices } from "./fuel.ts";
export { defaultChunkFuel, defaultFuelSchedule } from "./fuel.ts";
export type { FuelClass } from "./isa/table.ts";
export type { NamedModule } from "./link/link.ts";
export { link } from "./link/link.ts";
export type { MissingImport } from "./link/missing.ts";
export { missingImports } from "./link/missing.ts";
export type { ImportPolicy, LinkOptions } from "./link/options.ts";
export { defaultLimits } from "./link/options.ts";
export type { Instantiation, Invocation, StoreInstance, StoreOptions } from "./link/store.ts";
export { Store } from "./link/store.ts";
export { begin, beginInvocation, results } from "./machine/call.ts";
export { CallJournal } from "./machine/callJournal.ts";
export { genesis } from "./machine/genesis.ts";
export type { GlobalChanges } from "./machine/globals.ts";
export type { MachineCallOptions, MachineRunLimits } from "./machine/machine.ts";
export { Machine } from "./machine/machine.ts";
export type { RunLimits } from "./machine/run.ts";
export { run, step } from "./machine/run.ts";
export type { Snapshot } from "./machine/snapshot.ts";
export { restore, snapshot } from "./machine/snapshot.ts";
export type {
  MachineState,
  MemoryAllocator,
  MemoryState,
  StatusCode,
  TableState,
} from "./machine/state.ts";
export { chunkFlags, statusCodes } from "./machine/state.ts";
export type {
  ActiveSegment,
  FunctionEntry,
  GenesisPlan,
  GrowthPolicy,
  LinkedModule,
  MemoryDeclaration,
  Program,
  ProgramConfig,
  ProgramLimits,
  SourceLocation,
  TableDeclaration,
} from "./program.ts";
export type { TrapCode, TrapName } from "./trap.ts";
export { trapCodes, trapMessages, trapName } from "./trap.ts";
export type { CodePlace, OptionNames, RefusedGrowReport, TrapReport } from "./trapReport.ts";
export { refusedGrowReport, refusedGrowText, trapReport, trapText } from "./trapReport.ts";
export type { ShownValue } from "./valueText.ts";
export { valueText } from "./valueText.ts";
export type { ImageContents, PackedFile, Preopen } from "./wasi/image.ts";
export type { PackedModule, PackOptions } from "./wasi/pack.ts";
export { adapterBytes, PackError, pack, wasiModule } from "./wasi/pack.ts";

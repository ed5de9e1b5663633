/**
 * The interpreter's public face: decode, link, run, look inside.
 *
 * Invariant: what is not exported here is internal; nothing here needs Node.
 */
export { decodeModule } from "./binary/decode.ts";
export type {
  AddressType,
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
  MemoryType,
  Module,
  ModuleNames,
  TableType,
  ValueType,
} from "./binary/module.ts";
export { valueTypes } from "./binary/module.ts";
export type { RunLimits } from "./blocks/runSteps.ts";
export { run, step } from "./blocks/runSteps.ts";
export type { ExecutorKind } from "./chooseExecutor.ts";
export { fastPathRefusal } from "./chooseExecutor.ts";
export type { FaultyFunction, LinkDetails } from "./errors.ts";
export { InvalidError, LinkError, MalformedError } from "./errors.ts";
export type { ListingLine } from "./inspect/disassemble.ts";
export {
  disassembleFunction,
  functionName,
  instructionText,
  listFunction,
} from "./inspect/disassemble.ts";
export type {
  CodePlace,
  OptionNames,
  RefusedGrowReport,
  TrapReport,
} from "./inspect/trapReport.ts";
export { refusedGrowReport, refusedGrowText, trapReport, trapText } from "./inspect/trapReport.ts";
export type { ShownValue } from "./inspect/valueText.ts";
export { valueText } from "./inspect/valueText.ts";
export type { FeatureLevel, Features } from "./isa/features.ts";
export { featureLevels } from "./isa/features.ts";
export type { FuelClass } from "./isa/table.ts";
export type { TrapCode, TrapName } from "./isa/trapCodes.ts";
export { trapCodes, trapMessages, trapName } from "./isa/trapCodes.ts";
export type { MachineCallOptions, MachineRunLimits } from "./machine.ts";
export { Machine } from "./machine.ts";
export type { FuelSchedule, OtherPrices } from "./program/fuelSchedule.ts";
export { defaultChunkFuel, defaultFuelSchedule } from "./program/fuelSchedule.ts";
export type { NamedModule } from "./program/link.ts";
export { link } from "./program/link.ts";
export type { ImportPolicy, LinkOptions } from "./program/linkOptions.ts";
export { defaultLimits } from "./program/linkOptions.ts";
export type { MissingImport } from "./program/missingImports.ts";
export { missingImports } from "./program/missingImports.ts";
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
} from "./program/program.ts";
export { CallJournal } from "./state/callJournal.ts";
export { genesis } from "./state/genesis.ts";
export type { GlobalChanges } from "./state/globals.ts";
export {
  type Argument,
  begin,
  beginInvocation,
  type Counters,
  countersOfCall,
  results,
} from "./state/invocation.ts";
export type {
  MachineState,
  MemoryAllocator,
  MemoryState,
  StatusCode,
  TableState,
} from "./state/machineState.ts";
export { chunkFlags, statusCodes } from "./state/machineState.ts";
export type { Snapshot } from "./state/snapshot.ts";
export { restore, snapshot } from "./state/snapshot.ts";
export type { Instantiation, Invocation, StoreInstance, StoreOptions } from "./store.ts";
export { Store } from "./store.ts";
export type { ImageContents, PackedFile, Preopen } from "./wasi/image.ts";
export type { PackedModule, PackOptions } from "./wasi/packProgram.ts";
export { adapterBytes, PackError, pack, wasiModule } from "./wasi/packProgram.ts";

/**
 * The public face of debugging: source places of instructions, from DWARF and source maps, and questions about runs.
 *
 * Invariant: what is not exported here is internal; nothing here needs Node.
 */
export { DebugDataError } from "./debugDataError.ts";
export { type FindOptions, type FindQuery, type FindResult, find } from "./find/findStep.ts";
export { Predicate } from "./find/predicate.ts";
export { functionNamed, programScope } from "./find/scope.ts";
export { PredicateError, type PredicateScope } from "./find/tokens.ts";
export { type DebugNote, ProgramLines, type ProgramLinesOptions } from "./programLines.ts";
export type { SourceFrame, SourcePlace } from "./sourcePlace.ts";
export type { WrittenRange } from "./watchedAccess.ts";

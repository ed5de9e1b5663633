/**
 * The public face of debugging: source places of instructions, from DWARF and source maps.
 *
 * Invariant: what is not exported here is internal; nothing here needs Node.
 */
export { DebugDataError } from "./debugDataError.ts";
export { type DebugNote, ProgramLines, type ProgramLinesOptions } from "./programLines.ts";
export type { SourceFrame, SourcePlace } from "./sourcePlace.ts";

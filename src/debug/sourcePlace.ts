/**
 * A place in a program's source, as debugging data tell it.
 *
 * Invariant: plain data; paths are as the compiler wrote them.
 */

/** A line of source and the function that it stands in. */
export interface SourceFrame {
  /** As the compiler wrote it, with the folder of compilation; empty if it is not known. */
  readonly file: string;
  /** Counted from 1; 0 for code that stands for no line. */
  readonly line: number;
  /** Counted from 1; 0 if it is not known. */
  readonly column: number;
  /** Name of the function as linkers know it, not demangled; undefined if the data do not say. */
  readonly function: string | undefined;
}

/** Where an instruction comes from. */
export interface SourcePlace extends SourceFrame {
  /** The calls through which it was inlined, innermost first, each with the function that it stands in. */
  readonly inlinedInto: readonly SourceFrame[];
}

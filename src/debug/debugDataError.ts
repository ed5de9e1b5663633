/**
 * What is wrong with a module's debugging data. Such data is for people: an error ends the reading of it, never a command,
 * and its text becomes a note (moduleLines.ts).
 *
 * Invariant: every reader of this room throws this error and no other on any bytes.
 */

/** Debugging data that is broken, cut short, or so tangled that reading it would take too long. */
export class DebugDataError extends Error {
  /** Section that is to blame: `.debug_info`, `sourceMappingURL`. */
  readonly section: string;
  /** Byte offset in the section; −1 if no byte is to blame. */
  readonly offset: number;

  constructor(section: string, offset: number, problem: string) {
    super(offset < 0 ? `${section}: ${problem}` : `${section}, byte ${offset}: ${problem}`);
    this.name = "DebugDataError";
    this.section = section;
    this.offset = offset;
  }
}

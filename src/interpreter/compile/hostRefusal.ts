/**
 * Why the host does not run a program: its text begins with a stable code (docs/fast-path.md §3). A refusal costs time only; the reference runs the
 * program.
 *
 * Invariant: `unsoundEmission` is a fault of the emitter, never of a program; tests treat every other code as an answer.
 */
export type RefusalCode =
  /** A memory, table or stack that the host does not make. */
  | "hostLimit"
  /** The host's compiler refuses the module. */
  | "hostCode"
  /** No room for the hidden pages beside a memory. */
  | "memorySize"
  /** A stretch of code that no check interrupts is too long. */
  | "longStretch"
  /** A function asks for more of the host than engineBounds.ts allows: it alone stays on the reference. */
  | "functionBound"
  /** What was emitted contradicts the instructions: a fault of this library. */
  | "unsoundEmission";

export class HostRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Does something for which the host may lack room. */
export function refusing<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof RangeError) throw new HostRefusal("hostLimit", error.message);
    throw error;
  }
}

/**
 * What ends a command early: errors of the command line itself, and the exit codes (docs/errors.md); failureLine.ts tells
 * them.
 *
 * Invariant: 0 done; 1 the machine trapped or a verification failed; 2 bad usage or bad input.
 */
export const exitCodes = { done: 0, refused: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Bad usage or bad input; `problem` says what was expected, `advice` what to do. */
export class UsageError extends Error {
  readonly problem: string;
  readonly advice: string;

  constructor(problem: string, advice: string) {
    super(`${problem}; ${advice}`);
    this.name = "UsageError";
    this.problem = problem;
    this.advice = advice;
  }
}

/** A check that the command was asked for did not hold. */
export class NotProvenError extends Error {
  /** Which check; a stable word for readers of JSON (docs/errors.md). */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "NotProvenError";
    this.code = code;
  }
}

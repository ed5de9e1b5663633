/**
 * What ends a command early: one line on stderr that says what was wrong and what to do, and an exit code
 * (docs/errors.md).
 *
 * Invariant: 0 done; 1 the machine trapped or a verification failed; 2 bad usage or bad input. Nothing that a user
 * can type or a file can hold ends in a stack trace.
 */
import { InvalidError, LinkError, MalformedError } from "../../interpreter/errors.ts";
import { WitnessError } from "../../merkle/index.ts";

export const exitCodes = { done: 0, refused: 1, usage: 2 } as const;
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
export class RefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RefusedError";
  }
}

/** The exit code and the one line for anything that a command can throw. */
export function failureOf(error: unknown): { readonly code: ExitCode; readonly line: string } {
  if (error instanceof RefusedError) return { code: exitCodes.refused, line: error.message };
  if (error instanceof UsageError) return { code: exitCodes.usage, line: error.message };
  if (error instanceof WitnessError) {
    return { code: exitCodes.refused, line: `not proven: ${error.message} [${error.code}]` };
  }
  if (error instanceof Error) return { code: exitCodes.usage, line: adviceFor(error) };
  return { code: exitCodes.usage, line: oneLine(String(error)) };
}

function adviceFor(error: Error): string {
  const text = oneLine(error.message);
  if (error instanceof MalformedError) {
    return `no WebAssembly binary: ${text} [${error.code}]; give a complete .wasm file`;
  }
  if (error instanceof InvalidError) {
    return `not a valid module: ${text} [${error.code}]; compile it again, or choose another --level`;
  }
  if (error instanceof LinkError) {
    return `modules do not link: ${text} [${error.code}]; list a module that gives what is missing before the one that needs it, or use --unknown-imports trap`;
  }
  return text;
}

/** Messages of libraries may span lines; a command's last word is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}

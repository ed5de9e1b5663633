/**
 * What ends a command early: one line on stderr that says what was wrong and what to do, and an exit code
 * (docs/errors.md).
 *
 * Invariant: 0 done; 1 the machine trapped or a verification failed; 2 bad usage or bad input. Nothing that a user
 * can type or a file can hold ends in a stack trace.
 */
import { InvalidError, LinkError, MalformedError } from "../../interpreter/errors.ts";
import { WitnessError } from "../../merkle/index.ts";
import { contractErrorText } from "../game/contractErrors.ts";
import { visible } from "./visible.ts";

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
export class NotProvenError extends Error {
  /** Which check; a stable word for readers of JSON (docs/errors.md). */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "NotProvenError";
    this.code = code;
  }
}

/** The exit code and the one line for anything that a command can throw. */
export function failureOf(error: unknown): Failure {
  const { code, line } = toldOf(error);
  return { code, line: visible(line) };
}

interface Failure {
  readonly code: ExitCode;
  readonly line: string;
}

function toldOf(error: unknown): Failure {
  if (error instanceof NotProvenError) return { code: exitCodes.refused, line: error.message };
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
    return `modules do not link: ${text} [${error.code}]; ${linkAdvice[error.code] ?? "correct the modules"}`;
  }
  return foreignText(error, text);
}

export const gatewayAdvice = "name an exported function without parameters with --gateway";
const roomAdvice = "give the memory or the table more room in the source, and compile it again";

const linkAdvice: Readonly<Record<string, string>> = {
  "unknown-import":
    "list a module that gives what is missing before the one that needs it, or use --unknown-imports trap",
  "incompatible-import": "list a module that gives it with the type that is wanted",
  "duplicate-module": "give each file another name: NAME=FILE",
  "unknown-gateway": gatewayAdvice,
  "gateway-type": gatewayAdvice,
  "data-out-of-bounds": roomAdvice,
  "elements-out-of-bounds": roomAdvice,
  "limit-exceeded": "raise the limit that it names, or make the program smaller",
};

/** More of a library's message is no help: ethers quotes whole transactions. */
const mostForeign = 300;

/** The part of a chain's answer that says what happened; elsewhere the message itself. */
function foreignText(error: Error, text: string): string {
  const { code, detail, shortMessage, info, error: answer } = error as ChainError;
  if (code === "refused" && detail !== undefined) {
    return text.replace(detail, () => contractErrorText(detail));
  }
  // Node's error for a port that nobody listens on has a code and no text.
  const told =
    oneLine(info?.error?.message ?? answer?.message ?? shortMessage ?? text) ||
    (code ?? error.name);
  return told.length > mostForeign ? `${told.slice(0, mostForeign)}…` : told;
}

/** What ethers and the game's sender add to an Error. */
interface ChainError extends Error {
  readonly code?: string;
  readonly detail?: string;
  readonly shortMessage?: string;
  /** The node's answer stands in one of these two. */
  readonly info?: { readonly error?: { readonly message?: string } };
  readonly error?: { readonly message?: string };
}

/** Messages of libraries may span lines; a command's last word is one line. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}

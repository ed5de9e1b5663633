/**
 * What is said of anything that ends a command early: one line on stderr that says what was wrong and what to do, and an
 * exit code (docs/errors.md).
 *
 * Invariant: nothing that a user can type or a file can hold ends in a stack trace.
 */
import { InvalidError, LinkError, MalformedError } from "../../interpreter/errors.ts";
import { WitnessError } from "../../merkle/witnessError.ts";
import { contractErrorText } from "../game/contractErrors.ts";
import { type ExitCode, exitCodes, NotProvenError, UsageError } from "./failure.ts";
import { RefusedFileError, refusalText } from "./refusal.ts";
import { visible } from "./visible.ts";

interface Failure {
  readonly code: ExitCode;
  readonly line: string;
}

/** The exit code and the one line for anything that a command can throw. */
export function failureOf(error: unknown): Failure {
  const { code, line } = toldOf(error);
  return { code, line: visible(line) };
}

function toldOf(error: unknown): Failure {
  if (error instanceof NotProvenError) return { code: exitCodes.refused, line: error.message };
  if (error instanceof UsageError) return { code: exitCodes.usage, line: error.message };
  if (error instanceof WitnessError) {
    return { code: exitCodes.refused, line: `not proven: ${error.message} [${error.code}]` };
  }
  if (error instanceof Error) return { code: exitCodes.usage, line: errorText(error) };
  return { code: exitCodes.usage, line: oneLine(String(error)) };
}

function errorText(error: Error): string {
  if (isRefusal(error)) return oneLine(refusalText(error));
  return foreignText(error, oneLine(error.message));
}

type Refusal = RefusedFileError | MalformedError | InvalidError | LinkError;

function isRefusal(error: unknown): error is Refusal {
  const classes = [RefusedFileError, MalformedError, InvalidError, LinkError];
  return classes.some((kind) => error instanceof kind);
}

/** What --json prints on stdout for bad usage and bad input: `{"error": …}`, the line in `message`. */
export function failureJson(error: unknown, line: string) {
  if (error instanceof LinkError) {
    const { code, missing } = error;
    return { error: { code, message: line, ...(missing.length > 0 ? { missing } : {}) } };
  }
  if (error instanceof RefusedFileError) {
    const { code, offset, function: inside, instruction } = error.cause;
    return {
      error: { code, message: line, file: error.path, offset, function: inside, instruction },
    };
  }
  const code = error instanceof UsageError ? "usage" : codeOf(error);
  return { error: { code, message: line } };
}

/** Errors of the libraries have codes of their own (docs/errors.md). */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "usage";
}

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
  const shown = told.length > mostForeign ? `${told.slice(0, mostForeign)}…` : told;
  return code === "INSUFFICIENT_FUNDS" || lacksFunds.test(told)
    ? `${shown}; ${fundsAdvice}`
    : shown;
}

/** Of nodes that ethers does not understand. */
const lacksFunds = /(enough|insufficient) funds/i;
const fundsAdvice = "send ether to the account that pays, or give the key of another";

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

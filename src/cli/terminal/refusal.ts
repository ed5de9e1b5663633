/**
 * Modules that are refused, in one line: which file, what is wrong, what to do, in the words of the command line.
 *
 * Invariant: advice is given only where it helps: another --level only if that level accepts the file, a limit's flag
 * only if there is one, a compiler's switch where the library knows it.
 */
import { type InvalidError, LinkError, MalformedError } from "../../interpreter/errors.ts";
import type { FeatureLevel } from "../../interpreter/isa/features.ts";
import { importAdvice } from "../../interpreter/program/missingImports.ts";
import type { ProgramLimits } from "../../interpreter/program/program.ts";

/** A file whose bytes are refused. */
export class RefusedFileError extends Error {
  readonly path: string;
  override readonly cause: MalformedError | InvalidError;
  /** A level that accepts the file; undefined if none does. */
  readonly acceptedBy: FeatureLevel | undefined;

  constructor(
    path: string,
    cause: MalformedError | InvalidError,
    acceptedBy: FeatureLevel | undefined,
  ) {
    super(cause.message);
    this.path = path;
    this.cause = cause;
    this.acceptedBy = acceptedBy;
  }
}

export const gatewayAdvice = "name an exported function without parameters with --gateway";
const roomAdvice = "give the memory or the table more room in the source, and compile it again";

/** Flags of the program's limits. */
export const limitFlags: Readonly<Record<keyof ProgramLimits, string>> = {
  stackSlots: "--stack-slots",
  frames: "--frames",
  tableEntries: "--table-entries",
  memoryPages: "--memory-pages",
  inputBytes: "--input-bytes",
  outputBytes: "--output-bytes",
  callFuel: "--fuel",
};

const linkAdvice: Readonly<Record<string, string>> = {
  "incompatible-import": "list a module that gives it with the type that is wanted",
  "duplicate-module": "give each file another name: NAME=FILE",
  "unknown-gateway": gatewayAdvice,
  "gateway-type": gatewayAdvice,
  "data-out-of-bounds": roomAdvice,
  "elements-out-of-bounds": roomAdvice,
};

/** The line for a module that is refused, or modules that do not link. */
export function refusalText(error: RefusedFileError | MalformedError | InvalidError | LinkError) {
  if (error instanceof LinkError) {
    return `modules do not link: ${error.problem} [${error.code}]; ${linkAdviceFor(error)}`;
  }
  if (!(error instanceof RefusedFileError)) return refusedText(error, "", undefined);
  return refusedText(error.cause, `${error.path}: `, error.acceptedBy);
}

function refusedText(
  error: MalformedError | InvalidError,
  file: string,
  acceptedBy: FeatureLevel | undefined,
): string {
  const { code, problem, advice } = error;
  const level = acceptedBy && `--level ${acceptedBy} accepts it`;
  const told = `${file}${problem} [${code}]`;
  if (code === "component") return `a component, not a module: ${told}; ${advice}`;
  if (code.startsWith("unsupported-")) return `cannot run ${told}; ${advice}`;
  if (error instanceof MalformedError) {
    return `no WebAssembly binary: ${told}; ${level ?? "give a complete .wasm file"}`;
  }
  if (code.startsWith("limit-")) return `too large: ${told}; split the function or the type`;
  return `not a valid module: ${told}; ${level ?? "compile it again"}`;
}

function linkAdviceFor(error: LinkError): string {
  const { code, missing, option } = error;
  if (code === "unknown-import") return importAdvice(missing, "--unknown-imports trap");
  if (code === "limit-exceeded") {
    return option === undefined
      ? "make the program smaller"
      : `raise it with ${limitFlags[option]}`;
  }
  return linkAdvice[code] ?? "correct the modules";
}

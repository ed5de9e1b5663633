/**
 * Saved states on disk (docs/proof-format.md §9), for --save and --from.
 */
import type { Program } from "../../interpreter/program/program.ts";
import { loadState, SnapshotError, type StateTree, saveState } from "../../merkle/index.ts";
import { UsageError } from "../terminal/failure.ts";
import { readBytes, writeFile } from "./files.ts";

const advice: Readonly<Record<SnapshotError["code"], string>> = {
  "snapshot-format": "give a file that run --save wrote",
  "snapshot-version": "save it again with this version",
  "snapshot-truncated": "the copy is incomplete; copy it again",
  "snapshot-trailing": "something was appended to it; copy it again",
  "snapshot-program": "give the modules and options that it was saved with",
  "snapshot-corrupt": "the file has changed since it was written; copy it again",
};

/** The machine state in a file, verified against the state hash that the file names. */
export function readState(path: string, program: Program) {
  const bytes = readBytes(path);
  try {
    return loadState(program, bytes);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    throw new UsageError(
      `cannot use ${path}: ${error.message} [${error.code}]`,
      advice[error.code],
    );
  }
}

export function writeState(path: string, tree: StateTree): void {
  writeFile(path, saveState(tree));
}

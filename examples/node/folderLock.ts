/**
 * The lock of a node's folder: whoever holds it is the only one to write there.
 *
 * Invariant: the operating system holds it for the process and takes it back when the process ends, however it ends. So
 * it is never left behind by `kill -9`, and no process number has to be guessed alive or dead. SQLite, which Node has
 * built in, is used for nothing but this: its exclusive transaction is such a lock on every system.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** SQLite's code for a file that another holds. */
const busy = 5;

export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(
      `${folder} is in use by another node; stop that one, or give this one a folder of its own`,
    );
    this.name = "FolderInUseError";
  }
}

export interface FolderLock {
  release(): void;
}

/** Takes the lock of a folder that exists; FolderInUseError if another holds it, in this process or elsewhere. */
export function lockFolder(folder: string): FolderLock {
  const file = new DatabaseSync(join(folder, "lock"));
  try {
    file.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    throw (error as { errcode?: number }).errcode === busy ? new FolderInUseError(folder) : error;
  }
  return { release: () => file.close() };
}

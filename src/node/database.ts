/**
 * The embedded databases of a node (SQLite, node:sqlite).
 *
 * Invariant: what a transaction has written is on the disk when it returns (WAL, synchronous FULL). An exclusive
 * database is open once, until it is closed or its process ends, however that ends.
 */
import { DatabaseSync } from "node:sqlite";
import { NodeError } from "./nodeError.ts";

const busyCode = 5;

/**
 * Opens a database file and makes what the schema says; ":memory:" keeps nothing. Throws `folder-in-use` for an exclusive
 * one that is open.
 */
export function openDatabase(
  path: string,
  schema: string,
  sharing: "shared" | "exclusive" = "shared",
): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // Before the file is read for the first time: then the lock is taken at once and stays.
    if (sharing === "exclusive") database.exec("PRAGMA locking_mode = EXCLUSIVE;");
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec(schema);
  } catch (error) {
    database.close();
    const isBusy = (error as { readonly errcode?: number }).errcode === busyCode;
    throw isBusy ? new NodeError("folder-in-use", path) : error;
  }
  return database;
}

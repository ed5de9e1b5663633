/**
 * The embedded databases of a node (SQLite, node:sqlite).
 *
 * Invariant: what a transaction has written is on the disk when it returns (WAL, synchronous FULL).
 */
import { DatabaseSync } from "node:sqlite";

/** Opens a database file and makes what the schema says; ":memory:" keeps nothing. */
export function openDatabase(path: string, schema: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  database.exec(schema);
  return database;
}

/**
 * Tables of a machine state: growth, and which of their chunks have changed (docs/machine.md §4, §7).
 * Host tables, the journal of a call and the commitment each look only at chunks that changed since they last looked.
 *
 * Invariant: every write of an entry, and every change of a size, is told by `touchTable` before it happens; entries
 * at or above a table's size are zero in the commitment, whatever the array holds there.
 */
import { chunkBytes, referenceBytes } from "../program/program.ts";
import type { TableState } from "./machineState.ts";

/** Entries in a chunk of the commitment. */
export const tableChunkEntries = chunkBytes / referenceBytes;

const chunksOf = (entries: number): number => Math.ceil(entries / tableChunkEntries);

/** A table that holds `entries`, all of them in use. */
export function newTable(entries: Uint32Array): TableState {
  return {
    entries,
    size: entries.length,
    version: 0,
    chunkVersions: new Float64Array(chunksOf(entries.length)),
  };
}

/** Says that `count` entries from `first` on are about to change. */
export function touchTable(table: TableState, first: number, count: number): void {
  table.version++;
  if (count === 0) return;
  const last = Math.floor((first + count - 1) / tableChunkEntries);
  for (let chunk = Math.floor(first / tableChunkEntries); chunk <= last; chunk++) {
    table.onWrite?.(chunk);
    table.chunkVersions[chunk] = table.version;
  }
}

/** Sets a larger size; new entries are null. */
export function growTable(table: TableState, size: number): void {
  const { size: old } = table;
  if (size > table.entries.length) {
    const entries = new Uint32Array(Math.max(size, table.entries.length * 2));
    entries.set(table.entries.subarray(0, old));
    table.entries = entries;
  } else {
    table.entries.fill(0, old, size);
  }
  const chunks = chunksOf(table.entries.length);
  if (chunks > table.chunkVersions.length) {
    const versions = new Float64Array(chunks);
    versions.set(table.chunkVersions);
    table.chunkVersions = versions;
  }
  touchTable(table, old, size - old);
  table.size = size;
}

/** Takes a table back to a smaller size. */
export function shrinkTable(table: TableState, size: number): void {
  if (size === table.size) return;
  touchTable(table, size, table.size - size);
  table.size = size;
}

/** Chunks that have changed since the table had `version`, in ascending order; those above its size among them. */
export function changedChunks(table: TableState, version: number): number[] {
  const chunks: number[] = [];
  if (version === table.version) return chunks;
  table.chunkVersions.forEach((changed, chunk) => {
    if (changed > version) chunks.push(chunk);
  });
  return chunks;
}

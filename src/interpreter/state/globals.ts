/**
 * Which globals of a state have changed (docs/machine.md §4): host globals, the journal of a call and the commitment
 * each look only at chunks of 512 globals that were written since they last looked.
 *
 * Invariant: every write of a global is told by `touchGlobal` before it happens. A look closes a version, and a chunk
 * holds the version in which it was last written: so a second write in one version costs one comparison.
 */
import type { MachineState } from "./machineState.ts";

/** Globals in a chunk: 4 KiB of the commitment. */
export const globalChunkSize = 512;
const chunkShift = Math.log2(globalChunkSize);

/** Which globals have been written since when, by chunks: what follows them need not look at the others. */
export interface GlobalChanges {
  /** The version that is open. */
  version: number;
  /** Version of the last write of each chunk. */
  readonly chunkVersions: Float64Array;
  /** Told of a chunk at its first write in a version, before the write (callJournal.ts). */
  onWrite?: (chunk: number) => void;
}

/** All globals count as written for whoever has not looked yet. */
export function newGlobalChanges(globals: number): GlobalChanges {
  return { version: 0, chunkVersions: new Float64Array(Math.ceil(globals / globalChunkSize)) };
}

/** Says that a global is about to change. */
export function touchGlobal(changes: GlobalChanges, index: number): void {
  const chunk = index >>> chunkShift;
  if (changes.chunkVersions[chunk] !== changes.version) touchChunk(changes, chunk);
}

function touchChunk(changes: GlobalChanges, chunk: number): void {
  changes.onWrite?.(chunk);
  changes.chunkVersions[chunk] = changes.version;
}

/** Says that any of the globals may change. */
export function touchAllGlobals({ globalChanges }: MachineState): void {
  for (const chunk of globalChanges.chunkVersions.keys()) {
    touchGlobal(globalChanges, chunk * globalChunkSize);
  }
}

/** Closes the version: writes from here on are in the one that is returned. */
export function closeVersion(changes: GlobalChanges): number {
  return ++changes.version;
}

/** Chunks written in `version` or later, in ascending order. */
export function globalsChangedSince({ chunkVersions }: GlobalChanges, version: number): number[] {
  const chunks: number[] = [];
  for (let chunk = 0; chunk < chunkVersions.length; chunk++) {
    if (chunkVersions[chunk] >= version) chunks.push(chunk);
  }
  return chunks;
}

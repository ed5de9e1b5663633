/**
 * Answering a storage challenge (docs/network.md §8): one chunk of what a receipt is for, with its path.
 *
 * Invariant: the path leads to the root that the receipt names; Storage verifies it with RunningInput.rootAbove.
 */
import { arrayDepths } from "../../merkle/tree/arrays.ts";
import { rootOfBytes } from "../../merkle/tree/merkleArray.ts";
import { hexOf } from "./calldata.ts";

/** A subtree of 32 leaves of 128 bytes. */
const chunkLevels = 5;
/** Bytes of a chunk; the last one of a content may be shorter. */
export const storedChunkBytes = 128 << chunkLevels;

/** The arguments of `show` behind the challenge's number. Throws a RangeError for a chunk that the content has not. */
export function chunkProof(
  content: Uint8Array,
  chunk: number,
): readonly [content: string, siblings: string[]] {
  const start = chunk * storedChunkBytes;
  if (!Number.isInteger(chunk) || chunk < 0 || start >= content.length) {
    throw new RangeError(`expected a chunk of ${content.length} bytes, got ${chunk}`);
  }
  const bytesAt = (index: number, levels: number) => {
    const bytes = 128 * 2 ** levels;
    return content.subarray(index * bytes, (index + 1) * bytes);
  };
  const siblings: string[] = [];
  let index = chunk;
  for (let levels = chunkLevels; levels < arrayDepths.input; levels++) {
    siblings.push(hexOf(rootOfBytes(levels, bytesAt(index ^ 1, levels))));
    index = Math.floor(index / 2);
  }
  return [hexOf(content.subarray(start, start + storedChunkBytes)), siblings];
}

/**
 * Pairs of hashes gathered from many places into one batch of the kernel, and the hashes of the pairs scattered back:
 * how the nodes above the changed chunks of an array are hashed two at a time.
 *
 * Invariant: hashes are written at `flush`, or when the batch is full, so a batch holds nodes of one level only.
 */
import { batchLeaves, hashBytes, kernel } from "./kernel.ts";

/** Trees hold hashes as 32-bit words: a loop copies sixteen of them faster than a call copies 64 bytes. */
export const hashWords = hashBytes / 4;
const pairWords = 2 * hashWords;

const input = wordsOf(kernel.input);
const output = wordsOf(kernel.output);
const targets: Int32Array[] = [];
const places = new Int32Array(batchLeaves);
let count = 0;

/** The hash of the pair at `source[from]` will be at `target[place]`. */
export function gatherPair(
  source: Int32Array,
  from: number,
  target: Int32Array,
  place: number,
): void {
  if (count === batchLeaves) flushPairs();
  const start = count * pairWords;
  for (let i = 0; i < pairWords; i++) input[start + i] = source[from + i];
  targets[count] = target;
  places[count] = place;
  count++;
}

export function flushPairs(): void {
  if (count === 0) return;
  kernel.nodes(count);
  for (let item = 0; item < count; item++) {
    const target = targets[item];
    const place = places[item];
    const from = item * hashWords;
    for (let i = 0; i < hashWords; i++) target[place + i] = output[from + i];
  }
  count = 0;
  targets.length = 0;
}

/** The same bytes as words. */
export function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

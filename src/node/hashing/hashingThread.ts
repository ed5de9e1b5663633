/**
 * A hashing thread: hashes the chunks that it finds posted, until its process ends (threadedHasher.ts starts it).
 *
 * Invariant: what it remembers of a chunk saves time and changes nothing.
 */
import { workerData } from "node:worker_threads";
import { ActiveChunks } from "../../merkle/tree/activeChunks.ts";
import { hashChunks, leavesOfChunk } from "../../merkle/tree/chunkHasher.ts";
import { SharedChunks, type ThreadData, threadStates } from "./sharedChunks.ts";

const { buffer, rememberedChunks } = workerData as ThreadData;
const shared = new SharedChunks(buffer);
const remembered = new ActiveChunks(leavesOfChunk, rememberedChunks);
const read = (index: number, target: Uint8Array) => target.set(shared.chunk(index));
const take = (index: number, hash: Uint8Array) => shared.hash(index).set(hash);

shared.state = threadStates.idle;
for (;;) {
  const { state } = shared;
  if (state !== threadStates.posted) {
    shared.waitWhile(state);
    continue;
  }
  const { keys, count } = shared;
  if (keys === undefined) hashChunks(count, read, take);
  else remembered.update(keys, read, take);
  shared.state = threadStates.done;
}

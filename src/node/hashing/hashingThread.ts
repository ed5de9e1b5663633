/**
 * A hashing thread: hashes the chunks that it finds posted, until its process ends (threadedHasher.ts starts it).
 */
import { workerData } from "node:worker_threads";
import { hashChunks } from "../../merkle/tree/chunkHasher.ts";
import { SharedChunks, threadStates } from "./sharedChunks.ts";

const shared = new SharedChunks(workerData as SharedArrayBuffer);
shared.state = threadStates.idle;
for (;;) {
  const { state } = shared;
  if (state !== threadStates.posted) {
    shared.waitWhile(state);
    continue;
  }
  hashChunks(
    shared.count,
    (index, target) => target.set(shared.chunk(index)),
    (index, hash) => shared.hash(index).set(hash),
  );
  shared.state = threadStates.done;
}

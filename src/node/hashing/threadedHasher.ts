/**
 * Hashes memory on all cores: threads take a share of the chunks that are hashed at one time, beside the thread that asks,
 * which waits for them. Of chunks that change again and again each thread remembers its own.
 *
 * Invariant: the hashes are those of one thread. Threads start when they are first worth it and never keep a process alive; what a
 * thread does not finish is hashed by who asked for it.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import {
  type ChunkHasher,
  chunksOfBatch,
  hashBatch,
  installChunkHasher,
  type ReadChunk,
  type TakeHash,
} from "../../merkle/tree/chunkHasher.ts";
import { chunksOfPost, SharedChunks, type ThreadData, threadStates } from "./sharedChunks.ts";

/** Threads are started for 32 MiB at one time, which take longer than they need to start. */
const chunksWorthStarting = 8192;
/** And take part from 4 MiB on. */
const leastChunks = 1024;
const mostThreads = 7;
/** And for 16 MiB in all of chunks that change again and again. */
const chunksBegunWorthStarting = 4096;
/** So many neighbours go to the same thread. */
const neighbours = 4;
/** Of all threads together: 96 MiB at most. */
const rememberedChunks = 2 ** 14;
/** A thread that needs longer for its 2 MiB counts as lost. */
const patienceMs = 5000;

class HashingThread {
  readonly shared = new SharedChunks();
  /** Who is given the hashes of what was posted last. */
  private take: TakeHash = () => {};

  constructor(rememberedChunks: number) {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const script = new URL(`./hashingThread${extension}`, import.meta.url);
    const workerData: ThreadData = { buffer: this.shared.buffer, rememberedChunks };
    const worker = new Worker(script, { workerData });
    worker.on("error", () => {});
    worker.unref();
  }

  get isIdle(): boolean {
    return this.shared.state === threadStates.idle;
  }

  get isBusy(): boolean {
    return this.shared.state === threadStates.posted;
  }

  /** Posts chunks from number `first` on, to be hashed whole. */
  post(first: number, count: number, read: ReadChunk, take: TakeHash): void {
    const { shared } = this;
    for (let i = 0; i < count; i++) read(first + i, shared.chunk(i));
    shared.count = count;
    this.send((index, hash) => take(first + index, hash));
  }

  /** Posts chunks by their indices, to be hashed by what differs from what the thread remembers under their keys. */
  postKnown(indices: readonly number[], keys: readonly number[], read: ReadChunk, take: TakeHash) {
    const { shared } = this;
    indices.forEach((index, i) => {
      read(index, shared.chunk(i));
    });
    shared.keys = indices.map((index) => keys[index]);
    this.send((i, hash) => take(indices[i], hash));
  }

  private send(take: TakeHash): void {
    this.take = take;
    this.shared.state = threadStates.posted;
  }

  /** Gives the hashes of what is done, if anything is. */
  collect(): void {
    const { shared } = this;
    if (shared.state !== threadStates.done) return;
    for (let i = 0; i < shared.count; i++) this.take(i, shared.hash(i));
    shared.state = threadStates.idle;
  }

  /** Waits for what was posted; hashes it here if that takes too long, and says so. */
  finish(patienceMs: number): boolean {
    const { shared } = this;
    if (this.isBusy && !shared.waitWhile(threadStates.posted, patienceMs) && this.isBusy) {
      const read: ReadChunk = (index, target) => target.set(shared.chunk(index));
      for (let i = 0; i < shared.count; i += chunksOfBatch) {
        hashBatch(i, Math.min(chunksOfBatch, shared.count - i), read, this.take);
      }
      return false;
    }
    this.collect();
    return true;
  }
}

export interface ThreadOptions {
  /** Beside the one that asks; as many as there are cores left unless given. */
  readonly threads?: number;
  /** Chunks at one time for which threads are started. */
  readonly chunksWorthStarting?: number;
  /** Chunks at one time from which on they take part. */
  readonly leastChunks?: number;
  /** Chunks in all that may have been begun, for which threads are started. */
  readonly chunksBegunWorthStarting?: number;
  /** How long the end of a thread's share is waited for. */
  readonly patienceMs?: number;
}

export class ThreadedHasher implements ChunkHasher {
  private readonly options: Required<ThreadOptions>;
  private threads: HashingThread[] = [];
  private hasStarted = false;
  /** Chunks that may have been begun. */
  private asked = 0;

  constructor(options: ThreadOptions = {}) {
    this.options = {
      threads: Math.min(mostThreads, availableParallelism() - 1),
      chunksWorthStarting,
      leastChunks,
      chunksBegunWorthStarting,
      patienceMs,
      ...options,
    };
  }

  /** Threads that have started up. */
  get ready(): number {
    return this.threads.filter(({ isIdle }) => isIdle).length;
  }

  hash(count: number, read: ReadChunk, take: TakeHash): boolean {
    if (count < this.options.leastChunks) return false;
    if (count >= this.options.chunksWorthStarting) this.start();
    const { threads } = this;
    if (threads.length === 0) return false;
    let next = 0;
    while (next < count) {
      for (const thread of threads) {
        thread.collect();
        if (!thread.isIdle || next >= count) continue;
        const share = Math.ceil((count - next) / (threads.length + 1));
        const given = Math.min(chunksOfPost, share);
        thread.post(next, given, read, take);
        next += given;
      }
      const own = Math.min(chunksOfBatch, count - next);
      if (own > 0) hashBatch(next, own, read, take);
      next += own;
    }
    this.settle();
    return true;
  }

  begin(keys: readonly number[], read: ReadChunk, take: TakeHash): readonly number[] {
    this.asked += keys.length;
    if (this.asked >= this.options.chunksBegunWorthStarting) this.start();
    // The last part is the caller's: whoever has hashed a chunk has it again, and remembers it.
    const parts = this.threads.length + 1;
    const begun: number[] = [];
    for (const [part, thread] of this.threads.entries()) {
      thread.collect();
      if (!thread.isIdle) continue;
      const isTheirs = (key: number) => Math.floor(key / neighbours) % parts === part;
      const theirs = [...keys.keys()].filter((index) => isTheirs(keys[index]));
      if (theirs.length === 0) continue;
      thread.postKnown(theirs.slice(0, chunksOfPost), keys, read, take);
      begun.push(...theirs.slice(0, chunksOfPost));
    }
    return begun;
  }

  settle(): void {
    this.threads = this.threads.filter((thread) => thread.finish(this.options.patienceMs));
  }

  private start(): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    const { threads } = this.options;
    for (let i = 0; i < threads; i++) {
      this.threads.push(new HashingThread(Math.floor(rememberedChunks / threads)));
    }
  }
}

/** From now on this process hashes large memories on all cores. */
export function hashOnThreads(): void {
  installChunkHasher(new ThreadedHasher());
}

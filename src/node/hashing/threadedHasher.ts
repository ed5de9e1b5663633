/**
 * Hashes memory on all cores: threads take a share of the chunks that are hashed at one time, beside the thread that asks,
 * which waits for them.
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
import { chunksOfPost, SharedChunks, threadStates } from "./sharedChunks.ts";

/** Threads are started for 32 MiB at one time, which take longer than they need to start. */
const chunksWorthStarting = 8192;
/** And take part from 4 MiB on. */
const leastChunks = 1024;
const mostThreads = 7;
/** A thread that needs longer for its 2 MiB counts as lost. */
const patienceMs = 5000;

class HashingThread {
  readonly shared = new SharedChunks();
  /** First of the chunks that it was given last. */
  private first = 0;

  constructor() {
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const script = new URL(`./hashingThread${extension}`, import.meta.url);
    const worker = new Worker(script, { workerData: this.shared.buffer });
    worker.on("error", () => {});
    worker.unref();
  }

  get isIdle(): boolean {
    return this.shared.state === threadStates.idle;
  }

  get isBusy(): boolean {
    return this.shared.state === threadStates.posted;
  }

  post(first: number, count: number, read: ReadChunk): void {
    const { shared } = this;
    for (let i = 0; i < count; i++) read(first + i, shared.chunk(i));
    this.first = first;
    shared.count = count;
    shared.state = threadStates.posted;
  }

  /** Takes the hashes of what is done, if anything is. */
  collect(take: TakeHash): void {
    const { shared, first } = this;
    if (shared.state !== threadStates.done) return;
    for (let i = 0; i < shared.count; i++) take(first + i, shared.hash(i));
    shared.state = threadStates.idle;
  }

  /** Waits for what was posted; hashes it here if that takes too long, and says so. */
  finish(read: ReadChunk, take: TakeHash, patienceMs: number): boolean {
    const { shared, first } = this;
    if (this.isBusy && !shared.waitWhile(threadStates.posted, patienceMs) && this.isBusy) {
      for (let i = 0; i < shared.count; i += chunksOfBatch) {
        hashBatch(first + i, Math.min(chunksOfBatch, shared.count - i), read, take);
      }
      return false;
    }
    this.collect(take);
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
  /** How long the end of a thread's share is waited for. */
  readonly patienceMs?: number;
}

export class ThreadedHasher implements ChunkHasher {
  private readonly options: Required<ThreadOptions>;
  private threads: HashingThread[] = [];
  private hasStarted = false;

  constructor(options: ThreadOptions = {}) {
    this.options = {
      threads: Math.min(mostThreads, availableParallelism() - 1),
      chunksWorthStarting,
      leastChunks,
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
    this.start(count);
    const { threads } = this;
    if (threads.length === 0) return false;
    let next = 0;
    while (next < count) {
      for (const thread of threads) {
        thread.collect(take);
        if (!thread.isIdle || next >= count) continue;
        const share = Math.ceil((count - next) / (threads.length + 1));
        const given = Math.min(chunksOfPost, share);
        thread.post(next, given, read);
        next += given;
      }
      const own = Math.min(chunksOfBatch, count - next);
      if (own > 0) hashBatch(next, own, read, take);
      next += own;
    }
    const { patienceMs } = this.options;
    this.threads = threads.filter((thread) => thread.finish(read, take, patienceMs));
    return true;
  }

  private start(count: number): void {
    if (this.hasStarted || count < this.options.chunksWorthStarting) return;
    this.hasStarted = true;
    for (let i = 0; i < this.options.threads; i++) this.threads.push(new HashingThread());
  }
}

/** From now on this process hashes large memories on all cores. */
export function hashOnThreads(): void {
  installChunkHasher(new ThreadedHasher());
}

/**
 * Speed of the commitment and size of its witnesses (`npm run -s bench:merkle -- --json`).
 * Figures: ns a Keccak-256 permutation, its ratio to @noble/hashes in the same run, the root of 64 MiB from scratch,
 * µs a 4 KiB chunk of which one byte or every leaf has changed, and witness bytes for a program of 10^6 instructions with 64 MiB of memory in use.
 */
import { availableParallelism } from "node:os";
import { setTimeout } from "node:timers/promises";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { executedRow } from "../src/interpreter/isa/table.ts";
import { step } from "../src/interpreter/reference/step.ts";
import { genesis } from "../src/interpreter/state/genesis.ts";
import { begin } from "../src/interpreter/state/invocation.ts";
import { kernel, StateTree } from "../src/merkle/index.ts";
import { installChunkHasher } from "../src/merkle/tree/chunkHasher.ts";
import { batchLeaves } from "../src/merkle/tree/keccak/kernel.ts";
import { arrayOfBytes } from "../src/merkle/tree/merkleArray.ts";
import { ThreadedHasher } from "../src/node/hashing/threadedHasher.ts";
import { programOf } from "../test/merkle/program.ts";
import { tourText } from "../test/merkle/tour.ts";

const mebibyte = 2 ** 20;
const memoryBytes = 64 * mebibyte;
const memoryDepth = 33;

/** Milliseconds of processor time of the fastest of `runs`: a shared machine disturbs this least. */
function best(runs: number, work: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    fastest = Math.min(fastest, (user + system) / 1000);
  }
  return fastest;
}

/** Reproducible bytes without a zero chunk. */
function noise(bytes: Uint8Array): Uint8Array {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  let x = 0x2545f491;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return bytes;
}

function permutations(): { nsPerPermutation: number; ratioToNoble: number } {
  noise(kernel.input);
  const ms = best(50, () => kernel.reduce(batchLeaves, 0));
  const leaf = new Uint8Array(129);
  const nobleHashes = 500;
  const nobleMs = best(20, () => {
    for (let i = 0; i < nobleHashes; i++) keccak_256(leaf);
  });
  const nsPerPermutation = (ms * 1e6) / batchLeaves;
  return { nsPerPermutation, ratioToNoble: (nobleMs * 1e6) / nobleHashes / nsPerPermutation };
}

interface Measured {
  readonly clockMs: number;
  /** Processor time of the thread that asks, which other work on the machine disturbs least. */
  readonly threadMs: number;
}

/** The fastest of `runs`. */
function bestOfThread(runs: number, work: () => void): Measured {
  let [clockMs, threadMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < runs; i++) {
    const [clock, cpu] = [performance.now(), process.threadCpuUsage()];
    work();
    const { user, system } = process.threadCpuUsage(cpu);
    clockMs = Math.min(clockMs, performance.now() - clock);
    threadMs = Math.min(threadMs, (user + system) / 1000);
  }
  return { clockMs, threadMs };
}

interface Threads {
  readonly cores: number;
  readonly alone: Measured;
  readonly together: Measured;
  readonly timesFaster: number;
  readonly timesLessOfThread: number;
}

/** The root of 64 MiB by one thread, and by as many as there are cores. */
async function threads(): Promise<Threads> {
  const bytes = noise(new Uint8Array(memoryBytes));
  const work = () => void arrayOfBytes(memoryDepth, bytes).root();
  const alone = bestOfThread(6, work);
  const hasher = new ThreadedHasher();
  installChunkHasher(hasher);
  work();
  for (let waited = 0; hasher.ready === 0 && waited < 100; waited++) await setTimeout(50);
  const together = bestOfThread(6, work);
  installChunkHasher(undefined);
  return {
    cores: availableParallelism(),
    alone,
    together,
    timesFaster: alone.clockMs / together.clockMs,
    timesLessOfThread: alone.threadMs / together.threadMs,
  };
}

interface Roots {
  readonly root64MiBMs: number;
  readonly usPerDirtyChunk: number;
  readonly usPerRewrittenChunk: number;
}

/** Chunks here and there, one byte of each changed, or every leaf. */
function roots(): Roots {
  const bytes = noise(new Uint8Array(memoryBytes));
  const root64MiBMs = best(6, () => void arrayOfBytes(memoryDepth, bytes).root());
  const array = arrayOfBytes(memoryDepth, bytes);
  array.root();
  const chunks = 256;
  const usPerChunk = (stride: number): number => {
    const ms = best(20, () => {
      for (let i = 0; i < chunks; i++) {
        const chunk = (i * 61) % (memoryBytes / 4096);
        for (let at = 0; at < 4096; at += stride) bytes[chunk * 4096 + at]++;
        array.invalidate(chunk);
      }
      array.root();
    });
    return (ms * 1000) / chunks;
  };
  return { root64MiBMs, usPerDirtyChunk: usPerChunk(4096), usPerRewrittenChunk: usPerChunk(128) };
}

const paddingFunctions = 1000;
const paddingPairs = 500;

/** Calls itself with locals of every frame in use, then the tour: so the tour runs on a stack in use. */
const frames = 16;
const localsPerFrame = 20;
const deepCall = `
  (func $deep (param $left i32) (result i32) (local ${"i64 ".repeat(localsPerFrame)})
    ${Array.from({ length: localsPerFrame }, (_, i) => `(local.set ${i + 1} (i64.const ${i + 1}))`).join("")}
    (if (result i32) (local.get $left)
      (then (call $deep (i32.sub (local.get $left) (i32.const 1))))
      (else (call $main))))
  (func (export "deep") (result i32) (call $deep (i32.const ${frames})))`;

/** A program of about 10^6 instructions, of which the tour's are executed. */
function largeProgram() {
  const body = "i32.const 1 drop ".repeat(paddingPairs);
  const padding = deepCall + `(func ${body}) `.repeat(paddingFunctions);
  const text = tourText({ pages: memoryBytes / 65536, padding });
  return programOf(text, { gateway: "deep", limits: { callFuel: 1e9 } });
}

interface Sizes {
  readonly median: number;
  readonly worst: number;
}

function sizesOf(lengths: readonly number[]): Sizes {
  const sorted = [...lengths].sort((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], worst: sorted[sorted.length - 1] };
}

/** Witness sizes of every step of the tour: stack in use, memory full of noise, input of 64 KiB. */
function witnessSizes(): Sizes & { families: Record<string, Sizes & { worstAt: string }> } {
  const program = largeProgram();
  const state = genesis(program);
  for (const { bytes } of state.memories) noise(bytes);
  begin(state, noise(new Uint8Array(mebibyte / 16)));
  const tree = new StateTree(state);
  const byFamily = new Map<string, { lengths: number[]; worstAt: string }>();
  while (state.depth < frames && state.status === 0) step(state);
  while (state.status === 0 && state.depth >= frames) {
    const op = (program.code[state.pc * 16] << 8) | program.code[state.pc * 16 + 1];
    const row = executedRow(op);
    const family = row?.family ?? "unknown";
    const { length } = tree.witness();
    const entry = byFamily.get(family) ?? { lengths: [], worstAt: "" };
    if (length > Math.max(0, ...entry.lengths.slice(-1), sizesOf(entry.lengths).worst || 0)) {
      entry.worstAt = row?.mnemonic ?? "";
    }
    entry.lengths.push(length);
    byFamily.set(family, entry);
    step(state);
  }
  if (byFamily.size === 0) throw new Error("expected the tour to run");
  const all = [...byFamily.values()].flatMap(({ lengths }) => lengths);
  const families = Object.fromEntries(
    [...byFamily].map(([name, { lengths, worstAt }]) => [name, { ...sizesOf(lengths), worstAt }]),
  );
  return { ...sizesOf(all), families };
}

const result = {
  kernel: kernel.name,
  ...permutations(),
  ...roots(),
  threads: await threads(),
  witnessBytes: witnessSizes(),
};
if (process.argv.includes("--json")) {
  console.log(JSON.stringify(result));
} else {
  console.log(JSON.stringify(result, undefined, 2));
}

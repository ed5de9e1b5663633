/**
 * What validating costs (docs/validation.md §9): proofs of independent execution beside the run itself, a validator's
 * blocks a second beside a worker's, the fuel that showing too little declared fuel takes, and gas.
 *
 * Times are this process's processor time, the least of several runs in turn, so that other work on the machine counts
 * little. `poieRatio` is the greatest over real programs, each in one call of about a second with 64 samples,
 * `poieRatioRewriting` that of a loop that writes 4 MiB anew between any two samples. `poieRatioOfThread` is `poieRatio` of the thread
 * that executes, while hashing threads have their share, as in every node; how long it waits for them does not count.
 *
 *   node bench/validation.ts [--json] [--runs N]
 */
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { id } from "ethers";
import { exampleNamed, inputOf, wasmOf } from "../examples/manifest.ts";
import type { Hash } from "../src/game/index.ts";
import {
  type ApplicationState,
  applicationStateAfter,
  type DeclaredBlock,
  FragmentReplay,
  FragmentRun,
  frameTransactions,
  initialApplicationState,
  periodFor,
  type SampleTerms,
} from "../src/history/index.ts";
import { load } from "../src/index.ts";
import { decodeModule, link, Machine, type Program } from "../src/interpreter/index.ts";
import { installChunkHasher } from "../src/merkle/tree/chunkHasher.ts";
import { EmbeddedEngine } from "../src/node/engine/embeddedEngine.ts";
import { ThreadedHasher } from "../src/node/hashing/threadedHasher.ts";
import { Worker } from "../src/node/worker/blockWorker.ts";
import { BlockJournal } from "../src/node/worker/journal.ts";
import { encodeGenesis } from "../src/node/worker/workerGenesis.ts";
import { binaryOf } from "../test/merkle/program.ts";
import { keysOf } from "../test/network/network.ts";
import { counters, countersGenesis, counterTransaction } from "../test/node/counters.ts";
import { gasOfTransactions } from "./validationGas.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    runs: { type: "string", default: "5" },
  },
});
const runs = Number(options.runs);
const goals = { poieRatio: 1.15 };
const samples = 64;
const seed = id("bench") as Hash;

/** Processor seconds of some work: of the whole process, and of the thread that does it. */
function secondsOf(work: () => void): { all: number; thread: number } {
  const before = process.cpuUsage();
  const ofThread = process.threadCpuUsage();
  work();
  const all = process.cpuUsage(before);
  const thread = process.threadCpuUsage(ofThread);
  return { all: (all.user + all.system) / 1e6, thread: (thread.user + thread.system) / 1e6 };
}

const seconds = (work: () => void): number => secondsOf(work).all;

/** The least of several runs of each, in turn. */
function least(...works: readonly (() => number)[]): number[] {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  for (let run = 0; run < runs; run++) {
    for (const [i, work] of works.entries()) best[i] = Math.min(best[i], work());
  }
  return best;
}

const round = (value: number) => Number(value.toPrecision(4));

/** What is run for about a second: a call, begun with an input. */
interface LongCall {
  readonly program: Program;
  readonly input: Uint8Array;
}

/** Real programs, with the inputs for which they run about a second on the host's engine. */
const realNames = ["ledger", "kvstore", "forth", "lz", "sort", "json", "keccak"];

function realCall(name: string): LongCall {
  const example = exampleNamed(name);
  const modules = [{ name, module: decodeModule(wasmOf(example)) }];
  const program = link(modules, { gateway: example.gateway, growth: "fixed" });
  return { program, input: inputOf(example.runs.long) };
}

/** The worst for proofs: writes all of 4 MiB many times between two samples, a loop that does nothing else. */
function rewritingCall(): LongCall {
  const program = load(
    binaryOf(`(module
      (import "arbiter" "input_size" (func $size (result i32)))
      (memory 64)
      (func (export "gateway") (result i32) (local $i i32)
        (loop $next
          (i32.store (i32.and (i32.mul (local.get $i) (i32.const 68)) (i32.const 0x3ffffc))
            (local.get $i))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i)
            (i32.mul (call $size) (i32.const 1000000)))))
        (local.get $i)))`),
  );
  for (let length = 4; ; length *= 2) {
    const input = new Uint8Array(length);
    const spent = seconds(() => new FragmentRun(new Machine(program)).run(input));
    if (spent > 0.8) return { program, input };
  }
}

interface PoieRatios {
  readonly alone: number;
  /** Of the thread that executes, while others hash with it. */
  readonly ofThread: number;
}

function poieRatiosOf({ program, input }: LongCall, hasher: ThreadedHasher): PoieRatios {
  const plain = new FragmentRun(new Machine(program));
  plain.run(input);
  const period = periodFor(plain.steps, samples);
  const run = (terms: SampleTerms[]) => void new FragmentReplayOf(program, terms).run(input);
  const runShared = () => {
    installChunkHasher(hasher);
    run([{ seed, period }]);
    installChunkHasher(undefined);
  };
  const [all, thread, withProof, shared] = least(
    () => seconds(() => run([])),
    () => secondsOf(() => run([])).thread,
    () => seconds(() => run([{ seed, period }])),
    () => secondsOf(runShared).thread,
  );
  return { alone: withProof / all, ofThread: shared / thread };
}

/** A hasher whose threads are up. */
async function startedHasher(): Promise<ThreadedHasher> {
  const hasher = new ThreadedHasher({ chunksBegunWorthStarting: 1 });
  const nothing = () => {};
  hasher.begin([0], nothing, nothing);
  for (let waited = 0; hasher.ready === 0 && waited < 100; waited++) await setTimeout(50);
  return hasher;
}

/** A replay of one block that nobody has declared. */
class FragmentReplayOf {
  readonly #program: Program;
  readonly #terms: readonly { readonly seed: Hash; readonly period: bigint }[];

  constructor(program: Program, terms: readonly { seed: Hash; period: bigint }[]) {
    this.#program = program;
    this.#terms = terms;
  }

  run(input: Uint8Array): void {
    const machine = new Machine(this.#program);
    const replay = new FragmentReplay(machine, 1n, this.#terms);
    const state = initialApplicationState(replay.base());
    const generous = { ...state, fuel: BigInt(Number.MAX_SAFE_INTEGER) };
    const { receiptsHash } = state;
    replay.block({ height: 1n, input, before: state, after: generous, receiptsHash });
  }
}

/** Blocks of a cluster as its workers made them, and what a worker's own part of that took. */
function blocksOfWorker(count: number, transactions: number) {
  const worker = new Worker({ program: counters, journal: new BlockJournal(":memory:") });
  const [key] = keysOf("bench", 1);
  const engine = new EmbeddedEngine({
    chainId: "bench-0",
    members: [{ key, power: 1n, worker }],
    appState: new TextEncoder().encode(encodeGenesis(countersGenesis())),
  });
  let tag = 0;
  while (worker.height < BigInt(2 * count)) {
    for (let i = 0; i < transactions; i++) {
      engine.submit(worker, counterTransaction("add", i % 50, 1n, ++tag));
    }
    engine.work();
  }
  const kept = [...worker.journal.blocks(0n, worker.height)];
  let before: ApplicationState = initialApplicationState(
    new FragmentReplay(new Machine(counters), 1n, []).base(),
  );
  const blocks: DeclaredBlock[] = kept.map(({ input, application }, index) => {
    const block = {
      height: BigInt(index + 1),
      input,
      before,
      after: application,
      receiptsHash: application.receiptsHash,
    };
    before = application;
    return block;
  });
  const lists = engine.blocks.map(({ block }) => block);
  return { blocks, lists };
}

/** Blocks a second of a validator, proofs and checks included, to those of a worker that executes and commits. */
function throughputRatio(): number {
  const { blocks, lists } = blocksOfWorker(60, 200);
  const period = periodFor(blocks[blocks.length - 1].after.steps, samples);
  const terms = [id("own"), id("other")].map((each) => ({ seed: each as Hash, period }));
  const validate = () => {
    const replay = new FragmentReplay(new Machine(counters), 1n, terms);
    for (const block of blocks) {
      if (replay.block(block) !== undefined) throw new Error("expected a true fragment");
    }
  };
  const work = () => {
    const worker = new Worker({ program: counters, journal: new BlockJournal(":memory:") });
    const appState = new TextEncoder().encode(encodeGenesis(countersGenesis()));
    const [key] = keysOf("bench", 1);
    const publicKey = Uint8Array.from(Buffer.from(key.compressedPublicKey.slice(2), "hex"));
    worker.initChain("bench-0", 1n, appState, [{ publicKey, power: 1n }]);
    for (const { header, transactions } of lists) {
      if (transactions.length > 0) worker.isValid(header.height, transactions);
      worker.finalize(header.height, transactions);
      worker.commit();
    }
  };
  const [validator, ofWorker] = least(
    () => seconds(validate),
    () => seconds(work),
  );
  return ofWorker / validator;
}

/** Fuel that a validator spends until it knows the instruction beyond, to what was declared; the greatest of several. */
function fuelDisputeWork(): number {
  const transactions = [counterTransaction("spin", 1, 200_000n, 1)];
  const input = frameTransactions({ chainId: "bench-0", height: 1n }, transactions);
  const run = new FragmentRun(new Machine(counters));
  const before = initialApplicationState(run.base());
  const outcome = run.run(input);
  if ("overFuel" in outcome) throw new Error("expected a call without a bound to end");
  const after = applicationStateAfter(before, outcome, before.receiptsHash);
  let most = 0;
  for (const part of [0.1, 0.5, 0.9, 0.99999]) {
    const fuel = BigInt(Math.floor(Number(after.fuel) * part));
    const replay = new FragmentReplay(new Machine(counters), 1n, []);
    const { receiptsHash } = before;
    const wrong = replay.block({
      height: 1n,
      input,
      before,
      after: { ...after, fuel },
      receiptsHash,
    });
    if (wrong?.kind !== "fuel") throw new Error("expected too little fuel");
    most = Math.max(most, Number(wrong.work) / Number(fuel));
  }
  return most;
}

const hasher = await startedHasher();
const ratios = realNames.map((name) => ({ name, ...poieRatiosOf(realCall(name), hasher) }));
const rewriting = poieRatiosOf(rewritingCall(), hasher);
const gas = await gasOfTransactions(samples);
const report = {
  poieRatio: round(Math.max(...ratios.map(({ alone }) => alone))),
  poieRatioOfThread: round(Math.max(...ratios.map(({ ofThread }) => ofThread))),
  poieRatioRewriting: round(rewriting.alone),
  blocksPerSecondToWorker: round(throughputRatio()),
  fuelDisputeWork: Number(fuelDisputeWork().toPrecision(7)),
  gas,
};
if (options.json) console.log(JSON.stringify(report));
else {
  const rows = [...ratios, { name: "rewriting", ...rewriting }].map(({ name, alone, ofThread }) => [
    name,
    { alone: round(alone), ofThread: round(ofThread) },
  ]);
  console.table(Object.fromEntries(rows));
  console.table({ ...report, gas: undefined, goals: goals.poieRatio });
  console.table(gas);
}
process.exit(0);

/**
 * Runs a random module's invocations on the fast path and by single steps, in pieces of random length under random
 * limits, and compares the states whole after every piece.
 *
 * Invariant: everything is a function of the seed.
 */
import { differences } from "../../../spec-tests/agreement.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import type { Program } from "../../../src/interpreter/program/program.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { beginInvocation } from "../../../src/interpreter/state/invocation.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { generateModule } from "../../differential/generator.ts";
import { Random } from "../../differential/random.ts";
import { RandomLight } from "./randomLight.ts";
import { randomOptions } from "./randomOptions.ts";

export interface Tally {
  /** One line a module at which the executors part. */
  readonly found: string[];
  pieces: number;
  /** Entries into emitted code, all in all. */
  entries: number;
  readonly traps: Set<number>;
}

export function newTally(): Tally {
  return { found: [], pieces: 0, entries: 0, traps: new Set() };
}

function randomProgram(bytes: Uint8Array, random: Random): Program {
  const module = decodeModule(bytes);
  const limits = {
    stackSlots: 200 + random.below(3000),
    frames: 3 + random.below(60),
    callFuel: random.oneIn(3) ? 2 ** 40 : 200 + random.below(30_000),
    memoryPages: 64,
    tableEntries: 4096,
  };
  return link([{ name: "module", module }], {
    limits,
    chunkFuel: random.oneIn(2) ? random.below(2000) : 20_000,
    growth: random.oneIn(2) ? "fixed" : "declared",
  });
}

export function compareRandomRun(seed: number, tally: Tally, vectors = false): void {
  const random = new Random(seed);
  const { bytes, invocations } = generateModule(seed, vectors);
  const program = randomProgram(bytes, random);
  const state = genesis(program);
  const twin = genesis(program);
  const executor = new FastExecutor(state, {
    ...randomOptions(program, random, 3),
    ...(seed % 4 === 2 ? { light: new RandomLight(seed) } : {}),
  });
  if (executor.refusal !== undefined) tally.found.push(`seed ${seed}: ${executor.refusal}`);
  const { module, functions } = program.modules[0];
  for (const invocation of invocations) {
    const { index } = module.exports.find(({ name }) => name === invocation.export) ?? {
      index: -1,
    };
    const entry = program.functions[functions[index]];
    if (entry.frame > program.config.limits.stackSlots) continue;
    beginInvocation(state, functions[index], invocation.args);
    beginInvocation(twin, functions[index], invocation.args);
    while (twin.status === statusCodes.running) {
      const steps = random.oneIn(4) ? 1_000_000 : 1 + random.below(3000);
      const from = twin.stepCounter;
      executor.run(steps);
      runExactly(twin, steps);
      tally.pieces++;
      const parts = differences(snapshot(state), snapshot(twin));
      if (parts.length === 0) continue;
      tally.found.push(`seed ${seed}, ${invocation.export} from step ${from}: ${parts.join("; ")}`);
      return;
    }
    tally.traps.add(twin.trap);
  }
  const refusal = executor.refusal ?? executor.batchRefusal;
  if (refusal !== undefined) tally.found.push(`seed ${seed}: ${refusal}`);
  tally.entries += executor.entries;
}

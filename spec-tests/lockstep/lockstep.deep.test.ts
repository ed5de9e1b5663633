/**
 * A million steps in lockstep: the whole corpus, the official suite sampled closely, the example programs.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { type ExampleRun, inputOf, loadExamples, wasmOf } from "../../examples/manifest.ts";
import { decodeModule } from "../../src/interpreter/binary/decode.ts";
import { run } from "../../src/interpreter/blocks/runSteps.ts";
import { link } from "../../src/interpreter/program/link.ts";
import { genesis } from "../../src/interpreter/state/genesis.ts";
import { begin } from "../../src/interpreter/state/invocation.ts";
import { type MachineState, statusCodes } from "../../src/interpreter/state/machineState.ts";
import { embeddedChain } from "../../test/judge/chain.ts";
import { corpusCases, stateOf } from "../corpus/index.ts";
import { sampleSuite } from "../sample.ts";
import { requireSuite } from "../suite.ts";
import { JudgedBatch } from "./judgedBatch.ts";
import { Lockstep } from "./lockstep.ts";

const wantedSteps = 1_000_000;
const timeout = 4 * 3_600_000;
/** Scripts are run in as many groups, so that what awaits judgement stays small. */
const suiteGroups = 16;
/** Steps judged at a place of a longer run before it skips ahead. */
const windowSteps = 5_000;

describe("lockstep of reference, replay and judge, at length", () => {
  let lockstep: Lockstep;

  beforeAll(async () => {
    const chains = [await embeddedChain(), await embeddedChain()];
    lockstep = new Lockstep(await JudgedBatch.deploy(...chains));
  });

  /** Waits for the judge; throws at the first divergence. */
  async function settle(what: string): Promise<void> {
    await lockstep.report();
    console.info(`${lockstep.steps} steps judged, ${lockstep.divergences.length} diverge: ${what}`);
    expect(lockstep.divergences).toEqual([]);
  }

  it("corpus › every step of every case", { timeout }, async () => {
    for (const item of corpusCases()) await lockstep.run(stateOf(item), 10_000, item.name);
    await settle("corpus");
    expect((await lockstep.report()).opcodesNeverJudged).toEqual([]);
  });

  it("official suite › steps of every script, sampled closely", { timeout }, async () => {
    const suite = requireSuite();
    if (suite === undefined) return;
    const groupOf = (name: string) => [...name].reduce((sum, c) => sum + c.charCodeAt(0), 0);
    for (const level of ["2.0", "3.0"] as const) {
      for (let group = 0; group < suiteGroups; group++) {
        const scripts = (_: string, name: string) => groupOf(name) % suiteGroups === group;
        const visit = (state: MachineState) => lockstep.visit(state, `suite ${level}`);
        await sampleSuite(suite, visit, { levels: [level], scripts, first: 100, factor: 1.02 });
        await settle(`suite ${level}, group ${group}`);
      }
    }
  });

  it("examples › whole small runs, then windows of longer ones", { timeout }, async () => {
    const examples = loadExamples();
    const stateOfRun = (example: (typeof examples)[number], chosen: ExampleRun) => {
      const module = decodeModule(wasmOf(example));
      const state = genesis(link([{ name: example.name, module }], { gateway: example.gateway }));
      begin(state, inputOf(chosen));
      return state;
    };
    for (const example of examples) {
      await lockstep.run(stateOfRun(example, example.runs.small), Infinity, example.name);
      await settle(example.name);
    }
    const longer = examples.map((example) => stateOfRun(example, example.runs.medium));
    for (let skip = 0; lockstep.steps < wantedSteps; skip += 1_000) {
      const running = longer.filter(({ status }) => status === statusCodes.running);
      if (running.length === 0) break;
      for (const [index, state] of running.entries()) {
        await lockstep.run(state, windowSteps, `longer example ${index}`);
        run(state, { steps: skip });
      }
      await settle("windows");
    }
    expect(lockstep.steps).toBeGreaterThanOrEqual(wantedSteps);
  });
});

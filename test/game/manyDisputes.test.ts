import { describe, expect, it } from "vitest";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { executionOf, type KnownCall, knownCall } from "./programs.ts";
import { runsOfDisputes, searchFor, spreadTargets } from "./searches.ts";

/** Any number of disputes about one call cost one pass over it and little more (docs/game.md §7). */
const call = knownCall("ledger", "medium");

describe("disputes about one call", () => {
  it.each([
    [1, 32],
    [2, 32],
    [8, 32],
    [32, 32],
    [2, 4],
    [32, 4],
    [32, 16],
    [32, 64],
  ])("%i at a time with k = %i run it 1.1 times in all", async (count, k) => {
    expect(await runsOfDisputes(executionOf(call), count, k)).toBeLessThan(1.1);
  });

  it("one after the other run it 1.1 times in all", async () => {
    const execution = executionOf(call);
    const end = (await execution.claim()).steps;
    const before = execution.stepsRun;
    for (const each of spreadTargets(end, 16)) await searchFor(execution, each, 32);
    expect((execution.stepsRun - before) / Number(end)).toBeLessThan(1.1);
  });

  it("against claims of many lengths run it 1.1 times in all", async () => {
    const execution = executionOf(call);
    const end = (await execution.claim()).steps;
    const before = execution.stepsRun;
    const lengths = spreadTargets(end, 8).map(({ target }, i) => ({
      target,
      end: end - BigInt(i * 1001),
    }));
    await Promise.all(lengths.map((each) => searchFor(execution, each, 32)));
    expect((execution.stepsRun - before) / Number(end)).toBeLessThan(1.1);
  });

  it("answer alike whether states are kept, dropped or run again", async () => {
    const small: KnownCall = knownCall("mixed");
    const { program, previous, input } = small;
    const tight = new MachineExecution(program, previous, input, { snapshotBytes: 20_000 });
    const ample = executionOf(small);
    const end = Number((await ample.claim()).steps);
    const steps = Array.from({ length: 300 }, (_, i) => (i * 7919 * 31) % end);
    const [a, b] = await Promise.all([
      Promise.all(steps.map((step) => tight.stateHashes([step]))),
      Promise.all(steps.map((step) => ample.stateHashes([step]))),
    ]);
    expect(a).toEqual(b);
    const shuffled = steps.toReversed();
    ample.release();
    expect(await Promise.all(shuffled.map((step) => ample.stateHashes([step])))).toEqual(
      b.toReversed(),
    );
  });

  it("a short answer does not wait for a long run of the same call", async () => {
    const execution = executionOf(call);
    const end = Number((await execution.claim()).steps);
    await execution.stateHashes([end >> 1]);
    const order: string[] = [];
    const long = execution.stateHashes([end - 1]).then(() => order.push("long"));
    const short = execution.stateHashes([(end >> 1) + 1]).then(() => order.push("short"));
    await Promise.all([long, short]);
    expect(order).toEqual(["short", "long"]);
  });

  it("leave nothing kept once they are over", async () => {
    const execution = executionOf(call);
    await runsOfDisputes(execution, 2, 32);
    expect(execution.keptBytes).toBeGreaterThan(0);
    execution.release();
    expect(execution.keptBytes).toBe(0);
  });
});

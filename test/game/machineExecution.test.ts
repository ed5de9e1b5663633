import { hexlify } from "ethers";
import { describe, expect, it } from "vitest";
import { exampleNamed, inputOf, wasmOf } from "../../examples/manifest.ts";
import { FaultyExecution, flipMemory } from "../../src/cli/game/faultyExecution.ts";
import { points } from "../../src/game/search/search.ts";
import { MachineExecution } from "../../src/game/trace/machineExecution.ts";
import { stateDifference } from "../../src/game/transcript/stateDifference.ts";
import { decodeModule, link, Machine, restore } from "../../src/interpreter/index.ts";
import {
  inputRoot,
  programRoot,
  replayBegin,
  replayStep,
  StateTree,
} from "../../src/merkle/index.ts";
import { executionOf, type KnownCall, knownCall } from "./programs.ts";
import { seededPick } from "./random.ts";

/** The state hash at a step by the plain way: a fresh machine, step by step, a fresh tree. */
function plainHash(call: KnownCall, step: number): string {
  const machine = new Machine(call.program, restore(call.program, call.previous));
  machine.begin(call.input);
  while (machine.state.stepCounter < step) machine.step();
  return hexlify(new StateTree(machine.state).stateHash());
}

describe("MachineExecution", () => {
  const call = knownCall("ledger");

  it("tells the hashes that a fresh machine has, in any order of asking", async () => {
    const execution = executionOf(call);
    const end = Number((await execution.claim()).steps);
    const pick = seededPick(11);
    for (let i = 0; i < 12; i++) {
      const steps = [pick(0, end), pick(0, end), pick(0, end)].sort((a, b) => a - b);
      expect(await execution.stateHashes(steps)).toEqual(steps.map((s) => plainHash(call, s)));
    }
  });

  it("runs little more than one call for a whole search", async () => {
    const execution = executionOf(knownCall("ledger", "medium"));
    const end = (await execution.claim()).steps;
    const before = execution.stepsRun;
    let [from, to] = [0n, end];
    while (to - from > 1n) {
      const cuts = [from, ...points(from, to, 16), to];
      await execution.stateHashes(cuts.slice(1, -1).map(Number));
      [from, to] = [cuts[cuts.length - 3], cuts[cuts.length - 2]];
    }
    await execution.witness(Number(from));
    expect((execution.stepsRun - before) / Number(end)).toBeLessThan(1.1);
  });

  it.each([
    [8, 1.2],
    [3, 1.4],
    [1, 2.1],
    [0, 2.1],
  ])("with room for %i states it runs at most %f calls for a search", async (room, most) => {
    const { program, previous, input } = knownCall("mixed");
    const bytes = previous.memories.reduce((sum, memory) => sum + memory.bytes.length, 0);
    const pick = seededPick(room + 5);
    const ways = [
      () => 0,
      () => 0.5,
      () => 1,
      ...Array.from({ length: 6 }, () => () => pick(0, 99) / 99),
    ];
    for (const where of ways) {
      const execution = new MachineExecution(program, previous, input, {
        snapshotBytes: room * bytes,
      });
      const end = (await execution.claim()).steps;
      const before = execution.stepsRun;
      let [from, to] = [0n, end];
      while (to - from > 1n) {
        const cuts = [from, ...points(from, to, 16), to];
        await execution.stateHashes(cuts.slice(1, -1).map(Number));
        const chosen = Math.round(where() * (cuts.length - 2));
        [from, to] = [cuts[chosen], cuts[chosen + 1]];
      }
      await execution.witness(Number(from));
      expect((execution.stepsRun - before) / Number(end)).toBeLessThan(most);
    }
  });

  it("finds no step that passes the declared fuel in a call that itself runs out of it there", async () => {
    const example = exampleNamed("ledger");
    const modules = [{ name: "ledger", module: decodeModule(wasmOf(example)) }];
    let below = 0;
    for (let callFuel = 5000; callFuel < 5012; callFuel++) {
      const program = link(modules, { gateway: example.gateway, limits: { callFuel } });
      const previous = new Machine(program).snapshot();
      const execution = new MachineExecution(program, previous, inputOf(example.runs.small));
      const { fuel, steps } = await execution.claim();
      if (fuel < BigInt(callFuel)) below++;
      for (const declared of [fuel - 9n, fuel - 1n, fuel, fuel + 1n, BigInt(callFuel) - 1n]) {
        const step = await execution.fuelStep(declared);
        if (declared >= fuel) expect(step, `${declared} of ${callFuel}`).toBeUndefined();
        else expect(step).toBeLessThanOrEqual(Number(steps));
      }
    }
    expect(below).toBeGreaterThan(0);
  });

  it("runs twice up to a step that passes the fuel, for all that a dispute about it asks", async () => {
    const known = knownCall("mixed", "medium");
    const { fuel } = await executionOf(known).claim();
    const execution = executionOf(known);
    const step = Number(await execution.fuelStep((fuel * 2n) / 3n));
    await execution.stateHashes([step - 1]);
    await execution.witness(step - 1);
    expect(execution.stepsRun / (step - execution.startStep)).toBeLessThan(2.01);
  });

  it("goes on without room for kept states", async () => {
    const execution = new MachineExecution(call.program, call.previous, call.input, {
      snapshotBytes: 0,
    });
    const steps = [500, 1000, 1500];
    expect(await execution.stateHashes(steps)).toEqual(steps.map((s) => plainHash(call, s)));
    expect(await execution.stateHashes([700])).toEqual([plainHash(call, 700)]);
  });

  it("gives witnesses that replay to the next state, and the call's beginning", async () => {
    const execution = executionOf(call);
    const end = Number((await execution.claim()).steps);
    const pick = seededPick(5);
    for (let i = 0; i < 10; i++) {
      const step = pick(0, end - 1);
      const [before, after] = await execution.stateHashes([step, step + 1]);
      const replayed = replayStep(
        Buffer.from(before.slice(2), "hex"),
        await execution.witness(step),
      );
      expect(hexlify(replayed)).toBe(after);
    }
    const root = inputRoot(call.input);
    const previous = Buffer.from(execution.call.previousState.slice(2), "hex");
    const begun = replayBegin(previous, root, call.input.length, await execution.beginWitness());
    expect(hexlify(begun.postState)).toBe((await execution.stateHashes([0]))[0]);
    expect(hexlify(begun.programRoot)).toBe(hexlify(programRoot(call.program)));
  });

  it("finds the step at which a fuel total is passed", async () => {
    const execution = executionOf(call);
    const { fuel } = await execution.claim();
    for (const total of [0n, 1n, fuel / 3n, fuel - 1n]) {
      const step = (await execution.fuelStep(total)) as number;
      expect((await execution.stateAt(step)).state.fuelCounter).toBeGreaterThan(Number(total));
      expect((await execution.stateAt(step - 1)).state.fuelCounter).toBeLessThanOrEqual(
        Number(total),
      );
    }
    expect(await execution.fuelStep(fuel)).toBeUndefined();
  });

  it("refuses a step outside its call", async () => {
    const execution = executionOf(call);
    const failure = await execution.stateHashes([10 ** 9]).catch((error) => error);
    expect(failure).toBeInstanceOf(RangeError);
    expect(await execution.stateHashes([3])).toEqual([plainHash(call, 3)]);
  });
});

describe("FaultyExecution", () => {
  it("is the machine up to its fault and consistently another one after it", async () => {
    const call = knownCall("ledger");
    const honest = executionOf(call);
    const fault = {
      step: 1000,
      alter: (state: Parameters<typeof flipMemory>[0]) => flipMemory(state),
    };
    const faulty = new FaultyExecution(call.program, call.previous, call.input, fault);
    const steps = [1, 999, 1000, 1001, 2000];
    const [truths, lies] = [await honest.stateHashes(steps), await faulty.stateHashes(steps)];
    expect(steps.map((_, i) => truths[i] === lies[i])).toEqual([true, true, false, false, false]);
    // Asked in another order it tells the same story.
    expect(await faulty.stateHashes([1000])).toEqual([lies[2]]);
    const difference = stateDifference(
      (await honest.stateAt(1000)).state,
      (await faulty.stateAt(1000)).state,
    );
    expect(difference.length).toBe(1);
    expect(difference[0].where).toMatch(/^memory 0 at 0x/);
  });
});

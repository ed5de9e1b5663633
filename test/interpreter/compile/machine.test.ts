/** The machine's executor option: three choices, one result. */
import { describe, expect, it } from "vitest";
import { exampleNamed, inputOf, wasmOf } from "../../../examples/manifest.ts";
import { differences } from "../../../spec-tests/agreement.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../../src/interpreter/chooseExecutor.ts";
import { fastPathRefusal } from "../../../src/interpreter/chooseExecutor.ts";
import { isCompiled } from "../../../src/interpreter/compile/compiledProgram.ts";
import { hasLightCode } from "../../../src/interpreter/compile/lightPrograms.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { link } from "../../../src/interpreter/program/link.ts";

const example = exampleNamed("sha256");
const input = inputOf(example.runs.medium);
const program = link([{ name: example.name, module: decodeModule(wasmOf(example)) }], {
  gateway: example.gateway,
});

function machineAt(stepCounter: number, executor: ExecutorKind): Machine {
  const machine = new Machine(program);
  machine.begin(input);
  machine.runTo(stepCounter, executor);
  return machine;
}

describe("machine › executors", () => {
  it("stop at the same state, and go on with each other's", () => {
    const [step, fast, auto] = (["step", "fast", "auto"] as const).map((kind) =>
      machineAt(654_321, kind),
    );
    expect(step.state.stepCounter).toBe(654_321);
    for (const other of [fast, auto]) {
      expect(differences(other.snapshot(), step.snapshot())).toEqual([]);
    }
    step.run({ executor: "fast" });
    fast.run({ executor: "step" });
    auto.step();
    auto.run();
    for (const other of [fast, auto]) {
      expect(differences(other.snapshot(), step.snapshot())).toEqual([]);
    }
    expect(Number(step.results()[0])).toBe(example.runs.medium.result);
    expect(fastPathRefusal(step.state)).toBeUndefined();
  });

  it("a restored machine goes on on the host", () => {
    const machine = machineAt(500_000, "fast");
    const snapshot = machine.snapshot();
    machine.run({ executor: "fast" });
    const end = machine.snapshot();
    machine.restore(snapshot);
    machine.run({ executor: "fast" });
    expect(differences(machine.snapshot(), end)).toEqual([]);
  });

  it("auto compiles a program and moves a state once many short calls have earned it", () => {
    const small = link([{ name: example.name, module: decodeModule(wasmOf(example)) }], {
      gateway: example.gateway,
    });
    /** "abc" hashed so many times more: a few thousand steps each. */
    const inputOfRounds = (rounds: number) => Uint8Array.of(rounds, 0, 0, 0, 0x61, 0x62, 0x63);
    const [machine, other] = [new Machine(small), new Machine(small)];
    const expected = new Machine(small);
    for (let calls = 1; !isCompiled(small) && !hasLightCode(small); calls++) {
      expect(calls).toBeLessThan(1000);
      machine.call(inputOfRounds(calls % 3), { rollBackOnTrap: true });
      expected.call(inputOfRounds(calls % 3), { executor: "step", rollBackOnTrap: true });
    }
    expect(machine.state.stepCounter).toBeGreaterThan(200_000);
    // From here on calls long and short go to emitted code or the block executor, whatever the one before was.
    for (const rounds of [1, 90, 0, 0, 90, 90, 3, 250, 1]) {
      for (const each of [machine, expected, other]) {
        const executor = each === expected ? "step" : "auto";
        each.call(inputOfRounds(rounds), { executor, rollBackOnTrap: true });
      }
      expect(differences(machine.snapshot(), expected.snapshot())).toEqual([]);
      expect(other.results()).toEqual(expected.results());
    }
  });
});

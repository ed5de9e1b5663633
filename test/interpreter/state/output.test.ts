/**
 * Output and exit (docs/machine.md §8) as a caller sees them, on every executor: what a call put out, that a new call
 * begins with nothing, that saved and restored machines have it, and what an exit leaves.
 */
import { describe, expect, test } from "vitest";
import { assemble, type Code, op } from "../../../spec-tests/corpus/assembler.ts";
import { decodeModule } from "../../../src/interpreter/binary/decode.ts";
import type { ExecutorKind } from "../../../src/interpreter/chooseExecutor.ts";
import { Machine } from "../../../src/interpreter/machine.ts";
import { link } from "../../../src/interpreter/program/link.ts";
import { statusCodes } from "../../../src/interpreter/state/machineState.ts";
import { loadState, StateTree, saveState } from "../../../src/merkle/index.ts";

const i32 = (value: number): Code => op("i32.const", value);
const echo: Code[] = [
  i32(0),
  i32(0),
  op("call", 0),
  op("call", 1),
  i32(0),
  op("call", 0),
  op("call", 2),
];

/** Echoes its input twice over, counts its calls in a global, and exits with the input's last byte unless it is 0. */
const wasm = assemble({
  imports: [
    { module: "arbiter", name: "input_size", func: ":i" },
    { module: "arbiter", name: "input_read", func: "iii:" },
    { module: "arbiter", name: "output_write", func: "ii:" },
    { module: "arbiter", name: "exit", func: "i:" },
  ],
  memories: [[4]],
  globals: [{ type: "i", mutable: true, init: i32(0) }],
  functions: [
    {
      signature: ":i",
      body: [...echo, i32(0), op("call", 0), op("call", 2), op("call", 5), op("global.get", 0)],
      export: "run",
    },
    {
      signature: ":",
      body: [
        ...[op("global.get", 0), i32(1), op("i32.add"), op("global.set", 0)],
        ...[op("call", 0), i32(1), op("i32.sub"), op("i32.load8_u", 0, 0), op("if", "")],
        ...[
          op("call", 0),
          i32(1),
          op("i32.sub"),
          op("i32.load8_s", 0, 0),
          op("call", 3),
          op("end"),
        ],
      ],
    },
  ],
});
const program = link([{ name: "m", module: decodeModule(wasm) }], {
  gateway: "run",
  limits: { outputBytes: 2000 },
});
const inputOf = (length: number, last: number) =>
  Uint8Array.from({ length }, (_, i) => (i + 1 === length ? last : 1 + (i % 200)));

for (const executor of ["step", "fast", "auto"] as const satisfies readonly ExecutorKind[]) {
  describe(`output and exit › ${executor}`, () => {
    test("a call's output is what it wrote; the next call begins with none", () => {
      const machine = new Machine(program);
      for (const length of [1, 130, 7, 999]) {
        const input = inputOf(length, 0);
        expect(machine.call(input, { executor })).toBe(0);
        expect([...machine.output]).toEqual([...input, ...input]);
        expect(machine.exitCode).toBeUndefined();
      }
      expect(machine.results()).toEqual([4n]);
    });

    test("an exit keeps output and state, and is no trap", () => {
      const machine = new Machine(program);
      const input = inputOf(64, 0xfe);
      expect(machine.call(input, { executor, rollBackOnTrap: true })).toBe(0);
      const { status, sp, fp, depth } = machine.state;
      expect({ status, sp, fp, depth }).toEqual({
        status: statusCodes.exited,
        sp: 1,
        fp: 0,
        depth: 0,
      });
      expect(machine.exitCode).toBe(0xfffffffe);
      expect(machine.results()).toEqual([]);
      expect([...machine.output]).toEqual([...input, ...input]);
      machine.call(inputOf(3, 0), { executor });
      expect(machine.results()).toEqual([2n]);
    });

    test("a trap keeps the output, a roll-back restores the last one", () => {
      const machine = new Machine(program);
      const input = inputOf(10, 0);
      machine.call(input, { executor });
      const { output } = machine;
      expect(machine.call(inputOf(1500, 0), { executor, rollBackOnTrap: true })).not.toBe(0);
      expect([...machine.output]).toEqual([...input, ...input]);
      expect([...output]).toEqual([...input, ...input]);
      expect(machine.call(inputOf(1500, 0), { executor })).not.toBe(0);
      expect(machine.output).toHaveLength(1500);
    });

    test("stopped anywhere, saved and restored, the run goes on as before", () => {
      const whole = new Machine(program);
      whole.begin(inputOf(300, 9));
      whole.run({ executor });
      const expected = new StateTree(whole.state).stateHash();
      for (let stepCounter = 0; stepCounter < whole.state.stepCounter; stepCounter += 3) {
        const machine = new Machine(program);
        machine.begin(inputOf(300, 9));
        machine.run({ executor, steps: stepCounter });
        const tree = new StateTree(machine.state);
        const loaded = new Machine(program, loadState(program, saveState(tree), tree.stateHash()));
        loaded.run({ executor });
        expect(new StateTree(loaded.state).stateHash()).toEqual(expected);
      }
    });
  });
}

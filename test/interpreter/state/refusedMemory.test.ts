/**
 * A host that refuses memory when a program grows: the step has not happened, and can be tried again. An execution
 * that went on with a counter one too high would sign what is not true.
 */
import { describe, expect, it } from "vitest";
import { differences } from "../../../spec-tests/agreement.ts";
import { runBlockwise } from "../../../src/interpreter/blocks/runBlockwise.ts";
import { runExactly } from "../../../src/interpreter/blocks/runSteps.ts";
import { FastExecutor } from "../../../src/interpreter/compile/fastExecutor.ts";
import { genesis } from "../../../src/interpreter/state/genesis.ts";
import { begin } from "../../../src/interpreter/state/invocation.ts";
import type { MachineState } from "../../../src/interpreter/state/machineState.ts";
import { defaultAllocator } from "../../../src/interpreter/state/memories.ts";
import { snapshot } from "../../../src/interpreter/state/snapshot.ts";
import { programOf } from "../../merkle/program.ts";

const program = programOf(
  `(module (memory 1 200)
    (func (export "main") (local i32)
      (loop $l
        (i32.store (i32.mul (local.get 0) (i32.const 8)) (local.get 0))
        (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br_if $l (i32.lt_u (local.get 0) (i32.const 5000))))
      (drop (memory.grow (i32.const 3)))
      (i32.store (i32.const 200000) (i32.const 7))))`,
  { gateway: "main", growth: "declared" },
);
const most = 1_000_000;

const executors: [string, (state: MachineState) => void][] = [
  ["reference", (state) => runExactly(state, most)],
  ["block executor", (state) => runBlockwise(state, most)],
  ["fast path", (state) => new FastExecutor(state, { worthwhileSteps: 1 }).run(most)],
];

const refuse = () => {
  throw new RangeError("Array buffer allocation failed");
};

describe("memory.grow that the host refuses once", () => {
  it.each(executors)("%s › is tried again from the same state", (_, run) => {
    const truth = genesis(program);
    begin(truth, new Uint8Array(0));
    runExactly(truth, most);
    expect(truth.memories[0].pages).toBe(4);

    const state = genesis(program);
    begin(state, new Uint8Array(0));
    const before = { host: WebAssembly.Memory.prototype.grow, own: defaultAllocator.grow };
    Object.assign(WebAssembly.Memory.prototype, { grow: refuse });
    Object.assign(defaultAllocator, { grow: refuse });
    try {
      expect(() => run(state)).toThrow(RangeError);
    } finally {
      Object.assign(WebAssembly.Memory.prototype, { grow: before.host });
      Object.assign(defaultAllocator, { grow: before.own });
    }
    const stopped = genesis(program);
    begin(stopped, new Uint8Array(0));
    runExactly(stopped, state.stepCounter);
    expect(differences(snapshot(state), snapshot(stopped))).toEqual([]);
    run(state);
    expect(differences(snapshot(state), snapshot(truth))).toEqual([]);
  });
});
